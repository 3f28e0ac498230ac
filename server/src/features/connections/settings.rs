//! Section `integrations`, as far as it is about connections.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

use crate::setting::{self, Audience};

/// What the operator decides about connections.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Which of the admins may change connections.
    pub(crate) editors: Audience,
    /// Which folders of this server reports may be read from.
    #[serde(deserialize_with = "folders")]
    pub(crate) report_folders: Vec<PathBuf>,
}

fn folders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
    setting::list(from, "must be whole paths, like [\"/srv/reports\"]", |text| {
        Some(PathBuf::from(text.trim())).filter(|path| path.is_absolute())
    })
}
