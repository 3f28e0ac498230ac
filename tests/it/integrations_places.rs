//! A connection that leads elsewhere tomorrow: what was read from one place, or written there, says nothing of another.

use deskside::features::connections::{Kind, Wish};
use deskside_sandbox::{Limits, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::connections_console::{SEAL, connected, deletes, one, puts, sealed};
use crate::integrations::{ADMIN, HANAKO, field, first_run, keep, rows, run, until_it_ends, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

const RUNS: &str = "/api/integrations/contracts/runs";

/// Reads customers by a connection, and writes to them.
fn by(connection: &str) -> Value {
    with(|it| {
        it["sources"][0]["connection"] = json!(connection);
        it["destination"]["connection"] = json!(connection);
        it["removed"] = json!("clear");
    })
}

fn second_settings(bed: &Testbed) -> Value {
    json!({
        "base_url": bed.second().zendesk_url, "client_id": credentials::CLIENT_ID, "flow": "client_credentials",
    })
}

/// An admin lets the connection lead to the second Zendesk.
async fn moves(bed: &Testbed, admin: &Visitor, id: &str) {
    let body = json!({
        "version": one(admin, id).await["version"], "settings": second_settings(bed),
        "secrets": {"client_secret": credentials::CLIENT_SECRET},
    });
    let moved = puts(admin, &format!("/api/connections/{id}"), &body).await;
    assert_eq!(moved.verdict(), "200", "{}", moved.text);
}

/// An admin deletes integration and connection, and an operator makes another connection of the same name.
async fn is_made_anew(bed: &Testbed, admin: &Visitor, id: &str) {
    assert_eq!(deletes(admin, "/api/integrations/contracts").await.verdict(), "204");
    let kept =
        std::path::PathBuf::from(format!("{}.staging/acme/exports/{id}", bed.archive_folder().display()));
    assert!(kept.is_dir(), "{}", kept.display());
    assert_eq!(deletes(admin, &format!("/api/connections/{id}")).await.verdict(), "200");
    assert!(!kept.exists(), "who deletes a connection deletes the people who were read by it");
    let secret = json!({"client_secret": credentials::CLIENT_SECRET}).to_string();
    let wish = Wish {
        settings: Some(second_settings(bed).to_string()),
        secret: Some(secret.into_bytes()),
        ..Wish::default()
    };
    let own = bed.accounts().own();
    own.connections
        .add("operator", id, Kind::read("zendesk").expect("a kind"), wish)
        .await
        .expect("it is kept");
}

fn written(bed: &Testbed) -> Vec<String> {
    let calls = bed.second().handle().calls();
    calls.into_iter().filter(|call| call.path.contains("update_many")).map(|call| call.path).collect()
}

/// check(how the connection comes to lead to the second Zendesk)
#[tokio::test]
async fn another_zendesk_is_compared_with_nothing_of_the_first() {
    async fn check(moves: impl AsyncFn(&Testbed, &Visitor, &str)) {
        sealed()
            .with_second_account()
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                bed.vendors().make_users(30);
                let id = connected(bed, &admin).await;
                let first = first_run(bed, &admin, &by(&id)).await;
                let all = first["counts"]["updated"].as_u64().expect("a count");
                bed.pass(120);
                moves(bed, &admin, &id).await;
                assert!(keep(&admin, &by(&id)).await.verdict().starts_with("20"));
                let refused = admin.posts(RUNS, &json!({})).await;
                assert_eq!(refused.verdict(), "409 dry_run_needed", "nobody saw these records");
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                let counts = &dry["counts"];
                let others = all - 30;
                for (name, count) in
                    [("read", others), ("pending", others), ("unchanged", 0), ("adopted", 0), ("removed", 0)]
                {
                    assert_eq!(counts[name], count, "{name}: {dry}");
                }
                assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
                let done = run(bed, &admin, json!({"accept": dry["id"]})).await;
                assert_eq!(
                    (&done["state"], &done["counts"]["updated"]),
                    (&json!("completed"), &json!(others)),
                    "{done}"
                );
                assert_eq!(written(bed).len() as u64, others.div_ceil(100));
                bed.pass(120);
                let again = run(bed, &admin, json!({})).await;
                assert_eq!(again["counts"]["unchanged"], others, "and then it is known: {again}");
            })
            .await;
    }
    check(moves).await;
    check(is_made_anew).await;
}

