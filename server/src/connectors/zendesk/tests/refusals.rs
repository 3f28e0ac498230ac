//! When Zendesk says no, or not yet: what is told, what the queue does, what is tried again.

use std::error::Error as _;
use std::time::Duration;

use chrono::TimeDelta;

use super::{Bed, OAUTH, TICKET, bed, bed_with, calls, token};
use crate::connectors::Advice::{self, GiveUp, Retry, RetryAfter};
use crate::connectors::stub::{self, Stub, told};
use crate::connectors::zendesk::{TicketId, ZendeskClient, ZendeskError};
use crate::connectors::{CallFailure, FailureKind, Net, Refusal, VendorError};

/// check(status, headers, body, what is told, what the queue does)
async fn check(
    status: u16,
    header: Option<(&'static str, &str)>,
    body: &str,
    expected: &str,
    advice: Advice,
) {
    let bed = bed().await;
    let answer = || header.into_iter().fold(told(status, body), |told, (name, value)| told.with(name, value));
    for _ in 0..2 {
        bed.zendesk.tell("GET /api/v2/tickets/42", answer());
        token(&bed.zendesk, "token-2");
    }
    let error = bed.client.background().ticket(TicketId(42)).await.expect_err("a refusal");
    assert_eq!((error.to_string(), error.advice()), (expected.to_owned(), advice), "{status} {body}");
}

#[tokio::test]
async fn every_envelope_becomes_one_advice_and_a_sentence_without_its_body() {
    const CALL: &str = "`GET /api/v2/tickets/{id}`";
    let unauthorized = format!(
        "Zendesk does not accept our access token for {CALL}, not even a new one; connect the account again"
    );
    check(401, None, r#"{"error":"Couldn't authenticate you"}"#, &unauthorized, GiveUp).await;
    let forbidden =
        format!("Zendesk does not allow {CALL}; widen the OAuth scope or the role of the connected user");
    check(403, None, r#"{"error":{"title":"Forbidden","message":"Mina may not"}}"#, &forbidden, GiveUp).await;
    let not_found = format!("Zendesk finds nothing for {CALL}, or hides it from the connected user");
    check(404, None, r#"{"error":"RecordNotFound","description":"Not found"}"#, &not_found, GiveUp).await;
    let plan = format!("this Zendesk account's plan does not have {CALL}");
    check(404, None, r#"{"error":{"title":"InvalidEndpoint","message":"Not found"}}"#, &plan, GiveUp).await;
    let conflict = format!("a Zendesk record was changed by someone else during {CALL}");
    check(409, None, r#"{"error":"UpdateConflict","description":"Safe Update prevented"}"#, &conflict, Retry)
        .await;
    let closed = format!("the ticket is closed and cannot be changed any more ({CALL})");
    let body = r#"{"error":"RecordInvalid","description":"x","details":{"status":[{"description":"クローズ済み"}]}}"#;
    check(422, None, body, &closed, GiveUp).await;
    let body = r#"{"error":"RecordInvalid","details":{"email":[{"description":"mina@example.com is taken","error":"DuplicateValue"}],"base":[{"description":"no"}]}}"#;
    let rejected = format!("Zendesk refused {CALL} (422): base, email (DuplicateValue)");
    check(422, None, body, &rejected, GiveUp).await;
    let rejected = format!("Zendesk refused {CALL} (400): InvalidPaginationDepth");
    check(
        400,
        None,
        r#"{"errors":[{"code":"InvalidPaginationDepth","title":"too deep"}]}"#,
        &rejected,
        GiveUp,
    )
    .await;
    let rejected = format!("Zendesk refused {CALL} (400): TooManyValues");
    check(400, None, r#"{"error":"TooManyValues","description":"Maximum 100"}"#, &rejected, GiveUp).await;
    let rejected = format!("Zendesk refused {CALL} (422): no reason given");
    check(422, None, "<html>Mina Park, +81 50-1234-5678</html>", &rejected, GiveUp).await;
    let waits = format!("Zendesk's rate limit: wait 93 s before {CALL}");
    check(429, Some(("retry-after", "93")), "", &waits, RetryAfter(Duration::from_secs(93))).await;
    let waits = format!(
        "Zendesk has as many jobs of this account as it takes; wait until one of them is over ({CALL})"
    );
    let body = r#"{"error":"TooManyJobs","description":"…"}"#;
    check(429, None, body, &waits, RetryAfter(Duration::from_mins(1))).await;
    check(503, None, "", &format!("Zendesk answered 503 to {CALL}"), Retry).await;
    let back = RetryAfter(Duration::from_mins(5));
    check(503, Some(("retry-after", "300")), "", &format!("Zendesk answered 503 to {CALL}"), back).await;
    check(302, None, "", &format!("Zendesk answered 302 to {CALL}"), GiveUp).await;
    let decode = format!("Zendesk's answer to {CALL} does not match its documentation");
    check(200, None, r#"{"tickets":[]}"#, &decode, GiveUp).await;
    check(200, None, "<html>", &decode, GiveUp).await;
    let large = format!("Zendesk: {CALL} is too large: the answer has more than 16777216 bytes");
    check(200, None, &"x".repeat(16 * 1024 * 1024 + 1), &large, GiveUp).await;
}

#[tokio::test]
async fn one_token_serves_all_who_wait_for_it_and_is_renewed_before_it_ends() {
    let bed = bed().await;
    for _ in 0..3 {
        bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
    }
    let job = bed.client.background();
    let (one, two) = tokio::join!(bed.client.ticket(TicketId(42)), job.ticket(TicketId(42)));
    assert!(one.is_ok() && two.is_ok());
    bed.clock.advance(TimeDelta::seconds(1741));
    token(&bed.zendesk, "token-2");
    bed.client.ticket(TicketId(42)).await.expect("a ticket");
    let ticket = |token| format!("GET /api/v2/tickets/42 by {token}");
    assert_eq!(calls(&bed.zendesk), [ticket("token-1"), ticket("token-1"), ticket("token-2")]);
    assert_eq!(
        bed.zendesk.asked("GET")[0].body,
        r#"{"client_id":"deskside","client_secret":"hush","grant_type":"client_credentials","scope":"read write"}"#
    );
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let bed = bed().await;
    bed.zendesk
        .tell("GET /api/v2/tickets/42", told(401, ""))
        .tell("GET /api/v2/tickets/42", told(200, TICKET));
    token(&bed.zendesk, "token-2");
    bed.client.ticket(TicketId(42)).await.expect("a ticket");
    assert_eq!(calls(&bed.zendesk).last().map(String::as_str), Some("GET /api/v2/tickets/42 by token-2"));
}

#[tokio::test]
async fn a_wrong_secret_is_told_from_a_wrong_token() {
    for (status, body) in [
        (401, r#"{"error":"invalid_client","error_description":"…"}"#),
        (400, r#"{"error":"invalid_client","error_description":"…"}"#),
        (401, "<html>"),
    ] {
        let bed = bed().await;
        bed.zendesk.tell("GET /api/v2/tickets/42", told(401, "")).tell(OAUTH, told(status, body));
        let error = bed.client.ticket(TicketId(42)).await.expect_err("a refusal");
        assert_eq!(
            error.to_string(),
            "Zendesk rejected the client id or client secret (`POST /oauth/tokens`)"
        );
        assert_eq!(error.advice(), GiveUp);
    }
}

#[tokio::test]
async fn a_refused_token_names_the_scope_or_the_client_in_oauths_words() {
    const SCOPE: &str =
        "Zendesk does not grant the scope in `zendesk.scope`; correct it (`POST /oauth/tokens`)";
    const CLIENT: &str = "Zendesk does not let the OAuth client use this grant type; make it confidential, and let it \
                          belong to an active admin (`POST /oauth/tokens`)";
    for (status, error, expected) in [
        (400, "invalid_scope", SCOPE),
        (401, "invalid_scope", SCOPE),
        (422, "invalid_scope", SCOPE),
        (400, "unauthorized_client", CLIENT),
        (403, "unauthorized_client", CLIENT),
        (400, "unsupported_grant_type", CLIENT),
        (400, "invalid_grant", CLIENT),
        (400, "temporarily_odd", "Zendesk refused `POST /oauth/tokens` (400): temporarily_odd"),
    ] {
        let bed = bed().await;
        let body = format!(r#"{{"error":"{error}","error_description":"The requested scope is invalid"}}"#);
        bed.zendesk.drop_answers().tell(OAUTH, told(status, &body));
        let found = bed.client.ticket(TicketId(42)).await.expect_err("a refusal");
        assert_eq!(found.to_string(), expected, "{status} {error}");
        assert_eq!(found.advice(), GiveUp);
    }
}

#[tokio::test]
async fn zendesks_anonymous_user_is_nobody() {
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/users/me", told(200, r#"{"user":{"id":null,"name":"Anonymous user"}}"#));
    assert!(matches!(bed.client.me().await, Err(error) if error.is(FailureKind::Token)));
}

#[tokio::test]
async fn a_hiccup_is_tried_again_but_a_note_never_twice() {
    let bed = bed().await;
    bed.zendesk
        .tell("GET /api/v2/tickets/42", told(503, ""))
        .tell("GET /api/v2/tickets/42", told(200, TICKET));
    bed.client.ticket(TicketId(42)).await.expect("the second try");
    bed.zendesk.tell("PUT /api/v2/tickets/42", told(503, "")).tell("PUT /api/v2/tickets/42", told(200, "{}"));
    let note = bed.client.add_internal_note(TicketId(42), "<p>Done</p>").await;
    assert!(matches!(note, Err(ZendeskError::Call(CallFailure { status: Some(503), .. }))));
    let notes: Vec<_> =
        bed.zendesk.asked(OAUTH).into_iter().filter(|asked| asked.line.starts_with("PUT")).collect();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].body, r#"{"ticket":{"comment":{"html_body":"<p>Done</p>","public":false}}}"#);
}

#[tokio::test]
async fn an_agent_waits_a_moment_for_a_429_and_a_job_does_not() {
    let tries = async |client: &ZendeskClient, bed: &Bed, wait: &str| {
        let before = bed.zendesk.asked(OAUTH).len();
        bed.zendesk.tell("GET /api/v2/tickets/42", told(429, "").with("retry-after", wait));
        bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
        (client.ticket(TicketId(42)).await.is_ok(), bed.zendesk.asked(OAUTH).len() - before)
    };
    let one = bed().await;
    assert_eq!(tries(&one.client, &one, "0").await, (true, 2));
    let two = bed().await;
    assert_eq!(tries(&two.client.background(), &two, "0").await, (false, 1));
    let three = bed().await;
    assert_eq!(tries(&three.client, &three, "30").await, (false, 1));
}

#[tokio::test]
async fn a_job_leaves_the_rest_of_the_budget_to_agents() {
    let bed = bed().await;
    let scarce = || {
        let told = told(200, TICKET).with("x-rate-limit", "700").with("x-rate-limit-remaining", "12");
        told.with("ratelimit-reset", "48")
    };
    bed.zendesk.tell("GET /api/v2/tickets/42", scarce()).tell("GET /api/v2/tickets/42", scarce());
    let job = bed.client.background();
    job.ticket(TicketId(42)).await.expect("nobody knew yet");
    let refused = job.ticket(TicketId(42)).await.expect_err("a reserve");
    assert_eq!(refused.advice(), RetryAfter(Duration::from_secs(48)));
    bed.client.ticket(TicketId(42)).await.expect("an agent's call");
    assert_eq!(calls(&bed.zendesk).len(), 2);
}

#[tokio::test]
async fn who_waits_for_a_token_shares_the_failure_to_get_one() {
    let zendesk = Stub::start().await;
    let base_url = zendesk.url.clone();
    let bed = bed_with(zendesk, base_url, stub::loopback());
    bed.zendesk.drop_answers().tell(OAUTH, told(401, ""));
    let tickets = (0..20).map(|id| bed.client.ticket(TicketId(id)));
    for outcome in futures::future::join_all(tickets).await {
        assert!(matches!(outcome, Err(error) if error.is(FailureKind::Credentials)));
    }
    assert_eq!(bed.zendesk.asked("").len(), 1);
}

#[tokio::test]
async fn a_client_that_was_refused_a_token_asks_again_after_a_while() {
    const REFUSED: &str = r#"{"error":"invalid_client"}"#;
    for (told, wait, kind) in [
        (told(401, REFUSED), 30, FailureKind::Credentials),
        (told(400, r#"{"error":"invalid_scope"}"#), 30, FailureKind::Scope),
        (told(429, "").with("retry-after", "7"), 7, FailureKind::RateLimited),
        (told(429, "").with("retry-after", "3600"), 30, FailureKind::RateLimited),
    ] {
        let bed = bed().await;
        bed.zendesk.drop_answers().tell(OAUTH, told);
        for id in [42, 43, 44] {
            let error = bed.client.ticket(TicketId(id)).await.expect_err("no token");
            assert_eq!(error.kind(), kind);
        }
        bed.clock.advance(TimeDelta::seconds(wait - 1));
        bed.client.background().ticket(TicketId(42)).await.expect_err("not yet");
        assert_eq!(bed.zendesk.asked("").len(), 1, "{kind:?}");
        token(&bed.zendesk, "token-2");
        bed.zendesk.tell("GET /api/v2/tickets/42", stub::told(200, TICKET));
        bed.clock.advance(TimeDelta::seconds(1));
        bed.client.ticket(TicketId(42)).await.expect("a token");
    }
}

#[tokio::test]
async fn a_client_asks_for_a_token_again_when_the_vendor_was_away() {
    let bed = bed().await;
    bed.zendesk.drop_answers().tell(OAUTH, told(503, "")).tell(OAUTH, told(503, ""));
    bed.client.ticket(TicketId(42)).await.expect_err("no token");
    token(&bed.zendesk, "token-2");
    bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
    bed.client.ticket(TicketId(42)).await.expect("a token");
}

#[tokio::test]
async fn a_private_address_is_refused_before_any_credential_is_sent() {
    let refused = async |base_url: &str| {
        let base_url = base_url.parse().expect("a URL");
        let bed = bed_with(Stub::start().await, base_url, Net::default());
        let error = bed.client.ticket(TicketId(42)).await.expect_err("a guard");
        assert_eq!(error.advice(), GiveUp);
        let why = error.source().and_then(|why| why.downcast_ref::<Refusal>());
        why.unwrap_or_else(|| panic!("{error:?}")).clone()
    };
    assert!(matches!(refused("https://localhost:1").await, Refusal::NotPublic(_)));
    assert!(matches!(refused("https://10.0.0.1").await, Refusal::NotPublic(_)));
    assert!(matches!(refused("http://localhost:1").await, Refusal::Plain(_)));
}
