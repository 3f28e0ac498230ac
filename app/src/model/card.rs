//! The card: which customer, what is known, and what is done when it cannot be had.

use wire::{Card, Contract, ErrorCode, TicketId, UserId};

use super::Model;
use super::fault::{Fault, back_off};

/// Whose card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Of a ticket's requester, as saved.
    Ticket(TicketId),
    /// Of a customer.
    Customer(UserId),
}

/// The card of one subject at a time.
#[derive(Debug, Default, PartialEq)]
pub struct CardModel {
    /// Names the question that is open; answers to earlier ones change nothing.
    ask: u32,
    /// Tries that failed in a row.
    failures: u32,
    /// Whether the agent has proved who they are, and whether the server waits for it.
    proof: CardProof,
    subject: Option<Subject>,
    /// What the agent sees.
    pub phase: Phase,
}

/// How far the agent's proof is, as far as the card is concerned.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum CardProof {
    /// Nobody has asked for it.
    #[default]
    Open,
    /// The server shows no card before.
    Awaited,
    /// They have.
    Given,
}

/// What the agent sees.
#[derive(Debug, Default, PartialEq)]
pub enum Phase {
    /// The workspace has not yet said whose card.
    #[default]
    Waiting,
    /// A new ticket without requester.
    NoCustomer,
    /// Asked for the first time.
    Loading,
    /// A card.
    Shown(Box<Shown>),
    /// No card, and none known from before.
    Failed {
        fault: Fault,
        /// Seconds until we try again by ourselves.
        retry_in: Option<u32>,
    },
}

/// A card on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What the server said last.
    pub card: Card,
    /// Among several contracts, the company that the agent chose for this ticket.
    pub chosen: Option<usize>,
    /// A newer one is on its way.
    pub refreshing: bool,
    /// Why there is no newer one.
    pub fault: Option<Fault>,
    /// Seconds until we try again by ourselves.
    pub retry_in: Option<u32>,
}

