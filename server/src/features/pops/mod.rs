//! A call comes in, and its ticket is before the agent: in the Flex panel by the answer, in their Zendesk by a
//! notification that a job sends, so that the agent never waits for it. **Invariant:** what is shown is what the agent may see;
//! what is written needs Twilio's word that the task is theirs, which is asked for while Zendesk is (ADR 10).

mod answers; // what the agent is told
mod error; // why there is no answer
mod notify;
mod refusals; // whose page Zendesk would not turn

use wire::{
    Card, ErrorCode, FlexSettings, LogFacts, LogRequest, LogStage, Navigate, PopNotice, PopOutcome,
    PopRequest, PopResult, Problem, Stage, TicketId, TicketStatus, UserId, WithoutNumber,
};

use answers::{
    choose, claim_problem, follow_up, hidden, named_or_unknown, no_ticket, not_found, nothing,
    number_problem, result, switched_off,
};
pub use error::PopError;
pub use notify::{NotifyDeps, PopNotification};
pub use refusals::Refusals;

use crate::{
    clock::Clock,
    features::{
        contracts::{CardError, Contracts},
        engagements::{
            Acting, By, Claim, ClaimError, Claimant, Engagements, FindError, Found, News, Searched, Settled,
            Task,
        },
        sessions::{Agent, Viewer},
        tasks::{Caller, TaskAttributes},
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
        let claimant = Claimant::of(viewer, agent.id);
        let told = TaskAttributes::from(request.attributes.clone());
        let asked = Asked {
            viewer,
            agent,
            claimant: &claimant,
            task_sid,
            request,
            told: &told,
            settings: &settings,
            accepts: false,
        };
        // Zendesk and Twilio are asked at once: the agent waits for the slower of the two.
        let (claim, looked) = futures::join!(self.engagements.claim(&claimant, task_sid), self.look(asked));
        let claim = claim?;
        // What is only offered is shown; it becomes nobody's before it is accepted. Where Twilio is silent, a job decides.
        let taken = matches!(claim, Claim::Theirs { taken: true, .. } | Claim::Unanswered);
        let asked = Asked { accepts: taken && request.stage == Stage::Accept, ..asked };
        let grant = match claim {
            Claim::Unknown => return Err(ClaimError::Unknown(task_sid.to_owned()).into()),
            Claim::ReadOnly(why) => Grant::Nothing(why),
            Claim::Unanswered => Grant::Later,
            Claim::Theirs { task, .. } if task.origin.is_known() => {
                Grant::All(Box::new(task.attributes().clone()))
            }
            Claim::Theirs { task, .. } => Grant::Ticket(Box::new(task.task.attributes.into())),
        };
        let popped = match looked {
            Ok(looked) => self.answer(asked, looked, &grant).await,
            Err(error) => Err(error),
        };
        if !matches!(grant, Grant::Nothing(_)) {
            if !popped.as_ref().is_ok_and(|popped| popped.outcome == PopOutcome::Ticket) {
                // Without a ticket nothing else says that there is such a task, and the agent has notes to take.
                self.engagements.introduce(task_sid).await?;
            }
            // Whatever came of it: the note waits for an agent who has still to choose, and for a Zendesk that is down.
            self.write_down(asked).await?;
        }
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
        self.engagements.claimant(viewer, agent.id, task_sid).await?;
        let talk_partner = self.engagements.settings().await?.talk_partner;
        Ok(self.send(self.notification(agent, task_sid, (Some(ticket), None), talk_partner)).await?)
    }

    /// What the agent may see of it, before Twilio's word has come: the ticket whose number was given, or the one that is known
    /// of the task already, or whom the caller's number names.
    async fn look(&self, asked: Asked<'_>) -> Result<Looked, PopError> {
        let Asked { viewer, task_sid, request, told, settings, .. } = asked;
        let named = match told.ticket() {
            Ok(id) => match self.contracts.card(viewer, id, false).await {
                Ok(card) => {
                    let navigate = settings.navigate_valid;
                    return Ok(Looked::Ticket {
                        card: Box::new(card),
                        navigate,
                        settled: Settled::default(),
                    });
                }
                Err(CardError::TicketNotFound(_)) => not_found(id),
                Err(error) => return Err(error.into()),
            },
            Err(problem) => number_problem(problem),
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
                    return Ok(Looked::Ticket { card: Box::new(card), navigate, settled });
                }
                Err(CardError::TicketNotFound(_)) => {} // deleted since, or not this agent's to see
                Err(error) => return Err(error.into()),
            }
        }
        let searched = self.engagements.search(told).await.map_err(FindError::from)?;
        Ok(Looked::Caller { searched, named, navigate })
    }

    /// What the agent is told, and what follows from it.
    async fn answer(&self, asked: Asked<'_>, looked: Looked, grant: &Grant) -> Result<PopResult, PopError> {
        let Asked { agent, task_sid, request, told, settings, .. } = asked;
        let (searched, named, navigate) = match looked {
            Looked::Ticket { card, navigate, settled } => {
                return self.shown(asked, grant, *card, navigate, settled, None).await;
            }
            Looked::Caller { searched, named, navigate } => (searched, named, navigate),
        };
        // What was given and is no ticket stays before the agent's eyes, beside what was found instead.
        let remark = Some(named).filter(|named| named.code != ErrorCode::TicketNumberMissing);
        // Twilio's word about the caller counts, where the browser names one at all.
        let names_caller = *told.caller() != Caller::Unknown;
        let attributes = match grant {
            Grant::All(attributes) | Grant::Ticket(attributes) if names_caller => attributes,
            Grant::All(_) | Grant::Ticket(_) | Grant::Later => told,
            Grant::Nothing(why) => return Ok(nothing(remark.unwrap_or_else(|| claim_problem(*why)))),
        };
        let fresh;
        let settings = if request.new_ticket {
            fresh = FlexSettings { without_number: WithoutNumber::AlwaysNew, ..settings.clone() };
            &fresh
        } else {
            settings
        };
        let task = Task { sid: task_sid, attributes };
        let claimed = matches!(grant, Grant::All(_));
        let acting = Acting { contracts: &self.contracts, agent: Some(agent), claimed, shown: true };
        // Whom an agent calls is known: their request said it.
        let called = || attributes.user().filter(|_| attributes.is_outbound());
        let chosen = request.user_id.or_else(called);
        match self.engagements.find(task, settings, acting, chosen, Some(searched)).await? {
            Found::Ticket(card, ticket) => {
                let settled = Settled { user: Some(ticket.requester_id), ..Settled::default() };
                let mut card = *card;
                card.open_tickets.retain(|other| other.id != ticket.id);
                card.ticket = Some(ticket);
                self.shown(asked, grant, card, navigate, settled, remark).await
            }
            Found::Made { ticket, user, hidden: others } => {
                let remark = if others { Some(hidden(true)) } else { remark };
                let settled = Settled { user: Some(user), created: true, fresh: true, ..Settled::default() };
                match self.contracts.card(asked.viewer, ticket, false).await {
                    Ok(card) => self.shown(asked, grant, card, navigate, settled, remark).await,
                    // The account's own triggers gave it to somebody else.
                    Err(CardError::TicketNotFound(_)) => Ok(nothing(answers::made_out_of_reach(ticket))),
                    Err(error) => Err(error.into()),
                }
            }
            Found::Choose { choices, card, hidden: others } => {
                let remark = if others { Some(hidden(false)) } else { remark };
                Ok(choose(choices, card.map(|card| *card), remark))
            }
            Found::Customer(card, why) => {
                let problem = no_ticket(&why, card.customer.as_ref()).or(remark);
                let user = card.customer.as_ref().map(|customer| customer.id);
                let turned = self.turned(asked, None, user.filter(|_| navigate != Navigate::Nothing));
                let show = self.keep(None, turned).await?;
                Ok(PopResult { show, ..result(PopOutcome::User, *card, problem) })
            }
            Found::Nobody(why) => {
                let problem = no_ticket(&why, None).or(remark);
                Ok(nothing(problem.unwrap_or_else(|| named_or_unknown(attributes))))
            }
        }
    }

    /// The answer, and what follows from it later.
    async fn shown(
        &self,
        asked: Asked<'_>,
        grant: &Grant,
        card: Card,
        navigate: Navigate,
        settled: Settled,
        remark: Option<Problem>,
    ) -> Result<PopResult, PopError> {
        let Some(ticket) = card.ticket.as_ref() else { return Ok(result(PopOutcome::User, card, remark)) };
        let (id, requester) = (ticket.id, ticket.requester_id);
        let closed = ticket.status == TicketStatus::Closed;
        let user = settled.user.or(Some(requester)).filter(|id| id.0 > 0);
        let settled = Settled {
            user,
            by: Some(asked.claimant.clone()),
            unclaimed: matches!(grant, Grant::Later),
            accepted_by: asked.accepts.then_some(asked.agent.id),
            ..settled
        };
        let created = settled.created;
        let (news, remark) = match grant {
            Grant::Nothing(why) => (None, remark.or_else(|| Some(claim_problem(*why)))),
            Grant::All(_) | Grant::Ticket(_) | Grant::Later => {
                (self.engagements.news(asked.task_sid, id, settled).await?, remark)
            }
        };
        let turned = match navigate {
            Navigate::Ticket => self.turned(asked, Some(id), None),
            Navigate::User => self.turned(asked, None, user),
            Navigate::Nothing => Turned::Not,
        };
        let show = self.keep(news.as_ref(), turned).await?;
        let remark = if closed { Some(follow_up(id)) } else { remark };
        Ok(PopResult { created, show, ..result(PopOutcome::Ticket, card, remark) })
    }

    /// That the agent took it, or came back to it. Without their reservation's sid it is Twilio's webhook that tells.
    async fn write_down(&self, asked: Asked<'_>) -> Result<(), StoreError> {
        let Asked { claimant, task_sid, request, settings, .. } = asked;
        let Some(reservation) = &request.reservation_sid else { return Ok(()) };
        let log = LogRequest {
            stage: if request.stage == Stage::Accept { LogStage::Start } else { LogStage::Switch },
            attributes: request.attributes.clone(),
            reservation_sid: Some(reservation.chars().take(64).collect()),
            facts: LogFacts::default(),
        };
        self.engagements.log_by(settings, task_sid, &log, By::Agent(claimant)).await
    }

    /// How the page of the agent's Zendesk is turned: in one of two ways, never in both. Whoever asks does it themselves, by what
    /// this answers, or a job sends a notice.
    fn turned(&self, asked: Asked<'_>, ticket_id: Option<TicketId>, user_id: Option<UserId>) -> Turned {
        if ticket_id.is_none() && user_id.is_none() {
            return Turned::Not;
        }
        let Asked { agent, task_sid, request, settings, .. } = asked;
        let job = self.notification(agent, task_sid, (ticket_id, user_id), settings.talk_partner);
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
    viewer: &'a Viewer,
    agent: &'a Agent,
    claimant: &'a Claimant,
    task_sid: &'a str,
    request: &'a PopRequest,
    /// The request's attributes, read.
    told: &'a TaskAttributes,
    settings: &'a FlexSettings,
    /// They have taken the task just now, by Twilio's word.
    accepts: bool,
}

/// What the agent may see, before it is known what may be written.
enum Looked {
    /// The ticket whose number was given, or that is known of the task.
    Ticket { card: Box<Card>, navigate: Navigate, settled: Settled },
    /// There is none of these.
    Caller { searched: Searched, named: Problem, navigate: Navigate },
}

/// What may be written, by Twilio's word.
enum Grant {
    /// The task is the agent's; its attributes, and who is at the other end by Twilio's log.
    All(Box<TaskAttributes>),
    /// The task is the agent's; who is at the other end is not proved.
    Ticket(Box<TaskAttributes>),
    /// A job asks again.
    Later,
    Nothing(ErrorCode),
}

/// How the page of the agent's Zendesk is turned.
enum Turned {
    Not,
    By(PopNotice),
    ByJob(PopNotification),
}
