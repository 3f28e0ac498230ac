//! Notices to whoever is in charge of a customer: what was asked for, who was told, and why not. **Invariant:** what has the same
//! `once` is one row, whatever asked for it and however often.

mod newcomers; // customers who wrote for the first time
mod triggers; // Zendesk's triggers that ask for notices

use chrono::{DateTime, TimeDelta, Utc};

pub use newcomers::{Newcomer, settle_newcomer, take_newcomer};
pub use triggers::{TriggerRow, forget_trigger, keep_trigger, set_trigger_problem, triggers};

use super::{Conn, Row, StoreError, Tx, query, storable, words};

/// How long notices stay readable.
const KEPT_FOR: TimeDelta = TimeDelta::days(400);

words! {
    /// What a notice is about.
    NoticeKind {
        /// A ticket of a customer whose contract is young.
        NewCustomer = "new_customer",
        /// A ticket of a customer whose renewal is near.
        RenewalNear = "renewal_near",
        /// An emergency of a customer with a high MRR.
        Page = "page",
        /// Such an emergency is over.
        PageOver = "page_over",
        /// A renewal that is near, without a ticket.
        Renewal = "renewal",
    }
}

words! {
    /// Where a notice stands.
    NoticeState {
        /// Nobody was told yet.
        Waiting = "waiting",
        /// It is being sent, or was when its worker died.
        Sending = "sending",
        /// Whoever is in charge was told.
        Told = "told",
        /// Others were told, for the reason that is given.
        Fallback = "fallback",
        /// Nobody is told, for the reason that is given.
        NotTold = "not_told",
        /// The worker died while it was being sent: it was told, or perhaps not.
        Unsure = "unsure",
    }
}

/// A notice that is asked for.
#[derive(Debug, Clone)]
pub struct NewNotice<'a> {
    pub id: &'a str,
    pub kind: NoticeKind,
    /// What is told once.
    pub once: &'a str,
    pub ticket_id: Option<u64>,
    pub company_id: Option<&'a str>,
    pub company: Option<&'a str>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub kind: NoticeKind,
    pub ticket_id: Option<u64>,
    pub company_id: Option<String>,
    pub company: Option<String>,
    /// For whom it was meant: `sales`, `success`.
    pub role: Option<String>,
    /// Names, for people.
    pub told_to: Option<String>,
    /// How it was told.
    pub channel: Option<String>,
    pub state: NoticeState,
    /// With `fallback` and `not_told`: a code and a sentence.
    pub reason: Option<(String, String)>,
    pub requested_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    /// Of a page: when it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// What is known of a notice so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub company_id: Option<String>,
    pub company: Option<String>,
    pub role: Option<String>,
    pub told_to: Option<String>,
    pub channel: Option<String>,
    pub reason: Option<(String, String)>,
}

/// Records a notice. False: the same was asked for before.
pub async fn take(
    tx: &mut Tx,
    account: &str,
    new: &NewNotice<'_>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let fresh = query(
        "INSERT INTO notices (account, id, kind, once_key, ticket_id, company_id, company, state, requested_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8) ON CONFLICT DO NOTHING",
    )
    .bind(account)
    .bind(new.id)
    .bind(new.kind.as_str())
    .bind(new.once)
    .bind(new.ticket_id)
    .bind(new.company_id)
    .bind(new.company.map(storable).as_deref())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    if fresh == 0 {
        return Ok(false);
    }
    // Each that is taken pays for a little more than itself.
    query(
        "DELETE FROM notices WHERE requested_us < $1 AND id IN
           (SELECT id FROM notices WHERE requested_us < $1 ORDER BY requested_us LIMIT 5)",
    )
    .bind(now - KEPT_FOR)
    .execute(tx)
    .await?;
    Ok(true)
}

macro_rules! columns {
    () => {
        "id, kind, ticket_id, company_id, company, role, told_to, channel, state, reason_code, reason, requested_us,
         settled_us, resolved_us"
    };
}

/// One notice.
pub async fn notice(on: impl Conn, account: &str, id: &str) -> Result<Option<Notice>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM notices WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read)
        .await
}

/// Which notices; what is absent does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Asked for before this one: its id.
    pub before: Option<&'a str>,
    pub kind: Option<NoticeKind>,
    pub state: Option<NoticeState>,
}

/// Newest first. `before`: time and id of the last one of the page before.
pub async fn list(
    on: impl Conn,
    account: &str,
    (filter, before): (Filter<'_>, Option<(DateTime<Utc>, &str)>),
    limit: u32,
) -> Result<Vec<Notice>, StoreError> {
    let (at, id) = before.unwrap_or((DateTime::<Utc>::MAX_UTC, ""));
    let at = at.min(DateTime::from_timestamp(253_402_300_799, 0).unwrap_or_default());
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM notices WHERE account = $1 AND (requested_us < $2 OR requested_us = $2 AND id < $3)
            AND (CAST($4 AS TEXT) IS NULL OR kind = $4) AND (CAST($5 AS TEXT) IS NULL OR state = $5)
          ORDER BY requested_us DESC, id DESC LIMIT $6"
    ))
    .bind(account)
    .bind(at)
    .bind(id)
    .bind(filter.kind.map(NoticeKind::as_str))
    .bind(filter.state.map(NoticeState::as_str))
    .bind(u64::from(limit))
    .all_as(on, read)
    .await
}

