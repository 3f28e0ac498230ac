//! The same models on this machine and on a cluster of a scheduler and two executors, which are real and in this process.
//! Only with the feature `ballista-cluster`: `cargo xtask test --long`, or `--only cluster`.

mod answers;
mod ends;
mod machines;
mod world;

#[path = "../../../../tests/it/oracle/models.rs"]
mod models; // what both are asked
#[path = "../../../../tests/it/oracle/rows.rs"]
mod rows; // what both are given
