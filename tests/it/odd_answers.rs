//! Zendesk answers in another form than it documents: what cannot be read costs itself, and is never taken for absent.

use deskside_sandbox::{FlexStep, Matching, Odd, OddRule, credentials};
use serde_json::{Value, json};

use crate::support::archive::{files, items, notes, put_away};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const TICKET: u64 = 42;
const COMMENTS: &str = "/comments";

/// All answers to calls whose path ends so differ, but the first few.
fn odd(path: &str, skip: u32, odd: Odd) -> OddRule {
    let on = Matching { path_suffix: Some(path.to_owned()), ..Matching::default() };
    OddRule { on, times: u32::MAX, skip, odd }
}

fn value(at: &str, value: &Value) -> Odd {
    Odd::Value { at: at.to_owned(), value: value.clone() }
}

async fn archives(bed: &Testbed) -> Value {
    bed.agent(AGENT).await.archives(TICKET).await;
    bed.run_jobs_to_the_end().await;
    bed.agent(AGENT).await.attachments(TICKET).await.json()
}

/// Where in the list of comments an attachment is: `/comments/0/attachments/1`.
fn place_of_a_file(bed: &Testbed) -> (String, u64) {
    let comments = bed.vendors().comments(TICKET);
    let of = |comment: &Value| comment["attachments"][0]["id"].as_u64();
    let found = comments.iter().enumerate().find_map(|(place, comment)| Some((place, of(comment)?)));
    let (place, id) = found.expect("the ticket has files");
    (format!("/comments/{place}/attachments/0"), id)
}

#[tokio::test]
async fn a_comment_of_zendesk_itself_costs_only_that_comments_author() {
    for author in [json!(-1), json!(null), json!("Zendesk"), json!([])] {
        bed()
            .setting("archive.sent_by_us", "true")
            .run_on_each(async |bed| {
                bed.vendors().answers_oddly(odd(COMMENTS, 0, value("/comments/0/author_id", &author)));
                let (before, agent) = (files(bed, TICKET), bed.agent(AGENT).await);
                let listed = agent.attachments(TICKET).await;
                assert_eq!((listed.status, items(&listed.json()).len()), (200, before.len()), "{author}");
                let last = agent.gets(&format!("/api/tickets/{TICKET}/comment")).await;
                assert_eq!(last.status, 200, "{author}: {}", last.verdict());
                let view = archives(bed).await;
                assert_eq!(view["run"]["state"], "done", "{author}: {view}");
                put_away(bed, TICKET, &before, &[]).await;
            })
            .await;
    }
}

#[tokio::test]
async fn a_file_whose_sender_is_unknown_stays_where_the_sender_decides() {
    bed()
        .run(async |bed| {
            let (place, id) = place_of_a_file(bed);
            let comment = place.split("/attachments").next().expect("its comment").to_owned();
            bed.vendors().answers_oddly(odd(COMMENTS, 0, value(&format!("{comment}/author_id"), &json!(-1))));
            bed.vendors().answers_oddly(odd(COMMENTS, 0, value(&format!("{comment}/public"), &json!("?"))));
            let view = archives(bed).await;
            assert_eq!(items(&view)[&id], "skipped archive_sender_unknown", "{view}");
            assert!(files(bed, TICKET).contains_key(&id));
        })
        .await;
}

