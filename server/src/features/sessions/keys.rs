//! The operator's keys: `server.secret_key` and `server.seal_keys`. **Invariant:** a refused key is not quoted.

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error};

use crate::setting;

/// The operator's keys.
#[derive(Debug, Clone, Deserialize)]
pub struct Keys {
    #[serde(deserialize_with = "secret_key")]
    pub(crate) secret_key: Option<SecretString>,
    /// Encrypt what the database keeps secret: the first seals, all open.
    #[serde(deserialize_with = "seal_keys")]
    pub(crate) seal_keys: Vec<SealKey>,
}

/// A key of `server.seal_keys`.
#[derive(Debug, Clone)]
pub struct SealKey {
    /// Its name, which stands beside what it encrypted.
    pub(crate) id: String,
    /// 32 bytes in base64.
    text: SecretString,
}

impl SealKey {
    /// The key itself.
    pub fn bytes(&self) -> [u8; 32] {
        decoded(self.text.expose_secret()).expect("it was decoded when it was read")
    }
}

fn secret_key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    let must = "must have at least 32 bytes; `openssl rand -base64 32` makes one";
    setting::optional(from, must, |text| (text.len() >= 32).then(|| text.into()))
}

fn seal_keys<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SealKey>, D::Error> {
    let must = "must be a list of `id:key`, where the id has letters and digits, and the key is 32 bytes in base64, as \
                `openssl rand -base64 32` makes one";
    let keys = setting::list(from, must, |text| {
        let (id, key) = text.split_once(':').filter(|(id, key)| is_id(id) && decoded(key).is_some())?;
        Some(SealKey { id: id.to_owned(), text: key.into() })
    })?;
    let is_twice = |(place, key): (usize, &SealKey)| keys[..place].iter().any(|known| known.id == key.id);
    if keys.iter().enumerate().any(is_twice) {
        return Err(D::Error::custom("has two keys with one id; give each its own"));
    }
    Ok(keys)
}

fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn decoded(key: &str) -> Option<[u8; 32]> {
    BASE64_STANDARD.decode(key).ok()?.try_into().ok()
}
