//! What an admin finds, and what is asked for it.

use std::rc::Rc;

use serde_json::json;
use wire::{ErrorCode, LedgerDay, LedgerLine, LedgerPage};

use super::*;
use crate::json::tests::of;
use crate::model::fault::refused;

fn row(seq: u64) -> serde_json::Value {
    json!({"seq": seq, "at": "2026-11-22T12:00:00Z", "actor": "agent:9002", "action": "redacted", "ticket_id": 42,
        "attachment_id": 7, "sha256": "ab", "object_key": "v1/x", "detail": {"size": 10}})
}

fn page(seqs: &[u64], next: Option<u64>) -> Rc<Page> {
    let rows: Vec<_> = seqs.iter().map(|seq| row(*seq)).collect();
    Rc::new(of(json!({"rows": rows, "next": next})).read().expect("a page"))
}

fn opened() -> LedgerModel {
    LedgerModel::default().update(LedgerEvent::Open("2026-11-25".into())).0
}

fn found(model: LedgerModel, ask: u32, page: Rc<Page>) -> LedgerModel {
    model.update(LedgerEvent::Found { ask, result: Ok(page) }).0
}

fn seqs(model: &LedgerModel) -> Vec<u64> {
    model.rows.iter().map(|row| row.seq).collect()
}

#[test]
fn what_the_server_writes_is_what_the_page_reads() {
    let line = LedgerLine {
        seq: 3,
        at: "2026-11-22T12:00:00Z".into(),
        actor: "run:r".into(),
        action: "skipped".into(),
        ticket_id: Some(TicketId(42)),
        attachment_id: None,
        sha256: None,
        object_key: None,
        detail: json!({"reason": "attachment_malware", "size": null, "run": "r"}),
        prev_hash: "a".into(),
        hash: "b".into(),
    };
    let written = serde_json::to_value(LedgerPage { rows: vec![line], next: Some(2) }).expect("JSON");
    let read: Page = of(written).read().expect("the page reads it");
    assert_eq!((read.next, read.rows[0].detail.reason.as_deref()), (Some(2), Some("attachment_malware")));
}

#[test]
fn the_form_becomes_one_question() {
    let check = |search: Search, expected: &str| {
        let (_, effects) = opened().update(LedgerEvent::Search(search));
        assert_eq!(effects, [LedgerEffect::Find { ask: 2, path: format!("/api/ledger{expected}") }]);
    };
    check(Search::default(), "");
    check(
        Search { ticket: " #42 ".into(), action: "redacted".into(), ..Search::default() },
        "?ticket=42&action=redacted",
    );
    check(Search { actor: "agent:77 &".into(), ..Search::default() }, "?actor=agent%3A77%20%26");
    let days = Search { since: "2026-11-01".into(), until: "2026-11-30".into(), ..Search::default() };
    check(days, "?since=2026-11-01&until=2026-12-01"); // the last day itself is meant, too
    check(Search { until: "soon".into(), ..Search::default() }, "?until=soon");
}

#[test]
fn older_rows_follow_and_another_search_begins_anew() {
    let model = found(opened(), 1, page(&[9, 8], Some(8)));
    let (model, effects) = model.update(LedgerEvent::More);
    assert_eq!(effects, [LedgerEffect::Find { ask: 2, path: "/api/ledger?before=8".into() }]);
    let model = found(model, 2, page(&[7], None));
    assert_eq!((seqs(&model), model.next), (vec![9, 8, 7], None));
    let (model, _) = model.update(LedgerEvent::Search(Search { ticket: "1".into(), ..Search::default() }));
    let late = found(model, 2, page(&[6], None));
    assert_eq!(seqs(&late), Vec::<u64>::new(), "the answer to the search before is dropped");
    assert_eq!(seqs(&found(late, 3, page(&[5], None))), [5]);
}

#[test]
fn rows_that_do_not_come_say_why_and_can_be_asked_for_again() {
    let model = found(opened(), 1, page(&[9], Some(9)));
    let (model, _) = model.update(LedgerEvent::More);
    let why = refused(ErrorCode::StoreUnavailable);
    let (model, _) = model.update(LedgerEvent::Found { ask: 2, result: Err(why.clone()) });
    assert_eq!((seqs(&model), &model.asked), (vec![9], &Asked::Failed(why)), "what is there stays");
    let (_, effects) = model.update(LedgerEvent::Again);
    assert_eq!(effects, [LedgerEffect::Find { ask: 3, path: "/api/ledger?before=9".into() }]);
}

#[test]
fn the_picture_has_every_day() {
    let (model, effects) = LedgerModel::default().update(LedgerEvent::Open("2026-03-02".into()));
    assert_eq!(
        effects[1],
        LedgerEffect::Days { span: 30, path: "/api/ledger/volume?since=2026-02-01".into() }
    );
    let left = vec![LedgerDay { day: "2026-02-28".into(), files: 3, bytes: 900 }];
    let (model, _) = model.update(LedgerEvent::Days { span: 30, result: Ok(LedgerVolume { days: left }) });
    let Volume::Ready(days) = &model.volume else { panic!("{:?}", model.volume) };
    assert_eq!((days.len(), days[0].day.as_str(), days[29].day.as_str()), (30, "2026-02-01", "2026-03-02"));
    assert_eq!(
        days.iter().filter(|day| day.files > 0).map(|day| (day.day.as_str(), day.bytes)).collect::<Vec<_>>(),
        [("2026-02-28", 900)]
    );
}

#[test]
fn an_answer_for_another_span_is_dropped() {
    let (model, _) = opened().update(LedgerEvent::Span(365));
    let (model, _) = model.update(LedgerEvent::Days { span: 30, result: Ok(LedgerVolume { days: vec![] }) });
    assert_eq!(model.volume, Volume::Waiting);
}

#[test]
fn one_export_at_a_time() {
    let (model, effects) = opened().update(LedgerEvent::Export(Export::Csv));
    assert_eq!(effects.len(), 1);
    let (model, effects) = model.update(LedgerEvent::Export(Export::Json));
    assert_eq!(effects, []);
    let (model, _) = model.update(LedgerEvent::Exported(Ok(())));
    assert_eq!(model.export, Asked::Answered);
}
