//! `deskside accounts`: which accounts this server has, and the addresses that their vendors call.

use std::fmt::Write;

use crate::{
    config::Config,
    store::{Db, StoreError, accounts},
};

/// A line for each account: its subdomain, where its settings are, and where its hooks are.
pub async fn list(db: &Db, config: &Config) -> Result<String, StoreError> {
    let public_url = config.server.public_url.as_str().trim_end_matches('/');
    let mut lines = String::new();
    for row in accounts::list(db).await? {
        let is_own = row.account == config.zendesk.subdomain;
        let place = match row.origin.as_str() {
            "file" if is_own => "in the settings file",
            "file" => "no longer in the settings file",
            _ => "installed",
        };
        let hooks = format!("{public_url}/hooks/{}/", row.hook_key);
        let _ = writeln!(lines, "{:<24} {place:<30} {hooks}", row.account);
    }
    if lines.is_empty() {
        lines.push_str(
            "no account yet: `deskside serve` writes down the one of the settings file when it starts\n",
        );
    }
    Ok(lines)
}
