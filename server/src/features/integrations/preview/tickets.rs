//! Tickets by week, plan and MRR: the kept tickets beside the contract copy. **Invariants:** Zendesk is not asked; memory is that of a
//! batch and of the groups, whose number is bounded; the answer names nobody.

use std::collections::{BTreeMap, BTreeSet};

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
        let exports = kept::complete_exports(db, account, TICKETS).await?;
        let known_at = exports.iter().filter_map(|(_, export)| export.complete_at).min();
        let known_at = known_at.ok_or(PreviewError::NoTickets)?;
        let _turn = turn.lock().await;
        let trial = staging.make_trial(clock.now())?;
        let mut files = Vec::new();
        for (connection, export) in &exports {
            // A run may replace the part meanwhile.
            let file = trial.table(&format!("{TICKETS}-{}", files.len()));
            staging.keep_for(&staging.export(connection, TICKETS, export.part), &file)?;
            files.push(file);
        }
        let since = monday(clock.now().date_naive()) - Days::new(7 * u64::from(weeks - 1));
        let limits = Limits { memory: *memory, spill: trial.spill(), deadline: DEADLINE, rows: u64::MAX };
        let mut answer = engine.run(&made_since(since, files), &limits).await?;
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
        Ok(counted.report(since, known_at))
    }
}

/// Who made how many tickets in which week; the same person's weeks stand together.
fn made_since(since: NaiveDate, files: Vec<std::path::PathBuf>) -> Model {
    let sql = format!(
        "SELECT CAST(date_trunc('week', created_at) AS DATE) AS week, requester_id, organization_id, count(*) AS tickets
           FROM {TICKETS}
          WHERE CAST(created_at AS DATE) >= CAST('{since}' AS DATE)
          GROUP BY CAST(date_trunc('week', created_at) AS DATE), requester_id, organization_id"
    );
    let tables = vec![Table { name: TICKETS.to_owned(), files }];
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
    plans: BTreeSet<String>,
}

impl Counted {
    fn add(&mut self, made: &Made, contracts: &BTreeMap<(PersonKind, String), Contract>) {
        let contract = made.ids().find_map(|id| contracts.get(&id));
        let mut plan = contract.and_then(|contract| contract.plan.clone()).unwrap_or_default();
        if !self.plans.contains(&plan) {
            if self.plans.len() >= MOST_PLANS {
                OTHERS.clone_into(&mut plan);
            }
            self.plans.insert(plan.clone());
        }
        let band = band(contract.and_then(|contract| contract.mrr));
        *self.groups.entry((made.week, plan, band)).or_default() += made.tickets;
    }

    fn report(self, since: NaiveDate, known_at: DateTime<Utc>) -> TicketReport {
        let group = |((week, plan, band), tickets): (Group, u64)| TicketGroup {
            week: week.to_string(),
            plan,
            mrr_band: BANDS[band].0.to_owned(),
            tickets,
        };
        TicketReport {
            groups: self.groups.into_iter().map(group).collect(),
            since: since.to_string(),
            known_at: known_at.to_rfc3339_opts(SecondsFormat::Secs, true),
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
            .report(week, DateTime::UNIX_EPOCH)
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
        assert_eq!(many.groups.len(), MOST_PLANS + 1);
    }
}
