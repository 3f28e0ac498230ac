//! `/api/engagements/{task_sid}`: a call came in; which ticket is it, and what is written into it?

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use wire::{EngagementView, ErrorCode, LogRequest, PopRequest, PopResult, ShowRequest, WrapUp};

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Agent, Json, Path},
    whose::Room,
};
use crate::features::{
    contracts::Contracts,
    engagements::{By, ClaimError, EngagementError, Engagements, ViewError, WrapUpError},
    pops::{PopError, Pops},
};

impl From<PopError> for ApiError {
    fn from(error: PopError) -> Self {
        match error {
            PopError::Card(error) => error.into(),
            PopError::Engagement(EngagementError::Zendesk(ref fault)) => {
                Self::of_vendor(fault).because(error)
            }
            PopError::Claim(error) => error.into(),
            PopError::Agent(error) => error.into(),
            PopError::Store(error) | PopError::Engagement(EngagementError::Store(error)) => error.into(),
            PopError::Engagement(error @ EngagementError::Busy) => {
                Self::caused(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::StoreBusy, error)
                    .hint("Try again in a moment.")
                    .retry_after(Some(Duration::from_secs(2)))
            }
        }
    }
}

impl From<ClaimError> for ApiError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Unknown(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::EngagementNotFound, error)
                    .hint("Select it again in Flex.")
            }
            ClaimError::NotYours(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::EngagementNotYours, error)
                    .hint("Take the call, or have it transferred to you.")
            }
            ClaimError::NotConfigured => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::TwilioNotConfigured, error)
                    .hint("Operator: set `twilio.workspace_sid`.")
            }
            ClaimError::Store(error) => error.into(),
        }
    }
}

impl From<WrapUpError> for ApiError {
    fn from(error: WrapUpError) -> Self {
        match error {
            WrapUpError::Unknown(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::EngagementNotFound, error)
                    .hint("Select it again in Flex.")
            }
            WrapUpError::TooLong => {
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::NotesTooLong, error)
                    .hint("Shorten them.")
            }
            WrapUpError::Written => Self::caused(StatusCode::CONFLICT, ErrorCode::NotesWritten, error)
                .hint("Write more into the ticket itself."),
            WrapUpError::Store(error) => error.into(),
        }
    }
}

impl From<ViewError> for ApiError {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::WrapUp(error) => error.into(),
            ViewError::Card(error) => error.into(),
            ViewError::Store(error) => error.into(),
        }
    }
}

/// `POST /api/engagements/{task_sid}/pop`.
#[utoipa::path(post, path = "/api/engagements/{task_sid}/pop", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = PopRequest,
    responses((status = 200, body = PopResult), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn pop(
    agent: Agent,
    Room(pops): Room<Pops>,
    Path(task_sid): Path<String>,
    Json(request): Json<PopRequest>,
) -> Result<axum::Json<PopResult>, ApiError> {
    named(&task_sid)?;
    Ok(axum::Json(pops.pop(&agent.viewer, &agent.agent, &task_sid, &request).await?))
}

/// `POST /api/engagements/{task_sid}/show`: the agent's Zendesk shows another ticket; the engagement keeps its own.
#[utoipa::path(post, path = "/api/engagements/{task_sid}/show", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = ShowRequest,
    responses((status = 202, description = "It will be shown"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show_ticket(
    agent: Agent,
    Room(pops): Room<Pops>,
    Path(task_sid): Path<String>,
    Json(ShowRequest { ticket_id }): Json<ShowRequest>,
) -> Result<StatusCode, ApiError> {
    named(&task_sid)?;
    pops.show(&agent.viewer, &agent.agent, &task_sid, ticket_id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/engagements/{task_sid}/log`: an agent took it, came back to it, or is done with it. It is written into the
/// ticket soon, once, whoever else reports it.
#[utoipa::path(post, path = "/api/engagements/{task_sid}/log", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = LogRequest,
    responses((status = 202, description = "It will be written"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn log(
    agent: Agent,
    Room(engagements): Room<Engagements>,
    Path(task_sid): Path<String>,
    Json(request): Json<LogRequest>,
) -> Result<StatusCode, ApiError> {
    named(&task_sid)?;
    let claimant = engagements.claimant(&agent.viewer, agent.agent.id, &task_sid).await?;
    engagements.log(&task_sid, &request, By::Agent(&claimant)).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `GET /api/engagements/{task_sid}`: its ticket, how far its notes are, and what this agent has noted. No vendor is asked.
#[utoipa::path(get, path = "/api/engagements/{task_sid}", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")),
    responses((status = 200, body = EngagementView), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    agent: Agent,
    Room(engagements): Room<Engagements>,
    Room(contracts): Room<Contracts>,
    Path(task_sid): Path<String>,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<EngagementView>), ApiError> {
    named(&task_sid)?;
    let view = engagements.view(&contracts, &agent.viewer, agent.agent.id, &task_sid).await?;
    Ok(([NO_STORE], axum::Json(view)))
}

/// `PUT /api/engagements/{task_sid}/notes`: what this agent notes of it, in place of what they noted before. It goes into the
/// task's last note; where that is written already, it becomes a note of its own, once.
#[utoipa::path(put, path = "/api/engagements/{task_sid}/notes", tag = "engagements", security(("bearer" = [])),
    params(("task_sid" = String, Path, description = "Twilio's id of the task, WT…")), request_body = WrapUp,
    responses((status = 204, description = "It is kept"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn note(
    agent: Agent,
    Room(engagements): Room<Engagements>,
    Room(contracts): Room<Contracts>,
    Path(task_sid): Path<String>,
    Json(noted): Json<WrapUp>,
) -> Result<StatusCode, ApiError> {
    named(&task_sid)?;
    engagements.admitted(&contracts, &agent.viewer, &task_sid).await?;
    engagements.claimant(&agent.viewer, agent.agent.id, &task_sid).await?;
    engagements.keep_notes(&task_sid, agent.agent.id, &noted).await?;
    Ok(StatusCode::NO_CONTENT)
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
