//! `GET /healthz`, `/readyz`, `/metrics`: for whoever runs it.

use axum::http::StatusCode;
use metrics_exporter_prometheus::PrometheusHandle;

use super::{error::ApiError, extract::State};
use crate::store::Db;

/// The process runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// It can serve: the database answers. Vendors are not asked, because an outage of theirs is shown on the card.
pub async fn ready(State(db): State<Db>) -> Result<&'static str, ApiError> {
    db.ping().await?;
    Ok("ready\n")
}

/// Prometheus' text format; no ids, no personal data.
pub async fn metrics(State(metrics): State<PrometheusHandle>) -> (StatusCode, String) {
    (StatusCode::OK, metrics.render())
}
