//! Models as admins write them, run by the real child process over files that the real writer staged.

#[cfg(feature = "ballista-cluster")]
mod cluster;
mod hostile;
mod models;
mod stage;
mod staging;
mod types;
