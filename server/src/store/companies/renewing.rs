//! Companies of the contract copy by themselves: one by its id, and those that renew within some days.

use chrono::NaiveDate;

use super::{Company, read_company};
use crate::store::{Conn, StoreError, query};

macro_rules! of_copy {
    ($more:literal) => {
        concat!(
            "SELECT m.company_id, m.company, m.account_type, m.subscription_status, m.mrr, m.currency, m.start_on,
                    m.renewal_on, m.record_id, m.owners, m.extra
               FROM contract_copies c
               JOIN companies m ON m.account = c.account AND m.integration = c.integration AND m.run = c.run
              WHERE c.account = $1 AND c.run IS NOT NULL AND ",
            $more
        )
    };
}

/// One company of the copy.
pub async fn company(on: impl Conn, account: &str, id: &str) -> Result<Option<Company>, StoreError> {
    query(of_copy!("m.company_id = $2")).bind(account).bind(id).optional_as(on, read_company).await
}

/// Companies whose renewal is on one of these days, both included: by id, after `after`.
pub async fn renewing(
    on: impl Conn,
    account: &str,
    (from, to): (NaiveDate, NaiveDate),
    (after, limit): (&str, u32),
) -> Result<Vec<Company>, StoreError> {
    query(of_copy!(
        "m.renewal_on >= $2 AND m.renewal_on <= $3 AND m.company_id > $4 ORDER BY m.company_id LIMIT $5"
    ))
    .bind(account)
    .bind(from.to_string())
    .bind(to.to_string())
    .bind(after)
    .bind(u64::from(limit))
    .all_as(on, read_company)
    .await
}
