//! What an agent sees while files leave a ticket, and when something is in the way.

mod undo;

use wire::{CommentId, ErrorCode, ItemReason, ItemState as S, Listing, RunRef, RunState, RunView};

use super::*;
use crate::model::fault::{FaultKind, refused};

fn view(run: Option<(&str, RunState)>, states: &[ItemState]) -> ArchiveView {
    let item = |(id, state): (u64, &ItemState)| ArchiveItem {
        attachment_id: AttachmentId(id),
        comment_id: CommentId(1),
        file_name: format!("{id}.pdf"),
        size: 1000,
        content_type: "application/pdf".into(),
        state: *state,
        reason: None,
        reason_code: None,
        done: 0,
        prevented: None,
        goes_from: None,
        sender: None,
        sent_at: None,
    };
    ArchiveView {
        run: run.map(|(id, state)| RunView {
            id: id.into(),
            state,
            undo_until: None,
            can_undo: false,
            problem: None,
            noted: None,
        }),
        items: (1..).zip(states).map(item).collect(),
        ..ArchiveView::default()
    }
}

fn list(ask: u32, view: ArchiveView) -> ArchiveEvent {
    ArchiveEvent::Listed { ask, at: "2026-11-22T09:00:00Z".into(), result: Ok(view) }
}

fn listed(ask: u32, states: &[ItemState]) -> ArchiveEvent {
    list(ask, view(None, states))
}

fn unlisted(ask: u32) -> ArchiveEvent {
    let result = Err(refused(ErrorCode::ZendeskUnavailable));
    ArchiveEvent::Listed { ask, at: "2026-11-22T09:01:00Z".into(), result }
}

fn shows(view: ArchiveView) -> ArchiveEvent {
    ArchiveEvent::Progress { run: "r".into(), at: "2026-11-22T09:00:10Z".into(), view }
}

fn progress(states: &[ItemState]) -> ArchiveEvent {
    shows(view(Some(("r", RunState::Running)), states))
}

fn started(ask: u32) -> ArchiveEvent {
    ArchiveEvent::Started { ask, result: Ok(StartedRun { run: RunRef { id: "r".into() } }) }
}

fn open() -> ArchiveEvent {
    ArchiveEvent::Open(Some(TicketId(42)))
}

fn list_again(ask: u32) -> ArchiveEffect {
    ArchiveEffect::List { ask, ticket: TicketId(42), fresh: true }
}

fn start(ask: u32, ids: &[u64]) -> ArchiveEffect {
    let ids = ids.iter().copied().map(AttachmentId).collect();
    ArchiveEffect::Start { ask, ticket: TicketId(42), ids }
}

/// One line as the agent would sum it up.
fn said(model: &ArchiveModel) -> String {
    let files = match &model.phase {
        Phase::Closed => "closed".into(),
        Phase::Loading => "loading".into(),
        Phase::Failed(_) => "failed".into(),
        Phase::Ready(view) => format!("{} files", view.items.len()),
    };
    let link = match &model.link {
        Link::Idle => String::new(),
        Link::Starting => ", starting".into(),
        Link::Following(_) | Link::Reconnecting(_) => {
            let Progress { settled, total, percent } = model.progress();
            let lost = if matches!(model.link, Link::Reconnecting(_)) { ", reconnecting" } else { "" };
            format!(", {:?} {settled} of {total} ({percent} %){lost}", model.stage())
        }
    };
    let left = model.seconds_left().map(|left| format!(", {left} s left")).unwrap_or_default();
    let confirm =
        model.confirm.map(|which| format!(", {which:?} {}?", model.confirming().len())).unwrap_or_default();
    let new = model.arrived();
    let new = if new > 0 { format!(", {new} new") } else { String::new() };
    let flags = [
        (model.undo.is_all() || model.undo.includes(AttachmentId(1)), ", undoing"),
        (model.undo.is_lost(), " again"),
        (model.undo.failed.is_some(), ", not undone"),
        (model.saw_end, ", ended"),
        (model.fault.is_some(), ", refused"),
        (model.stale.is_some(), ", stale"),
    ];
    let flags: String = flags.into_iter().filter(|(is, _)| *is).map(|(_, text)| text).collect();
    format!("{files}{link}{left}{confirm}{new}{flags}")
}

#[track_caller]
fn check(events: impl IntoIterator<Item = ArchiveEvent>, expected: &str) -> Vec<ArchiveEffect> {
    let mut last = vec![];
    let model = events.into_iter().fold(ArchiveModel::default(), |model, event| {
        let (model, effects) = model.update(event);
        last = effects;
        model
    });
    assert_eq!(said(&model), expected);
    last
}

