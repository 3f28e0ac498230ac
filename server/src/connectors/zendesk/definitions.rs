//! What triggers of this account can compare: `GET /api/v2/triggers/definitions`. Trap: the key of a custom field is in lower case
//! there, and a field that was just made may be missing for a while.

use serde::Deserialize;

use super::types::or_default;
use super::{ZendeskClient, ZendeskError};

/// What conditions can compare.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Definitions {
    /// In `conditions_all`; those of `conditions_any` are the same.
    #[serde(rename = "conditions_all", default, deserialize_with = "or_default")]
    pub subjects: Vec<Subject>,
}

/// One thing that a condition can compare.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subject {
    /// Like `requester.custom_fields.contract_start`.
    #[serde(rename = "subject", default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    operators: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Value {
    #[serde(default, deserialize_with = "or_default")]
    value: serde_json::Value,
}

impl Definitions {
    /// Whether a condition may compare `subject` by `operator`; `None`: there is no such subject.
    pub fn knows(&self, subject: &str, operator: &str) -> Option<bool> {
        let found = self.subjects.iter().find(|known| known.name == subject)?;
        Some(found.operators.iter().any(|known| known.value == operator))
    }

    /// The values of a subject that is a list: of a dropdown the ids of its options. Empty: it is no list.
    pub fn values(&self, subject: &str) -> Vec<&str> {
        let found = self.subjects.iter().find(|known| known.name == subject);
        found.into_iter().flat_map(|known| &known.values).filter_map(|known| known.value.as_str()).collect()
    }
}

impl ZendeskClient {
    /// What triggers can compare.
    pub async fn trigger_definitions(&self) -> Result<Definitions, ZendeskError> {
        let url = self.url("/api/v2/triggers/definitions");
        self.member("GET /api/v2/triggers/definitions", url, "definitions").await
    }
}
