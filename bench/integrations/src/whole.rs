//! What a run reads, made without a vendor: Zendesk's users as the server keeps their export, the service's users and accounts as CSV.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use engine::{Column, Type, Value, Writer};

use crate::{Failure, accounts, address, shuffled};

/// As the server stages an export; a run says so where one is missing.
const COLUMNS: [(&str, Type); 12] = [
    ("id", Type::Integer),
    ("active", Type::Boolean),
    ("name", Type::Text),
    ("email", Type::Text),
    ("external_id", Type::Text),
    ("organization_id", Type::Integer),
    ("role", Type::Text),
    ("suspended", Type::Boolean),
    ("updated_at", Type::Timestamp),
    ("fields", Type::Text),
    ("part", Type::Integer),
    ("seq", Type::Integer),
];
/// The first user's id; Zendesk's have so many digits.
const FIRST: i64 = 21_000_000_000_000;
/// When all were changed last, in microseconds.
const CHANGED: i64 = 1_780_000_000_000_000;

/// `rows` users as the one part of an export. They hold the contract of their account, or none.
pub fn export(file: &Path, rows: i64, is_held: bool) -> Result<(), Failure> {
    let columns: Vec<Column> =
        COLUMNS.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind }).collect();
    let mut writer = Writer::create(file, &columns, &["email".to_owned()])?;
    for id in 0..rows {
        let fields = if is_held { held(account_of(id, rows)) } else { empty() };
        writer.push(&[
            Value::Integer(FIRST + id),
            Value::Boolean(true),
            Value::Text(format!("Person {id}").into()),
            Value::Text(address(id, rows).into()),
            Value::Null,
            Value::Null,
            Value::Text("end-user".into()),
            Value::Boolean(false),
            Value::Timestamp(CHANGED),
            Value::Text(fields.into()),
            Value::Integer(1),
            Value::Integer(id + 1),
        ])?;
    }
    writer.finish()?;
    Ok(())
}

/// Whose `id` is in [`reports`].
fn account_of(id: i64, rows: i64) -> i64 {
    id % accounts(rows)
}

fn empty() -> String {
    r#"{"plan_notes":null,"sfdc_company_name":null,"sfdc_contract_start":null,"sfdc_mrr":null}"#.to_owned()
}

fn held(account: i64) -> String {
    let Contract { company, mrr, start } = contract(account, 0);
    format!(
        r#"{{"plan_notes":null,"sfdc_company_name":"{company}","sfdc_contract_start":"{start}T00:00:00+00:00","sfdc_mrr":"{mrr}"}}"#
    )
}

struct Contract {
    company: String,
    mrr: String,
    start: String,
}

/// An account's; of each hundred accounts `changed` pay more than before.
fn contract(account: i64, changed: i64) -> Contract {
    let euros = account * 79 % 10_000 + i64::from(account % 100 < changed);
    Contract {
        company: format!("Company {account}"),
        mrr: format!("{euros}.{:02}", account % 100),
        start: format!("20{:02}-{:02}-{:02}", 15 + account % 10, 1 + account % 12, 1 + account % 28),
    }
}

/// The service's users and their accounts.
pub fn reports(folder: &Path, rows: i64, changed: i64) -> Result<(), Failure> {
    let mut users = BufWriter::new(File::create(folder.join("service_users.csv"))?);
    writeln!(users, "account_id,email,name")?;
    for id in 0..rows {
        let id = shuffled(id, rows);
        writeln!(users, "{},{},Person {id}", account_of(id, rows), address(id, rows))?;
    }
    users.flush()?;
    let mut contracts = BufWriter::new(File::create(folder.join("accounts.csv"))?);
    writeln!(contracts, "backend_id,company,mrr,start")?;
    for account in 0..accounts(rows) {
        let Contract { company, mrr, start } = contract(account, changed);
        writeln!(contracts, "{account},{company},{mrr},{start}")?;
    }
    Ok(contracts.flush()?)
}
