//! What an admin finds, and what is asked for it.

use std::rc::Rc;

use serde_json::json;
use wire::{ErrorCode, LedgerDay, LedgerLine, LedgerPage};

use super::*;
use crate::console::asked;
use crate::json::tests::of;
use crate::model::fault::refused;

fn row(seq: u64) -> serde_json::Value {
    json!({"seq": seq, "at": "2026-11-22T12:00:00Z", "actor": "agent:9002", "action": "redacted", "ticket_id": 42,
        "attachment_id": 7, "sha256": "ab", "object_key": "v1/x", "detail": {"size": 10}})
}

fn page(seqs: &[u64], next: Option<u64>) -> Rc<Rows> {
    let rows: Vec<_> = seqs.iter().map(|seq| row(*seq)).collect();
    Rc::new(of(json!({"rows": rows, "next": next})).read().expect("a page"))
}

fn opened() -> ArchivePage {
    ArchivePage::default().update(ArchiveEvent::Open("2026-11-25".into())).0
}

fn refresh() -> ArchiveEvent {
    ArchiveEvent::Refresh("2026-11-25".into())
}

fn searched(search: &Search) -> ArchiveEvent {
    ArchiveEvent::Search(FIELDS.iter().map(|field| Some(search.value(field.name).to_owned())).collect())
}

fn refreshed(model: ArchivePage, ask: u32, page: Rc<Rows>) -> ArchivePage {
    let (model, _) = model.update(refresh());
    model.update(ArchiveEvent::Refreshed { ask, result: Ok(page) }).0
}

fn found(model: ArchivePage, ask: u32, page: Rc<Rows>) -> ArchivePage {
    model.update(ArchiveEvent::Found { ask, result: Ok(page) }).0
}

fn seqs(model: &ArchivePage) -> Vec<u64> {
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
    let read: Rows = of(written).read().expect("the page reads it");
    assert_eq!((read.next, read.rows[0].detail.reason.as_deref()), (Some(2), Some("attachment_malware")));
}

