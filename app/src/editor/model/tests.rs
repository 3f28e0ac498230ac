//! What the page asks for and shows, event by event.

use serde_json::{Value, json};
use wire::{ErrorCode, FieldProblem};

use super::*;
use crate::console::asked;
use crate::json::tests::of;
use crate::model::fault::{FaultKind, refused};

pub(in crate::editor) fn connections() -> EditorEvent {
    let all = json!({"may_edit": true, "callback_url": "", "keeps_secrets": true, "connections": [
        {"id": "zendesk", "kind": "zendesk", "name": "Zendesk", "state": null},
        {"id": "sales", "kind": "salesforce", "name": "Acme Sales", "state": "connected"},
    ]});
    EditorEvent::Connected(Ok(Rc::new(of(all).read().expect("connections"))))
}

pub(in crate::editor) fn document(version: u64) -> Value {
    json!({"id": "contracts", "name": "Contracts", "enabled": true, "version": version, "definition": {
        "sources": [{"as": "people", "connection": "zendesk", "read": {"kind": "users"}, "on_failed_source": "stop"}],
        "model": {"sql": "SELECT id FROM people"},
        "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
        "key": {"column": "id", "field": "id"},
        "mapping": [{"column": "id", "field": "note", "missing": "clear"}],
        "contract": null, "removed": "keep", "on_ambiguous": "skip", "on_drift": "overwrite",
        "schedule": {"kind": "manual"}, "log_days": 30,
    }})
}

fn open(id: Option<&str>) -> EditorEvent {
    EditorEvent::Open(id.map(str::to_owned), "Asia/Tokyo".into())
}

pub(in crate::editor) fn nothing_kept() -> EditorEvent {
    EditorEvent::Recalled(Json::Null, "Asia/Tokyo".into())
}

fn loaded(version: u64) -> EditorEvent {
    EditorEvent::Loaded(Ok(of(document(version))))
}

fn typed(values: &Value) -> EditorEvent {
    EditorEvent::Typed(of(values.clone()))
}

/// The page after these events, and what it asked for because of the last.
pub(in crate::editor) fn after(events: Vec<EditorEvent>) -> (EditorPage, Vec<String>) {
    events.into_iter().fold((EditorPage::default(), vec![]), |(page, _), event| {
        let (page, effects) = page.update(event);
        (page, asked(&effects))
    })
}

/// An integration that the server keeps, opened.
fn opened() -> Vec<EditorEvent> {
    vec![open(Some("contracts")), connections(), nothing_kept(), loaded(3)]
}

fn draft(page: &EditorPage) -> &Draft {
    page.draft.as_ref().expect("a draft")
}

#[test]
fn a_new_integration_begins_with_what_is_usual() {
    let (page, asked) = after(vec![open(None), connections(), nothing_kept()]);
    assert_eq!(
        asked,
        [
            "POST /api/schedules/next {\"kind\":\"daily\",\"at\":\"09:00\",\"time_zone\":\"Asia/Tokyo\"}",
            "GET /api/templates",
        ]
    );
    assert_eq!((draft(&page).get("object"), page.typed, page.may_edit()), ("users", false, Some(true)));
    let (page, asked) = after(vec![
        open(None),
        connections(),
        nothing_kept(),
        typed(&json!({"name": "My sync", "to": "zendesk"})),
    ]);
    assert_eq!(draft(&page).get("id"), "my-sync", "its id follows its name");
    assert_eq!(asked, ["keep deskside-integration/", "GET /api/connections/zendesk/objects/users/fields"]);
}

