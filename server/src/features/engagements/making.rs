//! A ticket, and where need be its requester, made once for a task: whoever makes it holds the task's row meanwhile, and
//! Zendesk knows the task's sid as the ticket's idempotency key and external id.

use std::time::Duration;

use wire::{FlexSettings, TicketId, UserId};

use super::{EngagementError, Engagements, Task, finding::NoTicket, owner::owner_for};
use crate::connectors::zendesk::{self, NewTicket, NewUser, Owner, Requester};
use crate::connectors::{FailureKind, VendorError};
use crate::features::sessions::{Known, Reach};
use crate::features::{tasks::Caller, templates};
use crate::store::engagements::{self, Engagement};

/// How long another browser's attempt is waited for, and how often it is looked at.
const TICKET_TIMEOUT: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: u128 = TICKET_TIMEOUT.as_millis() / LOOK.as_millis();

/// For whom a ticket is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// As the task tells.
    pub caller: &'a Caller,
    /// As Zendesk knows them.
    pub known: Option<Named<'a>>,
    /// The agent who is to see the ticket, as of now; `None`: nobody took the task.
    pub agent: Option<&'a Known>,
}

/// The ticket and its requester, or why there is none.
pub(super) type Made = Result<(TicketId, UserId), NoTicket>;

/// A customer whom Zendesk knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub id: UserId,
    pub name: &'a str,
}

