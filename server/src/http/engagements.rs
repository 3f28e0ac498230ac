//! `POST /api/engagements/{task_sid}/pop`: a call came in; which ticket is it?

use axum::http::StatusCode;
use wire::{ErrorCode, PopRequest, PopResult};

use super::{
    error::ApiError,
    extract::{Agent, Json, Path, State},
};
use crate::features::pops::{PopError, Pops};

impl From<PopError> for ApiError {
    fn from(error: PopError) -> Self {
        match error {
            PopError::Card(error) => error.into(),
            PopError::Store(error) => error.into(),
        }
    }
}

/// `POST /api/engagements/{task_sid}/pop`.
#[utoipa::path(post, path = "/api/engagements/{task_sid}/pop", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = PopRequest,
    responses((status = 200, body = PopResult), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn pop(
    agent: Agent,
    State(pops): State<Pops>,
    Path(task_sid): Path<String>,
    Json(request): Json<PopRequest>,
) -> Result<axum::Json<PopResult>, ApiError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !(1..=64).contains(&task_sid.len()) || !task_sid.bytes().all(plain) {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::PathInvalid,
            "the task's id is not one of Twilio's",
        )
        .hint("It looks like WT followed by 32 hexadecimal digits."));
    }
    Ok(axum::Json(pops.pop(&agent.viewer, &agent.agent, &task_sid, &request).await?))
}