#[test]
fn the_form_becomes_one_question() {
    let check = |search: Search, expected: &str| {
        let (_, effects) = opened().update(searched(&search));
        assert_eq!(asked(&effects), [format!("GET /api/ledger{expected}")]);
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
    let (model, effects) = model.update(ArchiveEvent::More);
    assert_eq!(asked(&effects), ["GET /api/ledger?before=8"]);
    let model = found(model, 2, page(&[7], None));
    assert_eq!((seqs(&model), model.next), (vec![9, 8, 7], None));
    let (model, _) = model.update(searched(&Search { ticket: "1".into(), ..Search::default() }));
    let late = found(model, 2, page(&[6], None));
    assert_eq!(seqs(&late), Vec::<u64>::new(), "the answer to the search before is dropped");
    assert_eq!(seqs(&found(late, 3, page(&[5], None))), [5]);
}

#[test]
fn rows_that_do_not_come_say_why_and_can_be_asked_for_again() {
    let model = found(opened(), 1, page(&[9], Some(9)));
    let (model, _) = model.update(ArchiveEvent::More);
    let why = refused(ErrorCode::StoreUnavailable);
    let (model, _) = model.update(ArchiveEvent::Found { ask: 2, result: Err(why.clone()) });
    assert_eq!((seqs(&model), &model.found), (vec![9], &RequestState::Failed(why)), "what is there stays");
    let (_, effects) = model.update(ArchiveEvent::Again);
    assert_eq!(asked(&effects), ["GET /api/ledger?before=9"]);
}

#[test]
fn the_picture_has_every_day() {
    let (model, effects) = ArchivePage::default().update(ArchiveEvent::Open("2026-03-02".into()));
    assert_eq!(asked(&effects)[1], "GET /api/ledger/volume?since=2026-02-01");
    let left = vec![LedgerDay { day: "2026-02-28".into(), files: 3, bytes: 900 }];
    let (model, _) = model.update(ArchiveEvent::Days { span: 30, result: Ok(LedgerVolume { days: left }) });
    let Volume::Ready(days) = &model.volume else { panic!("{:?}", model.volume) };
    assert_eq!((days.len(), days[0].date.as_str(), days[29].date.as_str()), (30, "2026-02-01", "2026-03-02"));
    assert_eq!(
        days.iter().filter(|day| day.files > 0).map(|day| (day.date.as_str(), day.bytes)).collect::<Vec<_>>(),
        [("2026-02-28", 900)]
    );
}

#[test]
fn a_tab_that_stays_open_counts_no_more_days_than_it_says() {
    let left = |days: &[&str]| {
        let day = |day: &&str| LedgerDay { day: (*day).into(), files: 1, bytes: 1 };
        ArchiveEvent::Days { span: 30, result: Ok(LedgerVolume { days: days.iter().map(day).collect() }) }
    };
    let check = |model: ArchivePage, first: &str, last: &str| {
        let Volume::Ready(days) = &model.volume else { panic!("{:?}", model.volume) };
        assert_eq!((days.len(), days[0].date.as_str(), days[29].date.as_str()), (30, first, last));
        model
    };
    let model = found(opened(), 1, page(&[9], None)).update(left(&["2026-10-27", "2026-11-25"])).0;
    let model = check(model, "2026-10-27", "2026-11-25");
    let model = model.update(left(&["2026-10-27", "2026-11-25", "2026-11-27"])).0;
    let model = check(model, "2026-10-29", "2026-11-27");
    let (model, effects) = model.update(ArchiveEvent::Refresh("2026-12-01".into()));
    assert_eq!(asked(&effects)[1], "GET /api/ledger/volume?since=2026-11-02");
    check(model.update(left(&["2026-11-25"])).0, "2026-11-02", "2026-12-01");
}

#[test]
fn an_answer_for_another_span_is_dropped() {
    let (model, _) = opened().update(ArchiveEvent::Span(365));
    let (model, _) = model.update(ArchiveEvent::Days { span: 30, result: Ok(LedgerVolume { days: vec![] }) });
    assert_eq!(model.volume, Volume::Waiting);
}

#[test]
fn one_export_at_a_time() {
    let (model, effects) = opened().update(ArchiveEvent::Export(Export::Csv));
    assert_eq!(effects.len(), 1);
    let (model, effects) = model.update(ArchiveEvent::Export(Export::Json));
    assert!(effects.is_empty());
    let (model, _) = model.update(ArchiveEvent::Exported(Ok(())));
    assert_eq!(model.export, RequestState::Idle);
}

#[test]
fn new_rows_come_on_top_when_the_admin_comes_back() {
    let check =
        |there: (&[u64], Option<u64>), new: (&[u64], Option<u64>), expected: (&[u64], Option<u64>)| {
            let model = refreshed(found(opened(), 1, page(there.0, there.1)), 2, page(new.0, new.1));
            assert_eq!((seqs(&model).as_slice(), model.next), expected);
        };
    check((&[9, 8], Some(8)), (&[10, 9], Some(9)), (&[10, 9, 8], Some(8)));
    check((&[9, 8], None), (&[10, 9, 8], None), (&[10, 9, 8], None));
    check((&[9, 8], Some(8)), (&[12, 11], Some(11)), (&[12, 11], Some(11)));
    check((&[], None), (&[1], None), (&[1], None));
    check((&[9], None), (&[], None), (&[9], None));
    let waiting = opened().update(refresh()).1;
    assert!(waiting.is_empty(), "the rows are on their way already");
    let model = found(opened(), 1, page(&[9], None)).update(refresh()).0;
    let failed = ArchiveEvent::Refreshed { ask: 2, result: Err(refused(ErrorCode::StoreUnavailable)) };
    assert_eq!(seqs(&model.update(failed).0), [9]);
}

#[test]
fn what_is_not_a_ticket_is_not_searched_for() {
    let search = Search { ticket: "forty-two".into(), ..Search::default() };
    let (model, effects) = found(opened(), 1, page(&[9], None)).update(searched(&search));
    assert_eq!(asked(&effects), ["focus ticket"]);
    assert_eq!((seqs(&model), &model.wrong), (vec![9], &Some(Wrong::Ticket)));
    let (model, effects) = model.update(refresh());
    assert_eq!(asked(&effects)[0], "GET /api/ledger", "the wrong one is not asked for");
    let (model, effects) = model.update(ArchiveEvent::Only(TicketId(42)));
    assert_eq!(asked(&effects), ["GET /api/ledger?ticket=42"]);
    assert_eq!((model.wrong, model.filled), (None, 1));
}
