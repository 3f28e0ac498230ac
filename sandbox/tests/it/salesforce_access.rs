//! Who may use Salesforce's organization: every flow, and everything at which it ends.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use deskside_sandbox::{SalesforceApp, SalesforceInstalled, credentials::*};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::DecodePrivateKey as _,
    sha2::{Digest as _, Sha256},
    signature::{SignatureEncoding as _, Signer as _},
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded::Serializer};

use crate::client::{Answer, calm, send};
use crate::salesforce::Sales;

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";

fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// A session by client credentials.
pub async fn sign_in(sales: &Sales) -> String {
    let form = [("grant_type", "client_credentials")];
    let answer = token(sales, &sales.sandbox.salesforce_url, &form).await;
    answer.body["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn token(sales: &Sales, host: &str, form: &[(&str, &str)]) -> Answer {
    let client = [("client_id", SALESFORCE_CLIENT_ID), ("client_secret", SALESFORCE_CLIENT_SECRET)];
    let form: Vec<_> = client.iter().chain(form).copied().collect();
    send(sales.http.post(format!("{host}/services/oauth2/token")).form(&form)).await
}

/// Opens the page where a person agrees, with these words of the query changed or added.
async fn authorize(sales: &Sales, changed: &[(&str, &str)]) -> Answer {
    let challenge = challenge();
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", SALESFORCE_CLIENT_ID),
        ("redirect_uri", SALESFORCE_REDIRECT),
        ("scope", "api refresh_token"),
        ("state", "a state & more"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("sandbox_user", SALESFORCE_ADMIN),
        ("sandbox_decision", "allow"),
    ];
    query.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    query.extend(changed.iter().filter(|(_, value)| !value.is_empty()));
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    let url = format!("{}/services/oauth2/authorize?{query}", sales.sandbox.salesforce_login_url);
    send(sales.http.get(url)).await
}

fn sent_back(answer: &Answer) -> Vec<(String, String)> {
    let target = Url::parse(answer.header("location")).unwrap_or_else(|_| panic!("{answer:?}"));
    assert!(target.as_str().starts_with(SALESFORCE_REDIRECT));
    target.query_pairs().into_owned().collect()
}

async fn exchange(sales: &Sales, code: &str, verifier: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", SALESFORCE_REDIRECT),
        ("code_verifier", verifier),
    ];
    token(sales, &sales.sandbox.salesforce_login_url, &form).await
}

async fn code(sales: &Sales) -> String {
    sent_back(&authorize(sales, &[]).await)[0].1.clone()
}

/// Whether this access token opens the API.
async fn opens(sales: &Sales, token: &Value) -> u16 {
    let url = format!("{}/services/data/v67.0/limits", sales.sandbox.salesforce_url);
    send(sales.http.get(url).bearer_auth(token.as_str().unwrap_or_default())).await.status
}

fn refused(answer: &Answer, error: &str, why: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.body, json!({"error": error, "error_description": why}));
}

