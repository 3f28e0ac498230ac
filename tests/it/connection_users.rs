//! Integrations and the connections that they use: who is paused by an end, what cannot be deleted, and what a run says of a connection.

use deskside::store::query;
use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use serde_json::{Value, json};

use crate::connections_console::{connected, deletes, one, puts, sealed};
use crate::integrations::{ADMIN, first_run, keep, run, with};

/// What customers' own fields say is shown where no integration brings anything.
const LIVE: &str = "zendesk";

/// Reads customers by a connection, every hour, and brings cards their contracts.
fn reads_by(connection: &str) -> Value {
    with(|it| {
        it["sources"][0]["connection"] = json!(connection);
        it["schedule"] = json!({"kind": "interval", "every_minutes": 60});
        it["contract"] =
            json!({"people": {"user": "user_id"}, "company_id": "company", "company": "company"});
    })
}

#[tokio::test]
async fn who_ends_a_connection_pauses_the_integrations_that_use_it() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let run = first_run(bed, &admin, &reads_by(&id)).await;
            assert_eq!(run["state"], "completed", "{run}");
            let other = json!({"id": "other", "name": "Other", "enabled": true, "definition": with(|it| {
                it["mapping"] = json!([{"column": "company", "field": "sfdc_owner"}]);
                it["schedule"] = json!({"kind": "interval", "every_minutes": 60});
            })});
            assert_eq!(admin.posts("/api/integrations", &other).await.verdict(), "201");
            assert_eq!(one(&admin, &id).await["used_by"], json!(["Contracts"]));
            let source = async || {
                let card = admin.gets("/api/tickets/42/card?refresh=true").await.json();
                card["contract"]["source"].as_str().unwrap_or_default().to_owned()
            };
            assert_eq!(source().await, "Contracts");
            let before = admin.gets("/api/integrations/contracts").await.json();

            let ended = admin.posts(&format!("/api/connections/{id}/disconnect"), &json!({})).await;
            assert_eq!(ended.verdict(), "200", "{}", ended.text);
            let all = admin.gets("/api/integrations").await.json();
            let enabled = |name: &str| {
                let all = all["integrations"].as_array().expect("a list");
                all.iter().find(|one| one["id"] == name).map(|one| one["enabled"].clone())
            };
            assert_eq!((enabled("contracts"), enabled("other")), (Some(json!(false)), Some(json!(true))), "{all}");
            let schedules = query("SELECT name FROM schedules WHERE name LIKE 'integration %'");
            let schedules: Vec<String> = schedules.all_as(&bed.db, |row| row.get("name")).await.expect("rows");
            assert_eq!(schedules, ["integration other"]);
            assert_eq!(source().await, LIVE);
            let left = query("SELECT COUNT(*) AS left_over FROM companies").one(&bed.db).await.expect("a row");
            assert_eq!(left.get::<i64>("left_over").expect("a number"), 0);
            // An admin who edits what was there before does not enable it without seeing that it was paused.
            let stale = puts(&admin, "/api/integrations/contracts", &before).await;
            assert_eq!(stale.verdict(), "409 integration_changed", "{}", stale.text);

            let path = format!("/api/connections/{id}");
            let again = json!({"version": one(&admin, &id).await["version"], "secrets": {"client_secret": credentials::CLIENT_SECRET}});
            assert_eq!(puts(&admin, &path, &again).await.verdict(), "200");
            let kept = keep(&admin, &reads_by(&id)).await;
            assert_eq!((kept.verdict(), &kept.json()["enabled"]), ("200".into(), &json!(true)), "{}", kept.text);
        })
        .await;
}

#[tokio::test]
async fn a_connection_is_not_deleted_while_an_integration_names_it() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let path = format!("/api/connections/{id}");
            let writes = with(|it| it["destination"]["connection"] = json!(id));
            assert_eq!(keep(&admin, &writes).await.verdict(), "201");
            let refused = deletes(&admin, &path).await;
            assert_eq!(refused.verdict(), "409 connection_in_use");
            assert!(refused.text.contains("Contracts"), "{}", refused.text);
            assert_eq!(deletes(&admin, "/api/integrations/contracts").await.verdict(), "204");
            assert_eq!(deletes(&admin, &path).await.verdict(), "200");
        })
        .await;
}

/// check(the call that Zendesk refuses, with which status)
#[tokio::test]
async fn what_zendesk_refuses_a_run_is_shown_until_the_same_works() {
    async fn check(path: &str, status: u16) {
        let refusal = FaultRule {
            on: Matching { path_contains: Some(path.into()), ..Matching::default() },
            times: 100,
            skip: 0,
            fault: Fault::Status { status, retry_after: None },
        };
        sealed()
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let id = connected(bed, &admin).await;
                let mut definition = reads_by(&id);
                definition["destination"]["connection"] = json!(id);
                assert_eq!(keep(&admin, &definition).await.verdict(), "201");
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                let fault = bed.vendors().fault(refusal.clone());
                let refused = run(bed, &admin, json!({"accept": dry["id"]})).await;
                assert_eq!(refused["state"], "failed", "{refused}");
                let why = refused["problem"]["message"].as_str().unwrap_or_default();
                assert!(why.contains(&format!("connection `{id}`")) && why.contains("users"), "{why}");
                let shown = one(&admin, &id).await;
                assert_eq!(
                    (&shown["state"], &shown["problem"]["code"]),
                    (&json!("needs_attention"), &json!("test_failed")),
                    "{path} {status}: {shown}"
                );
                bed.vendors().mend(fault);
                bed.pass(120);
                let done = run(bed, &admin, json!({})).await;
                assert_eq!(done["state"], "completed", "{done}");
                let shown = one(&admin, &id).await;
                assert_eq!(
                    (&shown["state"], &shown["problem"]),
                    (&json!("connected"), &json!(null)),
                    "{shown}"
                );
            })
            .await;
    }
    check("/api/v2/incremental/users/cursor", 403).await;
    check("/api/v2/incremental/users/cursor", 401).await;
    check("/api/v2/users/update_many", 403).await;
}

#[tokio::test]
async fn a_run_that_works_takes_back_what_a_test_found() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            let run_of = async || first_run(bed, &admin, &reads_by(&id)).await;
            run_of().await;
            let me = Matching { path_contains: Some("/api/v2/users/me".into()), ..Matching::default() };
            let fault = Fault::Status { status: 403, retry_after: None };
            let fault = bed.vendors().fault(FaultRule { on: me, times: 100, skip: 0, fault });
            admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await;
            assert_eq!(one(&admin, &id).await["problem"]["code"], "test_failed");
            bed.vendors().mend(fault);
            bed.pass(120);
            run_of().await;
            assert_eq!(one(&admin, &id).await["state"], "connected");
        })
        .await;
}
