//! Pages that are open: every few minutes it is asked of Zendesk whether their tickets are solved, for the delivery that says so may be
//! lost. **Invariants:** nothing is resolved here: the end is asked for as a trigger would, and decided on fresh facts; one call for a
//! hundred tickets.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Kind, Notices, Setup};
use crate::{
    connectors::zendesk::{TicketId, TicketStatus},
    queue::{CatchUp, Job, JobError, Lease, Queue, Schedule, Schedules},
    store::{StoreError, notices as kept},
};

/// Its name among the account's schedules.
const SCHEDULE: &str = "check_pages";
const EVERY_TEN_MINUTES: &str = "*/10 * * * *";
/// An end that was given up is asked for again after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(30);
/// Tickets of one call.
const STEP: u32 = 100;

/// Looks at the tickets of an account's open pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckPages {
    pub account: String,
}

impl Job for CheckPages {
    const NAME: &'static str = "check_pages";
    const LEASE: Duration = Duration::from_mins(1);
    const PRIORITY: i32 = -5;
    type Deps = Notices;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        SCHEDULE.to_owned()
    }

    async fn run(&self, notices: &Notices, lease: &Lease) -> Result<(), JobError> {
        let Setup { account, db, zendesk, clock, .. } = &*notices.0;
        let mut after = 0;
        loop {
            let tickets = kept::tickets_paged(db, account, (after, STEP), clock.now() - AGAIN_AFTER).await?;
            let Some(last) = tickets.last() else { return Ok(()) };
            after = *last;
            let ids: Vec<TicketId> = tickets.iter().copied().map(TicketId).collect();
            let there = zendesk.tickets(&ids).await?;
            let is_open = |id: &TicketId| {
                let found = there.iter().find(|ticket| ticket.id == *id);
                found.is_some_and(|it| !matches!(it.status, TicketStatus::Solved | TicketStatus::Closed))
            };
            let over: Vec<&TicketId> = ids.iter().filter(|id| !is_open(id)).collect();
            let mut tx = db.begin().await?;
            lease.guard(&mut tx).await?;
            for TicketId(ticket) in over {
                if notices.request(&mut tx, Kind::PageOver, *ticket).await? {
                    tracing::info!(
                        account,
                        ticket.id = ticket,
                        "ticket {ticket} is solved or gone, and no delivery ended its page"
                    );
                }
            }
            tx.commit().await?;
        }
    }
}

/// From now on, or not any more, an account's open pages are looked at.
pub async fn schedule(queue: &Queue, account: &str, is_paging: bool) -> Result<(), StoreError> {
    let schedules = Schedules::new(queue.clone());
    if !is_paging {
        return schedules.remove(account, SCHEDULE).await;
    }
    let schedule = Schedule::new(account, SCHEDULE, EVERY_TEN_MINUTES, "UTC", CatchUp::Last);
    let schedule = schedule.expect("a cron expression");
    schedules.set(&schedule, &CheckPages { account: account.to_owned() }).await
}
