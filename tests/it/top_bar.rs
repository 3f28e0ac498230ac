//! Flex in Zendesk's top bar, and the two other ways in which a call turns an agent's page: whichever it is, it is one.

use deskside_sandbox::{FaultRule, SignOptions, credentials};
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::actors::Answer;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TASK: &str = "WT00000000000000000000000000000001";

/// Zendesk's frame opens the app's page there.
async fn opens(bed: &Testbed, location: &str) -> Answer {
    let token = bed.vendors().sign(location, AGENT, &SignOptions::default());
    bed.stranger().opens_page(location, &token).await
}

/// What the server wrote into the page for its script.
fn facts(page: &Answer) -> Value {
    let marked = "<script type=\"application/json\" id=\"deskside-page\">";
    let facts = page.text.split_once(marked).and_then(|(_, rest)| rest.split_once("</script>"));
    serde_json::from_str(facts.expect("the page says what it is").0).expect("JSON")
}

fn flex_url(bed: &Testbed) -> String {
    format!("{}/flex?path=/agent-desktop", bed.sandbox.twilio_url)
}

/// What the page may frame, and who may frame it.
fn frames(page: &Answer) -> (String, String) {
    let policy = page.header("content-security-policy");
    let of = |name: &str| {
        let part = policy.split("; ").find_map(|part| part.strip_prefix(name));
        part.unwrap_or_default().trim().to_owned()
    };
    (of("frame-src "), of("frame-ancestors "))
}

#[tokio::test]
async fn the_top_bar_frames_flex_where_an_admin_says_and_nothing_else() {
    bed()
        .run_on_each(async |bed| {
            let (zendesk, twilio) = (bed.sandbox.zendesk_url.clone(), bed.sandbox.twilio_url.clone());
            let panel = async || frames(&bed.stranger().gets("/flex/panel").await).1;
            assert_eq!(panel().await, twilio, "the panel is in Flex, and Flex in a tab of its own");
            let empty = opens(bed, "top_bar").await;
            assert_eq!(frames(&empty), (String::new(), zendesk.clone()), "nothing is framed before");
            assert_eq!(facts(&empty)["flex"], Value::Null);
            assert!(empty.session().proved, "it is a signed page like the others");
            assert_eq!(facts(&opens(bed, "background").await)["wakes_top_bar"], Value::Null);

            let url = flex_url(bed);
            let set = set(bed, json!({"flex_url": url, "flex_width": 500, "flex_height": 700})).await;
            assert_eq!(set.verdict(), "200");
            let page = opens(bed, "top_bar").await;
            assert_eq!(panel().await, format!("{twilio} 'self' {zendesk}"), "or in all of these");
            assert_eq!(frames(&page), (twilio.clone(), zendesk));
            let flex = json!({"url": url, "origin": twilio, "width": 500, "height": 700});
            assert_eq!(facts(&page)["flex"], flex);
            assert_eq!(facts(&opens(bed, "background").await)["wakes_top_bar"], true);
            assert_eq!(frames(&opens(bed, "ticket_sidebar").await).0, "", "a sidebar frames nothing");

            // The operator takes the origin back: what an admin once set is framed no longer.
            let other = bed.another_server(&[("twilio.flex_origins", "https://flex.twilio.com")]).await;
            let token = bed.vendors().sign("top_bar", AGENT, &SignOptions::default());
            let page = bed.stranger().moves_to(&other).opens_page("top_bar", &token).await;
            assert_eq!((frames(&page).0.as_str(), &facts(&page)["flex"]), ("", &Value::Null));
        })
        .await;
}

#[tokio::test]
async fn an_address_that_is_not_flex_is_refused_by_its_name() {
    bed()
        .run(async |bed| {
            let here = bed.sandbox.twilio_url.clone();
            let check = async |changes: Value, words: &str| {
                let refused = set(bed, changes.clone()).await;
                assert_eq!(refused.verdict(), "422 setting_invalid", "{changes}");
                let message = refused.json()["error"]["message"].as_str().expect("words").to_owned();
                assert!(message.contains(words), "{changes}: {message}");
            };
            let url = |url: &str| json!({ "flex_url": url });
            check(url("https://evil.example/?path=/agent-desktop"), "twilio.flex_origins").await;
            check(url("http://flex.twilio.com/?path=/agent-desktop"), "`flex_url` does not begin").await;
            check(url(&format!("{here}/flex")), "?path=/agent-desktop").await;
            check(json!({"flex_width": 0}), "`flex_width`").await;
            check(json!({"flex_height": 100_000}), "`flex_height`").await;
            assert_eq!(set(bed, json!({"flex_width": "wide"})).await.verdict(), "422 setting_invalid");
        })
        .await;
}

