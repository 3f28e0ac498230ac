//! Who may come in: signed pages and their renewal. One-time codes and Flex have suites of their own.

use deskside_sandbox::{SignOptions, credentials};
use reqwest::{Method, header::ACCEPT};
use serde_json::{Value, json};
use wire::Role;

use crate::support::actors::{Answer, Visitor};
use crate::support::forged;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const KEY_READ: &str = "/api/v2/apps/{id}/public_key";

/// Opens the ticket sidebar with a token that differs from an honest one.
async fn opens(bed: &Testbed, agent: u64, how: SignOptions) -> Answer {
    let token = bed.vendors().sign("ticket_sidebar", agent, &how);
    bed.stranger().opens_page("ticket_sidebar", &token).await
}

#[tokio::test]
async fn a_signed_page_opens_for_staff_and_for_nobody_else() {
    let check = async |bed: &Testbed, what: &str, agent: u64, how: SignOptions, expected: &str| {
        assert_eq!(opens(bed, agent, how).await.verdict(), expected, "{what}");
    };
    let honest = SignOptions::default;
    let sub = |sub: &str| SignOptions { sub: Some(sub.into()), ..honest() };
    let aud = |aud: &str| SignOptions { aud: Some(aud.into()), ..honest() };
    let iss = |iss: &str| SignOptions { iss: Some(iss.into()), ..honest() };
    let exp = |seconds| SignOptions { exp_in: Some(seconds), ..honest() };
    let issued = |seconds| SignOptions { issued_in: seconds, exp_in: Some(300), ..honest() };
    let alg = |alg: &str| SignOptions { alg: Some(alg.into()), ..honest() };
    bed()
        .run_on_each(async |bed| {
            let customer =
                bed.vendors().ticket(42).expect("the ticket")["requester_id"].as_u64().expect("an id");
            check(bed, "an agent", AGENT, honest(), "200").await;
            check(bed, "an admin", credentials::ADMIN_ID, honest(), "200").await;
            check(bed, "a bare id", 0, sub("9002"), "200").await;
            check(
                bed,
                "another key",
                AGENT,
                SignOptions { stranger: true, ..honest() },
                "401 signed_token_invalid",
            )
            .await;
            check(bed, "another algorithm", AGENT, alg("HS256"), "401 signed_token_invalid").await;
            check(bed, "no algorithm", AGENT, alg("none"), "401 signed_token_invalid").await;
            check(bed, "a stronger algorithm", AGENT, alg("RS512"), "401 signed_token_invalid").await;
            check(bed, "expired within the skew", AGENT, exp(-59), "200").await;
            check(bed, "expired", AGENT, exp(-60), "401 signed_token_expired").await;
            check(bed, "from the future within the skew", AGENT, issued(60), "200").await;
            check(bed, "from the future", AGENT, issued(61), "401 signed_token_expired").await;
            check(bed, "for another service", AGENT, aud("deskside"), "403 signed_token_wrong_audience")
                .await;
            let aud_of_other = aud("https://other.zendesk.com/api/v2/apps/installations/456.json");
            check(bed, "for another installation", AGENT, aud_of_other, "403 signed_token_wrong_audience")
                .await;
            check(
                bed,
                "of another account",
                AGENT,
                iss("other.zendesk.com"),
                "403 signed_token_wrong_account",
            )
            .await;
            let longer = iss("acme.zendesk.com.example.com");
            check(bed, "of a longer name", AGENT, longer, "403 signed_token_wrong_account").await;
            check(bed, "a customer", customer, honest(), "403 agent_not_allowed").await;
            check(bed, "nobody", 123_456, honest(), "403 agent_not_allowed").await;
            let suspended = json!({"user": {"suspended": true}});
            bed.zendesk(Method::PUT, "/api/v2/users/9003", &suspended).await;
            check(bed, "a suspended agent", 9003, honest(), "403 agent_not_allowed").await;
        })
        .await;
}

