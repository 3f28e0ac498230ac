//! What an admin does with connections, and what is asked for it.

use serde_json::{Value, json};
use wire::ErrorCode;

use super::*;
use crate::console::asked;
use crate::json::tests::of;
use crate::model::fault::FaultKind;
use crate::model::fault::{refused, refused_field};

use ConnectionsEvent as E;

fn connection(id: &str, flow: &str, state: &str) -> Value {
    json!({"id": id, "kind": "zendesk", "name": "Acme", "environment": "production", "state": state, "problem": null,
        "checked_at": null, "in_file": false, "detail": "acme.zendesk.com", "version": 3, "used_by": [],
        "settings": {"base_url": "https://acme.zendesk.com", "client_id": "deskside", "flow": flow, "port": 3306}})
}

fn row(flow: &str) -> Row {
    of(connection("zendesk-1", flow, "connected")).read().expect("a row")
}

fn listed() -> ConnectionsPage {
    let list = json!({"connections": [connection("zendesk-1", "web", "connected")], "may_edit": true,
        "callback_url": "https://deskside.example.com/oauth/callback", "keeps_secrets": true});
    let listing: Listing = of(list).read().expect("a list");
    ConnectionsPage::default().update(E::Listed(Ok(Rc::new(listing)))).0
}

/// The page after these events, and what it asked for at the last one.
fn after(page: ConnectionsPage, events: Vec<E>) -> (ConnectionsPage, Vec<String>) {
    let start = (page, vec![]);
    events.into_iter().fold(start, |(page, _), event| {
        let (page, effects) = page.update(event);
        (page, asked(&effects))
    })
}

fn started(page: &ConnectionsPage) -> E {
    E::Started(
        page.ask,
        Ok(AuthorizationStart { url: "https://acme.zendesk.com/oauth".into(), id: "a1".into() }),
    )
}

fn looked(page: &ConnectionsPage, body: Value) -> E {
    E::Looked(page.ask, Ok(of(body).read().expect("an authorization")))
}

fn consenting() -> ConnectionsPage {
    let (page, asked) = after(listed(), vec![E::Choose("zendesk"), E::Submit]);
    assert_eq!(asked, ["read connection-form"]);
    let typed = ["Acme", "acme", "web", "deskside", "hush"].map(|text| Some(text.to_owned()));
    let (page, asked) = after(page, vec![E::Submitted(typed.into())]);
    let body = r#"{"name":"Acme","host":"acme","client":{"id":"deskside","secret":"hush"}}"#;
    assert_eq!(asked, [format!("POST /api/connections/zendesk/authorize {body}")]);
    let event = started(&page);
    let (page, asked) = after(page, vec![event]);
    assert_eq!(asked, ["focus panel-title", "wait 2000 ms"]);
    page
}

