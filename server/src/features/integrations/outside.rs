//! The vendors of an integration, by its connections.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use wire::{Destination as Wish, FieldToCreate, Read};

use super::{
    RunDeps,
    attempt::Attempt,
    destination::{Defined, Delivery, Destination, DestinationError, Found, Sent, Write},
    export::{self, Unread},
    values::Field,
};
use crate::{
    connectors::rows::{ReadError, Rows},
    queue::JobError,
};

/// Whom an account's connections lead to.
#[async_trait]
pub trait Outside: Send + Sync {
    /// What each connection leads to now, by its id.
    async fn places(&self) -> Result<BTreeMap<String, String>, JobError>;
    /// Learns where these connections lead, where only their vendor says it and nobody has asked.
    async fn meet(&self, connections: &[&str]) -> Result<(), JobError>;
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

/// The destination of one integration. What it says of a failure names the connection: an account may have several of one vendor.
pub(super) struct Outlet<'a> {
    deps: &'a RunDeps,
    connection: String,
    object: String,
    /// For sentences.
    what: String,
    destination: Box<dyn Destination>,
}

impl RunDeps {
    pub(super) async fn outside(&self, wish: &Wish) -> Result<Outlet<'_>, JobError> {
        let (connection, object) = (wish.connection.clone(), wish.object.clone());
        let what = format!("{object} of the connection `{connection}`");
        let destination = self.vendors.destination(wish).await.map_err(|error| error.about(&what))?;
        Ok(Outlet { deps: self, connection, object, what, destination })
    }
}

impl Outlet<'_> {
    /// Which records those are, whatever the connection is called.
    pub fn name(&self) -> String {
        format!("{} {}", self.destination.place(), self.object)
    }

    /// Where rows go.
    pub fn destination(&self) -> &dyn Destination {
        self
    }

    /// What the destination holds, as new as its export.
    pub async fn records(&self, attempt: &Attempt<'_>) -> Result<export::Freshened, JobError> {
        let exporter = self.about(self.deps.vendors.exporter(&self.connection, &self.object).await)?;
        let records = export::freshened(attempt, (&self.connection, &self.object), exporter.as_ref()).await;
        records.map_err(|error| match error {
            Unread::Vendor(error) => error.about(&self.what),
            Unread::Own(error) => error,
        })
    }

    fn about<T>(&self, came: Result<T, JobError>) -> Result<T, JobError> {
        came.map_err(|error| error.about(&self.what))
    }
}

#[async_trait]
impl Destination for Outlet<'_> {
    fn place(&self) -> String {
        self.destination.place()
    }

    async fn fields(&self) -> Result<Vec<Defined>, DestinationError> {
        self.about(self.destination.fields().await)
    }

    async fn make_field(&self, field: &Field, wish: &FieldToCreate) -> Result<(), DestinationError> {
        self.destination.make_field(field, wish).await // who makes it names the connection
    }

    async fn add_option(&self, field: &str, option: (&str, &str)) -> Result<(), DestinationError> {
        self.destination.add_option(field, option).await
    }

    fn at_most(&self) -> (usize, usize) {
        self.destination.at_most()
    }

    fn calls_a_minute(&self) -> Option<u64> {
        self.destination.calls_a_minute()
    }

    async fn send(&self, rows: &[Write], fields: &[Field]) -> Result<Sent, DestinationError> {
        self.about(self.destination.send(rows, fields).await)
    }

    async fn look(
        &self,
        jobs: &[(String, Vec<Write>)],
        fields: &[Field],
    ) -> Result<Vec<Delivery>, DestinationError> {
        self.about(self.destination.look(jobs, fields).await)
    }

    async fn read(&self, rows: &[Write], fields: &[Field]) -> Result<Vec<Option<Found>>, DestinationError> {
        self.about(self.destination.read(rows, fields).await)
    }

    async fn urgent(&self) -> Result<BTreeSet<String>, DestinationError> {
        self.about(self.destination.urgent().await)
    }
}
