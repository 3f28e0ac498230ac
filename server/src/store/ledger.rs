//! What was done to which attachment, by whom: append-only, and each row's hash covers the one before it, so that a
//! changed, removed or inserted row shows. **Invariant:** rows are never updated or deleted (triggers refuse it).

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Conn, Row, StoreError, Tx, query};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "account, seq, at_us, actor, action, ticket_id, attachment_id, sha256, object_key, detail, prev_hash, hash"
    };
}

/// What the first row's `prev_hash` is.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

mod search; // what an admin looks for
mod verify; // whether it is what was written

pub use search::{DayVolume, Filter, export, search, volume};
pub use verify::{Harm, Verdict, verify};

/// What to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    pub at: DateTime<Utc>,
    /// Who, such as `agent:77` or `deskside`.
    pub actor: String,
    /// Did what, such as `stored`.
    pub action: String,
    /// To which ticket.
    pub ticket_id: Option<u64>,
    /// To which attachment.
    pub attachment_id: Option<u64>,
    pub sha256: Option<String>,
    /// Where they went.
    pub object_key: Option<String>,
    /// More, as JSON; nothing secret and nobody's address.
    pub detail: serde_json::Value,
}

impl LedgerEntry {
    /// Of what is no ticket's.
    pub fn of_account(at: DateTime<Utc>, (actor, action): (&str, &str), detail: serde_json::Value) -> Self {
        Self {
            at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            ticket_id: None,
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail,
        }
    }
}

/// What was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// 1, 2, 3, … per account.
    pub seq: u64,
    pub entry: LedgerEntry,
    /// The hash of the row before.
    pub prev_hash: String,
    /// Over everything above.
    pub hash: String,
}

/// Writes a row. Writers of one account take turns until they commit.
pub async fn append(tx: &mut Tx, account: &str, entry: &LedgerEntry) -> Result<LedgerRow, StoreError> {
    // The update changes nothing but takes the row's lock, and reads what the last writer committed.
    let head = query(
        "INSERT INTO ledger_heads (account, seq, hash) VALUES ($1, 0, $2)
         ON CONFLICT (account) DO UPDATE SET seq = ledger_heads.seq RETURNING seq, hash",
    )
    .bind(account)
    .bind(GENESIS)
    .one(&mut *tx)
    .await?;
    let seq = head.get::<u64>("seq")? + 1;
    let prev_hash: String = head.get("hash")?;
    let detail = entry.detail.to_string();
    let hash = hash(account, seq, entry, &detail, &prev_hash);
    query(
        "INSERT INTO ledger (account, seq, at_us, actor, action, ticket_id, attachment_id, sha256, object_key,
                             detail, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(account)
    .bind(seq)
    .bind(entry.at)
    .bind(&entry.actor)
    .bind(&entry.action)
    .bind(entry.ticket_id)
    .bind(entry.attachment_id)
    .bind(entry.sha256.as_ref())
    .bind(entry.object_key.as_ref())
    .bind(detail)
    .bind(&prev_hash)
    .bind(&hash)
    .execute(&mut *tx)
    .await?;
    query("UPDATE ledger_heads SET seq = $2, hash = $3 WHERE account = $1")
        .bind(account)
        .bind(seq)
        .bind(&hash)
        .execute(tx)
        .await?;
    Ok(LedgerRow { seq, entry: entry.clone(), prev_hash, hash })
}

/// What was done to a ticket's attachments, oldest first.
pub async fn of_ticket(on: impl Conn, account: &str, ticket_id: u64) -> Result<Vec<LedgerRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM ledger WHERE account = $1 AND ticket_id = $2 ORDER BY seq"))
        .bind(account)
        .bind(ticket_id)
        .all_as(on, read)
        .await
}

/// Where an account's ledger ends: its last row's number and hash; 0 and `GENESIS` while it is empty.
pub async fn head(on: impl Conn, account: &str) -> Result<(u64, String), StoreError> {
    let head =
        query("SELECT seq, hash FROM ledger_heads WHERE account = $1").bind(account).optional(on).await?;
    match head {
        Some(head) => Ok((head.get("seq")?, head.get("hash")?)),
        None => Ok((0, GENESIS.to_owned())),
    }
}

/// Every field with its length before it, so that no two rows spell the same bytes.
fn hash(account: &str, seq: u64, entry: &LedgerEntry, detail: &str, prev_hash: &str) -> String {
    let number = |id: Option<u64>| id.map(|id| id.to_string());
    let fields = [
        Some(account.to_owned()),
        Some(seq.to_string()),
        Some(entry.at.timestamp_micros().to_string()),
        Some(entry.actor.clone()),
        Some(entry.action.clone()),
        number(entry.ticket_id),
        number(entry.attachment_id),
        entry.sha256.clone(),
        entry.object_key.clone(),
        Some(detail.to_owned()),
        Some(prev_hash.to_owned()),
    ];
    let mut hasher = Sha256::new();
    for field in fields {
        match field {
            Some(field) => hasher.update(format!("{}:{field}", field.len())),
            None => hasher.update("-"),
        }
    }
    hex::encode(hasher.finalize())
}

fn read(row: &Row) -> Result<LedgerRow, StoreError> {
    let detail: String = row.get("detail")?;
    Ok(LedgerRow {
        seq: row.get("seq")?,
        entry: LedgerEntry {
            at: row.get("at_us")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            ticket_id: row.get("ticket_id")?,
            attachment_id: row.get("attachment_id")?,
            sha256: row.get("sha256")?,
            object_key: row.get("object_key")?,
            detail: serde_json::from_str(&detail)
                .map_err(|_| StoreError::corrupt("a ledger row's detail"))?,
        },
        prev_hash: row.get("prev_hash")?,
        hash: row.get("hash")?,
    })
}
