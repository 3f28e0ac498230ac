//! One attachment on its way into the archive. **Invariants:** an attachment has one life, whatever the number of
//! runs; it moves backwards only when its stored copy is missing or wrong; each step is written into the ledger in the same transaction.

use chrono::{DateTime, Utc};

use super::words;
use crate::store::ledger::{self, LedgerEntry};
use crate::store::{Conn, Row, StoreError, Tx, query};

/// Named one by one: a replica of the version before must not stumble over a new column.
macro_rules! columns {
    () => {
        "account, attachment_id, comment_id, ticket_id, run_id, file_name, size, content_type, state,
         reason_code, reason, sha256, object_key, done_bytes, updated_us, sniffed, verified_us, deleted_copies"
    };
}

words! {
    /// Where an attachment stands.
    ItemState {
        /// A run will take it.
        Planned = "planned",
        /// Copied into the archive.
        Stored = "stored",
        /// The copy was read back and matched.
        Verified = "verified",
        /// Gone from Zendesk.
        Redacted = "redacted",
        /// Left alone on purpose.
        Skipped = "skipped",
        /// Left alone until something changes.
        Held = "held",
        /// Something went wrong.
        Failed = "failed",
    }
}

/// One attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    pub account: String,
    pub attachment_id: u64,
    /// The comment that carries it.
    pub comment_id: u64,
    pub ticket_id: u64,
    /// The run that has it now, or had it last.
    pub run_id: String,
    /// The name before redaction.
    pub file_name: String,
    pub size: u64,
    /// As Zendesk claims it.
    pub content_type: String,
    /// What its first bytes say that it is, once stored, where they tell.
    pub sniffed: Option<String>,
    /// Where it stands.
    pub state: ItemState,
    /// Why, for programs.
    pub reason_code: Option<String>,
    /// Why, for people.
    pub reason: Option<String>,
    /// The bytes' hash, once stored.
    pub sha256: Option<String>,
    /// Where the copy is, once stored.
    pub object_key: Option<String>,
    /// How many of its copies were deleted, because an agent undid its run.
    pub deleted_copies: u64,
    /// Bytes that have reached the archive.
    pub done_bytes: u64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the copy was last read back and matched, if it was.
    pub verified_at: Option<DateTime<Utc>>,
}

/// An attachment that a run wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    pub account: String,
    pub attachment_id: u64,
    /// The comment that carries it.
    pub comment_id: u64,
    pub ticket_id: u64,
    pub run_id: String,
    pub file_name: String,
    pub size: u64,
    /// As Zendesk claims it.
    pub content_type: String,
    pub now: DateTime<Utc>,
}

/// What a step learnt; absent hashes and keys stay as they were, the reason is always replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemChange {
    /// The bytes' hash.
    pub sha256: Option<String>,
    /// Where the copy is.
    pub object_key: Option<String>,
    /// Why, for programs.
    pub reason_code: Option<String>,
    /// Why, for people.
    pub reason: Option<String>,
    /// Bytes that have reached the archive.
    pub done_bytes: Option<u64>,
    /// What its first bytes say that it is.
    pub sniffed: Option<String>,
}

/// Plans an attachment for a run. One that failed, was skipped or held is planned again; one on its way goes on from
/// where it stands, for this run; one that is redacted stays as it is. Answers where it stands now.
pub async fn plan_item(tx: &mut Tx, new: NewItem) -> Result<ItemRow, StoreError> {
    let planned = query(concat!(
        "INSERT INTO archive_items (account, attachment_id, comment_id, ticket_id, run_id, file_name, size,
                                    content_type, state, done_bytes, updated_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'planned', 0, $9)
         ON CONFLICT (account, attachment_id) DO UPDATE
            SET run_id = excluded.run_id,
                done_bytes = CASE WHEN archive_items.state IN ('stored', 'verified')
                                  THEN archive_items.done_bytes ELSE 0 END,
                state = CASE WHEN archive_items.state IN ('stored', 'verified')
                             THEN archive_items.state ELSE 'planned' END,
                reason_code = NULL, reason = NULL, updated_us = excluded.updated_us
          WHERE archive_items.state <> 'redacted'
         RETURNING ",
        columns!()
    ))
    .bind(&new.account)
    .bind(new.attachment_id)
    .bind(new.comment_id)
    .bind(new.ticket_id)
    .bind(&new.run_id)
    .bind(&new.file_name)
    .bind(new.size)
    .bind(&new.content_type)
    .bind(new.now)
    .optional(&mut *tx)
    .await?;
    match planned {
        Some(row) => read(&row),
        None => item(tx, &new.account, new.attachment_id)
            .await?
            .ok_or(StoreError::corrupt("an archive item that must exist does not")),
    }
}

