//! A number that the agent pressed, on its way to their Flex. One at a time: what is pressed meanwhile is a double click.

use wire::{ErrorBody, UserId};

use super::Model;
use super::fault::{Fault, FaultKind};
use crate::json::Json;

/// Looks at one dial, after which nothing more is expected of it; the server gives up sooner.
const ENOUGH: u32 = 80;

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// As it is written.
    pub to: String,
    /// Whose number it is.
    pub user: Option<UserId>,
}

/// The last number that was pressed.
#[derive(Debug, Default, PartialEq)]
pub struct DialModel {
    /// Names the wish; answers to earlier ones change nothing.
    ask: u32,
    /// How often the server was asked what became of it.
    looks: u32,
    /// What the agent sees.
    pub phase: Phase,
}

/// What the agent sees.
#[derive(Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// The agent's Flex is asked to call this number.
    Asking(String),
    /// It calls this number.
    Calling(String),
    /// There is no call.
    Failed(Fault),
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum DialEvent {
    /// A number was pressed.
    Press(Wish),
    /// The server said how far wish `ask` is.
    Answer {
        /// Which wish.
        ask: u32,
        /// What it said: `wire::Dial`, of which little is read.
        result: Result<Json, Fault>,
    },
    /// It has been said for long enough that Flex calls.
    Read {
        /// Which wish.
        ask: u32,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialEffect {
    /// Tell the server.
    Ask {
        /// Names the wish.
        ask: u32,
        /// Whom to call.
        wish: Wish,
    },
    /// Ask the server in a moment how far it is.
    Look {
        /// Names the wish.
        ask: u32,
        /// The server's name of it.
        id: String,
    },
    /// Say `Read` in a while.
    Rest {
        /// Names the wish.
        ask: u32,
    },
}

impl Model for DialModel {
    type Event = DialEvent;
    type Effect = DialEffect;

    fn update(mut self, event: DialEvent) -> (Self, Vec<DialEffect>) {
        let effects = match event {
            DialEvent::Press(wish) if !self.is_asking() => {
                (self.ask, self.looks) = (self.ask + 1, 0);
                self.phase = Phase::Asking(wish.to.clone());
                vec![DialEffect::Ask { ask: self.ask, wish }]
            }
            DialEvent::Answer { ask, result } if ask == self.ask && self.is_asking() => self.answer(result),
            DialEvent::Read { ask } if ask == self.ask && !self.is_asking() => {
                self.phase = Phase::Idle;
                vec![]
            }
            _ => vec![], // a double click, or late
        };
        (self, effects)
    }
}

impl DialModel {
    /// Nothing was pressed.
    pub const IDLE: Self = Self { ask: 0, looks: 0, phase: Phase::Idle };

    /// Whether Flex has still to say what it does.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        matches!(self.phase, Phase::Asking(_))
    }

    fn answer(&mut self, result: Result<Json, Fault>) -> Vec<DialEffect> {
        let ask = self.ask;
        let (phase, effects) = match result.map(read) {
            Ok(Said::Started(to)) => (Phase::Calling(to), vec![DialEffect::Rest { ask }]),
            Ok(Said::Refused(fault)) | Err(fault) => (Phase::Failed(fault), vec![]),
            Ok(Said::NotYet(id)) if self.looks < ENOUGH => {
                self.looks += 1;
                return vec![DialEffect::Look { ask, id }];
            }
            Ok(Said::NotYet(_)) => (Phase::Failed(Fault::plain(FaultKind::Silent)), vec![]),
        };
        self.phase = phase;
        effects
    }
}

/// How far a dial is.
enum Said {
    NotYet(String),
    Started(String),
    Refused(Fault),
}

fn read(mut dial: Json) -> Said {
    let mut text = |name| dial.take(name).text().unwrap_or_default();
    let (state, id, to) = (text("state"), text("id"), text("to"));
    match state.as_str() {
        "started" => Said::Started(to),
        "refused" => {
            let mut why = dial.take("problem");
            let Ok(code) = why.take("code").read() else {
                return Said::Refused(Fault::plain(FaultKind::Unreadable));
            };
            let (message, hint) = (why.take("message").text().unwrap_or_default(), why.take("hint").text());
            let body = ErrorBody {
                code,
                message,
                hint,
                field: None,
                reason: None,
                line: None,
                column: None,
                problems: vec![],
                request_id: id,
            };
            Said::Refused(Fault::plain(FaultKind::Refused(Box::new(body))))
        }
        _ => Said::NotYet(id),
    }
}

#[cfg(test)]
mod tests {
    use wire::{Dial, DialState, ErrorCode, Problem};

    use super::*;
    use crate::json::tests::parsed;
    use crate::model::fault::refused;

    fn press(to: &str) -> DialEvent {
        DialEvent::Press(Wish { to: to.into(), user: Some(UserId(77)) })
    }

    fn answer(ask: u32, state: DialState) -> DialEvent {
        let code = ErrorCode::DialOnCall;
        let problem = Problem { code, message: "m".into(), hint: None };
        let problem = (state == DialState::Refused).then_some(problem);
        let dial = Dial { id: "d".into(), state, to: "+81".into(), problem };
        DialEvent::Answer { ask, result: Ok(parsed(&serde_json::to_string(&dial).expect("JSON"))) }
    }

    #[track_caller]
    fn check(events: impl IntoIterator<Item = DialEvent>, expected: &str, last: &[DialEffect]) {
        let mut effects = vec![];
        let model = events.into_iter().fold(DialModel::default(), |model, event| {
            let (model, next) = model.update(event);
            effects = next;
            model
        });
        let said = match &model.phase {
            Phase::Idle => "idle".to_owned(),
            Phase::Asking(to) => format!("asking {to}"),
            Phase::Calling(to) => format!("calling {to}"),
            Phase::Failed(fault) => format!("failed {}", fault.code().map_or("", ErrorCode::as_str)),
        };
        assert_eq!((said.as_str(), effects.as_slice()), (expected, last));
    }

    #[test]
    fn a_number_is_asked_for_once_and_looked_after_until_flex_calls() {
        let wish = Wish { to: "081".into(), user: Some(UserId(77)) };
        check([press("081")], "asking 081", &[DialEffect::Ask { ask: 1, wish }]);
        check([press("081"), press("081")], "asking 081", &[]);
        let look = [DialEffect::Look { ask: 1, id: "d".into() }];
        for state in [DialState::Waiting, DialState::Taken, DialState::Unknown] {
            check([press("081"), answer(1, state)], "asking 081", &look);
        }
        let called =
            || [press("081"), answer(1, DialState::Waiting), answer(1, DialState::Started)].into_iter();
        check(called(), "calling +81", &[DialEffect::Rest { ask: 1 }]);
        check(called().chain([DialEvent::Read { ask: 1 }]), "idle", &[]);
        check(called().chain([press("2"), DialEvent::Read { ask: 1 }]), "asking 2", &[]);
    }

    #[test]
    fn why_there_is_no_call_stays_until_the_next_number() {
        let failed = || [press("081"), answer(1, DialState::Refused)].into_iter();
        check(failed(), "failed dial_on_call", &[]);
        check(failed().chain([answer(1, DialState::Started)]), "failed dial_on_call", &[]);
        let invalid = Err(refused(ErrorCode::DialNumberInvalid));
        check([press("1"), DialEvent::Answer { ask: 1, result: invalid }], "failed dial_number_invalid", &[]);
        let events = failed().chain([press("2"), answer(1, DialState::Started)]);
        check(events, "asking 2", &[]);
    }

    #[test]
    fn nobody_looks_for_ever() {
        let looks = std::iter::repeat_with(|| answer(1, DialState::Waiting)).take(81);
        check([press("1")].into_iter().chain(looks), "failed ", &[]);
    }
}
