//! Our access token: OAuth client credentials, renewed before it ends, fetched once however many calls wait for it.
//! The token never leaves this connector.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::ZendeskError;
use super::error::{failed, no_token, undecodable};
use crate::connectors::{Exchange, Repeat};

const CALL: &str = "POST /oauth/tokens";
/// Where Zendesk does not say how long a token lives.
const DEFAULT_LIFE: i64 = 30 * 60;
/// The longest life, two days. Zendesk's page on client credentials speaks of milliseconds where its table says seconds;
/// whatever is above this can only be milliseconds.
const LONGEST_LIFE: i64 = 172_800;

/// An OAuth client of the account, acting as the user it belongs to.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientCredentials {
    /// The client's unique identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What to ask for, like `read write`.
    pub scope: String,
}

/// The one token of an account.
#[derive(Debug)]
pub(super) struct Tokens {
    exchange: Exchange,
    url: Url,
    credentials: ClientCredentials,
    /// Counts fetches, so that who waited for one shares its failure instead of failing again, one after the other.
    fetched: AtomicU64,
    last: tokio::sync::Mutex<Option<Result<Token, ZendeskError>>>,
}

#[derive(Debug, Clone)]
struct Token {
    secret: SecretString,
    renew_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Ask<'a> {
    grant_type: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    scope: &'a str,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    scope: Option<String>,
}

impl Tokens {
    pub(super) fn new(exchange: Exchange, url: Url, credentials: ClientCredentials) -> Self {
        Self { exchange, url, credentials, fetched: AtomicU64::new(0), last: tokio::sync::Mutex::default() }
    }

    /// The token, fetched or renewed where necessary.
    pub(super) async fn current(&self) -> Result<SecretString, ZendeskError> {
        self.other_than(None).await
    }

    /// A token other than the one Zendesk just refused.
    pub(super) async fn instead_of(&self, refused: &SecretString) -> Result<SecretString, ZendeskError> {
        self.other_than(Some(refused)).await
    }

    async fn other_than(&self, refused: Option<&SecretString>) -> Result<SecretString, ZendeskError> {
        let before = self.fetched.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        let is_refused =
            |token: &Token| refused.is_some_and(|r| r.expose_secret() == token.secret.expose_secret());
        match &*last {
            Some(Ok(token)) if self.exchange.clock().now() < token.renew_at && !is_refused(token) => {
                return Ok(token.secret.clone());
            }
            Some(Err(error)) if self.fetched.load(Ordering::Acquire) != before => return Err(error.clone()),
            _ => {}
        }
        let fetched = self.fetch().await;
        *last = Some(fetched.clone());
        self.fetched.fetch_add(1, Ordering::Release);
        fetched.map(|token| token.secret)
    }

    async fn fetch(&self) -> Result<Token, ZendeskError> {
        let ClientCredentials { client_id, client_secret, scope } = &self.credentials;
        let client_secret = client_secret.expose_secret();
        let ask = Ask { grant_type: "client_credentials", client_id, client_secret, scope };
        let request = self
            .exchange
            .http()
            .post(self.url.clone())
            .json(&ask)
            .build()
            .expect("strings are JSON, the URL is parsed");
        let asked_at = self.exchange.clock().now();
        let answer =
            self.exchange.send(CALL, Repeat::Safe, request).await.map_err(|error| failed(CALL, error))?;
        if !answer.status.is_success() {
            return Err(no_token(CALL, &answer, asked_at));
        }
        let granted: Granted =
            serde_json::from_slice(&answer.body).map_err(|error| undecodable(CALL, error))?;
        self.compare(granted.scope.as_deref());
        Ok(Token { secret: granted.access_token, renew_at: asked_at + usable_for(granted.expires_in) })
    }

    /// A mistyped scope yields a token that is refused everywhere; so say early what is missing.
    fn compare(&self, granted: Option<&str>) {
        let Some(granted) = granted else { return };
        let granted: BTreeSet<_> = granted.split_whitespace().collect();
        let missing: Vec<_> =
            self.credentials.scope.split_whitespace().filter(|s| !granted.contains(s)).collect();
        if !missing.is_empty() {
            let missing = missing.join(" ");
            tracing::warn!(
                vendor = "zendesk",
                missing,
                "Zendesk granted a token without the scope `{missing}`; compare `zendesk.scope` with the OAuth client"
            );
        }
    }
}

/// Renewed a minute before the end, or after nine tenths of a short life.
fn usable_for(expires_in: Option<i64>) -> TimeDelta {
    let life = match expires_in.unwrap_or(DEFAULT_LIFE).max(0) {
        milliseconds if milliseconds > LONGEST_LIFE => milliseconds / 1000,
        seconds => seconds,
    };
    TimeDelta::seconds(life - (life / 10).min(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends_whatever_unit_zendesk_meant() {
        let check = |expires_in, expected| assert_eq!(usable_for(expires_in).num_seconds(), expected);
        check(Some(300), 270);
        check(Some(1800), 1740);
        check(Some(172_800), 172_740);
        check(Some(1_800_000), 1740);
        check(None, 1740);
        check(Some(0), 0);
        check(Some(-1), 0);
    }
}
