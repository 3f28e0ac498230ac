//! The connector against a stub that answers what Zendesk was seen, or is documented, to answer.

use std::path::PathBuf;

use axum::body::Body;
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::clock::Clock;
use crate::connectors::Refusal;
use crate::connectors::stub::{self, Stub, Told, told};

const OAUTH: &str = "POST /oauth/tokens";
const TICKET: &str = r#"{"ticket":{"id":42,"subject":null,"status":"brewing","priority":null,"requester_id":77,
    "created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-02T09:00:00Z","unheard_of":{}}}"#;

struct Bed {
    zendesk: Stub,
    clock: Clock,
    client: ZendeskClient,
}

/// A client whose first token is `token-1`.
async fn bed() -> Bed {
    let zendesk = Stub::start().await;
    let clock = stub::clock();
    let credentials = ClientCredentials {
        client_id: "deskside".into(),
        client_secret: "hush".into(),
        scope: "read write".into(),
    };
    let hosts = vec!["*.zdusercontent.com".to_owned(), "127.0.0.1".to_owned()];
    let client = ZendeskClient::new(
        stub::http(),
        zendesk.url.clone(),
        credentials,
        clock.clone(),
        hosts,
        stub::loopback(),
    );
    token(&zendesk, "token-1");
    Bed { zendesk, clock, client }
}

fn token(zendesk: &Stub, token: &str) {
    let body = format!(
        r#"{{"access_token":"{token}","token_type":"bearer","scope":"read write","expires_in":1800}}"#
    );
    zendesk.tell(OAUTH, told(201, &body));
}

/// The requests that reached the API, as `line` with the token that signed them.
fn calls(stub: &Stub) -> Vec<String> {
    let signed = |token: Option<String>| token.map_or_else(|| "nobody".into(), |t| t.replace("Bearer ", ""));
    stub.asked(OAUTH)
        .into_iter()
        .map(|asked| format!("{} by {}", asked.line, signed(asked.authorization)))
        .collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

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
    assert_eq!(error.call(), "GET /api/v2/tickets/{id}");
}

use crate::connectors::Advice::{self, GiveUp, Retry, RetryAfter};
use std::time::Duration;

