//! `deskside integrations` and `deskside runs`: what a team keeps in git, and what a scheduler of their own starts. **Invariant:** an
//! import reads and checks the whole file first, and keeps all of it or nothing.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use wire::{Definition, IntegrationDocument, IntegrationRunState, OldSource, PhaseTime, RunSummary};

use crate::{
    features::integrations::{Integrations, IntegrationsError, RunStart, Wish},
    store::integrations::{RowFilter, RunKind},
};

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// List integrations with their last run.
    List,
    /// Start a run, and wait for its end.
    Run {
        /// The integration's id.
        id: String,
        /// Write nothing; say what would be written.
        #[arg(long, alias = "dry", conflicts_with = "resend")]
        dry_run: bool,
        /// Write everything, also what the destination has already.
        #[arg(long)]
        resend: bool,
        /// Empty what it wrote, where nobody changed it since; only while it is paused. The run waits until somebody confirms it.
        #[arg(long, conflicts_with_all = ["dry_run", "resend", "row", "accept"])]
        clear: bool,
        /// Write only the row with this key.
        #[arg(long, value_name = "KEY", conflicts_with_all = ["dry_run", "resend"])]
        row: Option<String>,
        /// The id of a dry run whose result you have seen.
        #[arg(long, value_name = "DRY RUN")]
        accept: Option<String>,
        /// Do not wait.
        #[arg(long)]
        detach: bool,
    },
    /// Print integrations as TOML.
    Export {
        /// Only this one.
        id: Option<String>,
    },
    /// Keep the integrations of a TOML file; those that it does not name stay.
    Import {
        /// The TOML file.
        file: PathBuf,
        /// Change nothing; say what would change.
        #[arg(long, alias = "plan")]
        dry_run: bool,
    },
}

/// What is asked about runs.
#[derive(Debug, clap::Subcommand)]
pub enum AskRuns {
    /// Show a run: its counts, its log and its rows.
    Show {
        /// The run's id.
        id: String,
        /// Only rows of this outcome, such as `rejected`.
        #[arg(long)]
        outcome: Option<String>,
        /// Only rows whose record somebody changed since an earlier run wrote it.
        #[arg(long)]
        drifted: bool,
        /// Rows to show at most.
        #[arg(long, default_value_t = 50)]
        rows: u32,
    },
    /// Let a run that stopped go on.
    Confirm {
        /// The run's id.
        id: String,
    },
    /// End a run. What it has written stays.
    Cancel {
        /// The run's id.
        id: String,
    },
    /// Send the rejected and waiting rows of a run again, and wait for the end.
    Retry {
        /// The run's id.
        id: String,
    },
}

