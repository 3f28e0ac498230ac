//! The connector against a stub that answers as Twilio documents.

use std::time::Duration;

use secrecy::SecretString;

use super::*;
use crate::connectors::Advice::{self, GiveUp, Retry, RetryAfter};
use crate::connectors::FailureKind;
use crate::connectors::VendorError;
use crate::connectors::stub::{self, Stub, told};

const VALIDATE: &str = "POST /v1/Accounts/AC1/Tokens/validate";
const WORKER: &str = "GET /v1/Workspaces/WS1/Workers/WK1";

fn client(twilio: &Stub, auth: Auth) -> TwilioClient {
    let url = || twilio.url.clone();
    let urls = Urls { iam: url(), taskrouter: url(), conversations: url(), api: url(), events: url() };
    TwilioClient::new(stub::http(), urls, "AC1", auth, stub::clock(), stub::loopback())
}

fn key() -> Auth {
    Auth::ApiKey { sid: "SK1".into(), secret: "secret".into() }
}

async fn validated(status: u16, body: &str) -> Result<FlexIdentity, TwilioError> {
    let twilio = Stub::start().await;
    twilio.tell(VALIDATE, told(status, body)).tell(VALIDATE, told(status, body));
    client(&twilio, key()).validate_flex_token(&SecretString::from("jwe")).await
}

#[tokio::test]
async fn a_valid_token_names_its_agent() {
    let body = r#"{"valid":true,"code":0,"message":null,"expiration":"2026-11-22T13:00:00.240Z","realm_user_id":
        "mina.park@example.com","identity":"mina_2Epark_40example_2Ecom","roles":["agent"],"worker_sid":"WK1","new":1}"#;
    let identity = validated(200, body).await.expect("an agent");
    assert_eq!(
        identity,
        FlexIdentity {
            identity: "mina.park@example.com".into(),
            realm_user_id: Some("mina.park@example.com".into()),
            roles: vec!["agent".into()],
            worker_sid: Some("WK1".into()),
            expires_at: Some("2026-11-22T13:00:00.240Z".parse().expect("a time")),
        }
    );
}

