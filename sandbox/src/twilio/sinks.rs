//! Event Streams v1: sinks. Only webhooks are sinks here.
//! Source: <https://www.twilio.com/docs/events/webhook-quickstart>, <https://www.twilio.com/docs/events/event-streams/sink-resource>.

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Account, Twilio,
    event::{KINDS, PREFIX},
    listing::{Asked, page},
    not_found, refuse,
    subscriptions::Subscription,
    task::{fresh, time},
    taskrouter::{fields, is_address},
};
use crate::world::World;

pub(super) const BASE: &str = "https://events.twilio.com/v1";

/// Where events go.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) description: String,
    configuration: Value,
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

pub(super) fn wrong(why: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, 20_001, why)
}

/// `GET /v1/Sinks?InUse=&Status=`.
pub(crate) async fn sinks(State(world): State<World>, OriginalUri(uri): OriginalUri, _: Account) -> Response {
    let (asked, twilio) = (Asked::of(&uri), world.twilio());
    let used = |sid: &str| twilio.subscriptions.values().any(|subscription| subscription.sink_sid == sid);
    let all = twilio.sinks.iter().filter(|(sid, _)| asked.takes("InUse", &used(sid).to_string()));
    let rows = all.filter(|_| asked.takes("Status", "active")).map(|(sid, sink)| sink.json(sid)).collect();
    page("sinks", rows, &format!("{BASE}/Sinks"), &asked)
}

/// `POST /v1/Sinks {Description, SinkType, SinkConfiguration}`.
pub(crate) async fn create_sink(State(world): State<World>, _: Account, body: Bytes) -> Response {
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
pub(crate) async fn sink(State(world): State<World>, Path(sid): Path<String>, _: Account) -> Response {
    match world.twilio().sinks.get(&sid) {
        Some(sink) => Json(sink.json(&sid)).into_response(),
        None => not_found(&format!("The requested resource /Sinks/{sid} was not found")),
    }
}

/// `POST /v1/Sinks/{DG} {Description}`.
pub(crate) async fn update_sink(
    State(world): State<World>,
    Path(sid): Path<String>,
    _: Account,
    body: Bytes,
) -> Response {
    let Some(description) = fields(&body).remove("Description").filter(|text| !text.is_empty()) else {
        return wrong("Missing required parameter Description in the post body");
    };
    match world.twilio().sinks.get_mut(&sid) {
        Some(sink) => {
            sink.description = description;
            Json(sink.json(&sid)).into_response()
        }
        None => not_found(&format!("The requested resource /Sinks/{sid} was not found")),
    }
}

/// `DELETE /v1/Sinks/{DG}`: not while a subscription uses it.
pub(crate) async fn delete_sink(State(world): State<World>, Path(sid): Path<String>, _: Account) -> Response {
    let mut twilio = world.twilio();
    if twilio.subscriptions.values().any(|subscription| subscription.sink_sid == sid) {
        return wrong("The sink is in use by a subscription");
    }
    match twilio.sinks.remove(&sid) {
        Some(_) => StatusCode::NO_CONTENT.into_response(),
        None => not_found(&format!("The requested resource /Sinks/{sid} was not found")),
    }
}