/// Writes where a notice stands, and what is known of it. What is absent stays as it is.
pub async fn set(
    tx: &mut Tx,
    account: &str,
    id: &str,
    (state, progress): (NoticeState, &Progress),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let settled = !matches!(state, NoticeState::Waiting | NoticeState::Sending);
    let (code, reason) = progress.reason.clone().unzip();
    let text = |text: &Option<String>| text.as_deref().map(|text| storable(text).into_owned());
    query(
        "UPDATE notices SET state = $3, company_id = COALESCE($4, company_id), company = COALESCE($5, company),
                role = COALESCE($6, role), told_to = COALESCE($7, told_to), channel = COALESCE($8, channel),
                reason_code = COALESCE($9, reason_code), reason = COALESCE($10, reason), settled_us = $11
          WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(id)
    .bind(state.as_str())
    .bind(text(&progress.company_id))
    .bind(text(&progress.company))
    .bind(progress.role.clone())
    .bind(text(&progress.told_to))
    .bind(progress.channel.clone())
    .bind(code)
    .bind(text(&reason))
    .bind(settled.then_some(now))
    .execute(tx)
    .await
    .map(drop)
}

/// The id of a ticket's latest notice of a kind that is settled.
pub async fn last_settled(
    on: impl Conn,
    account: &str,
    ticket: u64,
    kind: NoticeKind,
) -> Result<Option<String>, StoreError> {
    query(
        "SELECT id FROM notices WHERE account = $1 AND ticket_id = $2 AND kind = $3 AND settled_us IS NOT NULL
          ORDER BY requested_us DESC, id DESC LIMIT 1",
    )
    .bind(account)
    .bind(ticket)
    .bind(kind.as_str())
    .optional_as(on, |row| row.get("id"))
    .await
}

/// Whether a page is the latest of its ticket.
pub async fn is_latest_page(
    on: impl Conn,
    account: &str,
    (ticket, id): (u64, &str),
) -> Result<bool, StoreError> {
    let latest: Option<String> = query(
        "SELECT id FROM notices WHERE account = $1 AND ticket_id = $2 AND kind = 'page'
          ORDER BY requested_us DESC, id DESC LIMIT 1",
    )
    .bind(account)
    .bind(ticket)
    .optional_as(on, |row| row.get("id"))
    .await?;
    Ok(latest.is_none_or(|latest| latest == id))
}

/// How many of a ticket's pages were settled for this reason since then.
pub async fn pages_settled(
    on: impl Conn,
    account: &str,
    (ticket, reason_code): (u64, &str),
    since: DateTime<Utc>,
) -> Result<u64, StoreError> {
    query(
        "SELECT count(*) AS n FROM notices
          WHERE account = $1 AND ticket_id = $2 AND kind = 'page' AND reason_code = $3 AND settled_us >= $4",
    )
    .bind(account)
    .bind(ticket)
    .bind(reason_code)
    .bind(since)
    .one(on)
    .await?
    .get("n")
}

/// Tickets with a page that was told and is not resolved, in their order; without those whose end was given up since `given_up`.
/// `after`: the last one of the list before.
pub async fn tickets_paged(
    on: impl Conn,
    account: &str,
    (after, limit): (u64, u32),
    given_up: DateTime<Utc>,
) -> Result<Vec<u64>, StoreError> {
    query(
        "SELECT DISTINCT ticket_id FROM notices AS pages
          WHERE account = $1 AND kind = 'page' AND resolved_us IS NULL AND settled_us IS NOT NULL
            AND channel IS NOT NULL AND ticket_id > $2
            AND NOT EXISTS (SELECT 1 FROM notices AS ends
                             WHERE ends.account = $1 AND ends.ticket_id = pages.ticket_id
                               AND ends.kind = 'page_over' AND ends.reason_code = 'gave_up' AND ends.settled_us >= $4)
          ORDER BY ticket_id LIMIT $3",
    )
    .bind(account)
    .bind(after)
    .bind(u64::from(limit))
    .bind(given_up)
    .all_as(on, |row| row.get("ticket_id"))
    .await
}

/// The pages of a ticket that are on their way, or were told, or tried, and are not resolved yet; oldest first.
pub async fn open_pages(on: impl Conn, account: &str, ticket: u64) -> Result<Vec<Notice>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM notices WHERE account = $1 AND ticket_id = $2 AND kind = 'page' AND resolved_us IS NULL
            AND (channel IS NOT NULL OR settled_us IS NULL)
          ORDER BY requested_us, id"
    ))
    .bind(account)
    .bind(ticket)
    .all_as(on, read)
    .await
}

/// A notice that was given up waits again; so does its reason for being told.
pub async fn reopen(tx: &mut Tx, account: &str, id: &str) -> Result<(), StoreError> {
    query(
        "UPDATE notices SET state = 'waiting', settled_us = NULL, reason_code = NULL, reason = NULL
          WHERE account = $1 AND id = $2 AND state = 'not_told'",
    )
    .bind(account)
    .bind(id)
    .execute(tx)
    .await
    .map(drop)
}

/// A page is over.
pub async fn resolve(tx: &mut Tx, account: &str, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    query("UPDATE notices SET resolved_us = $3 WHERE account = $1 AND id = $2 AND resolved_us IS NULL")
        .bind(account)
        .bind(id)
        .bind(now)
        .execute(tx)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    let reason: Option<String> = row.get("reason")?;
    let code: Option<String> = row.get("reason_code")?;
    Ok(Notice {
        id: row.get("id")?,
        kind: row.get("kind")?,
        ticket_id: row.get("ticket_id")?,
        company_id: row.get("company_id")?,
        company: row.get("company")?,
        role: row.get("role")?,
        told_to: row.get("told_to")?,
        channel: row.get("channel")?,
        state: row.get("state")?,
        reason: code.map(|code| (code, reason.unwrap_or_default())),
        requested_at: row.get("requested_us")?,
        settled_at: row.get("settled_us")?,
        resolved_at: row.get("resolved_us")?,
    })
}
