//! What models answer, and what an admin reads when one is wrong.

use engine::{Batch, Engine, Model, ModelError, Table, Type, Value, View};
use futures::TryStreamExt;

use crate::stage::{Stage, entries, lines};

/// What the console shows of an error.
async fn refused(stage: &Stage, sql: &str) -> String {
    stage.plan(sql).await.unwrap_err().to_string()
}

#[tokio::test]
async fn people_are_joined_by_the_keys_of_their_addresses() {
    let stage = Stage::with_people();
    let sql = "
        SELECT U.Id AS user_id, m.account_id
        FROM Users u LEFT JOIN members m ON m.email_key = u.email_key";
    let lines = stage.run(sql, &["user_id"]).await.unwrap();
    assert_eq!(lines, ["1 | 10", "2 | 10", "3 | -"]);
    assert_eq!(entries(&stage.limits.spill), 0);
}

#[tokio::test]
async fn a_result_comes_in_the_order_that_was_asked_for() {
    let rows: Vec<Vec<Value>> = [None, Some("b"), Some("Z"), Some("ä"), Some("a")]
        .map(|text| vec![text.map_or(Value::Null, |text| Value::Text(text.into()))])
        .to_vec();
    let stage = Stage::new().table("words", &[("word", Type::Text)], &[], &rows);
    let lines = stage.run("select word from words order by word desc", &["word"]).await.unwrap();
    assert_eq!(lines, ["-", "Z", "a", "b", "ä"]);
    let error = stage.run("select word from words", &["wrod"]).await.unwrap_err();
    assert_eq!(error.to_string(), "the model's result has no column `wrod`: did you mean `word`?");
}

#[tokio::test]
async fn several_files_are_one_table() {
    let mut stage = Stage::with_people();
    let users = stage.tables_mut()[0].clone();
    let second = stage.folder.path().join("second.parquet");
    std::fs::copy(&users.files[0], &second).unwrap();
    let both = vec![users.files[0].clone(), second];
    stage.tables_mut()[0] = Table { name: users.name, files: both };
    assert_eq!(stage.run("select count(*) as n from users", &[]).await.unwrap(), ["6"]);
    let other = stage.tables_mut()[1].files[0].clone();
    stage.tables_mut()[0].files.push(other);
    let error = refused(&stage, "select 1 as one from users").await;
    assert_eq!(error, "the staged rows of `users` cannot be read: its files have different columns");
}

/// check(a text, what is wrong with it)
#[tokio::test]
async fn sql_is_read_before_the_columns_of_its_tables_are_known() {
    let mut stage = Stage::with_people();
    stage.tables_mut().iter_mut().for_each(|table| table.files.clear());
    let check = async |sql: &str, expected: Result<(), &str>| {
        let read = stage.engine.read(&stage.model(sql, &[])).await.map_err(|error| error.to_string());
        match (read, expected) {
            (Ok(()), Ok(())) => {}
            (Err(told), Err(words)) => assert!(told.contains(words), "{told}"),
            (read, expected) => panic!("{sql}: {read:?} instead of {expected:?}"),
        }
    };
    check("SELECT anything FROM users u JOIN members m ON m.some = u.other", Ok(())).await;
    check("WITH a AS (SELECT 1 AS one) SELECT one FROM a", Ok(())).await;
    check("SELEC id FROM users", Err("SELEC")).await;
    check("SELECT id FROM usrs", Err("no source `usrs`: did you mean `users`? (line 1, column 16)")).await;
    check("SELECT 1; SELECT 2", Err("2 statements")).await;
    check("DROP TABLE users", Err("`DROP` is not available")).await;
    check("SELECT * FROM generate_series(1, 9)", Err("table function")).await;
}

#[tokio::test]
async fn a_wrong_name_is_told_with_its_place_and_the_nearest_one() {
    let stage = Stage::with_people();
    let check = async |sql: &str, expected: &str| assert_eq!(refused(&stage, sql).await, expected, "{sql}");
    check(
        "select id\nfrom user",
        "this integration has no source `user`: did you mean `users`? (line 2, column 6)",
    )
    .await;
    check(
        "select * from contracts",
        "this integration has no source `contracts`: there are `users`, `members` (line 1, column 15)",
    )
    .await;
    check(
        "select emial from users",
        "what the model reads has no column `emial`: did you mean `email`? (line 1, column 8)",
    )
    .await;
    check(
        "select u.emial\nfrom users u",
        "`u` has no column `emial`: did you mean `email`? (line 1, column 8)",
    )
    .await;
    check(
        "select email from users, members",
        "`email` is a column of several sources: write the source before it, with a point (line 1, column 8)",
    )
    .await;
    check("select lowr(email) as x from users", "Invalid function 'lowr' (line 1, column 8)").await;
}

#[tokio::test]
async fn a_model_is_one_select() {
    let stage = Stage::with_people();
    let check = async |sql: &str, expected: &str| assert_eq!(refused(&stage, sql).await, expected, "{sql}");
    check("", "the model is empty: write a `SELECT`").await;
    check("select 1 as a; select 2 as b", "a model is one `SELECT`; this text has 2 statements").await;
    check("explain select 1 as a", "a model is one `SELECT`; `EXPLAIN` is not available").await;
    check("set datafusion.execution.batch_size = 1", "a model is one `SELECT`; `SET` is not available").await;
    check("select id from users where", "the model cannot be read: Expected: an expression, found: EOF")
        .await;
    check(
        "select id frm users u",
        "the model cannot be read: Expected: end of statement, found: users (line 1, column 15)",
    )
    .await;
    let long = format!("select '{}' as a", "x".repeat(100_000));
    check(&long, "the model has more than 100000 bytes: shorten it").await;
}

