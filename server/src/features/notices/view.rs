//! Who was told what and when, and why not, for admins. **Invariants:** pages are bounded; what `contracts.visible_to` hides on
//! cards is hidden here.

use chrono::{DateTime, SecondsFormat, Utc};
use wire::{KeptTrigger, NoticeLine, NoticeList, NoticeReason, TicketId};

use super::{Notices, Setup};
use crate::{
    features::{contracts::Part, sessions::Agent},
    store::{
        StoreError,
        notices::{self as kept, Filter, Notice, NoticeState, TriggerRow},
    },
};

/// Rows of a page.
const PAGE: u32 = 100;

impl Notices {
    /// A page, newest first. A notice that is gone, as [`Filter::before`], begins anew. `may_edit`: of whoever asks,
    /// who sees no part of a contract that is hidden from them; the operator, who is no agent, sees all.
    pub async fn list(
        &self,
        filter: Filter<'_>,
        (asking, may_edit): (Option<&Agent>, bool),
    ) -> Result<NoticeList, StoreError> {
        let Setup { account, db, tickets_url, contract_settings, .. } = &*self.0;
        let visible_to = &contract_settings.visible_to;
        let shows = |part: Part| asking.is_none_or(|agent| visible_to.shows(part, Some(agent)));
        let seen = Seen { company: shows(Part::Company), owner: shows(Part::Owner) };
        let last = match filter.before {
            Some(id) => kept::notice(db, account, id).await?,
            None => None,
        };
        let place = last.as_ref().map(|last| (last.requested_at, last.id.as_str()));
        let rows = kept::list(db, account, (filter, place), PAGE).await?;
        let is_full = rows.len() == PAGE as usize;
        let next = rows.last().filter(|_| is_full).map(|row| row.id.clone());
        let triggers = kept::triggers(db, account).await?.into_iter().map(trigger).collect();
        let notices = rows.into_iter().map(|notice| line(notice, tickets_url, seen)).collect();
        Ok(NoticeList { notices, triggers, may_edit, next })
    }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn trigger(row: TriggerRow) -> KeptTrigger {
    let TriggerRow { kind, trigger_id, problem, checked_at } = row;
    KeptTrigger { kind: kind.as_str().to_owned(), id: trigger_id, problem, checked_at: text(checked_at) }
}

/// What whoever asks sees of a contract.
#[derive(Clone, Copy)]
struct Seen {
    company: bool,
    owner: bool,
}

fn line(notice: Notice, tickets_url: &str, seen: Seen) -> NoticeLine {
    let names_owner = notice.state != NoticeState::Fallback;
    NoticeLine {
        id: notice.id,
        kind: notice.kind.as_str().to_owned(),
        ticket_id: notice.ticket_id.map(TicketId),
        ticket_url: notice.ticket_id.map(|id| format!("{tickets_url}{id}")),
        company: notice.company.filter(|_| seen.company),
        role: notice.role,
        told_to: notice.told_to.filter(|_| seen.owner || !names_owner),
        channel: notice.channel,
        outcome: notice.state.as_str().to_owned(),
        reason: notice.reason.map(|(code, message)| NoticeReason { code, message }),
        at: text(notice.requested_at),
        settled_at: notice.settled_at.map(text),
        resolved_at: notice.resolved_at.map(text),
    }
}
