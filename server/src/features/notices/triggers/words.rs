//! Triggers in words, as an admin would say them. **Invariant:** no I/O.

use std::collections::BTreeSet;

use serde_json::Value;

use super::wanted::CALLS_WEBHOOK;
use crate::connectors::zendesk::{Action, Condition, Conditions};

/// The words of a value: tags may come as one text or as a list, in any order.
pub fn values(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => {
            text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        Value::Array(values) => values.iter().flat_map(self::values).collect(),
        Value::Null => BTreeSet::new(),
        other => BTreeSet::from([other.to_string()]),
    }
}

/// One condition.
fn condition(condition: &Condition) -> String {
    let value = values(&condition.value).into_iter().collect::<Vec<_>>().join(", ");
    let field = condition.field.as_str();
    let field = field
        .strip_prefix("requester.custom_fields.")
        .map(|key| format!("the requester's field {key}"))
        .or_else(|| {
            let key = field.strip_prefix("organization.custom_fields.")?;
            Some(format!("the organization's field {key}"))
        })
        .unwrap_or_else(|| format!("its {field}"));
    match (condition.field.as_str(), condition.operator.as_str()) {
        ("update_type", "is") if value == "Create" => "it is created".to_owned(),
        ("update_type", "is") if value == "Change" => "it is updated".to_owned(),
        ("current_tags", "includes") => format!("its tags contain one of: {value}"),
        ("current_tags", "not_includes") => format!("its tags contain none of: {value}"),
        (_, "present") => format!("{field} is not empty"),
        (_, "changed") => format!("{field} has changed"),
        (_, "is") => format!("{field} is {value}"),
        (_, "is_not") => format!("{field} is not {value}"),
        (_, "less_than") => format!("{field} is less than {value}"),
        (_, "greater_than_equal") => format!("{field} is {value} or more"),
        (_, "within_previous_n_days") => format!("{field} is within the last {value} days"),
        (_, "within_next_n_days") => format!("{field} is within the next {value} days"),
        (_, operator) => format!("{field} {operator} {value}"),
    }
}

/// Conditions, one after the other.
pub fn list(conditions: &[Condition]) -> String {
    let words: Vec<_> = conditions.iter().map(condition).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}

/// When a trigger acts, a line for each condition that must hold; the last line: one of which must.
pub fn lines(conditions: &Conditions) -> Vec<String> {
    let mut lines: Vec<String> = conditions.all.iter().map(condition).collect();
    if !conditions.any.is_empty() {
        lines.push(conditions.any.iter().map(condition).collect::<Vec<_>>().join(", or "));
    }
    lines
}

/// What a trigger does.
pub fn actions(actions: &[Action]) -> String {
    let action = |action: &Action| {
        let value = values(&action.value).into_iter().collect::<Vec<_>>().join(", ");
        match action.field.as_str() {
            CALLS_WEBHOOK => format!("calls the webhook {}", action.value[0].as_str().unwrap_or_default()),
            "current_tags" => format!("adds the tag {value}"),
            "remove_tags" => format!("takes off the tag {value}"),
            field => format!("sets {field} to {value}"),
        }
    };
    let words: Vec<_> = actions.iter().map(action).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}
