//! What is done later, and what each kind of job is given for it.

use super::{Ground, archiving, calls::Calls, vendors::net};
use crate::{
    connectors::{
        self, Exchange,
        notify::{Format, NotifyClient},
        twilio::TwilioClient,
    },
    features::{
        archive::{ArchiveRun, GivenUp, NoticeDeps, RunNotice, When},
        contracts::Contracts,
        engagements::{Accepted, AfterPop, AfterPopDeps, LogDeps, LogNote},
        pops::{NotifyDeps, PopNotification, Refusals},
    },
    queue::Worker,
};

pub(super) fn worker(ground: &Ground<'_>, contracts: &Contracts, calls: &Calls) -> Worker {
    let after = after(ground, calls);
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
        .register::<PopNotification>(notify(ground, calls))
        .register::<AfterPop>(after)
        .register::<LogNote>(notes.clone())
        .register::<Accepted>(notes)
        .register::<ArchiveRun>(archiving.clone())
        .register::<GivenUp>(archiving)
        .register::<RunNotice>(notices(ground))
        .concurrency(workers)
        .per_account(places)
        .per_concurrency_key(places - 1)
        .build()
}

/// Tells agents' browsers.
fn notify(ground: &Ground<'_>, calls: &Calls) -> NotifyDeps {
    NotifyDeps {
        zendesk: ground.vendors.zendesk.clone(),
        app_id: ground.config.zendesk.app_id,
        clock: ground.clock.clone(),
        refusals: Refusals::new(ground.clock.clone(), calls.settings.clone()),
    }
}

/// What follows when a call has its ticket.
fn after(ground: &Ground<'_>, calls: &Calls) -> AfterPopDeps {
    AfterPopDeps {
        zendesk: ground.vendors.zendesk.background(),
        twilio: ground.vendors.twilio.as_ref().map(TwilioClient::background),
        workspace_sid: ground.config.twilio.as_ref().and_then(|twilio| twilio.workspace_sid.clone()),
        settings: calls.settings.clone(),
        db: ground.db.clone(),
    }
}

/// Who is told elsewhere how a run ended.
fn notices(ground: &Ground<'_>) -> NoticeDeps {
    let Ground { config, clock, db, .. } = ground;
    NoticeDeps {
        db: db.clone(),
        notify: config.notify.webhook_url.clone().map(|address| {
            let net = net(config);
            let http = connectors::http_client(&net);
            let exchange = Exchange::new("notify", http, net, clock.clone()).background();
            let format = if config.notify.for_slack { Format::Slack } else { Format::Json };
            NotifyClient::new(exchange, address, config.notify.secret.clone(), format)
        }),
        when: if config.notify.only_changes { When::Changes } else { When::Every },
        tickets_url: format!("{}/agent/tickets/", config.zendesk.base_url.as_str().trim_end_matches('/')),
    }
}
