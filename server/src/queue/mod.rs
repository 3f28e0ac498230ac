//! What we do later: jobs in a table, enqueued in the caller's transaction, claimed under a lease with a fence.
//! **Invariants:** a job may run twice and may die at any instruction; no attempt beyond its last is ever started;
//! an effect whose transaction passed [`Lease::guard`] is of the one who holds the job. It knows no job by name.

mod advice; // what a failed job asks for
mod backoff; // how long a failed job waits
mod claims; // who gets which job
mod condition; // when a worker may work on a kind
mod front; // the face that features see
mod job; // what a job is
mod lease; // what a running job holds
mod operated; // what an operator's change of a job means for its feature
mod probe; // where a harness may look in, or pull the plug
mod registry; // from a row's kind to the job that it is
mod rows; // from a request to a row, and what an operator does with rows
mod runner; // one run of one job
mod schedule; // when something happens
mod schedules; // what happens again and again, once over all replicas
mod settle; // how a run ends
mod verdict; // what becomes of a job that failed
mod worker; // the loop: look, claim, run, wait

pub use advice::{Advice, JobError};
pub use backoff::Backoff;
pub use condition::Condition;
pub use front::{Count, Depth, JobFilter, JobRow, Queue, State};
pub use job::{Job, JobId};
pub use lease::{Lease, LeaseError};
pub use operated::{Operated, OperatorHooks, Retried};
pub use probe::{Probe, Step};
pub use registry::Provide;
pub use schedule::{CatchUp, Schedule, ScheduleError};
pub use schedules::{Fired, Missed, Schedules};
pub use worker::{Ran, Worker, WorkerBuilder};
