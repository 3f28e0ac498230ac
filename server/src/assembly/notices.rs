//! Who is told of a customer's contract, and by which clients.

use reqwest::Client;

use super::Context;
use crate::{
    clock::Clock,
    config::Config,
    connectors::{self, Exchange, notify::NotifyClient, pagerduty::PagerDutyClient, zendesk::ZendeskClient},
    features::{
        contracts::Contracts,
        hooks::rules,
        notices::{self, Endpoints, Notices, Setup},
    },
    queue::Queue,
    store::Db,
};

/// Those of an account for a command, on a database whose schema is this binary's; `key`: what stands in the addresses that its
/// vendors call.
pub fn notices(config: &Config, (account, key): (&str, Option<&str>), clock: &Clock, db: Db) -> Notices {
    let (http, queue) = (connectors::http_client(&config.net), Queue::new(db.clone(), clock.clone()));
    let zendesk = super::vendors(config, clock).zendesk;
    let settings = (config.contracts.clone(), config.badges.clone());
    let contracts = Contracts::new(account.to_owned(), settings, clock.clone(), db, zendesk.clone());
    made((config, account, key), (queue, http, clock), (zendesk, contracts))
}

/// The same for the account that is being built.
pub(super) fn of(context: &Context<'_>, contracts: &Contracts) -> Notices {
    let shared = context.shared;
    let notices = made(
        (context.config, &context.account, context.key.as_deref()),
        (shared.queue.clone(), shared.http.clone(), &shared.clock),
        (context.vendors.zendesk.background(), contracts.clone()),
    );
    let seen = notices.clone();
    contracts.on_newcomer(move |user| {
        let seen = seen.clone();
        tokio::spawn(async move {
            if let Err(error) = seen.newcomer_seen(user).await {
                let error = crate::causes::with_causes(&error);
                tracing::warn!(user, %error, "a customer who may have written for the first time was not looked up");
            }
        });
    });
    notices
}

fn made(
    (config, account, key): (&Config, &str, Option<&str>),
    (queue, http, clock): (Queue, Client, &Clock),
    (zendesk, contracts): (ZendeskClient, Contracts),
) -> Notices {
    let (notice, events) = rules::notice_endpoints(&config.server.public_url, key);
    Notices::new(Setup {
        account: account.to_owned(),
        clock: clock.clone(),
        db: queue.db().clone(),
        queue,
        zendesk,
        contracts,
        settings: config.notices.clone(),
        contract_settings: config.contracts.clone(),
        endpoints: Endpoints { notice, events },
        notify: webhook((config, clock), &http),
        pagerduty: pagerduty((config, clock), &http),
        tickets_url: tickets_url(config),
    })
}

/// The company's webhook, where there is one.
pub(super) fn webhook((config, clock): (&Config, &Clock), http: &Client) -> Option<NotifyClient> {
    let settings = &config.notify.webhook;
    let address = settings.webhook_url.clone()?;
    let exchange = Exchange::new("notify", http.clone(), config.net.clone(), clock.clone());
    Some(NotifyClient::new(exchange.background(), address, settings.secret.clone(), settings.format))
}

fn pagerduty((config, clock): (&Config, &Clock), http: &Client) -> Option<PagerDutyClient> {
    let key = config.pagerduty.routing_key.clone()?;
    let exchange = Exchange::new("pagerduty", http.clone(), config.net.clone(), clock.clone());
    Some(PagerDutyClient::new(exchange.background(), config.pagerduty.base_url.clone(), key))
}

/// Where tickets are, for people.
pub(super) fn tickets_url(config: &Config) -> String {
    format!("{}/agent/tickets/", config.zendesk.base_url().as_str().trim_end_matches('/'))
}

/// Renewals are told by themselves, or not, and pages that are open are looked at, or not, as each account's settings say.
/// A database that cannot be written shows cards none the less; the next start tries again.
pub(super) async fn schedule(queue: &Queue, configs: &[Config]) {
    for config in configs {
        let settings = (&config.notices, &config.contracts);
        if let Err(error) = notices::schedule_renewals(queue, config.account(), settings).await {
            let said = crate::causes::with_causes(&error);
            tracing::error!(account = config.account(), error = %said, "renewals that are near are not told: their time could not be kept");
        }
        let is_paging = config.pagerduty.routing_key.is_some();
        if let Err(error) = notices::schedule_open_pages(queue, config.account(), is_paging).await {
            let said = crate::causes::with_causes(&error);
            tracing::error!(account = config.account(), error = %said, "pages that stay open are not looked at: their time could not be kept");
        }
    }
}
