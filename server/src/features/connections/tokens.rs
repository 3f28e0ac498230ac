//! Access tokens of a connection that has a refresh token, one renewal at a time over all replicas. See ADR 18.
//! **Invariants:** the new refresh token is committed before the new access token is used; no transaction is open while the
//! vendor is asked; a refresh token that the vendor refused is not shown again, unless a person asks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{BoxFuture, FutureExt};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;

use super::{Connections, LOCKED, locked_attention, notice};
use crate::{
    connectors::{CallFailure, FailureKind, Granted, RefreshGrant, Refreshing, Token, TokenEndpoint},
    store::{
        StoreError, Tx,
        connections::{self, Attention, ConnectionRow, ConnectionState},
    },
};

/// For so long nobody else asks the vendor after somebody began to.
const RENEWAL: Duration = Duration::from_secs(30);
/// The vendor has so long to answer; shorter, so that who began is done before anybody else begins.
const ANSWER: Duration = Duration::from_secs(20);
/// How often one who waits for another replica's renewal looks whether it is done.
const LOOK: Duration = Duration::from_millis(100);
/// How often new tokens are tried to be kept, and how far apart: nobody else has them.
const KEEP: (u32, Duration) = (10, Duration::from_secs(1));

/// A refresh token, and what came of it last.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OauthSecret {
    /// Absent for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
    /// Good for one renewal.
    pub(super) refresh_token: String,
    /// Good until `renew_at_us`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_token: Option<String>,
    /// Microseconds since 1970.
    #[serde(default)]
    pub(super) renew_at_us: i64,
    /// Where the access token is good, if the vendor says so (Salesforce).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instance_url: Option<Url>,
}

impl OauthSecret {
    /// What is kept of what a vendor granted. One that does not rotate gives no new refresh token.
    pub(super) fn granted(granted: &Granted, client_secret: Option<String>, refresh_token: String) -> Self {
        let Granted { token, refresh_token: next } = granted;
        Self {
            client_secret,
            refresh_token: next.as_ref().map_or(refresh_token, |next| next.expose_secret().to_owned()),
            access_token: Some(token.secret.expose_secret().to_owned()),
            renew_at_us: token.renew_at.timestamp_micros(),
            instance_url: token.instance_url.clone(),
        }
    }
}

/// Codes of connections whose vendor is not shown the same token again.
const OF_TOKENS: [&str; 3] = ["refresh_refused", "refresh_lost", "client_refused"];

const CONNECT_AGAIN: &str = "connect again on the console's page Connections";

/// Whether a connection needs attention because of its tokens.
pub(super) fn is_of_tokens(code: &str) -> bool {
    OF_TOKENS.contains(&code)
}

/// The tokens of one connection.
#[derive(Clone)]
pub(super) struct KeptTokens {
    connections: Connections,
    id: Arc<str>,
    client_id: Arc<str>,
    /// What was refused before is tried again, because a person asks.
    again: bool,
}

impl fmt::Debug for KeptTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptTokens({})", self.id)
    }
}

/// What became of a look at the row.
enum Look {
    /// A token that is good.
    Good(Token),
    /// Another replica is asking the vendor.
    Wait,
    /// We ask. True: somebody did before, and nobody knows what came of it.
    Ours(Box<ConnectionRow>, OauthSecret, bool),
}

impl Refreshing for KeptTokens {
    fn token<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        refused: Option<&'a SecretString>,
    ) -> BoxFuture<'a, Result<Token, CallFailure>> {
        self.find(endpoint, refused).boxed()
    }
}

impl KeptTokens {
    pub(super) fn new(connections: &Connections, id: &str, client_id: &str, again: bool) -> Self {
        Self { connections: connections.clone(), id: id.into(), client_id: client_id.into(), again }
    }

    async fn find(
        &self,
        endpoint: &TokenEndpoint,
        refused: Option<&SecretString>,
    ) -> Result<Token, CallFailure> {
        let until = Instant::now() + RENEWAL + LOOK;
        loop {
            match self.look(endpoint, refused).await? {
                Look::Good(token) => return Ok(token),
                Look::Wait if Instant::now() < until => tokio::time::sleep(LOOK).await,
                Look::Wait => {
                    return Err(self.failure(
                        endpoint,
                        FailureKind::Unavailable,
                        "another replica is renewing the tokens",
                    ));
                }
                Look::Ours(row, secret, unsure) => {
                    // In a task of its own: who asked may go away, and the vendor's answer would be lost with them.
                    let (kept, at) = (self.clone(), endpoint.clone());
                    let renewal = tokio::spawn(async move { kept.renew(&at, &row, secret, unsure).await });
                    let ended =
                        |_| Err(self.failure(endpoint, FailureKind::Unavailable, "the renewal was ended"));
                    if let Some(token) = renewal.await.unwrap_or_else(ended)? {
                        return Ok(token);
                    }
                }
            }
        }
    }

