//! Click-to-dial: a number that an agent presses in Zendesk is called by their own Flex, wherever that is open. The request is a
//! row; every Flex panel of the agent hears that it is there, at whatever replica, and one takes it. **Invariants:** a request
//! is dialled once or not at all, and the agent reads which; a panel hears of its own agent's dials only.

mod lookout; // who waits, for all panels of this replica
mod rules; // which number it is

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;
use wire::{
    Card, Dial, DialOrder, DialOutcome, DialRequest, DialState, ErrorCode, Problem, TicketId, UserId,
};

use self::lookout::Lookout;
pub use self::{lookout::Waiting, rules::NumberProblem};
use crate::{
    clock::Clock,
    features::{
        contracts::{CardError, Contracts},
        sessions::{Agent, Viewer},
        settings::Settings,
        tasks::{TICKET_ATTRIBUTE, USER_ATTRIBUTE},
    },
    store::{
        Db, StoreError,
        dials::{self, DialKey, DialRow, Silence},
    },
};

/// How long a dial waits for the agent's Flex. A panel hears of it within a second.
const TAKEN_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// How long Flex then has: it asks TaskRouter for a task and waits until it has it.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::seconds(30);
/// The same number pressed again within this time is the same request: a double click.
const SAME_REQUEST: TimeDelta = TimeDelta::seconds(3);
/// What is said of a dial that nobody said anything of.
const SILENCE: Silence<'_> =
    Silence { waiting: ErrorCode::DialFlexAbsent.as_str(), taken: ErrorCode::DialFailed.as_str() };

/// The dials of one account.
#[derive(Clone)]
pub struct Dials(Arc<Inner>);

struct Inner {
    account: String,
    clock: Clock,
    db: Db,
    contracts: Contracts,
    settings: Settings,
    has_flex: bool,
    lookout: Lookout,
}

/// What [`Dials`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// What time it is.
    pub clock: Clock,
    /// Remembers who is to be called.
    pub db: Db,
    /// Says who may see a ticket, and whose it is.
    pub contracts: Contracts,
    /// What admins have decided.
    pub settings: Settings,
    /// Whether this server is connected to Twilio.
    pub has_flex: bool,
}

