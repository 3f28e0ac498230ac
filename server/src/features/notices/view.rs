//! Who was told what and when, and why not, for admins. **Invariant:** pages are bounded.

use chrono::{DateTime, SecondsFormat, Utc};
use wire::{NoticeLine, NoticeList, NoticeReason, TicketId};

use super::{Notices, Setup};
use crate::store::{
    StoreError,
    notices::{self as kept, Notice},
};

/// Rows of a page.
const PAGE: u32 = 100;

impl Notices {
    /// A page, newest first. `before`: the id of the last one of the page before; one that is gone begins anew.
    pub async fn list(&self, before: Option<&str>) -> Result<NoticeList, StoreError> {
        let Setup { account, db, .. } = &*self.0;
        let last = match before {
            Some(id) => kept::notice(db, account, id).await?,
            None => None,
        };
        let place = last.as_ref().map(|last| (last.requested_at, last.id.as_str()));
        let rows = kept::list(db, account, place, PAGE).await?;
        let is_full = rows.len() == PAGE as usize;
        let next = rows.last().filter(|_| is_full).map(|row| row.id.clone());
        Ok(NoticeList { notices: rows.into_iter().map(line).collect(), next })
    }
}

fn line(notice: Notice) -> NoticeLine {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    NoticeLine {
        id: notice.id,
        kind: notice.kind.as_str().to_owned(),
        ticket_id: notice.ticket_id.map(TicketId),
        company: notice.company,
        role: notice.role,
        told_to: notice.told_to,
        channel: notice.channel,
        outcome: notice.state.as_str().to_owned(),
        reason: notice.reason.map(|(code, message)| NoticeReason { code, message }),
        at: text(notice.requested_at),
        settled_at: notice.settled_at.map(text),
        resolved_at: notice.resolved_at.map(text),
    }
}
