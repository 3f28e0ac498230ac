//! Whether a trigger's conditions and actions are possible in this account. Recorded: `RecordInvalid` with all problems under `base`, as in
//! "Invalid value 'web' in 'Update via / Is not / web'" and "Organization 1 was deleted and cannot be used". **Invariant:** nothing is
//! written here.

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    definitions::{Definition, actions, conditions},
    operators::Kind,
};
use crate::{state::Account, zendesk::input::words_in};

/// The largest that a trigger may be. Docs: "About triggers and how they work".
const LARGEST: usize = 65_535;

/// All that is wrong with a trigger; empty: nothing.
pub(super) fn problems(trigger: &Value, account: &Account) -> Vec<String> {
    let known = conditions(account);
    let rows = ["all", "any"].into_iter().flat_map(|kind| list(&trigger["conditions"][kind]));
    let mut problems: Vec<_> = rows.filter_map(|row| condition(row, &known, account).err()).collect();
    let (known, mut seen) = (actions(account), Vec::new());
    let doing = list(&trigger["actions"]);
    if doing.is_empty() {
        problems.push("Trigger must have at least one action".to_owned());
    }
    for row in doing {
        problems.extend(action(row, &known, account).err());
        let subject = row["field"].as_str().unwrap_or_default();
        if seen.contains(&subject) {
            problems.push(format!("Action '{}' can be used only once", title(&known, subject)));
        }
        seen.push(subject);
    }
    if trigger.to_string().len() > LARGEST {
        problems.push("Trigger is too large: it must be smaller than 65 kB".to_owned());
    }
    problems
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn title<'a>(known: &'a [Definition], subject: &'a str) -> &'a str {
    known.iter().find(|one| one.subject == subject).map_or(subject, |one| &one.title)
}

fn condition(row: &Value, known: &[Definition], account: &Account) -> Result<(), String> {
    let (subject, operator) = (row["field"].as_str(), row["operator"].as_str());
    let (subject, operator) = (subject.unwrap_or_default(), operator.unwrap_or_default());
    let value = shown(&row["value"]);
    let definition = known
        .iter()
        .find(|one| one.subject == subject)
        .ok_or_else(|| format!("Invalid field '{subject}' in '{subject} / {operator} / {value}'"))?;
    let title = &definition.title;
    let operator = definition
        .operators
        .iter()
        .find(|one| one.name == operator)
        .ok_or_else(|| format!("Invalid operator '{operator}' in '{title} / {operator} / {value}'"))?;
    if operator.terminal {
        return Ok(());
    }
    let fits = match (definition.kind, definition.field) {
        ("tags", _) => !words_in(&row["value"]).is_empty(),
        ("list", _) => {
            return chosen(definition, &row["value"], &format!("{title} / {}", operator.title), account);
        }
        (_, Some(Kind::Date)) if operator.format == Some("integer") => value.parse::<u32>().is_ok(),
        (_, Some(Kind::Date)) => is_day(&value),
        (_, Some(Kind::Number)) => value.parse::<f64>().is_ok_and(f64::is_finite),
        _ => !value.is_empty(),
    };
    if fits { Ok(()) } else { Err(invalid(&value, &format!("{title} / {}", operator.title))) }
}

/// Whether a value is one of those to choose from. Who or what is named by an id may be gone.
fn chosen(definition: &Definition, value: &Value, place: &str, account: &Account) -> Result<(), String> {
    let text = scalar(value).ok_or_else(|| invalid(&shown(value), place))?;
    let offered = definition.values.iter().flatten().any(|(offered, _)| *offered == text);
    let nothing = definition.nullable && text.is_empty() && definition.field != Some(Kind::Box);
    if offered || nothing || (definition.subject == "requester_id" && is_user(&text, account)) {
        return Ok(());
    }
    let what = match definition.subject.as_str() {
        "group_id" | "notification_group" => "Group",
        "organization_id" => "Organization",
        "assignee_id" | "requester_id" | "role" | "notification_user" => "User",
        _ => return Err(invalid(&text, place)),
    };
    match text.parse::<u64>() {
        Ok(id) => Err(format!("{what} {id} was deleted and cannot be used")),
        Err(_) => Err(invalid(&text, place)),
    }
}

fn is_user(text: &str, account: &Account) -> bool {
    text.parse().is_ok_and(|id| account.users.get(&id).is_some_and(|user| user.active))
}

fn action(row: &Value, known: &[Definition], account: &Account) -> Result<(), String> {
    let subject = row["field"].as_str().unwrap_or_default();
    let value = &row["value"];
    let definition = known
        .iter()
        .find(|one| one.subject == subject)
        .ok_or_else(|| format!("Invalid field '{subject}' in '{subject} / {}'", shown(value)))?;
    let title = &definition.title;
    let fits = match (definition.kind, definition.field) {
        ("webhook", _) => return calls(value, title, account),
        ("email", _) => {
            let parts: Vec<_> = list(value).iter().map(|part| part.as_str().unwrap_or_default()).collect();
            if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
                return Err(invalid(&shown(value), title));
            }
            return chosen(definition, &value[0], title, account);
        }
        ("tags", _) => !words_in(value).is_empty(),
        ("list", _) => return chosen(definition, value, title, account),
        (_, Some(Kind::Date)) => scalar(value).is_some_and(|text| text.is_empty() || is_day(&text)),
        (_, Some(Kind::Number)) => {
            scalar(value).is_some_and(|text| text.is_empty() || text.parse::<f64>().is_ok_and(f64::is_finite))
        }
        _ => scalar(value).is_some(),
    };
    if fits { Ok(()) } else { Err(invalid(&shown(value), title)) }
}

/// `[webhook id, body]`; the webhook must be there, and for triggers.
fn calls(value: &Value, title: &str, account: &Account) -> Result<(), String> {
    let (id, body) = (value[0].as_str(), value[1].as_str());
    let webhook = id.filter(|_| body.is_some()).and_then(|id| account.webhooks.get(id));
    let webhook = webhook.ok_or_else(|| invalid(&shown(value), title))?;
    if webhook.is_for_triggers() { Ok(()) } else { Err(invalid(&shown(&value[0]), title)) }
}

fn invalid(value: &str, place: &str) -> String {
    format!("Invalid value '{value}' in '{place} / {value}'")
}

/// Days are written as `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}

/// Stored triggers have texts, numbers and booleans as values.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(said) => Some(said.to_string()),
        _ => None,
    }
}

/// A value inside a message.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(parts) => parts.iter().map(shown).collect::<Vec<_>>().join(" "),
        value => scalar(value).unwrap_or_else(|| value.to_string()),
    }
}
