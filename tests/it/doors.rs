//! Every route there is, as a stranger, a nosy client and a clumsy one find it.

use std::collections::BTreeSet;

use deskside_sandbox::credentials;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::bed;

const AGENT: u64 = credentials::AGENT_ID;
const TOO_LARGE: &str = "413 body_too_large";

/// Doors without a key. This list only gets shorter.
const OPEN: &[&str] = &[
    "GET /zendesk/{location}",           // says why it stays closed
    "POST /zendesk/{location}",          // Zendesk's signature is the key
    "GET /flex/panel",                   // a page without a session
    "GET /flex/plugins.json",            // the Flex token is the key
    "GET /flex/plugin.js",               // the built app
    "GET /app/{file}",                   // the built app
    "POST /api/session/flex",            // the Flex token is the key
    "POST /api/session/flex/{key}",      // the same, of another account
    "POST /hooks/zendesk/archive",       // Zendesk's signature is the key
    "POST /hooks/zendesk/notice",        // Zendesk's signature is the key
    "POST /hooks/zendesk/events",        // Zendesk's signature is the key
    "POST /hooks/twilio/events",         // Twilio's signature is the key
    "POST /hooks/{key}/zendesk/archive", // the same, of another account
    "POST /hooks/{key}/zendesk/notice",  // the same, of another account
    "POST /hooks/{key}/zendesk/events",  // the same, of another account
    "POST /hooks/{key}/twilio/events",   // the same, of another account
    "GET /recordings/{sid}",             // the link's signature is the key
    "GET /oauth/callback",               // the consent's state is the key, and connects nothing by itself
    "GET /healthz",                      // operators
    "GET /readyz",                       // operators
    "GET /openapi.json",                 // the list of all this
];

/// Doors for an account's own machines: the key of one is the key. `machine_keys` asks what each of them says to others.
const OF_MACHINES: &[&str] = &[
    "POST /hooks/integrations/{id}/runs",
    "GET /hooks/runs/{id}",
    "POST /hooks/{key}/integrations/{id}/runs", // the same, of another account
    "GET /hooks/{key}/runs/{id}",               // the same, of another account
];

/// Verb and path of every route that the router has.
fn routes() -> BTreeSet<String> {
    let routes = deskside::http::every_route();
    assert!(routes.len() > OPEN.len(), "{routes:?}");
    routes
}