#[test]
fn an_admin_gives_consent_and_confirms_it_with_the_number() {
    let page = consenting();
    let look = E::Look(page.ask);
    let (page, asked) = after(page, vec![look]);
    assert_eq!(asked, ["GET /api/authorizations/a1"]);
    let event = looked(&page, json!({"state": "waiting"}));
    let (page, asked) = after(page, vec![event]);
    assert_eq!(asked, ["wait 2000 ms"]);
    let event = looked(&page, json!({"state": "granted", "organization": "acme", "user": "kim"}));
    let (page, asked) = after(page, vec![event]);
    assert_eq!(asked, ["focus number"]);
    let (page, asked) = after(page, vec![E::Confirm, E::Number(vec![Some(" 123456 ".into())])]);
    assert_eq!(asked, [r#"POST /api/authorizations/a1/confirm {"number":"123456"}"#]);
    let ask = page.ask;
    let (page, asked) =
        after(page, vec![E::Confirmed(ask, Err(refused(ErrorCode::AuthorizationNumberWrong)))]);
    assert_eq!((asked, page.wrong.len()), (vec!["focus number".to_owned()], 1));
    let (page, _) = after(page, vec![E::Number(vec![Some("654321".into())])]);
    let ask = page.ask;
    let (page, asked) = after(page, vec![E::Confirmed(ask, Ok(()))]);
    assert_eq!(asked, ["GET /api/connections", "focus page-title"]);
    assert_eq!((page.panel, page.done), (Panel::Closed, Some(Done::Connected)));
}

#[test]
fn an_answer_after_the_panel_was_closed_changes_nothing() {
    let page = consenting();
    let late = looked(&page, json!({"state": "granted", "organization": "acme", "user": "kim"}));
    let (page, asked) = after(page, vec![E::Cancel]);
    assert_eq!(asked, ["focus page-title", "DELETE /api/authorizations/a1"]);
    let (page, asked) = after(page, vec![late]);
    assert!(asked.is_empty() && page.panel == Panel::Closed, "{asked:?}");
}

#[test]
fn a_consent_is_waited_for_while_the_server_is_away() {
    let page = consenting();
    let ask = page.ask;
    let (page, asked) = after(page, vec![E::Looked(ask, Err(Fault::plain(FaultKind::Offline)))]);
    assert_eq!(asked, ["wait 2000 ms"]);
    assert!(matches!(page.working, RequestState::Failed(_)));
    let ask = page.ask;
    let (page, asked) = after(page, vec![E::Looked(ask, Err(refused(ErrorCode::AuthorizationInvalid)))]);
    assert!(asked.is_empty() && matches!(page.working, RequestState::Failed(_)));
}

#[test]
fn a_change_names_its_version_and_a_refused_field_gets_the_focus() {
    let (page, _) = after(listed(), vec![E::Edit(row("client_credentials"))]);
    let typed = ["Acme EU", "https://acme.zendesk.com", "client_credentials", "deskside", ""];
    let typed: Vec<_> = typed.map(|text| Some(text.to_owned())).into();
    let (page, asked) = after(page, vec![E::Submitted(typed)]);
    let settings =
        r#"{"base_url":"https://acme.zendesk.com","flow":"client_credentials","client_id":"deskside"}"#;
    let body = format!(r#"{{"version":3,"name":"Acme EU","settings":{settings},"secrets":{{}}}}"#);
    assert_eq!(asked, [format!("PUT /api/connections/zendesk-1 {body}")]);
    let ask = page.ask;
    let fault = refused_field(ErrorCode::ConnectionInvalid, "base_url");
    let (page, asked) = after(page, vec![E::Saved(ask, Err(fault))]);
    assert_eq!((asked, page.wrong[0].0), (vec!["focus base_url".to_owned()], "base_url"));
}

#[test]
fn another_flow_asks_for_other_fields_and_typing_is_unsaved() {
    let (page, _) = after(listed(), vec![E::Choose("salesforce")]);
    assert!(!page.typed);
    let (page, asked) = after(page, vec![E::Changed]);
    assert!(page.typed);
    assert_eq!(asked, ["read connection-form"]);
    let (page, _) = after(page, vec![E::Flow(vec![Some("jwt".into())])]);
    let Panel::Form(form, None) = page.panel else { panic!("a form") };
    assert!(form.names().contains(&"private_key") && !form.names().contains(&"client_secret"));
}

#[test]
fn nothing_is_ended_or_deleted_before_the_admin_says_yes() {
    for (question, expected) in [
        (Question::Disconnect, "POST /api/connections/zendesk-1/disconnect {}"),
        (Question::Delete, "DELETE /api/connections/zendesk-1"),
    ] {
        let (page, asked) = after(listed(), vec![E::Ask(question, row("web"))]);
        assert_eq!(asked, ["focus panel-title"]);
        let (page, asked) = after(page, vec![E::Yes]);
        assert_eq!(asked, [expected]);
        let (_, asked) = after(page, vec![E::Yes]);
        assert!(asked.is_empty(), "it is on its way");
    }
}

#[test]
fn what_the_server_writes_is_what_the_page_reads() {
    let connection = wire::Connection {
        id: "zendesk".into(),
        kind: "zendesk".into(),
        name: "Zendesk".into(),
        environment: "production".into(),
        state: Some(wire::ConnectionState::NeedsAttention),
        problem: Some(wire::ConnectionProblem { code: "x".into(), message: "m".into(), hint: "h".into() }),
        checked_at: Some("2026-11-22T12:00:00Z".into()),
        in_file: true,
        detail: "acme".into(),
        settings: serde_json::Map::from_iter([
            ("port".to_owned(), json!(3306)),
            ("host".to_owned(), json!("db")),
        ]),
        version: 7,
        used_by: vec!["Contracts".into()],
    };
    let list = wire::ConnectionList {
        connections: vec![connection.clone()],
        may_edit: true,
        callback_url: "https://x".into(),
        keeps_secrets: false,
    };
    let read: Listing = of(serde_json::to_value(list).expect("JSON")).read().expect("the page reads it");
    let row = &read.connections[0];
    assert_eq!((row.state.as_deref(), row.version, row.in_file), (Some("needs_attention"), 7, true));
    assert_eq!(
        (row.settings.of("port").as_deref(), row.settings.of("host").as_deref()),
        (Some("3306"), Some("db"))
    );
    let step = wire::TestStep { name: "token".into(), ok: false, message: "m".into(), hint: None };
    let answer = wire::ConnectionAnswer {
        connection,
        test: Some(wire::ConnectionTest { ok: false, steps: vec![step] }),
    };
    let read: Saved = of(serde_json::to_value(answer).expect("JSON")).read().expect("the page reads it");
    assert_eq!(read.test.expect("a test").steps[0].name, "token");
    let consent = wire::Authorization {
        state: wire::AuthorizationState::Granted,
        organization: "acme".into(),
        user: "kim".into(),
        problem: None,
    };
    let read: Authorization =
        of(serde_json::to_value(consent).expect("JSON")).read().expect("the page reads it");
    assert_eq!((read.state.as_str(), read.user.as_str()), ("granted", "kim"));
}

#[test]
fn a_disconnected_one_is_connected_again_with_its_clients_secret() {
    let typed = |base_url: &str| {
        ["Acme", base_url, "web", "deskside", "hush"].map(|text| Some(text.to_owned())).into()
    };
    let check = |state: &str, problem: Value, base_url: &str, expected: &str| {
        let mut row = connection("zendesk-1", "web", state);
        row["problem"] = problem;
        let row: Row = of(row).read().expect("a row");
        let opens = if row.needs_secret() { E::Reconnect(row) } else { E::Edit(row) };
        let (_, asked) = after(listed(), vec![opens, E::Submitted(typed(base_url))]);
        assert!(asked[0].starts_with(expected), "{asked:?}");
    };
    let (same, other) = ("https://acme.zendesk.com", "https://other.zendesk.com");
    let consent = r#"POST /api/connections/zendesk/authorize {"id":"zendesk-1","name":"Acme","host":""#;
    check("disconnected", Value::Null, same, consent);
    let locked = json!({"code": "secret_locked", "message": "m", "hint": "h"});
    check("needs_attention", locked, same, consent);
    check("connected", Value::Null, other, consent);
    check("connected", Value::Null, same, "PUT /api/connections/zendesk-1 ");
}