#[test]
fn what_was_typed_survives_a_reload_and_another_page() {
    let mut events = opened();
    events.push(typed(&json!({"name": "Mine"})));
    let (page, asked) = after(events);
    assert_eq!(asked, ["keep deskside-integration/contracts"]);
    let kept: Value = serde_json::from_str(&draft(&page).remembered()).expect("JSON");
    let (again, _) = page.update(open(Some("contracts")));
    assert_eq!(draft(&again).get("name"), "Mine", "the page was left and opened again");
    let recalled = EditorEvent::Recalled(of(kept), "UTC".into());
    let (page, asked) = after(vec![open(Some("contracts")), connections(), recalled]);
    assert_eq!((draft(&page).get("name"), page.recalled, draft(&page).version()), ("Mine", true, Some(3)));
    assert!(!asked.iter().any(|ask| ask == "GET /api/integrations/contracts"), "{asked:?}");
    let (page, effects) = page.update(EditorEvent::Discard("UTC".into()));
    let effects = crate::console::asked(&effects);
    assert_eq!(effects[0], "forget deskside-integration/contracts");
    assert_eq!(
        (page.draft, effects.last().map(String::as_str)),
        (None, Some("recall deskside-integration/contracts"))
    );
}

#[test]
fn a_source_is_read_as_its_connection_is() {
    let mut events = opened();
    let (page, _) = after(opened());
    let row = draft(&page).sources[0].clone();
    events.push(typed(&json!({row.name("connection"): "sales"})));
    let (page, _) = after(events);
    assert_eq!(draft(&page).of(&row, "read"), "soql");
}

#[test]
fn what_is_not_whole_is_marked_and_not_sent() {
    let (page, asked) = after(vec![
        open(None),
        connections(),
        nothing_kept(),
        EditorEvent::Submitted(of(json!({"name": ""}))),
    ]);
    assert_eq!(asked, ["focus name"]);
    assert_eq!((page.wrong.first(), page.saving), (Some(&("name".into(), Wrong::Empty)), RequestState::Idle));
}

#[test]
fn a_change_names_the_version_that_it_was_made_from() {
    let mut events = opened();
    events.push(EditorEvent::Submitted(of(json!({"name": "Mine"}))));
    let (page, asked) = after(events);
    let put = asked.last().expect("a request");
    assert!(put.starts_with("PUT /api/integrations/contracts {"), "{put}");
    assert!(put.contains("\"name\":\"Mine\"") && put.contains("\"version\":3"), "{put}");
    let (page, effects) = page.update(EditorEvent::Saved(Ok(of(document(4)))));
    assert_eq!(
        crate::console::asked(&effects),
        ["forget deskside-integration/contracts", "focus editor-said"]
    );
    assert_eq!((page.saved, page.typed, draft(&page).version()), (true, false, Some(4)));
    let (_, effects) = page.update(EditorEvent::DryRun);
    assert_eq!(crate::console::asked(&effects), ["POST /api/integrations/contracts/runs {\"kind\":\"dry\"}"]);
}

#[test]
fn what_the_server_refuses_is_at_its_field() {
    let mut fault = refused(ErrorCode::IntegrationInvalid);
    if let FaultKind::Refused(body) = &mut fault.kind {
        body.problems = vec![
            FieldProblem { field: "mapping[0].field".into(), message: "is no field".into() },
            FieldProblem { field: "sources".into(), message: "must be fewer".into() },
        ];
    }
    let mut events = opened();
    events.extend([EditorEvent::Submitted(of(json!({}))), EditorEvent::Saved(Err(fault))]);
    let (page, asked) = after(events);
    let field = draft(&page).mapping[0].name("field");
    assert_eq!(asked, [["focus ", &field].concat()]);
    assert_eq!(page.wrong, [(field.clone(), Wrong::Server("is no field".into()))]);
    let (page, _) = page.update(typed(&json!({field: "other"})));
    assert!(page.wrong.is_empty(), "it is said until the field was changed");
}

