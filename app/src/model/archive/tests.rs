//! What an agent sees while files leave a ticket, and when something is in the way.

use wire::{CommentId, ErrorCode, ItemState as S, RunRef, RunState, RunView};

use super::*;
use crate::model::fault::refused;

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

fn listed(ask: u32, states: &[ItemState]) -> ArchiveEvent {
    ArchiveEvent::Listed { ask, result: Ok(view(None, states)) }
}

fn progress(states: &[ItemState]) -> ArchiveEvent {
    ArchiveEvent::Progress { run: "r".into(), view: view(Some(("r", RunState::Running)), states) }
}

fn started(ask: u32) -> ArchiveEvent {
    ArchiveEvent::Started { ask, result: Ok(StartedRun { run: RunRef { id: "r".into() } }) }
}

fn open() -> ArchiveEvent {
    ArchiveEvent::Open(Some(TicketId(42)))
}

/// One line as the agent would sum it up.
fn said(model: &ArchiveModel) -> String {
    let files = match &model.phase {
        Phase::Closed => "closed".into(),
        Phase::Loading => "loading".into(),
        Phase::Failed { retry_in, .. } => format!("failed, again in {retry_in:?}"),
        Phase::Ready(view) => format!("{} files", view.items.len()),
    };
    let link = match &model.link {
        Link::Idle => String::new(),
        Link::Starting => ", starting".into(),
        Link::Following(_) | Link::Reconnecting(_) => {
            let Progress { settled, total, percent } = model.progress();
            let lost = if matches!(model.link, Link::Reconnecting(_)) { ", reconnecting" } else { "" };
            format!(", {settled} of {total} ({percent} %){lost}")
        }
    };
    let confirm = model.confirm.map(|which| format!(", {which:?}?")).unwrap_or_default();
    let fault = model.fault.as_ref().map(|_| ", refused").unwrap_or_default();
    format!("{files}{link}{confirm}{fault}")
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
    use ArchiveEvent::{Confirm, Ended, Wish};
    let mut events = vec![open(), listed(1, &[S::InZendesk, S::InZendesk, S::Redacted]), Wish(Which::All)];
    assert_eq!(check(events.clone(), "3 files, All?"), [ArchiveEffect::Focus(Place::Confirmation)]);
    events.push(Confirm);
    assert_eq!(
        check(events.clone(), "3 files, starting"),
        [
            ArchiveEffect::Start { ask: 2, ticket: TicketId(42), ids: None },
            ArchiveEffect::Focus(Place::Heading)
        ],
    );
    events.push(started(2));
    assert_eq!(check(events.clone(), "3 files, 0 of 0 (0 %)"), [ArchiveEffect::Follow("r".into())]);
    events.push(progress(&[S::Planned, S::Stored, S::Redacted]));
    check(events.clone(), "3 files, 0 of 2 (35 %)");
    events.push(progress(&[S::Redacted, S::Verified, S::Redacted]));
    check(events.clone(), "3 files, 1 of 2 (92 %)");
    let done = view(Some(("r", RunState::Done)), &[S::Redacted, S::Redacted, S::Redacted]);
    events.push(ArchiveEvent::Progress { run: "r".into(), view: done });
    events.push(Ended { run: "r".into() });
    assert_eq!(check(events, "3 files"), [ArchiveEffect::Unfollow]);
}

#[test]
fn one_file_or_the_failed_ones_are_named_to_the_server() {
    let states = [S::InZendesk, S::Failed, S::Failed];
    for (which, ids) in [(Which::One(AttachmentId(1)), vec![1]), (Which::Failed, vec![2, 3])] {
        let effects = check(
            [open(), listed(1, &states), ArchiveEvent::Wish(which), ArchiveEvent::Confirm],
            "3 files, starting",
        );
        let ids = Some(ids.into_iter().map(AttachmentId).collect());
        assert_eq!(effects[0], ArchiveEffect::Start { ask: 2, ticket: TicketId(42), ids });
    }
}

#[test]
fn the_list_stays_when_the_server_is_lost() {
    let lost = ArchiveEvent::Lost { run: "r".into() };
    let running =
        ArchiveEvent::Listed { ask: 1, result: Ok(view(Some(("r", RunState::Running)), &[S::Stored])) };
    check([open(), running.clone(), lost.clone()], "1 files, 0 of 1 (70 %), reconnecting");
    check([open(), running, lost, progress(&[S::Verified])], "1 files, 0 of 1 (85 %)");
}

#[test]
fn a_run_that_is_under_way_is_followed_from_where_it_is() {
    let running =
        ArchiveEvent::Listed { ask: 1, result: Ok(view(Some(("r", RunState::Queued)), &[S::Planned])) };
    assert_eq!(check([open(), running], "1 files, 0 of 1 (0 %)"), [ArchiveEffect::Follow("r".into())]);
}

#[test]
fn a_stream_that_ends_too_early_leads_to_the_list() {
    let events = [
        open(),
        listed(1, &[S::InZendesk]),
        ArchiveEvent::Wish(Which::All),
        ArchiveEvent::Confirm,
        started(2),
    ];
    let effects = check(events.into_iter().chain([ArchiveEvent::Ended { run: "r".into() }]), "1 files");
    assert_eq!(effects, [ArchiveEffect::Unfollow, ArchiveEffect::List { ask: 3, ticket: TicketId(42) }]);
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
fn a_refusal_is_said_and_the_list_stays() {
    use ArchiveEvent::{Confirm, Wish};
    let no = ArchiveEvent::Started { ask: 2, result: Err(refused(ErrorCode::TicketClosed)) };
    check([open(), listed(1, &[S::InZendesk]), Wish(Which::All), Confirm, no], "1 files, refused");
}

#[test]
fn without_a_list_we_try_again() {
    let no = |ask| ArchiveEvent::Listed { ask, result: Err(refused(ErrorCode::ZendeskUnavailable)) };
    check([open(), no(1)], "failed, again in Some(20)");
    let ticks = std::iter::repeat_n(ArchiveEvent::Tick { ask: 1 }, 20);
    assert_eq!(
        check([open(), no(1)].into_iter().chain(ticks), "loading"),
        [ArchiveEffect::List { ask: 2, ticket: TicketId(42) }]
    );
}

#[test]
fn undo_names_the_run() {
    let running =
        ArchiveEvent::Listed { ask: 1, result: Ok(view(Some(("r", RunState::Queued)), &[S::Planned])) };
    assert_eq!(
        check([open(), running, ArchiveEvent::Undo(None)], "1 files, 0 of 1 (0 %)"),
        [ArchiveEffect::Undo { run: "r".into(), only: None }]
    );
}

#[test]
fn an_archived_file_is_asked_for_and_a_refusal_is_said_until_the_next_wish() {
    let show = || ArchiveEvent::Show(AttachmentId(1));
    let (shown, no) = ([open(), listed(1, &[S::Redacted]), show()], refused(ErrorCode::ArchiveFileMissing));
    assert_eq!(check(shown.clone(), "1 files"), [ArchiveEffect::Show(AttachmentId(1))]);
    let refused = shown.into_iter().chain([ArchiveEvent::NotShown(no)]);
    check(refused.clone(), "1 files, refused");
    check(refused.chain([show()]), "1 files");
}
