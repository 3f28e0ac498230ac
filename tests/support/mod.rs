//! What the suites share.

pub(crate) mod databases; // each engine, fresh
pub(crate) mod errands; // a job that does as it is told
