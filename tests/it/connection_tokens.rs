//! Tokens of a connection that has a refresh token: each is good for one renewal, whoever asks, and whatever is lost.

use std::process::Stdio;
use std::time::Duration;

use chrono::TimeDelta;
use deskside::assembly;
use deskside::config::Config;
use deskside::features::connections::{Connections, Kind, Step, Wish};
use deskside::store::{Db, SealKeys, connections, query};
use deskside_sandbox::{Fault, FaultRule, Handle, Matching, credentials};
use futures::future::join_all;
use reqwest::{Url, redirect::Policy};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::command_line::{command, runs};
use crate::support::testbed::{Testbed, bed};

pub(crate) const ID: &str = "zendesk-two";
const BACK: &str = "https://deskside.example.com/connected";
const SEAL: &str = "new:3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=";

/// A server's vendors, and two more replicas on its database that have a second connection with Zendesk.
pub(crate) struct World<'a> {
    pub(crate) bed: &'a Testbed,
    pub(crate) replicas: Vec<Connections>,
    asked_before: usize,
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client")
}

/// A refresh token, as an admin's consent gives one.
async fn consent(zendesk: &str) -> String {
    let http = client();
    let admin = credentials::ADMIN_ID.to_string();
    let asks = [
        ("response_type", "code"),
        ("client_id", credentials::CLIENT_ID),
        ("redirect_uri", BACK),
        ("scope", "read write"),
        ("sandbox_user", &admin),
    ];
    let agreed = http
        .get(format!("{zendesk}/oauth/authorizations/new"))
        .query(&asks)
        .send()
        .await
        .expect("it answers");
    let back = Url::parse(agreed.headers()["location"].to_str().expect("text")).expect("an address");
    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let grant = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
    asks_tokens(zendesk, &grant).await["refresh_token"].as_str().expect("a refresh token").to_owned()
}

async fn asks_tokens(zendesk: &str, grant: &Value) -> Value {
    let mut ask = grant.clone();
    ask["client_id"] = json!(credentials::CLIENT_ID);
    ask["client_secret"] = json!(credentials::CLIENT_SECRET);
    let answer = client().post(format!("{zendesk}/oauth/tokens")).json(&ask).send().await;
    answer.expect("it answers").json().await.expect("JSON")
}

fn secret(refresh_token: &str) -> Vec<u8> {
    let secret = json!({"client_secret": credentials::CLIENT_SECRET, "refresh_token": refresh_token});
    secret.to_string().into_bytes()
}

/// The connections of one more replica.
async fn replica(bed: &Testbed) -> Connections {
    let config = Config::load(None, bed.environment.clone()).expect("the settings are good");
    let db = Db::connect(&bed.database.url, 4).await.expect("the database opens");
    assembly::connections(&config, &bed.clock, db, config.account()).await.expect("it has them")
}

/// Keeps a connection with the sandbox's Zendesk, as an admin who has just agreed.
async fn connect(bed: &Testbed, replica: &Connections) {
    let zendesk = &bed.sandbox.zendesk_url;
    let refresh_token = consent(zendesk).await;
    let settings = json!({"base_url": zendesk, "client_id": credentials::CLIENT_ID}).to_string();
    let wish = Wish { settings: Some(settings), secret: Some(secret(&refresh_token)), ..Wish::default() };
    replica.add("operator", ID, Kind::read("zendesk").expect("a kind"), wish).await.expect("it is kept");
}

impl<'a> World<'a> {
    async fn of(bed: &'a Testbed) -> Self {
        let replicas = vec![replica(bed).await, replica(bed).await];
        connect(bed, &replicas[0]).await;
        let world = Self { bed, replicas, asked_before: 0 };
        Self { asked_before: world.renewals(), ..world }
    }

    pub(crate) fn vendors(&self) -> &Handle {
        self.bed.vendors()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.bed.pass(time.num_seconds());
    }

    /// How often Zendesk was asked to renew.
    pub(crate) fn renewals(&self) -> usize {
        self.vendors().calls().iter().filter(|call| call.path == "/oauth/tokens").count() - self.asked_before
    }

