//! Zendesk calls us: a trigger saw the tag on a ticket. Is it Zendesk, is it our account, was it here before? Then the
//! request is recorded and its job enqueued in one transaction, and Zendesk has its answer. **Invariants:** the signature is
//! checked on the raw bytes before anything reads them; no vendor is asked about the ticket here, the job does that.

mod account; // whose deliveries these are
mod notices; // deliveries that have to do with notices
pub mod rules; // what the webhook and the trigger must be
mod secret; // what signs the deliveries
mod twilio; // Twilio's deliveries

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;
use wire::{StartedRun, TicketId};

pub use notices::{NoticeHooks, NoticeSetup};
pub use twilio::{TwilioHookError, TwilioHooks, TwilioSetup};

use self::{account::AccountNumber, secret::SigningSecrets};
use crate::{
    clock::Clock,
    connectors::zendesk::{ZendeskClient, ZendeskError},
    features::archive::{Archive, Asker},
    store::{
        Db, StoreError,
        hook_deliveries::{self, Taken},
    },
};

/// The webhooks of one account.
#[derive(Clone)]
pub struct Hooks(Arc<Inner>);

struct Inner {
    account: String,
    trigger_tag: String,
    clock: Clock,
    db: Db,
    archive: Archive,
    secrets: SigningSecrets,
    number: AccountNumber,
}

/// What [`Hooks`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// `zendesk.webhook_secret`.
    pub webhook_secret: Option<SecretString>,
    /// Where Zendesk's webhook must call: see [`rules::endpoint`].
    pub endpoint: Url,
    /// `archive.trigger_tag`.
    pub trigger_tag: String,
    /// What time it is.
    pub clock: Clock,
    pub db: Db,
    /// Asked for the signing secret where none is set.
    pub zendesk: ZendeskClient,
    /// Puts attachments away.
    pub archive: Archive,
}

/// A delivery as it came in.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Base64 of the HMAC.
    pub signature: Option<&'a str>,
    /// When it was signed.
    pub timestamp: Option<&'a str>,
    /// Zendesk's name of the delivery; repeats carry the same. It is not signed.
    pub invocation: Option<&'a str>,
    /// The number of the account that sends. It is not signed.
    pub account_number: Option<&'a str>,
    /// The bytes that were signed.
    pub body: &'a [u8],
}

/// Why a delivery is refused.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// Not Zendesk's doing.
    #[error("this delivery is not signed")]
    Unsigned,
    /// Forged, changed on its way, or signed with another secret than the one we know.
    #[error("the signature of this delivery does not match")]
    Signature,
    /// Held back, or one of the clocks is wrong.
    #[error("this delivery was signed at {0}, more than 5 minutes from now")]
    Stale(DateTime<Utc>),
    /// The signature came before under another name.
    #[error("this delivery was already accepted")]
    Replayed,
    /// Signed by the webhook, but sent by another trigger than ours.
    #[error("the body is not what Deskside's trigger sends")]
    Body,
    /// Of another Zendesk account.
    #[error("this delivery is for another Zendesk account")]
    WrongAccount,
    /// Nobody connected the two.
    #[error("Zendesk has no webhook for {0}, so no delivery can be signed")]
    NotConnected(Url),
    /// The signing secret could not be read.
    #[error("Zendesk did not return the signing secret of its webhook")]
    Secret(#[source] Arc<ZendeskError>),
    /// The signing secret could not be read a moment ago, or takes too long.
    #[error("the signing secret of Zendesk's webhook has not been read yet")]
    SecretNotYet,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What our trigger sends.
#[derive(Deserialize)]
struct Tagged {
    account: Option<String>,
    ticket_id: Number,
    /// The tag that asks. A trigger of the version before does not say it.
    tag: Option<String>,
}

/// Zendesk fills `{{ticket.id}}` into text; whoever writes the trigger by hand may leave the quotes out.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Text(String),
}

impl Hooks {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, webhook_secret, endpoint, trigger_tag, clock, db, zendesk, archive } = setup;
        let number = AccountNumber::new(zendesk.clone(), endpoint.clone(), clock.clone());
        let secrets = SigningSecrets::new(webhook_secret, zendesk, endpoint, clock.clone());
        Self(Arc::new(Inner { account, trigger_tag, clock, db, archive, secrets, number }))
    }

    /// Starts (or joins) the run that the tag asks for; `None` where this delivery was already accepted.
    pub async fn ticket_tagged(&self, delivery: Delivery<'_>) -> Result<Option<StartedRun>, HookError> {
        let inner = &self.0;
        let now = inner.clock.now();
        inner.secrets.verify(&delivery, now).await?;
        let (ticket, tag) = self.read(delivery.body)?;
        self.same_account(delivery.account_number).await?;
        let (signature, invocation) = names_of(&delivery);
        let mut tx = inner.db.begin().await?;
        match hook_deliveries::take(&mut tx, &inner.account, &invocation, &signature, now).await? {
            Taken::Fresh => {}
            Taken::Repeated => return Ok(None),
            Taken::Replayed => return Err(HookError::Replayed),
        }
        let started = inner.archive.request(&mut tx, Asker::Tag(&tag), ticket, None, now).await?;
        tx.commit().await?;
        inner.archive.ticket_changed(ticket).await;
        tracing::info!(ticket.id = %ticket, run = started.run.id, "the tag on ticket {ticket} asks for its archive");
        Ok(Some(started))
    }

    fn read(&self, body: &[u8]) -> Result<(TicketId, String), HookError> {
        let tagged: Tagged = serde_json::from_slice(body).map_err(|_| HookError::Body)?;
        if tagged.account.is_some_and(|account| !account.eq_ignore_ascii_case(&self.0.account)) {
            return Err(HookError::WrongAccount);
        }
        let number = number_of(tagged.ticket_id).ok_or(HookError::Body)?;
        let tag = tagged.tag.unwrap_or_else(|| self.0.trigger_tag.clone());
        if !rules::is_stored_tag(&tag) {
            return Err(HookError::Body);
        }
        Ok((TicketId(number), tag))
    }

    async fn same_account(&self, number: Option<&str>) -> Result<(), HookError> {
        let Some(number) = number else { return Ok(()) };
        let is_ours = is_a_name(number) && self.0.number.admits(number).await;
        if is_ours { Ok(()) } else { Err(HookError::WrongAccount) }
    }
}

/// An id of Zendesk's. Larger ones are none, and no 64-bit integers of a database.
fn number_of(number: Number) -> Option<u64> {
    let number = match number {
        Number::Plain(number) => number,
        Number::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
        Number::Text(_) => return None,
    };
    (number > 0 && i64::try_from(number).is_ok()).then_some(number)
}

/// By which a delivery is known again: the hash of its signature, and its name.
fn names_of(delivery: &Delivery<'_>) -> (String, String) {
    let signature = hex::encode(Sha256::digest(delivery.signature.unwrap_or_default()));
    let invocation = delivery.invocation.filter(|name| is_a_name(name)).unwrap_or(&signature).to_owned();
    (signature, invocation)
}

/// What Zendesk's ids look like, and what we would keep of a stranger's.
fn is_a_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
