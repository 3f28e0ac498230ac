//! A ticket's attachments: their state, the start of a run, and its progress as server-sent events.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{Response, sse::Event},
};
use serde::Deserialize;
use tokio::sync::mpsc;
use wire::{ArchiveView, ErrorCode, StartArchive, StartedRun, TicketId};

use super::{
    error::ApiError,
    extract::{Agent, Json, Path, Query, State},
    stream::{self, End, Streams},
    whose::Room,
};
use crate::{
    connectors::zendesk::ZendeskError,
    features::{
        self,
        archive::{Archive, ArchiveError, Refusal},
        contracts::CardError,
        sessions::{Sessions, Viewer},
    },
};

/// How often a run's row is looked at while somebody follows it; a run writes it a few times a second at most.
const LOOK_EVERY: Duration = Duration::from_millis(300);

impl From<ArchiveError> for ApiError {
    fn from(error: ArchiveError) -> Self {
        const RELOAD: &str = "Reload the panel: the list is older than the ticket.";
        match error {
            ArchiveError::Nothing(_) => Self::caused(StatusCode::CONFLICT, ErrorCode::ArchiveNothing, error),
            ArchiveError::NoSuchAttachment(..) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::AttachmentNotFound, error).hint(RELOAD)
            }
            ArchiveError::NoSuchRun(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::ArchiveRunNotFound, error).hint(RELOAD)
            }
            ArchiveError::UndoOver(_) => {
                Self::caused(StatusCode::CONFLICT, ErrorCode::ArchiveUndoOver, error)
                    .hint("The copy in the archive is whole; it can be opened from there.")
            }
            ArchiveError::NotAllowed(refusal) => {
                let refused = Self::caused(StatusCode::FORBIDDEN, refusal.code(), error);
                match refusal {
                    Refusal::AdminsOnly => {
                        refused.hint("Ask an admin, or have `archive.agents_may_start` changed.")
                    }
                    Refusal::ReadOnlyRole => refused.hint("Ask an agent who may change tickets."),
                    _ => refused,
                }
            }
            ArchiveError::Zendesk(ticket, ref fault) if matches!(**fault, ZendeskError::NotFound { .. }) => {
                CardError::TicketNotFound(ticket).into()
            }
            ArchiveError::Zendesk(_, ref fault) | ArchiveError::AgentUnread(ref fault) => {
                Self::of_zendesk(&fault.clone(), error)
            }
            ArchiveError::Ticket(error) => error.into(),
            ArchiveError::Store(error) => error.into(),
        }
    }
}

/// What may be asked of a list.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    refresh: bool,
}

/// `GET /api/tickets/{id}/archive`.
#[utoipa::path(get, path = "/api/tickets/{id}/archive", tag = "archive", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The ticket's number"),
        ("refresh" = Option<bool>, Query, description = "Read the list from Zendesk even if it is fresh")),
    responses((status = 200, body = ArchiveView), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    Agent { viewer, agent }: Agent,
    Room(archive): Room<Archive>,
    Path(id): Path<TicketId>,
    Query(Asked { refresh }): Query<Asked>,
) -> Result<axum::Json<ArchiveView>, ApiError> {
    Ok(axum::Json(archive.view(&viewer, &agent, id, refresh).await?))
}

/// `POST /api/tickets/{id}/archive`.
#[utoipa::path(post, path = "/api/tickets/{id}/archive", tag = "archive", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The ticket's number")), request_body = StartArchive,
    responses((status = 202, body = StartedRun), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn start(
    Agent { viewer, agent }: Agent,
    Room(archive): Room<Archive>,
    Path(id): Path<TicketId>,
    Json(wish): Json<StartArchive>,
) -> Result<(StatusCode, axum::Json<StartedRun>), ApiError> {
    let started = archive.start(&viewer, &agent, id, wish.attachment_ids.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(started)))
}

/// `POST /api/archive/runs/{id}/cancel`.
#[utoipa::path(post, path = "/api/archive/runs/{id}/cancel", tag = "archive", security(("bearer" = [])),
    params(("id" = String, Path, description = "The run's id")), request_body = StartArchive,
    responses((status = 200, body = ArchiveView), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn cancel(
    Agent { viewer, agent }: Agent,
    Room(archive): Room<Archive>,
    Path(id): Path<String>,
    Json(wish): Json<StartArchive>,
) -> Result<axum::Json<ArchiveView>, ApiError> {
    archive.cancel(&viewer, &agent, &id, wish.attachment_ids.as_deref()).await?;
    Ok(axum::Json(archive.run_view(&viewer, &agent, &id).await?))
}

/// `GET /api/archive/runs/{id}/events`: an event `view` with the whole list whenever something moved, `end` with the
/// last one.
#[utoipa::path(get, path = "/api/archive/runs/{id}/events", tag = "archive", security(("bearer" = [])),
    params(("id" = String, Path, description = "The run's id")),
    responses((status = 200, content_type = "text/event-stream", body = ArchiveView),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn events(
    Agent { viewer, agent }: Agent,
    Room(archive): Room<Archive>,
    Room(sessions): Room<Sessions>,
    State(streams): State<Streams>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let place = streams.open(&viewer.account, viewer.caller())?;
    archive.run_view(&viewer, &agent, &id).await?; // refuses before the stream begins
    let (events, following) = mpsc::channel(1);
    let end = End::of(sessions, viewer.clone());
    tokio::spawn(follow(archive, (viewer, agent), id, events, end));
    Ok(stream::stream(following, place))
}

/// Tells what happens to a run, and to the one that begins after it, until all have ended or nobody listens. A fault ends the
/// stream: the app asks again, and then hears of it.
async fn follow(
    archive: Archive,
    (viewer, agent): (Viewer, features::sessions::Agent),
    mut id: String,
    events: mpsc::Sender<Event>,
    end: End,
) {
    let mut seen = None;
    while !end.has_come() && !events.is_closed() {
        // The pulse comes first: a view that is read after the last one is the last one.
        let Ok(Some(pulse)) = archive.pulse(&id).await else { return };
        let live = pulse.live.clone();
        if seen.as_ref() != Some(&pulse) {
            seen = Some(pulse);
            let Ok(view) = archive.run_view(&viewer, &agent, &id).await else { return };
            if events.send(event(&view, live.is_some())).await.is_err() {
                return;
            }
        }
        match live {
            None => return,
            Some(live) => id = live,
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn event(view: &ArchiveView, live: bool) -> Event {
    let data = serde_json::to_string(view).expect("a view is plain data");
    Event::default().event(if live { "view" } else { "end" }).data(data)
}