/// Verb and path of everything that `/openapi.json` describes.
fn described(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().expect("paths");
    let verbs = |(path, verbs): (&String, &Value)| {
        let verbs = verbs.as_object().expect("verbs").clone();
        verbs.into_iter().map(|(verb, _)| format!("{} {path}", verb.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(verbs).collect()
}

/// A route with something in its gaps.
fn filled(route: &str) -> (Method, String) {
    let (verb, path) = route.split_once(' ').expect("verb and path");
    let path = path
        .replace("{id}", "42")
        .replace("{user_id}", "77")
        .replace("{kind}", "salesforce")
        .replace("{name}", "users")
        .replace("{task_sid}", "WT1")
        .replace("{location}", "ticket_sidebar")
        .replace("{file}", "nothing.js")
        .replace("{key}", &"0".repeat(40));
    assert!(!path.contains('{'), "this test does not know what to put into {path}");
    (verb.parse().expect("a verb"), path)
}

#[tokio::test]
async fn every_door_but_a_few_asks_for_a_session() {
    bed()
        .run(async |bed| {
            let described = described(&bed.stranger().gets("/openapi.json").await.json());
            let routes = routes();
            assert_eq!(described.difference(&routes).next(), None, "it is described and not there");
            for open in OPEN.iter().chain(OF_MACHINES) {
                assert!(routes.contains(*open), "{open} is gone; take it from the list");
            }
            let others = |route: &&String| {
                let route = route.as_str();
                !OPEN.contains(&route) && !OF_MACHINES.contains(&route)
            };
            for route in routes.iter().filter(others) {
                bed.pass(60); // a stranger may ask so often and no more
                let (verb, path) = filled(route);
                let below_api = path.starts_with("/api/");
                let odd_id = route.split_once(' ').expect("verb and path").1.replace(['{', '}'], "%FF");
                // Whatever else is wrong with a request, who has no session hears that first.
                for (what, verb, path, body, kind) in [
                    ("well formed", verb.clone(), path.clone(), "{}", "application/json"),
                    ("no body", verb.clone(), path.clone(), "", "application/json"),
                    ("not JSON", verb.clone(), path.clone(), "a=b", "application/x-www-form-urlencoded"),
                    ("an odd id", verb.clone(), odd_id, "{}", "application/json"),
                    (
                        "an odd query",
                        verb.clone(),
                        format!("{path}?refresh=perhaps&refresh=1"),
                        "{}",
                        "text/plain",
                    ),
                    ("another method", Method::PATCH, path.clone(), "{}", "application/json"),
                    ("no such route", verb.clone(), format!("{path}/nothing"), "{}", "application/json"),
                ] {
                    assert!(below_api, "{route}");
                    let visit = async |visitor: Visitor| {
                        let request = visitor.request(verb.clone(), &path).header(CONTENT_TYPE, kind);
                        Answer::to(request.body(body)).await.verdict()
                    };
                    assert_eq!(visit(bed.stranger()).await, "401 session_missing", "{what}: {verb} {path}");
                    let forger = bed.stranger().with_bearer("made.up.bearer");
                    assert_eq!(visit(forger).await, "401 session_invalid", "{what}: {verb} {path}");
                }
            }
        })
        .await;
}

#[tokio::test]
async fn every_door_for_machines_asks_for_a_key_first() {
    bed()
        .run(async |bed| {
            let own = bed.key_of("acme").await;
            for route in OF_MACHINES {
                let (verb, path) = filled(route);
                let path = path.replace(&"0".repeat(40), &own);
                for (path, kind) in
                    [(path.clone(), "application/json"), (format!("{path}?wait=perhaps"), "text/plain")]
                {
                    for (visitor, expected) in [
                        (bed.stranger(), "401 machine_key_missing"),
                        (bed.stranger().with_bearer("made.up.bearer"), "401 machine_key_invalid"),
                        (bed.agent(AGENT).await, "401 machine_key_invalid"),
                    ] {
                        let request = visitor.request(verb.clone(), &path).header(CONTENT_TYPE, kind);
                        assert_eq!(Answer::to(request.body("[")).await.verdict(), expected, "{verb} {path}");
                    }
                }
            }
        })
        .await;
}

#[tokio::test]
async fn what_an_app_may_call_is_described_and_what_is_described_exists() {
    bed()
        .run(async |bed| {
            let document = bed.stranger().gets("/openapi.json").await;
            assert_eq!(document.header("content-type"), "application/json");
            let is_api = |route: &String| route.contains(" /api/") || route.contains(" /hooks/");
            let api: BTreeSet<_> = routes().into_iter().filter(is_api).collect();
            assert_eq!(described(&document.json()), api);
        })
        .await;
}

#[tokio::test]
async fn a_session_is_a_bearer_and_nothing_else() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |authorization: String, expected: &str| {
                let request = bed.stranger().request(Method::GET, "/api/tickets/42/card");
                let answer = Answer::to(request.header(AUTHORIZATION, &authorization)).await;
                assert_eq!(answer.verdict(), expected, "{}", authorization.replace(agent.bearer(), "…"));
            };
            let bearer = agent.bearer();
            check(format!("Bearer {bearer}"), "200").await;
            check(format!("bearer {bearer}"), "200").await;
            check(format!("Basic {bearer}"), "401 session_missing").await;
            check(bearer.to_owned(), "401 session_missing").await;
            check(format!("Bearer {bearer}x"), "401 session_invalid").await;
            check(format!("Bearer {bearer} {bearer}"), "401 session_invalid").await;
            let in_query = bed.stranger().gets(&format!("/api/tickets/42/card?access_token={bearer}")).await;
            assert_eq!(in_query.verdict(), "401 session_missing");
        })
        .await;
}

