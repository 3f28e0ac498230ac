//! The local copy of what customers have bought. A user may have several rows: one per company and source.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Conn, Db, Row, StoreError, query};

/// One contract of one user, as one source told it.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractRow {
    /// Zendesk's id of the user.
    pub user_id: u64,
    /// The source's id of the company.
    pub company_id: String,
    /// The company's name.
    pub company: Option<String>,
    /// The account's type.
    pub account_type: Option<String>,
    /// The subscription's status.
    pub subscription_status: Option<String>,
    /// Monthly recurring revenue.
    pub mrr: Option<f64>,
    /// The contract's first day.
    pub start: Option<NaiveDate>,
    /// The day it renews.
    pub renewal: Option<NaiveDate>,
    /// Who owns it on our side.
    pub owner: Option<String>,
    /// Who told us.
    pub source: String,
    /// When it was true.
    pub as_of: DateTime<Utc>,
}

/// Every contract known of a user, newest first.
pub async fn of_user(on: impl Conn, account: &str, user_id: u64) -> Result<Vec<ContractRow>, StoreError> {
    query(
        "SELECT user_id, company_id, company, account_type, subscription_status, mrr, start_on, renewal_on, owner,
                source, as_of_us
           FROM contracts WHERE account = $1 AND user_id = $2
          ORDER BY as_of_us DESC, source, company_id",
    )
    .bind(account)
    .bind(user_id)
    .all_as(on, read)
    .await
}

/// Replaces what a source says of a user; no rows: the source says that there is no contract.
pub async fn keep(
    db: &Db,
    account: &str,
    user_id: u64,
    source: &str,
    rows: &[ContractRow],
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    query("DELETE FROM contracts WHERE account = $1 AND user_id = $2 AND source = $3")
        .bind(account)
        .bind(user_id)
        .bind(source)
        .execute(&mut tx)
        .await?;
    for row in rows {
        query(
            "INSERT INTO contracts (account, user_id, source, company_id, company, account_type,
                                    subscription_status, mrr, start_on, renewal_on, owner, as_of_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (account, user_id, source, company_id) DO UPDATE
                SET company = excluded.company, account_type = excluded.account_type,
                    subscription_status = excluded.subscription_status, mrr = excluded.mrr,
                    start_on = excluded.start_on, renewal_on = excluded.renewal_on, owner = excluded.owner,
                    as_of_us = excluded.as_of_us",
        )
        .bind(account)
        .bind(user_id)
        .bind(source)
        .bind(&row.company_id)
        .bind(row.company.as_ref())
        .bind(row.account_type.as_ref())
        .bind(row.subscription_status.as_ref())
        .bind(row.mrr)
        .bind(row.start)
        .bind(row.renewal)
        .bind(row.owner.as_ref())
        .bind(row.as_of)
        .execute(&mut tx)
        .await?;
    }
    tx.commit().await
}

fn read(row: &Row) -> Result<ContractRow, StoreError> {
    Ok(ContractRow {
        user_id: row.get("user_id")?,
        company_id: row.get("company_id")?,
        company: row.get("company")?,
        account_type: row.get("account_type")?,
        subscription_status: row.get("subscription_status")?,
        mrr: row.get("mrr")?,
        start: row.get("start_on")?,
        renewal: row.get("renewal_on")?,
        owner: row.get("owner")?,
        source: row.get("source")?,
        as_of: row.get("as_of_us")?,
    })
}
