//! Why the settings cannot be used, with all that is wrong at once. **Invariant:** never a value, which may be a secret.

use std::path::PathBuf;

use wire::ErrorCode;

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Operator: the path or the file's permissions.
    #[error("cannot read {} ({purpose}); check the path and that this user may read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it was to hold.
        purpose: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Operator: correct the names.
    #[error("{}", list("unknown settings", .0))]
    UnknownKey(Vec<UnknownKey>),
    /// Operator: set them.
    #[error("{}", list("required settings are missing", .0))]
    Missing(Vec<MissingKey>),
    /// Operator: correct the values.
    #[error("{}", list("invalid settings", .0))]
    Invalid(Vec<InvalidKey>),
}

/// A key that is in no manual.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` in {origin}{}", nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
pub struct UnknownKey {
    /// As written.
    pub key: String,
    /// The file, or the environment.
    pub origin: String,
    /// The known one that looks most like it.
    pub nearest: Option<String>,
}

/// A key without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {purpose} (environment: {})", super::variable(key))]
pub struct MissingKey {
    /// Like `zendesk.client_id`.
    pub key: &'static str,
    /// What it is for.
    pub purpose: &'static str,
}

/// A value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` in {origin} {problem}")]
pub struct InvalidKey {
    /// Like `zendesk.app_id`.
    pub key: String,
    /// The file, or the environment.
    pub origin: String,
    /// What it must be.
    pub problem: String,
}

impl ConfigError {
    /// Stable, for programs.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownKey(_) => ErrorCode::ConfigUnknownKey,
            Self::Missing(_) => ErrorCode::ConfigMissing,
            Self::Invalid(_) | Self::Unreadable { .. } => ErrorCode::ConfigInvalid,
        }
    }
}

fn list<T: ToString>(title: &str, items: &[T]) -> String {
    items.iter().fold(format!("{title}:"), |text, item| format!("{text}\n  {}", item.to_string()))
}
