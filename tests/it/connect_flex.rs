//! `deskside connect flex`: what the operator reads, what Twilio then has, and that it tells.

use std::time::Duration;

use deskside::config::Config;
use deskside::connect::flex::{self, Flex, FlexError};
use deskside_sandbox::{FlexStep, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::testbed::{Testbed, bed};
use crate::trouble_with;

async fn connects(bed: &Testbed, dry_run: bool) -> Result<Vec<String>, FlexError> {
    let config = Config::load(None, bed.environment.clone()).expect("the settings are good");
    let mut lines = Vec::new();
    flex::flex(&config, &bed.clock, Flex { dry_run }, &mut |line| lines.push(line)).await?;
    Ok(lines)
}

/// An admin looks, or does something, at Twilio's Event Streams.
async fn at_twilio(bed: &Testbed, method: Method, path: &str, form: &[(&str, &str)]) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method, format!("{}/v1/{path}", bed.sandbox.twilio_url));
    let request = request.basic_auth(credentials::TWILIO_ACCOUNT, Some(credentials::TWILIO_AUTH_TOKEN));
    let request = if form.is_empty() { request } else { request.form(form) };
    let answer = request.send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap_or_default()
}

async fn counts(bed: &Testbed) -> (usize, usize) {
    let sinks = at_twilio(bed, Method::GET, "Sinks", &[]).await;
    let subscriptions = at_twilio(bed, Method::GET, "Subscriptions", &[]).await;
    let count = |list: &Value| list.as_array().expect("a list").len();
    (count(&sinks["sinks"]), count(&subscriptions["subscriptions"]))
}

/// The first words of each line: what was done.
fn verbs(lines: &[String]) -> Vec<&str> {
    let known = ["would create", "would update", "found", "created", "updated", "warn"];
    lines.iter().filter_map(|line| known.into_iter().find(|verb| line.starts_with(verb))).collect()
}

#[tokio::test]
async fn the_first_run_makes_both_and_the_second_changes_nothing_and_says_so() {
    bed()
        .run(async |bed| {
            let endpoint = format!("{}/hooks/twilio/events", bed.url());
            assert_eq!(
                connects(bed, true).await.expect("Twilio answers"),
                [
                    &*format!("would create the sink \"Deskside: calls and chats\", which calls {endpoint}"),
                    "would create the subscription to reservation.accepted, task.canceled, task.completed",
                    "warn      `server.public_url` does not begin with https: Twilio calls public addresses only",
                    "a dry run: nothing was changed",
                ]
            );
            assert_eq!(counts(bed).await, (0, 0));
            let first = connects(bed, false).await.expect("it is connected");
            assert_eq!(verbs(&first), ["created", "created", "warn"]);
            assert!(first[3].starts_with("connected: Twilio sends"), "{first:?}");
            assert_eq!(counts(bed).await, (1, 1));
            let second = connects(bed, false).await.expect("it is connected");
            assert_eq!(
                (verbs(&second), second[3].as_str()),
                (vec!["found", "found", "warn"], "nothing had to be changed")
            );
            assert_eq!(counts(bed).await, (1, 1));
        })
        .await;
}

#[tokio::test]
async fn what_is_connected_tells_and_the_note_is_written_with_no_browser_at_all() {
    bed()
        .run_on_each(async |bed| {
            connects(bed, false).await.expect("it is connected");
            let flex = bed.vendors();
            let before = flex.comments(42).len();
            let attributes = json!({"zd_ticket_id": "42", "from": "+815012340042", "direction": "inbound"});
            let task = flex.place_task(&attributes, "voice");
            flex.flex(&task, FlexStep::Accept).expect("it is offered");
            flex.record(Some(&task), "completed", 3);
            flex.flex(&task, FlexStep::WrapUp).expect("it is accepted");
            flex.flex(&task, FlexStep::Complete).expect("it is wrapped up");
            let ended = async {
                while flex.deliveries_under_way() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), ended).await.expect("all is taken");
            // And once more, as Twilio does where it lost the answer; and in the wrong order.
            let told = flex.flex_events();
            let ids: Vec<_> = told.iter().rev().map(|event| event["id"].as_str().expect("an id")).collect();
            assert_eq!(flex.send_events(&ids).await, [204]);
            bed.run_jobs_to_the_end().await;
            let notes: Vec<_> = flex.comments(42)[before..]
                .iter()
                .map(|comment| comment["html_body"].as_str().expect("text").to_owned())
                .collect();
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(
                notes.iter().any(|note| note.contains("Call accepted") && note.contains("agent@example.com"))
            );
            assert!(
                notes.iter().any(|note| note.contains("Call completed") && note.contains("/recordings/RE"))
            );
        })
        .await;
}

