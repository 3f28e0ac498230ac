//! Whose note a stage's note is, and what they may tell in it: Twilio's own word first, then that of the agents whose task it is.
//! **Invariant:** an agent is taken at their word only where Twilio says that the task is, or was, theirs.

use wire::{LogFacts, LogStage, UserId};

use super::{
    Claimant, LogDeps, LogNote,
    accepted::agent_of_address,
    claims::{Place, TwilioTask, is_of},
    stage::{Known, Teller, merge},
    ticket::Actor,
};
use crate::{
    connectors::twilio::Reservation,
    features::{
        sessions::{self, AgentError},
        tasks::TaskAttributes,
    },
    queue::JobError,
    store::{engagements, wrapups::WrapUp},
};

/// For whom a note is written, and what is known for it.
pub(super) struct Author {
    /// The agent; `None`: nobody took the task, or nobody in Zendesk.
    pub actor: Option<Actor>,
    /// As Twilio has them; as they were told where Twilio has forgotten the task.
    pub attributes: TaskAttributes,
    /// What was told.
    pub facts: LogFacts,
    /// The attributes in which the agent's browser named the ticket that they chose.
    pub chosen: Option<TaskAttributes>,
}

impl Author {
    /// The agent.
    pub fn agent_id(&self) -> Option<UserId> {
        self.actor.as_ref().map(|actor| actor.claimant.agent_id)
    }
}

/// A teller whose task it is.
struct Heard {
    teller: Teller,
    agent: sessions::Known,
}

/// For whom the note is written; `None` where nobody told of the stage whose task it is.
pub(super) async fn author_of(
    deps: &LogDeps,
    note: &LogNote,
    known: Known,
    task: Option<&TwilioTask>,
) -> Result<Option<Author>, JobError> {
    let Known { attributes, facts: told_by_twilio, by_twilio, worker, tellers } = known;
    let (mut heard, mut facts) = (Vec::new(), LogFacts::default());
    for teller in tellers {
        if let Some(agent) = participant(deps, note, &teller.claimant, task).await? {
            merge(&mut facts, &teller.facts);
            heard.push(Heard { teller, agent });
        }
    }
    merge(&mut facts, &told_by_twilio);
    // What was noted after the end is the agent's own, and nobody else reports it.
    let agent = note.leg.parse().ok().filter(|_| note.stage == LogStage::Complete);
    let own = agent.map(|agent_id| Claimant { agent_id: UserId(agent_id), worker_sid: None });
    if let Some(claimant) = &own {
        let Some(agent) = participant(deps, note, claimant, task).await? else { return Ok(None) };
        let actor = Some(Actor { agent, claimant: claimant.clone() });
        let attributes = task.map(|task| task.attributes().clone()).unwrap_or_default();
        return Ok(Some(Author { actor, attributes, facts, chosen: None }));
    }
    if !by_twilio && heard.is_empty() {
        tracing::info!(
            task = note.task_sid,
            "a note is left out: nobody told of it whose task it is by Twilio's word"
        );
        return Ok(None);
    }
    let place = task.and_then(|task| match note.stage {
        LogStage::Start => task.reservations.iter().find(|one| one.sid == note.leg),
        LogStage::Complete => task.held(),
        LogStage::Switch | LogStage::Missed => None,
    });
    let mut told = heard.iter().map(|heard| &heard.teller.attributes);
    let chosen = told.find(|told| !told.is_null()).map(|told| TaskAttributes::from(told.clone()));
    let mut attributes = TaskAttributes::from(attributes);
    if let Some(task) = task {
        if task.attributes().json().is_object() {
            attributes = task.attributes().clone();
        }
        let more = LogFacts {
            channel: Some(task.task.channel.clone()).filter(|channel| !channel.is_empty()),
            queue: Some(task.task.queue.clone()).filter(|queue| !queue.is_empty()),
            ..LogFacts::default()
        };
        merge(&mut facts, &more);
    } else if let (true, Some(told)) = (attributes.json().is_null(), &chosen) {
        attributes = told.clone(); // Twilio has forgotten the task, and had said whose it is
    }
    let actor = match (place, note.stage) {
        (Some(place), _) => of_place(deps, place, &heard).await?,
        (None, LogStage::Complete) => holder(deps, note).await?,
        (None, _) => None,
    };
    let trust = deps.engagements.0.trust_worker_email;
    let told = worker.as_ref().and_then(|worker| Some((worker, worker.address(trust)?)));
    let actor = match (actor, told, heard.into_iter().next()) {
        (Some(actor), ..) => Some(actor),
        (None, _, Some(Heard { teller, agent })) => Some(Actor { agent, claimant: teller.claimant }),
        (None, Some((worker, address)), None) => {
            agent_of_address(deps, address, worker.by_attributes()).await?.map(|agent| {
                let claimant = Claimant { agent_id: agent.agent.id, worker_sid: worker.sid.clone() };
                Actor { agent, claimant }
            })
        }
        (None, None, None) => None,
    };
    Ok(Some(Author { actor, attributes, facts, chosen }))
}

