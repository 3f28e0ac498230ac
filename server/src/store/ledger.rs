//! What was done to which attachment, by whom: append-only, and each row's hash covers the one before it, so that a
//! changed, removed or inserted row shows. **Invariant:** rows are never updated or deleted (triggers refuse it).

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Conn, Db, Row, StoreError, Tx, query};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "account, seq, at_us, actor, action, ticket_id, attachment_id, sha256, object_key, detail, prev_hash, hash"
    };
}

/// What the first row's `prev_hash` is.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Rows that [`verify`] reads at a time.
const PAGE: u64 = 1_000;

/// What to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, such as `agent:77` or `deskside`.
    pub actor: String,
    /// Did what, such as `stored`.
    pub action: String,
    /// To which ticket.
    pub ticket_id: Option<u64>,
    /// To which attachment.
    pub attachment_id: Option<u64>,
    /// The bytes.
    pub sha256: Option<String>,
    /// Where they went.
    pub object_key: Option<String>,
    /// More, as JSON; nothing secret and nobody's address.
    pub detail: serde_json::Value,
}

/// What was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// 1, 2, 3, … per account.
    pub seq: u64,
    /// What.
    pub entry: LedgerEntry,
    /// The hash of the row before.
    pub prev_hash: String,
    /// Over everything above.
    pub hash: String,
}

/// Whether an account's ledger is what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is.
    Intact {
        /// How many there are.
        rows: u64,
    },
    /// It was tampered with, or damaged.
    Broken {
        /// The first row that is missing or is not what was written.
        seq: u64,
    },
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

/// A page of an account's ledger, newest first, below `before` (absent: from the end).
pub async fn page(
    on: impl Conn,
    account: &str,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<LedgerRow>, StoreError> {
    let rows = query(concat!(
        "SELECT ",
        columns!(),
        " FROM ledger WHERE account = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"
    ))
    .bind(account)
    .bind(before.map_or(i64::MAX, u64::cast_signed))
    .bind(limit)
    .all(on)
    .await?;
    rows.iter().map(read).collect()
}

/// What was done to a ticket's attachments, oldest first.
pub async fn of_ticket(on: impl Conn, account: &str, ticket_id: u64) -> Result<Vec<LedgerRow>, StoreError> {
    let rows = query(concat!(
        "SELECT ",
        columns!(),
        " FROM ledger WHERE account = $1 AND ticket_id = $2 ORDER BY seq"
    ))
    .bind(account)
    .bind(ticket_id)
    .all(on)
    .await?;
    rows.iter().map(read).collect()
}

/// Reads an account's ledger from its first row to its head and recomputes every hash.
pub async fn verify(db: &Db, account: &str) -> Result<Verdict, StoreError> {
    let head =
        query("SELECT seq, hash FROM ledger_heads WHERE account = $1").bind(account).optional(db).await?;
    let (head_seq, head_hash) = match head {
        Some(head) => (head.get::<u64>("seq")?, head.get::<String>("hash")?),
        None => (0, GENESIS.to_owned()),
    };
    let (mut seq, mut prev_hash) = (0, GENESIS.to_owned());
    while seq < head_seq {
        let rows = query(concat!(
            "SELECT ",
            columns!(),
            " FROM ledger WHERE account = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"
        ))
        .bind(account)
        .bind(seq)
        .bind(head_seq)
        .bind(PAGE)
        .all(db)
        .await?;
        if rows.is_empty() {
            return Ok(Verdict::Broken { seq: seq + 1 });
        }
        for row in &rows {
            let detail: String = row.get("detail")?;
            let Ok(row) = read(row) else { return Ok(Verdict::Broken { seq: seq + 1 }) };
            let written = row.seq == seq + 1
                && row.prev_hash == prev_hash
                && row.hash == hash(account, row.seq, &row.entry, &detail, &prev_hash);
            if !written {
                return Ok(Verdict::Broken { seq: seq + 1 });
            }
            (seq, prev_hash) = (row.seq, row.hash);
        }
    }
    if prev_hash != head_hash {
        return Ok(Verdict::Broken { seq: head_seq });
    }
    // Rows beyond the head that no append wrote. (An append under way has not committed either of the two.)
    let beyond = query(
        "SELECT l.seq FROM ledger l JOIN ledger_heads h ON h.account = l.account
          WHERE l.account = $1 AND l.seq > h.seq ORDER BY l.seq LIMIT 1",
    )
    .bind(account)
    .optional(db)
    .await?;
    match beyond {
        Some(row) => Ok(Verdict::Broken { seq: row.get("seq")? }),
        None => Ok(Verdict::Intact { rows: head_seq }),
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