#[tokio::test]
async fn two_columns_of_one_name_are_refused_by_name() {
    let stage = Stage::with_people();
    let expected = "columns 1 and 3 of the result are both named `id`: rename one of them with `as`";
    let sql = "select a.id, a.email, b.id from users a join users b on a.id = b.id";
    assert_eq!(refused(&stage, sql).await, expected);
    assert_eq!(
        refused(&stage, "select id, email, email_key as \"ID\" from users").await,
        expected.replace("`id`", "`ID`")
    );
    for sql in [
        "select id as k, email as k from users",
        "select k from (select id as k, lower(email) as k from users) as x",
    ] {
        let expected = "two columns of one `SELECT` are both named `k`: rename one of them with `as`";
        assert_eq!(refused(&stage, sql).await, expected, "{sql}");
    }
    let expected = "two columns of one `SELECT` are both named `email`: rename one of them with `as`";
    assert_eq!(refused(&stage, "select email, email from users").await, expected);
}

#[tokio::test]
async fn a_query_reads_a_view_by_names_in_lower_case() {
    let stage = Stage::with_people();
    let over = |view: &str, sql: &str| Model {
        view: Some(View { name: "v".to_owned(), sql: view.to_owned() }),
        ..stage.model(sql, &["user_id"])
    };
    let view = "select u.id as \"User_ID\", u.email_key as \"Key\" from users u where u.email is not null; -- with names";
    let model = over(view, "select v.*, m.account_id from v join members m on m.email_key = v.key");
    let answer = stage.engine.run(&model, &stage.limits).await.unwrap();
    let batches: Vec<Batch> = answer.batches.try_collect().await.unwrap();
    let lines: Vec<String> = batches.iter().flat_map(lines).collect();
    assert_eq!(lines, ["1 | taro@example.com | 10", "2 | hana@example.com | 10"]);
    let check = async |view: &str, expected: &str| {
        let error = stage.engine.plan(&over(view, "select user_id\nfrom v")).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{view}");
    };
    check(
        "select id\nfrom user",
        "this integration has no source `user`: did you mean `users`? (line 2, column 6)",
    )
    .await;
    check("select 1 as user_id; select 2 as x", "a model is one `SELECT`; this text has 2 statements").await;
    check(
        "select 1 as user_id) as x, (select 2 as y",
        "the model cannot be read: Expected: end of statement, found: ) (line 1, column 20)",
    )
    .await;
    check(
        &format!("select '{}' as user_id", "x".repeat(100_000)),
        "the model has more than 100000 bytes: shorten it",
    )
    .await;
}

#[tokio::test]
async fn a_model_knows_what_time_it_is() {
    let stage = Stage::with_people();
    let sql = "select id, now() > to_timestamp('2026-01-01T00:00:00') as is_later, current_date > date '2026-01-01' as is_day from users";
    assert_eq!(
        stage.run(sql, &["id"]).await.unwrap(),
        ["1 | true | true", "2 | true | true", "3 | true | true"]
    );
}

#[tokio::test]
async fn a_source_that_is_gone_is_told_by_name() {
    let mut stage = Stage::with_people();
    std::fs::remove_file(&stage.tables_mut()[1].files[0]).unwrap();
    let error = refused(&stage, "select id from users").await;
    assert_eq!(
        error,
        "the staged rows of `members` cannot be read: a file is missing; run the integration again"
    );
}

#[tokio::test]
async fn a_folder_for_temporary_files_that_is_missing_is_told() {
    let mut stage = Stage::with_people();
    stage.limits.spill = stage.folder.path().join("missing");
    let error = stage.run("select id from users", &["id"]).await.unwrap_err();
    assert!(matches!(error, ModelError::Disk(_)), "{error}");
}

#[tokio::test]
async fn a_model_that_outgrows_its_memory_is_sorted_on_disk() {
    let rows: Vec<Vec<Value>> = (0..40_000)
        .map(|id| vec![Value::Integer(id * 7919 % 40_000), Value::Text(format!("{id:0>400}").into())])
        .collect();
    let mut stage = Stage::new().table("big", &[("id", Type::Integer), ("text", Type::Text)], &[], &rows);
    stage.limits.memory = 48 << 20;
    let sql = "select a.id, a.text, b.text as other from big a join big b on a.id = b.id";
    let lines = stage.run(sql, &["text", "id"]).await.unwrap();
    assert_eq!(lines.len(), 40_000);
    assert!(lines.is_sorted_by_key(|line| line.split(" | ").nth(1).map(str::to_owned)));
    assert_eq!(entries(&stage.limits.spill), 0);
}

#[tokio::test]
async fn a_dropped_answer_gives_its_turn_and_its_folder_back() {
    let stage = Stage::with_people();
    let model = stage.model("select * from users", &["id"]);
    drop(stage.engine.run(&model, &stage.limits).await.unwrap());
    assert_eq!(stage.run("select 1 as one", &[]).await.unwrap(), ["1"]);
    assert_eq!(entries(&stage.limits.spill), 0);
}
