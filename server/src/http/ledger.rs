//! The ledger, for admins: pages of it, what left Zendesk by day, and all of it as a file.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures::StreamExt;
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::IntoParams;
use wire::{ErrorCode, LedgerPage, LedgerVolume, TicketId};

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Admin, Query},
    whose::Room,
};
use crate::{
    features::ledger::{Format, Ledger, LedgerError},
    store::ledger::Filter,
};

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::TooLong => Self::caused(StatusCode::BAD_REQUEST, ErrorCode::QueryInvalid, error),
            LedgerError::Store(error) => error.into(),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// What was done to this ticket.
    ticket: Option<u64>,
    /// What was done, such as `redacted`.
    action: Option<String>,
    /// Who did it, such as `agent:77`.
    actor: Option<String>,
    /// Not before: a time (RFC 3339) or a day.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    since: Option<DateTime<Utc>>,
    /// Before: a time (RFC 3339) or a day.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    until: Option<DateTime<Utc>>,
    /// Rows below this one: the `next` of the page before.
    before: Option<u64>,
    /// So many at most: 50, up to 200.
    #[serde(default)]
    limit: u32,
}

/// A span of time.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Not before: a time (RFC 3339) or a day; 30 days before the end where absent.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    since: Option<DateTime<Utc>>,
    /// Before: a time (RFC 3339) or a day; now where absent.
    #[serde(default, deserialize_with = "time")]
    #[param(value_type = Option<String>)]
    until: Option<DateTime<Utc>>,
}

/// Which file.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// `csv`, or `json` for JSON Lines.
    #[param(value_type = String)]
    format: Format,
    /// Of this ticket only.
    ticket: Option<u64>,
}

/// `GET /api/ledger`.
#[utoipa::path(get, path = "/api/ledger", tag = "ledger", security(("bearer" = [])), params(Search),
    responses((status = 200, body = LedgerPage), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn page(
    _: Admin,
    Room(ledger): Room<Ledger>,
    Query(search): Query<Search>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<LedgerPage>), ApiError> {
    let Search { ticket: ticket_id, action, actor, since, until, before, limit } = search;
    let page = ledger.page(Filter { ticket_id, action, actor, since, until, before, limit }).await?;
    Ok(([NO_STORE], axum::Json(page)))
}

/// `GET /api/ledger/volume`: redacted files and bytes, day by day (UTC).
#[utoipa::path(get, path = "/api/ledger/volume", tag = "ledger", security(("bearer" = [])), params(Span),
    responses((status = 200, body = LedgerVolume), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn volume(
    _: Admin,
    Room(ledger): Room<Ledger>,
    Query(Span { since, until }): Query<Span>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<LedgerVolume>), ApiError> {
    Ok(([NO_STORE], axum::Json(ledger.volume(since, until).await?)))
}

/// `GET /api/ledger/export`: every row there is, oldest first. A fault on the way breaks the connection off, so that
/// half a file is not taken for a whole one.
#[utoipa::path(get, path = "/api/ledger/export", tag = "ledger", security(("bearer" = [])), params(Export),
    responses((status = 200, content_type = "text/csv"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn export(
    _: Admin,
    Room(ledger): Room<Ledger>,
    Query(Export { format, ticket }): Query<Export>,
) -> Response {
    let rows = ledger.export(ticket.map(TicketId), format).inspect(|rows| {
        if let Err(error) = rows {
            tracing::error!(%error, "an export of the ledger broke off");
        }
    });
    let disposition = format!("attachment; filename=\"{}\"", format.file_name());
    let headers = [
        NO_STORE,
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("plain letters")),
    ];
    (headers, Body::from_stream(rows)).into_response()
}

/// A time, or the beginning of a day (UTC).
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(day.and_time(NaiveTime::MIN).and_utc()));
    }
    let time = DateTime::parse_from_rfc3339(&text);
    time.map(|time| Some(time.to_utc()))
        .map_err(|_| D::Error::custom("a time is written as 2026-11-22T09:00:00Z, a day as 2026-11-22"))
}
