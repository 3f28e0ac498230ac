//! With whom an account is connected: what the settings file says, and what is kept in the database with sealed secrets.
//! **Invariants:** a secret goes in and never comes out again, but to its vendor; what the file says is read-only; every change
//! is a row of the ledger.

mod attention; // what is wrong with one
mod budgets; // what is left of vendors' limits
mod change; // what admins and operators do
mod consent; // an admin's consent in the vendor's pages
mod dependants; // what uses connections
mod end; // what becomes of its tokens when one ends
mod error; // why a connection was not changed
mod keep; // tokens do not end unused
mod kind; // which vendors there are
mod kinds; // what each must hold, and how it is tried
mod notice; // who is told when one stops working
mod oauth_secret; // what a consent left
mod probe; // whether one works
mod settings; // what the operator decides
mod source; // what one leads to
mod tokens; // renewed, one at a time over all replicas
mod trial; // of a new refresh token, before it is kept

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use url::Url;

pub use budgets::Budgets;
pub use change::{Change, New, Wish};
pub use consent::{Asker, Begun, Consent, Refusal, Returned, Shown, Wanted, account_of};
pub use dependants::Dependants;
pub use end::Revocation;
pub use error::ConnectionError;
pub use keep::KeepConnections;
pub use kind::Kind;
pub use notice::{ConnectionNotice, NoticeDeps};
pub use probe::Step;
pub use settings::Settings;
pub use source::Source;

use crate::{
    clock::Clock,
    connectors::{Exchange, Net, files},
    queue::Queue,
    setting::Audience,
    store::{
        Conn, Db, SealKeys, StoreError,
        connections::{self, Attention, ConnectionRow, ConnectionState},
        notices,
    },
};

/// The connections of one account. Clones share everything.
#[derive(Clone)]
pub struct Connections {
    account: Arc<str>,
    queue: Queue,
    seals: Arc<SealKeys>,
    in_file: Arc<[Listed]>,
    http: reqwest::Client,
    net: Net,
    budgets: Budgets,
    settings: Arc<Settings>,
    reports: Arc<files::Settings>,
    salesforce_url: Option<Url>,
    callback_url: Arc<str>,
    tells: bool,
    dependants: Arc<dyn Dependants>,
}

/// What they need.
pub struct Setup {
    /// The Zendesk subdomain.
    pub account: String,
    /// Notices are jobs. Its database keeps the connections, its clock is theirs.
    pub queue: Queue,
    /// What encrypts secrets.
    pub seals: Arc<SealKeys>,
    /// Those of the settings file.
    pub in_file: Vec<Listed>,
    /// How vendors are reached.
    pub http: reqwest::Client,
    /// Which addresses may be.
    pub net: Net,
    /// What is left of vendors' limits.
    pub budgets: Budgets,
    /// What the operator decides.
    pub settings: Settings,
    /// Which folders of this server may be read.
    pub reports: files::Settings,
    /// Where every Salesforce org is signed in to, in place of Salesforce's own hosts.
    pub salesforce_url: Option<Url>,
    /// Where vendors send an admin back after consent.
    pub callback_url: String,
    /// Whether there is a webhook that is told of trouble.
    pub tells: bool,
    /// What uses connections.
    pub dependants: Arc<dyn Dependants>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connections({})", self.account)
    }
}

/// A connection, as people see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The vendor's word; a newer version may have kept one that we do not know.
    pub kind: String,
    /// For people.
    pub name: String,
    /// As the vendor calls it.
    pub environment: String,
    /// Whether it works; nobody keeps that of one in the settings file.
    pub state: Option<ConnectionState>,
    /// What is wrong with it.
    pub attention: Option<Attention>,
    /// When it was last tried.
    pub checked_at: Option<DateTime<Utc>>,
    /// It is set in the settings file, and changed there.
    pub in_file: bool,
    /// Address and user, for people.
    pub detail: String,
    /// What it leads to, for programs; see [`Connections::places`].
    pub place: String,
    /// JSON without secrets.
    pub settings: String,
    /// What a change is made from.
    pub version: u64,
    /// Names of what uses it.
    pub used_by: Vec<String>,
}

impl Listed {
    /// One of the settings file.
    pub fn in_file(kind: &str, name: &str, detail: &str) -> Self {
        Self {
            id: kind.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            environment: "production".to_owned(),
            state: None,
            attention: None,
            checked_at: None,
            in_file: true,
            detail: detail.to_owned(),
            place: String::new(),
            settings: "{}".to_owned(),
            version: 0,
            used_by: Vec::new(),
        }
    }

    /// The same, leading there.
    #[must_use]
    pub fn at(self, place: String) -> Self {
        Self { place, ..self }
    }
}