    /// Looks at the row under its lock, and takes the renewal where there is none.
    async fn look(
        &self,
        endpoint: &TokenEndpoint,
        refused: Option<&SecretString>,
    ) -> Result<Look, CallFailure> {
        let store = |error| self.unread(endpoint, error);
        let now = self.connections.clock().now();
        let mut tx = self.connections.db().begin().await.map_err(store)?;
        let row = self.read(&mut tx).await.map_err(store)?;
        let row =
            row.ok_or_else(|| self.failure(endpoint, FailureKind::Grant, "the connection was deleted"))?;
        let secret = match row.open(&self.connections.seals) {
            Ok(Some(secret)) => secret,
            Ok(None) => {
                return Err(self.failure(endpoint, FailureKind::Grant, "the connection has no secret"));
            }
            Err(locked) => {
                let attention = locked_attention(&locked);
                return self.ends(tx, &row, endpoint, FailureKind::Credentials, attention).await;
            }
        };
        let secret: OauthSecret = serde_json::from_slice(&secret).map_err(|_| {
            self.failure(endpoint, FailureKind::Grant, "the connection's secret is not one of OAuth")
        })?;
        let is_locked = |attention: &&Attention| attention.code == LOCKED;
        let was_refused = row.attention.as_ref().filter(|attention| is_of_tokens(&attention.code));
        match row.state {
            ConnectionState::Disconnected => {
                return Err(self.failure(endpoint, FailureKind::Grant, "the connection was ended"));
            }
            ConnectionState::NeedsAttention if !self.again => {
                if let Some(attention) = was_refused {
                    return Err(self.failure(endpoint, FailureKind::Grant, &attention.sentence));
                }
            }
            _ => {}
        }
        if let Some(token) = good(&secret, refused, now) {
            if row.attention.as_ref().is_some_and(|attention| is_locked(&attention)) {
                notice::settle(&self.connections, tx, &row, None).await.map_err(store)?;
            }
            return Ok(Look::Good(token));
        }
        if row.renewing_until.is_some_and(|until| now < until) {
            return Ok(Look::Wait);
        }
        let until = now + TimeDelta::from_std(RENEWAL).unwrap_or_default();
        connections::set_renewing(&mut tx, &row, Some(until)).await.map_err(store)?;
        tx.commit().await.map_err(store)?;
        let unsure = row.renewing_until.is_some();
        Ok(Look::Ours(Box::new(row), secret, unsure))
    }

    /// Asks the vendor, and keeps what it says. `None`: look again.
    async fn renew(
        &self,
        endpoint: &TokenEndpoint,
        row: &ConnectionRow,
        secret: OauthSecret,
        unsure: bool,
    ) -> Result<Option<Token>, CallFailure> {
        let grant = RefreshGrant {
            client_id: self.client_id.to_string(),
            client_secret: secret.client_secret.clone().map(Into::into),
            refresh_token: secret.refresh_token.clone().into(),
        };
        let asked = tokio::time::timeout(ANSWER, endpoint.renewed(&grant)).await;
        let asked = asked
            .unwrap_or_else(|_| Err(self.failure(endpoint, FailureKind::Unavailable, "no answer in time")));
        match asked {
            Ok(granted) => {
                let before = secret.instance_url;
                let mut secret = OauthSecret::granted(&granted, secret.client_secret, secret.refresh_token);
                secret.instance_url = secret.instance_url.or(before);
                let token = Token { instance_url: secret.instance_url.clone(), ..granted.token };
                let is_kept = self.keep(row, &secret).await.map_err(|error| self.unread(endpoint, error))?;
                Ok(is_kept.then_some(token))
            }
            Err(failure) => self.was_not_renewed(endpoint, row, failure, unsure).await,
        }
    }

    /// Commits tokens that nobody else has. False: the connection was given another secret meanwhile, which is used instead.
    async fn keep(&self, asked_for: &ConnectionRow, secret: &OauthSecret) -> Result<bool, StoreError> {
        let mut tries = 0;
        loop {
            match self.keep_once(asked_for, secret).await {
                Err(error) if tries < KEEP.0 && error.is_transient() => tries += 1,
                kept => return kept,
            }
            tokio::time::sleep(KEEP.1).await;
        }
    }