    /// Every replica tries the connection twice at once.
    async fn all_try(&self) -> Vec<Vec<Step>> {
        let tries = self.replicas.iter().chain(&self.replicas).map(|replica| replica.test(ID, false));
        join_all(tries).await.into_iter().map(|steps| steps.expect("it is there")).collect()
    }

    pub(crate) async fn tries(&self, replica: usize, again: bool) -> String {
        let steps = self.replicas[replica].test(ID, again).await.expect("it is there");
        let bad = steps.into_iter().find(|step| !step.ok);
        bad.map_or_else(
            || "fine".to_owned(),
            |step| format!("{}; {}", step.message, step.hint.unwrap_or_default()),
        )
    }

    pub(crate) fn seals(&self) -> SealKeys {
        assembly::seals(&Config::load(None, self.bed.environment.clone()).expect("the settings are good"))
    }

    pub(crate) async fn row(&self) -> connections::ConnectionRow {
        let row = connections::read(&self.bed.db, "acme", ID).await;
        row.expect("the database answers").expect("it is there")
    }

    /// Another secret is there, whoever put it there, and nothing is wrong with the connection.
    pub(crate) async fn holds(&self, secret: &Value) {
        let mut tx = self.bed.db.begin().await.expect("a transaction");
        let row = connections::read_locked(&mut tx, "acme", ID).await.expect("it answers");
        let (mut row, seals) = (row.expect("it is there"), self.seals());
        row.seal(secret.to_string().as_bytes(), &seals).expect("there is a key");
        assert!(connections::update(&mut tx, &row, &seals).await.expect("it is kept"));
        let now = self.bed.clock.now();
        connections::set_state(&mut tx, "acme", ID, None, now).await.expect("it is kept");
        tx.commit().await.expect("it is kept");
    }

    pub(crate) async fn secret(&self) -> Value {
        let opened = self.row().await.open(&self.seals()).expect("it opens").expect("a secret");
        serde_json::from_slice(&opened).expect("JSON")
    }

    /// A replica renews, and the vendor is asked but has not answered.
    pub(crate) async fn renewing(&self, replica: usize) -> JoinHandle<()> {
        let late = self.vendors().fault(on_tokens(Fault::Late { late_ms: 400 }));
        let replica = self.replicas[replica].clone();
        let renewing = tokio::spawn(async move { replica.test(ID, false).await.map(drop).expect("it ends") });
        while self.vendors().met(late) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        renewing
    }

    pub(crate) async fn state(&self) -> (String, Option<String>) {
        let all = self.replicas[1].list().await.expect("a list");
        let one = all.iter().find(|one| one.id == ID).expect("it is there");
        let code = one.attention.as_ref().map(|attention| attention.code.clone());
        (one.state.expect("a state").as_str().to_owned(), code)
    }
}