#[tokio::test]
async fn an_odd_comment_between_redaction_and_proof_fails_no_run() {
    bed()
        .run_on_each(async |bed| {
            // The list is read when the run begins, and again as proof.
            bed.vendors().answers_oddly(odd(COMMENTS, 1, value("/comments/0/author_id", &json!(-1))));
            let before = files(bed, TICKET);
            bed.operator_archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(AGENT).await.attachments(TICKET).await.json();
            assert_eq!(view["run"]["state"], "done", "{view}");
            put_away(bed, TICKET, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_stays_and_the_run_is_not_done() {
    let oddities = [("id", json!("9")), ("id", json!(null)), ("size", json!("10")), ("size", json!(-1))];
    for (field, odd_value) in oddities {
        bed()
            .run(async |bed| {
                let (place, id) = place_of_a_file(bed);
                bed.vendors().answers_oddly(odd(COMMENTS, 0, value(&format!("{place}/{field}"), &odd_value)));
                let before = files(bed, TICKET);
                let listed = bed.agent(AGENT).await.attachments(TICKET).await.json();
                assert_eq!((&listed["unreadable"], items(&listed).len()), (&json!(1), 3), "{listed}");
                let view = archives(bed).await;
                assert_eq!(view["unreadable"], 1, "{view}");
                let [note] = <[_; 1]>::try_from(notes(bed, TICKET)).expect("one note");
                assert!(note.contains("1 more file could not be read and is still here."), "{note}");
                assert_eq!(view["run"]["state"], "failed", "{field} {odd_value}: {view}");
                assert_eq!(view["run"]["problem"]["code"], "attachment_unreadable", "{view}");
                let left: Vec<u64> = files(bed, TICKET).into_keys().collect();
                assert_eq!(left, [id], "{field} {odd_value}: the others are archived");
                let tags = bed.vendors().ticket(TICKET).expect("the ticket")["tags"].to_string();
                assert!(!tags.contains("\"archived\"") && tags.contains("archive_failed"), "{tags}");
                // Once it can be read, the next run ends it.
                bed.vendors().clear_faults();
                let view = archives(bed).await;
                assert_eq!(
                    (&view["run"]["state"], &view["unreadable"]),
                    (&json!("done"), &json!(0)),
                    "{view}"
                );
                put_away(bed, TICKET, &before, &[]).await;
            })
            .await;
    }
}

#[tokio::test]
async fn what_is_listed_and_cannot_be_read_is_no_proof_of_a_redaction() {
    let (attachments, comment) = (["/id", "/size"], json!(-1));
    for field in attachments {
        bed()
            .run(async |bed| {
                // Zendesk says that it redacted, and has not: the list would say so.
                let path = "/redact".to_owned();
                let on = Matching { path_suffix: Some(path), ..Matching::default() };
                let says = Odd::Says { says: 200, body: "{}".to_owned() };
                bed.vendors().answers_oddly(OddRule { on, times: u32::MAX, skip: 0, odd: says });
                let (place, id) = place_of_a_file(bed);
                bed.vendors().answers_oddly(odd(COMMENTS, 1, value(&format!("{place}{field}"), &comment)));
                bed.operator_archives(TICKET).await;
                bed.run_jobs_to_the_end().await;
                bed.vendors().clear_faults();
                let view = bed.agent(AGENT).await.attachments(TICKET).await.json();
                assert!(items(&view)[&id].starts_with("failed"), "{field}: {view}");
                assert!(files(bed, TICKET).contains_key(&id), "{field}: it is still in Zendesk");
            })
            .await;
    }
}

#[tokio::test]
async fn a_ticket_whose_tags_cannot_be_read_may_be_held() {
    for tags in [Some(json!(-1)), Some(json!(null)), Some(json!(["vip", null])), None] {
        bed()
            .setting("archive.hold_tags", "legal_hold")
            .run(async |bed| {
                let absent = || Odd::Absent { absent: "/ticket/tags".to_owned() };
                let rule = tags.as_ref().map_or_else(absent, |tags| value("/ticket/tags", tags));
                let before = files(bed, TICKET).len();
                bed.agent(AGENT).await.archives(TICKET).await;
                bed.vendors().answers_oddly(odd(&format!("/tickets/{TICKET}"), 0, rule));
                bed.run_jobs_to_the_end().await;
                assert_eq!(files(bed, TICKET).len(), before, "{tags:?}: nothing leaves Zendesk");
                let view = bed.agent(AGENT).await.attachments(TICKET).await.json();
                assert_eq!(view["run"]["problem"]["code"], "zendesk_rejected", "{tags:?}: {view}");
            })
            .await;
    }
}

#[tokio::test]
async fn a_list_that_does_not_say_whether_it_ends_is_not_read_as_ended() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            for odd_value in [json!(null), json!("yes"), json!(-1)] {
                bed.vendors().answers_oddly(odd(COMMENTS, 0, value("/meta/has_more", &odd_value)));
                let view = agent.attachments(TICKET).await;
                assert_ne!(view.status, 500, "{odd_value}");
                assert!(
                    view.status != 200 || view.json()["listing"] != "fresh",
                    "{odd_value}: {}",
                    view.verdict()
                );
                bed.vendors().clear_faults();
            }
        })
        .await;
}

#[tokio::test]
async fn a_reservation_that_cannot_be_read_is_not_taken_for_absent() {
    for odd_value in [json!(null), json!(-1)] {
        bed()
            .run(async |bed| {
                let caller = json!({"from": "+819099998888", "direction": "inbound"});
                let task = bed.vendors().place_task(&caller, "voice");
                let other = FlexStep::Transfer(credentials::TWILIO_OTHER_WORKER);
                for step in [FlexStep::Accept, other, FlexStep::Accept] {
                    bed.vendors().flex(&task, step).expect("it may");
                }
                let agent = bed.agent(AGENT).await;
                let code = async || {
                    let body = json!({"attributes": caller, "stage": "select"});
                    let popped = agent.posts(&format!("/api/engagements/{task}/pop"), &body).await;
                    popped.json()["problem"]["code"].as_str().unwrap_or_default().to_owned()
                };
                assert_eq!(code().await, "engagement_not_yours");
                for row in [0, 1] {
                    let sid = value(&format!("/reservations/{row}/sid"), &odd_value);
                    bed.vendors().answers_oddly(odd("/Reservations", 0, sid));
                    assert_eq!(code().await, "twilio_unavailable", "{odd_value} {row}");
                    bed.vendors().clear_faults();
                }
                bed.run_jobs_to_the_end().await;
            })
            .await;
    }
}

#[tokio::test]
async fn a_ticket_whose_comments_are_larger_than_one_answer_is_archived() {
    bed()
        .run(async |bed| {
            // 16 MB are read of an answer: fifty rows are too many, twenty-five are not, and more than those are there.
            bed.vendors().talk(TICKET, 28);
            bed.vendors().answers_oddly(odd(COMMENTS, 0, Odd::Grown { row_bytes: 600_000 }));
            let before = files(bed, TICKET);
            let view = archives(bed).await;
            assert_eq!(view["run"]["state"], "done", "{view}");
            put_away(bed, TICKET, &before, &[]).await;
            assert_eq!(notes(bed, TICKET).len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_refused_scope_is_named_on_the_run_and_on_the_card() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, TICKET).len();
            agent.archives(TICKET).await;
            let body = r#"{"error":"invalid_scope","error_description":"The requested scope is invalid"}"#;
            let says = Odd::Says { says: 400, body: body.to_owned() };
            bed.vendors().answers_oddly(odd("/oauth/tokens", 0, says));
            bed.vendors().expire_tokens();
            bed.run_jobs_to_the_end().await;
            let card = agent.card(3).await;
            assert!(card.verdict().starts_with("409 zendesk_scope"), "{}", card.verdict());
            bed.vendors().clear_faults();
            let view = agent.attachments(TICKET).await.json();
            let problem = &view["run"]["problem"];
            assert_eq!(problem["code"], "zendesk_scope", "{view}");
            assert!(problem["message"].as_str().is_some_and(|text| text.contains("zendesk.scope")), "{view}");
            assert_eq!(files(bed, TICKET).len(), before);
        })
        .await;
}
