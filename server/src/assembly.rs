//! Puts the rooms together: from settings to a router and a worker. Nothing else knows them all.

mod archiving; // attachments leave Zendesk, and are opened again
mod calls; // whom an agent talks to
mod cards; // what they show
mod doors; // who comes in
mod hearing; // calls, heard through us
mod measures; // what is counted
mod pages; // what Zendesk and Flex frame
mod vendors; // whom we talk to
mod work; // what is done later

use std::sync::Arc;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;

pub use vendors::{Vendors, objects, vendors};

use crate::{
    clock::Clock,
    config::Config,
    connectors::objects::{Objects, ObjectsError},
    features::{archive::Archive, ledger::Ledger, limits::Limits, sessions::KeySource},
    http::{self, AppState, Readiness, Streams},
    queue::{Queue, Schedules, Worker},
    store::{Db, SealKeys, StoreError},
};

/// Everything that runs.
pub struct Deskside {
    /// Answers requests.
    pub router: Router,
    /// Does the slow work.
    pub worker: Worker,
    /// Makes jobs when it is time.
    pub schedules: Schedules,
    /// What both remember in.
    pub db: Db,
    /// What the command line asks for.
    pub archive: Archive,
    /// What both hand over.
    pub queue: Queue,
    /// What both count; wants [`PrometheusHandle::run_upkeep`] now and then, or samples pile up.
    pub metrics: PrometheusHandle,
}

/// Why it does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// See the connector's error.
    #[error(transparent)]
    Archive(#[from] ObjectsError),
}

/// What every room stands on.
struct Ground<'a> {
    config: &'a Config,
    account: String,
    /// The time that all replicas share.
    clock: Clock,
    /// This machine's, for what vendors sign.
    machine_clock: Clock,
    db: Db,
    seals: SealKeys,
    queue: Queue,
    vendors: Vendors,
    objects: Objects,
    limits: Limits,
}

impl Ground<'_> {
    /// Where our own keys come from.
    fn keys(&self) -> KeySource<'_> {
        KeySource { secret: self.config.server.keys.secret_key.as_ref(), db: &self.db, seals: &self.seals }
    }
}

/// The operator's keys, ready for use.
pub fn seals(config: &Config) -> SealKeys {
    SealKeys::new(config.server.keys.seal_keys.iter().map(|key| (key.id.clone(), key.bytes())))
}

/// Everything, on a database whose schema is this binary's.
pub async fn assemble(config: &Config, clock: Clock, db: Db) -> Result<Deskside, StartError> {
    let queue = Queue::new(db, clock.clone());
    assemble_on(config, clock, queue).await
}

/// Everything, on a queue into which a harness may look.
pub async fn assemble_on(config: &Config, clock: Clock, queue: Queue) -> Result<Deskside, StartError> {
    queue.follow_database().await?;
    let ground = Ground {
        config,
        account: config.zendesk.subdomain.clone(),
        vendors: vendors(config, &clock),
        objects: objects(config)?,
        limits: Limits::new(clock.clone()),
        clock: queue.clock().clone(),
        machine_clock: clock,
        db: queue.db().clone(),
        seals: seals(config),
        queue,
    };
    let sessions = doors::sessions(&ground).await?;
    let contracts = cards::contracts(&ground);
    let openers = archiving::openers(&ground);
    let archive = archiving::archive(&ground, &contracts, &openers);
    let files = archiving::files(&ground, &contracts, &openers).await?;
    let hooks = doors::hooks(&ground, &archive);
    let calls = calls::calls(&ground, &sessions, &contracts).await?;
    let worker = work::worker(&ground, &sessions, &contracts, &calls);
    let metrics = measures::handle();
    let Ground { account, clock, db, queue, limits, .. } = ground;
    let schedules = Schedules::new(queue.clone());
    let state = AppState {
        counting: doors::counting(config, &sessions, limits),
        streams: Streams::default(),
        sessions,
        contracts,
        pops: calls.pops,
        archive: archive.clone(),
        hooks,
        twilio_hooks: calls.hooks,
        files,
        recordings: calls.recordings,
        ledger: Ledger::new(account, clock, db.clone()),
        settings: calls.settings,
        engagements: calls.engagements,
        dials: calls.dials,
        pages: Arc::new(pages::pages(config)),
        readiness: Readiness::of(db.clone()),
    };
    Ok(Deskside { router: http::router(state), worker, schedules, db, archive, queue, metrics })
}
