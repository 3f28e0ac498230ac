//! What an agent reads while files leave a ticket.

mod run;

use wire::{
    ArchiveItem, AttachmentId, CommentId, ErrorCode, ItemReason, RunState, RunView, Sender, TicketId,
};

use super::*;
use crate::model::fault::refused;
use crate::model::{Fault, Model};
use crate::screens::check::{nobody, text};

const UNTIL: &str = "2026-11-22T09:10:00Z";

fn item(id: u64, state: ItemState) -> ArchiveItem {
    ArchiveItem {
        attachment_id: AttachmentId(id),
        comment_id: CommentId(1),
        file_name: format!("{id}.pdf"),
        size: 1_500,
        content_type: "application/pdf".into(),
        state,
        reason: None,
        reason_code: None,
        done: 0,
        prevented: None,
        goes_from: None,
        sender: None,
        sent_at: None,
    }
}

fn because(mut item: ArchiveItem, code: ErrorCode) -> ArchiveItem {
    let message = format!("message of {}", code.as_str());
    if item.state == ItemState::InZendesk {
        item.prevented = Some(ItemReason { code, message });
    } else {
        (item.reason_code, item.reason) = (Some(code), Some(message));
    }
    item
}

fn view(run: Option<RunState>, items: Vec<ArchiveItem>) -> ArchiveView {
    let run = run.map(|state| RunView {
        id: "r".into(),
        state,
        undo_until: None,
        can_undo: false,
        problem: None,
        noted: None,
    });
    ArchiveView { run, items, undo_seconds: 600, ..ArchiveView::default() }
}

/// Can be undone until its end, if there is one yet.
fn undoable(until: Option<&str>, items: Vec<ArchiveItem>) -> ArchiveView {
    let mut view = view(Some(RunState::Running), items);
    if let Some(run) = &mut view.run {
        (run.can_undo, run.undo_until) = (true, until.map(str::to_owned));
    }
    view
}

fn seen(view: ArchiveView) -> ArchiveModel {
    let (model, _) = ArchiveModel::default().update(ArchiveEvent::Open(Some(TicketId(42))));
    then(model, ArchiveEvent::Listed { ask: 1, at: "2026-11-22T22:14:00Z".into(), result: Ok(view) })
}

fn ready(run: Option<RunState>, items: Vec<ArchiveItem>) -> ArchiveModel {
    seen(view(run, items))
}

fn then(model: ArchiveModel, event: ArchiveEvent) -> ArchiveModel {
    model.update(event).0
}

/// The run ends so, and the agent has seen it.
fn ended(state: RunState, items: Vec<ArchiveItem>) -> ArchiveModel {
    let at = "2026-11-22T22:15:00Z".into();
    let running = seen(undoable(None, items.clone()));
    then(running, ArchiveEvent::Progress { run: "r".into(), at, view: view(Some(state), items) })
}

#[track_caller]
fn check(model: &ArchiveModel, expected: &[&str]) {
    let shown = archive(Locale::new("en"), model, &nobody()).map(text).unwrap_or_default();
    assert_eq!(shown, expected.join("\n"));
}

/// The same above the files.
#[track_caller]
fn check_head(model: &ArchiveModel, expected: &[&str]) {
    let shown = archive(Locale::new("en"), model, &nobody()).map(text).unwrap_or_default();
    let head = shown.split("\n1.pdf").next().unwrap_or_default();
    assert_eq!(head, expected.join("\n"));
}

#[test]
fn files_can_go_one_by_one_or_all() {
    let both = vec![item(1, ItemState::InZendesk), item(2, ItemState::InZendesk)];
    check(
        &ready(None, both),
        &[
            "2 attachments",
            "3.0 kilobyte",
            "Archive all",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "Archive",
            "2.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "Archive",
        ],
    );
    check(&ready(None, vec![]), &["No attachments on this ticket"]);
    check(&ArchiveModel::default(), &[]);
}

#[test]
fn after_a_run_the_head_says_what_is_where() {
    let gone = |id| item(id, ItemState::Redacted);
    let left = vec![item(1, ItemState::InZendesk), gone(2), gone(3), gone(4)];
    check_head(&ready(Some(RunState::Done), left), &["1 in Zendesk · 3 archived", "Archive"]);
    check_head(&ready(Some(RunState::Done), vec![gone(1), gone(2)]), &["2 archived"]);
}

#[test]
fn a_file_says_who_sent_it_and_when() {
    let mut file = item(1, ItemState::Redacted);
    (file.sender, file.sent_at) = (Some(Sender::Customer), Some("2026-11-22T09:00:00Z".into()));
    check(
        &ready(None, vec![file]),
        &["1 archived", "1.pdf", "1.5 kilobyte · customer · today", "Archived", "Open"],
    );
}

