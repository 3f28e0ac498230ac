//! Measures the engine by the shape of the published case: users by address, their accounts, the accounts' contracts. The rows go through
//! the real child process, which is the server's own program.
//!
//! ```text
//! bench-integrations make FOLDER ROWS               stages users, service users, accounts
//! bench-integrations run FOLDER SERVER MEMORY_MB    one JSON line with time and memory
//! bench-integrations sql                            the model, for the peers
//! bench-integrations export FILE ROWS HELD          an export of so many users that hold a contract or none (`true`, `false`)
//! bench-integrations reports FOLDER ROWS CHANGED    service users and accounts as CSV; of each hundred accounts so many are changed
//! ```

mod whole; // what a run reads

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use engine::{Child, Column, Engine, Limits, Model, Table, Type, Value, Writer};
use futures::TryStreamExt;

const MODEL: &str = "
    select u.id as zendesk_user_id,
           min(a.company) as company,
           max(a.mrr) as mrr,
           min(a.start) as contract_start,
           count(*) as accounts
    from zendesk_users u
    join service_users s on s.email_key = u.email_key
    join accounts a on a.backend_id = s.account_id
    group by u.id";
const KEY: &str = "zendesk_user_id";
const TABLES: [&str; 3] = ["zendesk_users", "service_users", "accounts"];

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *arguments.as_slice() {
        ["make", folder, rows] => {
            rows.parse().map_err(Failure::from).and_then(|rows| make(folder.as_ref(), rows))
        }
        ["run", folder, server, memory] => memory
            .parse()
            .map_err(Failure::from)
            .and_then(|memory| run(folder.as_ref(), Path::new(server), memory)),
        ["export", file, rows, held] => rows.parse().map_err(Failure::from).and_then(|rows| {
            let is_held = held.parse()?;
            whole::export(file.as_ref(), rows, is_held)
        }),
        ["reports", folder, rows, changed] => rows
            .parse()
            .map_err(Failure::from)
            .and_then(|rows| whole::reports(folder.as_ref(), rows, changed.parse()?)),
        ["sql"] => {
            println!("{MODEL}\n    order by {KEY}");
            Ok(())
        }
        _ => Err("make FOLDER ROWS | run FOLDER SERVER MEMORY_MB | sql | export FILE ROWS HELD | reports FOLDER ROWS CHANGED".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn path(folder: &Path, table: &str) -> PathBuf {
    folder.join(format!("{table}.parquet"))
}

/// As many service users as users, and an account for twenty of them.
fn make(folder: &Path, rows: i64) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let started = Instant::now();
    let accounts = accounts(rows);
    let email = |id: i64| Value::Text(address(id, rows).into());
    let name = |id: i64| Value::Text(format!("Person {id}").into());
    let users = [("id", Type::Integer), ("email", Type::Text), ("name", Type::Text)];
    stage(folder, TABLES[0], &users, &["email"], rows, |id| vec![Value::Integer(id), email(id), name(id)])?;
    let members = [("account_id", Type::Integer), ("email", Type::Text), ("name", Type::Text)];
    stage(folder, TABLES[1], &members, &["email"], rows, |id| {
        let id = shuffled(id, rows);
        vec![Value::Integer(id % accounts), email(id), name(id)]
    })?;
    let money = Type::Decimal { precision: 18, scale: 2 };
    let contracts =
        [("backend_id", Type::Integer), ("company", Type::Text), ("mrr", money), ("start", Type::Date)];
    stage(folder, TABLES[2], &contracts, &[], accounts, |id| {
        let mrr = Value::Decimal { unscaled: i128::from(id * 7919 % 1_000_000), scale: 2 };
        let start = Value::Date(i32::try_from(19_000 + id % 1000).expect("small"));
        vec![Value::Integer(id), Value::Text(format!("Company {id}").into()), mrr, start]
    })?;
    println!("{{\"rows\":{rows},\"staged_s\":{:.3}}}", started.elapsed().as_secs_f64());
    Ok(())
}

/// An account has twenty people.
fn accounts(rows: i64) -> i64 {
    (rows / 20).max(1)
}

fn address(id: i64, rows: i64) -> String {
    format!("Person{:07}@Customer{}.example.com", shuffled(id, rows), id % 977)
}

/// Another number below `rows`, each once.
fn shuffled(id: i64, rows: i64) -> i64 {
    let prime = [999_983, 15_485_863, 7919].into_iter().find(|prime| rows % prime != 0).unwrap_or(1);
    id * prime % rows
}

fn stage(
    folder: &Path,
    table: &str,
    columns: &[(&str, Type)],
    keyed: &[&str],
    rows: i64,
    row: impl Fn(i64) -> Vec<Value<'static>>,
) -> Result<(), Failure> {
    let columns: Vec<Column> =
        columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind }).collect();
    let keyed: Vec<String> = keyed.iter().map(|name| (*name).to_owned()).collect();
    let mut writer = Writer::create(&path(folder, table), &columns, &keyed)?;
    for id in 0..rows {
        writer.push(&row(id))?;
    }
    writer.finish()?;
    Ok(())
}

fn run(folder: &Path, server: &Path, memory_mb: u64) -> Result<(), Failure> {
    let folder = folder.canonicalize()?;
    let table = |name: &str| Table { name: name.to_owned(), files: vec![path(&folder, name)] };
    let tables = TABLES.map(table).to_vec();
    let model = Model { sql: MODEL.to_owned(), view: None, tables, order_by: vec![KEY.to_owned()] };
    let spill = folder.join("spill");
    fs::create_dir_all(&spill)?;
    let limits = Limits {
        memory: memory_mb << 20,
        spill,
        deadline: Duration::from_mins(10),
        rows: u64::MAX,
        now: None,
    };
    let child = Child::new(server.canonicalize()?, 1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (rows, first, all) = runtime.block_on(async {
        let started = Instant::now();
        let mut answer = child.run(&model, &limits).await?;
        let first = started.elapsed();
        let mut rows = 0;
        while let Some(batch) = answer.batches.try_next().await? {
            rows += batch.rows();
        }
        Ok::<_, Failure>((rows, first, started.elapsed()))
    })?;
    println!(
        "{{\"rows\":{rows},\"memory_mb\":{memory_mb},\"first_rows_s\":{:.3},\"seconds\":{:.3},\"parent_mb\":{}}}",
        first.as_secs_f64(),
        all.as_secs_f64(),
        peak_mb().unwrap_or_default(),
    );
    Ok(())
}

/// The most memory that this process held.
fn peak_mb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|text| text.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}