impl Connections {
    /// Those of an account.
    pub fn new(setup: Setup) -> Self {
        Self {
            account: setup.account.into(),
            queue: setup.queue,
            seals: setup.seals,
            in_file: setup.in_file.into(),
            http: setup.http,
            net: setup.net,
            budgets: setup.budgets,
            settings: Arc::new(setup.settings),
            reports: Arc::new(setup.reports),
            salesforce_url: setup.salesforce_url,
            callback_url: setup.callback_url.into(),
            tells: setup.tells,
            dependants: setup.dependants,
        }
    }

    /// Who may change connections, of the admins.
    pub fn editors(&self) -> &Audience {
        &self.settings.editors
    }

    /// What a vendor's OAuth client must have as its redirect URL.
    pub fn callback_url(&self) -> &str {
        &self.callback_url
    }

    /// Whether there is a key that encrypts secrets.
    pub fn keeps_secrets(&self) -> bool {
        !self.seals.is_empty()
    }

    /// All of them: those of the settings file first, then by id.
    pub async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let mut all = self.in_file.to_vec();
        for listed in &mut all {
            listed.used_by = self.dependants.names(&self.account, &listed.id).await?;
        }
        for zendesk in all.iter_mut().filter(|listed| listed.kind == "zendesk") {
            let triggers = notices::triggers(self.db(), &self.account).await?;
            let problem = triggers.into_iter().find_map(|trigger| trigger.problem);
            zendesk.attention = problem.as_deref().map(attention::of_trigger);
        }
        for row in connections::list(self.db(), &self.account).await? {
            all.push(self.listed(&row).await?);
        }
        Ok(all)
    }

    /// One in the database.
    pub async fn one(&self, id: &str) -> Result<Listed, ConnectionError> {
        Ok(self.listed(&self.row(id).await?).await?)
    }

    /// What each connection leads to, by its id: a vendor account, a database, a folder. What was read from one place says nothing of
    /// another, whatever the connection is called.
    pub async fn places(&self, on: impl Conn) -> Result<BTreeMap<String, String>, StoreError> {
        let kept = connections::list(on, &self.account).await?;
        let kept = kept.into_iter().map(|row| (kinds::place(&row), row.id));
        let in_file = self.in_file.iter().map(|listed| (listed.place.clone(), listed.id.clone()));
        Ok(kept.chain(in_file).map(|(place, id)| (id, place)).collect())
    }

    /// The word of each connection's kind, by its id.
    pub async fn kinds(&self, on: impl Conn) -> Result<BTreeMap<String, String>, StoreError> {
        let kept = connections::list(on, &self.account).await?;
        let kept = kept.into_iter().map(|row| (row.id, row.kind));
        let in_file = self.in_file.iter().map(|listed| (listed.id.clone(), listed.kind.clone()));
        Ok(kept.chain(in_file).collect())
    }

    /// Where they are kept.
    pub fn db(&self) -> &Db {
        self.queue.db()
    }

    /// How a vendor is called.
    fn exchange(&self, vendor: &'static str) -> Exchange {
        Exchange::new(vendor, self.http.clone(), self.net.clone(), self.clock().clone())
    }

    fn clock(&self) -> &Clock {
        self.queue.clock()
    }

    async fn row(&self, id: &str) -> Result<ConnectionRow, ConnectionError> {
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        let row = connections::read(self.db(), &self.account, id).await?;
        row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))
    }

    fn is_in_file(&self, id: &str) -> bool {
        self.in_file.iter().any(|listed| listed.id == id)
    }

    /// A row whose secret does not open needs attention, whatever it says: nobody has tried it since. The same is true of a kind
    /// that this version does not know.
    async fn listed(&self, row: &ConnectionRow) -> Result<Listed, StoreError> {
        let locked = row.open(&self.seals).err().map(|locked| attention::of_locked(&locked));
        let unknown = Kind::read(&row.kind).is_none().then(connections::unreadable);
        let found = unknown.or(locked);
        let state = if found.is_some() { ConnectionState::NeedsAttention } else { row.state };
        let address =
            Kind::read(&row.kind).map(|kind| kinds::address(kind, &row.settings)).unwrap_or_default();
        let parts = [row.identity.organization.as_str(), &address, &row.identity.user];
        let mut detail: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        detail.dedup();
        Ok(Listed {
            id: row.id.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            environment: row.environment.clone(),
            state: Some(state),
            attention: found.or_else(|| row.attention.clone()),
            checked_at: row.checked_at,
            in_file: false,
            detail: detail.join(" · "),
            place: kinds::place(row),
            settings: row.settings.clone(),
            version: row.version,
            used_by: self.dependants.names(&self.account, &row.id).await?,
        })
    }
}

fn kind_of(row: &ConnectionRow) -> Result<Kind, ConnectionError> {
    Kind::read(&row.kind).ok_or_else(|| unusable(row, connections::unreadable()))
}

fn unusable(row: &ConnectionRow, attention: Attention) -> ConnectionError {
    ConnectionError::Unusable { id: row.id.clone(), attention }
}
