//! Rows that get another key: what their record acknowledged under the key before still counts, so what somebody wrote there is seen, and
//! what we wrote ourselves is not taken for it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, field, first_run, keep, rows, run, until_it_ends, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

const COMPANY: &str = "sfdc_company_name";
const MRR: &str = "sfdc_mrr";

/// What is done to a user before a run, and what the run makes of it.
#[derive(Default)]
struct Turn {
    /// Their external id, which is the key.
    key: Option<&'static str>,
    /// Their name: the model's company. Its length is the model's number.
    name: Option<&'static str>,
    /// The company that somebody writes into their field.
    by_hand: Option<&'static str>,
    /// What became of their row; empty: nothing is listed.
    outcome: &'static str,
    /// Somebody is said to have changed it.
    is_drifted: bool,
    company: &'static str,
    number: u64,
}

/// The definition for customers that a test made, keyed by their external ids.
fn by_external_id(on_drift: &str, number: &str) -> Value {
    with(|it| {
        it["model"]["sql"] = json!(format!(
            "SELECT external_id AS account, name AS company, {number} AS mrr FROM people WHERE external_id LIKE 'made-%'"
        ));
        it["key"] = json!({"column": "account", "field": "external_id"});
        it["on_drift"] = json!(on_drift);
    })
}

async fn change(bed: &Testbed, user: u64, change: Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}.json"), &json!({"user": change})).await;
}

/// Their row in a run.
async fn row(admin: &Visitor, run: &Value, user: u64) -> Value {
    let id = user.to_string();
    let path = format!("/api/runs/{}/rows", run["id"].as_str().expect("an id"));
    let all = admin.gets(&path).await.json()["rows"].as_array().expect("rows").clone();
    let is_theirs = |row: &&Value| row["destination_id"] == id.as_str() && row["outcome"] != "removed";
    all.iter().find(is_theirs).cloned().unwrap_or_default()
}

/// Plays every user's turns side by side; each turn ends with a run.
async fn check(on_drift: &str, users: &[&[Turn]]) {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(u64::try_from(users.len()).expect("few"));
            let users: Vec<_> = (first..).step_by(128).zip(users).collect();
            let definition = by_external_id(on_drift, "length(name)");
            for turn in 0..users[0].1.len() {
                for (user, turns) in &users {
                    let (user, turn) = (*user, &turns[turn]);
                    if let Some(key) = turn.key {
                        change(bed, user, json!({"external_id": format!("made-{user}-{key}")})).await;
                    }
                    if let Some(name) = turn.name {
                        change(bed, user, json!({"name": name})).await;
                    }
                    if let Some(by_hand) = turn.by_hand {
                        bed.vendors().set_user_fields(user, &json!({COMPANY: by_hand}));
                    }
                }
                bed.pass(120); // an export leaves out what changed during its last minute
                let run = match turn {
                    0 => first_run(bed, &admin, &definition).await,
                    _ => run(bed, &admin, json!({})).await,
                };
                assert_eq!(run["state"], "completed", "{run}");
                for (user, turns) in &users {
                    let (user, is) = (*user, &turns[turn]);
                    let row = row(&admin, &run, user).await;
                    let is_drifted =
                        row["reason"].as_str().is_some_and(|why| why.contains("somebody changed"));
                    let number = field(bed, user, MRR).to_string();
                    assert_eq!(
                        (row["outcome"].as_str().unwrap_or_default(), is_drifted),
                        (is.outcome, is.is_drifted),
                        "turn {turn}: {row}"
                    );
                    assert_eq!(
                        (field(bed, user, COMPANY), number.trim_end_matches(".0")),
                        (json!(is.company), is.number.to_string().as_str()),
                        "turn {turn}: {row}"
                    );
                }
                let drifted = users.iter().filter(|(_, turns)| turns[turn].is_drifted).count();
                assert_eq!(run["counts"]["drifted"], drifted, "turn {turn}: {run}");
            }
        })
        .await;
}

fn wrote(outcome: &'static str, company: &'static str) -> Turn {
    Turn { outcome, company, number: u64::try_from(company.len()).expect("short"), ..Turn::default() }
}

/// What somebody wrote is listed.
fn drifted(outcome: &'static str, company: &'static str, number: u64) -> Turn {
    Turn { is_drifted: true, number, ..wrote(outcome, company) }
}