#[test]
fn files_that_will_stay_are_marked_before_anything_is_pressed() {
    let stays = |id, code| because(item(id, ItemState::InZendesk), code);
    check(
        &ready(
            None,
            vec![
                item(1, ItemState::InZendesk),
                stays(2, ErrorCode::AttachmentMalware),
                stays(3, ErrorCode::ArchiveLegalHold),
                stays(4, ErrorCode::ArchiveSentByUs),
                stays(5, ErrorCode::AttachmentNotScanned),
                stays(6, ErrorCode::AttachmentTooLarge),
                stays(7, ErrorCode::ArchiveByPolicy),
                stays(8, ErrorCode::Unknown),
            ],
        ),
        &[
            "8 attachments",
            "12.0 kilobyte",
            "Archive 1 of 8",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "Archive",
            "2.pdf",
            "1.5 kilobyte",
            "Malware",
            "Message of attachment_malware.",
            "3.pdf",
            "1.5 kilobyte",
            "Legal hold",
            "4.pdf",
            "1.5 kilobyte",
            "Sent to customer: stays",
            "5.pdf",
            "1.5 kilobyte",
            "Waiting for malware scan",
            "6.pdf",
            "1.5 kilobyte",
            "Too large",
            "7.pdf",
            "1.5 kilobyte",
            "By policy",
            "Message of archive_by_policy.",
            "8.pdf",
            "1.5 kilobyte",
            "Kept",
            "Message of unknown.",
        ],
    );
    check(
        &ready(None, vec![stays(1, ErrorCode::ArchiveLegalHold)]),
        &[
            "1 attachment",
            "1.5 kilobyte",
            "None of these files can be archived now.",
            "1.pdf",
            "1.5 kilobyte",
            "Legal hold",
        ],
    );
}

#[test]
fn a_file_that_is_too_new_says_when_it_can_go() {
    let mut file = because(item(1, ItemState::InZendesk), ErrorCode::ArchiveTooNew);
    file.goes_from = Some("2026-12-03T09:00:00Z".into());
    let expected = ["1.pdf", "1.5 kilobyte", "Too new", "Can be archived from 2026-12-03."];
    let head = ["1 attachment", "1.5 kilobyte", "None of these files can be archived now."];
    check(&ready(None, vec![file]), &[&head[..], &expected].concat());
    // While Zendesk is silent, nothing says since when it is there.
    let left = because(item(1, ItemState::Skipped), ErrorCode::ArchiveTooNew);
    check(&ready(None, vec![left]), &[&head[..], &expected[..3]].concat());
}

#[test]
fn files_that_cannot_be_read_are_counted_above_the_others() {
    let of = |unreadable, items| seen(ArchiveView { unreadable, ..view(None, items) });
    let one = || vec![item(1, ItemState::Redacted)];
    check_head(&of(1, one()), &["1 archived", "1 file could not be read and stays in Zendesk."]);
    check_head(&of(2, one()), &["1 archived", "2 files could not be read and stay in Zendesk."]);
    check(&of(1, vec![]), &["1 file could not be read and stays in Zendesk.", "Try again"]);
    let mut failed = view(Some(RunState::Running), one());
    failed.unreadable = 1;
    let problem = ItemReason { code: ErrorCode::AttachmentUnreadable, message: "one is odd".into() };
    failed.run.as_mut().expect("a run").problem = Some(problem);
    let shown = archive(Locale::new("en"), &seen(failed), &nobody()).map(text).unwrap_or_default();
    assert!(shown.contains("One is odd.") && !shown.contains("could not be read"), "{shown}");
}

#[test]
fn what_is_in_the_way_of_the_whole_run_is_said_once() {
    let failed = |id, code| because(item(id, ItemState::Failed), code);
    let files = vec![failed(1, ErrorCode::ArchiveCredentials), failed(2, ErrorCode::AttachmentIncomplete)];
    let at = "2026-11-22T22:15:00Z".into();
    let mut view = view(Some(RunState::Failed), files.clone());
    let problem = ItemReason { code: ErrorCode::ArchiveCredentials, message: "the key is wrong".into() };
    view.run.as_mut().expect("a run").problem = Some(problem);
    let shown = then(seen(undoable(None, files)), ArchiveEvent::Progress { run: "r".into(), at, view });
    let head = ["2 attachments", "3.0 kilobyte", "Archive all", "The key is wrong."];
    let one = ["1.pdf", "1.5 kilobyte", "Failed", "Try again"];
    let two = ["2.pdf", "1.5 kilobyte", "Failed", "Try again", "Message of attachment_incomplete."];
    check(&shown, &[&head[..], &one, &two].concat());
}

#[test]
fn what_an_agent_may_not_do_is_not_offered() {
    let mut view = view(None, vec![item(1, ItemState::InZendesk), item(2, ItemState::Redacted)]);
    (view.may_start, view.may_open) = (Some(false), Some(false));
    check(
        &seen(view),
        &[
            "1 in Zendesk · 1 archived",
            "Your role cannot archive files here. Ask an admin.",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "2.pdf",
            "1.5 kilobyte",
            "Archived",
        ],
    );
}

