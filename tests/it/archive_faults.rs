//! Attachments are put away while something goes wrong at every call that a run makes: what passes is waited out, what
//! does not leaves every file where it was, and says why.

use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use serde_json::{Value, json};

use crate::support::archive::{files, items, notes, put_away};
use crate::support::testbed::{Plan, bed};

const AGENT: u64 = credentials::AGENT_ID;

/// The calls of a run, in their order: host, verb, part of the path.
const TOKEN: Call = ("zendesk", "POST", "/oauth/tokens");
const TICKET: Call = ("zendesk", "GET", "/api/v2/tickets/42");
const COMMENTS: Call = ("zendesk", "GET", "/comments");
const FIRST_HOP: Call = ("zendesk", "GET", "/attachments/token/");
const CONTENT: Call = ("content", "GET", "/attachment/");
const REDACTION: Call = ("zendesk", "PUT", "/redact");
const NOTE: Call = ("zendesk", "PUT", "/api/v2/tickets/42");

type Call = (&'static str, &'static str, &'static str);

/// `times` of these calls go wrong. The note's path is a part of the redaction's, so a redaction is let through.
fn rule((host, method, path): Call, times: u32, fault: Fault) -> FaultRule {
    let on = Matching {
        host: Some(host.into()),
        method: Some(method.into()),
        path_contains: Some(path.into()),
        ..Matching::default()
    };
    let skip = if path == NOTE.2 && method == NOTE.1 { 4 } else { 0 };
    FaultRule { on, times, skip, fault }
}

const fn status(status: u16) -> Fault {
    Fault::Status { status, retry_after: None }
}

/// Goes wrong as often as one call tries, and once more; then the run must end as if nothing had happened.
async fn passes(call: Call) {
    for fault in [
        status(503),
        Fault::Status { status: 429, retry_after: Some(40) },
        Fault::LostAnswer { lost_answer: 502 },
        Fault::Reset { reset: true },
        Fault::Truncate { truncate: 10 },
    ] {
        bed()
            .run(async |bed| {
                let agent = bed.agent(AGENT).await;
                let before = files(bed, 42);
                let run = agent.archives(42).await;
                bed.vendors().expire_tokens();
                bed.vendors().fault(rule(call, 3, fault));
                bed.run_jobs_to_the_end().await;
                let agent = bed.agent(AGENT).await;
                let view = agent.attachments(42).await.json();
                let expected =
                    json!({"id": run, "state": "done", "undo_until": null, "can_undo": false, "noted": true});
                assert_eq!(view["run"], expected, "{call:?} {fault:?}");
                put_away(bed, 42, &before, &[]).await;
                assert_eq!(notes(bed, 42).len(), 1, "{call:?} {fault:?}");
                if let Fault::Status { status, .. } = fault {
                    let met = bed.vendors().calls().iter().filter(|known| known.status == status).count();
                    assert_eq!(met, 3, "{call:?} {fault:?}: it went wrong as often as it should");
                }
            })
            .await;
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_for_a_moment_is_waited_for() {
    passes(TOKEN).await;
}

#[tokio::test]
async fn a_ticket_that_cannot_be_read_for_a_moment_is_waited_for() {
    passes(TICKET).await;
}

#[tokio::test]
async fn comments_that_cannot_be_read_for_a_moment_are_waited_for() {
    passes(COMMENTS).await;
}

#[tokio::test]
async fn a_download_that_does_not_begin_for_a_moment_is_waited_for() {
    passes(FIRST_HOP).await;
}

#[tokio::test]
async fn a_download_that_breaks_off_is_begun_again() {
    passes(CONTENT).await;
}

#[tokio::test]
async fn a_redaction_that_is_not_answered_is_looked_after() {
    passes(REDACTION).await;
}

#[tokio::test]
async fn a_note_that_is_not_answered_is_written_once() {
    passes(NOTE).await;
}

/// Goes wrong for ever: where every file stands then, what the run says, and whether the bytes are still in Zendesk.
async fn stays(plan: Plan, call: Call, fault: Fault, item: &str, run: (&str, Value)) {
    plan.run(async |bed| {
        let agent = bed.agent(AGENT).await;
        let before = files(bed, 42);
        agent.archives(42).await;
        bed.vendors().fault(rule(call, u32::MAX, fault));
        bed.run_jobs_to_the_end().await;
        bed.vendors().clear_faults();
        let agent = bed.agent(AGENT).await;
        let view = agent.attachments(42).await.json();
        let what = format!("{call:?} {fault:?}: {view}");
        assert_eq!(
            (view["run"]["state"].as_str(), &view["run"]["problem"]["code"]),
            (Some(run.0), &run.1),
            "{what}"
        );
        let items = items(&view);
        assert!(items.values().all(|state| state == item), "{what}");
        let left = if item == "redacted" { 0 } else { 4 };
        assert_eq!(files(bed, 42).len(), left, "{what}");
        // Somebody mends it, and presses the button again.
        if left > 0 {
            agent.archives(42).await;
            bed.run_jobs().await;
            put_away(bed, 42, &before, &[]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_does_not_pass_leaves_every_file_in_zendesk_and_says_why() {
    let nothing = || ("failed", Value::Null);
    let run = |code: &str| ("failed", json!(code));
    stays(bed(), CONTENT, status(404), "failed attachment_not_found", nothing()).await;
    stays(bed(), CONTENT, status(403), "failed zendesk_forbidden", nothing()).await;
    stays(bed(), REDACTION, status(403), "failed zendesk_forbidden", nothing()).await;
    let nowhere = run("ticket_not_found");
    stays(bed(), TICKET, status(404), "in_zendesk", nowhere).await;
    stays(bed(), COMMENTS, status(403), "in_zendesk", run("zendesk_forbidden")).await;
    stays(bed(), COMMENTS, status(401), "in_zendesk", run("zendesk_reconnect")).await;
    stays(bed(), COMMENTS, Fault::FlipByte { flip_byte: 0 }, "in_zendesk", run("zendesk_rejected")).await;
    stays(bed(), NOTE, status(403), "redacted", run("zendesk_forbidden")).await;
}

#[tokio::test]
async fn what_never_passes_is_given_up_at_last() {
    let run = |code: &str| ("failed", json!(code));
    let down = "failed zendesk_unavailable";
    stays(bed(), CONTENT, status(503), down, run("zendesk_unavailable")).await;
    stays(bed(), CONTENT, Fault::Truncate { truncate: 100 }, down, run("zendesk_unavailable")).await;
    // Zendesk says yes and does nothing.
    let unproven = "failed redaction_unproven";
    stays(bed(), REDACTION, status(200), unproven, run("redaction_unproven")).await;
}

#[tokio::test]
async fn a_download_that_leads_to_a_host_that_is_not_allowed_is_not_followed() {
    bed()
        .setting("zendesk.attachment_hosts", "*.zdusercontent.com")
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            agent.archives(42).await;
            bed.run_jobs().await;
            let view = agent.attachments(42).await.json();
            let items = items(&view);
            assert!(items.values().all(|state| state == "failed attachment_host_refused"), "{view}");
            assert_eq!((view["run"]["state"].as_str(), files(bed, 42).len()), (Some("failed"), 4));
            assert!(bed.vendors().calls().iter().all(|call| call.host != "content"), "nobody went there");
            assert_eq!(bed.archived().len(), 0);
        })
        .await;
}

#[tokio::test]
async fn one_file_that_fails_does_not_keep_the_others() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            agent.archives(42).await;
            bed.vendors().fault(rule(CONTENT, 1, status(404))); // whichever of them comes first
            bed.vendors().fault(rule(NOTE, 1, status(503))); // so that the run needs a second attempt
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(AGENT).await.attachments(42).await.json();
            let items = items(&view);
            let failed: Vec<u64> =
                items.iter().filter(|(_, state)| state.starts_with("failed")).map(|(id, _)| *id).collect();
            assert_eq!((failed.len(), view["run"]["state"].as_str()), (1, Some("failed")), "{items:?}");
            put_away(bed, 42, &before, &failed).await;
            assert!(notes(bed, 42)[0].contains("3 of 4 files were archived"));
        })
        .await;
}

#[tokio::test]
async fn what_was_skipped_is_not_looked_at_again_when_the_run_is_tried_again() {
    bed()
        .run(async |bed| {
            let infected = *files(bed, 7).keys().next().expect("a file");
            bed.vendors().attach(7, "clean.txt", 300).expect("it is attached");
            let before = files(bed, 7);
            bed.agent(AGENT).await.archives(7).await;
            bed.vendors().fault(rule(CONTENT, 2, status(503)));
            bed.run_jobs_to_the_end().await;
            put_away(bed, 7, &before, &[infected]).await;
        })
        .await;
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_of_a_run_is_replaced() {
    for calls in 1..12 {
        bed()
            .run(async |bed| {
                let before = files(bed, 42);
                bed.agent(AGENT).await.archives(42).await;
                let asked = bed.vendors().calls().len();
                let expires = async {
                    while bed.vendors().calls().len() < asked + calls {
                        tokio::task::yield_now().await;
                    }
                    bed.vendors().expire_tokens();
                };
                let ((), ran) = tokio::join!(expires, bed.run_jobs());
                assert_eq!((ran.done, ran.retried), (1, 0), "after {calls} calls");
                put_away(bed, 42, &before, &[]).await;
            })
            .await;
    }
}

#[tokio::test]
async fn a_copy_that_was_damaged_before_it_was_compared_is_made_again() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            let only = *before.keys().next().expect("a file");
            // The first run stores and compares; redaction is forbidden meanwhile.
            bed.vendors().fault(rule(REDACTION, u32::MAX, status(403)));
            agent.archives_only(42, &json!({"attachment_ids": [only]})).await;
            bed.run_jobs().await;
            bed.vendors().clear_faults();
            let (name, mut bytes) = bed.archived().pop().expect("a copy");
            bytes[7] ^= 1;
            std::fs::write(bed.archive_folder().join(name), bytes).expect("the disk rots");
            agent.archives_only(42, &json!({"attachment_ids": [only]})).await;
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(AGENT).await.attachments(42).await.json();
            assert_eq!(items(&view)[&only], "redacted");
            let (_, bytes) = bed.archived().pop().expect("a copy");
            assert!(bytes == before[&only].bytes, "the copy is whole again");
        })
        .await;
}

#[tokio::test]
async fn once_zendesk_asks_to_wait_no_further_file_of_the_run_begins() {
    bed()
        .run_on_each(async |bed| {
            for number in 0..12 {
                bed.vendors().attach(42, &format!("page-{number}.bin"), 1000).expect("it is attached");
            }
            let before = files(bed, 42);
            let agent = bed.agent(AGENT).await;
            agent.archives(42).await;
            bed.vendors().fault(rule(FIRST_HOP, 100, Fault::Status { status: 429, retry_after: Some(40) }));
            bed.run_jobs().await;
            let refused = bed.vendors().calls().iter().filter(|call| call.status == 429).count();
            assert!((1..=4).contains(&refused), "{refused} of {} files begin", before.len());
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}
