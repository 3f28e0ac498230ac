//! With whom an account is connected: what the settings file says, and what is kept in the database with sealed secrets.
//! **Invariants:** a secret goes in and never comes out again, but to its vendor; what the file says is read-only.

mod attention; // what is wrong with one
mod kind; // which vendors there are
mod probe; // whether one works
mod tokens; // renewed, one at a time over all replicas
mod trial; // of a new secret, before it is kept

use std::{fmt, sync::Arc};

pub use kind::Kind;
use kind::{ZendeskSettings, place_of, settings_of, typed_secret};
pub use probe::Step;

use crate::{
    clock::Clock,
    connectors::{Net, Refusal},
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
    /// It is set in the settings file, and changed there.
    pub in_file: bool,
}

/// What is to be kept of a connection; what is absent stays as it is.
#[derive(Default)]
pub struct Wish {
    /// For people.
    pub name: Option<String>,
    /// As the vendor calls it.
    pub environment: Option<String>,
    /// JSON without secrets.
    pub settings: Option<String>,
    /// JSON; of a connection that is changed also a part of it.
    pub secret: Option<Vec<u8>>,
}

impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, environment, settings, secret } = self;
        write!(f, "Wish({name:?} {environment:?} {settings:?} secret: {})", secret.is_some())
    }
}

impl Wish {
    fn lay_over(&self, row: &mut ConnectionRow) {
        let parts = [
            (&self.name, &mut row.name),
            (&self.environment, &mut row.environment),
            (&self.settings, &mut row.settings),
        ];
        for (new, kept) in parts {
            if let Some(new) = new {
                new.clone_into(kept);
            }
        }
    }
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
    /// Operator: another id.
    #[error("`{0}` is the id of the settings file's connection of this kind; choose another, like `{0}-two`")]
    Reserved(String),
    /// Operator: say what to change.
    #[error("nothing was said to change in the connection `{0}`; see `deskside connections change --help`")]
    Nothing(String),
    /// Operator: give all of the secret.
    #[error(
        "the secret of the connection `{0}` is not complete: it has no refresh token that can be read, or its address is \
         another one now, and a secret is never sent to another address than it was given for; give all of it"
    )]
    SecretNeeded(String),
    /// Operator: correct it. The connection is as it was.
    #[error("the connection `{id}` does not work with the new secret, so nothing was changed: {why}")]
    Refused {
        /// Which.
        id: String,
        /// What the vendor said, and what to do.
        why: String,
    },
    /// Operator: see the attention.
    #[error("the connection `{id}` cannot be used: {}; {}", attention.sentence, attention.what_to_do)]
    Unusable {
        /// Which.
        id: String,
        /// Why, and what to do.
        attention: Attention,
    },
    /// Operator: another address.
    #[error("the address in `base_url` of the connection cannot be used")]
    Address(#[source] Refusal),
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
        Ok(self.in_file.iter().cloned().chain(rows.iter().map(|row| self.listed(row))).collect())
    }

    /// Keeps a new one.
    pub async fn add(&self, id: &str, kind: Kind, wish: Wish) -> Result<(), ConnectionError> {
        if !is_id(id) {
            return Err(ConnectionError::Id(id.to_owned()));
        }
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        if Kind::is_word(id) {
            return Err(ConnectionError::Reserved(id.to_owned()));
        }
        let mut row = ConnectionRow::new(&self.account, id, kind.as_str());
        id.clone_into(&mut row.name);
        "production".clone_into(&mut row.environment);
        wish.lay_over(&mut row);
        self.check(kind, &row)?;
        let typed = typed_secret(wish.secret.as_deref().unwrap_or_default())?;
        let secret = typed.over(None).ok_or_else(|| ConnectionError::SecretNeeded(id.to_owned()))?;
        row.seal(&secret.to_bytes(), &self.seals)?;
        let mut tx = self.db.begin().await?;
        if !connections::insert(&mut tx, &row).await? {
            return Err(ConnectionError::Taken(row.id));
        }
        Ok(tx.commit().await?)
    }

    /// Changes one. What was wrong with it is forgotten where its secret or its settings are new. A new secret is tried before
    /// it is kept.
    pub async fn change(&self, id: &str, mut wish: Wish) -> Result<(), ConnectionError> {
        let Wish { name, environment, settings, secret } = &mut wish;
        let secret = secret.take();
        if secret.is_none() && [name, environment, settings].iter().all(|part| part.is_none()) {
            return Err(ConnectionError::Nothing(id.to_owned()));
        }
        if let Some(secret) = secret {
            return self.try_secret(id, wish, typed_secret(&secret)?).await;
        }
        self.row(id).await?;
        // Under the row's lock: tokens that are renewed or sealed anew meanwhile are not lost.
        let mut tx = self.db.begin().await?;
        let row = connections::read_locked(&mut tx, &self.account, id).await?;
        let before = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
        let mut row = before.clone();
        wish.lay_over(&mut row);
        if row.settings != before.settings {
            self.check(kind_of(&before)?, &row)?;
            let secret = before.open(&self.seals);
            let secret = secret.map_err(|locked| unusable(&before, attention::of_locked(&locked)))?;
            if secret.is_some() && place_of(&row.settings) != place_of(&before.settings) {
                return Err(ConnectionError::SecretNeeded(row.id));
            }
        }
        if !connections::update(&mut tx, &row, &self.seals).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        let is_new = row.settings != before.settings;
        let turn = match is_new {
            true => connections::set_state(&mut tx, &row.account, &row.id, None, self.clock.now()).await?,
            false => None,
        };
        tx.commit().await?;
        report(&row, turn, None);
        Ok(())
    }

    /// Forgets one, with its secret, whatever it holds.
    pub async fn remove(&self, id: &str) -> Result<(), ConnectionError> {
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        let mut tx = self.db.begin().await?;
        if !connections::delete(&mut tx, &self.account, id).await? {
            return Err(ConnectionError::Unknown(id.to_owned()));
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

    /// Whether the settings are those of a connection of this kind, and lead to an address that may be called.
    fn check(&self, kind: Kind, row: &ConnectionRow) -> Result<(), ConnectionError> {
        match kind {
            Kind::Zendesk => {
                let ZendeskSettings { base_url, .. } = settings_of(&row.settings)?;
                self.net.check(&base_url).map_err(ConnectionError::Address)
            }
            Kind::Twilio | Kind::Objects | Kind::Notify => Err(ConnectionError::FileOnly(kind.as_str())),
        }
    }

    /// A row whose secret does not open needs attention, whatever it says: nobody has tried it since. The same is true of a kind
    /// that this version does not know.
    fn listed(&self, row: &ConnectionRow) -> Listed {
        let locked = row.open(&self.seals).err().map(|locked| attention::of_locked(&locked));
        let unknown = kind_of(row).is_err().then(connections::unreadable);
        let found = unknown.or(locked);
        let state = if found.is_some() { ConnectionState::NeedsAttention } else { row.state };
        Listed {
            id: row.id.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            environment: row.environment.clone(),
            state: Some(state),
            attention: found.or_else(|| row.attention.clone()),
            in_file: false,
        }
    }
}

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

fn kind_of(row: &ConnectionRow) -> Result<Kind, ConnectionError> {
    Kind::read(&row.kind).ok_or_else(|| unusable(row, connections::unreadable()))
}

fn unusable(row: &ConnectionRow, attention: Attention) -> ConnectionError {
    ConnectionError::Unusable { id: row.id.clone(), attention }
}

fn is_id(id: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=40).contains(&id.len()) && id.as_bytes()[0].is_ascii_lowercase() && id.bytes().all(fits)
}
