//! Exports of users and organizations, look-ups by the hundred, and addresses: cursors, odd rows, and the pace of ten a minute.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::recordings::recorded;
use super::{Bed, bed, calls};
use crate::connectors::stub::told;
use crate::connectors::zendesk::{ExportFrom, Role, UserId};
use crate::connectors::{FailureKind, VendorError};

const USERS: &str = "GET /api/v2/incremental/users/cursor";
const ORGANIZATIONS: &str = "GET /api/v2/incremental/organizations";
const SHOW: &str = "GET /api/v2/users/show_many";

fn everything() -> ExportFrom {
    ExportFrom::Time(chrono::DateTime::UNIX_EPOCH)
}

fn user(id: u64) -> Value {
    json!({"id": id, "email": format!("u{id}@example.com"), "name": "U", "role": "end-user", "external_id": null, "active": true,
        "suspended": false, "organization_id": null, "updated_at": "2026-11-01T09:00:00Z", "user_fields": {"mrr": 5.5}})
}

fn users(users: &[Value], cursor: &Value, is_end: &Value) -> String {
    json!({"users": users, "after_url": "x", "after_cursor": cursor, "before_cursor": null, "end_of_stream": is_end}).to_string()
}

#[tokio::test]
async fn users_come_page_by_page_with_the_cursor_to_keep() {
    let bed = bed().await;
    bed.zendesk.tell(USERS, told(200, &users(&[user(1), user(2)], &json!("MTY5=="), &json!(false))));
    bed.zendesk.tell(USERS, told(200, &users(&[], &json!("MTY6=="), &json!(true))));
    let page = bed.client.exported_users(&everything()).await.expect("a page");
    let first = &page.rows[0];
    assert_eq!(
        (first.id, first.email.as_deref(), first.role),
        (UserId(1), Some("u1@example.com"), Role::EndUser)
    );
    assert_eq!((first.user_fields["mrr"].clone(), page.rows.len(), page.is_end), (json!(5.5), 2, false));
    let next = ExportFrom::Cursor(page.cursor.expect("a cursor"));
    let page = bed.client.exported_users(&next).await.expect("a page");
    assert_eq!((page.rows.len(), page.cursor.as_deref(), page.is_end), (0, Some("MTY6=="), true));
    assert_eq!(
        calls(&bed.zendesk),
        [
            format!("{USERS}?include=identities&start_time=0&per_page=1000 by token-1"),
            format!("{USERS}?include=identities&cursor=MTY5%3D%3D&per_page=1000 by token-1"),
        ]
    );
}

#[tokio::test]
async fn organizations_go_by_time_and_never_into_the_last_minute() {
    let bed = bed().await;
    let organization = json!({"id": 5, "name": "Acme", "external_id": "a", "updated_at": "2026-11-01T09:00:00Z",
        "domain_names": ["example.com"], "organization_fields": {}});
    let end = bed.clock.now().timestamp() - 5;
    let body = json!({"organizations": [organization], "next_page": "x", "count": 1, "end_time": end, "end_of_stream": true});
    bed.zendesk
        .tell(ORGANIZATIONS, told(200, &body.to_string()))
        .tell(ORGANIZATIONS, told(200, &body.to_string()));
    let page = bed.client.exported_organizations(&ExportFrom::Time(bed.clock.now())).await.expect("a page");
    assert_eq!((page.rows[0].id, page.is_end), (5, true));
    let next = ExportFrom::Cursor(page.cursor.expect("a cursor"));
    bed.client.exported_organizations(&next).await.expect("a page");
    let settled = bed.clock.now().timestamp() - 61;
    let expected = format!("{ORGANIZATIONS}?start_time={settled}&per_page=1000 by token-1");
    assert_eq!(calls(&bed.zendesk), [expected.clone(), expected]);
}

