//! The one integration binary: the server's parts against real databases, and the whole over HTTP.

#[path = "../support/mod.rs"]
mod support; // what the suites share

mod ledger; // what was written stays written
mod queue; // what we do later
mod queue_model; // the same, against a model of it
mod schedules; // what happens again and again
mod store; // what we remember
mod store_errors; // what a database can do to us
