//! Many users and organizations are written at once: each row has an outcome, and what Zendesk keeps is what was meant.

use deskside::connectors::VendorError;
use deskside::connectors::zendesk::{
    ExportFrom, FieldKind, JobState, JobStatus, NewField, RecordUpdate, Records, RowOutcome, UserId,
    ZendeskClient, ZendeskError, stored_value,
};
use deskside_sandbox::Limits;
use serde_json::{Value, json};

use crate::support::vendors::{Vendors, troubles};

fn update(id: u64, fields: &Value) -> RecordUpdate {
    let fields = fields.as_object().expect("values").clone();
    RecordUpdate { id, fields: fields.into_iter().collect() }
}

/// Looks at a job until it is over.
async fn finish(zendesk: &ZendeskClient, id: &str) -> JobStatus {
    for _ in 0..50 {
        let jobs = zendesk.job_statuses(&[id.to_owned()]).await.expect("jobs");
        if let Some(job) = jobs.iter().find(|job| job.is_over()) {
            return job.clone();
        }
    }
    panic!("the job does not end")
}

/// The ids of some customers.
async fn customers(zendesk: &ZendeskClient) -> Vec<u64> {
    let page = zendesk.exported_users(&ExportFrom::Time(chrono::DateTime::UNIX_EPOCH)).await.expect("a page");
    let has_fields = page
        .rows
        .iter()
        .filter(|user| user.active && user.user_fields.get("sfdc_mrr").is_some_and(|mrr| !mrr.is_null()));
    has_fields.map(|user| user.id.0).collect()
}

#[tokio::test]
async fn each_row_is_written_with_values_of_its_own() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let ids = customers(&zendesk).await;
    let values = [
        json!({"sfdc_mrr": "1200.50", "sfdc_contract_start": "2026-01-31", "sfdc_company_name": "Acme"}),
        json!({"sfdc_mrr": null, "sfdc_account_type": "partner"}),
        json!({"sfdc_mrr": 0, "sfdc_renewal_date": "2027-01-31"}),
    ];
    let updates: Vec<_> = ids.iter().zip(&values).map(|(id, values)| update(*id, values)).collect();
    let started = zendesk.update_many(Records::Users, &updates).await.expect("a job");
    assert_eq!(started.ignored, Vec::<String>::new());
    let job = finish(&zendesk, &started.job.id).await;
    let sent: Vec<u64> = updates.iter().map(|update| update.id).collect();
    assert_eq!(job.outcomes(&sent), vec![RowOutcome::Written; 3]);
    let kept =
        zendesk.user_rows(&sent.iter().map(|id| UserId(*id)).collect::<Vec<_>>()).await.expect("users");
    let fields = zendesk.custom_fields(Records::Users).await.expect("fields");
    for update in &updates {
        let row = kept.iter().find(|row| row.id.0 == update.id).expect("the user");
        for (key, value) in &update.fields {
            let kind = fields.iter().find(|field| field.key == *key).expect("a field").kind;
            assert_eq!(stored_value(kind, value), stored_value(kind, &row.user_fields[key]), "{key}");
        }
    }
    assert_eq!(vendors.sandbox.handle().mails().len(), 0, "nobody is mailed");
}

#[tokio::test]
async fn a_value_that_is_no_option_is_seen_when_it_is_read_back() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let id = customers(&zendesk).await[0];
    let updates = [update(id, &json!({"sfdc_account_type": "no_option", "sfdc_company_name": "Acme"}))];
    let job = zendesk.update_many(Records::Users, &updates).await.expect("a job").job;
    assert_eq!(finish(&zendesk, &job.id).await.outcomes(&[id]), [RowOutcome::Written], "Zendesk says so");
    let kept = zendesk.user_rows(&[UserId(id)]).await.expect("users");
    let kept = stored_value(FieldKind::Dropdown, &kept[0].user_fields["sfdc_account_type"]);
    assert_ne!(kept, Ok(Some("no_option".to_owned())));
}

#[tokio::test]
async fn rows_that_are_gone_and_jobs_that_were_stopped_are_told_apart() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let ids = customers(&zendesk).await;
    let sent = [ids[0], 987_654_321, ids[1]];
    let updates: Vec<_> = sent.iter().map(|id| update(*id, &json!({"sfdc_mrr": 7}))).collect();
    let job = zendesk.update_many(Records::Users, &updates).await.expect("a job").job;
    let outcomes = finish(&zendesk, &job.id).await.outcomes(&sent);
    assert_eq!((&outcomes[0], &outcomes[2]), (&RowOutcome::Written, &RowOutcome::Written), "{outcomes:?}");
    assert!(!matches!(outcomes[1], RowOutcome::Written | RowOutcome::Unknown), "{outcomes:?}");
    vendors.sandbox.handle().stop_next_job("killed", 1);
    let job = zendesk.update_many(Records::Users, &updates).await.expect("a job").job;
    let job = finish(&zendesk, &job.id).await;
    assert_eq!(job.status, JobState::Killed);
    assert!(job.outcomes(&sent).contains(&RowOutcome::Unknown), "what was done must be read back");
}

