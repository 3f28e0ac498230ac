//! What an admin reads on the archive's page.

use std::rc::Rc;

use serde_json::json;
use wire::LedgerVolume;

use super::ArchiveEvent as E;
use super::*;
use crate::console::archive::search::Search;
use crate::i18n::console::words;
use crate::json::tests::of;
use crate::model::Model;
use crate::model::fault::refused;
use crate::screens::check::{nobody, text};

fn shown(tag: &'static str, events: Vec<E>) -> String {
    let model = events.into_iter().fold(ArchivePage::default(), |model, event| model.update(event).0);
    text(view(Locale::new(tag), words(tag), &model, &nobody()))
}

fn found(rows: &serde_json::Value, next: Option<u64>) -> E {
    let page = of(json!({"rows": rows, "next": next})).read().expect("a page");
    E::Found { ask: 1, result: Ok(Rc::new(page)) }
}

fn open() -> E {
    E::Open("2026-11-25".into())
}

#[track_caller]
fn check(tag: &'static str, events: Vec<E>, has: &[&str], lacks: &[&str]) {
    let shown = shown(tag, events);
    for words in has {
        assert!(shown.contains(words), "{words} is missing in:\n{shown}");
    }
    for words in lacks {
        assert!(!shown.contains(words), "{words} is in:\n{shown}");
    }
}

#[test]
fn a_row_says_what_was_done_to_what_by_whom() {
    let rows = json!([
        {"seq": 9, "at": "2026-11-22T12:00:07Z", "actor": "run:r", "action": "redacted", "ticket_id": 42, "attachment_id": 7,
         "sha256": "abcd", "object_key": "v1/acme/7", "detail": {"size": 2048}},
        {"seq": 8, "at": "2026-11-22T12:00:00Z", "actor": "agent:9002", "action": "requested", "ticket_id": 42,
         "attachment_id": null, "sha256": null, "object_key": null, "detail": {}},
        {"seq": 7, "at": "2026-11-21T12:00:00Z", "actor": "run:q", "action": "skipped", "ticket_id": 7, "attachment_id": 3,
         "sha256": null, "object_key": null, "detail": {"reason": "attachment_malware", "size": 1}},
    ]);
    let has = [
        "2026-11-22 12:00:07",
        "Archived",
        "#42",
        "abcd",
        "v1/acme/7",
        "Agent 9002",
        "Malware found",
        "3 rows",
    ];
    check("en", vec![open(), found(&rows, None)], &has, &["Show older", "No entries match", "Nothing was"]);
    check(
        "ja",
        vec![open(), found(&rows, Some(7))],
        &["アーカイブ済み", "エージェント 9002", "さらに表示", "Zendesk がマルウェアを検出しました。"],
        &["Archived", "Malware"],
    );
}

#[test]
fn nothing_yet_and_nothing_found_are_two_things() {
    let nothing = || found(&json!([]), None);
    check("en", vec![open(), nothing()], &["Nothing has been archived yet"], &["No entries match."]);
    let typed = Search { ticket: "1".into(), ..Search::default() };
    let search = E::Search(FIELDS.iter().map(|field| Some(typed.value(field.name).to_owned())).collect());
    let found = E::Found { ask: 2, result: Ok(Rc::new(of(json!({"rows": []})).read().expect("a page"))) };
    check("ko", vec![open(), search, found], &["해당하는 기록이 없습니다"], &["아직"]);
}

#[test]
fn what_is_in_the_way_is_said_and_the_rest_of_the_page_stays() {
    let failed = E::Found { ask: 1, result: Err(refused(ErrorCode::StoreUnavailable)) };
    check("en", vec![open(), failed], &["Message of store_unavailable.", "Try again", "Search"], &[]);
    let failed = E::Days { span: 30, result: Err(refused(ErrorCode::QueryInvalid)) };
    check("en", vec![open(), failed], &["Message of query_invalid.", "Try again"], &[]);
}

#[test]
fn the_picture_has_sums_and_says_when_there_is_nothing() {
    let days = |days: serde_json::Value| {
        let volume: LedgerVolume = serde_json::from_value(json!({"days": days})).expect("days");
        E::Days { span: 30, result: Ok(volume) }
    };
    let left = days(
        json!([{"day": "2026-11-20", "files": 2, "bytes": 500}, {"day": "2026-11-21", "files": 1, "bytes": 900}]),
    );
    check(
        "en",
        vec![open(), left],
        &["2026-11-21: 1 file, ", "2026-11-20: 2 files, ", "Busiest day"],
        &["Nothing left"],
    );
    check(
        "en",
        vec![open(), days(json!([]))],
        &["No files were archived in this period."],
        &["Busiest day\n2026"],
    );
}
