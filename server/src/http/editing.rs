//! What the editor of an integration asks before anything is kept, and how an integration went.

use chrono::SecondsFormat;
use wire::{AskModelPreview, IntegrationOverview, NextRuns, Preview, Schedule, TemplateList};

use super::{
    connections::editor,
    error::ApiError,
    extract::{Admin, Json, Path},
    integrations::{Document, told},
    whose::Room,
};
use crate::features::{
    connections::Connections,
    integrations::{Previews, templates},
};

/// Of a schedule, so many are told.
const NEXT: usize = 3;

/// `POST /api/previews`: the first rows of a model that is not kept, over sources that need not be.
#[utoipa::path(post, path = "/api/previews", tag = "integrations", security(("bearer" = [])),
    request_body = AskModelPreview,
    responses((status = 200, body = Preview), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn preview(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(previews): Room<Previews>,
    Json(AskModelPreview { id, sources, model }): Json<AskModelPreview>,
) -> Result<Document<Preview>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(previews.preview_of(&by, id.as_deref(), sources, model).await?))
}

/// `POST /api/schedules/next`: when a schedule starts its next runs.
#[utoipa::path(post, path = "/api/schedules/next", tag = "integrations", security(("bearer" = [])),
    request_body = Schedule,
    responses((status = 200, body = NextRuns), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn next_runs(
    _: Admin,
    Room(previews): Room<Previews>,
    Json(schedule): Json<Schedule>,
) -> Result<Document<NextRuns>, ApiError> {
    let next = previews.next_runs(&schedule, NEXT)?;
    let next = next.iter().map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).collect();
    Ok(told(NextRuns { next }))
}

/// `GET /api/templates`: integrations that are shipped, to begin with.
#[utoipa::path(get, path = "/api/templates", tag = "integrations", security(("bearer" = [])),
    responses((status = 200, body = TemplateList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn shipped(_: Admin) -> Document<TemplateList> {
    told(TemplateList { templates: templates() })
}

/// `GET /api/integrations/{id}/overview`: how it went in the last days.
#[utoipa::path(get, path = "/api/integrations/{id}/overview", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = IntegrationOverview), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn overview(
    _: Admin,
    Room(previews): Room<Previews>,
    Path(id): Path<String>,
) -> Result<Document<IntegrationOverview>, ApiError> {
    Ok(told(previews.overview(&id).await?))
}
