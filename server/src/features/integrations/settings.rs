//! What the operator decides about integrations.

use std::path::PathBuf;

use engine::{ClusterAddress, HAS_BALLISTA};
use serde::{Deserialize, Deserializer, de::Error};

use super::Harm;
use crate::setting;

/// Section `integrations`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Whose executors run models; `None`: this machine does.
    #[serde(rename = "engine", deserialize_with = "cluster")]
    pub(crate) cluster: Option<ClusterAddress>,
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

/// `local`, or a cluster that this build can use.
fn cluster<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ClusterAddress>, D::Error> {
    const MUST: &str = "must be \"local\", or the scheduler of a Ballista cluster, like \"ballista://scheduler.internal:50050\"";
    const NOT_BUILT: &str = "names a Ballista cluster, and this server was built without the client of one; build it with the cargo feature \
                             `ballista` (`cargo build -p deskside --release --features ballista`), or write \"local\"";
    let cluster = setting::text(from, MUST, |text| match text {
        "local" => Some(None),
        text => text.parse().ok().map(Some),
    })?;
    if cluster.is_some() && !HAS_BALLISTA {
        return Err(D::Error::custom(NOT_BUILT));
    }
    Ok(cluster)
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
