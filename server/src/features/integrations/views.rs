//! From what is kept to what crosses the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use wire::{
    Definition, FieldChange, IntegrationDocument, IntegrationRunKind, IntegrationRunState,
    IntegrationSummary, OldSource, PhaseTime, ProgressUnit, RowOutcome, RunCounts, RunProblem, RunProgress,
    RunSummary,
};

use super::{definition::plan, job::IntegrationRun, reasons, schedule, staged::staged_of};
use crate::{
    queue::Job,
    store::{
        StoreError,
        integrations::{Integration, Phase, Run, RunKind, RunRow, RunState},
    },
};

/// A lease is renewed at a third of its length: with less than this left, that has failed at least once.
const SILENT: TimeDelta = TimeDelta::seconds(IntegrationRun::LEASE.as_secs().cast_signed() / 2);

/// The definition of what is kept.
pub fn definition(integration: &Integration) -> Result<Definition, StoreError> {
    serde_json::from_str(&integration.definition)
        .map_err(|_| StoreError::corrupt("an integration's definition"))
}

/// An integration, as it is edited.
pub fn document(integration: Integration) -> Result<IntegrationDocument, StoreError> {
    let definition = definition(&integration)?;
    let Integration { id, name, enabled, version, .. } = integration;
    Ok(IntegrationDocument { id, name, enabled, definition, version: Some(version) })
}

