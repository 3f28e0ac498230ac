//! Customers' databases, read with one SELECT from real servers.

use std::time::Duration;

use deskside::connectors::VendorError;
use deskside::connectors::rows::Oddity;
use deskside::connectors::sql::{Dialect, Outcome, Settings, TlsMode};
use engine::{Type, Value};
use futures::StreamExt;

use crate::support::customers::{Customer, PASSWORD, for_each_customer, on_mariadb, on_postgres};

const OPEN: Type = Type::Decimal { precision: 38, scale: 8 };

/// As its server writes it.
const INVALID: Value<'static> = Value::Invalid(std::borrow::Cow::Borrowed(""));

/// A case of the other database.
const ELSEWHERE: &str = "";

/// How a cell is stored, and what it is read as.
type Case = (&'static str, &'static str, Type, Value<'static>, Option<Oddity>);

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

const fn decimal(unscaled: i128, scale: i8) -> Value<'static> {
    Value::Decimal { unscaled, scale }
}

/// Makes a table of one row, one column for each case, and reads it.
async fn check_cells(customer: &Customer, cases: &[Case]) {
    let columns: Vec<_> =
        cases.iter().enumerate().map(|(at, (column, ..))| format!("c{at} {column}")).collect();
    let values: Vec<_> = cases.iter().map(|(_, value, ..)| *value).collect();
    customer.run(&format!("CREATE TABLE cells ({})", columns.join(", "))).await;
    customer.run(&format!("INSERT INTO cells VALUES ({})", values.join(", "))).await;
    let read = customer.read("SELECT * FROM cells").await.expect("rows");
    assert_eq!(read.rows.len(), 1);
    for (at, (column, value, kind, expected, oddity)) in cases.iter().enumerate() {
        assert_eq!(read.columns[at], (format!("c{at}"), *kind), "{column} {value}");
        match (&read.rows[0][at], expected) {
            (Value::Invalid(text), Value::Invalid(_)) => assert!(!text.is_empty(), "{column} {value}"),
            (found, expected) => assert_eq!(found, expected, "{column} {value}"),
        }
        let name = format!("c{at}");
        let found = read.oddities.iter().find(|(column, ..)| *column == name).map(|(_, oddity, _)| *oddity);
        assert_eq!(found, *oddity, "{column} {value}");
    }
}