#[tokio::test]
async fn a_second_with_more_organizations_than_a_page_is_passed() {
    let bed = bed().await;
    let organization = |id: u64| json!({"id": id, "updated_at": "2026-11-01T09:00:00Z"});
    let export = |end: i64, is_end: bool| {
        let body = json!({"organizations": [organization(1)], "end_time": end, "end_of_stream": is_end});
        told(200, &body.to_string())
    };
    let listed = |id: u64, more: bool| {
        let body =
            json!({"organizations": [organization(id)], "meta": {"has_more": more, "after_cursor": "a=="}});
        told(200, &body.to_string())
    };
    bed.zendesk.tell(ORGANIZATIONS, export(1_000, false)).tell(ORGANIZATIONS, export(2_000, true));
    bed.zendesk
        .tell("GET /api/v2/organizations", listed(2, true))
        .tell("GET /api/v2/organizations", listed(3, false));
    let (mut from, mut found) = (ExportFrom::Cursor("1000".to_owned()), Vec::new());
    loop {
        let page = bed.client.exported_organizations(&from).await.expect("a page");
        found.extend(page.rows.iter().map(|row| row.id));
        if page.is_end {
            break;
        }
        from = ExportFrom::Cursor(page.cursor.expect("a cursor"));
    }
    assert_eq!(found, [1, 2, 3, 1]);
    assert_eq!(
        calls(&bed.zendesk),
        [
            format!("{ORGANIZATIONS}?start_time=1000&per_page=1000 by token-1"),
            "GET /api/v2/organizations?page%5Bsize%5D=100 by token-1".to_owned(),
            "GET /api/v2/organizations?page%5Bsize%5D=100&page%5Bafter%5D=a%3D%3D by token-1".to_owned(),
            format!("{ORGANIZATIONS}?start_time=1001&per_page=1000 by token-1"),
        ]
    );
}

#[tokio::test]
async fn a_row_of_an_odd_type_costs_itself_and_is_remembered() {
    let bed = bed().await;
    let odd = |field: &str, value: Value| {
        let mut odd = user(9);
        odd[field] = value;
        odd
    };
    let rows = [
        user(1),
        odd("email", json!(7)),
        odd("active", json!("maybe")),
        odd("user_fields", json!([])),
        odd("external_id", json!({})),
        odd("updated_at", json!(null)),
        odd("external_id", json!(42)),
        odd("name", json!(null)),
        odd("role", json!("owner")),
    ];
    bed.zendesk.tell(USERS, told(200, &users(&rows, &json!("a"), &json!(false))));
    let page = bed.client.exported_users(&everything()).await.expect("a page");
    assert_eq!((page.rows.len(), page.rows.lost().len()), (4, 5));
    assert_eq!(page.rows[1].external_id.as_deref(), Some("42"));
    assert_eq!(page.rows[3].role, Role::Unknown);
}

/// check(a page after the cursor `b`, whether it is one)
async fn check(body: &str, is_page: bool) {
    let bed = bed().await;
    bed.zendesk.tell(USERS, told(200, body)).tell(USERS, told(200, body));
    let page = bed.client.exported_users(&ExportFrom::Cursor("b".to_owned())).await;
    assert_eq!(page.is_ok(), is_page, "{body}");
}

