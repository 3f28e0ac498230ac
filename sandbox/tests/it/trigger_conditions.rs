//! Every operator of every type of field, over HTTP: a trigger of one condition fires, or it does not.

use serde_json::{Value, json};

use crate::{
    client::{Desk, calm},
    rules::{hits, make_fields, option, when},
};

/// Type, the field's value, operator, the condition's value, whether it fires. Today is 2026-11-22, 21:00 in the account's zone.
const FIELDS: &[(&str, &str, &str, &str, bool)] = &[
    ("text", "Acme Ltd", "is", "Acme Ltd", true),
    ("text", "Acme Ltd", "is", "acme ltd", false),
    ("text", "Acme Ltd", "is_not", "Acme", true),
    ("text", "", "is_not", "Acme", true),
    ("text", "Acme Ltd", "present", "", true),
    ("text", "", "present", "", false),
    ("text", "Acme Ltd", "not_present", "", false),
    ("text", "", "not_present", "", true),
    ("text", "Acme Ltd", "includes_words", "ltd inc", true),
    ("text", "Acme Ltd", "includes_words", "lt inc", false),
    ("text", "Acme Ltd", "not_includes_words", "ltd inc", false),
    ("text", "", "not_includes_words", "ltd inc", true),
    ("text", "Acme Ltd", "includes_string", "me l", true),
    ("text", "Acme Ltd", "includes_string", "mel", false),
    ("text", "Acme Ltd", "not_includes_string", "mel", true),
    ("textarea", "a\nb", "includes_words", "b", true),
    ("textarea", "a\nb", "is", "b", false),
    ("regexp", "AB-1", "is", "AB-1", true),
    ("regexp", "AB-1", "includes_string", "ab-", true),
    ("integer", "7", "is", "7", true),
    ("integer", "7", "is", "7.0", true),
    ("integer", "7", "is_not", "8", true),
    ("integer", "7", "is_not", "7", false),
    ("integer", "7", "less_than", "7", false),
    ("integer", "7", "less_than", "10", true),
    ("integer", "7", "less_than_equal", "7", true),
    ("integer", "7", "greater_than", "7", false),
    ("integer", "70", "greater_than", "8", true),
    ("integer", "7", "greater_than_equal", "7", true),
    ("integer", "0", "present", "", true),
    ("integer", "", "not_present", "", true),
    ("decimal", "99999.99", "greater_than_equal", "100000", false),
    ("decimal", "100000", "greater_than_equal", "100000", true),
    ("decimal", "0.1", "is", "0.10", true),
    ("decimal", "-1", "less_than", "0", true),
    ("decimal", "-1", "greater_than", "0", false),
    ("decimal", "", "less_than", "1", false),
    ("decimal", "", "is_not", "1", false),
    ("decimal", "", "greater_than_equal", "0", false),
    ("decimal", "", "present", "", false),
    ("decimal", "", "not_present", "", true),
    ("date", "2026-11-22", "is", "2026-11-22", true),
    ("date", "2026-11-22", "is_not", "2026-11-22", false),
    ("date", "2026-11-22", "is_not", "2026-11-23", true),
    ("date", "2026-11-22", "less_than", "2026-11-22", false),
    ("date", "2026-11-22", "less_than", "2026-11-23", true),
    ("date", "2026-11-22", "less_than_equal", "2026-11-22", true),
    ("date", "2026-11-22", "greater_than", "2026-11-22", false),
    ("date", "2026-11-22", "greater_than", "2026-11-21", true),
    ("date", "2026-11-22", "greater_than_equal", "2026-11-22", true),
    ("date", "2026-11-22", "within_previous_n_days", "1", true),
    ("date", "2026-08-25", "within_previous_n_days", "90", true),
    ("date", "2026-08-24", "within_previous_n_days", "90", false),
    ("date", "2026-11-23", "within_previous_n_days", "90", false),
    ("date", "2026-11-23", "within_next_n_days", "1", true),
    ("date", "2026-12-22", "within_next_n_days", "30", true),
    ("date", "2026-12-23", "within_next_n_days", "30", false),
    ("date", "2026-11-22", "within_next_n_days", "30", false),
    ("date", "2026-11-22", "present", "", true),
    ("date", "", "present", "", false),
    ("date", "", "not_present", "", true),
    ("date", "", "is_not", "2026-11-22", false),
    ("date", "", "less_than", "2026-11-22", false),
    ("date", "", "within_previous_n_days", "90", false),
    ("date", "", "within_next_n_days", "90", false),
    ("dropdown", "gold", "is", "gold", true),
    ("dropdown", "gold", "is", "silver", false),
    ("dropdown", "gold", "is_not", "silver", true),
    ("dropdown", "", "is_not", "silver", true),
    ("dropdown", "", "is", "silver", false),
    ("dropdown", "", "is", "__NULL__", true),
    ("dropdown", "gold", "is", "__NULL__", false),
    ("dropdown", "gold", "is_not", "__NULL__", true),
    ("dropdown", "gold", "present", "", true),
    ("dropdown", "", "not_present", "", true),
    ("checkbox", "true", "is", "true", true),
    ("checkbox", "true", "is", "false", false),
    ("checkbox", "", "is", "false", true),
    ("checkbox", "", "is", "true", false),
];

