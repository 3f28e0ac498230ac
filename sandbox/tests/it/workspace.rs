//! What the agent workspace adds: signed app pages, notifications, a look inside.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use deskside_sandbox::{Options, SignOptions, credentials};
use rsa::{
    RsaPublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    pkcs8::DecodePublicKey as _,
    sha2::Sha256,
    signature::Verifier as _,
};
use serde_json::{Value, json};

use crate::client::{Desk, calm};

fn verifies(token: &str, pem: &str) -> bool {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from_public_key_pem(pem).unwrap());
    key.verify(signed.as_bytes(), &Signature::try_from(signature.as_slice()).unwrap()).is_ok()
}

fn claims(token: &str) -> Value {
    let part = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

#[tokio::test]
async fn an_app_page_is_opened_with_a_signed_token() {
    let desk = Desk::open(calm()).await;
    let asked = json!({"location": "ticket_sidebar", "agent_id": credentials::AGENT_ID});
    let token =
        desk.done("POST", "/_sandbox/workspace/sign", asked).await["token"].as_str().unwrap().to_owned();
    let pem = desk.get("/api/v2/apps/375/public_key.json").await.text;
    assert!(verifies(&token, &pem));
    let claims = claims(&token);
    let now = desk.sandbox.handle().now().timestamp();
    assert_eq!((&claims["iss"], &claims["exp"]), (&json!("acme.zendesk.com"), &json!(now + 60)));
    assert_eq!(claims["aud"], "https://acme.zendesk.com/api/v2/apps/installations/456.json");
    assert_eq!(claims["sub"], "https://acme.zendesk.com/api/v2/users/9002.json");
    assert_eq!(claims["context"], json!({"product": "support", "location": "ticket_sidebar"}));
    assert_eq!(desk.get("/api/v2/apps/999/public_key").await.status, 404);
}

#[tokio::test]
async fn a_token_can_be_made_wrong_in_one_way() {
    let desk = Desk::open(calm()).await;
    let handle = desk.sandbox.handle();
    let sign = |options: &SignOptions| handle.sign("background", credentials::AGENT_ID, options);
    let pem = handle.public_key();
    assert!(!verifies(&sign(&SignOptions { stranger: true, ..SignOptions::default() }), &pem));
    assert_eq!(claims(&sign(&SignOptions { omit_sub: true, ..SignOptions::default() }))["sub"], Value::Null);
    assert_eq!(
        claims(&sign(&SignOptions { aud: Some("other".into()), ..SignOptions::default() }))["aud"],
        "other"
    );
    let before = sign(&SignOptions::default());
    handle.rotate_app_key();
    assert!(!verifies(&before, &handle.public_key()));
    assert!(verifies(&sign(&SignOptions::default()), &handle.public_key()));
}

#[tokio::test]
async fn a_notification_reaches_the_agents_open_workspace() {
    let desk = Desk::open(calm()).await;
    let mut listener = desk.sandbox.handle().listen();
    let agent = credentials::AGENT_ID;
    let notice = |app: u64, agent: u64| json!({"app_id": app, "event": "pop", "body": "{\"ticket\":42}", "agent_id": agent});
    desk.done("POST", "/api/v2/apps/notify", notice(375, agent)).await;
    let event = listener.recv().await.unwrap();
    assert_eq!(
        event,
        json!({"type": "notify", "app_id": 375, "event": "pop", "body": "{\"ticket\":42}", "agent_id": agent, "sender": 9001})
    );
    for (body, expected) in [
        (notice(1, agent), 404),
        (notice(375, 123), 404),
        (json!({"app_id": 375, "event": "pop"}), 400),
        (json!({"app_id": 375, "event": "pop", "body": "x".repeat(1_048_577)}), 413),
    ] {
        assert_eq!(desk.call("POST", "/api/v2/apps/notify", body).await.status, expected);
    }
}

#[tokio::test]
async fn talk_opens_a_ticket_or_a_user_in_the_agents_browser_alone() {
    let desk = Desk::open(calm()).await;
    let mut listener = desk.sandbox.handle().listen();
    let agent = credentials::AGENT_ID;
    let customer = desk.sandbox.handle().ticket(42).unwrap()["requester_id"].clone();
    let display = |agent: &str, what: &str| format!("/api/v2/channels/voice/agents/{agent}/{what}/display");
    let user = format!("users/{customer}");
    for (agent, what, expected) in [
        (agent.to_string(), "tickets/42", 200),
        (agent.to_string(), user.as_str(), 200),
        (agent.to_string(), "tickets/13", 404), // deleted
        (agent.to_string(), "users/123", 404),
        (agent.to_string(), "organizations/1", 404),
        ("123".to_owned(), "tickets/42", 404),
        (customer.to_string(), "tickets/42", 404), // an end user has no workspace
    ] {
        let answer = desk.call("POST", &display(&agent, what), json!({})).await;
        assert_eq!(answer.status, expected, "{agent} {what}");
    }
    let shown =
        |what: &str, id: &Value| json!({"type": "display", "agent_id": agent, "what": what, "id": id});
    assert_eq!(listener.recv().await.unwrap(), shown("ticket", &json!(42)));
    assert_eq!(listener.recv().await.unwrap(), shown("user", &customer));
    assert!(listener.try_recv().is_err(), "what was refused is not shown");

    let narrow = desk.token("users:write").await;
    let wide = desk.token("tickets:write").await;
    let path = display(&agent.to_string(), "tickets/42");
    let desk = desk.with(&narrow);
    assert_eq!(desk.call("POST", &path, json!({})).await.status, 403);
    assert_eq!(desk.with(&wide).call("POST", &path, json!({})).await.status, 200);
}

#[tokio::test]
async fn without_talk_partner_edition_nothing_is_displayed() {
    let desk = Desk::open(Options { talk_partner: false, ..calm() }).await;
    let path = format!("/api/v2/channels/voice/agents/{}/tickets/42/display", credentials::AGENT_ID);
    assert_eq!(desk.call("POST", &path, json!({})).await.status, 403);
}

#[tokio::test]
async fn the_log_of_calls_names_routes_and_nothing_else() {
    let desk = Desk::open(calm()).await;
    desk.get("/api/v2/users/search?query=email:hanako.sato@example.com").await;
    desk.get("/api/v2/tickets/42").await;
    let log = desk.get("/_sandbox/requests").await;
    assert!(!log.text.contains("hanako"));
    let last = log.body["requests"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        last,
        json!({"host": "zendesk", "method": "GET", "path": "/api/v2/tickets/{id}", "status": 200})
    );
    desk.call("PUT", "/api/v2/tickets/42", json!({"ticket": {"tags": ["changed"]}})).await;
    desk.call("POST", "/_sandbox/reset", json!({})).await;
    assert_eq!(desk.sandbox.handle().ticket(42).unwrap()["tags"], json!(["billing"]));
}

#[tokio::test]
async fn a_dropped_sandbox_answers_nobody() {
    let desk = Desk::open(calm()).await;
    let url = format!("{}/api/v2/users/me", desk.sandbox.zendesk_url);
    let client = reqwest::Client::builder().build().unwrap();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    drop(desk);
    let port = url.split(':').nth(2).unwrap().split('/').next().unwrap().parse::<u16>().unwrap();
    while tokio::net::TcpListener::bind(("127.0.0.1", port)).await.is_err() {
        tokio::task::yield_now().await; // the listener goes as soon as its task runs
    }
    assert!(client.get(&url).send().await.is_err(), "not even over a connection that was open");
}
