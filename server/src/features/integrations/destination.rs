//! Where rows go, whatever the vendor: which fields there are, how rows are sent, what became of them.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;

use super::values::{Field, Values};

/// One record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The record's id at the destination.
    pub id: String,
    pub values: Values,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// Not this time, and perhaps the next.
    Later(String),
    /// It is refused; the text says why.
    Refused(String),
}

/// What the destination did with a delivery.
#[derive(Debug)]
pub enum Sent {
    /// It works on it under this name.
    Job(String),
    /// It takes nothing more for now.
    Full(Duration),
    /// It refuses the whole of it, for one row's sake perhaps.
    Refused(String),
}

/// How a delivery stands.
#[derive(Debug)]
pub enum Delivery {
    Working,
    /// By the records' ids; one that is not named is unknown.
    Done(BTreeMap<String, Settled>),
    /// It ended without saying what it did.
    Unknown(String),
}

/// Why the destination did not answer.
pub type DestinationError = crate::queue::JobError;

/// A destination of one account.
#[async_trait]
pub trait Destination: Send + Sync {
    /// The fields that can be written.
    async fn fields(&self) -> Result<Vec<Field>, DestinationError>;
    /// How many records one delivery may hold, and how many deliveries may be under way.
    fn at_most(&self) -> (usize, usize);
    async fn send(&self, rows: &[Write], fields: &[Field]) -> Result<Sent, DestinationError>;
    /// How these deliveries stand, in their order; each with the ids of its records, in the order in which they were sent.
    async fn look(&self, jobs: &[(String, Vec<String>)]) -> Result<Vec<Delivery>, DestinationError>;
    /// What records hold now; one that is gone is absent.
    async fn read(
        &self,
        ids: &[String],
        fields: &[Field],
    ) -> Result<BTreeMap<String, Values>, DestinationError>;
}
