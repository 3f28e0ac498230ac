//! Where rows go, whatever the vendor: which fields there are, how rows are sent, what became of them.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;

use super::values::{Field, Values};

/// One record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub record: Record,
    pub values: Values,
}

/// Which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The one with this id at the destination.
    Known(String),
    /// One that is to be made.
    New(NewRecord),
}

/// What a record is made with, and found again by: its external id, or its name where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    pub name: String,
    pub external_id: Option<String>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Done,
    /// It is there, under this id.
    Made(String),
    /// Not this time, and perhaps the next.
    Later(String),
    /// Not before so much time has passed.
    Busy(Duration),
    /// It is refused; the text says why.
    Refused(String),
    /// Nobody knows: it can be sent again.
    Open,
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
    /// One for each record, in the order in which they were sent.
    Done(Vec<Settled>),
    /// It ended without saying what it did.
    Unknown(String),
}

/// What the destination holds of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: String,
    pub values: Values,
}

/// A field of the destination, as it is defined there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defined {
    pub field: Field,
    /// What agents read.
    pub title: String,
    /// Why it cannot be written, for a person who can change that.
    pub closed: Option<&'static str>,
}

/// Why the destination did not answer.
pub type DestinationError = crate::queue::JobError;

/// A destination of one account.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Which vendor account it is.
    fn place(&self) -> String;
    /// The fields that there are.
    async fn fields(&self) -> Result<Vec<Defined>, DestinationError>;
    /// Makes a field; where there is one of its key already, nothing is done or it is refused.
    async fn make_field(&self, field: &Field, wish: &wire::FieldToCreate) -> Result<(), DestinationError>;
    /// Adds an option (name, tag) to a dropdown and leaves the others.
    async fn add_option(&self, field: &str, option: (&str, &str)) -> Result<(), DestinationError>;
    /// How many records one delivery may hold, and how many deliveries may be under way.
    fn at_most(&self) -> (usize, usize);
    /// How many calls a minute a run makes at most, where that is known.
    fn calls_a_minute(&self) -> Option<u64>;
    /// Sends records that are all known, or all new.
    async fn send(&self, rows: &[Write], fields: &[Field]) -> Result<Sent, DestinationError>;
    /// How these deliveries stand, in their order; each with its records, in the order in which they were sent.
    async fn look(
        &self,
        jobs: &[(String, Vec<Write>)],
        fields: &[Field],
    ) -> Result<Vec<Delivery>, DestinationError>;
    /// What records hold now, in their order; one that is not there is `None`.
    async fn read(&self, rows: &[Write], fields: &[Field]) -> Result<Vec<Option<Found>>, DestinationError>;
    /// The ids of records that somebody waits for, as far as few calls tell.
    async fn urgent(&self) -> Result<BTreeSet<String>, DestinationError>;
}
