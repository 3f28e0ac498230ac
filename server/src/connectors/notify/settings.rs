//! Section `notify`: where people are told, and how what is sent there looks.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::Format;
use crate::setting;

/// Where people are told.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    #[serde(deserialize_with = "address")]
    pub(crate) webhook_url: Option<SecretString>,
    pub(crate) secret: Option<SecretString>,
    pub(crate) format: Format,
}

/// An address whose path is the secret.
fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    setting::optional(from, "must be an address like https://hooks.example.com/path", |text| {
        let is_web = |url: Url| matches!(url.scheme(), "https" | "http") && url.has_host();
        Url::parse(text).is_ok_and(is_web).then(|| text.into())
    })
}
