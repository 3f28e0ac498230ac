//! A run's result becomes the copy: in small transactions, so that no agent waits for them, and read only once it is whole.
//! **Invariants:** all of it can be done again; each transaction is guarded, and ends nothing of another run.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use futures::{Stream, StreamExt};
use serde_json::{Value, json};

use super::forgetting::forget_runs;
use super::{Company, LONGEST_KEY, Owner, Person, ROWS, person_key};
use crate::store::{Db, StoreError, Tx, query, storable};

/// Bytes of one transaction.
const BYTES: usize = 256 * 1024;
/// Characters of a text; the rest is cut off, and an ellipsis says so.
const LONGEST_TEXT: usize = 1_000;
/// Owners, and further values, of one company.
const MOST_PARTS: usize = 50;

/// The run whose result is written.
#[derive(Debug, Clone)]
pub struct CopyRun<'a> {
    pub account: &'a str,
    pub integration: &'a str,
    /// The integration's name, which cards show as the contract's source.
    pub name: &'a str,
    pub run: &'a str,
    /// When the sources were read.
    pub as_of: DateTime<Utc>,
    /// The time between two runs; `None`: nothing starts them by itself, and the copy never gets too old.
    pub period: Option<Duration>,
}

/// A row of the result: a company, and who belongs to it. The same company may come again with other people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub company: Company,
    pub people: Vec<Person>,
}

/// What must still be true in each transaction, such as a job's lease.
pub trait Guard: Sync {
    /// Why a result was not written.
    type Error: From<StoreError> + Send;
    /// Fails where nothing may be written any more.
    fn check(&self, tx: &mut Tx) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Whether an integration may write the copy of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    Granted,
    /// Another one does.
    TakenBy {
        integration: String,
        name: String,
    },
}

/// What came of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is the copy now.
    Whole {
        companies: u64,
        /// How many ways there are to find somebody.
        people: u64,
        /// Companies and people without an id, or with one that is too long.
        left_out: u64,
    },
    /// Another integration writes the copy of this account.
    TakenBy { integration: String, name: String },
    /// The integration was disabled or deleted meanwhile.
    Forgotten,
}

/// Reserves the copy of an account for an integration; what it is called may change.
pub async fn claim(on: &mut Tx, account: &str, integration: &str, name: &str) -> Result<Claim, StoreError> {
    query(
        "INSERT INTO contract_copies (account, integration, name) VALUES ($1, $2, $3)
         ON CONFLICT (account) DO UPDATE SET name = excluded.name
          WHERE contract_copies.integration = excluded.integration",
    )
    .bind(account)
    .bind(integration)
    .bind(name)
    .execute(&mut *on)
    .await?;
    let row = query("SELECT integration, name FROM contract_copies WHERE account = $1")
        .bind(account)
        .one(on)
        .await?;
    let holder: String = row.get("integration")?;
    Ok(if holder == integration {
        Claim::Granted
    } else {
        Claim::TakenBy { integration: holder, name: row.get("name")? }
    })
}

/// Makes a run's result the copy: writes it beside the one that is read, then has it read, then deletes the older ones. May be
/// called again for the same run after it died at any place.
pub async fn replace<G: Guard>(
    db: &Db,
    run: &CopyRun<'_>,
    mut entries: impl Stream<Item = Result<Entry, G::Error>> + Unpin + Send,
    guard: &G,
    now: DateTime<Utc>,
) -> Result<Written, G::Error> {
    let mut tx = begin(db, guard).await?;
    if let Claim::TakenBy { integration, name } =
        claim(&mut tx, run.account, run.integration, run.name).await?
    {
        return Ok(Written::TakenBy { integration, name });
    }
    tx.commit().await?;
    let mut pending = Pending::default();
    let mut left_out = 0;
    loop {
        let entry = entries.next().await.transpose()?;
        let is_end = entry.is_none();
        left_out += entry.map_or(0, |entry| pending.add(entry));
        while let Some(batch) = pending.batch(is_end) {
            if !write(db, run, &batch, guard).await? {
                return Ok(Written::Forgotten);
            }
        }
        if is_end {
            break;
        }
    }
    if !complete(db, run, guard, now).await? {
        return Ok(Written::Forgotten);
    }
    forget_runs(db, run.account, run.integration, run.run, guard).await?;
    let (companies, people) = tokio::try_join!(count(db, COMPANIES, run), count(db, PEOPLE, run))?;
    Ok(Written::Whole { companies, people, left_out })
}

