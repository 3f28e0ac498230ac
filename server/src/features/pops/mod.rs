//! A call comes in, and its ticket is before the agent: in the Flex panel by the answer, in his Zendesk by a
//! notification that a job sends, so that the agent never waits for it.

mod notify;
mod refusals; // whose page Zendesk would not turn
mod rules;

use wire::{
    Card, Choice, Customer, ErrorCode, FlexSettings, LogFacts, LogRequest, LogStage, Navigate, PopNotice,
    PopOutcome, PopRequest, PopResult, Problem, Stage, TicketId, TicketStatus, TicketSummary, UserId,
    WithoutNumber,
};

pub use notify::{NotifyDeps, PopNotification};
pub use refusals::Refusals;
pub use rules::{NumberProblem, TICKET_ATTRIBUTE, USER_ATTRIBUTE, ticket_number};

use crate::{
    clock::Clock,
    features::{
        contracts::{CardError, Contracts},
        engagements::{
            EngagementError, Engagements, FindError, Found, News, Settled, Task, Visible,
            callers::{self, Caller, is_outbound},
        },
        sessions::{Agent, Viewer},
    },
    queue::Queue,
    store::{Db, StoreError, engagements::Engagement},
};

/// The pops of one account.
#[derive(Clone)]
pub struct Pops {
    account: String,
    clock: Clock,
    db: Db,
    queue: Queue,
    contracts: Contracts,
    engagements: Engagements,
}

/// Why a pop cannot be answered. A number that names no ticket is not among these: that is an answer.
#[derive(Debug, thiserror::Error)]
pub enum PopError {
    /// See the card's error.
    #[error(transparent)]
    Card(#[from] CardError),
    /// See the engagement's error.
    #[error(transparent)]
    Engagement(EngagementError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FindError> for PopError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Card(error) => Self::Card(error),
            FindError::Engagement(EngagementError::Store(error)) => Self::Store(error),
            FindError::Engagement(error) => Self::Engagement(error),
        }
    }
}

impl Pops {
    /// The pops of `account`.
    pub const fn new(
        account: String,
        clock: Clock,
        db: Db,
        queue: Queue,
        contracts: Contracts,
        engagements: Engagements,
    ) -> Self {
        Self { account, clock, db, queue, contracts, engagements }
    }

    /// Shows the agent the ticket of the engagement `task_sid`: the one whose number was given, the one that is known of
    /// it already, or the one that is found or made for the caller.
    pub async fn pop(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        task_sid: &str,
        request: &PopRequest,
    ) -> Result<PopResult, PopError> {
        let settings = self.engagements.settings().await?;
        if !settings.enabled {
            return Ok(nothing(switched_off()));
        }
        let popped = self.look(viewer, agent, task_sid, request, &settings).await;
        if !popped.as_ref().is_ok_and(|popped| popped.outcome == PopOutcome::Ticket) {
            // Without a ticket nothing else says that there is such a task, and the agent has notes to take.
            self.engagements.introduce(task_sid).await?;
        }
        // Whatever came of it: the note waits for an agent who has still to choose, and for a Zendesk that is down.
        self.write_down(&settings, agent, task_sid, request).await?;
        let mut popped = popped?;
        if popped.outcome == PopOutcome::Choose {
            popped.must_choose = settings.choose_first;
            popped.may_create = settings.create_ticket;
        }
        Ok(if settings.contract_panel {
            popped
        } else {
            PopResult { contract: None, badges: Vec::new(), ..popped }
        })
    }

    /// The agent's Zendesk shows another ticket than the engagement's.
    pub async fn show(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        task_sid: &str,
        ticket: TicketId,
    ) -> Result<(), PopError> {
        self.contracts.may_see(viewer, ticket).await?;
        let talk_partner = self.engagements.settings().await?.talk_partner;
        Ok(self.send(self.notification(agent, task_sid, (Some(ticket), None), talk_partner)).await?)
    }

