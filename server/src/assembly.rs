//! Puts the rooms together: from settings to a router and a worker. Nothing else knows them all.

mod cards; // what they show
mod hearing; // calls, heard through us
mod notes; // what jobs about calls need
mod pages; // what Zendesk and Flex frame

use std::sync::Arc;

use axum::Router;
use chrono::TimeDelta;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{
    clock::Clock,
    config::{self, Config},
    connectors::{
        self, Exchange,
        notify::{Format, NotifyClient},
        objects::{Objects, ObjectsError, ObjectsSettings},
        twilio::{self, TwilioClient},
        zendesk::{ClientCredentials, ZendeskClient},
    },
    features::{
        archive::{
            Archive, ArchiveDeps, ArchiveRun, GivenUp, Infected, Memory, NoticeDeps, OutcomeTags, Policy,
            RunNotice, Terms, When,
        },
        contracts::Contracts,
        dials::{self, Dials},
        engagements::{Accepted, AfterPop, AfterPopDeps, Engagements, LogNote, events::Ours},
        files::{self, Files, LinkKey},
        hooks::{self, Hooks, TwilioHooks, TwilioSetup},
        ledger::Ledger,
        pops::{NotifyDeps, PopNotification, Pops, Refusals},
        sessions::{self, Flex, Sessions},
        settings::Settings,
    },
    http::{self, AppState},
    queue::{Queue, Worker},
    store::{Db, StoreError},
};