#[test]
fn a_run_goes_from_wish_to_result() {
    use ArchiveEvent::{Confirm, Wish};
    let mut events = vec![open(), listed(1, &[S::InZendesk, S::InZendesk, S::Redacted]), Wish(Which::All)];
    assert_eq!(check(events.clone(), "3 files, All 2?"), [ArchiveEffect::Focus(Place::Confirmation)]);
    events.push(Confirm);
    assert_eq!(
        check(events.clone(), "3 files, starting"),
        [start(2, &[1, 2]), ArchiveEffect::Focus(Place::Heading)],
    );
    events.push(started(2));
    assert_eq!(
        check(events.clone(), "3 files, Removing 0 of 0 (0 %)"),
        [ArchiveEffect::Follow("r".into()), list_again(3)]
    );
    events.push(progress(&[S::Planned, S::Stored, S::Redacted]));
    check(events.clone(), "3 files, Removing 0 of 2 (35 %)");
    events.push(progress(&[S::Redacted, S::Verified, S::Redacted]));
    check(events.clone(), "3 files, Removing 1 of 2 (92 %)");
    events.push(shows(view(Some(("r", RunState::Done)), &[S::Redacted, S::Redacted, S::Redacted])));
    assert_eq!(check(events.clone(), "3 files, ended"), [ArchiveEffect::Unfollow, list_again(4)]);
    events.push(ArchiveEvent::Ended { run: "r".into() });
    assert_eq!(check(events, "3 files, ended"), []);
}

#[test]
fn what_goes_is_what_was_on_the_screen_and_what_is_new_is_said() {
    use ArchiveEvent::{Cancel, Confirm, Wish};
    let asked = [open(), listed(1, &[S::InZendesk]), Wish(Which::All)];
    let then = |more: Vec<ArchiveEvent>| asked.iter().cloned().chain(more);
    let look = || vec![ArchiveEvent::Look { fresh: true }, listed(2, &[S::InZendesk, S::InZendesk])];
    // A second file arrives while the agent is asked about the first.
    check(then(look()), "2 files, All 1?, 1 new");
    let confirmed = || look().into_iter().chain([Confirm]).collect::<Vec<_>>();
    assert_eq!(check(then(confirmed()), "2 files, starting, 1 new")[0], start(3, &[1]));
    check(then(look().into_iter().chain([Cancel]).collect()), "2 files");
    // It arrives while the first is on its way, and joins when the agent asks for it.
    let running = vec![Confirm, started(2), progress(&[S::Verified, S::InZendesk])];
    check(then(running.clone()), "2 files, Removing 0 of 1 (85 %), 1 new");
    let joined = || running.iter().cloned().chain([Wish(Which::New), Confirm]).collect::<Vec<_>>();
    assert_eq!(check(then(joined()), "2 files, Removing 0 of 1 (85 %)")[0], start(4, &[2]));
}

#[test]
fn a_file_that_left_while_the_agent_was_asked_is_not_asked_for() {
    use ArchiveEvent::{Confirm, Look, Wish};
    let asked =
        || vec![open(), listed(1, &[S::InZendesk, S::InZendesk]), Wish(Which::All), Look { fresh: false }];
    let then = |more: Vec<ArchiveEvent>| asked().into_iter().chain(more);
    let left = listed(2, &[S::Redacted, S::InZendesk]);
    assert_eq!(check(then(vec![left, Confirm]), "2 files, starting")[0], start(3, &[2]));
    let gone = check(then(vec![listed(2, &[S::Redacted, S::Redacted])]), "2 files");
    assert_eq!(gone, [ArchiveEffect::Focus(Place::Heading)]);
}

#[test]
fn what_will_stay_is_not_asked_for() {
    let mut listing = view(None, &[S::InZendesk, S::InZendesk, S::Failed, S::Skipped]);
    let reason = |code| ItemReason { code, message: "it stays".into() };
    listing.items[0].prevented = Some(reason(ErrorCode::ArchiveLegalHold));
    listing.items[2].reason_code = Some(ErrorCode::AttachmentMalware);
    let asked = [open(), list(1, listing), ArchiveEvent::Wish(Which::All), ArchiveEvent::Confirm];
    assert_eq!(check(asked, "4 files, starting")[0], start(2, &[2]));
}

#[test]
fn one_file_or_the_failed_ones_are_named_to_the_server() {
    let states = [S::InZendesk, S::Failed, S::Failed];
    for (which, ids) in [(Which::One(AttachmentId(1)), &[1][..]), (Which::Failed, &[2, 3])] {
        let effects = check(
            [open(), listed(1, &states), ArchiveEvent::Wish(which), ArchiveEvent::Confirm],
            "3 files, starting",
        );
        assert_eq!(effects[0], start(2, ids));
    }
}

