//! What is done later, and what each kind of job is given for it.

use super::{
    Ground, archiving,
    calls::{Calls, task_router},
};
use crate::{
    connectors::{self, Exchange, notify::NotifyClient},
    features::{
        archive::{ArchiveRun, DeleteCopy, GivenUp, NoticeDeps, RunNotice},
        contracts::Contracts,
        engagements::{Accepted, AfterPop, AfterPopDeps, LogDeps, LogNote, TaskRouter},
        pops::{NotifyDeps, PopNotification, Refusals},
        sessions::Sessions,
    },
    queue::Worker,
};

pub(super) fn worker(
    ground: &Ground<'_>,
    sessions: &Sessions,
    contracts: &Contracts,
    calls: &Calls,
) -> Worker {
    let after = after(ground, contracts, calls);
    let notes = LogDeps {
        engagements: calls.engagements.clone(),
        contracts: contracts.clone(),
        after: after.clone(),
        recordings: calls.recordings.clone(),
    };
    let archiving = archiving::deps(ground);
    // One place is kept for pops: an agent on a call does not wait behind files.
    let workers = ground.config.server.workers.max(2);
    let places = u32::try_from(workers).unwrap_or(u32::MAX);
    Worker::builder(ground.queue.clone())
        .register::<PopNotification>(notify(ground, sessions, contracts, calls))
        .register::<AfterPop>(after)
        .register::<LogNote>(notes.clone())
        .register::<Accepted>(notes)
        .register::<ArchiveRun>(archiving.clone())
        .register::<DeleteCopy>(archiving.clone())
        .register::<GivenUp>(archiving)
        .register::<RunNotice>(notices(ground))
        .concurrency(workers)
        .per_account(places)
        .per_concurrency_key(places - 1)
        .build()
}

/// Tells agents' browsers.
fn notify(ground: &Ground<'_>, sessions: &Sessions, contracts: &Contracts, calls: &Calls) -> NotifyDeps {
    NotifyDeps {
        sessions: sessions.clone(),
        contracts: contracts.clone(),
        zendesk: ground.vendors.zendesk.clone(),
        app_id: ground.config.zendesk.app_id,
        clock: ground.clock.clone(),
        refusals: Refusals::new(ground.clock.clone(), calls.settings.clone()),
    }
}

/// What follows when a call has its ticket.
fn after(ground: &Ground<'_>, contracts: &Contracts, calls: &Calls) -> AfterPopDeps {
    let task_router = task_router(ground);
    AfterPopDeps {
        zendesk: ground.vendors.zendesk.background(),
        task_router: task_router.map(|router| TaskRouter { client: router.client.background(), ..router }),
        settings: calls.settings.clone(),
        engagements: calls.engagements.clone(),
        contracts: contracts.clone(),
    }
}

/// Who is told elsewhere how a run ended.
fn notices(ground: &Ground<'_>) -> NoticeDeps {
    let Ground { config, clock, db, .. } = ground;
    let settings = &config.notify.webhook;
    NoticeDeps {
        db: db.clone(),
        notify: settings.webhook_url.clone().map(|address| {
            let (http, net) = (connectors::http_client(&config.net), config.net.clone());
            let exchange = Exchange::new("notify", http, net, clock.clone()).background();
            NotifyClient::new(exchange, address, settings.secret.clone(), settings.format)
        }),
        when: config.notify.when,
        tickets_url: format!("{}/agent/tickets/", config.zendesk.base_url().as_str().trim_end_matches('/')),
    }
}
