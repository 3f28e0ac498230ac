//! Vendor accounts that an account may use, with their secrets. **Invariants:** a secret is never kept in clear, and opens only
//! in its own row and beside its own settings: account, id, kind, generation and settings are part of what is encrypted, so that
//! nobody sends it elsewhere by writing into the database; what does not open is not overwritten.

mod secret; // what is encrypted, and with what

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sealed::Stored;
use super::{Conn, Row, SealKeys, StoreError, Tx, query, words};

pub use secret::{Resealed, reseal};
use secret::{Sealed, keep_secret};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "SELECT account, id, kind, name, environment, settings, secret, key_id, secret_generation, state,
                state_detail, checked_us, renewing_until_us, unsure_since_us, not_before_us, identity, version
           FROM connections"
    };
}

words! {
    /// Whether a connection works.
    ConnectionState {
        /// It did when it was last used.
        Connected = "connected",
        /// Somebody has to do something.
        NeedsAttention = "needs_attention",
        /// Somebody ended it.
        Disconnected = "disconnected",
    }
}

/// What is wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// For programs: `secret_locked`.
    pub code: String,
    /// What happened.
    pub sentence: String,
    /// What to do about it.
    pub what_to_do: String,
    /// The use of the connection in which it was found, like `export users`; absent: a test, or its tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
}

/// Whom a connection acts as at its vendor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The vendor's id of the organization.
    pub organization_id: String,
    /// Its name, for people.
    pub organization: String,
    /// The user, for people.
    pub user: String,
}

/// A change of a connection's state that somebody should hear of, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It worked, or something else was wrong, and it needs attention now.
    Entered,
    /// It needed attention, and works again.
    Recovered,
}

/// One connection.
#[derive(Clone)]
pub struct ConnectionRow {
    pub account: String,
    /// Its id, unique within the account.
    pub id: String,
    /// The vendor: `zendesk`.
    pub kind: String,
    /// For people.
    pub name: String,
    /// As the vendor calls it.
    pub environment: String,
    /// JSON without secrets.
    pub settings: String,
    /// Whom it acts as at the vendor, as far as it is known.
    pub identity: Identity,
    /// Whether it works.
    pub state: ConnectionState,
    /// Why not, where it needs attention.
    pub attention: Option<Attention>,
    /// When it was last tried.
    pub checked_at: Option<DateTime<Utc>>,
    /// Until when somebody may be asking the vendor for new tokens.
    pub renewing_until: Option<DateTime<Utc>>,
    /// Since when nobody knows whether the vendor renewed the tokens.
    pub unsure_since: Option<DateTime<Utc>>,
    /// The vendor asked not to be called before.
    pub not_before: Option<DateTime<Utc>>,
    /// Counts changes of what it is and of its secret.
    pub version: u64,
    secret: Option<Sealed>,
}

impl fmt::Debug for ConnectionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionRow({} {} {} v{})", self.account, self.kind, self.id, self.version)
    }
}

impl ConnectionRow {
    /// A new one, which nobody has tried.
    pub fn new(account: &str, id: &str, kind: &str) -> Self {
        Self {
            account: account.to_owned(),
            id: id.to_owned(),
            kind: kind.to_owned(),
            name: String::new(),
            environment: String::new(),
            settings: "{}".to_owned(),
            identity: Identity::default(),
            state: ConnectionState::Connected,
            attention: None,
            checked_at: None,
            renewing_until: None,
            unsure_since: None,
            not_before: None,
            version: 1,
            secret: None,
        }
    }

    /// The row keeps no secret any more.
    pub fn forget_secret(&mut self) {
        self.secret = None;
    }

    fn identity_json(&self) -> String {
        serde_json::to_string(&self.identity).expect("texts are JSON")
    }
}

/// All connections of an account, by id.
pub async fn list(on: impl Conn, account: &str) -> Result<Vec<ConnectionRow>, StoreError> {
    query(concat!(columns!(), " WHERE account = $1 ORDER BY id")).bind(account).all_as(on, read_row).await
}

/// All connections of every account; for the operator alone.
pub async fn of_all_accounts(on: impl Conn) -> Result<Vec<ConnectionRow>, StoreError> {
    query(concat!(columns!(), " ORDER BY account, id")).all_as(on, read_row).await
}

