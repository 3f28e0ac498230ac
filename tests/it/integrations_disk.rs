//! What runs keep in the staging folder, and what happens where it takes nothing more.

use std::path::PathBuf;

use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::{Value, json};

use crate::archive_deaths::SmallDisk;
use crate::command_line::runs;
use crate::integrations::{ADMIN, HANAKO, field, first_run, keep, run, until_it_ends};
use crate::integrations_destinations::log_of;
use crate::integrations_sources::{reads_file, reports, with_files, write_customers};
use crate::support::actors::Visitor;
use crate::support::testbed::Testbed;

const RUNS: &str = "/api/integrations/contracts/runs";

fn staging(bed: &Testbed) -> PathBuf {
    format!("{}.staging", bed.archive_folder().display()).into()
}

/// Files in which the integration's sources are kept.
fn staged(bed: &Testbed) -> usize {
    let folder = staging(bed).join("acme/sources/contracts");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn broken(mut definition: Value) -> Value {
    definition["model"]["sql"] = json!("SELECT x FROM people");
    definition
}

/// check(how its runs end, files that are left)
#[tokio::test]
async fn runs_that_have_ended_leave_no_files_that_nobody_needs() {
    async fn check(runs: impl AsyncFn(&Testbed, &Visitor, &Value), left: usize) {
        let root = tempfile::tempdir().expect("a folder");
        write_customers(root.path(), 30);
        with_files(root.path())
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let id = reports(&admin, root.path()).await;
                runs(bed, &admin, &reads_file(&id)).await;
                assert_eq!(staged(bed), left);
            })
            .await;
    }
    let dry = async |bed: &Testbed, admin: &Visitor, definition: &Value, state: &str| {
        assert!(keep(admin, definition).await.verdict().starts_with("20"));
        for _ in 0..5 {
            let ended = run(bed, admin, json!({"kind": "dry"})).await;
            assert_eq!(ended["state"], state, "{ended}");
        }
    };
    let failed = async |bed: &Testbed, admin: &Visitor, reads: &Value| {
        dry(bed, admin, &broken(reads.clone()), "failed").await;
    };
    check(failed, 0).await;
    let looked_at = async |bed: &Testbed, admin: &Visitor, reads: &Value| {
        dry(bed, admin, reads, "completed").await;
        let preview = admin.posts("/api/integrations/contracts/preview", &json!({})).await.json();
        assert_eq!(preview["sources"][0]["whole"], true, "what the newest has read is shown: {preview}");
    };
    check(looked_at, 1).await;
    let failed_later = async |bed: &Testbed, admin: &Visitor, reads: &Value| {
        first_run(bed, admin, reads).await;
        dry(bed, admin, reads, "completed").await;
        dry(bed, admin, &broken(reads.clone()), "failed").await;
    };
    check(failed_later, 1).await;
    let cancelled = async |bed: &Testbed, admin: &Visitor, reads: &Value| {
        first_run(bed, admin, reads).await;
        let mut emptied = reads.clone();
        emptied["model"]["sql"] =
            json!("SELECT user_id, CAST(NULL AS VARCHAR) AS company, 1 AS mrr FROM people");
        for _ in 0..3 {
            let stopped = first_run(bed, admin, &emptied).await;
            assert_eq!((&stopped["state"], staged(bed)), (&json!("stopped"), 2), "{stopped}");
            let cancel = format!("/api/runs/{}/cancel", stopped["id"].as_str().expect("an id"));
            assert_eq!(admin.posts(&cancel, &json!({})).await.verdict(), "200");
            bed.run_jobs().await;
        }
    };
    check(cancelled, 1).await;
}

