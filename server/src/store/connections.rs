//! Vendor accounts that an account may use, with their secrets. **Invariants:** a secret is never kept in clear, and opens only
//! in its own row: account, id and kind are part of what is encrypted; what does not open is not overwritten.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sealed::{Locked, Stored};
use super::{Conn, Db, Row, SealKeys, StoreError, Tx, query, words};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "SELECT account, id, kind, name, environment, settings, secret, key_id, state, state_detail, checked_us,
                renewing_until_us, identity, version
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
    /// It worked, and needs attention now.
    Entered,
    /// It needed attention, and works again.
    Recovered,
}

/// One connection.
#[derive(Clone)]
pub struct ConnectionRow {
    /// Whose.
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
    /// Counts changes of what it is and of its secret.
    pub version: u64,
    secret: Option<Stored>,
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
            version: 1,
            secret: None,
        }
    }

    /// Seals a secret into the row, which is not kept yet.
    pub fn seal(&mut self, secret: &[u8], seals: &SealKeys) -> Result<(), StoreError> {
        if seals.is_empty() {
            return Err(StoreError::NoSealKey);
        }
        self.secret = Some(seals.seal(&self.associated(), secret));
        Ok(())
    }

    /// The row keeps no secret any more.
    pub fn forget_secret(&mut self) {
        self.secret = None;
    }

    /// The secret, if there is one.
    pub fn open(&self, seals: &SealKeys) -> Result<Option<Vec<u8>>, Locked> {
        self.secret.as_ref().map(|stored| seals.open(&self.associated(), stored)).transpose()
    }

    /// What names the row, in a form that no other row can have.
    fn associated(&self) -> String {
        let named = serde_json::json!([self.account, self.id, self.kind]);
        format!("deskside connection v1: {named}")
    }

    fn identity_json(&self) -> String {
        serde_json::to_string(&self.identity).expect("texts are JSON")
    }

    fn value(&self) -> Option<&[u8]> {
        self.secret.as_ref().map(|stored| stored.value.as_slice())
    }

    fn key_id(&self) -> Option<&String> {
        self.secret.as_ref().and_then(|stored| stored.sealed_by.as_ref())
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
        "INSERT INTO connections (account, id, kind, name, environment, settings, secret, key_id, state, identity,
                                  version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) ON CONFLICT (account, id) DO NOTHING",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(&row.kind).bind(&row.name).bind(&row.environment);
    let kept = kept.bind(&row.settings).bind(row.value()).bind(row.key_id()).bind(row.state.as_str());
    let kept = kept.bind(row.identity_json());
    Ok(kept.execute(tx).await? == 1)
}