#[tokio::test]
async fn a_page_that_does_not_say_how_it_goes_on_is_an_error() {
    check(&users(&[user(1)], &json!("c"), &json!(false)), true).await;
    check(&users(&[user(1)], &json!(null), &json!(true)), true).await;
    check(&users(&[user(1)], &json!("b"), &json!(true)), true).await;
    check(&users(&[user(1)], &json!("b"), &json!(false)), false).await;
    check(&users(&[user(1)], &json!(null), &json!(false)), false).await;
    check(&users(&[user(1)], &json!("c"), &json!("no")), false).await;
    check(r#"{"users":[],"after_cursor":"c"}"#, false).await;
    check(r#"{"after_cursor":"c","end_of_stream":true}"#, false).await;
    check(r#"{"users":[{"id":1,"upd"#, false).await;
    check("<html></html>", false).await;
}

#[tokio::test]
async fn ten_calls_a_minute_serve_all_exports_of_the_account() {
    let bed = bed().await;
    for _ in 0..20 {
        bed.zendesk.tell(USERS, told(200, &users(&[], &json!("c"), &json!(true))));
    }
    let ask = async |bed: &Bed| bed.client.clone().background().exported_users(&everything()).await;
    for _ in 0..10 {
        ask(&bed).await.expect("a page");
    }
    bed.clock.advance(TimeDelta::seconds(20));
    let error = bed.client.exported_organizations(&everything()).await.expect_err("too many");
    assert_eq!((error.kind(), error.remedy().2), (FailureKind::RateLimited, Some(Duration::from_secs(40))));
    bed.clock.advance(TimeDelta::seconds(40));
    ask(&bed).await.expect("a page");
}

#[tokio::test]
async fn the_recorded_exports_are_understood() {
    let (Some(cursor), Some(time)) =
        (recorded("incremental_users_cursor"), recorded("incremental_users_time_based"))
    else {
        return;
    };
    let bed = bed().await;
    bed.zendesk.tell(USERS, told(200, &cursor.to_string()));
    let page = bed.client.exported_users(&everything()).await.expect("a page");
    assert_eq!((page.rows.len(), page.rows.lost().len(), page.is_end), (3, 0, false));
    assert_eq!(page.cursor.as_deref(), Some("MTY5NTA3Mzk2My4wfHw2MTYzOTA5NzE2NTA2fA=="));
    // Organizations have no recording; their export has the form of this one.
    let mut body = time.clone();
    body["organizations"] = body["users"].take();
    bed.zendesk.tell(ORGANIZATIONS, told(200, &body.to_string()));
    let page = bed.client.exported_organizations(&everything()).await.expect("a page");
    assert_eq!((page.cursor.as_deref(), page.is_end), (Some("1695073963"), false));
}

#[tokio::test]
async fn addresses_come_with_their_users_or_one_by_one() {
    let bed = bed().await;
    let identity = |user: u64, value: &str| json!({"id": 1, "user_id": user, "type": "email", "value": value, "primary": false, "verified": true});
    let body =
        json!({"users": [], "identities": [identity(1, "a@example.com"), identity(2, "b@example.com")]});
    bed.zendesk.tell(SHOW, told(200, &body.to_string()));
    let found = bed.client.identities(&[UserId(1), UserId(2)]).await.expect("addresses");
    assert_eq!(
        found.iter().map(|found| found.value.as_str()).collect::<Vec<_>>(),
        ["a@example.com", "b@example.com"]
    );
    bed.zendesk.tell(SHOW, told(200, r#"{"users":[]}"#));
    let one = json!({"identities": [identity(1, "a@example.com")], "meta": {"has_more": false}});
    bed.zendesk.tell("GET /api/v2/users/1/identities", told(200, &one.to_string()));
    bed.zendesk.tell("GET /api/v2/users/2/identities", told(404, r#"{"error":"RecordNotFound"}"#));
    let found = bed.client.identities(&[UserId(1), UserId(2)]).await.expect("addresses");
    assert_eq!((found.len(), found[0].kind.as_str()), (1, "email"));
    assert!(calls(&bed.zendesk)[0].contains("show_many?ids=1%2C2&include=identities"));
}

#[tokio::test]
async fn records_are_looked_up_by_the_hundred() {
    let bed = bed().await;
    let page = |ids: std::ops::Range<u64>| {
        told(200, &json!({"users": ids.map(user).collect::<Vec<_>>()}).to_string())
    };
    bed.zendesk.tell(SHOW, page(0..100)).tell(SHOW, page(100..150));
    let ids: Vec<UserId> = (0..151).map(UserId).collect();
    assert_eq!(bed.client.user_rows(&ids).await.expect("users").len(), 150);
    let body = json!({"organizations": [{"id": 5, "updated_at": "2026-11-01T09:00:00Z"}]});
    bed.zendesk.tell("GET /api/v2/organizations/show_many", told(200, &body.to_string()));
    assert_eq!(bed.client.organization_rows(&[5, 6]).await.expect("organizations")[0].id, 5);
}

#[tokio::test]
async fn a_page_brings_the_addresses_of_its_users_where_zendesk_tells_them() {
    let bed = bed().await;
    let identity = |verified: Value| json!({"id": 1, "user_id": 1, "type": "email", "value": "u1@example.com", "primary": true, "verified": verified});
    let silent: Value = serde_json::from_str(&users(&[user(1)], &json!("a"), &json!(false))).expect("JSON");
    let mut telling = silent.clone();
    telling["identities"] = json!([identity(json!(true)), identity(json!("perhaps"))]);
    bed.zendesk.tell(USERS, told(200, &telling.to_string())).tell(USERS, told(200, &silent.to_string()));
    let page = bed.client.exported_users(&everything()).await.expect("a page");
    let identities = page.identities.expect("they are told");
    assert_eq!((identities.len(), identities.lost().len(), page.rows.len()), (1, 1, 1));
    let page = bed.client.exported_users(&everything()).await.expect("a page");
    assert!(page.identities.is_none(), "nothing said is not none");
}
