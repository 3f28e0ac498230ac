//! What an agent reads of a run, and of what they undo.

use super::*;

#[test]
fn a_run_copies_and_can_be_undone_in_whole_or_by_file() {
    let mut half = item(2, ItemState::Planned);
    half.done = 750;
    check(
        &seen(undoable(None, vec![item(1, ItemState::Verified), half])),
        &[
            "Copying · 1 of 2",
            "Undo all",
            "1.pdf",
            "1.5 kilobyte",
            "Checked",
            "Keep",
            "2.pdf",
            "1.5 kilobyte",
            "Waiting",
            "Keep",
        ],
    );
}

#[test]
fn the_time_to_undo_is_shown_and_read_aloud_at_its_start_and_end() {
    let left = |seconds| {
        let items = vec![item(1, ItemState::Verified), item(2, ItemState::Verified)];
        then(seen(undoable(Some(UNTIL), items)), ArchiveEvent::Left { until: UNTIL.into(), seconds })
    };
    check(
        &left(581),
        &[
            "2 files copied and checked",
            "Undo all",
            "They leave Zendesk in 9:41.",
            "1.pdf",
            "1.5 kilobyte",
            "Ready",
            "Keep",
            "2.pdf",
            "1.5 kilobyte",
            "Ready",
            "Keep",
        ],
    );
    let html =
        archive(Locale::new("en"), &left(581), &nobody()).map(|node| node.to_html()).unwrap_or_default();
    assert!(html.contains(r#"role="timer" data-testid="archive-until" data-value="581""#), "{html}");
    assert!(!html.contains("progressbar"), "nothing moves, so no bar is shown: {html}");
    let said = |seconds| spoken(Locale::new("en"), &left(seconds));
    assert_eq!(said(581), "2 files copied and checked · You can still undo.");
    assert_eq!(said(581), said(60), "not every second is read aloud");
    assert_eq!(said(59), "2 files copied and checked · Less than a minute is left to undo.");
    check_head(&left(0), &["Archiving · 0 of 2"]);
}

#[test]
fn an_undo_says_how_it_goes() {
    use crate::model::fault::FaultKind;
    let second = ArchiveEvent::Left { until: UNTIL.into(), seconds: 581 };
    let waiting = || then(seen(undoable(Some(UNTIL), vec![item(1, ItemState::Verified)])), second.clone());
    let answered =
        |only, result| ArchiveEvent::UndoAnswered { run: "r".into(), only, at: String::new(), result };
    let head = ["1 file copied and checked", "Undo all", "It leaves Zendesk in 9:41."];
    let undoing = ["1 file copied and checked", "Undoing…", "It leaves Zendesk in 9:41."];
    let undo = || then(waiting(), ArchiveEvent::Undo(None));
    check_head(&undo(), &undoing);
    check(&undo(), &[&undoing[..], &["1.pdf", "1.5 kilobyte", "Ready"]].concat());
    let lost = || then(undo(), answered(None, Err(Fault::plain(FaultKind::Offline))));
    let again = "Undo did not reach the server. Trying again…";
    check_head(&lost(), &[&undoing[..2], &[undoing[2], again]].concat());
    let over = then(lost(), ArchiveEvent::Left { until: UNTIL.into(), seconds: 0 });
    check_head(&over, &["Archiving · 0 of 1", "Undo did not reach the server in time."]);
    let read = |ask, items| ArchiveEvent::Listed {
        ask,
        at: String::new(),
        result: Ok(view(Some(RunState::Done), items)),
    };
    let gone = || vec![item(1, ItemState::Redacted)];
    check_head(
        &then(over, read(2, gone())),
        &["1 archived", "Undo did not reach the server in time.", "Open the copy", "1 file archived."],
    );
    let refused = |only| {
        then(
            then(waiting(), ArchiveEvent::Undo(only)),
            answered(only, Err(refused(ErrorCode::ArchiveUndoOver))),
        )
    };
    for only in [None, Some(AttachmentId(1))] {
        check_head(&refused(only), &[&head[..], &["Too late: the time to undo is over."]].concat());
        check_head(
            &then(refused(only), read(2, gone())),
            &["1 archived", "Too late: already removed from Zendesk.", "Open the copy", "1 file archived."],
        );
    }
}

#[test]
fn a_live_run_and_its_undo_are_shown_whatever_the_list_says() {
    let mut view = undoable(None, vec![]);
    view.listing = Listing::Missing;
    check_head(&seen(view), &["Starting…", "Undo all", "The list cannot be read right now."]);
}

#[test]
fn progress_is_shown_and_survives_a_lost_server() {
    let model =
        ready(Some(RunState::Running), vec![item(1, ItemState::Redacted), item(2, ItemState::Verified)]);
    let files = ["1.pdf", "1.5 kilobyte", "Archived", "Open", "2.pdf", "1.5 kilobyte", "Checked"];
    check(&model, &[&["Archiving · 1 of 2"][..], &files].concat());
    let model = then(model, ArchiveEvent::Lost { run: "r".into() });
    let lost = "Connection lost. Archiving continues in the background. Reconnecting…";
    check(&model, &[&["Archiving · 1 of 2", lost][..], &files].concat());
    assert_eq!(spoken(Locale::new("en"), &model), lost);
}

#[test]
fn a_result_says_what_is_left_and_why() {
    let failed = because(item(2, ItemState::Failed), ErrorCode::ArchiveFull);
    let files = || vec![item(1, ItemState::Redacted), failed.clone()];
    check(
        &ended(RunState::Failed, files()),
        &[
            "1 in Zendesk · 1 archived",
            "Archive",
            "1 file archived. 1 file is still in Zendesk.",
            "1.pdf",
            "1.5 kilobyte",
            "Archived",
            "Open",
            "2.pdf",
            "1.5 kilobyte",
            "Failed",
            "Try again",
            "Message of archive_full.",
        ],
    );
    check_head(
        &ended(RunState::Done, vec![item(1, ItemState::Redacted)]),
        &["1 archived", "1 file archived."],
    );
    // Who did not see the end reads what is where, not what became of an old run.
    check_head(&ready(Some(RunState::Failed), files()), &["1 in Zendesk · 1 archived", "Archive"]);
}

#[test]
fn what_was_undone_says_so_until_the_next_wish() {
    let undone =
        ended(RunState::Cancelled, vec![because(item(1, ItemState::Skipped), ErrorCode::ArchiveCancelled)]);
    check(
        &undone,
        &[
            "1 attachment",
            "1.5 kilobyte",
            "Archive",
            "Undone. Nothing was removed.",
            "1.pdf",
            "1.5 kilobyte",
            "Cancelled",
            "Archive",
        ],
    );
    let left = then(then(undone, ArchiveEvent::Wish(Which::All)), ArchiveEvent::Cancel);
    check_head(&left, &["1 attachment", "1.5 kilobyte", "Archive"]);
}

#[test]
fn japanese_has_no_blank_between_sentences() {
    let failed = because(item(2, ItemState::Failed), ErrorCode::ArchiveFull);
    let model = ended(RunState::Failed, vec![item(1, ItemState::Redacted), failed]);
    let said = spoken(Locale::new("ja"), &model);
    assert_eq!(said, "1 件をアーカイブしました。1 件は Zendesk に残っています。");
}
