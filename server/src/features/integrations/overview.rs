//! How an integration went in the last days, from what its runs have kept. **Invariant:** nobody outside is asked.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use wire::{IntegrationOverview, OverviewDay, OverviewRun, RunCounts};

use super::{IntegrationsError, Previews, views};
use crate::store::{
    companies::{self, PersonKind},
    integrations::{self as kept, RunSum},
};

/// Days that are told.
const DAYS: i64 = 30;
/// An integration that runs every five minutes has 8,640 in that time.
const MOST_RUNS: u32 = 10_000;

impl Previews {
    /// How an integration went.
    pub async fn overview(&self, id: &str) -> Result<IntegrationOverview, IntegrationsError> {
        let (account, db, now) = self.place();
        let integration = kept::integration(db, account, id).await?;
        let integration = integration.ok_or_else(|| IntegrationsError::Unknown(id.to_owned()))?;
        let definition = views::definition(&integration)?;
        let last = kept::last_complete(db, account, id).await?.map(|run| OverviewRun {
            id: run.id,
            at: run.requested_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            counts: counts(&run.counts),
        });
        // Runs of before are forgotten: of those days nothing is known.
        let kept_days = DAYS.min(definition.log_days.into());
        let first = (now - TimeDelta::days(kept_days - 1)).date_naive();
        let since = first.and_time(chrono::NaiveTime::MIN).and_utc();
        let shown = companies::people_of_copy(db, account, id).await?;
        let sums = kept::sums_since(db, (account, id), since, MOST_RUNS).await?;
        Ok(IntegrationOverview {
            id: integration.id,
            name: integration.name,
            object: definition.destination.object.clone(),
            with_contract: with_contract(&shown, &definition.destination.object),
            last,
            days: days(first, now, &sums),
            budget: self.vendors().budget(&definition.destination.connection).await,
        })
    }
}

/// Users are known by one kind of identifier or by several.
fn with_contract(shown: &[(PersonKind, u64)], object: &str) -> Option<u64> {
    let is_of = |kind: PersonKind| (kind == PersonKind::Organization) == (object == "organizations");
    shown.iter().filter(|(kind, _)| is_of(*kind)).map(|(_, people)| *people).max()
}

fn counts(json: &str) -> RunCounts {
    serde_json::from_str(json).unwrap_or_default()
}

/// What each day came to, from `first` to today.
fn days(first: NaiveDate, now: DateTime<Utc>, runs: &[RunSum]) -> Vec<OverviewDay> {
    let all = first.iter_days().take_while(|day| *day <= now.date_naive());
    let mut days: BTreeMap<NaiveDate, OverviewDay> =
        all.map(|day| (day, OverviewDay { day: day.to_string(), ..OverviewDay::default() })).collect();
    for run in runs {
        let Some(day) = days.get_mut(&run.requested_at.date_naive()) else { continue };
        let counts = counts(&run.counts);
        day.runs += 1;
        day.changed += counts.created + counts.updated + counts.cleared;
        day.calls += run.calls;
        // They are in order: what a later run of the day says of all rows is what is true in the evening.
        if run.is_of_all && counts.read > 0 {
            (day.rejected, day.waiting) = (counts.rejected, counts.waiting);
        }
    }
    days.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_sum_of_its_runs_and_what_the_last_one_left() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let run = |time: &str, counts: serde_json::Value| RunSum {
            requested_at: at(time),
            counts: counts.to_string(),
            calls: 2,
            is_of_all: true,
        };
        let runs = [
            run(
                "2026-11-20T09:00:00Z",
                serde_json::json!({"read": 9, "updated": 3, "created": 1, "rejected": 5}),
            ),
            run(
                "2026-11-20T21:00:00Z",
                serde_json::json!({"read": 9, "cleared": 1, "rejected": 2, "waiting": 1}),
            ),
            RunSum {
                is_of_all: false,
                ..run("2026-11-20T22:00:00Z", serde_json::json!({"read": 1, "updated": 1}))
            },
            run("2026-11-20T23:00:00Z", serde_json::json!({})), // it failed before it compared
            run("2026-11-22T09:00:00Z", serde_json::json!("unreadable")),
        ];
        let first = at("2026-11-20T00:00:00Z").date_naive();
        let told = days(first, at("2026-11-22T12:00:00Z"), &runs);
        let told: Vec<_> = told
            .iter()
            .map(|day| (day.day.as_str(), day.runs, day.changed, day.rejected, day.waiting, day.calls))
            .collect();
        assert_eq!(
            told,
            [("2026-11-20", 4, 6, 2, 1, 8), ("2026-11-21", 0, 0, 0, 0, 0), ("2026-11-22", 1, 0, 0, 0, 2),]
        );
    }
}
