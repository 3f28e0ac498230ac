//! Counts by week, for each plan or each band of MRR. **Invariant:** no words; weeks without a ticket are there, too.

use super::Report;
use crate::model::dates::{date, day};

/// How tickets are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Plan,
    Mrr,
}

/// More plans than these are one group, so that pictures stay readable.
const MOST_PLANS: usize = 6;
/// The bands of MRR as the server names them, the lowest first.
const BANDS: [&str; 6] = ["none", "0", "below_100", "100_to_1000", "1000_to_10000", "10000_or_more"];

/// The counts of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The Mondays, oldest first.
    pub weeks: Vec<String>,
    pub groups: Vec<Group>,
    /// Of all groups.
    pub all: Vec<u64>,
}

/// One plan, or one band.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// A plan as the contract has it, or a band; empty: no plan is known.
    pub name: String,
    /// The plans with the fewest tickets together.
    pub is_rest: bool,
    /// By week.
    pub counts: Vec<u64>,
}

impl Group {
    /// All of it.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Groups {
    /// Of a report about so many weeks. Plans with the most tickets come first, bands in their order.
    #[must_use]
    pub fn of(report: &Report, weeks: u64, by: By) -> Self {
        let monday = day(&report.since).unwrap_or_default();
        let weeks: Vec<String> = (0..weeks).zip((monday..).step_by(7)).map(|(_, day)| date(day)).collect();
        let mut groups: Vec<Group> = match by {
            By::Plan => vec![],
            By::Mrr => BANDS.iter().map(|band| Group::named(band, weeks.len())).collect(),
        };
        let mut all = vec![0; weeks.len()];
        for count in &report.groups {
            let Some(at) = weeks.iter().position(|week| *week == count.week) else { continue };
            let name = if by == By::Plan { &count.plan } else { &count.mrr_band };
            let place = groups.iter().position(|group| group.name == *name).unwrap_or_else(|| {
                groups.push(Group::named(name, weeks.len()));
                groups.len() - 1
            });
            groups[place].counts[at] += count.tickets;
            all[at] += count.tickets;
        }
        groups.retain(|group| group.sum() > 0);
        if by == By::Plan {
            groups.sort_by_key(|group| (group.name.is_empty(), u64::MAX - group.sum()));
            let known = groups.iter().filter(|group| !group.name.is_empty()).count();
            if known > MOST_PLANS {
                let mut rest = Group { is_rest: true, ..Group::named("", weeks.len()) };
                for few in groups.drain(MOST_PLANS..known) {
                    rest.counts.iter_mut().zip(few.counts).for_each(|(sum, count)| *sum += count);
                }
                groups.insert(MOST_PLANS, rest);
            }
        }
        Self { weeks, groups, all }
    }
}

impl Group {
    fn named(name: &str, weeks: usize) -> Self {
        Self { name: name.to_owned(), is_rest: false, counts: vec![0; weeks] }
    }
}
