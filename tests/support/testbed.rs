//! The whole of Deskside on free ports: sandbox, server and worker, with a database, an archive folder and a stopped clock
//! of their own. **Invariants, checked when a test ends:** no job is left over, and the host of the attachments was never
//! shown a credential.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use deskside::assembly::{self, Deskside};
use deskside::clock::Clock;
use deskside::config::Config;
use deskside::connect::{self, ConnectError, ZendeskArchive, contract_triggers::ContractTriggers};
use deskside::features::{accounts::Accounts, archive::Parts, notices::TriggersError};
use deskside::http;
use deskside::listen::{self, Allowance};
use deskside::queue::{Count, Queue, Ran, State};
use deskside::store::{Db, accounts};
use deskside_sandbox::{AppUnderTest, Handle, Options, Running, Sandbox, SignOptions, credentials};
use engine::InProcess;
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use super::actors::Visitor;
use super::databases::{Address, on_migrated_postgres, on_migrated_sqlite};
use super::plan::{self, set};
pub use super::plan::{Plan, bed, variable};

/// When every testbed begins. The seeded contract of ticket 42 began 62 days before.
pub const BEGIN: &str = "2026-11-22T12:00:00Z";

/// The second account's subdomain.
pub const SECOND: &str = "globex";

impl Plan {
    /// Runs a test on SQLite.
    pub async fn run(&self, test: impl AsyncFn(&Testbed)) {
        on_migrated_sqlite(async |address| self.run_at(&address, &test).await).await;
    }

    /// Runs a test on SQLite, and again on PostgreSQL.
    pub async fn run_on_each(&self, test: impl AsyncFn(&Testbed)) {
        self.run(&test).await;
        self.run_on_postgres(test).await;
    }

    /// Runs a test on PostgreSQL.
    pub async fn run_on_postgres(&self, test: impl AsyncFn(&Testbed)) {
        on_migrated_postgres(async |address| self.run_at(&address, &test).await).await;
    }

    async fn run_at(&self, address: &Address, test: &impl AsyncFn(&Testbed)) {
        let bed = Testbed::start(self, address).await;
        test(&bed).await;
        bed.end().await;
    }
}

/// A running world.
pub struct Testbed {
    /// The vendors.
    pub sandbox: Running,
    /// What time it is, for Deskside; [`Testbed::pass`] moves the vendors' along.
    pub clock: Clock,
    /// What Deskside remembers.
    pub db: Db,
    /// Where that is.
    pub database: Address,
    /// What `Config::load` was given.
    pub environment: Vec<(String, String)>,
    second: Option<Running>,
    url: String,
    archive: TempDir,
    deskside: Deskside,
    server: JoinHandle<()>,
}

impl Testbed {
    async fn start(plan: &Plan, database: &Address) -> Self {
        let begin: DateTime<Utc> = BEGIN.parse().expect("a time");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let options = Options {
            clock: deskside_sandbox::Clock::stopped_at(begin),
            app: AppUnderTest { url: url.clone(), ..AppUnderTest::default() },
            limits: plan.limits.clone(),
            agent_workspace: plan.agent_workspace,
            talk_partner: plan.talk_partner,
            business_rules: plan.business_rules,
            ..Options::default()
        };
        let clock = deskside_sandbox::Clock::stopped_at(begin);
        let second = Options { subdomain: SECOND.to_owned(), clock, ..options.clone() };
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let archive = tempfile::tempdir().expect("a folder for the archive");
        let environment = plan::environment(plan, &url, &sandbox, archive.path(), &database.url);
        let clock = Clock::stopped_at(begin);
        let db = Db::connect(&database.url, 8).await.expect("the database opens");
        let mut config = Config::load(None, environment.clone()).expect("the settings are good");
        if let Some(bytes) = plan.part_bytes {
            config.archive.runs.parts = Parts { bytes, from_bytes: bytes };
        }
        let mut configs = vec![config];
        let second = if plan.second {
            let second = Sandbox::start(second).await.expect("the second sandbox starts");
            let mut environment = plan::environment(plan, &url, &second, archive.path(), &database.url);
            set(&mut environment, "zendesk.subdomain", SECOND);
            configs.push(Config::load(None, environment).expect("the settings are good"));
            Some(second)
        } else {
            None
        };
        let queue = Queue::new(db.clone(), clock.clone());
        let deskside =
            assembly::assemble_on(&configs, clock.clone(), queue, engines()).await.expect("it starts");
        let server = serve(listener, deskside.router.clone(), &configs[0]);
        let database = database.clone();
        Self { sandbox, clock, db, database, environment, second, url, archive, deskside, server }
    }

