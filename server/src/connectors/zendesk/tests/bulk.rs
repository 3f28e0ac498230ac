//! Writes to many records, their jobs, and custom fields: what is sent, what became of it, and which limits pause what.

use std::time::Duration;

use serde_json::json;

use super::recordings::recorded;
use super::{OAUTH, bed, calls};
use crate::connectors::VendorError;
use crate::connectors::stub::told;
use crate::connectors::zendesk::{
    FieldKind, JobState, NewField, RecordUpdate, Records, RowOutcome, TicketId, ZendeskError, stored_value,
};

const USERS: &str = "PUT /api/v2/users/update_many";
const ORGANIZATIONS: &str = "PUT /api/v2/organizations/update_many";
const STARTED: &str = r#"{"job_status":{"id":"V3-1","status":"queued","total":1,"results":null}}"#;

fn update(id: u64) -> RecordUpdate {
    RecordUpdate { id, fields: [("mrr".to_owned(), json!(5))].into() }
}

#[tokio::test]
async fn one_call_writes_different_values_and_says_what_was_ignored() {
    let bed = bed().await;
    let warned =
        told(200, STARTED).with("x-zendesk-api-warn", r#"Removed restricted keys ["user.mrr"] from x"#);
    bed.zendesk.tell(USERS, warned).tell(ORGANIZATIONS, told(200, STARTED));
    let started = bed.client.update_many(Records::Users, &[update(1), update(2)]).await.expect("a job");
    assert_eq!((started.job.status, started.ignored), (JobState::Queued, vec!["user.mrr".to_owned()]));
    let started = bed.client.update_many(Records::Organizations, &[update(5)]).await.expect("a job");
    assert_eq!(started.ignored, Vec::<String>::new());
    let bodies: Vec<_> = bed.zendesk.asked(OAUTH).into_iter().map(|asked| asked.body).collect();
    assert_eq!(
        bodies,
        [
            r#"{"users":[{"id":1,"user_fields":{"mrr":5}},{"id":2,"user_fields":{"mrr":5}}]}"#,
            r#"{"organizations":[{"id":5,"organization_fields":{"mrr":5}}]}"#,
        ]
    );
}

#[tokio::test]
async fn a_lost_answer_is_not_sent_again() {
    let bed = bed().await;
    bed.zendesk.tell(USERS, told(503, "")).tell(USERS, told(200, STARTED));
    let error = bed.client.update_many(Records::Users, &[update(1)]).await.expect_err("nobody knows");
    assert!(error.is_outage() && calls(&bed.zendesk).len() == 1);
}

#[tokio::test]
async fn several_jobs_are_looked_at_with_one_call() {
    let bed = bed().await;
    let updated = json!({"id": 1, "action": "update", "status": "Updated", "success": true});
    let body = json!({"job_statuses": [
        {"id": "V3-1", "status": "completed", "results": [updated]},
        {"id": "V3-2", "status": "working", "progress": 31, "results": null},
        7,
    ]});
    bed.zendesk.tell("GET /api/v2/job_statuses/show_many", told(200, &body.to_string()));
    let jobs = bed.client.job_statuses(&["V3-1".into(), "V3-2".into(), "V3-3".into()]).await.expect("jobs");
    assert_eq!(jobs.iter().map(|job| job.is_over()).collect::<Vec<_>>(), [true, false]);
    assert_eq!((jobs[0].outcomes(&[1]), jobs.lost().len()), (vec![RowOutcome::Written], 1));
    assert!(calls(&bed.zendesk)[0].contains("ids=V3-1%2CV3-2%2CV3-3"));
}

#[tokio::test]
async fn the_limit_of_one_user_and_of_jobs_pauses_no_other_call() {
    let user =
        "You have exceeded the rate limit for updating a single unique user. user email:  id:  external_id: ";
    let one = || {
        let mut told = told(429, user).with("retry-after", "27");
        told.headers[0].1 = "text/plain; charset=UTF-8".to_owned();
        told.with("x-rate-limit", "700").with("x-rate-limit-remaining", "668")
    };
    let jobs = || told(429, r#"{"error":"TooManyJobs","description":"…"}"#).with("retry-after", "60");
    for is_jobs in [false, true] {
        let bed = bed().await;
        bed.zendesk.tell(USERS, if is_jobs { jobs() } else { one() }).tell(USERS, told(200, STARTED));
        let client = bed.client.background();
        let error = client.update_many(Records::Users, &[update(1)]).await.expect_err("a limit");
        let (expected, wait) = if is_jobs {
            (
                "Zendesk has as many jobs of this account as it takes; wait until one of them is over (`PUT /api/v2/users/update_many`)",
                60,
            )
        } else {
            ("Zendesk takes no more changes of this record for 27 s (`PUT /api/v2/users/update_many`)", 27)
        };
        assert_eq!(
            (error.to_string().as_str(), error.remedy().2),
            (expected, Some(Duration::from_secs(wait)))
        );
        client.update_many(Records::Users, &[update(2)]).await.expect("others go on");
    }
}

#[tokio::test]
async fn the_limit_of_the_account_pauses_all_jobs() {
    let bed = bed().await;
    bed.zendesk.tell(USERS, told(429, "").with("retry-after", "27").with("x-rate-limit-remaining", "0"));
    let client = bed.client.background();
    client.update_many(Records::Users, &[update(1)]).await.expect_err("a limit");
    let error = client.ticket(TicketId(1)).await.expect_err("all wait");
    assert!(matches!(error, ZendeskError::Call(_)) && calls(&bed.zendesk).len() == 1);
}

#[tokio::test]
async fn a_field_is_made_with_its_options() {
    let bed = bed().await;
    let made = json!({"user_field": {"id": 7, "key": "plan", "title": "Plan", "type": "dropdown", "active": true,
        "custom_field_options": [{"id": 1, "name": "Free", "value": "free"}]}});
    bed.zendesk.tell("POST /api/v2/user_fields", told(201, &made.to_string()));
    let options = vec![("Free".to_owned(), "free".to_owned())];
    let field = NewField { key: "plan".into(), title: "Plan".into(), kind: FieldKind::Dropdown, options };
    let made = bed.client.create_field(Records::Users, &field).await.expect("a field");
    assert_eq!((made.options[0].value.as_str(), made.options[0].id), ("free", Some(1)));
    let taken = json!({"error": "RecordInvalid", "details": {"key": [{"description": "Key: has already been taken", "error": "DuplicateValue"}]}});
    bed.zendesk.tell("POST /api/v2/organization_fields", told(422, &taken.to_string()));
    let plain = NewField { kind: FieldKind::Date, options: Vec::new(), ..field };
    let error = bed.client.create_field(Records::Organizations, &plain).await.expect_err("taken");
    let expected = "Zendesk refused `POST /api/v2/organization_fields` (422): key (DuplicateValue)";
    assert_eq!(error.to_string(), expected);
    let bodies: Vec<_> = bed.zendesk.asked(OAUTH).into_iter().map(|asked| asked.body).collect();
    let expected = [
        r#"{"user_field":{"custom_field_options":[{"name":"Free","value":"free"}],"key":"plan","title":"Plan","type":"dropdown"}}"#,
        r#"{"organization_field":{"key":"plan","title":"Plan","type":"date"}}"#,
    ];
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn the_recorded_lists_of_fields_are_understood() {
    let (Some(users), Some(organizations)) =
        (recorded("user_fields_list_all_types"), recorded("organization_fields_list"))
    else {
        return;
    };
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/user_fields", told(200, &users.to_string()));
    bed.zendesk.tell("GET /api/v2/organization_fields", told(200, &organizations.to_string()));
    let fields = bed.client.custom_fields(Records::Users).await.expect("fields");
    let dropdown = fields.iter().find(|field| field.kind == FieldKind::Dropdown).expect("a dropdown");
    assert_eq!(
        (dropdown.options[0].id, dropdown.options[0].value.as_str()),
        (Some(1_500_001_753_322), "choice1_tag")
    );
    assert!(fields.iter().all(|field| field.kind != FieldKind::Unknown) && fields.lost().is_empty());
    let fields = bed.client.custom_fields(Records::Organizations).await.expect("fields");
    assert!(fields.iter().any(|field| field.kind == FieldKind::Integer));
}

#[test]
fn what_was_sent_and_what_was_recorded_are_the_same_value() {
    let Some(kept) = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/fixtures/zendesk/user_put_date_field_truncated.json"
    ))
    .ok() else {
        return;
    };
    let recording: serde_json::Value = serde_json::from_str(&kept).expect("a recording is JSON");
    for exchange in recording["exchanges"].as_array().expect("a list") {
        let sent = exchange["request"]["body"]["user"]["user_fields"].as_object().expect("values");
        let kept = &exchange["response"]["body"]["user"]["user_fields"];
        for (key, value) in sent {
            let kind = match key.as_str() {
                "date_field" => FieldKind::Date,
                "numeric_field" => FieldKind::Integer,
                _ => FieldKind::Text,
            };
            assert_eq!(stored_value(kind, value), stored_value(kind, &kept[key]), "{key}");
        }
        assert_eq!(
            stored_value(FieldKind::Checkbox, &kept["checkbox_field"]),
            stored_value(FieldKind::Checkbox, &json!(null))
        );
    }
}
