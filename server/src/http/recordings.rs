//! `GET /recordings/{sid}`: a call, heard by whoever holds a note's link. **Invariant:** a refusal is a page for people, with
//! the same code as everywhere; nothing is kept by browsers or proxies.

use axum::{
    body::Body,
    extract::RawQuery,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use wire::ErrorCode;

use super::{
    NO_STORE,
    error::{ApiError, SOON},
    extract::{Path, State},
    page,
};
use crate::{
    connectors::twilio::{Heard, TwilioError},
    features::{
        accounts::Accounts,
        recordings::{LinkError, RecordingError, RecordingKey, Recordings},
    },
};

impl From<RecordingError> for ApiError {
    fn from(error: RecordingError) -> Self {
        use ErrorCode as Code;
        use StatusCode as Status;
        match error {
            RecordingError::Link(LinkError::Expired) => {
                Self::caused(Status::GONE, Code::RecordingLinkExpired, error)
                    .hint("The recording may still be in Twilio: ask someone who can sign in there.")
            }
            RecordingError::Link(LinkError::Invalid) => {
                Self::caused(Status::FORBIDDEN, Code::RecordingLinkInvalid, error)
                    .hint("Use the full link from the note in the ticket.")
            }
            RecordingError::TooMany(error) => error.into(),
            RecordingError::NotConfigured => {
                Self::caused(Status::NOT_FOUND, Code::TwilioNotConfigured, error)
                    .hint("Operator: the `twilio` section.")
            }
            RecordingError::NotThere => Self::caused(Status::NOT_FOUND, Code::RecordingNotFound, error)
                .hint("Twilio needs a few minutes after a call."),
            RecordingError::NoSuchPart(_) => {
                Self::caused(Status::RANGE_NOT_SATISFIABLE, Code::RangeInvalid, error).hint("Open it again.")
            }
            RecordingError::Twilio(TwilioError::Credentials { .. } | TwilioError::Forbidden { .. }) => {
                Self::caused(Status::BAD_GATEWAY, Code::TwilioReconnect, error)
                    .hint("Operator: `deskside check`; the `twilio` section.")
            }
            RecordingError::Twilio(_) => Self::caused(Status::BAD_GATEWAY, Code::TwilioUnavailable, error)
                .hint("Try again in a minute.")
                .retry_after(Some(SOON)),
            RecordingError::Store(error) => error.into(),
        }
    }
}

/// `GET /recordings/{sid}?until=…&ticket=…&sig=…`.
#[utoipa::path(get, path = "/recordings/{sid}", tag = "pages", params(("sid" = String, Path)), responses((status = 200)))]
pub async fn hear(
    State(accounts): State<Accounts>,
    Path(sid): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    // Without a validator of ours, whoever asks "if it is still the same" gets the whole.
    let range = headers.get(header::RANGE).filter(|_| !headers.contains_key(header::IF_RANGE));
    let range = range.and_then(|range| range.to_str().ok());
    let query = query.unwrap_or_default();
    let heard = match recordings(&accounts, &query) {
        Ok(recordings) => recordings.open(&sid, &query, range).await,
        Err(error) => Err(error.into()),
    };
    match heard {
        Ok(heard) => sent(heard),
        Err(error) => {
            let size = if let RecordingError::NoSuchPart(size) = &error { *size } else { None };
            let mut answer = page::problem("The recording cannot be heard", &error.into(), &[]);
            if let Some(size) = size.and_then(|size| HeaderValue::try_from(format!("bytes */{size}")).ok()) {
                answer.headers_mut().insert(header::CONTENT_RANGE, size);
            }
            answer
        }
    }
}

/// The recordings of the account that a link names. Links of older servers name none: they are the settings file's.
fn recordings(accounts: &Accounts, query: &str) -> Result<Recordings, LinkError> {
    let account = match RecordingKey::account_of(query)? {
        Some(name) => accounts.of(&name).map_err(|_| LinkError::Invalid)?,
        None => accounts.own(),
    };
    Ok(account.recordings.clone())
}

fn sent(heard: Heard) -> Response {
    let Heard { content_type, content_length, content_range, stream } = heard;
    let bytes = stream.inspect(|bytes| {
        if let Err(error) = bytes {
            tracing::error!(%error, "a recording broke off while it was heard");
        }
    });
    // A browser's own player is a page that this policy is for.
    let policy = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [
        NO_STORE,
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    let mut answer = (headers, Body::from_stream(bytes)).into_response();
    if content_range.is_some() {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let more = [
        (header::CONTENT_TYPE, Some(content_type)),
        (header::CONTENT_RANGE, content_range),
        (header::CONTENT_LENGTH, content_length.map(|length| length.to_string())),
    ];
    for (name, value) in more {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
