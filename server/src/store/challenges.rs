//! One-time codes that prove an agent: single use, few guesses, short life. Only hashes are kept.

use chrono::{DateTime, Utc};

use super::{Db, StoreError, query};

/// Wrong codes that one challenge survives; the next answer finds it gone.
pub const GUESSES: i64 = 5;

/// What an answer proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Proved(u64),
    /// Nothing; another guess is allowed.
    Wrong,
    /// Nothing; there is no such challenge (any more).
    Gone,
}

/// Records a challenge that was sent to an agent, and forgets those that expired.
pub async fn create(
    db: &Db,
    account: &str,
    id: &str,
    agent_id: u64,
    code_sha256: &str,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    query("DELETE FROM challenges WHERE expires_us < $1").bind(now).execute(&mut tx).await?;
    query(
        "INSERT INTO challenges (account, id, agent_id, code_sha256, wrong, expires_us)
         VALUES ($1, $2, $3, $4, 0, $5)",
    )
    .bind(account)
    .bind(id)
    .bind(agent_id)
    .bind(code_sha256)
    .bind(expires)
    .execute(&mut tx)
    .await?;
    tx.commit().await
}

/// Takes an answer. The right one ends the challenge; the last wrong guess does too.
pub async fn answer(
    db: &Db,
    account: &str,
    id: &str,
    code_sha256: &str,
    now: DateTime<Utc>,
) -> Result<Answer, StoreError> {
    let mut tx = db.begin().await?;
    let proved = query(
        "DELETE FROM challenges
          WHERE account = $1 AND id = $2 AND code_sha256 = $3 AND wrong < $4 AND expires_us > $5
         RETURNING agent_id",
    )
    .bind(account)
    .bind(id)
    .bind(code_sha256)
    .bind(GUESSES)
    .bind(now)
    .optional(&mut tx)
    .await?;
    let answer = if let Some(row) = proved {
        Answer::Proved(row.get("agent_id")?)
    } else {
        let wrong = query(
            "UPDATE challenges SET wrong = wrong + 1
              WHERE account = $1 AND id = $2 AND wrong < $3 AND expires_us > $4",
        )
        .bind(account)
        .bind(id)
        .bind(GUESSES)
        .bind(now)
        .execute(&mut tx)
        .await?;
        if wrong == 1 { Answer::Wrong } else { Answer::Gone }
    };
    tx.commit().await?;
    Ok(answer)
}
