//! The mails that Zendesk would send to people: to confirm an address, what triggers tell, and what followers of a ticket hear. None leaves; `GET /_sandbox/mails` lists them.
//! Docs: "Create User", "Create Identity" (`skip_verify_email`). **Invariant:** a new address is written to unless the caller says
//! otherwise; a trigger's mail goes to people who are active and have an address, and says whether they are agents or customers.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::record::Role;
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

/// What a trigger tells by mail.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) ticket: u64,
    pub(crate) trigger: u64,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Tells one person, if they can be told.
pub(crate) fn notify(account: &mut Account, user: u64, notice: &Notice, now: DateTime<Utc>) {
    let reachable = account.users.get(&user).filter(|user| user.active && !user.suspended);
    let Some((user, to)) = reachable.and_then(|user| Some((user, user.email()?))) else { return };
    let audience = if user.role == Role::EndUser { "customer" } else { "agent" };
    let mail = json!({
        "at": now, "kind": "notification", "audience": audience, "to": to, "user_id": user.id,
        "ticket_id": notice.ticket, "trigger_id": notice.trigger, "subject": notice.subject, "body": notice.body,
    });
    account.mails.push(mail);
}

/// A follower of a ticket hears what was written in it, internal notes as well. Docs: "About CCs and followers".
pub(crate) fn tell_follower(
    account: &mut Account,
    user: u64,
    (ticket, body): (u64, &str),
    now: DateTime<Utc>,
) {
    let reachable = account.users.get(&user).filter(|user| user.active && !user.suspended);
    let Some(to) = reachable.and_then(|user| user.email().map(str::to_owned)) else { return };
    account.mails.push(json!({
        "at": now, "kind": "follower", "audience": "agent", "to": to, "user_id": user, "ticket_id": ticket, "body": body,
    }));
}
