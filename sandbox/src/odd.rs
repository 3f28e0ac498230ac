//! Answers that differ from the documentation, on demand: a field of another type, rows that have grown, a body word for
//! word. **Invariant:** only answers change; what the stand-in remembers does not.

use axum::{
    body::{Body, to_bytes},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::Matching;

/// Which answers differ, how often, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OddRule {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub on: Matching,
    /// How many of them.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching calls are answered as documented first.
    #[serde(default)]
    pub skip: u32,
    /// How the answer differs.
    pub odd: Odd,
}

const fn once() -> u32 {
    1
}

/// How an answer differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Odd {
    /// A field has this value instead of its own.
    Value {
        /// A JSON pointer, like `/comments/0/author_id`.
        at: String,
        /// The value.
        value: Value,
    },
    /// A field is missing.
    Absent {
        /// A JSON pointer.
        absent: String,
    },
    /// Every row of every list of the answer is larger by so many bytes.
    Grown {
        /// Bytes.
        row_bytes: usize,
    },
    /// This answer instead; the call has no effect.
    Says {
        /// The status.
        says: u16,
        /// The body: XML where it begins with `<`, JSON otherwise.
        body: String,
    },
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct OddRules(Vec<OddRule>);

impl OddRules {
    pub(crate) fn add(&mut self, rule: OddRule) {
        self.0.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Everything in which the answer to this call differs; it is used up.
    pub(crate) fn take(&mut self, host: &str, method: &Method, path: &str) -> Vec<Odd> {
        let mut all = Vec::new();
        for rule in self.0.iter_mut().filter(|rule| rule.times > 0 && rule.on.matches(host, method, path)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else {
                rule.times -= 1;
                all.push(rule.odd.clone());
            }
        }
        all
    }
}

/// The answer with everything in which it differs.
pub(crate) async fn answer(odd: &[Odd], answered: impl Future<Output = Response>) -> Response {
    let said =
        odd.iter().find_map(|odd| if let Odd::Says { says, body } = odd { Some((says, body)) } else { None });
    if let Some((status, body)) = said {
        let kind = if body.starts_with('<') { "application/xml" } else { "application/json" };
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return (status, [(header::CONTENT_TYPE, kind)], body.clone()).into_response();
    }
    let (mut parts, body) = answered.await.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return StatusCode::BAD_GATEWAY.into_response() };
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    for odd in odd {
        odd.change(&mut json);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json.to_string()))
}

impl Odd {
    fn change(&self, json: &mut Value) {
        match self {
            Self::Value { at, value } => {
                if let Some(place) = json.pointer_mut(at) {
                    *place = value.clone();
                }
            }
            Self::Absent { absent } => {
                let Some((parent, name)) = absent.rsplit_once('/') else { return };
                if let Some(Value::Object(object)) = json.pointer_mut(parent) {
                    object.remove(name);
                }
            }
            Self::Grown { row_bytes } => {
                let lists = json.as_object_mut().into_iter().flat_map(|object| object.values_mut());
                for row in lists.filter_map(Value::as_array_mut).flatten().filter_map(Value::as_object_mut) {
                    row.insert("grown".to_owned(), "x".repeat(*row_bytes).into());
                }
            }
            Self::Says { .. } => {}
        }
    }
}
