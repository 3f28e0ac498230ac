//! Zendesk's triggers ask for notices, and Zendesk reports new users. **Invariants:** as with the archive's deliveries: the signature is
//! checked on the raw bytes before anything reads them, a delivery is taken once, and what follows from it is enqueued in the same
//! transaction; nobody is asked about ticket or user here.

use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::{
    Delivery, HookError, Number, account::AccountNumber, is_a_name, names_of, number_of,
    secret::SigningSecrets,
};
use crate::{
    clock::Clock,
    connectors::zendesk::ZendeskClient,
    features::notices::{Notices, kind},
    store::{
        Db,
        hook_deliveries::{self, Taken},
    },
};

/// The event that a user was made.
const USER_CREATED: &str = "zen:event-type:user.created";

/// The deliveries of one account that have to do with notices.
#[derive(Clone)]
pub struct NoticeHooks(Arc<Inner>);

struct Inner {
    account: String,
    clock: Clock,
    db: Db,
    notices: Notices,
    triggers: Door,
    events: Door,
}

/// One address that a webhook calls.
struct Door {
    secrets: SigningSecrets,
    number: AccountNumber,
}

/// What [`NoticeHooks`] are made of.
pub struct NoticeSetup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// Where triggers call, and where events are reported.
    pub endpoints: (Url, Url),
    /// What time it is.
    pub clock: Clock,
    pub db: Db,
    /// Asked for the signing secrets.
    pub zendesk: ZendeskClient,
    pub notices: Notices,
}

/// What our triggers send.
#[derive(Deserialize)]
struct Asked {
    account: String,
    ticket_id: Number,
    kind: String,
}

/// What Zendesk reports of an event.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    id: Number,
    #[serde(default)]
    role: Option<String>,
}

impl NoticeHooks {
    /// See [`NoticeSetup`].
    pub fn new(setup: NoticeSetup) -> Self {
        let NoticeSetup { account, endpoints, clock, db, zendesk, notices } = setup;
        let door = |endpoint: Url| Door {
            number: AccountNumber::new(zendesk.clone(), endpoint.clone(), clock.clone()),
            secrets: SigningSecrets::new(None, zendesk.clone(), endpoint, clock.clone()),
        };
        let (triggers, events) = (door(endpoints.0), door(endpoints.1));
        Self(Arc::new(Inner { account, clock, db, notices, triggers, events }))
    }

    /// A trigger asks for a notice. False: it was asked for before.
    pub async fn notice(&self, delivery: Delivery<'_>) -> Result<bool, HookError> {
        let inner = &self.0;
        inner.triggers.admits(&delivery, &inner.clock).await?;
        let asked: Asked = serde_json::from_slice(delivery.body).map_err(|_| HookError::Body)?;
        if !asked.account.eq_ignore_ascii_case(&inner.account) {
            return Err(HookError::WrongAccount);
        }
        let ticket = number_of(asked.ticket_id).ok_or(HookError::Body)?;
        let kind = kind::of_trigger(&asked.kind).ok_or(HookError::Body)?;
        let mut tx = inner.db.begin().await?;
        if !self.take(&mut tx, &delivery).await? {
            return Ok(false);
        }
        let is_new = inner.notices.request(&mut tx, kind, ticket).await?;
        tx.commit().await?;
        tracing::info!(
            ticket.id = ticket,
            kind = kind.as_str(),
            is_new,
            "a trigger asks for a notice about ticket {ticket}"
        );
        Ok(is_new)
    }

    /// Zendesk reports an event. False: it was reported before, or is none that anybody asked for.
    pub async fn event(&self, delivery: Delivery<'_>) -> Result<bool, HookError> {
        let inner = &self.0;
        inner.events.admits(&delivery, &inner.clock).await?;
        let event: Event = serde_json::from_slice(delivery.body).map_err(|_| HookError::Body)?;
        let user = number_of(event.detail.id).ok_or(HookError::Body)?;
        let mut tx = inner.db.begin().await?;
        if !self.take(&mut tx, &delivery).await? {
            return Ok(false);
        }
        let is_customer = event.detail.role.as_deref().is_none_or(|role| role == "end-user");
        let is_new =
            event.kind == USER_CREATED && is_customer && inner.notices.newcomer(&mut tx, user).await?;
        tx.commit().await?;
        Ok(is_new)
    }

    /// False: this delivery was taken before.
    async fn take(&self, tx: &mut crate::store::Tx, delivery: &Delivery<'_>) -> Result<bool, HookError> {
        let (signature, invocation) = names_of(delivery);
        let now = self.0.clock.now();
        match hook_deliveries::take(tx, &self.0.account, &invocation, &signature, now).await? {
            Taken::Fresh => Ok(true),
            Taken::Repeated => Ok(false),
            Taken::Replayed => Err(HookError::Replayed),
        }
    }
}

impl Door {
    /// Zendesk sends it, and the account is ours.
    async fn admits(&self, delivery: &Delivery<'_>, clock: &Clock) -> Result<(), HookError> {
        self.secrets.verify(delivery, clock.now()).await?;
        let Some(number) = delivery.account_number else { return Ok(()) };
        let is_ours = is_a_name(number) && self.number.admits(number).await;
        if is_ours { Ok(()) } else { Err(HookError::WrongAccount) }
    }
}
