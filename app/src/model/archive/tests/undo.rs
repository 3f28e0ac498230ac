//! What an agent takes back, and how long they can.

use super::*;

const UNTIL: &str = "2026-11-22T09:10:00Z";

/// A run that can be undone: while it is copied, and until `until`.
fn undoable(until: Option<&str>, states: &[ItemState]) -> ArchiveView {
    let mut view = view(Some(("r", RunState::Running)), states);
    if let Some(run) = &mut view.run {
        run.can_undo = true;
        run.undo_until = until.map(str::to_owned);
    }
    view
}

fn left(seconds: u32) -> ArchiveEvent {
    ArchiveEvent::Left { until: UNTIL.into(), seconds }
}

/// Two files are copied, and wait.
fn waiting(seconds: u32) -> Vec<ArchiveEvent> {
    vec![open(), list(1, undoable(Some(UNTIL), &[S::Verified, S::Verified])), left(seconds)]
}

fn answered(only: Option<u64>, result: Result<ArchiveView, Fault>) -> ArchiveEvent {
    let at = "2026-11-22T09:05:00Z".into();
    ArchiveEvent::UndoAnswered { run: "r".into(), only: only.map(AttachmentId), at, result }
}

fn lost(only: Option<u64>) -> ArchiveEvent {
    answered(only, Err(Fault::plain(FaultKind::Offline)))
}

fn ask(only: Option<u64>, after: u32) -> ArchiveEffect {
    ArchiveEffect::Undo { run: "r".into(), only: only.map(AttachmentId), after }
}

fn cancelled() -> ArchiveView {
    let mut view = view(Some(("r", RunState::Cancelled)), &[S::Skipped, S::Skipped]);
    for item in &mut view.items {
        item.reason_code = Some(ErrorCode::ArchiveCancelled);
    }
    view
}

fn chained(start: Vec<ArchiveEvent>, more: Vec<ArchiveEvent>) -> impl Iterator<Item = ArchiveEvent> {
    start.into_iter().chain(more)
}

#[test]
fn the_time_to_undo_begins_with_the_last_copy_and_is_counted_down() {
    let copying = || vec![open(), list(1, undoable(None, &[S::Verified, S::Stored]))];
    check(copying(), "2 files, Copying 1 of 2 (91 %)");
    let copied = || chained(copying(), vec![shows(undoable(Some(UNTIL), &[S::Verified, S::Verified]))]);
    let count = |now| ArchiveEffect::Count { until: UNTIL.into(), now };
    assert_eq!(check(copied(), "2 files, Waiting 0 of 2 (85 %)"), [count(true)]);
    let events = copied().chain([left(600)]);
    assert_eq!(check(events, "2 files, Waiting 0 of 2 (85 %), 600 s left"), [count(false)]);
    let over = copied().chain([left(1), left(0)]);
    assert_eq!(check(over, "2 files, Removing 0 of 2 (85 %), 0 s left"), []);
    // Another file joins: there is no end until it is copied, too.
    let joined = copied().chain([
        left(600),
        shows(undoable(None, &[S::Verified, S::Verified, S::Planned])),
        left(599),
    ]);
    check(joined, "3 files, Copying 2 of 3 (66 %)");
}

#[test]
fn a_server_that_names_the_end_early_can_be_undone_while_it_copies() {
    let mut early = undoable(Some(UNTIL), &[S::Verified, S::Planned]);
    if let Some(run) = &mut early.run {
        run.can_undo = false; // it does not know the word
    }
    let undo = || vec![open(), list(1, early.clone()), ArchiveEvent::Undo(None)];
    assert_eq!(check(undo(), "2 files, Copying 1 of 2 (50 %), undoing"), [ask(None, 0)]);
}

