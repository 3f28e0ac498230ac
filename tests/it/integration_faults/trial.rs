//! One run over 150 users whose fields somebody has changed by hand, and what must be true after it, seen from the outside: in Zendesk,
//! on a card, and in the run's own counts.

use std::cell::Cell;

use deskside::store::query;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, field, first_run, with};
use crate::support::actors::Visitor;
use crate::support::testbed::Testbed;

const MADE: u64 = 149;
/// Rows that one call takes.
const ROWS: usize = 100;
/// Longer than a dead worker's lease, and than the queue's longest pause.
const PAUSE_S: i64 = 1_801;
/// A run waits for a vendor that asks for it so long; then it is given up like any other.
const RETRY_WINDOW_S: i64 = 25 * 3_600;

/// Where runs are tried, one after the other.
pub struct World<'a> {
    pub bed: &'a Testbed,
    users: Vec<u64>,
    trials: Cell<u64>,
}

/// One run, begun.
pub struct Trial {
    run: String,
    hanako: String,
    calls: usize,
}

impl<'a> World<'a> {
    /// With a first run that wrote everything.
    pub async fn new(bed: &'a Testbed) -> Self {
        let admin = bed.agent(ADMIN).await;
        let first = bed.vendors().make_users(MADE);
        let users = (0..MADE).map(|place| first + place * 128).chain([HANAKO]).collect();
        let definition = with(|it| {
            it["model"]["sql"] = json!(format!(
                "SELECT id AS user_id, email, concat('Company of ', name) AS company, 1200.50 AS mrr
                   FROM people WHERE external_id LIKE 'made-%' OR id = {HANAKO}"
            ));
            it["contract"] = json!({
                "people": {"user": "user_id", "email": "email"},
                "company_id": "company", "company": "company", "mrr": "mrr",
            });
        });
        let run = first_run(bed, &admin, &definition).await;
        assert_eq!(
            (&run["state"], &run["counts"]["updated"]),
            (&json!("completed"), &json!(MADE + 1)),
            "{run}"
        );
        Self { bed, users, trials: Cell::new(0) }
    }

    /// Somebody changes every user by hand, one of them gets another name, and a run is asked for.
    pub async fn begins(&self) -> Trial {
        let number = self.trials.get() + 1;
        self.trials.set(number);
        self.bed.pass(120);
        let hanako = format!("佐藤 花子 {number}");
        let path = format!("/api/v2/users/{HANAKO}.json");
        self.bed.zendesk(reqwest::Method::PUT, &path, &json!({"user": {"name": hanako}})).await;
        for user in &self.users {
            let by_hand = json!({"sfdc_company_name": format!("By hand {number}"), "sfdc_mrr": 7});
            self.bed.vendors().set_user_fields(*user, &by_hand);
        }
        self.bed.pass(120);
        let run = self.asks().await;
        Trial { run, hanako, calls: self.updates() }
    }

    /// Their session ends while a run waits.
    async fn admin(&self) -> Visitor {
        self.bed.agent(ADMIN).await
    }

    async fn asks(&self) -> String {
        let started = self.admin().await.posts("/api/integrations/contracts/runs", &json!({})).await;
        assert_eq!(started.verdict(), "202", "{}", started.text);
        started.json()["run"]["id"].as_str().expect("an id").to_owned()
    }

    fn updates(&self) -> usize {
        self.bed.vendors().calls().iter().filter(|call| call.path.contains("update_many")).count()
    }

    async fn run(&self, id: &str) -> Value {
        self.admin().await.gets(&format!("/api/runs/{id}")).await.json()["run"].clone()
    }

    /// State and phase, by the database: Zendesk may refuse every session meanwhile.
    async fn stands(&self, run: &str) -> (String, String) {
        query("SELECT state, phase FROM integration_runs WHERE id = $1")
            .bind(run)
            .all_as(&self.bed.db, |row| Ok((row.get("state")?, row.get("phase")?)))
            .await
            .expect("the database answers")
            .remove(0)
    }

    /// How far the run had come.
    pub async fn phase(&self, trial: &Trial) -> String {
        self.stands(&trial.run).await.1
    }

    /// One attempt, and the pause after it.
    pub async fn works_once(&self) {
        self.bed.run_jobs().await;
        self.bed.pass(PAUSE_S);
    }

    /// However long what failed has to wait; nobody mends it before it is given up.
    pub async fn works_until_it_ends(&self, trial: &Trial, past_the_window: bool) {
        self.bed.run_jobs().await;
        if past_the_window {
            self.bed.pass(RETRY_WINDOW_S);
        }
        self.until_it_ends(&trial.run).await.expect("a run that fails ends, too");
    }

    async fn until_it_ends(&self, run: &str) -> Result<(), String> {
        for _ in 0..60 {
            self.bed.run_jobs().await;
            if !["queued", "running"].contains(&self.stands(run).await.0.as_str()) {
                return Ok(());
            }
            self.bed.pass(PAUSE_S);
        }
        Err(format!("the run does not end: {:?}", self.stands(run).await))
    }

    /// Nothing goes wrong any more: the run, or the next one, makes all of it as the model says. How many calls were made that were
    /// not needed.
    pub async fn ends(&self, trial: &Trial) -> Result<usize, String> {
        self.bed.pass(PAUSE_S); // a vendor that asked for time has it
        self.until_it_ends(&trial.run).await?;
        let mut run = self.run(&trial.run).await;
        let is_whole = |run: &Value| {
            run["state"] == "completed" && run["counts"]["waiting"] == 0 && run["counts"]["rejected"] == 0
        };
        if !is_whole(&run) {
            self.bed.pass(120);
            let next = self.asks().await;
            self.until_it_ends(&next).await?;
            run = self.run(&next).await;
        }
        if !is_whole(&run) {
            return Err(format!("the next run is not whole: {run}"));
        }
        for user in &self.users {
            let name = self.bed.vendors().user(*user).expect("a user")["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let (company, mrr) =
                (field(self.bed, *user, "sfdc_company_name"), field(self.bed, *user, "sfdc_mrr"));
            if company != format!("Company of {name}") || mrr.as_f64() != Some(1200.5) {
                return Err(format!("{user} ({name}) holds {company} and {mrr}: {run}"));
            }
        }
        let card = self.admin().await.card(42).await.json();
        if card["contract"]["company"] != format!("Company of {}", trial.hanako) {
            return Err(format!("the card shows {}", card["contract"]));
        }
        Ok((self.updates() - trial.calls).saturating_sub(self.users.len().div_ceil(ROWS)))
    }
}
