//! Event Streams v1: sinks, subscriptions and the types they want. Only webhooks are sinks here.
//! Source: <https://www.twilio.com/docs/events/webhook-quickstart>, <https://www.twilio.com/docs/events/event-streams/sink-resource>.

use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Twilio, authenticate,
    event::{KINDS, PREFIX},
    not_found, refuse,
    task::{fresh, meta, time},
    taskrouter::{fields, is_address},
};
use crate::{credentials::TWILIO_ACCOUNT, world::World, zendesk::input::Params};

const BASE: &str = "https://events.twilio.com/v1";
/// The versions of TaskRouter's events.
const VERSIONS: std::ops::RangeInclusive<u64> = 1..=4;

/// Where events go.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) description: String,
    configuration: Value,
    at: DateTime<Utc>,
}

/// Which of them.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    description: String,
    pub(crate) sink_sid: String,
    /// Type and version.
    pub(crate) types: BTreeMap<String, u64>,
    at: DateTime<Utc>,
}

impl Sink {
    /// Its URL.
    pub(crate) fn destination(&self) -> &str {
        self.configuration["destination"].as_str().unwrap_or_default()
    }

    fn json(&self, sid: &str) -> Value {
        let (at, url) = (time(self.at), format!("{BASE}/Sinks/{sid}"));
        json!({
            "status": "active", "sink_configuration": self.configuration, "description": self.description, "sid": sid,
            "date_created": at, "sink_type": "webhook", "date_updated": at, "url": url,
            "links": {"sink_test": format!("{url}/Test"), "sink_validate": format!("{url}/Validate")},
        })
    }
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

/// Everything goes to `destination`, as if an admin had set it up.
pub(crate) fn everything_to(twilio: &mut Twilio, destination: &str, now: DateTime<Utc>) {
    let sink_sid = fresh("DG");
    let configuration = json!({"destination": destination, "method": "POST"});
    let sink = Sink { description: "Everything".into(), configuration, at: now };
    twilio.sinks.insert(sink_sid.clone(), sink);
    let types = KINDS.iter().map(|kind| (format!("{PREFIX}{kind}"), 4)).collect();
    let subscription = Subscription { description: "Everything".into(), sink_sid, types, at: now };
    twilio.subscriptions.insert(fresh("DF"), subscription);
}

fn wrong(why: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, 20_001, why)
}

/// `GET /v1/Sinks`.
pub(crate) async fn sinks(State(world): State<World>, headers: HeaderMap) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let rows: Vec<_> = world.twilio().sinks.iter().map(|(sid, sink)| sink.json(sid)).collect();
    Json(json!({"sinks": rows, "meta": meta("sinks")})).into_response()
}

/// `POST /v1/Sinks {Description, SinkType, SinkConfiguration}`.
pub(crate) async fn create_sink(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let form = fields(&body);
    for name in ["Description", "SinkConfiguration", "SinkType"] {
        if form.get(name).is_none_or(String::is_empty) {
            return wrong(&format!("Missing required parameter {name} in the post body"));
        }
    }
    if form["SinkType"] != "webhook" {
        return wrong("SinkType is not one that this account may use");
    }
    let configuration: Value = serde_json::from_str(&form["SinkConfiguration"]).unwrap_or_default();
    let is_post = configuration["method"].as_str().is_some_and(|verb| verb.eq_ignore_ascii_case("post"));
    if !is_post || !configuration["destination"].as_str().is_some_and(is_address) {
        return wrong("SinkConfiguration is not valid");
    }
    let sink = Sink { description: form["Description"].clone(), configuration, at: world.now() };
    let sid = fresh("DG");
    let answer = sink.json(&sid);
    world.twilio().sinks.insert(sid, sink);
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// `GET /v1/Sinks/{DG}`.
pub(crate) async fn sink(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    match world.twilio().sinks.get(&sid) {
        Some(sink) => Json(sink.json(&sid)).into_response(),
        None => not_found(&format!("The requested resource /Sinks/{sid} was not found")),
    }
}

/// `DELETE /v1/Sinks/{DG}`: not while a subscription uses it.
pub(crate) async fn delete_sink(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let mut twilio = world.twilio();
    if twilio.subscriptions.values().any(|subscription| subscription.sink_sid == sid) {
        return wrong("The sink is in use by a subscription");
    }
    match twilio.sinks.remove(&sid) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found(&format!("The requested resource /Sinks/{sid} was not found")),
    }
}

/// `GET /v1/Subscriptions?SinkSid=`.
pub(crate) async fn subscriptions(
    State(world): State<World>,
    params: Params,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let twilio = world.twilio();
    let wanted = params.get("SinkSid");
    let all = twilio.subscriptions.iter();
    let all = all.filter(|(_, one)| wanted.is_none_or(|wanted| wanted == one.sink_sid));
    let rows: Vec<_> = all.map(|(sid, one)| one.json(sid)).collect();
    Json(json!({"subscriptions": rows, "meta": meta("subscriptions")})).into_response()
}

/// `POST /v1/Subscriptions {Description, SinkSid, Types=[{"type","schema_version"?}]}`.
pub(crate) async fn create_subscription(
    State(world): State<World>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let form = fields(&body);
    for name in ["Description", "SinkSid", "Types"] {
        if form.get(name).is_none_or(String::is_empty) {
            return wrong(&format!("Missing required parameter {name} in the post body"));
        }
    }
    let asked: Vec<Value> = serde_json::from_str(&form["Types"]).unwrap_or_default();
    let types: Option<BTreeMap<String, u64>> = asked
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

/// `DELETE /v1/Subscriptions/{DF}`.
pub(crate) async fn delete_subscription(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    match world.twilio().subscriptions.remove(&sid) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found(&format!("The requested resource /Subscriptions/{sid} was not found")),
    }
}

/// `GET /v1/Subscriptions/{DF}/SubscribedEvents`.
pub(crate) async fn subscribed(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let twilio = world.twilio();
    let Some(subscription) = twilio.subscriptions.get(&sid) else {
        return not_found(&format!("The requested resource /Subscriptions/{sid} was not found"));
    };
    let rows: Vec<_> =
        subscription.types.iter().map(|(kind, version)| wanted(&sid, kind, *version)).collect();
    Json(json!({"types": rows, "meta": meta("types")})).into_response()
}

/// `POST /v1/Subscriptions/{DF}/SubscribedEvents {Type, SchemaVersion?}`: 201 where it is new, 200 where it was there.
pub(crate) async fn subscribe(
    State(world): State<World>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
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
