//! What is brought from where to where.

use std::sync::Arc;

use engine::{Child, Engine};

use super::Context;
use crate::{
    clock::Clock,
    config::Config,
    features::{
        connections::Connections,
        integrations::{
            Alerts, EngineLimits, Integrations, Previews, RunDeps, Staging, StagingFolder, Vendors,
        },
    },
    queue::Queue,
    store::Db,
};

/// Rows of one model's result; more are a join gone wrong.
const MOST_ROWS: u64 = 20_000_000;
/// Models that run at the same time in one process.
const RUNS: usize = 1;

/// The engine of this process: all accounts take turns.
pub(super) fn engine(config: &Config) -> Arc<dyn Engine> {
    match &config.integrations.runs.cluster {
        Some(cluster) => Arc::new(child().on_cluster(cluster.clone())),
        None => preview_engine(),
    }
}

/// The one that shows the first rows of sources: too few for a cluster.
pub(super) fn preview_engine() -> Arc<dyn Engine> {
    Arc::new(child())
}

fn child() -> Child {
    let program = std::env::current_exe().unwrap_or_else(|_| "deskside".into());
    Child::new(program, RUNS)
}

/// The integrations of an account, for a command.
pub fn integrations(config: &Config, account: &str, clock: &Clock, db: Db) -> Integrations {
    let queue = Queue::new(db.clone(), clock.clone());
    let connections = super::connections::on_queue(config, account, queue.clone());
    let alerts = alerts(config, &queue);
    Integrations::new(
        account.to_owned(),
        (db, clock.clone()),
        (staging(config, account), preview_engine()),
        (alerts, connections),
    )
}

/// The same for the account that is being built.
pub(super) fn of(context: &Context<'_>, connections: &Connections) -> Integrations {
    let shared = context.shared;
    let read_by = (staging(context.config, &context.account), Arc::clone(&shared.preview_engine));
    let kept_in = (shared.db.clone(), shared.clock.clone());
    let others = (alerts(context.config, &shared.queue), connections.clone());
    Integrations::new(context.account.clone(), kept_in, read_by, others)
}

/// What the runs of an account need.
pub(super) fn deps(context: &Context<'_>, connections: &Connections) -> RunDeps {
    RunDeps {
        db: context.shared.db.clone(),
        clock: context.shared.clock.clone(),
        engine: Arc::clone(&context.shared.engine),
        staging: staging(context.config, &context.account),
        limits: limits(context.config),
        harm: context.config.limits.into(),
        vendors: Arc::new(vendors(context, connections)),
        alerts: alerts(context.config, &context.shared.queue),
    }
}

fn alerts(config: &Config, queue: &Queue) -> Alerts {
    Alerts { queue: queue.clone(), tells: config.notify.webhook.webhook_url.is_some() }
}

/// What editors look at.
pub(super) fn previews(context: &Context<'_>, connections: &Connections) -> Previews {
    let shared = context.shared;
    Previews::new(
        context.account.clone(),
        (shared.db.clone(), shared.clock.clone()),
        Arc::clone(&shared.preview_engine),
        (staging(context.config, &context.account), limits(context.config)),
        vendors(context, connections),
    )
}

fn vendors(context: &Context<'_>, connections: &Connections) -> Vendors {
    let share = context.config.integrations.runs.share;
    Vendors::new(context.vendors.zendesk.clone(), connections.clone(), share)
}

fn limits(config: &Config) -> EngineLimits {
    let settings = &config.integrations.runs;
    EngineLimits { memory: settings.memory, deadline: settings.deadline, rows: MOST_ROWS }
}

/// The folder in which those of all accounts lie.
pub fn staging_folder(config: &Config, queue: &Queue) -> StagingFolder {
    StagingFolder::new(&config.staging.folder, queue.db().clone(), queue.clock().clone())
}

pub(super) fn staging(config: &Config, account: &str) -> Staging {
    Staging::new(&config.staging.folder, account)
}