/// Keeps name, environment, settings, secret and identity; false where somebody has changed or deleted it since it was read. Whoever was
/// asking the vendor for new tokens is done.
pub async fn update(tx: &mut Tx, row: &ConnectionRow) -> Result<bool, StoreError> {
    let kept = query(
        "UPDATE connections SET name = $4, environment = $5, settings = $6, secret = $7, key_id = $8, identity = $9,
                renewing_until_us = NULL, version = version + 1
          WHERE account = $1 AND id = $2 AND version = $3",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(row.version).bind(&row.name).bind(&row.environment);
    let kept = kept.bind(&row.settings).bind(row.value()).bind(row.key_id()).bind(row.identity_json());
    Ok(kept.execute(tx).await? == 1)
}

/// Keeps new tokens of a row that was read under its lock. What the connection is has not changed, so its version stays.
/// Whoever was asking the vendor is done.
pub async fn rotate(tx: &mut Tx, row: &ConnectionRow) -> Result<(), StoreError> {
    let kept = query(
        "UPDATE connections SET secret = $3, key_id = $4, renewing_until_us = NULL WHERE account = $1 AND id = $2",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(row.value()).bind(row.key_id());
    kept.execute(tx).await.map(drop)
}

/// Keeps whom it acts as.
pub async fn set_identity(tx: &mut Tx, row: &ConnectionRow, identity: &Identity) -> Result<(), StoreError> {
    let row = ConnectionRow { identity: identity.clone(), ..row.clone() };
    let kept = query("UPDATE connections SET identity = $3 WHERE account = $1 AND id = $2");
    kept.bind(&row.account).bind(&row.id).bind(row.identity_json()).execute(tx).await.map(drop)
}

/// Deletes it; false where it changed since it was read, or is gone.
pub async fn delete(tx: &mut Tx, row: &ConnectionRow) -> Result<bool, StoreError> {
    let gone = query("DELETE FROM connections WHERE account = $1 AND id = $2 AND version = $3");
    Ok(gone.bind(&row.account).bind(&row.id).bind(row.version).execute(tx).await? == 1)
}

/// Says until when somebody may be asking the vendor for new tokens; `None`: nobody does.
pub async fn set_renewing(
    tx: &mut Tx,
    row: &ConnectionRow,
    until: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    query("UPDATE connections SET renewing_until_us = $3 WHERE account = $1 AND id = $2")
        .bind(&row.account)
        .bind(&row.id)
        .bind(until)
        .execute(tx)
        .await
        .map(drop)
}

/// Writes down how it works; `None` for the attention means: it does. Says what somebody should hear of. A connection that
/// somebody ended stays so.
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
    let (state, turn) = match (attention, row.state) {
        (Some(_), ConnectionState::NeedsAttention) => (ConnectionState::NeedsAttention, None),
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

/// An admin disconnected it. A new secret connects it again.
pub async fn set_disconnected(
    tx: &mut Tx,
    account: &str,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let state = ConnectionState::Disconnected;
    set(tx, account, id, state, now).await
}

/// It has a new secret or new settings: whatever was wrong with it is over, and so is its end.
pub async fn set_renewed(tx: &mut Tx, account: &str, id: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let state = ConnectionState::Connected;
    set(tx, account, id, state, now).await
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

/// Seals every secret of every account anew that another key than the first sealed; says how many, and which do not open.
pub async fn reseal(db: &Db, seals: &SealKeys) -> Result<(usize, Vec<ConnectionRow>), StoreError> {
    let (mut changed, mut locked) = (0, Vec::new());
    for mut row in of_all_accounts(db).await? {
        let Some(before) = row.secret.clone().filter(|stored| seals.seals_anew(stored)) else { continue };
        let Ok(Some(secret)) = row.open(seals) else {
            locked.push(row);
            continue;
        };
        row.seal(&secret, seals)?;
        // Somebody may have kept another secret meanwhile, sealed by their first key.
        let anew = query(
            "UPDATE connections SET secret = $3, key_id = $4 WHERE account = $1 AND id = $2 AND secret = $5",
        );
        let anew = anew.bind(&row.account).bind(&row.id).bind(row.value()).bind(row.key_id());
        changed += usize::try_from(anew.bind(before.value.as_slice()).execute(db).await?).unwrap_or_default();
    }
    Ok((changed, locked))
}

fn read_row(row: &Row) -> Result<ConnectionRow, StoreError> {
    let attention = row.get::<Option<String>>("state_detail")?;
    let attention = attention.map(|text| serde_json::from_str(&text)).transpose();
    let identity = row.get::<Option<String>>("identity")?;
    let identity = identity.map(|text| serde_json::from_str::<Identity>(&text)).transpose();
    let secret = row.get::<Option<Vec<u8>>>("secret")?;
    Ok(ConnectionRow {
        account: row.get("account")?,
        id: row.get("id")?,
        kind: row.get("kind")?,
        name: row.get("name")?,
        environment: row.get("environment")?,
        settings: row.get("settings")?,
        identity: identity.map_err(|_| StoreError::corrupt("a connection's identity"))?.unwrap_or_default(),
        state: row.get("state")?,
        attention: attention.map_err(|_| StoreError::corrupt("a connection's state"))?,
        checked_at: row.get("checked_us")?,
        renewing_until: row.get("renewing_until_us")?,
        version: row.get("version")?,
        secret: match secret {
            Some(value) => Some(Stored { value, sealed_by: row.get("key_id")? }),
            None => None,
        },
    })
}