/// One attachment, if any run has ever wanted it.
pub async fn item(on: impl Conn, account: &str, attachment_id: u64) -> Result<Option<ItemRow>, StoreError> {
    query(concat!("SELECT ", columns!(), " FROM archive_items WHERE account = $1 AND attachment_id = $2"))
        .bind(account)
        .bind(attachment_id)
        .optional_as(on, read)
        .await
}

/// Every attachment of a ticket that a run has ever wanted, oldest first.
pub async fn items_of_ticket(
    on: impl Conn,
    account: &str,
    ticket_id: u64,
) -> Result<Vec<ItemRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM archive_items WHERE account = $1 AND ticket_id = $2 ORDER BY comment_id, attachment_id"
    ))
    .bind(account)
    .bind(ticket_id)
    .all_as(on, read)
    .await
}

/// What a run still has to do: planned, stored or verified, oldest first.
pub async fn open_items_of_run(
    on: impl Conn,
    account: &str,
    run_id: &str,
) -> Result<Vec<ItemRow>, StoreError> {
    query(concat!(
        "SELECT ",
        columns!(),
        " FROM archive_items
          WHERE account = $1 AND run_id = $2 AND state IN ('planned', 'stored', 'verified')
          ORDER BY comment_id, attachment_id"
    ))
    .bind(account)
    .bind(run_id)
    .all_as(on, read)
    .await
}

/// Takes an attachment one step further and writes that down; false (and nothing written) when it was not in `from`.
pub async fn advance(
    tx: &mut Tx,
    account: &str,
    attachment_id: u64,
    (from, to): (ItemState, ItemState),
    change: ItemChange,
    entry: &LedgerEntry,
) -> Result<bool, StoreError> {
    let moved = query(
        "UPDATE archive_items
            SET state = $4, sha256 = coalesce($5, sha256), object_key = coalesce($6, object_key),
                reason_code = $7, reason = $8, done_bytes = coalesce($9, done_bytes), updated_us = $10,
                sniffed = coalesce($11, sniffed),
                verified_us = CASE WHEN $4 = 'verified' THEN $10 ELSE verified_us END
          WHERE account = $1 AND attachment_id = $2 AND state = $3",
    )
    .bind(account)
    .bind(attachment_id)
    .bind(from.as_str())
    .bind(to.as_str())
    .bind(change.sha256)
    .bind(change.object_key)
    .bind(change.reason_code)
    .bind(change.reason)
    .bind(change.done_bytes)
    .bind(entry.at)
    .bind(change.sniffed)
    .execute(&mut *tx)
    .await?;
    if moved == 1 {
        ledger::append(tx, account, entry).await?;
    }
    Ok(moved == 1)
}

/// The copy of a verified attachment was read back once more, and matched.
pub async fn prove_item(
    tx: &mut Tx,
    account: &str,
    attachment_id: u64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE archive_items SET verified_us = $3
          WHERE account = $1 AND attachment_id = $2 AND state = 'verified'",
    )
    .bind(account)
    .bind(attachment_id)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// What runs of the ticket redacted that failed before they could tell the ticket: it is this run's to tell.
pub async fn take_over_untold(
    tx: &mut Tx,
    account: &str,
    ticket_id: u64,
    run_id: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE archive_items SET run_id = $3, updated_us = $4
          WHERE account = $1 AND ticket_id = $2 AND state = 'redacted' AND run_id IN
                (SELECT id FROM archive_runs
                  WHERE account = $1 AND ticket_id = $2 AND state = 'failed' AND noted IS NULL)",
    )
    .bind(account)
    .bind(ticket_id)
    .bind(run_id)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Progress of an attachment that is being copied; ignored once it is stored.
pub async fn set_done_bytes(
    on: impl Conn,
    account: &str,
    attachment_id: u64,
    done_bytes: u64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "UPDATE archive_items SET done_bytes = $3, updated_us = $4
          WHERE account = $1 AND attachment_id = $2 AND state = 'planned'",
    )
    .bind(account)
    .bind(attachment_id)
    .bind(done_bytes)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

fn read(row: &Row) -> Result<ItemRow, StoreError> {
    Ok(ItemRow {
        account: row.get("account")?,
        attachment_id: row.get("attachment_id")?,
        comment_id: row.get("comment_id")?,
        ticket_id: row.get("ticket_id")?,
        run_id: row.get("run_id")?,
        file_name: row.get("file_name")?,
        size: row.get("size")?,
        content_type: row.get("content_type")?,
        sniffed: row.get("sniffed")?,
        state: row.get("state")?,
        reason_code: row.get("reason_code")?,
        reason: row.get("reason")?,
        sha256: row.get("sha256")?,
        object_key: row.get("object_key")?,
        deleted_copies: row.get("deleted_copies")?,
        done_bytes: row.get("done_bytes")?,
        updated_at: row.get("updated_us")?,
        verified_at: row.get("verified_us")?,
    })
}
