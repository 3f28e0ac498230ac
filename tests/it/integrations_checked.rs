//! What is looked at before an integration is kept, and before a run reads anything: connections, SQL, columns, fields.

use std::path::Path;

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::connections_console::SEAL;
use crate::integrations::{ADMIN, first_run, keep, refused_at, run, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Plan, Testbed, bed};

/// A testbed whose server may read this folder.
pub fn reading(folder: &Path) -> Plan {
    bed().setting("server.seal_keys", SEAL).setting("sources.folders", folder.display().to_string())
}

/// A connection with the folder; its id.
pub async fn reports(admin: &Visitor, folder: &Path) -> String {
    let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": folder}});
    let made = admin.posts("/api/connections", &report).await;
    assert_eq!(made.verdict(), "201", "{}", made.text);
    made.json()["connection"]["id"].as_str().expect("an id").to_owned()
}

fn sql(sql: &str) -> impl FnOnce(&mut Value) {
    let sql = sql.to_owned();
    move |it| it["model"]["sql"] = json!(sql)
}

/// check(what is changed, the place that is named, words of the message)
#[tokio::test]
async fn a_model_that_cannot_run_is_refused_before_it_is_kept() {
    async fn check(admin: &Visitor, change: impl FnOnce(&mut Value), place: &str, told: &str) {
        refused_at(admin, &with(change), place, told).await;
    }
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            check(&admin, sql("SELEC id FROM people"), "model.sql", "SELEC").await;
            check(&admin, sql("SELECT id AS user_id FROM peple"), "model.sql", "peple").await;
            check(&admin, sql("SELECT id AS user_id,\n nme FROM people"), "model.sql", "(line 2, column 2)")
                .await;
            check(&admin, sql("SELECT * FROM '/etc/passwd'"), "model.sql", "passwd").await;
            check(&admin, sql("DELETE FROM people"), "model.sql", "DELETE").await;
            let (first, second) = ("no column `company`", "mapping[1].column names `mrr`");
            check(&admin, sql("SELECT id AS user_id, name FROM people"), "mapping[0].column", first).await;
            check(&admin, sql("SELECT id AS user_id, name FROM people"), "mapping[0].column", second).await;
            check(&admin, |it| it["key"]["column"] = json!("nobody"), "key.column", "it has `user_id`").await;
            check(&admin, |it| it["key"]["column"] = json!("nobody"), "key.column", "no column `nobody`")
                .await;
            let people = json!({"user": "user_id"});
            let absent = json!({"company_id": "compny", "people": people.clone()});
            check(&admin, |it| it["contract"] = absent, "contract.company_id", "no column `compny`").await;
            let wrong = json!({"company_id": "id", "people": people, "sql": "SELECT id FROM peple"});
            check(&admin, |it| it["contract"] = wrong, "contract.sql", "peple").await;
            assert_eq!(admin.gets("/api/integrations/contracts").await.status, 404);
        })
        .await;
}

#[tokio::test]
async fn an_integration_names_connections_that_are_there_and_fit() {
    async fn check(admin: &Visitor, change: impl FnOnce(&mut Value), place: &str, told: &str) {
        refused_at(admin, &with(change), place, told).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    reading(folder.path())
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = reports(&admin, folder.path()).await;
            let source = "sources[0].connection";
            check(&admin, |it| it["sources"][0]["connection"] = json!("crm"), source, "there is no `crm`")
                .await;
            check(&admin, |it| it["sources"][0]["connection"] = json!("objects"), source, "can be read")
                .await;
            let by = |read: Value| move |it: &mut Value| it["sources"][0]["read"] = read;
            let kind = "sources[0].read.kind";
            check(&admin, by(json!({"kind": "sql", "sql": "SELECT 1"})), kind, "must be `users`").await;
            let files = |it: &mut Value| it["sources"][0]["connection"] = json!(id);
            check(&admin, files, kind, "must be `file`").await;
            let to = "destination.connection";
            check(&admin, |it| it["destination"]["connection"] = json!("crm"), to, "there is no `crm`").await;
            check(&admin, |it| it["destination"]["connection"] = json!(id), to, "with Zendesk").await;
        })
        .await;
}

const ROWS: &str = "user,company,mrr\n26155588908160,Aoba,100\n";

