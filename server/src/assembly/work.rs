//! What is done later, and what each kind of job is given for it.

use super::{
    Context, archiving,
    calls::{Calls, task_router},
};
use crate::{
    config::Config,
    connectors::notify::NotifyClient,
    features::{
        accounts::{Accounts, Jobs},
        archive::{ArchiveRun, DeleteCopy, GivenUp, NoticeDeps, RunNotice},
        connections::{self, ConnectionNotice, Connections, KeepConnections},
        contracts::Contracts,
        engagements::{Accepted, AfterPop, AfterPopDeps, LogDeps, LogNote, TaskRouter},
        integrations::{AlertDeps, IntegrationNotice, IntegrationRun, Integrations, Scheduled},
        notices::{CheckPages, CheckTriggers, RenewalsDue, SendNotice, WriteNewcomer},
        pops::{NotifyDeps, PopNotification, Refusals},
        sessions::Sessions,
    },
    queue::{OperatorHooks, Queue, Worker},
};

/// Runs the jobs of all accounts.
pub(super) fn worker(config: &Config, queue: &Queue, accounts: &Accounts) -> Worker {
    // One place is kept for pops: an agent on a call does not wait behind files.
    let workers = config.server.workers.max(2);
    let places = u32::try_from(workers).unwrap_or(u32::MAX);
    Worker::builder(queue.clone())
        .register::<PopNotification>(accounts.clone())
        .register::<AfterPop>(accounts.clone())
        .register::<LogNote>(accounts.clone())
        .register::<Accepted>(accounts.clone())
        .register::<ArchiveRun>(accounts.clone())
        .register::<DeleteCopy>(accounts.clone())
        .register::<GivenUp>(accounts.clone())
        .register::<RunNotice>(accounts.clone())
        .register::<ConnectionNotice>(accounts.clone())
        .register::<KeepConnections>(accounts.clone())
        .register::<IntegrationRun>(accounts.clone())
        .only_while::<IntegrationRun>(super::integrations::staging_folder(config, queue))
        .register::<Scheduled>(accounts.clone())
        .register::<IntegrationNotice>(accounts.clone())
        .register::<SendNotice>(accounts.clone())
        .register::<WriteNewcomer>(accounts.clone())
        .register::<RenewalsDue>(accounts.clone())
        .register::<CheckTriggers>(accounts.clone())
        .register::<CheckPages>(accounts.clone())
        .concurrency(workers)
        .per_account(places)
        .per_concurrency_key(places - 1)
        .reserve(1)
        .serving(accounts.names())
        .build()
}

/// What features do when an operator cancels or retries their jobs.
pub fn operator_hooks() -> OperatorHooks {
    OperatorHooks::default()
        .with::<ArchiveRun>()
        .with::<DeleteCopy>()
        .with::<LogNote>()
        .with::<PopNotification>()
        .with::<IntegrationRun>()
        .with::<SendNotice>()
}

/// What the jobs of one account need.
pub(super) fn jobs(
    context: &Context<'_>,
    sessions: &Sessions,
    contracts: &Contracts,
    calls: &Calls,
    (integrations, connections): (&Integrations, &Connections),
) -> Jobs {
    let after_pop = after(context, contracts, calls);
    let notes = LogDeps {
        engagements: calls.engagements.clone(),
        contracts: contracts.clone(),
        after: after_pop.clone(),
        recordings: calls.recordings.clone(),
    };
    Jobs {
        notify: notify(context, sessions, contracts, calls),
        after_pop,
        notes,
        archive: archiving::deps(context),
        notices: notices(context),
        connection_notices: connections::NoticeDeps(webhook(context)),
        alerts: AlertDeps { notify: webhook(context), zendesk: context.vendors.zendesk.background() },
        runs: super::integrations::deps(context, connections),
        integrations: integrations.clone(),
    }
}

/// Tells agents' browsers.
fn notify(context: &Context<'_>, sessions: &Sessions, contracts: &Contracts, calls: &Calls) -> NotifyDeps {
    NotifyDeps {
        sessions: sessions.clone(),
        contracts: contracts.clone(),
        zendesk: context.vendors.zendesk.clone(),
        app_id: context.config.zendesk.app_id,
        clock: context.shared.clock.clone(),
        refusals: Refusals::new(context.shared.clock.clone(), calls.settings.clone()),
    }
}

/// What follows when a call has its ticket.
fn after(context: &Context<'_>, contracts: &Contracts, calls: &Calls) -> AfterPopDeps {
    let task_router = task_router(context);
    AfterPopDeps {
        zendesk: context.vendors.zendesk.background(),
        task_router: task_router.map(|router| TaskRouter { client: router.client.background(), ..router }),
        settings: calls.settings.clone(),
        engagements: calls.engagements.clone(),
        contracts: contracts.clone(),
    }
}

/// Who is told elsewhere how a run ended.
fn notices(context: &Context<'_>) -> NoticeDeps {
    let config = context.config;
    NoticeDeps {
        db: context.shared.db.clone(),
        notify: webhook(context),
        when: config.notify.when,
        tickets_url: super::notices::tickets_url(config),
    }
}

fn webhook(context: &Context<'_>) -> Option<NotifyClient> {
    super::notices::webhook((context.config, &context.shared.clock), &context.shared.http)
}
