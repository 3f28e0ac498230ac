//! What Zendesk was recorded to answer, where the recordings are at hand, is understood.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::connectors::zendesk::{
    Attachment, Comment, CustomField, JobRow, JobState, JobStatus, MalwareScan, Role, Ticket, TicketStatus,
    Trigger, User, Webhook,
};

/// The recorded answer's body, where the recordings are at hand.
pub(super) fn recorded(name: &str) -> Option<Value> {
    let shared = std::env::var_os("DESKSIDE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let text =
        std::fs::read_to_string(shared.join("fixtures/zendesk").join(name).with_extension("json")).ok()?;
    let mut exchange: Value = serde_json::from_str(&text).expect("a recording is JSON");
    Some(exchange["response"]["body"].take())
}

#[track_caller]
fn read<T: DeserializeOwned>(recording: &str, member: &str) -> Option<T> {
    let mut body = recorded(recording)?;
    Some(serde_json::from_value(body[member].take()).unwrap_or_else(|error| panic!("{recording}: {error}")))
}

#[test]
fn every_recorded_answer_is_understood() {
    let Some(me) = read::<User>("users_me", "user") else { return };
    assert_eq!(me.role, Role::Admin);
    for list in ["users_list_page", "incremental_users_cursor", "incremental_users_time_based"] {
        let users: Vec<User> = read(list, "users").expect("a recording");
        assert!(!users.is_empty() && users.iter().all(|user| user.role != Role::Unknown), "{list}");
    }
    for one in ["users_create_201", "user_put_200"] {
        read::<User>(one, "user").expect("a recording");
    }
    for one in ["ticket_show", "ticket_put_200", "ticket_create_with_upload"] {
        let ticket: Ticket = read(one, "ticket").expect("a recording");
        assert!(ticket.status != TicketStatus::Unknown && ticket.requester_id.is_some(), "{one}");
    }
    assert!(!read::<Vec<Ticket>>("tickets_list_page", "tickets").expect("a recording").is_empty());
    let comments: Vec<Comment> =
        read("ticket_comments_list_with_attachment", "comments").expect("a recording");
    let file = comments.iter().flat_map(|comment| &comment.attachments).next().expect("an attachment");
    assert!(file.size > 0 && file.content_url.starts_with("https://") && !file.deleted);
    assert_eq!(file.malware_scan_result, MalwareScan::NotScanned);
    read::<Attachment>("attachment_redact", "attachment").expect("a recording");
    for one in ["user_field_create_201", "user_field_put_200"] {
        assert!(!read::<CustomField>(one, "user_field").expect("a recording").key.is_empty());
    }
    let webhooks: Vec<Webhook> = read("webhook_list", "webhooks").expect("a recording");
    assert!(
        webhooks.iter().all(|webhook| !webhook.id.is_empty() && webhook.is.endpoint.starts_with("https://"))
    );
    for one in ["webhook_create_201", "webhook_show"] {
        let webhook: Webhook = read(one, "webhook").expect("a recording");
        assert_eq!(webhook.is.subscriptions, ["conditional_ticket_events"], "{one}");
    }
    let trigger: Trigger = read("trigger_create_201", "trigger").expect("a recording");
    assert!(trigger.is.active && trigger.is.conditions.all[1].field == "update_type");
    for job in ["job_status_queued_none", "job_status_working_none", "job_status_completed_none"] {
        read::<JobStatus>(job, "job_status").expect("a recording");
    }
    for job in ["completed_bulk_create_organization", "completed_bulk_create_ticket"] {
        let job: JobStatus = read(&format!("job_status_{job}"), "job_status").expect("a recording");
        assert!(job.status == JobState::Completed && job.results.iter().all(JobRow::succeeded));
        assert!(!job.results.is_empty());
    }
    for job in ["users_update_many", "users_create_many", "tickets_update_many"] {
        assert_eq!(read::<JobStatus>(job, "job_status").expect("a recording").status, JobState::Queued);
    }
}