    async fn look(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        task_sid: &str,
        request: &PopRequest,
        settings: &FlexSettings,
    ) -> Result<PopResult, PopError> {
        let task = Task { sid: task_sid, attributes: &request.attributes };
        let asked = Asked { agent, task, request, talk_partner: settings.talk_partner };
        let named = match rules::ticket_number(&request.attributes) {
            Ok(id) => match self.contracts.card(viewer, id, false).await {
                Ok(card) => {
                    return self.shown(asked, card, settings.navigate_valid, Settled::default(), None).await;
                }
                Err(CardError::TicketNotFound(_)) => not_found(id),
                Err(error) => return Err(error.into()),
            },
            Err(problem) => number_problem(problem),
        };
        let fresh;
        let settings = if request.new_ticket {
            fresh = FlexSettings { without_number: WithoutNumber::AlwaysNew, ..settings.clone() };
            &fresh
        } else {
            settings
        };
        let navigate = match named.code {
            ErrorCode::TicketNumberMissing => settings.navigate_none,
            _ => settings.navigate_invalid,
        };
        if request.user_id.is_none()
            && !request.new_ticket
            && let Some(Engagement { ticket_id: Some(id), user_id, created }) =
                self.engagements.known(task_sid).await?
        {
            match self.contracts.card(viewer, TicketId(id), false).await {
                Ok(card) => {
                    let settled = Settled { user: user_id.map(UserId), created, ..Settled::default() };
                    return self.shown(asked, card, navigate, settled, None).await;
                }
                Err(CardError::TicketNotFound(_)) => {} // deleted since, or not this agent's to see
                Err(error) => return Err(error.into()),
            }
        }
        let visible = Visible { contracts: &self.contracts, viewer: Some(viewer) };
        // What was given and is no ticket stays before the agent's eyes, beside what was found instead.
        let remark = Some(named).filter(|named| named.code != ErrorCode::TicketNumberMissing);
        // Whom an agent calls is known: his wish said it.
        let called = || rules::user_id(&request.attributes).filter(|_| is_outbound(&request.attributes));
        match self.engagements.find(asked.task, settings, visible, request.user_id.or_else(called)).await? {
            Found::Ticket(card, ticket) => {
                let settled = Settled { user: Some(ticket.requester_id), ..Settled::default() };
                let mut card = *card;
                card.open_tickets.retain(|other| other.id != ticket.id);
                card.ticket = Some(ticket);
                self.shown(asked, card, navigate, settled, remark).await
            }
            Found::Made(ticket, user) => {
                let settled = Settled { user: Some(user), created: true, fresh: true, ..Settled::default() };
                let card = self.contracts.card(viewer, ticket, false).await?;
                self.shown(asked, card, navigate, settled, remark).await
            }
            Found::Choose(choices, card) => Ok(choose(choices, card.map(|card| *card), remark)),
            Found::Customer(card) => {
                let user = card.customer.as_ref().map(|customer| customer.id);
                let turned = self.turned(asked, None, user.filter(|_| navigate != Navigate::Nothing));
                let show = self.keep(None, turned).await?;
                Ok(PopResult { show, ..result(PopOutcome::User, *card, remark) })
            }
            Found::Nobody => Ok(nothing(remark.unwrap_or_else(|| named_or_unknown(&request.attributes)))),
        }
    }

    /// The answer, and what follows from it by and by.
    async fn shown(
        &self,
        asked: Asked<'_>,
        card: Card,
        navigate: Navigate,
        settled: Settled,
        remark: Option<Problem>,
    ) -> Result<PopResult, PopError> {
        let Some(ticket) = card.ticket.as_ref() else { return Ok(result(PopOutcome::User, card, remark)) };
        let (id, requester) = (ticket.id, ticket.requester_id);
        let closed = ticket.status == TicketStatus::Closed;
        let accepted_by = (asked.request.stage == Stage::Accept).then_some(asked.agent.id);
        let user = settled.user.or(Some(requester)).filter(|id| id.0 > 0);
        let news = self.engagements.news(asked.task, id, Settled { user, accepted_by, ..settled }).await?;
        let turned = match navigate {
            Navigate::Ticket => self.turned(asked, Some(id), None),
            Navigate::User => self.turned(asked, None, user),
            Navigate::Nothing => Turned::Not,
        };
        let show = self.keep(news.as_ref(), turned).await?;
        let remark = if closed { Some(follow_up(id)) } else { remark };
        Ok(PopResult { created: settled.created, show, ..result(PopOutcome::Ticket, card, remark) })
    }

    /// That the agent took it, or came back to it. Without his reservation's sid it is Twilio's webhook that tells.
    async fn write_down(
        &self,
        settings: &FlexSettings,
        agent: &Agent,
        task_sid: &str,
        request: &PopRequest,
    ) -> Result<(), StoreError> {
        let Some(reservation) = &request.reservation_sid else { return Ok(()) };
        let log = LogRequest {
            stage: if request.stage == Stage::Accept { LogStage::Start } else { LogStage::Switch },
            attributes: request.attributes.clone(),
            reservation_sid: Some(reservation.chars().take(64).collect()),
            facts: LogFacts::default(),
        };
        self.engagements.log_by(settings, task_sid, &log, Some(agent.id)).await
    }

    /// How the page of the agent's Zendesk is turned: in one of two ways, never in both. Whoever asks does it himself, by what
    /// this answers, or a job sends a notice.
    fn turned(&self, asked: Asked<'_>, ticket_id: Option<TicketId>, user_id: Option<UserId>) -> Turned {
        if ticket_id.is_none() && user_id.is_none() {
            return Turned::Not;
        }
        let Asked { agent, task, request, talk_partner } = asked;
        let job = self.notification(agent, task.sid, (ticket_id, user_id), talk_partner);
        let job = PopNotification { stage: request.stage, ..job };
        if request.top_bar { Turned::By(job.notice()) } else { Turned::ByJob(job) }
    }

