//! What an agent notes at the end of a call: kept as it is typed, written into the task's last note. **Invariant:** what was
//! saved is in the ticket in the end: where the last note is written already, it becomes a note of its own, once.

use wire::{LogStage, TicketId, UserId, WrapUp};

use super::{
    Engagements, LogNote,
    log::{SETTLES, is_wanted},
    stage::Known,
};
use crate::store::{StoreError, engagements, wrapups};

/// Characters of a text, and of an outcome.
pub const LONGEST: usize = 4_000;
const LONGEST_OUTCOME: usize = 200;

/// Why notes are not kept.
#[derive(Debug, thiserror::Error)]
pub enum WrapUpError {
    /// Agent: nothing to do, the panel is of an engagement that nobody asked about.
    #[error("engagement {0} does not exist")]
    Unknown(String),
    /// Agent: shorten them.
    #[error("the notes are longer than 4,000 characters, or the outcome is longer than 200")]
    TooLong,
    /// Agent: write it into the ticket.
    #[error("the notes of this engagement are already in its ticket")]
    Written,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engagements {
    /// Keeps what an agent noted.
    pub async fn keep_notes(&self, task_sid: &str, agent: UserId, noted: &WrapUp) -> Result<(), WrapUpError> {
        let inner = &self.0;
        if noted.text.chars().count() > LONGEST || noted.outcome.chars().count() > LONGEST_OUTCOME {
            return Err(WrapUpError::TooLong);
        }
        let settings = self.settings().await?;
        let now = inner.clock.now();
        let kept =
            wrapups::WrapUp { agent_id: agent.0, body: noted.text.clone(), outcome: noted.outcome.clone() };
        let mut tx = inner.db.begin().await?;
        let before = wrapups::of_task(&mut tx, &inner.account, task_sid).await?;
        if before.contains(&kept) {
            return Ok(());
        }
        let last = LogNote {
            account: inner.account.clone(),
            task_sid: task_sid.to_owned(),
            stage: LogStage::Complete,
            leg: String::new(),
        };
        let afterwards = LogNote { leg: agent.to_string(), ..last.clone() };
        let is_over = |note: Option<engagements::Note>| note.is_some_and(|note| note.state != "waiting");
        let late = is_over(engagements::note(&mut tx, last.row()).await?);
        if late && is_over(engagements::note(&mut tx, afterwards.row()).await?) {
            return Err(WrapUpError::Written);
        }
        wrapups::keep(&mut tx, &inner.account, task_sid, &kept, now).await?;
        if late && is_wanted(&settings, LogStage::Complete) {
            let facts = serde_json::to_string(&Known::default()).expect("facts are plain data");
            engagements::request_note(&mut tx, afterwards.row(), &facts, now).await?;
            inner.queue.enqueue_at(&mut tx, &afterwards, now + SETTLES).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Refuses what nobody has asked about.
    pub async fn must_know(&self, task_sid: &str) -> Result<Option<TicketId>, WrapUpError> {
        let known = self.known(task_sid).await?;
        if known.is_none() && engagements::progress(&self.0.db, &self.0.account, task_sid).await?.is_empty() {
            return Err(WrapUpError::Unknown(task_sid.to_owned()));
        }
        Ok(known.and_then(|known| known.ticket_id).map(TicketId))
    }
}