#[tokio::test]
async fn whatever_is_malformed_is_refused_in_the_one_envelope() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |verb: Method, path: &str, body: &str, expected: &str| {
                let request = agent.request(verb.clone(), path).body(body.to_owned());
                assert_eq!(Answer::to(request).await.verdict(), expected, "{verb} {path} {body}");
            };
            let (get, post) = (|| Method::GET, || Method::POST);
            check(get(), "/nothing", "", "404 route_not_found").await;
            check(get(), "/", "", "404 route_not_found").await;
            check(get(), "/api/tickets/42", "", "404 route_not_found").await;
            check(get(), "/api/tickets/42/card/", "", "404 route_not_found").await;
            check(get(), "/app/../Cargo.toml", "", "404 route_not_found").await;
            check(get(), "/app/..%2F..%2FCargo.toml", "", "404 route_not_found").await;
            check(get(), "/app/manifest.json", "", "404 route_not_found").await;
            check(post(), "/api/tickets/42/card", "", "405 method_not_allowed").await;
            check(Method::DELETE, "/api/tickets/42/archive", "", "405 method_not_allowed").await;
            check(Method::PUT, "/zendesk/ticket_sidebar", "", "405 method_not_allowed").await;
            for id in
                ["abc", "-1", "4.2", "42abc", "0x2a", "18446744073709551616", "%F0%9F%98%80", "%FF", "%00"]
            {
                check(get(), &format!("/api/tickets/{id}/card"), "", "400 path_invalid").await;
                check(get(), &format!("/api/tickets/{id}/archive"), "", "400 path_invalid").await;
                check(get(), &format!("/api/customers/{id}/card"), "", "400 path_invalid").await;
            }
            check(get(), "/api/tickets/42/card?refresh=perhaps", "", "400 query_invalid").await;
            check(get(), "/api/tickets/42/card?refresh=true&refresh=false", "", "400 query_invalid").await;
            for body in [
                "",
                "{",
                "[]",
                "null",
                "42",
                "\u{feff}{}",
                "{\"attachment_ids\":{}}",
                "{\"attachment_ids\":[-1]}",
            ] {
                check(post(), "/api/tickets/42/archive", body, "422 body_invalid").await;
            }
            let deep = "[".repeat(100_000);
            check(post(), "/api/tickets/42/archive", &deep, "422 body_invalid").await;
            check(post(), "/api/session/flex", "{}", "422 body_invalid").await;
        })
        .await;
}

#[tokio::test]
async fn a_refusal_does_not_repeat_what_was_sent() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let wish = json!({"attachment_ids": "<script>alert(1)</script>"});
            let answer = agent.posts("/api/tickets/42/archive", &wish).await;
            assert_eq!(answer.header("content-type"), "application/json");
            let page = bed.stranger().opens_page("%3Cscript%3E", "x").await;
            assert!(!page.text.contains("<script>"), "{}", page.text);
        })
        .await;
}

#[tokio::test]
async fn a_request_has_an_id_of_ours_whatever_the_client_says() {
    bed()
        .run(async |bed| {
            let request = bed.stranger().request(Method::GET, "/nothing").header("x-request-id", "mine");
            let answer = Answer::to(request).await;
            assert_ne!(answer.header("x-request-id"), "mine");
            assert_ne!(
                answer.header("x-request-id"),
                bed.stranger().gets("/nothing").await.header("x-request-id")
            );
        })
        .await;
}

/// An ordinary client sends all of its body before it reads the answer.
#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_and_the_refusal_arrives() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let large = vec![b' '; 100 * 1024 * 1024];
            let check = async |visitor: &Visitor, path: &str, expected: &str| {
                let request = visitor.request(Method::POST, path).body(large.clone());
                assert_eq!(Answer::to(request).await.verdict(), expected, "{path}");
            };
            check(&agent, "/api/tickets/42/archive", TOO_LARGE).await;
            check(&agent, "/api/engagements/WT1/pop", TOO_LARGE).await;
            check(&agent, "/api/session/proof", TOO_LARGE).await;
            check(&bed.stranger(), "/api/session/flex", TOO_LARGE).await;
            check(&bed.stranger(), "/zendesk/ticket_sidebar", TOO_LARGE).await;
            check(&bed.stranger(), "/hooks/zendesk/archive", TOO_LARGE).await;
            check(&bed.stranger(), "/hooks/integrations/contracts/runs", "401 machine_key_missing").await;
            check(&bed.stranger(), "/api/tickets/42/archive", "401 session_missing").await;
            check(&agent, "/nothing", "404 route_not_found").await;
            // Also when the client does not say how much is coming.
            let pieces =
                futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024 * 1024])));
            let body = reqwest::Body::wrap_stream(pieces);
            let request = agent.request(Method::POST, "/api/tickets/42/archive").body(body);
            assert_eq!(Answer::to(request).await.verdict(), TOO_LARGE);
        })
        .await;
}

