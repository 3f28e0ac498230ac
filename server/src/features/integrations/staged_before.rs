//! What an earlier run of an integration has read and is still there, for people who write its model.

use std::collections::BTreeMap;

use wire::{Definition, Source};

use super::staged::{StagedSource, StagedSources, staged_of};
use crate::store::{
    Db, StoreError,
    integrations::{self as kept, RunKind},
};

/// Runs among which one is sought whose rows are still there.
const RUNS: u32 = 10;

/// What a run has read, and by which definition.
pub(super) struct Known {
    pub run: String,
    definition: Definition,
    staged: StagedSources,
}

impl Known {
    /// The rows of a source that is the same now as it was then, and leads to the same place.
    pub fn of(&self, source: &Source, places: &BTreeMap<String, String>) -> Option<&StagedSource> {
        let then = self.definition.sources.iter().find(|one| one.table == source.table)?;
        let is_same = then.connection == source.connection && then.read == source.read;
        let staged = self.staged.get(&source.table).filter(|_| is_same)?;
        (staged.place.as_ref() == places.get(&source.connection)).then_some(staged)
    }
}

/// What the last complete run read; where there is none, the last dry run.
pub(super) async fn last_staged(db: &Db, account: &str, id: &str) -> Result<Option<Known>, StoreError> {
    let last = kept::last_complete(db, account, id).await?;
    let recent = kept::runs_of(db, account, (Some(id), Some("completed")), None, RUNS).await?;
    let dry = recent.into_iter().filter(|run| run.kind == RunKind::Dry);
    for run in last.into_iter().chain(dry) {
        let staged = staged_of(&run)?;
        let definition = run.definition.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let Some(definition) = definition else { continue };
        if staged.values().any(|source| source.file.is_file()) {
            return Ok(Some(Known { run: run.id, definition, staged }));
        }
    }
    Ok(None)
}
