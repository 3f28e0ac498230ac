//! The server, from the outside in.

pub mod accounts; // which accounts an operator has here
pub mod amount; // a count with its noun
pub mod assembly; // how the rooms make one house
pub mod at_rest; // who else may read what we keep
pub mod backfill; // what many tickets hold is put away
pub mod causes; // how an error is told with what caused it
pub mod check; // whether every connection works
pub mod clock; // what time it is, for everyone but the binaries
pub mod config; // what the operator decides
pub mod connect; // how the other side is told to call us
pub mod connections; // what an operator does about vendor accounts
pub mod connectors; // whom we talk to
pub mod features; // what Deskside does
pub mod finding; // what a check found
pub mod http; // who may ask what
pub mod integrations;
pub mod jobs; // what an operator does about jobs
pub mod keys; // what the seal keys encrypt
pub mod ledger; // whether what was done is what was written down
pub mod listen; // connections
pub mod log; // what we write down of it
pub mod machine_keys; // what an operator does about keys for machines
pub mod notices; // what an operator sees of notices
pub mod queue; // what we do later
pub mod serve; // until somebody says stop
pub mod setting; // how a setting is read
pub mod store; // what we remember
