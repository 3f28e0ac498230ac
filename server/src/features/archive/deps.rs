//! What the archive's jobs need. **Invariant:** no behaviour; each file adds what it does with them.

use super::{memory::Memory, settings::Settings};
use crate::{
    clock::Clock,
    connectors::{objects::Objects, zendesk::ZendeskClient},
    queue::Queue,
    store::Db,
};

/// What the archive's jobs need.
#[derive(Clone)]
pub struct ArchiveDeps {
    /// What time it is.
    pub clock: Clock,
    /// Where each item stands.
    pub db: Db,
    /// Where the files are, and are redacted.
    pub zendesk: ZendeskClient,
    /// Where they go.
    pub objects: Objects,
    /// What the operator decides.
    pub settings: Settings,
    /// Takes the jobs that come afterwards.
    pub queue: Queue,
    /// Whether people are told elsewhere how a run ended.
    pub tells: bool,
    /// How much of all files is in memory at once.
    pub memory: Memory,
}
