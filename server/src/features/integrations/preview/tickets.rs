//! Tickets by week, plan and MRR: the kept tickets beside the contract copy. **Invariants:** Zendesk is not asked; the answer names nobody, and
//! its groups are bounded; where there are no tickets, or no contracts, it is no report of zeros.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Datelike, Days, NaiveDate, SecondsFormat, Utc};
use engine::{Batch, Limits, Model, Table, Value};
use futures::StreamExt;
use wire::{TicketGroup, TicketReport};

use super::super::tickets::TICKETS;
use super::{DEADLINE, Inner, PreviewError, Previews, within};
use crate::store::{
    companies::{self, Contract, PersonKind},
    integrations as kept,
};

/// A report has so many weeks at most.
const MOST_WEEKS: u32 = 104;
/// Plans of a report; tickets of others are counted together.
const MOST_PLANS: usize = 50;
/// The plan of these.
const OTHERS: &str = "others";
/// How often a part is looked for that a run replaces meanwhile.
const FEW: u32 = 3;
/// People who are looked up at once.
const LOOKED_UP: usize = 500;

/// Week, plan, place of the band.
type Group = (NaiveDate, String, usize);

/// Bands of MRR: their names, and from which amount on. An amount below zero is in the first with a number.
const BANDS: [(&str, f64); 6] = [
    ("none", f64::NEG_INFINITY),
    ("0", f64::NEG_INFINITY),
    ("below_100", f64::MIN_POSITIVE),
    ("100_to_1000", 100.0),
    ("1000_to_10000", 1_000.0),
    ("10000_or_more", 10_000.0),
];

impl Previews {
    /// Tickets that were made in this week and those before it.
    pub async fn tickets_by_week(&self, weeks: u32) -> Result<TicketReport, PreviewError> {
        within(self.count_tickets(weeks.clamp(1, MOST_WEEKS))).await
    }

    async fn count_tickets(&self, weeks: u32) -> Result<TicketReport, PreviewError> {
        let Inner { account, db, clock, engine, staging, memory, turn, .. } = &*self.0;
        let _turn = turn.lock().await;
        let trial = staging.make_trial(clock.now())?;
        let file = trial.table(TICKETS);
        let known_at = self.keep_tickets(&file).await?;
        let contracts_at = companies::mark(db, account).await?.ok_or(PreviewError::NoContracts)?.completed;
        let since = monday(clock.now().date_naive()) - Days::new(7 * u64::from(weeks - 1));
        let limits =
            Limits { memory: *memory, spill: trial.spill(), deadline: DEADLINE, rows: u64::MAX, now: None };
        let mut answer = engine.run(&made_since(since, file), &limits).await?;
        let mut counted = Counted::default();
        while let Some(batch) = answer.batches.next().await {
            let batch = batch?;
            let rows: Vec<Made> = (0..batch.rows()).filter_map(|row| Made::of(&batch, row)).collect();
            for rows in rows.chunks(LOOKED_UP) {
                let ids: Vec<(PersonKind, String)> = rows.iter().flat_map(Made::ids).collect();
                let contracts = companies::contracts_of(db, account, &ids).await?;
                rows.iter().for_each(|made| counted.add(made, &contracts));
            }
        }
        Ok(counted.report(since, (known_at, contracts_at)))
    }

