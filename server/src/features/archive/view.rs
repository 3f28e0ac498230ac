//! What the agent sees of a run: what Zendesk lists, and over it what we know of each file. **Invariant:** no I/O.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use wire::{ArchiveItem, AttachmentId, CommentId, ErrorCode, ItemReason, ItemState, RunState, RunView};

use super::{
    listed::Listed,
    note,
    policy::{Policy, Verdict},
    rules,
    undo::can_undo,
};
use crate::{
    connectors::zendesk::{Attachment, Comment},
    store::archive::{self, ItemRow, RunRow},
};

/// What changes when a run moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    run: DateTime<Utc>,
    /// Another run of the ticket that is shown instead, and when it last changed.
    shown: Option<(String, DateTime<Utc>)>,
    items: Option<DateTime<Utc>>,
    done: u64,
    /// The run to follow: this one, or a live one that is shown instead; `None` when all have ended.
    pub live: Option<String>,
}

impl Pulse {
    pub(super) fn of(run: &RunRow, current: Option<&RunRow>, items: &[ItemRow]) -> Self {
        let shown = current.filter(|current| current.id != run.id);
        let live = [Some(run), shown].into_iter().flatten().find(|run| run.state.is_live());
        Self {
            run: run.updated_at,
            shown: shown.map(|run| (run.id.clone(), run.updated_at)),
            items: items.iter().map(|item| item.updated_at).max(),
            done: items.iter().map(|item| item.done_bytes).sum(),
            live: live.map(|run| run.id.clone()),
        }
    }
}

/// What is composed here.
pub struct Composed {
    /// The run that is shown.
    pub run: Option<RunView>,
    /// Every attachment, oldest first.
    pub items: Vec<ArchiveItem>,
}

/// The whole list; without Zendesk's, what runs have recorded.
pub(super) fn compose(
    run: Option<&RunRow>,
    rows: &[ItemRow],
    listed: Option<&Listed>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Composed {
    let mut known: BTreeMap<u64, &ItemRow> = rows.iter().map(|row| (row.attachment_id, row)).collect();
    let mut items = Vec::new();
    let comments = listed.into_iter().flat_map(|listed| listed.comments.iter().map(move |c| (listed, c)));
    for (listed, comment) in comments {
        for attachment in &comment.attachments {
            let judged = || prevented(listed.judge(policy, (comment, attachment), now));
            let item = match known.remove(&attachment.id.0) {
                // A run left it; the next one would, too, as long as the reason is there.
                Some(row) if is_left(row.state) && !rules::is_gone(attachment) => {
                    let prevented = judged();
                    let is_old_enough = prevented.is_none() && was_too_new(row);
                    let item = if is_old_enough { in_zendesk(comment, attachment) } else { of_row(row) };
                    ArchiveItem { prevented, ..item }
                }
                Some(row) => of_row(row),
                None if rules::is_gone(attachment) => continue, // somebody else redacted it
                None => ArchiveItem { prevented: judged(), ..in_zendesk(comment, attachment) },
            };
            let is_too_new = item.prevented.as_ref().is_some_and(|why| why.code == ErrorCode::ArchiveTooNew);
            items.push(ArchiveItem {
                goes_from: is_too_new.then(|| rfc3339(policy.old_enough_at(comment))),
                sender: Some(listed.sender(comment)),
                sent_at: Some(rfc3339(comment.created_at)),
                ..item
            });
        }
    }
    // What Zendesk no longer lists (a ticket merged or archived meanwhile) is still in the archive.
    items.extend(rows.iter().filter(|row| known.contains_key(&row.attachment_id)).map(of_row));
    Composed { run: run.map(|run| of_run(run, now)), items }
}

/// Whether a run left the file in Zendesk.
fn is_left(state: archive::ItemState) -> bool {
    matches!(state, archive::ItemState::Skipped | archive::ItemState::Held | archive::ItemState::Failed)
}

/// Whether a run left the file because of its age.
fn was_too_new(row: &ItemRow) -> bool {
    row.reason_code.as_deref() == Some(ErrorCode::ArchiveTooNew.as_str())
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Why a run would leave it in Zendesk, if it would.
fn prevented(verdict: Verdict) -> Option<ItemReason> {
    match verdict {
        Verdict::Take | Verdict::Quarantine => None,
        Verdict::Skip(code, message) | Verdict::Hold(code, message) => {
            Some(ItemReason { code, message: note::without_code(&message) })
        }
        Verdict::Wait => Some(ItemReason {
            code: ErrorCode::AttachmentNotScanned,
            message: "waiting for Zendesk's malware scan; a run waits for that".to_owned(),
        }),
    }
}

fn in_zendesk(comment: &Comment, attachment: &Attachment) -> ArchiveItem {
    ArchiveItem {
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
        goes_from: None,
        sender: None,
        sent_at: None,
    }
}

fn of_run(run: &RunRow, now: DateTime<Utc>) -> RunView {
    RunView {
        id: run.id.clone(),
        state: match run.state {
            archive::RunState::Queued => RunState::Queued,
            archive::RunState::Running => RunState::Running,
            archive::RunState::Done => RunState::Done,
            archive::RunState::Failed => RunState::Failed,
            archive::RunState::Cancelled => RunState::Cancelled,
        },
        can_undo: can_undo(run, now),
        undo_until: run.undo_until.map(rfc3339),
        problem: run.problem.clone().map(|message| ItemReason {
            code: code(run.problem_code.as_deref()),
            message: note::without_code(&message),
        }),
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
        reason: row.reason.as_deref().map(note::without_code),
        reason_code: row.reason_code.as_deref().map(|text| code(Some(text))),
        done: row.done_bytes,
        prevented: None,
        goes_from: None,
        sender: None,
        sent_at: None,
    }
}

/// A code as the store keeps it.
fn code(text: Option<&str>) -> ErrorCode {
    let known = ErrorCode::ALL.iter().find(|code| Some(code.as_str()) == text);
    known.copied().unwrap_or(ErrorCode::Unknown)
}