#[tokio::test]
async fn what_was_decided_on_one_zendesk_is_not_written_to_another() {
    sealed()
        .with_second_account()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            first_run(bed, &admin, &by(&id)).await;
            let mut emptied = by(&id);
            let sql = emptied["model"]["sql"].as_str().expect("SQL");
            emptied["model"]["sql"] =
                json!(sql.replace("concat('Company of ', name)", "CAST(NULL AS VARCHAR)"));
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            let run_id = stopped["id"].as_str().expect("an id").to_owned();
            let confirm = format!("/api/runs/{run_id}/confirm");
            // Confirmed, and the connection leads elsewhere a moment later.
            assert_eq!(admin.posts(&confirm, &json!({})).await.verdict(), "200");
            moves(bed, &admin, &id).await;
            let ended = until_it_ends(bed, &admin, &run_id).await;
            assert_eq!((&ended["state"], &ended["problem"]["code"]), (&json!("failed"), &json!("connection_moved")));
            let why = ended["problem"]["message"].as_str().unwrap_or_default();
            assert!(why.contains("was changed to another account"), "{ended}");
            assert_eq!(written(bed), Vec::<String>::new());
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company of 佐藤 花子");
            // The same while it waits for a person.
            let stopped = first_run(bed, &admin, &by(&id)).await;
            assert_eq!(stopped["state"], "completed", "{stopped}");
            let stopped = first_run(bed, &admin, &emptied).await;
            assert_eq!(stopped["state"], "stopped", "{stopped}");
            let back = json!({
                "version": one(&admin, &id).await["version"],
                "settings": {"base_url": bed.sandbox.zendesk_url, "client_id": credentials::CLIENT_ID, "flow": "client_credentials"},
                "secrets": {"client_secret": credentials::CLIENT_SECRET},
            });
            assert_eq!(puts(&admin, &format!("/api/connections/{id}"), &back).await.verdict(), "200");
            let confirm = format!("/api/runs/{}/confirm", stopped["id"].as_str().expect("an id"));
            assert_eq!(admin.posts(&confirm, &json!({})).await.verdict(), "409 integration_changed");
        })
        .await;
}

/// A folder with this many customers in `users.csv`; none: there is no file.
fn folder(root: &std::path::Path, name: &str, customers: u64) -> String {
    let folder = root.join(name);
    std::fs::create_dir(&folder).expect("a folder");
    if customers > 0 {
        let lines: Vec<_> = (0..customers).map(|at| format!("{},{name}", HANAKO + at * 128)).collect();
        let text = format!("user_id,company\n{}\n", lines.join("\n"));
        std::fs::write(folder.join("users.csv"), text).expect("a file");
    }
    folder.display().to_string()
}

#[tokio::test]
async fn rows_of_another_folder_are_not_yesterdays_rows() {
    let root = tempfile::tempdir().expect("a folder");
    let (many, few, none) =
        (folder(root.path(), "many", 30), folder(root.path(), "few", 5), folder(root.path(), "none", 0));
    bed()
        .setting("server.seal_keys", SEAL)
        .setting("sources.folders", root.path().display().to_string())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": many}});
            let made = admin.posts("/api/connections", &report).await.json();
            let id = made["connection"]["id"].as_str().expect("an id").to_owned();
            let leads_to = async |folder: &str| {
                let settings =
                    json!({"version": one(&admin, &id).await["version"], "settings": {"folder": folder}});
                let moved = puts(&admin, &format!("/api/connections/{id}"), &settings).await;
                assert_eq!(moved.verdict(), "200", "{}", moved.text);
            };
            let reads = with(|it| {
                it["sources"] = json!([{
                    "as": "people", "connection": id, "on_failed_source": "yesterday",
                    "read": {"kind": "file", "path": "users.csv"},
                }]);
                it["model"]["sql"] = json!("SELECT user_id, company, 1 AS mrr FROM people");
            });
            let first = first_run(bed, &admin, &reads).await;
            assert_eq!(first["state"], "completed", "{first}");
            leads_to(&none).await;
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["state"], "failed", "it takes no rows of the first folder: {dry}");
            assert_eq!(dry["problem"]["code"], "source_failed", "{dry}");
            leads_to(&few).await;
            let done = first_run(bed, &admin, &reads).await;
            assert_eq!(done["state"], "completed", "another folder has not shrunk: {done}");
            assert_eq!(rows(&admin, &done, "updated").await.len(), 5);
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "few");
            let gone = admin.request(Method::DELETE, "/api/integrations/contracts").send().await;
            assert_eq!(gone.expect("an answer").status(), 204);
        })
        .await;
}

#[tokio::test]
async fn the_pace_of_exports_outlives_runs_and_changes_of_a_connection() {
    sealed()
        .limits(Limits { incremental_per_minute: 10, ..Limits::relaxed() })
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = connected(bed, &admin).await;
            assert_eq!(keep(&admin, &by(&id)).await.verdict(), "201");
            for round in 0..8 {
                let name =
                    json!({"version": one(&admin, &id).await["version"], "name": format!("Acme {round}")});
                assert_eq!(puts(&admin, &format!("/api/connections/{id}"), &name).await.verdict(), "200");
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                assert_eq!(dry["state"], "completed", "{dry}");
            }
            let calls = bed.vendors().calls().into_iter();
            let (allowed, refused): (Vec<_>, Vec<_>) =
                calls.filter(|call| call.path.contains("/incremental/")).partition(|call| call.status == 200);
            assert!(allowed.len() > 10, "more than one minute has room for: {}", allowed.len());
            assert_eq!(refused.len(), 0, "nobody asked Zendesk for more than it gives: {refused:?}");
        })
        .await;
}
