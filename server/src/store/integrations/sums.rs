//! What runs came to, for an overview of many of them.

use chrono::{DateTime, Utc};

use crate::store::{Conn, Row, StoreError, query};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSum {
    pub requested_at: DateTime<Utc>,
    /// JSON: [`wire::RunCounts`].
    pub counts: String,
    /// Calls that wrote.
    pub calls: u64,
    /// It was for all rows of the integration.
    pub is_of_all: bool,
}

/// Ended runs of an integration that could write, since this moment, oldest first, at most `limit`; of the newest, where there are more.
pub async fn sums_since(
    on: impl Conn,
    (account, integration): (&str, &str),
    since: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<RunSum>, StoreError> {
    let newest = query(
        "SELECT requested_us, counts, calls, kind FROM integration_runs
          WHERE account = $1 AND integration = $2 AND requested_us >= $3 AND kind <> 'dry'
            AND state NOT IN ('queued', 'running', 'stopped')
          ORDER BY requested_us DESC LIMIT $4",
    );
    let read = |row: &Row| {
        Ok(RunSum {
            requested_at: row.get("requested_us")?,
            counts: row.get("counts")?,
            calls: row.get("calls")?,
            is_of_all: matches!(row.get::<String>("kind")?.as_str(), "run" | "resend"),
        })
    };
    let mut sums = newest.bind(account).bind(integration).bind(since).bind(limit).all_as(on, read).await?;
    sums.reverse();
    Ok(sums)
}
