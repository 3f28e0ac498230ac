//! Which vendors an account can be connected with, and what each connection's settings and secret must hold.
//! **Invariant:** no I/O.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;

use super::ConnectionError;

/// A kind of vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Zendesk.
    Zendesk,
    /// Twilio and Flex.
    Twilio,
    /// Where the archive goes.
    Objects,
    /// The company's own webhook.
    Notify,
}

const ALL: [Kind; 4] = [Kind::Zendesk, Kind::Twilio, Kind::Objects, Kind::Notify];

/// What is known of a Zendesk account, beside the secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZendeskSettings {
    /// `https://acme.zendesk.com`.
    pub base_url: Url,
    /// The OAuth client.
    pub client_id: String,
}

/// A refresh token, and what came of it last.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthSecret {
    /// Absent for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Good for one renewal.
    pub refresh_token: String,
    /// Good until `renew_at_us`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Microseconds since 1970.
    #[serde(default)]
    pub renew_at_us: i64,
}

impl Kind {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zendesk => "zendesk",
            Self::Twilio => "twilio",
            Self::Objects => "objects",
            Self::Notify => "notify",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The settings of a row.
pub(super) fn settings_of<T: DeserializeOwned>(settings: &str) -> Result<T, ConnectionError> {
    serde_json::from_str(settings).map_err(|source| ConnectionError::NotJson {
        what: "the settings",
        like: r#"like {"base_url": "https://acme.zendesk.com", "client_id": "deskside"}"#,
        source,
    })
}

/// The secret of a row. The reader's error can quote what it read, so only its place is told.
pub(super) fn secret_of(secret: &[u8]) -> Result<OauthSecret, ConnectionError> {
    serde_json::from_slice(secret).map_err(|source| ConnectionError::NotJson {
        what: "the secret",
        like: r#"like {"client_secret": "…", "refresh_token": "…"}"#,
        source: serde::de::Error::custom(format!("line {}, column {}", source.line(), source.column())),
    })
}
