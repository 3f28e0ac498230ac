//! Rows of the contract copy that go: those of older runs, of an integration that no longer writes it, of a person. **Invariant:**
//! small transactions, as for writing.

use super::writing::{Guard, ROWS, begin};
use super::{Ids, asked};
use crate::store::{Db, StoreError, Tx, query};

/// The integration was disabled or deleted: cards stop reading its copy at once, then its rows go. May be called again.
pub async fn forget_integration<G: Guard>(
    db: &Db,
    account: &str,
    integration: &str,
    guard: &G,
) -> Result<(), G::Error> {
    let mut tx = db.begin().await?;
    guard.check(&mut tx).await?;
    query("DELETE FROM contract_copies WHERE account = $1 AND integration = $2")
        .bind(account)
        .bind(integration)
        .execute(&mut tx)
        .await?;
    tx.commit().await?;
    forget_runs(db, account, integration, "", guard).await
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

/// Deletes the rows of an integration's other runs.
pub(super) async fn forget_runs<G: Guard>(
    db: &Db,
    account: &str,
    integration: &str,
    keep: &str,
    guard: &G,
) -> Result<(), G::Error> {
    for (older, newer, forget) in [
        (
            "SELECT run FROM company_people WHERE account = $1 AND integration = $2 AND run < $3 LIMIT 1",
            "SELECT run FROM company_people WHERE account = $1 AND integration = $2 AND run > $3 LIMIT 1",
            "DELETE FROM company_people WHERE account = $1 AND integration = $2 AND run = $3 AND (kind, value, company_id)
                 IN (SELECT kind, value, company_id FROM company_people
                      WHERE account = $1 AND integration = $2 AND run = $3 LIMIT $4)",
        ),
        (
            "SELECT run FROM companies WHERE account = $1 AND integration = $2 AND run < $3 LIMIT 1",
            "SELECT run FROM companies WHERE account = $1 AND integration = $2 AND run > $3 LIMIT 1",
            "DELETE FROM companies WHERE account = $1 AND integration = $2 AND run = $3 AND company_id
                 IN (SELECT company_id FROM companies
                      WHERE account = $1 AND integration = $2 AND run = $3 LIMIT $4)",
        ),
    ] {
        for other in [older, newer] {
            while let Some(row) =
                query(other).bind(account).bind(integration).bind(keep).optional(db).await?
            {
                forget_run(db, forget, [account, integration, &row.get::<String>("run")?], guard).await?;
            }
        }
    }
    Ok(())
}

async fn forget_run<G: Guard>(
    db: &Db,
    forget: &'static str,
    [account, integration, run]: [&str; 3],
    guard: &G,
) -> Result<(), G::Error> {
    loop {
        let mut tx = begin(db, guard).await?;
        let forget = query(forget).bind(account).bind(integration).bind(run).bind(ROWS);
        let gone = forget.execute(&mut tx).await?;
        tx.commit().await?;
        if gone < ROWS.into() {
            return Ok(());
        }
    }
}