/// An integration, as it is listed.
pub fn summary(
    integration: Integration,
    (last, places): (Option<&Run>, &BTreeMap<String, String>),
    (account, now): (&str, DateTime<Utc>),
) -> Result<IntegrationSummary, StoreError> {
    let definition = definition(&integration)?;
    let Integration { id, name, enabled, trouble, accepted_plan, .. } = integration;
    let plan_accepted = accepted_plan == Some(plan(&definition, places));
    let (object, schedule) = (definition.destination.object, definition.schedule);
    let last_run = last.map(|run| of_run(run, Some((&name, &object)), now));
    let fires = schedule::of(account, &id, &schedule).ok().flatten().filter(|_| enabled && plan_accepted);
    let next_run_at = fires.and_then(|schedule| schedule.next_after(now)).map(text);
    Ok(IntegrationSummary {
        id,
        name,
        enabled,
        object,
        schedule,
        plan_accepted,
        last_run,
        next_run_at,
        trouble,
    })
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Who asked for a run: an agent is kept by their id alone.
fn started_by(asked_by: &str) -> String {
    let is_agent = !asked_by.is_empty() && asked_by.bytes().all(|byte| byte.is_ascii_digit());
    if is_agent { format!("agent {asked_by}") } else { asked_by.to_owned() }
}

/// How far a run is, while it works: first sources that were read, then rows that differ and were sent.
pub fn progress(run: &Run) -> Option<RunProgress> {
    if !matches!(run.state, RunState::Queued | RunState::Running) {
        return None;
    }
    let counts: RunCounts = serde_json::from_str(&run.counts).unwrap_or_default();
    let sent = counts.created + counts.updated + counts.cleared + counts.rejected + counts.waiting;
    Some(match run.phase {
        Phase::Reading => {
            let staged: serde_json::Map<String, Value> =
                serde_json::from_str(&run.staged).unwrap_or_default();
            let definition: Option<Definition> =
                run.definition.as_deref().and_then(|json| serde_json::from_str(json).ok());
            let of = definition.map(|definition| definition.sources.len() as u64);
            RunProgress { unit: ProgressUnit::Sources, done: staged.len() as u64, of }
        }
        Phase::Comparing => RunProgress { unit: ProgressUnit::Rows, done: 0, of: None },
        Phase::Delivering | Phase::Copying | Phase::Ended => {
            RunProgress { unit: ProgressUnit::Rows, done: sent, of: Some(sent + counts.pending) }
        }
    })
}

/// A run, as it is listed, with the name and the object of its integration.
pub fn of_run(run: &Run, integration: Option<(&str, &str)>, now: DateTime<Utc>) -> RunSummary {
    let (name, object) = integration.unwrap_or((&run.integration, ""));
    let runtime = run.started_at.map(|began| run.ended_at.unwrap_or(now) - began);
    RunSummary {
        id: run.id.clone(),
        integration: run.integration.clone(),
        name: name.to_owned(),
        object: object.to_owned(),
        kind: match run.kind {
            RunKind::Run => IntegrationRunKind::Run,
            RunKind::Resend => IntegrationRunKind::Resend,
            RunKind::Dry => IntegrationRunKind::Dry,
            RunKind::Row => IntegrationRunKind::Row,
            RunKind::Clear => IntegrationRunKind::Clear,
        },
        state: match run.state {
            RunState::Queued => IntegrationRunState::Queued,
            RunState::Running => IntegrationRunState::Running,
            RunState::Stopped => IntegrationRunState::Stopped,
            RunState::Completed => IntegrationRunState::Completed,
            RunState::Failed => IntegrationRunState::Failed,
            RunState::Cancelled => IntegrationRunState::Cancelled,
        },
        retry_of: run.retry_of.clone(),
        phase: Phase::as_str(run.phase).to_owned(),
        started_by: started_by(&run.asked_by),
        requested_at: text(run.requested_at),
        started_at: run.started_at.map(text),
        runtime_ms: runtime.map(|took| u64::try_from(took.num_milliseconds()).unwrap_or_default()),
        phases: phases(&run.phases),
        counts: serde_json::from_str(&run.counts).unwrap_or_default(),
        calls: run.calls,
        problem: run
            .problem
            .clone()
            .map(|message| RunProblem { code: run.problem_code.clone().unwrap_or_default(), message }),
        old_sources: old_sources(run),
        taken_over_at: None,
    }
}

/// The sources of which a run used old rows.
fn old_sources(run: &Run) -> Vec<OldSource> {
    let old = staged_of(run).unwrap_or_default().into_iter().filter(|(_, staged)| staged.is_old);
    let definition: Option<Definition> =
        run.definition.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let connection = |table: &str| {
        let sources = definition.iter().flat_map(|definition| &definition.sources);
        sources.into_iter().find(|source| source.table == table).map(|source| source.connection.clone())
    };
    old.map(|(table, staged)| OldSource {
        connection: connection(&table).unwrap_or_default(),
        read_at: staged.read_at.map(text),
        table,
    })
    .collect()
}

/// The run, where its server gives no sign of life: a lease that ends at `lease_ends` was not renewed when it should have been.
pub fn with_silence(run: RunSummary, lease_ends: Option<DateTime<Utc>>, now: DateTime<Utc>) -> RunSummary {
    let is_late = |ends: &DateTime<Utc>| *ends - now < SILENT;
    RunSummary { taken_over_at: lease_ends.filter(is_late).map(|ends| text(ends.max(now))), ..run }
}

/// What is kept of how long each phase took, with the model apart from the comparison.
fn phases(kept: &str) -> Vec<PhaseTime> {
    let mut took: BTreeMap<String, u64> = serde_json::from_str(kept).unwrap_or_default();
    let model = took.get("model").copied().unwrap_or_default();
    if let Some(comparing) = took.get_mut("comparing") {
        *comparing = comparing.saturating_sub(model);
    }
    let known = |phase: &str| Some(PhaseTime { ms: took.get(phase).copied()?, phase: phase.to_owned() });
    ["reading", "model", "comparing", "delivering", "copying"].into_iter().filter_map(known).collect()
}

/// A row, as it is listed.
pub fn of_row(row: RunRow) -> RowOutcome {
    let changes: serde_json::Map<String, Value> =
        row.changes.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let changes = changes.into_iter().map(|(field, change)| FieldChange {
        field,
        before: text(&change[0]),
        after: text(&change[1]),
    });
    let why = row.reason.as_deref().map(reasons::told);
    let (reason, (reason_code, reason_about)) =
        why.map(|why| (Some(why.text), (why.code, why.about))).unwrap_or_default();
    RowOutcome {
        seq: row.seq,
        key: row.key,
        destination_id: row.destination_id,
        label: row.label,
        outcome: row.outcome.as_str().to_owned(),
        reason,
        reason_code,
        reason_about,
        drifted: row.is_drifted,
        changes: changes.collect(),
        exchange: row.exchange.as_deref().and_then(|json| serde_json::from_str(json).ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::integrations::RunKind;

    fn run(state: RunState, phase: Phase, counts: &str, staged: &str) -> Run {
        let definition = serde_json::json!({
            "sources": [
                {"as": "a", "connection": "zendesk", "read": {"kind": "users"}},
                {"as": "b", "connection": "zendesk", "read": {"kind": "users"}},
            ],
            "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
            "key": {"column": "id", "field": "id"}, "mapping": [],
        });
        let time = DateTime::UNIX_EPOCH;
        Run {
            id: "r".into(),
            integration: "contracts".into(),
            kind: RunKind::Run,
            row_key: None,
            retry_of: None,
            state,
            phase,
            asked_by: "7".into(),
            definition: Some(definition.to_string()),
            plan: None,
            confirmed: false,
            counts: counts.into(),
            staged: staged.into(),
            calls: 0,
            allowed: None,
            problem_code: None,
            problem: None,
            requested_at: time,
            started_at: None,
            ended_at: None,
            compared_with: None,
            phases: String::new(),
            phase_at: None,
        }
    }

    /// check(a run; what it counts, how much is done, of how much)
    #[track_caller]
    fn check(run: &Run, expected: Option<(ProgressUnit, u64, Option<u64>)>) {
        let found = progress(run).map(|progress| (progress.unit, progress.done, progress.of));
        assert_eq!(found, expected, "{:?} {:?}", run.state, run.phase);
    }

    #[test]
    fn progress_is_sources_first_and_then_rows() {
        use ProgressUnit as Unit;
        let counts = r#"{"pending": 30, "updated": 9, "rejected": 1}"#;
        check(&run(RunState::Queued, Phase::Reading, "{}", "{}"), Some((Unit::Sources, 0, Some(2))));
        check(
            &run(RunState::Running, Phase::Reading, "{}", r#"{"a": {}}"#),
            Some((Unit::Sources, 1, Some(2))),
        );
        check(&run(RunState::Running, Phase::Comparing, "{}", "{}"), Some((Unit::Rows, 0, None)));
        check(&run(RunState::Running, Phase::Delivering, counts, "{}"), Some((Unit::Rows, 10, Some(40))));
        for state in [RunState::Stopped, RunState::Completed, RunState::Failed, RunState::Cancelled] {
            check(&run(state, Phase::Delivering, counts, "{}"), None);
        }
    }

    #[test]
    fn a_run_says_whose_rows_are_old_and_that_its_server_is_silent() {
        let staged = r#"{"a": {"file": "a", "rows": 1, "is_old": true, "read_at": "2026-11-29T09:00:00Z"},
                         "b": {"file": "b", "rows": 1, "read_at": "2026-11-30T09:00:00Z"}}"#;
        let run =
            of_run(&run(RunState::Running, Phase::Delivering, "{}", staged), None, DateTime::UNIX_EPOCH);
        let old = OldSource {
            table: "a".into(),
            connection: "zendesk".into(),
            read_at: Some("2026-11-29T09:00:00.000Z".into()),
        };
        assert_eq!(run.old_sources, [old]);
        let at = |second: i64| DateTime::from_timestamp(second, 0).expect("a time");
        let check = |ends: Option<i64>, now: i64, expected: Option<&str>| {
            let run = with_silence(run.clone(), ends.map(at), at(now));
            assert_eq!(run.taken_over_at.as_deref(), expected, "{ends:?} {now}");
        };
        check(None, 0, None);
        check(Some(60), 25, None);
        check(Some(60), 35, Some("1970-01-01T00:01:00.000Z"));
        check(Some(60), 61, Some("1970-01-01T00:01:01.000Z"));
    }

    #[test]
    fn a_run_says_who_asked_for_it() {
        for (asked_by, expected) in [
            ("7", "agent 7"),
            ("schedule", "schedule"),
            ("command", "command"),
            ("machine airflow", "machine airflow"),
        ] {
            assert_eq!(started_by(asked_by), expected);
        }
    }
}
