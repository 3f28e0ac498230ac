//! Archived files: a link to one, and the file itself. **Invariant:** a browser runs nothing of it: it is an attachment of
//! a harmless kind, in a sandbox, kept nowhere.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Deserialize;
use wire::{AttachmentId, ErrorCode, FileLink};

use super::{
    AppState, NO_STORE,
    error::{ApiError, SOON},
    extract::{Agent, Path, Query},
    whose::Room,
};
use crate::features::{
    accounts::AccountError,
    files::{FileError, Files, LinkError, LinkKey, Opened},
    objects_code,
};

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        const AGAIN: &str = "Press Open in the panel again.";
        match error {
            FileError::Unknown(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::ArchiveFileNotFound, error)
                    .hint("Reload the panel.")
            }
            FileError::NotArchived(_) => {
                Self::caused(StatusCode::CONFLICT, ErrorCode::ArchiveFilePending, error)
                    .hint("It is still in Zendesk: open it there.")
            }
            FileError::Quarantined(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::ArchiveFileQuarantined, error)
                    .hint("Ask an admin.")
            }
            FileError::Forbidden(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::ArchiveOpenForbidden, error)
                    .hint("Ask an admin, or have `archive.may_open` changed.")
            }
            FileError::Unasked(ref fault) => Self::of_zendesk(&fault.clone(), error),
            FileError::Mismatch(_) => {
                Self::caused(StatusCode::BAD_GATEWAY, ErrorCode::ArchiveMismatch, error)
                    .hint("Operator: restore it from a backup; the ledger has its place and hash.")
            }
            FileError::Link(LinkError::Expired) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::ArchiveLinkExpired, error).hint(AGAIN)
            }
            FileError::Link(LinkError::Invalid) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::ArchiveLinkInvalid, error).hint(AGAIN)
            }
            FileError::NoSuchPart(_) => {
                Self::caused(StatusCode::RANGE_NOT_SATISFIABLE, ErrorCode::RangeInvalid, error)
            }
            FileError::Missing(..) => {
                Self::caused(StatusCode::BAD_GATEWAY, ErrorCode::ArchiveFileMissing, error)
                    .hint("Operator: see who removed it; the ledger has its place in the store.")
            }
            FileError::Objects(ref fault) if fault.is_refusal() => {
                let code = objects_code(fault);
                Self::caused(StatusCode::BAD_GATEWAY, code, error)
                    .hint("Operator: `deskside check` names the archive setting to correct.")
            }
            FileError::Objects(ref fault) => {
                let code = objects_code(fault);
                Self::caused(StatusCode::BAD_GATEWAY, code, error)
                    .hint("Try again in a minute.")
                    .retry_after(Some(SOON))
            }
            FileError::TooMany(error) => error.into(),
            FileError::Ticket(error) => error.into(),
            FileError::Store(error) => error.into(),
        }
    }
}

/// Who opens a file: an agent's session, or a link that one was given.
pub enum Opener {
    /// A session, and the files of its account.
    Agent(Agent, Files),
    /// A link's key, and the files of the account that it names.
    Link(String, Files),
}

#[derive(Deserialize)]
struct Key {
    key: Option<String>,
}

impl FromRequestParts<Arc<AppState>> for Opener {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let Query(Key { key }) = Query::from_request_parts(parts, state).await?;
        let Some(key) = key else {
            let agent = Agent::from_request_parts(parts, state).await?;
            let Room(files) = Room::from_request_parts(parts, state).await?;
            return Ok(Self::Agent(agent, files));
        };
        let account = state.accounts.of(LinkKey::account_of(&key)).map_err(|error| match error {
            AccountError::Unknown(_) => FileError::Link(LinkError::Invalid).into(),
            error => ApiError::from(error),
        })?;
        Ok(Self::Link(key, account.files.clone()))
    }
}

/// `POST /api/archive/items/{id}/link`: a link to one archived file, good for a minute in a tab without a session.
#[utoipa::path(post, path = "/api/archive/items/{id}/link", tag = "archive", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The attachment's id")),
    responses((status = 200, body = FileLink), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn link(
    Agent { viewer, agent }: Agent,
    Room(files): Room<Files>,
    Path(id): Path<AttachmentId>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<FileLink>), ApiError> {
    Ok(([NO_STORE], axum::Json(files.link(&viewer, &agent, id).await?)))
}

/// `GET /api/archive/items/{id}/file`: an archived file, or a part of it.
#[utoipa::path(get, path = "/api/archive/items/{id}/file", tag = "archive", security(("bearer" = []), ()),
    params(("id" = u64, Path, description = "The attachment's id"),
        ("key" = Option<String>, Query, description = "A link's key, instead of a session"),
        ("range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, content_type = "application/octet-stream"),
        (status = 206, content_type = "application/octet-stream"),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn file(
    opener: Opener,
    Path(id): Path<AttachmentId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Without a validator of ours, whoever asks "if it is still the same" gets the whole.
    let range = headers.get(header::RANGE).filter(|_| !headers.contains_key(header::IF_RANGE));
    let range = range.and_then(|range| range.to_str().ok());
    let file = match &opener {
        Opener::Agent(Agent { viewer, agent }, files) => files.open(viewer, agent, id, range).await,
        Opener::Link(key, files) => files.open_by_link(key, id, range).await,
    };
    match file {
        Ok(file) => Ok(sent(file)),
        Err(FileError::NoSuchPart(size)) => {
            let of = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            Ok((of, ApiError::from(FileError::NoSuchPart(size))).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn sent(opened: Opened) -> Response {
    let Opened { bytes, part, size, partial, content_type, disposition } = opened;
    let text = |text: String| HeaderValue::try_from(text).expect("made of plain letters");
    let bytes = bytes.inspect(|bytes| {
        if let Err(error) = bytes {
            tracing::error!(%error, "an archived file broke off while it was read");
        }
    });
    let headers = [
        NO_STORE,
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, text(disposition)),
        (header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start)),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    let mut answer = (headers, Body::from_stream(bytes)).into_response();
    if partial {
        let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        answer.headers_mut().insert(header::CONTENT_RANGE, text(range));
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    answer
}