pub(crate) async fn on_each(test: impl AsyncFn(World<'_>)) {
    let bed = bed().setting("server.seal_keys", SEAL);
    bed.run_on_each(async |bed| test(World::of(bed).await).await).await;
}

pub(crate) fn on_tokens(fault: Fault) -> FaultRule {
    let on = Matching { path_prefix: Some("/oauth/tokens".to_owned()), ..Matching::default() };
    FaultRule { on, times: 1, skip: 0, fault }
}

fn all_fine(tried: &[Vec<Step>]) {
    for step in tried.iter().flatten() {
        assert!(step.ok, "{step:?}");
    }
}

#[tokio::test]
async fn replicas_renew_once_and_each_has_a_token_that_works() {
    on_each(async |world| {
        world.vendors().fault(on_tokens(Fault::Late { late_ms: 300 }));
        all_fine(&world.all_try().await);
        assert_eq!(world.renewals(), 1);
        all_fine(&world.all_try().await);
        assert_eq!(world.renewals(), 1, "a kept token is used as long as it is good");
        world.pass(TimeDelta::minutes(59));
        all_fine(&world.all_try().await);
        assert_eq!(world.renewals(), 2, "it is renewed before its end");
        world.vendors().expire_tokens();
        all_fine(&world.all_try().await);
        assert_eq!(world.renewals(), 3, "one that Zendesk refuses is renewed once");
        assert_eq!(world.state().await, ("connected".to_owned(), None));
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_passes_leaves_the_connection_as_it_is() {
    on_each(async |world| {
        for (round, fault) in [
            Fault::Status { status: 503, retry_after: None },
            Fault::Status { status: 429, retry_after: Some(60) },
            Fault::Status { status: 500, retry_after: None },
        ]
        .into_iter()
        .enumerate()
        {
            world.vendors().fault(on_tokens(fault));
            let said = world.tries(0, false).await;
            assert!(said.contains("Zendesk") && said.contains("try again"), "{fault:?}: {said}");
            assert_eq!(world.state().await.0, "connected", "{fault:?}");
            world.pass(TimeDelta::minutes(2));
            assert_eq!(world.tries(1, false).await, "fine", "{fault:?}");
            assert_eq!(world.renewals(), 2 * (round + 1), "{fault:?}");
            world.pass(TimeDelta::minutes(60));
        }
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_ends_with_what_to_do_and_never_in_a_loop() {
    on_each(async |world| {
        for fault in [
            Fault::Reset { reset: true },
            Fault::LostAnswer { lost_answer: 502 },
            Fault::Truncate { truncate: 9 },
        ] {
            world.vendors().fault(on_tokens(fault));
            let said = world.tries(0, false).await;
            assert!(said.contains("try again in a minute"), "{fault:?}: {said}");
            assert_eq!(world.state().await.0, "connected", "{fault:?}: nobody knows yet");
            let said = world.tries(1, false).await;
            assert!(
                said.contains("its answer was lost") && said.contains("connect again"),
                "{fault:?}: {said}"
            );
            assert_eq!(world.state().await, ("needs_attention".to_owned(), Some("refresh_lost".to_owned())));
            let asked = world.renewals();
            for replica in [0, 1, 0] {
                assert!(world.tries(replica, false).await.contains("its answer was lost"), "{fault:?}");
            }
            assert_eq!(world.renewals(), asked, "{fault:?}: Zendesk is not asked again");
            // The admin connects again.
            let refresh_token = consent(&world.bed.sandbox.zendesk_url).await;
            let wish = Wish { secret: Some(secret(&refresh_token)), ..Wish::default() };
            world.replicas[0].change("operator", ID, wish).await.expect("it is kept");
            assert_eq!(world.tries(1, false).await, "fine", "{fault:?}");
            assert_eq!(world.state().await, ("connected".to_owned(), None));
            world.pass(TimeDelta::minutes(60));
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_refresh_token_and_a_refused_client_are_told_apart() {
    on_each(async |world| {
        let client = credentials::CLIENT_SECRET;
        world.holds(&json!({"client_secret": client, "refresh_token": "made up"})).await;
        let said = world.tries(1, false).await;
        assert!(
            said.contains("does not accept the refresh token any more") && said.contains("connect again"),
            "{said}"
        );
        assert_eq!(world.state().await.1.as_deref(), Some("refresh_refused"));
        let asked = world.renewals();
        assert!(world.tries(0, false).await.contains("does not accept the refresh token any more"));
        assert_eq!(world.renewals(), asked);
        world.tries(0, true).await;
        assert_eq!(world.renewals(), asked + 1, "a person asks Zendesk again");
        world.holds(&json!({"client_secret": "wrong", "refresh_token": "made up"})).await;
        let said = world.tries(1, false).await;
        assert!(
            said.contains("does not accept the OAuth client") && said.contains("`client_secret`"),
            "{said}"
        );
        assert_eq!(world.state().await.1.as_deref(), Some("client_refused"));
    })
    .await;
}

#[tokio::test]
async fn who_goes_away_during_a_renewal_loses_nothing() {
    on_each(async |world| {
        world.renewing(0).await.abort();
        assert_eq!(world.tries(1, false).await, "fine");
        assert_eq!(world.renewals(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_person_must_mend_is_said_and_not_asked_again() {
    on_each(async |world| {
        for (status, code) in [(403, "renewal_refused"), (404, "address_wrong"), (418, "renewal_refused")] {
            world.vendors().fault(on_tokens(Fault::Status { status, retry_after: None }));
            let said = world.tries(0, false).await;
            assert!(said.contains("; ") && !said.contains("`zendesk."), "{status}: {said}");
            assert_eq!(
                world.state().await,
                ("needs_attention".to_owned(), Some(code.to_owned())),
                "{status}"
            );
            let asked = world.renewals();
            world.tries(1, false).await;
            assert_eq!(world.renewals(), asked, "{status}: Zendesk is not asked again");
            assert_eq!(world.tries(1, true).await, "fine", "{status}: a person asks");
            assert_eq!(world.state().await, ("connected".to_owned(), None), "{status}");
            world.pass(TimeDelta::minutes(60));
        }
        world.vendors().fault(on_tokens(Fault::Status { status: 429, retry_after: Some(60) }));
        assert!(world.tries(0, false).await.contains("wait 60 s"));
        let asked = world.renewals();
        assert!(world.tries(1, false).await.contains("wait 60 s"), "another replica knows it");
        assert_eq!(world.renewals(), asked);
        assert!(world.row().await.unsure_since.is_none(), "Zendesk only asked to wait");
        world.pass(TimeDelta::seconds(61));
        assert_eq!(world.tries(1, false).await, "fine");
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_does_not_open_is_said_and_left_as_it_is() {
    on_each(async |world| {
        let sealed = async || {
            let row = query("SELECT secret FROM connections").one(&world.bed.db).await.expect("a row");
            row.get::<Vec<u8>>("secret").expect("a secret")
        };
        let before = sealed().await;
        query("UPDATE connections SET key_id = 'lost'").execute(&world.bed.db).await.expect("a row");
        assert!(
            world.tries(0, false).await.contains("seal key `lost`, which `server.seal_keys` does not have")
        );
        assert_eq!(world.state().await, ("needs_attention".to_owned(), Some("secret_locked".to_owned())));
        assert_eq!((sealed().await, world.renewals()), (before, 0));
        query("UPDATE connections SET key_id = 'new'").execute(&world.bed.db).await.expect("a row");
        assert_eq!(world.tries(1, false).await, "fine");
        assert_eq!(world.state().await, ("connected".to_owned(), None));
    })
    .await;
}

/// The process dies after Zendesk renewed, and before the new tokens are kept.
#[tokio::test]
async fn a_server_that_dies_during_a_renewal_leaves_word_of_it() {
    bed()
        .setting("server.seal_keys", SEAL)
        .run(async |bed| {
            connect(bed, &replica(bed).await).await;
            let late = bed.vendors().fault(on_tokens(Fault::Late { late_ms: 60_000 }));
            let folder = tempfile::tempdir().expect("a folder");
            let mut dies = command(bed, folder.path(), &[], &["connections", "test", ID]);
            let mut dying = dies.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
            while bed.vendors().effected(late) == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            dying.kill().await.expect("it dies");
            bed.vendors().clear_faults();
            // Half a minute passes.
            let renewing = "UPDATE connections SET renewing_until_us = renewing_until_us - 30000000";
            assert_eq!(query(renewing).execute(&bed.db).await.expect("a row"), 1);
            let (good, said) = runs(bed, &[], &["connections", "test", ID]).await;
            assert!(!good && said.contains("ok    secret") && said.contains("BAD   token"), "{said}");
            assert!(said.contains("its answer was lost") && said.contains("connect again"), "{said}");
            let (_, said) = runs(bed, &[], &["connections", "list"]).await;
            assert!(said.contains("needs_attention") && said.contains("its answer was lost"), "{said}");
        })
        .await;
}
