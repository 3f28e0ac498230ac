//! How far a run and each of its files is. **Invariant:** functions of what the server said; no events.

use wire::{ArchiveItem, ErrorCode, ItemState, RunState, RunView};

use super::ArchiveModel;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Files are copied and checked; they can be taken back.
    Copying,
    /// Every copy is checked, and nothing is removed until the time to undo is over.
    Waiting,
    /// Files are removed from Zendesk.
    Removing,
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that need nothing more in this stage.
    pub settled: usize,
    /// Files in the run.
    pub total: usize,
    /// Of the stage's work.
    pub percent: u32,
}

impl ArchiveModel {
    /// What the run is doing.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match &self.countdown {
            _ if !self.can_undo() => Stage::Removing,
            Some(_) => Stage::Waiting,
            None => Stage::Copying,
        }
    }

    /// Whether the run can be undone now.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.run().is_some() && self.latest_run().is_some_and(can_undo) && self.seconds_left() != Some(0)
    }

    /// Seconds until the files leave Zendesk, once every copy is checked.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u32> {
        self.countdown.as_ref()?.seconds
    }

    /// How far the run is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let copying = self.stage() == Stage::Copying;
        let of_run = self
            .items()
            .iter()
            .filter(|item| item.state != ItemState::InZendesk && !self.before.contains(&item.attachment_id));
        let (mut settled, mut total, mut sum) = (0, 0, 0);
        for item in of_run {
            total += 1;
            settled += usize::from(is_settled(item.state) || copying && item.state == ItemState::Verified);
            sum += if copying { copied(item) } else { percent(item) };
        }
        let percent = u32::try_from(total).ok().filter(|total| *total > 0).map_or(0, |total| sum / total);
        Progress { settled, total, percent }
    }

    /// Until when the run can be undone, if nothing else is waited for.
    pub(super) fn waits_until(&self) -> Option<String> {
        let run = self.latest_run().filter(|run| can_undo(run))?;
        let has = |state| self.items().iter().any(|item| item.state == state);
        let is_copied = has(ItemState::Verified) && !has(ItemState::Planned) && !has(ItemState::Stored);
        run.undo_until.clone().filter(|_| is_copied)
    }
}

/// An older server says only until when.
pub(super) fn can_undo(run: &RunView) -> bool {
    is_live(run.state) && (run.can_undo || run.undo_until.is_some())
}

/// Whether the run will still change something.
#[must_use]
pub fn is_live(state: RunState) -> bool {
    matches!(state, RunState::Queued | RunState::Running | RunState::Unknown)
}

/// Whether an agent's wish can move it: what was taken back or held can go another time.
#[must_use]
pub fn can_go(item: &ArchiveItem) -> bool {
    let stays = match item.state {
        ItemState::InZendesk | ItemState::Held => false,
        ItemState::Skipped => !is_taken_back(item),
        ItemState::Failed => item.reason_code == Some(ErrorCode::AttachmentMalware),
        _ => true,
    };
    !stays && item.prevented.is_none()
}

/// Whether an agent has taken it back; it is in Zendesk as before.
#[must_use]
pub fn is_taken_back(item: &ArchiveItem) -> bool {
    item.state == ItemState::Skipped && item.reason_code == Some(ErrorCode::ArchiveCancelled)
}

fn is_settled(state: ItemState) -> bool {
    matches!(state, ItemState::Redacted | ItemState::Skipped | ItemState::Held | ItemState::Failed)
}

/// How far one file is: copying is most of the way.
fn percent(item: &ArchiveItem) -> u32 {
    match item.state {
        ItemState::InZendesk | ItemState::Unknown => 0,
        ItemState::Planned if item.size == 0 => 0,
        ItemState::Planned => u32::try_from(item.done.min(item.size) * 60 / item.size).unwrap_or(60),
        ItemState::Stored => 70,
        ItemState::Verified => 85,
        ItemState::Redacted | ItemState::Skipped | ItemState::Held | ItemState::Failed => 100,
    }
}

/// How far its copy is.
#[must_use]
pub fn copied(item: &ArchiveItem) -> u32 {
    (percent(item) * 100 / 85).min(100)
}
