//! Calls and chats: whose they are, which ticket they belong to, what is written into it. **Invariants:** a task's ticket
//! and its caller are made once, however many browsers and webhooks report it; an agent waits for at most what they see;
//! nothing is written but into a ticket that the agent who caused it may see at that moment (ADR 10).

mod accepted; // an accept of which only Twilio told
mod after; // tags, assignment, the way back to the task
mod author; // whose note a note is
pub mod claims; // whose task it is, by Twilio's word
pub mod events; // what Twilio tells us itself
mod finding; // which ticket, which customer
mod log; // what is written into the ticket, and when
mod making; // a ticket, a customer
mod note; // how that reads
mod origin; // what a task was before an agent had it
mod owner; // who answers a ticket that is made
mod stage; // what is known of one before its note is written
mod ticket; // which ticket it is, when no agent asks
mod view; // what has become of it so far
mod wrap_up; // what agents note at its end

use std::sync::Arc;

use chrono::{DateTime, Utc};
use wire::{FlexSettings, TicketId, UserId};

pub use accepted::Accepted;
pub use after::{AfterPop, AfterPopDeps};
pub use claims::{Claim, ClaimError, Claimant, TaskRouter};
pub use finding::{Acting, FindError, Found, NoTicket, Searched};
pub use log::{LogDeps, LogNote};
pub use origin::Origin;
pub use stage::By;
pub use view::ViewError;
pub use wrap_up::WrapUpError;

use crate::{
    clock::Clock,
    connectors::zendesk::{ZendeskClient, ZendeskError},
    features::{
        sessions::Sessions,
        settings::Settings,
        tasks::{OwnTags, TaskAttributes},
    },
    queue::Queue,
    store::{
        Db, StoreError, Tx,
        engagements::{self, Engagement},
    },
};

/// The engagements of one account.
#[derive(Clone)]
pub struct Engagements(Arc<Inner>);

struct Inner {
    account: String,
    clock: Clock,
    db: Db,
    queue: Queue,
    zendesk: ZendeskClient,
    settings: Settings,
    sessions: Sessions,
    task_router: Option<TaskRouter>,
    own_tags: OwnTags,
    trust_worker_email: bool,
}

/// What [`Engagements`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// What time it is.
    pub clock: Clock,
    pub db: Db,
    /// Does what nobody waits for.
    pub queue: Queue,
    /// Has tickets and customers.
    pub zendesk: ZendeskClient,
    /// What admins have decided.
    pub settings: Settings,
    /// Knows what an agent may see now.
    pub sessions: Sessions,
    /// Knows whose a task is; absent where there is no workspace.
    pub task_router: Option<TaskRouter>,
    /// Tags that no task brings.
    pub own_tags: OwnTags,
    /// Whether `email` in a worker's attributes says which agent they are.
    pub trust_worker_email: bool,
}

/// Why an engagement's ticket is not known.
#[derive(Debug, thiserror::Error)]
pub enum EngagementError {
    /// See the connector's error.
    #[error("the engagement's ticket could not be found or created in Zendesk")]
    Zendesk(#[from] ZendeskError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Agent: try again in a moment.
    #[error("another browser is still creating this engagement's ticket")]
    Busy,
}

/// A Flex task, with the attributes by which its caller is found.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// `WT…`.
    pub sid: &'a str,
    pub attributes: &'a TaskAttributes,
}

impl Engagements {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, clock, db, queue, zendesk, settings, sessions, task_router, .. } = setup;
        let (own_tags, trust_worker_email) = (setup.own_tags, setup.trust_worker_email);
        Self(Arc::new(Inner {
            account,
            clock,
            db,
            queue,
            zendesk,
            settings,
            sessions,
            task_router,
            own_tags,
            trust_worker_email,
        }))
    }

    /// What admins have decided.
    pub async fn settings(&self) -> Result<FlexSettings, StoreError> {
        self.0.settings.flex().await
    }

    /// What is known of a task already.
    pub async fn known(&self, task_sid: &str) -> Result<Option<Engagement>, StoreError> {
        engagements::of_task(&self.0.db, &self.0.account, task_sid).await
    }

    /// There is such a task: an agent asked about it, whatever came of that.
    pub async fn introduce(&self, task_sid: &str) -> Result<(), StoreError> {
        engagements::introduce(&self.0.db, &self.0.account, task_sid, self.0.clock.now()).await
    }

    /// The task belongs to this ticket. What follows from it (tags, assignment, the way back to Flex) is done later.
    pub async fn settle(&self, task_sid: &str, ticket: TicketId, settled: Settled) -> Result<(), StoreError> {
        let Some(news) = self.news(task_sid, ticket, settled).await? else { return Ok(()) };
        let mut tx = self.0.db.begin().await?;
        self.write(&mut tx, &news).await?;
        tx.commit().await
    }

    /// What is to be written down of that; nothing where all of it is known.
    pub async fn news(
        &self,
        task_sid: &str,
        ticket: TicketId,
        settled: Settled,
    ) -> Result<Option<News>, StoreError> {
        let inner = &self.0;
        let engagement = Engagement {
            ticket_id: Some(ticket.0),
            user_id: settled.user.map(|id| id.0),
            created: settled.created,
        };
        if !settled.fresh && settled.accepted_by.is_none() && self.known(task_sid).await? == Some(engagement)
        {
            return Ok(None);
        }
        let job = AfterPop {
            account: inner.account.clone(),
            task_sid: task_sid.to_owned(),
            ticket_id: ticket,
            user_id: settled.user,
            agent_id: settled.accepted_by,
            by: settled.by,
            unclaimed: settled.unclaimed,
            accepted_at: settled
                .accepted_by
                .map(|_| settled.accepted_at.unwrap_or_else(|| inner.clock.now())),
            tagged: settled.fresh,
        };
        Ok(Some(News { engagement, job }))
    }

    /// Writes it down, together with what else `tx` does. A claim that Twilio has not confirmed is only enqueued.
    pub async fn write(&self, tx: &mut Tx, news: &News) -> Result<(), StoreError> {
        let inner = &self.0;
        let News { engagement, job } = news;
        inner.queue.enqueue(tx, job).await?;
        if !job.unclaimed {
            inner.write_down(tx, &job.task_sid, *engagement, job.agent_id.zip(job.accepted_at)).await?;
        }
        Ok(())
    }
}

impl Inner {
    /// That the task belongs to a ticket, and who took it when.
    async fn write_down(
        &self,
        tx: &mut Tx,
        task_sid: &str,
        engagement: Engagement,
        accepted: Option<(UserId, DateTime<Utc>)>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        engagements::settle(&mut *tx, &self.account, task_sid, engagement, now).await?;
        self.hasten(tx, task_sid).await?;
        if let Some((agent, at)) = accepted {
            engagements::accept(tx, &self.account, task_sid, agent.0, at).await?;
        }
        Ok(())
    }
}

/// That a task belongs to a ticket, and what follows from it.
#[derive(Debug)]
pub struct News {
    engagement: Engagement,
    job: AfterPop,
}

/// How a task came to its ticket.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// The agent who caused it; `None`: the caller did, and nobody took the task.
    pub by: Option<Claimant>,
    /// Twilio has not said yet that the task is theirs.
    pub unclaimed: bool,
    /// Whose it is.
    pub user: Option<UserId>,
    /// Whether the ticket was made for it.
    pub created: bool,
    /// Whether it was made just now: then what follows is still to be done.
    pub fresh: bool,
    /// Who accepted it just now.
    pub accepted_by: Option<UserId>,
    /// When, where it was not now.
    pub accepted_at: Option<DateTime<Utc>>,
}