#[tokio::test]
async fn a_run_whose_job_an_operator_cancels_leaves_no_files() {
    let root = tempfile::tempdir().expect("a folder");
    write_customers(root.path(), 30);
    with_files(root.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let mut reads = reads_file(&reports(&admin, root.path()).await);
            let users = json!({"as": "users", "connection": "zendesk", "read": {"kind": "users"}});
            reads["sources"].as_array_mut().expect("sources").push(users);
            assert_eq!(keep(&admin, &reads).await.verdict(), "201");
            let on =
                Matching { path_suffix: Some("/incremental/users/cursor".into()), ..Matching::default() };
            bed.vendors().fault(FaultRule {
                on,
                times: 99,
                skip: 0,
                fault: Fault::Status { status: 503, retry_after: None },
            });
            let started = admin.posts(RUNS, &json!({"kind": "dry"})).await.json()["run"].clone();
            bed.run_jobs().await;
            assert_eq!(staged(bed), 1, "it waits for Zendesk");
            let cancel = ["jobs", "cancel", "--kind", "integration_run"];
            assert!(runs(bed, &[], &cancel).await.0);
            let id = started["id"].as_str().expect("an id");
            let ended = admin.gets(&format!("/api/runs/{id}")).await.json()["run"].clone();
            assert_eq!(ended["state"], "cancelled", "{ended}");
            // The command has a clock of its own.
            bed.pass((chrono::Utc::now() - bed.clock.now()).num_seconds() + 62);
            bed.run_jobs().await;
            assert_eq!(staged(bed), 0);
        })
        .await;
}

#[tokio::test]
async fn old_runs_are_forgotten_but_not_the_last_complete_one() {
    let root = tempfile::tempdir().expect("a folder");
    write_customers(root.path(), 30);
    with_files(root.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let mut reads = reads_file(&reports(&admin, root.path()).await);
            reads["log_days"] = json!(1);
            let first = first_run(bed, &admin, &reads).await;
            assert!(keep(&admin, &broken(reads.clone())).await.verdict().starts_with("20"));
            run(bed, &admin, json!({"kind": "dry"})).await;
            bed.pass(2 * 24 * 3_600);
            let admin = bed.agent(ADMIN).await;
            let failed = run(bed, &admin, json!({"kind": "dry"})).await;
            let left = admin.gets("/api/runs?integration=contracts").await.json();
            let left: Vec<_> =
                left["runs"].as_array().expect("runs").iter().map(|run| run["id"].clone()).collect();
            assert_eq!(left, [failed["id"].clone(), first["id"].clone()]);
            assert_eq!(staged(bed), 1);
        })
        .await;
}

/// check(the staging folder's disk, what is said of it)
#[tokio::test]
async fn a_staging_folder_that_is_full_or_closed_is_named_and_waited_for() {
    async fn check(options: &str, told: &str) {
        let root = tempfile::tempdir().expect("a folder");
        write_customers(root.path(), 30);
        with_files(root.path())
            .run_on_each(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let reads = reads_file(&reports(&admin, root.path()).await);
                assert_eq!(first_run(bed, &admin, &reads).await["state"], "completed");
                bed.pass(120);
                let folder = staging(bed);
                let Some(disk) = SmallDisk::over(&folder, options) else { return };
                let started = admin.posts(RUNS, &json!({})).await.json()["run"].clone();
                bed.run_jobs().await;
                let log = log_of(&admin, &started).await;
                assert!(log.contains("the source `people`") && log.contains(told), "{log}");
                assert!(log.contains("`staging.store`") && log.contains("make room there"), "{log}");
                assert!(log.contains("it is tried again"), "{log}");
                disk.becomes("rw,size=64m,nr_inodes=10000");
                let done = until_it_ends(bed, &admin, started["id"].as_str().expect("an id")).await;
                assert_eq!(
                    (&done["state"], &done["counts"]["unchanged"], &done["counts"]["cleared"]),
                    (&json!("completed"), &json!(30), &json!(0)),
                    "{done}"
                );
                assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Company 0");
            })
            .await;
    }
    check("size=4k,nr_inodes=4", "No space left").await;
    check("ro", "Read-only").await;
}
