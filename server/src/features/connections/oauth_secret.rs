//! The secret of a connection that an admin gave consent for: a refresh token, and what came of it. **Invariant:** no I/O.

use chrono::DateTime;
use secrecy::ExposeSecret;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use url::Url;

use super::ConnectionError;
use crate::{
    connectors::{Granted, RefreshGrant, Token},
    setting,
};

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
    /// Where the access token is good, if the vendor says so (Salesforce).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_url: Option<Url>,
}

/// What a person gives of a secret. Access tokens are none of it: they come from the vendor.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedSecret {
    /// Absent: it stays as it is.
    #[serde(default, deserialize_with = "optional_filled")]
    client_secret: Option<String>,
    /// Absent: it stays as it is.
    #[serde(default, deserialize_with = "optional_filled")]
    pub(super) refresh_token: Option<String>,
}

impl TypedSecret {
    /// What is absent is taken from the secret that is kept; `None` where there is no refresh token then.
    pub(super) fn over(&self, kept: Option<&OauthSecret>) -> Option<OauthSecret> {
        let of_kept = |part: fn(&OauthSecret) -> Option<String>| kept.and_then(part);
        let client_secret = || of_kept(|kept| kept.client_secret.clone());
        let refresh_token = || of_kept(|kept| Some(kept.refresh_token.clone()));
        Some(OauthSecret {
            client_secret: self.client_secret.clone().or_else(client_secret),
            refresh_token: self.refresh_token.clone().or_else(refresh_token)?,
            access_token: None,
            renew_at_us: 0,
            instance_url: None,
        })
    }
}

impl OauthSecret {
    /// With what the vendor granted, and nothing else changed. A vendor that does not rotate gives no new refresh token.
    pub(super) fn renewed(self, granted: &Granted) -> Self {
        let refresh_token = granted.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
        Self {
            refresh_token: refresh_token.unwrap_or(self.refresh_token),
            access_token: Some(granted.token.secret.expose_secret().to_owned()),
            renew_at_us: granted.token.renew_at.timestamp_micros(),
            client_secret: self.client_secret,
            instance_url: granted.token.instance_url.clone().or(self.instance_url),
        }
    }

    /// Whether a vendor gave one of these tokens again: who ends the old ones would end it, too.
    pub(super) fn shares_a_token_with(&self, other: &Self) -> bool {
        let has_same_access = self.access_token.is_some() && self.access_token == other.access_token;
        self.refresh_token == other.refresh_token || has_same_access
    }

    /// The access token, if there is one.
    pub(super) fn token(&self) -> Option<Token> {
        let renew_at = DateTime::from_timestamp_micros(self.renew_at_us).unwrap_or_default();
        let secret = self.access_token.clone()?.into();
        Some(Token { secret, renew_at, instance_url: self.instance_url.clone() })
    }

    /// What renews them.
    pub(super) fn grant(&self, client_id: &str) -> RefreshGrant {
        RefreshGrant {
            client_id: client_id.to_owned(),
            client_secret: self.client_secret.clone().map(Into::into),
            refresh_token: self.refresh_token.clone().into(),
        }
    }

    /// As it is kept.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and a number are JSON")
    }
}

/// The secret of a row.
pub(super) fn secret_of(secret: &[u8]) -> Result<OauthSecret, ConnectionError> {
    read_secret(secret)
}

/// What a person gives of a secret.
pub(super) fn typed_secret(secret: &[u8]) -> Result<TypedSecret, ConnectionError> {
    read_secret(secret)
}

/// The reader's error can quote what it read, so only its place is told.
fn read_secret<T: DeserializeOwned>(secret: &[u8]) -> Result<T, ConnectionError> {
    serde_json::from_slice(secret).map_err(|source| ConnectionError::NotJson {
        what: "the secret",
        like: r#"like {"client_secret": "…", "refresh_token": "…"}, with nothing else in it and nothing empty"#,
        source: serde::de::Error::custom(format!("line {}, column {}", source.line(), source.column())),
    })
}

/// Refuses what no person gives of a secret: tokens that Deskside gets by itself, and parts that are empty. Whether the rest is
/// a secret of its kind is the kind's to say.
pub(super) fn is_typed(secret: &[u8]) -> Result<(), ConnectionError> {
    let Ok(parts) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(secret) else {
        return Ok(());
    };
    for (name, value) in &parts {
        if ["access_token", "renew_at_us", "instance_url"].contains(&name.as_str()) {
            return Err(ConnectionError::invalid(name, "comes from the vendor: leave it out"));
        }
        if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Err(ConnectionError::invalid(name, "must not be empty"));
        }
    }
    Ok(())
}

fn optional_filled<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    setting::optional(from, "must not be empty", |text| {
        Some(text.to_owned()).filter(|text| !text.trim().is_empty())
    })
}
