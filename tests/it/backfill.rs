//! Many tickets are put away from the command line: what the operator reads, and what became of the files.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use deskside::store::ledger;
use deskside_sandbox::credentials;
use serde_json::json;
use tokio::process::Command;

use super::command_line::{command, runs};
use super::trouble_at;
use crate::support::archive::{Files, files, notes, put_away};
use crate::support::testbed::{Testbed, bed};

async fn archive(bed: &Testbed, arguments: &[&str]) -> (bool, String) {
    runs(bed, &[], &[&["archive"], arguments].concat()).await
}

/// Ends well or not, with these sentences.
async fn check(bed: &Testbed, arguments: &[&str], good: bool, expected: &[&str]) {
    let (ended_well, text) = archive(bed, arguments).await;
    assert_eq!(ended_well, good, "{arguments:?}: {text}");
    for words in expected {
        assert!(text.contains(words), "{arguments:?}: {words} in {text}");
    }
}

#[tokio::test]
async fn many_tickets_are_put_away_and_a_second_call_leaves_them_alone() {
    bed()
        .run_on_each(async |bed| {
            let before: Vec<(u64, Files)> = [42, 3, 5].map(|ticket| (ticket, files(bed, ticket))).into();
            let count: usize = before.iter().map(|(_, files)| files.len()).sum();
            let moved = format!("{count} archived (");
            let lines =
                ["ticket 42: 4 archived, 0 skipped, 0 failed", "3 archived, 0 skipped, 0 failed", &moved];
            check(bed, &["42", "#3", "5", "42"], true, &lines).await;
            for (ticket, before) in &before {
                put_away(bed, *ticket, before, &[]).await;
                // Ticket 5 is closed, and takes none.
                assert_eq!(notes(bed, *ticket).len(), usize::from(*ticket != 5), "ticket {ticket}");
            }
            let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, 42).await.expect("it is read");
            assert_eq!(
                (rows[0].entry.actor.as_str(), rows[0].entry.action.as_str()),
                ("operator", "requested")
            );
            let lines = ["0 archived, 3 skipped, 0 failed", "already archived"];
            check(bed, &["42", "3", "5"], true, &lines).await;
            assert_eq!(notes(bed, 42).len(), 1);
            let late = bed.vendors().attach(42, "late.txt", 100).expect("it is attached");
            check(bed, &["42", "3", "--again"], true, &["1 archived, 1 skipped", "nothing to archive"]).await;
            assert!(!files(bed, 42).contains_key(&late));
        })
        .await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_move_and_changes_nothing() {
    bed()
        .run(async |bed| {
            let infected = *files(bed, 7).keys().next().expect("a file");
            let (name, before) = ("a\r\n\u{1b}[2J\u{202e}b.txt", files(bed, 42).len() + 1);
            bed.vendors().attach(42, name, 1_234).expect("it is attached");
            let calls = bed.vendors().calls().len();
            let infected = format!("ticket 7  attachment {infected}  ");
            let lines = [
                "5 would be archived (",
                "1 would stay; nothing was changed",
                "1.2 kB  would be archived",
                &infected,
            ];
            check(bed, &["42", "7", "--dry-run"], true, &lines).await;
            check(bed, &["7", "--dry-run"], true, &["would stay: Zendesk found malware in it"]).await;
            let (_, text) = archive(bed, &["42", "--dry-run"]).await;
            assert!(
                !text.contains(['\r', '\u{1b}', '\u{202e}']),
                "a name does nothing to a terminal: {text:?}"
            );
            assert_eq!((files(bed, 42).len(), bed.archived().len(), notes(bed, 42).len()), (before, 0, 0));
            let asked = bed.vendors().calls();
            assert!(asked[calls..].iter().all(|call| call.method == "GET" || call.path.contains("oauth")));
            let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, 42).await.expect("it is read");
            assert_eq!(rows, []);
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_read_or_found_is_said_and_the_rest_goes_on() {
    bed()
        .run(async |bed| {
            let before = files(bed, 42);
            let lines = [
                "\"abc\" is not a ticket's number",
                "ticket 999999 does not exist",
                "the file nowhere.txt cannot be read",
                "1 archived, 0 skipped, 1 failed",
            ];
            check(bed, &["42", "abc", "999999", "--tickets", "nowhere.txt"], false, &lines).await;
            put_away(bed, 42, &before, &[]).await;
            check(
                bed,
                &["--query", "tags:no_such_tag"],
                true,
                &["the query \"tags:no_such_tag\" finds no tickets"],
            )
            .await;
            check(bed, &[], false, &["required"]).await;
            bed.vendors().fault(trouble_at("/search/export", 422));
            check(bed, &["--query", "x:y"], false, &["Zendesk did not answer the query \"x:y\""]).await;
        })
        .await;
}

#[tokio::test]
async fn tickets_come_from_a_file_and_from_a_search_of_any_length() {
    bed()
        .run(async |bed| {
            let folder = tempfile::tempdir().expect("a folder");
            let list = folder.path().join("tickets.txt");
            std::fs::write(&list, "ticket_id\n3\n5, 5 // twice\n").expect("written");
            let (in_file, found) = (files(bed, 3), files(bed, 42));
            let tags = json!({"tags": ["identity"]});
            bed.zendesk(reqwest::Method::PUT, "/api/v2/tickets/42/tags", &tags).await;
            let list = list.to_str().expect("UTF-8");
            let lines = ["3 archived, 0 skipped, 0 failed", "\"ticket_id\" is not a ticket's number"];
            check(bed, &["--tickets", list, "--query", "tags:identity"], false, &lines).await;
            put_away(bed, 3, &in_file, &[]).await;
            put_away(bed, 42, &found, &[]).await;
            // Every ticket of the account: more than one page of the export.
            let (_, text) = archive(bed, &["--query", "status<closed", "--dry-run"]).await;
            let asked =
                bed.vendors().calls().iter().filter(|call| call.path.contains("search/export")).count();
            assert!(asked >= 2 && text.contains("would be archived"), "{asked} calls: {text}");
        })
        .await;
}

#[tokio::test]
async fn a_file_that_stays_is_counted_with_its_reason() {
    bed()
        .run(async |bed| {
            let lines = ["0 archived (0 B), 1 skipped, 0 failed", "file: Zendesk found malware in it"];
            check(bed, &["7"], true, &lines).await;
            bed.vendors().fault(trouble_at("/redact", 422));
            bed.vendors().fault(trouble_at("/comment_redactions", 422));
            check(bed, &["42"], false, &["ticket 42, attachment ", "1 failed", "failed "]).await;
            assert_eq!(files(bed, 42).len(), 4);
        })
        .await;
}

#[tokio::test]
async fn it_can_be_stopped_at_any_time_and_the_same_command_goes_on() {
    bed()
        .run(async |bed| {
            let tickets = [42, 3, 5, 8, 14, 18];
            let before = tickets.map(|ticket| (ticket, files(bed, ticket)));
            let arguments: Vec<String> = tickets.iter().map(ToString::to_string).collect();
            let arguments: Vec<&str> =
                ["archive"].into_iter().chain(arguments.iter().map(|id| &**id)).collect();
            for signal in ["-TERM", "-KILL"] {
                stop_after(bed, &arguments, 8, signal).await;
            }
            let (ended_well, text) = runs(bed, &[("server.workers", Some("4"))], &arguments).await;
            assert!(ended_well, "{text}");
            for (ticket, before) in &before {
                put_away(bed, *ticket, before, &[]).await;
                assert_eq!(notes(bed, *ticket).len(), usize::from(*ticket != 5), "ticket {ticket}");
            }
        })
        .await;
}

/// Runs a command until it has called vendors so many times, then stops it.
async fn stop_after(bed: &Testbed, arguments: &[&str], calls: usize, signal: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let before = bed.vendors().calls().len();
    let mut running = spawn(bed, folder.path(), arguments);
    while bed.vendors().calls().len() < before + calls {
        tokio::time::sleep(Duration::from_millis(5)).await;
        if running.try_wait().expect("it runs").is_some() {
            return; // faster than we are
        }
    }
    let id = running.id().expect("it runs").to_string();
    Command::new("kill").args([signal, &id]).status().await.expect("it is told");
    let ended = tokio::time::timeout(Duration::from_mins(1), running.wait()).await;
    let ended = ended.expect("it ends").expect("it ended");
    assert!(signal == "-KILL" || ended.code().is_some(), "it ends by itself: {ended:?}");
}

fn spawn(bed: &Testbed, folder: &Path, arguments: &[&str]) -> tokio::process::Child {
    let mut command = command(bed, folder, &[], arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}
