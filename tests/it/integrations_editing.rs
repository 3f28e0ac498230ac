//! What the editor of an integration asks before anything is kept, and how an integration went in the last days.

use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, definition, first_run, keep, run, with};
use crate::integrations_checked::{reading, reports};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::bed;

async fn looks(admin: &Visitor, sources: Value, sql: &str) -> Answer {
    admin.posts("/api/previews", &json!({"sources": sources, "model": {"sql": sql}})).await
}

#[tokio::test]
async fn rows_of_a_model_are_seen_before_anything_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("people.csv"), "email,mrr\na@example.com,12.5\nb@example.com,3\n")
        .expect("a file");
    reading(folder.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = reports(&admin, folder.path()).await;
            let file = |path: &str| json!([{"as": "people", "connection": id, "read": {"kind": "file", "path": path}}]);
            let seen = looks(&admin, file("people.csv"), "SELECT email, mrr FROM people ORDER BY mrr").await;
            assert_eq!(seen.verdict(), "200", "{}", seen.text);
            assert_eq!(
                seen.json()["columns"],
                json!([{"name": "email", "type": "text"}, {"name": "mrr", "type": "decimal"}])
            );
            assert_eq!(seen.json()["rows"][0], json!(["b@example.com", "3"]));
            let as_it_is = admin.posts("/api/previews", &json!({"sources": file("people.csv")})).await;
            assert_eq!(as_it_is.json()["rows"].as_array().map(Vec::len), Some(2), "{}", as_it_is.text);

            // check(sources, SQL, what is answered, at which field, words of the message)
            let check = async |sources: Value, sql: &str, verdict: &str, field: &str, told: &str| {
                let refused = looks(&admin, sources, sql).await;
                assert_eq!(refused.verdict(), verdict, "{}", refused.text);
                assert_eq!(refused.json()["error"]["field"], field, "{}", refused.text);
                assert!(refused.text.contains(told), "{}", refused.text);
            };
            let wrong = "SELECT email,\n  nme FROM people";
            check(file("people.csv"), wrong, "422 model_invalid", "model.sql", "\"line\":2").await;
            check(file("absent.csv"), "SELECT 1", "422 source_unreadable", "sources", "absent.csv").await;
            let outside = json!([{"as": "../../people", "connection": id, "read": {"kind": "users"}}]);
            check(outside, "SELECT 1", "422 integration_invalid", "sources[0].as", "lower case").await;
            check(json!([]), "SELECT 1", "422 integration_invalid", "sources", "from 1 to 20").await;
            assert_eq!(admin.gets("/api/integrations").await.json()["integrations"], json!([]));
            assert_eq!(bed.stranger().posts("/api/previews", &json!({})).await.verdict(), "401 session_missing");
        })
        .await;
    bed()
        .setting("integrations.editors", "addresses:somebody@example.com")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let sources = json!([{"as": "people", "connection": "zendesk", "read": {"kind": "users"}}]);
            let refused = looks(&admin, sources, "SELECT 1").await;
            assert_eq!(refused.verdict(), "403 connection_editors_only");
        })
        .await;
}

#[tokio::test]
async fn an_editor_sees_what_the_last_run_of_the_same_integration_read() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let ask = json!({"id": "contracts", "sources": definition()["sources"],
                             "model": {"sql": "SELECT count(*) AS n FROM people"}});
            let seen = admin.posts("/api/previews", &ask).await.json();
            assert_eq!(
                (&seen["sources"][0]["whole"], &seen["sources"][0]["run"].is_string()),
                (&json!(true), &true),
                "{seen}"
            );
        })
        .await;
}

#[tokio::test]
async fn all_that_is_wrong_is_told_each_with_its_place() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let wrong = with(|it| {
                it["key"]["field"] = json!("phone");
                it["mapping"][1]["functions"] = json!(["rond(2)"]);
            });
            let refused = keep(&admin, &wrong).await.json();
            let problems = refused["error"]["problems"].as_array().expect("problems").clone();
            let places: Vec<_> = problems.iter().map(|one| one["field"].as_str().expect("a place")).collect();
            assert_eq!(places, ["key.field", "mapping[1].functions"], "{refused}");
            assert!(
                problems[0]["message"].as_str().is_some_and(|text| text.starts_with("must be one of")),
                "{refused}"
            );
        })
        .await;
}

#[tokio::test]
async fn a_schedule_says_when_it_runs_next() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let ask = async |schedule: Value| admin.posts("/api/schedules/next", &schedule).await;
            let tokyo = json!({"kind": "daily", "at": "09:00", "time_zone": "Asia/Tokyo"});
            assert_eq!(
                ask(tokyo).await.json(),
                json!({"next": ["2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z"]})
            );
            assert_eq!(ask(json!({"kind": "manual"})).await.json(), json!({"next": []}));
            let refused = ask(json!({"kind": "cron", "cron": "every day", "time_zone": "UTC"})).await;
            assert_eq!(refused.verdict(), "422 integration_invalid");
            assert_eq!(refused.json()["error"]["problems"][0]["field"], "schedule", "{}", refused.text);
        })
        .await;
}

#[tokio::test]
async fn templates_come_with_the_server_and_fields_say_what_can_be_written() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let templates = admin.gets("/api/templates").await.json();
            let all = templates["templates"].as_array().expect("a list");
            assert_eq!(
                all.iter().map(|one| &one["id"]).collect::<Vec<_>>(),
                ["contracts", "organizations", "support-health"]
            );
            assert_eq!(all[0]["definition"]["contract"]["company_id"], "id", "{templates}");
            let fields = admin.gets("/api/connections/zendesk/objects/users/fields").await.json();
            let fields = fields["fields"].as_array().expect("fields").clone();
            let writable =
                |name: &str| fields.iter().find(|one| one["name"] == name).map(|one| one["writable"].clone());
            assert_eq!((writable("email"), writable("sfdc_mrr")), (Some(json!(false)), Some(json!(true))));
        })
        .await;
}

#[tokio::test]
async fn an_admin_sees_how_an_integration_went() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let overview = async |admin: &Visitor| admin.gets("/api/integrations/contracts/overview").await;
            assert_eq!(overview(&admin).await.verdict(), "404 integration_not_found");
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            let before = overview(&admin).await.json();
            assert_eq!(
                (&before["last"], before["days"].as_array().map(Vec::len)),
                (&Value::Null, Some(30)),
                "{before}"
            );
            let first = first_run(bed, &admin, &definition()).await;
            bed.pass(24 * 3600);
            let admin = bed.agent(ADMIN).await;
            let path = format!("/api/v2/users/{HANAKO}.json");
            bed.zendesk(Method::PUT, &path, &json!({"user": {"name": "Changed"}})).await;
            bed.pass(120);
            let second = run(bed, &admin, json!({})).await;
            let after = overview(&admin).await.json();
            let days = after["days"].as_array().expect("days");
            let day = |at: usize| (days[at]["runs"].as_u64(), days[at]["changed"].as_u64());
            assert_eq!(day(28), (Some(1), first["counts"]["updated"].as_u64()), "{after}");
            assert_eq!(
                (day(29), second["counts"]["updated"].as_u64()),
                ((Some(1), Some(1)), Some(1)),
                "{second}"
            );
            assert_eq!((&after["last"]["id"], &after["with_contract"]), (&second["id"], &Value::Null));
            let budget = &after["budget"];
            assert!(budget["limit"].as_u64() > budget["used"].as_u64() && budget["share"] == 30, "{budget}");
        })
        .await;
}