#[test]
fn an_undo_is_sent_once_and_its_answer_shows_the_run() {
    let undo = || chained(waiting(600), vec![ArchiveEvent::Undo(None)]);
    let undoing = "2 files, Waiting 0 of 2 (85 %), 600 s left, undoing";
    assert_eq!(check(undo(), undoing), [ask(None, 0)]);
    for again in [None, Some(AttachmentId(1))] {
        assert_eq!(check(undo().chain([ArchiveEvent::Undo(again)]), undoing), []);
    }
    let done = undo().chain([answered(None, Ok(cancelled()))]);
    assert_eq!(check(done, "2 files, ended"), [ArchiveEffect::Unfollow, list_again(2)]);
    let one = chained(waiting(600), vec![ArchiveEvent::Undo(Some(AttachmentId(1)))]);
    assert_eq!(check(one, undoing), [ask(Some(1), 0)]);
}

#[test]
fn an_undo_that_is_lost_is_sent_again_while_there_is_time() {
    let undo = || chained(waiting(600), vec![ArchiveEvent::Undo(None)]);
    let again = "2 files, Waiting 0 of 2 (85 %), 600 s left, undoing again";
    for (times, after) in [(1, 1), (2, 2), (3, 4), (9, 4)] {
        let events = undo().chain(std::iter::repeat_n(lost(None), times));
        assert_eq!(check(events, again), [ask(None, after)]);
    }
    for passing in [ErrorCode::SessionExpired, ErrorCode::Internal, ErrorCode::StoreBusy] {
        assert_eq!(check(undo().chain([answered(None, Err(refused(passing)))]), again), [ask(None, 1)]);
    }
    let over = undo().chain([lost(None), left(0)]);
    let gone = check(over, "2 files, Removing 0 of 2 (85 %), 0 s left, not undone");
    assert_eq!(gone, [list_again(2)]);
    // It had arrived, though its answer had not.
    let arrived = undo().chain([lost(None), shows(cancelled())]);
    check(arrived, "2 files, ended");
}

#[test]
fn too_late_is_said_unless_the_list_says_otherwise() {
    let late = |only: Option<u64>, code| {
        let undo = ArchiveEvent::Undo(only.map(AttachmentId));
        chained(waiting(600), vec![undo, answered(only, Err(refused(code)))])
    };
    let over = late(None, ErrorCode::ArchiveUndoOver);
    assert_eq!(check(over, "2 files, Waiting 0 of 2 (85 %), 600 s left, not undone"), [list_again(2)]);
    let gone = list(2, view(Some(("r", RunState::Done)), &[S::Redacted, S::Redacted]));
    check(late(None, ErrorCode::ArchiveUndoOver).chain([gone.clone()]), "2 files, not undone, ended");
    check(late(Some(1), ErrorCode::AttachmentNotFound).chain([gone]), "2 files, not undone, ended");
    // An earlier try had arrived.
    check(late(None, ErrorCode::ArchiveUndoOver).chain([list(2, cancelled())]), "2 files, ended");
    let mut kept = undoable(Some(UNTIL), &[S::Skipped, S::Verified]);
    kept.items[0].reason_code = Some(ErrorCode::ArchiveCancelled);
    let kept = late(Some(1), ErrorCode::AttachmentNotFound).chain([list(2, kept)]);
    check(kept, "2 files, Waiting 1 of 2 (92 %), 600 s left");
}

#[test]
fn a_refused_undo_can_be_tried_again() {
    let refused = answered(None, Err(refused(ErrorCode::AgentNotAllowed)));
    let events = chained(waiting(600), vec![ArchiveEvent::Undo(None), refused]);
    check(events, "2 files, Waiting 0 of 2 (85 %), 600 s left, not undone");
}

#[test]
fn what_cannot_be_undone_is_not_asked_for() {
    let moving = vec![open(), list(1, view(Some(("r", RunState::Running)), &[S::Verified]))];
    assert_eq!(check(chained(moving, vec![ArchiveEvent::Undo(None)]), "1 files, Removing 0 of 1 (85 %)"), []);
    let over = chained(waiting(0), vec![ArchiveEvent::Undo(None)]);
    assert_eq!(check(over, "2 files, Removing 0 of 2 (85 %), 0 s left"), []);
}
