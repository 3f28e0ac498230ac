//! The ledger, for those who look into it: pages of it, what left Zendesk by day, and all of it as a file.
//! **Invariant:** it only reads; memory does not grow with the ledger.

mod format; // one row as text

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::{Stream, StreamExt, stream};
use wire::{AttachmentId, LedgerDay, LedgerLine, LedgerPage, LedgerVolume, TicketId};

pub use format::{Format, csv_cell};

use crate::{
    clock::Clock,
    store::{
        Db, StoreError,
        ledger::{self, Filter, LedgerRow},
    },
};

/// Rows of a page where nobody says how many, and at most.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
/// Rows of an export that are in memory at once.
const CHUNK: u32 = 500;
/// Where nobody says since when.
const RECENTLY: TimeDelta = TimeDelta::days(30);
/// How far the clocks of other replicas may be ahead.
const AHEAD: TimeDelta = TimeDelta::hours(1);
/// The longest span of a picture.
const LONGEST: TimeDelta = TimeDelta::days(3 * 366);

/// The ledger of one account.
#[derive(Clone)]
pub struct Ledger {
    account: String,
    clock: Clock,
    db: Db,
}

/// Why an admin's question is not answered.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Admin: ask for a shorter time.
    #[error("the range is longer than {} days", LONGEST.num_days())]
    TooLong,
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ledger {
    /// The ledger of `account`.
    pub const fn new(account: String, clock: Clock, db: Db) -> Self {
        Self { account, clock, db }
    }

    /// What is looked for, newest first; a `limit` of 0 is the usual one.
    pub async fn page(&self, mut filter: Filter) -> Result<LedgerPage, LedgerError> {
        filter.limit = if filter.limit == 0 { PAGE } else { filter.limit.min(LARGEST_PAGE) };
        let rows = ledger::search(&self.db, &self.account, &filter).await?;
        let full = rows.len() == filter.limit as usize;
        let next = rows.last().map(|row| row.seq).filter(|seq| full && *seq > 1);
        Ok(LedgerPage { rows: rows.into_iter().map(line).collect(), next })
    }

    /// What left Zendesk, by day; the last 30 days where nobody says when.
    pub async fn volume(
        &self,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<LedgerVolume, LedgerError> {
        let until = until.unwrap_or_else(|| self.clock.now() + AHEAD);
        let since = since.or_else(|| until.checked_sub_signed(RECENTLY)).unwrap_or(until);
        if until.signed_duration_since(since) > LONGEST {
            return Err(LedgerError::TooLong);
        }
        let days = ledger::volume(&self.db, &self.account, (since, until)).await?;
        let day = |day: ledger::DayVolume| LedgerDay {
            day: day.day.to_string(),
            files: day.files,
            bytes: day.bytes,
        };
        Ok(LedgerVolume { days: days.into_iter().map(day).collect() })
    }

    /// All rows that there are now, oldest first, as the bytes of a file; of one ticket, where one is named.
    pub fn export(
        &self,
        ticket: Option<TicketId>,
        format: Format,
    ) -> impl Stream<Item = Result<Vec<u8>, StoreError>> + Send + use<> {
        let Self { account, db, .. } = self.clone();
        let head = stream::once(std::future::ready(Ok(format.head().as_bytes().to_vec())));
        let rows = stream::try_unfold(None, move |place: Option<(u64, u64)>| {
            let (account, db) = (account.clone(), db.clone());
            async move {
                let (after, last) = match place {
                    Some(place) => place,
                    None => (0, ledger::head(&db, &account).await?.0),
                };
                let rows = ledger::export(&db, &account, ticket.map(|id| id.0), (after, last), CHUNK).await?;
                let Some(end) = rows.last().map(|row| row.seq) else { return Ok(None) };
                let mut text = Vec::new();
                for row in rows {
                    format.write(&line(row), &mut text);
                }
                Ok(Some((text, Some((end, last)))))
            }
        });
        head.chain(rows)
    }
}

/// A row as it is told.
fn line(row: LedgerRow) -> LedgerLine {
    let LedgerRow { seq, entry, prev_hash, hash } = row;
    LedgerLine {
        seq,
        at: entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        actor: entry.actor,
        action: entry.action,
        ticket_id: entry.ticket_id.map(TicketId),
        attachment_id: entry.attachment_id.map(AttachmentId),
        sha256: entry.sha256,
        object_key: entry.object_key,
        detail: entry.detail,
        prev_hash,
        hash,
    }
}