#[test]
fn the_list_stays_when_the_server_is_lost() {
    let lost = ArchiveEvent::Lost { run: "r".into() };
    let running = list(1, view(Some(("r", RunState::Running)), &[S::Stored]));
    check([open(), running.clone(), lost.clone()], "1 files, Removing 0 of 1 (70 %), reconnecting");
    check([open(), running, lost, progress(&[S::Verified])], "1 files, Removing 0 of 1 (85 %)");
}

#[test]
fn a_list_that_cannot_be_read_takes_nothing_off_the_screen() {
    let look = |fresh| ArchiveEvent::Look { fresh };
    check([open(), listed(1, &[S::InZendesk]), look(true), unlisted(2)], "1 files, stale");
    let mut missing = view(Some(("r", RunState::Running)), &[S::Planned]);
    missing.listing = Listing::Missing;
    let two = listed(1, &[S::InZendesk, S::InZendesk]);
    check([open(), two.clone(), look(true), list(2, missing)], "2 files, Removing 0 of 1 (0 %)");
    check([open(), two, look(true), unlisted(2), look(true), listed(3, &[])], "0 files");
}

#[test]
fn changes_while_the_list_is_read_are_read_once_more() {
    let look = |fresh| ArchiveEvent::Look { fresh };
    let list = |fresh| ArchiveEffect::List { ask: 2, ticket: TicketId(42), fresh };
    let known = || vec![open(), listed(1, &[S::InZendesk])];
    let after = |more: Vec<ArchiveEvent>| known().into_iter().chain(more);
    assert_eq!(check(after(vec![look(false)]), "1 files"), [list(false)]);
    assert_eq!(check(after(vec![look(true)]), "1 files"), [list(true)]);
    assert_eq!(check(after(vec![look(false), look(true), look(true)]), "1 files"), []);
    let twice = after(vec![look(false), look(true), listed(2, &[S::InZendesk])]);
    assert_eq!(check(twice, "1 files"), [list_again(3)]);
    let once = after(vec![look(false), look(false), listed(2, &[S::InZendesk])]);
    assert_eq!(check(once, "1 files"), []);
    assert_eq!(check([open(), look(true)], "loading"), []);
    assert_eq!(check([look(true)], "closed"), []);
}

#[test]
fn a_run_that_is_under_way_is_followed_from_where_it_is() {
    let running = list(1, view(Some(("r", RunState::Queued)), &[S::Planned]));
    let seen = [open(), running];
    assert_eq!(check(seen, "1 files, Removing 0 of 1 (0 %)"), [ArchiveEffect::Follow("r".into())]);
    // The tag began it while the panel was open.
    let tagged = list(2, view(Some(("r", RunState::Running)), &[S::Planned, S::Redacted]));
    let events =
        [open(), listed(1, &[S::InZendesk, S::Redacted]), ArchiveEvent::Look { fresh: true }, tagged];
    assert_eq!(check(events, "2 files, Removing 0 of 1 (0 %)"), [ArchiveEffect::Follow("r".into())]);
}

#[test]
fn the_next_run_is_followed_when_one_has_ended() {
    let next = list(4, view(Some(("n", RunState::Queued)), &[S::Redacted, S::Planned]));
    let events = [
        open(),
        listed(1, &[S::InZendesk, S::InZendesk]),
        ArchiveEvent::Wish(Which::One(AttachmentId(1))),
        ArchiveEvent::Confirm,
        started(2),
        shows(view(Some(("r", RunState::Done)), &[S::Redacted, S::InZendesk])),
        next,
    ];
    assert_eq!(check(events, "2 files, Removing 0 of 1 (0 %)"), [ArchiveEffect::Follow("n".into())]);
}

#[test]
fn the_next_run_takes_over_in_the_same_stream_and_can_be_undone() {
    let mut next = view(Some(("n", RunState::Queued)), &[S::Redacted, S::Planned]);
    if let Some(run) = &mut next.run {
        run.can_undo = true;
    }
    let events = || {
        [
            open(),
            list(1, view(Some(("r", RunState::Running)), &[S::Verified, S::InZendesk])),
            progress(&[S::Redacted, S::InZendesk]),
            shows(next.clone()),
        ]
        .into_iter()
    };
    check(events(), "2 files, Copying 0 of 1 (0 %)");
    let looked = events().chain([ArchiveEvent::Look { fresh: false }, list(2, next.clone())]);
    assert_eq!(check(looked, "2 files, Copying 0 of 1 (0 %)"), []);
    let undone = check(events().chain([ArchiveEvent::Undo(None)]), "2 files, Copying 0 of 1 (0 %), undoing");
    assert_eq!(undone, [ArchiveEffect::Undo { run: "n".into(), only: None, after: 0 }]);
}

