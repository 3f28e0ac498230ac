//! `deskside accounts`: which accounts this server has, and the addresses that their vendors call.

use std::{collections::BTreeSet, fmt::Write};

use crate::{
    config::Config,
    store::{Db, StoreError, accounts},
};

/// A line for each account: its subdomain, where its settings are, and where its hooks are.
pub async fn list(db: &Db, config: &Config) -> Result<String, StoreError> {
    let public_url = config.server.public_url.as_str().trim_end_matches('/');
    let mut lines = String::new();
    for row in accounts::list(db).await? {
        // Zendesk signs with the secret of the webhook at exactly this address.
        let (place, key) = match row.origin.as_str() {
            "file" if row.account == config.account() => ("in the settings file", String::new()),
            "file" => ("no longer in the settings file", row.hook_key + "/"),
            _ => ("installed", row.hook_key + "/"),
        };
        let hooks = format!("{public_url}/hooks/{key}");
        let _ = writeln!(lines, "{:<24} {place:<30} {hooks}", row.account);
    }
    if lines.is_empty() {
        lines.push_str(
            "no account yet: `deskside serve` writes down the one of the settings file when it starts\n",
        );
    }
    Ok(lines)
}

/// Why a command does not begin.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// Operator: choose one of the list.
    #[error("there is no account `{0}`; `deskside accounts` lists all")]
    Unknown(String),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account that `--account` names; otherwise the settings file's.
pub async fn chosen(db: &Db, config: &Config, wanted: Option<String>) -> Result<String, ChoiceError> {
    let Some(wanted) = wanted else { return Ok(config.account().to_owned()) };
    if names(db, config).await?.contains(&wanted) { Ok(wanted) } else { Err(ChoiceError::Unknown(wanted)) }
}

/// The subdomains of all accounts that this database has, that of the settings file among them.
pub async fn names(db: &Db, config: &Config) -> Result<BTreeSet<String>, StoreError> {
    let mut names: BTreeSet<_> = accounts::list(db).await?.into_iter().map(|row| row.account).collect();
    names.insert(config.account().to_owned());
    Ok(names)
}
