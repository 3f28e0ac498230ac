//! What an agent reads while files leave a ticket.

use leptos::prelude::RenderHtml;
use wire::{ArchiveItem, AttachmentId, CommentId, ErrorCode, ItemState, RunView, TicketId};

use super::*;
use crate::model::Model;
use crate::model::fault::refused;
use crate::screens::check::{nobody, text};

fn item(id: u64, state: ItemState) -> ArchiveItem {
    ArchiveItem {
        attachment_id: AttachmentId(id),
        comment_id: CommentId(1),
        file_name: format!("{id}.pdf"),
        size: 1_500,
        content_type: "application/pdf".into(),
        state,
        reason: None,
        reason_code: None,
        done: 0,
        prevented: None,
        sender: None,
        sent_at: None,
    }
}

fn ready(run: Option<RunState>, items: Vec<ArchiveItem>) -> ArchiveModel {
    let run = run.map(|state| RunView {
        id: "r".into(),
        state,
        undo_until: None,
        can_undo: false,
        problem: None,
        noted: None,
    });
    let (model, _) = ArchiveModel::default().update(ArchiveEvent::Open(Some(TicketId(42))));
    model
        .update(ArchiveEvent::Listed {
            ask: 1,
            result: Ok(ArchiveView { run, items, ..ArchiveView::default() }),
        })
        .0
}

fn then(model: ArchiveModel, event: ArchiveEvent) -> ArchiveModel {
    model.update(event).0
}

#[track_caller]
fn check(model: &ArchiveModel, expected: &[&str]) {
    let shown = archive(Locale::new("en"), model, &nobody()).map(text).unwrap_or_default();
    assert_eq!(shown, expected.join("\n"));
}

#[test]
fn files_can_go_one_by_one_or_all() {
    check(
        &ready(None, vec![item(1, ItemState::InZendesk), item(2, ItemState::Redacted)]),
        &[
            "2 attachments",
            "3.0 kilobyte",
            "Archive all",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "Archive",
            "2.pdf",
            "1.5 kilobyte",
            "Archived",
            "Open",
        ],
    );
    check(&ready(None, vec![]), &["No attachments on this ticket"]);
    check(&ArchiveModel::default(), &[]);
}

#[test]
fn nobody_archives_without_reading_that_it_is_for_good() {
    let model = then(ready(None, vec![item(1, ItemState::InZendesk)]), ArchiveEvent::Wish(Which::All));
    check(
        &model,
        &[
            "1 attachment",
            "1.5 kilobyte",
            "They leave Zendesk for good.",
            "Each file is copied to your archive and checked; then it is redacted here. Redaction is permanent.",
            "Archive 1 file",
            "Cancel",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
        ],
    );
    let html = archive(Locale::new("en"), &model, &nobody()).map(RenderHtml::to_html).unwrap_or_default();
    assert!(
        html.contains(r#"role="alertdialog" tabindex="-1" aria-labelledby="archive-for-good""#),
        "{html}"
    );
}

#[test]
fn progress_is_shown_and_survives_a_lost_server() {
    let model =
        ready(Some(RunState::Running), vec![item(1, ItemState::Redacted), item(2, ItemState::Verified)]);
    let files = ["1.pdf", "1.5 kilobyte", "Archived", "2.pdf", "1.5 kilobyte", "Checked"];
    check(&model, &[&["Archiving · 1 of 2"][..], &files].concat());
    let model = then(model, ArchiveEvent::Lost { run: "r".into() });
    let lost = "Connection lost. The files go on moving; reconnecting…";
    check(&model, &[&["Archiving · 1 of 2", lost][..], &files].concat());
    assert_eq!(spoken(Locale::new("en"), &model), lost);
}

#[test]
fn a_result_says_what_is_left_and_why() {
    let mut failed = item(2, ItemState::Failed);
    failed.reason = Some("The archive is full".into());
    failed.reason_code = Some(ErrorCode::ArchiveFull);
    let model = ready(Some(RunState::Failed), vec![item(1, ItemState::Redacted), failed]);
    check(
        &model,
        &[
            "2 attachments",
            "3.0 kilobyte",
            "Archive all",
            "1 file is archived. 1 file is still in Zendesk.",
            "1.pdf",
            "1.5 kilobyte",
            "Archived",
            "Open",
            "2.pdf",
            "1.5 kilobyte",
            "Failed",
            "Try again",
            "The archive is full.",
        ],
    );
    check(
        &ready(Some(RunState::Done), vec![item(1, ItemState::Redacted)]),
        &["1 attachment", "1.5 kilobyte", "1 file is archived.", "1.pdf", "1.5 kilobyte", "Archived", "Open"],
    );
}

#[test]
fn malware_is_not_tried_again() {
    let mut malware = item(1, ItemState::Failed);
    malware.reason = Some("Zendesk found malware".into());
    malware.reason_code = Some(ErrorCode::AttachmentMalware);
    let shown =
        archive(Locale::new("en"), &ready(None, vec![malware]), &nobody()).map(text).unwrap_or_default();
    assert!(!shown.contains("Try again"), "{shown}");
}

#[test]
fn a_refused_wish_keeps_the_list() {
    let mut model = ready(None, vec![item(1, ItemState::InZendesk)]);
    for event in [ArchiveEvent::Wish(Which::All), ArchiveEvent::Confirm] {
        model = then(model, event);
    }
    let refusal = Err(refused(ErrorCode::TicketClosed));
    check(
        &then(model, ArchiveEvent::Started { ask: 2, result: refusal }),
        &[
            "1 attachment",
            "1.5 kilobyte",
            "Archive all",
            "Message of ticket_closed.",
            "1.pdf",
            "1.5 kilobyte",
            "In Zendesk",
            "Archive",
        ],
    );
}

#[test]
fn an_agent_who_is_not_known_yet_is_told_so() {
    let shown = |proof| unproved(Locale::new("ja"), &Standing::Unproved(proof), &nobody()).map(text);
    assert_eq!(shown(Proof::Asked).as_deref(), Some("担当者を確認しています…"));
    let failed = Proof::Failed(refused(ErrorCode::ProofInvalid));
    assert_eq!(
        shown(failed).as_deref(),
        Some("担当者を確認できないため、添付ファイルは表示されません。\n再試行")
    );
}
