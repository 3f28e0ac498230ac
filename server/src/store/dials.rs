//! Whom an agent's Flex is to call. **Invariants:** an agent has one live dial at a time, whatever replica wrote it; it is
//! taken by one; whom was called is forgotten soon after.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Conn, Row, StoreError, Tx, query};

/// After this nobody asks what became of a dial.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(10);

/// One dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialRow {
    pub id: String,
    /// Whose Flex is to call.
    pub agent_id: u64,
    pub destination: String,
    /// The ticket that the call belongs to.
    pub ticket_id: Option<u64>,
    /// Whose number it is.
    pub user_id: Option<u64>,
    /// That person's name.
    pub name: Option<String>,
    /// `waiting`, `taken`, `started`, `refused`.
    pub state: String,
    /// With `refused`: why, as the error's code.
    pub reason: Option<String>,
    /// How long it may stay as it is.
    pub until: DateTime<Utc>,
}

impl DialRow {
    /// Whether it may still become a call.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state.as_str(), "waiting" | "taken") && now < self.until
    }

    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            agent_id: row.get("agent_id")?,
            destination: row.get("destination")?,
            ticket_id: row.get("ticket_id")?,
            user_id: row.get("user_id")?,
            name: row.get("name")?,
            state: row.get("state")?,
            reason: row.get("reason")?,
            until: row.get("until_us")?,
        })
    }
}

/// Why a dial ended that nobody said anything of.
#[derive(Debug, Clone, Copy)]
pub struct Silence<'a> {
    /// Nobody took it.
    pub waiting: &'a str,
    pub taken: &'a str,
}

/// Forgets what is old, and ends what took too long.
pub async fn tidy(
    tx: &mut Tx,
    account: &str,
    agent_id: u64,
    silence: Silence<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query("DELETE FROM dials WHERE account = $1 AND at_us < $2")
        .bind(account)
        .bind(now - FORGOTTEN_AFTER)
        .execute(&mut *tx)
        .await?;
    query(
        "UPDATE dials SET reason = CASE state WHEN 'waiting' THEN $4 ELSE $5 END, state = 'refused'
          WHERE account = $1 AND agent_id = $2 AND state IN ('waiting', 'taken') AND until_us <= $3",
    )
    .bind(account)
    .bind(agent_id)
    .bind(now)
    .bind(silence.waiting)
    .bind(silence.taken)
    .execute(tx)
    .await
    .map(drop)
}

/// The agent's latest dial that is live, or was made since and not refused.
pub async fn latest(
    on: impl Conn,
    account: &str,
    agent_id: u64,
    since: DateTime<Utc>,
) -> Result<Option<DialRow>, StoreError> {
    query(
        "SELECT * FROM dials
          WHERE account = $1 AND agent_id = $2
            AND (state IN ('waiting', 'taken') OR (state = 'started' AND at_us > $3))
          ORDER BY at_us DESC LIMIT 1",
    )
    .bind(account)
    .bind(agent_id)
    .bind(since)
    .optional_as(on, DialRow::of)
    .await
}

/// Writes a new dial; false where the agent has another live one.
pub async fn create(
    tx: &mut Tx,
    account: &str,
    dial: &DialRow,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let written = query(
        "INSERT INTO dials (account, id, agent_id, destination, ticket_id, user_id, name, state, until_us, at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (account, agent_id) WHERE state IN ('waiting', 'taken') DO NOTHING",
    );
    let written = written
        .bind(account)
        .bind(&dial.id)
        .bind(dial.agent_id)
        .bind(&dial.destination)
        .bind(dial.ticket_id)
        .bind(dial.user_id)
        .bind(dial.name.as_ref())
        .bind(&dial.state)
        .bind(dial.until)
        .bind(now);
    Ok(written.execute(tx).await? == 1)
}

/// An agent's dial.
pub async fn of_agent(
    on: impl Conn,
    account: &str,
    agent_id: u64,
    id: &str,
) -> Result<Option<DialRow>, StoreError> {
    query("SELECT * FROM dials WHERE account = $1 AND agent_id = $2 AND id = $3")
        .bind(account)
        .bind(agent_id)
        .bind(id)
        .optional_as(on, DialRow::of)
        .await
}

/// Which dials wait to be taken, and by whom.
pub async fn waiting(
    on: impl Conn,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(u64, String)>, StoreError> {
    query("SELECT agent_id, id FROM dials WHERE account = $1 AND state = 'waiting' AND until_us > $2")
        .bind(account)
        .bind(now)
        .all(on)
        .await?
        .iter()
        .map(|row| Ok((row.get("agent_id")?, row.get("id")?)))
        .collect()
}

/// Which dial of whom.
#[derive(Debug, Clone, Copy)]
pub struct DialKey<'a> {
    pub account: &'a str,
    pub agent_id: u64,
    pub id: &'a str,
}

/// Takes a waiting dial until then; false where it does not wait (any more).
pub async fn take(
    on: impl Conn,
    key: DialKey<'_>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let taken = query(
        "UPDATE dials SET state = 'taken', until_us = $4
          WHERE account = $1 AND agent_id = $2 AND id = $3 AND state = 'waiting' AND until_us > $5",
    );
    let taken = taken.bind(key.account).bind(key.agent_id).bind(key.id).bind(until).bind(now);
    Ok(taken.execute(on).await? == 1)
}

/// What became of a dial that was taken; `reason`: why there is no call. False where it was said before.
pub async fn settle(on: impl Conn, key: DialKey<'_>, reason: Option<&str>) -> Result<bool, StoreError> {
    let settled = query(
        "UPDATE dials SET state = $4, reason = $5
          WHERE account = $1 AND agent_id = $2 AND id = $3 AND state = 'taken'",
    );
    let state = if reason.is_some() { "refused" } else { "started" };
    let settled = settled.bind(key.account).bind(key.agent_id).bind(key.id).bind(state).bind(reason);
    Ok(settled.execute(on).await? == 1)
}
