//! What is read, typed and kept in the tab is what is sent.

use serde_json::{Value, json};

use super::*;
use crate::json::tests::of;

fn shipped() -> Value {
    json!({
        "id": "contracts", "name": "Contracts", "enabled": true, "version": 3,
        "definition": {
            "sources": [
                {"as": "people", "connection": "zendesk", "read": {"kind": "users"}, "on_failed_source": "stop"},
                {"as": "rows", "connection": "r", "on_failed_source": "yesterday",
                 "read": {"kind": "file", "path": "a.csv", "types": {"id": "integer"}, "emails": ["email", "mail"]}},
            ],
            "model": {"sql": "SELECT 1"},
            "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
            "key": {"column": "user_id", "field": "id"},
            "mapping": [
                {"column": "company", "field": "sfdc_company_name", "missing": "clear",
                 "functions": ["trim", "map{a=b,c=d}"]},
                {"constant": "x", "field": "kind", "missing": "default", "default": "y",
                 "create": {"type": "dropdown", "title": "Kind", "options": [{"name": "X", "value": "x"}]}},
            ],
            "contract": {
                "people": {"user": "user_id"}, "company_id": "id", "mrr": "mrr",
                "owners": [{"role": "sales", "name": "owner"}], "extra": {"plan": "plan__c"},
            },
            "removed": "clear", "on_ambiguous": "newest", "on_drift": "keep",
            "schedule": {"kind": "daily", "at": "09:00", "time_zone": "Asia/Tokyo"},
            "alert": {"zendesk_group": 360_001_u64}, "log_days": 14,
        },
    })
}

fn sent(draft: &Draft) -> Value {
    serde_json::from_str(&draft.document()).expect("JSON")
}

#[test]
fn what_nobody_changed_is_sent_as_it_was_kept() {
    let draft = Draft::read(&of(shipped()));
    assert_eq!(sent(&draft), shipped());
    assert_eq!((draft.sources.len(), draft.mapping.len(), draft.owners.len()), (2, 2, 1));
    let rows = &draft.sources[1];
    assert_eq!((draft.of(rows, "emails"), draft.of(rows, "path")), ("email, mail", "a.csv"));
}

#[test]
fn what_is_typed_is_sent_and_the_rest_stays() {
    let mut draft = Draft::read(&of(shipped()));
    let row = draft.sources[1].clone();
    let mapping = draft.mapping[1].clone();
    let typed = json!({
        "name": " New name ", "model": "SELECT 2\r\nFROM people", "schedule": "interval", "every": "30",
        row.name("path"): "b.csv", mapping.name("from"): "column", mapping.name("column"): "kind",
        mapping.name("missing"): "keep", mapping.name("functions"): "lower", "contract": "",
    });
    assert!(draft.take(&of(typed.clone())));
    assert!(!draft.take(&of(typed)), "the same again changes nothing");
    let now = sent(&draft);
    let definition = &now["definition"];
    assert_eq!(now["name"], "New name");
    assert_eq!(definition["model"]["sql"], "SELECT 2\nFROM people");
    assert_eq!(definition["schedule"], json!({"kind": "interval", "every_minutes": 30}));
    let read =
        json!({"kind": "file", "path": "b.csv", "types": {"id": "integer"}, "emails": ["email", "mail"]});
    assert_eq!(definition["sources"][1]["read"], read);
    let create = &shipped()["definition"]["mapping"][1]["create"];
    assert_eq!(
        definition["mapping"][1],
        json!({"column": "kind", "field": "kind", "missing": "keep", "functions": ["lower"], "create": create})
    );
    assert_eq!(
        (&definition["contract"], &definition["alert"]),
        (&Value::Null, &json!({"zendesk_group": 360_001}))
    );
}

#[test]
fn rows_come_and_go() {
    let mut draft = Draft::new("UTC");
    let first = draft.mapping[0].clone();
    let second = draft.add_mapping();
    draft.set(&first.name("field"), "a");
    draft.set(&second.name("field"), "b");
    draft.remove(&first);
    assert_eq!(draft.of(&second, "field"), "b");
    assert_eq!(sent(&draft)["definition"]["mapping"].as_array().map(Vec::len), Some(1));
    assert_ne!(draft.add_mapping().key(), first.key());
}

#[test]
fn another_kind_of_connection_is_read_in_another_way() {
    let mut draft = Draft::read(&of(shipped()));
    let row = draft.sources[1].clone();
    draft.take(&of(json!({row.name("read"): "sql", row.name("sql"): "SELECT email FROM t"})));
    let read = json!({"kind": "sql", "sql": "SELECT email FROM t", "emails": ["email", "mail"]});
    assert_eq!(sent(&draft)["definition"]["sources"][1]["read"], read);
}

#[test]
fn what_was_kept_in_the_tab_comes_back() {
    let mut draft = Draft::read(&of(shipped()));
    draft.add_source();
    draft.set("model", "SELECT \"x\"\n");
    let kept: Value = serde_json::from_str(&draft.remembered()).expect("JSON");
    let again = Draft::recalled(&of(kept)).expect("what was kept");
    assert_eq!((sent(&again), &again.sources, again.next), (sent(&draft), &draft.sources, draft.next));
    assert_eq!(Draft::recalled(&of(json!({"values": 1, "sources": [1]}))), None);
}

#[test]
fn functions_are_split_outside_of_braces() {
    assert_eq!(functions(" trim, map{a=b, c=d} ,round(2),"), ["trim", "map{a=b, c=d}", "round(2)"]);
    assert_eq!(functions("  "), [""; 0]);
}
