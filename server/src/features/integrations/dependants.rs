//! Integrations, as users of connections. **Invariant:** an integration whose definition cannot be read may use any connection.

use async_trait::async_trait;
use serde::Deserialize;

use super::{Staging, people::Unguarded, schedule};
use crate::{
    clock::Clock,
    features::connections::Dependants,
    queue::Schedules,
    store::{
        Conn, Db, StoreError, Tx, companies,
        integrations::{self as kept, Integration},
    },
};

/// The integrations of all accounts.
#[derive(Clone)]
pub struct UsersOfConnections {
    db: Db,
    clock: Clock,
    staging: Staging,
}

impl UsersOfConnections {
    /// Those in this database; `staging` is the account's whose connections it looks after.
    pub fn new(db: Db, clock: Clock, staging: Staging) -> Self {
        Self { db, clock, staging }
    }
}

#[async_trait]
impl Dependants for UsersOfConnections {
    async fn names(&self, account: &str, connection: &str) -> Result<Vec<String>, StoreError> {
        let users = users(&self.db, account, connection).await?;
        Ok(users.into_iter().map(|user| user.name).collect())
    }

    async fn pause(&self, tx: &mut Tx, account: &str, connection: &str) -> Result<(), StoreError> {
        for user in users(&mut *tx, account, connection).await? {
            kept::enable(tx, account, &user.id, false, self.clock.now()).await?;
            Schedules::remove_in(&mut *tx, account, &schedule::name(&user.id)).await?;
            companies::hide(tx, account, &user.id).await?;
        }
        Ok(())
    }

    async fn forget_records(&self, tx: &mut Tx, account: &str, connection: &str) -> Result<(), StoreError> {
        kept::forget_exports(tx, account, connection).await
    }

    fn remove_files(&self, connection: &str) {
        if let Err(error) = self.staging.remove_exports(connection) {
            tracing::warn!(connection, %error, "the records that were kept of the deleted connection `{connection}` were not removed: delete its folder below `exports`");
        }
    }

    async fn forget(&self, account: &str, connection: &str) -> Result<(), StoreError> {
        for user in users(&self.db, account, connection).await?.iter().filter(|user| !user.enabled) {
            companies::forget_integration(&self.db, account, &user.id, &Unguarded).await?;
        }
        Ok(())
    }
}

async fn users(on: impl Conn, account: &str, connection: &str) -> Result<Vec<Integration>, StoreError> {
    let mut all = kept::list(on, account).await?;
    all.retain(|one| uses(&one.definition, connection));
    Ok(all)
}

/// Whether a definition names a connection. A newer version's may have what this one does not know.
fn uses(definition: &str, connection: &str) -> bool {
    #[derive(Deserialize)]
    struct Ends {
        sources: Vec<End>,
        destination: End,
    }
    #[derive(Deserialize)]
    struct End {
        connection: String,
    }
    let Ok(Ends { sources, destination }) = serde_json::from_str(definition) else { return true };
    sources.iter().chain([&destination]).any(|end| end.connection == connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_integration_reads_or_writes_is_used_by_it() {
        let check =
            |definition: &str, expected: bool| assert_eq!(uses(definition, "crm"), expected, "{definition}");
        check(r#"{"sources": [{"connection": "crm"}], "destination": {"connection": "zendesk"}}"#, true);
        check(
            r#"{"sources": [{"connection": "a"}, {"connection": "crm"}], "destination": {"connection": "b"}}"#,
            true,
        );
        check(r#"{"sources": [], "destination": {"connection": "crm", "newer": 1}, "newer": 2}"#, true);
        check(r#"{"sources": [{"connection": "crm2"}], "destination": {"connection": "zendesk"}}"#, false);
        check("of a newer version", true);
    }
}
