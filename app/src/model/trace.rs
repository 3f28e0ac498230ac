//! What has become of an engagement on the server: its notes, and whether the server can be reached at all. Asked for now and
//! then while an engagement is selected, and after its end until its notes are written.

use wire::{EngagementView, ErrorCode, LogStage, LogState};

use super::Model;
use super::fault::{Fault, FaultKind};

/// Milliseconds until it is asked for again: while something is under way, while nothing is, and while nobody answers.
const BUSY: i32 = 3_000;
const CALM: i32 = 20_000;
const LOST: i32 = 3_000;
/// How often the beginning's note is asked for soon while the server has not heard of a beginning: whoever reports it may
/// be later than the first question.
const BEGINNING: u32 = 5;
/// How often the end's note is asked for while it waits; then whoever wants to know looks into the ticket.
const MAX_POLLS: u32 = 100;

/// The trace of one engagement at a time.
#[derive(Debug, Default, PartialEq)]
pub struct TraceModel {
    ask: u32,
    task: Option<String>,
    over: bool,
    /// The server knows nothing of it: calls and chats are switched off.
    unknown: bool,
    looks: u32,
    /// The server cannot be reached.
    pub lost: bool,
    /// What has become of it; of the one before while none is selected.
    pub view: Option<EngagementView>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum TraceEvent {
    /// This one is on the screen.
    Look(String),
    /// Something was done that changes it.
    Changed,
    /// The agent is done with it.
    Ended(String),
    /// None is selected.
    Idle,
    /// The server answered question `ask`.
    Answer {
        /// Which question.
        ask: u32,
        /// What it said.
        result: Result<Box<EngagementView>, Fault>,
    },
    /// Question `ask` was answered a while ago.
    Due(u32),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceEffect {
    /// Ask the server.
    Fetch {
        /// Names the question.
        ask: u32,
        /// About which.
        task: String,
    },
    /// Say `Due` after so many milliseconds.
    Wait(u32, i32),
    /// The server can be reached again.
    Back,
}

impl Model for TraceModel {
    type Event = TraceEvent;
    type Effect = TraceEffect;

    fn update(mut self, event: TraceEvent) -> (Self, Vec<TraceEffect>) {
        let effects = match event {
            TraceEvent::Look(task) => {
                if self.task.as_ref() != Some(&task) {
                    (self.view, self.unknown) = (None, false);
                }
                (self.task, self.over, self.looks) = (Some(task), false, 0);
                self.fetch()
            }
            TraceEvent::Changed => self.fetch(),
            TraceEvent::Ended(task) if self.task.as_ref() == Some(&task) => {
                (self.over, self.looks) = (true, 0);
                self.fetch()
            }
            TraceEvent::Due(ask) if ask == self.ask => self.fetch(),
            TraceEvent::Answer { ask, result } if ask == self.ask => self.answer(result),
            TraceEvent::Idle if !self.over => {
                self.ask += 1;
                (self.task, self.view, self.lost) = (None, None, false);
                vec![]
            }
            _ => vec![], // late, or of another
        };
        (self, effects)
    }
}

impl TraceModel {
    /// Whether what is known is of an engagement that the agent is done with.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Whether this agent's notes will be written.
    #[must_use]
    pub fn takes_notes(&self) -> bool {
        !self.unknown
            && self.view.as_ref().is_none_or(|view| {
                !view.log.iter().any(|line| line.stage == LogStage::Complete && line.state == LogState::Off)
            })
    }

    fn fetch(&mut self) -> Vec<TraceEffect> {
        let Some(task) = self.task.clone() else { return vec![] };
        self.ask += 1;
        self.looks += 1;
        vec![TraceEffect::Fetch { ask: self.ask, task }]
    }

    fn answer(&mut self, result: Result<Box<EngagementView>, Fault>) -> Vec<TraceEffect> {
        let ask = self.ask;
        match result {
            Ok(view) => {
                let back = std::mem::take(&mut self.lost);
                let begins = !self.over && self.looks <= BEGINNING;
                let waits = view.log.iter().any(|line| match line.state {
                    LogState::Waiting => true,
                    LogState::Ahead => self.over || (begins && line.stage == LogStage::Start),
                    _ => false,
                });
                (self.view, self.unknown) = (Some(*view), false);
                let mut effects = if back { vec![TraceEffect::Back] } else { vec![] };
                match (waits, self.over) {
                    (true, _) if self.looks <= MAX_POLLS => effects.push(TraceEffect::Wait(ask, BUSY)),
                    (_, false) => effects.push(TraceEffect::Wait(ask, CALM)),
                    (_, true) => {}
                }
                effects
            }
            Err(fault) => {
                let gone =
                    matches!(fault.kind, FaultKind::Offline | FaultKind::Silent | FaultKind::Unreadable);
                self.lost |= gone;
                self.unknown |= fault.code() == Some(ErrorCode::EngagementNotFound);
                vec![TraceEffect::Wait(ask, if gone { LOST } else { CALM })]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::{LogLine, WrapUp};

    use super::*;

    fn answer(ask: u32, state: LogState) -> TraceEvent {
        of_stage(ask, LogStage::Complete, state)
    }

    fn of_stage(ask: u32, of: LogStage, state: LogState) -> TraceEvent {
        let line = LogLine { stage: of, state, ticket_id: None, reason: None };
        let view =
            EngagementView { ticket_id: None, log: vec![line], notes: WrapUp::default(), outcomes: vec![] };
        TraceEvent::Answer { ask, result: Ok(Box::new(view)) }
    }

    fn offline(ask: u32) -> TraceEvent {
        TraceEvent::Answer { ask, result: Err(Fault::plain(FaultKind::Offline)) }
    }

    #[track_caller]
    fn check(events: impl IntoIterator<Item = TraceEvent>, expected: &str) {
        let mut last = vec![];
        let model = events.into_iter().fold(TraceModel::default(), |model, event| {
            let (model, effects) = model.update(event);
            last = effects;
            model
        });
        let said = |effect: &TraceEffect| match effect {
            TraceEffect::Fetch { task, .. } => format!("ask {task}"),
            TraceEffect::Wait(_, wait) => format!("wait {}", wait / 1000),
            TraceEffect::Back => "back".into(),
        };
        let mut said: Vec<_> = last.iter().map(said).collect();
        said.extend(model.lost.then(|| "lost".into()));
        assert_eq!(said.join(", "), expected);
    }

    fn look(task: &str) -> TraceEvent {
        TraceEvent::Look(task.into())
    }

    #[test]
    fn what_is_under_way_is_asked_for_sooner() {
        check([look("WT1")], "ask WT1");
        check([look("WT1"), answer(1, LogState::Ahead)], "wait 20");
        check([look("WT1"), answer(1, LogState::Waiting)], "wait 3");
        check([look("WT1"), answer(1, LogState::Waiting), TraceEvent::Due(1)], "ask WT1");
        check([look("WT1"), look("WT2"), answer(1, LogState::Waiting)], "");
        check([look("WT1"), TraceEvent::Idle, answer(1, LogState::Waiting)], "");
    }

    #[test]
    fn a_beginning_unknown_to_the_server_is_asked_for_sooner() {
        let ahead = |ask| of_stage(ask, LogStage::Start, LogState::Ahead);
        check([look("WT1"), ahead(1)], "wait 3");
        let looks = |times: u32| (1..times).flat_map(move |ask| [ahead(ask), TraceEvent::Due(ask)]);
        check([look("WT1")].into_iter().chain(looks(5)).chain([ahead(5)]), "wait 3");
        check([look("WT1")].into_iter().chain(looks(6)).chain([ahead(6)]), "wait 20");
        check([look("WT1"), of_stage(1, LogStage::Start, LogState::Written)], "wait 20");
    }

    #[test]
    fn after_the_end_it_is_asked_for_until_the_last_note_is_there() {
        let ended = || [look("WT1"), TraceEvent::Ended("WT1".into()), TraceEvent::Idle];
        check(ended().into_iter().chain([answer(2, LogState::Ahead)]), "wait 3");
        check(ended().into_iter().chain([answer(2, LogState::Waiting)]), "wait 3");
        check(ended().into_iter().chain([answer(2, LogState::Written)]), "");
        check([look("WT1"), TraceEvent::Ended("WT2".into())], "");
    }

    #[test]
    fn where_nothing_will_be_written_no_notes_are_taken() {
        let takes = |more: TraceEvent| {
            let model = TraceModel::default().update(look("WT1")).0;
            model.update(more).0.takes_notes()
        };
        assert!(takes(answer(1, LogState::Ahead)) && takes(offline(1)));
        assert!(!takes(answer(1, LogState::Off)));
        let unknown = crate::model::fault::refused(ErrorCode::EngagementNotFound);
        assert!(!takes(TraceEvent::Answer { ask: 1, result: Err(unknown) }));
    }

    #[test]
    fn a_lost_connection_is_noticed_and_so_is_its_return() {
        check([look("WT1"), offline(1)], "wait 3, lost");
        check([look("WT1"), offline(1), TraceEvent::Due(1), answer(2, LogState::Ahead)], "back, wait 20");
    }
}
