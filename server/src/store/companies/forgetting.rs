//! Rows of the contract copy that go: those of older runs, of an integration that no longer writes it, of a person. **Invariant:**
//! small transactions, as for writing.

use super::writing::{Guard, begin};
use super::{Ids, ROWS, asked};
use crate::store::{Db, StoreError, Tx, query, query::Query};

/// The integration was disabled or deleted: cards stop reading its copy at once, then its rows go. May be called again.
pub async fn forget_integration<G: Guard>(
    db: &Db,
    account: &str,
    integration: &str,
    guard: &G,
) -> Result<(), G::Error> {
    let mut tx = db.begin().await?;
    guard.check(&mut tx).await?;
    hide(&mut tx, account, integration).await?;
    tx.commit().await?;
    forget_runs(db, account, integration, "", guard).await
}

/// Cards stop reading the copy that an integration writes, if `tx` commits.
pub async fn hide(tx: &mut Tx, account: &str, integration: &str) -> Result<(), StoreError> {
    query("DELETE FROM contract_copies WHERE account = $1 AND integration = $2")
        .bind(account)
        .bind(integration)
        .execute(tx)
        .await
        .map(drop)
}

/// Takes a person out of every run's rows; says how many rows that were. Their organization's rows stay.
pub async fn forget_person(tx: &mut Tx, account: &str, ids: &Ids) -> Result<u64, StoreError> {
    let asked = asked(&Ids { organization_id: None, ..ids.clone() });
    let forget = if tx.is_postgres() {
        "DELETE FROM company_people WHERE account = $1 AND integration = $2 AND run = $3 AND (kind, value) IN
             (SELECT value->>1, value->>2 FROM jsonb_array_elements(CAST($4 AS JSONB)) AS t(value))"
    } else {
        "DELETE FROM company_people WHERE account = $1 AND integration = $2 AND run = $3 AND (kind, value) IN
             (SELECT value->>1, value->>2 FROM json_each($4))"
    };
    let (mut forgotten, mut last) = (0, (String::new(), String::new()));
    // From run to run by the index: there are few runs and many people.
    while let Some(row) = query(
        "SELECT integration, run FROM company_people WHERE account = $1 AND (integration, run) > ($2, $3)
          ORDER BY integration, run LIMIT 1",
    )
    .bind(account)
    .bind(&last.0)
    .bind(&last.1)
    .optional(&mut *tx)
    .await?
    {
        last = (row.get("integration")?, row.get("run")?);
        let forget = query(forget).bind(account).bind(&last.0).bind(&last.1).bind(&asked);
        forgotten += forget.execute(&mut *tx).await?;
    }
    Ok(forgotten)
}

/// The statements that delete one table's rows of a run, part by part in the order of their keys. Each part begins where the last one
/// ended: PostgreSQL would otherwise step over all that it has deleted, again and again. Its limit is written out: with one that is
/// bound, PostgreSQL reads the whole table for each part.
struct Table {
    key: &'static [&'static str],
    older: &'static str,
    newer: &'static str,
    /// The last key of the next part; none: fewer rows are left.
    end: &'static str,
    delete: &'static str,
}

macro_rules! of_run {
    ($($text:literal),*) => {
        concat!($($text),*, " WHERE account = $1 AND integration = $2 AND run = $3")
    };
}

macro_rules! table {
    ($table:literal, $columns:expr, key $key:literal, after $after:literal, skip $skip:literal) => {
        Table {
            key: $columns,
            older: concat!(
                "SELECT run FROM ",
                $table,
                " WHERE account = $1 AND integration = $2 AND run < $3 LIMIT 1"
            ),
            newer: concat!(
                "SELECT run FROM ",
                $table,
                " WHERE account = $1 AND integration = $2 AND run > $3 LIMIT 1"
            ),
            end: concat!(
                of_run!("SELECT ", $key, " FROM ", $table),
                " AND (",
                $key,
                ") > ",
                $after,
                " ORDER BY ",
                $key,
                " LIMIT 1 OFFSET ",
                $skip
            ),
            delete: concat!(
                of_run!("DELETE FROM ", $table),
                " AND (",
                $key,
                ") IN (",
                of_run!("SELECT ", $key, " FROM ", $table),
                " AND (",
                $key,
                ") > ",
                $after,
                " ORDER BY ",
                $key,
                " LIMIT ",
                rows!(),
                ")"
            ),
        }
    };
}

const TABLES: [Table; 2] = [
    table!(
        "company_people",
        &["kind", "value", "company_id"],
        key "kind, value, company_id", after "($4, $5, $6)", skip "$7"
    ),
    table!("companies", &["company_id"], key "company_id", after "($4)", skip "$5"),
];

/// Deletes the rows of an integration's other runs.
pub(super) async fn forget_runs<G: Guard>(
    db: &Db,
    account: &str,
    integration: &str,
    keep: &str,
    guard: &G,
) -> Result<(), G::Error> {
    for table in &TABLES {
        for other in [table.older, table.newer] {
            while let Some(row) = query(other).bind(account).bind(integration).bind(keep).optional(db).await?
            {
                forget_run(db, table, [account, integration, &row.get::<String>("run")?], guard).await?;
            }
        }
    }
    Ok(())
}

async fn forget_run<G: Guard>(
    db: &Db,
    table: &Table,
    [account, integration, run]: [&str; 3],
    guard: &G,
) -> Result<(), G::Error> {
    let mut after = vec![String::new(); table.key.len()];
    loop {
        let next = |statement| {
            let of_run = query(statement).bind(account).bind(integration).bind(run);
            after.iter().fold(of_run, Query::bind)
        };
        let end = next(table.end).bind(ROWS - 1).optional(db).await?;
        let mut tx = begin(db, guard).await?;
        next(table.delete).execute(&mut tx).await?;
        tx.commit().await?;
        let Some(end) = end else { return Ok(()) };
        after = table.key.iter().map(|column| end.get(column)).collect::<Result<_, _>>()?;
    }
}
