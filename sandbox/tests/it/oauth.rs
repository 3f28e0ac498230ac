//! Tokens: who gets one, what it opens, how long it lives.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use deskside_sandbox::credentials;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{Desk, calm, send};

#[tokio::test]
async fn a_token_opens_what_its_scope_names() {
    let desk = Desk::open(calm()).await;
    let cases = [
        ("read write", "GET", "/api/v2/tickets/42", 200),
        ("read", "GET", "/api/v2/users/9001", 200),
        ("read", "PUT", "/api/v2/tickets/42", 403),
        ("tickets:read", "GET", "/api/v2/tickets/42.json", 200),
        ("tickets:read", "GET", "/api/v2/users/9001", 403),
        ("users:read", "GET", "/api/v2/users/9001", 200),
        ("users:read", "GET", "/api/v2/user_fields.json", 200),
        ("users:read tickets:write", "PUT", "/api/v2/tickets/42", 200),
        ("users:read", "POST", "/api/v2/apps/notify", 403),
        ("raed", "GET", "/api/v2/tickets/42", 403),
        ("read tickets:raed", "GET", "/api/v2/tickets/42", 403),
        ("raed", "GET", "/api/v2/oauth/tokens/current", 403),
    ];
    let mut desk = desk;
    for (scope, method, path, expected) in cases {
        let token = desk.token(scope).await;
        desk = desk.with(&token);
        let body = if method == "PUT" { json!({"ticket": {"priority": "low"}}) } else { json!({}) };
        assert_eq!(desk.call(method, path, body).await.status, expected, "{scope}: {method} {path}");
    }
}

#[tokio::test]
async fn lifetimes_are_honoured_and_bounded() {
    let desk = Desk::open(calm()).await;
    let ask = |expires_in: Value| {
        json!({"grant_type": "client_credentials", "client_id": credentials::CLIENT_ID,
               "client_secret": credentials::CLIENT_SECRET, "expires_in": expires_in})
    };
    for (expires_in, expected) in
        [(json!(299), 400), (json!(300), 201), (json!(172_800), 201), (json!(172_801), 400)]
    {
        assert_eq!(
            desk.call("POST", "/oauth/tokens", ask(expires_in.clone())).await.status,
            expected,
            "{expires_in}"
        );
    }
    let short = desk.call("POST", "/oauth/tokens", ask(json!(300))).await.body;
    assert_eq!(short["expires_in"], 300);
    let desk = desk.with(short["access_token"].as_str().unwrap());
    desk.sandbox.handle().advance(TimeDelta::seconds(299));
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 200);
    desk.sandbox.handle().advance(TimeDelta::seconds(1));
    let late = desk.get("/api/v2/tickets/42").await;
    assert_eq!((late.status, &late.body["error"]), (401, &json!("invalid_token")));
}

#[tokio::test]
async fn a_code_with_pkce_becomes_a_pair_that_rotates() {
    let desk = Desk::open(calm()).await;
    let verifier = "a-verifier-that-is-long-enough-to-be-believed-0123456789";
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let uri = "https://app.example.com/oauth/callback";
    let query = format!(
        "response_type=code&client_id={}-public&redirect_uri={uri}&scope=read&state=s1&code_challenge={challenge}\
         &code_challenge_method=S256&sandbox_user=9001",
        credentials::CLIENT_ID
    );
    let code = |location: &str| location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let redeem = |code: &str, verifier: &str| {
        json!({"grant_type": "authorization_code", "code": code, "redirect_uri": uri, "code_verifier": verifier,
               "client_id": format!("{}-public", credentials::CLIENT_ID)})
    };
    let consent = desk.get(&format!("/oauth/authorizations/new?{query}")).await;
    assert_eq!(consent.status, 302);
    assert!(consent.header("location").ends_with("&state=s1"));
    let first = code(consent.header("location"));
    assert_eq!(desk.call("POST", "/oauth/tokens", redeem(&first, "wrong")).await.status, 400);
    assert_eq!(
        desk.call("POST", "/oauth/tokens", redeem(&first, verifier)).await.status,
        400,
        "a code works once"
    );
    let consent = desk.get(&format!("/oauth/authorizations/new?{query}")).await;
    let pair = desk.done("POST", "/oauth/tokens", redeem(&code(consent.header("location")), verifier)).await;
    let refresh = |pair: &Value| {
        json!({"grant_type": "refresh_token", "refresh_token": pair["refresh_token"],
               "client_id": format!("{}-public", credentials::CLIENT_ID)})
    };
    let next = desk.done("POST", "/oauth/tokens", refresh(&pair)).await;
    let replay = desk.call("POST", "/oauth/tokens", refresh(&pair)).await;
    assert_eq!((replay.status, &replay.body["error"]), (400, &json!("invalid_grant")));
    let desk = desk.with(pair["access_token"].as_str().unwrap());
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 401, "the old pair is dead");
    let desk = desk.with(next["access_token"].as_str().unwrap());
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 200);
    assert_eq!(desk.get("/api/v2/oauth/tokens/current.json").await.body["token"]["scopes"], json!(["read"]));
    assert_eq!(desk.call("PUT", "/api/v2/tickets/42", json!({"ticket": {}})).await.status, 403);
}

#[tokio::test]
async fn nobody_is_told_who_he_is_and_gets_nothing_else() {
    let desk = Desk::open(calm()).await.anonymous();
    let me = desk.get("/api/v2/users/me.json").await;
    assert_eq!(
        (me.status, &me.body["user"]["id"], &me.body["user"]["name"]),
        (200, &Value::Null, &json!("Anonymous user"))
    );
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 401);
    let basic = |pair: String| format!("Basic {}", BASE64_STANDARD.encode(pair));
    for (pair, me_id, status) in [
        (format!("{}/token:{}", credentials::ADMIN_EMAIL, credentials::API_TOKEN), json!(9001), 200),
        (format!("{}/token:wrong", credentials::ADMIN_EMAIL), Value::Null, 401),
    ] {
        let me =
            send(desk.request("GET", "/api/v2/users/me").header("authorization", basic(pair.clone()))).await;
        assert_eq!((me.status, &me.body["user"]["id"]), (200, &me_id), "{pair}");
        let ticket =
            send(desk.request("GET", "/api/v2/tickets/42").header("authorization", basic(pair.clone())))
                .await;
        assert_eq!(ticket.status, status, "{pair}");
    }
    let wrong = desk
        .call(
            "POST",
            "/oauth/tokens",
            json!({"grant_type": "client_credentials", "client_id": "deskside", "client_secret": "no"}),
        )
        .await;
    assert_eq!((wrong.status, &wrong.body["error"]), (401, &json!("invalid_client")));
}
