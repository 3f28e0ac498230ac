//! `/api/connections`: with which vendors the account is connected, for admins. **Invariant:** who changes something is an
//! admin whom `integrations.editors` names; no secret is in an answer.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use wire::{
    Connection, ConnectionAnswer, ConnectionList, ConnectionProblem, ConnectionState, ConnectionTest,
    Disconnected, ErrorCode, TestStep,
};

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Admin, Json, Path, State},
    whose::Room,
};
use crate::{
    features::{
        accounts::Accounts,
        connections::{Change, ConnectionError, Connections, Listed, New, Step},
        sessions::Agent,
    },
    store::{StoreError, connections as stored},
};

type Answer<T> = ([(HeaderName, HeaderValue); 1], axum::Json<T>);

impl From<ConnectionError> for ApiError {
    fn from(error: ConnectionError) -> Self {
        use {ConnectionError as E, ErrorCode as Code};
        let because = |status, code, hint: &'static str, error| Self::caused(status, code, error).hint(hint);
        match error {
            E::Unknown(_) => {
                because(StatusCode::NOT_FOUND, Code::ConnectionNotFound, "Load the list again.", error)
            }
            E::InFile(_) => because(
                StatusCode::CONFLICT,
                Code::ConnectionInFile,
                "Operator: change the settings file, and restart Deskside.",
                error,
            ),
            E::Taken(_) | E::Changed(_) => because(
                StatusCode::CONFLICT,
                Code::ConnectionChanged,
                "Load the list again, and make your change to what is there now.",
                error,
            ),
            E::InUse { .. } => because(
                StatusCode::CONFLICT,
                Code::ConnectionInUse,
                "Remove it there, or delete what uses it.",
                error,
            ),
            E::Invalid { ref field, .. } => {
                let field = field.clone();
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionInvalid, error).field(&field)
            }
            E::SecretNeeded(_) => {
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionInvalid, error).hint(
                    "Enter the secret again: it is never sent to another address than it was given for.",
                )
            }
            E::Refused { .. } => {
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionTestFailed, error)
            }
            E::Unusable { .. } => because(
                StatusCode::CONFLICT,
                Code::ConnectionChanged,
                "Operator: run the version that wrote it, put the seal key back, or remove the connection.",
                error,
            ),
            E::Address(_) => Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionInvalid, error)
                .field("base_url"),
            E::Id(_)
            | E::NotJson { .. }
            | E::FileOnly(_)
            | E::Reserved(_)
            | E::Nothing(_)
            | E::Disconnected(_)
            | E::Locked(_) => Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionInvalid, error),
            E::Failed(ref steps) => {
                let hint = steps.iter().find(|step| !step.ok).and_then(|step| step.hint.clone());
                let hint = hint.unwrap_or_else(|| "Correct it, and save again.".to_owned());
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::ConnectionTestFailed, error).hint(hint)
            }
            E::NoConsent => because(
                StatusCode::NOT_FOUND,
                Code::AuthorizationInvalid,
                "Connect again from the console.",
                error,
            ),
            E::WrongNumber => {
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::AuthorizationNumberWrong, error)
                    .field("number")
            }
            E::Store(error @ StoreError::NoSealKey) => {
                Self::caused(StatusCode::CONFLICT, Code::SealKeyMissing, error)
                    .hint("Operator: set `server.seal_keys`, and restart Deskside.")
            }
            E::Store(error) => error.into(),
        }
    }
}

/// A connection that shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConnection {
    /// `zendesk`, `salesforce`, `mysql`, `postgres` or `report`.
    kind: String,
    name: String,
    #[serde(default)]
    environment: Option<String>,
    /// By kind.
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
    /// By kind; they are never answered.
    #[serde(default)]
    #[schema(value_type = Object)]
    secrets: Map<String, Value>,
}

/// What shall be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// What the change was made from.
    version: u64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    /// All of them, where one is different.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// Those that are new; others stay.
    #[serde(default)]
    #[schema(value_type = Object)]
    secrets: Map<String, Value>,
}

/// An admin who may change connections and integrations: how the ledger names them.
pub(super) fn editor(admin: &Agent, connections: &Connections) -> Result<String, ApiError> {
    if admin.is_in(connections.editors()) {
        return Ok(format!("agent:{}", admin.id));
    }
    let words = "you are not among the admins who may change connections and integrations, and see rows";
    Err(ApiError::new(StatusCode::FORBIDDEN, ErrorCode::ConnectionEditorsOnly, words)
        .hint("Operator: `integrations.editors` names them."))
}