    /// The tickets of the account's own Zendesk, as this file: whose contracts are in the copy are users there. Up to when they are known.
    async fn keep_tickets(&self, file: &Path) -> Result<DateTime<Utc>, PreviewError> {
        let Inner { account, db, staging, vendors, .. } = &*self.0;
        let (own, mut tries) = (vendors.zendesk().place(), 0);
        loop {
            // Several connections can lead to it.
            let exports = kept::complete_exports(db, account, TICKETS).await?.into_iter();
            let exports = exports.filter(|(_, export)| export.place.as_ref() == Some(&own));
            let newest = exports.max_by_key(|(_, export)| export.complete_at);
            let (connection, export) = newest.ok_or(PreviewError::NoTickets)?;
            match staging.keep_for(&staging.export(&connection, TICKETS, export.part), file) {
                Ok(()) => return export.complete_at.ok_or(PreviewError::NoTickets),
                // A run has just replaced the part, or it lies in another worker's folder.
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < FEW => tries += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PreviewError::NoTickets),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Who made how many tickets in which week; the same person's weeks stand together.
fn made_since(since: NaiveDate, file: PathBuf) -> Model {
    let sql = format!(
        "SELECT CAST(date_trunc('week', created_at) AS DATE) AS week, requester_id, organization_id, count(*) AS tickets
           FROM {TICKETS}
          WHERE CAST(created_at AS DATE) >= CAST('{since}' AS DATE)
          GROUP BY CAST(date_trunc('week', created_at) AS DATE), requester_id, organization_id"
    );
    let tables = vec![Table { name: TICKETS.to_owned(), files: vec![file] }];
    Model { sql, view: None, tables, order_by: vec!["requester_id".to_owned(), "organization_id".to_owned()] }
}

/// The Monday of a day's week.
fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// Tickets that one person made in one week.
struct Made {
    week: NaiveDate,
    requester: Option<i64>,
    organization: Option<i64>,
    tickets: u64,
}

impl Made {
    fn of(batch: &Batch, row: usize) -> Option<Self> {
        let whole = |column: usize| match batch.value(row, column) {
            Value::Integer(number) => Some(number),
            _ => None,
        };
        let Value::Date(days) = batch.value(row, 0) else { return None };
        let week =
            DateTime::UNIX_EPOCH.date_naive().checked_add_signed(chrono::TimeDelta::days(days.into()))?;
        let tickets = whole(3).and_then(|tickets| u64::try_from(tickets).ok())?;
        Some(Self { week, requester: whole(1), organization: whole(2), tickets })
    }

    /// By what their contract is found, the surest first.
    fn ids(&self) -> impl Iterator<Item = (PersonKind, String)> {
        let user = self.requester.map(|id| (PersonKind::User, id.to_string()));
        user.into_iter().chain(self.organization.map(|id| (PersonKind::Organization, id.to_string())))
    }
}

#[derive(Default)]
struct Counted {
    groups: BTreeMap<Group, u64>,
}

impl Counted {
    fn add(&mut self, made: &Made, contracts: &BTreeMap<(PersonKind, String), Contract>) {
        let contract = made.ids().find_map(|id| contracts.get(&id));
        let plan = contract.and_then(|contract| contract.plan.clone()).unwrap_or_default();
        let band = band(contract.and_then(|contract| contract.mrr));
        *self.groups.entry((made.week, plan, band)).or_default() += made.tickets;
    }

    /// Those with the most tickets are told by their names; no contract is no plan, and is always told.
    fn bounded(self) -> BTreeMap<Group, u64> {
        let mut of_plan: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, plan, _), tickets) in &self.groups {
            *of_plan.entry(plan).or_default() += tickets;
        }
        let mut plans: Vec<_> = of_plan.into_iter().filter(|(plan, _)| !plan.is_empty()).collect();
        plans.sort_by_key(|(_, tickets)| std::cmp::Reverse(*tickets));
        let told: BTreeSet<String> =
            plans.into_iter().take(MOST_PLANS).map(|(plan, _)| plan.to_owned()).collect();
        let mut groups = BTreeMap::new();
        for ((week, plan, band), tickets) in self.groups {
            let plan = if plan.is_empty() || told.contains(&plan) { plan } else { OTHERS.to_owned() };
            *groups.entry((week, plan, band)).or_default() += tickets;
        }
        groups
    }

    fn report(
        self,
        since: NaiveDate,
        (known_at, contracts_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> TicketReport {
        let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let group = |((week, plan, band), tickets): (Group, u64)| TicketGroup {
            week: week.to_string(),
            plan,
            mrr_band: BANDS[band].0.to_owned(),
            tickets,
        };
        TicketReport {
            groups: self.bounded().into_iter().map(group).collect(),
            since: since.to_string(),
            known_at: moment(known_at),
            contracts_known_at: moment(contracts_at),
        }
    }
}

/// The place of an amount's band; amounts of other currencies are compared by their numbers.
fn band(mrr: Option<f64>) -> usize {
    let Some(mrr) = mrr else { return 0 };
    BANDS.iter().rposition(|(_, from)| mrr >= *from).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_a_band_at_its_lower_amount() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (any, first) in
            [("2026-11-22", "2026-11-16"), ("2026-11-23", "2026-11-23"), ("2027-01-01", "2026-12-28")]
        {
            assert_eq!(monday(day(any)), day(first));
        }
        for (mrr, expected) in [
            (None, "none"),
            (Some(-5.0), "0"),
            (Some(0.0), "0"),
            (Some(0.01), "below_100"),
            (Some(99.99), "below_100"),
            (Some(100.0), "100_to_1000"),
            (Some(1_000.0), "1000_to_10000"),
            (Some(10_000.0), "10000_or_more"),
        ] {
            assert_eq!(BANDS[band(mrr)].0, expected, "{mrr:?}");
        }
    }

    #[test]
    fn a_ticket_counts_once_by_the_surest_contract_and_plans_are_bounded() {
        let week = monday("2026-11-22".parse().expect("a day"));
        let contract = |plan: &str, mrr: f64| Contract { plan: Some(plan.to_owned()), mrr: Some(mrr) };
        let contracts = BTreeMap::from([
            ((PersonKind::User, "1".to_owned()), contract("pro", 500.0)),
            ((PersonKind::Organization, "9".to_owned()), contract("team", 50.0)),
        ]);
        let made = |requester: Option<i64>, organization: Option<i64>| Made {
            week,
            requester,
            organization,
            tickets: 2,
        };
        let mut counted = Counted::default();
        for one in [made(Some(1), Some(9)), made(Some(2), Some(9)), made(Some(2), None), made(None, None)] {
            counted.add(&one, &contracts);
        }
        let shown: Vec<_> = counted
            .report(week, (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH))
            .groups
            .into_iter()
            .map(|group| (group.plan, group.mrr_band, group.tickets))
            .collect();
        assert_eq!(
            shown,
            [
                (String::new(), "none".to_owned(), 4),
                ("pro".to_owned(), "100_to_1000".to_owned(), 2),
                ("team".to_owned(), "below_100".to_owned(), 2),
            ]
        );
        let mut many = Counted::default();
        for number in 0..MOST_PLANS + 20 {
            let contracts = BTreeMap::from([(
                (PersonKind::User, "1".to_owned()),
                contract(&format!("plan {number}"), 1.0),
            )]);
            many.add(&made(Some(1), None), &contracts);
        }
        for _ in 0..3 {
            many.add(&made(Some(2), None), &BTreeMap::new());
        }
        let many = many.bounded();
        assert_eq!(many.len(), MOST_PLANS + 2, "the plans, the others, and nobody's");
        assert_eq!(many[&(week, String::new(), 0)], 6);
        assert_eq!(many.values().sum::<u64>(), 2 * (MOST_PLANS as u64 + 20) + 6);
    }
}
