//! An admin connects a vendor account by consent in the vendor's own pages. See ADR 24.
//! **Invariants:** a `state` is bound to account, kind, admin and session, lives ten minutes and is good for one answer; nothing is
//! connected before the same admin confirms it, in the same session, with the number that only the consent's own tab shows.

mod confirm; // what the admin does afterwards
mod refusal; // why it came to nothing

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::{BoxFuture, FutureExt};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;
use wire::ErrorCode;

pub use refusal::Refusal;
use refusal::{failed, missing, not_redeemed, refused};

use super::{ConnectionError, Connections, Kind, change::named, kind_of, kinds, oauth_secret::OauthSecret};
use crate::{
    causes::with_causes,
    connectors::{
        CallFailure, Code, ConsentRequest, FailureKind, Granted, RefreshGrant, Refreshing, Token,
        TokenEndpoint, Vendor, Verifier, word,
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
        /// By kind; without secrets.
        settings: Map<String, Value>,
        client_secret: Option<String>,
    },
    /// This one again, with the client that it has.
    Again(String),
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
    identity: Identity,
    refusal: Option<Refusal>,
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
        let kind = Kind::read(kind).filter(|kind| kind.is_kept());
        let kind = kind.ok_or_else(|| ConnectionError::invalid("kind", "must be zendesk or salesforce"))?;
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

    async fn wanted(&self, kind: Kind, wanted: Wanted) -> Result<(Detail, Option<String>), ConnectionError> {
        match wanted {
            Wanted::New { name, environment, mut settings, client_secret } => {
                settings.insert("flow".to_owned(), "web".into());
                let environment = environment.unwrap_or_else(|| "production".to_owned());
                let mut row = ConnectionRow::new(&self.account, "", kind.as_str());
                let wish = super::Wish {
                    name: Some(name),
                    environment: Some(environment),
                    settings: Some(Value::Object(settings).to_string()),
                    secret: None,
                };
                self.apply(&mut row, kind, wish)?;
                let detail = Detail {
                    name: named(&row.name)?,
                    environment: row.environment,
                    settings: row.settings,
                    ..Detail::default()
                };
                Ok((detail, client_secret.filter(|secret| !secret.is_empty())))
            }
            Wanted::Again(id) => {
                let row = self.row(&id).await?;
                if kind_of(&row)? != kind {
                    return Err(ConnectionError::invalid("kind", "is not the connection's"));
                }
                let secret = row.open(&self.seals).ok().flatten();
                let secret: Map<String, Value> =
                    secret.and_then(|secret| serde_json::from_slice(&secret).ok()).unwrap_or_default();
                let client_secret = secret.get("client_secret").and_then(Value::as_str).map(str::to_owned);
                let detail = Detail {
                    name: row.name,
                    environment: row.environment,
                    settings: row.settings,
                    again: Some(id),
                    identity: row.identity,
                    refusal: None,
                };
                Ok((detail, client_secret))
            }
        }
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

    /// A browser came back from a vendor: fetches the tokens, and keeps them until the admin confirms. An error in the error:
    /// the consent came to nothing, and this is why.
    pub async fn answered(&self, returned: Returned) -> Result<Result<Shown, Refusal>, ConnectionError> {
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let taken = authorizations::take(&mut tx, &self.account, &state_hash(&returned.state), now).await?;
        let mut row = taken.ok_or(ConnectionError::NoConsent)?;
        tx.commit().await?;
        let mut detail = read_detail(&row)?;
        let mut hidden = self.read_hidden(&row)?;
        let kind = Kind::read(&row.kind).ok_or(StoreError::corrupt("a consent of an unknown kind"))?;
        let vendor = kinds::consent(kind, &detail.settings, self)?;
        let answer = self.redeem(kind, &vendor, &detail, &hidden, returned).await;
        let shown = match answer {
            Ok((identity, tokens)) => {
                row.status = Status::Granted;
                hidden.number = format!("{:06}", rand::random_range(0..1_000_000));
                hidden.tokens = Some(tokens);
                detail.identity = identity.clone();
                row.seal(json(&hidden).as_bytes(), &self.seals)?;
                Ok(Shown { vendor: vendor.endpoint.vendor.name, identity, number: hidden.number })
            }
            Err(refusal) => {
                tracing::warn!(account = %self.account, kind = kind.as_str(), code = refusal.code.as_str(), "a consent came to nothing: {}", refusal.message);
                row.status = Status::Failed;
                row.forget_secret();
                detail.refusal = Some(refusal.clone());
                Err(refusal)
            }
        };
        row.detail = json(&detail);
        let mut tx = self.db().begin().await?;
        if !authorizations::settle(&mut tx, &row, Status::Answered).await? {
            return Err(ConnectionError::NoConsent);
        }
        tx.commit().await?;
        Ok(shown)
    }

    async fn redeem(
        &self,
        kind: Kind,
        vendor: &ConsentVendor,
        detail: &Detail,
        hidden: &Hidden,
        returned: Returned,
    ) -> Result<(Identity, OauthSecret), Refusal> {
        let Vendor { name, .. } = vendor.endpoint.vendor;
        let code = match returned {
            Returned { error: Some(error), description, .. } => {
                return Err(refused(name, &error, description.as_deref().unwrap_or_default()));
            }
            Returned { code: Some(code), .. } => code,
            Returned { .. } => {
                let message = format!("{name} sent neither a code nor an error");
                return Err(failed(message, "connect again from the console"));
            }
        };
        let verifier = Verifier::kept(hidden.verifier.clone());
        let redeemed = vendor.endpoint.redeemed(Code {
            client_id: &vendor.client_id,
            client_secret: hidden.client_secret.as_deref(),
            redirect_uri: &self.callback_url,
            code: &code,
            verifier: &verifier,
        });
        let (Granted { token, refresh_token }, scope) =
            redeemed.await.map_err(|error| not_redeemed(name, &error))?;
        let grant = || RefreshGrant {
            client_id: vendor.client_id.clone(),
            client_secret: hidden.client_secret.clone().map(Into::into),
            refresh_token: refresh_token.clone().unwrap_or_else(|| String::new().into()),
        };
        let end = || kinds::end(kind, &detail.settings, self, token.clone(), grant());
        let missing = missing(vendor.scope, scope.as_deref());
        if !missing.is_empty() {
            end().await;
            return Err(Refusal {
                code: ErrorCode::AuthorizationScope,
                message: format!("{name} did not grant {missing}"),
                hint: "add these scopes to the OAuth client, and connect again".to_owned(),
            });
        }
        let Some(refresh) = &refresh_token else {
            end().await;
            let message = format!("{name} gave no refresh token, so access would end within hours");
            return Err(failed(message, "let the OAuth client have refresh tokens, and connect again"));
        };
        let identity = kinds::identity(kind, &detail.settings, self, token.clone()).await;
        let identity = match identity {
            Ok(identity) => identity,
            Err(error) => {
                end().await;
                return Err(failed(
                    format!("{name} did not say whose access it is: {}", with_causes(&error)),
                    "connect again",
                ));
            }
        };
        let before = &detail.identity.organization_id;
        if !before.is_empty() && *before != identity.organization_id {
            end().await;
            let message = format!("this is another organization ({}) than before", identity.organization);
            return Err(failed(message, "sign in to the former one, or add a new connection"));
        }
        let tokens = OauthSecret {
            client_secret: hidden.client_secret.clone(),
            refresh_token: refresh.expose_secret().to_owned(),
            access_token: Some(token.secret.expose_secret().to_owned()),
            renew_at_us: token.renew_at.timestamp_micros(),
            instance_url: token.instance_url.clone(),
        };
        Ok((identity, tokens))
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
