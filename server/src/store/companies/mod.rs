//! The contract copy: which companies the last complete run of an integration found, and who belongs to them. **Invariants:** only
//! rows of that run are read, so a run that dies changes nothing; one integration of an account writes the copy.

/// [`ROWS`] as it stands in statements.
macro_rules! rows {
    () => {
        250
    };
}

mod contracts; // of many people at once
mod forgetting; // rows that go
mod renewing; // those of some days
mod writing; // a run's result, in small transactions

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use contracts::{Contract, contracts_of};
pub use forgetting::{forget_integration, forget_person, hide};
pub use renewing::{company, renewing};
pub use writing::{Claim, CopyRun, Entry, Guard, Written, claim, replace};

use super::{Conn, Db, Row, StoreError, query, storable, words};

/// Rows of one transaction. SQLite has one writer, and this many take it for a few milliseconds.
const ROWS: u32 = rows!();
/// Bytes; PostgreSQL cannot index much more than two such values. A longer id belongs to nobody.
const LONGEST_KEY: usize = 1_000;
/// No agent chooses among more.
const MOST_COMPANIES: usize = 100;

/// A company and its contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    /// The source's id of the company.
    pub company_id: String,
    /// The company's name.
    pub company: Option<String>,
    pub account_type: Option<String>,
    pub subscription_status: Option<String>,
    /// Monthly recurring revenue: a decimal number like `1200.50`.
    pub mrr: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The contract's first day.
    pub start: Option<NaiveDate>,
    /// The day it renews.
    pub renewal: Option<NaiveDate>,
    /// The source's id of the contract.
    pub record_id: Option<String>,
    pub owners: Vec<Owner>,
    /// What else the integration brings, by name.
    pub extra: BTreeMap<String, String>,
}

impl Company {
    /// Who looks after it, sales first; several are separated by `, `.
    pub fn owner(&self) -> Option<String> {
        let mut owners: Vec<_> = self.owners.iter().collect();
        owners.sort_by_key(|owner| owner.role);
        let mut names: Vec<&str> =
            owners.iter().filter_map(|owner| owner.name.as_deref().or(owner.email.as_deref())).collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// Who looks after a company on our side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub role: OwnerRole,
    pub name: Option<String>,
    pub email: Option<String>,
}

/// What an owner does for the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerRole {
    Sales,
    /// Customer success.
    Success,
}

words! {
    /// How a person is known to belong to a company, the surest first.
    PersonKind {
        /// Zendesk's id of the user.
        User = "user",
        /// One of their addresses.
        Email = "email",
        /// Zendesk's `external_id` of the user.
        ExternalId = "external_id",
        /// Zendesk's id of their organization.
        Organization = "organization",
    }
}

/// Somebody who belongs to a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub kind: PersonKind,
    /// As the source has it; it is compared by its key.
    pub value: String,
    /// The company's [`Company::company_id`].
    pub company_id: String,
}

/// Who is looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    pub user_id: Option<u64>,
    /// The first is the primary one.
    pub emails: Vec<String>,
    pub external_id: Option<String>,
    pub organization_id: Option<u64>,
}

/// The copy that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyMark {
    pub integration: String,
    /// The integration's name.
    pub name: String,
    /// The last complete run.
    pub run: String,
    pub completed: DateTime<Utc>,
    /// The time between two runs; `None`: nothing starts them by itself.
    pub period: Option<Duration>,
}

/// What the copy knows of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// `None`: the account has no copy.
    pub copy: Option<CopyMark>,
    /// By their names.
    pub companies: Vec<Company>,
    /// How the person was found.
    pub by: Option<PersonKind>,
    /// When the sources were read.
    pub as_of: Option<DateTime<Utc>>,
}

/// Which copy there is: it changes when a run is complete, and when an integration is disabled.
pub async fn mark(on: impl Conn, account: &str) -> Result<Option<CopyMark>, StoreError> {
    query(
        "SELECT integration, name, run AS copied_by, completed_us, period_s FROM contract_copies
          WHERE account = $1 AND run IS NOT NULL",
    )
    .bind(account)
    .optional_as(on, read_mark)
    .await
}

/// How many different people the copy knows by each kind of identifier; empty where the integration has none that cards read.
pub async fn people_of_copy(
    on: impl Conn,
    account: &str,
    integration: &str,
) -> Result<Vec<(PersonKind, u64)>, StoreError> {
    query(
        "SELECT p.kind AS found_by, count(DISTINCT p.value) AS people
           FROM contract_copies c
           JOIN company_people p ON p.account = c.account AND p.integration = c.integration AND p.run = c.run
          WHERE c.account = $1 AND c.integration = $2 GROUP BY p.kind",
    )
    .bind(account)
    .bind(integration)
    .all_as(on, |row| Ok((row.get("found_by")?, row.get("people")?)))
    .await
}