#[tokio::test]
async fn a_forged_token_opens_nothing() {
    let check = async |bed: &Testbed, what: &str, token: &str, expected: &str| {
        let answer = bed.stranger().opens_page("ticket_sidebar", token).await;
        assert_eq!(answer.verdict(), expected, "{what}");
    };
    bed()
        .run(async |bed| {
            const INVALID: &str = "401 signed_token_invalid";
            let honest = bed.vendors().sign("ticket_sidebar", AGENT, &SignOptions::default());
            let public_key = bed.vendors().public_key();
            check(bed, "without a signature", &forged::unsigned(&honest), INVALID).await;
            let confused = forged::with_public_key_as_secret(&honest, &public_key);
            check(bed, "signed with what everybody knows", &confused, INVALID).await;
            let trimmed = forged::with_public_key_as_secret(&honest, public_key.trim());
            check(bed, "the same without the last newline", &trimmed, INVALID).await;
            check(bed, "another agent", &forged::with_other_agent(&honest, 9001), INVALID).await;
            check(bed, "words", "not a token", INVALID).await;
            check(bed, "three empty parts", "..", INVALID).await;
            check(bed, "nothing", "", "401 signed_token_missing").await;
            check(bed, "the honest one", &honest, "200").await;
            check(bed, "the honest one again", &honest, "401 signed_token_replayed").await;
        })
        .await;
}

#[tokio::test]
async fn of_many_who_open_one_page_with_one_token_one_gets_in() {
    bed()
        .run_on_each(async |bed| {
            let token = bed.vendors().sign("ticket_sidebar", AGENT, &SignOptions::default());
            let all =
                (0..8).map(async |_| bed.stranger().opens_page("ticket_sidebar", &token).await.verdict());
            let mut verdicts = futures::future::join_all(all).await;
            verdicts.sort();
            let mut expected = vec!["401 signed_token_replayed"; 8];
            expected[0] = "200";
            assert_eq!(verdicts, expected);
        })
        .await;
}

