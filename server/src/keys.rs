//! `deskside keys`: the seal keys of the operator, and what they encrypt in the database. `deskside check` says the same.

use crate::{
    assembly,
    config::Config,
    features::sessions::SHARED_KEY,
    finding::{Finding, Verdict, bad, good, warn},
    store::{
        Db, SealKeys, StoreError, connections,
        keys::{self, Kept},
    },
};

const WHAT: &str = "keys";

/// What was asked.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum Ask {
    /// Encrypt every secret in the database by the first of `server.seal_keys`.
    Rotate {
        /// If `server.secret_key` is set, delete the session key from the database.
        #[arg(long)]
        delete_unused: bool,
    },
    /// Say which secrets in the database are not encrypted, or do not open.
    Check,
}

/// Does what was asked, on a database whose schema is this binary's.
pub async fn run(config: &Config, db: &Db, ask: Ask) -> Result<Vec<Finding>, StoreError> {
    match ask {
        Ask::Rotate { delete_unused } => rotate(config, db, delete_unused).await,
        Ask::Check => {
            let mut findings: Vec<_> =
                config.weak_keys().into_iter().map(|words| warn(WHAT, words)).collect();
            findings.extend(findings_of(config, db).await?);
            if findings.is_empty() {
                findings.push(good(WHAT, "every secret in the database is encrypted, and opens"));
            }
            Ok(findings)
        }
    }
}

async fn rotate(config: &Config, db: &Db, delete_unused: bool) -> Result<Vec<Finding>, StoreError> {
    let seals = assembly::seals(config);
    if seals.is_empty() {
        return Err(StoreError::NoSealKey);
    }
    let is_unused = |name: &str| name == SHARED_KEY && config.server.keys.secret_key.is_some();
    if delete_unused && is_unused(SHARED_KEY) {
        keys::delete(db, SHARED_KEY).await?;
    }
    let of_connections = connections::reseal(db, &seals).await?;
    let mut findings: Vec<_> = of_connections.locked.iter().map(|row| does_not_open(row, &seals)).collect();
    let shared = keys::reseal(db, &seals).await?;
    findings.extend(
        shared.locked.iter().map(
            |(name, why)| {
                if is_unused(name) { unused(name) } else { bad(WHAT, why.to_string()) }
            },
        ),
    );
    findings.extend(shared.deleted.iter().map(|name| {
        let words = format!(
            "`{name}` was in the database in clear, so it was deleted; restart Deskside: it makes a new one, and agents reload"
        );
        warn(WHAT, words)
    }));
    // Only what opened just now proves that the first key is enough.
    let end = if findings.iter().all(|finding| finding.verdict != Verdict::Bad) {
        "; every secret that is used opens by it, and no other key is needed any more"
    } else {
        "; keep all keys until every secret opens"
    };
    let words = format!(
        "{} shared keys and {} secrets of connections were encrypted by the first of `server.seal_keys`{end}",
        shared.changed, of_connections.changed
    );
    findings.push(good(WHAT, words));
    Ok(findings)
}

/// A key that nobody needs, and that does not open.
fn unused(name: &str) -> Finding {
    let words = format!(
        "`{name}` in the database does not open, and is not used, because `server.secret_key` is set; \
         `deskside keys rotate --delete-unused` deletes it"
    );
    warn(WHAT, words)
}

/// What is wrong with the secrets in the database.
pub async fn findings_of(config: &Config, db: &Db) -> Result<Vec<Finding>, StoreError> {
    let seals = assembly::seals(config);
    let mut findings = Vec::new();
    let is_used = config.server.keys.secret_key.is_none();
    match keys::kept(db, SHARED_KEY, &seals).await {
        Ok(Kept::InClear) if is_used => findings.push(warn(
            WHAT,
            "the key that signs sessions is in the database, in clear; set `server.seal_keys`, and the next start makes a new \
             one, encrypted, or set `server.secret_key`, which is used instead: either way agents reload",
        )),
        Ok(Kept::InClear | Kept::Nowhere | Kept::Sealed) => {}
        Err(error @ (StoreError::SealKeyMissing { .. } | StoreError::SealKeyWrong { .. })) => {
            findings.push(if is_used { bad(WHAT, error.to_string()) } else { unused(SHARED_KEY) });
        }
        Err(error) => return Err(error),
    }
    let rows = connections::of_all_accounts(db).await?;
    findings
        .extend(rows.iter().filter(|row| row.open(&seals).is_err()).map(|row| does_not_open(row, &seals)));
    Ok(findings)
}

fn does_not_open(row: &connections::ConnectionRow, seals: &SealKeys) -> Finding {
    let why = row.open(seals).err().map_or(String::new(), |why| format!(": {why}"));
    let words = format!(
        "the secret of the connection `{}` of `{}` cannot be read{why}; put the key back, or give the connection a new secret: \
         `deskside connections change {} --secret --account {}`",
        row.id, row.account, row.id, row.account
    );
    bad(WHAT, words)
}