/// What this agent's open workspaces were told since: `(how, ticket or user)`.
fn told(listener: &mut tokio::sync::broadcast::Receiver<Value>) -> Vec<(String, u64)> {
    std::iter::from_fn(|| listener.try_recv().ok())
        .filter_map(|event| match event["type"].as_str()? {
            "notify" => {
                let body: Value = serde_json::from_str(event["body"].as_str()?).ok()?;
                let id = [&body["ticket_id"], &body["user_id"]].into_iter().find_map(Value::as_u64)?;
                Some(("notify".to_owned(), id))
            }
            "display" => Some((format!("display {}", event["what"].as_str()?), event["id"].as_u64()?)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn in_the_top_bar_the_answer_says_what_to_show_and_no_notice_is_sent() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let mut workspace = bed.vendors().listen();
            let pop = async |attributes: Value, top_bar: bool| {
                let body = json!({"attributes": attributes, "stage": "accept", "top_bar": top_bar});
                agent.posts(&format!("/api/engagements/{TASK}/pop"), &body).await.json()
            };
            let popped = pop(json!({"zd_ticket_id": "42"}), true).await;
            let show = &popped["show"];
            assert_eq!(
                (&show["task_sid"], &show["ticket_id"], &show["user_id"]),
                (&json!(TASK), &json!(42), &Value::Null)
            );
            assert!(show["notice"].as_str().is_some_and(|name| name.contains(TASK)), "{popped}");
            bed.run_jobs().await;
            assert_eq!(told(&mut workspace), [], "whoever asked shows it");

            // The same call by a Flex in a tab of its own.
            let popped = pop(json!({"zd_ticket_id": "42"}), false).await;
            assert_eq!(popped["show"], Value::Null);
            bed.run_jobs().await;
            assert_eq!(told(&mut workspace), [("notify".to_owned(), 42)]);

            // What is not to be shown is not shown here either.
            set(bed, json!({"navigate_valid": "nothing"})).await;
            assert_eq!(pop(json!({"zd_ticket_id": "42"}), true).await["show"], Value::Null);
            set(bed, json!({"navigate_valid": "user"})).await;
            let requester = bed.vendors().ticket(42).expect("the ticket")["requester_id"].clone();
            let popped = pop(json!({"zd_ticket_id": "42"}), true).await;
            assert_eq!(
                (&popped["show"]["user_id"], &popped["show"]["ticket_id"]),
                (&requester, &Value::Null)
            );
            bed.run_jobs().await;
            assert_eq!(told(&mut workspace), []);
        })
        .await;
}

#[tokio::test]
async fn through_talk_partner_edition_zendesk_itself_turns_the_page() {
    bed()
        .run_on_each(async |bed| {
            set(bed, json!({"talk_partner": true})).await;
            let agent = bed.agent(AGENT).await;
            let mut workspace = bed.vendors().listen();
            agent.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await;
            bed.run_jobs().await;
            assert_eq!(told(&mut workspace), [("display ticket".to_owned(), 42)], "and no app is told");

            set(bed, json!({"navigate_valid": "user"})).await;
            let requester = bed.vendors().ticket(42).expect("the ticket")["requester_id"].as_u64();
            agent.pops(TASK, "select", &json!({"zd_ticket_id": "42"})).await;
            bed.run_jobs().await;
            let customer = ("display user".to_owned(), requester.expect("an id"));
            assert_eq!(told(&mut workspace), [customer]);
        })
        .await;
}

#[tokio::test]
async fn an_account_without_talk_partner_edition_is_told_by_the_app() {
    let check = async |bed: &Testbed, expected: &[&str]| {
        set(bed, json!({"talk_partner": true})).await;
        let agent = bed.agent(AGENT).await;
        let mut workspace = bed.vendors().listen();
        agent.pops(TASK, "accept", &json!({"zd_ticket_id": "42"})).await;
        bed.run_jobs_to_the_end().await;
        let told: Vec<_> = told(&mut workspace).into_iter().map(|(how, _)| how).collect();
        assert_eq!(told, expected);
    };
    let trouble = |bed: &Testbed, status: u16, times: u32| {
        bed.vendors().fault(FaultRule { times, ..super::trouble_at("/channels/voice", status) });
    };
    bed().without_talk_partner().run(async |bed| check(bed, &["notify"]).await).await;
    bed()
        .run(async |bed| {
            trouble(bed, 404, 1);
            check(bed, &["notify"]).await;
        })
        .await;
    // Zendesk is down for a moment: that says nothing about the account.
    bed()
        .run(async |bed| {
            trouble(bed, 503, 1);
            check(bed, &["display ticket"]).await;
        })
        .await;
}

#[tokio::test]
async fn without_talk_partner_edition_nobody_waits_for_its_refusal_each_time() {
    bed()
        .without_talk_partner()
        .run(async |bed| {
            set(bed, json!({"talk_partner": true})).await;
            let agent = bed.agent(AGENT).await;
            let mut workspace = bed.vendors().listen();
            let mut pops = async |expected: usize, why: &str| {
                let attributes = json!({"zd_ticket_id": "42"});
                let task = bed.vendors().place_task(&attributes, "voice");
                agent.pops(&task, "accept", &attributes).await;
                bed.run_jobs().await;
                assert_eq!(told(&mut workspace), [("notify".to_owned(), 42)], "{why}");
                let asked = bed.vendors().calls();
                let asked = asked.iter().filter(|call| call.path.contains("/channels/voice")).count();
                assert_eq!(asked, expected, "{why}");
            };
            pops(1, "nobody knows yet").await;
            pops(1, "a refusal is believed").await;
            bed.pass(599);
            pops(1, "for ten minutes").await;
            bed.pass(2);
            pops(2, "and not longer").await;
            set(bed, json!({"talk_partner": false})).await;
            pops(2, "it is off").await;
            set(bed, json!({"talk_partner": true})).await;
            pops(3, "an admin has changed it: perhaps there is a seat now").await;
            pops(3, "there is none").await;
        })
        .await;
}
