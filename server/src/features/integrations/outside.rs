//! The vendors of an integration, by its connections.

use std::collections::BTreeMap;

use async_trait::async_trait;
use wire::{Destination as Wish, Read};

use super::{RunDeps, attempt::Attempt, destination::Destination, export};
use crate::{
    connectors::rows::{ReadError, Rows},
    queue::JobError,
};

/// Whom an account's connections lead to.
#[async_trait]
pub trait Outside: Send + Sync {
    /// What each connection leads to now, by its id.
    async fn places(&self) -> Result<BTreeMap<String, String>, JobError>;
    /// The rows of a source. Zendesk's own users and organizations are not read this way: see [`Outside::exporter`].
    async fn rows(&self, connection: &str, read: &Read) -> Result<Rows, SourceError>;
    /// Zendesk's records of one kind, page by page.
    async fn exporter(&self, connection: &str, object: &str) -> Result<Box<dyn export::Exporter>, JobError>;
    /// A connection refused a reading, which `during` names: what somebody must mend there is written down.
    async fn was_refused(&self, of: (&str, &str), error: &ReadError) -> Result<(), JobError>;
    /// The same reading succeeded: what was refused is over.
    async fn has_worked(&self, of: (&str, &str)) -> Result<(), JobError>;
    /// Where rows go.
    async fn destination(&self, wish: &Wish) -> Result<Box<dyn Destination>, JobError>;
}

/// Why there are no rows.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The connection leads nowhere.
    #[error("the connection cannot be used")]
    Connection(JobError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The destination of one integration.
pub(super) struct Outlet<'a> {
    deps: &'a RunDeps,
    connection: String,
    object: String,
    destination: Box<dyn Destination>,
}

impl RunDeps {
    pub(super) async fn outside(&self, wish: &Wish) -> Result<Outlet<'_>, JobError> {
        let destination = self.vendors.destination(wish).await?;
        Ok(Outlet {
            deps: self,
            connection: wish.connection.clone(),
            object: wish.object.clone(),
            destination,
        })
    }
}

impl Outlet<'_> {
    /// Which records those are, whatever the connection is called.
    pub fn name(&self) -> String {
        format!("{} {}", self.destination.place(), self.object)
    }

    /// Where rows go.
    pub fn destination(&self) -> &dyn Destination {
        self.destination.as_ref()
    }

    /// What the destination holds, as new as its export.
    pub async fn records(&self, attempt: &Attempt<'_>) -> Result<export::Freshened, JobError> {
        let exporter = self.deps.vendors.exporter(&self.connection, &self.object).await?;
        export::freshened(attempt, (&self.connection, &self.object), exporter.as_ref()).await
    }
}
