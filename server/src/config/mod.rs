//! What the operator decides: the settings of all rooms, each of which is read and judged where its rule lives. How they are read:
//! `setting`. **Invariant:** no room imports this.

mod warnings; // what works and is a risk

use std::{net::SocketAddr, path::Path};

use serde::Deserialize;
use url::Url;

use crate::{
    connectors::{Net, files as reports, notify, objects, pagerduty, salesforce, twilio, zendesk},
    features::{archive, connections, contracts, files, integrations, notices, sessions},
    http::ClientAddresses,
    listen, log,
    setting::{self, ConfigError, Problems, Sources},
    store,
};

/// Everything `deskside serve` needs. A field is a section of `config.default.toml`.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Where the settings and secrets were read.
    #[serde(skip)]
    pub(crate) read_from: Sources,
    /// How we are reached.
    pub server: Server,
    /// Where we remember.
    pub store: store::Settings,
    /// Where archived files go, and which.
    pub archive: Archive,
    pub(crate) zendesk: zendesk::Settings,
    pub(crate) contracts: contracts::Settings,
    pub(crate) badges: contracts::BadgeRules,
    pub(crate) integrations: Integrations,
    /// Where rows lie between source and destination.
    pub(crate) staging: integrations::StagingSettings,
    /// What a run may change without a person who has seen it.
    pub(crate) limits: integrations::LimitSettings,
    /// `None` switches Flex off.
    pub(crate) twilio: Option<twilio::Settings>,
    pub(crate) salesforce: salesforce::Settings,
    pub(crate) notify: Notify,
    /// Who is told of a customer's contract, and how.
    pub notices: notices::Settings,
    pub(crate) pagerduty: pagerduty::Settings,
    /// What integrations may read of this server.
    pub sources: reports::Settings,
    pub(crate) net: Net,
}

/// Section `server`: how we are reached, and what this process is.
#[derive(Debug, Clone, Deserialize)]
pub struct Server {
    #[serde(deserialize_with = "setting::socket_address")]
    pub(crate) listen: SocketAddr,
    #[serde(deserialize_with = "setting::optional_socket_address")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Use [`Url::join`]: it has no trailing slash in spirit.
    #[serde(deserialize_with = "setting::url")]
    pub(crate) public_url: Url,
    /// Jobs at the same time.
    #[serde(deserialize_with = "setting::whole::<1, 256, _, _>")]
    pub(crate) workers: usize,
    /// How many connections there may be.
    pub connections: listen::Settings,
    /// Where requests come from.
    pub clients: ClientAddresses,
    pub(crate) keys: sessions::Keys,
    /// What is logged.
    pub logging: log::Settings,
}

/// Section `archive`: the store, what is put there, and who gets it back.
#[derive(Debug, Clone, Deserialize)]
pub struct Archive {
    pub(crate) objects: objects::Settings,
    pub(crate) files: files::Settings,
    /// Which files move, and how.
    pub runs: archive::Settings,
}

/// Section `integrations`: what is read from where, and who may change that.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Integrations {
    pub(crate) runs: integrations::Settings,
    pub(crate) connections: connections::Settings,
}

/// Section `notify`: where people are told, and of what.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Notify {
    pub(crate) webhook: notify::Settings,
    pub(crate) when: archive::When,
}

impl Config {
    /// Reads everything that serving needs. `env` is the whole environment; what is not ours is passed over.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (config, read_from) = setting::read(file, env, Self::validate)?;
        Ok(Self { read_from, ..config })
    }

    /// Reads only where we remember: enough for `migrate`, which needs no vendor.
    pub fn load_store(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<store::Settings, ConfigError> {
        #[derive(Deserialize)]
        struct Only {
            store: store::Settings,
        }
        let locate = |only: &mut Only, sources: &_, problems: &mut _| only.store.locate(sources, problems);
        setting::read(file, env, locate).map(|(only, _)| only.store)
    }

    /// The Zendesk account's subdomain.
    pub fn account(&self) -> &str {
        &self.zendesk.subdomain
    }

    /// Where the account's Flex may be.
    pub fn flex_origins(&self) -> Vec<String> {
        self.twilio.as_ref().map(|twilio| twilio.flex_origins.clone()).unwrap_or_default()
    }

    /// Where relative paths lead, and the rules between settings; those of one setting are its type's.
    fn validate(&mut self, sources: &Sources, problems: &mut Problems) {
        self.store.locate(sources, problems);
        self.archive.objects.locate(sources, problems);
        self.archive.objects.validate(problems);
        self.archive.runs.validate(&self.archive.objects, problems);
        self.notices.validate(&self.archive.runs, problems);
        if let Some(twilio) = &self.twilio {
            twilio.validate(problems);
        }
    }
}

#[cfg(test)]
mod tests;
