//! What the suites share.

pub(crate) mod actors; // who talks to the server, and what they get
pub(crate) mod archive; // a ticket's attachments
pub(crate) mod databases; // each engine, fresh
pub(crate) mod described; // what /openapi.json says
pub(crate) mod errands; // a job that does as it is told
pub(crate) mod forged; // tokens that Zendesk never signed
pub(crate) mod hooks; // Zendesk's deliveries, real and forged
pub(crate) mod plan; // what is special about a test's world
pub(crate) mod receiver; // somebody who is told
pub(crate) mod s3; // a store that checks checksums
pub(crate) mod testbed; // the whole of Deskside
pub(crate) mod twilio; // Twilio calls us
pub(crate) mod vendors; // the vendors alone