    async fn keep_once(&self, asked_for: &ConnectionRow, secret: &OauthSecret) -> Result<bool, StoreError> {
        let mut tx = self.connections.db().begin().await?;
        let Some(mut row) = self.read(&mut tx).await? else { return Ok(false) };
        // A new name does no harm; a new secret is somebody's, and prevails.
        if !has_same_secret(&row, asked_for, self) {
            return Ok(false);
        }
        let body = serde_json::to_vec(secret).map_err(|_| StoreError::corrupt("a connection's secret"))?;
        row.seal(&body, &self.connections.seals)?;
        connections::rotate(&mut tx, &row).await?;
        notice::settle(&self.connections, tx, &row, None).await?;
        Ok(true)
    }

    /// What to do where there is no new token.
    async fn was_not_renewed(
        &self,
        endpoint: &TokenEndpoint,
        row: &ConnectionRow,
        failure: CallFailure,
        unsure: bool,
    ) -> Result<Option<Token>, CallFailure> {
        let store = |error| self.unread(endpoint, error);
        let mut tx = self.connections.db().begin().await.map_err(store)?;
        let now = self.read(&mut tx).await.map_err(store)?;
        let Some(now) = now.filter(|now| has_same_secret(now, row, self)) else {
            return Ok(None); // somebody else has renewed, or changed the connection
        };
        let name = endpoint.vendor.name;
        let attention = match failure.kind {
            FailureKind::Grant if unsure => Attention {
                code: "refresh_lost".to_owned(),
                sentence: format!(
                    "{name} renewed the tokens once, and its answer was lost: the refresh token that is kept is used up"
                ),
                what_to_do: CONNECT_AGAIN.to_owned(),
            },
            FailureKind::Grant => Attention {
                code: "refresh_refused".to_owned(),
                sentence: format!(
                    "{name} does not accept the refresh token any more: it was revoked, used or too old"
                ),
                what_to_do: CONNECT_AGAIN.to_owned(),
            },
            FailureKind::Credentials | FailureKind::OauthClient => Attention {
                code: "client_refused".to_owned(),
                sentence: format!("{name} does not accept the OAuth client"),
                what_to_do: "correct the connection's `client_id` and `client_secret`".to_owned(),
            },
            kind => {
                // Whether the vendor has renewed is unknown, unless it only asks to wait.
                let until = (kind != FailureKind::RateLimited).then_some(self.connections.clock().now());
                connections::set_renewing(&mut tx, &now, until).await.map_err(store)?;
                tx.commit().await.map_err(store)?;
                return Err(failure);
            }
        };
        connections::set_renewing(&mut tx, &now, None).await.map_err(store)?;
        self.ends(tx, &now, endpoint, failure.kind, attention).await
    }

    /// Writes down what is wrong, and says it once.
    async fn ends<T>(
        &self,
        tx: Tx,
        row: &ConnectionRow,
        endpoint: &TokenEndpoint,
        kind: FailureKind,
        attention: Attention,
    ) -> Result<T, CallFailure> {
        let settled = notice::settle(&self.connections, tx, row, Some(&attention)).await;
        settled.map_err(|error| self.unread(endpoint, error))?;
        Err(self.failure(endpoint, kind, &attention.sentence))
    }

    async fn read(&self, tx: &mut Tx) -> Result<Option<ConnectionRow>, StoreError> {
        connections::read_locked(tx, &self.connections.account, &self.id).await
    }

    fn unread(&self, endpoint: &TokenEndpoint, error: StoreError) -> CallFailure {
        let said = "the database does not give or take its tokens";
        self.failure(endpoint, FailureKind::Unavailable, said).caused(Arc::new(error))
    }

    fn failure(&self, endpoint: &TokenEndpoint, kind: FailureKind, said: &str) -> CallFailure {
        let sentence = format!("connection `{}`: {said}", self.id);
        CallFailure::saying(endpoint.vendor, endpoint.call, kind, sentence)
    }
}

/// The kept access token, where it is neither old nor refused.
fn good(secret: &OauthSecret, refused: Option<&SecretString>, now: DateTime<Utc>) -> Option<Token> {
    let token = secret.access_token.as_ref()?;
    let renew_at = DateTime::from_timestamp_micros(secret.renew_at_us)?;
    let is_refused = refused.is_some_and(|refused| refused.expose_secret() == token);
    (now < renew_at && !is_refused).then(|| Token {
        secret: token.clone().into(),
        renew_at,
        instance_url: secret.instance_url.clone(),
    })
}

/// Whether two readings of a row have the same refresh token.
fn has_same_secret(one: &ConnectionRow, other: &ConnectionRow, tokens: &KeptTokens) -> bool {
    let refresh = |row: &ConnectionRow| {
        let secret = row.open(&tokens.connections.seals).ok().flatten()?;
        Some(serde_json::from_slice::<OauthSecret>(&secret).ok()?.refresh_token)
    };
    let one = refresh(one);
    one.is_some() && one == refresh(other)
}
