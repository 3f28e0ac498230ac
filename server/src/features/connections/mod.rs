//! With whom an account is connected: what the settings file says, and what is kept in the database with sealed secrets.
//! **Invariants:** a secret goes in and never comes out again, but to its vendor; what the file says is read-only.

mod kind; // which vendors there are
mod probe; // whether one works
mod tokens; // renewed, one at a time over all replicas

use std::sync::Arc;

pub use kind::Kind;
use kind::{ZendeskSettings, secret_of, settings_of};
pub use probe::Step;

use crate::{
    clock::Clock,
    connectors::Net,
    store::{
        Db, SealKeys, StoreError,
        connections::{self, Attention, ConnectionRow, ConnectionState, Turn},
    },
};

/// The connections of one account. Clones share everything.
#[derive(Debug, Clone)]
pub struct Connections {
    account: Arc<str>,
    db: Db,
    seals: Arc<SealKeys>,
    clock: Clock,
    in_file: Arc<[Listed]>,
    net: Net,
}

/// A connection, as people see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The vendor.
    pub kind: Kind,
    /// For people.
    pub name: String,
    /// As the vendor calls it.
    pub environment: String,
    /// Whether it works; nobody keeps that of one in the settings file.
    pub state: Option<ConnectionState>,
    /// What is wrong with it.
    pub attention: Option<Attention>,
    /// It is set in the settings file, and changed there.
    pub in_file: bool,
}

/// What is to be kept of a connection; what is absent stays as it is.
#[derive(Debug, Default)]
pub struct Wish {
    /// For people.
    pub name: Option<String>,
    /// As the vendor calls it.
    pub environment: Option<String>,
    /// JSON without secrets.
    pub settings: Option<String>,
    /// JSON.
    pub secret: Option<Vec<u8>>,
}

