//! What is brought from where to where.

use std::sync::Arc;

use engine::{Child, Engine};

use super::Context;
use crate::{
    clock::Clock,
    config::Config,
    features::{
        connections::Connections,
        integrations::{EngineLimits, Integrations, RunDeps, Staging, Vendors},
    },
    queue::Queue,
    store::Db,
};

/// Rows of one model's result; more are a join gone wrong.
const MOST_ROWS: u64 = 20_000_000;
/// Models that run at the same time in one process.
const RUNS: usize = 1;

/// The engine of this process: all accounts take turns.
pub(super) fn engine() -> Arc<dyn Engine> {
    let program = std::env::current_exe().unwrap_or_else(|_| "deskside".into());
    Arc::new(Child::new(program, RUNS))
}

/// The integrations of an account, for a command.
pub fn integrations(config: &Config, account: &str, clock: &Clock, db: Db) -> Integrations {
    let queue = Queue::new(db.clone(), clock.clone());
    Integrations::new(account.to_owned(), (db, clock.clone(), queue), staging(config, account))
}

/// The same for the account that is being built.
pub(super) fn of(context: &Context<'_>) -> Integrations {
    let shared = context.shared;
    let staging = staging(context.config, &context.account);
    let kept_in = (shared.db.clone(), shared.clock.clone(), shared.queue.clone());
    Integrations::new(context.account.clone(), kept_in, staging)
}

/// What the runs of an account need.
pub(super) fn deps(context: &Context<'_>, connections: &Connections) -> RunDeps {
    let settings = &context.config.integrations.runs;
    RunDeps {
        db: context.shared.db.clone(),
        clock: context.shared.clock.clone(),
        engine: Arc::clone(&context.shared.engine),
        staging: staging(context.config, &context.account),
        limits: EngineLimits { memory: settings.memory, deadline: settings.deadline, rows: MOST_ROWS },
        harm: context.config.limits.into(),
        vendors: Arc::new(Vendors::new(context.vendors.zendesk.background(), connections.clone())),
    }
}

fn staging(config: &Config, account: &str) -> Staging {
    Staging::new(&config.staging.folder, account)
}
