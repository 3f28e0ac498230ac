//! `/_sandbox/flex/*`: what happens in a contact centre, when somebody wants it to: calls, what agents do with them, what is
//! recorded and written, and what Twilio reports of it. **Invariant:** nothing here exists at Twilio.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};

use super::{
    Twilio, conferences, conversations,
    delivery::{self, changing},
    flex,
    flow::{self, Illegal},
    recordings, sinks,
    task::{WORKERS, fresh, worker},
    taskrouter::is_address,
};
use crate::world::World;

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/_sandbox/flex/token", post(flex::mint))
        .route("/_sandbox/flex/token/expire", post(flex::expire))
        .route("/_sandbox/flex/tasks", post(place))
        .route("/_sandbox/flex/tasks/{task}/{step}", post(act))
        .route("/_sandbox/flex/recordings", post(record))
        .route("/_sandbox/flex/conversations", post(converse))
        .route("/_sandbox/flex/sink", put(set_sink))
        .route("/_sandbox/flex/callback", put(set_callback))
        .route("/_sandbox/flex/embedding", put(set_embedding))
        .route("/_sandbox/flex/events", get(events))
        .route("/_sandbox/flex/events/hold", put(hold))
        .route("/_sandbox/flex/events/send", post(send))
}

fn doc(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// A task comes in, as from a flow; its sid.
pub(crate) fn place_task(world: &World, sid: Option<&str>, attributes: String, channel: &str) -> String {
    let sid = sid.map_or_else(|| fresh("WT"), str::to_owned);
    changing(world, |twilio, now| flow::place(twilio, &sid, attributes, channel, now));
    sid
}

/// A task for this worker alone.
pub(crate) fn place_task_for(
    world: &World,
    attributes: String,
    channel: &str,
    to: &str,
) -> Result<String, Illegal> {
    let to = worker(to).ok_or_else(|| Illegal(format!("There is no worker {to}")))?;
    let sid = fresh("WT");
    changing(world, |twilio, now| flow::place_for(twilio, &sid, attributes, channel, to, now));
    Ok(sid)
}

/// What an agent, a caller or Twilio itself does to a task.
pub(crate) fn step(world: &World, task: &str, what: &str, how: &Value) -> Result<Value, Illegal> {
    changing(world, |twilio, now| {
        if !twilio.tasks.contains_key(task) {
            return Err(Illegal(format!("There is no task {task}")));
        }
        let reason = text(&how["reason"]).map(str::to_owned);
        let to = how["worker"].as_str().and_then(worker);
        let live = |wanted: &[&str]| {
            let found = twilio.live(task).into_iter().rev().find(|one| wanted.contains(&one.status));
            found.map(|one| one.sid.clone()).ok_or_else(|| Illegal(format!("Nobody has task {task} so")))
        };
        match what {
            "accept" => flow::move_reservation(twilio, &live(&["pending"])?, "accepted", now)?,
            "reject" => flow::move_reservation(twilio, &live(&["pending"])?, "rejected", now)?,
            "timeout" => flow::move_reservation(twilio, &live(&["pending"])?, "timeout", now)?,
            "wrapup" => flow::move_reservation(twilio, &live(&["accepted"])?, "wrapping", now)?,
            "complete" => {
                let sid = live(&["accepted", "wrapping"])?;
                flow::move_reservation(twilio, &sid, "completed", now)?;
            }
            "cancel" => flow::move_task(twilio, task, "canceled", reason, now)?,
            "reserve" => drop(flow::reserve(twilio, task, to.unwrap_or(WORKERS[0]), now)?),
            "transfer" => drop(flow::transfer(twilio, task, to.unwrap_or(WORKERS[1]), now)?),
            "attributes" => flow::write(twilio, task, &how["attributes"].to_string(), now),
            _ => return Err(Illegal(format!("A task knows no {what}"))),
        }
        Ok(task_json(twilio, task, now))
    })
}

/// The task, and the reservation that counts.
fn task_json(twilio: &Twilio, task: &str, now: chrono::DateTime<chrono::Utc>) -> Value {
    let mut doc = twilio.tasks.get(task).map(|task| task.json(now)).unwrap_or_default();
    let reservation = twilio.reservations.iter().rev().find(|one| one.task_sid == task);
    doc["reservation_sid"] = json!(reservation.map(|one| &one.sid));
    doc["reservation_status"] = json!(reservation.map(|one| one.status));
    doc
}

/// `POST /_sandbox/flex/tasks {"attributes","channel","sid"?,"worker"?,"routing_target"?}`: a task appears, as if somebody
/// called `worker` (otherwise the first one), or as if the worker who is its target called somebody.
async fn place(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let attributes = match &asked["attributes"] {
        Value::Null => "{}".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let channel = asked["channel"].as_str().unwrap_or("voice");
    let sid = text(&asked["sid"]).map_or_else(|| fresh("WT"), str::to_owned);
    let named = |field: &str| asked[field].as_str().map(worker);
    match (named("routing_target"), named("worker")) {
        (Some(None), _) | (_, Some(None)) => {
            return (StatusCode::UNPROCESSABLE_ENTITY, "There is no such worker.").into_response();
        }
        (Some(Some(own)), _) => {
            changing(&world, |twilio, now| flow::place_for(twilio, &sid, attributes, channel, own, now));
        }
        (None, Some(Some(to))) => {
            changing(&world, |twilio, now| flow::route(twilio, &sid, attributes, channel, to, now));
        }
        (None, None) => drop(place_task(&world, Some(&sid), attributes, channel)),
    }
    let now = world.now();
    (StatusCode::CREATED, Json(task_json(&world.twilio(), &sid, now))).into_response()
}

/// `POST /_sandbox/flex/tasks/{WT}/{step}`, `step` being `accept`, `reject`, `timeout`, `wrapup`, `complete`, `cancel`,
/// `reserve`, `transfer`, `attributes`.
async fn act(
    State(world): State<World>,
    Path((task, what)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    match step(&world, &task, &what, &doc(&body)) {
        Ok(task) => Json(task).into_response(),
        Err(Illegal(why)) => (StatusCode::CONFLICT, why).into_response(),
    }
}

/// One leg of a call was recorded, and no task says so.
pub(crate) fn add_recording(world: &World, call_sid: &str, status: &str, seconds: u32) -> String {
    changing(world, |twilio, now| recordings::add(twilio, (call_sid, None), status, seconds, now))
}

/// A call was recorded; where a task is named, it is its conference's, and the attributes say so, as Flex writes it.
pub(crate) fn record_call(
    world: &World,
    task: Option<&str>,
    call_sid: &str,
    status: &str,
    seconds: u32,
) -> String {
    changing(world, |twilio, now| {
        let conference = task.and_then(|task| conferences::of_task(twilio, task));
        let sid = recordings::add(twilio, (call_sid, conference), status, seconds, now);
        let known = task.and_then(|task| Some((task, twilio.tasks.get(task)?.attributes.clone())));
        if let Some((task, attributes)) = known {
            let mut attributes: Value = serde_json::from_str(&attributes).unwrap_or_else(|_| json!({}));
            let media = json!([{"url": recordings::address(&sid), "type": "VoiceRecording",
                "start_time": now.timestamp_millis(), "channels": ["customer", "others"]}]);
            attributes["conversations"]["media"] = media;
            flow::write(twilio, task, &attributes.to_string(), now);
        }
        sid
    })
}

/// `POST /_sandbox/flex/recordings {"task"?,"call_sid"?,"status"?,"seconds"?}`.
async fn record(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let seconds = asked["seconds"].as_u64().and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(3);
    let call_sid = text(&asked["call_sid"]).map_or_else(|| fresh("CA"), str::to_owned);
    let status = text(&asked["status"]).unwrap_or("completed");
    let sid = record_call(&world, text(&asked["task"]), &call_sid, status, seconds.min(3_600));
    (StatusCode::CREATED, Json(json!({"sid": sid, "call_sid": call_sid}))).into_response()
}

/// `POST /_sandbox/flex/conversations {"messages":[{"author","body"}]}`.
async fn converse(State(world): State<World>, body: Bytes) -> Response {
    let spoken = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let asked = doc(&body);
    let lines = asked["messages"].as_array().into_iter().flatten();
    let lines = lines.map(|line| (spoken(&line["author"]), spoken(&line["body"]))).collect();
    let now = world.now();
    let sid = conversations::add(&mut world.twilio(), lines, now);
    (StatusCode::CREATED, Json(json!({"sid": sid}))).into_response()
}

/// `PUT /_sandbox/flex/sink {"destination"}`: every event goes there; without one, nowhere.
async fn set_sink(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let destination = text(&asked["destination"]);
    if destination.is_some_and(|url| !is_address(url)) {
        return (StatusCode::UNPROCESSABLE_ENTITY, "The destination is no address.").into_response();
    }
    stream_to(&world, destination);
    StatusCode::NO_CONTENT.into_response()
}

/// Every event goes there, and nowhere else.
pub(crate) fn stream_to(world: &World, destination: Option<&str>) {
    let now = world.now();
    let mut twilio = world.twilio();
    twilio.sinks.clear();
    twilio.subscriptions.clear();
    if let Some(destination) = destination {
        sinks::everything_to(&mut twilio, destination, now);
    }
}

/// `PUT /_sandbox/flex/callback {"url"}`: the workspace calls there; without one, nowhere.
async fn set_callback(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let url = text(&asked["url"]);
    if url.is_some_and(|url| !is_address(url)) {
        return (StatusCode::UNPROCESSABLE_ENTITY, "This is no address.").into_response();
    }
    world.twilio().callback = url.map(str::to_owned);
    StatusCode::NO_CONTENT.into_response()
}

/// `PUT /_sandbox/flex/embedding {"urls"}`: who may frame Flex's page, as an admin says in the Console.
async fn set_embedding(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let urls: Option<Vec<String>> = asked["urls"]
        .as_array()
        .and_then(|urls| urls.iter().map(|url| text(url).map(str::to_owned)).collect());
    if let Some(urls) = urls.filter(|urls| urls.iter().all(|url| flex::is_embedder(url))) {
        world.twilio().embedding = Some(urls);
        StatusCode::NO_CONTENT.into_response()
    } else {
        let why = "Full URLs are wanted, without path, wildcard and trailing slash.";
        (StatusCode::UNPROCESSABLE_ENTITY, why).into_response()
    }
}

/// `GET /_sandbox/flex/events`: what happened, oldest first, sent or not.
async fn events(State(world): State<World>) -> Response {
    let rows: Vec<_> = world.twilio().happened.iter().map(super::event::Event::summary).collect();
    Json(json!({"events": rows})).into_response()
}

/// `PUT /_sandbox/flex/events/hold {"hold"}`: from now on nothing is sent by itself.
async fn hold(State(world): State<World>, body: Bytes) -> StatusCode {
    world.twilio().holds = doc(&body)["hold"] != false;
    StatusCode::NO_CONTENT
}

/// `POST /_sandbox/flex/events/send {"ids"}`: in this order, as one batch, again or late; what was answered.
async fn send(State(world): State<World>, body: Bytes) -> Response {
    let asked = doc(&body);
    let ids: Vec<_> = asked["ids"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let statuses = delivery::send_again(&world, &ids).await;
    Json(json!({"statuses": statuses})).into_response()
}
