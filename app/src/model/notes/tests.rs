//! What is typed reaches the server, whatever happens in between.

use wire::ErrorCode;

use super::*;
use crate::model::fault::{FaultKind, refused};

fn noted(text: &str) -> Noted {
    Noted { text: text.into(), outcome: String::new() }
}

fn show(task: &str) -> NotesEvent {
    NotesEvent::Show(Some(task.into()))
}

fn loaded(task: &str, text: &str) -> NotesEvent {
    NotesEvent::Loaded { task: task.into(), noted: noted(text) }
}

fn typed(text: &str) -> NotesEvent {
    NotesEvent::Typed(noted(text))
}

fn pause(task: &str, typed: u32) -> NotesEvent {
    NotesEvent::Pause { task: task.into(), typed }
}

fn answer(task: &str, result: Result<(), Fault>) -> NotesEvent {
    NotesEvent::Answer { task: task.into(), result }
}

fn offline() -> Fault {
    Fault::plain(FaultKind::Offline)
}

/// What was sent to the server in the end, and how the notes on the screen stand.
#[track_caller]
fn check(
    events: impl IntoIterator<Item = NotesEvent>,
    sent: &[&str],
    standing: Option<Standing>,
) -> NotesModel {
    let mut all = vec![];
    let model = events.into_iter().fold(NotesModel::default(), |model, event| {
        let (model, effects) = model.update(event);
        all.extend(effects.into_iter().filter_map(|effect| match effect {
            NotesEffect::Save { task, noted } => Some([&task, ": ", &noted.text].concat()),
            NotesEffect::Pause { .. } => None,
        }));
        model
    });
    assert_eq!(
        (all, model.draft().map(Draft::standing)),
        (sent.iter().map(|s| (*s).to_owned()).collect(), standing)
    );
    model
}

#[test]
fn what_was_typed_is_saved_after_a_rest_and_no_sooner() {
    use Standing::{Empty, Saved, Saving};
    check([show("A")], &[], None);
    check([show("A"), loaded("A", "")], &[], Some(Empty));
    check([show("A"), loaded("A", "there")], &[], Some(Saved));
    check([show("A"), loaded("A", ""), typed("x"), typed("xy"), pause("A", 1)], &[], Some(Saving));
    let rest = [show("A"), loaded("A", ""), typed("x"), typed("xy"), pause("A", 2)];
    check(rest.clone(), &["A: xy"], Some(Saving));
    check(rest.into_iter().chain([answer("A", Ok(()))]), &["A: xy"], Some(Saved));
}

#[test]
fn what_is_typed_while_it_is_saved_is_saved_next() {
    let events = [
        show("A"),
        loaded("A", ""),
        typed("x"),
        pause("A", 1),
        typed("xy"),
        pause("A", 2),
        answer("A", Ok(())),
        answer("A", Ok(())),
    ];
    check(events, &["A: x", "A: xy"], Some(Standing::Saved));
}

#[test]
fn another_task_or_the_end_saves_at_once() {
    check([show("A"), loaded("A", ""), typed("x"), show("B")], &["A: x"], None);
    check([show("A"), loaded("A", ""), typed("x"), NotesEvent::Show(None)], &["A: x"], None);
    check(
        [show("A"), loaded("A", ""), typed("x"), NotesEvent::Ended("A".into())],
        &["A: x"],
        Some(Standing::Saving),
    );
}

#[test]
fn what_could_not_be_saved_is_tried_again_also_of_a_task_that_is_gone() {
    let lost = [
        show("A"),
        loaded("A", ""),
        typed("x"),
        NotesEvent::Ended("A".into()),
        NotesEvent::Show(None),
        answer("A", Err(offline())),
    ];
    let model = check(lost.clone(), &["A: x"], None);
    assert!(model.owes());
    let model = check(
        lost.into_iter().chain([NotesEvent::Reconnected, answer("A", Ok(()))]),
        &["A: x", "A: x"],
        None,
    );
    assert!(!model.owes());
    let shown = [show("A"), loaded("A", ""), typed("x"), pause("A", 1), answer("A", Err(offline()))];
    check(shown.clone(), &["A: x"], Some(Standing::Waiting));
    check(shown.into_iter().chain([pause("A", 1)]), &["A: x", "A: x"], Some(Standing::Waiting));
}