/// One connection.
pub async fn read(on: impl Conn, account: &str, id: &str) -> Result<Option<ConnectionRow>, StoreError> {
    query(concat!(columns!(), " WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read_row)
        .await
}

/// One connection, which no other transaction changes before this one ends. (SQLite has one writer anyway.)
pub async fn read_locked(tx: &mut Tx, account: &str, id: &str) -> Result<Option<ConnectionRow>, StoreError> {
    if !tx.is_postgres() {
        return read(tx, account, id).await;
    }
    query(concat!(columns!(), " WHERE account = $1 AND id = $2 FOR UPDATE"))
        .bind(account)
        .bind(id)
        .optional_as(tx, read_row)
        .await
}

/// Keeps a new connection; false where the account has one of that id.
pub async fn insert(tx: &mut Tx, row: &ConnectionRow) -> Result<bool, StoreError> {
    let kept = query(
        "INSERT INTO connections (account, id, kind, name, environment, settings, secret, key_id, secret_generation,
                                  state, identity, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1) ON CONFLICT (account, id) DO NOTHING",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(&row.kind).bind(&row.name).bind(&row.environment);
    let kept = kept.bind(&row.settings).bind(row.value()).bind(row.key_id()).bind(row.generation());
    let kept = kept.bind(row.state.as_str()).bind(row.identity_json());
    Ok(kept.execute(tx).await? == 1)
}

/// Keeps name, environment, settings and secret; false where somebody has changed or deleted it since it was read. A secret that
/// was sealed beside other settings is sealed anew. Whoever is asking the vendor with a secret that is replaced is done.
pub async fn update(tx: &mut Tx, row: &ConnectionRow, seals: &SealKeys) -> Result<bool, StoreError> {
    let mut row = row.clone();
    if row.secret.as_ref().is_some_and(|sealed| sealed.settings != row.settings) {
        row.seal_anew(seals)?;
    }
    let kept = query(
        "UPDATE connections SET name = $4, environment = $5, settings = $6, secret = $7, key_id = $8,
                secret_generation = $9, identity = $10, version = version + 1
          WHERE account = $1 AND id = $2 AND version = $3",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(row.version).bind(&row.name).bind(&row.environment);
    let kept = kept.bind(&row.settings).bind(row.value()).bind(row.key_id()).bind(row.generation());
    let kept = kept.bind(row.identity_json());
    let is_kept = kept.execute(&mut *tx).await? == 1;
    if is_kept && row.secret.is_none_or(|sealed| sealed.is_new) {
        end_renewal(tx, &row.account, &row.id, None, None).await?;
    }
    Ok(is_kept)
}

/// Keeps new tokens in a row that was read under its lock. What the connection is has not changed, so its version stays. Whoever
/// was asking the vendor is done.
pub async fn rotate(tx: &mut Tx, row: &ConnectionRow) -> Result<(), StoreError> {
    keep_secret(tx, row).await?;
    end_renewal(tx, &row.account, &row.id, None, None).await
}

/// Keeps whom it acts as.
pub async fn set_identity(tx: &mut Tx, row: &ConnectionRow, identity: &Identity) -> Result<(), StoreError> {
    let row = ConnectionRow { identity: identity.clone(), ..row.clone() };
    let kept = query("UPDATE connections SET identity = $3 WHERE account = $1 AND id = $2");
    kept.bind(&row.account).bind(&row.id).bind(row.identity_json()).execute(tx).await.map(drop)
}

/// An admin disconnected it. A new secret connects it again.
pub async fn set_disconnected(
    tx: &mut Tx,
    account: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    set(tx, account, id, ConnectionState::Disconnected, now).await
}

/// It was given another secret after its end: it is connected.
pub async fn set_connected(
    tx: &mut Tx,
    account: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    set(tx, account, id, ConnectionState::Connected, now).await
}

async fn set(
    tx: &mut Tx,
    account: &str,
    id: &str,
    state: ConnectionState,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let set = query(
        "UPDATE connections SET state = $3, state_detail = NULL, checked_us = $4 WHERE account = $1 AND id = $2",
    );
    set.bind(account).bind(id).bind(state.as_str()).bind(now).execute(tx).await.map(drop)
}

/// Deletes it, whatever it holds; false where it is gone.
pub async fn delete(tx: &mut Tx, account: &str, id: &str) -> Result<bool, StoreError> {
    let gone = query("DELETE FROM connections WHERE account = $1 AND id = $2");
    Ok(gone.bind(account).bind(id).execute(tx).await? == 1)
}

/// Somebody asks the vendor for new tokens now, and nobody else does until then. What comes of it is unknown since `unsure_since`.
pub async fn begin_renewal(
    tx: &mut Tx,
    row: &ConnectionRow,
    until: DateTime<Utc>,
    unsure_since: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let begun = query(
        "UPDATE connections SET renewing_until_us = $3, unsure_since_us = $4 WHERE account = $1 AND id = $2",
    );
    begun.bind(&row.account).bind(&row.id).bind(until).bind(unsure_since).execute(tx).await.map(drop)
}

/// Nobody asks the vendor any more. `unsure_since`: since when nobody knows whether it renewed; `not_before`: when it may be asked
/// again.
pub async fn end_renewal(
    tx: &mut Tx,
    account: &str,
    id: &str,
    unsure_since: Option<DateTime<Utc>>,
    not_before: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let ended = query(
        "UPDATE connections SET renewing_until_us = NULL, unsure_since_us = $3, not_before_us = $4
          WHERE account = $1 AND id = $2",
    );
    ended.bind(account).bind(id).bind(unsure_since).bind(not_before).execute(tx).await.map(drop)
}

/// Writes down how it works; `None` for the attention means: it does. Says what somebody should hear of: that it begins, that it
/// is something else now, that it ends. A connection that somebody ended stays so.
pub async fn set_state(
    tx: &mut Tx,
    account: &str,
    id: &str,
    attention: Option<&Attention>,
    now: DateTime<Utc>,
) -> Result<Option<Turn>, StoreError> {
    let Some(row) = read_locked(tx, account, id).await? else { return Ok(None) };
    if row.state == ConnectionState::Disconnected {
        return Ok(None);
    }
    let is_known = |now: &Attention| row.attention.as_ref().is_some_and(|known| known.code == now.code);
    let (state, turn) = match (attention, row.state) {
        (Some(now), ConnectionState::NeedsAttention) if is_known(now) => (row.state, None),
        (Some(_), _) => (ConnectionState::NeedsAttention, Some(Turn::Entered)),
        (None, ConnectionState::NeedsAttention) => (ConnectionState::Connected, Some(Turn::Recovered)),
        (None, _) => (ConnectionState::Connected, None),
    };
    let detail = attention.map(serde_json::to_string).transpose();
    let detail = detail.map_err(|_| StoreError::corrupt("a connection's state"))?;
    query(
        "UPDATE connections SET state = $3, state_detail = $4, checked_us = $5 WHERE account = $1 AND id = $2",
    )
    .bind(account)
    .bind(id)
    .bind(state.as_str())
    .bind(detail)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(turn)
}

/// What is odd in a row that a newer version wrote, or that was damaged, never hides the row.
fn read_row(row: &Row) -> Result<ConnectionRow, StoreError> {
    let (secret, settings) = (row.get::<Option<Vec<u8>>>("secret")?, row.get::<String>("settings")?);
    let detail = row.get::<Option<String>>("state_detail")?;
    let identity = row.get::<Option<String>>("identity")?;
    let identity = identity.and_then(|text| serde_json::from_str(&text).ok());
    let mut attention = detail.map(|text| serde_json::from_str(&text).unwrap_or_else(|_| unreadable()));
    let state = row.get("state").unwrap_or_else(|_| {
        attention = Some(unreadable());
        ConnectionState::NeedsAttention
    });
    let sealed = |value| -> Result<Sealed, StoreError> {
        let stored = Stored { value, sealed_by: row.get("key_id")? };
        let generation = row.get("secret_generation")?;
        Ok(Sealed { stored, generation, settings: settings.clone(), is_new: false })
    };
    Ok(ConnectionRow {
        account: row.get("account")?,
        id: row.get("id")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        environment: row.get("environment")?,
        secret: secret.map(sealed).transpose()?,
        settings,
        identity: identity.unwrap_or_default(),
        state,
        attention,
        checked_at: row.get("checked_us")?,
        renewing_until: row.get("renewing_until_us")?,
        unsure_since: row.get("unsure_since_us")?,
        not_before: row.get("not_before_us")?,
        version: row.get("version")?,
    })
}

/// What is said of a row that this version does not understand.
pub fn unreadable() -> Attention {
    Attention {
        code: "unreadable".to_owned(),
        sentence: "this version of Deskside cannot read it".to_owned(),
        what_to_do: "run the version that wrote it, or remove it".to_owned(),
        during: None,
    }
}
