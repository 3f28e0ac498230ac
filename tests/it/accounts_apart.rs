//! Whatever the admin of one company sends, with whatever ids: nothing of another company's is read, changed or asked for.

use deskside_sandbox::credentials;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::accounts::{MARK, TASK, call, company, customer, panel, rings, two};
use crate::support::actors::Answer;
use crate::support::databases::rows_of;
use crate::support::testbed::{SECOND, Testbed};

const FIRST: &str = credentials::SUBDOMAIN;
const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;

/// What an agent of the second account may send to each route, with the ids that the first account has.
fn body(route: &str) -> Value {
    match route.rsplit('/').next().unwrap_or_default() {
        "pop" => json!({"attributes": call(), "stage": "accept", "reservation_sid": "WR1"}),
        "log" => json!({"stage": "complete", "attributes": call(), "reservation_sid": "WR1", "facts": {}}),
        "notes" => json!({"text": "somebody else's words", "outcome": ""}),
        "show" => json!({"ticket_id": 42}),
        "dial" => json!({"to": "+815012340042", "ticket_id": 42}),
        "outcome" => json!({"outcome": "started"}),
        "proof" => json!({"agent_id": AGENT}),
        "confirm" => json!({"challenge": "00", "code": "00"}),
        "flex" => json!({"version": 0, "settings": {"assign": true}}),
        _ => json!({}),
    }
}

/// The second account's admin tries every route that takes a session, with every id that the first account has.
#[tokio::test]
async fn no_route_shows_or_changes_anything_of_another_account() {
    two()
        .run_on_each(async |bed| {
            let ids = first_account_at_work(bed).await;
            let before = rows_of(&bed.database, FIRST).await;
            assert!(before.iter().any(|row| row.contains(MARK)) && before.len() > 20, "{before:?}");
            let calls = bed.vendors().calls().len();
            let key = bed.key_of(SECOND).await;
            let admin = bed.agent_of_second(ADMIN).await;
            let flex = panel(bed, bed.second(), &format!("/api/session/flex/{key}")).await;
            let mut verdicts = Vec::new();
            for route in deskside::http::every_route() {
                let (verb, path) = route.split_once(' ').expect("verb and path");
                if !path.starts_with("/api/") || path == "/api/dial/events" || path.contains("/session/") {
                    continue;
                }
                for path in ids.fill(path) {
                    let visitor =
                        if path.contains("/engagements/") || path.contains("/dial") { &flex } else { &admin };
                    let request = visitor.request(verb.parse().expect("a verb"), &path);
                    let request = request.header(CONTENT_TYPE, "application/json");
                    let answer =
                        Answer::to(if verb == "GET" { request } else { request.json(&body(&route)) }).await;
                    assert!(!answer.text.contains(MARK), "{verb} {path}: {}", answer.text);
                    verdicts.push(format!("{:<45} {}", format!("{verb} {path}"), answer.verdict()));
                }
            }
            bed.run_jobs_to_the_end().await;
            println!("{}", verdicts.join("\n"));
            let answered = |status: &str| verdicts.iter().filter(|line| line.contains(status)).count();
            assert!(answered(" 20") >= 10 && answered(" 404") >= 5, "{verdicts:#?}");
            assert_eq!(bed.vendors().calls().len(), calls, "the first account's vendors were asked");
            let after = rows_of(&bed.database, FIRST).await;
            assert_eq!(after, before, "rows of the first account");
        })
        .await;
}

/// Ids that the first account has.
struct Ids {
    run: String,
    item: u64,
    customer: u64,
    dial: String,
}

impl Ids {
    /// A route with each of them in its gaps.
    fn fill(&self, path: &str) -> Vec<String> {
        let ids: &[&dyn std::fmt::Display] = match path {
            path if path.starts_with("/api/tickets/") => &[&42],
            path if path.starts_with("/api/archive/runs/") => &[&self.run],
            path if path.starts_with("/api/archive/items/") => &[&self.item],
            path if path.starts_with("/api/dial/") => &[&self.dial],
            _ => &[&self.customer],
        };
        let query = match path {
            "/api/customers" => "?phone=%2B815012340042",
            "/api/ledger/export" => "?format=csv",
            _ => "",
        };
        let path = path.replace("{user_id}", &self.customer.to_string()).replace("{task_sid}", TASK);
        ids.iter().map(|id| format!("{}{query}", path.replace("{id}", &id.to_string()))).collect()
    }
}

/// The first account has used everything: its rows and its vendors hold [`MARK`] wherever somebody may write.
async fn first_account_at_work(bed: &Testbed) -> Ids {
    company(bed.vendors(), MARK);
    let (agent, admin) = (bed.agent(AGENT).await, bed.agent(ADMIN).await);
    let mut settings = admin.gets("/api/settings/flex").await.json();
    settings["settings"]["subject"] = json!(format!("{MARK} call"));
    let set = Answer::to(admin.request(Method::PUT, "/api/settings/flex").json(&settings)).await;
    assert_eq!(set.verdict(), "200");
    agent.card(42).await;
    rings(&bed.sandbox).await;
    let pop = json!({"attributes": call(), "stage": "accept", "reservation_sid": "WR1"});
    assert_eq!(agent.posts(&format!("/api/engagements/{TASK}/pop"), &pop).await.verdict(), "200");
    let noted = json!({"text": format!("{MARK} words"), "outcome": ""});
    let path = format!("/api/engagements/{TASK}/notes");
    assert_eq!(Answer::to(agent.request(Method::PUT, &path).json(&noted)).await.verdict(), "204");
    let run = agent.archives(42).await;
    bed.run_jobs_to_the_end().await;
    let item = agent.attachments(42).await.json()["items"][0]["attachment_id"].as_u64().expect("an id");
    let dial = agent.posts("/api/dial", &json!({"to": "+815012340042", "ticket_id": 42})).await;
    assert_eq!(dial.verdict(), "202");
    Ids {
        run,
        item,
        customer: customer(bed.vendors()),
        dial: dial.json()["id"].as_str().expect("an id").to_owned(),
    }
}
