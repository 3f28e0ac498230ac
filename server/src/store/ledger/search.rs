//! What an admin looks for in the ledger. **Invariant:** every statement is served by an index and ends after a bounded
//! number of rows, however long the ledger is.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{LedgerRow, read};
use crate::store::{Db, StoreError, query};

/// Replicas' clocks differ by less than this: rows are numbered by commit, and their times are in that order up to it.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// Microseconds of a day.
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What is looked for; what is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was done to this ticket.
    pub ticket_id: Option<u64>,
    /// What was done.
    pub action: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Rows below this one.
    pub before: Option<u64>,
    /// So many at most.
    pub limit: u32,
}

/// What left Zendesk on one day, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayVolume {
    pub day: NaiveDate,
    /// Files that were redacted.
    pub files: u64,
    pub bytes: u64,
}

/// One text per set of filters, so that either database sees which index serves it.
macro_rules! searches {
    ($ticket:literal, $action:literal, $actor:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM ledger WHERE account = $1 AND seq > $2 AND seq < $3 AND at_us >= $4 AND at_us < $5 AND ",
            $ticket,
            " AND ",
            $action,
            " AND ",
            $actor,
            " ORDER BY seq DESC LIMIT $9"
        )
    };
    ($ticket:literal, $action:literal) => {
        [searches!($ticket, $action, "CAST($8 AS TEXT) IS NULL"), searches!($ticket, $action, "actor = $8")]
    };
    ($ticket:literal) => {
        [searches!($ticket, "CAST($7 AS TEXT) IS NULL"), searches!($ticket, "action = $7")]
    };
}

/// By whether a ticket, an action, an actor is looked for.
const SEARCHES: [[[&str; 2]; 2]; 2] = [searches!("CAST($6 AS BIGINT) IS NULL"), searches!("ticket_id = $6")];

/// What is looked for, newest first.
pub async fn search(db: &Db, account: &str, filter: &Filter) -> Result<Vec<LedgerRow>, StoreError> {
    let (above, below) = bounds(db, account, filter).await?;
    let [ticket, action, actor] =
        [filter.ticket_id.is_some(), filter.action.is_some(), filter.actor.is_some()].map(usize::from);
    query(SEARCHES[ticket][action][actor])
        .bind(account)
        .bind(above)
        .bind(below)
        .bind(filter.since.map_or(i64::MIN, |since| since.timestamp_micros()))
        .bind(filter.until.map_or(i64::MAX, |until| until.timestamp_micros()))
        .bind(filter.ticket_id)
        .bind(filter.action.as_ref())
        .bind(filter.actor.as_ref())
        .bind(filter.limit)
        .all_as(db, read)
        .await
}

/// Between which rows a time must lie, exclusively: two looks into the index of times instead of a walk from the end.
async fn bounds(db: &Db, account: &str, filter: &Filter) -> Result<(i64, i64), StoreError> {
    let below = filter.before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let earlier = match filter.since.and_then(|since| since.checked_sub_signed(SKEW)) {
        Some(since) => {
            query("SELECT seq FROM ledger WHERE account = $1 AND at_us < $2 ORDER BY at_us DESC LIMIT 1")
                .bind(account)
                .bind(since)
                .optional(db)
                .await?
        }
        None => None,
    };
    let later = match filter.until.and_then(|until| until.checked_add_signed(SKEW)) {
        Some(until) => {
            query("SELECT seq FROM ledger WHERE account = $1 AND at_us > $2 ORDER BY at_us LIMIT 1")
                .bind(account)
                .bind(until)
                .optional(db)
                .await?
        }
        None => None,
    };
    let above = earlier.map_or(Ok(0), |row| row.get::<i64>("seq"))?;
    let below = later.map_or(Ok(below), |row| row.get::<i64>("seq").map(|seq| seq.min(below)))?;
    Ok((above, below))
}

/// Rows above `after` up to `last`, oldest first; of one ticket only, where one is named.
pub async fn export(
    db: &Db,
    account: &str,
    ticket_id: Option<u64>,
    (after, last): (u64, u64),
    limit: u32,
) -> Result<Vec<LedgerRow>, StoreError> {
    let of_all = query(concat!(
        "SELECT ",
        columns!(),
        " FROM ledger WHERE account = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"
    ));
    let of_ticket = query(concat!(
        "SELECT ",
        columns!(),
        " FROM ledger WHERE account = $1 AND seq > $2 AND seq <= $3 AND ticket_id = $5 ORDER BY seq LIMIT $4"
    ));
    let query = if ticket_id.is_some() { of_ticket } else { of_all };
    let mut query = query.bind(account).bind(after).bind(last).bind(limit);
    if ticket_id.is_some() {
        query = query.bind(ticket_id);
    }
    query.all_as(db, read).await
}

/// What left Zendesk, by day; days on which nothing did are absent.
pub async fn volume(
    db: &Db,
    account: &str,
    (since, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<DayVolume>, StoreError> {
    let rows = query(
        "SELECT l.at_us / $4 AS day, count(*) AS files, CAST(coalesce(sum(i.size), 0) AS BIGINT) AS bytes
           FROM ledger l
           LEFT JOIN archive_items i ON i.account = l.account AND i.attachment_id = l.attachment_id
          WHERE l.account = $1 AND l.at_us >= $2 AND l.at_us < $3 AND l.action = 'redacted'
          GROUP BY 1 ORDER BY 1",
    )
    .bind(account)
    .bind(since)
    .bind(until)
    .bind(MICROS_PER_DAY)
    .all(db)
    .await?;
    let day = |number: i64| {
        let start = number.checked_mul(MICROS_PER_DAY).and_then(DateTime::from_timestamp_micros);
        start.map(|start| start.date_naive()).ok_or(StoreError::corrupt("a ledger row's time"))
    };
    rows.iter()
        .map(|row| {
            Ok(DayVolume { day: day(row.get("day")?)?, files: row.get("files")?, bytes: row.get("bytes")? })
        })
        .collect()
}
