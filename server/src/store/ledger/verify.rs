//! Whether an account's ledger is what was written. **Invariant:** it only reads, and never holds more than a page.

use super::{GENESIS, hash, head, read};
use crate::store::{Db, StoreError, query};

/// Rows that are read at a time.
const PAGE: u64 = 1_000;

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
        /// What became of it.
        harm: Harm,
    },
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// It is gone, and there are rows after it.
    Missing,
    /// It is gone, and so is everything after it.
    Truncated,
    /// It says something else than was written, or was put between others.
    Changed,
    /// It was put behind the end.
    Added,
}

/// Reads an account's ledger from its first row to its head and recomputes every hash.
pub async fn verify(db: &Db, account: &str) -> Result<Verdict, StoreError> {
    let (head_seq, head_hash) = head(db, account).await?;
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
        let broken = |harm| Ok(Verdict::Broken { seq: seq + 1, harm });
        if rows.is_empty() {
            return broken(Harm::Truncated);
        }
        for row in &rows {
            let broken = |harm| Ok(Verdict::Broken { seq: seq + 1, harm });
            if row.get::<u64>("seq")? != seq + 1 {
                return broken(Harm::Missing);
            }
            let detail: String = row.get("detail")?;
            let Ok(row) = read(row) else { return broken(Harm::Changed) };
            let written = row.prev_hash == prev_hash
                && row.hash == hash(account, row.seq, &row.entry, &detail, &prev_hash);
            if !written {
                return broken(Harm::Changed);
            }
            (seq, prev_hash) = (row.seq, row.hash);
        }
    }
    if prev_hash != head_hash {
        return Ok(Verdict::Broken { seq: head_seq, harm: Harm::Changed });
    }
    // Rows beyond the head that no append wrote. (An append under way has not committed either of the two.)
    let beyond = query(
        "SELECT seq FROM ledger
          WHERE account = $1 AND seq > coalesce((SELECT h.seq FROM ledger_heads h WHERE h.account = $1), 0)
          ORDER BY seq LIMIT 1",
    )
    .bind(account)
    .optional(db)
    .await?;
    match beyond {
        Some(row) => Ok(Verdict::Broken { seq: row.get("seq")?, harm: Harm::Added }),
        None => Ok(Verdict::Intact { rows: head_seq }),
    }
}