#[tokio::test]
async fn every_type_of_mariadb_has_one_meaning() {
    let decimal_type = |precision, scale| Type::Decimal { precision, scale };
    let day = |days| Value::Date(days);
    let cases: &[Case] = &[
        ("INT", "-5", Type::Integer, Value::Integer(-5), None),
        ("TINYINT(1)", "3", Type::Integer, Value::Integer(3), None),
        ("INT UNSIGNED", "4294967295", Type::Integer, Value::Integer(4_294_967_295), None),
        ("BIGINT", "-9223372036854775808", Type::Integer, Value::Integer(i64::MIN), None),
        (
            "BIGINT UNSIGNED",
            "18446744073709551615",
            decimal_type(20, 0),
            decimal(18_446_744_073_709_551_615, 0),
            None,
        ),
        ("YEAR", "2026", Type::Integer, Value::Integer(2026), None),
        ("BIT(1)", "b'1'", Type::Integer, Value::Integer(1), None),
        ("BIT(64)", "0x8000000000000000", decimal_type(20, 0), decimal(1 << 63, 0), None),
        ("DECIMAL(12,2)", "1234567.89", decimal_type(12, 2), decimal(123_456_789, 2), None),
        (
            "DECIMAL(30,0)",
            "123456789012345678901234567890",
            decimal_type(30, 0),
            decimal(123_456_789_012_345_678_901_234_567_890, 0),
            None,
        ),
        ("DECIMAL(65,30)", "1.5", OPEN, decimal(150_000_000, 8), None),
        ("DECIMAL(65,30)", "0.123456789", OPEN, decimal(12_345_679, 8), Some(Oddity::Rounded)),
        (
            "DECIMAL(65,0)",
            "100000000000000000000000000000000000000000",
            decimal_type(38, 0),
            INVALID,
            Some(Oddity::NumberOutOfRange),
        ),
        ("FLOAT", "0.1", OPEN, decimal(10_000_000, 8), None),
        ("DOUBLE", "99.5", OPEN, decimal(9_950_000_000, 8), None),
        ("DOUBLE", "1e300", OPEN, INVALID, Some(Oddity::NumberOutOfRange)),
        ("DATE", "'2026-11-30'", Type::Date, day(20_787), None),
        ("DATE", "'0000-00-00'", Type::Date, Value::Null, Some(Oddity::ZeroDate)),
        ("DATE", "'2025-00-15'", Type::Date, Value::Null, Some(Oddity::ZeroDate)),
        ("DATE", "'0001-01-01'", Type::Date, Value::Null, Some(Oddity::YearOne)),
        (
            "DATETIME(6)",
            "'1970-01-02 00:00:00.000001'",
            Type::Timestamp,
            Value::Timestamp(86_400_000_001),
            None,
        ),
        ("DATETIME", "'0000-00-00 00:00:00'", Type::Timestamp, Value::Null, Some(Oddity::ZeroDate)),
        ("TIMESTAMP NULL", "FROM_UNIXTIME(86400)", Type::Timestamp, Value::Timestamp(86_400_000_000), None),
        ("TIME", "'-25:00:01'", Type::Text, text("-25:00:01"), None),
        ("TIME(3)", "'09:05:00.250'", Type::Text, text("09:05:00.250000"), None),
        ("VARCHAR(10) CHARACTER SET latin1", "'Müßig'", Type::Text, text("Müßig"), None),
        ("CHAR(5)", "'ab'", Type::Text, text("ab"), None),
        ("VARCHAR(10)", "'😀 絵'", Type::Text, text("😀 絵"), None),
        ("VARCHAR(5)", "''", Type::Text, text(""), None),
        ("ENUM('free','paying')", "'paying'", Type::Text, text("paying"), None),
        ("SET('a','b')", "'a,b'", Type::Text, text("a,b"), None),
        ("BINARY(4)", "0x00ff10ab", Type::Text, text("00ff10ab"), None),
        ("BLOB", "'abc'", Type::Text, text("616263"), None),
        ("JSON", "'{\"b\": 1}'", Type::Text, text("{\"b\": 1}"), None),
        (
            "UUID",
            "'018f0000-0000-7000-8000-000000000001'",
            Type::Text,
            text("018f0000-0000-7000-8000-000000000001"),
            None,
        ),
        ("POINT", "NULL", Type::Text, Value::Null, None),
        ("INT", "NULL", Type::Integer, Value::Null, None),
    ];
    on_mariadb(async |customer| check_cells(customer, cases).await).await;
}

