//! A Salesforce org is connected: by consent, by its client, by a signed statement.

use deskside_sandbox::{Fault, FaultRule, Matching, SalesforceApp, SalesforceInstalled, credentials};
use serde_json::{Value, json};

use crate::connection_consent::{Consent, comes_back, number, sealed};
use crate::connections_console::one;
use crate::integrations::{keep, run, with};

const ADMIN: u64 = credentials::ADMIN_ID;

fn salesforce() -> Value {
    json!({
        "name": "Acme's Salesforce", "environment": "sandbox", "host": "acme--dev.sandbox.my.salesforce.com",
        "client": {"id": credentials::SALESFORCE_CLIENT_ID, "secret": credentials::SALESFORCE_CLIENT_SECRET},
    })
}

#[tokio::test]
async fn salesforce_is_connected_by_consent_renewed_and_revoked() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin_with(&admin, "salesforce", &salesforce()).await;
            assert_eq!(consent.of("scope"), "api refresh_token");
            let (page, code) =
                comes_back(bed, &consent.decide(credentials::SALESFORCE_USERNAME, "allow").await).await;
            assert_eq!(code, "200 granted", "{}", page.text);
            let stands = consent.stands(&admin).await;
            assert_eq!(stands["user"], credentials::SALESFORCE_USERNAME, "{stands}");
            let kept = consent.confirm(&admin, &number(&page)).await;
            assert_eq!(kept.verdict(), "200", "{}", kept.text);
            let id = kept.json()["connection"]["id"].as_str().expect("an id").to_owned();
            assert_eq!(kept.json()["connection"]["environment"], "sandbox");
            let test = format!("/api/connections/{id}/test");
            let tried = admin.posts(&test, &json!({})).await.json();
            assert_eq!(tried["ok"], true, "{tried}");
            assert!(tried.to_string().contains("objects"), "{tried}");
            // A session that ran out is renewed, and the rotated token is kept: twice, so that it was.
            for _ in 0..2 {
                bed.vendors().expire_salesforce_sessions();
                assert_eq!(admin.posts(&test, &json!({})).await.json()["ok"], true);
            }
            let ended = admin.posts(&format!("/api/connections/{id}/disconnect"), &json!({})).await;
            assert_eq!(ended.json()["revoked"], true, "{}", ended.text);
            // Somebody revokes it at the vendor: said once, with what to do.
            let again = Consent::begin_with(&admin, "salesforce", &salesforce()).await;
            let (page, _) =
                comes_back(bed, &again.decide(credentials::SALESFORCE_USERNAME, "allow").await).await;
            let kept = again.confirm(&admin, &number(&page)).await;
            let id = kept.json()["connection"]["id"].as_str().expect("an id").to_owned();
            bed.vendors().revoke_salesforce();
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!(tried["ok"], false, "{tried}");
            let listed = one(&admin, &id).await;
            assert_eq!(listed["problem"]["code"], "refresh_refused", "{listed}");
            // Connected again with the client that it has.
            let again = Consent::begin_with(&admin, "salesforce", &json!({"id": id})).await;
            let (page, _) =
                comes_back(bed, &again.decide(credentials::SALESFORCE_USERNAME, "allow").await).await;
            assert_eq!(again.confirm(&admin, &number(&page)).await.json()["connection"]["id"], id);
            assert_eq!(one(&admin, &id).await["state"], "connected");
        })
        .await;
}

#[tokio::test]
async fn salesforce_says_why_it_gives_no_consent() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let check = async |decision: &str, expected: &str| {
                let consent = Consent::begin_with(&admin, "salesforce", &salesforce()).await;
                let back = consent.decide(credentials::SALESFORCE_USERNAME, decision).await;
                let (page, code) = comes_back(bed, &back).await;
                assert_eq!(code, expected, "{}", page.text);
                assert_eq!(consent.stands(&admin).await["state"], "failed");
            };
            check("deny", "403 authorization_denied").await;
            let not_installed =
                SalesforceApp { installed: Some(SalesforceInstalled::No), ..SalesforceApp::default() };
            bed.vendors().change_salesforce_app(not_installed);
            check("allow", "403 app_not_installed").await;
            let mut wrong = salesforce();
            for host in ["evil.example", "acme.my.salesforce.com.evil.example", "127.0.0.1"] {
                wrong["host"] = json!(host);
                let refused = admin.posts("/api/connections/salesforce/authorize", &wrong).await;
                assert_eq!(refused.verdict(), "422 connection_invalid");
                assert_eq!(refused.json()["error"]["field"], "host", "{}", refused.text);
            }
            let refused = admin.posts("/api/connections/mysql/authorize", &salesforce()).await;
            assert_eq!(refused.verdict(), "422 connection_invalid");
        })
        .await;
}

