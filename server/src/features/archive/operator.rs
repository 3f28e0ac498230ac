//! The archive, for whoever runs the server: no session, every ticket of the account, the same runs as by the button.

use std::sync::Arc;

use wire::{AttachmentId, TicketId};

use super::{
    Archive, ArchiveError, Asker, Inner,
    listed::Listed,
    policy::{Policy, Verdict},
    rules,
};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, ZendeskError},
    },
    features::contracts::CardError,
    store::{
        StoreError,
        archive::{self, ItemState, RunState},
    },
};

/// What a run would do with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Zendesk's id.
    pub attachment_id: AttachmentId,
    /// As its sender named it.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Why it would stay where it is; absent: it would move.
    pub stays: Option<String>,
}

/// Where a ticket's latest run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There was none.
    Never,
    /// It goes on, with what is in its way, if something is.
    Live(Option<String>),
    /// It ended well; agents' cancellations do not count.
    Done(Vec<Ended>),
    /// It ended, and something is left.
    Failed(Vec<Ended>, Option<String>),
    /// An agent took it back, or the operator cancelled it.
    Cancelled,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Zendesk's id.
    pub attachment_id: AttachmentId,
    /// Bytes.
    pub size: u64,
    /// It is in the archive and gone from Zendesk; otherwise why not.
    pub end: Result<(), Left>,
}

/// Why a file is still in Zendesk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Something went wrong, as opposed to left on purpose.
    pub failed: bool,
    /// In a sentence.
    pub why: String,
}

impl Archive {
    /// The same archive, leaving a reserve of Zendesk's budget to agents.
    #[must_use]
    pub fn in_background(&self) -> Self {
        Self(Arc::new(Inner { zendesk: self.0.zendesk.background(), ..Inner::clone(&self.0) }))
    }

    /// What a run would do with each file that is still in Zendesk.
    pub async fn foresee(&self, ticket: TicketId, policy: &Policy) -> Result<Vec<Foreseen>, ArchiveError> {
        let (id, now) = (zendesk::TicketId(ticket.0), self.0.clock.now());
        let listed = Listed::read(&self.0.zendesk, id).await;
        let listed = listed.map_err(|error| unlisted(ticket, error))?;
        let foreseen = rules::wanted(&listed.comments, None).map(|(comment, attachment)| {
            let stays = match listed.judge(policy, (comment, attachment), now) {
                Verdict::Take | Verdict::Quarantine => None,
                Verdict::Skip(_, why) | Verdict::Hold(_, why) => Some(why),
                Verdict::Wait => Some("waiting for Zendesk's malware scan".to_owned()),
            };
            Foreseen {
                attachment_id: AttachmentId(attachment.id.0),
                file_name: attachment.file_name.clone(),
                size: attachment.size,
                stays,
            }
        });
        Ok(foreseen.collect())
    }

    /// Whether a file of the ticket is still in Zendesk; one call.
    pub async fn holds_files(&self, ticket: TicketId) -> Result<bool, ArchiveError> {
        let comments = self.0.zendesk.comments(zendesk::TicketId(ticket.0)).await;
        let comments = comments.map_err(|error| unlisted(ticket, error))?;
        Ok(rules::wanted(&comments, None).next().is_some() || comments.unreadable().next().is_some())
    }

    /// Records the operator's request for all of a ticket's files, or joins the run that is under way.
    pub async fn start_for_operator(&self, ticket: TicketId) -> Result<(), ArchiveError> {
        let mut tx = self.0.db.begin().await?;
        self.request(&mut tx, Asker::Operator, ticket, None, self.0.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Where the ticket's latest run stands.
    pub async fn standing(&self, ticket: TicketId) -> Result<Standing, StoreError> {
        let inner = &self.0;
        let Some(run) = archive::latest_run(&inner.db, &inner.account, ticket.0).await? else {
            return Ok(Standing::Never);
        };
        match run.state {
            RunState::Queued | RunState::Running => return Ok(Standing::Live(run.problem)),
            RunState::Cancelled => return Ok(Standing::Cancelled),
            RunState::Done | RunState::Failed => {}
        }
        let items = archive::items_of_ticket(&inner.db, &inner.account, ticket.0).await?;
        let of_run = items.into_iter().filter(|item| item.run_id == run.id);
        let ended = of_run.map(|item| Ended {
            attachment_id: AttachmentId(item.attachment_id),
            size: item.size,
            end: match item.state {
                ItemState::Redacted => Ok(()),
                state => Err(Left {
                    failed: !matches!(state, ItemState::Skipped | ItemState::Held),
                    why: item.reason.unwrap_or_else(|| "it is not there yet".to_owned()),
                }),
            },
        });
        let ended = ended.collect();
        Ok(match run.state {
            RunState::Done => Standing::Done(ended),
            _ => Standing::Failed(ended, run.problem),
        })
    }
}

fn unlisted(ticket: TicketId, error: ZendeskError) -> ArchiveError {
    match error {
        error if error.is(FailureKind::NotFound) => CardError::TicketNotFound(ticket).into(),
        error => ArchiveError::Zendesk(ticket, Arc::new(error)),
    }
}