#[test]
fn a_stream_that_ends_too_early_leads_to_the_list() {
    let events = [
        open(),
        listed(1, &[S::InZendesk]),
        ArchiveEvent::Wish(Which::All),
        ArchiveEvent::Confirm,
        started(2),
        ArchiveEvent::Ended { run: "r".into() },
    ];
    assert_eq!(check(events, "1 files, ended"), [ArchiveEffect::Unfollow, list_again(4)]);
}

#[test]
fn what_comes_late_or_twice_changes_nothing() {
    use ArchiveEvent::{Cancel, Confirm, Wish};
    let ready = || vec![open(), listed(1, &[S::InZendesk])];
    let after = |more: Vec<ArchiveEvent>| ready().into_iter().chain(more);
    check(after(vec![Wish(Which::All), Cancel]), "1 files");
    check(after(vec![Confirm]), "1 files");
    check(after(vec![Wish(Which::Failed)]), "1 files");
    check(after(vec![Wish(Which::All), Confirm, Confirm]), "1 files, starting");
    check(after(vec![progress(&[S::Stored])]), "1 files");
    check(
        after(vec![ArchiveEvent::Open(Some(TicketId(7))), listed(1, &[S::Redacted, S::Redacted])]),
        "loading",
    );
    check(after(vec![ArchiveEvent::Open(None), listed(1, &[S::Redacted])]), "closed");
}

#[test]
fn a_refusal_is_said_and_the_list_is_read_again() {
    use ArchiveEvent::{Confirm, Wish};
    let no = ArchiveEvent::Started { ask: 2, result: Err(refused(ErrorCode::TicketClosed)) };
    let events = [open(), listed(1, &[S::InZendesk]), Wish(Which::All), Confirm, no];
    assert_eq!(check(events, "1 files, refused"), [list_again(3)]);
}

#[test]
fn a_wish_whose_answer_is_lost_is_looked_for_in_the_list() {
    use ArchiveEvent::{Confirm, Wish};
    let lost = ArchiveEvent::Started { ask: 2, result: Err(Fault::plain(FaultKind::Offline)) };
    let asked = [open(), listed(1, &[S::InZendesk]), Wish(Which::All), Confirm, lost];
    let then = |more: Vec<ArchiveEvent>| asked.iter().cloned().chain(more);
    assert_eq!(check(then(vec![]), "1 files, starting, refused"), [list_again(3)]);
    let no = check(then(vec![unlisted(3)]), "1 files, starting, refused, stale");
    assert_eq!(no, [ArchiveEffect::Later { ask: 3, seconds: 2 }]);
    let again =
        check(then(vec![unlisted(3), ArchiveEvent::Due { ask: 3 }]), "1 files, starting, refused, stale");
    assert_eq!(again, [list_again(4)]);
    check(then(vec![listed(3, &[S::InZendesk])]), "1 files, refused");
    let live = list(3, view(Some(("r", RunState::Running)), &[S::Planned]));
    let follow = check(then(vec![live]), "1 files, Removing 0 of 1 (0 %)");
    assert_eq!(follow, [ArchiveEffect::Follow("r".into())]);
    let over = list(3, view(Some(("r", RunState::Done)), &[S::Redacted]));
    check(then(vec![over]), "1 files, ended");
}

#[test]
fn without_a_list_we_try_again() {
    let no = || vec![open(), unlisted(1)];
    assert_eq!(check(no(), "failed"), [ArchiveEffect::Later { ask: 1, seconds: 20 }]);
    let due = no().into_iter().chain([ArchiveEvent::Due { ask: 1 }]);
    assert_eq!(check(due, "failed"), [list_again(2)]);
    let pressed = no().into_iter().chain([ArchiveEvent::Reload]);
    assert_eq!(check(pressed, "loading"), [list_again(2)]);
}

#[test]
fn a_refused_opening_is_said_until_the_next_one_is_asked_for() {
    let show = || ArchiveEvent::Show(AttachmentId(1));
    let (shown, no) = ([open(), listed(1, &[S::Redacted]), show()], refused(ErrorCode::ArchiveFileMissing));
    assert_eq!(check(shown.clone(), "1 files"), [ArchiveEffect::Show(AttachmentId(1))]);
    let refused = shown.into_iter().chain([ArchiveEvent::NotShown(no)]);
    check(refused.clone(), "1 files, refused");
    check(refused.chain([show()]), "1 files");
}
