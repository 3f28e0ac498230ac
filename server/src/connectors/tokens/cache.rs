//! The tokens of one vendor account in this process: renewed before they end, fetched once however many calls wait for one.
//! **Invariant:** a client that was refused a token does not ask again with every call.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::{Token, TokenEndpoint, TokenSource};
use crate::connectors::{Advice, CallFailure, VendorError};

/// How long a refusal is believed, at most. Every card would ask for a token otherwise.
const REFUSED_FOR: TimeDelta = TimeDelta::seconds(30);

/// The tokens of one vendor account, in this process.
#[derive(Debug)]
pub(in crate::connectors) struct Tokens {
    endpoint: TokenEndpoint,
    source: TokenSource,
    /// Counts fetches, so that who waited for one shares its failure instead of failing again, one after the other.
    fetched: AtomicU64,
    last: tokio::sync::Mutex<Option<Fetched>>,
}

/// What became of asking for a token.
#[derive(Debug)]
struct Fetched {
    token: Result<Token, CallFailure>,
    at: DateTime<Utc>,
}

impl Tokens {
    pub(in crate::connectors) fn new(endpoint: TokenEndpoint, source: TokenSource) -> Self {
        Self { endpoint, source, fetched: AtomicU64::new(0), last: tokio::sync::Mutex::default() }
    }

    /// The token, fetched or renewed where necessary.
    pub(in crate::connectors) async fn current(&self) -> Result<SecretString, CallFailure> {
        Ok(self.other_than(None).await?.secret)
    }

    /// A token other than the one that the vendor just refused.
    pub(in crate::connectors) async fn instead_of(
        &self,
        refused: &SecretString,
    ) -> Result<SecretString, CallFailure> {
        Ok(self.other_than(Some(refused)).await?.secret)
    }

    /// The same with all that is known of the token.
    pub(in crate::connectors) async fn other_than(
        &self,
        refused: Option<&SecretString>,
    ) -> Result<Token, CallFailure> {
        let before = self.fetched.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        let is_refused =
            |token: &Token| refused.is_some_and(|r| r.expose_secret() == token.secret.expose_secret());
        let now = self.endpoint.exchange.clock().now();
        match last.as_ref().map(|last| (&last.token, last.at)) {
            Some((Ok(token), _)) if now < token.renew_at && !is_refused(token) => return Ok(token.clone()),
            Some((Err(failure), at))
                if self.fetched.load(Ordering::Acquire) != before || self.is_believed(failure, now - at) =>
            {
                return Err(failure.clone());
            }
            _ => {}
        }
        let token = match &self.source {
            TokenSource::ClientCredentials(client) => {
                self.endpoint.of_client(client).await.map(|granted| granted.token)
            }
            TokenSource::JwtBearer(bearer) => self.endpoint.of_jwt(bearer).await.map(|granted| granted.token),
            TokenSource::Refreshing(kept) => kept.token(&self.endpoint, refused).await,
        };
        *last = Some(Fetched { token: token.clone(), at: self.endpoint.exchange.clock().now() });
        self.fetched.fetch_add(1, Ordering::Release);
        token
    }

    /// Whether the vendor is not asked again yet after a failure of this age. A refresh token is another matter: whoever keeps it
    /// knows what was refused, and when somebody connected again.
    fn is_believed(&self, failure: &CallFailure, age: TimeDelta) -> bool {
        let wait = match (&self.source, failure.advice()) {
            (TokenSource::Refreshing(_), _) | (_, Advice::Retry) => TimeDelta::zero(),
            (_, Advice::GiveUp) => REFUSED_FOR,
            (_, Advice::RetryAfter(wait)) => {
                TimeDelta::from_std(wait).map_or(REFUSED_FOR, |wait| wait.min(REFUSED_FOR))
            }
        };
        (TimeDelta::zero()..wait).contains(&age)
    }
}
