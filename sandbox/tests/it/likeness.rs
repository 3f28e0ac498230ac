//! Whether one JSON value has the shape of another. Knows no vendor's routes.

use serde_json::Value;

/// Keys whose content is the account's own.
const FREE: &[&str] =
    &["user_fields", "organization_fields", "system", "custom", "from", "to", "facets", "photo"];

/// Keys that some recordings have and others, older or newer, have not.
const SINCE_OR_UNTIL: &[&str] =
    &["generated_timestamp", "fields", "job_type", "restricted_agent", "updated_at", "updated_by"];

/// Same keys, same types; null is like anything, an empty list like any list.
pub(crate) fn compare(at: &str, recorded: &Value, ours: &Value, wrong: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Object(recorded), Value::Object(ours)) => {
            for (key, value) in recorded {
                match ours.get(key) {
                    Some(_) if FREE.contains(&key.as_str()) => {}
                    Some(known) => compare(&format!("{at}.{key}"), value, known, wrong),
                    None if SINCE_OR_UNTIL.contains(&key.as_str()) => {}
                    None => wrong.push(format!("{at}.{key} is missing")),
                }
            }
            for key in ours
                .keys()
                .filter(|key| !recorded.contains_key(*key) && !SINCE_OR_UNTIL.contains(&key.as_str()))
            {
                wrong.push(format!("{at}.{key} was never recorded"));
            }
        }
        (Value::Array(recorded), Value::Array(ours)) => {
            let (Some(model), false) = (recorded.first(), at.ends_with(".events")) else { return };
            for (index, item) in ours.iter().enumerate() {
                compare(&format!("{at}[{index}]"), model, item, wrong);
            }
        }
        (Value::Null, _)
        | (_, Value::Null)
        | (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_)) => {}
        _ => wrong.push(format!("{at}: {ours} instead of {recorded}")),
    }
}
