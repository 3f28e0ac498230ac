//! The ticket and the customer of one engagement. The agent may switch between engagements faster than the server answers.

use wire::{PopResult, Stage, TicketId, UserId};

use super::Model;
use super::fault::Fault;

/// One engagement, as the workspace described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    /// The task.
    pub task_sid: String,
    /// Its attributes, as JSON text: only the server reads them.
    pub attributes: String,
    /// What the agent did.
    pub stage: Stage,
    /// The agent's part of it.
    pub reservation_sid: Option<String>,
}

/// What the panel shows of the engagement that is selected.
#[derive(Debug, Default, PartialEq)]
pub struct PopModel {
    /// Names the question that is open; answers to earlier ones change nothing.
    ask: u32,
    signed_in: bool,
    engagement: Option<Engagement>,
    /// What the agent sees.
    pub phase: Phase,
}

/// What the agent sees.
#[derive(Debug, Default, PartialEq)]
pub enum Phase {
    /// No engagement is selected.
    #[default]
    Idle,
    /// The server is looking.
    Looking,
    /// What the server found.
    Found {
        /// It.
        result: Box<PopResult>,
        /// The server is asked once more.
        again: bool,
        /// Why it could not be shown again.
        fault: Option<Fault>,
    },
    /// The server could not look.
    Failed(Fault),
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum PopEvent {
    /// There is a session.
    SignedIn,
    /// The agent accepted or selected an engagement.
    Engagement(Engagement),
    /// None is selected.
    Idle,
    /// The server answered question `ask`.
    Answer {
        /// Which question.
        ask: u32,
        /// What it said.
        result: Result<Box<PopResult>, Fault>,
    },
    /// Show it once more, or try again.
    Again,
    /// The agent says which ticket it is.
    Pick(TicketId),
    /// The agent says who it is.
    PickUser(UserId),
}

/// Ask the server to pop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopEffect {
    /// Names the question.
    pub ask: u32,
    /// Which engagement.
    pub engagement: Engagement,
    /// The ticket that the agent named, in place of what the caller entered.
    pub ticket: Option<TicketId>,
    /// Whom the agent named, where several could be meant.
    pub user: Option<UserId>,
}

impl Model for PopModel {
    type Event = PopEvent;
    type Effect = PopEffect;

    fn update(mut self, event: PopEvent) -> (Self, Vec<PopEffect>) {
        let effects = match event {
            PopEvent::SignedIn => {
                let first = !std::mem::replace(&mut self.signed_in, true);
                let lost = matches!(&self.phase, Phase::Failed(fault) if fault.ends_session());
                if first || lost { self.ask(None, None) } else { vec![] }
            }
            PopEvent::Engagement(engagement) => self.engage(engagement),
            PopEvent::Idle => {
                self.ask += 1;
                self.engagement = None;
                self.phase = Phase::Idle;
                vec![]
            }
            PopEvent::Answer { ask, result } if ask == self.ask => {
                self.answer(result);
                vec![]
            }
            PopEvent::Answer { .. } => vec![], // of an engagement that is no longer selected
            PopEvent::Again => self.ask(None, None),
            PopEvent::Pick(ticket) => self.ask(Some(ticket), None),
            PopEvent::PickUser(user) => self.ask(None, Some(user)),
        };
        (self, effects)
    }
}

impl PopModel {
    fn engage(&mut self, engagement: Engagement) -> Vec<PopEffect> {
        let same = self.engagement.as_ref().is_some_and(|before| before.task_sid == engagement.task_sid);
        if !same {
            self.phase = Phase::Looking;
        }
        self.engagement = Some(engagement);
        self.ask(None, None)
    }

    fn ask(&mut self, ticket: Option<TicketId>, user: Option<UserId>) -> Vec<PopEffect> {
        self.ask += 1;
        let Some(engagement) = self.engagement.clone() else { return vec![] };
        match &mut self.phase {
            Phase::Found { again, fault, .. } => (*again, *fault) = (true, None),
            phase => *phase = Phase::Looking,
        }
        if !self.signed_in {
            return vec![]; // `SignedIn` will ask
        }
        vec![PopEffect { ask: self.ask, engagement, ticket, user }]
    }

    fn answer(&mut self, answer: Result<Box<PopResult>, Fault>) {
        self.phase = match (answer, std::mem::take(&mut self.phase)) {
            (Ok(result), _) => Phase::Found { result, again: false, fault: None },
            (Err(fault), Phase::Found { result, .. }) => {
                Phase::Found { result, again: false, fault: Some(fault) }
            }
            (Err(fault), _) => Phase::Failed(fault),
        };
    }
}

#[cfg(test)]
mod tests {
    use wire::{ErrorCode, PopOutcome};

    use super::*;
    use crate::model::fault::refused;

    fn engage(sid: &str, stage: Stage) -> PopEvent {
        PopEvent::Engagement(Engagement {
            task_sid: sid.into(),
            attributes: "{}".into(),
            stage,
            reservation_sid: None,
        })
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
            must_choose: false,
            may_create: false,
            problem: None,
        };
        PopEvent::Answer { ask, result: Ok(Box::new(result)) }
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
    fn check(events: impl IntoIterator<Item = PopEvent>, expected: &str, questions: usize) -> Vec<PopEffect> {
        let mut all = vec![];
        let model = events.into_iter().fold(PopModel::default(), |model, event| {
            let (model, effects) = model.update(event);
            all.extend(effects);
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
    fn a_new_session_asks_again_where_the_old_one_was_refused() {
        let lost = PopEvent::Answer { ask: 2, result: Err(refused(ErrorCode::SessionExpired)) };
        check([PopEvent::SignedIn, engage("WT1", Stage::Accept), lost, PopEvent::SignedIn], "looking", 2);
    }
}
