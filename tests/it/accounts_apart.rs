//! Whatever the admin of one company sends, with whatever ids: nothing of another company's is read, changed or asked for.

use deskside_sandbox::credentials;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::accounts::{MARK, TASK, call, company, customer, panel, rings, two};
use crate::connection_consent::{Consent, wanted};
use crate::connections_console::{SEAL, connected, puts};
use crate::dials::{listens, next};
use crate::integrations::{definition, keep, run, with};
use crate::support::actors::{Answer, Visitor};
use crate::support::databases::rows_of;
use crate::support::testbed::{SECOND, Testbed};

const FIRST: &str = credentials::SUBDOMAIN;
const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;

/// Sign-ins: the account is the one that the address names, and its own Twilio is asked about the token (`flex_sessions`).
const SIGN_INS: [&str; 2] = ["/api/session/flex", "/api/session/flex/{key}"];
/// Never ends; what it says is read beside the walk.
const DIAL_EVENTS: &str = "/api/dial/events";
/// An integration that both accounts have.
const SHARED: &str = "contracts";
/// An integration that only the first account has.
const OWN: &str = "first-alone";
/// One that the second account adds.
const MORE: &str = "more";

/// What an admin of the second account may send to each route, with the ids that the first account has. Nothing of it is refused for
/// its form, so that each request comes as far as the look-up.
fn body(bed: &Testbed, ids: &Ids, route: &str, path: &str) -> Value {
    // One of an account's integrations writes a field.
    let is_on = |id: &str| id != MORE;
    let integration = |id: &str| json!({"id": id, "name": "Globex", "enabled": is_on(id), "version": 1, "definition": definition()});
    match route {
        "POST /api/engagements/{task_sid}/pop" => {
            json!({"attributes": call(), "stage": "accept", "reservation_sid": "WR1"})
        }
        "POST /api/engagements/{task_sid}/log" => {
            json!({"stage": "complete", "attributes": call(), "reservation_sid": "WR1", "facts": {}})
        }
        "PUT /api/engagements/{task_sid}/notes" => json!({"text": "somebody else's words", "outcome": ""}),
        "POST /api/engagements/{task_sid}/show" => json!({"ticket_id": 42}),
        "POST /api/dial" => json!({"to": "+815012340042", "ticket_id": 42}),
        "POST /api/dial/{id}/outcome" => json!({"outcome": "started"}),
        "POST /api/session/proof" => json!({"agent_id": AGENT}),
        "POST /api/session/proof/confirm" => json!({"challenge": ids.challenge, "code": "00"}),
        "PUT /api/settings/flex" => json!({"version": 0, "settings": {"assign": true}}),
        "POST /api/connections" => json!({
            "kind": "zendesk", "name": "Globex",
            "settings": {
                "base_url": bed.second().zendesk_url, "client_id": credentials::CLIENT_ID, "flow": "client_credentials",
            },
            "secrets": {"client_secret": credentials::CLIENT_SECRET},
        }),
        "PUT /api/connections/{id}" => json!({"version": 1, "name": "Globex"}),
        "POST /api/connections/{id}/sample" => json!({"read": {"kind": "users"}}),
        "POST /api/connections/{kind}/authorize" => json!({"id": ids.connection}),
        "POST /api/authorizations/{id}/confirm" => json!({"number": "123456"}),
        "POST /api/integrations" => integration(MORE),
        "PUT /api/integrations/{id}/enabled" => json!({"enabled": false}),
        "PUT /api/integrations/{id}" => integration(path.rsplit('/').next().expect("an id")),
        "POST /api/integrations/{id}/runs" => json!({"kind": "dry"}),
        "POST /api/machine-keys" => json!({"name": "airflow"}),
        "POST /api/previews" => {
            json!({"id": OWN, "sources": definition()["sources"], "model": definition()["model"]})
        }
        "POST /api/schedules/next" => json!({"kind": "daily", "at": "09:00", "time_zone": "UTC"}),
        _ => json!({}),
    }
}

