//! Whom we talk to: a client for every vendor that the settings name, and the archive's store. **Invariant:** no network.

use crate::{
    clock::Clock,
    config::Config,
    connectors::{
        self,
        objects::{Objects, ObjectsError},
        twilio::TwilioClient,
        zendesk::ZendeskClient,
    },
    features::connections::Budgets,
};

/// The vendors of one account.
pub struct Vendors {
    /// The Zendesk account.
    pub zendesk: ZendeskClient,
    /// The Twilio account, where there is one.
    pub twilio: Option<TwilioClient>,
}

/// Clients for every vendor that the settings name. No network.
pub fn vendors(config: &Config, clock: &Clock) -> Vendors {
    vendors_over((&connectors::http_client(&config.net), &Budgets::default()), config, clock)
}

/// The same, over a pool of connections that accounts share, with what is known of the vendors' limits.
pub(super) fn vendors_over(
    (client, budgets): (&reqwest::Client, &Budgets),
    config: &Config,
    clock: &Clock,
) -> Vendors {
    let net = &config.net;
    let zendesk = ZendeskClient::new(
        client.clone(),
        config.zendesk.base_url(),
        config.zendesk.credentials.clone(),
        clock.clone(),
        config.zendesk.attachment_hosts.clone(),
        net.clone(),
    )
    .with_file_limit(config.archive.runs.policy.max_bytes);
    let budget = budgets.zendesk(config.account(), &zendesk.place());
    let zendesk = zendesk.within(&budget);
    let twilio = config.twilio.as_ref().and_then(|settings| {
        let (urls, account, auth) = (settings.urls.clone(), settings.account_sid.clone(), settings.auth()?);
        Some(TwilioClient::new(client.clone(), urls, account, auth, clock.clone(), net.clone()))
    });
    Vendors { zendesk, twilio }
}

/// The archive's store. No network; a folder is made if it is missing.
pub fn objects(config: &Config) -> Result<Objects, ObjectsError> {
    Objects::open(&config.archive.objects)
}