#[test]
fn what_the_server_refuses_is_not_sent_again_before_it_was_changed() {
    let refused = refused(ErrorCode::NotesTooLong);
    let events = [show("A"), loaded("A", ""), typed("x"), pause("A", 1), answer("A", Err(refused))];
    check(events.clone().into_iter().chain([pause("A", 1)]), &["A: x"], Some(Standing::Refused));
    check(events.into_iter().chain([typed("y"), pause("A", 2)]), &["A: x", "A: y"], Some(Standing::Saving));
}

fn unknown() -> Fault {
    refused(ErrorCode::EngagementNotFound)
}

#[test]
fn notes_typed_before_the_first_pop_are_sent_until_they_are_taken() {
    let early = [show("A"), typed("x"), pause("A", 1), answer("A", Err(unknown()))];
    check(early.clone(), &["A: x"], Some(Standing::Waiting));
    let known = [loaded("A", ""), answer("A", Ok(()))];
    check(early.clone().into_iter().chain(known), &["A: x", "A: x"], Some(Standing::Saved));
    let again = [pause("A", 1), answer("A", Ok(()))];
    check(early.clone().into_iter().chain(again), &["A: x", "A: x"], Some(Standing::Saved));
    let never = (1..UNKNOWN_TRIES).flat_map(|_| [pause("A", 1), answer("A", Err(unknown()))]);
    let all = ["A: x"; UNKNOWN_TRIES as usize];
    check(early.clone().into_iter().chain(never.clone()), &all, Some(Standing::Refused));
    let known = early.into_iter().chain(never).chain([loaded("A", "")]);
    check(known, &["A: x"; UNKNOWN_TRIES as usize + 1], Some(Standing::Saving));
}

#[test]
fn the_field_begins_with_unsaved_notes_when_the_agent_comes_back() {
    let seed = |events: Vec<NotesEvent>, sent: &[&str], standing| {
        let model = check(events, sent, Some(standing));
        model.draft().map(|draft| (draft.seed.0, draft.seed.1.text.clone()))
    };
    for (fault, sent, standing) in [
        (offline(), ["A: x", "A: x"].as_slice(), Standing::Waiting),
        (unknown(), &["A: x", "A: x"], Standing::Waiting),
        (refused(ErrorCode::NotesTooLong), &["A: x"], Standing::Refused),
    ] {
        let left = vec![show("A"), typed("x"), show("B"), answer("A", Err(fault)), show("A")];
        assert_eq!(seed(left, sent, standing), Some((1, "x".into())));
    }
    let stays = vec![show("A"), typed("x"), show("A")];
    assert_eq!(seed(stays, &[], Standing::Saving), Some((0, String::new())), "the cursor stays");
}

#[test]
fn what_was_typed_before_the_server_said_what_it_has_stays_below_it() {
    let model = check(
        [show("A"), typed("mine"), loaded("A", "theirs")],
        &["A: theirs\nmine"],
        Some(Standing::Saving),
    );
    assert_eq!(model.draft().map(|draft| draft.seed.0), Some(1), "the field is filled anew");
    check([show("A"), typed("same"), loaded("A", "same")], &[], Some(Standing::Saved));
}

#[test]
fn a_second_look_does_not_take_back_what_was_typed_since() {
    check([show("A"), loaded("A", ""), typed("x"), loaded("A", "")], &[], Some(Standing::Saving));
}

#[test]
fn each_task_has_its_own() {
    let events = [show("A"), loaded("A", ""), typed("x"), show("B"), loaded("B", "b"), answer("A", Ok(()))];
    let model = check(events, &["A: x"], Some(Standing::Saved));
    assert_eq!(model.draft().map(|draft| draft.noted.text.as_str()), Some("b"));
}
