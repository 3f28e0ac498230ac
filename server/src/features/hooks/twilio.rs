//! Twilio calls us: something became of a task. **Invariants:** the signature is checked on the raw bytes before anything
//! reads them; an event is taken once, and what follows from it is enqueued in the same transaction.

use std::sync::Arc;

use secrecy::SecretString;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    clock::Clock,
    connectors::twilio::webhook::{self, Body, WebhookError},
    features::engagements::{
        By, Engagements,
        events::{self, Ours, Unreadable},
    },
    store::{
        Db, StoreError,
        hook_deliveries::{self, Taken},
    },
};

/// Twilio's deliveries to one account.
#[derive(Clone)]
pub struct TwilioHooks(Arc<Inner>);

struct Inner {
    account: String,
    /// The primary auth token; without it nothing can be checked.
    auth_token: Option<SecretString>,
    ours: Option<Ours>,
    public_url: Url,
    clock: Clock,
    db: Db,
    engagements: Engagements,
}

/// What [`TwilioHooks`] are made of.
pub struct TwilioSetup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// `twilio.auth_token`.
    pub auth_token: Option<SecretString>,
    /// The Twilio account; `None` where there is none.
    pub ours: Option<Ours>,
    /// `server.public_url`.
    pub public_url: Url,
    /// What time it is.
    pub clock: Clock,
    pub db: Db,
    pub engagements: Engagements,
}

/// Why a delivery is refused.
#[derive(Debug, thiserror::Error)]
pub enum TwilioHookError {
    /// Not Twilio's doing.
    #[error("this delivery is not signed")]
    Unsigned,
    /// See the connector's error.
    #[error(transparent)]
    Signature(#[from] WebhookError),
    /// See the feature's error.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Operator: the token is not set.
    #[error("`twilio.auth_token` is not set, so Twilio's deliveries cannot be verified")]
    NotConnected,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TwilioHooks {
    /// See [`TwilioSetup`].
    pub fn new(setup: TwilioSetup) -> Self {
        let TwilioSetup { account, auth_token, ours, public_url, clock, db, engagements } = setup;
        Self(Arc::new(Inner { account, auth_token, ours, public_url, clock, db, engagements }))
    }

    /// Takes a delivery; `path_and_query` as it was asked for.
    pub async fn events(
        &self,
        path_and_query: &str,
        signature: Option<&str>,
        body: &[u8],
        is_form: bool,
    ) -> Result<(), TwilioHookError> {
        let inner = &self.0;
        let (Some(token), Some(ours)) = (&inner.auth_token, &inner.ours) else {
            return Err(TwilioHookError::NotConnected);
        };
        let signature = signature.ok_or(TwilioHookError::Unsigned)?;
        let url = format!("{}{path_and_query}", inner.public_url.as_str().trim_end_matches('/'));
        webhook::verify(token, signature, &url, if is_form { Body::Form(body) } else { Body::Bytes(body) })?;
        let events = if is_form { events::of_form(body, ours)? } else { events::of_json(body, ours)? };
        let settings = inner.engagements.settings().await?;
        let now = inner.clock.now();
        let mut tx = inner.db.begin().await?;
        for event in &events {
            // A batch has one signature for many events; each has a name of its own.
            let name = hex::encode(Sha256::digest(format!("twilio:{}", event.id)));
            let came = hook_deliveries::take(&mut tx, &inner.account, &name, &name, now).await?;
            if came == Taken::Fresh {
                let by = By::Twilio(event.worker.as_ref());
                inner
                    .engagements
                    .request_note(&mut tx, &settings, &event.task_sid, &event.request, by)
                    .await?;
                inner.engagements.accepted(&mut tx, &settings, event).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