/// Why nobody is called. What Flex itself refuses is not among these: that is a dial's outcome.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// See the number's problem.
    #[error(transparent)]
    Number(#[from] NumberProblem),
    /// Agent: wait until the other call rings.
    #[error("Flex is still dialing another number for you")]
    Busy,
    /// Admin: switch calls and chats on.
    #[error("calls and chats are switched off in the Deskside console")]
    Disabled,
    /// Operator: set the `twilio` section.
    #[error("this server is not connected to Twilio")]
    NotConfigured,
    /// App: nothing to do.
    #[error("this call request does not exist, or another Flex page has taken it")]
    Gone,
    /// As for the ticket's card.
    #[error("ticket {0} does not exist or you may not see it")]
    TicketNotFound(TicketId),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Dials {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        let Setup { account, clock, db, contracts, settings, has_flex } = setup;
        let lookout = Lookout::new(account.clone(), clock.clone(), db.clone());
        Self(Arc::new(Inner { account, clock, db, contracts, settings, has_flex, lookout }))
    }

    /// The agent requests a call.
    pub async fn dial(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        request: &DialRequest,
    ) -> Result<Dial, DialError> {
        let inner = &self.0;
        if !inner.has_flex {
            return Err(DialError::NotConfigured);
        }
        let settings = inner.settings.flex().await?;
        if !settings.enabled {
            return Err(DialError::Disabled);
        }
        let destination = rules::destination(&request.to, &settings.outbound_country)?;
        let whose = self.whose(viewer, request).await?;
        let now = inner.clock.now();
        let request = DialRow {
            id: Uuid::now_v7().to_string(),
            agent_id: agent.id.0,
            destination,
            ticket_id: whose.ticket.map(|id| id.0),
            user_id: whose.user.map(|id| id.0),
            name: whose.name,
            state: "waiting".to_owned(),
            reason: None,
            until: now + TAKEN_WITHIN,
        };
        self.write(&request, now).await
    }

    /// Where another replica writes a dial of the same agent at the same moment, the second look finds it.
    async fn write(&self, request: &DialRow, now: DateTime<Utc>) -> Result<Dial, DialError> {
        let Inner { account, db, .. } = &*self.0;
        for _ in 0..2 {
            let mut tx = db.begin().await?;
            dials::tidy(&mut tx, account, request.agent_id, SILENCE, now).await?;
            if let Some(last) = dials::latest(&mut tx, account, request.agent_id, now - SAME_REQUEST).await? {
                if last.destination == request.destination {
                    tx.commit().await?;
                    return Ok(view(&last, now));
                }
                if last.is_live(now) {
                    return Err(DialError::Busy);
                }
            }
            if dials::create(&mut tx, account, request, now).await? {
                tx.commit().await?;
                return Ok(view(request, now));
            }
        }
        Err(DialError::Busy)
    }

    /// The ticket and the person beside whom the number was pressed. While Zendesk does not answer, a ticket that cannot be
    /// checked is left out: the call matters more, and finds its ticket by the number.
    async fn whose(&self, viewer: &Viewer, request: &DialRequest) -> Result<Whose, DialError> {
        let contracts = &self.0.contracts;
        let card: Option<Card> = match (request.ticket_id, request.user_id) {
            (Some(id), _) => match contracts.card(viewer, id, false).await {
                Ok(card) => Some(card),
                Err(CardError::TicketNotFound(_)) => return Err(DialError::TicketNotFound(id)),
                Err(_) => None,
            },
            (None, Some(id)) => contracts.customer_card(viewer, id, None).await.ok(),
            (None, None) => None,
        };
        let Some(card) = card else { return Ok(Whose::default()) };
        let ticket = request.ticket_id.filter(|_| card.ticket.is_some());
        let customer = card.customer.filter(|known| request.user_id.is_none_or(|id| id == known.id));
        let (user, name) = customer.map(|known| (known.id, known.name)).unzip();
        let views_users = viewer.agent.as_ref().is_some_and(|agent| agent.views_users);
        Ok(Whose { ticket, user: user.or(request.user_id.filter(|_| views_users)), name })
    }

    /// How far the agent's dial is.
    pub async fn look(&self, agent: &Agent, id: &str) -> Result<Dial, DialError> {
        Ok(view(&self.known(agent, id).await?, self.0.clock.now()))
    }

    /// Which dials wait, of all agents: whoever passes it on picks their own.
    pub fn listen(&self) -> Waiting {
        self.0.lookout.listen()
    }

    /// One of the agent's Flex pages takes a dial: what it is to do. Nobody else gets this answer.
    pub async fn take(&self, agent: &Agent, id: &str) -> Result<DialOrder, DialError> {
        let Inner { account, db, clock, settings, .. } = &*self.0;
        let settings = settings.flex().await?;
        let dial = self.known(agent, id).await?;
        let (key, now) = (DialKey { account, agent_id: agent.id.0, id }, clock.now());
        if !dials::take(db, key, now + ANSWERED_WITHIN, now).await? {
            return Err(DialError::Gone);
        }
        let set = |text: String| Some(text).filter(|text| !text.is_empty());
        let mut attributes = json!({ "name": dial.name.as_ref().unwrap_or(&dial.destination) });
        if let Some(ticket) = dial.ticket_id {
            attributes[TICKET_ATTRIBUTE] = json!(ticket.to_string());
        }
        if let Some(user) = dial.user_id {
            attributes[USER_ATTRIBUTE] = json!(user.to_string());
        }
        Ok(DialOrder {
            id: dial.id,
            destination: dial.destination,
            caller_id: set(settings.outbound_caller_id),
            queue_sid: set(settings.outbound_queue_sid),
            workflow_sid: set(settings.outbound_workflow_sid),
            task_channel_sid: set(settings.outbound_task_channel_sid),
            attributes,
        })
    }

    /// The page that took the dial says what became of it.
    pub async fn settle(&self, agent: &Agent, id: &str, outcome: DialOutcome) -> Result<(), DialError> {
        let reason = match outcome {
            DialOutcome::Started => None,
            DialOutcome::Offline => Some(ErrorCode::DialOffline),
            DialOutcome::OnCall => Some(ErrorCode::DialOnCall),
            DialOutcome::NotEnabled => Some(ErrorCode::DialNotEnabled),
            DialOutcome::Number => Some(ErrorCode::DialNumberInvalid),
            DialOutcome::Failed => Some(ErrorCode::DialFailed),
        };
        let key = DialKey { account: &self.0.account, agent_id: agent.id.0, id };
        if dials::settle(&self.0.db, key, reason.map(ErrorCode::as_str)).await? {
            return Ok(());
        }
        Err(DialError::Gone)
    }

    async fn known(&self, agent: &Agent, id: &str) -> Result<DialRow, DialError> {
        let known = dials::of_agent(&self.0.db, &self.0.account, agent.id.0, id).await?;
        known.ok_or(DialError::Gone)
    }
}

/// Whom a call is with.
#[derive(Default)]
struct Whose {
    ticket: Option<TicketId>,
    user: Option<UserId>,
    name: Option<String>,
}

/// What the agent sees of it.
fn view(dial: &DialRow, now: DateTime<Utc>) -> Dial {
    let late = now >= dial.until;
    let (state, reason) = match dial.state.as_str() {
        "waiting" if late => (DialState::Refused, Some(SILENCE.waiting)),
        "taken" if late => (DialState::Refused, Some(SILENCE.taken)),
        "waiting" => (DialState::Waiting, None),
        "taken" => (DialState::Taken, None),
        "started" => (DialState::Started, None),
        _ => (DialState::Refused, Some(dial.reason.as_deref().unwrap_or_default())),
    };
    Dial { id: dial.id.clone(), state, to: dial.destination.clone(), problem: reason.map(problem) }
}

fn problem(reason: &str) -> Problem {
    let known = ErrorCode::ALL.iter().find(|code| code.as_str() == reason);
    let code = known.copied().unwrap_or(ErrorCode::DialFailed);
    let (message, hint) = match code {
        ErrorCode::DialFlexAbsent => (
            "your Flex is not open, so nobody can be called",
            "Open Flex, signed in with the e-mail address that you have in Zendesk, and press the number again.",
        ),
        ErrorCode::DialOffline => {
            ("you are offline in Flex", "Choose another activity there, and press the number again.")
        }
        ErrorCode::DialOnCall => (
            "you have a call in Flex, or one is coming in",
            "End it, complete its task, and press the number again.",
        ),
        ErrorCode::DialNotEnabled => (
            "Flex makes no outbound calls",
            "Admin: switch the dialpad on in Flex, and give it a caller ID and a queue that the agent is in.",
        ),
        ErrorCode::DialNumberInvalid => {
            ("Flex does not take this number", "Check it in the customer's profile in Zendesk.")
        }
        _ => ("Flex did not make the call", "Look whether Flex says why, and press the number again."),
    };
    Problem { code, message: message.to_owned(), hint: Some(hint.to_owned()) }
}
