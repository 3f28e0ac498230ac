//! What uses connections. The features that do stand above this one, so they are reached by a trait.

use async_trait::async_trait;

use crate::store::{StoreError, Tx};

/// What uses the connections of all accounts.
#[async_trait]
pub trait Dependants: Send + Sync {
    /// Names of what uses a connection, for people.
    async fn names(&self, account: &str, connection: &str) -> Result<Vec<String>, StoreError>;

    /// An admin disconnects the connection: what uses it is paused, if `tx` commits.
    async fn pause(&self, tx: &mut Tx, account: &str, connection: &str) -> Result<(), StoreError>;

    /// An admin deletes the connection: what is kept of its records is known no more, if `tx` commits.
    async fn forget_records(&self, tx: &mut Tx, account: &str, connection: &str) -> Result<(), StoreError>;

    /// After that: their files go.
    fn remove_files(&self, connection: &str);

    /// After a pause: what came by the connection and is not shown any more goes. May be called again.
    async fn forget(&self, account: &str, connection: &str) -> Result<(), StoreError>;
}