#[tokio::test]
async fn every_type_of_postgresql_has_one_meaning() {
    let decimal_type = |precision, scale| Type::Decimal { precision, scale };
    let json = |text: &str| Value::Json(text.to_owned().into());
    let cases: &[Case] = &[
        ("int2", "-5", Type::Integer, Value::Integer(-5), None),
        ("int8", "9223372036854775807", Type::Integer, Value::Integer(i64::MAX), None),
        ("oid", "4294967295", Type::Integer, Value::Integer(4_294_967_295), None),
        ("bool", "true", Type::Boolean, Value::Boolean(true), None),
        ("numeric(12,2)", "-1234567.89", decimal_type(12, 2), decimal(-123_456_789, 2), None),
        (
            "numeric",
            "123456789012345678901234567890.5",
            OPEN,
            decimal(12_345_678_901_234_567_890_123_456_789_050_000_000, 8),
            None,
        ),
        ("numeric", "0.123456789", OPEN, decimal(12_345_679, 8), Some(Oddity::Rounded)),
        ("numeric", "'NaN'", OPEN, INVALID, Some(Oddity::NotANumber)),
        ("numeric(60,2)", "1e50", OPEN, INVALID, Some(Oddity::NumberOutOfRange)),
        ("float4", "0.1", OPEN, decimal(10_000_000, 8), None),
        ("float8", "'Infinity'", OPEN, INVALID, Some(Oddity::NumberOutOfRange)),
        ("float8", "'NaN'", OPEN, INVALID, Some(Oddity::NotANumber)),
        ("float8", "1e-20", OPEN, decimal(0, 8), Some(Oddity::Rounded)),
        ("money", "'1234.50'", OPEN, decimal(123_450_000_000, 8), None),
        ("date", "'2026-11-30'", Type::Date, Value::Date(20_787), None),
        ("date", "'infinity'", Type::Date, INVALID, Some(Oddity::DateOutOfRange)),
        ("date", "'-infinity'", Type::Date, INVALID, Some(Oddity::DateOutOfRange)),
        ("date", "'0001-01-01'", Type::Date, Value::Null, Some(Oddity::YearOne)),
        ("date", "'0044-03-15 BC'", Type::Date, INVALID, Some(Oddity::DateOutOfRange)),
        ("date", "'5874897-12-31'", Type::Date, INVALID, Some(Oddity::DateOutOfRange)),
        (
            "timestamp",
            "'1970-01-02 00:00:00.000001'",
            Type::Timestamp,
            Value::Timestamp(86_400_000_001),
            None,
        ),
        ("timestamptz", "'1970-01-02 09:00:00+09'", Type::Timestamp, Value::Timestamp(86_400_000_000), None),
        ("timestamptz", "'infinity'", Type::Timestamp, INVALID, Some(Oddity::DateOutOfRange)),
        ("timestamp", "'-infinity'", Type::Timestamp, INVALID, Some(Oddity::DateOutOfRange)),
        ("time", "'09:05:00.25'", Type::Text, text("09:05:00.25"), None),
        ("timetz", "'09:05:00+09'", Type::Text, text("09:05:00+09"), None),
        ("interval", "'1 mon 2 days 03:04:05'", Type::Text, text("P1M2DT3H4M5S"), None),
        ("text", "'😀 絵'", Type::Text, text("😀 絵"), None),
        ("char(5)", "'ab'", Type::Text, text("ab"), None),
        (
            "uuid",
            "'018f0000-0000-7000-8000-000000000001'",
            Type::Text,
            text("018f0000-0000-7000-8000-000000000001"),
            None,
        ),
        ("bytea", "'\\x00ff10ab'", Type::Text, text("00ff10ab"), None),
        ("json", "'{\"b\": 1.10}'", Type::Json, json("{\"b\": 1.10}"), None),
        ("jsonb", "'{\"b\": 1.10, \"a\":[]}'", Type::Json, json("{\"a\": [], \"b\": 1.10}"), None),
        ("int4[]", "'{1,NULL,3}'", Type::Json, json("[1,null,3]"), None),
        ("text[]", "'{a,\"b,c\"}'", Type::Json, json("[\"a\",\"b,c\"]"), None),
        ("pair", "ROW(1, 'x')", Type::Json, json("{\"n\":1,\"t\":\"x\"}"), None),
        ("mood", "'paying'", Type::Text, text("paying"), None),
        ("cents", "5", Type::Integer, Value::Integer(5), None),
        ("inet", "'10.0.0.1'", Type::Text, text("10.0.0.1"), None),
        ("cidr", "'10.0.0.0/8'", Type::Text, text("10.0.0.0/8"), None),
        ("bit(4)", "B'0101'", Type::Text, text("0101"), None),
        ("int4range", "'[1,5)'", Type::Text, text("[1,5)"), None),
        ("xml", "'<a/>'", Type::Text, text("<a/>"), None),
        ("text", "NULL", Type::Text, Value::Null, None),
    ];
    on_postgres(async |customer| {
        customer.run("CREATE TYPE mood AS ENUM ('free', 'paying')").await;
        customer.run("CREATE TYPE pair AS (n int, t text)").await;
        customer.run("CREATE DOMAIN cents AS int CHECK (VALUE >= 0)").await;
        check_cells(customer, cases).await;
    })
    .await;
}

#[tokio::test]
async fn a_query_that_cannot_be_staged_is_refused_with_what_to_do() {
    for_each_customer(async |customer| {
        customer.run("CREATE TABLE users (id int PRIMARY KEY, email varchar(100))").await;
        let check = async |sql: &str, mysql: &str, postgres: &str| {
            let expected = if customer.dialect == Dialect::MySql { mysql } else { postgres };
            if expected == ELSEWHERE {
                return;
            }
            let error = customer.read(sql).await.err().unwrap_or_else(|| panic!("{sql} is read"));
            assert!(error.to_string().contains(expected), "{sql}: {error}");
            assert!(!error.is_outage(), "{sql}: {error}");
        };
        let both = async |sql: &str, expected: &str| check(sql, expected, expected).await;
        check(
            "SELECT\n  emial FROM users",
            "Unknown column 'emial'",
            "column \"emial\" does not exist in line 2, column 3",
        )
        .await;
        check(
            "SELECT * FROM nothing",
            "nothing' doesn't exist",
            "relation \"nothing\" does not exist in line 1",
        )
        .await;
        check(
            "SELEC 1 AS a",
            "is not valid SQL in line 1",
            "syntax error at or near \"SELEC\" in line 1, column 1",
        )
        .await;
        check(
            "SELECT 1 AS a; SELECT 2 AS b",
            "is not valid SQL",
            "cannot insert multiple commands into a prepared statement",
        )
        .await;
        check("SELECT 1 AS a; -- the end", ELSEWHERE, "without a comment behind it").await;
        check(
            "SELECT id AS a, email AS \"A\" FROM users",
            "`a` and `A` have the same name",
            "`a` and `A` have the same name",
        )
        .await;
        both("SELECT id, id FROM users", "`id` and `id` have the same name").await;
        check("SELECT ''", "column 1 has no name", "column 1 has no name").await;
        check("SELECT ? AS a", "has a `?`", ELSEWHERE).await;
        check("SELECT :name AS a", "has a `?` or a `:name`", "syntax error").await;
        check("SELECT $1::int AS a", ELSEWHERE, "has a parameter like `$1`").await;
        both("DELETE FROM users", "").await;
        both(
            "DELETE FROM users",
            if customer.dialect == Dialect::MySql { "does not allow" } else { "no columns" },
        )
        .await;
        check("SELECT 1 / 0 AS a", "", "refused `SELECT`: error 22012").await;
        check("SELECT 'ann@acme.example'::int AS a", "", "error 22P02").await;
        check("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE users", "`SELECT`", "syntax error").await;
        check("SELECT id INTO OUTFILE '/srv/x' FROM users", "SELECT", "syntax error").await;
    })
    .await;
}