#[tokio::test]
async fn what_is_missing_is_added_and_what_leads_elsewhere_is_named() {
    bed()
        .run(async |bed| {
            let sink = async |destination: &str| {
                let configuration = json!({"destination": destination, "method": "POST"}).to_string();
                let form = [
                    ("Description", "By hand"),
                    ("SinkType", "webhook"),
                    ("SinkConfiguration", configuration.as_str()),
                ];
                let made = at_twilio(bed, Method::POST, "Sinks", &form).await;
                made["sid"].as_str().expect("a sid").to_owned()
            };
            sink("https://old.example.com/hooks/twilio/events").await;
            sink("https://elsewhere.example.com/events").await;
            let ours = sink(&format!("{}/hooks/twilio/events", bed.url())).await;
            let types = r#"[{"type":"com.twilio.taskrouter.task.completed"}]"#;
            let form = [("Description", "By hand"), ("SinkSid", ours.as_str()), ("Types", types)];
            let subscription = at_twilio(bed, Method::POST, "Subscriptions", &form).await;
            let told = connects(bed, false).await.expect("it is connected");
            assert_eq!(verbs(&told), ["warn", "found", "updated", "warn"]);
            assert!(told[0].contains("https://old.example.com/hooks/twilio/events"), "{told:?}");
            assert!(told[2].ends_with("reservation.accepted, task.canceled missing"), "{told:?}");
            let path =
                format!("Subscriptions/{}/SubscribedEvents", subscription["sid"].as_str().expect("a sid"));
            let types = at_twilio(bed, Method::GET, &path, &[]).await;
            assert_eq!(types["types"].as_array().expect("a list").len(), 3);
            assert_eq!(
                verbs(&connects(bed, false).await.expect("it is connected")),
                ["warn", "found", "found", "warn"]
            );
        })
        .await;
}

#[tokio::test]
async fn a_run_that_was_broken_off_is_gone_on_with() {
    bed()
        .run(async |bed| {
            let mut trouble = trouble_with("twilio", 500);
            trouble.on.method = Some("POST".into());
            trouble.on.path_contains = Some("/Subscriptions".into());
            bed.vendors().fault(trouble);
            let broken = connects(bed, false).await.expect_err("an outage");
            assert!(broken.to_string().contains("`deskside check`"), "{broken}");
            bed.vendors().clear_faults();
            assert_eq!(counts(bed).await, (1, 0));
            assert_eq!(
                verbs(&connects(bed, false).await.expect("it is connected")),
                ["found", "created", "warn"]
            );
        })
        .await;
}

#[tokio::test]
async fn who_may_not_connect_or_could_not_check_reads_what_is_missing() {
    bed()
        .setting("twilio.auth_token", "")
        .run(async |bed| {
            let told = connects(bed, false).await.expect("it is connected");
            assert!(told.iter().any(|line| line.starts_with("warn      `twilio.auth_token`")), "{told:?}");
            bed.vendors().fault(trouble_with("twilio", 403));
            let refused = connects(bed, false).await.expect_err("a permission is missing");
            assert!(refused.to_string().contains("`twilio.api_key_sid`"), "{refused}");
            bed.vendors().clear_faults();
        })
        .await;
    bed()
        .setting("twilio.account_sid", "")
        .run(async |bed| {
            let refused = connects(bed, false).await.expect_err("there is no account");
            assert!(refused.to_string().contains("`twilio.account_sid`"), "{refused}");
        })
        .await;
}

#[tokio::test]
async fn check_says_whether_twilio_tells_and_whether_it_could_be_believed() {
    let check = async |token: &str, connected: bool, expected: &str, words: &str| {
        bed()
            .setting("twilio.auth_token", token)
            .run(async |bed| {
                if connected {
                    connects(bed, false).await.expect("it is connected");
                }
                let config = Config::load(None, bed.environment.clone()).expect("the settings are good");
                let findings = deskside::check::check(&config, &bed.clock).await;
                let found = findings.iter().find(|finding| finding.what == "flex events").expect("a finding");
                let line = found.to_string();
                assert!(line.starts_with(expected) && line.contains(words), "{token:?} {connected}: {line}");
            })
            .await;
    };
    let token = credentials::TWILIO_AUTH_TOKEN;
    check(token, true, "ok  ", "/hooks/twilio/events").await;
    check(token, false, "warn", "`deskside connect flex`").await;
    check("", true, "BAD ", "`twilio.auth_token`").await;
    check("", false, "warn", "`twilio.auth_token`").await;
}