#[tokio::test]
async fn every_envelope_becomes_one_advice_and_a_sentence_without_its_body() {
    const CALL: &str = "`GET /api/v2/tickets/{id}`";
    let unauthorized = format!(
        "Zendesk does not accept our access token for {CALL}, not even a new one; connect the account again"
    );
    check(401, None, r#"{"error":"Couldn't authenticate you"}"#, &unauthorized, GiveUp).await;
    let forbidden =
        format!("Zendesk forbids us {CALL}; widen the OAuth scope or the role of the connected user");
    check(403, None, r#"{"error":{"title":"Forbidden","message":"Mina may not"}}"#, &forbidden, GiveUp).await;
    let not_found = format!("Zendesk knows nothing under {CALL}, or hides it from us");
    check(404, None, r#"{"error":"RecordNotFound","description":"Not found"}"#, &not_found, GiveUp).await;
    let plan = format!("this Zendesk account's plan does not have {CALL}");
    check(404, None, r#"{"error":{"title":"InvalidEndpoint","message":"Not found"}}"#, &plan, GiveUp).await;
    let conflict = format!("something else changed the same record during {CALL}");
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
    let waits = format!("Zendesk asks us to wait 93 s before {CALL}");
    check(429, Some(("retry-after", "93")), "", &waits, RetryAfter(Duration::from_secs(93))).await;
    let waits = format!("Zendesk asks us to wait 60 s before {CALL}");
    let body = r#"{"error":"TooManyJobs","description":"…"}"#;
    check(429, None, body, &waits, RetryAfter(Duration::from_mins(1))).await;
    check(503, None, "", &format!("Zendesk answered 503 to {CALL}"), Retry).await;
    let back = RetryAfter(Duration::from_mins(5));
    check(503, Some(("retry-after", "300")), "", &format!("Zendesk answered 503 to {CALL}"), back).await;
    check(302, None, "", &format!("Zendesk answered 302 to {CALL}"), GiveUp).await;
    let decode = format!("Zendesk's answer to {CALL} is not what its documentation says");
    check(200, None, r#"{"tickets":[]}"#, &decode, GiveUp).await;
    check(200, None, "<html>", &decode, GiveUp).await;
    let large = format!("{CALL} is too large: the answer has more than 16777216 bytes");
    check(200, None, &"x".repeat(16 * 1024 * 1024 + 1), &large, GiveUp).await;
}

#[tokio::test]
async fn an_answer_is_read_liberally() {
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
    let ticket = bed.client.ticket(TicketId(42)).await.expect("a ticket");
    assert_eq!(
        (ticket.id, ticket.subject.as_str(), ticket.status),
        (TicketId(42), "", TicketStatus::Unknown)
    );
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
        r#"{"grant_type":"client_credentials","client_id":"deskside","client_secret":"hush","scope":"read write"}"#
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
        (400, r#"{"error":"unauthorized_client"}"#),
    ] {
        let bed = bed().await;
        bed.zendesk.tell("GET /api/v2/tickets/42", told(401, "")).tell(OAUTH, told(status, body));
        let error = bed.client.ticket(TicketId(42)).await.expect_err("a refusal");
        assert_eq!(
            error.to_string(),
            "Zendesk refused our client id or client secret (`POST /oauth/tokens`)"
        );
        assert_eq!(error.advice(), GiveUp);
    }
}

#[tokio::test]
async fn zendesks_anonymous_user_is_nobody() {
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/users/me", told(200, r#"{"user":{"id":null,"name":"Anonymous user"}}"#));
    assert!(matches!(bed.client.me().await, Err(ZendeskError::Unauthorized { .. })));
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
    assert!(matches!(note, Err(ZendeskError::Status { status: 503, .. })));
    let notes: Vec<_> =
        bed.zendesk.asked(OAUTH).into_iter().filter(|asked| asked.line.starts_with("PUT")).collect();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].body, r#"{"ticket":{"comment":{"html_body":"<p>Done</p>","public":false}}}"#);
}

#[tokio::test]
async fn an_agent_waits_a_moment_for_a_429_a_job_does_not_and_a_long_wait_is_nobodys() {
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
async fn comments_are_read_to_the_last_page() {
    let bed = bed().await;
    let page = |id: u64, more: bool| {
        told(
            200,
            &format!(
                r#"{{"comments":[{{"id":{id},"created_at":"2026-11-01T09:00:00Z"}}],
                "meta":{{"has_more":{more},"after_cursor":"after-{id}=="}},"links":{{"next":"https://example.com/"}}}}"#
            ),
        )
    };
    let line = "GET /api/v2/tickets/42/comments";
    bed.zendesk.tell(line, page(1, true)).tell(line, page(2, true)).tell(line, page(3, false));
    let comments = bed.client.comments(TicketId(42)).await.expect("comments");
    assert_eq!(comments.iter().map(|comment| comment.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    let query = "?include_inline_images=true&sort=created_at&page%5Bsize%5D=100";
    assert_eq!(
        calls(&bed.zendesk),
        [
            format!("{line}{query} by token-1"),
            format!("{line}{query}&page%5Bafter%5D=after-1%3D%3D by token-1"),
            format!("{line}{query}&page%5Bafter%5D=after-2%3D%3D by token-1"),
        ]
    );
}

#[tokio::test]
async fn a_phone_number_finds_its_owners_or_those_who_also_have_it() {
    let user = |id: u64, phone: &str| format!(r#"{{"id":{id},"phone":{phone},"active":true}}"#);
    let found = async |users: &[String]| {
        let bed = bed().await;
        bed.zendesk
            .tell("GET /api/v2/users/search", told(200, &format!(r#"{{"users":[{}]}}"#, users.join(","))));
        let found = bed.client.users_by_phone("+81 50-1234-5678").await.expect("users");
        assert_eq!(
            calls(&bed.zendesk),
            ["GET /api/v2/users/search?query=phone%3A%22%2B815012345678%22 by token-1"]
        );
        found.iter().map(|user| user.id.0).collect::<Vec<_>>()
    };
    assert_eq!(found(&[user(1, r#""+81 50 1234 5678""#), user(2, "null")]).await, [1]);
    assert_eq!(found(&[user(1, "null"), user(2, r#""other""#)]).await, [1, 2]);
    assert_eq!(found(&[user(1, "null").replace("true", "false")]).await, [0; 0]);
}

#[tokio::test]
async fn an_e_mail_address_finds_exactly_one_and_cannot_break_out_of_the_query() {
    let bed = bed().await;
    let users =
        r#"{"users":[{"id":1,"email":"mina.park@example.com.au"},{"id":2,"email":"Mina.Park@example.com"}]}"#;
    bed.zendesk.tell("GET /api/v2/users/search", told(200, users));
    let found = bed.client.user_by_email("mina.park@example.com").await.expect("an answer");
    assert_eq!(found.map(|user| user.id), Some(UserId(2)));
    assert_eq!(bed.client.user_by_email("x@example.com\" role:admin \"").await.expect("an answer"), None);
    assert_eq!(calls(&bed.zendesk).len(), 1);
}

#[tokio::test]
async fn open_tickets_are_those_that_wait_for_somebody_last_changed_first() {
    let bed = bed().await;
    let ticket = |id: u64, status: &str, day: u8| {
        format!(
            r#"{{"id":{id},"status":"{status}","created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-{day:02}T00:00:00Z"}}"#
        )
    };
    let tickets =
        [ticket(1, "open", 3), ticket(2, "solved", 9), ticket(3, "hold", 5), ticket(4, "closed", 8)]
            .join(",");
    let body = format!(r#"{{"tickets":[{tickets}],"meta":{{"has_more":false}}}}"#);
    bed.zendesk.tell("GET /api/v2/users/77/tickets/requested", told(200, &body));
    let open = bed.client.open_tickets_of(UserId(77)).await.expect("tickets");
    assert_eq!(open.iter().map(|ticket| ticket.id.0).collect::<Vec<_>>(), [3, 1]);
}

#[tokio::test]
async fn what_is_written_says_what_it_must_and_no_more() {
    let bed = bed().await;
    let (ticket, comment) = (TicketId(42), CommentId(9));
    bed.zendesk
        .tell("PUT /api/v2/tickets/42/comments/9/attachments/5/redact", told(200, "{}"))
        .tell("PUT /api/v2/comment_redactions/9", told(200, "{}"))
        .tell("PUT /api/v2/tickets/42/tags", told(200, "{}"))
        .tell("DELETE /api/v2/tickets/42/tags", told(204, ""))
        .tell("POST /api/v2/apps/notify", told(200, ""))
        .tell("PUT /api/v2/users/update_many", told(200, r#"{"job_status":{"id":"V3-1","status":"queued"}}"#))
        .tell(
            "GET /api/v2/job_statuses/V3-1%2F..%2Fx",
            told(200, r#"{"job_status":{"id":"V3-1","status":"killed"}}"#),
        );
    bed.client.redact_attachment(ticket, comment, AttachmentId(5)).await.expect("done");
    bed.client.redact_in_workspace(comment, ticket, "https://acme.zendesk.com/a").await.expect("done");
    bed.client.add_tags(ticket, &["archived"]).await.expect("done");
    bed.client.remove_tags(ticket, &["archive"]).await.expect("done");
    bed.client.notify_app(7, UserId(3), "deskside_pop", r#"{"ticket":42}"#).await.expect("done");
    let update = UserUpdate { id: UserId(1), user_fields: [("sfdc_mrr".to_owned(), 5.into())].into() };
    let job = bed.client.update_users(std::slice::from_ref(&update)).await.expect("a job");
    assert_eq!((job.id.as_str(), job.status), ("V3-1", JobState::Queued));
    assert_eq!(bed.client.job_status("V3-1/../x").await.expect("a job").status, JobState::Killed);
    let bodies: Vec<_> = bed.zendesk.asked(OAUTH).into_iter().map(|asked| asked.body).collect();
    assert_eq!(
        bodies,
        [
            "{}",
            r#"{"external_attachment_urls":["https://acme.zendesk.com/a"],"ticket_id":42}"#,
            r#"{"tags":["archived"]}"#,
            r#"{"tags":["archive"]}"#,
            r#"{"agent_id":3,"app_id":7,"body":"{\"ticket\":42}","event":"deskside_pop"}"#,
            r#"{"users":[{"id":1,"user_fields":{"sfdc_mrr":5}}]}"#,
            "",
        ]
    );
    let error = bed.client.update_users(&vec![update; 101]).await.expect_err("too many");
    assert_eq!(
        error.to_string(),
        "`PUT /api/v2/users/update_many` is too large: 101 users in one call, Zendesk takes 100"
    );
}

#[tokio::test]
async fn the_apps_key_is_read_as_text_or_as_a_json_string() {
    let bed = bed().await;
    let line = "GET /api/v2/apps/7/public_key";
    let pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
    let quoted = serde_json::to_string(pem).expect("JSON");
    bed.zendesk.tell(line, told(200, pem)).tell(line, told(200, &quoted)).tell(line, told(200, "<html>"));
    assert_eq!(bed.client.app_public_key(7).await.expect("a key"), pem);
    assert_eq!(bed.client.app_public_key(7).await.expect("a key"), pem);
    assert!(matches!(bed.client.app_public_key(7).await, Err(ZendeskError::Decode { .. })));
}

// Downloads.

async fn bytes(download: Download) -> Result<Vec<u8>, ZendeskError> {
    download
        .stream
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
}

fn to(location: impl AsRef<str>) -> Told {
    told(302, "").with("location", location.as_ref())
}

#[tokio::test]
async fn a_file_comes_from_another_host_and_our_token_does_not_go_there() {
    let (bed, files) = (bed().await, Stub::start().await);
    bed.zendesk
        .tell("GET /attachments/token/x/", to("/hop"))
        .tell("GET /hop", to(files.url.join("/f?token=y").expect("a URL")));
    files.tell(
        "GET /f",
        Told { status: 200, headers: vec![("content-type", "image/png".into())], body: "bytes".into() },
    );
    let url = bed.zendesk.url.join("/attachments/token/x/?name=a.png").expect("a URL");
    let download = bed.client.download(url.as_str()).await.expect("a file");
    assert_eq!((download.content_length, download.content_type.as_deref()), (Some(5), Some("image/png")));
    assert_eq!(bytes(download).await.expect("bytes"), b"bytes");
    assert_eq!(
        calls(&bed.zendesk),
        ["GET /attachments/token/x/?name=a.png by token-1", "GET /hop by token-1"]
    );
    assert_eq!(calls(&files), ["GET /f?token=y by nobody"]);
}

#[tokio::test]
async fn a_redirect_to_anywhere_else_is_not_followed() {
    let refused = async |location: &str| {
        let bed = bed().await;
        bed.zendesk.tell("GET /a", to(location));
        let error =
            bed.client.download(bed.zendesk.url.join("/a").expect("a URL").as_str()).await.expect_err("no");
        assert_eq!(error.advice(), GiveUp);
        match error {
            ZendeskError::HostRefused { source, .. } => source,
            other => panic!("{other:?}"),
        }
    };
    let host = |host: &str| Refusal::Host(host.into());
    assert_eq!(refused("https://evil.example.com/f").await, host("evil.example.com"));
    assert_eq!(
        refused("https://zdusercontent.com.example.com/f").await,
        host("zdusercontent.com.example.com")
    );
    assert_eq!(
        refused("https://169.254.169.254/latest").await,
        Refusal::NotPublic("169.254.169.254".parse().expect("an address"))
    );
    assert_eq!(
        refused("https://user:pw@p1.zdusercontent.com/f").await,
        Refusal::Userinfo("p1.zdusercontent.com".into())
    );
    assert_eq!(refused("http://8.8.8.8/f").await, Refusal::Plain("8.8.8.8".into()));
    assert_eq!(refused("file:///etc/passwd").await, Refusal::NotAUrl);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let bed = bed().await;
    for _ in 0..9 {
        bed.zendesk.tell("GET /a", to("/a"));
    }
    let error =
        bed.client.download(bed.zendesk.url.join("/a").expect("a URL").as_str()).await.expect_err("a circle");
    assert_eq!(
        chain(&error),
        "we do not follow `GET {content_url}` to where it leads: more than 5 redirects"
    );
    assert_eq!(calls(&bed.zendesk).len(), 6);
}

#[tokio::test]
async fn a_file_that_is_too_large_cut_short_or_refused_is_an_error_and_not_a_short_file() {
    let (bed, client) = {
        let bed = bed().await;
        let client = bed.client.clone().with_file_limit(8);
        (bed, client)
    };
    let url = |path: &str| bed.zendesk.url.join(path).expect("a URL").to_string();
    bed.zendesk.tell("GET /announced", told(200, "123456789"));
    let too_large = "`GET {content_url}` is too large: the file has more than the allowed 8 bytes";
    assert_eq!(client.download(&url("/announced")).await.expect_err("too large").to_string(), too_large);

    let endless = stream::iter(["12345", "6789"]).map(Ok::<_, std::io::Error>);
    bed.zendesk.tell("GET /endless", Told { status: 200, headers: vec![], body: Body::from_stream(endless) });
    let download = client.download(&url("/endless")).await.expect("a beginning");
    assert_eq!(bytes(download).await.expect_err("too large").to_string(), too_large);

    let broken = stream::iter([Ok("123"), Err(std::io::Error::other("gone"))]);
    bed.zendesk.tell("GET /broken", Told { status: 200, headers: vec![], body: Body::from_stream(broken) });
    let error = match client.download(&url("/broken")).await {
        Ok(download) => bytes(download).await.expect_err("cut short"),
        Err(error) => error,
    };
    assert!(matches!(error, ZendeskError::Transport { .. }) && error.advice() == Retry, "{error:?}");

    bed.zendesk.tell("GET /malware", told(403, "")).tell("GET /gone", told(404, ""));
    assert!(matches!(client.download(&url("/malware")).await, Err(ZendeskError::Forbidden { .. })));
    assert!(matches!(client.download(&url("/gone")).await, Err(ZendeskError::NotFound { .. })));
}

#[tokio::test]
async fn no_error_shows_an_id_a_token_or_the_address_it_is_about() {
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
    bed.client.ticket(TicketId(42)).await.expect("a token is there now");
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url =
        format!("http://{}/attachments/token/hush/?name=hush.png", gone.local_addr().expect("an address"));
    drop(gone);
    let error = bed.client.download(&url).await.expect_err("nobody listens there");
    assert_eq!(error.advice(), Retry);
    assert!(!format!("{} {error:?}", chain(&error)).contains("hush"), "{error:?}");
    assert!(!format!("{:?}", bed.client).contains("hush"));
}

// Recordings.

/// The recorded answer's body, where the recordings are at hand.
fn recorded(name: &str) -> Option<Value> {
    let shared = std::env::var_os("DESKSIDE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let text =
        std::fs::read_to_string(shared.join("fixtures/zendesk").join(name).with_extension("json")).ok()?;
    let mut exchange: Value = serde_json::from_str(&text).expect("a recording is JSON");
    Some(exchange["response"]["body"].take())
}

#[track_caller]
fn read<T: DeserializeOwned>(recording: &str, member: &str) -> Option<T> {
    let mut body = recorded(recording)?;
    Some(serde_json::from_value(body[member].take()).unwrap_or_else(|error| panic!("{recording}: {error}")))
}

#[test]
fn every_recorded_answer_is_understood() {
    let Some(me) = read::<User>("users_me", "user") else { return };
    assert_eq!(me.role, Role::Admin);
    for list in ["users_list_page", "incremental_users_cursor", "incremental_users_time_based"] {
        let users: Vec<User> = read(list, "users").expect("a recording");
        assert!(!users.is_empty() && users.iter().all(|user| user.role != Role::Unknown), "{list}");
    }
    for one in ["users_create_201", "user_put_200"] {
        read::<User>(one, "user").expect("a recording");
    }
    for one in ["ticket_show", "ticket_put_200", "ticket_create_with_upload"] {
        let ticket: Ticket = read(one, "ticket").expect("a recording");
        assert!(ticket.status != TicketStatus::Unknown && ticket.requester_id.is_some(), "{one}");
    }
    assert!(!read::<Vec<Ticket>>("tickets_list_page", "tickets").expect("a recording").is_empty());
    let comments: Vec<Comment> =
        read("ticket_comments_list_with_attachment", "comments").expect("a recording");
    let file = comments.iter().flat_map(|comment| &comment.attachments).next().expect("an attachment");
    assert!(file.size > 0 && file.content_url.starts_with("https://") && !file.deleted);
    assert_eq!(file.malware_scan_result, MalwareScan::NotScanned);
    read::<Attachment>("attachment_redact", "attachment").expect("a recording");
    for one in ["user_field_create_201", "user_field_put_200"] {
        assert!(!read::<UserField>(one, "user_field").expect("a recording").key.is_empty());
    }
    for job in ["job_status_queued_none", "job_status_working_none", "job_status_completed_none"] {
        read::<JobStatus>(job, "job_status").expect("a recording");
    }
    for job in ["completed_bulk_create_organization", "completed_bulk_create_ticket"] {
        let job: JobStatus = read(&format!("job_status_{job}"), "job_status").expect("a recording");
        assert!(job.status == JobState::Completed && job.results.iter().all(JobRow::succeeded));
        assert!(!job.results.is_empty());
    }
    for job in ["users_update_many", "users_create_many", "tickets_update_many"] {
        assert_eq!(read::<JobStatus>(job, "job_status").expect("a recording").status, JobState::Queued);
    }
}
