//! The ticket and the customer of one engagement. The agent may switch between engagements faster than the server answers.

use wire::{CallFacts, PopNotice, PopOutcome, PopResult, Stage, TicketId, UserId};

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
    /// How it stands.
    pub call: CallFacts,
}

/// What the panel shows of the engagement that is selected.
#[derive(Debug, Default, PartialEq)]
pub struct PopModel {
    /// Names the question that is open; answers to earlier ones change nothing.
    ask: u32,
    signed_in: bool,
    taken: Taken,
    engagement: Option<Engagement>,
    /// How often the agent was told to choose first.
    pub nudged: u32,
    /// What is popped is shown by way of Zendesk's top bar, and the server sends no notice.
    top_bar: bool,
    /// Names the notice that the top bar has still to answer.
    showing: Option<String>,
    /// What the agent sees.
    pub phase: Phase,
}

/// Whether the agent has taken the engagement, and does not only look at it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Taken {
    #[default]
    Not,
    /// The server has not answered yet to that.
    Untold,
    Told,
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
    Engagement(Box<Engagement>),
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
    /// The agent wants a new ticket, for this customer.
    PickNew(UserId),
    /// The agent wanted to complete this engagement before they chose.
    ChooseFirst(String),
    /// The server can be reached again.
    Reconnected,
    /// The workspace is in Zendesk's top bar.
    TopBar,
    /// The top bar has shown what this names.
    Shown(String),
    /// It should have by now.
    ShownByNow(String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PopEffect {
    /// Ask the server to pop.
    Ask(Box<PopAsk>),
    /// Have the top bar show this, and look a moment later whether it has.
    Show(PopNotice),
    /// Tell the workspace whether this engagement waits for the agent's choice.
    Choice {
        task_sid: String,
        /// It does.
        open: bool,
    },
}

/// A question to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopAsk {
    /// Names the question.
    pub ask: u32,
    /// Which engagement.
    pub engagement: Engagement,
    /// The ticket that the agent named, in place of what the caller entered.
    pub ticket: Option<TicketId>,
    /// Whom the agent named, where several could be meant.
    pub user: Option<UserId>,
    /// Whether it is to be a new ticket.
    pub new_ticket: bool,
    /// The answer says what to show, and we show it.
    pub top_bar: bool,
}

/// What the agent named.
#[derive(Debug, Clone, Copy, Default)]
struct Named {
    ticket: Option<TicketId>,
    user: Option<UserId>,
    new_ticket: bool,
}

impl Model for PopModel {
    type Event = PopEvent;
    type Effect = PopEffect;

    fn update(mut self, event: PopEvent) -> (Self, Vec<PopEffect>) {
        let before = self.choice().map(|(task, open)| (task.to_owned(), open));
        let mut effects = match event {
            PopEvent::SignedIn => {
                let first = !std::mem::replace(&mut self.signed_in, true);
                let lost = matches!(&self.phase, Phase::Failed(fault) if fault.ends_session());
                if first || lost { self.ask(Named::default()) } else { vec![] }
            }
            PopEvent::Engagement(engagement) => self.engage(*engagement),
            PopEvent::Idle => {
                self.ask += 1;
                self.engagement = None;
                self.taken = Taken::Not;
                self.phase = Phase::Idle;
                vec![]
            }
            PopEvent::Answer { ask, result } if ask == self.ask => self.answer(result),
            PopEvent::Again => self.ask(Named::default()),
            PopEvent::Pick(ticket) => self.ask(Named { ticket: Some(ticket), ..Named::default() }),
            PopEvent::PickUser(user) => self.ask(Named { user: Some(user), ..Named::default() }),
            PopEvent::PickNew(user) => {
                self.ask(Named { user: Some(user), new_ticket: true, ..Named::default() })
            }
            PopEvent::ChooseFirst(task) => {
                if self.choice().is_some_and(|(of, open)| of == task && open) {
                    self.nudged += 1;
                }
                vec![]
            }
            PopEvent::Reconnected => match &self.phase {
                Phase::Failed(fault) if fault.passes() => self.ask(Named::default()),
                _ => vec![],
            },
            PopEvent::TopBar => {
                self.top_bar = true;
                vec![]
            }
            PopEvent::Shown(notice) => {
                self.showing.take_if(|showing| *showing == notice);
                vec![]
            }
            PopEvent::ShownByNow(notice) if self.showing.as_ref() == Some(&notice) => {
                (self.showing, self.top_bar) = (None, false); // from now on the server does it
                self.ask(Named::default())
            }
            // Of an engagement that is no longer selected; of a notice that was shown.
            PopEvent::Answer { .. } | PopEvent::ShownByNow(_) => vec![],
        };
        let now = self.choice().map(|(task, open)| (task.to_owned(), open));
        if now != before
            && let Some((task_sid, open)) = now
        {
            effects.push(PopEffect::Choice { task_sid, open });
        }
        (self, effects)
    }
}

