//! Every list of Zendesk's with one field at a time of an odd type: no other row changes, and the list never fails.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::recordings::recorded;
use crate::connectors::zendesk::records::SYNCED;
use crate::connectors::zendesk::types::LENIENT;
use crate::connectors::zendesk::{
    AttachmentId, Comment, Comments, CustomField, FoundTicket, Identity, MalwareScan, OrganizationRow,
    Ticket, TicketId, TicketRestriction, Trigger, User, UserRow, Webhook,
};
use crate::connectors::{Lenient, Rows};

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(array) => array.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(value, &here, all);
        all.push(here);
    }
}

/// The list with this place of its second row changed; `None`: taken away.
fn with(list: &Value, place: &str, odd: Option<&Value>) -> Value {
    let mut list = list.clone();
    if let Some(odd) = odd {
        *list[1].pointer_mut(place).expect("it is there") = odd.clone();
        return list;
    }
    let (parent, name) = place.rsplit_once('/').expect("a pointer");
    match list[1].pointer_mut(parent).expect("it is there") {
        Value::Object(object) => drop(object.remove(&name.replace("~1", "/").replace("~0", "~"))),
        Value::Array(array) => drop(array.remove(name.parse().expect("a number"))),
        _ => {}
    }
    list
}

/// Changes every place of the row, each in every way: how many lists were read.
#[track_caller]
fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(
    lenient: &Lenient,
    name: &str,
    row: &Value,
) -> usize {
    let list = json!([row, row, row]);
    let whole: Rows<T> = lenient.rows(name, list.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!((whole.len(), whole.lost_parts().len()), (3, 0), "{name}: {row}");
    let mut all = Vec::new();
    places(row, "", &mut all);
    let odd =
        [json!(null), json!(-1), json!("odd"), json!([]), json!([7]), json!({}), json!(1.5), json!(true)];
    for place in &all {
        for odd in odd.iter().map(Some).chain([None]) {
            let read: Rows<T> = lenient
                .rows(name, with(&list, place, odd))
                .unwrap_or_else(|error| panic!("{name} {place} {odd:?}: {error}"));
            let ends = |rows: &Rows<T>| format!("{:?} {:?}", rows.first(), rows.last());
            assert_eq!(ends(&read), ends(&whole), "{name} {place} {odd:?}");
            assert_eq!(read.len() + read.lost().len(), 3, "{name} {place} {odd:?}");
        }
    }
    all.len() * (odd.len() + 1)
}

fn comment() -> Value {
    json!({
        "id": 420, "type": "Comment", "author_id": 77, "body": "hello", "html_body": "<p>hello</p>", "public": true,
        "created_at": "2026-11-01T09:00:00Z", "via": {"channel": "email", "source": {"from": {"address": "a@b.example"}}},
        "attachments": [{"id": 9, "file_name": "a.pdf", "content_url": "https://acme.example/9", "content_type":
            "application/pdf", "size": 10, "inline": false, "deleted": false, "malware_scan_result":
            "malware_not_found", "malware_access_override": false, "thumbnails": []}, {"id": 10, "size": 3}],
    })
}

#[test]
fn one_odd_field_costs_no_other_row_of_any_list() {
    let user = json!({
        "id": 77, "name": "Mina", "email": "mina@example.com", "phone": null, "role": "agent", "suspended": false,
        "active": true, "locale": "ja", "organization_id": 5, "restricted_agent": true, "ticket_restriction": "groups",
        "tags": ["vip"], "user_fields": {"mrr": 5, "since": null},
    });
    let ticket = json!({
        "id": 42, "subject": "s", "status": "open", "priority": "low", "requester_id": 77, "assignee_id": null,
        "group_id": 3, "organization_id": 5, "tags": ["a", "b"], "updated_at": "2026-11-01T09:00:00Z",
    });
    check::<Comment>(&LENIENT, "comments", &comment());
    check::<User>(&LENIENT, "users", &user);
    check::<Ticket>(&LENIENT, "tickets", &ticket);
    check::<FoundTicket>(&LENIENT, "results", &json!({"id": 1, "result_type": "ticket"}));
    check::<CustomField>(
        &LENIENT,
        "user_fields",
        &json!({"key": "mrr", "title": "MRR", "type": "decimal", "active": true}),
    );
    let dropdown = json!({"id": 7, "key": "plan", "title": "Plan", "type": "dropdown", "active": true, "system": false,
        "custom_field_options": [{"id": 1, "name": "Free", "value": "free"}], "tag": null});
    check::<CustomField>(&LENIENT, "user_fields", &dropdown);
    let synced = json!({"id": 7, "email": "a@example.com", "name": "A", "role": "end-user", "external_id": "x",
        "organization_id": 5, "suspended": false, "active": true, "updated_at": "2026-11-01T09:00:00Z",
        "user_fields": {"mrr": 5, "since": null}});
    check::<UserRow>(&SYNCED, "users", &synced);
    let organization = json!({"id": 5, "name": "O", "external_id": 12, "domain_names": ["example.com"], "deleted_at": null,
        "updated_at": "2026-11-01T09:00:00Z", "organization_fields": {"plan": "free"}});
    check::<OrganizationRow>(&SYNCED, "organizations", &organization);
    let identity = json!({"id": 1, "user_id": 7, "type": "email", "value": "a@example.com", "primary": true, "verified": true});
    check::<Identity>(&SYNCED, "identities", &identity);
    let webhook = json!({"id": "01", "name": "n", "status": "active", "endpoint": "https://a.example", "http_method":
        "POST", "request_format": "json", "subscriptions": ["conditional_ticket_events"]});
    check::<Webhook>(&LENIENT, "webhooks", &webhook);
    let trigger = json!({"id": 1, "title": "t", "active": true, "conditions": {"all": [{"field": "a", "operator":
        "is", "value": "b"}], "any": []}, "actions": [{"field": "x", "value": ["01", "{}"]}]});
    check::<Trigger>(&LENIENT, "triggers", &trigger);
}

#[test]
fn one_odd_field_in_any_recorded_list_costs_no_other_row() {
    let mut tried = 0;
    let mut each = |recording: &str, member: &str, check: &dyn Fn(&Value) -> usize| {
        let Some(body) = recorded(recording) else { return };
        let rows = body[member].as_array().unwrap_or_else(|| panic!("{recording} has no {member}"));
        tried += rows.iter().take(3).map(check).sum::<usize>();
    };
    each("ticket_comments_list_with_attachment", "comments", &|row| {
        check::<Comment>(&LENIENT, "comments", row)
    });
    for list in ["users_list_page", "incremental_users_cursor", "incremental_users_time_based"] {
        each(list, "users", &|row| check::<User>(&LENIENT, "users", row));
        each(list, "users", &|row| check::<UserRow>(&SYNCED, "users", row));
    }
    each("tickets_list_page", "tickets", &|row| check::<Ticket>(&LENIENT, "tickets", row));
    each("search_export_cursor", "results", &|row| check::<FoundTicket>(&LENIENT, "results", row));
    each("user_fields_list_all_types", "user_fields", &|row| {
        check::<CustomField>(&LENIENT, "user_fields", row)
    });
    each("organization_fields_list", "organization_fields", &|row| {
        check::<CustomField>(&LENIENT, "organization_fields", row)
    });
    each("webhook_list", "webhooks", &|row| check::<Webhook>(&LENIENT, "webhooks", row));
    each("triggers_list", "triggers", &|row| check::<Trigger>(&LENIENT, "triggers", row));
    if tried == 0 {
        eprintln!("no recordings are at hand: only the samples were tried");
    }
}

fn one<T: DeserializeOwned>(name: &str, row: Value) -> T {
    LENIENT.object(name, row).expect("it is read")
}

#[test]
fn what_cannot_be_read_permits_nothing() {
    for odd in [json!(-1), json!([]), json!({})] {
        let user: User = one(
            "user",
            json!({"id": 1, "role": "agent", "suspended": odd, "active": odd, "restricted_agent": odd, "ticket_restriction": odd}),
        );
        assert!(user.suspended && !user.active && user.restricted_agent, "{odd}");
        assert_eq!(user.ticket_restriction, Some(TicketRestriction::Unknown), "{odd}");
        let mut row = comment();
        for field in ["malware_scan_result", "inline", "malware_access_override", "deleted"] {
            row["attachments"][0][field] = odd.clone();
        }
        (row["author_id"], row["public"]) = (odd.clone(), odd.clone());
        let comment: Comment = one("comment", row);
        let file = &comment.attachments[0];
        assert_eq!(file.malware_scan_result, MalwareScan::NotScanned, "{odd}");
        assert!(file.inline && !file.malware_access_override && !file.deleted, "{odd}");
        assert_eq!((comment.author_id, comment.public), (None, true), "{odd}");
    }
    for tags in [json!(-1), json!({}), json!("vip"), json!(null), json!(["vip", 7])] {
        let row = json!({"id": 1, "updated_at": "2026-11-01T09:00:00Z", "tags": tags});
        assert!(one::<Ticket>("ticket", row).known_tags().is_err(), "{tags}");
    }
}

/// What is listed and cannot be read is not gone.
#[tokio::test]
async fn an_attachment_in_a_row_that_cannot_be_read_is_not_gone() {
    let hidden = async |change: &dyn Fn(&mut Value)| -> [bool; 2] {
        let bed = super::bed().await;
        let mut row = comment();
        change(&mut row);
        let body = json!({"comments": [row], "meta": {"has_more": false}}).to_string();
        bed.zendesk.tell("GET /api/v2/tickets/42/comments", crate::connectors::stub::told(200, &body));
        let comments: Comments = bed.client.comments(TicketId(42)).await.expect("a list");
        [9, 10].map(|id| {
            let is_listed =
                comments.iter().any(|comment| comment.attachments.iter().any(|file| file.id.0 == id));
            !is_listed && comments.may_hide(AttachmentId(id))
        })
    };
    assert_eq!(hidden(&|_| {}).await, [false, false]);
    assert_eq!(hidden(&|row| row["attachments"] = json!([])).await, [false, false], "both are gone");
    assert_eq!(hidden(&|row| row["attachments"][0]["size"] = json!("10")).await, [true, false]);
    assert_eq!(
        hidden(&|row| row["attachments"][0]["id"] = json!("9")).await,
        [true, false],
        "any that is not listed"
    );
    assert_eq!(hidden(&|row| row["id"] = json!(-1)).await, [true, true]);
    assert_eq!(hidden(&|row| row["created_at"] = json!(null)).await, [true, true]);
    for odd in [json!(null), json!(-1), json!("none"), json!({})] {
        assert_eq!(hidden(&|row| row["attachments"] = odd.clone()).await, [true, true], "{odd}");
    }
    assert_eq!(
        hidden(&|row| drop(row.as_object_mut().expect("it is one").remove("attachments"))).await,
        [true, true]
    );
    assert_eq!(hidden(&|row| *row = json!("a comment")).await, [true, true]);
    let deleted = |row: &mut Value| row["attachments"][0] = json!({"id": 9, "size": null, "deleted": true});
    assert_eq!(hidden(&deleted).await, [false, false], "Zendesk says that it is gone");
}
