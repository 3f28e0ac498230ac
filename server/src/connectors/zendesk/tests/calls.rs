//! What we ask and send, and how answers are read.

use super::{OAUTH, TICKET, bed, bed_with, calls};
use crate::connectors::stub::{self, Stub, told};
use crate::connectors::zendesk::{
    AttachmentId, CommentId, JobState, RecordUpdate, Records, TicketId, TicketStatus, UserId,
};
use crate::connectors::{FailureKind, VendorError};

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
    assert!(open.complete);
    assert_eq!(open.tickets.iter().map(|ticket| ticket.id.0).collect::<Vec<_>>(), [3, 1]);
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
        .tell(
            "PUT /api/v2/users/update_many",
            told(200, r#"{"job_status":{"id":"V3-1","status":"queued"}}"#),
        );
    bed.client.redact_attachment(ticket, comment, AttachmentId(5)).await.expect("done");
    bed.client.redact_in_workspace(comment, ticket, "https://acme.zendesk.com/a").await.expect("done");
    bed.client.add_tags(ticket, &["archived"]).await.expect("done");
    bed.client.remove_tags(ticket, &["archive"]).await.expect("done");
    bed.client.notify_app(7, UserId(3), "deskside_pop", r#"{"ticket":42}"#).await.expect("done");
    let update = RecordUpdate { id: 1, fields: [("sfdc_mrr".to_owned(), 5.into())].into() };
    let started = bed.client.update_many(Records::Users, std::slice::from_ref(&update)).await;
    let job = started.expect("a job").job;
    assert_eq!((job.id.as_str(), job.status), ("V3-1", JobState::Queued));
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
        ]
    );
    let error = bed.client.update_many(Records::Users, &vec![update; 101]).await.expect_err("too many");
    assert_eq!(
        error.to_string(),
        "`PUT /api/v2/users/update_many` is too large: 101 rows in one call, Zendesk takes 100"
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
    assert!(matches!(bed.client.app_public_key(7).await, Err(error) if error.is(FailureKind::Unreadable)));
}

#[tokio::test]
async fn a_base_address_may_have_a_path_of_its_own() {
    let zendesk = Stub::start().await;
    let base_url = zendesk.url.join("/proxy/").expect("a URL");
    let bed = bed_with(zendesk, base_url, stub::loopback());
    bed.zendesk.tell("POST /proxy/oauth/tokens", told(200, r#"{"access_token":"token-9"}"#));
    bed.zendesk.tell("GET /proxy/api/v2/tickets/42", told(200, TICKET));
    bed.client.ticket(TicketId(42)).await.expect("a ticket");
}
