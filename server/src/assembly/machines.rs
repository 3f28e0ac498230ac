//! Keys of an account's own machines.

use url::Url;

use super::Context;
use crate::{
    clock::Clock,
    config::Config,
    features::{limits::Limits, machine_keys::MachineKeys},
    store::{Db, StoreError, accounts},
};

/// Those of an account, for a command.
pub async fn machine_keys(
    config: &Config,
    account: &str,
    clock: &Clock,
    db: Db,
) -> Result<MachineKeys, StoreError> {
    let rows = accounts::list(&db).await?;
    let row = rows.into_iter().find(|row| row.account == account && account != config.account());
    let address = address(&config.server.public_url, row.map(|row| row.hook_key).as_deref());
    Ok(MachineKeys::new(account.into(), (db, clock.clone()), Limits::new(clock.clone()), address))
}

/// The same for the account that is being built.
pub(super) fn of_account(context: &Context<'_>) -> MachineKeys {
    let shared = context.shared;
    let address = address(&context.config.server.public_url, context.key.as_deref());
    let kept_in = (shared.db.clone(), shared.clock.clone());
    MachineKeys::new(context.account.as_str().into(), kept_in, context.limits.clone(), address)
}

/// Where the hooks of an account are. The settings file's account has no `key`.
fn address(public_url: &Url, key: Option<&str>) -> String {
    let key = key.map(|key| format!("/{key}")).unwrap_or_default();
    format!("{}/hooks{key}", public_url.as_str().trim_end_matches('/'))
}
