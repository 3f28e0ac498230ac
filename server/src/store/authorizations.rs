//! Consents under way: an admin was sent to a vendor with OAuth's `state`, and has not confirmed what came back.
//! **Invariants:** a `state` is found by its hash and is good for one answer; the secret opens in its own row alone.

use chrono::{DateTime, Utc};

use super::sealed::{Locked, Stored};
use super::{Conn, Row, SealKeys, StoreError, Tx, query, words};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "account, id, agent_id, session, kind, status, detail, secret, key_id, expires_us"
    };
}

words! {
    /// How a consent stands.
    AuthorizationStatus {
        /// The vendor has not sent the admin back.
        Waiting = "waiting",
        /// It did, and its tokens are being fetched.
        Answered = "answered",
        /// The tokens are here; the admin has to confirm them.
        Granted = "granted",
        /// It came to nothing.
        Failed = "failed",
    }
}

/// One consent.
#[derive(Debug, Clone)]
pub struct AuthorizationRow {
    pub account: String,
    /// Unique within the account.
    pub id: String,
    /// Who asked.
    pub agent_id: u64,
    /// In which session.
    pub session: u64,
    pub kind: String,
    pub status: AuthorizationStatus,
    /// JSON without secrets.
    pub detail: String,
    pub expires_at: DateTime<Utc>,
    secret: Option<Stored>,
}

impl AuthorizationRow {
    /// One that waits, without a secret yet.
    pub fn new(
        account: &str,
        id: &str,
        kind: &str,
        (agent_id, session): (u64, u64),
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            account: account.to_owned(),
            id: id.to_owned(),
            agent_id,
            session,
            kind: kind.to_owned(),
            status: AuthorizationStatus::Waiting,
            detail: "{}".to_owned(),
            expires_at,
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

    fn associated(&self) -> String {
        let named = serde_json::json!([self.account, self.id, self.kind]);
        format!("deskside authorization v1: {named}")
    }

    fn value(&self) -> Option<&[u8]> {
        self.secret.as_ref().map(|stored| stored.value.as_slice())
    }

    fn key_id(&self) -> Option<&String> {
        self.secret.as_ref().and_then(|stored| stored.sealed_by.as_ref())
    }
}

/// Keeps a new one.
pub async fn insert(tx: &mut Tx, row: &AuthorizationRow, state_hash: &str) -> Result<(), StoreError> {
    let kept = query(
        "INSERT INTO authorizations (account, id, agent_id, session, kind, state_hash, status, detail, secret, key_id,
                                     expires_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(row.agent_id).bind(row.session).bind(&row.kind);
    let kept = kept.bind(state_hash).bind(row.status.as_str()).bind(&row.detail);
    kept.bind(row.value()).bind(row.key_id()).bind(row.expires_at).execute(tx).await.map(drop)
}

/// The account of the consent to which a `state` belongs, as long as nobody has used it. The `state` is the key: it is
/// unguessable, and shared by all accounts.
pub async fn account_of(
    on: impl Conn,
    state_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    query(
        "SELECT account FROM authorizations WHERE state_hash = $1 AND status = 'waiting' AND expires_us > $2",
    )
    .bind(state_hash)
    .bind(now)
    .optional_as(on, |row| row.get("account"))
    .await
}

/// Uses a `state` up: the consent that waits for it, once.
pub async fn take(
    tx: &mut Tx,
    account: &str,
    state_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<AuthorizationRow>, StoreError> {
    query(concat!(
        "UPDATE authorizations SET status = 'answered'
          WHERE account = $1 AND state_hash = $2 AND status = 'waiting' AND expires_us > $3 RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(state_hash)
    .bind(now)
    .optional_as(tx, read_row)
    .await
}

/// One consent.
pub async fn read(on: impl Conn, account: &str, id: &str) -> Result<Option<AuthorizationRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM authorizations WHERE account = $1 AND id = $2"))
        .bind(account)
        .bind(id)
        .optional_as(on, read_row)
        .await
}

/// Those whose time is over, oldest first, 100 at most.
pub async fn expired(
    on: impl Conn,
    account: &str,
    now: DateTime<Utc>,
) -> Result<Vec<AuthorizationRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM authorizations WHERE account = $1 AND expires_us <= $2 ORDER BY expires_us LIMIT 100"
    ))
    .bind(account)
    .bind(now)
    .all_as(on, read_row)
    .await
}

/// Deletes what an admin began before and the vendor has not answered.
pub async fn delete_waiting(tx: &mut Tx, account: &str, agent_id: u64) -> Result<(), StoreError> {
    let gone =
        query("DELETE FROM authorizations WHERE account = $1 AND agent_id = $2 AND status = 'waiting'");
    gone.bind(account).bind(agent_id).execute(tx).await.map(drop)
}

/// Counts a number that an admin types: the consent as it is, where it was granted and fewer than `most` were typed before.
pub async fn count_try(
    tx: &mut Tx,
    account: &str,
    id: &str,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Option<AuthorizationRow>, StoreError> {
    query(concat!(
        "UPDATE authorizations SET tries = tries + 1
          WHERE account = $1 AND id = $2 AND status = 'granted' AND tries < $3 AND expires_us > $4 RETURNING ",
        columns!()
    ))
    .bind(account)
    .bind(id)
    .bind(most)
    .bind(now)
    .optional_as(tx, read_row)
    .await
}

/// Keeps what came back; false where it is gone, or where it has another status than `from` by now.
pub async fn settle(
    tx: &mut Tx,
    row: &AuthorizationRow,
    from: AuthorizationStatus,
) -> Result<bool, StoreError> {
    let kept = query(
        "UPDATE authorizations SET status = $4, detail = $5, secret = $6, key_id = $7
          WHERE account = $1 AND id = $2 AND status = $3",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(from.as_str()).bind(row.status.as_str());
    let kept = kept.bind(&row.detail).bind(row.value()).bind(row.key_id());
    Ok(kept.execute(tx).await? == 1)
}

/// Deletes it: as it was in this moment; `None` where it is gone already.
pub async fn delete(tx: &mut Tx, account: &str, id: &str) -> Result<Option<AuthorizationRow>, StoreError> {
    query(concat!("DELETE FROM authorizations WHERE account = $1 AND id = $2 RETURNING ", columns!()))
        .bind(account)
        .bind(id)
        .optional_as(tx, read_row)
        .await
}

fn read_row(row: &Row) -> Result<AuthorizationRow, StoreError> {
    let secret = row.get::<Option<Vec<u8>>>("secret")?;
    Ok(AuthorizationRow {
        account: row.get("account")?,
        id: row.get("id")?,
        agent_id: row.get("agent_id")?,
        session: row.get("session")?,
        kind: row.get("kind")?,
        status: row.get("status")?,
        detail: row.get("detail")?,
        expires_at: row.get("expires_us")?,
        secret: match secret {
            Some(value) => Some(Stored { value, sealed_by: row.get("key_id")? }),
            None => None,
        },
    })
}
