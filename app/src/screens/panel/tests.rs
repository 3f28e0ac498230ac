//! What an agent reads beside the ticket of a call.

use wire::{
    CallFacts, EngagementView, ErrorCode, LastComment, LogLine, LogStage, LogState, PublicComment, TicketId,
    WrapUp,
};

use super::*;
use crate::i18n::Locale;
use crate::model::Model;
use crate::model::call::{CallEvent, CallModel};
use crate::model::fault::{Fault, FaultKind, refused};
use crate::model::notes::{Noted, NotesEvent, NotesModel};
use crate::model::said::{SaidEvent, SaidModel};
use crate::model::trace::{TraceEvent, TraceModel};
use crate::screens::check::{nobody, text};
use crate::ui::Node;

#[track_caller]
fn check(shown: Option<Node>, expected: &[&str]) {
    assert_eq!(shown.map(text).unwrap_or_default(), expected.join("\n"));
}

#[test]
fn a_call_says_what_it_is_and_how_long_it_goes_on() {
    let shown = |tag: &'static str, facts: CallFacts, channel: &str| {
        let begin = CallEvent::Begin { task: "WT1".into(), facts, now_ms: 95_000 };
        let (model, _) = CallModel::default().update(begin);
        call::call(Locale::new(tag), &model, Some(channel))
    };
    let live = CallFacts {
        status: Some("accepted".into()),
        direction: Some("inbound".into()),
        queue: Some("Billing".into()),
        from: Some("+81 50 ···· 0042".into()),
        to: None,
        created_ms: Some(0),
        accepted_ms: Some(20_000),
        ended_ms: None,
    };
    check(
        shown("en", live.clone(), "voice"),
        &[
            "Call",
            "inbound",
            "1:15",
            "Live",
            "From",
            "+81 50 ···· 0042",
            "Queue",
            "Billing",
            "Waited",
            "0:20",
        ],
    );
    check(
        shown("ja", CallFacts { queue: None, from: None, ..live }, "web"),
        &["チャット", "着信", "1:15", "対応中", "待ち時間", "0:20"],
    );
    check(shown("en", CallFacts::default(), "telegram"), &["telegram"]);
    check(call::call(Locale::new("en"), &CallModel::default(), None), &[]);
}

#[test]
fn the_last_comment_has_each_of_its_states() {
    let shown_in = |tag: &'static str, answer: Option<Result<LastComment, Fault>>| {
        let (model, _) = SaidModel::default().update(SaidEvent::Look(Some(TicketId(42))));
        let model = match answer {
            Some(result) => model.update(SaidEvent::Answer { ask: 1, result }).0,
            None => model,
        };
        said::said(Locale::new(tag), &model, &nobody())
    };
    let shown = |answer| shown_in("en", answer);
    let title = "Last public comment";
    check(shown(None), &[title]);
    check(shown(Some(Ok(LastComment { comment: None }))), &[title, "No public comments yet."]);
    let comment = PublicComment {
        text: "Where is it?".into(),
        author: Some("Ada".into()),
        by_customer: true,
        at: "2026-11-20T09:30:00Z".into(),
    };
    check(
        shown(Some(Ok(LastComment { comment: Some(comment) }))),
        &[title, "Where is it?", "Ada", "customer", "2026-11-20"],
    );
    check(
        shown(Some(Err(refused(ErrorCode::ZendeskUnavailable)))),
        &[title, "Message of zendesk_unavailable.", " ", "Try again"],
    );
    let offline = || Some(Err(Fault::plain(FaultKind::Offline)));
    check(
        shown(offline()),
        &[
            title,
            "The comment could not be read. Deskside cannot be reached. Check your connection.",
            " ",
            "Try again",
        ],
    );
    check(
        shown_in("ja", Some(Err(refused(ErrorCode::ZendeskUnavailable)))),
        &[
            "最新のパブリックコメント",
            "コメントを読み込めませんでした。Zendesk が応答していません。1 分ほど待ってからもう一度お試しください。",
            " ",
            "再試行",
        ],
    );
}

fn trace(lines: &[LogLine]) -> TraceModel {
    let view =
        EngagementView { ticket_id: None, log: lines.to_vec(), notes: WrapUp::default(), outcomes: vec![] };
    let (model, _) = TraceModel::default().update(TraceEvent::Look("WT1".into()));
    model.update(TraceEvent::Answer { ask: 1, result: Ok(Box::new(view)) }).0
}

#[test]
fn each_note_says_how_far_it_is_and_one_that_is_given_up_what_to_do() {
    let line = |stage, state| LogLine { stage, state, ticket_id: None, reason: None };
    let written = LogLine { ticket_id: Some(TicketId(42)), ..line(LogStage::Start, LogState::Written) };
    let waiting = line(LogStage::Complete, LogState::Waiting);
    let off = line(LogStage::Switch, LogState::Off);
    let model = trace(&[written.clone(), off, waiting]);
    let shown = |model: &TraceModel, chooses| log::log(Locale::new("en"), model, chooses, &nobody());
    let title = "Ticket notes";
    check(shown(&model, false), &[title, "Started", "#42", "Written", "Ended", "Waiting"]);
    check(shown(&model, true), &[title, "Started", "#42", "Written", "Ended", "Waiting for your choice"]);
    assert_eq!(log::spoken(Locale::new("en"), &model), "Started: Written.");
    let given_up =
        LogLine { reason: Some(ErrorCode::TicketClosed), ..line(LogStage::Complete, LogState::GivenUp) };
    check(
        shown(&trace(&[written, given_up]), false),
        &[
            title,
            "Started",
            "#42",
            "Written",
            "Ended",
            "Could not be saved",
            "The ticket is closed. Add the note to a follow-up ticket.",
        ],
    );
}

#[test]
fn notes_say_whether_they_are_saved() {
    let noted = |text: &str| Noted { text: text.into(), outcome: "Solved".into() };
    let shown = |events: Vec<NotesEvent>| {
        let begin = [
            NotesEvent::Show(Some("WT1".into())),
            NotesEvent::Loaded { task: "WT1".into(), noted: noted("Sent") },
        ];
        let all = begin.into_iter().chain(events);
        let model = all.fold(NotesModel::default(), |model, event| model.update(event).0);
        Some(notes::notes(Locale::new("en"), "WT1", &model, &["Solved".into()], || ()))
    };
    let form = ["Outcome", "No outcome", "Solved", "Notes", "Sent"];
    let hint = "Added to the ticket when you complete the call or chat.";
    let all =
        |head: &[&'static str], tail: &[&'static str]| [&["Wrap-up"], head, &form, tail, &[hint]].concat();
    check(shown(vec![]), &all(&["Saved"], &[]));
    let typed = NotesEvent::Typed(noted("Sent again"));
    check(shown(vec![typed.clone()]), &all(&["Saving…"], &[]));
    let lost = |fault| NotesEvent::Answer { task: "WT1".into(), result: Err(fault) };
    check(
        shown(vec![typed.clone(), lost(Fault::plain(FaultKind::Offline))]),
        &all(&[], &["Not saved yet. Trying again; leave this page open."]),
    );
    check(
        shown(vec![typed, lost(refused(ErrorCode::NotesWritten))]),
        &all(&[], &["Message of notes_written."]),
    );
}