/// The tags of a new ticket of this requester.
async fn tags_of_new(desk: &Desk, requester: &Value) -> Value {
    let ticket = json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "requester_id": requester}});
    let made = desk.done("POST", "/api/v2/tickets", ticket).await;
    desk.sandbox.handle().ticket(made["ticket"]["id"].as_u64().unwrap()).unwrap()["tags"].clone()
}

/// What the condition's value is: an option by its id.
async fn value_of(desk: &Desk, many: &str, kind: &str, wanted: &str) -> String {
    match (kind, wanted) {
        ("dropdown", "gold" | "silver") => option(desk, many, wanted).await,
        _ => wanted.to_owned(),
    }
}

#[tokio::test]
async fn every_operator_of_every_type_of_field_of_the_requester() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let user = json!({"user": {"name": "Customer", "email": "one@example.com", "skip_verify_email": true}});
    let user = desk.done("POST", "/api/v2/users", user).await["user"]["id"].clone();
    for (kind, value, operator, wanted, fires) in FIELDS {
        let fields = json!({"user": {"user_fields": { format!("A_{kind}"): value }}});
        desk.done("PUT", &format!("/api/v2/users/{user}"), fields).await;
        let wanted = value_of(&desk, "user_fields", kind, wanted).await;
        let condition = when(&format!("requester.custom_fields.a_{kind}"), operator, wanted.as_str());
        let trigger = hits(&desk, json!([condition])).await;
        let tags = tags_of_new(&desk, &user).await;
        assert_eq!(tags == json!(["hit"]), *fires, "{kind}: {value:?} {operator} {wanted:?}");
        desk.done("DELETE", &trigger, json!({})).await;
    }
}

#[tokio::test]
async fn every_operator_of_fields_of_the_organization_and_none_without_one() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let made =
        desk.done("POST", "/api/v2/organizations", json!({"organization": {"name": "Of tests"}})).await;
    let organization = made["organization"]["id"].clone();
    let user =
        json!({"user": {"name": "Member", "email": "one@example.com", "organization_id": organization}});
    let member = desk.done("POST", "/api/v2/users", user).await["user"]["id"].clone();
    let user = json!({"user": {"name": "Loner", "email": "two@example.com"}});
    let loner = desk.done("POST", "/api/v2/users", user).await["user"]["id"].clone();
    for (kind, value, operator, wanted, fires) in FIELDS {
        let fields = json!({"organization": {"organization_fields": { format!("A_{kind}"): value }}});
        desk.done("PUT", &format!("/api/v2/organizations/{organization}"), fields).await;
        let wanted = value_of(&desk, "organization_fields", kind, wanted).await;
        let condition = when(&format!("organization.custom_fields.a_{kind}"), operator, wanted.as_str());
        let trigger = hits(&desk, json!([condition])).await;
        let tags = tags_of_new(&desk, &member).await;
        assert_eq!(tags == json!(["hit"]), *fires, "{kind}: {value:?} {operator} {wanted:?}");
        assert_eq!(
            tags_of_new(&desk, &loner).await,
            json!([]),
            "{kind}: {operator}, without an organization"
        );
        desk.done("DELETE", &trigger, json!({})).await;
    }
}

