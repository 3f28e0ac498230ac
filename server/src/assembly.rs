//! Puts the rooms together: from settings to a router and a worker. Nothing else knows them all.

mod archiving; // attachments leave Zendesk, and are opened again
mod auth; // who comes in
mod calls; // whom an agent talks to
mod cards; // what they show
mod clients; // whom we talk to
mod connections; // with whom the account is connected
mod integrations; // what is brought from where to where
mod machines; // an account's own machines
mod metrics; // what is counted
mod notices; // who is told of a customer's contract
mod pages; // what Zendesk and Flex frame
mod recordings; // calls, heard through us
mod work; // what is done later

use std::sync::Arc;

use axum::Router;
use engine::Engine;
use metrics_exporter_prometheus::PrometheusHandle;

pub use clients::{Vendors, objects, vendors};
pub use connections::connections;
pub use integrations::{integrations, staging_folder};
pub use machines::machine_keys;
pub use notices::notices;
pub use work::operator_hooks;

use crate::{
    clock::Clock,
    config::Config,
    connectors::{
        self,
        objects::{Objects, ObjectsError},
    },
    features::{
        accounts::{self, Account, Accounts, Declared, OpenError},
        archive::Memory,
        connections::Budgets,
        files::LinkKey,
        ledger::Ledger,
        limits::Limits,
        recordings::RecordingKey,
        sessions::{Bearers, KeySource},
    },
    http::{self, AppState, Readiness, Streams, Waits},
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
    /// Whose requests and jobs these are.
    pub accounts: Accounts,
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
    /// See the accounts' error.
    #[error(transparent)]
    Accounts(#[from] OpenError),
}

/// What all accounts share.
struct Shared {
    /// The time that all replicas share.
    clock: Clock,
    /// This machine's, for what vendors sign.
    machine_clock: Clock,
    db: Db,
    queue: Queue,
    seals: Arc<SealKeys>,
    http: reqwest::Client,
    /// Outlives an account that is built afresh.
    budgets: Budgets,
    limits: Limits,
    bearers: Bearers,
    keys: Keys,
    memory: Memory,
    engine: Arc<dyn Engine>,
    preview_engine: Arc<dyn Engine>,
}

/// What signs links. Each is signed over its account's name, too.
struct Keys {
    files: LinkKey,
    recordings: RecordingKey,
}

/// What the rooms of one account are made of.
struct Context<'a> {
    shared: &'a Shared,
    config: &'a Config,
    account: String,
    /// What stands in the addresses that its vendors call.
    key: Option<String>,
    /// The account's own; those in `shared` count for nobody.
    limits: Limits,
    vendors: Vendors,
    objects: Objects,
}

/// The operator's keys, ready for use.
pub fn seals(config: &Config) -> SealKeys {
    SealKeys::new(config.server.keys.seal_keys.iter().map(|key| (key.id.clone(), key.bytes())))
}

/// Everything, on a database whose schema is this binary's.
pub async fn assemble(config: &Config, clock: Clock, db: Db) -> Result<Deskside, StartError> {
    let queue = Queue::new(db, clock.clone());
    let engines = (integrations::engine(config), integrations::preview_engine());
    assemble_on(std::slice::from_ref(config), clock, queue, engines).await
}

/// The engine of runs, and that of previews: who looks at rows does not wait behind a run.
pub type Engines = (Arc<dyn Engine>, Arc<dyn Engine>);

