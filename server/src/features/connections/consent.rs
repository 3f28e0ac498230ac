//! An admin connects a vendor account by consent in the vendor's own pages. See ADR 24.
//! **Invariants:** a `state` is bound to account, kind, admin and session, lives ten minutes and is good for one answer; nothing is
//! connected before the same admin confirms it, in the same session, with the number that only the consent's own tab shows.

mod answer; // what comes back
mod confirm; // what the admin does afterwards
mod refusal; // why it came to nothing
mod wanted; // what shall be connected

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::{BoxFuture, FutureExt};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;

pub use refusal::Refusal;

use super::{ConnectionError, Connections, Kind, kinds, oauth_secret::OauthSecret};
use crate::{
    causes::with_causes,
    connectors::{
        CallFailure, ConsentRequest, FailureKind, Refreshing, Token, TokenEndpoint, Verifier, word,
    },
    store::{
        StoreError,
        authorizations::{self, AuthorizationRow, AuthorizationStatus as Status},
        connections::{ConnectionRow, Identity},
    },
};

/// How long a consent may take, until it is confirmed.
const LIFE: TimeDelta = TimeDelta::minutes(10);
/// How many numbers an admin may type.
const TRIES: u64 = 5;

/// What shall be connected.
#[derive(Debug)]
pub enum Wanted {
    /// A new connection.
    New {
        name: String,
        environment: Option<String>,
        /// `host`, `client_id`.
        settings: Map<String, Value>,
        client_secret: Option<String>,
    },
    /// This one again. What is absent stays as it is.
    Again {
        id: String,
        name: Option<String>,
        environment: Option<String>,
        /// Those that are new, of `host` and `client_id`.
        settings: Map<String, Value>,
        /// Needed where the one that is kept does not open, is gone, or was given for another address or client.
        client_secret: Option<String>,
    },
}

/// Who asks, and in which session.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    pub agent_id: u64,
    pub session: u64,
}

/// Where an admin is sent.
#[derive(Debug)]
pub struct Begun {
    pub id: String,
    pub url: Url,
}

/// How a consent stands.
#[derive(Debug)]
pub struct Consent {
    pub status: Status,
    pub identity: Identity,
    pub refusal: Option<Refusal>,
}

/// What a vendor sends an admin's browser back with.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
    pub description: Option<String>,
}

/// What the tab of a consent shows.
#[derive(Debug)]
pub struct Shown {
    pub vendor: &'static str,
    pub identity: Identity,
    /// What the admin types in the console.
    pub number: String,
}

/// A vendor that asks for consent.
pub(super) struct ConsentVendor {
    pub(super) page: Url,
    pub(super) endpoint: TokenEndpoint,
    pub(super) client_id: String,
    pub(super) scope: &'static str,
}

/// What is kept of a consent without its secrets.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Detail {
    name: String,
    environment: String,
    settings: String,
    /// The connection that is connected again.
    again: Option<String>,
    /// As it was then.
    #[serde(default)]
    version: Option<u64>,
    /// Its parts that are different now.
    #[serde(default)]
    changes: Vec<String>,
    identity: Identity,
    refusal: Option<Refusal>,
}

impl Detail {
    /// Whether the connection that is connected again is as it was when the admin began.
    fn is_of(&self, row: &ConnectionRow) -> bool {
        self.version.map_or_else(|| row.settings == self.settings, |version| version == row.version)
    }
}

/// What is kept of it sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Hidden {
    verifier: String,
    client_secret: Option<String>,
    number: String,
    tokens: Option<OauthSecret>,
}

/// A token that is used as it is.
struct Given(Token);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given")
    }
}

impl Refreshing for Given {
    fn token<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        refused: Option<&'a SecretString>,
    ) -> BoxFuture<'a, Result<Token, CallFailure>> {
        let refused = refused.map(|_| CallFailure::new(endpoint.vendor, endpoint.call, FailureKind::Token));
        std::future::ready(refused.map_or_else(|| Ok(self.0.clone()), Err)).boxed()
    }
}

/// A source of one token.
pub(super) fn given(token: Token) -> Arc<dyn Refreshing> {
    Arc::new(Given(token))
}

impl Connections {
    /// Sends an admin to a vendor's consent page. What they began before and the vendor has not answered is over.
    pub async fn authorize(&self, by: Asker, kind: &str, wanted: Wanted) -> Result<Begun, ConnectionError> {
        if !self.keeps_secrets() {
            return Err(StoreError::NoSealKey.into());
        }
        let kind = Kind::read_oauth(kind)?;
        let (detail, client_secret) = self.wanted(kind, wanted).await?;
        let vendor = kinds::consent(kind, &detail.settings, self)?;
        let (verifier, state) = (Verifier::fresh(), word());
        let request = ConsentRequest {
            page: &vendor.page,
            client_id: &vendor.client_id,
            redirect_uri: &self.callback_url,
            scope: vendor.scope,
            state: &state,
            verifier: &verifier,
        };
        let url = request.url();
        let now = self.clock().now();
        let id = uuid::Uuid::now_v7().simple().to_string();
        let mut row =
            AuthorizationRow::new(&self.account, &id, kind.as_str(), (by.agent_id, by.session), now + LIFE);
        row.detail = json(&detail);
        let hidden = Hidden { verifier: verifier.expose().to_owned(), client_secret, ..Hidden::default() };
        row.seal(json(&hidden).as_bytes(), &self.seals)?;
        let mut tx = self.db().begin().await?;
        authorizations::delete_waiting(&mut tx, &self.account, by.agent_id).await?;
        authorizations::insert(&mut tx, &row, &state_hash(&state)).await?;
        tx.commit().await?;
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.end_expired().await {
                tracing::warn!(account = %this.account, error = %with_causes(&error), "consents that are over stay for the weekly look");
            }
        });
        Ok(Begun { id, url })
    }

    /// How a consent of this admin stands.
    pub async fn consent(&self, by: Asker, id: &str) -> Result<Consent, ConnectionError> {
        let row = self.consent_of(by, id).await?;
        let Detail { identity, refusal, .. } = read_detail(&row)?;
        Ok(Consent { status: row.status, identity, refusal })
    }

    async fn consent_of(&self, by: Asker, id: &str) -> Result<AuthorizationRow, ConnectionError> {
        let row = authorizations::read(self.db(), &self.account, id).await?;
        let now = self.clock().now();
        let is_theirs = |row: &AuthorizationRow| (row.agent_id, row.session) == (by.agent_id, by.session);
        row.filter(|row| is_theirs(row) && now < row.expires_at).ok_or(ConnectionError::NoConsent)
    }

    fn read_hidden(&self, row: &AuthorizationRow) -> Result<Hidden, StoreError> {
        let corrupt = || StoreError::corrupt("a consent's secret");
        let hidden = row.open(&self.seals).map_err(|_| corrupt())?.unwrap_or_else(|| b"{}".to_vec());
        serde_json::from_slice(&hidden).map_err(|_| corrupt())
    }
}

/// By which a `state` is found.
pub fn state_hash(state: &str) -> String {
    hex::encode(Sha256::digest(state))
}

/// The account of the consent to which a `state` belongs, where nobody has used it.
pub async fn account_of(
    db: &crate::store::Db,
    state: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<String>, StoreError> {
    authorizations::account_of(db, &state_hash(state), now).await
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers are JSON")
}

fn read_detail(row: &AuthorizationRow) -> Result<Detail, StoreError> {
    serde_json::from_str(&row.detail).map_err(|_| StoreError::corrupt("a consent's detail"))
}
