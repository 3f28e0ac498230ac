//! What every handler shares: the clock, the choices, the account, and the way to the open workspaces.

use std::sync::{Arc, Mutex, MutexGuard, atomic::AtomicUsize};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::{
    faults::Faults, odd::OddRules, options::Options, salesforce::Org, seed, state::Account, traffic::Traffic,
    twilio::Twilio,
};

/// Where the stand-ins are.
#[derive(Debug, Clone)]
pub(crate) struct Urls {
    pub(crate) zendesk: String,
    pub(crate) content: String,
    pub(crate) twilio: String,
    /// The organization's own domain.
    pub(crate) salesforce: String,
    /// The login host: the same listener by another name.
    pub(crate) salesforce_login: String,
}

/// Shared by all handlers; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct World(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: Options,
    urls: Urls,
    account: Mutex<Account>,
    twilio: Mutex<Twilio>,
    salesforce: Mutex<Org>,
    traffic: Mutex<Traffic>,
    faults: Mutex<Faults>,
    odd: Mutex<OddRules>,
    workspace: broadcast::Sender<Value>,
    creating: Mutex<()>,
    delivering: AtomicUsize,
    http: reqwest::Client,
}

impl World {
    pub(crate) fn new(options: Options, urls: Urls) -> Self {
        let now = options.clock.now();
        let account = seed::account(&options, &urls.zendesk, now);
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(12))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Zendesk Webhook")
            .build()
            .expect("a client without TLS settings can be built");
        Self(Arc::new(Inner {
            urls,
            account: Mutex::new(account),
            twilio: Mutex::new(Twilio::seeded(&options, now)),
            salesforce: Mutex::new(Org::new(&options, now)),
            traffic: Mutex::default(),
            faults: Mutex::default(),
            odd: Mutex::default(),
            workspace: broadcast::channel(256).0,
            creating: Mutex::default(),
            delivering: AtomicUsize::new(0),
            http,
            options,
        }))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.options.clock.now()
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn urls(&self) -> &Urls {
        &self.0.urls
    }

    /// Search knows what was there by then.
    pub(crate) fn search_horizon(&self) -> DateTime<Utc> {
        self.now() - chrono::TimeDelta::from_std(self.0.options.search_lag).unwrap_or_default()
    }

    /// The canonical address of the account, as bodies name it.
    pub(crate) fn base(&self) -> &str {
        &self.0.urls.zendesk
    }

    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.0.account.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    pub(crate) fn twilio(&self) -> MutexGuard<'_, Twilio> {
        self.0.twilio.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    pub(crate) fn salesforce(&self) -> MutexGuard<'_, Org> {
        self.0.salesforce.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.0.traffic.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.faults.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    pub(crate) fn odd(&self) -> MutexGuard<'_, OddRules> {
        self.0.odd.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    /// Held while a ticket is created, so that two calls with one idempotency key make one.
    pub(crate) fn creating(&self) -> MutexGuard<'_, ()> {
        self.0.creating.lock().expect("a handler that panics here is a defect of the sandbox")
    }

    /// How many deliveries of webhooks have not ended yet.
    pub(crate) fn delivering(&self) -> &AtomicUsize {
        &self.0.delivering
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Tells the open workspaces; nobody listening is fine.
    pub(crate) fn broadcast(&self, event: Value) {
        let _ = self.0.workspace.send(event);
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Value> {
        self.0.workspace.subscribe()
    }

    /// Back to how it was at the start.
    pub(crate) fn reset(&self) {
        let now = self.now();
        *self.account() = seed::account(self.options(), self.base(), now);
        *self.twilio() = Twilio::seeded(self.options(), now);
        *self.salesforce() = Org::new(self.options(), now);
        *self.traffic() = Traffic::default();
        *self.faults() = Faults::default();
        *self.odd() = OddRules::default();
    }
}
