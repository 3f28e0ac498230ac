//! What the operator decides about integrations.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use super::Harm;
use crate::setting;

/// Section `integrations`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Bytes.
    #[serde(rename = "memory_mb", deserialize_with = "megabytes")]
    pub(crate) memory: u64,
    /// How long the engine may work on one model.
    #[serde(rename = "model_timeout_s", deserialize_with = "setting::seconds::<1, 86_400, _>")]
    pub(crate) deadline: std::time::Duration,
    /// Of a vendor's limit, in per cent.
    #[serde(rename = "budget_percent", deserialize_with = "setting::whole::<1, 90, _, _>")]
    pub(crate) share: u8,
}

fn megabytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let megabytes: u64 = setting::whole::<64, 1_048_576, _, _>(from)?;
    Ok(megabytes * 1024 * 1024)
}

/// Section `staging`.
#[derive(Debug, Clone, Deserialize)]
pub struct StagingSettings {
    /// A folder.
    #[serde(rename = "store")]
    pub(crate) folder: PathBuf,
}

/// Section `limits`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct LimitSettings {
    #[serde(rename = "max_changed_percent", deserialize_with = "setting::whole::<1, 100, _, _>")]
    pub(crate) changed: u8,
    #[serde(rename = "max_cleared_percent", deserialize_with = "setting::whole::<0, 100, _, _>")]
    pub(crate) cleared: u8,
}

impl From<LimitSettings> for Harm {
    fn from(LimitSettings { changed, cleared }: LimitSettings) -> Self {
        Self { changed_percent: changed, cleared_percent: cleared }
    }
}
