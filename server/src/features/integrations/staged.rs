//! What a run has read of its sources. **Invariant:** no I/O.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use engine::Table;
use serde::{Deserialize, Serialize};

use super::{
    addresses,
    invalid::{InvalidCells, StandIn},
};
use crate::store::{StoreError, integrations::Run};

/// What a run read of one source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StagedSource {
    pub file: PathBuf,
    pub rows: u64,
    /// What its connection led to.
    #[serde(default)]
    pub place: Option<String>,
    /// It could not be read this time, and these are the rows of an earlier run.
    #[serde(default)]
    pub is_old: bool,
    /// When it was read.
    #[serde(default)]
    pub read_at: Option<DateTime<Utc>>,
    /// Of users: by which addresses they are found, a table of its own.
    #[serde(default)]
    pub addresses: Option<PathBuf>,
    /// Its cells that could not be read; nothing where all could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<InvalidCells>,
}

impl StagedSource {
    /// All that it needs on the disk.
    pub fn files(self) -> impl Iterator<Item = PathBuf> {
        let (other, least) = self.invalid.map(|invalid| (invalid.file, invalid.least)).unzip();
        [Some(self.file), self.addresses, other, least.flatten()].into_iter().flatten()
    }
}

pub(super) type StagedSources = BTreeMap<String, StagedSource>;

/// What a run has read so far.
pub(super) fn staged_of(run: &Run) -> Result<StagedSources, StoreError> {
    serde_json::from_str(&run.staged).map_err(|_| StoreError::corrupt("what a run has staged"))
}

/// What the last complete run read of the places that this run reads.
pub(super) fn comparable(before: StagedSources, places: &BTreeMap<String, String>) -> StagedSources {
    let mut before = before;
    before.retain(|table, staged| staged.place.is_some() && staged.place.as_ref() == places.get(table));
    before
}

/// The same, as the engine reads it.
pub(super) fn tables_of(staged: StagedSources) -> Vec<Table> {
    let table = |name, file| Table { name, files: vec![file] };
    let both = staged.into_iter().flat_map(|(name, source)| {
        let addresses = source.addresses.map(|file| table(addresses::table(&name), file));
        [Some(table(name, source.file)), addresses]
    });
    both.flatten().collect()
}

/// The same with another value in each cell that could not be read; `None` where such rows were not kept.
pub(super) fn other_tables_of(mut staged: StagedSources, stand_in: StandIn) -> Option<Vec<Table>> {
    for source in staged.values_mut() {
        let Some(invalid) = &source.invalid else { continue };
        source.file = match stand_in {
            StandIn::Greatest => invalid.file.clone(),
            StandIn::Least => invalid.least.clone()?,
        };
    }
    Some(tables_of(staged))
}

/// How many rows each source has.
pub(super) fn rows_of<'a>(
    staged: impl Iterator<Item = (&'a String, &'a StagedSource)>,
) -> BTreeMap<String, u64> {
    staged.map(|(name, source)| (name.clone(), source.rows)).collect()
}
