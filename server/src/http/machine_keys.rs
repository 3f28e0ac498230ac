//! `/api/machine-keys`: keys by which the account's own machines start runs. **Invariant:** those whom `integrations.editors` names make,
//! list and revoke them; a key is in one answer, the one that made it.

use axum::http::StatusCode;
use secrecy::ExposeSecret;
use wire::{ErrorCode, MachineKey, MachineKeyList, MadeMachineKey, NewMachineKey};

use super::{
    connections::editor,
    error::ApiError,
    extract::{Admin, Json, Path},
    integrations::{Document, told},
    whose::Room,
};
use crate::features::{
    connections::Connections,
    machine_keys::{MachineKeyError, MachineKeys},
};

impl From<MachineKeyError> for ApiError {
    fn from(error: MachineKeyError) -> Self {
        use {ErrorCode as Code, MachineKeyError as E};
        match error {
            E::Invalid => Self::caused(StatusCode::UNAUTHORIZED, Code::MachineKeyInvalid, error).hint(
                "An editor makes another key: `POST /api/machine-keys`, or `deskside machine-keys create`.",
            ),
            E::NotFound(_) => Self::caused(StatusCode::NOT_FOUND, Code::MachineKeyNotFound, error),
            E::Name => {
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, Code::MachineKeyName, error).field("name")
            }
            E::Taken(_) => Self::caused(StatusCode::CONFLICT, Code::MachineKeyName, error).field("name"),
            E::Full => Self::caused(StatusCode::CONFLICT, Code::MachineKeysFull, error),
            E::TooMany(error) => Self::caused(StatusCode::TOO_MANY_REQUESTS, Code::TooManyRequests, error)
                .hint("`?wait=60` waits for the end of a run; a machine needs few other requests.")
                .retry_after(Some(error.retry_after)),
            E::Store(error) => error.into(),
        }
    }
}

/// `GET /api/machine-keys`.
#[utoipa::path(get, path = "/api/machine-keys", tag = "integrations", security(("bearer" = [])),
    responses((status = 200, body = MachineKeyList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn list(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(keys): Room<MachineKeys>,
) -> Result<Document<MachineKeyList>, ApiError> {
    editor(&admin, &connections)?;
    Ok(told(MachineKeyList { keys: keys.list().await?, address: keys.address().to_owned() }))
}

/// `POST /api/machine-keys`: `token` is shown this once.
#[utoipa::path(post, path = "/api/machine-keys", tag = "integrations", security(("bearer" = [])),
    request_body = NewMachineKey,
    responses((status = 201, body = MadeMachineKey), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn create(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(keys): Room<MachineKeys>,
    Json(NewMachineKey { name }): Json<NewMachineKey>,
) -> Result<(StatusCode, Document<MadeMachineKey>), ApiError> {
    let by = editor(&admin, &connections)?;
    let (key, token) = keys.make(&by, &name).await?;
    Ok((StatusCode::CREATED, told(MadeMachineKey { key, token: token.expose_secret().to_owned() })))
}

/// `DELETE /api/machine-keys/{id}`: the key is refused from now on. What it started goes on.
#[utoipa::path(delete, path = "/api/machine-keys/{id}", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = MachineKey), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn revoke(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(keys): Room<MachineKeys>,
    Path(id): Path<String>,
) -> Result<Document<MachineKey>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(keys.revoke(&by, &id).await?))
}