fn begun() -> Turn {
    Turn { name: Some("Tin"), ..wrote("updated", "Tin") }
}

#[tokio::test]
async fn what_somebody_wrote_stays_though_the_key_changed() {
    let key = Some("b");
    let by_hand = Some("By hand");
    check(
        "keep",
        &[
            // Only the key and what somebody wrote.
            &[
                begun(),
                Turn { key, by_hand, ..drifted("kept", "By hand", 3) },
                drifted("kept", "By hand", 3),
                Turn { name: Some("Silver"), ..drifted("updated", "By hand", 6) },
                drifted("kept", "By hand", 6),
            ],
            // Another field of theirs changes with the key.
            &[
                begun(),
                Turn { key, by_hand, name: Some("Silver"), ..drifted("updated", "By hand", 6) },
                drifted("kept", "By hand", 6),
                Turn { key: Some("c"), ..drifted("kept", "By hand", 6) },
                drifted("kept", "By hand", 6),
            ],
            // Nobody wrote anything.
            &[
                begun(),
                Turn { key, name: Some("Silver"), ..wrote("updated", "Silver") },
                wrote("", "Silver"),
                Turn { key: Some("c"), ..wrote("adopted", "Silver") },
                Turn { by_hand, ..drifted("kept", "By hand", 6) },
            ],
        ],
    )
    .await;
}

#[tokio::test]
async fn what_somebody_wrote_is_listed_where_it_is_written_over() {
    check(
        "overwrite",
        &[&[
            begun(),
            Turn { key: Some("b"), by_hand: Some("By hand"), ..drifted("updated", "Tin", 3) },
            wrote("", "Tin"),
        ]],
    )
    .await;
}

#[tokio::test]
async fn a_key_that_comes_back_finds_nothing_that_we_wrote_ourselves() {
    let [to_b, to_c] = ["b", "c"].map(Some);
    let back = Some("a");
    for on_drift in ["keep", "overwrite"] {
        check(
            on_drift,
            &[
                &[
                    Turn { key: back, ..begun() },
                    Turn { key: to_b, name: Some("Silver"), ..wrote("updated", "Silver") },
                    Turn { key: back, name: Some("Gold"), ..wrote("updated", "Gold") },
                    wrote("", "Gold"),
                    Turn { key: to_b, ..wrote("adopted", "Gold") },
                ],
                &[
                    Turn { key: back, ..begun() },
                    Turn { key: to_b, name: Some("Silver"), ..wrote("updated", "Silver") },
                    Turn { key: to_c, name: Some("Gold"), ..wrote("updated", "Gold") },
                    Turn { key: back, ..wrote("adopted", "Gold") },
                    Turn { key: to_b, name: Some("Platinum"), ..wrote("updated", "Platinum") },
                ],
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn rows_that_are_retried_are_judged_by_the_key_before_as_well() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(2);
            let good = by_external_id("keep", "length(name)");
            bed.pass(120);
            first_run(bed, &admin, &good).await;
            bed.vendors().set_user_fields(user, &json!({COMPANY: "By hand"}));
            change(bed, user, json!({"external_id": "made-moved"})).await;
            bed.pass(120);
            let unfit = "CASE WHEN external_id = 'made-moved' THEN '1,000' ELSE '9' END";
            let refused = first_run(bed, &admin, &by_external_id("keep", unfit)).await;
            assert_eq!(refused["counts"]["rejected"], 1, "{refused}");
            assert_eq!(keep(&admin, &good).await.verdict(), "200");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(
                (&dry["counts"]["drifted"], &row(&admin, &dry, user).await["outcome"]),
                (&json!(1), &json!("kept")),
                "{dry}"
            );
            run(bed, &admin, json!({"kind": "row", "key": "nobody", "accept": dry["id"]})).await;
            let retry = format!("/api/runs/{}/retry", refused["id"].as_str().expect("an id"));
            let retried = admin.posts(&retry, &json!({})).await.json();
            let done = until_it_ends(bed, &admin, retried["run"]["id"].as_str().expect("an id")).await;
            assert_eq!(
                (&done["counts"]["read"], &done["counts"]["kept"], &done["counts"]["drifted"]),
                (&json!(1), &json!(1), &json!(1)),
                "{done}"
            );
            assert_eq!(field(bed, user, COMPANY), "By hand");
        })
        .await;
}

#[tokio::test]
async fn what_stays_under_another_key_is_emptied_with_its_row() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(2);
            bed.pass(120);
            let mut clears = by_external_id("keep", "length(name)");
            clears["removed"] = json!("clear");
            first_run(bed, &admin, &clears).await;
            bed.vendors().set_user_fields(user, &json!({COMPANY: "By hand"}));
            for (external_id, outcome) in [("made-moved", "kept"), ("left", "removed")] {
                change(bed, user, json!({"external_id": external_id})).await;
                bed.pass(120);
                let run = run(bed, &admin, json!({})).await;
                assert_eq!(
                    (&run["state"], &run["counts"]["removed"]),
                    (&json!("completed"), &json!(1)),
                    "{run}"
                );
                let id = user.to_string();
                let all = rows(&admin, &run, outcome).await;
                assert!(all.iter().any(|row| row["destination_id"] == id.as_str()), "{external_id}: {all:?}");
            }
            assert_eq!((field(bed, user, COMPANY), field(bed, user, MRR)), (json!("By hand"), Value::Null));
        })
        .await;
}

