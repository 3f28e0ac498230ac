//! How somebody is told, and how often: `PagerDuty` knows an alert by its key, so twice is once. A note in Zendesk carries a marker
//! and is looked for before it is written again. A group's ticket has a name of ours. The company's webhook knows neither: a notice
//! that was perhaps sent when the server stopped is not sent again, except a page, which somebody rather hears twice than never.

use super::{
    Notices, Setup,
    compose::{self, Message},
    job::Read,
    kind::Kind,
    owner::InCharge,
    rules::Reason,
    settings::Way,
};
use crate::{
    connectors::{
        Advice, CallFailure, FailureKind, VendorError,
        pagerduty::Alert,
        zendesk::{NewTicket, Owner, Requester, Ticket, UserId, ZendeskError},
    },
    features::obeyed,
    queue::{self, JobError, Lease},
    store::notices::{Notice, Progress},
};

/// Somebody was told.
pub(super) struct Told;

/// Nobody was.
pub(super) enum Undelivered {
    /// And nobody will be in this way.
    Because(Reason),
    /// It is tried again.
    Later(JobError),
}

impl From<ZendeskError> for Undelivered {
    fn from(error: ZendeskError) -> Self {
        Self::of(error)
    }
}

impl From<CallFailure> for Undelivered {
    fn from(error: CallFailure) -> Self {
        Self::of(error)
    }
}

impl From<JobError> for Undelivered {
    fn from(error: JobError) -> Self {
        if error.advice() == queue::Advice::GiveUp {
            tracing::warn!(error = error.chain(), "the channel of a notice refuses it");
            return Self::Because(Reason::ChannelRefused);
        }
        Self::Later(error)
    }
}

impl Undelivered {
    fn of(error: impl VendorError) -> Self {
        match error.advice() {
            Advice::GiveUp => {
                let said = crate::causes::with_causes(&error);
                tracing::warn!(error = %said, "the channel of a notice refuses it");
                Self::Because(Reason::ChannelRefused)
            }
            advice => Self::Later(obeyed(advice, error)),
        }
    }
}

impl Notices {
    /// Whether a notice may be sent again that was perhaps sent when its worker died.
    pub(super) fn can_be_repeated(&self, notice: &Notice) -> bool {
        notice.channel.as_deref() != Some(Way::Notify.as_str()) || notice.kind == Kind::Page
    }

    /// Tells whoever is in charge, in the notice's own way: what is known of it then. A page of which nothing could be read goes to
    /// those whom its way reaches without an owner.
    pub(super) async fn tell_in_charge(
        &self,
        notice: &Notice,
        lease: &Lease,
        read: &Read,
    ) -> Result<Result<Progress, Undelivered>, JobError> {
        let way = self.0.settings.way(notice.kind);
        let is_unread = notice.kind == Kind::Page && read.ticket.is_none();
        let person = match self.in_charge(notice.kind, way, &read.facts).await {
            Ok(Ok(person)) => person,
            Ok(Err(_)) if is_unread && way == Way::Notify => {
                InCharge { name: way.as_str().to_owned(), agent: None }
            }
            Ok(Err(_)) if is_unread => return Ok(Err(Undelivered::Because(Reason::GaveUp))),
            Ok(Err(reason)) => return Ok(Err(Undelivered::Because(reason))),
            Err(error) => return Ok(Err(Undelivered::Later(error.into()))),
        };
        let progress = Progress {
            told_to: Some(person.name.clone()),
            channel: Some(way.as_str().to_owned()),
            ..read.known(notice.kind)
        };
        self.begin(notice, lease, &progress).await?;
        let owner = (way != Way::PagerDuty && !is_unread).then_some(person.name.as_str());
        let told = match self.end_earlier(notice, lease, way).await {
            Ok(()) => self.tell(notice, read, (way, person.agent, owner), None).await,
            Err(error) => Err(error),
        };
        Ok(told.map(|Told| progress))
    }

