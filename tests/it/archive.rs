//! Attachments are put away: what the agent sees, what the ticket says, what the folder holds, what Zendesk no longer has.

use deskside::queue::Ran;
use deskside_sandbox::{Limits, credentials};
use serde_json::{Value, json};

use crate::support::actors::Visitor;
use crate::support::archive::{files, follow, items, notes, put_away, sha256, states};
use crate::support::testbed::bed;

const AGENT: u64 = credentials::AGENT_ID;

#[tokio::test]
async fn one_button_puts_every_attachment_of_a_ticket_away() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            assert_eq!(before.len(), 4);
            let listed = agent.attachments(42).await.json();
            assert_eq!(listed["run"], json!(null));
            let first = &listed["items"][0];
            let (id, file) = before.first_key_value().expect("a file");
            let expected = json!({"attachment_id": id, "comment_id": file.comment, "file_name": file.name,
                                  "size": file.bytes.len(), "content_type": "application/pdf", "state": "in_zendesk",
                                  "reason": null, "done": 0, "sender": "customer", "sent_at": first["sent_at"]});
            assert_eq!(*first, expected);

            let run = agent.archives(42).await;
            let queued = agent.attachments(42).await.json();
            assert_eq!(queued["run"], json!({"id": run, "state": "queued", "undo_until": null, "can_undo": false}));
            let (heard, ()) = tokio::join!(follow(&agent, &run), async {
                bed.run_jobs().await;
            });
            let ended = json!({"id": run, "state": "done", "undo_until": null, "can_undo": false, "noted": true});
            assert_eq!(heard.last().expect("an end")["run"], ended, "the last event is the end");
            assert_eq!(states(&agent.attachments(42).await.json()), ["redacted"; 4]);
            put_away(bed, 42, &before, &[]).await;

            let notes = notes(bed, 42);
            assert_eq!(notes.len(), 1);
            assert!(notes[0].contains("4 of 4 files were archived"), "{}", notes[0]);
            for (name, bytes) in bed.archived() {
                let hash = &sha256(&bytes)[..12];
                assert!(notes[0].contains(hash) && name.contains(hash), "the note leads to {name}");
            }
            let again = agent.posts("/api/tickets/42/archive", &json!({})).await;
            assert_eq!(again.verdict(), "409 archive_nothing");
            assert_eq!(crate::support::archive::notes(bed, 42).len(), 1, "nothing to archive, nothing to say");
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn one_file_can_go_alone_and_the_others_stay() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            let ids: Vec<u64> = before.keys().copied().collect();
            agent.archives_only(42, &json!({"attachment_ids": [ids[2]]})).await;
            bed.run_jobs().await;
            let view = agent.attachments(42).await.json();
            assert_eq!(states(&view), ["in_zendesk", "in_zendesk", "redacted", "in_zendesk"]);
            assert_eq!(view["run"]["state"], "done");
            put_away(bed, 42, &before, &[ids[0], ids[1], ids[3]]).await;
            assert!(notes(bed, 42)[0].contains("1 of 1 file was archived"));
        })
        .await;
}

#[tokio::test]
async fn odd_names_sizes_and_kinds_are_put_away_like_all_others() {
    let check = async |ticket: u64| {
        bed()
            .run(async |bed| {
                let before = files(bed, ticket);
                assert!(!before.is_empty());
                bed.agent(AGENT).await.archives(ticket).await;
                bed.run_jobs().await;
                put_away(bed, ticket, &before, &[]).await;
                for (name, _) in bed.archived() {
                    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
                    assert!(name.bytes().all(plain) && !name.contains(".."), "{name}");
                }
            })
            .await;
    };
    check(3).await; // no bytes, no extension, an unknown kind
    check(5).await; // two of one name
    check(8).await; // never scanned
    check(11).await; // 20 MB, in parts
    check(14).await; // names that are paths, too long, or code
    check(18).await; // an inline image, and 8 MiB
}

#[tokio::test]
async fn malware_is_neither_copied_nor_removed_and_the_rest_is_archived() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let infected = *files(bed, 7).keys().next().expect("a file");
            let clean = bed.vendors().attach(7, "clean.txt", 300).expect("it is attached");
            let before = files(bed, 7);
            agent.archives(7).await;
            bed.run_jobs().await;
            let items = items(&agent.attachments(7).await.json());
            assert_eq!(
                (items[&infected].as_str(), items[&clean].as_str()),
                ("skipped attachment_malware", "redacted")
            );
            put_away(bed, 7, &before, &[infected]).await;
        })
        .await;
}

#[tokio::test]
async fn a_file_that_is_too_large_stays_and_says_so() {
    bed()
        .setting("archive.max_file_mb", "1")
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let exact = bed.vendors().attach(42, "exact.bin", 1024 * 1024).expect("it is attached");
            let large = bed.vendors().attach(42, "large.bin", 1024 * 1024 + 1).expect("it is attached");
            let before = files(bed, 42);
            agent.archives(42).await;
            bed.run_jobs().await;
            let items = items(&agent.attachments(42).await.json());
            assert_eq!(
                (items[&exact].as_str(), items[&large].as_str()),
                ("redacted", "skipped attachment_too_large")
            );
            put_away(bed, 42, &before, &[large]).await;
        })
        .await;
}

#[tokio::test]
async fn a_closed_ticket_is_put_away_without_a_note() {
    let check = async |closes_meanwhile: bool| {
        bed()
            .run(async |bed| {
                let agent = bed.agent(AGENT).await;
                let before = files(bed, 42);
                if !closes_meanwhile {
                    bed.vendors().set_status(42, "closed");
                }
                let run = agent.archives(42).await;
                bed.vendors().set_status(42, "closed");
                bed.run_jobs().await;
                let view = agent.attachments(42).await.json();
                assert_eq!(
                    view["run"],
                    json!({"id": run, "state": "done", "undo_until": null, "can_undo": false, "noted": false})
                );
                put_away(bed, 42, &before, &[]).await;
                assert_eq!(notes(bed, 42), Vec::<String>::new());
            })
            .await;
    };
    check(false).await;
    check(true).await;
}

