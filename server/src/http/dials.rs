//! `/api/dial`: an agent presses a number, one of their Flex pages takes it and says what became of it.

use axum::{
    http::StatusCode,
    response::{Response, sse::Event},
};
use tokio::sync::mpsc;
use wire::{Dial, DialOrder, DialReport, DialRequest, DialWaiting, ErrorCode, UserId};

use super::{
    error::ApiError,
    extract::{Agent, Json, Path, State},
    stream::{self, End, LOOK_EVERY, Streams},
    whose::Room,
};
use crate::features::{
    dials::{DialError, Dials, NumberProblem},
    sessions::Sessions,
};

impl From<DialError> for ApiError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Number(problem) => {
                let hint = match problem {
                    NumberProblem::NoNumber => "Mend it in the customer's profile in Zendesk.",
                    NumberProblem::NoCountry => {
                        "Write it with + and its country, like +81 50 1234 5678. Admin: the console can say where such \
                         numbers belong."
                    }
                    NumberProblem::TooShort => "Dial it in Flex itself.",
                };
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::DialNumberInvalid, problem)
                    .hint(hint)
            }
            DialError::Busy => Self::caused(StatusCode::CONFLICT, ErrorCode::DialBusy, error)
                .hint("Wait until that one rings."),
            DialError::Disabled => Self::caused(StatusCode::CONFLICT, ErrorCode::FlexDisabled, error)
                .hint("Admin: switch them on under Calls and chats."),
            DialError::NotConfigured => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::TwilioNotConfigured, error)
                    .hint("Operator: set the `twilio` section.")
            }
            DialError::Gone => Self::caused(StatusCode::NOT_FOUND, ErrorCode::DialGone, error),
            DialError::TicketNotFound(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::TicketNotFound, error)
            }
            DialError::Store(error) => error.into(),
        }
    }
}

/// `POST /api/dial`: the agent's Flex is to call this number. Pressed twice, it is called once.
#[utoipa::path(post, path = "/api/dial", tag = "dial", security(("bearer" = [])), request_body = DialRequest,
    responses((status = 202, body = Dial), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn dial(
    Agent { viewer, agent }: Agent,
    Room(dials): Room<Dials>,
    Json(request): Json<DialRequest>,
) -> Result<(StatusCode, axum::Json<Dial>), ApiError> {
    Ok((StatusCode::ACCEPTED, axum::Json(dials.dial(&viewer, &agent, &request).await?)))
}

/// `GET /api/dial/{id}`: how far it is.
#[utoipa::path(get, path = "/api/dial/{id}", tag = "dial", security(("bearer" = [])),
    params(("id" = String, Path, description = "The dial's id")),
    responses((status = 200, body = Dial), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    Agent { agent, .. }: Agent,
    Room(dials): Room<Dials>,
    Path(id): Path<String>,
) -> Result<axum::Json<Dial>, ApiError> {
    Ok(axum::Json(dials.look(&agent, &id).await?))
}

/// `POST /api/dial/{id}/take`: one Flex page of the agent gets the order, once.
#[utoipa::path(post, path = "/api/dial/{id}/take", tag = "dial", security(("bearer" = [])),
    params(("id" = String, Path, description = "The dial's id")),
    responses((status = 200, body = DialOrder), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn take(
    Agent { agent, .. }: Agent,
    Room(dials): Room<Dials>,
    Path(id): Path<String>,
) -> Result<axum::Json<DialOrder>, ApiError> {
    Ok(axum::Json(dials.take(&agent, &id).await?))
}

/// `POST /api/dial/{id}/outcome`: what Flex made of it.
#[utoipa::path(post, path = "/api/dial/{id}/outcome", tag = "dial", security(("bearer" = [])),
    params(("id" = String, Path, description = "The dial's id")), request_body = DialReport,
    responses((status = 204, description = "It is written down"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn outcome(
    Agent { agent, .. }: Agent,
    Room(dials): Room<Dials>,
    Path(id): Path<String>,
    Json(report): Json<DialReport>,
) -> Result<StatusCode, ApiError> {
    dials.settle(&agent, &id, report.outcome).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/dial/events`: an event `dial` whenever one waits for this agent's Flex.
#[utoipa::path(get, path = "/api/dial/events", tag = "dial", security(("bearer" = [])),
    responses((status = 200, content_type = "text/event-stream", body = DialWaiting),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn events(
    Agent { viewer, agent }: Agent,
    Room(dials): Room<Dials>,
    Room(sessions): Room<Sessions>,
    State(streams): State<Streams>,
) -> Result<Response, ApiError> {
    let place = streams.open(&viewer.account, viewer.caller())?;
    let (events, following) = mpsc::channel(1);
    tokio::spawn(follow(dials, agent.id, events, End::of(sessions, viewer)));
    Ok(stream::stream(following, place))
}

/// Sends each of the agent's dials once, until nobody listens.
async fn follow(dials: Dials, agent: UserId, events: mpsc::Sender<Event>, end: End) {
    let mut waiting = dials.listen();
    let mut told = None;
    while !end.has_come() {
        let mine =
            waiting.borrow_and_update().iter().find(|(of, _)| *of == agent.0).map(|(_, id)| id.clone());
        if let Some(id) = mine.filter(|id| told.as_ref() != Some(id)) {
            let data = serde_json::to_string(&DialWaiting { id: id.clone() }).expect("plain data");
            if events.send(Event::default().event("dial").data(data)).await.is_err() {
                return;
            }
            told = Some(id);
        }
        tokio::select! {
            news = waiting.changed() => if news.is_err() { return },
            () = events.closed() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
