//! Who may tell us what became of a task.

use axum::http::header::CONTENT_TYPE;
use reqwest::Method;
use serde_json::json;

use crate::support::actors::Answer;
use crate::support::testbed::bed;
use crate::support::twilio::{EVENTS, event, signature, streams};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_delivery_that_is_not_twilios_or_not_ours_is_refused() {
    bed()
        .run(async |bed| {
            let task = bed.vendors().place_task(&json!({"zd_ticket_id": "42"}), "voice");
            let post = |signed: Option<String>, body: String, kind: &str, path: &str| {
                let mut request = bed.stranger().request(Method::POST, path).header(CONTENT_TYPE, kind);
                if let Some(signed) = signed {
                    request = request.header("x-twilio-signature", signed);
                }
                Answer::to(request.body(body))
            };
            let form = format!("EventType=task.completed&TaskSid={task}&AccountSid=AC2");
            assert_eq!(post(None, form.clone(), FORM, EVENTS).await.verdict(), "401 webhook_unsigned");
            assert_eq!(
                post(Some("AAAA".into()), form.clone(), FORM, EVENTS).await.verdict(),
                "401 webhook_signature_invalid"
            );
            let fields = [("EventType", "task.completed"), ("TaskSid", task.as_str()), ("AccountSid", "AC2")];
            let signed = signature(&format!("{}{EVENTS}", bed.url()), &fields);
            assert_eq!(post(Some(signed), form, FORM, EVENTS).await.verdict(), "403 webhook_wrong_account");
            let signed = signature(&format!("{}{EVENTS}", bed.url()), &[]);
            let body =
                json!([event("EV1", "task.completed", &task, &json!({"zd_ticket_id": "42"}))]).to_string();
            let refused = post(Some(signed), body, "application/json", EVENTS).await;
            assert_eq!(
                refused.verdict(),
                "401 webhook_signature_invalid",
                "the address names no hash of the body"
            );
            let nonsense = streams(bed, &json!({"no": "array"})).await;
            assert_eq!(nonsense.verdict(), "422 body_invalid");
            let large = "x".repeat(1024 * 1024 + 1);
            assert_eq!(post(Some("AAAA".into()), large, FORM, EVENTS).await.verdict(), "413 body_too_large");
            assert_eq!(bed.left_over().await, []);
        })
        .await;
}

#[tokio::test]
async fn an_event_of_another_account_costs_its_batch_nothing_but_itself() {
    for (place, other) in [("/data/account_sid", "AC2"), ("/data/payload/workspace_sid", "WS2")] {
        bed()
            .run(async |bed| {
                let attributes = json!({"zd_ticket_id": "42"});
                let task = bed.vendors().place_task(&attributes, "voice");
                let before = bed.vendors().comments(42).len();
                let mut foreign = event("EV1", "reservation.accepted", &task, &attributes);
                *foreign.pointer_mut(place).expect("a field") = json!(other);
                let refused = streams(bed, &json!([foreign, foreign])).await;
                assert_eq!(refused.verdict(), "403 webhook_wrong_account", "{place}");
                let ours = event("EV2", "task.completed", &task, &attributes);
                assert_eq!(streams(bed, &json!([foreign, ours])).await.status, 204, "{place}");
                bed.run_jobs_to_the_end().await;
                let notes = bed.vendors().comments(42);
                assert_eq!(notes.len(), before + 1, "{place}");
                assert!(notes.last().expect("a note").to_string().contains("Call completed"), "{place}");
                let counted = reqwest::get(format!("{}/metrics", bed.metrics().await)).await;
                let counted = counted.expect("an answer").text().await.expect("text");
                assert!(counted.contains("deskside_twilio_events_foreign_total"), "{counted}");
            })
            .await;
    }
}

#[tokio::test]
async fn events_of_tasks_that_nobody_knows_are_taken_and_come_to_an_end() {
    bed()
        .run(async |bed| {
            let unknown = event("EV1", "task.completed", "WTffffffffffffffffffffffffffffffff", &json!({}));
            assert_eq!(streams(bed, &json!([unknown])).await.status, 204);
            let odd =
                event("EV2", "reservation.accepted", "WTeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", &json!("text"));
            assert_eq!(streams(bed, &json!([odd])).await.status, 204);
            bed.run_jobs_to_the_end().await;
        })
        .await;
}
