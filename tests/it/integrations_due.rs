//! Runs that a schedule starts: one over all replicas, and who hears where there is none.

use deskside::store::query;
use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, first_run, keep, updates, with};
use crate::support::receiver::{Delivery, Receiver};
use crate::support::testbed::{Testbed, bed};

fn hourly() -> Value {
    with(|it| it["schedule"] = json!({"kind": "interval", "every_minutes": 60}))
}

/// An hour later, and what is due then.
async fn due(bed: &Testbed) {
    bed.pass(3_600);
    bed.tick_schedules().await;
    bed.run_jobs().await;
    bed.run_jobs().await;
}

#[tokio::test]
async fn a_schedule_that_waits_for_a_dry_run_is_told_of_at_once() {
    let (url, receiver) = Receiver::listen().await;
    bed()
        .setting("notify.webhook_url", &url)
        .run_on_each(async |bed| {
            // A session is over after an hour.
            let listed = async || {
                bed.agent(ADMIN).await.gets("/api/integrations").await.json()["integrations"][0].clone()
            };
            keep(&bed.agent(ADMIN).await, &hourly()).await;
            let shown = listed().await;
            assert_eq!((&shown["plan_accepted"], &shown["trouble"]), (&json!(false), &json!(null)));
            due(bed).await;
            let told: Vec<Value> = receiver.heard().iter().map(Delivery::json).collect();
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!((&told[0]["change"], &told[0]["code"]), (&json!("stopped"), &json!("dry_run_needed")));
            let text = told[0]["text"].as_str().expect("a text");
            assert!(text.contains("nobody has accepted a dry run"), "{text}");
            let shown = listed().await;
            assert_eq!(
                (&shown["plan_accepted"], &shown["trouble"]),
                (&json!(false), &json!("dry_run_needed"))
            );
            for _ in 0..3 {
                due(bed).await;
            }
            assert_eq!(receiver.heard().len(), 0, "it is told once");
            let runs =
                query("SELECT COUNT(*) AS runs FROM integration_runs").one(&bed.db).await.expect("a row");
            assert_eq!(runs.get::<u64>("runs").expect("a count"), 0);
            first_run(bed, &bed.agent(ADMIN).await, &hourly()).await;
            bed.run_jobs_to_the_end().await;
            let changes: Vec<_> = receiver.heard().iter().map(|told| told.json()["change"].clone()).collect();
            assert_eq!(changes, [json!("recovered")]);
            let shown = listed().await;
            assert_eq!((&shown["plan_accepted"], &shown["trouble"]), (&json!(true), &json!(null)));
        })
        .await;
}

#[tokio::test]
async fn an_integration_whose_runs_are_missing_is_told_of_once() {
    let (url, receiver) = Receiver::listen().await;
    bed()
        .setting("notify.webhook_url", &url)
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &hourly()).await;
            // Zendesk is away for hours, and the run waits for it.
            let on = Matching { path_contains: Some("/incremental/".into()), ..Matching::default() };
            let fault = Fault::Status { status: 503, retry_after: Some(1_800) };
            let away = bed.vendors().fault(FaultRule { on, times: 1_000, skip: 0, fault });
            let mut changes = Vec::new();
            for _ in 0..4 {
                due(bed).await;
                changes.extend(receiver.heard().iter().map(|told| told.json()["change"].clone()));
            }
            assert_eq!(changes, [json!("overdue")]);
            bed.vendors().mend(away);
            bed.run_jobs_to_the_end().await;
            let changes: Vec<_> = receiver.heard().iter().map(|told| told.json()["change"].clone()).collect();
            assert_eq!(changes, [json!("recovered")]);
        })
        .await;
}

#[tokio::test]
async fn two_replicas_make_one_run_of_what_is_due() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &hourly()).await;
            let other = bed.replica().await;
            for hour in 1..=3 {
                let before = updates(bed);
                bed.vendors()
                    .set_user_fields(HANAKO, &json!({"sfdc_company_name": format!("By hand {hour}")}));
                bed.pass(3_600);
                let ((), ticked) = tokio::join!(bed.tick_schedules(), other.schedules.tick());
                ticked.expect("the database answers");
                while !bed.left_over().await.is_empty() {
                    let (_, ran) = tokio::join!(bed.run_jobs(), other.worker.run_until_idle());
                    ran.expect("the queue answers");
                    bed.pass(1);
                }
                let listed = bed.agent(ADMIN).await.gets("/api/runs?integration=contracts").await.json();
                let runs = listed["runs"].as_array().expect("a list");
                // The dry run, the run that accepted it, and one for each hour.
                assert_eq!(runs.len(), 2 + hour, "{listed}");
                assert_eq!(
                    (&runs[0]["state"], &runs[0]["counts"]["updated"]),
                    (&json!("completed"), &json!(1))
                );
                assert_eq!(updates(bed), before + 1, "each change is written once");
            }
            other.db.close().await;
        })
        .await;
}
