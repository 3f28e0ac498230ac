//! Incremental exports: every user, organization or ticket that changed since a time, again at each change, deleted ones too. One
//! page at a time, each with the cursor to keep beside its rows. Docs: "Using the Incremental Export API". With its users a page
//! brings all their addresses, for the same call ("Side-loading related records").
//! Users and tickets have a cursor; organizations go by time, so that the last second of a page comes again with the next one.
//! Where more organizations changed in one second than a page has, that second has no end: the list of all is read instead.
//! Limits: admins only; 10 calls a minute for all exports of an account, 30 with an add-on.
//! Traps: what changed in the last minute is left out; a page without progress would repeat for ever.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};
use url::Url;

use super::calls::{next_page, rows_by};
use super::error::{failed, undecodable};
use super::records::{IDENTITIES, Identity, OrganizationRow, SYNCED, UserRow};
use super::ticket_rows::{COUNTED, TicketRow};
use super::{Records, ZendeskClient, ZendeskError};
use crate::connectors::{CallError, FailureKind, Rows, VendorError};

const USERS: &str = "GET /api/v2/incremental/users/cursor";
const TICKETS: &str = "GET /api/v2/incremental/tickets/cursor";
const ORGANIZATIONS: &str = "GET /api/v2/incremental/organizations";
const LIST: &str = "GET /api/v2/organizations";
/// Rows of a page, to begin with.
const PAGE: usize = 1_000;
/// Zendesk refuses later times.
const SETTLED: TimeDelta = TimeDelta::seconds(61);
/// Calls a minute, where no header says otherwise.
const CALLS: usize = 10;
const MINUTE: TimeDelta = TimeDelta::seconds(60);

/// Where an export begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportFrom {
    /// What changed since then; 1970 is all.
    Time(DateTime<Utc>),
    /// After a page that was read before.
    Cursor(String),
}

impl ExportFrom {
    /// After this page; everything, where there is none.
    pub fn or_all(cursor: Option<&str>) -> Self {
        cursor.map_or(Self::Time(DateTime::UNIX_EPOCH), |cursor| Self::Cursor(cursor.to_owned()))
    }
}

/// A page of an export.
#[derive(Debug, Clone)]
pub struct ExportPage<T> {
    pub rows: Rows<T>,
    /// Where the next page begins. Also at the end: what changes later comes after it. `None` where there never was a row.
    pub cursor: Option<String>,
    /// Nothing more has changed up to now.
    pub is_end: bool,
    /// The addresses and numbers of the users; `None`: Zendesk did not say.
    pub identities: Option<Rows<Identity>>,
}

impl ZendeskClient {
    /// A page of users with their addresses. [`FailureKind::RateLimited`] says when to ask again.
    pub async fn exported_users(&self, from: &ExportFrom) -> Result<ExportPage<UserRow>, ZendeskError> {
        let url = self.url_with("/api/v2/incremental/users/cursor", &[("include", IDENTITIES)]);
        let (name, value) = self.begins(from);
        let mut body = self.export(USERS, url, name, &value).await?;
        let rows = rows_by(&SYNCED, USERS, &mut body, Records::Users.plural())?;
        let is_said = body.contains_key(IDENTITIES);
        let identities = is_said.then(|| rows_by(&SYNCED, USERS, &mut body, IDENTITIES)).transpose()?;
        let cursor = body.get("after_cursor").and_then(Value::as_str).map(str::to_owned);
        Ok(ExportPage { identities, ..page(USERS, &body, rows, cursor, &value)? })
    }

    /// A page of tickets; deleted ones have the status `deleted`.
    pub async fn exported_tickets(&self, from: &ExportFrom) -> Result<ExportPage<TicketRow>, ZendeskError> {
        let (name, value) = self.begins(from);
        let mut body =
            self.export(TICKETS, self.url("/api/v2/incremental/tickets/cursor"), name, &value).await?;
        let rows = rows_by(&COUNTED, TICKETS, &mut body, "tickets")?;
        let cursor = body.get("after_cursor").and_then(Value::as_str).map(str::to_owned);
        page(TICKETS, &body, rows, cursor, &value)
    }

    /// The parameter of a page that has a cursor.
    fn begins(&self, from: &ExportFrom) -> (&'static str, String) {
        match from {
            ExportFrom::Time(time) => ("start_time", self.settled(*time).to_string()),
            ExportFrom::Cursor(cursor) => ("cursor", cursor.clone()),
        }
    }

