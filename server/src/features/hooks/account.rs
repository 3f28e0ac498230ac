//! Whether a delivery's account number is ours. The signature is the proof of a delivery, and the account's name is part of what is
//! signed; the number is a second check, for webhooks that share a secret. Zendesk has no call that tells an account's number, but
//! its log of our webhook's deliveries has it. **Invariant:** a number is believed because Zendesk's API says it, never because a
//! delivery came first; where Zendesk says nothing, the signature decides alone.

use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use url::Url;

use super::rules;
use crate::{
    clock::Clock,
    connectors::zendesk::{ZendeskClient, ZendeskError, webhook},
};

/// How long a number is believed.
const FRESH_FOR: TimeDelta = TimeDelta::hours(24);
/// Zendesk is not asked again within this.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(30);
/// Zendesk gives a delivery twelve seconds, of which the signing secret may take eight.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The number of our account, as Zendesk tells it.
pub(super) struct AccountNumber {
    zendesk: ZendeskClient,
    endpoint: Url,
    clock: Clock,
    known: RwLock<Option<Arc<Known>>>,
    /// Held while Zendesk is asked: when it last was.
    asked: Mutex<Option<DateTime<Utc>>>,
}

struct Known {
    number: String,
    at: DateTime<Utc>,
}

impl AccountNumber {
    pub(super) fn new(zendesk: ZendeskClient, endpoint: Url, clock: Clock) -> Self {
        Self { zendesk, endpoint, clock, known: RwLock::default(), asked: Mutex::default() }
    }

    /// Whether a delivery with this number can be of our account.
    pub(super) async fn admits(&self, number: &str) -> bool {
        let now = self.clock.now();
        let is_fresh = |known: &Known| now - known.at < FRESH_FOR && known.number == number;
        if !self.known().is_some_and(|known| is_fresh(&known)) {
            self.read_again(now).await;
        }
        self.known().is_none_or(|known| known.number == number)
    }

    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().expect("no holder panics").clone()
    }

    /// Asks Zendesk, if it was not asked a moment ago. What it does not tell stays as it was.
    async fn read_again(&self, now: DateTime<Utc>) {
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| now - at < ASKED_EVERY) {
            return;
        }
        *asked = Some(now);
        match tokio::time::timeout(TIMEOUT, self.read()).await {
            Ok(Ok(Some(number))) => {
                *self.known.write().expect("no holder panics") = Some(Arc::new(Known { number, at: now }));
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "Zendesk does not tell the number of its account; signatures decide alone");
            }
            Err(_) => tracing::debug!("Zendesk does not tell the number of its account in time"),
        }
    }

    async fn read(&self) -> Result<Option<String>, ZendeskError> {
        let webhooks = self.zendesk.webhooks().await?;
        for ours in webhooks.iter().filter(|webhook| rules::calls(&webhook.is, &self.endpoint)) {
            let number = self.zendesk.delivered_header(&ours.id, webhook::ACCOUNT).await?;
            if let Some(number) = number.filter(|number| super::is_a_name(number)) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }
}