#[tokio::test]
async fn a_query_reads_and_never_writes() {
    for_each_customer(async |customer| {
        customer.run("CREATE TABLE users (id int PRIMARY KEY)").await;
        let function = match customer.dialect {
            Dialect::MySql => {
                "CREATE FUNCTION add_user() RETURNS int BEGIN INSERT INTO users VALUES (1); RETURN 1; END"
            }
            Dialect::Postgres => {
                "CREATE FUNCTION add_user() RETURNS int LANGUAGE sql AS 'INSERT INTO users VALUES (1) RETURNING id'"
            }
        };
        customer.run(function).await;
        // Even for a user who may.
        let owner = customer.owner();
        let mut writes = vec!["SELECT add_user() AS id"];
        if customer.dialect == Dialect::Postgres {
            writes.push("WITH made AS (INSERT INTO users VALUES (2) RETURNING id) SELECT id FROM made");
            writes.push("INSERT INTO users VALUES (3) RETURNING id");
        } else {
            writes.push("INSERT INTO users VALUES (3) RETURNING id");
        }
        for sql in writes {
            let refused = match owner.read(sql).await {
                Ok(rows) => rows.batches.collect::<Vec<_>>().await.into_iter().find_map(Result::err),
                Err(error) => Some(error),
            };
            let refused = refused.unwrap_or_else(|| panic!("{sql} is run"));
            assert!(!refused.is_outage(), "{sql}: {refused}");
        }
        assert!(customer.read("SELECT id FROM users").await.expect("rows").rows.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_its_place() {
    for_each_customer(async |customer| {
        let repeat = |bytes: usize| format!("repeat('x', {bytes})");
        let read = customer.read(&format!("SELECT {} AS a", repeat(100_000))).await.expect("100 kB are fine");
        assert_eq!(read.rows, [[text(&"x".repeat(100_000))]]);
        let check = async |sql: String, expected: &str| {
            let error = customer.read(&sql).await.map(drop).expect_err("an error");
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(
            format!("SELECT 'a' AS note UNION ALL SELECT {}", repeat(1_048_577)),
            "row 2 has 1048577 bytes in column `note`, and at most 1048576 are read",
        )
        .await;
        let wide: Vec<_> = (0..9).map(|at| format!("{} AS c{at}", repeat(1_000_000))).collect();
        check(format!("SELECT {}", wide.join(", ")), "row 1 has more than 8388608 bytes").await;
        check(format!("SELECT {} AS a", repeat(9_000_000)), "row 1 has more than 8388608 bytes").await;
        let many: Vec<_> = (0..1_001).map(|at| format!("1 AS c{at}")).collect();
        check(format!("SELECT {}", many.join(", ")), "there are 1001 columns, and at most 1000 are read")
            .await;
    })
    .await;
}

/// A result of 60 MB: more than all buffers between server and reader.
async fn with_large_table(customer: &Customer) -> &'static str {
    customer.run("CREATE TABLE large (id int PRIMARY KEY, note varchar(3000))").await;
    customer
        .run(match customer.dialect {
            Dialect::MySql => "INSERT INTO large SELECT seq, repeat('x', 3000) FROM seq_1_to_20000",
            Dialect::Postgres => {
                "INSERT INTO large SELECT n, repeat('x', 3000) FROM generate_series(1, 20000) AS n"
            }
        })
        .await;
    "SELECT id, note FROM large"
}

/// The server's own word: it ends all queries of the reader. Fails where there is none.
async fn kill(customer: &Customer) {
    let name = &customer.name;
    customer
        .run(&match customer.dialect {
            Dialect::MySql => format!(
                "BEGIN NOT ATOMIC
                   SELECT ID INTO @query FROM information_schema.processlist WHERE USER = '{name}' AND COMMAND = 'Execute';
                   KILL CONNECTION @query;
                 END"
            ),
            Dialect::Postgres => format!(
                "DO $$ BEGIN
                   IF NOT (SELECT bool_or(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = '{name}' AND state = 'active')
                   THEN RAISE 'no query'; END IF;
                 END $$"
            ),
        })
        .await;
}

#[tokio::test]
async fn rows_come_while_the_query_runs_and_none_is_lost() {
    for_each_customer(async |customer| {
        let sql = with_large_table(customer).await;
        let rows = customer.source().read(sql).await.expect("rows");
        let (mut batches, mut ids) = (rows.batches, Vec::new());
        let mut changed = false;
        while let Some(batch) = batches.next().await {
            let batch = batch.expect("a batch");
            assert!(batch.len() <= 2_048);
            ids.extend(batch.into_iter().map(|row| row[0].clone()));
            if !std::mem::replace(&mut changed, true) {
                // What is written meanwhile is another snapshot's.
                customer.run("INSERT INTO large VALUES (20001, 'late'), (20002, 'late')").await;
                customer.run("DELETE FROM large WHERE id = 20000").await;
            }
        }
        let expected: Vec<_> = (1..=20_000).map(Value::Integer).collect();
        assert_eq!(ids, expected);
    })
    .await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_an_error_and_not_an_end() {
    for_each_customer(async |customer| {
        let sql = with_large_table(customer).await;
        let rows = customer.source().read(sql).await.expect("rows");
        let mut batches = rows.batches;
        batches.next().await.expect("a batch").expect("rows");
        kill(customer).await;
        let error = loop {
            match batches.next().await {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => panic!("the rows end as if they were all"),
            }
        };
        assert!(error.is_outage(), "{error}");
        assert!(batches.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_dropped_meanwhile_is_read_whole() {
    for_each_customer(async |customer| {
        let sql = with_large_table(customer).await;
        let rows = customer.source().read(sql).await.expect("rows");
        let mut batches = rows.batches;
        let mut count = batches.next().await.expect("a batch").expect("rows").len();
        // The server lets the reader finish first.
        let dropped = customer.run("DROP TABLE large");
        let rest = async {
            while let Some(batch) = batches.next().await {
                count += batch.expect("rows").len();
            }
            drop(batches);
        };
        tokio::join!(dropped, rest);
        assert_eq!(count, 20_000);
        let gone = customer.read(sql).await.map(drop).expect_err("an error");
        assert!(!gone.is_outage(), "{gone}");
    })
    .await;
}

#[tokio::test]
async fn a_query_ends_at_its_deadline() {
    for_each_customer(async |customer| {
        let sql = match customer.dialect {
            Dialect::MySql => "SELECT SLEEP(30) AS a FROM information_schema.tables",
            Dialect::Postgres => "SELECT count(*) AS a FROM generate_series(1, 10000000000)",
        };
        let source = customer.source_with(customer.settings(), PASSWORD, Duration::from_secs(1));
        let error = match source.read(sql).await {
            Ok(rows) => {
                let batches = rows.batches.collect::<Vec<_>>().await;
                batches.into_iter().find_map(Result::err).expect("an error")
            }
            Err(error) => error,
        };
        assert!(error.to_string().contains("the query ran for more than 1 s"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_does_not_work_says_which_setting_to_change() {
    for_each_customer(async |customer| {
        let check = async |change: fn(&mut Settings), password: &str, expected: &str| {
            let mut settings = customer.settings();
            change(&mut settings);
            let source = customer.source_with(settings, password, Duration::from_mins(1));
            let error = source.read("SELECT 1 AS a").await.map(drop).expect_err("an error");
            let error = deskside::causes::with_causes(&error);
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains(PASSWORD), "{error}");
        };
        if customer.asks_for_passwords() {
            check(|_| {}, "wrong", "rejected `user` or the password of the connection").await;
            check(|settings| "nobody".clone_into(&mut settings.user), PASSWORD, "`user` or the password")
                .await;
        }
        let no_database = if customer.dialect == Dialect::MySql {
            // It does not tell a reader which databases there are.
            "does not allow"
        } else {
            "correct `database` of the connection"
        };
        check(|settings| "nothing".clone_into(&mut settings.database), PASSWORD, no_database).await;
        check(
            |settings| settings.port = Some(1),
            PASSWORD,
            "is not answering `connect to the database server`",
        )
        .await;
        let no_certificate = |settings: &mut Settings| {
            (settings.tls, settings.ca) = (TlsMode::VerifyFull, Some("no PEM".to_owned()));
        };
        check(no_certificate, PASSWORD, "`ca` of the connection is not a certificate").await;
        check(
            |settings| "169.254.169.254".clone_into(&mut settings.host),
            PASSWORD,
            "see `net.allow_private`",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_test_tells_step_by_step_what_works() {
    for_each_customer(async |customer| {
        let steps = async |source: &deskside::connectors::sql::SqlSource| {
            let line = |step: deskside::connectors::sql::Step| match step.outcome {
                Outcome::Passed(found) => format!("{}: {found}", step.name),
                Outcome::Warning(found) => format!("{}! {found}", step.name),
                Outcome::Failed(failure) => format!("{} failed: {failure}", step.name),
            };
            source.test().await.into_iter().map(line).collect::<Vec<_>>()
        };
        let check = |found: &[String], expected: &[&str]| {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.contains(expected), "{found} instead of {expected}");
            }
        };
        let begin = ["address: 127.0.0.1 is 127.0.0.1", "connection: port"];
        let version = if customer.dialect == Dialect::MySql { "MariaDB" } else { "version: PostgreSQL 1" };
        let signed_in = ["sign_in: signed in as", version];
        check(&steps(&customer.source()).await, &[&begin[..], &signed_in, &["read failed: "]].concat());
        customer.run("CREATE TABLE users (id int PRIMARY KEY)").await;
        let may_read = ["read: 1 tables and views can be read", "write: the user may only read"];
        check(&steps(&customer.source()).await, &[&begin[..], &signed_in, &may_read].concat());
        let may_write = ["read: 1 tables", "write! the user may also write ("];
        check(&steps(&customer.owner()).await, &[&begin[..], &signed_in, &may_write].concat());
        if customer.asks_for_passwords() {
            let wrong = customer.source_with(customer.settings(), "wrong", Duration::from_mins(1));
            check(&steps(&wrong).await, &[&begin[..], &["sign_in failed: "]].concat());
        }
    })
    .await;
}

#[tokio::test]
async fn an_admin_sees_tables_columns_and_a_few_rows() {
    for_each_customer(async |customer| {
        customer
            .run("CREATE TABLE users (id int PRIMARY KEY, email varchar(100) NOT NULL, mrr numeric(12,2))")
            .await;
        customer.run("CREATE VIEW paying AS SELECT email FROM users WHERE mrr > 0").await;
        for id in 1..=30 {
            customer.run(&format!("INSERT INTO users VALUES ({id}, 'a{id}@acme.example', {id}.5)")).await;
        }
        let source = customer.source();
        let objects = source.objects().await.expect("tables");
        let objects: Vec<_> = objects.iter().map(|object| (object.name.as_str(), object.is_view)).collect();
        assert_eq!(objects, [("paying", true), ("users", false)]);
        let fields = source.fields("users").await.expect("columns");
        let fields: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.kind.as_str(), field.is_nullable, field.is_key))
            .collect();
        let kinds = match customer.dialect {
            Dialect::MySql => ["int(11)", "varchar(100)", "decimal(12,2)"],
            Dialect::Postgres => ["integer", "character varying(100)", "numeric(12,2)"],
        };
        let expected = [
            ("id", kinds[0], false, true),
            ("email", kinds[1], false, false),
            ("mrr", kinds[2], true, false),
        ];
        assert_eq!(fields, expected);
        assert!(source.fields("users'; --").await.expect("no columns").is_empty());
        let mut sample = source.sample("SELECT id, mrr FROM users ORDER BY id;", 20).await.expect("rows");
        let mut rows = Vec::new();
        while let Some(batch) = sample.batches.next().await {
            rows.extend(batch.expect("rows"));
        }
        assert_eq!(rows.len(), 20);
        assert_eq!(rows[0], [Value::Integer(1), decimal(150, 2)]);
        assert_eq!(sample.columns[1].kind, Type::Decimal { precision: 12, scale: 2 });
    })
    .await;
}
