//! What a caller sends: query, JSON body, ids in paths. **Invariant:** what Zendesk ignores is ignored here too.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{StatusCode, request::Parts},
};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// The query, decoded; a repeated name keeps its last value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(pub(crate) HashMap<String, String>);

impl Params {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `?ids=1,2,3`: at most 100, or Zendesk's refusal.
    pub(crate) fn list(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let values: Vec<String> =
            text.split(',').map(|part| part.trim().to_owned()).filter(|p| !p.is_empty()).collect();
        if values.len() > 100 {
            return Err(too_many_values(name));
        }
        Ok(Some(values))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Refusal::invalid_attribute("The query string could not be read"))?;
        Ok(Self(query.0.into_iter().collect()))
    }
}

/// A JSON body; an absent one is an empty object.
#[derive(Debug, Clone)]
pub(crate) struct Doc(pub(crate) Value);

impl Doc {
    /// The object under `name`, which must be there.
    pub(crate) fn part(&self, name: &str) -> Result<&Map<String, Value>, Refusal> {
        match &self.0[name] {
            Value::Object(part) => Ok(part),
            Value::Null => Err(Refusal::invalid_attribute(&format!("Parameter {name} is required"))),
            _ => Err(Refusal::invalid_attribute(&format!(
                "You passed an invalid value for the {name} attribute. Invalid parameter: {name} must be an object"
            ))),
        }
    }

    /// The rows under `name`: at most 100.
    pub(crate) fn rows(&self, name: &str) -> Result<&Vec<Value>, Refusal> {
        let rows = self.0[name]
            .as_array()
            .ok_or_else(|| Refusal::invalid_attribute(&format!("Parameter {name} is required")))?;
        if rows.len() > 100 {
            return Err(too_many_values(""));
        }
        Ok(rows)
    }
}

impl<S: Send + Sync> FromRequest<S> for Doc {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| {
            Refusal::named(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", "Body too large")
        })?;
        if bytes.is_empty() {
            return Ok(Self(json!({})));
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Refusal::invalid_attribute("Error occurred while parsing request parameters"))
    }
}

/// An id in a path. Letters are refused; a number that no record has is simply not found.
pub(crate) fn id(text: &str) -> Result<u64, Refusal> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::invalid_attribute(
            "You passed an invalid value for the id attribute. Invalid parameter: id must be an integer",
        ));
    }
    text.parse().map_err(|_| Refusal::not_found())
}

/// An id inside a JSON body, as a number or as digits.
pub(crate) fn id_in(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Strings of an array, or of one string with commas or blanks.
pub(crate) fn words_in(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Value::String(text) => {
            text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// As recorded, with its two blanks where the parameter has no name.
pub(crate) fn too_many_values(parameter: &str) -> Refusal {
    Refusal::bad_request(json!({
        "error": "TooManyValues",
        "description": format!("Parameter {parameter} cannot specify more than 100 values"),
        "max_count": 100,
    }))
}