/// What a command found or did.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    pub good: bool,
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Integrations(#[from] IntegrationsError),
    #[error("{} cannot be read", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    #[error("{} is not a list of integrations", .0.display())]
    Toml(PathBuf, #[source] Box<toml::de::Error>),
    #[error("nothing of {} was kept", .0.display())]
    Import(PathBuf, #[source] IntegrationsError),
    #[error("an integration cannot be written as TOML")]
    Unwritable(#[from] toml::ser::Error),
}

/// The file that a team keeps.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported {
    #[serde(rename = "integration", default)]
    integrations: Vec<ExportedIntegration>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedIntegration {
    id: String,
    name: String,
    enabled: bool,
    #[serde(flatten)]
    definition: Definition,
}

/// How the ledger names whoever uses the command line.
const OPERATOR: &str = "operator";
/// How often a run is looked at while a command waits for its end.
const LOOK: Duration = Duration::from_millis(300);

/// Does what was asked.
pub async fn run(integrations: &Integrations, ask: Ask) -> Result<Report, AskError> {
    match ask {
        Ask::List => list(integrations).await,
        Ask::Run { id, dry_run, resend, clear, row, accept, detach } => {
            let kind = if row.is_some() {
                RunKind::Row
            } else if dry_run {
                RunKind::Dry
            } else if clear {
                RunKind::Clear
            } else if resend {
                RunKind::Resend
            } else {
                RunKind::Run
            };
            let start = RunStart {
                kind,
                row_key: row,
                accept,
                asked_by: "command".to_owned(),
                by: Some(OPERATOR.to_owned()),
                ..RunStart::default()
            };
            let run = integrations.start(&id, &start).await?;
            if detach {
                return Ok(Report { text: run.id, good: true });
            }
            waited(integrations, &run.id).await
        }
        Ask::Export { id } => export(integrations, id.as_deref()).await,
        Ask::Import { file, dry_run } => import(integrations, &file, dry_run).await,
    }
}

/// Does what was asked about runs.
pub async fn run_runs(integrations: &Integrations, ask: AskRuns) -> Result<Report, AskError> {
    match ask {
        AskRuns::Show { id, outcome, drifted, rows } => {
            let filter = RowFilter { outcome, drifted, ..RowFilter::default() };
            let run = integrations.shown(&integrations.run(&id).await?).await?;
            let mut text = told(&run);
            let took = run
                .phases
                .iter()
                .map(|PhaseTime { phase, ms }| format!("{phase} {}.{} s", ms / 1000, ms % 1000 / 100));
            let took = took.collect::<Vec<_>>().join(", ");
            let _infallible = writeln!(text, "{took}");
            text.push_str(&integrations.log_text(&id).await?);
            for row in integrations.row_outcomes(&id, &filter, 0, rows).await? {
                let changes: Vec<_> = row
                    .changes
                    .iter()
                    .map(|change| {
                        let shown =
                            |value: &Option<String>| value.clone().unwrap_or_else(|| "(empty)".to_owned());
                        format!("{}: {} → {}", change.field, shown(&change.before), shown(&change.after))
                    })
                    .collect();
                let _infallible = writeln!(
                    text,
                    "{:<10} {:<24} {} {} {}",
                    row.outcome,
                    row.key,
                    row.label.unwrap_or_default(),
                    changes.join(", "),
                    row.reason.unwrap_or_default()
                );
            }
            Ok(Report { text, good: true })
        }
        AskRuns::Confirm { id } => {
            integrations.confirm(OPERATOR, &id).await?;
            waited(integrations, &id).await
        }
        AskRuns::Retry { id } => {
            let run = integrations.retry(OPERATOR, &id, "command").await?;
            waited(integrations, &run.id).await
        }
        AskRuns::Cancel { id } => {
            let run = integrations.cancel(OPERATOR, &id).await?;
            Ok(Report { text: told(&integrations.shown(&run).await?), good: true })
        }
    }
}

async fn list(integrations: &Integrations) -> Result<Report, AskError> {
    let all = integrations.summaries().await?;
    if all.is_empty() {
        let text = "no integrations yet; `deskside integrations import FILE` adds them".to_owned();
        return Ok(Report { text, good: true });
    }
    let mut text = String::new();
    for one in all {
        let state = if one.enabled { "enabled" } else { "disabled" };
        let last =
            one.last_run.map_or_else(|| "never ran".to_owned(), |run| told(&run).trim_end().to_owned());
        let _infallible = writeln!(text, "{:<24} {state:<8} {}\n    {last}", one.id, one.name);
    }
    Ok(Report { text, good: true })
}

/// Waits until a run ended, or stopped for a person.
async fn waited(integrations: &Integrations, id: &str) -> Result<Report, AskError> {
    loop {
        let run = integrations.run(id).await?;
        let is_waiting = run.state.is_live()
            && (run.state != crate::store::integrations::RunState::Stopped || run.confirmed);
        if !is_waiting {
            let run = integrations.shown(&run).await?;
            let good = run.state == IntegrationRunState::Completed;
            return Ok(Report { text: told(&run), good });
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn told(run: &RunSummary) -> String {
    let counts = &run.counts;
    let mut text = format!("run {}: {}", run.id, state(run.state));
    let _infallible = writeln!(
        text,
        "; read {}: matched {}, unmatched {}, ambiguous {}, duplicate {}; unchanged {}, adopted {}, created {}, updated {}, cleared {}, \
         kept {}, rejected {}, waiting {}, to be written {}; drifted {}, removed {}; {} calls",
        counts.read,
        counts.matched,
        counts.unmatched,
        counts.ambiguous,
        counts.duplicate,
        counts.unchanged,
        counts.adopted,
        counts.created,
        counts.updated,
        counts.cleared,
        counts.kept,
        counts.rejected,
        counts.waiting,
        counts.pending,
        counts.drifted,
        counts.removed,
        run.calls,
    );
    for OldSource { table, connection, read_at } in &run.old_sources {
        let of = read_at.as_deref().unwrap_or("an earlier run");
        let _infallible = writeln!(
            text,
            "with old rows: `{table}` (connection `{connection}`) could not be read, so its rows of {of} were used"
        );
    }
    if let Some(at) = &run.taken_over_at {
        let _infallible =
            writeln!(text, "its server does not answer; another one takes the run over by {at}");
    }
    if let Some(problem) = &run.problem {
        let _infallible = writeln!(text, "{}: {}", problem.code, problem.message);
        if run.state == IntegrationRunState::Stopped {
            let _infallible = writeln!(text, "`deskside runs confirm {}` lets it go on", run.id);
        }
    }
    text
}

const fn state(state: IntegrationRunState) -> &'static str {
    match state {
        IntegrationRunState::Queued => "queued",
        IntegrationRunState::Running => "running",
        IntegrationRunState::Stopped => "stopped",
        IntegrationRunState::Completed => "completed",
        IntegrationRunState::Failed => "failed",
        IntegrationRunState::Cancelled => "cancelled",
    }
}

async fn export(integrations: &Integrations, id: Option<&str>) -> Result<Report, AskError> {
    let mut exported = Vec::new();
    for one in integrations.summaries().await? {
        if id.is_none_or(|id| id == one.id) {
            let IntegrationDocument { id, name, enabled, definition, .. } =
                integrations.document(&one.id).await?;
            exported.push(ExportedIntegration { id, name, enabled, definition });
        }
    }
    if let Some(id) = id.filter(|_| exported.is_empty()) {
        return Err(IntegrationsError::Unknown(id.to_owned()).into());
    }
    let text = toml::to_string_pretty(&Exported { integrations: exported })?;
    Ok(Report { text, good: true })
}

async fn import(integrations: &Integrations, file: &Path, dry_run: bool) -> Result<Report, AskError> {
    let text = std::fs::read_to_string(file).map_err(|error| AskError::File(file.to_owned(), error))?;
    let read: Exported =
        toml::from_str(&text).map_err(|error| AskError::Toml(file.to_owned(), Box::new(error)))?;
    let (mut report, mut wishes) = (String::new(), Vec::new());
    for ExportedIntegration { id, name, enabled, definition } in &read.integrations {
        let there = match integrations.document(id).await {
            Ok(there) => Some(there),
            Err(IntegrationsError::Unknown(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let is_same = there.as_ref().is_some_and(|there| {
            (&there.name, there.enabled, &there.definition) == (name, *enabled, definition)
        });
        let what = match (&there, is_same) {
            (None, _) => "new",
            (Some(_), true) => "no change",
            (Some(_), false) => "changed",
        };
        let _infallible = writeln!(report, "{id:<24} {what}");
        if !is_same {
            let version = there.map(|there| there.version.unwrap_or_default());
            wishes.push(Wish { id, name, enabled: *enabled, definition, version });
        }
    }
    if !wishes.is_empty() {
        let refused = |error| AskError::Import(file.to_owned(), error);
        integrations.save_all(OPERATOR, &wishes, dry_run).await.map_err(refused)?;
    }
    Ok(Report { text: report, good: true })
}
