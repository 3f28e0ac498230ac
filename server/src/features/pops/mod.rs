//! A call comes in, and its ticket is before the agent: in the Flex panel by the answer, in his Zendesk by a
//! notification that a job sends, so that the agent never waits for it.

mod notify;
mod rules;

use wire::{ErrorCode, PopOutcome, PopRequest, PopResult, Problem, Stage, TicketId, TicketStatus};

pub use notify::{NotifyDeps, PopNotification};
pub use rules::NumberProblem;

use crate::{
    clock::Clock,
    features::{
        contracts::{CardError, Contracts},
        sessions::{Agent, Viewer},
    },
    queue::Queue,
    store::{Db, StoreError},
};

/// The pops of one account.
#[derive(Clone)]
pub struct Pops {
    account: String,
    clock: Clock,
    db: Db,
    queue: Queue,
    contracts: Contracts,
}

/// Why a pop cannot be answered. A number that names no ticket is not among these: that is an answer.
#[derive(Debug, thiserror::Error)]
pub enum PopError {
    /// See the card's error.
    #[error(transparent)]
    Card(#[from] CardError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Pops {
    /// The pops of `account`.
    pub const fn new(account: String, clock: Clock, db: Db, queue: Queue, contracts: Contracts) -> Self {
        Self { account, clock, db, queue, contracts }
    }

    /// Shows the agent the ticket of the engagement `task_sid`.
    pub async fn pop(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        task_sid: &str,
        request: &PopRequest,
    ) -> Result<PopResult, PopError> {
        let id = match rules::ticket_number(&request.attributes) {
            Ok(id) => id,
            Err(problem) => return Ok(nothing(number_problem(problem))),
        };
        let card = match self.contracts.card(viewer, id, false).await {
            Ok(card) => card,
            Err(CardError::TicketNotFound(_)) => return Ok(nothing(not_found(id))),
            Err(error) => return Err(error.into()),
        };
        self.notify(agent, task_sid, request.stage, id).await?;
        let closed = card.ticket.as_ref().is_some_and(|ticket| ticket.status == TicketStatus::Closed);
        Ok(PopResult {
            outcome: PopOutcome::Ticket,
            ticket: card.ticket,
            customer: card.customer,
            contract: Some(card.contract),
            badges: card.badges,
            choices: Vec::new(),
            created: false,
            problem: closed.then(|| follow_up(id)),
        })
    }

    async fn notify(
        &self,
        agent: &Agent,
        task_sid: &str,
        stage: Stage,
        id: TicketId,
    ) -> Result<(), StoreError> {
        let job = PopNotification {
            account: self.account.clone(),
            agent_id: agent.id,
            task_sid: task_sid.to_owned(),
            stage,
            ticket_id: id,
            asked_at: self.clock.now(),
        };
        let mut tx = self.db.begin().await?;
        self.queue.enqueue(&mut tx, &job).await?;
        tx.commit().await?;
        self.queue.wake();
        Ok(())
    }
}

fn nothing(problem: Problem) -> PopResult {
    PopResult {
        outcome: PopOutcome::Nothing,
        ticket: None,
        customer: None,
        contract: None,
        badges: Vec::new(),
        choices: Vec::new(),
        created: false,
        problem: Some(problem),
    }
}

fn problem(code: ErrorCode, message: String, hint: &str) -> Problem {
    Problem { code, message, hint: Some(hint.to_owned()) }
}

fn number_problem(number: NumberProblem) -> Problem {
    let code = match number {
        NumberProblem::Missing => ErrorCode::TicketNumberMissing,
        NumberProblem::Invalid => ErrorCode::TicketNumberInvalid,
    };
    problem(code, number.to_string(), "Ask the caller, then search for the ticket in Zendesk.")
}

fn not_found(id: TicketId) -> Problem {
    let message = format!("ticket {id} does not exist, was deleted, or you may not see it");
    problem(ErrorCode::TicketNotFound, message, "Ask the caller for the number again.")
}

fn follow_up(id: TicketId) -> Problem {
    let message = format!("ticket {id} is closed: it can be read, not answered");
    problem(ErrorCode::TicketClosed, message, "Create a follow-up in Zendesk to answer it.")
}
