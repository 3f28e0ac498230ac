//! What triggers do: to the ticket, to fields, to people's mail, to webhooks; in order, and once per update.

use serde_json::{Value, json};

use crate::{
    client::{Desk, calm},
    rules::{endpoint, make_fields, option, rule, webhook, when},
};

async fn trigger(desk: &Desk, all: Value, actions: Value) {
    desk.done("POST", "/api/v2/triggers", rule(all, actions)).await;
}

fn action(field: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "value": value.into()})
}

async fn update(desk: &Desk, part: Value) -> Value {
    desk.done("PUT", "/api/v2/tickets/42", json!({"ticket": part})).await;
    desk.sandbox.handle().ticket(42).unwrap()
}

#[tokio::test]
async fn a_ticket_changes_within_the_update_and_the_log_keeps_net_changes() {
    let desk = Desk::open(calm()).await;
    let urgent = || json!([when("priority", "is", "urgent")]);
    trigger(&desk, urgent(), json!([action("current_tags", "one two"), action("status", "pending")])).await;
    trigger(&desk, urgent(), json!([action("remove_tags", "two"), action("assignee_id", "__NULL__")])).await;
    let ticket = update(&desk, json!({"priority": "urgent"})).await;
    assert_eq!(ticket["tags"], json!(["billing", "one"]));
    assert_eq!((&ticket["status"], &ticket["assignee_id"]), (&json!("pending"), &Value::Null));
    let audits = desk.get("/api/v2/tickets/42/audits").await.body["audits"].clone();
    let last = audits.as_array().unwrap().last().unwrap()["events"].clone();
    let ruled = last.as_array().unwrap().iter().filter(|event| event["via"]["channel"] == "rule");
    let ruled: Vec<_> = ruled.map(|event| (event["field_name"].clone(), event["value"].clone())).collect();
    let expected =
        [("assignee_id", Value::Null), ("status", json!("pending")), ("tags", json!(["billing", "one"]))];
    assert_eq!(ruled, expected.map(|(name, value)| (json!(name), value)));
}

#[tokio::test]
async fn a_later_trigger_sees_what_an_earlier_one_changed_and_none_acts_twice() {
    let desk = Desk::open(calm()).await;
    let (url, mut received) = endpoint(&[]).await;
    let hook = webhook(&desk, &url, &["conditional_ticket_events"]).await;
    // The second one makes the first one's conditions true: it had its turn. The third one hears of the first one's tag.
    trigger(
        &desk,
        json!([when("current_tags", "includes", "second")]),
        json!([action("current_tags", "never")]),
    )
    .await;
    trigger(&desk, json!([when("priority", "is", "urgent")]), json!([action("current_tags", "second")]))
        .await;
    let call = action("notification_webhook", json!([hook, "{{ticket.tags}}"]));
    trigger(&desk, json!([when("current_tags", "includes", "second")]), json!([call])).await;
    let ticket = update(&desk, json!({"priority": "urgent"})).await;
    assert_eq!(ticket["tags"], json!(["billing", "second"]));
    assert_eq!(received.recv().await.unwrap().1, "billing second");
    assert!(received.try_recv().is_err(), "once");
    let ticket = update(&desk, json!({"subject": "again"})).await;
    assert_eq!(ticket["tags"], json!(["billing", "never", "second"]), "the next update is another one");
}

#[tokio::test]
async fn a_change_of_a_user_fires_nothing() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let urgent = when("requester.custom_fields.a_decimal", "greater_than", "1");
    trigger(&desk, json!([urgent]), json!([action("current_tags", "hit")])).await;
    let requester = desk.sandbox.handle().ticket(42).unwrap()["requester_id"].clone();
    let fields = json!({"user": {"user_fields": {"A_decimal": 7}}});
    desk.done("PUT", &format!("/api/v2/users/{requester}"), fields).await;
    assert_eq!(desk.sandbox.handle().ticket(42).unwrap()["tags"], json!(["billing"]));
    assert_eq!(update(&desk, json!({"subject": "s"})).await["tags"], json!(["billing", "hit"]));
}

#[tokio::test]
async fn fields_of_requester_and_organization_are_set() {
    let desk = Desk::open(calm()).await;
    make_fields(&desk).await;
    let (gold, silver) =
        (option(&desk, "user_fields", "gold").await, option(&desk, "organization_fields", "silver").await);
    let of = |what: &str, kind: &str| format!("{what}.custom_fields.a_{kind}");
    let actions = json!([
        action(&of("requester", "dropdown"), gold),
        action(&of("requester", "date"), "2026-12-01"),
        action(&of("requester", "checkbox"), "true"),
        action(&of("requester", "decimal"), "12.5"),
        action(&of("organization", "dropdown"), silver),
        action(&of("organization", "text"), "by a rule"),
    ]);
    trigger(&desk, json!([]), actions).await;
    let ticket = update(&desk, json!({"subject": "s"})).await;
    let user =
        desk.sandbox.handle().user(ticket["requester_id"].as_u64().unwrap()).unwrap()["user_fields"].clone();
    assert_eq!(
        ["A_dropdown", "A_date", "A_checkbox", "A_decimal"].map(|key| user[key].clone()),
        [json!("gold"), json!("2026-12-01T00:00:00+00:00"), json!(true), json!(12.5)]
    );
    let path = format!("/api/v2/organizations/{}", ticket["organization_id"]);
    let organization = desk.get(&path).await.body["organization"]["organization_fields"].clone();
    assert_eq!(
        (&organization["A_dropdown"], &organization["A_text"]),
        (&json!("silver"), &json!("by a rule"))
    );
}