fn from_file(connection: &str, sql: &str) -> Value {
    with(|it| {
        let read = json!({"kind": "file", "path": "rows.csv"});
        it["sources"] = json!([{"as": "rows", "connection": connection, "read": read}]);
        it["model"]["sql"] = json!(sql);
    })
}

#[tokio::test]
async fn the_columns_of_a_query_are_known_since_a_run_has_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rows.csv"), ROWS).expect("a file");
    reading(folder.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let sales = json!({
                "kind": "salesforce", "name": "Sales",
                "settings": {"host": "acme.my.salesforce.com", "flow": "client_credentials",
                             "client_id": credentials::SALESFORCE_CLIENT_ID},
                "secrets": {"client_secret": credentials::SALESFORCE_CLIENT_SECRET},
            });
            let made = admin.posts("/api/connections", &sales).await;
            assert_eq!(made.verdict(), "201", "{}", made.text);
            let soql = |sql: &str| {
                let mut wish = from_file(made.json()["connection"]["id"].as_str().expect("an id"), sql);
                wish["sources"][0]["read"] = json!({"kind": "soql", "soql": "SELECT Id, Name FROM Account"});
                wish
            };
            let wrong = soql("SELECT 1 AS user_id, nme AS company, 1 AS mrr FROM rows");
            refused_at(&admin, &soql("SELECT name FROM row"), "model.sql", "no source `row`").await;
            assert_eq!(keep(&admin, &wrong).await.verdict(), "201", "nobody knows its columns");
            assert_eq!(
                keep(&admin, &soql("SELECT 1 AS user_id, name AS company, 1 AS mrr FROM rows"))
                    .await
                    .verdict(),
                "200"
            );
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["state"], "completed", "{dry}");
            refused_at(&admin, &wrong, "model.sql", "no column `nme`").await;
            // A file may have other columns tomorrow.
            let id = reports(&admin, folder.path()).await;
            let read = from_file(&id, r#"SELECT "user" AS user_id, company, mrr FROM rows"#);
            assert_eq!(keep(&admin, &read).await.verdict(), "200");
            assert_eq!(run(bed, &admin, json!({"kind": "dry"})).await["state"], "completed");
            let tomorrow = from_file(&id, "SELECT users AS user_id, company, mrr FROM rows");
            assert_eq!(keep(&admin, &tomorrow).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_run_names_every_column_that_its_sources_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, ROWS).expect("a file");
    reading(folder.path())
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = reports(&admin, folder.path()).await;
            let mut wish = from_file(&id, "SELECT * FROM rows");
            wish["key"]["column"] = json!("user");
            wish["contract"] = json!({"people": {"user": "user"}, "company_id": "company", "mrr": "mrr"});
            first_run(bed, &admin, &wish).await;
            std::fs::write(&file, "user,firm\n26155588908160,Aoba\n").expect("a file");
            let failed = run(bed, &admin, json!({})).await;
            let why = failed["problem"]["message"].as_str().unwrap_or_default();
            assert_eq!(
                (&failed["state"], &failed["problem"]["code"]),
                (&json!("failed"), &json!("sql_unfit"))
            );
            for missing in
                ["mapping[0].column", "mapping[1].column", "contract.company_id", "contract.mrr", "`firm`"]
            {
                assert!(why.contains(missing), "{missing}: {why}");
            }
        })
        .await;
}

fn exports(bed: &Testbed) -> usize {
    bed.vendors().calls().iter().filter(|call| call.path.contains("/incremental/")).count()
}

#[tokio::test]
async fn all_missing_fields_are_named_before_anything_is_read() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let wish = with(|it| {
                it["mapping"][0]["field"] = json!("sfdc_company");
                it["mapping"][1]["field"] = json!("sfdc_fee");
            });
            assert_eq!(keep(&admin, &wish).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let why = dry["problem"]["message"].as_str().unwrap_or_default();
            assert_eq!((&dry["state"], &dry["problem"]["code"]), (&json!("failed"), &json!("field_missing")));
            assert!(why.contains("no field `sfdc_company`") && why.contains("no field `sfdc_fee`"), "{why}");
            assert_eq!(exports(bed), 0, "nobody waits an hour for that");
        })
        .await;
}
