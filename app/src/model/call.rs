//! How the call or chat on the screen stands, and for how long. The time comes with the events.

use wire::CallFacts;

use super::Model;

/// The call on the screen.
#[derive(Debug, Default, PartialEq)]
pub struct CallModel {
    /// Names the ticking that is under way.
    round: u32,
    task: String,
    /// How it stands; nothing while none is selected.
    pub facts: Option<CallFacts>,
    now_ms: u64,
}

/// How long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spans {
    /// Seconds that the customer waited.
    pub waited_s: Option<u64>,
    /// Seconds that it went on, or has been going on.
    pub talked_s: Option<u64>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// This one is selected.
    Begin {
        task: String,
        /// How it stands.
        facts: CallFacts,
        /// Milliseconds since 1970.
        now_ms: u64,
    },
    /// One stands otherwise than before.
    Changed {
        task: String,
        /// How it stands.
        facts: CallFacts,
        /// Milliseconds since 1970.
        now_ms: u64,
    },
    /// A second has passed.
    Tick {
        /// Of which ticking.
        round: u32,
        /// Milliseconds since 1970.
        now_ms: u64,
    },
    /// None is selected.
    Idle,
}

/// Say `Tick` in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallEffect {
    /// Which ticking.
    pub round: u32,
}

impl Model for CallModel {
    type Event = CallEvent;
    type Effect = CallEffect;

    fn update(mut self, event: CallEvent) -> (Self, Vec<CallEffect>) {
        let effects = match event {
            CallEvent::Begin { task, facts, now_ms } => {
                self.task = task;
                self.look(facts, now_ms)
            }
            CallEvent::Changed { task, facts, now_ms } if task == self.task => self.look(facts, now_ms),
            CallEvent::Tick { round, now_ms } if round == self.round => {
                self.now_ms = now_ms;
                vec![CallEffect { round }]
            }
            CallEvent::Idle => {
                self = Self { round: self.round + 1, ..Self::default() };
                vec![]
            }
            CallEvent::Changed { .. } | CallEvent::Tick { .. } => vec![], // of another, or late
        };
        (self, effects)
    }
}

impl CallModel {
    fn look(&mut self, facts: CallFacts, now_ms: u64) -> Vec<CallEffect> {
        self.round += 1;
        self.now_ms = now_ms;
        let ticks = facts.ended_ms.is_none() && (facts.accepted_ms.is_some() || facts.created_ms.is_some());
        self.facts = Some(facts);
        if ticks { vec![CallEffect { round: self.round }] } else { vec![] }
    }

    /// How long the customer has waited, and has been talked to.
    #[must_use]
    pub fn spans(&self) -> Spans {
        self.facts.as_ref().map_or_else(Spans::default, |facts| spans(facts, self.now_ms))
    }
}

/// The browser's clock may be behind Twilio's: nothing lasts less than no time.
#[must_use]
pub fn spans(facts: &CallFacts, now_ms: u64) -> Spans {
    let seconds = |from: Option<u64>, to: u64| from.map(|from| to.saturating_sub(from) / 1000);
    Spans {
        waited_s: seconds(facts.created_ms, facts.accepted_ms.unwrap_or(now_ms)),
        talked_s: seconds(facts.accepted_ms, facts.ended_ms.unwrap_or(now_ms)),
    }
}

/// `2:05`, `1:02:05`: the same in every language.
#[must_use]
pub fn clock(seconds: u64) -> String {
    let two = |number: u64| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        [&minutes.to_string(), ":", &two(seconds)].concat()
    } else {
        [&hours.to_string(), ":", &two(minutes), ":", &two(seconds)].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(created: u64, accepted: Option<u64>, ended: Option<u64>) -> CallFacts {
        CallFacts {
            created_ms: Some(created),
            accepted_ms: accepted,
            ended_ms: ended,
            ..CallFacts::default()
        }
    }

    #[track_caller]
    fn check(
        events: impl IntoIterator<Item = CallEvent>,
        expected: (Option<u64>, Option<u64>),
        ticks: usize,
    ) {
        let mut all = 0;
        let model = events.into_iter().fold(CallModel::default(), |model, event| {
            let (model, effects) = model.update(event);
            all += effects.len();
            model
        });
        let Spans { waited_s, talked_s } = model.spans();
        assert_eq!(((waited_s, talked_s), all), (expected, ticks));
    }

    #[test]
    fn a_call_that_goes_on_is_counted_and_one_that_is_over_is_not() {
        let begin = |facts: CallFacts| CallEvent::Begin { task: "WT1".into(), facts, now_ms: 20_000 };
        let tick = |round, now_ms| CallEvent::Tick { round, now_ms };
        check([begin(facts(0, None, None))], (Some(20), None), 1);
        check([begin(facts(0, Some(12_000), None)), tick(1, 33_500)], (Some(12), Some(21)), 2);
        let over = CallEvent::Changed {
            task: "WT1".into(),
            facts: facts(0, Some(12_000), Some(30_000)),
            now_ms: 31_000,
        };
        check([begin(facts(0, Some(12_000), None)), over, tick(1, 99_000)], (Some(12), Some(18)), 1);
        check([begin(facts(0, Some(12_000), None)), CallEvent::Idle, tick(1, 99_000)], (None, None), 1);
    }

    #[test]
    fn a_clock_that_is_behind_makes_no_time_of_nothing() {
        check(
            [CallEvent::Begin { task: "WT1".into(), facts: facts(90_000, None, None), now_ms: 20_000 }],
            (Some(0), None),
            1,
        );
    }

    #[test]
    fn times_are_written_as_on_a_clock() {
        for (seconds, expected) in [(0, "0:00"), (65, "1:05"), (3600, "1:00:00"), (36_005, "10:00:05")] {
            assert_eq!(clock(seconds), expected);
        }
    }
}
