//! Workers that do not share one staging folder: one of them works on integrations, and the others say why they do not.

use serde_json::json;

use crate::integrations::{ADMIN, definition, keep, run};
use crate::support::testbed::bed;

#[tokio::test]
async fn a_worker_with_a_folder_of_its_own_leaves_integrations_to_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
            assert_eq!(run(bed, &admin, json!({"kind": "dry"})).await["state"], "completed");
            let elsewhere = folder.path().join("staging").display().to_string();
            let alike = bed.replica().await;
            let other = bed.replica_with(&[("staging.store", &elsewhere)]).await;
            let start = async || {
                let started = admin.posts("/api/integrations/contracts/runs", &json!({"kind": "dry"})).await;
                format!("/api/runs/{}", started.json()["run"]["id"].as_str().expect("an id"))
            };
            let state = async |run: &str| admin.gets(run).await.json()["run"]["state"].clone();
            let first = start().await;
            other.worker.run_until_idle().await.expect("the queue answers");
            assert_eq!(state(&first).await, "queued", "it is not this one's, and costs no attempt");
            alike.worker.run_until_idle().await.expect("the queue answers");
            assert_eq!(state(&first).await, "completed", "another worker with the same folder");
            // Nobody has seen that folder for a while: it is lost, and the next one takes its place.
            bed.pass(91);
            let second = start().await;
            other.worker.run_until_idle().await.expect("the queue answers");
            assert_eq!(state(&second).await, "completed");
            let third = start().await;
            bed.run_jobs().await;
            assert_eq!(state(&third).await, "queued", "now it is the other one that is shared");
            bed.pass(31);
            bed.run_jobs().await;
            assert_eq!(state(&third).await, "queued", "and it lives");
            other.worker.run_until_idle().await.expect("the queue answers");
            assert_eq!(state(&third).await, "completed");
        })
        .await;
}