#[tokio::test]
async fn a_person_signs_in_and_agrees() {
    let sales = Sales::open(calm()).await;
    let page = authorize(&sales, &[("sandbox_user", ""), ("sandbox_decision", "")]).await;
    assert!(page.status == 200 && page.text.contains("data-testid=\"salesforce-login\""), "{page:?}");
    let page = authorize(&sales, &[("sandbox_decision", "")]).await;
    assert!(page.text.contains("salesforce-allow") && page.text.contains("salesforce-deny"), "{page:?}");
    let back = sent_back(&authorize(&sales, &[]).await);
    assert_eq!((back[0].0.as_str(), back[1].clone()), ("code", ("state".into(), "a state & more".into())));
    let answer = exchange(&sales, &back[0].1, VERIFIER).await.body;
    let mut told: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    told.sort();
    let wanted = [
        "access_token",
        "id",
        "instance_url",
        "issued_at",
        "refresh_token",
        "scope",
        "signature",
        "token_type",
    ];
    assert_eq!(told, wanted, "nothing says when it ends");
    assert_eq!(answer["issued_at"], sales.sandbox.handle().now().timestamp_millis().to_string());
    assert_eq!(answer["instance_url"], sales.sandbox.salesforce_url);
    assert_eq!(opens(&sales, &answer["access_token"]).await, 200);
    let who = send(
        sales.http.get(answer["id"].as_str().unwrap()).bearer_auth(answer["access_token"].as_str().unwrap()),
    )
    .await;
    assert_eq!(
        (&who.body["username"], who.body["organization_id"].as_str().map(str::len)),
        (&json!(SALESFORCE_ADMIN), Some(18))
    );
    let stranger = send(sales.http.get(answer["id"].as_str().unwrap())).await;
    assert_eq!((stranger.status, stranger.text.as_str()), (403, "Bad_OAuth_Token"));
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_and_every_refusal_has_its_words() {
    let sales = Sales::open(calm()).await;
    let state = ("state".to_owned(), "a state & more".to_owned());
    let back = async |changed: &[(&str, &str)], error: &str, why: &str| {
        let wanted =
            vec![("error".into(), error.into()), ("error_description".into(), why.into()), state.clone()];
        assert_eq!(sent_back(&authorize(&sales, changed).await), wanted);
    };
    let stays = async |changed: &[(&str, &str)], says: &str| {
        let page = authorize(&sales, changed).await;
        assert!(page.status == 400 && page.text.contains(says), "{page:?}");
    };
    back(&[("sandbox_decision", "deny")], "access_denied", "end-user denied authorization").await;
    back(&[("response_type", "token")], "unsupported_response_type", "response type not supported").await;
    back(&[("code_challenge", "")], "invalid_request", "missing required code challenge").await;
    stays(&[("client_id", "other")], "error=invalid_client_id").await;
    for other in [
        "http://localhost:1717/OauthRedirect/",
        "http://localhost:1717/oauthredirect",
        "https://example.com/",
    ] {
        stays(&[("redirect_uri", other)], "error=redirect_uri_mismatch").await;
    }
    let app = |installed| SalesforceApp { installed: Some(installed), ..SalesforceApp::default() };
    sales.sandbox.handle().change_salesforce_app(app(SalesforceInstalled::No));
    back(&[], "invalid_client", "app must be installed into org").await;
    sales.sandbox.handle().change_salesforce_app(app(SalesforceInstalled::Blocked));
    stays(&[], "OAUTH_APPROVAL_ERROR_GENERIC").await;
}

#[tokio::test]
async fn a_code_is_redeemed_once_in_time_and_by_who_began() {
    let sales = Sales::open(calm()).await;
    let fresh = code(&sales).await;
    refused(&exchange(&sales, &fresh, "another verifier").await, "invalid_grant", "invalid code verifier");
    refused(&exchange(&sales, &fresh, VERIFIER).await, "invalid_grant", "invalid authorization code");
    let late = code(&sales).await;
    sales.sandbox.handle().advance(TimeDelta::minutes(15));
    refused(&exchange(&sales, &late, VERIFIER).await, "invalid_grant", "expired authorization code");
    let host = &sales.sandbox.salesforce_login_url;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code(&sales).await),
        ("redirect_uri", "https://example.com/"),
    ];
    refused(
        &token(&sales, host, &form).await,
        "redirect_uri_mismatch",
        "redirect_uri must match configuration",
    );
    refused(
        &token(&sales, host, &[("grant_type", "password")]).await,
        "invalid_grant",
        "authentication failure",
    );
    refused(
        &token(&sales, host, &[("grant_type", "x")]).await,
        "unsupported_grant_type",
        "grant type not supported",
    );
    let wrong = [("client_id", "x"), ("client_secret", "y"), ("grant_type", "client_credentials")];
    let url = format!("{host}/services/oauth2/token");
    refused(
        &send(sales.http.post(&url).form(&wrong)).await,
        "invalid_client_id",
        "client identifier invalid",
    );
    let wrong =
        [("client_id", SALESFORCE_CLIENT_ID), ("client_secret", "y"), ("grant_type", "client_credentials")];
    refused(&send(sales.http.post(&url).form(&wrong)).await, "invalid_client", "invalid client credentials");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_ends_unused_or_revoked() {
    let sales = Sales::open(calm()).await;
    let vendor = sales.sandbox.handle();
    let host = &sales.sandbox.salesforce_login_url;
    let renew = async |refresh: &Value| {
        token(&sales, host, &[("grant_type", "refresh_token"), ("refresh_token", refresh.as_str().unwrap())])
            .await
    };
    let first = exchange(&sales, &code(&sales).await, VERIFIER).await.body;
    vendor.expire_salesforce_sessions();
    assert_eq!(opens(&sales, &first["access_token"]).await, 401);
    let second = renew(&first["refresh_token"]).await.body;
    assert_eq!(opens(&sales, &second["access_token"]).await, 200);
    vendor.advance(TimeDelta::hours(2));
    let late = send(
        sales
            .http
            .get(format!("{}/services/data/v67.0/limits", sales.sandbox.salesforce_url))
            .bearer_auth(second["access_token"].as_str().unwrap()),
    )
    .await;
    let session = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
    assert_eq!((late.status, late.body), (401, session));
    let third = renew(&second["refresh_token"]).await.body;
    let revoke = send(
        sales
            .http
            .post(format!("{host}/services/oauth2/revoke"))
            .form(&[("token", third["refresh_token"].as_str().unwrap())]),
    )
    .await;
    assert_eq!(
        (revoke.status, revoke.text.as_str(), opens(&sales, &third["access_token"]).await),
        (200, "", 401)
    );
    let idle = exchange(&sales, &code(&sales).await, VERIFIER).await.body;
    vendor.advance(TimeDelta::days(30));
    refused(&renew(&idle["refresh_token"]).await, "invalid_grant", "expired access/refresh token");
    let once = exchange(&sales, &code(&sales).await, VERIFIER).await.body;
    let twice = renew(&once["refresh_token"]).await.body;
    refused(&renew(&once["refresh_token"]).await, "invalid_grant", "expired access/refresh token");
    assert_eq!(opens(&sales, &twice["access_token"]).await, 401, "who uses a token twice loses everything");
    refused(&renew(&twice["refresh_token"]).await, "invalid_grant", "expired access/refresh token");
    vendor.change_salesforce_app(SalesforceApp { rotates: Some(false), ..SalesforceApp::default() });
    let kept = exchange(&sales, &code(&sales).await, VERIFIER).await.body;
    assert_eq!(renew(&kept["refresh_token"]).await.body["refresh_token"], Value::Null);
    assert_eq!(renew(&kept["refresh_token"]).await.status, 200);
    vendor.revoke_salesforce();
    refused(&renew(&kept["refresh_token"]).await, "invalid_grant", "expired access/refresh token");
}