impl Shown {
    /// The contract to show: the only one, or the chosen one.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        let contract = &self.card.contract;
        self.chosen.and_then(|index| contract.choices.get(index)).unwrap_or(contract)
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum CardEvent {
    /// The workspace shows this one (or nobody) now.
    Look(Option<Subject>),
    /// The server answered question `ask`.
    Answer {
        /// Which question.
        ask: u32,
        /// What it said.
        result: Result<Box<Card>, Fault>,
    },
    /// The agent has proved who they are.
    Proved,
    /// The agent wants it fresh, or once more.
    Refresh,
    /// The agent is back, or the network: a wait for the next try is over.
    Returned,
    /// The agent picked one of several companies; or, with `None`, wants to pick again.
    Choose(Option<usize>),
    /// A second of waiting has passed.
    Tick {
        /// While question `ask` was the last.
        ask: u32,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardEffect {
    /// Ask the server.
    Fetch {
        /// Names the question.
        ask: u32,
        /// Whose card.
        subject: Subject,
        /// Past the local copy.
        refresh: bool,
    },
    /// Say `Tick` in a second.
    Tick {
        /// Names the question.
        ask: u32,
    },
}

impl Model for CardModel {
    type Event = CardEvent;
    type Effect = CardEffect;

    fn update(mut self, event: CardEvent) -> (Self, Vec<CardEffect>) {
        let effects = match event {
            CardEvent::Look(subject) => self.look(subject),
            CardEvent::Answer { ask, result } if ask == self.ask => self.answer(result),
            CardEvent::Proved => self.proved(),
            CardEvent::Refresh => self.refresh(),
            CardEvent::Returned if self.waits() => self.refresh(),
            CardEvent::Choose(choice) => {
                if let Phase::Shown(shown) = &mut self.phase {
                    shown.chosen = choice.filter(|index| *index < shown.card.contract.choices.len());
                }
                vec![]
            }
            CardEvent::Tick { ask } if ask == self.ask => self.tick(),
            CardEvent::Returned | CardEvent::Answer { .. } | CardEvent::Tick { .. } => vec![], // late
        };
        (self, effects)
    }
}

impl CardModel {
    /// Whether there is no card to show.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.phase, Phase::Failed { .. })
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn loading(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Loading)
    }

    fn waits(&self) -> bool {
        match &self.phase {
            Phase::Shown(shown) => shown.retry_in.is_some(),
            Phase::Failed { retry_in, .. } => retry_in.is_some(),
            _ => false,
        }
    }

    fn look(&mut self, subject: Option<Subject>) -> Vec<CardEffect> {
        if subject.is_some() && (subject == self.subject || self.shows(subject)) {
            return vec![];
        }
        self.subject = subject;
        self.failures = 0;
        self.phase = if subject.is_some() { Phase::Loading } else { Phase::NoCustomer };
        self.fetch(false)
    }

    /// The ticket's card is already this customer's.
    fn shows(&self, subject: Option<Subject>) -> bool {
        let Phase::Shown(shown) = &self.phase else { return false };
        let customer = shown.card.customer.as_ref().map(|customer| Subject::Customer(customer.id));
        customer.is_some() && customer == subject
    }

    /// What was asked for before is asked for again.
    fn proved(&mut self) -> Vec<CardEffect> {
        let awaited = self.proof == CardProof::Awaited;
        self.proof = CardProof::Given;
        let ended = |fault: &Fault| fault.ends_session();
        match &self.phase {
            _ if awaited => self.fetch(false),
            Phase::Shown(shown) if shown.fault.as_ref().is_some_and(ended) => self.refresh(),
            Phase::Failed { fault, .. } if ended(fault) => self.refresh(),
            _ => vec![],
        }
    }

    fn refresh(&mut self) -> Vec<CardEffect> {
        match &mut self.phase {
            Phase::Shown(shown) if shown.refreshing => return vec![],
            Phase::Shown(shown) => shown.refreshing = true,
            Phase::Failed { .. } => self.phase = Phase::Loading,
            Phase::Waiting | Phase::NoCustomer | Phase::Loading => return vec![],
        }
        self.fetch(true)
    }

    fn fetch(&mut self, refresh: bool) -> Vec<CardEffect> {
        self.ask += 1;
        let ask = self.ask;
        self.subject.map(|subject| CardEffect::Fetch { ask, subject, refresh }).into_iter().collect()
    }

    fn answer(&mut self, result: Result<Box<Card>, Fault>) -> Vec<CardEffect> {
        let unproved = result.as_ref().is_err_and(|fault| fault.code() == Some(ErrorCode::AgentUnproved));
        if unproved && matches!(self.phase, Phase::Loading) {
            match self.proof {
                CardProof::Given => return self.fetch(false), // asked for before, answered after
                CardProof::Open | CardProof::Awaited => self.proof = CardProof::Awaited,
            }
            return vec![];
        }
        let before =
            if let Phase::Shown(shown) = std::mem::take(&mut self.phase) { Some(shown) } else { None };
        let stale = result.as_ref().map_or_else(Fault::passes, |card| is_stale(card));
        let retry_after = result.as_ref().err().and_then(|fault| fault.retry_after);
        let retry_in = stale.then(|| back_off(self.failures, retry_after));
        self.failures = if stale { self.failures + 1 } else { 0 };
        self.phase = match (result, before) {
            (Ok(card), before) => {
                let chosen = before.and_then(|before| same_choice(&before, &card));
                Phase::Shown(Box::new(Shown {
                    card: *card,
                    chosen,
                    refreshing: false,
                    fault: None,
                    retry_in,
                }))
            }
            (Err(fault), Some(mut before)) => {
                before.refreshing = false;
                before.fault = Some(fault);
                before.retry_in = retry_in;
                Phase::Shown(before)
            }
            (Err(fault), None) => Phase::Failed { fault, retry_in },
        };
        retry_in.map(|_| CardEffect::Tick { ask: self.ask }).into_iter().collect()
    }

    fn tick(&mut self) -> Vec<CardEffect> {
        let left = match &mut self.phase {
            Phase::Shown(shown) if !shown.refreshing => &mut shown.retry_in,
            Phase::Failed { retry_in, .. } => retry_in,
            _ => return vec![],
        };
        match left {
            None => vec![],
            Some(0 | 1) => self.refresh(),
            Some(seconds) => {
                *seconds -= 1;
                vec![CardEffect::Tick { ask: self.ask }]
            }
        }
    }
}

fn is_stale(card: &Card) -> bool {
    card.stale_because.is_some()
}

/// The agent's choice outlives a refresh as long as the company is still among them.
fn same_choice(before: &Shown, card: &Card) -> Option<usize> {
    let company = &before.card.contract.choices.get(before.chosen?)?.company;
    card.contract.choices.iter().position(|choice| choice.company == *company)
}

#[cfg(test)]
mod tests;
