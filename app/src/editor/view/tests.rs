//! What an admin reads in the editor.

use serde_json::json;

use super::super::model::Of;
use super::*;
use crate::editor::model::tests::{after, connections, document, nothing_kept};
use crate::i18n::editor::words;
use crate::json::tests::of;
use crate::screens::check::{nobody, text};

fn html(tag: &'static str, events: Vec<E>) -> Node {
    view(Locale::new(tag), words(tag), &after(events).0, &nobody())
}

fn new() -> Vec<E> {
    let templates = json!({"templates": [document(1)]});
    vec![
        E::Open(None, "Asia/Tokyo".into()),
        connections(),
        nothing_kept(),
        E::Shipped(Ok(std::rc::Rc::new(of(templates).read().expect("templates")))),
    ]
}

fn opened() -> Vec<E> {
    let id = Some("contracts".to_owned());
    vec![E::Open(id, "UTC".into()), connections(), nothing_kept(), E::Loaded(Ok(of(document(3))))]
}

#[test]
fn an_admin_reads_every_part_in_their_language() {
    for (tag, expected) in [
        (
            "en",
            [
                "New integration",
                "Sources",
                "Fields",
                "Every day at 09:00, Asia/Tokyo",
                "Contracts to Zendesk users",
            ],
        ),
        (
            "ja",
            ["新しい連携", "ソース", "フィールド", "毎日 09:00（Asia/Tokyo）", "契約を Zendesk ユーザーへ"],
        ),
        ("ko", ["새 연동", "소스", "필드", "매일 09:00(Asia/Tokyo)", "계약을 Zendesk 사용자로"]),
    ] {
        let shown = text(html(tag, new()));
        for words in expected {
            assert!(shown.contains(words), "{tag} {words}: {shown}");
        }
    }
}

#[test]
fn every_field_has_words_in_every_language() {
    for tag in ["en", "ja", "ko"] {
        let mut events = opened();
        events.push(E::Typed(of(json!({"contract": "on", "schedule": "cron"}))));
        events.push(E::Add(crate::editor::draft::Rows::Owners));
        let html = html(tag, events).to_html();
        for label in html.split("<label for=\"").skip(1) {
            let (name, rest) = label.split_once("\">").expect("a label");
            assert!(!rest.starts_with("</label>"), "{tag}: {name} has no words");
        }
        assert!(html.matches("<option").count() > 20 && !html.contains("\"></option>"), "{tag}: {html}");
    }
}

#[test]
fn what_somebody_may_not_and_what_does_not_come_is_said() {
    let denied = json!({"may_edit": false, "connections": []});
    let events = vec![
        E::Open(None, "UTC".into()),
        E::Connected(Ok(std::rc::Rc::new(of(denied).read().expect("connections")))),
        nothing_kept(),
    ];
    assert!(text(html("en", events)).contains("You cannot edit integrations"));
    let failed = E::Loaded(Err(crate::model::fault::refused(wire::ErrorCode::IntegrationNotFound)));
    let events = vec![E::Open(Some("x".into()), "UTC".into()), connections(), nothing_kept(), failed];
    assert!(text(html("en", events)).contains("Try again"));
    let waiting = html("en", vec![E::Open(Some("x".into()), "UTC".into())]).to_html();
    assert!(waiting.contains("skeleton"), "{waiting}");
}

#[test]
fn a_type_that_does_not_fit_is_said_at_its_row() {
    let mut events = opened();
    let fields = json!({"fields": [
        {"name": "note", "label": "Note", "type": "text", "writable": true, "values": null},
        {"name": "since", "label": "Since", "type": "date", "writable": true, "values": null},
    ]});
    let rows = json!({"columns": [{"name": "id", "type": "decimal"}], "rows": [["1.5"]], "sources": []});
    events.push(E::Look(Of::Model));
    let body = after(events.clone()).1[0].strip_prefix("POST /api/previews ").expect("asked").to_owned();
    let fields = std::rc::Rc::new(of(fields).read().expect("fields"));
    events.extend([
        E::Looked(Of::Model, body, Ok(std::rc::Rc::new(of(rows).read().expect("rows")))),
        E::FieldsRead(("zendesk".into(), "users".into()), Ok(fields)),
    ]);
    let page = after(events.clone()).0;
    let name = page.draft.as_ref().expect("a draft").mapping[0].name("field");
    events.push(E::Typed(of(json!({name: "since"}))));
    let shown = text(html("en", events));
    assert!(
        shown.contains("The column's type is decimal, and the field's is date: these values never fit."),
        "{shown}"
    );
    assert!(shown.contains("1.5") && shown.contains("Since · since (date)"), "{shown}");
}

#[test]
fn the_schedule_is_in_words_and_in_three_times() {
    let mut events = opened();
    events.push(E::Typed(of(json!({"schedule": "daily", "at": "09:00", "zone": "Europe/Berlin"}))));
    let asked = after(events.clone()).1;
    let body =
        asked.iter().find_map(|ask| ask.strip_prefix("POST /api/schedules/next ")).expect("asked").to_owned();
    let next = json!({"next": ["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z", "2026-11-25T08:00:00Z"]});
    events.push(E::Next(body, Ok(std::rc::Rc::new(of(next).read().expect("times")))));
    let shown = text(html("en", events));
    assert!(shown.contains("Every day at 09:00, Europe/Berlin; that is "), "{shown}");
    let first = "2026-11-23T08:00 in Europe/Berlin (Europe/Berlin) · 2026-11-23T08:00 in UTC UTC · 2026-11-23T08:00 in Asia/Tokyo (your time)";
    assert!(shown.contains(first), "{shown}");
}