#[tokio::test]
async fn mails_go_to_whom_the_action_means_agents_apart_from_customers() {
    const AGENTS: [&str; 2] = ["agent@example.com", "mika.owner@example.com"];
    for (field, to, agents, customers) in [
        ("notification_user", "requester_id", &[][..], &["hanako.sato@example.com"][..]),
        (
            "notification_user",
            "requester_and_ccs",
            &[],
            &["hanako.sato@example.com", "ken.tanaka@example.com"],
        ),
        ("notification_user", "assignee_id", &["agent@example.com"], &[]),
        ("notification_user", "current_user", &["mika.owner@example.com"], &[]),
        ("notification_user", "all_agents", &AGENTS, &[]),
        ("notification_user", "9003", &["ren.restricted@example.com"], &[]),
        (
            "notification_group",
            "9101",
            &["agent@example.com", "mika.owner@example.com", "ren.restricted@example.com"],
            &[],
        ),
        (
            "notification_group",
            "group_id",
            &["agent@example.com", "mika.owner@example.com", "ren.restricted@example.com"],
            &[],
        ),
    ] {
        let desk = Desk::open(calm()).await;
        let found = desk.get("/api/v2/users/search?query=email:ken.tanaka@example.com").await.body;
        update(&desk, json!({"collaborator_ids": [found["users"][0]["id"]]})).await;
        let words = json!([
            to,
            "Renewal near: #{{ticket.id}}",
            "{{ticket.requester.name}} renews on {{ticket.requester.custom_fields.sfdc_renewal_date}}"
        ]);
        trigger(&desk, json!([when("priority", "is", "urgent")]), json!([action(field, words)])).await;
        update(&desk, json!({"priority": "urgent"})).await;
        let handle = desk.sandbox.handle();
        let owned = |all: &[&str]| all.iter().map(|to| (*to).to_owned()).collect::<Vec<_>>();
        let addresses = |mails: &[Value]| {
            let mut all: Vec<_> = mails.iter().map(|mail| mail["to"].as_str().unwrap().to_owned()).collect();
            all.sort();
            all
        };
        let (to_agents, to_customers) = (handle.mails_to_agents(), handle.mails_to_customers());
        assert_eq!(
            (addresses(&to_agents), addresses(&to_customers)),
            (owned(agents), owned(customers)),
            "{field} {to}"
        );
        let mail = to_agents.iter().chain(&to_customers).next().unwrap();
        assert_eq!((&mail["subject"], &mail["ticket_id"]), (&json!("Renewal near: #42"), &json!(42)));
        assert_eq!(mail["body"], "佐藤 花子 renews on 2027-09-21");
        let shown = desk.get("/_sandbox/mails").await.body["mails"].as_array().unwrap().len();
        assert_eq!(shown, agents.len() + customers.len());
    }
}

#[tokio::test]
async fn placeholders_are_filled_and_nothing_is_escaped() {
    let desk = Desk::open(calm()).await;
    let requester = desk.sandbox.handle().ticket(42).unwrap()["requester_id"].clone();
    for (template, expected) in [
        ("{\"ticket_id\":{{ticket.id}}}", "{\"ticket_id\":42}".to_owned()),
        ("{{ ticket.requester.id }}", requester.to_string()),
        ("{{ticket.requester.email}}", "hanako.sato@example.com".to_owned()),
        ("{{ticket.requester.custom_fields.sfdc_mrr}}", "120000.0".to_owned()),
        ("{{ticket.requester.custom_fields.sfdc_subscription_status}}", "active".to_owned()),
        ("{{ticket.requester.custom_fields.sfdc_subscription_status.title}}", "Active".to_owned()),
        ("{{ticket.organization.name}}", "青葉商事株式会社".to_owned()),
        ("{{ticket.priority}} {{ticket.status}}", "urgent open".to_owned()),
        ("{{ticket.title}}", "a \"quoted\"\nsubject".to_owned()),
        ("{{ticket.nothing}}{{current_user.name}}", "Mika Owner".to_owned()),
        ("{{ticket.latest_public_comment}}", "seen".to_owned()),
        ("{{ticket.latest_comment}}", "hidden".to_owned()),
        ("{{ticket.account}}", "acme".to_owned()),
    ] {
        let desk = Desk::open(calm()).await;
        let (url, mut received) = endpoint(&[]).await;
        update(
            &desk,
            json!({"subject": "a \"quoted\"\nsubject", "comment": {"body": "seen", "public": true}}),
        )
        .await;
        let hook = webhook(&desk, &url, &["conditional_ticket_events"]).await;
        trigger(&desk, json!([]), json!([action("notification_webhook", json!([hook, template]))])).await;
        update(&desk, json!({"priority": "urgent", "comment": {"body": "hidden", "public": false}})).await;
        assert_eq!(received.recv().await.unwrap().1, expected, "{template}");
    }
}
