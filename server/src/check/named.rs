//! Settings that name something in Zendesk, which may not be there: roles and groups, and the user fields of a contract's parts.
//! **Invariant:** reads only.

use std::collections::BTreeSet;

use super::zendesk_words;
use crate::{
    config::Config,
    connectors::zendesk::{CustomField, ZendeskClient, ZendeskError},
    finding::{Finding, warn},
    setting::{Audience, is_among},
};

/// Roles that Zendesk has without anybody's making them.
const PLAIN_ROLES: [&str; 2] = ["admin", "agent"];

/// Roles and groups that no longer exist, or never did.
pub(super) async fn audiences(config: &Config, zendesk: &ZendeskClient) -> Vec<Finding> {
    const WHAT: &str = "audiences";
    let settings: [(&str, Vec<&Audience>); 2] = [
        ("archive.may_open", vec![&config.archive.files.may_open]),
        ("contracts.visible_to", config.contracts.visible_to.audiences().collect()),
    ];
    let mut findings = Vec::new();
    let mut missing = |setting: &str, kind: &str, names: &BTreeSet<&String>, known: &[String]| {
        let unknown: Vec<_> =
            names.iter().filter(|name| !is_among(name, known)).map(|name| name.as_str()).collect();
        if !unknown.is_empty() {
            let words = format!(
                "Zendesk has no {kind} {}: `{setting}` names nobody by it; correct the name, or make the {kind}",
                unknown.join(", ")
            );
            findings.push(warn(WHAT, words));
        }
    };
    let mut failed: Option<ZendeskError> = None;
    for (setting, audiences) in settings {
        let roles: BTreeSet<&String> = audiences.iter().flat_map(|one| one.roles()).collect();
        let groups: BTreeSet<&String> = audiences.iter().flat_map(|one| one.groups()).collect();
        if !roles.is_empty() {
            match zendesk.custom_roles().await {
                Ok(known) => {
                    let known = known.into_iter().flat_map(|role| [role.id.to_string(), role.name]);
                    let known: Vec<_> = known.chain(PLAIN_ROLES.map(str::to_owned)).collect();
                    missing(setting, "role", &roles, &known);
                }
                Err(error) => failed = Some(error),
            }
        }
        if !groups.is_empty() {
            match zendesk.groups().await {
                Ok(known) => {
                    let known = known.into_iter().flat_map(|group| [group.id.to_string(), group.name]);
                    missing(setting, "group", &groups, &known.collect::<Vec<_>>());
                }
                Err(error) => failed = Some(error),
            }
        }
    }
    findings.extend(failed.map(|error| warn(WHAT, zendesk_words(config, &error))));
    findings
}

/// Parts of a contract that are for somebody, and that no card has.
pub(super) fn parts(config: &Config, known: &[CustomField]) -> Option<Finding> {
    let named = config.contracts.visible_to.parts();
    let is_missing = |key: &str| !known.iter().any(|field| field.key == key);
    let missing = named.map(|part| (part.name(), part.field(&config.contracts.fields)));
    let missing: Vec<_> = missing
        .filter(|(_, key)| is_missing(key))
        .map(|(part, key)| format!("{part} (user field {key})"))
        .collect();
    (!missing.is_empty()).then(|| {
        let missing = missing.join(", ");
        warn(
            "visible parts",
            format!(
                "`contracts.visible_to` names {missing}, which no card has: Zendesk has no such user field"
            ),
        )
    })
}
