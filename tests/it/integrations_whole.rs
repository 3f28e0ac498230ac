//! What belongs together is kept together: an integration with its schedule, a run with the plan that it was asked for against.

use std::time::Duration;

use deskside::store::query;
use serde_json::json;

use crate::connections_console::deletes;
use crate::integrations::{ADMIN, definition, first_run, keep, with};
use crate::support::testbed::{Testbed, bed};

const ONE: &str = "/api/integrations/contracts";

async fn run_sql(bed: &Testbed, sql: &'static str) {
    query(sql).execute(&bed.db).await.expect("the database answers");
}

#[tokio::test]
async fn an_integration_whose_schedule_cannot_be_kept_stays_as_it_was() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let hourly = with(|it| it["schedule"] = json!({"kind": "interval", "every_minutes": 60}));
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let before = admin.gets(ONE).await.json();
            run_sql(bed, "ALTER TABLE schedules RENAME TO schedules_away").await;
            assert!(keep(&admin, &hourly).await.status >= 500);
            assert_eq!(admin.gets(ONE).await.json(), before);
            assert!(deletes(&admin, ONE).await.status >= 500);
            assert_eq!(admin.gets(ONE).await.json(), before);
            run_sql(bed, "ALTER TABLE schedules_away RENAME TO schedules").await;
            assert_eq!(keep(&admin, &hourly).await.verdict(), "200");
            assert_eq!(deletes(&admin, ONE).await.verdict(), "204");
        })
        .await;
}

#[tokio::test]
async fn a_run_does_not_start_on_a_plan_that_is_changed_in_this_moment() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let other =
                with(|it| it["mapping"][1] = json!({"constant": "7", "field": "sfdc_mrr"})).to_string();
            let mut tx = bed.db.begin().await.expect("a transaction");
            let changed = query("UPDATE integrations SET definition = $1, version = version + 1").bind(other);
            assert_eq!(changed.execute(&mut tx).await.expect("a row"), 1);
            let commits = async {
                tokio::time::sleep(Duration::from_millis(300)).await; // the request is under way
                tx.commit().await.expect("it commits");
            };
            let runs = format!("{ONE}/runs");
            let body = json!({});
            let (started, ()) = tokio::join!(admin.posts(&runs, &body), commits);
            assert_eq!(started.verdict(), "409 dry_run_needed", "{}", started.text);
        })
        .await;
}

#[tokio::test]
async fn one_of_two_integrations_that_write_a_field_is_kept() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let named = |id: &str| json!({"id": id, "name": id, "enabled": true, "definition": definition()});
            let (one, other) = (named("one"), named("other"));
            let both = tokio::join!(
                admin.posts("/api/integrations", &one),
                admin.posts("/api/integrations", &other),
            );
            let mut verdicts = [both.0.verdict(), both.1.verdict()];
            verdicts.sort();
            assert_eq!(verdicts, ["201", "422 integration_invalid"]);
        })
        .await;
}
