//! What a user's or an organization's fields hold: the values that each type allows, as Zendesk keeps them. Recorded: a date is kept
//! as a day and read back with `T00:00:00+00:00`; a box has a tag; a choice that does not exist is dropped with 200.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{fields::Fields, refusal::Refusal};

/// What a record's fields hold before anything was written: nothing, and boxes that are not ticked.
pub(crate) fn blank(fields: &Fields) -> Map<String, Value> {
    let keyed = fields.values().filter_map(|field| Some((field["key"].as_str()?.to_owned(), empty(field))));
    keyed.collect()
}

/// What an empty field of this definition holds.
pub(crate) fn empty(field: &Map<String, Value>) -> Value {
    if field["type"] == "checkbox" { json!(false) } else { Value::Null }
}

/// The keys among `patch` that no active field has; they are dropped without a refusal.
pub(crate) fn unknown(fields: &Fields, patch: &Value) -> Vec<String> {
    let keys = patch.as_object().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| writable(fields, key).is_none()).cloned().collect()
}

fn writable<'a>(fields: &'a Fields, key: &str) -> Option<&'a Map<String, Value>> {
    fields.values().find(|field| field["key"] == key && field["active"] == true)
}

/// A tag that goes with a box: there while the box is ticked.
pub(crate) type BoxTag = (String, bool);

/// Adds and takes the tags of boxes.
pub(crate) fn tag(tags: &mut Vec<String>, of_boxes: Vec<BoxTag>) {
    for (tag, ticked) in of_boxes {
        if !ticked {
            tags.retain(|known| *known != tag);
        } else if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

/// Writes values into a record's fields, as Zendesk keeps them; the tags of boxes. A key without an active definition and a
/// choice that does not exist are dropped; another wrong value is refused.
pub(crate) fn merge(
    fields: &Fields,
    values: &mut Map<String, Value>,
    patch: &Value,
) -> Result<Vec<BoxTag>, Refusal> {
    let mut tags = Vec::new();
    for (key, value) in patch.as_object().into_iter().flatten() {
        let Some(field) = writable(fields, key) else { continue };
        let title = field["title"].as_str().unwrap_or(key);
        let wrong = || Refusal::invalid(key, &format!("{title}: is invalid"), Some("InvalidValue"));
        let offered = |text: &str| {
            let options = field["custom_field_options"].as_array();
            options.is_some_and(|options| options.iter().any(|option| option["value"] == text))
        };
        let kept = match (field["type"].as_str().unwrap_or("text"), value) {
            ("checkbox", value) => {
                let ticked = ticked(value).ok_or_else(wrong)?;
                tags.extend(field["tag"].as_str().map(|tag| (tag.to_owned(), ticked)));
                json!(ticked)
            }
            (_, Value::Null) => Value::Null,
            ("date" | "integer" | "decimal" | "dropdown", Value::String(text)) if text.is_empty() => {
                Value::Null
            }
            ("dropdown", Value::String(text)) => {
                if !offered(text) {
                    continue; // dropped, with 200
                }
                value.clone()
            }
            ("multiselect", Value::Array(chosen)) => {
                chosen.iter().filter(|tag| tag.as_str().is_some_and(offered)).cloned().collect()
            }
            ("text" | "textarea" | "regexp" | "lookup", Value::String(_)) => value.clone(),
            ("text" | "textarea" | "regexp" | "lookup", Value::Number(number)) => json!(number.to_string()),
            ("text" | "textarea", Value::Bool(said)) => json!(said.to_string()),
            ("integer", value) => json!(whole(value).ok_or_else(wrong)?),
            ("decimal", value) => json!(number(value).ok_or_else(wrong)?),
            ("date", Value::String(text)) => {
                let day = text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok()).ok_or_else(wrong)?;
                json!(format!("{day}T00:00:00+00:00"))
            }
            _ => return Err(wrong()),
        };
        values.insert(key.clone(), kept);
    }
    Ok(tags)
}

fn ticked(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(ticked) => Some(*ticked),
        Value::Number(number) => Some(number.as_f64()? != 0.0),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "" | "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// `7`, `"7"`, `7.0`.
#[expect(clippy::cast_possible_truncation, reason = "a whole number within f64's exact range")]
fn whole(value: &Value) -> Option<i64> {
    let exact = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    exact.or_else(|| number(value).filter(|n| n.fract() == 0.0 && n.abs() < 9.0e15).map(|n| n as i64))
}

fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}
