//! What the panel asks and shows while agents switch, choose and lose their connection.

use wire::{ErrorCode, PopOutcome};

use super::*;
use crate::model::fault::refused;

fn engage(sid: &str, stage: Stage) -> PopEvent {
    PopEvent::Engagement(Box::new(Engagement {
        task_sid: sid.into(),
        attributes: "{}".into(),
        stage,
        reservation_sid: None,
        call: CallFacts::default(),
    }))
}

fn answer(ask: u32, outcome: PopOutcome) -> PopEvent {
    let result = PopResult {
        outcome,
        ticket: None,
        customer: None,
        contract: None,
        badges: vec![],
        open_tickets: vec![],
        choices: vec![],
        created: false,
        must_choose: outcome == PopOutcome::Choose,
        may_create: false,
        problem: None,
        show: None,
    };
    PopEvent::Answer { ask, result: Ok(Box::new(result)) }
}

fn notice() -> PopNotice {
    PopNotice { task_sid: "WT1".into(), notice: "n".into(), ticket_id: Some(TicketId(42)), user_id: None }
}

/// An answer that leaves the showing to whoever asked.
fn told_to_show(ask: u32) -> PopEvent {
    let PopEvent::Answer { result: Ok(result), .. } = answer(ask, PopOutcome::Ticket) else {
        panic!("an answer")
    };
    PopEvent::Answer { ask, result: Ok(Box::new(PopResult { show: Some(notice()), ..*result })) }
}

/// What the top bar is told, and how the server was asked.
fn turned(events: impl IntoIterator<Item = PopEvent>) -> (usize, Vec<bool>) {
    let start = [PopEvent::TopBar, PopEvent::SignedIn, engage("WT1", Stage::Accept)];
    let (mut shown, mut asked) = (0, vec![]);
    start.into_iter().chain(events).fold(PopModel::default(), |model, event| {
        let (model, effects) = model.update(event);
        for effect in effects {
            match effect {
                PopEffect::Ask(question) => asked.push(question.top_bar),
                PopEffect::Show(_) => shown += 1,
                PopEffect::Choice { .. } => {}
            }
        }
        model
    });
    (shown, asked)
}

fn said(model: &PopModel) -> String {
    match &model.phase {
        Phase::Idle => "idle".into(),
        Phase::Looking => "looking".into(),
        Phase::Failed(_) => "failed".into(),
        Phase::Found { result, again, fault } => {
            let again = if *again { ", again" } else { "" };
            let fault = if fault.is_some() { ", refused" } else { "" };
            format!("{:?}{again}{fault}", result.outcome)
        }
    }
}

#[track_caller]
fn check(events: impl IntoIterator<Item = PopEvent>, expected: &str, questions: usize) -> Vec<PopAsk> {
    let mut all = vec![];
    let model = events.into_iter().fold(PopModel::default(), |model, event| {
        let (model, effects) = model.update(event);
        all.extend(effects.into_iter().filter_map(|effect| match effect {
            PopEffect::Ask(ask) => Some(*ask),
            PopEffect::Choice { .. } | PopEffect::Show(_) => None,
        }));
        model
    });
    assert_eq!((said(&model).as_str(), all.len()), (expected, questions));
    all
}

#[test]
fn an_engagement_waits_for_the_session_and_is_popped_once() {
    check([engage("WT1", Stage::Accept)], "looking", 0);
    check([engage("WT1", Stage::Accept), PopEvent::SignedIn], "looking", 1);
    check([PopEvent::SignedIn, engage("WT1", Stage::Accept), PopEvent::SignedIn], "looking", 1);
}

#[test]
fn a_late_answer_for_another_engagement_changes_nothing() {
    let two = [PopEvent::SignedIn, engage("WT1", Stage::Accept), engage("WT2", Stage::Select)];
    check(two.clone().into_iter().chain([answer(2, PopOutcome::Ticket)]), "looking", 2);
    check(two.into_iter().chain([answer(3, PopOutcome::User)]), "User", 2);
    check(
        [PopEvent::SignedIn, engage("WT1", Stage::Accept), PopEvent::Idle, answer(2, PopOutcome::User)],
        "idle",
        1,
    );
}

#[test]
fn selecting_the_same_engagement_keeps_what_is_on_the_screen() {
    let shown = [PopEvent::SignedIn, engage("WT1", Stage::Accept), answer(2, PopOutcome::Ticket)];
    check(shown.clone().into_iter().chain([engage("WT1", Stage::Select)]), "Ticket, again", 2);
    let fault = Err(refused(ErrorCode::ZendeskUnavailable));
    let events = [PopEvent::Again, PopEvent::Answer { ask: 3, result: fault }];
    check(shown.into_iter().chain(events), "Ticket, refused", 2);
}

#[test]
fn the_agent_names_the_ticket() {
    let events = [
        PopEvent::SignedIn,
        engage("WT1", Stage::Accept),
        answer(2, PopOutcome::Choose),
        PopEvent::Pick(TicketId(7)),
    ];
    let effects = check(events, "Choose, again", 2);
    assert_eq!(effects[1].ticket, Some(TicketId(7)));
}

#[test]
fn whoever_accepted_and_then_chooses_has_accepted_what_he_chose() {
    let check = |stage: Stage| {
        let events = [
            PopEvent::SignedIn,
            engage("WT1", stage),
            answer(2, PopOutcome::Choose),
            PopEvent::PickNew(UserId(9)),
        ];
        let last = check(events, "Choose, again", 2).pop().expect("a question");
        assert_eq!((last.engagement.stage, last.user, last.new_ticket), (stage, Some(UserId(9)), true));
    };
    check(Stage::Accept);
    check(Stage::Select);
}

