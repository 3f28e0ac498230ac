//! The triggers as they are beside those that must be. The description holds what Deskside wrote last, as a digest: so that what a
//! setting changed is told from what a person changed by hand, without anything that is kept here. **Invariant:** no I/O.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::wanted::CALLS_WEBHOOK;
use crate::{
    connectors::zendesk::{Action, Condition, Trigger, TriggerSpec},
    features::notices::{kind::Kind, triggers::words},
};

/// How a trigger that is there compares with the one that must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    UpToDate,
    /// It is as Deskside wrote it, and the settings, or the integration, have changed.
    Outdated(Vec<Difference>),
    /// A person changed it.
    ByHand(Vec<Difference>),
}

/// A part in which both differ, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub part: &'static str,
    pub there: String,
    pub wanted: String,
}

/// The text by which a trigger is found again, with the digest of what was written.
pub fn description(account: &str, kind: Kind, spec: &TriggerSpec) -> String {
    format!(
        "Made by `deskside connect zendesk-contract-triggers`, which finds it by this line: {}{}]",
        marker(account, kind),
        digest(spec)
    )
}

fn marker(account: &str, kind: Kind) -> String {
    format!("[deskside notice {} {account} ", kind.as_str())
}

/// The digest that a trigger's description holds.
fn written<'a>(account: &str, kind: Kind, is: &'a TriggerSpec) -> Option<&'a str> {
    let marker = marker(account, kind);
    let (_, rest) = is.description.as_deref()?.split_once(&marker)?;
    rest.split_once(']').map(|(digest, _)| digest)
}

/// The trigger of a kind: by the id that is kept, by its marker, or by what it sends to our webhook.
pub fn found<'a>(
    all: &'a [Trigger],
    (account, kind): (&str, Kind),
    (id, webhook): (Option<u64>, Option<&str>),
) -> Option<&'a Trigger> {
    let by_id = || all.iter().find(|one| Some(one.id) == id);
    let by_marker = || all.iter().find(|one| written(account, kind, &one.is).is_some());
    let by_call = || {
        let sends = |action: &Action| {
            let body = action.value[1].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            action.field == CALLS_WEBHOOK
                && webhook.is_some_and(|webhook| action.value[0] == webhook)
                && body.is_some_and(|body| body["kind"] == kind.as_str())
        };
        all.iter().find(|one| one.is.actions.iter().any(sends))
    };
    by_id().or_else(by_marker).or_else(by_call)
}

/// How a trigger stands.
pub fn standing(account: &str, kind: Kind, is: &TriggerSpec, wanted: &TriggerSpec) -> Standing {
    let found = differences(is, wanted);
    if found.is_empty() {
        return Standing::UpToDate;
    }
    if is_untouched(account, kind, is) { Standing::Outdated(found) } else { Standing::ByHand(found) }
}

/// Whether a trigger is as Deskside wrote it.
pub fn is_untouched(account: &str, kind: Kind, is: &TriggerSpec) -> bool {
    written(account, kind, is) == Some(&digest(is))
}

/// The trigger as it must be, with the title that it has.
pub fn mended(is: &TriggerSpec, wanted: &TriggerSpec) -> TriggerSpec {
    TriggerSpec { title: is.title.clone(), ..wanted.clone() }
}

/// The trigger as it is, but that it acts no more.
pub fn switched_off(account: &str, kind: Kind, is: &TriggerSpec) -> TriggerSpec {
    let off = TriggerSpec { active: false, ..is.clone() };
    TriggerSpec { description: Some(description(account, kind, &off)), ..off }
}

/// The webhook that a trigger calls, by its id.
pub fn called(is: &TriggerSpec) -> Option<&str> {
    let calls = is.actions.iter().find(|action| action.field == CALLS_WEBHOOK);
    calls.and_then(|action| action.value[0].as_str())
}

/// The parts in which two differ.
pub fn differences(is: &TriggerSpec, wanted: &TriggerSpec) -> Vec<Difference> {
    let active = |spec: &TriggerSpec| if spec.active { "active" } else { "not active" }.to_owned();
    let conditions = |list: &[Condition]| list.iter().map(meaning).collect::<BTreeSet<_>>();
    let actions = |spec: &TriggerSpec| spec.actions.iter().map(effect).collect::<BTreeSet<_>>();
    let mut found = Vec::new();
    if is.active != wanted.active {
        found.push(Difference { part: "state", there: active(is), wanted: active(wanted) });
    }
    let pairs = [
        ("all of", &is.conditions.all, &wanted.conditions.all),
        ("one of", &is.conditions.any, &wanted.conditions.any),
    ];
    for (part, there, wanted) in pairs {
        if conditions(there) != conditions(wanted) {
            found.push(Difference { part, there: words::list(there), wanted: words::list(wanted) });
        }
    }
    if actions(is) != actions(wanted) {
        let (there, wanted) = (words::actions(&is.actions), words::actions(&wanted.actions));
        found.push(Difference { part: "does", there, wanted });
    }
    found
}

/// What was written, as short text: the same trigger has the same, in whatever order Zendesk keeps its parts.
fn digest(spec: &TriggerSpec) -> String {
    let sorted = |list: BTreeSet<String>| list.into_iter().collect::<Vec<_>>().join("\n");
    let text = [
        spec.active.to_string(),
        sorted(spec.conditions.all.iter().map(meaning).collect()),
        sorted(spec.conditions.any.iter().map(meaning).collect()),
        sorted(spec.actions.iter().map(effect).collect()),
    ];
    hex::encode(&Sha256::digest(text.join("\n\n"))[..8])
}

fn meaning(condition: &Condition) -> String {
    let value = words::values(&condition.value).into_iter().collect::<Vec<_>>().join(" ");
    format!("{} {} {value}", condition.field, condition.operator)
}

fn effect(action: &Action) -> String {
    let value = match action.value[1].as_str() {
        Some(body) if action.field == CALLS_WEBHOOK => {
            let body =
                serde_json::from_str::<Value>(body).map_or_else(|_| body.to_owned(), |it| it.to_string());
            format!("{} {body}", action.value[0])
        }
        _ => words::values(&action.value).into_iter().collect::<Vec<_>>().join(" "),
    };
    format!("{} {value}", action.field)
}

#[cfg(test)]
mod tests;