    /// Tells in one way; `agent`: who, where Zendesk tells; `because`: why these and not whoever is in charge.
    pub(super) async fn tell(
        &self,
        notice: &Notice,
        read: &Read,
        (way, agent, owner): (Way, Option<UserId>, Option<&str>),
        because: Option<Reason>,
    ) -> Result<Told, Undelivered> {
        let message = Message::about(&self.subject(notice, read, owner), because);
        match way {
            Way::Off => Err(Undelivered::Because(Reason::Off)),
            Way::Notify => {
                let notify = self.0.notify.as_ref();
                let notify = notify.ok_or(Undelivered::Because(Reason::ChannelNotSet))?;
                notify.tell(&notice.id, &message.text(), message.more).await?;
                Ok(Told)
            }
            Way::PagerDuty => self.page(notice, &message).await,
            Way::Zendesk => match (&read.ticket, agent) {
                (Some(ticket), Some(agent)) => self.note(notice, ticket, agent, &message).await,
                (None, Some(agent)) => self.file(notice, &message, Owner::Agent(agent)).await,
                (_, None) => Err(Undelivered::Because(Reason::OwnerUnknown)),
            },
        }
    }

    /// Tells a group by a ticket of its own.
    pub(super) async fn tell_group(
        &self,
        notice: &Notice,
        read: &Read,
        group: u64,
        because: Reason,
    ) -> Result<Told, Undelivered> {
        let subject = self.subject(notice, read, None);
        self.file(notice, &Message::about(&subject, Some(because)), Owner::Group(group)).await
    }

    /// The agent follows the ticket and gets a note, which Zendesk mails to followers.
    async fn note(
        &self,
        notice: &Notice,
        ticket: &Ticket,
        agent: UserId,
        message: &Message,
    ) -> Result<Told, Undelivered> {
        let Setup { zendesk, .. } = &*self.0;
        let marker = compose::marker(&notice.id);
        // An earlier attempt began to write it, and perhaps did.
        let perhaps_written = notice.channel.is_some();
        let is_there = perhaps_written
            && zendesk.comments(ticket.id).await?.iter().any(|comment| comment.html_body.contains(&marker));
        let after = if is_there {
            ticket.clone()
        } else {
            match zendesk.note_for_follower(ticket.id, agent, &message.html(&marker)).await {
                Err(ZendeskError::Closed { .. }) => return Err(Undelivered::Because(Reason::Closed)),
                Err(error) if error.is(FailureKind::NotFound) => {
                    return Err(Undelivered::Because(Reason::TicketGone));
                }
                after => after?,
            }
        };
        if after.follower_ids.contains(&agent) || after.assignee_id == Some(agent) {
            Ok(Told)
        } else {
            Err(Undelivered::Because(Reason::NotFollower))
        }
    }

    /// A ticket of its own, once.
    async fn file(&self, notice: &Notice, message: &Message, owner: Owner) -> Result<Told, Undelivered> {
        let Setup { zendesk, .. } = &*self.0;
        let name = format!("deskside-notice-{}", notice.id);
        if zendesk.ticket_by_external_id(&name).await?.is_some() {
            return Ok(Told);
        }
        let ticket = NewTicket {
            subject: message.headline.clone(),
            description: message.text(),
            requester: Requester::Known(zendesk.me().await?.id),
            external_id: name.clone(),
            tags: vec!["deskside_notice".to_owned()],
            owner,
        };
        zendesk.create_ticket(&ticket, &name).await?;
        Ok(Told)
    }

    async fn page(&self, notice: &Notice, message: &Message) -> Result<Told, Undelivered> {
        let pagerduty = self.0.pagerduty.as_ref().ok_or(Undelivered::Because(Reason::ChannelNotSet))?;
        let alert = Alert {
            dedup_key: &self.dedup_key(notice),
            summary: &message.headline,
            source: &format!("{}.zendesk.com", self.0.account),
            details: serde_json::json!({ "text": message.lines.join("\n") }),
            links: message.links.clone(),
        };
        pagerduty.trigger(&alert).await?;
        Ok(Told)
    }

    /// By which an alert is known: of an emergency the account and the ticket; other notices never go into the alert of one.
    pub(super) fn dedup_key(&self, notice: &Notice) -> String {
        match (notice.kind, notice.ticket_id) {
            (Kind::Page | Kind::PageOver, Some(ticket)) => format!("deskside-{}-{ticket}", self.0.account),
            _ => format!("deskside-{}-{}", self.0.account, notice.id),
        }
    }
}
