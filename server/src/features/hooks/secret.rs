//! What signs the deliveries: `zendesk.webhook_secret`, otherwise the secrets of the webhooks in Zendesk that call us.
//! Those are kept in memory, read again when they are old, and once more when a signature does not match, because admins
//! rotate them. **Invariant:** whoever matches never waits for Zendesk, and strangers cannot make us ask it often.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tokio::sync::Mutex;
use url::Url;

use super::{Delivery, HookError, rules};
use crate::{
    causes::with_causes,
    clock::Clock,
    connectors::zendesk::{
        ZendeskClient, ZendeskError,
        webhook::{self, WebhookError},
    },
};

/// How long what was read is good.
const FRESH_FOR: TimeDelta = TimeDelta::hours(1);
/// How much longer it is taken while Zendesk does not answer, or refuses: a tag must not be lost for that.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// Zendesk is not asked again within this.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(30);
/// Zendesk gives a delivery twelve seconds.
const SIGNING_SECRET_TIMEOUT: Duration = Duration::from_secs(8);
/// Several webhooks may call the same address (an admin made another by hand); more than this is no accident.
const MOST: usize = 5;

/// The secrets of one address.
pub(super) struct SigningSecrets {
    set: Option<SecretString>,
    zendesk: ZendeskClient,
    endpoint: Url,
    clock: Clock,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while Zendesk is asked: when it last was.
    asked: Mutex<Option<DateTime<Utc>>>,
}

struct Known {
    secrets: Vec<SecretString>,
    at: DateTime<Utc>,
}

impl SigningSecrets {
    pub(super) fn new(
        set: Option<SecretString>,
        zendesk: ZendeskClient,
        endpoint: Url,
        clock: Clock,
    ) -> Self {
        Self { set, zendesk, endpoint, clock, known: RwLock::default(), asked: Mutex::default() }
    }

    /// Checks a delivery against every secret that may have signed it.
    pub(super) async fn verify(&self, delivery: &Delivery<'_>, now: DateTime<Utc>) -> Result<(), HookError> {
        let (Some(signature), Some(timestamp)) = (delivery.signature, delivery.timestamp) else {
            return Err(HookError::Unsigned);
        };
        if !webhook::can_be_signed(signature, timestamp) {
            return Err(HookError::Signature); // before Zendesk is asked for anything
        }
        let check = |secret: &SecretString| webhook::verify(secret, signature, timestamp, delivery.body, now);
        if let Some(secret) = &self.set {
            return check(secret).map_err(refusal);
        }
        let any = |known: &Known| {
            let mut checked = known.secrets.iter().map(check);
            // A signature that matches and is late says so; the others' mismatch does not hide it.
            checked
                .find(|checked| *checked != Err(WebhookError::Signature))
                .unwrap_or(Err(WebhookError::Signature))
        };
        let known = self.known();
        if let Some(known) = known.as_deref().filter(|known| now - known.at < FRESH_FOR) {
            match any(known) {
                Err(WebhookError::Signature) => {}
                checked => return checked.map_err(refusal),
            }
        }
        any(&*self.other_than(known).await?).map_err(refusal)
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().expect("no holder panics").clone()
    }

    /// What Zendesk says now, if it may be asked; otherwise what it last said.
    async fn other_than(&self, seen: Option<Arc<Known>>) -> Result<Arc<Known>, HookError> {
        let mut asked = self.asked.lock().await;
        let now = self.clock.now();
        let usable = self.known().filter(|known| now - known.at < KEPT_FOR);
        if let Some(known) = &usable
            && seen.is_none_or(|seen| !Arc::ptr_eq(&seen, known))
        {
            return Ok(Arc::clone(known)); // somebody else has read it
        }
        if asked.is_some_and(|at| now - at < ASKED_EVERY) {
            return usable.ok_or(HookError::SecretNotYet);
        }
        *asked = Some(now);
        let read = tokio::time::timeout(SIGNING_SECRET_TIMEOUT, self.read()).await;
        let secrets = match read {
            Ok(Ok(secrets)) => secrets,
            Ok(Err(error)) => {
                let said = with_causes(&error);
                tracing::warn!(error = %said, "the signing secrets of webhooks could not be read");
                return usable.ok_or_else(|| HookError::Secret(Arc::new(error)));
            }
            Err(_) => return usable.ok_or(HookError::SecretNotYet),
        };
        let read = Arc::new(Known { secrets, at: now });
        let connected = !read.secrets.is_empty();
        *self.known.write().expect("no holder panics") = connected.then(|| Arc::clone(&read));
        if connected { Ok(read) } else { Err(HookError::NotConnected(self.endpoint.clone())) }
    }

    async fn read(&self) -> Result<Vec<SecretString>, ZendeskError> {
        let webhooks = self.zendesk.webhooks().await?;
        let ours = webhooks.iter().filter(|webhook| rules::calls(&webhook.is, &self.endpoint)).take(MOST);
        let mut secrets = Vec::new();
        for webhook in ours {
            secrets.push(self.zendesk.signing_secret(&webhook.id).await?);
        }
        if secrets.is_empty() {
            webhooks.proves_absence().map_err(|why| ZendeskError::unreadable("GET /api/v2/webhooks", why))?;
        }
        Ok(secrets)
    }
}

fn refusal(error: WebhookError) -> HookError {
    match error {
        WebhookError::Signature | WebhookError::Timestamp => HookError::Signature,
        WebhookError::Stale(sent) => HookError::Stale(sent),
    }
}
