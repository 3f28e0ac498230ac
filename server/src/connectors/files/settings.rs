//! Which folders may be read, and how one file is. Section `sources` of the settings. **Invariant:** no I/O.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use crate::setting;

/// Stands for the account's subdomain.
const ACCOUNT: &str = "{account}";

/// What the operator lets connections read. Admins of the console name a connection's folder, so without this they could read
/// every file of the server.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    #[serde(deserialize_with = "folders")]
    pub(crate) folders: Vec<String>,
}

/// A connection of the kind `report`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSettings {
    pub folder: PathBuf,
}

/// How one file is read. What is absent is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// The file's name.
    pub path: String,
    /// Columns whose type is fixed: `integer`, `decimal`, `decimal(12,2)`, `boolean`, `date`, `timestamp`, `json`, `text`.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    #[serde(default)]
    pub format: Option<Format>,
    /// As the Encoding Standard labels it: `shift_jis`.
    #[serde(default)]
    pub encoding: Option<String>,
    #[serde(default)]
    pub delimiter: Option<char>,
}

impl Settings {
    /// An account's folders.
    pub fn folders_of(&self, account: &str) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.replace(ACCOUNT, account).into()).collect()
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One line of names, then rows.
    Csv,
    /// A JSON object in each line.
    JsonLines,
}

/// By the ending of a file's name.
pub(super) fn format_of(path: &str) -> Format {
    let ending = Path::new(path).extension().map(OsStr::to_ascii_lowercase);
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("jsonl" | "ndjson" | "json") => Format::JsonLines,
        _ => Format::Csv,
    }
}

fn folders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    setting::list(from, "must be absolute folders like [\"/srv/reports\"]", |text| {
        let is_folder = Path::new(text).is_absolute() && text.len() > 1 && !text.contains("..");
        is_folder.then(|| text.to_owned())
    })
}