/// Why a connection was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Operator: another id.
    #[error("there is a connection `{0}` already; change it, or choose another id")]
    Taken(String),
    /// Operator: `deskside connections list`.
    #[error("there is no connection `{0}`; `deskside connections list` shows all")]
    Unknown(String),
    /// Operator: change the settings file.
    #[error("the connection `{0}` is set in the settings file; change it there")]
    InFile(String),
    /// Operator: do it again.
    #[error("the connection `{0}` was changed by somebody else in this moment; look at it, and try again")]
    Changed(String),
    /// Operator: another id.
    #[error(
        "`{0}` is not a valid id; use 1 to 40 lower-case letters, digits and hyphens, beginning with a letter"
    )]
    Id(String),
    /// Operator: correct it.
    #[error("{what} of the connection must be a JSON object {like}")]
    NotJson {
        /// Settings or secret.
        what: &'static str,
        /// An example.
        like: &'static str,
        /// Where it is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Operator: use the settings file.
    #[error("connections of the kind `{0}` can only be set in the settings file yet")]
    FileOnly(&'static str),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connections {
    /// Those of an account; `in_file` are the settings file's. Vendors are reached by `net`.
    pub fn new(account: &str, db: Db, seals: SealKeys, clock: Clock, in_file: Vec<Listed>, net: Net) -> Self {
        Self { account: account.into(), db, seals: seals.into(), clock, in_file: in_file.into(), net }
    }

    /// All of them: those of the settings file first, then by id.
    pub async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let rows = connections::list(&self.db, &self.account).await?;
        let rows = rows.iter().map(|row| self.listed(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.in_file.iter().cloned().chain(rows).collect())
    }

    /// Keeps a new one.
    pub async fn add(&self, id: &str, kind: Kind, wish: Wish) -> Result<(), ConnectionError> {
        if !is_id(id) {
            return Err(ConnectionError::Id(id.to_owned()));
        }
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        let mut row = ConnectionRow::new(&self.account, id, kind.as_str());
        id.clone_into(&mut row.name);
        "production".clone_into(&mut row.environment);
        self.apply(&mut row, kind, wish)?;
        let mut tx = self.db.begin().await?;
        if !connections::insert(&mut tx, &row).await? {
            return Err(ConnectionError::Taken(row.id));
        }
        Ok(tx.commit().await?)
    }

    /// Changes one. What was wrong with it is forgotten where its secret or its settings are new.
    pub async fn change(&self, id: &str, wish: Wish) -> Result<(), ConnectionError> {
        let mut row = self.row(id).await?;
        let is_new = wish.secret.is_some() || wish.settings.is_some();
        let kind = kind_of(&row)?;
        self.apply(&mut row, kind, wish)?;
        let mut tx = self.db.begin().await?;
        if !connections::update(&mut tx, &row).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        if is_new {
            connections::set_state(&mut tx, &row.account, &row.id, None, self.clock.now()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets one, with its secret.
    pub async fn remove(&self, id: &str) -> Result<(), ConnectionError> {
        let row = self.row(id).await?;
        let mut tx = self.db.begin().await?;
        if !connections::delete(&mut tx, &row).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        Ok(tx.commit().await?)
    }

    async fn row(&self, id: &str) -> Result<ConnectionRow, ConnectionError> {
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        let row = connections::read(&self.db, &self.account, id).await?;
        row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))
    }

    fn is_in_file(&self, id: &str) -> bool {
        self.in_file.iter().any(|listed| listed.id == id)
    }

    fn apply(&self, row: &mut ConnectionRow, kind: Kind, wish: Wish) -> Result<(), ConnectionError> {
        if let Some(name) = wish.name {
            row.name = name;
        }
        if let Some(environment) = wish.environment {
            row.environment = environment;
        }
        if let Some(settings) = wish.settings {
            row.settings = settings;
        }
        match kind {
            Kind::Zendesk => drop(settings_of::<ZendeskSettings>(&row.settings)?),
            Kind::Twilio | Kind::Objects | Kind::Notify => {
                return Err(ConnectionError::FileOnly(kind.as_str()));
            }
        }
        if let Some(secret) = wish.secret {
            secret_of(&secret)?;
            row.seal(&secret, &self.seals)?;
        }
        Ok(())
    }

    /// A row whose secret does not open needs attention, whatever it says: nobody has tried it since.
    fn listed(&self, row: &ConnectionRow) -> Result<Listed, StoreError> {
        let locked = row.open(&self.seals).err();
        let attention = locked.as_ref().map(locked_attention).or_else(|| row.attention.clone());
        let state = if locked.is_some() { ConnectionState::NeedsAttention } else { row.state };
        Ok(Listed {
            id: row.id.clone(),
            kind: kind_of(row)?,
            name: row.name.clone(),
            environment: row.environment.clone(),
            state: Some(state),
            attention,
            in_file: false,
        })
    }
}

/// The code of a connection whose secret does not open.
const LOCKED: &str = "secret_locked";

/// Says what somebody should hear of, once.
fn report(row: &ConnectionRow, turn: Option<Turn>, attention: Option<&Attention>) {
    let ConnectionRow { account, id, kind, .. } = row;
    match (turn, attention) {
        (Some(Turn::Entered), Some(Attention { code, sentence, what_to_do })) => tracing::warn!(
            account,
            connection = id,
            kind,
            code,
            "the connection `{id}` needs attention: {sentence}; {what_to_do}"
        ),
        (Some(Turn::Recovered), _) => {
            tracing::info!(account, connection = id, kind, "the connection `{id}` works again");
        }
        _ => {}
    }
}

/// Why a connection whose secret does not open needs attention.
fn locked_attention(locked: &crate::store::Locked) -> Attention {
    Attention {
        code: LOCKED.to_owned(),
        sentence: format!("its secret cannot be read: {locked}"),
        what_to_do: "put the key back into `server.seal_keys`, or give the connection a new secret"
            .to_owned(),
    }
}

fn kind_of(row: &ConnectionRow) -> Result<Kind, StoreError> {
    Kind::read(&row.kind).ok_or(StoreError::corrupt("a connection of an unknown kind"))
}

fn is_id(id: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=40).contains(&id.len()) && id.as_bytes()[0].is_ascii_lowercase() && id.bytes().all(fits)
}
