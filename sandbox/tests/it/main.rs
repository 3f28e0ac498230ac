//! The stand-ins, seen from outside: over HTTP, as a client of the vendors sees them.

mod attachments;
mod client;
mod clients;
mod conformance;
mod flex;
mod likeness;
mod limits;
mod notify;
mod oauth;
mod recordings;
mod salesforce;
mod salesforce_access;
mod salesforce_bulk;
mod salesforce_recordings;
mod sync;
mod tickets;
mod twilio;
mod users;
mod webhooks;
mod workspace;
