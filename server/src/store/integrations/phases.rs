//! How long a run took in each of its phases. **Invariant:** no I/O and no clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Run, RunChange, RunState};

/// How long each phase took until now, and since when the next one goes on: not while a run waits for a person.
pub(super) fn clocked(
    before: &Run,
    change: &RunChange,
    now: DateTime<Utc>,
) -> (String, Option<DateTime<Utc>>) {
    let mut phases: BTreeMap<String, u64> = serde_json::from_str(&before.phases).unwrap_or_default();
    if let Some(since) = before.phase_at {
        let took = u64::try_from((now - since).num_milliseconds()).unwrap_or_default();
        *phases.entry(before.phase.as_str().to_owned()).or_default() += took;
    }
    if change.model_ms > 0 {
        *phases.entry("model".to_owned()).or_default() += change.model_ms;
    }
    let works = change.state.unwrap_or(before.state) == RunState::Running;
    (serde_json::json!(phases).to_string(), works.then_some(now))
}
