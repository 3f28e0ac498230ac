//! What the agent sees of a run: what Zendesk lists, and over it what we know of each file. **Invariant:** no I/O.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use wire::{
    ArchiveItem, ArchiveView, AttachmentId, CommentId, ErrorCode, ItemReason, ItemState, RunState, RunView,
};

use super::rules;
use crate::{
    connectors::zendesk::Comment,
    store::archive::{self, ItemRow, RunRow},
};

/// What changes when a run moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    run: DateTime<Utc>,
    items: Option<DateTime<Utc>>,
    done: u64,
    /// Whether it can still move.
    pub live: bool,
}

impl Pulse {
    pub(super) fn of(run: &RunRow, items: &[ItemRow]) -> Self {
        Self {
            run: run.updated_at,
            items: items.iter().map(|item| item.updated_at).max(),
            done: items.iter().map(|item| item.done_bytes).sum(),
            live: run.state.is_live(),
        }
    }
}

/// The whole list, oldest first.
pub fn compose(run: Option<&RunRow>, rows: &[ItemRow], listing: &[Comment]) -> ArchiveView {
    let mut known: BTreeMap<u64, &ItemRow> = rows.iter().map(|row| (row.attachment_id, row)).collect();
    let mut items = Vec::new();
    for (comment, attachment) in listing.iter().flat_map(|c| c.attachments.iter().map(move |a| (c, a))) {
        match known.remove(&attachment.id.0) {
            Some(row) => items.push(of_row(row)),
            None if rules::is_gone(attachment) => {} // somebody else redacted it
            None => items.push(ArchiveItem {
                attachment_id: AttachmentId(attachment.id.0),
                comment_id: CommentId(comment.id.0),
                file_name: attachment.file_name.clone(),
                size: attachment.size,
                content_type: attachment.content_type.clone(),
                state: ItemState::InZendesk,
                reason: None,
                reason_code: None,
                done: 0,
                prevented: None,
                sender: None,
                sent_at: None,
            }),
        }
    }
    // What Zendesk no longer lists (a ticket merged or archived meanwhile) is still in the archive.
    items.extend(rows.iter().filter(|row| known.contains_key(&row.attachment_id)).map(of_row));
    ArchiveView { run: run.map(of_run), items, ..ArchiveView::default() }
}

fn of_run(run: &RunRow) -> RunView {
    RunView {
        id: run.id.clone(),
        state: match run.state {
            archive::RunState::Queued => RunState::Queued,
            archive::RunState::Running => RunState::Running,
            archive::RunState::Done => RunState::Done,
            archive::RunState::Failed => RunState::Failed,
            archive::RunState::Cancelled => RunState::Cancelled,
        },
        can_undo: run.state.is_live() && run.undo_until.is_some(),
        undo_until: run.undo_until.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        problem: run
            .problem
            .clone()
            .map(|message| ItemReason { code: code(run.problem_code.as_deref()), message }),
        noted: run.noted,
    }
}

fn of_row(row: &ItemRow) -> ArchiveItem {
    ArchiveItem {
        attachment_id: AttachmentId(row.attachment_id),
        comment_id: CommentId(row.comment_id),
        file_name: row.file_name.clone(),
        size: row.size,
        content_type: row.content_type.clone(),
        state: match row.state {
            archive::ItemState::Planned => ItemState::Planned,
            archive::ItemState::Stored => ItemState::Stored,
            archive::ItemState::Verified => ItemState::Verified,
            archive::ItemState::Redacted => ItemState::Redacted,
            archive::ItemState::Skipped => ItemState::Skipped,
            archive::ItemState::Held => ItemState::Held,
            archive::ItemState::Failed => ItemState::Failed,
        },
        reason: row.reason.clone(),
        reason_code: row.reason_code.as_deref().map(|text| code(Some(text))),
        done: row.done_bytes,
        prevented: None,
        sender: None,
        sent_at: None,
    }
}

/// A code as the store keeps it.
fn code(text: Option<&str>) -> ErrorCode {
    let known = ErrorCode::ALL.iter().find(|code| Some(code.as_str()) == text);
    known.copied().unwrap_or(ErrorCode::Unknown)
}