#[tokio::test]
async fn zendesks_limit_of_thirty_changes_is_kept_without_being_told() {
    bed()
        .limits(Limits::default())
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            for number in 0..36 {
                bed.vendors()
                    .attach(42, &format!("page {number}.txt"), 100 + number)
                    .expect("it is attached");
            }
            let before = files(bed, 42);
            assert_eq!(before.len(), 40);
            agent.archives(42).await;
            let ran = bed.run_jobs().await;
            assert_eq!((ran.done, ran.retried), (0, 1));
            let view = agent.attachments(42).await.json();
            assert_eq!((view["run"]["state"].as_str(), files(bed, 42).len()), (Some("running"), 11));
            let problem = &view["run"]["problem"];
            let said =
                "Zendesk takes 30 changes of a ticket in ten minutes; the next files are redacted in 11 min";
            assert_eq!(*problem, json!({"code": "redaction_limit", "message": said}));
            bed.pass(10 * 60);
            assert_eq!(bed.run_jobs().await, Ran::default(), "not before the first one is ten minutes old");
            bed.pass(11);
            bed.run_jobs().await;
            let agent = bed.agent(AGENT).await;
            assert_eq!(agent.attachments(42).await.json()["run"]["state"], "done");
            put_away(bed, 42, &before, &[]).await;
            assert_eq!(notes(bed, 42).len(), 1);
            let refused = bed.vendors().calls().iter().filter(|call| call.status == 429).count();
            assert_eq!(refused, 0, "Zendesk never had to refuse");
        })
        .await;
}

#[tokio::test]
async fn what_another_run_changed_on_the_ticket_counts_against_the_limit() {
    bed()
        .limits(Limits::default())
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            agent.archives(42).await;
            bed.run_jobs().await; // four redactions, a tag, a note
            for number in 0..29 {
                bed.vendors().attach(42, &format!("page {number}.txt"), 100).expect("it is attached");
            }
            agent.archives(42).await;
            bed.run_jobs().await;
            assert_eq!(files(bed, 42).len(), 29 - (29 - 6));
            bed.run_jobs_to_the_end().await;
            assert!(files(bed, 42).is_empty());
            let redactions = bed.vendors().calls();
            let refused = redactions.iter().filter(|call| call.status == 429 && call.path.contains("redact"));
            assert_eq!(refused.count(), 0, "no redaction was refused");
        })
        .await;
}

#[tokio::test]
async fn a_second_wish_joins_the_run_that_is_under_way() {
    bed()
        .run_on_each(async |bed| {
            let (one, other) = (bed.agent(AGENT).await, bed.agent(credentials::ADMIN_ID).await);
            let before = files(bed, 42);
            let ids: Vec<u64> = before.keys().copied().collect();
            let run = one.archives_only(42, &json!({"attachment_ids": [ids[0]]})).await;
            assert_eq!(other.archives_only(42, &json!({"attachment_ids": [ids[3]]})).await, run);
            assert!(bed.run_jobs_and_die_after(6).await, "the worker is in the middle of it");
            assert_eq!(one.archives(42).await, run);
            bed.pass(120);
            bed.run_jobs().await;
            let view = one.attachments(42).await.json();
            assert_eq!(
                (view["run"]["id"].as_str(), view["run"]["state"].as_str()),
                (Some(&*run), Some("done"))
            );
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn many_who_press_the_button_at_once_start_one_run() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            let runs = futures::future::join_all((0..8).map(|_| agent.archives(42))).await;
            assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
            bed.run_jobs().await;
            put_away(bed, 42, &before, &[]).await;
            assert_eq!(notes(bed, 42).len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_wish_that_cannot_be_granted_is_refused() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |agent: &Visitor, ticket: u64, wish: Value, expected: &str| {
                let answer = agent.posts(&format!("/api/tickets/{ticket}/archive"), &wish).await;
                assert_eq!(answer.verdict(), expected, "{ticket} {wish}");
            };
            let of_other = *files(bed, 3).keys().next().expect("a file");
            let bare =
                (43..70).find(|ticket| files(bed, *ticket).is_empty()).expect("a ticket without files");
            check(&agent, bare, json!({}), "409 archive_nothing").await;
            check(&agent, 42, json!({"attachment_ids": []}), "409 archive_nothing").await;
            check(&agent, 42, json!({"attachment_ids": [of_other]}), "404 attachment_not_found").await;
            check(&agent, 42, json!({"attachment_ids": ["1"]}), "422 body_invalid").await;
            check(&agent, 42, json!({"attachments": [1]}), "422 body_invalid").await;
            check(&agent, 999_999, json!({}), "404 ticket_not_found").await;
            for run in ["nothing", "00000000-0000-7000-8000-000000000000"] {
                let events = agent.gets(&format!("/api/archive/runs/{run}/events")).await;
                assert_eq!(events.verdict(), "404 archive_run_not_found");
            }
            assert_eq!(bed.left_over().await, []);
        })
        .await;
}

#[tokio::test]
async fn a_run_is_followed_only_by_those_who_may_see_its_ticket() {
    bed()
        .run(async |bed| {
            let run = bed.agent(AGENT).await.archives(42).await;
            let path = format!("/api/archive/runs/{run}/events");
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            assert_eq!(restricted.gets(&path).await.verdict(), "404 ticket_not_found");
            bed.run_jobs().await;
        })
        .await;
}
