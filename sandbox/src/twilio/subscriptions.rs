//! Event Streams v1: subscriptions, and the types they want.
//! Source: <https://www.twilio.com/docs/events/event-streams/subscription>.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Account,
    event::{KINDS, PREFIX},
    listing::{Asked, page},
    not_found,
    sinks::{BASE, wrong},
    task::{fresh, time},
    taskrouter::fields,
};
use crate::{credentials::TWILIO_ACCOUNT, world::World};

/// The versions of TaskRouter's events.
const VERSIONS: std::ops::RangeInclusive<u64> = 1..=4;

/// Which events go to a sink.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(super) description: String,
    pub(crate) sink_sid: String,
    /// Type and version.
    pub(crate) types: BTreeMap<String, u64>,
    pub(super) at: DateTime<Utc>,
}

impl Subscription {
    fn json(&self, sid: &str) -> Value {
        let (at, url) = (time(self.at), format!("{BASE}/Subscriptions/{sid}"));
        json!({
            "account_sid": TWILIO_ACCOUNT, "date_created": at, "date_updated": at, "sid": sid, "sink_sid": self.sink_sid,
            "description": self.description, "url": url, "links": {"subscribed_events": format!("{url}/SubscribedEvents")},
        })
    }
}

/// `GET /v1/Subscriptions?SinkSid=`.
pub(crate) async fn subscriptions(
    State(world): State<World>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    let (asked, twilio) = (Asked::of(&uri), world.twilio());
    let all = twilio.subscriptions.iter().filter(|(_, one)| asked.takes("SinkSid", &one.sink_sid));
    let rows = all.map(|(sid, one)| one.json(sid)).collect();
    page("subscriptions", rows, &format!("{BASE}/Subscriptions"), &asked)
}

/// `GET /v1/Subscriptions/{DF}`.
pub(crate) async fn subscription(
    State(world): State<World>,
    Path(sid): Path<String>,
    _: Account,
) -> Response {
    match world.twilio().subscriptions.get(&sid) {
        Some(subscription) => Json(subscription.json(&sid)).into_response(),
        None => no_subscription(&sid),
    }
}

/// `POST /v1/Subscriptions/{DF} {Description?, SinkSid?}`.
pub(crate) async fn update_subscription(
    State(world): State<World>,
    Path(sid): Path<String>,
    _: Account,
    body: Bytes,
) -> Response {
    let (mut form, mut twilio) = (fields(&body), world.twilio());
    let sink = form.remove("SinkSid");
    if sink.as_ref().is_some_and(|sink| !twilio.sinks.contains_key(sink)) {
        return wrong("SinkSid is not a sink of this account");
    }
    let Some(subscription) = twilio.subscriptions.get_mut(&sid) else { return no_subscription(&sid) };
    subscription.sink_sid = sink.unwrap_or_else(|| subscription.sink_sid.clone());
    if let Some(description) = form.remove("Description") {
        subscription.description = description;
    }
    Json(subscription.json(&sid)).into_response()
}

fn no_subscription(sid: &str) -> Response {
    not_found(&format!("The requested resource /Subscriptions/{sid} was not found"))
}

/// `POST /v1/Subscriptions {Description, SinkSid, Types={"type","schema_version"?}}`; `Types` comes once for each, as
/// Twilio's own clients send it, or once as an array.
pub(crate) async fn create_subscription(State(world): State<World>, _: Account, body: Bytes) -> Response {
    let form = fields(&body);
    for name in ["Description", "SinkSid", "Types"] {
        if form.get(name).is_none_or(String::is_empty) {
            return wrong(&format!("Missing required parameter {name} in the post body"));
        }
    }
    let types: Option<BTreeMap<String, u64>> = asked_types(&body)
        .iter()
        .map(|one| known_type(one["type"].as_str()?, &one.get("schema_version").cloned().unwrap_or_default()))
        .collect();
    let Some(types) = types.filter(|types| !types.is_empty()) else {
        return wrong("Types is empty, or has a type or a version that is not known");
    };
    let mut twilio = world.twilio();
    if !twilio.sinks.contains_key(&form["SinkSid"]) {
        return wrong("SinkSid is not a sink of this account");
    }
    let (description, sink_sid) = (form["Description"].clone(), form["SinkSid"].clone());
    let subscription = Subscription { description, sink_sid, types, at: world.now() };
    let sid = fresh("DF");
    let answer = subscription.json(&sid);
    twilio.subscriptions.insert(sid, subscription);
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn asked_types(body: &[u8]) -> Vec<Value> {
    let sent = url::form_urlencoded::parse(body).filter(|(name, _)| name == "Types");
    sent.flat_map(|(_, text)| match serde_json::from_str(&text).unwrap_or_default() {
        Value::Array(several) => several,
        one => vec![one],
    })
    .collect()
}

/// `DELETE /v1/Subscriptions/{DF}`.
pub(crate) async fn delete_subscription(
    State(world): State<World>,
    Path(sid): Path<String>,
    _: Account,
) -> Response {
    match world.twilio().subscriptions.remove(&sid) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found(&format!("The requested resource /Subscriptions/{sid} was not found")),
    }
}

