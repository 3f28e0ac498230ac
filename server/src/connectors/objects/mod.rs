//! The company's own store for archived files: S3 and compatible, GCS, Azure, or a local folder, behind one interface.
//! Docs: <https://docs.rs/object_store>. Writes are conditional on absence; only a damaged copy is overwritten.
//! A write counts only when it is durable: the local folder is fsynced, S3 answers after it is.
//! SHA-256 goes along with every S3 write, and S3 refuses what does not match it.

mod address; // where it is
mod client;
mod error;
mod label; // what is kept beside an object
mod reading;
mod refusal; // what a store says no to
mod settings; // where it is, and how to get in
mod staying; // nobody sends us elsewhere
#[cfg(test)]
mod tests; // what an S3 server is sent
mod upload; // in parts

pub use address::local_folder;
pub use client::{Objects, Put};
pub use error::ObjectsError;
pub use label::About;
pub use settings::{S3_COPIES, Settings};
pub use upload::{PARTS_AT_A_TIME, Upload};