impl PopModel {
    /// A workspace selects what it has just accepted. That it was accepted is not lost by that, whenever the server hears of
    /// it, and a question that is open is not asked twice.
    fn engage(&mut self, mut engagement: Engagement) -> Vec<PopEffect> {
        let before = self.engagement.as_ref().filter(|before| before.task_sid == engagement.task_sid);
        let mut open = false;
        if before.is_none() {
            self.phase = Phase::Looking;
            (self.taken, self.nudged) = (Taken::Not, 0);
        } else if self.taken == Taken::Untold && engagement.stage == Stage::Select {
            engagement.stage = Stage::Accept;
            open = matches!(self.phase, Phase::Looking | Phase::Found { again: true, .. })
                && before.is_some_and(|before| before.attributes == engagement.attributes);
        }
        let has_it = matches!(engagement.call.status.as_deref(), Some("accepted" | "wrapping"));
        if engagement.stage == Stage::Accept {
            self.taken = Taken::Untold;
        } else if has_it {
            self.taken = Taken::Told;
        }
        self.engagement = Some(engagement);
        if open { vec![] } else { self.ask(Named::default()) }
    }

    /// Whether the engagement on the screen, and which, waits for the agent's choice. What they cannot carry out does not
    /// keep them.
    #[must_use]
    pub fn choice(&self) -> Option<(&str, bool)> {
        let task = self.engagement.as_ref()?.task_sid.as_str();
        let open = match &self.phase {
            Phase::Found { result, fault, .. } => {
                result.outcome == PopOutcome::Choose && result.must_choose && fault.is_none()
            }
            _ => false,
        };
        Some((task, open))
    }

    /// The engagement on the screen.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.engagement.as_ref().map(|engagement| engagement.task_sid.as_str())
    }

    /// The ticket on the screen.
    #[must_use]
    pub fn ticket(&self) -> Option<TicketId> {
        let Phase::Found { result, .. } = &self.phase else { return None };
        result.ticket.as_ref().map(|ticket| ticket.id)
    }

    fn ask(&mut self, Named { ticket, user, new_ticket }: Named) -> Vec<PopEffect> {
        self.ask += 1;
        let Some(mut engagement) = self.engagement.clone() else { return vec![] };
        if self.taken != Taken::Not && (ticket.is_some() || user.is_some()) {
            // Only now it is known what was accepted.
            engagement.stage = Stage::Accept;
        }
        match &mut self.phase {
            Phase::Found { again, fault, .. } => (*again, *fault) = (true, None),
            phase => *phase = Phase::Looking,
        }
        if !self.signed_in {
            return vec![]; // `SignedIn` will ask
        }
        let top_bar = self.top_bar;
        vec![PopEffect::Ask(Box::new(PopAsk {
            ask: self.ask,
            engagement,
            ticket,
            user,
            new_ticket,
            top_bar,
        }))]
    }

    fn answer(&mut self, mut answer: Result<Box<PopResult>, Fault>) -> Vec<PopEffect> {
        let show = answer.as_mut().ok().and_then(|result| result.show.take());
        self.showing = show.as_ref().map(|notice| notice.notice.clone());
        if self.taken == Taken::Untold && answer.is_ok() {
            self.taken = Taken::Told;
        }
        self.phase = match (answer, std::mem::take(&mut self.phase)) {
            (Ok(result), _) => Phase::Found { result, again: false, fault: None },
            (Err(fault), Phase::Found { result, .. }) => {
                Phase::Found { result, again: false, fault: Some(fault) }
            }
            (Err(fault), _) => Phase::Failed(fault),
        };
        show.map(PopEffect::Show).into_iter().collect()
    }
}

#[cfg(test)]
mod tests;