impl Engagements {
    /// The ticket, and its requester.
    pub(super) async fn make(
        &self,
        task: Task<'_>,
        settings: &FlexSettings,
        wanted: Wanted<'_>,
    ) -> Result<Made, EngagementError> {
        let inner = &self.0;
        let (db, account) = (&inner.db, inner.account.as_str());
        for _ in 0..LOOKS {
            if engagements::hold(db, account, task.sid, inner.clock.now()).await? {
                let made = self.make_now(task, settings, wanted).await;
                match &made {
                    Ok(Ok((ticket, user))) => {
                        let made =
                            Engagement { ticket_id: Some(ticket.0), user_id: Some(user.0), created: true };
                        engagements::settle(db, account, task.sid, made, inner.clock.now()).await?;
                    }
                    Ok(Err(_)) | Err(_) => engagements::let_go(db, account, task.sid).await?,
                }
                return made;
            }
            if let Some(Engagement { ticket_id: Some(ticket), user_id: Some(user), .. }) =
                engagements::of_task(db, account, task.sid).await?
            {
                return Ok(Ok((TicketId(ticket), UserId(user))));
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(EngagementError::Busy)
    }

    /// The ticket that another has made for this task; where they are still at it, once they are done. Zendesk shows it to
    /// whoever looks for the caller's tickets meanwhile.
    pub(super) async fn made_by_another(
        &self,
        task: Task<'_>,
    ) -> Result<Option<(TicketId, UserId)>, EngagementError> {
        let (db, account) = (&self.0.db, self.0.account.as_str());
        for _ in 0..LOOKS {
            if !engagements::is_held(db, account, task.sid, self.0.clock.now()).await? {
                let known = engagements::of_task(db, account, task.sid).await?.filter(|known| known.created);
                return Ok(known.and_then(|known| Some((TicketId(known.ticket_id?), UserId(known.user_id?)))));
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(EngagementError::Busy)
    }

    async fn make_now(
        &self,
        task: Task<'_>,
        settings: &FlexSettings,
        Wanted { caller, known, agent }: Wanted<'_>,
    ) -> Result<Made, EngagementError> {
        let zendesk = &self.0.zendesk;
        let Some(owner) = self.owner(agent, known).await? else { return Ok(Err(NoTicket::OutOfReach)) };
        let requester = match (known, caller) {
            (Some(known), _) => Requester::Known(zendesk::UserId(known.id.0)),
            (None, Caller::Email(address)) => {
                Requester::Email { name: name_of(task, caller), address: address.clone() }
            }
            (None, _) => Requester::Known(zendesk.create_or_find_user(&new_user(task, caller)).await?.id),
        };
        let named = known.map(|known| known.name);
        let tags = self.tags(task, settings, agent);
        let ticket = NewTicket { tags, owner, ..new_ticket(task, settings, caller, named, requester).await };
        let made = match zendesk.create_ticket(&ticket, task.sid).await {
            // Made before, with other words: by a browser that died, or under other settings.
            Err(refused) if refused.is(FailureKind::Rejected) => {
                zendesk.ticket_by_external_id(task.sid).await?.ok_or(refused)?
            }
            made => made?,
        };
        Ok(Ok((TicketId(made.id.0), UserId(made.requester_id.map_or(0, |id| id.0)))))
    }

    /// With whom as its owner the agent sees the ticket; a caller whom Zendesk does not know has no organization.
    async fn owner(
        &self,
        agent: Option<&Known>,
        known: Option<Named<'_>>,
    ) -> Result<Option<Owner>, EngagementError> {
        let Some(agent) = agent else { return Ok(Some(Owner::Nobody)) };
        let organization = match (&agent.agent.reach, known) {
            (Reach::Organization(Some(_)), Some(known)) => {
                self.0.zendesk.user(zendesk::UserId(known.id.0)).await?.organization_id
            }
            _ => None,
        };
        Ok(owner_for(agent, organization))
    }

    /// What the task brings for a ticket; nothing where no agent answers for it.
    fn tags(&self, task: Task<'_>, settings: &FlexSettings, agent: Option<&Known>) -> Vec<String> {
        let own = &self.0.own_tags;
        let mut tags = agent.map(|_| task.attributes.tags(own)).unwrap_or_default();
        if !settings.automatic_tag.is_empty() && !own.has(&settings.automatic_tag) {
            tags.push(settings.automatic_tag.clone());
        }
        tags
    }
}

async fn new_ticket(
    task: Task<'_>,
    settings: &FlexSettings,
    caller: &Caller,
    name: Option<&str>,
    requester: Requester,
) -> NewTicket {
    let channel = task.attributes.channel().unwrap_or("voice");
    let shown = name.map_or_else(|| shown(caller), str::to_owned);
    let filled =
        templates::Task { attributes: task.attributes.json(), channel, caller: &shown, task_sid: task.sid };
    NewTicket {
        subject: templates::render(&settings.subject, &filled, "New ticket from Twilio Flex").await,
        description: templates::render(&settings.description, &filled, "New ticket from Twilio Flex.").await,
        requester,
        external_id: task.sid.to_owned(),
        tags: Vec::new(),
        owner: Owner::Nobody,
    }
}

/// Made of what is known of them, so that two calls at once make one user.
fn new_user(task: Task<'_>, caller: &Caller) -> NewUser {
    let name = name_of(task, caller);
    match caller {
        Caller::Phone(number) => {
            NewUser { name, phone: Some(number.clone()), external_id: external_id(number) }
        }
        Caller::External(external_id) => NewUser { name, phone: None, external_id: external_id.clone() },
        Caller::Email(_) | Caller::Anonymous | Caller::Unknown => {
            let external_id = "deskside:anonymous".to_owned();
            NewUser { name: shown(&Caller::Anonymous), phone: None, external_id }
        }
    }
}

/// Under which a caller's user is found at once: Zendesk's search finds a number only minutes after it was written.
pub(super) fn external_id(number: &str) -> String {
    format!("phone:{number}")
}

/// What the caller was called by the flow, or else the number or address.
fn name_of(task: Task<'_>, caller: &Caller) -> String {
    let named = if task.attributes.is_outbound() { None } else { task.attributes.text("customerName") };
    named.map_or_else(|| shown(caller), str::to_owned)
}

/// The other end, for people.
fn shown(caller: &Caller) -> String {
    match caller {
        Caller::Phone(text) | Caller::Email(text) | Caller::External(text) => text.clone(),
        Caller::Anonymous | Caller::Unknown => "Anonymous caller".to_owned(),
    }
}