#[test]
fn somebody_elses_change_is_shown_before_anything_is_written_over_it() {
    let changed = || EditorEvent::Saved(Err(refused(ErrorCode::IntegrationChanged)));
    let mut events = opened();
    events.extend([EditorEvent::Submitted(of(json!({"name": "Mine"}))), changed()]);
    let (page, asked) = after(events.clone());
    assert_eq!((asked, &page.conflict), (vec!["GET /api/integrations/contracts".to_owned()], &None));
    let mut theirs = document(4);
    theirs["definition"]["mapping"][0]["field"] = json!("other");
    events.push(EditorEvent::Compare(Ok(of(theirs))));
    let (page, _) = after(events.clone());
    let conflict = page.conflict.as_ref().expect("a conflict");
    assert_eq!(conflict.changes, [("definition.mapping[0].field".into(), "note".into(), "other".into())]);
    let (mine, effects) = page.update(EditorEvent::SaveMine);
    let put = crate::console::asked(&effects).concat();
    assert!(
        put.contains("\"version\":4") && put.contains("\"name\":\"Mine\"") && mine.conflict.is_none(),
        "{put}"
    );
    events.push(EditorEvent::LoadTheirs);
    let (page, _) = after(events);
    assert_eq!((draft(&page).get("name"), draft(&page).version(), page.typed), ("Contracts", Some(4), false));
}

#[test]
fn a_change_whose_answer_was_lost_is_no_conflict() {
    let mut events = opened();
    let mut saved = document(4);
    saved["name"] = json!("Mine");
    events.extend([
        EditorEvent::Submitted(of(json!({"name": "Mine"}))),
        EditorEvent::Saved(Err(refused(ErrorCode::IntegrationChanged))),
        EditorEvent::Compare(Ok(of(saved))),
    ]);
    let (page, _) = after(events);
    assert_eq!((page.saved, &page.conflict, draft(&page).version()), (true, &None, Some(4)));
}

#[test]
fn an_error_in_the_sql_puts_the_cursor_there() {
    let mut fault = refused(ErrorCode::ModelInvalid);
    if let FaultKind::Refused(body) = &mut fault.kind {
        (body.line, body.column) = (Some(2), Some(5));
    }
    let mut events = opened();
    events.push(EditorEvent::Look(Of::Model));
    let (page, asked) = after(events.clone());
    let body = asked[0].strip_prefix("POST /api/previews ").expect("a preview").to_owned();
    assert!(body.contains("\"id\":\"contracts\"") && body.contains("SELECT id FROM people"), "{body}");
    let late = EditorEvent::Looked(Of::Model, "another".into(), Err(fault.clone()));
    assert_eq!(page.update(late).0.preview.state, RequestState::Pending, "an answer that comes too late");
    events.push(EditorEvent::Looked(Of::Model, body, Err(fault)));
    assert_eq!(after(events).1, ["focus model at 2:5"]);
}

#[test]
fn rows_are_not_asked_for_before_there_is_where_to_ask() {
    let (page, asked) = after(vec![open(None), connections(), nothing_kept(), EditorEvent::Look(Of::Model)]);
    let row = draft(&page).sources[0].clone();
    assert_eq!(asked, [["focus ", &row.name("as")].concat()]);
    assert_eq!(page.wrong.len(), 2);
}

#[test]
fn the_next_runs_are_of_what_is_typed_now() {
    let next = |body: &str| {
        let next = json!({"next": ["2026-11-23T00:00:00Z"]});
        EditorEvent::Next(body.into(), Ok(Rc::new(of(next).read().expect("times"))))
    };
    let mut events = opened();
    events.push(typed(&json!({"schedule": "cron", "cron": "0 9 * * 1", "zone": "UTC"})));
    let (_, asked) = after(events.clone());
    let body =
        asked.iter().find_map(|ask| ask.strip_prefix("POST /api/schedules/next ")).expect("a question");
    events.push(next("{\"kind\":\"manual\"}"));
    assert_eq!(after(events.clone()).0.next, [""; 0]);
    events.push(next(body));
    assert_eq!(after(events).0.next, ["2026-11-23T00:00:00Z"]);
}