#[test]
fn what_was_accepted_and_then_selected_is_asked_for_once() {
    let (accept, select) = (|| engage("WT1", Stage::Accept), || engage("WT1", Stage::Select));
    let offline =
        |ask| PopEvent::Answer { ask, result: Err(Fault::plain(crate::model::fault::FaultKind::Offline)) };
    let told = |events: Vec<PopEvent>, screen: &str, expected: &[Stage]| {
        let asked = check(events, screen, expected.len());
        assert_eq!(asked.iter().map(|asked| asked.engagement.stage).collect::<Vec<_>>(), expected);
    };
    let begun = || vec![PopEvent::SignedIn, accept(), select()];
    told(begun(), "looking", &[Stage::Accept]);
    told(vec![accept(), select(), PopEvent::SignedIn], "looking", &[Stage::Accept]);
    let after = |more: Vec<PopEvent>| [begun(), more].concat();
    // The server has heard of it: from then on it is a selection.
    told(
        after(vec![answer(2, PopOutcome::Ticket), select()]),
        "Ticket, again",
        &[Stage::Accept, Stage::Select],
    );
    // It has not.
    told(after(vec![offline(2), select()]), "looking", &[Stage::Accept, Stage::Accept]);
    told(after(vec![offline(2), PopEvent::Reconnected]), "looking", &[Stage::Accept, Stage::Accept]);
    // Another number was entered meanwhile.
    let changed = |event: PopEvent| match event {
        PopEvent::Engagement(engagement) => PopEvent::Engagement(Box::new(Engagement {
            attributes: "{\"zd_ticket_id\":\"7\"}".into(),
            ..*engagement
        })),
        other => other,
    };
    told(after(vec![changed(select())]), "looking", &[Stage::Accept, Stage::Accept]);
    told(after(vec![engage("WT2", Stage::Select)]), "looking", &[Stage::Accept, Stage::Select]);
}

#[test]
fn a_choice_is_open_until_it_is_made_or_cannot_be_made() {
    #[track_caller]
    fn check(more: impl IntoIterator<Item = PopEvent>, expected: Option<(&str, bool)>) {
        let events = [PopEvent::SignedIn, engage("WT1", Stage::Accept), answer(2, PopOutcome::Choose)];
        let mut told = None;
        let all = events.into_iter().chain(more);
        let model = all.fold(PopModel::default(), |model, event| {
            let (model, effects) = model.update(event);
            for effect in effects {
                if let PopEffect::Choice { task_sid, open } = effect {
                    told = Some((task_sid, open));
                }
            }
            model
        });
        assert_eq!(model.choice(), expected);
        if let Some((task, open)) = expected {
            assert_eq!(told, Some((task.to_owned(), open)), "the workspace was told last");
        }
    }
    let failed = |ask| PopEvent::Answer { ask, result: Err(refused(ErrorCode::ZendeskUnavailable)) };
    check([], Some(("WT1", true)));
    check([PopEvent::Pick(TicketId(7))], Some(("WT1", true)));
    check([PopEvent::Pick(TicketId(7)), answer(3, PopOutcome::Ticket)], Some(("WT1", false)));
    check([PopEvent::Pick(TicketId(7)), failed(3)], Some(("WT1", false)));
    check([engage("WT2", Stage::Select)], Some(("WT2", false)));
    check([PopEvent::Idle], None);
}

#[test]
fn what_failed_for_want_of_a_connection_is_asked_again_when_it_is_back() {
    let lost =
        PopEvent::Answer { ask: 2, result: Err(Fault::plain(crate::model::fault::FaultKind::Offline)) };
    let events = [PopEvent::SignedIn, engage("WT1", Stage::Accept), lost, PopEvent::Reconnected];
    check(events, "looking", 2);
    let gone = PopEvent::Answer { ask: 2, result: Err(refused(ErrorCode::FlexDisabled)) };
    let events = [PopEvent::SignedIn, engage("WT1", Stage::Accept), gone, PopEvent::Reconnected];
    check(events, "failed", 1);
}

#[test]
fn a_new_session_asks_again_where_the_old_one_was_refused() {
    let lost = PopEvent::Answer { ask: 2, result: Err(refused(ErrorCode::SessionExpired)) };
    check([PopEvent::SignedIn, engage("WT1", Stage::Accept), lost, PopEvent::SignedIn], "looking", 2);
}

#[test]
fn in_the_top_bar_what_is_popped_is_shown_there_once() {
    let (name, late) = ("n".to_owned(), PopEvent::ShownByNow("n".into()));
    assert_eq!(turned([told_to_show(2)]), (1, vec![true]));
    assert_eq!(turned([told_to_show(2), PopEvent::Shown(name), late]), (1, vec![true]));
    // The answer to the accept comes after the select.
    assert_eq!(turned([engage("WT1", Stage::Select), told_to_show(2)]), (1, vec![true]));
    // Of two questions the last one's answer is shown.
    let twice = [PopEvent::Again, told_to_show(2), told_to_show(3)];
    assert_eq!(turned(twice), (1, vec![true, true]));
}

#[test]
fn a_top_bar_that_does_not_answer_leaves_it_to_the_server() {
    let (late, another) = (PopEvent::ShownByNow("n".into()), PopEvent::ShownByNow("before".into()));
    assert_eq!(turned([told_to_show(2), another]), (1, vec![true]));
    assert_eq!(turned([told_to_show(2), late.clone(), late]), (1, vec![true, false]));
}