#[tokio::test]
async fn salesforce_is_connected_by_its_client_or_by_a_signed_statement() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let made = async |settings: Value, secrets: Value| {
                let body = json!({"kind": "salesforce", "name": "Salesforce", "settings": settings, "secrets": secrets});
                admin.posts("/api/connections", &body).await
            };
            let id = credentials::SALESFORCE_CLIENT_ID;
            let host = "acme.my.salesforce.com";
            let client = json!({"host": host, "flow": "client_credentials", "client_id": id});
            let secret = json!({"client_secret": credentials::SALESFORCE_CLIENT_SECRET});
            let works = made(client.clone(), secret.clone()).await;
            assert_eq!((works.verdict(), &works.json()["test"]["ok"]), ("201".into(), &json!(true)), "{}", works.text);
            let wrong = made(client.clone(), json!({"client_secret": "wrong"})).await;
            assert_eq!(wrong.json()["connection"]["state"], "needs_attention", "{}", wrong.text);
            let nowhere = made(json!({"flow": "client_credentials", "client_id": id}), secret).await;
            assert_eq!(nowhere.json()["error"]["field"], "host", "{}", nowhere.text);
            let username = credentials::SALESFORCE_USERNAME;
            let jwt = json!({"host": host, "flow": "jwt", "client_id": id, "username": username});
            let key = json!({"private_key": credentials::SALESFORCE_JWT_KEY});
            let works = made(jwt.clone(), key).await;
            assert_eq!((works.verdict(), &works.json()["test"]["ok"]), ("201".into(), &json!(true)), "{}", works.text);
            let no_key = made(jwt, json!({"private_key": "-----BEGIN PRIVATE KEY-----"})).await;
            assert_eq!(no_key.json()["test"]["ok"], false, "{}", no_key.text);
            assert!(no_key.text.contains("private key cannot be read"), "{}", no_key.text);
        })
        .await;
}

#[tokio::test]
async fn a_run_that_is_refused_says_so_at_its_connection() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let body = json!({
                "kind": "salesforce", "name": "Salesforce",
                "settings": {
                    "host": "acme.my.salesforce.com", "flow": "client_credentials",
                    "client_id": credentials::SALESFORCE_CLIENT_ID,
                },
                "secrets": {"client_secret": credentials::SALESFORCE_CLIENT_SECRET},
            });
            let made = admin.posts("/api/connections", &body).await;
            assert_eq!(made.verdict(), "201", "{}", made.text);
            let id = made.json()["connection"]["id"].as_str().expect("an id").to_owned();
            let definition = with(|it| {
                let read = json!({"kind": "soql", "soql": "SELECT Id, Name FROM Account"});
                it["sources"] = json!([{"as": "accounts", "connection": id, "read": read}]);
                it["model"]["sql"] = json!("SELECT 1 AS user_id, name AS company, 1.5 AS mrr FROM accounts");
            });
            let kept = keep(&admin, &definition).await;
            assert!(kept.verdict().starts_with('2'), "{}", kept.text);
            let on =
                Matching { path_prefix: Some("/services/oauth2/token".to_owned()), ..Matching::default() };
            let refused = Fault::Status { status: 401, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 1, skip: 0, fault: refused });
            let run = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(run["state"], "failed", "{run}");
            let listed = one(&admin, &id).await;
            assert_eq!(
                (&listed["state"], &listed["problem"]["code"]),
                (&json!("needs_attention"), &json!("test_failed"))
            );
            assert!(
                listed["problem"]["hint"].as_str().expect("a hint").contains("client secret"),
                "{listed}"
            );
            // A test that passes ends it.
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!((&tried["ok"], &one(&admin, &id).await["state"]), (&json!(true), &json!("connected")));
        })
        .await;
}

#[tokio::test]
async fn a_test_shows_the_organization_and_not_where_one_signs_in() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin_with(&admin, "salesforce", &salesforce()).await;
            let (page, _) =
                comes_back(bed, &consent.decide(credentials::SALESFORCE_USERNAME, "allow").await).await;
            let kept = consent.confirm(&admin, &number(&page)).await.json();
            let id = kept["connection"]["id"].as_str().expect("an id").to_owned();
            let detail = async || one(&admin, &id).await["detail"].clone();
            let before = detail().await;
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!((&tried["ok"], detail().await), (&json!(true), before), "{tried}");
        })
        .await;
}
