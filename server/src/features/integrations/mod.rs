//! What is brought from where to where: sources are read into staging, a model makes one table of them, and what differs from what the
//! destination holds is written there. **Invariants:** one writer for each field; nothing is written that the last run wrote already; a
//! source that failed is never an empty one.

mod addresses; // by which addresses users are found
mod again; // rows that depend on cells that could not be read
mod alert; // who is told when one fails
mod attempt; // what every step of a run may do
mod behind; // rows that are written while others are compared
mod checking; // what is wrong with one before it is kept
mod clearing; // a run that empties what was written
mod compare; // what becomes of one row
mod comparing; // what will be written
mod copy; // the contract that cards show
mod definition; // what an integration must be
mod delivery; // rows to the destination
mod dependants; // what uses connections
mod destination; // where rows go, whatever the vendor
mod difference; // the model beside the destination
mod due; // a run that is due
mod ended; // what runs that ended left open
mod exchange; // what was said about one row
mod export; // a vendor's records, kept
mod fields; // the destination's fields, and those that are made
mod folder; // whether all workers share one
mod group; // the rows of one key
mod guard; // when a person must see it first
mod invalid; // cells that could not be read
mod job; // one run
mod keeping; // one, or all of a file
mod leftovers; // what no run needs any more
mod newcomer; // one record, without a run
mod order; // which rows go first
mod outside; // the vendors of an integration
mod overview; // how one went in the last days
mod people; // what admins see and forget
mod people_rows; // users and organizations, as they are kept
mod preview; // rows that an editor looks at
mod question; // what the engine is asked
mod reasons; // why rows have their outcomes
mod record; // what people did, for the ledger
mod rekeyed; // rows that have another key than before
mod removal; // rows that the model no longer has
mod sampling; // what connections hold
mod saving; // rows as a file
mod schedule; // when it runs by itself
mod sending; // deliveries on their way
mod settings; // what the operator decides
mod shipped; // those to begin with
mod sources; // rows into staging
mod staged; // what a run has read
mod staged_before; // what an earlier one has read
mod staging; // where they lie
mod states; // what is known of its rows
mod steering; // what admins do with runs
mod switching; // on and off
mod tickets; // Zendesk's tickets, as they are kept
mod unknown; // users whose addresses did not come with the export
mod values; // from a cell to a field
mod vendors; // the account's connections
mod views; // what crosses the wire
mod wanted; // which rows are of interest
mod zendesk; // Zendesk's users and organizations
mod zendesk_writes; // the same as a destination

use std::sync::Arc;

use engine::Engine;

pub use alert::{AlertDeps, Alerts, IntegrationNotice};
pub use definition::Fault;
pub use dependants::UsersOfConnections;
pub use due::Scheduled;
pub use folder::StagingFolder;
pub use guard::Harm;
pub use job::IntegrationRun;
pub use keeping::Wish;
pub use newcomer::values_for;
pub use outside::Outside;
pub use people::{Integrations, IntegrationsError};
pub use preview::{PreviewError, Previews};
pub use sampling::SampleError;
pub use saving::RowFormat;
pub use settings::{LimitSettings, Settings, StagingSettings};
pub use shipped::templates;
pub use staging::Staging;
pub use steering::RunStart;
pub use vendors::Vendors;

use crate::{clock::Clock, store::Db};

/// What a run may use of this machine.
#[derive(Debug, Clone, Copy)]
pub struct EngineLimits {
    /// Bytes.
    pub memory: u64,
    pub deadline: std::time::Duration,
    /// Rows of a model's result.
    pub rows: u64,
}

/// What the runs of one account need.
#[derive(Clone)]
pub struct RunDeps {
    pub db: Db,
    pub clock: Clock,
    pub engine: Arc<dyn Engine>,
    pub staging: Staging,
    pub limits: EngineLimits,
    pub harm: Harm,
    pub vendors: Arc<dyn Outside>,
    pub alerts: Alerts,
}
