//! `/api/engagements/{task_sid}`: a call came in; which ticket is it, and what is written into it?

use std::time::Duration;

use axum::http::StatusCode;
use wire::{ErrorCode, LogRequest, PopRequest, PopResult};

use super::{
    error::ApiError,
    extract::{Agent, Json, Path, State},
};
use crate::features::{
    engagements::{EngagementError, Engagements},
    pops::{PopError, Pops},
};

impl From<PopError> for ApiError {
    fn from(error: PopError) -> Self {
        match error {
            PopError::Card(error) => error.into(),
            PopError::Engagement(EngagementError::Zendesk(ref fault)) => {
                Self::of_zendesk(&fault.clone(), error)
            }
            PopError::Store(error) | PopError::Engagement(EngagementError::Store(error)) => error.into(),
            PopError::Engagement(error @ EngagementError::Busy) => {
                Self::caused(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::StoreBusy, error)
                    .hint("Try again in a moment.")
                    .retry_after(Some(Duration::from_secs(2)))
            }
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
    named(&task_sid)?;
    Ok(axum::Json(pops.pop(&agent.viewer, &agent.agent, &task_sid, &request).await?))
}

/// `POST /api/engagements/{task_sid}/log`: an agent took it, came back to it, or is done with it. It is written into the
/// ticket by and by, once, whoever else tells of it.
#[utoipa::path(post, path = "/api/engagements/{task_sid}/log", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = LogRequest,
    responses((status = 202, description = "It will be written"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn log(
    agent: Agent,
    State(engagements): State<Engagements>,
    Path(task_sid): Path<String>,
    Json(request): Json<LogRequest>,
) -> Result<StatusCode, ApiError> {
    named(&task_sid)?;
    engagements.log(&task_sid, &request, Some(agent.agent.id)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What Twilio's ids look like, and what we would keep of a stranger's.
fn named(task_sid: &str) -> Result<(), ApiError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !(1..=64).contains(&task_sid.len()) || !task_sid.bytes().all(plain) {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::PathInvalid,
            "the task's id is not one of Twilio's",
        )
        .hint("It looks like WT followed by 32 hexadecimal digits."));
    }
    Ok(())
}