/// What asks a vendor each time may not be asked for ever.
#[tokio::test]
async fn a_session_that_asks_too_often_is_slowed_down_and_others_are_not() {
    let check = async |path: &str, retry_after: Option<&str>| {
        bed()
            .run(async |bed| {
                let (one, other) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
                let mut last = one.gets(path).await;
                for _ in 0..400 {
                    if last.status == 429 {
                        break;
                    }
                    last = one.gets(path).await;
                }
                assert_eq!(last.status == 429, retry_after.is_some(), "{path}: {last:?}");
                if let Some(retry_after) = retry_after {
                    assert_eq!(last.verdict(), "429 too_many_requests");
                    assert_eq!(last.header("retry-after"), retry_after);
                }
                assert_eq!(other.card(42).await.verdict(), "200");
            })
            .await;
    };
    check("/api/tickets/42/card", None).await; // kept: nobody is asked again
    check("/api/tickets/42/card?refresh=true", Some("10")).await;
    check("/api/tickets/999999/card", Some("10")).await;
    check("/api/customers?phone=%2B815012340042", Some("60")).await;
}

#[tokio::test]
async fn operators_see_that_it_lives_and_what_it_does_and_nobodys_name() {
    bed()
        .run(async |bed| {
            bed.agent(AGENT).await.card(42).await;
            assert_eq!(bed.stranger().gets("/healthz").await.text, "ok\n");
            assert_eq!(bed.stranger().gets("/readyz").await.text, "ready\n");
            assert_eq!(bed.stranger().gets("/metrics").await.verdict(), "404 route_not_found");
            let metrics = reqwest::get(format!("{}/metrics", bed.metrics().await)).await.expect("an answer");
            let metrics = metrics.text().await.expect("text");
            assert!(metrics.contains("route=\"/api/tickets/{id}/card\""), "{metrics}");
            for personal in ["/api/tickets/42", "example.com", "+8150", "花子"] {
                assert!(!metrics.contains(personal), "{personal}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_nul_character_is_refused_wherever_it_stands() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |method: Method, path: &str, body: Option<&str>, expected: &str| {
                let mut request = agent.request(method, path);
                if let Some(body) = body {
                    request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
                }
                assert_eq!(Answer::to(request).await.verdict(), expected, "{path} {body:?}");
            };
            let pop = r#"{"stage": "accept", "attributes": {"zd_ticket_id": 42, "name": "a\u0000b"}}"#;
            let name = r#"{"stage": "accept", "attributes": {"zd_ticket_id": 42, "a\u0000b": 1}}"#;
            let slash = r#"{"stage": "accept", "attributes": {"zd_ticket_id": 42, "name": "a\\u0000b"}}"#;
            check(Method::POST, "/api/engagements/WT1/pop", Some(pop), "400 body_invalid").await;
            check(Method::POST, "/api/engagements/WT1/pop", Some(name), "400 body_invalid").await;
            let task = bed.vendors().place_task(&serde_json::json!({"zd_ticket_id": 42}), "voice");
            check(Method::POST, &format!("/api/engagements/{task}/pop"), Some(slash), "200").await;
            let notes = r#"{"notes": "a\u0000b", "outcome": ""}"#;
            check(Method::PUT, "/api/engagements/WT2/notes", Some(notes), "400 body_invalid").await;
            check(Method::POST, "/api/engagements/WT%001/pop", Some(slash), "400 path_invalid").await;
            check(Method::GET, "/api/engagements/WT%001", None, "400 path_invalid").await;
            check(Method::GET, "/api/customers?phone=%2B81%00", None, "400 query_invalid").await;
            let admin = bed.agent(credentials::ADMIN_ID).await;
            for path in
                ["/api/ledger?q=a%00b", "/api/ledger?agent=%00", "/api/ledger/export?format=csv&q=%00"]
            {
                assert_eq!(admin.gets(path).await.verdict(), "400 query_invalid", "{path}");
            }
            bed.run_jobs_to_the_end().await;
        })
        .await;
}