/// The agent whose place at the task it is.
async fn of_place(deps: &LogDeps, place: &Reservation, heard: &[Heard]) -> Result<Option<Actor>, JobError> {
    let theirs = |heard: &&Heard| is_of(place, &heard.teller.claimant, heard.agent.email.as_deref());
    if let Some(heard) = heard.iter().find(theirs) {
        return Ok(Some(Actor { agent: heard.agent.clone(), claimant: heard.teller.claimant.clone() }));
    }
    if !place.worker_name.contains('@') {
        return Ok(None);
    }
    let agent = agent_of_address(deps, &place.worker_name, false).await?;
    Ok(agent.map(|agent| {
        let claimant = Claimant { agent_id: agent.agent.id, worker_sid: Some(place.worker_sid.clone()) };
        Actor { agent, claimant }
    }))
}

/// Whoever took the task last, as far as we know.
async fn holder(deps: &LogDeps, note: &LogNote) -> Result<Option<Actor>, JobError> {
    let inner = &deps.engagements.0;
    let has_it = engagements::agent_of(&inner.db, &inner.account, &note.task_sid).await?;
    let Some(agent_id) = has_it.map(UserId) else { return Ok(None) };
    let claimant = Claimant { agent_id, worker_sid: None };
    let agent = participant(deps, note, &claimant, None).await?;
    Ok(agent.map(|agent| Actor { agent, claimant }))
}

/// The agent as of now, if the task is or was theirs by Twilio's word.
async fn participant(
    deps: &LogDeps,
    note: &LogNote,
    claimant: &Claimant,
    task: Option<&TwilioTask>,
) -> Result<Option<sessions::Known>, JobError> {
    let agent = match deps.engagements.0.sessions.agent_now(claimant.agent_id).await {
        Ok(agent) => agent,
        Err(AgentError::NotAllowed(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let theirs = task.is_some_and(|task| task.place_of(claimant, agent.email.as_deref()) != Place::Stranger);
    let theirs = theirs || deps.engagements.is_confirmed(claimant.agent_id, &note.task_sid).await?;
    Ok(theirs.then(|| (*agent).clone()))
}

/// What was noted by agents whose task it is.
pub(super) async fn of_this_task(
    deps: &LogDeps,
    note: &LogNote,
    noted: Vec<WrapUp>,
    task: Option<&TwilioTask>,
) -> Result<Vec<WrapUp>, JobError> {
    let mut theirs = Vec::with_capacity(noted.len());
    for one in noted {
        let claimant = Claimant { agent_id: UserId(one.agent_id), worker_sid: None };
        if participant(deps, note, &claimant, task).await?.is_some() {
            theirs.push(one);
        }
    }
    Ok(theirs)
}