/// Everything, for the accounts that these settings declare, on a queue into which a harness may look, and with engines that it chose.
/// The first account's settings say how the server is run, and it has the addresses without a key.
pub async fn assemble_on(
    configs: &[Config],
    clock: Clock,
    queue: Queue,
    engines: Engines,
) -> Result<Deskside, StartError> {
    queue.follow_database().await?;
    let config = configs.first().ok_or(OpenError::None)?;
    let shared = shared(config, clock, &queue, engines).await?;
    let Shared { clock, db, bearers, limits, .. } = &shared;
    let (clock, db, bearers, limits) = (clock.clone(), db.clone(), bearers.clone(), limits.clone());
    let accounts = Accounts::open(&db, clock, declared(configs), builder(shared, configs)).await?;
    notices::schedule(&queue, configs).await;
    let worker = work::worker(config, &queue, &accounts);
    let metrics = metrics::handle();
    let schedules = Schedules::new(queue.clone());
    let state = AppState {
        counting: auth::counting(config, &bearers, &accounts, limits),
        accounts: accounts.clone(),
        bearers,
        readiness: Readiness::of(db.clone()),
        streams: Streams::default(),
        waits: Waits::default(),
    };
    Ok(Deskside { router: http::router(state), worker, schedules, db, accounts, queue, metrics })
}

async fn shared(
    config: &Config,
    machine_clock: Clock,
    queue: &Queue,
    (engine, preview_engine): Engines,
) -> Result<Shared, StartError> {
    let (db, seals) = (queue.db().clone(), Arc::new(seals(config)));
    let keys = KeySource { secret: config.server.keys.secret_key.as_ref(), db: &db, seals: &seals };
    Ok(Shared {
        clock: queue.clock().clone(),
        http: connectors::http_client(&config.net),
        budgets: Budgets::default(),
        limits: Limits::new(machine_clock.clone()),
        bearers: Bearers::new(keys.bearer_key().await?, machine_clock.clone()),
        keys: Keys {
            files: LinkKey::new(keys.key_for("deskside file link v1").await?),
            recordings: RecordingKey::new(keys.key_for("deskside recording link v1").await?),
        },
        memory: Memory::for_parts_of(config.archive.runs.parts),
        engine,
        preview_engine,
        queue: queue.clone(),
        seals,
        machine_clock,
        db,
    })
}

fn declared(configs: &[Config]) -> Vec<Declared> {
    let declared = |config: &Config| Declared {
        name: config.zendesk.subdomain.as_str().into(),
        zendesk: config.zendesk.base_url(),
        key: None,
    };
    configs.iter().map(declared).collect()
}

/// Builds an account when somebody needs it.
fn builder(shared: Shared, configs: &[Config]) -> accounts::Build {
    let configs = configs.to_vec();
    Box::new(move |declared| {
        let config = configs.iter().find(|config| *config.zendesk.subdomain == *declared.name);
        account(&shared, config.expect("an account is declared by its settings"), declared)
    })
}

/// The rooms of one account. No network.
fn account(shared: &Shared, config: &Config, declared: &Declared) -> Result<Account, ObjectsError> {
    let name = Arc::clone(&declared.name);
    let context = Context {
        shared,
        config,
        account: name.to_string(),
        key: declared.key.clone(),
        limits: shared.limits.of(&name),
        vendors: clients::vendors_over((&shared.http, &shared.budgets), config, &shared.machine_clock),
        objects: objects(config)?,
    };
    let sessions = auth::sessions(&context);
    let contracts = cards::contracts(&context);
    let openers = archiving::openers(&context);
    let archive = archiving::archive(&context, &contracts, &openers);
    let calls = calls::calls(&context, &sessions, &contracts);
    let connections = connections::of_account(&context);
    let previews = integrations::previews(&context, &connections);
    let integrations = integrations::of(&context, &connections);
    let notices = notices::of(&context, &contracts);
    Ok(Account {
        name,
        pages: Arc::new(pages::pages(config)),
        files: archiving::files(&context, &contracts, &openers),
        hooks: auth::hooks(&context, &archive),
        machine_keys: machines::of_account(&context),
        notice_hooks: auth::notice_hooks(&context, &notices),
        notices,
        jobs: work::jobs(&context, &sessions, &contracts, &calls, (&integrations, &connections)),
        previews,
        connections,
        integrations,
        ledger: Ledger::new(context.account, shared.clock.clone(), shared.db.clone()),
        sessions,
        contracts,
        archive,
        engagements: calls.engagements,
        pops: calls.pops,
        dials: calls.dials,
        recordings: calls.recordings,
        settings: calls.settings,
        twilio_hooks: calls.hooks,
    })
}
