//! A first run over everybody, on Zendesk's plans: how long it takes, what it leaves to others, and what deaths cost. Time is moved along, not
//! waited for. Two thousand people on one plan each time; a million on two, on a release build, with
//!
//!     DESKSIDE_FIRST_RUN=1000000 cargo test --release --workspace --test it -- integrations_first --nocapture

use std::collections::VecDeque;

use deskside::store::query;
use deskside_sandbox::{Limits, Plan};
use serde_json::{Value, json};

use crate::integrations::{ADMIN, keep, run, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

/// How far time is moved at once.
const STEP_S: i64 = 5;
/// Where a worker dies, of all rows.
const DEATHS: u64 = 10;

fn people() -> u64 {
    wished().unwrap_or(2_000)
}

fn wished() -> Option<u64> {
    std::env::var("DESKSIDE_FIRST_RUN").ok()?.parse().ok()
}

/// What a run needed.
#[derive(Debug)]
struct Needed {
    seconds: i64,
    calls: usize,
    /// In the busiest minute.
    most_a_minute: usize,
    deaths: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_run_takes_its_share_and_survives_ten_deaths() {
    let plans = [(Plan::Team, "Team", 60), (Plan::Enterprise, "Enterprise", 210)];
    for (plan, name, share) in plans.into_iter().take(if wished().is_some() { 2 } else { 1 }) {
        bed()
            .limits(Limits::of(plan))
            .setting("limits.max_changed_percent", "100")
            .run(async |bed| first_and_second_day(bed, name, share).await)
            .await;
    }
}

async fn first_and_second_day(bed: &Testbed, plan: &str, share: usize) {
    let people = people();
    bed.vendors().make_users(people);
    bed.pass(120);
    let by_made = with(|it| {
        it["model"]["sql"] = json!(
            "SELECT id AS user_id, concat('Company of ', name) AS company, 1200.50 AS mrr FROM people
              WHERE external_id LIKE 'made-%'"
        );
    });
    let admin = bed.agent(ADMIN).await;
    assert_eq!(keep(&admin, &by_made).await.verdict(), "201");
    let (dry, read) = needs(bed, &json!({"kind": "dry"}), 0).await;
    let log = admin_of(bed).await.gets(&format!("/api/runs/{}/log", id(&dry))).await.text;
    let told = log.lines().find(|line| line.contains("they need"));
    let told = told.unwrap_or_else(|| panic!("how long it takes is said before it begins: {log}")).to_owned();
    bed.pass(120);
    let (first, wrote) = needs(bed, &json!({"accept": dry["id"]}), DEATHS).await;
    assert_eq!(
        (&first["state"], &first["counts"]["updated"]),
        (&json!("completed"), &json!(people)),
        "{first}"
    );
    bed.pass(24 * 3_600);
    let admin = admin_of(bed).await;
    let second = run(bed, &admin, json!({})).await;
    assert_eq!(
        (&second["counts"]["unchanged"], &second["calls"]),
        (&json!(people), &json!(0)),
        "the second day writes nothing: {second}"
    );
    let least = people.div_ceil(100);
    let update_calls = first["calls"].as_u64().expect("a number");
    eprintln!(
        "{plan}: {people} people read in {:.1} h by {} calls; {told}; written in {:.1} h by {} calls, {update_calls} of them updates \
         (at least {least}), {} in the busiest minute, {} deaths",
        hours(&read),
        read.calls,
        hours(&wrote),
        wrote.calls,
        wrote.most_a_minute,
        wrote.deaths,
    );
    assert!(wrote.most_a_minute <= share, "a run leaves the rest of the minute to others: {wrote:?}");
    assert_eq!(wrote.deaths, DEATHS, "{wrote:?}");
    // What was on its way when the worker died is read back, and only what had not arrived is sent again.
    assert!(update_calls <= least + DEATHS * 25, "{update_calls} updates where {least} do");
    assert!(bed.vendors().mails().is_empty());
}

#[expect(clippy::cast_precision_loss, reason = "hours for people")]
fn hours(needed: &Needed) -> f64 {
    needed.seconds as f64 / 3_600.0
}

fn id(run: &Value) -> &str {
    run["id"].as_str().expect("an id")
}

/// Their session ends while a run works.
async fn admin_of(bed: &Testbed) -> Visitor {
    bed.agent(ADMIN).await
}

/// Where a run stands; nobody is asked but the database.
async fn state(bed: &Testbed, run: &str) -> String {
    query("SELECT state FROM integration_runs WHERE id = $1")
        .bind(run)
        .all_as(&bed.db, |row| row.get("state"))
        .await
        .expect("the database answers")
        .remove(0)
}

/// Starts a run and works until it ends; the worker dies so often, evenly spread over its calls.
async fn needs(bed: &Testbed, start: &Value, deaths: u64) -> (Value, Needed) {
    let started = admin_of(bed).await.posts("/api/integrations/contracts/runs", start).await;
    assert_eq!(started.verdict(), "202", "{}", started.text);
    let run = id(&started.json()["run"]).to_owned();
    let (began, calls) = (bed.clock.now(), bed.vendors().calls_made());
    let mut needed = Needed { seconds: 0, calls: 0, most_a_minute: 0, deaths: 0 };
    let mut minute = VecDeque::from([calls]);
    loop {
        let state = state(bed, &run).await;
        let made = bed.vendors().calls_made();
        needed.most_a_minute = needed.most_a_minute.max(made - minute[0]);
        if !["queued", "running"].contains(&state.as_str()) {
            needed.seconds = (bed.clock.now() - began).num_seconds();
            needed.calls = made - calls;
            return (
                admin_of(bed).await.gets(&format!("/api/runs/{run}")).await.json()["run"].clone(),
                needed,
            );
        }
        // Each life makes its part of the calls, and dies at another instruction than the one before.
        let life = people().div_ceil(100) / (deaths + 1) + needed.deaths % 4;
        let is_to_die = needed.deaths < deaths;
        if is_to_die && bed.run_jobs_and_die_after(usize::try_from(life).expect("few")).await {
            needed.deaths += 1;
        } else {
            bed.run_jobs().await;
        }
        minute.push_back(bed.vendors().calls_made());
        if minute.len() > usize::try_from(60 / STEP_S).expect("few") {
            minute.pop_front();
        }
        bed.pass(STEP_S);
    }
}
