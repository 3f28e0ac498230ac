//! What the operator decides: `config.default.toml`, then a file, then the environment. No I/O but reading those files.

mod settings;

use std::path::{Path, PathBuf};

pub use settings::{
    ApiKey, Archive, Badges, Braze, Config, ContractFields, Contracts, LogFormat, Net, Notify, S3,
    Salesforce, Server, Store, Twilio, Zendesk,
};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file of settings or of a secret cannot be read.
    #[error("cannot read {path} ({for_what}): {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it was to hold.
        for_what: String,
        /// Why.
        source: std::io::Error,
    },
    /// A key nobody knows.
    #[error("unknown")]
    UnknownKey,
    /// Everything that is missing.
    #[error("missing")]
    Missing,
    /// A value of the wrong type or out of range.
    #[error("invalid")]
    Invalid,
}

impl Config {
    /// Reads everything that serving needs.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let _ = (file, env.into_iter().count());
        todo!()
    }

    /// Reads only where we remember: enough for `migrate`, which needs no vendor.
    pub fn load_store(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Store, ConfigError> {
        let _ = (file, env.into_iter().count());
        todo!()
    }
}
