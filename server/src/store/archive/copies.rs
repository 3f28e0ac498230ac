//! The copy of an attachment whose run an agent undid. **Invariants:** only a copy that was given up is deleted; a copy that was
//! given up is never used again, because the attachment's next one has another name.

use super::ItemState;
use crate::store::{StoreError, Tx, query};

/// Keeps in mind which copy was made of an attachment that was undone meanwhile; false where it is not (any more) as that left
/// it, or has a copy already.
pub async fn adopt_copy(
    tx: &mut Tx,
    account: &str,
    attachment_id: u64,
    reason_code: &str,
    (object_key, sha256): (&str, &str),
) -> Result<bool, StoreError> {
    let adopted = query(
        "UPDATE archive_items SET object_key = $5, sha256 = $6
          WHERE account = $1 AND attachment_id = $2 AND state = $3 AND reason_code = $4 AND object_key IS NULL",
    )
    .bind(account)
    .bind(attachment_id)
    .bind(ItemState::Skipped.as_str())
    .bind(reason_code)
    .bind(object_key)
    .bind(sha256)
    .execute(tx)
    .await?;
    Ok(adopted == 1)
}

/// Gives up the copy of a skipped attachment; false where another run has taken it since, or something else has this copy.
pub async fn give_up_copy(
    tx: &mut Tx,
    account: &str,
    attachment_id: u64,
    reason_code: &str,
    object_key: &str,
) -> Result<bool, StoreError> {
    let given_up = query(
        "UPDATE archive_items SET object_key = NULL, sha256 = NULL, sniffed = NULL, verified_us = NULL, done_bytes = 0,
                deleted_copies = deleted_copies + 1
          WHERE account = $1 AND attachment_id = $2 AND state = $3 AND reason_code = $4 AND object_key = $5
            AND NOT EXISTS (SELECT 1 FROM archive_items other
                             WHERE other.account = $1 AND other.ticket_id = archive_items.ticket_id
                               AND other.object_key = $5 AND other.attachment_id <> $2)",
    )
    .bind(account)
    .bind(attachment_id)
    .bind(ItemState::Skipped.as_str())
    .bind(reason_code)
    .bind(object_key)
    .execute(tx)
    .await?;
    Ok(given_up == 1)
}
