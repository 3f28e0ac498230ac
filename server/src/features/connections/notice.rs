//! People are told once when a connection needs attention, and once when it works again: in the log, and by the company's
//! webhook where there is one. **Invariant:** no secret and nobody's address: what is told leaves the house.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Connections;
use crate::{
    connectors::notify::NotifyClient,
    queue::{Job, JobError, Lease},
    store::{
        StoreError, Tx,
        connections::{self, Attention, ConnectionRow, Turn},
    },
};

/// Tells how a connection stands now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConnectionNotice {
    pub account: String,
    /// The connection's id.
    pub connection: String,
    /// Its name.
    pub name: String,
    /// The vendor.
    pub kind: String,
    /// What is wrong; absent: it works again.
    pub attention: Option<Attention>,
    /// Names the turn: microseconds since 1970.
    pub at_us: i64,
}

/// Who is told; absent: nobody.
#[derive(Clone)]
pub struct NoticeDeps(pub Option<NotifyClient>);

impl Job for ConnectionNotice {
    const NAME: &'static str = "connection_notice";
    const MAX_ATTEMPTS: u32 = 8;
    const LEASE: Duration = Duration::from_mins(1);
    type Deps = NoticeDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        format!("{} {}", self.connection, self.at_us)
    }

    async fn run(&self, NoticeDeps(notify): &NoticeDeps, _: &Lease) -> Result<(), JobError> {
        let Some(notify) = notify else { return Ok(()) };
        let Self { account, connection, name, kind, attention, .. } = self;
        let (change, sentence) = match attention {
            Some(Attention { sentence, what_to_do, .. }) => (
                "needs_attention",
                format!(
                    "Deskside, {account}: the connection \"{name}\" needs attention: {sentence}. {what_to_do}."
                ),
            ),
            None => ("recovered", format!("Deskside, {account}: the connection \"{name}\" works again.")),
        };
        let more = json!({
            "event": "connection_changed", "account": account, "connection": connection, "name": name, "kind": kind,
            "change": change, "code": attention.as_ref().map(|attention| &attention.code),
        });
        Ok(notify.tell(&self.key(), &sentence, more).await?)
    }
}

/// Writes down how a connection works, commits, and tells where that is news; `None`: it works.
pub(super) async fn settle(
    connections: &Connections,
    mut tx: Tx,
    row: &ConnectionRow,
    attention: Option<&Attention>,
) -> Result<(), StoreError> {
    let now = connections.clock().now();
    let turn = connections::set_state(&mut tx, &row.account, &row.id, attention, now).await?;
    if turn.is_some() {
        let notice = ConnectionNotice {
            account: row.account.clone(),
            connection: row.id.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            attention: attention.cloned(),
            at_us: now.timestamp_micros(),
        };
        if connections.tells {
            connections.queue.enqueue(&mut tx, &notice).await?;
        }
    }
    tx.commit().await?;
    report(row, turn, attention);
    Ok(())
}

/// Says what somebody should hear of, once.
fn report(row: &ConnectionRow, turn: Option<Turn>, attention: Option<&Attention>) {
    let ConnectionRow { account, id, kind, .. } = row;
    match (turn, attention) {
        (Some(Turn::Entered), Some(Attention { code, sentence, what_to_do, .. })) => tracing::warn!(
            account,
            connection = id,
            kind,
            code,
            "the connection `{id}` needs attention: {sentence}; {what_to_do}"
        ),
        (Some(Turn::Recovered), _) => {
            tracing::info!(account, connection = id, kind, "the connection `{id}` works again");
        }
        _ => {}
    }
}