/// `$2` is a JSON list of `[place, kind, value]`, in the database's own way.
macro_rules! find {
    ($asked:literal) => {
        concat!(
            "WITH asked AS (",
            $asked,
            ")
            SELECT c.integration, c.name, c.run AS copied_by, c.completed_us, c.period_s, p.kind AS found_by,
                   m.company_id, m.company, m.account_type, m.subscription_status, m.mrr, m.currency, m.start_on,
                   m.renewal_on, m.record_id, m.owners, m.extra, m.as_of_us
              FROM contract_copies c
              LEFT JOIN asked a ON TRUE
              LEFT JOIN company_people p ON p.account = c.account AND p.integration = c.integration AND p.run = c.run
                                        AND p.kind = a.kind AND p.value = a.value
              LEFT JOIN companies m ON m.account = c.account AND m.integration = c.integration AND m.run = c.run
                                   AND m.company_id = p.company_id
             WHERE c.account = $1 AND c.run IS NOT NULL
             ORDER BY m.company_id IS NULL, a.place
             LIMIT 1000"
        )
    };
}

/// The companies of a person: by user id, then by any address, then by external id, then by organization; the first that finds
/// something decides. One statement, so that a run that is completed meanwhile is seen whole or not at all.
pub async fn of_person(on: &Db, account: &str, ids: &Ids) -> Result<Found, StoreError> {
    let statement = if on.is_postgres() {
        find!(
            "SELECT CAST(value->>0 AS BIGINT) AS place, value->>1 AS kind, value->>2 AS value
               FROM jsonb_array_elements(CAST($2 AS JSONB)) AS t(value)"
        )
    } else {
        find!("SELECT value->>0 AS place, value->>1 AS kind, value->>2 AS value FROM json_each($2)")
    };
    let rows = query(statement).bind(account).bind(asked(ids)).all(on).await?;
    let Some(first) = rows.first() else { return Ok(Found::default()) };
    let mut found = Found { copy: Some(read_mark(first)?), ..Found::default() };
    // Rows that found nothing come last.
    for row in &rows {
        if row.get::<Option<String>>("company_id")?.is_none() {
            break;
        }
        let by = row.get("found_by")?;
        if *found.by.get_or_insert(by) != by {
            break;
        }
        found.as_of = row.get("as_of_us")?;
        found.companies.push(read_company(row)?);
    }
    found
        .companies
        .sort_by(|one, other| (&one.company, &one.company_id).cmp(&(&other.company, &other.company_id)));
    found.companies.dedup_by(|one, other| one.company_id == other.company_id);
    found.companies.truncate(MOST_COMPANIES);
    Ok(found)
}

fn asked(ids: &Ids) -> String {
    let user = ids.user_id.map(|id| (PersonKind::User, id.to_string()));
    let emails = ids.emails.iter().map(|address| (PersonKind::Email, address.clone()));
    let external = ids.external_id.iter().map(|id| (PersonKind::ExternalId, id.clone()));
    let organization = ids.organization_id.map(|id| (PersonKind::Organization, id.to_string()));
    let all = user.into_iter().chain(emails).chain(external).chain(organization);
    let asked: Vec<_> = all
        .filter_map(|(kind, value)| Some((kind as u8, kind.as_str(), person_key(kind, &value)?)))
        .collect();
    json(&asked)
}

/// How a person's value is compared. Zendesk takes external ids of other case for the same (Users API, `external_id`). `None`:
/// nobody is found by it.
fn person_key(kind: PersonKind, value: &str) -> Option<String> {
    let key = match kind {
        PersonKind::Email | PersonKind::ExternalId => engine::key(value),
        PersonKind::User | PersonKind::Organization => value.trim().to_owned(),
    };
    let key = storable(&key).into_owned();
    (!key.is_empty() && key.len() <= LONGEST_KEY).then_some(key)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn read_json<T: DeserializeOwned>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| StoreError::corrupt(column))
}

fn read_mark(row: &Row) -> Result<CopyMark, StoreError> {
    let period: Option<i64> = row.get("period_s")?;
    Ok(CopyMark {
        integration: row.get("integration")?,
        name: row.get("name")?,
        run: row.get("copied_by")?,
        completed: row.get("completed_us")?,
        period: period.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
    })
}

fn read_company(row: &Row) -> Result<Company, StoreError> {
    Ok(Company {
        company_id: row.get("company_id")?,
        company: row.get("company")?,
        account_type: row.get("account_type")?,
        subscription_status: row.get("subscription_status")?,
        mrr: row.get("mrr")?,
        currency: row.get("currency")?,
        start: row.get("start_on")?,
        renewal: row.get("renewal_on")?,
        record_id: row.get("record_id")?,
        owners: read_json(row, "owners")?,
        extra: read_json(row, "extra")?,
    })
}
