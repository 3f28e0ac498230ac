//! Why the settings cannot be used, with all that is wrong at once. **Invariant:** never a value, which may be a secret.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    path::PathBuf,
};

use wire::ErrorCode;

use super::{layers::Layers, manual};

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Operator: the path or the file's permissions.
    #[error("cannot read {} ({purpose}); check the path and that this user may read it", path.display())]
    Unreadable {
        path: PathBuf,
        /// What it was to hold.
        purpose: String,
        #[source]
        source: std::io::Error,
    },
    /// Operator: correct what is named.
    #[error("{0}")]
    Refused(Refused),
}

/// All settings that cannot be used.
#[derive(Debug, Default)]
pub struct Refused {
    pub unknown: Vec<UnknownKey>,
    pub missing: Vec<MissingKey>,
    pub invalid: Vec<InvalidKey>,
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            list("unknown settings", &self.unknown),
            list("invalid settings", &self.invalid),
            list("required settings are missing", &self.missing),
        ];
        f.write_str(&lists.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}

/// A key that is in no manual.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` in {origin}{}", nearest.as_ref().map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default())]
pub struct UnknownKey {
    pub key: String,
    /// The file with its line, or the environment.
    pub origin: String,
    /// The known one that looks most like it.
    pub nearest: Option<String>,
}

/// A key without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {purpose} (environment: {})", super::layers::variable(key))]
pub struct MissingKey {
    /// Like `zendesk.client_id`.
    pub key: String,
    /// What it is for.
    pub purpose: String,
}

/// A value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` in {origin} {problem}")]
pub struct InvalidKey {
    /// Like `zendesk.app_id`.
    pub key: String,
    /// The file with its line, or the variable.
    pub origin: String,
    /// What it must be.
    pub problem: String,
}

impl ConfigError {
    /// Stable, for programs.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) if !refused.unknown.is_empty() => ErrorCode::ConfigUnknownKey,
            Self::Refused(refused) if refused.invalid.is_empty() => ErrorCode::ConfigMissing,
            Self::Refused(_) | Self::Unreadable { .. } => ErrorCode::ConfigInvalid,
        }
    }
}

/// Everything that is wrong, collected: an operator reads it all at once.
#[derive(Debug, Default)]
pub struct Problems {
    origins: BTreeMap<String, String>,
    refused: Refused,
}

impl Problems {
    /// Begins with what is wrong with the layers themselves.
    pub(super) fn of(layers: &mut Layers) -> Self {
        Self { origins: layers.origins(), refused: std::mem::take(&mut layers.refused) }
    }

    /// A setting cannot be used; `problem` says what it must be.
    pub fn refuse(&mut self, key: &str, problem: impl Display) {
        if self.is_known(key) {
            return;
        }
        let origin = self.origins.get(key).expect("the manual has it, and a test reads it").clone();
        self.refused.invalid.push(InvalidKey { key: key.to_owned(), origin, problem: problem.to_string() });
    }

    /// A setting is needed because of another one; `purpose` says what for.
    pub fn missing(&mut self, key: &str, purpose: &str) {
        if !self.is_known(key) {
            self.refused.missing.push(MissingKey { key: key.to_owned(), purpose: purpose.to_owned() });
        }
    }

    /// A type does not take a value. Where that is the manual's own, the operator has to set one.
    pub(super) fn refused(&mut self, key: &str, why: &str, is_unset: bool) {
        if is_unset { self.missing(key, &manual::purpose(key)) } else { self.refuse(key, why) }
    }

    /// One problem of a setting is enough; what stands in for a refused value has none of its own.
    fn is_known(&self, key: &str) -> bool {
        let Refused { missing, invalid, .. } = &self.refused;
        invalid.iter().any(|known| known.key == key) || missing.iter().any(|known| known.key == key)
    }

    /// The value, or everything that is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        let Refused { unknown, missing, invalid } = &self.refused;
        if unknown.is_empty() && missing.is_empty() && invalid.is_empty() {
            return Ok(value);
        }
        Err(ConfigError::Refused(self.refused))
    }
}

fn list<T: ToString>(title: &str, items: &[T]) -> Option<String> {
    let lines =
        items.iter().fold(format!("{title}:"), |text, item| format!("{text}\n  {}", item.to_string()));
    (!items.is_empty()).then_some(lines)
}
