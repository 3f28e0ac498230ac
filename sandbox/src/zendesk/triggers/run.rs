//! Runs the triggers over a ticket that was just written. Docs: "All your ticket triggers are checked from first to last each time a ticket is
//! created or updated"; "the actions of one ticket trigger may affect another trigger"; a change of a user never fires one, nor does a
//! closed ticket that nobody closes now. Facts: the log keeps the net changes. **Invariant:** each acts at most once per update, so there is
//! no loop; no I/O, what is to be sent is handed back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    actions::{Firing, act},
    conditions::Written,
    in_order,
    values::Here,
};
use crate::{
    state::Account,
    world::World,
    zendesk::{delivery::Deliveries, record::Properties, ticket_change::Change},
};

/// Lets every active trigger act whose conditions hold when its turn comes.
pub(crate) fn run(world: &World, account: &mut Account, ticket: u64, change: &Change) -> Deliveries {
    let mut deliveries = Deliveries::default();
    let Some(written) = account.tickets.get(&ticket).map(Properties::of) else { return deliveries };
    let here = Here { now: world.now(), zone: world.options().time_zone };
    let mut by: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for trigger in in_order(account).into_iter().filter(|trigger| trigger["active"] == true) {
        let Some(found) = account.tickets.get(&ticket) else { break };
        let state = Written { account, ticket: found, change, here };
        if !state.fulfils(&trigger["conditions"]) {
            continue;
        }
        let before = Properties::of(found);
        let firing = Firing { ticket, actor: change.author_id, trigger: &trigger };
        for action in trigger["actions"].as_array().into_iter().flatten() {
            act(world, account, firing, action, &mut deliveries);
        }
        let Some(after) = account.tickets.get(&ticket).map(Properties::of) else { break };
        for name in Properties::CHANGEABLE.into_iter().filter(|name| before.json(name) != after.json(name)) {
            by.insert(name, trigger.clone());
        }
    }
    note(account, ticket, &written, &by);
    deliveries
}

/// What triggers changed in all belongs to the same audit; the event says which rule did it last.
fn note(account: &mut Account, ticket: u64, written: &Properties, by: &BTreeMap<&str, Map<String, Value>>) {
    let Some(now) = account.tickets.get(&ticket).map(Properties::of) else { return };
    let mut events = Vec::new();
    for (name, trigger) in by {
        let (before, value) = (written.json(name), now.json(name));
        if before == value {
            continue;
        }
        let from = json!({"id": trigger["id"], "title": trigger["title"], "deleted": false});
        events.push(json!({
            "id": account.fresh_id(), "type": "Change", "field_name": name, "value": value,
            "previous_value": before,
            "via": {"channel": "rule", "source": {"from": from, "to": {}, "rel": "trigger"}},
        }));
    }
    let audit = account.tickets.get_mut(&ticket).and_then(|ticket| ticket.audits.last_mut());
    if let Some(all) = audit.and_then(|audit| audit["events"].as_array_mut()) {
        all.extend(events);
    }
}
