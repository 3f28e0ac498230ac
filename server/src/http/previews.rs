//! What editors look at before anything is written: rows of a model, rows of a source, and what a connection holds.

use axum::http::StatusCode;
use engine::ModelError;
use wire::{AskPreview, AskSample, ErrorCode, FieldList, ObjectList, Preview};

use super::{
    connections::editor,
    error::ApiError,
    extract::{Admin, Json, Path},
    integrations::{Document, told},
    whose::Room,
};
use crate::features::{
    connections::Connections,
    integrations::{PreviewError, Previews, SampleError},
};

impl From<PreviewError> for ApiError {
    fn from(error: PreviewError) -> Self {
        use PreviewError as E;
        const UNREADABLE: ErrorCode = ErrorCode::SourceUnreadable;
        match error {
            E::Integrations(error) => error.into(),
            E::Connection(SampleError::Connection(error)) => error.into(),
            E::Connection(ref sample) | E::Source { error: ref sample, .. } => {
                let status = if sample.is_outage() {
                    StatusCode::BAD_GATEWAY
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                let field = if matches!(error, E::Source { .. }) { "sources" } else { "read" };
                Self::caused(status, UNREADABLE, error).field(field)
            }
            E::Model(ref why) => {
                let (status, place) = match why {
                    ModelError::Sql { place, .. } => (StatusCode::UNPROCESSABLE_ENTITY, *place),
                    ModelError::Start(_)
                    | ModelError::Disk(_)
                    | ModelError::Cluster { .. }
                    | ModelError::NotBuilt => {
                        return Self::caused(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, error);
                    }
                    _ => (StatusCode::UNPROCESSABLE_ENTITY, None),
                };
                let place = place.map(|place| (place.line, place.column));
                Self::caused(status, ErrorCode::ModelInvalid, error).field("model.sql").at(place)
            }
            E::Staging(_) | E::Folder(_) => {
                Self::caused(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, error)
            }
            E::NoTickets => Self::caused(StatusCode::CONFLICT, ErrorCode::TicketsNotKept, error).hint(
                "Run an integration that reads tickets, such as \"Support health to Zendesk organizations\".",
            ),
            E::NoContracts => Self::caused(StatusCode::CONFLICT, ErrorCode::ContractNotIntegrated, error)
                .hint("Enable the integration that has a `contract`, and let it run."),
            E::Slow => Self::caused(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::RequestTimeout, error),
        }
    }
}

/// `POST /api/integrations/{id}/preview`: the first rows of its model, or of another one.
#[utoipa::path(post, path = "/api/integrations/{id}/preview", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")), request_body = AskPreview,
    responses((status = 200, body = Preview), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn preview(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(previews): Room<Previews>,
    Path(id): Path<String>,
    Json(AskPreview { model }): Json<AskPreview>,
) -> Result<Document<Preview>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(previews.preview(&by, &id, model).await?))
}

/// `POST /api/connections/{id}/sample`: the first rows of what a source would read.
#[utoipa::path(post, path = "/api/connections/{id}/sample", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path, description = "The connection's id")), request_body = AskSample,
    responses((status = 200, body = Preview), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn sample(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(previews): Room<Previews>,
    Path(id): Path<String>,
    Json(AskSample { read }): Json<AskSample>,
) -> Result<Document<Preview>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(previews.sample(&by, &id, &read).await?))
}

/// `GET /api/connections/{id}/objects`: tables, objects or files.
#[utoipa::path(get, path = "/api/connections/{id}/objects", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path, description = "The connection's id")),
    responses((status = 200, body = ObjectList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn objects(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(previews): Room<Previews>,
    Path(id): Path<String>,
) -> Result<Document<ObjectList>, ApiError> {
    editor(&admin, &connections)?;
    Ok(told(ObjectList { objects: previews.objects(&id).await? }))
}

/// `GET /api/connections/{id}/objects/{name}/fields`: the fields of one of them.
#[utoipa::path(get, path = "/api/connections/{id}/objects/{name}/fields", tag = "connections", security(("bearer" = [])),
    params(("id" = String, Path, description = "The connection's id"), ("name" = String, Path, description = "The object's name")),
    responses((status = 200, body = FieldList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn fields(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(previews): Room<Previews>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Document<FieldList>, ApiError> {
    editor(&admin, &connections)?;
    Ok(told(FieldList { fields: previews.fields(&id, &name).await? }))
}