    /// Writes down whose ticket it is and enqueues the notice, in one transaction; answers what the asker is to show.
    async fn keep(&self, news: Option<&News>, turned: Turned) -> Result<Option<PopNotice>, StoreError> {
        match (news, turned) {
            (None, Turned::Not) => Ok(None),
            (None, Turned::By(notice)) => Ok(Some(notice)),
            (None, Turned::ByJob(job)) => self.send(job).await.map(|()| None),
            (Some(news), turned) => {
                let mut tx = self.db.begin().await?;
                self.engagements.write(&mut tx, news).await?;
                if let Turned::ByJob(job) = &turned {
                    self.queue.enqueue(&mut tx, job).await?;
                }
                tx.commit().await?;
                Ok(if let Turned::By(notice) = turned { Some(notice) } else { None })
            }
        }
    }

    fn notification(
        &self,
        agent: &Agent,
        task_sid: &str,
        (ticket_id, user_id): (Option<TicketId>, Option<UserId>),
        talk_partner: bool,
    ) -> PopNotification {
        PopNotification {
            account: self.account.clone(),
            agent_id: agent.id,
            task_sid: task_sid.to_owned(),
            stage: Stage::Select,
            ticket_id,
            user_id,
            talk_partner,
            asked_at: self.clock.now(),
        }
    }

    /// Waits for no disk: after a power cut nobody wants this page turned.
    async fn send(&self, job: PopNotification) -> Result<(), StoreError> {
        let mut tx = self.db.begin_unsynced().await?;
        self.queue.enqueue(&mut tx, &job).await?;
        tx.commit().await?;
        self.queue.wake();
        Ok(())
    }
}

/// Who asks for which engagement.
#[derive(Clone, Copy)]
struct Asked<'a> {
    agent: &'a Agent,
    task: Task<'a>,
    request: &'a PopRequest,
    talk_partner: bool,
}

/// How the page of the agent's Zendesk is turned.
enum Turned {
    Not,
    By(PopNotice),
    ByJob(PopNotification),
}

fn result(outcome: PopOutcome, card: Card, problem: Option<Problem>) -> PopResult {
    PopResult {
        outcome,
        ticket: card.ticket,
        customer: card.customer,
        contract: Some(card.contract),
        badges: card.badges,
        open_tickets: card.open_tickets,
        ..nothing_at_all(problem)
    }
}

fn choose(
    choices: Vec<(Option<TicketSummary>, Customer)>,
    card: Option<Card>,
    remark: Option<Problem>,
) -> PopResult {
    let choices = choices.into_iter().map(|(ticket, customer)| Choice { ticket, customer: Some(customer) });
    let empty =
        PopResult { outcome: PopOutcome::Choose, choices: choices.collect(), ..nothing_at_all(remark) };
    let Some(card) = card else { return empty };
    PopResult { customer: card.customer, contract: Some(card.contract), badges: card.badges, ..empty }
}

fn nothing(problem: Problem) -> PopResult {
    nothing_at_all(Some(problem))
}

fn nothing_at_all(problem: Option<Problem>) -> PopResult {
    PopResult {
        outcome: PopOutcome::Nothing,
        ticket: None,
        customer: None,
        contract: None,
        badges: Vec::new(),
        open_tickets: Vec::new(),
        choices: Vec::new(),
        created: false,
        must_choose: false,
        may_create: false,
        problem,
        show: None,
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

/// Nobody is known, and nobody is to be made: is it the number that is missing, or the caller?
fn named_or_unknown(attributes: &serde_json::Value) -> Problem {
    match callers::caller(attributes) {
        Caller::Unknown => number_problem(NumberProblem::Missing),
        _ => problem(
            ErrorCode::CallerUnknown,
            "nobody in Zendesk has the caller's number or address".to_owned(),
            "Ask who it is, then search in Zendesk. Admin: the console can have such callers created.",
        ),
    }
}

fn switched_off() -> Problem {
    let message = "calls and chats are switched off in Deskside's console".to_owned();
    problem(ErrorCode::FlexDisabled, message, "Admin: switch them on under Flex.")
}

fn not_found(id: TicketId) -> Problem {
    let message = format!("ticket {id} does not exist, was deleted, or you may not see it");
    problem(ErrorCode::TicketNotFound, message, "Ask the caller for the number again.")
}

fn follow_up(id: TicketId) -> Problem {
    let message = format!("ticket {id} is closed: it can be read, not answered");
    problem(ErrorCode::TicketClosed, message, "Create a follow-up in Zendesk to answer it.")
}
