//! Our own token: a JWT that any replica can read without asking anyone. **Invariant:** no I/O; `now` is an argument.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use wire::{HostName, Role, UserId};

use super::Reach;

/// What a bearer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Where its holder sits.
    pub host: HostName,
    /// Who they are, once proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentClaim>,
    /// `WK…`, where a Flex token opened the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_sid: Option<String>,
    /// Workers may be able to change what named the agent: it is not renewed where the agent has become an admin.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub never_admin: bool,
    /// When the first bearer of this chain was given, seconds since the epoch.
    pub since: i64,
    /// Names the chain: a renewed bearer has the same. Bearers of an older server have none.
    #[serde(default)]
    pub chain: u64,
}

/// Who the holder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentClaim {
    /// Zendesk's id.
    pub id: UserId,
    /// As Zendesk says.
    pub role: Role,
    /// Which tickets they may see.
    pub reach: Reach,
    /// Whether they may view customers who have no ticket before them.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub views_users: bool,
    /// Which of the roles and groups that settings name they belong to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
}

/// A bearer of ours; whether its time is over is asked whenever it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The Zendesk subdomain of the account that it is for.
    pub account: Arc<str>,
    /// What it says.
    pub claims: Claims,
    /// Its end, seconds since the epoch.
    pub expires: i64,
}

impl Bearer {
    /// Refuses it when its time is over.
    pub fn in_time(&self, now: DateTime<Utc>) -> Result<(), BearerError> {
        if self.expires <= now.timestamp() { Err(BearerError::Expired) } else { Ok(()) }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    iss: String,
    account: String,
    exp: i64,
    #[serde(flatten)]
    claims: Claims,
}

/// Why a bearer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// App: renew, or ask the agent to reload.
    #[error("this session has expired")]
    Expired,
    /// Agent: reload the panel. Support: a token of another server or account, or a forged one.
    #[error("this session is not valid for this server and account")]
    Invalid,
}

const ISSUER: &str = "deskside";

/// Signs and reads bearers.
#[derive(Clone)]
pub struct BearerKey {
    sign: EncodingKey,
    read: DecodingKey,
}

impl BearerKey {
    /// From key bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self { sign: EncodingKey::from_secret(bytes), read: DecodingKey::from_secret(bytes) }
    }

    /// From the operator's secret, of which this is one use among others.
    pub fn derived(secret: &SecretString) -> Self {
        Self::new(&derived(secret.expose_secret().as_bytes(), "deskside bearer v1"))
    }

    /// A token for `claims`.
    pub fn write(&self, claims: &Claims, account: &str, expires: DateTime<Utc>) -> String {
        let envelope = Envelope {
            iss: ISSUER.into(),
            account: account.into(),
            exp: expires.timestamp(),
            claims: claims.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &envelope, &self.sign)
            .expect("claims are plain data and HMAC takes any key")
    }

    /// Reads a token of any account, also one whose time is over.
    pub fn read(&self, token: &str) -> Result<Bearer, BearerError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.validate_exp = false; // by our own clock: `Bearer::in_time`
        validation.set_required_spec_claims(&["exp", "iss"]);
        let envelope = jsonwebtoken::decode::<Envelope>(token, &self.read, &validation)
            .map_err(|_| BearerError::Invalid)?
            .claims;
        Ok(Bearer { account: envelope.account.into(), claims: envelope.claims, expires: envelope.exp })
    }
}

/// A key for one purpose; none tells anything of another, or of the secret.
pub fn derived(secret: &[u8], purpose: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_bearer_names_its_account_and_is_good_for_its_key_and_its_time() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let key = BearerKey::new(b"a key of this server, thirty-two bytes");
        let agent = AgentClaim {
            id: UserId(9001),
            role: Role::Agent,
            reach: Reach::All,
            views_users: true,
            audiences: vec!["groups:31".to_owned()],
        };
        let claims = Claims {
            host: HostName::Flex,
            agent: Some(agent),
            worker_sid: Some("WK1".to_owned()),
            never_admin: true,
            since: now.timestamp(),
            chain: 1,
        };
        let token = key.write(&claims, "acme", now + TimeDelta::minutes(15));
        let elsewhere = key.write(&claims, "globex", now + TimeDelta::minutes(15));
        let (head, rest) = token.split_once('.').expect("a JWT");
        let other = BearerKey::new(b"a key of another server, thirty-two b");
        for (what, key, token, minutes, expected) in [
            ("as issued", &key, token.clone(), 14, Ok(("acme", claims.clone()))),
            ("expired", &key, token.clone(), 15, Err(BearerError::Expired)),
            ("another account's", &key, elsewhere, 0, Ok(("globex", claims))),
            ("other key", &other, token.clone(), 0, Err(BearerError::Invalid)),
            ("changed", &key, format!("{head}.A{rest}"), 0, Err(BearerError::Invalid)),
            ("unsigned", &key, format!("eyJhbGciOiJub25lIn0.{rest}"), 0, Err(BearerError::Invalid)),
            ("nothing", &key, String::new(), 0, Err(BearerError::Invalid)),
        ] {
            let read = key.read(&token).and_then(|bearer| {
                bearer.in_time(now + TimeDelta::minutes(minutes))?;
                Ok(bearer)
            });
            let read = read.as_ref().map(|bearer| (&*bearer.account, bearer.claims.clone()));
            assert_eq!(read.map_err(|error| *error), expected, "{what}");
        }
    }
}