/// Everything that runs.
pub struct Deskside {
    /// Answers requests.
    pub router: Router,
    /// Does the slow work.
    pub worker: Worker,
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

/// The vendors of one account.
pub struct Vendors {
    /// The Zendesk account.
    pub zendesk: ZendeskClient,
    /// The Twilio account, where there is one.
    pub twilio: Option<TwilioClient>,
    /// The archive's store.
    pub objects: Objects,
}

/// Clients for every vendor that the settings name. No network.
pub fn vendors(config: &Config, clock: &Clock) -> Result<Vendors, ObjectsError> {
    let net = net(config);
    let client = connectors::http_client(&net);
    let credentials = ClientCredentials {
        client_id: config.zendesk.client_id.clone(),
        client_secret: config.zendesk.client_secret.clone(),
        scope: config.zendesk.scope.clone(),
    };
    let zendesk = ZendeskClient::new(
        client.clone(),
        config.zendesk.base_url.clone(),
        credentials,
        clock.clone(),
        config.zendesk.attachment_hosts.clone(),
        net.clone(),
    )
    .with_file_limit(config.archive.max_file_bytes);
    let twilio = config.twilio.as_ref().and_then(|settings| {
        let urls = twilio::Urls {
            iam: settings.iam_url.clone(),
            taskrouter: settings.taskrouter_url.clone(),
            conversations: settings.conversations_url.clone(),
            api: settings.api_url.clone(),
            events: settings.events_url.clone(),
        };
        let auth = match (&settings.api_key, &settings.auth_token) {
            (Some(key), _) => twilio::Auth::ApiKey { sid: key.sid.clone(), secret: key.secret.clone() },
            (None, Some(token)) => twilio::Auth::Token(token.clone()),
            (None, None) => return None,
        };
        let account = settings.account_sid.clone();
        Some(TwilioClient::new(client.clone(), urls, account, auth, clock.clone(), net.clone()))
    });
    Ok(Vendors { zendesk, twilio, objects: Objects::open(&objects(&config.archive))? })
}

fn objects(archive: &config::Archive) -> ObjectsSettings {
    use secrecy::ExposeSecret;
    ObjectsSettings {
        address: archive.store.clone(),
        s3_endpoint: archive.s3.endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        s3_region: archive.s3.region.clone(),
        s3_access_key_id: archive.s3.access_key_id.as_ref().map(|id| id.expose_secret().to_owned()),
        s3_secret_access_key: archive.s3.secret_access_key.clone(),
        s3_allow_http: archive.s3.allow_http,
        s3_kms_key_id: archive.s3.kms_key_id.clone(),
        s3_bucket_key: archive.s3.bucket_key,
        timeout: archive.store_timeout,
    }
}

/// Everything, on a database whose schema is this binary's.
pub async fn assemble(config: &Config, clock: Clock, db: Db) -> Result<Deskside, StartError> {
    let queue = Queue::new(db, clock.clone());
    assemble_on(config, clock, queue).await
}

/// Everything, on a queue into which a harness may look.
#[expect(clippy::too_many_lines, reason = "a list of rooms and what each is made of; it has no branches")]
pub async fn assemble_on(config: &Config, clock: Clock, queue: Queue) -> Result<Deskside, StartError> {
    let Vendors { zendesk, twilio, objects } = vendors(config, &clock)?;
    let account = config.zendesk.subdomain.clone();
    let db = queue.db().clone();
    let key = sessions::bearer_key(config.server.secret_key.as_ref(), &db).await?;
    let workspace_sid = config.twilio.as_ref().and_then(|twilio| twilio.workspace_sid.clone());
    let sessions = Sessions::new(sessions::Setup {
        account: account.clone(),
        zendesk_origin: config.zendesk.base_url.clone(),
        app_id: config.zendesk.app_id,
        clock: clock.clone(),
        db: db.clone(),
        zendesk: zendesk.clone(),
        twilio: twilio.clone().map(|client| Flex { client, workspace_sid }),
        key,
    });
    let contracts =
        Contracts::new(account.clone(), cards::settings(config), clock.clone(), db.clone(), zendesk.clone());
    let flex = Flexible::new(config, &clock, &db, &queue, &zendesk, twilio.as_ref());
    let pops = Pops::new(
        account.clone(),
        clock.clone(),
        db.clone(),
        queue.clone(),
        contracts.clone(),
        flex.engagements.clone(),
    );
    let files = Files::new(files::Setup {
        account: account.clone(),
        clock: clock.clone(),
        db: db.clone(),
        objects: objects.clone(),
        contracts: contracts.clone(),
        key: link_key(config, &db).await?,
    });
    let dials = Dials::new(dials::Setup {
        account: account.clone(),
        clock: clock.clone(),
        db: db.clone(),
        contracts: contracts.clone(),
        settings: flex.settings.clone(),
        has_flex: twilio.is_some(),
    });
    let recordings = hearing::recordings(config, &clock, &db, twilio.as_ref()).await?;
    let ledger = Ledger::new(account.clone(), clock.clone(), db.clone());
    let archive = Archive::new(
        account.clone(),
        clock.clone(),
        db.clone(),
        queue.clone(),
        zendesk.clone(),
        contracts.clone(),
        terms(&config.archive),
    );
    let hooks = Hooks::new(hooks::Setup {
        account,
        webhook_secret: config.zendesk.webhook_secret.clone(),
        endpoint: hooks::rules::endpoint(&config.server.public_url),
        clock: clock.clone(),
        db: db.clone(),
        zendesk: zendesk.clone(),
        archive: archive.clone(),
    });
    let notify = NotifyDeps {
        zendesk: zendesk.clone(),
        app_id: config.zendesk.app_id,
        clock: clock.clone(),
        refusals: Refusals::new(clock.clone(), flex.settings.clone()),
    };
    let deps = ArchiveDeps {
        clock: clock.clone(),
        db: db.clone(),
        zendesk: zendesk.background(),
        objects,
        policy: policy(&config.archive),
        queue: queue.clone(),
        tells: config.notify.webhook_url.is_some(),
        tags: OutcomeTags {
            done: config.archive.done_tag.clone(),
            failed: config.archive.failed_tag.clone(),
        },
        memory: Memory::for_parts_of(config.archive.part_bytes, config.archive.in_parts_from_bytes),
    };
    let notes = notes::deps(&flex, &contracts, &recordings);
    // One place is kept for pops: an agent on a call does not wait behind files.
    let workers = config.server.workers.max(2);
    let places = u32::try_from(workers).unwrap_or(u32::MAX);
    let worker = Worker::builder(queue.clone())
        .register::<PopNotification>(notify)
        .register::<AfterPop>(flex.after)
        .register::<LogNote>(notes.clone())
        .register::<Accepted>(notes)
        .register::<ArchiveRun>(deps.clone())
        .register::<GivenUp>(deps)
        .register::<RunNotice>(notices(config, &clock, &db))
        .concurrency(workers)
        .per_account(places)
        .per_concurrency_key(places - 1)
        .build();
    let metrics = metrics_handle();
    let state = AppState {
        sessions,
        contracts,
        pops,
        archive: archive.clone(),
        hooks,
        twilio_hooks: flex.hooks,
        files,
        recordings,
        ledger,
        settings: flex.settings,
        engagements: flex.engagements,
        dials,
        pages: Arc::new(pages::pages(config)),
        db: db.clone(),
        metrics: metrics.clone(),
    };
    Ok(Deskside { router: http::router(state), worker, db, archive, queue, metrics })
}

/// What calls and chats need.
struct Flexible {
    settings: Settings,
    engagements: Engagements,
    after: AfterPopDeps,
    hooks: TwilioHooks,
}

impl Flexible {
    fn new(
        config: &Config,
        clock: &Clock,
        db: &Db,
        queue: &Queue,
        zendesk: &ZendeskClient,
        twilio: Option<&TwilioClient>,
    ) -> Self {
        let account = config.zendesk.subdomain.clone();
        let settings = Settings::new(account.clone(), clock.clone(), db.clone(), config.flex_origins());
        let engagements = Engagements::new(
            account.clone(),
            clock.clone(),
            db.clone(),
            queue.clone(),
            zendesk.clone(),
            settings.clone(),
        );
        let after = AfterPopDeps {
            zendesk: zendesk.background(),
            twilio: twilio.map(TwilioClient::background),
            workspace_sid: config.twilio.as_ref().and_then(|twilio| twilio.workspace_sid.clone()),
            settings: settings.clone(),
            db: db.clone(),
        };
        let hooks = TwilioHooks::new(TwilioSetup {
            account,
            auth_token: config.twilio.as_ref().and_then(|twilio| twilio.auth_token.clone()),
            ours: config.twilio.as_ref().map(|twilio| Ours {
                account_sid: twilio.account_sid.clone(),
                workspace_sid: twilio.workspace_sid.clone(),
            }),
            public_url: config.server.public_url.clone(),
            clock: clock.clone(),
            db: db.clone(),
            engagements: engagements.clone(),
        });
        Self { settings, engagements, after, hooks }
    }
}

/// Who is told elsewhere how a run ended.
fn notices(config: &Config, clock: &Clock, db: &Db) -> NoticeDeps {
    NoticeDeps {
        db: db.clone(),
        notify: config.notify.webhook_url.clone().map(|address| {
            let net = net(config);
            let http = connectors::http_client(&net);
            let exchange = Exchange::new("notify", http, net, clock.clone()).background();
            let format = if config.notify.for_slack { Format::Slack } else { Format::Json };
            NotifyClient::new(exchange, address, config.notify.secret.clone(), format)
        }),
        when: if config.notify.only_changes { When::Changes } else { When::Every },
        tickets_url: format!("{}/agent/tickets/", config.zendesk.base_url.as_str().trim_end_matches('/')),
    }
}

fn net(config: &Config) -> connectors::Net {
    connectors::Net {
        allow_private: config.net.allow_private.clone(),
        connect_timeout: config.net.connect_timeout,
        total_timeout: config.net.total_timeout,
    }
}

/// Signs links to archived files; the same in every replica.
async fn link_key(config: &Config, db: &Db) -> Result<LinkKey, StoreError> {
    sessions::key_for("deskside file link v1", config.server.secret_key.as_ref(), db).await.map(LinkKey::new)
}

/// What the operator decides about runs.
fn terms(archive: &config::Archive) -> Terms {
    Terms {
        agents_may_start: archive.agents_may_start,
        undo: TimeDelta::from_std(archive.undo_button).unwrap_or(TimeDelta::MAX),
        undo_tag: TimeDelta::from_std(archive.undo_tag).unwrap_or(TimeDelta::MAX),
    }
}

/// What the operator decides about files.
pub fn policy(archive: &config::Archive) -> Policy {
    Policy {
        max_bytes: archive.max_file_bytes,
        min_bytes: archive.min_file_bytes,
        min_age: TimeDelta::days(archive.min_age_days.into()),
        include_types: archive.include_types.clone(),
        exclude_types: archive.exclude_types.clone(),
        inline: archive.inline,
        sent_by_us: archive.sent_by_us,
        infected: match archive.infected {
            config::Infected::Skip => Infected::Skip,
            config::Infected::Quarantine => Infected::Quarantine,
        },
        hold_tags: archive.hold_tags.clone(),
    }
}

/// Upper bounds of what is measured in seconds.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The process has one recorder; several servers in one process (tests) share it.
fn metrics_handle() -> PrometheusHandle {
    static HANDLE: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return handle.clone();
    }
    let buckets = PrometheusBuilder::new().set_buckets(&SECONDS).expect("there are buckets");
    let recorder = buckets.build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    // Lost the race to another server of this process: its recorder is the one.
    let _ = metrics::set_global_recorder(recorder);
    handle
}