    /// Another server on the same vendors and clock, with some settings changed: its address. It lives as long as the
    /// test, and neither migrates nor works.
    pub async fn another_server(&self, settings: &[(&str, &str)]) -> String {
        let mut environment = self.environment.clone();
        for (key, value) in settings {
            set(&mut environment, key, value);
        }
        let config = Config::load(None, environment).expect("the settings are good");
        let db = Db::connect(config.store.database_url.expose_secret(), 4).await.expect("the database opens");
        let other = assembly::assemble(&config, self.clock.clone(), db).await.expect("it starts");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        serve(listener, other.router, &config);
        url
    }

    /// Another replica: on the same database, vendors and clock, with the same settings. It answers nobody, and works when it is told to.
    pub async fn replica(&self) -> Deskside {
        self.replica_with(&[]).await
    }

    /// The same with some settings changed.
    pub async fn replica_with(&self, settings: &[(&str, &str)]) -> Deskside {
        let mut environment = self.environment.clone();
        for (key, value) in settings {
            set(&mut environment, key, value);
        }
        let config = Config::load(None, environment).expect("the settings are good");
        let db = Db::connect(&self.database.url, 4).await.expect("the database opens");
        let queue = Queue::new(db, self.clock.clone());
        assembly::assemble_on(&[config], self.clock.clone(), queue, engines()).await.expect("it starts")
    }

    /// Where operators read the metrics; it lives as long as the test.
    pub async fn metrics(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let config = Config::load(None, self.environment.clone()).expect("the settings are good");
        serve(listener, http::metrics_router(self.deskside.metrics.clone()), &config);
        url
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Looks into the vendors.
    pub fn vendors(&self) -> &Handle {
        self.sandbox.handle()
    }

    /// Whose requests and jobs these are.
    pub fn accounts(&self) -> &Accounts {
        &self.deskside.accounts
    }

    /// Looks into the second account's vendors.
    pub fn second(&self) -> &Running {
        self.second.as_ref().expect("the plan has a second account")
    }

    /// What stands in the addresses that an account's vendors call.
    pub async fn key_of(&self, account: &str) -> String {
        let rows = accounts::list(&self.db).await.expect("the accounts are read");
        rows.into_iter().find(|row| row.account == account).expect("the account is declared").hook_key
    }

    /// A signed-in agent of the second account.
    pub async fn agent_of_second(&self, id: u64) -> Visitor {
        let token = self.second().handle().sign("ticket_sidebar", id, &SignOptions::default());
        let opened = self.stranger().opens_page("ticket_sidebar", &token).await;
        self.stranger().with_bearer(&opened.session().token)
    }

    /// Somebody without a session.
    pub fn stranger(&self) -> Visitor {
        Visitor::at(&self.url)
    }

    /// A signed-in agent, who opened the app's page in Zendesk.
    pub async fn agent(&self, id: u64) -> Visitor {
        let token = self.vendors().sign("ticket_sidebar", id, &SignOptions::default());
        let opened = self.stranger().opens_page("ticket_sidebar", &token).await;
        self.stranger().with_bearer(&opened.session().token)
    }

    /// Time passes, for everybody.
    pub fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
        self.vendors().advance(TimeDelta::seconds(seconds));
        self.second.iter().for_each(|second| second.handle().advance(TimeDelta::seconds(seconds)));
    }

    /// The operator wishes that a ticket's files be put away; no vendor is asked.
    pub async fn operator_archives(&self, ticket: u64) {
        let wished = self.deskside.accounts.own().archive.start_for_operator(wire::TicketId(ticket)).await;
        wished.expect("the wish is written down");
    }

    /// The worker runs everything that is due.
    pub async fn run_jobs(&self) -> Ran {
        self.deskside.worker.run_until_idle().await.expect("the queue answers")
    }

    /// Schedules make the jobs that are due.
    pub async fn tick_schedules(&self) {
        self.deskside.schedules.tick().await.expect("the database answers");
    }

    /// The worker runs everything, however long what failed has to wait.
    pub async fn run_jobs_to_the_end(&self) {
        const STEPS: usize = 500;
        for _ in 0..STEPS {
            self.run_jobs().await;
            if self.left_over().await.is_empty() {
                return;
            }
            self.pass(30);
        }
        panic!("jobs are still there after {} minutes: {:?}", STEPS / 2, self.left_over().await);
    }

