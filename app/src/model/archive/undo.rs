//! What the agent takes back. A wish that is lost on its way is sent again until the time to undo is over; what came of it is
//! read from the list, never guessed.

use wire::{ArchiveView, AttachmentId, ErrorCode, RunState};

use super::stage::is_taken_back;
use super::{ArchiveEffect, ArchiveModel};
use crate::model::fault::Fault;

/// What the agent takes back, and what went wrong with it.
#[derive(Debug, Default, PartialEq)]
pub struct Undo {
    requests: Vec<UndoRequest>,
    /// What became of the last one, where it did not work.
    pub failed: Option<UndoFailed>,
}

/// The server has not yet answered it.
#[derive(Debug, PartialEq)]
struct UndoRequest {
    run: String,
    only: Option<AttachmentId>,
    /// How often it did not reach the server.
    lost: u32,
}

/// Why something was not undone.
#[derive(Debug, Clone, PartialEq)]
pub enum UndoFailed {
    /// The server says that the time is over: for the run, or for this file.
    TooLate(Option<AttachmentId>),
    /// It did not reach the server while there was time.
    NotReached(Option<AttachmentId>),
    /// The server refused.
    Refused(Fault),
}

impl Undo {
    /// Whether all of it is being taken back.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.requests.iter().any(|request| request.only.is_none())
    }

    /// Whether this file is being taken back, alone or with all.
    #[must_use]
    pub fn includes(&self, id: AttachmentId) -> bool {
        self.requests.iter().any(|request| request.only.is_none_or(|only| only == id))
    }

    /// Whether a request was lost, and is sent again.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.requests.iter().any(|request| request.lost > 0)
    }

    fn position(&self, run: &str, only: Option<AttachmentId>) -> Option<usize> {
        self.requests.iter().position(|request| request.run == run && request.only == only)
    }
}

impl ArchiveModel {
    pub(super) fn undo(&mut self, only: Option<AttachmentId>) -> Vec<ArchiveEffect> {
        let Some(run) = self.latest_run().filter(|_| self.can_undo()) else { return vec![] };
        let run = run.id.clone();
        let is_asked = only.map_or_else(|| self.undo.is_all(), |id| self.undo.includes(id));
        if is_asked {
            return vec![];
        }
        self.undo.failed = None;
        self.undo.requests.push(UndoRequest { run: run.clone(), only, lost: 0 });
        vec![ArchiveEffect::Undo { run, only, after: 0 }]
    }

    pub(super) fn undo_answered(
        &mut self,
        run: String,
        only: Option<AttachmentId>,
        at: String,
        result: Result<ArchiveView, Fault>,
    ) -> Vec<ArchiveEffect> {
        let request = self.undo.position(&run, only);
        match result {
            Ok(view) => {
                request.map(|index| self.undo.requests.remove(index));
                self.undo.failed = None;
                let is_same = self.latest_run().is_some_and(|latest| latest.id == run);
                if is_same { self.adopt(view, at) } else { vec![] }
            }
            Err(fault) => {
                let Some(index) = request else { return vec![] }; // its time was over
                if is_lost(&fault) {
                    let lost = &mut self.undo.requests[index].lost;
                    let pause: u32 = 1 << (*lost).min(2); // 1 s, 2 s, then 4 s
                    *lost += 1;
                    let after = pause.max(fault.retry_after.unwrap_or(0));
                    return vec![ArchiveEffect::Undo { run, only, after }];
                }
                self.undo.requests.remove(index);
                self.undo.failed = Some(match fault.code() {
                    // An earlier try may have arrived, though its answer did not: the list says it.
                    Some(
                        ErrorCode::ArchiveUndoOver
                        | ErrorCode::AttachmentNotFound
                        | ErrorCode::ArchiveRunNotFound,
                    ) => UndoFailed::TooLate(only),
                    _ => UndoFailed::Refused(fault),
                });
                self.list(true)
            }
        }
    }

    /// After something new is known: what is undone needs no answer, and what cannot be undone any more is not tried again.
    pub(super) fn settle_undo(&mut self) -> Vec<ArchiveEffect> {
        let requests = std::mem::take(&mut self.undo.requests);
        let before = requests.len();
        for request in requests {
            if self.is_undone(request.only) {
                continue;
            }
            let is_same = self.latest_run().is_some_and(|run| run.id == request.run);
            if is_same && self.can_undo() {
                self.undo.requests.push(request);
            } else {
                self.undo.failed = Some(UndoFailed::NotReached(request.only));
            }
        }
        if let Some(UndoFailed::TooLate(only) | UndoFailed::NotReached(only)) = self.undo.failed
            && self.is_undone(only)
        {
            self.undo.failed = None;
        }
        let is_open = matches!(self.undo.failed, Some(UndoFailed::NotReached(_)));
        if is_open && self.undo.requests.len() < before { self.list(true) } else { vec![] }
    }

    fn is_undone(&self, only: Option<AttachmentId>) -> bool {
        match only {
            None => self.latest_run().is_some_and(|run| run.state == RunState::Cancelled),
            Some(id) => self.items().iter().any(|item| item.attachment_id == id && is_taken_back(item)),
        }
    }
}

/// Whether another try may help.
fn is_lost(fault: &Fault) -> bool {
    fault.passes() || fault.ends_session() || fault.code() == Some(ErrorCode::Internal)
}