/// The second account's admin tries every route that takes a session, with every id that the first account has.
#[tokio::test]
async fn no_route_shows_or_changes_anything_of_another_account() {
    two()
        .setting("server.seal_keys", SEAL)
        .run_on_each(async |bed| {
            let ids = first_account_at_work(bed).await;
            let before = rows_of(&bed.database, FIRST).await;
            for table in [
                "connections",
                "authorizations",
                "integrations",
                "integration_runs",
                "run_rows",
                "machine_keys",
            ] {
                assert!(before.iter().any(|row| row.starts_with(table)), "nothing in {table}: {before:#?}");
            }
            assert!(before.iter().any(|row| row.contains(MARK)), "{before:#?}");
            let calls = bed.vendors().calls().len();
            let key = bed.key_of(SECOND).await;
            let admin = bed.agent_of_second(ADMIN).await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let flex = panel(bed, bed.second(), &format!("/api/session/flex/{key}")).await;
            let mut heard = listens(&flex).await;
            let walked = walk(bed, &ids, (&admin, &flex)).await;
            bed.run_jobs_to_the_end().await;
            let verdicts: Vec<_> = walked.iter().map(Step::line).collect();
            println!("{}", verdicts.join("\n"));
            let answered = |status: &str| verdicts.iter().filter(|line| line.contains(status)).count();
            assert!(answered(" 20") >= 25 && answered(" 404") >= 30, "{verdicts:#?}");
            assert_eq!((answered(" 400"), answered(" 422")), (0, 0), "refused for their form: {verdicts:#?}");
            for Step { expected, answer, .. } in &walked {
                assert!(
                    expected.is_none_or(|code| answer.verdict() == code),
                    "not {expected:?}: {}",
                    answer.text
                );
                assert!(!answer.text.contains(MARK), "{}", answer.text);
                let tells = answer.status < 400 && ids.secret().iter().any(|id| answer.text.contains(*id));
                assert!(!tells, "an id of the first account: {}", answer.text);
            }
            let dialled = walked.iter().find(|step| step.route == "POST /api/dial").expect("it was walked");
            let dialled = dialled.answer.json()["id"].as_str().expect("an id").to_owned();
            assert_eq!(
                next(&mut heard).await,
                Some(dialled),
                "of the first account's dial nothing was heard"
            );
            assert_eq!(bed.vendors().calls().len(), calls, "the first account's vendors were asked");
            let after = rows_of(&bed.database, FIRST).await;
            assert_eq!(after, before, "rows of the first account");
        })
        .await;
}

/// A request, and what came of it.
struct Step {
    route: String,
    path: String,
    /// Where only the first account has the id.
    expected: Option<&'static str>,
    answer: Answer,
}

impl Step {
    fn line(&self) -> String {
        let verb = self.route.split(' ').next().unwrap_or_default();
        format!("{:<75} {}", format!("{verb} {}", self.path), self.answer.verdict())
    }
}

async fn walk(bed: &Testbed, ids: &Ids, (admin, flex): (&Visitor, &Visitor)) -> Vec<Step> {
    let is_walked = |route: &String| {
        let path = route.split(' ').nth(1).expect("verb and path");
        path.starts_with("/api/") && path != DIAL_EVENTS && !SIGN_INS.contains(&path)
    };
    let mut routes: Vec<_> = deskside::http::every_route().into_iter().filter(is_walked).collect();
    // What the second account has itself is read and changed before it is deleted.
    routes.sort_by_key(|route| route.starts_with("DELETE"));
    let mut walked = Vec::new();
    for route in routes {
        let (verb, path) = route.split_once(' ').expect("verb and path");
        for (path, expected) in ids.fill(path) {
            let visitor = if path.contains("/engagements/") || path.contains("/dial") { flex } else { admin };
            let request = visitor.request(verb.parse().expect("a verb"), &path);
            let request = request.header(CONTENT_TYPE, "application/json");
            let request = if verb == "GET" { request } else { request.json(&body(bed, ids, &route, &path)) };
            let answer = Answer::to(request).await;
            walked.push(Step { route: route.clone(), path, expected, answer });
        }
    }
    walked
}

/// Ids that the first account has.
struct Ids {
    archive_run: String,
    item: u64,
    customer: u64,
    dial: String,
    challenge: String,
    connection: String,
    authorization: String,
    run: String,
    machine_key: String,
}

impl Ids {
    /// Those that say nothing to anybody but the first account.
    fn secret(&self) -> [&str; 7] {
        let Self { archive_run, dial, connection, authorization, run, machine_key, .. } = self;
        [archive_run, dial, connection, authorization, run, machine_key, OWN]
    }

