//! One account: everything that its people may use, and what its jobs need. Nothing in it is shared with another account but
//! the database, the queue, the clock and the pool of connections.

use std::sync::Arc;

use url::Url;

use crate::features::{
    archive::{Archive, ArchiveDeps, NoticeDeps},
    connections::{self, Connections},
    contracts::Contracts,
    dials::Dials,
    engagements::{AfterPopDeps, Engagements, LogDeps},
    files::Files,
    hooks::{Hooks, NoticeHooks, TwilioHooks},
    integrations::{AlertDeps, Integrations, Previews, RunDeps},
    ledger::Ledger,
    machine_keys::MachineKeys,
    notices::Notices,
    pops::{NotifyDeps, Pops},
    recordings::Recordings,
    sessions::Sessions,
    settings::Settings,
};

/// The rooms of one account.
pub struct Account {
    /// The Zendesk subdomain.
    pub name: Arc<str>,
    /// What its pages are told.
    pub pages: Arc<PageSettings>,
    /// Who is asking.
    pub sessions: Sessions,
    /// Cards.
    pub contracts: Contracts,
    /// Calls and chats.
    pub engagements: Engagements,
    /// Pops.
    pub pops: Pops,
    /// Whom agents call.
    pub dials: Dials,
    /// Attachments.
    pub archive: Archive,
    /// Archived files.
    pub files: Files,
    /// Recordings of calls.
    pub recordings: Recordings,
    /// With whom it is connected.
    pub connections: Connections,
    /// What was done.
    pub ledger: Ledger,
    /// What admins decide.
    pub settings: Settings,
    /// What is brought from where to where.
    pub integrations: Integrations,
    /// What editors look at first.
    pub previews: Previews,
    /// Keys of its own machines.
    pub machine_keys: MachineKeys,
    /// Zendesk's deliveries.
    pub hooks: Hooks,
    /// Who is told of a customer's contract.
    pub notices: Notices,
    /// Zendesk's deliveries that have to do with it.
    pub notice_hooks: NoticeHooks,
    /// Twilio's deliveries.
    pub twilio_hooks: TwilioHooks,
    /// What its jobs need.
    pub jobs: Jobs,
}

/// What the jobs of one account need.
pub struct Jobs {
    /// Tells agents' browsers.
    pub notify: NotifyDeps,
    /// What follows when a call has its ticket.
    pub after_pop: AfterPopDeps,
    /// Notes of calls.
    pub notes: LogDeps,
    /// Attachments.
    pub archive: ArchiveDeps,
    /// Who is told elsewhere how a run ended.
    pub notices: NoticeDeps,
    /// Who is told how a connection stands.
    pub connection_notices: connections::NoticeDeps,
    /// Who is told how an integration stands.
    pub alerts: AlertDeps,
    /// Runs of integrations.
    pub runs: RunDeps,
    /// What a schedule starts.
    pub integrations: Integrations,
}

/// What the app's pages are told.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// Who may frame the Zendesk pages.
    pub zendesk_origin: String,
    /// Zendesk's SDK.
    pub sdk_url: Url,
    /// Who may frame the Flex panel, and read the list of plugins.
    pub flex_origins: Vec<String>,
    /// Whether an agent's Flex can be asked to call somebody.
    pub dials: bool,
    /// Where all this is, without a trailing slash.
    pub public_url: String,
}
