//! What is known of a stage before its note is written, and from whom. **Invariant:** what browsers told is kept apart from what
//! Twilio told, until Twilio says whose the task is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::{LogFacts, LogRequest};

use super::{Claimant, events::Worker};

/// What is known of a stage before its note is written.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Known {
    /// As Twilio told, like the facts.
    pub(super) attributes: Value,
    pub(super) facts: LogFacts,
    /// Twilio's own webhook told of it; so it is taken for rows of a version that did not tell the two apart.
    #[serde(default = "yes")]
    pub(super) by_twilio: bool,
    /// The worker of whom Twilio told.
    #[serde(default)]
    pub(super) worker: Option<Worker>,
    /// What browsers told.
    #[serde(default)]
    pub(super) tellers: Vec<Teller>,
}

const fn yes() -> bool {
    true
}

/// What one agent's browser told of a stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Teller {
    pub(super) claimant: Claimant,
    pub(super) attributes: Value,
    pub(super) facts: LogFacts,
}

/// Agents whose browsers report one stage: more are nobody's.
const MOST_TELLERS: usize = 10;

/// Who reports a stage.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// An agent's browser.
    Agent(&'a Claimant),
    /// Twilio's own webhook, about this worker.
    Twilio(Option<&'a Worker>),
}

impl Known {
    /// When it happened, by Twilio's word.
    pub(super) fn told_at(&self) -> Option<DateTime<Utc>> {
        self.facts.at.as_deref().filter(|_| self.by_twilio)?.parse().ok()
    }

    /// Whoever spoke first is believed, the others add; an agent's browser is kept apart until Twilio says whose the task is.
    pub(super) fn add(&mut self, request: &LogRequest, by: By<'_>) {
        let (attributes, facts) = match by {
            By::Twilio(worker) => {
                self.by_twilio = true;
                self.worker = self.worker.take().or_else(|| worker.cloned());
                (&mut self.attributes, &mut self.facts)
            }
            By::Agent(claimant) => {
                let known = self.tellers.iter().position(|teller| teller.claimant == *claimant);
                if known.is_none() && self.tellers.len() == MOST_TELLERS {
                    return;
                }
                let at = known.unwrap_or(self.tellers.len());
                if known.is_none() {
                    let (attributes, facts) = (Value::Null, LogFacts::default());
                    self.tellers.push(Teller { claimant: claimant.clone(), attributes, facts });
                }
                let teller = &mut self.tellers[at];
                (&mut teller.attributes, &mut teller.facts)
            }
        };
        if !request.attributes.is_null() {
            *attributes = request.attributes.clone();
        }
        merge(facts, &request.facts);
    }
}

pub(super) fn merge(known: &mut LogFacts, more: &LogFacts) {
    let LogFacts { channel, queue, agent, at, wait_s, talk_s, hang_up_by, outcome, notes } = more.clone();
    known.channel = known.channel.take().or(channel);
    known.queue = known.queue.take().or(queue);
    known.agent = known.agent.take().or(agent);
    known.at = known.at.take().or(at);
    known.wait_s = known.wait_s.or(wait_s);
    known.talk_s = known.talk_s.or(talk_s);
    known.hang_up_by = known.hang_up_by.take().or(hang_up_by);
    known.outcome = known.outcome.take().or(outcome);
    known.notes = known.notes.take().or(notes);
}
