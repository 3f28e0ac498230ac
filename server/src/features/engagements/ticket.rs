//! Which ticket a task belongs to, when a job asks and no agent: known, named, or found and made as if an agent had asked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use wire::{FlexSettings, TicketId, UserId};

use super::{EngagementError, FindError, Found, LogDeps, Settled, Task, Visible};
use crate::{
    connectors::zendesk::{self, ZendeskError},
    features::pops,
    queue::JobError,
};

/// How often an agent who has still to choose a ticket is waited for.
const CHOOSES: Duration = Duration::from_mins(2);

/// A task, and who took it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub task_sid: &'a str,
    pub attributes: &'a Value,
    pub accepted_by: Option<UserId>,
    pub accepted_at: Option<DateTime<Utc>>,
}

/// The ticket; nothing where there is none, and none is to be made.
pub(super) async fn ticket_of(
    deps: &LogDeps,
    settings: &FlexSettings,
    asked: Asked<'_>,
) -> Result<Option<TicketId>, JobError> {
    let Asked { task_sid, attributes, accepted_by, accepted_at } = asked;
    let task = Task { sid: task_sid, attributes };
    let settled = Settled { accepted_by, accepted_at, ..Settled::default() };
    if let Some(known) = deps.engagements.known(task_sid).await?
        && let Some(ticket) = known.ticket_id.map(TicketId)
    {
        if accepted_by.is_some() {
            let user = known.user_id.map(UserId);
            deps.engagements
                .settle(task, ticket, Settled { user, created: known.created, ..settled })
                .await?;
        }
        return Ok(Some(ticket));
    }
    if let Ok(id) = pops::ticket_number(attributes) {
        match deps.after.zendesk.ticket(zendesk::TicketId(id.0)).await {
            Ok(ticket) => {
                let user = ticket.requester_id.map(|id| UserId(id.0));
                deps.engagements.settle(task, id, Settled { user, ..settled }).await?;
                return Ok(Some(id));
            }
            Err(ZendeskError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let visible = Visible { contracts: &deps.contracts, viewer: None };
    let (ticket, user, created) = match deps.engagements.find(task, settings, visible, None).await {
        Ok(Found::Ticket(_, ticket)) => (ticket.id, Some(ticket.requester_id), false),
        Ok(Found::Made(ticket, user)) => (ticket, Some(user), true),
        Ok(Found::Choose(..)) => {
            return Err(JobError::retry_after(CHOOSES, "the agent has still to choose a ticket"));
        }
        Ok(Found::Customer(_) | Found::Nobody) => return Ok(None),
        Err(FindError::Engagement(EngagementError::Zendesk(error))) => return Err(error.into()),
        Err(FindError::Engagement(EngagementError::Store(error))) => return Err(error.into()),
        Err(error) => return Err(JobError::retry(error)),
    };
    deps.engagements.settle(task, ticket, Settled { user, created, fresh: created, ..settled }).await?;
    Ok(Some(ticket))
}