#[tokio::test]
async fn forged_tokens_do_not_make_us_read_a_rotated_key_again_and_again() {
    bed()
        .run(async |bed| {
            let reads = || bed.vendors().calls().iter().filter(|call| call.path == KEY_READ).count();
            let forged = || SignOptions { stranger: true, ..SignOptions::default() };
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
            assert_eq!(reads(), 1, "the key is kept");
            bed.vendors().rotate_app_key();
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
            assert_eq!(reads(), 2, "a rotated key is read once");
            for _ in 0..10 {
                assert_eq!(opens(bed, AGENT, forged()).await.verdict(), "401 signed_token_invalid");
            }
            assert_eq!(reads(), 3, "one more read for ten forged tokens");
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn while_zendesk_is_down_honest_tokens_open_and_forged_ones_call_nobody() {
    bed()
        .run(async |bed| {
            let reads =
                || bed.vendors().calls().iter().filter(|call| call.path.ends_with("public_key")).count();
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
            bed.vendors().fault(super::trouble_with("zendesk", 503));
            let before = reads();
            for _ in 0..10 {
                let forged = SignOptions { stranger: true, ..SignOptions::default() };
                opens(bed, AGENT, forged).await;
            }
            assert!(reads() - before <= 2, "{} reads for ten forged tokens", reads() - before);
            assert_eq!(opens(bed, AGENT, SignOptions::default()).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_page_opened_outside_zendesk_says_why_it_stays_empty() {
    bed()
        .run(async |bed| {
            let page = bed.stranger().gets("/zendesk/ticket_sidebar").await;
            assert_eq!(page.verdict(), "401 signed_token_missing");
            for words in ["role=\"alert\"", "opens inside Zendesk only", "signedUrls"] {
                assert!(page.text.contains(words), "{words}: {}", page.text);
            }
            let token = bed.vendors().sign("nowhere", AGENT, &SignOptions::default());
            let nowhere = bed.stranger().opens_page("nowhere", &token).await;
            assert_eq!(nowhere.verdict(), "404 route_not_found");
            let program = bed.stranger().request(Method::POST, "/zendesk/background").header(ACCEPT, "*/*");
            assert_eq!(Answer::to(program).await.verdict(), "401 signed_token_missing");
            for location in ["nowhere", "%FF", "ticket_sidebar"] {
                let path = format!("/zendesk/{location}");
                let bare = bed.stranger().request(Method::POST, &path);
                assert_eq!(Answer::to(bare).await.verdict(), "401 signed_token_missing", "{location}");
                assert_eq!(
                    bed.stranger().opens_page(location, "").await.verdict(),
                    "401 signed_token_missing"
                );
                assert_eq!(
                    bed.stranger().opens_page(location, "x").await.verdict(),
                    "401 signed_token_invalid"
                );
            }
        })
        .await;
}

#[tokio::test]
async fn zendesk_finds_every_page_that_the_package_names() {
    bed()
        .run(async |bed| {
            let manifest: Value =
                serde_json::from_str(include_str!("../../zendesk-manifest/manifest.json")).expect("JSON");
            let locations = manifest["location"]["support"].as_object().expect("locations");
            for location in locations.keys() {
                let token = bed.vendors().sign(location, AGENT, &SignOptions::default());
                let page = bed.stranger().opens_page(location, &token).await;
                assert!(page.verdict() == "200" && page.session().proved, "{location}: {}", page.verdict());
            }
        })
        .await;
}

#[tokio::test]
async fn a_page_may_be_framed_by_its_host_alone_and_runs_no_foreign_script() {
    bed()
        .setting("zendesk.sdk_url", "https://static.zdassets.com/sdk/2.0/zaf_sdk.min.js")
        .run(async |bed| {
            let policy = |script: &str, ancestors: &str| {
                format!(
                    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{script}; style-src 'self' \
                     'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; \
                     frame-ancestors {ancestors}"
                )
            };
            let (zendesk, twilio) = (&bed.sandbox.zendesk_url, &bed.sandbox.twilio_url);
            let opened = opens(bed, AGENT, SignOptions::default()).await;
            let sdk = " https://static.zdassets.com";
            let csp = "content-security-policy";
            assert_eq!(opened.header(csp), policy(sdk, zendesk));
            assert_eq!(opened.header("cache-control"), "no-store");
            assert_eq!(opened.header("referrer-policy"), "no-referrer");
            assert_eq!(opened.header("x-content-type-options"), "nosniff");
            let refused = bed.stranger().gets("/zendesk/ticket_sidebar").await;
            assert_eq!(refused.header(csp), policy("", zendesk));
            let panel = bed.stranger().gets("/flex/panel").await;
            assert_eq!(panel.header(csp), policy("", twilio));
            assert!(!panel.text.contains("deskside-session"), "the panel's page has no session yet");
        })
        .await;
}

#[tokio::test]
async fn a_session_knows_its_agent_and_lasts_fifteen_minutes() {
    bed()
        .run(async |bed| {
            let session = opens(bed, AGENT, SignOptions::default()).await.session();
            assert_eq!(
                (session.expires_at.as_str(), session.locale.as_str(), session.proved, session.role),
                ("2026-11-22T12:15:00Z", "ja", true, Some(Role::Agent))
            );
            let admin = opens(bed, credentials::ADMIN_ID, SignOptions::default()).await.session();
            assert_eq!((admin.locale.as_str(), admin.role), ("en-US", Some(Role::Admin)));
        })
        .await;
}

async fn renews(visitor: &Visitor) -> Answer {
    visitor.posts("/api/session/renew", &Value::Null).await
}

#[tokio::test]
async fn a_session_is_renewed_while_it_is_valid_for_half_a_day() {
    bed()
        .run(async |bed| {
            let mut agent = bed.agent(AGENT).await;
            bed.pass(14 * 60);
            let renewed = renews(&agent).await.session();
            assert_eq!(renewed.expires_at, "2026-11-22T12:29:00Z");
            bed.pass(60);
            assert_eq!(renews(&agent).await.verdict(), "401 session_expired");
            assert_eq!(agent.card(42).await.verdict(), "401 session_expired");
            agent = agent.with_bearer(&renewed.token);
            for _ in 0..53 {
                let next = renews(&agent).await.session();
                agent = agent.with_bearer(&next.token);
                bed.pass(13 * 60 + 20);
            }
            assert_eq!(renews(&agent).await.verdict(), "401 session_expired");
        })
        .await;
}

#[tokio::test]
async fn a_reopened_session_reads_nothing_until_its_agent_is_proved() {
    let reopens = async |visitor: &Visitor| visitor.posts("/api/session/reopen", &Value::Null).await;
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            bed.pass(3 * 3600);
            assert_eq!(renews(&agent).await.verdict(), "401 session_expired");
            let reopened = reopens(&agent).await.session();
            assert_eq!((reopened.proved, reopened.role, reopened.locale.as_str()), (false, None, ""));
            let reopened = agent.with_bearer(&reopened.token);
            assert_eq!(reopened.card(42).await.verdict(), "403 agent_unproved");
            assert!(!renews(&reopened).await.session().proved, "a renewal proves nothing");
            assert_eq!(reopens(&bed.stranger()).await.verdict(), "401 session_missing");
            assert_eq!(reopens(&agent.with_bearer("words")).await.verdict(), "401 session_invalid");
            let token = super::flex_sessions::flex_token(bed, &json!({})).await;
            let panel = bed.stranger().posts("/api/session/flex", &json!({ "token": token })).await.session();
            let panel = reopens(&bed.stranger().with_bearer(&panel.token)).await;
            assert_eq!(panel.verdict(), "401 session_expired", "Flex brings a token");
            bed.pass(9 * 3600 + 1);
            assert_eq!(reopens(&agent).await.verdict(), "401 session_expired", "half a day after it began");
        })
        .await;
}

#[tokio::test]
async fn who_is_no_agent_any_more_is_not_renewed() {
    let check = async |change: Value| {
        bed()
            .run(async |bed| {
                let agent = bed.agent(AGENT).await;
                bed.zendesk(Method::PUT, "/api/v2/users/9002", &change).await;
                assert_eq!(renews(&agent).await.verdict(), "403 agent_not_allowed", "{change}");
            })
            .await;
    };
    check(json!({"user": {"suspended": true}})).await;
    check(json!({"user": {"role": "end-user"}})).await;
}

#[tokio::test]
async fn a_bearer_opens_its_own_server_and_account_only() {
    const SECRET: &str = "one secret key of thirty-two bytes and more";
    bed()
        .setting("server.secret_key", SECRET)
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |what: &str, settings: &[(&str, &str)], expected: &str| {
                let other = agent.moves_to(&bed.another_server(settings).await);
                assert_eq!(other.card(42).await.verdict(), expected, "{what}");
            };
            check("a replica", &[], "200").await;
            check("another account", &[("zendesk.subdomain", "other")], "401 session_invalid").await;
            let other_key = "another secret key of thirty-two bytes";
            check("another server", &[("server.secret_key", other_key)], "401 session_invalid").await;
            let page = bed.vendors().sign("ticket_sidebar", AGENT, &SignOptions::default());
            assert_eq!(agent.with_bearer(&page).card(42).await.verdict(), "401 session_invalid");
            assert_eq!(agent.with_bearer("words").card(42).await.verdict(), "401 session_invalid");
        })
        .await;
}

#[tokio::test]
async fn replicas_without_a_secret_key_share_one_through_the_database() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let replica = bed.another_server(&[]).await;
            assert_eq!(agent.moves_to(&replica).card(42).await.verdict(), "200");
        })
        .await;
}
