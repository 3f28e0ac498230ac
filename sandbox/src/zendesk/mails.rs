//! The mails that Zendesk would send to people on its own. None leaves; `GET /_sandbox/mails` lists them. Docs: "Create User",
//! "Create Identity" (`skip_verify_email`). **Invariant:** a new address is written to unless the caller says otherwise.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::state::Account;

/// Whether a user or an identity that is made of this is written to: neither verified by the caller, nor told not to.
pub(crate) fn verifies(part: &Map<String, Value>) -> bool {
    let says =
        |name: &str| part.get(name).is_some_and(|value| *value == json!(true) || *value == json!("true"));
    !says("skip_verify_email") && !says("verified")
}

/// Asks the owner of an address to confirm it.
pub(crate) fn ask_to_verify(account: &mut Account, user: u64, address: &str, now: DateTime<Utc>) {
    account.mails.push(json!({"at": now, "kind": "verification", "to": address, "user_id": user}));
}
