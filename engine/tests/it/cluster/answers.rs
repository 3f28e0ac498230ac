//! What a cluster answers is what this machine answers: rows, and refusals.

use std::sync::atomic::Ordering;

use super::{
    machines::Cluster,
    models::{EVERYDAY, TEMPLATE, shipped},
    world::World,
};

/// What is easily wrong where each executor sees a part of the rows.
const DIVIDED: [&str; 17] = [
    "SELECT s.email_key, a.name FROM service_users s LEFT JOIN accounts a ON a.backendid__c = CAST(s.account_id AS text)",
    // Joins that have no columns to be divided by.
    "SELECT a.id, b.id AS other FROM accounts a LEFT JOIN accounts b ON a.mrr__c > b.mrr__c + 900000000000000",
    "SELECT a.id, b.id AS other FROM accounts a RIGHT JOIN accounts b ON a.mrr__c > b.mrr__c + 900000000000000",
    "SELECT a.id, b.id AS other FROM accounts a FULL JOIN accounts b ON a.mrr__c > b.mrr__c + 900000000000000",
    "SELECT a.id FROM accounts a WHERE EXISTS (SELECT 1 FROM accounts b WHERE b.mrr__c > a.mrr__c + 900000000000000)",
    "SELECT a.id FROM accounts a WHERE NOT EXISTS (SELECT 1 FROM accounts b WHERE b.mrr__c > a.mrr__c)",
    "SELECT a.id, d.day FROM accounts a CROSS JOIN (SELECT DISTINCT day FROM service_users) d",
    "SELECT id, mrr__c - (SELECT max(mrr__c) FROM accounts) AS below FROM accounts",
    "SELECT a.id FROM accounts a WHERE a.backendid__c NOT IN (SELECT CAST(account_id AS text) FROM service_users WHERE account_id IS NOT NULL)",
    "SELECT email_key FROM service_users UNION SELECT email_key FROM zendesk_users",
    "SELECT email_key FROM service_users UNION ALL SELECT email_key FROM zendesk_users WHERE active",
    "SELECT email_key FROM service_users EXCEPT SELECT email_key FROM zendesk_users",
    "SELECT id, sum(coalesce(mrr__c, 0)) OVER (ORDER BY id) AS so_far, rank() OVER (ORDER BY mrr__c DESC NULLS LAST) AS place FROM accounts",
    "SELECT id FROM accounts ORDER BY mrr__c DESC NULLS LAST, id LIMIT 17 OFFSET 3",
    "SELECT type, currencyisocode, count(*) AS n FROM accounts GROUP BY GROUPING SETS ((type), (currencyisocode), ())",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT i, count(a.id) AS accounts FROM n LEFT JOIN accounts a
         ON length(a.name) = i GROUP BY i",
    "SELECT encode(sha256(email_key), 'hex') AS hash, round(mrr__c, 1) AS mrr, now() > to_timestamp(0) AS is_now
       FROM zendesk_users z LEFT JOIN accounts a ON a.owner_name = z.name",
];

/// What is refused, or fails on rows.
const REFUSED: [&str; 20] = [
    "select * from '/etc/passwd'",
    "select * from information_schema.tables",
    "select * from generate_series(1, 1000000000000)",
    "select * from read_parquet('/etc/passwd')",
    "copy accounts to 'accounts.csv'",
    "create external table t stored as csv location '/etc/passwd'",
    "drop table accounts",
    "insert into accounts select * from accounts",
    "set datafusion.execution.batch_size = 1",
    "show tables",
    "with t as (delete from accounts) select * from t",
    "select id\nfrom acounts",
    "select nmae from accounts",
    "select id frm accounts a",
    "select avg(mrr__c) as mrr from accounts",
    "select cast(cast(mrr__c as double) as float) as mrr from accounts",
    "select cast(name as bigint) as number from accounts",
    "select 1 / (position('Company' in name) - 1) as ratio from accounts",
    "select a.id, b.id as other, c.id as third, d.id as fourth from accounts a, accounts b, accounts c, accounts d",
    "select repeat(name, 200000) as long from (select name from accounts limit 1) as a",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_answers_what_this_machine_answers() {
    let (world, cluster) = (World::new(2_000), Cluster::start(2).await);
    let template: toml::Table = TEMPLATE.parse().expect("TOML");
    let shipped = shipped(&template);
    for sql in shipped.iter().map(String::as_str).chain(EVERYDAY).chain(DIVIDED) {
        world.compare(&cluster, sql).await;
    }
    for executor in &cluster.executors {
        let tasks = executor.watch.tasks.load(Ordering::Relaxed);
        eprintln!("cluster: an executor had {tasks} tasks");
        assert!(tasks > 0);
    }
    cluster.until_empty().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_refuses_what_this_machine_refuses() {
    let (world, cluster) = (World::new(500), Cluster::start(2).await);
    for sql in REFUSED {
        world.compare(&cluster, sql).await;
    }
    cluster.until_empty().await;
}