    /// A route with each of them in its gaps, and the refusal where the second account has nothing of that id.
    fn fill(&self, route: &str) -> Vec<(String, Option<&'static str>)> {
        let ids: &[(&dyn std::fmt::Display, Option<&'static str>)] = match route {
            path if !path.contains("{id}") => &[(&"", None)],
            path if path.starts_with("/api/tickets/") => &[(&42, None)],
            path if path.starts_with("/api/archive/runs/") => {
                &[(&self.archive_run, Some("404 archive_run_not_found"))]
            }
            path if path.starts_with("/api/archive/items/") => &[(&self.item, None)],
            path if path.starts_with("/api/dial/") => &[(&self.dial, Some("404 dial_gone"))],
            path if path.starts_with("/api/connections/") => {
                &[(&self.connection, Some("404 connection_not_found")), (&"zendesk", None)]
            }
            path if path.starts_with("/api/authorizations/") => {
                &[(&self.authorization, Some("404 authorization_invalid"))]
            }
            path if path.starts_with("/api/integrations/") => {
                &[(&OWN, Some("404 integration_not_found")), (&SHARED, None)]
            }
            path if path.starts_with("/api/runs/") => &[(&self.run, Some("404 run_not_found"))],
            path if path.starts_with("/api/machine-keys/") => {
                &[(&self.machine_key, Some("404 machine_key_not_found"))]
            }
            path => panic!("{path}: which id of the first account goes here?"),
        };
        let query = match route {
            "/api/customers" => "?phone=%2B815012340042",
            "/api/ledger/export" | "/api/runs/{id}/export" => "?format=csv",
            _ => "",
        };
        let expected_of_all =
            (route == "/api/connections/{kind}/authorize").then_some("404 connection_not_found");
        let filled = route
            .replace("{user_id}", &self.customer.to_string())
            .replace("{task_sid}", TASK)
            .replace("{kind}", "zendesk")
            .replace("{name}", "users");
        ids.iter()
            .map(|(id, expected)| {
                let path = format!("{}{query}", filled.replace("{id}", &id.to_string()));
                assert!(!path.contains('{'), "{path}: what goes here?");
                (path, expected.or(expected_of_all))
            })
            .collect()
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
    let archive_run = agent.archives(42).await;
    bed.run_jobs_to_the_end().await;
    let item = agent.attachments(42).await.json()["items"][0]["attachment_id"].as_u64().expect("an id");
    let proof = agent.posts("/api/session/proof", &json!({"agent_id": AGENT})).await.json();
    let (connection, authorization) = connected_with_mark(bed, &admin).await;
    let run = dry_run_with_mark(bed, &admin).await;
    let key = admin.posts("/api/machine-keys", &json!({"name": format!("{MARK} Airflow")})).await;
    let dial = agent.posts("/api/dial", &json!({"to": "+815012340042", "ticket_id": 42})).await;
    assert_eq!(dial.verdict(), "202");
    Ids {
        archive_run,
        item,
        customer: customer(bed.vendors()),
        dial: dial.json()["id"].as_str().expect("an id").to_owned(),
        challenge: proof["challenge"].as_str().expect("a challenge").to_owned(),
        connection,
        authorization,
        run,
        machine_key: key.json()["key"]["id"].as_str().expect("an id").to_owned(),
    }
}

/// A connection, and a consent that nobody has answered.
async fn connected_with_mark(bed: &Testbed, admin: &Visitor) -> (String, String) {
    let id = connected(bed, admin).await;
    let name = json!({"version": 1, "name": format!("{MARK} Europe")});
    assert_eq!(puts(admin, &format!("/api/connections/{id}"), &name).await.verdict(), "200");
    let mut consent = wanted(bed);
    consent["name"] = json!(format!("{MARK} consent"));
    (id, Consent::begin(admin, &consent).await.id)
}

/// Two integrations, and a dry run of the one whose id the second account has, too.
async fn dry_run_with_mark(bed: &Testbed, admin: &Visitor) -> String {
    let owners = with(|it| it["mapping"] = json!([{"constant": MARK, "field": "sfdc_owner"}]));
    let body = json!({"id": OWN, "name": format!("{MARK} owners"), "enabled": true, "definition": owners});
    assert_eq!(admin.posts("/api/integrations", &body).await.verdict(), "201");
    let contracts = with(|it| {
        let sql = format!("SELECT id AS user_id, '{MARK}' AS company FROM people WHERE role = 'end-user'");
        it["model"]["sql"] = json!(sql);
        it["mapping"] = json!([{"column": "company", "field": "sfdc_company_name"}]);
    });
    assert_eq!(keep(admin, &contracts).await.verdict(), "201");
    let dry = run(bed, admin, json!({"kind": "dry"})).await;
    assert_eq!(dry["state"], "completed", "{dry}");
    dry["id"].as_str().expect("an id").to_owned()
}