/// Field, operator, value, whether it fires for ticket 42 (open, high, billing, assigned) when it becomes pending and urgent, with an
/// internal note of the admin, and the tag `vip`.
const UPDATES: &[(&str, &str, &str, bool)] = &[
    ("status", "is", "pending", true),
    ("status", "is_not", "open", true),
    ("status", "less_than", "solved", true),
    ("status", "less_than", "pending", false),
    ("status", "greater_than", "open", true),
    ("status", "changed", "", true),
    ("status", "not_changed", "", false),
    ("status", "value", "pending", true),
    ("status", "value", "open", false),
    ("status", "value_previous", "open", true),
    ("status", "value_previous", "pending", false),
    ("status", "not_value", "solved", true),
    ("status", "not_value_previous", "open", false),
    ("priority", "is", "urgent", true),
    ("priority", "greater_than", "high", true),
    ("priority", "greater_than", "urgent", false),
    ("priority", "less_than", "urgent", false),
    ("priority", "value_previous", "high", true),
    ("priority", "changed", "", true),
    ("type", "is", "__NULL__", true),
    ("type", "not_changed", "", true),
    ("assignee_id", "is", "9002", true),
    ("assignee_id", "is_not", "", true),
    ("assignee_id", "is", "current_user", false),
    ("assignee_id", "not_changed", "", true),
    ("assignee_id", "changed", "", false),
    ("group_id", "is", "9101", true),
    ("requester_id", "is_not", "current_user", true),
    ("organization_id", "is", "__NULL__", false),
    ("current_tags", "includes", "vip other", true),
    ("current_tags", "includes", "other", false),
    ("current_tags", "not_includes", "other another", true),
    ("current_tags", "not_includes", "billing other", false),
    ("update_type", "is", "Change", true),
    ("update_type", "is", "Create", false),
    ("role", "is", "agent", true),
    ("role", "is", "end_user", false),
    ("role", "is_not", "end_user", true),
    ("role", "is", "9001", true),
    ("requester_role", "is", "0", true),
    ("comment_is_public", "is", "true", false),
    ("comment_is_public", "is", "false", true),
    ("comment_is_public", "is", "not_relevant", true),
    ("comment_is_public", "is", "requester_can_see_comment", false),
    ("ticket_is_public", "is", "public", true),
    ("via_id", "is", "4", true),
    ("via_id", "is_not", "4", false),
    ("current_via_id", "is", "5", true),
    ("comment_includes_word", "includes", "paged", true),
    ("comment_includes_word", "is_not", "paged now", true),
    ("subject_includes_word", "not_includes", "invoice", true),
];

#[tokio::test]
async fn every_operator_of_what_a_ticket_has() {
    for (field, operator, value, fires) in UPDATES {
        let desk = Desk::open(calm()).await;
        hits(&desk, json!([when(field, operator, *value)])).await;
        let update = json!({"ticket": {"status": "pending", "priority": "urgent", "additional_tags": ["vip"],
                                       "comment": {"body": "Nobody was paged", "public": false}}});
        desk.done("PUT", "/api/v2/tickets/42", update).await;
        let tags = desk.sandbox.handle().ticket(42).unwrap()["tags"].clone();
        assert_eq!(tags.as_array().unwrap().contains(&json!("hit")), *fires, "{field} {operator} {value:?}");
    }
}

#[tokio::test]
async fn a_new_ticket_changed_whatever_it_has() {
    let desk = Desk::open(calm()).await;
    for (field, operator, value, fires) in [
        ("priority", "changed", "", true),
        ("priority", "value", "urgent", true),
        ("priority", "value_previous", "low", false),
        ("priority", "not_changed", "", false),
        ("assignee_id", "changed", "", false),
        ("assignee_id", "not_changed", "", true),
        ("type", "is", "", true),
        ("update_type", "is", "Create", true),
        ("comment_is_public", "is", "true", true),
    ] {
        let trigger = hits(&desk, json!([when(field, operator, value)])).await;
        let ticket = json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "priority": "urgent"}});
        let made = desk.done("POST", "/api/v2/tickets", ticket).await;
        let id = made["ticket"]["id"].as_u64().unwrap();
        let tags = desk.sandbox.handle().ticket(id).unwrap()["tags"].clone();
        assert_eq!(tags == json!(["hit"]), fires, "{field} {operator} {value:?}");
        desk.done("DELETE", &trigger, json!({})).await;
    }
}

#[tokio::test]
async fn all_conditions_of_all_and_one_of_any() {
    let desk = Desk::open(calm()).await;
    let urgent = when("priority", "is", "urgent");
    let (created, closed) = (when("update_type", "is", "Create"), when("status", "is", "closed"));
    for (all, any, fires) in [
        (json!([urgent, created]), json!([]), true),
        (json!([urgent, closed]), json!([]), false),
        (json!([urgent]), json!([closed, created]), true),
        (json!([urgent]), json!([closed]), false),
        (json!([]), json!([created, closed]), true),
        (json!([]), json!([closed]), false),
    ] {
        let body = json!({"trigger": {"title": "t", "conditions": {"all": all, "any": any},
                                      "actions": [{"field": "set_tags", "value": "hit"}]}});
        let trigger = desk.done("POST", "/api/v2/triggers", body).await["trigger"]["id"].clone();
        let ticket = json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "priority": "urgent"}});
        let made = desk.done("POST", "/api/v2/tickets", ticket).await["ticket"]["id"].as_u64().unwrap();
        let tags = desk.sandbox.handle().ticket(made).unwrap()["tags"].clone();
        assert_eq!(tags == json!(["hit"]), fires, "{all} {any}");
        desk.done("DELETE", &format!("/api/v2/triggers/{trigger}"), json!({})).await;
    }
}
