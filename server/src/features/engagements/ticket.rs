//! Which ticket a task belongs to, when a job asks and no agent: known, named, or found and made as if an agent had asked.
//! **Invariant:** it is a ticket that the agent for whom the job works may see at this moment.

use std::time::Duration;

use chrono::{DateTime, Utc};
use wire::{ErrorCode, FlexSettings, TicketId, UserId};

use super::{
    Acting, Claimant, EngagementError, FindError, Found, LogDeps, Origin, Settled, Task, finding::NoTicket,
};
use crate::{
    features::{contracts::CardError, sessions::Known, tasks::TaskAttributes},
    queue::JobError,
};

/// How often an agent who has still to choose a ticket is waited for.
const CHOOSES: Duration = Duration::from_mins(2);

/// The agent for whom a job works, as of now.
pub(super) struct Actor {
    /// Who they are, and what they may see.
    pub agent: Known,
    /// By which their task is known.
    pub claimant: Claimant,
}

/// A task, and who took it.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub task_sid: &'a str,
    /// As Twilio has them; who is at the other end, as before any agent had the task.
    pub attributes: &'a TaskAttributes,
    /// How the task was then.
    pub origin: &'a Origin,
    /// The ticket that the agent chose.
    pub chosen: Option<TicketId>,
    /// For whom; `None`: nobody took the task, the caller caused it.
    pub actor: Option<&'a Actor>,
    pub accepted_by: Option<UserId>,
    pub accepted_at: Option<DateTime<Utc>>,
}

/// The ticket, or why there is none, and none is to be made.
pub(super) async fn ticket_of(
    deps: &LogDeps,
    settings: &FlexSettings,
    request: Request<'_>,
) -> Result<Result<TicketId, ErrorCode>, JobError> {
    let Request { task_sid, attributes, origin, chosen, actor, accepted_by, accepted_at } = request;
    let agent = actor.map(|actor| &actor.agent.agent);
    let by = actor.map(|actor| actor.claimant.clone());
    let settled = Settled { by, accepted_by, accepted_at, ..Settled::default() };
    if let Some(known) = deps.engagements.known(task_sid).await?
        && let Some(ticket) = known.ticket_id.map(TicketId)
    {
        match deps.contracts.ticket_now(agent, ticket).await {
            Ok(_) => {}
            Err(CardError::TicketNotFound(_)) => return Ok(Err(ErrorCode::TicketNotFound)),
            Err(error) => return Err(error.into()),
        }
        if accepted_by.is_some() {
            let user = known.user_id.map(UserId);
            let settled = Settled { user, created: known.created, ..settled };
            deps.engagements.settle(task_sid, ticket, settled).await?;
        }
        return Ok(Ok(ticket));
    }
    // Where no agent's reach bounds it, the ticket is the one that no agent could name.
    let named = if actor.is_some() { Some(attributes) } else { origin.attributes() };
    let named = named.and_then(|named| named.ticket().ok());
    for id in [chosen, named].into_iter().flatten() {
        match deps.contracts.ticket_now(agent, id).await {
            Ok(ticket) => {
                let user = ticket.requester_id.map(|id| UserId(id.0));
                deps.engagements.settle(task_sid, id, Settled { user, ..settled }).await?;
                return Ok(Ok(id));
            }
            Err(CardError::TicketNotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let task = Task { sid: task_sid, attributes };
    let acting = Acting { contracts: &deps.contracts, agent, claimed: origin.is_known(), shown: false };
    let (ticket, user, created) = match deps.engagements.find(task, settings, acting, None, None).await {
        Ok(Found::Ticket(_, ticket)) => (ticket.id, Some(ticket.requester_id), false),
        Ok(Found::Made { ticket, user, .. }) => (ticket, Some(user), true),
        Ok(Found::Choose { .. }) => {
            return Err(JobError::retry_after(CHOOSES, "the agent has still to choose a ticket"));
        }
        Ok(Found::Customer(_, NoTicket::Refused(error)) | Found::Nobody(NoTicket::Refused(error))) => {
            return Err(JobError::retry_after(CHOOSES, error)); // the agent chooses another, or the customer is freed
        }
        Ok(Found::Customer(_, NoTicket::Later) | Found::Nobody(NoTicket::Later))
            if deps.after.task_router.is_some() =>
        {
            return Err(JobError::retry_after(
                CHOOSES,
                "Twilio's log does not tell yet who was at the other end",
            ));
        }
        Ok(Found::Customer(_, NoTicket::OutOfReach) | Found::Nobody(NoTicket::OutOfReach)) => {
            return Ok(Err(ErrorCode::TicketOutOfReach));
        }
        Ok(Found::Customer(..) | Found::Nobody(_)) => return Ok(Err(ErrorCode::CallerUnknown)),
        Err(FindError::Engagement(EngagementError::Zendesk(error))) => return Err(error.into()),
        Err(FindError::Engagement(EngagementError::Store(error))) => return Err(error.into()),
        Err(FindError::Card(error)) => return Err(error.into()),
        Err(FindError::Agent(error)) => return Err(error.into()),
        Err(error @ FindError::Engagement(EngagementError::Busy)) => return Err(JobError::retry(error)),
    };
    let settled = Settled { user, created, fresh: created, ..settled };
    deps.engagements.settle(task_sid, ticket, settled).await?;
    Ok(Ok(ticket))
}