    /// The worker runs until vendors were asked so many times, and then dies where it stands. False when it came
    /// to its end before.
    pub async fn run_jobs_and_die_after(&self, calls: usize) -> bool {
        let before = self.vendors().calls().len();
        let dies = async {
            while self.vendors().calls().len() < before + calls {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = dies => true,
            ran = self.deskside.worker.run_until_idle() => { ran.expect("the queue answers"); false }
        }
    }

    /// Jobs that are ready or running.
    pub async fn left_over(&self) -> Vec<Count> {
        let mut counts = self.deskside.queue.counts().await.expect("the queue answers");
        counts.retain(|count| matches!(count.state, State::Ready | State::Leased));
        counts
    }

    /// The files in the archive, each with its path and its bytes, in order.
    pub fn archived(&self) -> Vec<(String, Vec<u8>)> {
        self.in_store(|name| !name.contains("/manifests/") && !name.ends_with(".meta.json"))
    }

    /// What the archive says of a ticket's files, one for each run.
    pub fn manifests(&self, ticket: u64) -> Vec<serde_json::Value> {
        let of_ticket = format!("/manifests/{ticket}/");
        let manifests = self.in_store(|name| name.contains(&of_ticket));
        manifests.iter().map(|(_, text)| serde_json::from_slice(text).expect("JSON")).collect()
    }

    fn in_store(&self, wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.archive.path(), self.archive.path(), &mut files);
        files.retain(|(name, _)| wanted(name));
        files.sort();
        files
    }

    /// The folder of the archive.
    pub fn archive_folder(&self) -> &Path {
        self.archive.path()
    }

    /// The operator connects Zendesk to the archive, with settings like `archive.trigger_tag=put_away`: what the command prints.
    pub async fn connects(&self, arguments: &[&str]) -> Result<Vec<String>, ConnectError> {
        let mut environment = self.environment.clone();
        let mut wish = ZendeskArchive { tag: None, dry_run: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--dry-run" => wish.dry_run = true,
                "--tag" => wish.tag = arguments.next().map(|tag| (*tag).to_owned()),
                setting => {
                    let (key, value) = setting.split_once('=').expect("a setting");
                    set(&mut environment, key, value);
                }
            }
        }
        let config = Config::load(None, environment).expect("the settings are good");
        let mut lines = Vec::new();
        connect::zendesk_archive(&config, &self.clock, &wish, &mut |line| lines.push(line)).await?;
        Ok(lines)
    }

    /// The operator has Zendesk ask for notices, with settings like `contracts.high_mrr=5000`: what the command prints.
    pub async fn connects_notices(&self, arguments: &[&str]) -> Result<Vec<String>, TriggersError> {
        let mut environment = self.environment.clone();
        let mut wish = ContractTriggers { dry_run: false, overwrite: false };
        for argument in arguments {
            match *argument {
                "--dry-run" => wish.dry_run = true,
                "--overwrite" => wish.overwrite = true,
                setting => {
                    let (key, value) = setting.split_once('=').expect("a setting");
                    set(&mut environment, key, value);
                }
            }
        }
        let config = Config::load(None, environment).expect("the settings are good");
        let notices = assembly::notices(&config, (config.account(), None), &self.clock, self.db.clone());
        let mut lines = Vec::new();
        connect::contract_triggers::contract_triggers(&notices, wish, &mut |line| lines.push(line)).await?;
        Ok(lines)
    }

    /// An admin changes something in Zendesk itself.
    pub async fn zendesk(&self, method: reqwest::Method, path: &str, body: &serde_json::Value) {
        self.zendesk_as(credentials::ADMIN_EMAIL, method, path, body).await;
    }

    /// Somebody else changes something in Zendesk itself.
    pub async fn zendesk_as(
        &self,
        email: &str,
        method: reqwest::Method,
        path: &str,
        body: &serde_json::Value,
    ) {
        let user = format!("{email}/token");
        let answered = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()
            .expect("a client")
            .request(method, format!("{}{path}", self.sandbox.zendesk_url))
            .basic_auth(user, Some(credentials::API_TOKEN))
            .json(body)
            .send()
            .await
            .expect("the sandbox answers");
        assert!(answered.status().is_success(), "{path}: {}", answered.status());
    }

    async fn end(self) {
        let left = self.left_over().await;
        assert!(left.is_empty(), "jobs are left over: {left:?}");
        assert_eq!(self.vendors().leaks(), Vec::<String>::new());
        assert!(self.second.iter().all(|second| second.handle().leaks().is_empty()));
        self.server.abort();
        self.db.close().await;
    }
}

fn serve(listener: TcpListener, router: axum::Router, config: &Config) -> JoinHandle<()> {
    let server = &config.server;
    let allowance = Allowance::new(&server.connections, &server.clients);
    tokio::spawn(async move { listen::serve(listener, router, &allowance, std::future::pending()).await })
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            files.push((name, std::fs::read(&path).expect("a file")));
        }
    }
}

fn engines() -> assembly::Engines {
    (Arc::new(InProcess::new(1, true)), Arc::new(InProcess::new(1, true)))
}
