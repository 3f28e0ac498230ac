//! Zendesk's signed page token: RS256 by the app's own key, good once. Claims: `iss` the account's host, `aud` the
//! installation, `exp`; `sub` the agent, where Zendesk sends it.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use wire::{HostName, SessionDocument, UserId};

use super::{AgentError, Sessions, Viewer};
use crate::{
    clock::Clock,
    connectors::zendesk::{ZendeskClient, ZendeskError},
    store::{StoreError, signed_tokens},
};

/// Clocks differ by at most this much.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// Why a page is not opened.
#[derive(Debug, thiserror::Error)]
pub enum SignedTokenError {
    /// Forged, malformed, or signed by another app.
    #[error("Zendesk's token is not signed by this app's key")]
    Invalid,
    /// Too old, or from the future.
    #[error("Zendesk's token has expired")]
    Expired,
    /// For another app or installation.
    #[error("Zendesk's token is for another app")]
    WrongAudience,
    /// Of another account.
    #[error("Zendesk's token is for another account")]
    WrongAccount,
    /// Seen before.
    #[error("Zendesk's token was already used")]
    Replayed,
    /// The user behind it may not use Deskside.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The app's key could not be read.
    #[error("Zendesk did not return the signing key of app {0}")]
    Key(u64, #[source] Arc<ZendeskError>),
    /// The database could not remember the token.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
struct PageClaims {
    iss: String,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    #[serde(default)]
    sub: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Sessions {
    /// A session for the page that Zendesk opens with `token`.
    pub async fn open_page(&self, token: &str) -> Result<SessionDocument, SignedTokenError> {
        let inner = &self.0;
        let now = inner.clock.now();
        let claims = inner.page_key.verify(token).await?;
        let ours = Ours { account: &inner.account, origin: &inner.zendesk_origin };
        ours.check(&claims, now)?;
        let digest = hex::encode(Sha256::digest(token.as_bytes()));
        let forget_at = DateTime::from_timestamp(claims.exp, 0).unwrap_or(now) + SKEW;
        if !signed_tokens::spend(&inner.db, &inner.account, &digest, forget_at, now).await? {
            return Err(SignedTokenError::Replayed);
        }
        let agent = match claims.sub.as_ref().and_then(subject) {
            Some(id) => Some(inner.directory.agent(id).await?),
            None => None,
        };
        let viewer = Viewer::beginning(Arc::clone(&inner.account), HostName::Zendesk, now);
        Ok(self.issue(&viewer, agent.as_deref()))
    }
}

/// What a token must say to be ours.
struct Ours<'a> {
    account: &'a str,
    origin: &'a url::Url,
}

impl Ours<'_> {
    fn check(&self, claims: &PageClaims, now: DateTime<Utc>) -> Result<(), SignedTokenError> {
        if !self.is_account(host(&claims.iss)) {
            return Err(SignedTokenError::WrongAccount);
        }
        let audience = match &claims.aud {
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Several(several) => several,
        };
        if !audience.iter().any(|audience| self.is_installation(audience)) {
            return Err(SignedTokenError::WrongAudience);
        }
        let skewed = now.timestamp();
        let too_early =
            [claims.nbf, claims.iat].into_iter().flatten().any(|t| t > skewed + SKEW.num_seconds());
        if claims.exp + SKEW.num_seconds() <= skewed || too_early {
            return Err(SignedTokenError::Expired);
        }
        Ok(())
    }

    fn is_account(&self, host: &str) -> bool {
        host.strip_suffix(".zendesk.com") == Some(self.account) || self.origin.host_str() == Some(host)
    }

    /// `https://{account}.zendesk.com/api/v2/apps/installations/{id}.json`.
    fn is_installation(&self, audience: &str) -> bool {
        let Ok(url) = url::Url::parse(audience) else { return false };
        let id =
            url.path().strip_prefix("/api/v2/apps/installations/").map(|id| id.trim_end_matches(".json"));
        url.host_str().is_some_and(|host| self.is_account(host))
            && id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// `https://acme.zendesk.com/api/v2/users/{id}.json`, or the bare id.
fn subject(sub: &serde_json::Value) -> Option<UserId> {
    if let Some(id) = sub.as_u64() {
        return Some(UserId(id));
    }
    let last = sub.as_str()?.rsplit('/').next()?.trim_end_matches(".json");
    last.parse().ok().filter(|id| *id > 0).map(UserId)
}

/// The app's public key: cached, and read once more when a signature does not fit, because keys are rotated.
/// **Invariant:** whoever fits the cached key never waits for Zendesk, nor for those who do not fit.
pub(super) struct PageKey {
    zendesk: ZendeskClient,
    app_id: u64,
    clock: Clock,
    cached: std::sync::RwLock<Option<String>>,
    /// Held while the key is read: when a re-read last brought nothing new. Forged tokens must not turn into a stream
    /// of calls.
    vain: Mutex<Option<DateTime<Utc>>>,
}

/// How long after a re-read in vain no other is made.
const VAIN_FOR: TimeDelta = TimeDelta::seconds(30);

impl PageKey {
    pub(super) fn new(zendesk: ZendeskClient, app_id: u64, clock: Clock) -> Self {
        Self { zendesk, app_id, clock, cached: std::sync::RwLock::default(), vain: Mutex::default() }
    }

    async fn verify(&self, token: &str) -> Result<PageClaims, SignedTokenError> {
        // A token that is not even shaped like one costs no call.
        if jsonwebtoken::decode_header(token).map(|header| header.alg) != Ok(Algorithm::RS256) {
            return Err(SignedTokenError::Invalid);
        }
        let known = self.known();
        if let Some(pem) = &known {
            match decode(token, pem) {
                Err(SignedTokenError::Invalid) => {}
                outcome => return outcome,
            }
        }
        match self.other_than(known).await? {
            Some(pem) => decode(token, &pem),
            None => Err(SignedTokenError::Invalid),
        }
    }

    fn known(&self) -> Option<String> {
        self.cached.read().expect("no holder panics").clone()
    }

    /// The key, if it is another one than `known`; asks Zendesk, but not again soon after it did so in vain.
    async fn other_than(&self, known: Option<String>) -> Result<Option<String>, SignedTokenError> {
        let mut vain = self.vain.lock().await;
        let meanwhile = self.known();
        if meanwhile != known {
            return Ok(meanwhile); // somebody else has read it
        }
        let now = self.clock.now();
        if known.is_some() && vain.is_some_and(|at| now - at < VAIN_FOR) {
            return Ok(None);
        }
        *vain = Some(now);
        let read = self.zendesk.app_public_key(self.app_id).await;
        let read = read.map_err(|error| SignedTokenError::Key(self.app_id, Arc::new(error)))?;
        if known.as_ref() == Some(&read) {
            return Ok(None);
        }
        *vain = None;
        *self.cached.write().expect("no holder panics") = Some(read.clone());
        Ok(Some(read))
    }
}

/// The host that a page's token names as its account. **Not checked:** it says whom to ask whether the token is good.
pub fn issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let Named { iss } = serde_json::from_slice(&claims).ok()?;
    Some(host(&iss).to_owned())
}

/// Zendesk writes `iss` with and without the scheme.
fn host(iss: &str) -> &str {
    iss.trim_start_matches("https://").trim_end_matches('/')
}

fn decode(token: &str, pem: &str) -> Result<PageClaims, SignedTokenError> {
    let key = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| SignedTokenError::Invalid)?;
    let mut validation = Validation::new(Algorithm::RS256);
    // Times and names are checked by `Ours`, each with its own refusal.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    jsonwebtoken::decode::<PageClaims>(token, &key, &validation).map(|data| data.claims).map_err(|error| {
        match error.kind() {
            ErrorKind::ExpiredSignature => SignedTokenError::Expired,
            _ => SignedTokenError::Invalid,
        }
    })
}

#[cfg(test)]
mod tests;