const COMPANIES: &str =
    "SELECT count(*) AS n FROM companies WHERE account = $1 AND integration = $2 AND run = $3";
const PEOPLE: &str =
    "SELECT count(*) AS n FROM company_people WHERE account = $1 AND integration = $2 AND run = $3";

async fn count(on: &Db, statement: &'static str, run: &CopyRun<'_>) -> Result<u64, StoreError> {
    query(statement).bind(run.account).bind(run.integration).bind(run.run).one(on).await?.get("n")
}

/// A transaction in which something may be written or deleted.
pub(super) async fn begin<G: Guard>(db: &Db, guard: &G) -> Result<Tx, G::Error> {
    let mut tx = db.begin_unsynced().await?;
    guard.check(&mut tx).await?;
    Ok(tx)
}

/// One transaction. False: the integration was forgotten.
async fn write<G: Guard>(db: &Db, run: &CopyRun<'_>, batch: &Batch, guard: &G) -> Result<bool, G::Error> {
    let mut tx = begin(db, guard).await?;
    if !is_claimed(&mut tx, run).await? {
        return Ok(false);
    }
    let (companies, people) = if tx.is_postgres() {
        (COMPANIES_POSTGRES, PEOPLE_POSTGRES)
    } else {
        (COMPANIES_SQLITE, PEOPLE_SQLITE)
    };
    let insert = |statement, rows| {
        query(statement).bind(run.account).bind(run.integration).bind(run.run).bind(super::json(rows))
    };
    if !batch.companies.is_empty() {
        insert(companies, &batch.companies).bind(run.as_of).execute(&mut tx).await?;
    }
    if !batch.people.is_empty() {
        insert(people, &batch.people).execute(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Until the transaction ends, nobody can forget the integration.
async fn is_claimed(tx: &mut Tx, run: &CopyRun<'_>) -> Result<bool, StoreError> {
    let claimed = if tx.is_postgres() {
        "SELECT 1 AS one FROM contract_copies WHERE account = $1 AND integration = $2 FOR SHARE"
    } else {
        "SELECT 1 AS one FROM contract_copies WHERE account = $1 AND integration = $2"
    };
    Ok(query(claimed).bind(run.account).bind(run.integration).optional(tx).await?.is_some())
}

/// From now on this run's rows are read. Its commit waits for the disk, and takes the others there.
async fn complete<G: Guard>(
    db: &Db,
    run: &CopyRun<'_>,
    guard: &G,
    now: DateTime<Utc>,
) -> Result<bool, G::Error> {
    let mut tx = db.begin().await?;
    guard.check(&mut tx).await?;
    let period = run.period.map(|period| i64::try_from(period.as_secs()).unwrap_or(i64::MAX));
    let changed = query(
        "UPDATE contract_copies SET run = $3, completed_us = $4, period_s = $5
          WHERE account = $1 AND integration = $2",
    )
    .bind(run.account)
    .bind(run.integration)
    .bind(run.run)
    .bind(now)
    .bind(period)
    .execute(&mut tx)
    .await?;
    tx.commit().await?;
    Ok(changed > 0)
}

// A run that is written again, and a company that comes again, find the same rows there.
const COMPANIES_SQLITE: &str =
    "INSERT INTO companies (account, integration, run, company_id, company, account_type, subscription_status, mrr,
                            currency, start_on, renewal_on, record_id, owners, extra, as_of_us)
     SELECT $1, $2, $3, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
            value->>8, value->>9, value->>10, $5
       FROM json_each($4) WHERE TRUE
         ON CONFLICT DO NOTHING";
const COMPANIES_POSTGRES: &str =
    "INSERT INTO companies (account, integration, run, company_id, company, account_type, subscription_status, mrr,
                            currency, start_on, renewal_on, record_id, owners, extra, as_of_us)
     SELECT $1, $2, $3, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
            value->>8, value->>9, value->>10, $5
       FROM json_array_elements(CAST($4 AS JSON)) AS t(value)
         ON CONFLICT DO NOTHING";
const PEOPLE_SQLITE: &str = "INSERT INTO company_people (account, integration, run, kind, value, company_id)
     SELECT $1, $2, $3, value->>0, value->>1, value->>2 FROM json_each($4) WHERE TRUE
         ON CONFLICT DO NOTHING";
const PEOPLE_POSTGRES: &str =
    "INSERT INTO company_people (account, integration, run, kind, value, company_id)
     SELECT $1, $2, $3, value->>0, value->>1, value->>2
       FROM json_array_elements(CAST($4 AS JSON)) AS t(value)
         ON CONFLICT DO NOTHING";

/// Rows of one transaction, each a list of texts.
struct Batch {
    companies: Vec<Value>,
    people: Vec<Value>,
}

/// Rows that are not written yet.
#[derive(Default)]
struct Pending {
    rows: VecDeque<PendingRow>,
    bytes: usize,
}

struct PendingRow {
    is_company: bool,
    row: Value,
    bytes: usize,
}

impl Pending {
    /// Says how many rows were left out.
    fn add(&mut self, Entry { company, people }: Entry) -> u64 {
        let before = self.rows.len();
        let offered = 1 + people.len();
        if let Some(id) = company_key(&company.company_id) {
            self.push(true, company_row(&id, &company));
        }
        for person in people {
            if let (Some(key), Some(id)) =
                (person_key(person.kind, &person.value), company_key(&person.company_id))
            {
                self.push(false, json!([person.kind.as_str(), key, id]));
            }
        }
        u64::try_from(offered - (self.rows.len() - before)).unwrap_or(u64::MAX)
    }

    fn push(&mut self, is_company: bool, row: Value) {
        let texts = row.as_array().into_iter().flatten().filter_map(Value::as_str);
        let bytes = texts.map(str::len).sum();
        self.bytes += bytes;
        self.rows.push_back(PendingRow { is_company, row, bytes });
    }

    /// The rows of the next transaction: as many as go into one, or, at the end, what is left.
    fn batch(&mut self, is_end: bool) -> Option<Batch> {
        let most = ROWS as usize;
        let is_full = self.rows.len() >= most || self.bytes >= BYTES;
        if self.rows.is_empty() || !(is_full || is_end) {
            return None;
        }
        let mut batch = Batch { companies: Vec::new(), people: Vec::new() };
        let mut bytes = 0;
        while batch.companies.len() + batch.people.len() < most && bytes < BYTES {
            let Some(next) = self.rows.pop_front() else { break };
            bytes += next.bytes;
            if next.is_company { &mut batch.companies } else { &mut batch.people }.push(next.row);
        }
        self.bytes -= bytes;
        Some(batch)
    }
}

/// A company's id as it is kept; `None`: it has none, or one that no index takes.
fn company_key(id: &str) -> Option<Cow<'_, str>> {
    let id = storable(id.trim());
    (!id.is_empty() && id.len() <= LONGEST_KEY).then_some(id)
}

fn company_row(id: &str, company: &Company) -> Value {
    let text = |text: &Option<String>| text.as_deref().map(short).filter(|text| !text.is_empty());
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    let owners = company.owners.iter().take(MOST_PARTS);
    let owners: Vec<_> = owners
        .map(|owner| Owner { role: owner.role, name: text(&owner.name), email: text(&owner.email) })
        .collect();
    let extra = company.extra.iter().take(MOST_PARTS);
    let extra: BTreeMap<_, _> = extra.map(|(name, value)| (short(name), short(value))).collect();
    json!([
        id,
        text(&company.company),
        text(&company.account_type),
        text(&company.subscription_status),
        text(&company.mrr),
        text(&company.currency),
        day(company.start),
        day(company.renewal),
        text(&company.record_id),
        super::json(&owners),
        super::json(&extra),
    ])
}

/// A text that fits on a card.
fn short(text: &str) -> String {
    let text = storable(text.trim());
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

impl Guard for () {
    type Error = StoreError;
    async fn check(&self, _: &mut Tx) -> Result<(), StoreError> {
        Ok(())
    }
}
