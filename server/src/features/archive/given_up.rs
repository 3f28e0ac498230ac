//! A run that the queue gave up told nobody on the ticket: this job does. **Invariants:** it is enqueued in the transaction
//! that ends the run; tags first, as everywhere; twice is once; a later run has the last word.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use wire::ErrorCode;

use super::{deps::ArchiveDeps, note, tags::Outcome};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{TicketId, TicketStatus, ZendeskError},
    },
    queue::{Job, JobError, Lease},
    store::archive::{self, ItemRow, ItemState, RunChange, RunRow},
};

/// Tags the ticket of a run that was given up, and writes its note.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GivenUp {
    pub account: String,
    /// Which run.
    pub run_id: String,
}

impl Job for GivenUp {
    const NAME: &'static str = "archive_given_up";
    const MAX_ATTEMPTS: u32 = 20; // what made the run fail may last
    const LEASE: Duration = Duration::from_mins(1);
    type Deps = ArchiveDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        self.run_id.clone()
    }

    async fn run(&self, deps: &ArchiveDeps, lease: &Lease) -> Result<(), JobError> {
        let Some(run) = archive::run(&deps.db, &self.account, &self.run_id).await? else { return Ok(()) };
        let latest = archive::latest_run(&deps.db, &self.account, run.ticket_id).await?;
        if latest.is_some_and(|latest| latest.id != run.id) {
            return Ok(());
        }
        let mut items = archive::items_of_ticket(&deps.db, &self.account, run.ticket_id).await?;
        let misses_some = misses_some(&run, &items);
        items.retain(|item| item.run_id == run.id);
        match self.tell(deps, &run, &items, misses_some).await? {
            Ok(true) => {
                let noted = RunChange { noted: Some(true), ..RunChange::default() };
                let mut tx = deps.db.begin().await?;
                lease.guard(&mut tx).await?;
                archive::set_run(&mut tx, &self.account, &self.run_id, noted, deps.clock.now()).await?;
                Ok(tx.commit().await?)
            }
            // Nobody reads it there any more, or nobody may write.
            Ok(false) | Err(ZendeskError::Closed { .. }) => Ok(()),
            Err(error) if error.is(FailureKind::NotFound) => Ok(()),
            // What ended the run, perhaps: an admin connects Zendesk again.
            Err(error) if error.is(FailureKind::Token) || error.is(FailureKind::Credentials) => {
                Err(JobError::retry(error))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl GivenUp {
    /// Whether the note is on the ticket.
    async fn tell(
        &self,
        deps: &ArchiveDeps,
        run: &RunRow,
        items: &[ItemRow],
        misses_some: bool,
    ) -> Result<Result<bool, ZendeskError>, JobError> {
        let id = TicketId(run.ticket_id);
        let ticket = match deps.zendesk.ticket(id).await {
            Ok(ticket) if ticket.status == TicketStatus::Closed => return Ok(Ok(false)),
            Ok(ticket) => ticket,
            Err(error) => return Ok(Err(error)),
        };
        let outcome = Outcome::of(items, false);
        let left = items.is_empty() || outcome == Outcome::Failed || misses_some;
        let outcome = if left { Outcome::Failed } else { outcome };
        if let Err(error) = deps.tag(&self.account, &ticket, outcome).await? {
            return Ok(Err(error));
        }
        if !left && run.noted == Some(true) {
            return Ok(Ok(true)); // all moved, and it said so before it was given up
        }
        let comments = match deps.zendesk.comments(id).await {
            Ok(comments) => comments,
            Err(error) => return Ok(Err(error)),
        };
        let marker = note::marker_of_given_up(&run.id, items);
        if comments.iter().any(|comment| comment.html_body.contains(&marker)) {
            return Ok(Ok(true));
        }
        let internal = run.problem_code.as_deref() == Some(ErrorCode::Internal.as_str());
        let why = run.problem.as_deref().filter(|_| !internal);
        let why = why.unwrap_or("something is wrong in Deskside itself; its log has the cause");
        let html = note::html_of_given_up(&run.id, items, why);
        Ok(deps.note(&self.account, id, &html).await?.map(|()| true))
    }
}

/// Whether an agent requested something that the run never came to, and that no other run archived.
fn misses_some(run: &RunRow, all: &[ItemRow]) -> bool {
    let had = all.iter().filter(|item| item.run_id == run.id || item.state == ItemState::Redacted);
    let had: BTreeSet<u64> = had.map(|item| item.attachment_id).collect();
    run.attachment_ids.iter().flatten().any(|id| !had.contains(id))
}