#[tokio::test]
async fn thirty_jobs_are_too_many_and_all_are_seen_with_one_call() {
    let vendors = Vendors::start_with(Limits { per_minute: 10_000, ..Limits::default() }).await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let ids = customers(&zendesk).await;
    let mut jobs = Vec::new();
    let error = loop {
        match zendesk.update_many(Records::Users, &[update(ids[0], &json!({"sfdc_mrr": 7}))]).await {
            Ok(started) => jobs.push(started.job.id),
            Err(error) => break error,
        }
        assert!(jobs.len() <= 30);
    };
    assert_eq!(jobs.len(), 30);
    assert!(matches!(error, ZendeskError::TooManyJobs { .. }) && error.is_outage(), "{error}");
    let before = vendors.sandbox.handle().calls().len();
    let seen = zendesk.job_statuses(&jobs).await.expect("the account's other calls go on");
    assert_eq!((seen.len(), vendors.sandbox.handle().calls().len() - before), (30, 1));
}

#[tokio::test]
async fn fields_are_made_once_and_organizations_are_written() {
    let vendors = Vendors::start().await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let options =
        vec![("Free".to_owned(), "plan_free".to_owned()), ("Paid".to_owned(), "plan_paid".to_owned())];
    let field = NewField { key: "plan".into(), title: "Plan".into(), kind: FieldKind::Dropdown, options };
    let made = zendesk.create_field(Records::Organizations, &field).await.expect("a field");
    assert_eq!((made.kind, made.options[1].value.as_str()), (FieldKind::Dropdown, "plan_paid"));
    let error = zendesk.create_field(Records::Organizations, &field).await.expect_err("the key is taken");
    assert!(error.to_string().contains("key") && !error.is_outage(), "{error}");
    let listed = zendesk.custom_fields(Records::Organizations).await.expect("fields");
    assert!(listed.iter().any(|field| field.key == "plan" && field.options.len() == 2));
    let organizations = zendesk.exported_organizations(&ExportFrom::Time(chrono::DateTime::UNIX_EPOCH)).await;
    let id = organizations.expect("a page").rows[0].id;
    let started =
        zendesk.update_many(Records::Organizations, &[update(id, &json!({"plan": "plan_paid"}))]).await;
    assert_eq!(
        finish(&zendesk, &started.expect("a job").job.id).await.outcomes(&[id]),
        [RowOutcome::Written]
    );
    let kept = zendesk.organization_rows(&[id]).await.expect("organizations");
    assert_eq!(kept[0].organization_fields["plan"], json!("plan_paid"));
}

#[tokio::test]
async fn trouble_at_the_write_is_never_taken_for_done() {
    let mut vendors = Vendors::start_with(Limits::relaxed()).await;
    let zendesk = vendors.zendesk();
    vendors.pass(120);
    let id = customers(&zendesk).await[0];
    let mut table = Vec::new();
    for (number, (name, trouble)) in troubles().into_iter().enumerate() {
        vendors.hurry(name);
        let hurried = vendors.zendesk();
        let updates = [update(id, &json!({"sfdc_mrr": 1_000 + number}))];
        vendors.trouble("zendesk", "/update_many", &trouble, 1);
        let started = hurried.update_many(Records::Users, &updates).await;
        vendors.mend();
        let ended = match started {
            Ok(started) => {
                assert_eq!(
                    finish(&zendesk, &started.job.id).await.outcomes(&[id]),
                    [RowOutcome::Written],
                    "{name}"
                );
                "written"
            }
            Err(error) => {
                assert!(error.is_outage() || name == "HTML" || name == "ends early", "{name}: {error}");
                vendors.pass(61);
                // As a run does it: look what Zendesk keeps, and send what is missing.
                let kept = &zendesk.user_rows(&[UserId(id)]).await.expect("users")[0].user_fields["sfdc_mrr"];
                if stored_value(FieldKind::Decimal, kept)
                    != stored_value(FieldKind::Decimal, &json!(1_000 + number))
                {
                    let started = zendesk.update_many(Records::Users, &updates).await.expect("a job");
                    finish(&zendesk, &started.job.id).await;
                }
                "error, then written"
            }
        };
        let kept = &zendesk.user_rows(&[UserId(id)]).await.expect("users")[0].user_fields["sfdc_mrr"];
        assert_eq!(stored_value(FieldKind::Decimal, kept), Ok(Some((1_000 + number).to_string())), "{name}");
        table.push(format!("{name:18} {ended}"));
    }
    println!("{}", table.join("\n"));
}
