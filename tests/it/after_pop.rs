//! What follows when a call has its ticket: its tags, and the ticket's number in the task, which Flex writes, too.

use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::json;

use super::engagements::{KNOWN, called, requester_of_42};
use super::flex_settings::set;
use crate::support::testbed::{Testbed, bed};

#[tokio::test]
async fn tags_are_added_and_none_is_replaced_and_the_task_learns_its_ticket() {
    bed()
        .run_on_each(async |bed| {
            let tags = |bed: &Testbed| {
                let ticket = bed.vendors().ticket(42).expect("ticket 42");
                ticket["tags"]
                    .as_array()
                    .expect("tags")
                    .iter()
                    .map(|tag| tag.as_str().expect("text").to_owned())
                    .collect::<Vec<_>>()
            };
            let before = tags(bed);
            let attributes =
                json!({"zd_ticket_id": "42", "zdCustomTags": ["vip"], "from": KNOWN, "kept": {"a": 1}});
            let (task, _) = called(bed, &attributes).await;
            bed.run_jobs().await;
            let after = tags(bed);
            assert!(before.iter().all(|tag| after.contains(tag)), "{before:?} {after:?}");
            assert!(
                ["vip", "generatedbyflex"].iter().all(|tag| after.contains(&(*tag).to_owned())),
                "{after:?}"
            );
            let told = bed.vendors().task_attributes(&task).expect("the task");
            assert_eq!((&told["zd_ticket_id"], &told["kept"]), (&json!("42"), &json!({"a": 1})));
            assert_eq!(told["zd_user_id"], json!(requester_of_42(bed).to_string()));
        })
        .await;
}

#[tokio::test]
async fn a_task_that_changes_while_it_is_written_back_keeps_both_changes() {
    // So often somebody else has written in between; then the queue waits, and tries once more.
    let check = async |refused: u32, waits: bool| {
        bed()
            .run(async |bed| {
                let (task, _) = called(bed, &json!({"zd_ticket_id": "42", "from": KNOWN})).await;
                let busy = bed.vendors().fault(FaultRule {
                    on: Matching {
                        host: Some("twilio".into()),
                        method: Some("POST".into()),
                        path_contains: Some("/Tasks/".into()),
                        ..Matching::default()
                    },
                    times: refused,
                    skip: 0,
                    fault: Fault::Status { status: 412, retry_after: None },
                });
                bed.run_jobs().await;
                assert_eq!(bed.vendors().met(busy), refused);
                let told = bed.vendors().task_attributes(&task).expect("the task");
                assert_eq!(told["zd_user_id"].is_null(), waits, "{refused}: {told}");
                bed.run_jobs_to_the_end().await;
                assert_eq!(bed.vendors().task_attributes(&task).expect("the task")["from"], KNOWN);
                assert_eq!(
                    bed.vendors().task_attributes(&task).expect("the task")["zd_user_id"],
                    json!(requester_of_42(bed).to_string())
                );
            })
            .await;
    };
    check(1, false).await;
    check(3, false).await;
    check(4, true).await;
}

#[tokio::test]
async fn what_zendesk_refuses_of_tags_or_assignment_costs_nothing_else() {
    for (path, status) in
        [("/tickets/42/tags", 422), ("/tickets/42/tags", 403), ("/tickets/42", 422), ("/tickets/42", 403)]
    {
        bed()
            .run(async |bed| {
                assert_eq!(set(bed, json!({"assign": true})).await.status, 200);
                let attributes = json!({"zd_ticket_id": "42", "zdCustomTags": ["vip"], "from": KNOWN});
                let (task, _) = called(bed, &attributes).await;
                let refusal = bed.vendors().fault(FaultRule {
                    on: Matching {
                        host: Some("zendesk".into()),
                        method: Some("PUT".into()),
                        path_suffix: Some(path.into()),
                        ..Matching::default()
                    },
                    times: u32::MAX,
                    skip: 0,
                    fault: Fault::Status { status, retry_after: None },
                });
                bed.run_jobs().await;
                assert_eq!(bed.vendors().met(refusal), 1, "{path} {status}");
                let told = bed.vendors().task_attributes(&task).expect("the task");
                assert_eq!(told["zd_user_id"], json!(requester_of_42(bed).to_string()), "{path} {status}");
                let ticket = bed.vendors().ticket(42).expect("ticket 42");
                let tagged = ticket["tags"].to_string().contains("vip");
                assert_eq!(tagged, !path.ends_with("tags"), "{path} {status}");
            })
            .await;
    }
}
