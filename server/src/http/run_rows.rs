//! What became of the rows of a run: page by page, as a file, and sent again.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{RowList, RunDocument};

use super::{
    NO_STORE,
    connections::editor,
    error::ApiError,
    extract::{Admin, Path, Query},
    integrations::{Document, person, told},
    whose::Room,
};
use crate::features::{
    connections::Connections,
    integrations::{Integrations, RowFormat},
};
use crate::store::integrations::RowFilter;

const PAGE: u32 = 100;
const MOST_ON_PAGE: u32 = 500;

/// Which rows.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichRows {
    /// Of this outcome.
    outcome: Option<String>,
    /// Of this key.
    key: Option<String>,
    /// `true`: only those whose record somebody changed since an earlier run wrote it.
    #[serde(default)]
    drifted: bool,
    /// `false`: without those that the destination held already, where no outcome is named.
    adopted: Option<bool>,
    /// Behind this one: the `next` of the page before.
    #[serde(default)]
    after: u64,
    /// So many at most: 100, up to 500.
    limit: Option<u32>,
}

/// `GET /api/runs/{id}/rows`: what became of them; those that were unchanged are counted only.
#[utoipa::path(get, path = "/api/runs/{id}/rows", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "The run's id"), WhichRows),
    responses((status = 200, body = RowList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn rows(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
    Query(WhichRows { outcome, key, drifted, adopted, after, limit }): Query<WhichRows>,
) -> Result<Document<RowList>, ApiError> {
    editor(&admin, &connections)?;
    let limit = limit.unwrap_or(PAGE).clamp(1, MOST_ON_PAGE);
    let filter = RowFilter { outcome, key, drifted, spares_adopted: adopted == Some(false) };
    let rows = integrations.row_outcomes(&id, &filter, after, limit).await?;
    let next = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.seq);
    Ok(told(RowList { rows, next }))
}

/// Which file.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// `csv`, or `jsonl` for JSON Lines.
    #[param(value_type = String)]
    format: RowFormat,
    /// Only rows of this outcome.
    outcome: Option<String>,
    /// `true`: only those whose record somebody changed since an earlier run wrote it.
    #[serde(default)]
    drifted: bool,
}

/// `GET /api/runs/{id}/export`: every row that was not unchanged. A fault on the way breaks the connection off, so that half a file is
/// not taken for a whole one.
#[utoipa::path(get, path = "/api/runs/{id}/export", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "The run's id"), Export),
    responses((status = 200, content_type = "text/csv"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn export(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
    Query(Export { format, outcome, drifted }): Query<Export>,
) -> Result<Response, ApiError> {
    let by = editor(&admin, &connections)?;
    let filter = RowFilter { outcome, drifted, ..RowFilter::default() };
    let rows = integrations.save_rows(&by, &id, (format, filter)).await?.inspect(|rows| {
        if let Err(error) = rows {
            tracing::error!(%error, "an export of a run's rows broke off");
        }
    });
    let disposition = format!("attachment; filename=\"{}\"", format.file_name());
    let headers = [
        NO_STORE,
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("plain letters")),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}

/// `POST /api/runs/{id}/retry`: a run that reads the sources anew, and writes only the rows that this one could not.
#[utoipa::path(post, path = "/api/runs/{id}/retry", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 202, body = RunDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn retry(
    Admin(admin): Admin,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Document<RunDocument>), ApiError> {
    let run = integrations.retry(&person(&admin), &id, &admin.id.0.to_string()).await?;
    Ok((StatusCode::ACCEPTED, told(RunDocument { run: integrations.shown(&run).await? })))
}
