//! Whose task it is: Twilio says, never a browser. A browser names a task and an agent; what is written in their name needs
//! Twilio's word that the task exists and that one of its reservations is theirs. **Invariant:** a worker is known by their sid
//! or by the name that they sign in with; their attributes, which they can change, prove nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wire::{ErrorCode, UserId};

use super::{Engagements, Origin};
use crate::{
    connectors::{
        FailureKind, VendorError,
        twilio::{Reservation, Task, TwilioClient, TwilioError},
    },
    features::{
        sessions::{AgentError, Viewer},
        tasks::TaskAttributes,
    },
    store::{StoreError, engagements},
};

/// How long an agent waits for Twilio's word, beside what Zendesk is asked for. A job asks again.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(2);

/// Twilio's tasks.
#[derive(Clone)]
pub struct TaskRouter {
    /// Asks.
    pub client: TwilioClient,
    /// `WS…`.
    pub workspace_sid: String,
}

/// A task as Twilio knows it.
#[derive(Debug, Clone)]
pub struct TwilioTask {
    /// With its attributes.
    pub task: Task,
    /// Who was offered it.
    pub reservations: Vec<Reservation>,
    /// How it was before any agent had it.
    pub origin: Origin,
    /// Its attributes, with the identity that it had then.
    identified: TaskAttributes,
}

/// An agent who says that a task is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimant {
    pub agent_id: UserId,
    /// `WK…`, where a Flex token or Twilio itself named the worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_sid: Option<String>,
}

/// What an agent has to do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// They have it, or had it last.
    Holder,
    /// They passed it on.
    Former,
    /// Nothing.
    Stranger,
}

/// Twilio's word about a claim.
#[derive(Debug)]
pub enum Claim {
    /// The task is theirs, or offered to them.
    Theirs {
        /// As Twilio has it.
        task: Box<TwilioTask>,
        /// They have accepted it.
        taken: bool,
    },
    /// The task is another's, or this server cannot ask: they may look, and nothing is written.
    ReadOnly(ErrorCode),
    /// There is no such task.
    Unknown,
    /// Twilio did not answer: what is to be written waits for its word.
    Unanswered,
}

