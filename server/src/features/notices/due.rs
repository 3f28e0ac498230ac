//! Renewals that are near, once a day and whether anybody writes or not: one notice for each company and renewal. **Invariant:** however
//! often it runs, a renewal is told once.

use std::time::Duration;

use chrono::{TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use super::{Kind, Notices, SendNotice, Settings, Setup, Way};
use crate::{
    features::contracts,
    queue::{CatchUp, Job, JobError, Lease, Queue, Schedule, Schedules},
    store::{
        StoreError, companies,
        notices::{self as kept, NewNotice},
    },
};

/// Its name among the account's schedules.
const SCHEDULE: &str = "renewals_due";
/// Companies of one transaction.
const STEP: u32 = 100;

/// Asks for the notices of a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewalsDue {
    pub account: String,
}

impl Job for RenewalsDue {
    const NAME: &'static str = "renewals_due";
    const LEASE: Duration = Duration::from_mins(2);
    type Deps = Notices;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        SCHEDULE.to_owned()
    }

    async fn run(&self, notices: &Notices, lease: &Lease) -> Result<(), JobError> {
        let Setup { account, db, queue, clock, contract_settings, .. } = &*notices.0;
        if notices.0.settings.way(Kind::Renewal) == Way::Off {
            return Ok(()); // they stay untold, for the day on which they are switched on
        }
        let thresholds = &contract_settings.thresholds;
        let today = thresholds.today(clock.now());
        let until = today + TimeDelta::days(thresholds.renewal_near_days.into());
        let mut after = String::new();
        loop {
            let due = companies::renewing(db, account, (today, until), (&after, STEP)).await?;
            let Some(last) = due.last() else { return Ok(()) };
            after.clone_from(&last.company_id);
            let mut tx = db.begin().await?;
            lease.guard(&mut tx).await?;
            for company in due {
                let renewal = company.renewal.map(|day| day.to_string()).unwrap_or_default();
                let once = format!("renewal {renewal} {}", company.company_id);
                let id = uuid::Uuid::now_v7().to_string();
                let new = NewNotice {
                    id: &id,
                    kind: Kind::Renewal,
                    once: &once,
                    ticket_id: None,
                    company_id: Some(&company.company_id),
                    company: company.company.as_deref(),
                };
                if kept::take(&mut tx, account, &new, clock.now()).await? {
                    let about = format!("company {}", company.company_id);
                    let job = SendNotice { account: account.clone(), notice: id, about };
                    queue.enqueue(&mut tx, &job).await?;
                }
            }
            tx.commit().await?;
        }
    }
}

/// From now on, or not any more, an account's renewals are told by themselves.
pub async fn schedule(
    queue: &Queue,
    account: &str,
    (settings, contracts): (&Settings, &contracts::Settings),
) -> Result<(), StoreError> {
    let schedules = Schedules::new(queue.clone());
    let at = settings.renewals_at.filter(|_| settings.way(Kind::Renewal) != Way::Off);
    let Some(at) = at else { return schedules.remove(account, SCHEDULE).await };
    let cron = format!("{} {} * * *", at.minute(), at.hour());
    let zone = contracts.thresholds.time_zone.name();
    let schedule = Schedule::new(account, SCHEDULE, &cron, zone, CatchUp::Last);
    let schedule = schedule.expect("a time of the day in a time zone that was read");
    schedules.set(&schedule, &RenewalsDue { account: account.to_owned() }).await
}
