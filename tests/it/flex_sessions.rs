//! Who may come in from Flex: Twilio says whose token it is, and the e-mail address which Zendesk agent that is.

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};
use wire::Role;

use crate::support::actors::Answer;
use crate::support::testbed::{Testbed, bed};

/// A token, as Flex gives one to its agent.
pub async fn flex_token(bed: &Testbed, about: &Value) -> String {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/_sandbox/flex/token", bed.sandbox.twilio_url);
    let minted = http.post(url).json(about).send().await.expect("the sandbox answers");
    let minted: Value = minted.json().await.expect("JSON");
    minted["token"].as_str().expect("a token").to_owned()
}

async fn signs_in(bed: &Testbed, token: &str) -> Answer {
    bed.stranger().posts("/api/session/flex", &json!({"token": token})).await
}

#[tokio::test]
async fn a_flex_agent_becomes_the_zendesk_agent_of_the_same_address() {
    bed()
        .run(async |bed| {
            let session = signs_in(bed, &flex_token(bed, &json!({})).await).await.session();
            assert_eq!(
                (session.proved, session.role, session.locale.as_str()),
                (true, Some(Role::Agent), "ja")
            );
            let agent = bed.stranger().with_bearer(&session.token);
            assert_eq!(agent.attachments(42).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_token_that_does_not_lead_to_an_agent_opens_nothing() {
    let check = async |bed: &Testbed, what: &str, token: &str, expected: &str| {
        assert_eq!(signs_in(bed, token).await.verdict(), expected, "{what}");
    };
    bed()
        .run(async |bed| {
            let nobody = json!({"email": "nobody@example.com", "worker": false});
            let customer = json!({"email": "hanako.sato@example.com", "worker": false});
            let nameless = json!({"email": "supervisor", "worker": false});
            check(bed, "made up", "a.b.c.d.e", "401 flex_token_invalid").await;
            check(bed, "expired", &flex_token(bed, &json!({"ttl": 0})).await, "401 flex_token_invalid").await;
            check(bed, "unknown", &flex_token(bed, &nobody).await, "403 flex_agent_unknown").await;
            check(bed, "no address", &flex_token(bed, &nameless).await, "403 flex_agent_unknown").await;
            check(bed, "a customer", &flex_token(bed, &customer).await, "403 agent_not_allowed").await;
        })
        .await;
}

/// Workers can change their own attributes, the address among them; what they signed in as they cannot.
#[tokio::test]
async fn the_address_of_the_sign_in_prevails_over_the_workers_attributes() {
    bed()
        .run(async |bed| {
            let token = flex_token(bed, &json!({"email": "ren.restricted@example.com"})).await;
            let session = signs_in(bed, &token).await.session();
            assert_eq!(session.locale, "ko", "not the agent whose address the worker's attributes hold");
        })
        .await;
}

/// A supervisor may have put an admin's address there.
#[tokio::test]
async fn an_address_in_a_workers_attributes_opens_nothing_unless_it_is_locked() {
    let nameless = json!({"email": "mika", "worker": credentials::TWILIO_OTHER_WORKER});
    bed()
        .run(async |bed| {
            let refused = signs_in(bed, &flex_token(bed, &nameless).await).await;
            assert_eq!(refused.verdict(), "403 flex_agent_unknown");
            let hint = refused.json()["error"]["hint"].clone();
            assert!(hint.as_str().is_some_and(|hint| hint.contains("twilio.trust_worker_email")), "{hint}");
        })
        .await;
    bed()
        .setting("twilio.trust_worker_email", "true")
        .run(async |bed| {
            let refused = signs_in(bed, &flex_token(bed, &nameless).await).await;
            assert_eq!(refused.verdict(), "403 flex_agent_unknown");
            assert!(refused.text.contains("is an admin"), "{}", refused.text);
            let aoi = json!({"email": "aoi", "worker": credentials::TWILIO_WORKER});
            let session = signs_in(bed, &flex_token(bed, &aoi).await).await.session();
            assert_eq!((session.proved, session.role), (true, Some(Role::Agent)));
            let aoi = bed.stranger().with_bearer(&session.token);
            let renewed = aoi.posts("/api/session/renew", &Value::Null).await.session();
            assert_eq!(renewed.role, Some(Role::Agent));
            let body = json!({"user": {"role": "admin"}});
            let path = format!("/api/v2/users/{}.json", credentials::AGENT_ID);
            bed.zendesk(Method::PUT, &path, &body).await;
            let renewed = aoi.posts("/api/session/renew", &Value::Null).await;
            assert_eq!(renewed.verdict(), "403 agent_not_allowed", "who has become an admin signs in again");
            // Whoever signs in with the address itself is the admin.
            let named = json!({"email": credentials::ADMIN_EMAIL});
            let session = signs_in(bed, &flex_token(bed, &named).await).await.session();
            assert_eq!(session.role, Some(Role::Admin));
        })
        .await;
}

#[tokio::test]
async fn twilios_troubles_are_told_apart() {
    let check = async |setting: (&'static str, &str), fault: Option<u16>, expected: &str| {
        bed()
            .setting(setting.0, setting.1)
            .run(async |bed| {
                let token = flex_token(bed, &json!({})).await;
                if let Some(status) = fault {
                    bed.vendors().fault(super::trouble_with("twilio", status));
                }
                assert_eq!(signs_in(bed, &token).await.verdict(), expected, "{setting:?} {fault:?}");
            })
            .await;
    };
    let nothing = ("server.log", "info");
    check(nothing, Some(503), "502 twilio_unavailable").await;
    check(nothing, Some(429), "503 twilio_unavailable").await;
    check(("twilio.api_key_secret", "not the secret"), None, "409 twilio_reconnect").await;
    check(("twilio.account_sid", ""), None, "404 twilio_not_configured").await;
}