/// Why an agent may not act on a task.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Agent: select it again in Flex.
    #[error("Twilio has no task {0}")]
    Unknown(String),
    /// Agent: take the call.
    #[error("task {0} belongs to another agent")]
    NotYours(String),
    /// Operator: set `twilio.workspace_sid`.
    #[error("this server is not connected to Twilio's tasks")]
    NotConfigured,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TaskRouter {
    /// The task; `None` where Twilio has none, or has forgotten it.
    pub async fn read(&self, task_sid: &str) -> Result<Option<TwilioTask>, TwilioError> {
        let task = self.client.task(&self.workspace_sid, task_sid);
        let reservations = self.client.reservations(&self.workspace_sid, task_sid);
        match futures::try_join!(task, reservations, self.origin(task_sid)) {
            Ok((task, reservations, origin)) => Ok(Some(TwilioTask::new(task, reservations, origin))),
            Err(error) if error.is(FailureKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl TwilioTask {
    fn new(task: Task, reservations: Vec<Reservation>, origin: Origin) -> Self {
        let untouched = reservations.is_empty() && !origin.is_known();
        let origin = if untouched { Origin::untouched(&task.attributes) } else { origin };
        let identified = origin.identify(&task.attributes);
        Self { task, reservations, origin, identified }
    }

    /// What an agent with this address has to do with it.
    pub fn place_of(&self, claimant: &Claimant, email: Option<&str>) -> Place {
        let theirs = |one: &&Reservation| is_of(one, claimant, email);
        let live = || self.reservations.iter().filter(|one| is_live(one));
        let over = || self.reservations.iter().filter(|one| one.status == "completed");
        match (live().any(|one| theirs(&one)), over().any(|one| theirs(&one))) {
            (true, _) => Place::Holder,
            (false, true) if live().next().is_none() => Place::Holder,
            (false, true) => Place::Former,
            (false, false) => Place::Stranger,
        }
    }

    /// Whether they accepted it once. What is only offered may be refused, or go to another.
    pub fn was_taken_by(&self, claimant: &Claimant, email: Option<&str>) -> bool {
        let taken = |one: &&Reservation| matches!(one.status.as_str(), "accepted" | "wrapping" | "completed");
        self.reservations.iter().filter(taken).any(|one| is_of(one, claimant, email))
    }

    /// The reservation of whoever has the task, or had it last.
    pub fn held(&self) -> Option<&Reservation> {
        let taken = self.reservations.iter().filter(|one| is_live(one) && one.status != "pending");
        let over = self.reservations.iter().filter(|one| one.status == "completed");
        taken.max_by_key(|one| one.updated_at).or_else(|| over.max_by_key(|one| one.updated_at))
    }
}

/// Whether the reservation is of this agent's worker.
pub(super) fn is_of(reservation: &Reservation, claimant: &Claimant, email: Option<&str>) -> bool {
    let name = reservation.worker_name.as_str();
    claimant.worker_sid.as_deref() == Some(reservation.worker_sid.as_str())
        || email.is_some_and(|email| name.contains('@') && name.eq_ignore_ascii_case(email))
}

fn is_live(reservation: &Reservation) -> bool {
    matches!(reservation.status.as_str(), "pending" | "accepted" | "wrapping")
}

impl Claimant {
    /// Whoever holds a session.
    pub fn of(viewer: &Viewer, agent_id: UserId) -> Self {
        Self { agent_id, worker_sid: viewer.worker_sid.clone() }
    }
}

impl Engagements {
    /// Whether the task is this agent's. Twilio is asked, for a moment.
    pub async fn claim(&self, claimant: &Claimant, task_sid: &str) -> Result<Claim, StoreError> {
        let inner = &self.0;
        let Some(task_router) = &inner.task_router else {
            return Ok(Claim::ReadOnly(ErrorCode::TwilioNotConfigured));
        };
        let ask = Box::pin(async { futures::join!(task_router.read(task_sid), self.email_of(claimant)) });
        let Ok((read, email)) = tokio::time::timeout(CLAIM_TIMEOUT, ask).await else {
            tracing::warn!(
                task = task_sid,
                "Twilio did not say in time whose task this is; what is written waits"
            );
            return Ok(Claim::Unanswered);
        };
        let task = match read {
            Ok(Some(task)) => task,
            Ok(None) => return Ok(Claim::Unknown),
            Err(error) => {
                tracing::warn!(task = task_sid, %error, "Twilio did not say whose task this is; what is written waits");
                return Ok(Claim::Unanswered);
            }
        };
        let Ok(email) = email else { return Ok(Claim::Unanswered) };
        if task.place_of(claimant, email.as_deref()) != Place::Holder {
            return Ok(Claim::ReadOnly(ErrorCode::EngagementNotYours));
        }
        let taken = task.was_taken_by(claimant, email.as_deref());
        if taken {
            self.confirm(claimant, task_sid).await?;
        }
        Ok(Claim::Theirs { task: Box::new(task), taken })
    }

    /// The agent's address, where their worker is not known by its sid.
    async fn email_of(&self, claimant: &Claimant) -> Result<Option<String>, AgentError> {
        match claimant.worker_sid {
            Some(_) => Ok(None),
            None => self.0.sessions.email(claimant.agent_id).await,
        }
    }

    /// Twilio said that this agent took the task. It is remembered longer than Twilio keeps tasks.
    pub(super) async fn confirm(&self, claimant: &Claimant, task_sid: &str) -> Result<(), StoreError> {
        if self.is_confirmed(claimant.agent_id, task_sid).await? {
            return Ok(());
        }
        let inner = &self.0;
        let mut tx = inner.db.begin().await?;
        let now = inner.clock.now();
        engagements::confirm(&mut tx, &inner.account, task_sid, claimant.agent_id.0, now).await?;
        tx.commit().await
    }

    /// Whether Twilio ever said so.
    pub(super) async fn is_confirmed(&self, agent_id: UserId, task_sid: &str) -> Result<bool, StoreError> {
        engagements::is_confirmed(&self.0.db, &self.0.account, task_sid, agent_id.0).await
    }

    /// The agent behind a request about a task, if it is or was theirs; while Twilio does not answer, a job decides.
    pub async fn claimant(
        &self,
        viewer: &Viewer,
        agent: UserId,
        task_sid: &str,
    ) -> Result<Claimant, ClaimError> {
        let claimant = Claimant::of(viewer, agent);
        if self.is_confirmed(agent, task_sid).await? {
            return Ok(claimant);
        }
        match self.claim(&claimant, task_sid).await? {
            Claim::Theirs { .. } | Claim::Unanswered => Ok(claimant),
            Claim::Unknown => Err(ClaimError::Unknown(task_sid.to_owned())),
            Claim::ReadOnly(ErrorCode::TwilioNotConfigured) => Err(ClaimError::NotConfigured),
            Claim::ReadOnly(_) => Err(ClaimError::NotYours(task_sid.to_owned())),
        }
    }
}

/// The attributes of a task as Twilio has them, for what decides a write; who is at the other end, as before any agent had it.
impl TwilioTask {
    /// An object, or nothing.
    pub const fn attributes(&self) -> &TaskAttributes {
        &self.identified
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Place::{Former, Holder, Stranger};

    fn task(reservations: &[(&str, &str, &str)]) -> TwilioTask {
        let reservation = |(sid, name, status): &(&str, &str, &str)| Reservation {
            sid: format!("WR{sid}"),
            worker_sid: (*sid).to_owned(),
            worker_name: (*name).to_owned(),
            status: (*status).to_owned(),
            updated_at: None,
        };
        TwilioTask::new(Task::default(), reservations.iter().map(reservation).collect(), Origin::default())
    }

    #[test]
    fn a_task_is_whose_reservation_it_has() {
        let ada = Claimant { agent_id: UserId(7), worker_sid: Some("WK1".into()) };
        let by_address = Claimant { agent_id: UserId(7), worker_sid: None };
        for (reservations, expected, taken) in [
            (&[("WK1", "ada@example.com", "pending")][..], Holder, false),
            (&[("WK1", "ada@example.com", "accepted")], Holder, true),
            (&[("WK1", "ada@example.com", "wrapping")], Holder, true),
            (&[("WK1", "ada@example.com", "completed")], Holder, true),
            (&[("WK1", "ada@example.com", "completed"), ("WK2", "bo@example.com", "accepted")], Former, true),
            (&[("WK1", "ada@example.com", "rejected")], Stranger, false),
            (&[("WK1", "ada@example.com", "timeout")], Stranger, false),
            (&[("WK2", "bo@example.com", "accepted")], Stranger, false),
            (&[], Stranger, false),
        ] {
            let task = task(reservations);
            assert_eq!(task.was_taken_by(&ada, None), taken, "{reservations:?}");
            assert_eq!(task.place_of(&ada, None), expected, "{reservations:?}");
            assert_eq!(task.place_of(&by_address, Some("Ada@example.com")), expected, "{reservations:?}");
        }
        // A name that is no address is nobody's, and an agent without an address has no task.
        let nameless = task(&[("WK1", "ada", "accepted")]);
        assert_eq!(nameless.place_of(&by_address, Some("ada")), Stranger);
        assert_eq!(nameless.place_of(&by_address, None), Stranger);
        assert_eq!(nameless.place_of(&ada, None), Holder);
    }
}
