//! What people did with integrations, as rows of the ledger. **Invariant:** names of what was changed, never values: no row, no SQL, no
//! secret.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use wire::LedgerAction;

use crate::store::{
    StoreError, Tx,
    integrations::{Integration, Run},
    ledger::{self, LedgerEntry},
};

/// Writes a row.
pub(super) async fn append(
    tx: &mut Tx,
    account: &str,
    (by, action): (&str, LedgerAction),
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    ledger::append(tx, account, &LedgerEntry::of_account(now, (by, action.as_str()), detail)).await.map(drop)
}

/// Which integration, and which parts of it.
pub(super) fn of_integration(id: &str, changed: &[String]) -> Value {
    let mut detail = json!({ "integration": id });
    if !changed.is_empty() {
        detail["changed"] = json!(changed);
    }
    detail
}

/// Which run of which integration.
pub(super) fn of_run(run: &Run) -> Value {
    let mut detail = json!({ "integration": run.integration, "run": run.id });
    if let Some(retried) = &run.retry_of {
        detail["retry_of"] = json!(retried);
    }
    detail
}

/// The parts in which two versions of an integration differ.
pub(super) fn parts(before: &Integration, after: &Integration) -> Vec<String> {
    let parts = |one: &Integration| -> Map<String, Value> {
        serde_json::from_str(&one.definition).unwrap_or_default()
    };
    let (old, new) = (parts(before), parts(after));
    let mut changed: Vec<String> =
        [("name", before.name != after.name), ("enabled", before.enabled != after.enabled)]
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(part, _)| part.to_owned())
            .collect();
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    changed.extend(names.into_iter().filter(|name| old.get(*name) != new.get(*name)).cloned());
    changed
}
