//! Two companies on one server, whose tickets, people, files and calls have the same ids: neither sees, changes or slows the
//! other.

use base64::Engine;
use chrono::TimeDelta;
use deskside_sandbox::{Fault, FaultRule, Handle, Matching, Running, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::states;
use crate::support::hooks::{self, Delivery, SECRET};
use crate::support::testbed::{Plan, SECOND, Testbed, bed};
use crate::support::twilio;

const FIRST: &str = credentials::SUBDOMAIN;
const AGENT: u64 = credentials::AGENT_ID;
/// The same call in both accounts.
pub const TASK: &str = "WT0123456789abcdef0123456789abcdef";
/// Stands in everything of the first account that somebody wrote or bought, and nowhere else.
pub const MARK: &str = "Unmistakable";

pub fn two() -> Plan {
    bed().with_second_account().setting("zendesk.webhook_secret", SECRET)
}

pub fn call() -> Value {
    json!({"zd_ticket_id": "42", "from": "+815012340042", "direction": "inbound", "channelType": "voice"})
}

/// A call comes in, in an account of Twilio's, under this id.
pub async fn rings(vendors: &Running) {
    let asked = json!({"attributes": call(), "channel": "voice", "sid": TASK});
    let url = format!("{}/_sandbox/flex/tasks", vendors.twilio_url);
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let placed = http.post(url).json(&asked).send().await.expect("the sandbox answers");
    assert_eq!(placed.status(), 201);
}

/// A signed-in agent's Flex panel, of the account that a route's end names.
pub async fn panel(bed: &Testbed, vendors: &Running, route: &str) -> Visitor {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/_sandbox/flex/token", vendors.twilio_url);
    let minted: Value =
        http.post(url).json(&json!({})).send().await.expect("sent").json().await.expect("JSON");
    let opened = bed.stranger().posts(route, &json!({"token": minted["token"]})).await;
    bed.stranger().with_bearer(&opened.session().token)
}

/// Who wrote ticket 42; the same id in both accounts.
pub fn customer(vendors: &Handle) -> u64 {
    vendors.ticket(42).expect("a ticket")["requester_id"].as_u64().expect("an id")
}

pub fn company(vendors: &Handle, name: &str) {
    vendors.set_user_fields(customer(vendors), &json!({"sfdc_company_name": name}));
}

fn notes_about(vendors: &Handle, text: &str) -> usize {
    vendors.comments(42).iter().filter(|comment| comment.to_string().contains(text)).count()
}

#[tokio::test]
async fn each_account_reads_its_own_ticket_of_the_same_number() {
    two()
        .run_on_each(async |bed| {
            company(bed.vendors(), MARK);
            company(bed.second().handle(), "Globex");
            let (first, second) = (bed.agent(AGENT).await, bed.agent_of_second(AGENT).await);
            let check = async |what: &str| {
                for (visitor, expected) in [(&first, MARK), (&second, "Globex"), (&first, MARK)] {
                    let card = visitor.card(42).await;
                    assert_eq!(card.json()["contract"]["company"], expected, "{what}: {}", card.text);
                }
            };
            check("read from Zendesk").await;
            check("kept from a moment ago").await;
            bed.pass(3600);
            for vendors in [bed.vendors(), bed.second().handle()] {
                let on =
                    Matching { path_prefix: Some("/api/v2/tickets/42".to_owned()), ..Matching::default() };
                vendors.fault(FaultRule { on, times: 99, skip: 0, fault: Fault::Reset { reset: true } });
            }
            let (first, second) = (bed.agent(AGENT).await, bed.agent_of_second(AGENT).await);
            for (visitor, expected) in [(&first, MARK), (&second, "Globex")] {
                let card = visitor.card(42).await;
                assert!(!card.text.contains(if expected == MARK { "Globex" } else { MARK }), "{}", card.text);
            }
        })
        .await;
}

#[tokio::test]
async fn each_account_archives_its_own_files_of_the_same_ids() {
    two()
        .run_on_each(async |bed| {
            let (first, second) = (bed.agent(AGENT).await, bed.agent_of_second(AGENT).await);
            let run = first.archives(42).await;
            let other_run = second.archives(42).await;
            bed.run_jobs_to_the_end().await;
            for (visitor, vendors) in [(&first, bed.vendors()), (&second, bed.second().handle())] {
                assert_eq!(states(&visitor.attachments(42).await.json()), ["redacted"; 4]);
                assert_eq!(notes_about(vendors, "archived"), 1, "one note in each Zendesk");
            }
            assert_eq!(bed.archived().len(), 8, "each account has copies of its own");
            for (visitor, foreign) in [(&first, &other_run), (&second, &run)] {
                let path = format!("/api/archive/runs/{foreign}/cancel");
                assert_eq!(visitor.posts(&path, &json!({})).await.verdict(), "404 archive_run_not_found");
            }
            let id = first.attachments(42).await.json()["items"][0]["attachment_id"].as_u64().expect("an id");
            let link = first.posts(&format!("/api/archive/items/{id}/link"), &json!({})).await.json();
            let link = link["url"].as_str().expect("a link").to_owned();
            assert_eq!(bed.stranger().gets(&link).await.status, 200);
            let renamed = link.replace(&format!("key={FIRST}."), &format!("key={SECOND}."));
            assert_ne!(renamed, link);
            assert_eq!(bed.stranger().gets(&renamed).await.verdict(), "403 archive_link_invalid");
            let nobodys = link.replace(&format!("key={FIRST}."), "key=initech.");
            assert_eq!(bed.stranger().gets(&nobodys).await.verdict(), "403 archive_link_invalid");
        })
        .await;
}

#[tokio::test]
async fn a_call_is_written_down_in_the_account_in_which_it_was() {
    two()
        .run_on_each(async |bed| {
            let key = bed.key_of(SECOND).await;
            let first = panel(bed, &bed.sandbox, "/api/session/flex").await;
            let second = panel(bed, bed.second(), &format!("/api/session/flex/{key}")).await;
            rings(&bed.sandbox).await;
            rings(bed.second()).await;
            for (visitor, words) in [(&first, "of the first"), (&second, "of the second")] {
                let body = json!({"attributes": call(), "stage": "accept", "reservation_sid": "WR1"});
                let popped = visitor.posts(&format!("/api/engagements/{TASK}/pop"), &body).await;
                assert_eq!(popped.json()["ticket"]["id"], 42, "{}", popped.text);
                let noted = json!({"text": words, "outcome": ""});
                let path = format!("/api/engagements/{TASK}/notes");
                let kept = Answer::to(visitor.request(Method::PUT, &path).json(&noted)).await;
                assert_eq!(kept.verdict(), "204");
                let ended =
                    json!({"stage": "complete", "attributes": call(), "reservation_sid": "WR1", "facts": {}});
                let logged = visitor.posts(&format!("/api/engagements/{TASK}/log"), &ended).await;
                assert_eq!(logged.status, 202, "{}", logged.text);
            }
            bed.run_jobs_to_the_end().await;
            for (vendors, own, foreign) in [
                (bed.vendors(), "of the first", "of the second"),
                (bed.second().handle(), "of the second", "of the first"),
            ] {
                assert_eq!((notes_about(vendors, own), notes_about(vendors, foreign)), (1, 0), "{own}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_delivery_goes_to_the_account_whose_key_is_in_its_address() {
    two()
        .run_on_each(async |bed| {
            let (own, key) = (bed.key_of(FIRST).await, bed.key_of(SECOND).await);
            let about = |account: &str| {
                Delivery::saying(bed, &json!({"account": account, "ticket_id": "42"}).to_string())
            };
            let nobodys = "0".repeat(40);
            let mut at = bed.clock.now();
            for (account, path, expected) in [
                (FIRST, hooks::ARCHIVE.to_owned(), "202"),
                (FIRST, format!("/hooks/{own}/zendesk/archive"), "202"),
                (SECOND, format!("/hooks/{key}/zendesk/archive"), "202"),
                (SECOND, hooks::ARCHIVE.to_owned(), "403 webhook_wrong_account"),
                (SECOND, format!("/hooks/{own}/zendesk/archive"), "403 webhook_wrong_account"),
                (FIRST, format!("/hooks/{key}/zendesk/archive"), "403 webhook_wrong_account"),
                (FIRST, format!("/hooks/{nobodys}/zendesk/archive"), "404 route_not_found"),
                (FIRST, format!("/hooks/{FIRST}/zendesk/archive"), "404 route_not_found"),
                (FIRST, "/hooks/%00/zendesk/archive".to_owned(), "404 route_not_found"),
            ] {
                let mut delivery = about(account);
                delivery.account = None;
                at += TimeDelta::seconds(1); // a second delivery, not the first one again
                delivery.at = at;
                assert_eq!(delivery.sent_to(bed, &path).await.verdict(), expected, "{account} {path}");
            }
            bed.run_jobs_to_the_end().await;
            for agent in [bed.agent(AGENT).await, bed.agent_of_second(AGENT).await] {
                assert_eq!(states(&agent.attachments(42).await.json()), ["redacted"; 4]);
            }
            let events = json!([twilio::event("EV1", "task.created", TASK, &call())]);
            for (path, expected) in [
                (twilio::EVENTS.to_owned(), "204"),
                (format!("/hooks/{key}/twilio/events"), "204"),
                (format!("/hooks/{nobodys}/twilio/events"), "404 route_not_found"),
            ] {
                assert_eq!(twilio::streams_to(bed, &path, &events).await.verdict(), expected, "{path}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_storm_in_one_account_slows_nobody_in_another() {
    two()
        .run(async |bed| {
            let (first, second) = (bed.agent(AGENT).await, bed.agent_of_second(AGENT).await);
            let mut verdict = String::new();
            for _ in 0..400 {
                verdict = second.gets("/api/tickets/42/card?refresh=true").await.verdict();
                if verdict.starts_with("429") {
                    break;
                }
            }
            assert_eq!(verdict, "429 too_many_requests");
            assert_eq!(first.gets("/api/tickets/42/card?refresh=true").await.verdict(), "200");
            // Its vendor hangs, and its jobs wait for that.
            let held =
                FaultRule { on: Matching::default(), times: 999, skip: 0, fault: Fault::Held { held: true } };
            let held = bed.second().handle().fault(held);
            bed.pass(60);
            let first = bed.agent(AGENT).await;
            let waits = tokio::spawn({
                let second = second.clone();
                async move { second.gets("/api/tickets/43/card").await.status }
            });
            assert_eq!(first.gets("/api/tickets/42/card?refresh=true").await.verdict(), "200");
            first.archives(42).await;
            bed.run_jobs().await;
            assert_eq!(states(&first.attachments(42).await.json()), ["redacted"; 4]);
            assert!(!waits.is_finished(), "the second account's vendor is still silent");
            bed.second().handle().mend(held);
            assert_eq!(waits.await.expect("it ends"), 200);
        })
        .await;
}

#[tokio::test]
async fn a_page_and_a_bearer_are_of_the_account_that_signed_them() {
    two()
        .run(async |bed| {
            let sign = |options: &deskside_sandbox::SignOptions| {
                bed.second().handle().sign("ticket_sidebar", AGENT, options)
            };
            let opened =
                async |token: String| bed.stranger().opens_page("ticket_sidebar", &token).await.verdict();
            let as_signed = deskside_sandbox::SignOptions::default();
            assert_eq!(opened(sign(&as_signed)).await, "200");
            for (what, options, expected) in [
                (
                    "with another account's installation",
                    deskside_sandbox::SignOptions {
                        aud: Some(format!("https://{FIRST}.zendesk.com/api/v2/apps/installations/1.json")),
                        ..as_signed.clone()
                    },
                    "403 signed_token_wrong_audience",
                ),
                (
                    "as an account that is not here",
                    deskside_sandbox::SignOptions {
                        iss: Some("initech.zendesk.com".to_owned()),
                        ..as_signed.clone()
                    },
                    "403 signed_token_wrong_account",
                ),
                (
                    "by another app",
                    deskside_sandbox::SignOptions { stranger: true, ..as_signed.clone() },
                    "401 signed_token_invalid",
                ),
            ] {
                assert_eq!(opened(sign(&options)).await, expected, "{what}");
            }
            // Nothing of a refusal tells which accounts are here.
            let refused = async |host: &str| {
                let named = json!({"iss": host}).to_string();
                let token = format!("x.{}.x", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(named));
                let page = bed.stranger().opens_page("ticket_sidebar", &token).await;
                (page.verdict(), page.header("content-security-policy").replace(host, "{host}"))
            };
            let second_is = refused(&format!("{SECOND}.zendesk.com")).await;
            assert_eq!(second_is.0, "401 signed_token_invalid");
            assert_eq!(second_is, refused("initech.zendesk.com").await);
            // A server without the second account knows nothing of its bearers.
            let second = bed.agent_of_second(AGENT).await;
            let alone = bed.another_server(&[]).await;
            assert_eq!(second.moves_to(&alone).card(42).await.verdict(), "401 session_invalid");
        })
        .await;
}

#[tokio::test]
async fn an_account_that_nobody_uses_is_let_go_and_comes_back_when_it_is_needed() {
    two()
        .run(async |bed| {
            let accounts = bed.accounts();
            let agent = bed.agent_of_second(AGENT).await;
            assert_eq!(agent.card(42).await.verdict(), "200");
            let built = std::sync::Arc::downgrade(&accounts.of(SECOND).expect("it is served"));
            bed.pass(9 * 60);
            accounts.let_idle_go();
            assert!(built.upgrade().is_some(), "it was used nine minutes ago");
            assert_eq!(agent.card(42).await.verdict(), "200");
            bed.pass(9 * 60);
            accounts.let_idle_go();
            assert!(built.upgrade().is_some(), "it was used meanwhile");
            bed.pass(60);
            accounts.let_idle_go();
            assert!(built.upgrade().is_none(), "nobody has used it for ten minutes");
            let agent = bed.agent_of_second(AGENT).await;
            assert_eq!(agent.card(42).await.verdict(), "200");
            assert_eq!(bed.agent(AGENT).await.card(42).await.verdict(), "200", "the first is never let go");
        })
        .await;
}
