//! Triggers as records: what may be asked and done, what is refused and in which words, what a change replaces, in which order they run.

use deskside_sandbox::{Limits, Options};
use serde_json::{Value, json};

use crate::{
    client::{Desk, calm},
    conformance::shared,
    likeness::compare,
    rules::{TYPES, make_fields, option, rule, webhook, when},
};

fn row<'a>(rows: &'a Value, subject: &str) -> Option<&'a Value> {
    rows.as_array().unwrap().iter().find(|row| row["subject"] == subject)
}

#[tokio::test]
async fn definitions_are_those_recorded_for_each_type_of_field() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("fixtures/zendesk/triggers_definitions.json")).unwrap();
    let recorded = serde_json::from_str::<Value>(&text).unwrap()["response"]["body"]["definitions"].clone();
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let ours = desk.get("/api/v2/triggers/definitions.json").await.body["definitions"].clone();
    // The recorded field of each type; its values are the account's own.
    let fields = [
        ("text", "another_text_3425"),
        ("textarea", "modified_multi75_key"),
        ("regexp", "regex_6546"),
        ("integer", "numeric65"),
        ("decimal", "decimal_765_field"),
        ("date", "date6436"),
        ("dropdown", "dropdown_25"),
        ("checkbox", "this_is_a_checkbox"),
    ];
    let same = |list: &str, theirs: &str, of_ours: &str| {
        let bare = |row: Option<&Value>| {
            let mut row = row.unwrap_or_else(|| panic!("{list} has no {of_ours}")).clone();
            for own in ["subject", "title", "values"] {
                row.as_object_mut().unwrap().remove(own);
            }
            row
        };
        assert_eq!(bare(row(&ours[list], of_ours)), bare(row(&recorded[list], theirs)), "{list}: {of_ours}");
    };
    for list in ["conditions_all", "conditions_any", "actions"] {
        for (kind, key) in fields {
            let theirs = format!("requester.custom_fields.{key}");
            same(list, &theirs, &format!("requester.custom_fields.a_{kind}"));
        }
        same(list, "organization.custom_fields.dropdown_26", "organization.custom_fields.a_dropdown");
    }
    for kind in ["conditions_all", "actions"] {
        for known in ours[kind].as_array().unwrap() {
            let subject = known["subject"].as_str().unwrap();
            if !subject.contains("custom_fields") {
                same(kind, subject, subject);
            }
        }
    }
    let options =
        row(&ours["conditions_all"], "requester.custom_fields.a_dropdown").unwrap()["values"].clone();
    let gold = option(&desk, "user_fields", "gold").await;
    assert_eq!(options[0], json!({"value": "__NULL__", "title": "-", "enabled": true}));
    assert_eq!(options[1], json!({"value": gold, "title": "GOLD", "enabled": true}));
    assert_eq!(TYPES.len(), fields.len());
}