/// check(what somebody writes before the clearing, what becomes of the row that is back, the company then)
#[tokio::test]
async fn a_row_that_is_back_after_a_clearing_is_judged_by_what_was_left() {
    async fn check(by_hand: Option<&str>, outcome: &str, company: &str) {
        bed()
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let user = bed.vendors().make_users(2);
                change(bed, user, json!({"name": "Acme"})).await;
                bed.pass(120);
                let mut clears = by_external_id("keep", "length(name)");
                clears["removed"] = json!("clear");
                first_run(bed, &admin, &clears).await;
                for external_id in ["made-moved", "left", "made-moved"] {
                    if let Some(by_hand) = by_hand.filter(|_| external_id == "left") {
                        bed.vendors().set_user_fields(user, &json!({COMPANY: by_hand}));
                    }
                    change(bed, user, json!({"external_id": external_id})).await;
                    bed.pass(120);
                    let run = run(bed, &admin, json!({})).await;
                    assert_eq!(run["state"], "completed", "{external_id}: {run}");
                    if external_id == "left" {
                        let left = by_hand.map_or(Value::Null, |by_hand| json!(by_hand));
                        assert_eq!((field(bed, user, COMPANY), field(bed, user, MRR)), (left, Value::Null));
                    }
                }
                let last = admin.gets("/api/runs?integration=contracts").await.json()["runs"][0].clone();
                let row = row(&admin, &last, user).await;
                assert_eq!(
                    (&row["outcome"], &row["drifted"]),
                    (&json!(outcome), &json!(by_hand.is_some())),
                    "{row}"
                );
                assert_eq!((field(bed, user, COMPANY), field(bed, user, MRR)), (json!(company), json!(4.0)));
            })
            .await;
    }
    check(None, "updated", "Acme").await;
    check(Some("By hand"), "updated", "By hand").await;
}

#[tokio::test]
async fn a_record_may_go_from_one_row_to_another_that_was_there_before() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(1);
            change(bed, user, json!({"external_id": "made-a"})).await;
            bed.pass(120);
            let both = with(|it| {
                it["model"]["sql"] = json!(
                    "SELECT DISTINCT v.account, v.company, 1 AS mrr FROM people
                       CROSS JOIN (VALUES ('made-a', 'Tin'), ('made-b', 'Gold')) AS v(account, company)"
                );
                it["key"] = json!({"column": "account", "field": "external_id"});
                it["on_drift"] = json!("keep");
            });
            let first = first_run(bed, &admin, &both).await;
            assert_eq!(
                (&first["counts"]["updated"], &first["counts"]["unmatched"]),
                (&json!(1), &json!(1)),
                "{first}"
            );
            bed.vendors().set_user_fields(user, &json!({COMPANY: "By hand"}));
            change(bed, user, json!({"external_id": "made-b"})).await;
            bed.pass(120);
            for _ in 0..2 {
                let run = run(bed, &admin, json!({})).await;
                assert_eq!(
                    (&run["counts"]["kept"], &run["counts"]["unmatched"]),
                    (&json!(1), &json!(1)),
                    "{run}"
                );
                let unmatched = rows(&admin, &run, "unmatched").await;
                assert_eq!((unmatched.len(), &unmatched[0]["key"]), (1, &json!("made-a")), "{unmatched:?}");
                assert_eq!(field(bed, user, COMPANY), "By hand");
            }
        })
        .await;
}
