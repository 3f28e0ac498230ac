//! What we remember: SQL and nothing but SQL, one text for SQLite and PostgreSQL wherever they agree.
//! **Invariants:** every query names its account (a key shared by all accounts says so); nothing here knows `wire`,
//! the queue or a vendor; no clock and no randomness (but for a sealed value's nonce): `now` and ids are arguments.

mod database; // which one it is
mod db; // the connection and the transaction
mod error; // what can go wrong, by what somebody can do about it
mod file; // whether SQLite's file is still the one that was opened
mod query; // one statement for both databases

pub mod accounts; // which accounts there are
pub mod archive; // runs and items: where each attachment stands
pub mod authorizations; // consents under way
pub mod cards; // the last card that was served
pub mod challenges; // one-time codes that prove an agent
pub mod companies; // the contract copy that an integration writes
pub mod connections; // vendor accounts and their sealed secrets
pub mod dials; // whom an agent's Flex is to call
pub mod engagements; // Flex tasks: their tickets and notes
pub mod hook_deliveries; // which webhooks were taken already
pub mod integrations; // what is brought from where to where, and what became of it
pub mod keys; // keys that all replicas share
pub mod ledger; // what was done to which attachment, append-only
pub mod machine_keys; // keys of an account's own machines
mod migrations; // how the schema came to be
pub mod notices; // who was told of a customer's contract
mod sealed; // secrets, encrypted with keys that are not in the database
pub mod settings; // what admins decided in the console
pub mod signed_tokens; // which signed pages were opened already
mod words; // enums that are words in the database
pub mod wrapups; // what agents noted of a Flex task

pub use database::Settings;
pub use db::{Db, Listener, Tx};
pub use error::StoreError;
pub use query::{Conn, Query, Row, query, storable, storable_json};
pub use sealed::{Locked, SealKeys};
use words::words;