#[tokio::test]
async fn a_made_trigger_looks_as_recorded_and_unknown_keys_are_named() {
    let desk = Desk::open(calm()).await;
    let body = json!({"trigger": {"title": "my test trigger", "output": null, "colour": "red",
        "conditions": {"all": [when("status", "is", "open")]}, "actions": [{"field": "status", "value": "solved"}]}});
    let made = desk.call("POST", "/api/v2/triggers.json", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        made.header("x-zendesk-api-warn"),
        r#"Removed restricted keys ["colour", "output"] from parameters according to whitelist"#
    );
    assert!(made.body["trigger"].get("output").is_none());
    let Some(shared) = shared() else { return };
    for (recording, answer, key) in [
        ("trigger_create_201", made.body, "trigger"),
        ("triggers_list", desk.get("/api/v2/triggers").await.body, "triggers"),
        ("trigger_categories_list", desk.get("/api/v2/trigger_categories").await.body, "trigger_categories"),
    ] {
        let text =
            std::fs::read_to_string(shared.join(format!("fixtures/zendesk/{recording}.json"))).unwrap();
        let recorded = serde_json::from_str::<Value>(&text).unwrap()["response"]["body"][key].clone();
        let (mut wrong, mut ours) = (Vec::new(), answer[key].clone());
        for row in ours.as_array_mut().into_iter().flatten() {
            row.as_object_mut().unwrap().remove("default"); // older recordings have it not
        }
        compare(recording, &recorded, &ours, &mut wrong);
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// What a refusal says.
fn reasons(body: &Value) -> Vec<&str> {
    assert_eq!(body["error"], "RecordInvalid", "{body}");
    assert_eq!(body["description"], "Record validation errors");
    let details = body["details"].as_object().unwrap();
    details
        .values()
        .flat_map(|rows| rows.as_array().unwrap())
        .map(|row| row["description"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_does_not_fit_the_definitions_is_refused_in_recorded_words() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let tag = json!([{"field": "current_tags", "value": "hit"}]);
    let field = |kind: &str| format!("requester.custom_fields.a_{kind}");
    let gold = option(&desk, "user_fields", "gold").await;
    for (condition, why) in [
        (when("current_via_id", "is_not", "web"), "Invalid value 'web' in 'Update via / Is not / web'"),
        (when("nothing", "is", "1"), "Invalid field 'nothing' in 'nothing / is / 1'"),
        (
            when(&field("none"), "is", "1"),
            "Invalid field 'requester.custom_fields.a_none' in 'requester.custom_fields.a_none / is / 1'",
        ),
        (
            when("requester.custom_fields.A_text", "is", "1"),
            "Invalid field 'requester.custom_fields.A_text' in 'requester.custom_fields.A_text / is / 1'",
        ),
        (when(&field("text"), "less_than", "1"), "Invalid operator 'less_than' in 'A text / less_than / 1'"),
        (
            when(&field("decimal"), "includes_words", "1"),
            "Invalid operator 'includes_words' in 'A decimal / includes_words / 1'",
        ),
        (when(&field("decimal"), "changed", ""), "Invalid operator 'changed' in 'A decimal / changed / '"),
        (when(&field("checkbox"), "present", ""), "Invalid operator 'present' in 'A checkbox / present / '"),
        (
            when(&field("decimal"), "greater_than", "many"),
            "Invalid value 'many' in 'A decimal / Greater than / many'",
        ),
        (when(&field("decimal"), "greater_than", ""), "Invalid value '' in 'A decimal / Greater than / '"),
        (when(&field("text"), "is", Value::Null), "Invalid value '' in 'A text / Is / '"),
        (
            when(&field("date"), "less_than", "22/11/2026"),
            "Invalid value '22/11/2026' in 'A date / Before / 22/11/2026'",
        ),
        (
            when(&field("date"), "within_next_n_days", "-1"),
            "Invalid value '-1' in 'A date / Is within the next / -1'",
        ),
        (when(&field("dropdown"), "is", "gold"), "Invalid value 'gold' in 'A dropdown / Is / gold'"),
        (when(&field("dropdown"), "is", "12345"), "Invalid value '12345' in 'A dropdown / Is / 12345'"),
        (when(&field("checkbox"), "is", "yes"), "Invalid value 'yes' in 'A checkbox / Is / yes'"),
        (when("priority", "is", "very high"), "Invalid value 'very high' in 'Priority / Is / very high'"),
        (when("group_id", "is", "77"), "Group 77 was deleted and cannot be used"),
        (when("organization_id", "is", "1"), "Organization 1 was deleted and cannot be used"),
        (when("assignee_id", "is", "77"), "User 77 was deleted and cannot be used"),
        (
            when("current_tags", "includes", ""),
            "Invalid value '' in 'Tags / Contains at least one of the following / '",
        ),
    ] {
        let answer = desk.call("POST", "/api/v2/triggers", rule(json!([condition]), tag.clone())).await;
        assert_eq!((answer.status, reasons(&answer.body)), (422, vec![why]), "{condition}");
    }
    for fits in [
        when(&field("dropdown"), "is", gold.as_str()),
        when(&field("dropdown"), "is", "__NULL__"),
        when(&field("date"), "present", Value::Null),
        when("comment_is_public", "is", true),
        when("assignee_id", "changed", Value::Null),
        when("group_id", "is_not", ""),
    ] {
        desk.done("POST", "/api/v2/triggers", rule(json!([fits]), tag.clone())).await;
    }
}

#[tokio::test]
async fn actions_that_cannot_be_done_are_refused() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let of_events = webhook(&desk, "http://127.0.0.1:9/none", &["zen:event-type:user.created"]).await;
    let of_triggers = webhook(&desk, "http://127.0.0.1:9/none", &["conditional_ticket_events"]).await;
    let action = |field: &str, value: Value| json!([{"field": field, "value": value}]);
    let refused = [
        (json!([]), "Trigger must have at least one action".to_owned()),
        (action("explode", json!("1")), "Invalid field 'explode' in 'explode / 1'".into()),
        (action("current_tags", json!("")), "Invalid value '' in 'Add tags / '".into()),
        (
            json!([{"field": "current_tags", "value": "a"}, {"field": "current_tags", "value": "b"}]),
            "Action 'Add tags' can be used only once".into(),
        ),
        (
            action("notification_webhook", json!(of_triggers)),
            format!("Invalid value '{of_triggers}' in 'Notify active webhook / {of_triggers}'"),
        ),
        (
            action("notification_webhook", json!(["01NOBODY", "{}"])),
            "Invalid value '01NOBODY {}' in 'Notify active webhook / 01NOBODY {}'".into(),
        ),
        (
            action("notification_webhook", json!([of_events, "{}"])),
            format!("Invalid value '{of_events}' in 'Notify active webhook / {of_events}'"),
        ),
        (
            action("notification_user", json!(["77", "s", "b"])),
            "User 77 was deleted and cannot be used".into(),
        ),
        (
            action("notification_group", json!(["77", "s", "b"])),
            "Group 77 was deleted and cannot be used".into(),
        ),
        (
            action("notification_user", json!(["all_agents", "s"])),
            "Invalid value 'all_agents s' in 'Email user / all_agents s'".into(),
        ),
        (action("priority", json!("highest")), "Invalid value 'highest' in 'Priority / highest'".into()),
        (action("assignee_id", json!("77")), "User 77 was deleted and cannot be used".into()),
        (
            action("requester.custom_fields.a_dropdown", json!("gold")),
            "Invalid value 'gold' in 'A dropdown / gold'".into(),
        ),
    ];
    for (actions, why) in refused {
        let answer = desk.call("POST", "/api/v2/triggers", rule(json!([]), actions.clone())).await;
        assert_eq!((answer.status, reasons(&answer.body)), (422, vec![why.as_str()]), "{actions}");
    }
    let large = "x".repeat(66_000);
    let body = rule(json!([]), action("notification_webhook", json!([of_triggers, large])));
    assert_eq!(desk.call("POST", "/api/v2/triggers", body).await.status, 422);
    let mut body = rule(json!([]), action("current_tags", json!("a")));
    for (category, status) in
        [(json!(6_130_869_158_682_u64), 422), (json!("77"), 422), (json!("6130869158682"), 201)]
    {
        body["trigger"]["category_id"] = category;
        assert_eq!(desk.call("POST", "/api/v2/triggers", body.clone()).await.status, status);
    }
}

#[tokio::test]
async fn changing_a_rule_replaces_all_of_it_and_other_changes_leave_it() {
    let desk = Desk::open(calm()).await;
    let tag = json!([{"field": "current_tags", "value": "hit"}]);
    let made =
        desk.done("POST", "/api/v2/triggers", rule(json!([when("status", "is", "open")]), tag.clone())).await;
    let path = format!("/api/v2/triggers/{}", made["trigger"]["id"]);
    let renamed = desk.done("PUT", &path, json!({"trigger": {"title": "New", "active": false}})).await;
    assert_eq!(renamed["trigger"]["conditions"], made["trigger"]["conditions"]);
    assert_eq!(
        (&renamed["trigger"]["raw_title"], &renamed["trigger"]["active"]),
        (&json!("New"), &json!(false))
    );
    let replaced = desk.done("PUT", &path, json!({"trigger": {"actions": tag}})).await;
    assert_eq!(replaced["trigger"]["conditions"], json!({"all": [], "any": []}), "conditions were not sent");
    let bare = json!({"trigger": {"conditions": {"all": [when("status", "is", "open")]}}});
    let answer = desk.call("PUT", &path, bare).await;
    assert_eq!((answer.status, reasons(&answer.body)), (422, vec!["Trigger must have at least one action"]));
    assert_eq!(desk.get(&path).await.body, replaced, "a refused change is none");
}

#[tokio::test]
async fn a_new_trigger_is_last_and_can_be_moved() {
    let desk = Desk::open(calm()).await;
    let mut ids = Vec::new();
    for tag in ["a", "b", "c"] {
        let made = desk
            .done(
                "POST",
                "/api/v2/triggers",
                rule(json!([]), json!([{"field": "current_tags", "value": tag}])),
            )
            .await;
        ids.push(made["trigger"]["id"].clone());
    }
    let order = async || {
        let all = desk.get("/api/v2/triggers").await.body["triggers"].clone();
        all.as_array()
            .unwrap()
            .iter()
            .map(|row| (row["id"].clone(), row["position"].clone()))
            .collect::<Vec<_>>()
    };
    let placed = |of: [usize; 3]| {
        of.iter().zip(1..).map(|(at, place)| (ids[*at].clone(), json!(place))).collect::<Vec<_>>()
    };
    assert_eq!(order().await, placed([0, 1, 2]));
    desk.done("PUT", &format!("/api/v2/triggers/{}", ids[2]), json!({"trigger": {"position": 1}})).await;
    assert_eq!(order().await, placed([2, 0, 1]));
    desk.done("PUT", &format!("/api/v2/triggers/{}", ids[0]), json!({"trigger": {"active": false}})).await;
    let active = desk.get("/api/v2/triggers/active").await.body;
    assert_eq!((active["count"].clone(), active["triggers"][0]["id"].clone()), (json!(2), ids[2].clone()));
    assert_eq!(desk.get("/api/v2/triggers?active=false").await.body["count"], 1);
}

#[tokio::test]
async fn definitions_may_lag_behind_a_new_field() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let condition = json!([when("requester.custom_fields.a_text", "present", "")]);
    let body = rule(condition, json!([{"field": "current_tags", "value": "a"}]));
    for (lags, status) in [(true, 422), (false, 201)] {
        desk.sandbox.handle().lag_definitions("A_text", lags);
        assert_eq!(desk.call("POST", "/api/v2/triggers", body.clone()).await.status, status);
    }
}

#[tokio::test]
async fn only_so_many_triggers_are_active() {
    let limits = Limits { active_triggers: 2, ..Limits::relaxed() };
    let desk = Desk::open(Options { limits, ..calm() }).await;
    assert_eq!(Limits::default().active_triggers, 7_000);
    let body = rule(json!([]), json!([{"field": "current_tags", "value": "a"}]));
    for status in [201, 201, 422] {
        assert_eq!(desk.call("POST", "/api/v2/triggers", body.clone()).await.status, status);
    }
    let mut inactive = body.clone();
    inactive["trigger"]["active"] = json!(false);
    let made = desk.done("POST", "/api/v2/triggers", inactive).await;
    let path = format!("/api/v2/triggers/{}", made["trigger"]["id"]);
    assert_eq!(desk.call("PUT", &path, json!({"trigger": {"active": true}})).await.status, 422);
}

#[tokio::test]
async fn definitions_are_for_admins_and_a_plan_may_have_no_rules() {
    let desk = Desk::open(calm()).await.at_workspace_of(9002).await;
    assert_eq!(desk.get("/api/v2/triggers/definitions").await.status, 403);
    assert_eq!(desk.get("/api/v2/triggers").await.status, 200);
    let desk = Desk::open(Options { business_rules: false, ..calm() }).await;
    for path in
        ["/api/v2/triggers/definitions", "/api/v2/triggers", "/api/v2/webhooks", "/api/v2/trigger_categories"]
    {
        let answer = desk.get(path).await;
        assert_eq!((answer.status, &answer.body["error"]), (404, &json!("InvalidEndpoint")), "{path}");
    }
}
