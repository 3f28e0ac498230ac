//! What was said last in the ticket on the screen. It is asked for after the ticket is there, and nothing waits for it.

use wire::{LastComment, PublicComment, TicketId};

use super::Model;
use super::fault::Fault;

/// The last public comment.
#[derive(Debug, Default, PartialEq)]
pub struct SaidModel {
    ask: u32,
    ticket: Option<TicketId>,
    /// What the agent sees.
    pub phase: Said,
}

/// What the agent sees.
#[derive(Debug, Default, PartialEq)]
pub enum Said {
    /// There is no ticket.
    #[default]
    Nowhere,
    /// On its way.
    Loading,
    /// It, or that there is none.
    Shown(Option<PublicComment>),
    /// Not to be had.
    Failed(Fault),
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum SaidEvent {
    /// This ticket is on the screen.
    Look(Option<TicketId>),
    /// The server answered question `ask`.
    Answer {
        /// Which question.
        ask: u32,
        /// What it said.
        result: Result<LastComment, Fault>,
    },
    /// Once more.
    Again,
}

/// Ask the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaidEffect {
    /// Names the question.
    pub ask: u32,
    /// Of which ticket.
    pub ticket: TicketId,
}

impl Model for SaidModel {
    type Event = SaidEvent;
    type Effect = SaidEffect;

    fn update(mut self, event: SaidEvent) -> (Self, Vec<SaidEffect>) {
        let effects = match event {
            SaidEvent::Look(ticket) if ticket == self.ticket => vec![],
            SaidEvent::Look(ticket) => {
                self.ticket = ticket;
                self.ask()
            }
            SaidEvent::Again => self.ask(),
            SaidEvent::Answer { ask, result } => {
                if ask == self.ask {
                    self.phase = match result {
                        Ok(LastComment { comment }) => Said::Shown(comment),
                        Err(fault) => Said::Failed(fault),
                    };
                }
                vec![]
            }
        };
        (self, effects)
    }
}

impl SaidModel {
    fn ask(&mut self) -> Vec<SaidEffect> {
        self.ask += 1;
        let Some(ticket) = self.ticket else {
            self.phase = Said::Nowhere;
            return vec![];
        };
        self.phase = Said::Loading;
        vec![SaidEffect { ask: self.ask, ticket }]
    }
}

#[cfg(test)]
mod tests {
    use wire::ErrorCode;

    use super::*;
    use crate::model::fault::refused;

    #[track_caller]
    fn check(events: impl IntoIterator<Item = SaidEvent>, expected: &Said, questions: usize) {
        let mut all = 0;
        let model = events.into_iter().fold(SaidModel::default(), |model, event| {
            let (model, effects) = model.update(event);
            all += effects.len();
            model
        });
        assert_eq!((&model.phase, all), (expected, questions));
    }

    #[test]
    fn each_tickets_last_comment_is_asked_for_once() {
        let look = |id: u64| SaidEvent::Look(Some(TicketId(id)));
        let none = |ask| SaidEvent::Answer { ask, result: Ok(LastComment { comment: None }) };
        check([look(42), look(42)], &Said::Loading, 1);
        check([look(42), none(1), look(42)], &Said::Shown(None), 1);
        check([look(42), look(38), none(1)], &Said::Loading, 2);
        check([look(42), SaidEvent::Look(None), none(1)], &Said::Nowhere, 1);
        let fault = refused(ErrorCode::ZendeskUnavailable);
        let failed = SaidEvent::Answer { ask: 1, result: Err(fault.clone()) };
        check([look(42), failed.clone()], &Said::Failed(fault), 1);
        check([look(42), failed, SaidEvent::Again], &Said::Loading, 2);
    }
}