#[tokio::test]
async fn a_token_that_is_not_valid_or_over_is_nobody() {
    for (status, body) in [
        (200, r#"{"valid":false,"code":20101,"message":"Invalid Access Token"}"#),
        (200, r#"{"valid":true,"identity":"mina","expiration":"2026-11-22T12:00:00Z"}"#),
        (200, r#"{"valid":true,"identity":null}"#),
        (200, r#"{"valid":true,"identity":""}"#),
        (200, "{}"),
        (400, r#"{"code":20001,"message":"Invalid parameter","status":400}"#),
    ] {
        assert!(matches!(validated(status, body).await, Err(TwilioError::InvalidToken)), "{body}");
    }
}

#[tokio::test]
async fn we_sign_in_with_the_key_or_with_the_token() {
    let twilio = Stub::start().await;
    let worker = r#"{"sid":"WK1","friendly_name":"mina_40example_2Ecom","attributes":"{\"email\":\"mina@example.com\"}"}"#;
    twilio.tell(WORKER, told(200, worker)).tell(WORKER, told(200, worker));
    let found = client(&twilio, key()).worker("WS1", "WK1").await.expect("a worker");
    assert_eq!((found.name.as_str(), found.email()), ("mina@example.com", Some("mina@example.com")));
    client(&twilio, Auth::Token("token".into())).worker("WS1", "WK1").await.expect("a worker");
    let signed: Vec<_> = twilio.asked("").into_iter().filter_map(|asked| asked.authorization).collect();
    assert_eq!(signed, ["Basic U0sxOnNlY3JldA==", "Basic QUMxOnRva2Vu"]); // SK1:secret, AC1:token
}

#[tokio::test]
async fn a_sid_cannot_break_out_of_its_place() {
    let twilio = Stub::start().await;
    let nothing = client(&twilio, key()).worker("WS1", "../../Tasks?x#y").await;
    assert!(nothing.is_err());
    assert_eq!(twilio.asked("")[0].line, "GET /v1/Workspaces/WS1/Workers/..%2F..%2FTasks%3Fx%23y");
}

/// check(status, headers, body, what is told, what the queue does)
async fn check(
    status: u16,
    header: Option<(&'static str, &str)>,
    body: &str,
    expected: &str,
    advice: Advice,
) {
    let twilio = Stub::start().await;
    for _ in 0..2 {
        let told = told(status, body);
        twilio.tell(WORKER, header.into_iter().fold(told, |told, (name, value)| told.with(name, value)));
    }
    let error = client(&twilio, key()).background().worker("WS1", "WK1").await.expect_err("a refusal");
    assert_eq!((error.to_string(), error.advice()), (expected.to_owned(), advice), "{status} {body}");
}

#[tokio::test]
async fn every_refusal_becomes_one_advice_and_a_sentence_without_its_body() {
    const CALL: &str = "`GET /v1/Workspaces/{WS}/Workers/{WK}`";
    let text = format!("Twilio rejected the account SID, auth token or API key ({CALL})");
    check(401, None, r#"{"code":20003,"message":"Authenticate","status":401}"#, &text, GiveUp).await;
    let text =
        format!("Twilio does not allow {CALL}; use an API key of type Standard or Main, or the auth token");
    check(403, None, "", &text, GiveUp).await;
    let text =
        format!("Twilio finds nothing for {CALL}; check `twilio.account_sid` and `twilio.workspace_sid`");
    check(404, None, r#"{"code":20404}"#, &text, GiveUp).await;
    let text = format!("a Twilio record was changed by someone else during {CALL}");
    check(412, None, "", &text, Retry).await;
    check(400, None, r#"{"code":20001}"#, &format!("Twilio refused {CALL} (400): error 20001"), GiveUp).await;
    check(400, None, "<html>", &format!("Twilio refused {CALL} (400): no reason given"), GiveUp).await;
    let text = format!("Twilio's rate limit: wait 5 s before {CALL}");
    check(429, Some(("retry-after", "5")), "", &text, RetryAfter(Duration::from_secs(5))).await;
    check(503, None, "", &format!("Twilio answered 503 to {CALL}"), Retry).await;
    let text = format!("Twilio's answer to {CALL} does not match its documentation");
    check(200, None, r#"{"sid":"WK1","attributes":"{"}"#, &text, GiveUp).await;
    check(200, None, "{}", &text, GiveUp).await;
}

const SINKS: &str = "GET /v1/Sinks";
const MESSAGES: &str = "GET /v1/Conversations/CH1/Messages";

/// What the account's sinks are when they come so.
async fn sinks(bodies: &[&str]) -> Result<crate::connectors::Rows<Sink>, TwilioError> {
    let twilio = Stub::start().await;
    for body in bodies {
        twilio.tell(SINKS, told(200, body));
    }
    client(&twilio, key()).sinks().await
}

#[tokio::test]
async fn an_odd_row_costs_no_other_row_and_may_be_ours() {
    const GOOD: &str =
        r#"{"sid":"DG1","description":"d","sink_configuration":{"destination":"https://a.example"}}"#;
    const END: &str = r#""meta":{"next_page_url":null}"#;
    for (odd, lost) in [
        (r#"{"sid":"DG2","description":-1,"sink_configuration":{"destination":"https://b.example"}}"#, 0),
        (r#"{"sid":"DG2","sink_configuration":{}}"#, 0),
        (r#"{"sid":"DG2","sink_configuration":null}"#, 0),
        (r#"{"sid":"DG2","sink_configuration":{"destination":-1}}"#, 1),
        (r#"{"sid":"DG2","sink_configuration":"odd"}"#, 1),
        (r#"{"sid":7}"#, 1),
        (r"{}", 1),
        ("null", 1),
    ] {
        let found = sinks(&[&format!(r#"{{"sinks":[{GOOD},{odd}],{END}}}"#)]).await.expect("a list");
        assert_eq!((found[0].sid.as_str(), found.lost().len()), ("DG1", lost), "{odd}");
        assert_eq!(found.proves_absence().is_err(), lost > 0, "{odd}");
    }
}

#[tokio::test]
async fn a_page_of_twilios_that_does_not_say_whether_it_is_the_last_is_no_end() {
    for meta in ["null", "{\"next_page_url\":7}", "{\"next_page_url\":\"nowhere\"}", "[]", "\"x\""] {
        let found = sinks(&[&format!(r#"{{"sinks":[],"meta":{meta}}}"#)]).await;
        assert!(matches!(&found, Err(error) if error.is(FailureKind::Unreadable)), "{meta}: {found:?}");
    }
    assert!(matches!(sinks(&[r#"{"sinks":[]}"#]).await, Err(error) if error.is(FailureKind::Unreadable)));
    assert!(
        matches!(sinks(&[r#"{"meta":{"next_page_url":null}}"#]).await, Err(error) if error.is(FailureKind::Unreadable))
    );
}

#[tokio::test]
async fn a_chat_whose_pages_are_too_large_is_read_in_smaller_ones() {
    let twilio = Stub::start().await;
    let page = |bodies: &[&str], next: Option<&str>| {
        let rows: Vec<_> =
            bodies.iter().map(|body| serde_json::json!({"author": -1, "body": body})).collect();
        serde_json::json!({"messages": rows, "meta": {"next_page_url": next}}).to_string()
    };
    let next = "https://conversations.twilio.com/v1/x?Order=asc&PageSize=50&Page=1&PageToken=PA1";
    let large = format!(r#"{{"messages":[],"x":"{}"}}"#, "x".repeat(crate::connectors::ANSWER_LIMIT));
    twilio
        .tell(MESSAGES, told(200, &large))
        .tell(MESSAGES, told(200, &page(&["a", "b"], Some(next))))
        .tell(MESSAGES, told(200, &page(&["c"], None)));
    let lines = client(&twilio, key()).messages("CH1").await.expect("a chat");
    let bodies: Vec<_> = lines.iter().filter_map(|line| line.body.as_deref()).collect();
    assert_eq!(bodies, ["a", "b", "c"]);
    assert!(lines.iter().all(|line| line.author.is_none()), "an author of an odd type is unknown");
    let asked: Vec<_> = twilio.asked("").into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        asked,
        [
            format!("{MESSAGES}?Order=asc&PageSize=100"),
            format!("{MESSAGES}?Order=asc&PageSize=50"),
            format!("{MESSAGES}?Order=asc&PageSize=50&Page=1&PageToken=PA1"),
        ]
    );
}

#[tokio::test]
async fn a_task_whose_attributes_cannot_be_read_is_not_one_without_attributes() {
    let check = async |body: &str, expected: Option<&str>| {
        let twilio = Stub::start().await;
        twilio.tell("GET /v1/Workspaces/WS1/Tasks/WT1", told(200, body));
        let task = client(&twilio, key()).task("WS1", "WT1").await.ok();
        assert_eq!(task.map(|task| task.attributes.to_string()).as_deref(), expected, "{body}");
    };
    check(r#"{"attributes":"{\"a\":1}","age":"old","assignment_status":-1,"reason":[]}"#, Some(r#"{"a":1}"#))
        .await;
    check(r#"{"attributes":null}"#, Some("{}")).await;
    check(r#"{"attributes":{"a":1}}"#, None).await;
    check(r#"{"attributes":-1}"#, None).await;
}