#[test]
fn the_question_says_what_happens_and_for_how_long_it_can_be_undone() {
    let asked = |count: u64, undo_seconds| {
        let items = (1..=count).map(|id| item(id, ItemState::InZendesk)).collect();
        let model = seen(ArchiveView { undo_seconds, ..view(None, items) });
        then(model, ArchiveEvent::Wish(Which::All))
    };
    let check = |count: u64, undo_seconds, question: &str, how: &str, yes: &str| {
        let (size, files) = match count {
            1 => ("1.5 kilobyte", "1 attachment"),
            _ => ("6.0 kilobyte", "4 attachments"),
        };
        check_head(&asked(count, undo_seconds), &[files, size, question, how, yes, "Cancel"]);
    };
    let them = "They are copied and checked, then removed from this ticket. You can undo for 10.0 minute.";
    check(4, 600, "Archive 4 files?", them, "Archive 4 files");
    let soon = "It is copied and checked, then removed from this ticket. You can undo for 45.0 second.";
    check(1, 45, "Archive 1 file?", soon, "Archive 1 file");
    let never = "It is copied and checked, then removed from this ticket. This cannot be undone.";
    check(1, 0, "Archive 1 file?", never, "Archive 1 file");
    let html = archive(Locale::new("en"), &asked(4, 600), &nobody()).map(|node| node.to_html());
    let html = html.unwrap_or_default();
    assert!(
        html.contains(r#"role="alertdialog" tabindex="-1" aria-labelledby="archive-question""#),
        "{html}"
    );
}

#[test]
fn a_file_that_arrives_meanwhile_is_said_and_can_go_too() {
    let asked = then(ready(None, vec![item(1, ItemState::InZendesk)]), ArchiveEvent::Wish(Which::All));
    let two = view(None, vec![item(1, ItemState::InZendesk), item(2, ItemState::InZendesk)]);
    let look = then(asked, ArchiveEvent::Look { fresh: true });
    let list = ArchiveEvent::Listed { ask: 2, at: String::new(), result: Ok(two) };
    let arrived = then(then(look, list), ArchiveEvent::Confirm);
    check_head(&arrived, &["Starting…", "1 new file arrived"]);
    let run = ArchiveEvent::Started {
        ask: 3,
        result: Ok(wire::StartedRun { run: wire::RunRef { id: "r".into() } }),
    };
    let started = then(arrived, run);
    check_head(&started, &["Starting…", "1 new file arrived", "Archive"]);
    assert_eq!(spoken(Locale::new("en"), &started), "Starting… · 1 new file arrived");
}

#[test]
fn a_list_that_is_not_fresh_says_so() {
    let listing = |listing, items| seen(ArchiveView { listing, ..view(None, items) });
    let file = || vec![item(1, ItemState::Held)];
    check_head(
        &listing(Listing::Last, file()),
        &["1 attachment", "1.5 kilobyte", "Archive", "Zendesk is not answering."],
    );
    check(&listing(Listing::Missing, vec![]), &["The list cannot be read right now.", "Try again"]);
    let look = then(ready(None, file()), ArchiveEvent::Look { fresh: true });
    let unread = ArchiveEvent::Listed {
        ask: 2,
        at: String::new(),
        result: Err(refused(ErrorCode::ZendeskUnavailable)),
    };
    let said = "Message of zendesk_unavailable. Showing the list from 22:14.";
    check_head(&then(look, unread), &["1 attachment", "1.5 kilobyte", "Archive", said]);
}

#[test]
fn malware_is_not_tried_again() {
    for state in [ItemState::Failed, ItemState::Skipped] {
        let malware = because(item(1, state), ErrorCode::AttachmentMalware);
        let shown =
            archive(Locale::new("en"), &ready(None, vec![malware]), &nobody()).map(text).unwrap_or_default();
        assert!(!shown.contains("Try again") && !shown.contains("Archive"), "{shown}");
    }
}

#[test]
fn a_refused_wish_keeps_the_list() {
    let mut model = ready(None, vec![item(1, ItemState::InZendesk)]);
    for event in [ArchiveEvent::Wish(Which::All), ArchiveEvent::Confirm] {
        model = then(model, event);
    }
    let refusal = Err(refused(ErrorCode::TicketClosed));
    check_head(
        &then(model, ArchiveEvent::Started { ask: 2, result: refusal }),
        &["1 attachment", "1.5 kilobyte", "Archive", "Message of ticket_closed."],
    );
}

#[test]
fn an_agent_who_is_not_known_yet_is_told_so() {
    let shown = |proof| unproved(Locale::new("ja"), &Standing::Unproved(proof), &nobody()).map(text);
    assert_eq!(shown(Proof::Asked).as_deref(), Some("エージェントを確認しています…"));
    let failed = Proof::Failed(refused(ErrorCode::ProofInvalid));
    assert_eq!(
        shown(failed).as_deref(),
        Some("エージェントを確認できないため、情報を表示できません。\n再試行")
    );
}
