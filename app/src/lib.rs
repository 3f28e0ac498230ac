//! Deskside in the agent's workspace: the card beside a ticket, the files to put away, the ticket that pops.
//! **Invariant:** only `host`, `api` and `format` touch the browser; no vendor's credential ever comes here.

pub mod json;
pub mod model;