    /// A page of organizations.
    pub async fn exported_organizations(
        &self,
        from: &ExportFrom,
    ) -> Result<ExportPage<OrganizationRow>, ZendeskError> {
        let seconds = match from {
            ExportFrom::Time(time) => self.settled(*time),
            ExportFrom::Cursor(cursor) => match cursor.split_once('@') {
                Some((seconds, after)) => return self.listed_organizations(seconds, after).await,
                // The end of the last page may be nearer to now than Zendesk takes.
                None => {
                    cursor.parse::<i64>().unwrap_or_default().min(self.settled(self.exchange.clock().now()))
                }
            },
        };
        let (url, asked) = (self.url("/api/v2/incremental/organizations"), seconds.to_string());
        let mut body = self.export(ORGANIZATIONS, url, "start_time", &asked).await?;
        let rows = rows_by(&SYNCED, ORGANIZATIONS, &mut body, Records::Organizations.plural())?;
        let end = body.get("end_time").and_then(Value::as_i64).map(|seconds| seconds.to_string());
        let does_not_move = end.as_ref() == Some(&asked) && body.get("end_of_stream") == Some(&false.into());
        if does_not_move {
            return Ok(ExportPage {
                rows,
                cursor: Some(format!("{asked}@")),
                is_end: false,
                identities: None,
            });
        }
        page(ORGANIZATIONS, &body, rows, end, &asked)
    }

    /// A page of the list of all organizations; after its last page the export goes on with the next second.
    async fn listed_organizations(
        &self,
        seconds: &str,
        after: &str,
    ) -> Result<ExportPage<OrganizationRow>, ZendeskError> {
        let mut url = self.url_with("/api/v2/organizations", &[("page[size]", "100")]);
        if !after.is_empty() {
            url.query_pairs_mut().append_pair("page[after]", after);
        }
        let mut body = self.body(LIST, url).await?;
        let next = next_page(&body, false).map_err(|error| undecodable(LIST, error))?;
        if next.as_deref() == Some(after) {
            return Err(undecodable(LIST, serde_json::Error::custom("the next page is this page again")));
        }
        let rows = rows_by(&SYNCED, LIST, &mut body, Records::Organizations.plural())?;
        let cursor = match next {
            Some(next) => format!("{seconds}@{next}"),
            None => (seconds.parse::<i64>().unwrap_or_default() + 1).to_string(),
        };
        Ok(ExportPage { rows, cursor: Some(cursor), is_end: false, identities: None })
    }

    /// Seconds since 1970, as late as Zendesk takes.
    fn settled(&self, time: DateTime<Utc>) -> i64 {
        time.min(self.exchange.clock().now() - SETTLED).timestamp().max(0)
    }

    /// One call; again with smaller pages where the page is larger than we take.
    async fn export(
        &self,
        call: &'static str,
        url: Url,
        name: &str,
        value: &str,
    ) -> Result<Map<String, Value>, ZendeskError> {
        let mut size = PAGE;
        loop {
            let now = self.exchange.clock().now();
            if let Err(wait) = self.exports.admit(now) {
                return Err(failed(call, CallError::Budget(wait)));
            }
            let mut url = url.clone();
            url.query_pairs_mut().append_pair(name, value).append_pair("per_page", &size.to_string());
            match self.get(call, url).await {
                Err(error) if error.is(FailureKind::TooLarge) && size > 1 => size = size.div_ceil(4),
                answer => {
                    let answer = answer?;
                    self.exports.observe(&answer.headers);
                    return super::calls::decode(call, &answer);
                }
            }
        }
    }
}

/// A page that cannot say whether it is the last is an error, and so is one that would come again.
fn page<T: DeserializeOwned>(
    call: &'static str,
    body: &Map<String, Value>,
    rows: Rows<T>,
    cursor: Option<String>,
    asked: &str,
) -> Result<ExportPage<T>, ZendeskError> {
    let odd = |why: &str| undecodable(call, serde_json::Error::custom(why));
    let is_end = body.get("end_of_stream").and_then(Value::as_bool);
    let is_end = is_end.ok_or_else(|| odd("`end_of_stream` cannot be read"))?;
    if !is_end {
        match &cursor {
            None => return Err(odd("the cursor of the next page cannot be read")),
            Some(cursor) if cursor == asked => return Err(odd("the next page is this page again")),
            Some(_) => {}
        }
    }
    Ok(ExportPage { rows, cursor, is_end, identities: None })
}

/// Calls of the last minute, over all exports of an account.
#[derive(Debug, Default)]
pub(super) struct ExportCalls(Mutex<Calls>);

#[derive(Debug)]
struct Calls {
    limit: usize,
    made: VecDeque<DateTime<Utc>>,
}

impl Default for Calls {
    fn default() -> Self {
        Self { limit: CALLS, made: VecDeque::new() }
    }
}

impl ExportCalls {
    /// Counts a call, or says how long to wait before it.
    fn admit(&self, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.made.front().is_some_and(|made| *made + MINUTE <= now) {
            calls.made.pop_front();
        }
        if let Some(first) = calls.made.front().filter(|_| calls.made.len() >= calls.limit) {
            return Err((*first + MINUTE - now).to_std().unwrap_or_default());
        }
        calls.made.push_back(now);
        Ok(())
    }

    /// Learns the account's limit: `zendesk-ratelimit-incremental-exports: total=10; remaining=9; resets=43`.
    fn observe(&self, headers: &HeaderMap) {
        let text = headers.get("zendesk-ratelimit-incremental-exports").and_then(|value| value.to_str().ok());
        let total = text.and_then(|text| {
            text.split(';').find_map(|pair| pair.trim().strip_prefix("total=")?.trim().parse::<usize>().ok())
        });
        if let Some(total) = total {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).limit = total.clamp(1, 100);
        }
    }
}
