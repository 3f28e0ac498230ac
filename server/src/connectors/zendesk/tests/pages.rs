//! Lists that come in pages: pages that are too large, and pages that do not say whether they are the last.

use serde_json::{Value, json};

use super::{bed, calls};
use crate::connectors::ANSWER_LIMIT;
use crate::connectors::stub::told;
use crate::connectors::zendesk::{TicketId, UserId};
use crate::connectors::{FailureKind, VendorError};

const COMMENTS: &str = "GET /api/v2/tickets/42/comments";

fn page(ids: std::ops::Range<u64>, meta: &Value) -> String {
    let row = |id| json!({"id": id, "created_at": "2026-11-01T09:00:00Z", "attachments": [], "public": true});
    json!({"comments": ids.map(row).collect::<Vec<_>>(), "meta": meta}).to_string()
}

fn too_large() -> String {
    format!(r#"{{"comments":[],"filler":"{}"}}"#, "x".repeat(ANSWER_LIMIT))
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let bed = bed().await;
    let more = |after: &str| json!({"has_more": true, "after_cursor": after});
    bed.zendesk
        .tell(COMMENTS, told(200, &page(0..100, &more("a"))))
        .tell(COMMENTS, told(200, &too_large()))
        .tell(COMMENTS, told(200, &too_large()))
        .tell(COMMENTS, told(200, &page(100..125, &more("b"))))
        .tell(COMMENTS, told(200, &page(125..130, &json!({"has_more": false}))));
    let found = bed.client.comments(TicketId(42)).await.expect("the list");
    let ids: Vec<u64> = found.iter().map(|comment| comment.id.0).collect();
    assert_eq!(ids, (0..130).collect::<Vec<_>>(), "every comment, and each once");
    let query = |size: u32, after: &str| {
        let after = if after.is_empty() { String::new() } else { format!("&page%5Bafter%5D={after}") };
        format!(
            "{COMMENTS}?include_inline_images=true&sort=created_at&page%5Bsize%5D={size}{after} by token-1"
        )
    };
    let asked = [query(100, ""), query(100, "a"), query(50, "a"), query(25, "a"), query(25, "b")];
    assert_eq!(calls(&bed.zendesk), asked);
}

#[tokio::test]
async fn one_row_that_is_too_large_is_named() {
    let bed = bed().await;
    bed.zendesk.tell(COMMENTS, told(200, &page(0..100, &json!({"has_more": true, "after_cursor": "a"}))));
    for _ in [100, 50, 25, 12, 6, 3, 1] {
        bed.zendesk.tell(COMMENTS, told(200, &too_large()));
    }
    let error = bed.client.comments(TicketId(42)).await.expect_err("it is too large");
    assert_eq!(
        error.to_string(),
        format!(
            "entry 101 of `comments` in the answer to `GET /api/v2/tickets/{{id}}/comments` alone is larger than the \
             {ANSWER_LIMIT} bytes that are read"
        )
    );
}

#[tokio::test]
async fn users_and_the_last_comment_are_also_read_in_smaller_pages() {
    let bed = bed().await;
    let (many, search) = ("GET /api/v2/users/show_many", "GET /api/v2/users/search");
    let users = |ids: std::ops::Range<u64>| {
        let row = |id| json!({"id": id, "active": true, "phone": "+1 555"});
        json!({"users": ids.map(row).collect::<Vec<_>>()}).to_string()
    };
    bed.zendesk
        .tell(many, told(200, &too_large()))
        .tell(many, told(200, &users(1..3)))
        .tell(many, told(200, &users(3..5)));
    let ids: Vec<UserId> = (1..5).map(UserId).collect();
    let found = bed.client.users(&ids).await.expect("users");
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), ids);
    bed.zendesk
        .tell(search, told(200, &too_large()))
        .tell(search, told(200, &too_large()))
        .tell(search, told(200, &users(1..33)))
        .tell(search, told(200, &users(33..40)));
    let found = bed.client.users_by_phone("+1555").await.expect("users");
    assert_eq!(found.iter().map(|user| user.id.0).collect::<Vec<_>>(), (1..40).collect::<Vec<_>>());
    bed.zendesk
        .tell(COMMENTS, told(200, &too_large()))
        .tell(COMMENTS, told(200, &page(7..8, &json!({"has_more": true, "after_cursor": "a"}))));
    assert!(bed.client.last_public_comment(TicketId(42)).await.expect("an answer").is_some());
}

#[tokio::test]
async fn a_page_that_does_not_say_whether_it_is_the_last_is_no_end() {
    for meta in [
        json!(null),
        json!(-1),
        json!("no"),
        json!({}),
        json!({"has_more": "true"}),
        json!({"has_more": null}),
        json!({"has_more": 1, "after_cursor": "a"}),
        json!({"has_more": true}),
        json!({"has_more": true, "after_cursor": null}),
        json!({"has_more": true, "after_cursor": 7}),
    ] {
        let bed = bed().await;
        bed.zendesk.tell(COMMENTS, told(200, &page(0..2, &meta)));
        let found = bed.client.comments(TicketId(42)).await;
        assert!(matches!(&found, Err(error) if error.is(FailureKind::Unreadable)), "{meta}: {found:?}");
    }
    // The same cursor twice leads round in circles.
    let bed = bed().await;
    let again = json!({"has_more": true, "after_cursor": "a"});
    bed.zendesk.tell(COMMENTS, told(200, &page(0..1, &again))).tell(COMMENTS, told(200, &page(1..2, &again)));
    assert!(
        matches!(bed.client.comments(TicketId(42)).await, Err(error) if error.is(FailureKind::Unreadable))
    );
}

#[tokio::test]
async fn whoever_may_be_in_an_unreadable_row_is_not_nobody() {
    let bed = bed().await;
    let search = "GET /api/v2/users/search";
    bed.zendesk
        .tell(search, told(200, r#"{"users":[{"id":-1,"phone":"+1 555"}]}"#))
        .tell(search, told(200, r#"{"users":[{"id":-1},{"id":2,"phone":"+1 555"}]}"#));
    assert!(
        matches!(bed.client.users_by_phone("+1555").await, Err(error) if error.is(FailureKind::Unreadable))
    );
    let found = bed.client.users_by_phone("+1555").await.expect("one can be read");
    assert_eq!(found.iter().map(|user| user.id.0).collect::<Vec<_>>(), [2]);
    let requested = "GET /api/v2/users/77/tickets/requested";
    let list = |rows: &str| format!(r#"{{"tickets":[{rows}],"meta":{{"has_more":false}}}}"#);
    bed.zendesk
        .tell(requested, told(200, &list(r#"{"id":"60","status":"open"},{"id":1,"status":"closed"}"#)))
        .tell(requested, told(200, &list(r#"{"id":60,"status":-1,"updated_at":null}"#)));
    assert!(
        matches!(bed.client.open_tickets_of(UserId(77)).await, Err(error) if error.is(FailureKind::Unreadable))
    );
    let open = bed.client.open_tickets_of(UserId(77)).await.expect("it may be open");
    assert_eq!(open.tickets.iter().map(|ticket| ticket.id.0).collect::<Vec<_>>(), [60]);
}
