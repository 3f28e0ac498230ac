//! Keys by which an account's own machines (Airflow, dbt, cron) start runs and wait for them: made and revoked by editors, shown once.
//! **Invariants:** only a key's hash is kept; a key opens nothing of another account; whoever makes or revokes one is in the ledger, in
//! the same transaction.

mod token; // what a key looks like

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;
use wire::{LedgerAction, MachineKey};

use self::token::Token;
use super::limits::{Limit, Limits, TooMany};
use crate::{
    clock::Clock,
    store::{
        Db, StoreError,
        ledger::{self, LedgerEntry},
        machine_keys::{self as kept, MachineKeyRow},
    },
};

/// Keys of one account that can be used.
const MOST_LIVE: u64 = 50;
/// Keys of one list.
const MOST_LISTED: u32 = 200;
/// How long revoked keys are listed.
const LISTED_AFTER_REVOCATION: TimeDelta = TimeDelta::days(90);
/// Characters of a name.
const MOST_NAME: usize = 40;
/// When a key was used last is known to the minute.
const USE_IS_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Requests of one key. Who waits with `?wait=60` needs one in a minute.
const REQUESTS: Limit = Limit { name: "requests of a machine", times: 120, seconds: 60 };
/// Runs that one key may ask for.
const STARTS: Limit = Limit { name: "runs of a machine", times: 30, seconds: 60 };

/// The keys of one account.
#[derive(Clone)]
pub struct MachineKeys {
    account: Arc<str>,
    db: Db,
    clock: Clock,
    limits: Limits,
    /// What vendors and machines call, without a slash at its end.
    address: String,
}

/// Who shows a key that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The key's id.
    pub id: String,
    pub name: String,
}

/// Why a key is not made, not found or not taken.
#[derive(Debug, thiserror::Error)]
pub enum MachineKeyError {
    /// Machine's owner: the key is mistyped, revoked, or of another account.
    #[error("this key is not valid here, or it was revoked")]
    Invalid,
    /// Editor: load the list again.
    #[error("there is no key `{0}` that can be used")]
    NotFound(String),
    /// Editor: choose another name.
    #[error("a key's name must have 1 to {} characters, without control characters", MOST_NAME)]
    Name,
    /// Editor: choose another name, or revoke that key.
    #[error("there is a key `{0}` already; revoke it first, or choose another name")]
    Taken(String),
    /// Editor: revoke those that nobody uses.
    #[error("there are {} keys already; revoke one that nobody uses", MOST_LIVE)]
    Full,
    /// See the limits' error.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MachineKeys {
    /// Those of `account`; `address` is where its hooks are.
    pub fn new(account: Arc<str>, (db, clock): (Db, Clock), limits: Limits, address: String) -> Self {
        Self { account, db, clock, limits, address }
    }

    /// Whose they are.
    pub const fn account(&self) -> &Arc<str> {
        &self.account
    }

    /// Where its machines call.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Those that can be used first, then revoked ones, newest first.
    pub async fn list(&self) -> Result<Vec<MachineKey>, MachineKeyError> {
        let rows = kept::list(&self.db, &self.account, MOST_LISTED).await?;
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Makes a key; nothing shows it again. `by` is as the ledger names them.
    pub async fn make(&self, by: &str, name: &str) -> Result<(MachineKey, SecretString), MachineKeyError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MOST_NAME || name.chars().any(char::is_control) {
            return Err(MachineKeyError::Name);
        }
        let (token, now) = (Token::fresh(), self.clock.now());
        let row = MachineKeyRow {
            id: token.id().to_owned(),
            name: name.to_owned(),
            hash: token.hash(),
            made_by: by.to_owned(),
            made_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let mut tx = self.db.begin().await?;
        kept::forget_revoked(&mut tx, &self.account, now - LISTED_AFTER_REVOCATION).await?;
        if kept::count_live(&mut tx, &self.account).await? >= MOST_LIVE {
            return Err(MachineKeyError::Full);
        }
        if !kept::keep(&mut tx, &self.account, &row).await? {
            return Err(MachineKeyError::Taken(name.to_owned()));
        }
        let entry = entry((by, LedgerAction::MachineKeyMade), &row, now);
        ledger::append(&mut tx, &self.account, &entry).await?;
        tx.commit().await?;
        Ok((shown(row), token.text()))
    }

    /// Revokes a key: the next request that shows it is refused.
    pub async fn revoke(&self, by: &str, id: &str) -> Result<MachineKey, MachineKeyError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let revoked = kept::revoke(&mut tx, &self.account, id, now).await?;
        let revoked = revoked.ok_or_else(|| MachineKeyError::NotFound(id.to_owned()))?;
        let entry = entry((by, LedgerAction::MachineKeyRevoked), &revoked, now);
        ledger::append(&mut tx, &self.account, &entry).await?;
        tx.commit().await?;
        Ok(shown(revoked))
    }

    /// Who shows this key.
    pub async fn machine(&self, shown: &str) -> Result<Machine, MachineKeyError> {
        let token = Token::parse(shown).ok_or(MachineKeyError::Invalid)?;
        let row = kept::one(&self.db, &self.account, token.id()).await?;
        let row = row.filter(|row| row.revoked_at.is_none() && token.has_hash(&row.hash));
        let row = row.ok_or(MachineKeyError::Invalid)?;
        self.note_use(&row).await;
        Ok(Machine { id: row.id, name: row.name })
    }

    /// Counts a request of a machine.
    pub fn count_request(&self, machine: &Machine) -> Result<(), MachineKeyError> {
        let _counted = self.limits.take(&REQUESTS, &machine.id)?;
        Ok(())
    }

    /// Counts a run that a machine asks for.
    pub fn count_start(&self, machine: &Machine) -> Result<(), MachineKeyError> {
        let _counted = self.limits.take(&STARTS, &machine.id)?;
        Ok(())
    }

    /// A database that takes no writes keeps nobody from reading.
    async fn note_use(&self, row: &MachineKeyRow) {
        let now = self.clock.now();
        if row.last_used_at.is_some_and(|at| now - at < USE_IS_NOTED_EVERY) {
            return;
        }
        if let Err(error) = kept::used(&self.db, &self.account, &row.id, now).await {
            tracing::debug!(%error, key = row.id, "when a machine's key was used last was not written down");
        }
    }
}

fn entry((by, action): (&str, LedgerAction), row: &MachineKeyRow, now: DateTime<Utc>) -> LedgerEntry {
    LedgerEntry::of_account(now, (by, action.as_str()), json!({ "key": row.id, "name": row.name }))
}

fn shown(row: MachineKeyRow) -> MachineKey {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    MachineKey {
        id: row.id,
        name: row.name,
        made_by: row.made_by,
        made_at: text(row.made_at),
        last_used_at: row.last_used_at.map(text),
        revoked_at: row.revoked_at.map(text),
    }
}
