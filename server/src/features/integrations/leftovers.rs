//! What no run needs any more is removed at the end of each run, however it ended: staged rows, and runs older than `log_days`.
//! **Invariant:** the last complete run and its rows stay: a source that fails tomorrow may need them.

use std::path::PathBuf;

use super::{
    attempt::Attempt,
    staged::{StagedSource, staged_of},
    views,
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, Integration, Run, RunKind, RunState},
};

/// One that writes and a dry one live at once, at most.
const MOST_LIVE: u32 = 10;
/// Runs among which the newest dry run is looked for.
const RECENT: u32 = 10;

/// Removes what is left of an integration's earlier runs. Files that cannot be removed are left to the end of the next run.
pub(super) async fn remove(attempt: &Attempt<'_>, integration: &str) -> Result<(), JobError> {
    let (db, account) = (attempt.db(), attempt.account);
    let last = kept::last_complete(db, account, integration).await?;
    if let Some(of) = kept::integration(db, account, integration).await? {
        forget_old_runs(attempt, &of, last.as_ref()).await?;
    }
    let needed = needed_files(attempt, integration, last).await?;
    // Whoever took the job over writes files that are not among the needed ones yet.
    attempt.begin().await?.commit().await?;
    if let Err(error) = attempt.deps.staging.keep_only(integration, &needed) {
        tracing::warn!(
            account,
            integration,
            %error,
            "staged rows of the integration `{integration}` that no run needs were not removed; the next run tries again"
        );
    }
    Ok(())
}

/// The rows of live runs and of the last complete run; where there is none, those of the newest dry run: previews show them.
async fn needed_files(
    attempt: &Attempt<'_>,
    integration: &str,
    last: Option<Run>,
) -> Result<Vec<PathBuf>, JobError> {
    let (db, account) = (attempt.db(), attempt.account);
    let mut runs = Vec::new();
    for state in RunState::LIVE {
        let of = (Some(integration), Some(state.as_str()));
        runs.extend(kept::runs_of(db, account, of, None, MOST_LIVE).await?);
    }
    if let Some(last) = last {
        runs.push(last);
    } else {
        let of = (Some(integration), Some(RunState::Completed.as_str()));
        let recent = kept::runs_of(db, account, of, None, RECENT).await?;
        runs.extend(recent.into_iter().find(|run| run.kind == RunKind::Dry));
    }
    let mut files = Vec::new();
    for run in &runs {
        files.extend(staged_of(run)?.into_values().flat_map(StagedSource::files));
    }
    Ok(files)
}

async fn forget_old_runs(
    attempt: &Attempt<'_>,
    integration: &Integration,
    last: Option<&Run>,
) -> Result<(), JobError> {
    let days = views::definition(integration)?.log_days;
    let before = attempt.now() - chrono::TimeDelta::days(days.into());
    let of = (integration.id.as_str(), last.map(|run| run.id.as_str()));
    loop {
        let mut tx = attempt.deps.db.begin_unsynced().await?;
        let more = kept::forget_runs_step(&mut tx, attempt.account, of, before).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}