/// `GET /api/connections`.
#[utoipa::path(get, path = "/api/connections", tag = "connections", security(("bearer" = [])),
    responses((status = 200, body = ConnectionList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn list(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
) -> Result<Answer<ConnectionList>, ApiError> {
    let all = connections.list().await?;
    Ok(answer(ConnectionList {
        connections: all.into_iter().map(connection).collect(),
        may_edit: editor(&admin, &connections).is_ok(),
        callback_url: connections.callback_url().to_owned(),
        keeps_secrets: connections.keeps_secrets(),
    }))
}

/// `POST /api/connections`: it is kept and tried; where it does not work, it says why.
#[utoipa::path(post, path = "/api/connections", tag = "connections", security(("bearer" = [])),
    request_body = NewConnection,
    responses((status = 201, body = ConnectionAnswer), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn create(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    State(accounts): State<Accounts>,
    Json(new): Json<NewConnection>,
) -> Result<(StatusCode, Answer<ConnectionAnswer>), ApiError> {
    let by = editor(&admin, &connections)?;
    let NewConnection { kind, name, environment, settings, secrets } = new;
    let new = New { kind, name, environment, settings, secrets };
    let (id, steps) = connections.create(&by, new).await?;
    follow(&accounts).await;
    let connection = connection(connections.one(&id).await?);
    Ok((StatusCode::CREATED, answer(ConnectionAnswer { connection, test: Some(test_of(steps)) })))
}

/// `PUT /api/connections/{id}`: new settings and secrets are tried before they replace the old ones.
#[utoipa::path(put, path = "/api/connections/{id}", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)), request_body = ConnectionChange,
    responses((status = 200, body = ConnectionAnswer), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn change(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
    Json(change): Json<ConnectionChange>,
) -> Result<Answer<ConnectionAnswer>, ApiError> {
    let by = editor(&admin, &connections)?;
    let ConnectionChange { version, name, environment, settings, secrets } = change;
    let change = Change { version, name, environment, settings, secrets };
    let steps = connections.update(&by, &id, change).await?;
    follow(&accounts).await;
    let connection = connection(connections.one(&id).await?);
    Ok(answer(ConnectionAnswer { connection, test: steps.map(test_of) }))
}

/// `POST /api/connections/{id}/test`: also with what the vendor refused before.
#[utoipa::path(post, path = "/api/connections/{id}/test", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = ConnectionTest), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn test(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Path(id): Path<String>,
) -> Result<Answer<ConnectionTest>, ApiError> {
    editor(&admin, &connections)?;
    Ok(answer(test_of(connections.test(&id, true).await?)))
}

/// `POST /api/connections/{id}/disconnect`: the vendor revokes its tokens at once, and what used it pauses.
#[utoipa::path(post, path = "/api/connections/{id}/disconnect", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Disconnected), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn disconnect(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<Answer<Disconnected>, ApiError> {
    let by = editor(&admin, &connections)?;
    let revocation = connections.disconnect(&by, &id).await?;
    follow(&accounts).await;
    let connection = connection(connections.one(&id).await?);
    Ok(answer(Disconnected { connection, revoked: revocation.revoked, hint: revocation.hint }))
}

/// `DELETE /api/connections/{id}`: forgets one that nothing uses; the vendor revokes its tokens at once. Answers what it was.
#[utoipa::path(delete, path = "/api/connections/{id}", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Disconnected), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn delete(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    State(accounts): State<Accounts>,
    Path(id): Path<String>,
) -> Result<Answer<Disconnected>, ApiError> {
    let by = editor(&admin, &connections)?;
    let connection = connection(connections.one(&id).await?);
    let revocation = connections.remove(&by, &id).await?;
    follow(&accounts).await;
    Ok(answer(Disconnected { connection, revoked: revocation.revoked, hint: revocation.hint }))
}

/// This replica follows the change at once; others look every few seconds, and so does this one where it cannot look now.
pub(super) async fn follow(accounts: &Accounts) {
    if let Err(error) = accounts.follow_connections().await {
        let error = crate::causes::with_causes(&error);
        tracing::warn!(%error, "a change of connections is followed a little later");
    }
}

fn answer<T>(body: T) -> Answer<T> {
    ([NO_STORE], axum::Json(body))
}

/// As it is told.
pub(super) fn connection(listed: Listed) -> Connection {
    let problem = listed.attention.map(|attention| ConnectionProblem {
        code: attention.code,
        message: attention.sentence,
        hint: attention.what_to_do,
    });
    Connection {
        id: listed.id,
        kind: listed.kind,
        name: listed.name,
        environment: listed.environment,
        state: listed.state.map(|state| match state {
            stored::ConnectionState::Connected => ConnectionState::Connected,
            stored::ConnectionState::NeedsAttention => ConnectionState::NeedsAttention,
            stored::ConnectionState::Disconnected => ConnectionState::Disconnected,
        }),
        problem,
        checked_at: listed.checked_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        in_file: listed.in_file,
        detail: listed.detail,
        settings: serde_json::from_str(&listed.settings).unwrap_or_default(),
        version: listed.version,
        used_by: listed.used_by,
    }
}

fn test_of(steps: Vec<Step>) -> ConnectionTest {
    let step = |step: Step| TestStep {
        name: step.name.to_owned(),
        ok: step.ok,
        message: step.message,
        hint: step.hint,
    };
    ConnectionTest { ok: steps.iter().all(|step| step.ok), steps: steps.into_iter().map(step).collect() }
}
