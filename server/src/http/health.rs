//! `GET /healthz`, `/readyz`, and `/metrics` on an address of its own: for whoever runs it.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{sync::Mutex, time::Instant};

use super::{error::ApiError, extract::State};
use crate::store::Db;

/// How long a good answer is given again: a crowd that asks costs the database five writes a second.
const READY_FOR: Duration = Duration::from_millis(200);

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "pages", responses((status = 200)))]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// It can serve: the database takes a write. Vendors are not asked, because an outage of theirs is shown on the card.
#[utoipa::path(get, path = "/readyz", tag = "pages", responses((status = 200)))]
pub async fn ready(State(readiness): State<Readiness>) -> Result<&'static str, ApiError> {
    readiness.probe().await?;
    Ok("ready\n")
}

/// Asks the database whether it takes a write; one at a time, whoever asks meanwhile gets the same answer.
#[derive(Debug, Clone)]
pub struct Readiness {
    db: Db,
    last: Arc<Mutex<Option<Probe>>>,
}

#[derive(Debug)]
struct Probe {
    began: Instant,
    found: Result<(), ApiError>,
}

impl Readiness {
    /// Of this database.
    pub fn of(db: Db) -> Self {
        Self { db, last: Arc::default() }
    }

    async fn probe(&self) -> Result<(), ApiError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(Probe { began, found }) = &*last
            && (*began >= asked || found.is_ok() && asked - *began < READY_FOR)
        {
            return found.clone();
        }
        let began = Instant::now();
        let found = self.db.probe_write().await.map_err(ApiError::from);
        *last = Some(Probe { began, found: found.clone() });
        found
    }
}

/// What `server.metrics_listen` serves, to nobody but whoever watches this process: Prometheus' text format, without ids and
/// personal data.
pub fn metrics_router(metrics: PrometheusHandle) -> Router {
    let metrics = get(move || std::future::ready(metrics.render()));
    Router::new().route("/metrics", metrics).route("/healthz", get(alive))
}
