//! How a run on a cluster ends when the cluster, or who asked, does not go on.

use std::{
    net::TcpListener,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ballista_core::RuntimeProducer;
use datafusion::{execution::runtime_env::RuntimeEnv, object_store::memory::InMemory};
use engine::Engine;
use url::Url;

use super::{
    machines::Cluster,
    models::{TEMPLATE, shipped},
    world::{World, here, on},
};

/// Works for longer than its run may, and not for ever: executors that ask for tasks go on with one whose job was cancelled.
const LONG: &str =
    "select count(*) as n from accounts a, accounts b, accounts c where a.name || b.name < b.name || c.name";

async fn refused(world: &World, cluster: &Cluster, sql: &str) -> String {
    world.run(&on(&cluster.address), sql).await.expect_err("a refusal").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_is_lost_costs_time_and_no_row() {
    let (world, mut cluster) = (World::new(2_000), Cluster::start(2).await);
    let sql = &shipped(&TEMPLATE.parse::<toml::Table>().expect("TOML"))[0];
    let expected = world.run(&here(), sql).await.expect("rows");
    // It has made rows, which go with it.
    let watch = cluster.executors[1].watch.clone();
    watch.hangs_after.store(5, Ordering::Relaxed);
    let engine = on(&cluster.address);
    let (answer, ()) = tokio::join!(world.run(&engine, sql), async {
        watch.hung.notified().await;
        eprintln!("cluster: an executor is lost after {} tasks", watch.tasks.load(Ordering::Relaxed));
        cluster.executors[1].stop();
    });
    match answer {
        Ok(rows) => {
            assert_eq!(rows, expected);
            eprintln!("cluster: the other executor made all {} rows", rows.len());
        }
        Err(error) => {
            let expected = format!("the cluster {} cannot run the model: ", cluster.address);
            assert!(error.to_string().starts_with(&expected), "{error}");
            eprintln!("cluster: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_time_is_over_is_taken_off_the_cluster() {
    let (mut world, cluster) = (World::new(2_000), Cluster::start(1).await);
    world.limits.deadline = Duration::from_secs(4);
    let told = refused(&world, &cluster, LONG).await;
    assert!(told.starts_with("the model did not finish within 4 s"), "{told}");
    cluster.until_empty().await;
    // So is one whose answer nobody wants.
    let model = world.model(LONG).await;
    world.limits.deadline = Duration::from_mins(1);
    let engine = on(&cluster.address);
    let waited = tokio::time::timeout(Duration::from_secs(3), engine.run(&model, &world.limits)).await;
    assert!(waited.is_err(), "it ended");
    cluster.until_empty().await;
    world.limits.deadline = Duration::from_mins(5);
    world.compare(&cluster, "select count(*) as n from accounts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_work_is_told_with_what_it_lacks() {
    let world = World::new(500);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let nobody = format!("ballista://{free}").parse().expect("an address");
    let error = world.run(&on(&nobody), "select id from accounts").await.expect_err("a refusal");
    assert_eq!(
        error.to_string(),
        format!(
            "the cluster {nobody} cannot run the model: nothing answers there: start its scheduler, or correct `integrations.engine`"
        )
    );
    let mut cluster = Cluster::without_executors().await;
    let told = refused(&world, &cluster, "select id from accounts").await;
    assert!(told.ends_with("it has no executor: start one"), "{told}");
    // An executor that has another disk, where none of the files is.
    let elsewhere: RuntimeProducer = Arc::new(|_| {
        let runtime = RuntimeEnv::default();
        runtime.register_object_store(&Url::parse("file://").expect("an address"), Arc::new(InMemory::new()));
        Ok(Arc::new(runtime))
    });
    cluster.add(Some(elsewhere)).await;
    let told = refused(&world, &cluster, "select id from accounts").await;
    assert!(told.contains("an executor cannot read the staged rows"), "{told}");
    // What needs no executor is answered all the same.
    assert!(on(&cluster.address).plan(&world.model("select id from accounts").await).await.is_ok());
}