/// `GET /v1/Subscriptions/{DF}/SubscribedEvents`.
pub(crate) async fn subscribed(
    State(world): State<World>,
    Path(sid): Path<String>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    let twilio = world.twilio();
    let Some(subscription) = twilio.subscriptions.get(&sid) else { return no_subscription(&sid) };
    let rows = subscription.types.iter().map(|(kind, version)| wanted(&sid, kind, *version)).collect();
    page("types", rows, &format!("{BASE}/Subscriptions/{sid}/SubscribedEvents"), &Asked::of(&uri))
}

/// `GET|POST|DELETE /v1/Subscriptions/{DF}/SubscribedEvents/{type}`; with `SchemaVersion` it becomes another version.
pub(crate) async fn subscribed_event(
    State(world): State<World>,
    Path((sid, kind)): Path<(String, String)>,
    method: Method,
    _: Account,
    body: Bytes,
) -> Response {
    let mut twilio = world.twilio();
    let types = twilio.subscriptions.get_mut(&sid).map(|subscription| &mut subscription.types);
    let Some(types) = types.filter(|types| types.contains_key(&kind)) else {
        return not_found(&format!(
            "The requested resource /Subscriptions/{sid}/SubscribedEvents/{kind} was not found"
        ));
    };
    if method == Method::DELETE {
        types.remove(&kind);
        return StatusCode::NO_CONTENT.into_response();
    }
    if method == Method::POST {
        let version = fields(&body).get("SchemaVersion").and_then(|text| text.parse::<u64>().ok());
        let Some((_, version)) = known_type(&kind, &version.map_or(Value::Null, Value::from)) else {
            return wrong("SchemaVersion is not known");
        };
        types.insert(kind.clone(), version);
    }
    Json(wanted(&sid, &kind, types[&kind])).into_response()
}

/// `GET /v1/Types`: everything that can be subscribed.
pub(crate) async fn types(State(world): State<World>, OriginalUri(uri): OriginalUri, _: Account) -> Response {
    let (asked, at) = (Asked::of(&uri), time(world.now()));
    let all = KINDS.iter().filter(|_| asked.takes("SchemaId", "TaskRouter.WDSEvent"));
    let rows = all.map(|kind| {
        let name = format!("{PREFIX}{kind}");
        json!({
            "type": name, "schema_id": "TaskRouter.WDSEvent", "date_created": at, "date_updated": at, "status": "available",
            "description": format!("TaskRouter: {}", kind.replace('.', " ")), "documentation_url": null,
            "url": format!("{BASE}/Types/{name}"), "links": {"schema": format!("{BASE}/Schemas/TaskRouter.WDSEvent/Versions")},
        })
    });
    page("types", rows.collect(), &format!("{BASE}/Types"), &asked)
}

/// `POST /v1/Subscriptions/{DF}/SubscribedEvents {Type, SchemaVersion?}`: 201 where it is new, 200 where it was there.
pub(crate) async fn subscribe(
    State(world): State<World>,
    Path(sid): Path<String>,
    _: Account,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let version =
        form.get("SchemaVersion").and_then(|text| text.parse::<u64>().ok()).map_or(Value::Null, Value::from);
    let Some((kind, version)) = form.get("Type").and_then(|kind| known_type(kind, &version)) else {
        return wrong("Type is missing, or it or its version is not known");
    };
    let mut twilio = world.twilio();
    let Some(subscription) = twilio.subscriptions.get_mut(&sid) else {
        return not_found(&format!("The requested resource /Subscriptions/{sid} was not found"));
    };
    let before = subscription.types.insert(kind.clone(), version);
    let status = if before.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    (status, Json(wanted(&sid, &kind, version))).into_response()
}

fn wanted(subscription: &str, kind: &str, version: u64) -> Value {
    json!({
        "account_sid": TWILIO_ACCOUNT, "subscription_sid": subscription, "type": kind, "schema_version": version,
        "url": format!("{BASE}/Subscriptions/{subscription}/SubscribedEvents/{kind}"),
    })
}

/// Only TaskRouter's types exist here; without a version it is the newest.
fn known_type(kind: &str, version: &Value) -> Option<(String, u64)> {
    let known = kind.strip_prefix(PREFIX).is_some_and(|kind| KINDS.contains(&kind));
    let version = if version.is_null() { *VERSIONS.end() } else { version.as_u64()? };
    (known && VERSIONS.contains(&version)).then(|| (kind.to_owned(), version))
}
