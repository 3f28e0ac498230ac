//! The connections of an account, those of the settings file among them, and what they need.

use std::sync::Arc;

use super::Context;
use crate::{
    clock::Clock,
    config::Config,
    connectors,
    features::{
        connections::{Budgets, Connections, Listed, Setup},
        integrations::UsersOfConnections,
    },
    queue::Queue,
    store::{Db, SealKeys, StoreError},
};

/// Those of an account for commands, on a database whose schema is this binary's.
pub async fn connections(
    config: &Config,
    clock: &Clock,
    db: Db,
    account: &str,
) -> Result<Connections, StoreError> {
    let queue = Queue::new(db, clock.clone());
    queue.follow_database().await?;
    Ok(on_queue(config, account, queue))
}

/// Those of one account of the server.
pub(super) fn of_account(context: &Context<'_>) -> Connections {
    let shared = context.shared;
    let (queue, seals) = (shared.queue.clone(), Arc::clone(&shared.seals));
    let vendors = (shared.http.clone(), shared.budgets.clone());
    of_settings(context.config, &context.account, queue, seals, vendors)
}

/// The same on a queue, for commands.
pub(super) fn on_queue(config: &Config, account: &str, queue: Queue) -> Connections {
    let http = connectors::http_client(&config.net);
    of_settings(config, account, queue, Arc::new(super::seals(config)), (http, Budgets::default()))
}

fn of_settings(
    config: &Config,
    account: &str,
    queue: Queue,
    seals: Arc<SealKeys>,
    (http, budgets): (reqwest::Client, Budgets),
) -> Connections {
    let users = UsersOfConnections::new(
        queue.db().clone(),
        queue.clock().clone(),
        super::integrations::staging(config, account),
    );
    let public_url = config.server.public_url.as_str().trim_end_matches('/');
    Connections::new(Setup {
        account: account.to_owned(),
        queue,
        seals,
        in_file: if account == config.account() { in_file(config) } else { Vec::new() },
        http,
        net: config.net.clone(),
        budgets,
        settings: config.integrations.connections.clone(),
        reports: config.sources.clone(),
        salesforce_url: config.salesforce.login_url.clone(),
        callback_url: format!("{public_url}/oauth/callback"),
        tells: config.notify.webhook.webhook_url.is_some(),
        dependants: Arc::new(users),
    })
}

/// What the settings file says, without secrets.
fn in_file(config: &Config) -> Vec<Listed> {
    let twilio = config.twilio.as_ref();
    let twilio = twilio.map(|twilio| Listed::in_file("twilio", "Twilio", &twilio.account_sid));
    let notify = config.notify.webhook.webhook_url.as_ref();
    let notify = notify.map(|_| Listed::in_file("notify", "Webhook", ""));
    let zendesk = config.zendesk.base_url();
    let zendesk = Listed::in_file("zendesk", "Zendesk", zendesk.host_str().unwrap_or_default())
        .at(zendesk.origin().ascii_serialization());
    [zendesk, Listed::in_file("objects", "Archive", &config.archive.objects.address)]
        .into_iter()
        .chain(twilio)
        .chain(notify)
        .collect()
}
