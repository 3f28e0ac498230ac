//! The connections of an account, those of the settings file among them, and the clock and keys that they need.

use crate::{
    clock::Clock,
    config::Config,
    features::connections::{Connections, Kind, Listed},
    queue::Queue,
    store::{Db, StoreError},
};

/// Those of an account, on a database whose schema is this binary's.
pub async fn connections(
    config: &Config,
    clock: &Clock,
    db: Db,
    account: &str,
) -> Result<Connections, StoreError> {
    let queue = Queue::new(db.clone(), clock.clone());
    queue.follow_database().await?;
    let (clock, net) = (queue.clock().clone(), config.net.clone());
    let in_file = if account == config.account() { in_file(config) } else { vec![] };
    Ok(Connections::new(account, db, super::seals(config), clock, in_file, net))
}

/// What the settings file says, without secrets.
fn in_file(config: &Config) -> Vec<Listed> {
    let listed = |kind: Kind, name: &str| Listed {
        id: kind.as_str().to_owned(),
        kind: kind.as_str().to_owned(),
        name: name.to_owned(),
        environment: "production".to_owned(),
        state: None,
        attention: None,
        in_file: true,
    };
    let twilio = config.twilio.as_ref().map(|twilio| listed(Kind::Twilio, &twilio.account_sid));
    let notify = config.notify.webhook.webhook_url.as_ref().map(|_| listed(Kind::Notify, "webhook"));
    let zendesk = listed(Kind::Zendesk, &config.zendesk.subdomain);
    [zendesk, listed(Kind::Objects, &config.archive.objects.address)]
        .into_iter()
        .chain(twilio)
        .chain(notify)
        .collect()
}
