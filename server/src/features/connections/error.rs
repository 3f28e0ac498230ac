//! Why a connection was not changed, by what somebody can do about it.

use super::Step;
use crate::{
    connectors::Refusal,
    store::{StoreError, connections::Attention},
};

/// Why a connection was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Operator: another id.
    #[error("there is a connection `{0}` already; change it, or choose another id")]
    Taken(String),
    /// Admin: reload the list. Operator: `deskside connections list`.
    #[error("there is no connection `{0}`; `deskside connections list` shows all")]
    Unknown(String),
    /// Operator: change the settings file.
    #[error("the connection `{0}` is set in the settings file; change it there")]
    InFile(String),
    /// Admin: connect it again.
    #[error("the connection `{0}` was disconnected; connect it again")]
    Disconnected(String),
    /// Operator: put the key back.
    #[error("the secret of the connection `{0}` does not open; `deskside keys check` says why")]
    Locked(String),
    /// Admin: look at it, and do it again.
    #[error("the connection `{0}` was changed by someone else in the meantime")]
    Changed(String),
    /// Admin: remove it from what uses it.
    #[error("the connection `{id}` is used by {}; remove it there first", users.join(", "))]
    InUse {
        id: String,
        /// Names of integrations.
        users: Vec<String>,
    },
    /// Admin: correct this value.
    #[error("`{field}` {why}")]
    Invalid {
        /// A setting, a secret, `name`, `environment` or `kind`.
        field: String,
        /// What to write.
        why: String,
    },
    /// Admin: correct what the failed step names. The old secret and settings stay.
    #[error("the connection does not work with this: {}", failed(.0))]
    Failed(Vec<Step>),
    /// Admin: begin again.
    #[error("this consent is unknown, expired, already used, or belongs to another admin or session")]
    NoConsent,
    /// Admin: look at the other tab.
    #[error("this is not the number that the other tab shows")]
    WrongNumber,
    /// Operator: another id.
    #[error(
        "`{0}` is not a valid id; use 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
    )]
    Id(String),
    /// Operator: another id.
    #[error("`{0}` is the id of the settings file's connection of this kind; choose another, like `{0}-two`")]
    Reserved(String),
    /// Operator: say what to change.
    #[error("no change was given for the connection `{0}`; see `deskside connections change --help`")]
    Nothing(String),
    /// Whoever changes it: give all of the secret.
    #[error(
        "the secret of the connection `{0}` is not complete: it has no refresh token that can be read, or its address is \
         another one now, and a secret is never sent to another address than it was given for; give all of it"
    )]
    SecretNeeded(String),
    /// Whoever changes it: correct it. The connection is as it was.
    #[error("the connection `{id}` does not work with the new secret, so nothing was changed: {why}")]
    Refused {
        id: String,
        /// What the vendor said, and what to do.
        why: String,
    },
    /// Operator: see the attention.
    #[error("the connection `{id}` cannot be used: {}; {}", attention.sentence, attention.what_to_do)]
    Unusable {
        id: String,
        /// Why, and what to do.
        attention: Attention,
    },
    /// Whoever changes it: another address.
    #[error("the address in `base_url` of the connection cannot be used")]
    Address(#[source] Refusal),
    /// Operator: correct it.
    #[error("{what} of the connection must be a JSON object {like}")]
    NotJson {
        /// Settings or secret.
        what: &'static str,
        /// An example.
        like: &'static str,
        /// Where it is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Operator: use the settings file.
    #[error("connections of the kind `{0}` can only be set in the settings file yet")]
    FileOnly(&'static str),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ConnectionError {
    /// A value that cannot be used.
    pub(super) fn invalid(field: &str, why: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), why: why.into() }
    }
}

/// What the first failed step says.
fn failed(steps: &[Step]) -> &str {
    steps.iter().find(|step| !step.ok).map_or("a step of its test failed", |step| &step.message)
}
