//! Models that would harm the machine or read what is not theirs: each ends in a sentence, within its limits.

use std::time::Duration;

use engine::{Type, Value};

use crate::stage::{Stage, entries};

#[tokio::test]
async fn a_model_reaches_nothing_but_its_sources() {
    let stage = Stage::with_people();
    let other = Stage::with_people();
    let theirs = other.folder.path().join("users.parquet");
    let theirs = theirs.display();
    let check = async |sql: &str, expected: &str| {
        let error = stage.plan(sql).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{sql}: {error}");
    };
    check(&format!("select * from '{theirs}'"), "this integration has no source").await;
    check(&format!("select * from \"{theirs}\""), "this integration has no source").await;
    check("select * from '/etc/passwd'", "this integration has no source").await;
    check("select * from globex.staged.users", "this integration has no source").await;
    check("select * from information_schema.tables", "this integration has no source").await;
    check(&format!("select * from read_parquet('{theirs}')"), "`read_parquet` is a table function").await;
    check("select * from generate_series(1, 1000000000000)", "`generate_series` is a table function").await;
    check("select * from unnest(generate_series(1, 1000000000000))", "`unnest` is a table function").await;
    check("copy users to 'users.csv'", "a model is one `SELECT`; `COPY`").await;
    check(
        "create external table t stored as csv location '/etc/passwd'",
        "a model is one `SELECT`; `CREATE`",
    )
    .await;
    check("drop table users", "a model is one `SELECT`; `DROP`").await;
    check("insert into users select * from users", "a model is one `SELECT`; `INSERT`").await;
    check("show tables", "a model is one `SELECT`; `SHOW`").await;
    check("select @@version as v", "").await;
    check("with t as (delete from users) select * from t", "").await;
}

#[tokio::test]
async fn a_file_that_is_not_of_the_model_cannot_be_opened() {
    let mut stage = Stage::with_people();
    let link = stage.folder.path().join("link.parquet");
    std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
    stage.tables_mut()[0].files = vec![link];
    let error = stage.plan("select 1 as one from users").await.unwrap_err().to_string();
    assert!(error.starts_with("the staged rows of `users` cannot be read"), "{error}");
}

#[tokio::test]
async fn a_value_that_does_not_fit_into_memory_ends_the_child_only() {
    let stage = Stage::with_people();
    let error = stage.plan("select repeat('x', 1000000000) as x").await.unwrap_err().to_string();
    assert!(error.starts_with("the model needs more than 256 MB of memory"), "{error}");
    let sql = "select repeat(email, 100000000) as x from users";
    let error = stage.run(sql, &["x"]).await.unwrap_err().to_string();
    assert!(error.starts_with("the model needs more than 128 MB of memory"), "{error}");
    assert_eq!(stage.run("select 1 as one", &[]).await.unwrap(), ["1"]);
    assert_eq!(entries(&stage.limits.spill), 0);
}

#[tokio::test]
async fn a_value_that_is_too_large_for_a_result_is_refused() {
    let stage = Stage::with_people();
    let error =
        stage.run("select repeat(email, 200000) as x from users", &["x"]).await.unwrap_err().to_string();
    assert!(error.starts_with("the model makes a value of more than 1 MB in the column `x`"), "{error}");
}

#[tokio::test]
async fn a_rows_value_is_never_in_the_sentence() {
    let stage = Stage::with_people();
    let sql = "select to_timestamp(email, '%Y-%m-%d') as at from users";
    let error = stage.run(sql, &["at"]).await.unwrap_err().to_string();
    assert!(error.starts_with("the model fails on the value of some row"), "{error}");
    assert!(!error.contains('@'), "{error}");
}

#[tokio::test]
async fn a_model_that_does_not_end_is_stopped_at_its_deadline() {
    let mut stage = thousand();
    stage.limits.deadline = Duration::from_secs(2);
    let check = async |sql: &str| {
        let error = stage.run(sql, &[]).await.unwrap_err().to_string();
        assert!(error.starts_with("the model did not finish within 2 s"), "{sql}: {error}");
    };
    check("with recursive t as (select 1 as n union all select n from t) select max(n) as n from t").await;
    check("select count(*) as n from t a, t b, t c, t d where a.id + b.id + c.id > d.id").await;
    // The next run begins when nothing is left of the one before.
    assert_eq!(stage.run("select 1 as one", &[]).await.unwrap(), ["1"]);
    assert_eq!(entries(&stage.limits.spill), 0);
}

#[tokio::test]
async fn a_result_with_too_many_rows_is_refused_before_it_is_sorted() {
    let mut stage = thousand();
    stage.limits.rows = 2000;
    let sql = "select a.id, b.id as other, c.id as third from t a cross join t b cross join t c";
    let error = stage.run(sql, &["id"]).await.unwrap_err().to_string();
    assert!(error.starts_with("the model's result has more than 2000 rows"), "{error}");
}

#[tokio::test]
async fn a_model_nested_without_end_is_refused() {
    let stage = Stage::with_people();
    let check = async |sql: String| {
        let error = stage.plan(&sql).await.unwrap_err().to_string();
        assert!(error.starts_with("the model is nested too deeply"), "{error}");
    };
    check(format!("select {}1{} as x", "(".repeat(10_000), ")".repeat(10_000))).await;
    check(format!("select {}1 as x", "- ".repeat(40_000))).await;
    check(format!("select {}1 as x", "1 + ".repeat(24_000))).await;
    let long = format!("select id from users where {}id = 0", "id = 1 or ".repeat(200));
    assert_eq!(stage.run(&long, &[]).await.unwrap(), ["1"]);
}

/// Numbers from 0 to 999.
fn thousand() -> Stage {
    let rows: Vec<Vec<Value>> = (0..1000).map(|id| vec![Value::Integer(id)]).collect();
    Stage::new().table("t", &[("id", Type::Integer)], &[], &rows)
}
