//! Section `twilio`: the account of Flex, and how we get in.

use chrono::TimeDelta;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{Auth, Urls};
use crate::setting::{self, Problems};

/// The Twilio account.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    pub(crate) account_sid: String,
    pub(crate) auth_token: Option<SecretString>,
    api_key_sid: Option<String>,
    api_key_secret: Option<SecretString>,
    pub(crate) workspace_sid: Option<String>,
    pub(crate) trust_worker_email: bool,
    pub(crate) urls: Urls,
    #[serde(rename = "recording_link_days", deserialize_with = "setting::days::<1, 3_650, _>")]
    pub(crate) recording_link_lives: TimeDelta,
    #[serde(deserialize_with = "origins")]
    pub(crate) flex_origins: Vec<String>,
}

impl Settings {
    /// How we sign in: by the API key where there is one. [`Settings::validate`] sees to it that there is one of the two.
    pub fn auth(&self) -> Option<Auth> {
        let key = self.api_key_sid.clone().zip(self.api_key_secret.clone());
        let key = key.map(|(sid, secret)| Auth::ApiKey { sid, secret });
        key.or_else(|| self.auth_token.clone().map(Auth::Token))
    }

    /// What is needed together.
    pub fn validate(&self, problems: &mut Problems) {
        match (&self.api_key_sid, &self.api_key_secret) {
            (Some(_), None) => {
                problems.missing("twilio.api_key_secret", "the secret of `twilio.api_key_sid`");
            }
            (None, Some(_)) => {
                problems.missing("twilio.api_key_sid", "the key that `twilio.api_key_secret` belongs to");
            }
            (None, None) if self.auth_token.is_none() => {
                problems.missing("twilio.auth_token", "signs in to Twilio, unless there is an API key");
            }
            _ => {}
        }
    }
}

fn origins<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    setting::list(from, "must be origins without a path, like https://flex.twilio.com", |text| {
        let is_origin = Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text);
        is_origin.then(|| text.to_owned())
    })
}