#[tokio::test]
async fn client_credentials_act_for_one_user_on_its_own_domain() {
    let sales = Sales::open(calm()).await;
    let form = [("grant_type", "client_credentials")];
    let at_login = token(&sales, &sales.sandbox.salesforce_login_url, &form).await;
    refused(&at_login, "invalid_grant", "request not supported on this domain");
    let url = format!("{}/services/oauth2/token", sales.sandbox.salesforce_url);
    let basic =
        sales.http.post(url).basic_auth(SALESFORCE_CLIENT_ID, Some(SALESFORCE_CLIENT_SECRET)).form(&form);
    let answer = send(basic).await.body;
    assert_eq!(answer["refresh_token"], Value::Null);
    let who = send(
        sales
            .http
            .get(format!("{}/services/oauth2/userinfo", sales.sandbox.salesforce_url))
            .bearer_auth(answer["access_token"].as_str().unwrap()),
    )
    .await;
    assert_eq!(who.body["preferred_username"], SALESFORCE_USERNAME);
    sales
        .sandbox
        .handle()
        .change_salesforce_app(SalesforceApp { has_run_as: Some(false), ..SalesforceApp::default() });
    let nobody = token(&sales, &sales.sandbox.salesforce_url, &form).await;
    refused(&nobody, "invalid_grant", "no client credentials user enabled");
}

#[tokio::test]
async fn an_assertion_speaks_for_who_has_approved() {
    let sales = Sales::open(calm()).await;
    let key = SigningKey::<Sha256>::new(RsaPrivateKey::from_pkcs8_pem(SALESFORCE_JWT_KEY).unwrap());
    let (login, now) = (sales.sandbox.salesforce_login_url.clone(), sales.sandbox.handle().now().timestamp());
    let good =
        json!({"iss": SALESFORCE_CLIENT_ID, "sub": SALESFORCE_USERNAME, "aud": login, "exp": now + 180});
    let ask = async |claims: Value| {
        let encode = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", encode(&json!({"alg": "RS256"})), encode(&claims));
        let assertion =
            format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes()));
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.as_str()),
        ];
        send(sales.http.post(format!("{login}/services/oauth2/token")).form(&form)).await
    };
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let answer = ask(good.clone()).await.body;
    assert_eq!(
        (answer["refresh_token"].clone(), opens(&sales, &answer["access_token"]).await),
        (Value::Null, 200)
    );
    refused(
        &ask(with("sub", json!(SALESFORCE_ADMIN))).await,
        "invalid_grant",
        "user hasn't approved this consumer",
    );
    refused(&ask(with("aud", json!("https://example.com"))).await, "invalid_grant", "audience is invalid");
    refused(&ask(with("exp", json!(now))).await, "invalid_grant", "invalid assertion");
    refused(&ask(with("iss", json!("other"))).await, "invalid_client_id", "client identifier invalid");
}

#[tokio::test]
async fn a_token_can_be_asked_about() {
    let sales = Sales::open(calm()).await;
    let ask = async |word: &str| {
        let url = format!("{}/services/oauth2/introspect", sales.sandbox.salesforce_url);
        let form = [("token", word)];
        send(
            sales.http.post(url).basic_auth(SALESFORCE_CLIENT_ID, Some(SALESFORCE_CLIENT_SECRET)).form(&form),
        )
        .await
        .body
    };
    let told = ask(&sales.token).await;
    assert_eq!((&told["active"], &told["username"]), (&json!(true), &json!(SALESFORCE_USERNAME)));
    assert_eq!(ask("nothing").await, json!({"active": false}));
}
