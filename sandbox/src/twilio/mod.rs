//! The part of Twilio that a contact centre's back end calls, and what calls back. One host serves what Twilio spreads over
//! `api.`, `iam.`, `taskrouter.`, `conversations.`, `events.` and `lookups.twilio.com`; the paths do not collide.

mod catalogue; // what a workspace consists of
mod conferences; // calls in which several people speak
mod control; // /_sandbox/flex: what agents and callers do
mod conversations; // what is written in chats
mod delivery; // Twilio calls
mod event; // what it tells
mod expression; // asking by attributes
mod flex; // agents' tokens
mod flow; // what may become of a task
mod listing; // pages
mod lookups; // phone numbers
mod media; // sound
mod recordings; // who can hear it
mod reservations; // whose a task is
mod sinks; // where Event Streams sends
mod subscriptions; // what it sends
mod task; // tasks, reservations, workers
mod taskrouter; // the workspace

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json, Router,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    control as controls,
    credentials::{TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN, TWILIO_KEY, TWILIO_KEY_SECRET},
    gate::{self, Gate},
    options::Options,
    pages,
    world::World,
};

pub(crate) use control::{add_recording, place_task, place_task_for, record_call, step, stream_to};
pub(crate) use conversations::add as add_conversation;
pub(crate) use delivery::{changing, send_again};
pub(crate) use flex::FlexToken;
pub(crate) use flow::end as end_task;
pub(crate) use task::{WORKERS, Worker};

/// What tests see of an event.
pub(crate) fn summary(event: &event::Event) -> serde_json::Value {
    event.summary()
}

/// What the Twilio account remembers.
#[derive(Debug, Default)]
pub(crate) struct Twilio {
    pub(crate) tokens: HashMap<String, FlexToken>,
    pub(crate) tasks: BTreeMap<String, task::Task>,
    /// Oldest first.
    pub(crate) reservations: Vec<task::Reservation>,
    pub(crate) messages: BTreeMap<String, Vec<conversations::Message>>,
    pub(crate) recordings: BTreeMap<String, recordings::Recording>,
    conferences: BTreeMap<String, conferences::Conference>,
    sinks: BTreeMap<String, sinks::Sink>,
    subscriptions: BTreeMap<String, subscriptions::Subscription>,
    /// "Embed Flex as an iframe": who may frame Flex's page. `None`: as at the start, the account's Zendesk and its app.
    pub(crate) embedding: Option<Vec<String>>,
    /// The workspace's `EventCallbackUrl`.
    pub(crate) callback: Option<String>,
    /// The workspace's log has nothing yet of what happened.
    pub(crate) log_lags: bool,
    /// Nothing is sent by itself.
    pub(crate) holds: bool,
    /// What was not yet looked at by whoever sends.
    outbox: Vec<event::Event>,
    /// What happened before the start, oldest first.
    earlier: Vec<event::Event>,
    /// Everything that happened since, oldest first.
    pub(crate) happened: Vec<event::Event>,
}

impl Twilio {
    pub(crate) fn seeded(options: &Options, now: DateTime<Utc>) -> Self {
        let mut twilio = Self::default();
        taskrouter::seed(&mut twilio, now);
        conversations::seed(&mut twilio, now);
        // Nobody was there to hear of it; only the workspace's log has it.
        twilio.earlier = std::mem::take(&mut twilio.outbox);
        twilio.callback.clone_from(&options.events_callback);
        if let Some(destination) = &options.events_sink {
            sinks::everything_to(&mut twilio, destination, now);
        }
        twilio
    }

    fn reservation(&self, sid: &str) -> Option<&task::Reservation> {
        self.reservations.iter().find(|one| one.sid == sid)
    }

    /// The reservations of those who have a task, or are offered it.
    fn live(&self, task: &str) -> Vec<&task::Reservation> {
        self.reservations.iter().filter(|one| one.task_sid == task && one.is_live()).collect()
    }

    /// Where events go, and which.
    fn destinations(&self) -> Vec<(String, Vec<String>)> {
        let all = self.subscriptions.values().filter_map(|subscription| {
            let sink = self.sinks.get(&subscription.sink_sid)?;
            Some((sink.destination().to_owned(), subscription.types.keys().cloned().collect()))
        });
        all.collect()
    }
}

pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "twilio" };
    let workspace = "/v1/Workspaces/{workspace}";
    let below = |path: &str| format!("{workspace}{path}");
    Router::new()
        .route("/v1/Accounts/{account}/Tokens/validate", post(flex::validate))
        .route("/v1/Workspaces", get(catalogue::workspaces))
        .route(workspace, get(taskrouter::workspace).post(taskrouter::set_workspace))
        .route(&below("/Workers"), get(taskrouter::workers))
        .route(&below("/Workers/{worker}"), get(taskrouter::worker))
        .route(&below("/Tasks"), get(taskrouter::tasks).post(taskrouter::create))
        .route(&below("/Tasks/{task}"), get(taskrouter::show).post(taskrouter::update))
        .route(&below("/Events"), get(catalogue::events))
        .route(&below("/{kind}"), get(catalogue::list))
        .route(&below("/{kind}/{sid}"), get(catalogue::show))
        .route(&below("/{kind}/{sid}/Reservations"), get(reservations::list))
        .route(
            &below("/{kind}/{sid}/Reservations/{reservation}"),
            get(reservations::show).post(reservations::update),
        )
        .merge(chats("/v1"))
        .merge(chats("/v1/Services/{service}"))
        .route("/v1/Sinks", get(sinks::sinks).post(sinks::create_sink))
        .route("/v1/Sinks/{sink}", get(sinks::sink).post(sinks::update_sink).delete(sinks::delete_sink))
        .route(
            "/v1/Subscriptions",
            get(subscriptions::subscriptions).post(subscriptions::create_subscription),
        )
        .route(
            "/v1/Subscriptions/{subscription}",
            get(subscriptions::subscription)
                .post(subscriptions::update_subscription)
                .delete(subscriptions::delete_subscription),
        )
        .route(
            "/v1/Subscriptions/{subscription}/SubscribedEvents",
            get(subscriptions::subscribed).post(subscriptions::subscribe),
        )
        .route(
            "/v1/Subscriptions/{subscription}/SubscribedEvents/{type}",
            get(subscriptions::subscribed_event)
                .post(subscriptions::subscribed_event)
                .delete(subscriptions::subscribed_event),
        )
        .route("/v1/Types", get(subscriptions::types))
        .route("/v2/PhoneNumbers/{number}", get(lookups::show))
        .route("/2010-04-01/Accounts/{account}", get(flex::account))
        .route(
            "/2010-04-01/Accounts/{account}/Recordings/{recording}",
            get(recordings::show).delete(recordings::show),
        )
        .route("/2010-04-01/Accounts/{account}/Recordings.json", get(recordings::all))
        .route("/2010-04-01/Accounts/{account}/Conferences.json", get(conferences::list))
        .route("/2010-04-01/Accounts/{account}/Conferences/{conference}", get(conferences::show))
        .route(
            "/2010-04-01/Accounts/{account}/Calls/{call}/Recordings/{recording}",
            get(recordings::one_of_call),
        )
        .route("/2010-04-01/Accounts/{account}/Calls/{call}/Recordings.json", get(recordings::of_call))
        .merge(control::router())
        .merge(controls::router())
        .route("/flex", get(flex::page))
        .merge(pages::flex_router(&world.options().app.url, world.base()))
        .route_layer(middleware::from_fn(gate::name_route))
        .fallback(|| async { not_found("The requested resource was not found") })
        .method_not_allowed_fallback(|| async {
            refuse(StatusCode::METHOD_NOT_ALLOWED, 20_004, "Method not allowed")
        })
        .with_state(world)
        .layer(middleware::from_fn_with_state(gate, gate::watch))
}

/// Conversations, where they are found: of the account, or of its service.
fn chats(above: &str) -> Router<World> {
    let chat = format!("{above}/Conversations/{{sid}}");
    Router::new()
        .route(&format!("{above}/Conversations"), get(conversations::list))
        .route(&chat, get(conversations::show))
        .route(&format!("{chat}/Messages"), get(conversations::messages).post(conversations::write))
        .route(&format!("{chat}/Messages/{{message}}"), get(conversations::message))
}

/// Twilio's one error envelope.
pub(crate) fn refuse(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({
        "code": code,
        "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status.as_u16(),
    });
    (status, Json(body)).into_response()
}

fn not_found(message: &str) -> Response {
    refuse(StatusCode::NOT_FOUND, 20_404, message)
}

/// Whoever asks has the account's credentials; a handler that takes one is not reached without.
pub(crate) struct Account;

impl<S: Sync> FromRequestParts<S> for Account {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        authenticate(&parts.headers).map(|()| Self)
    }
}

/// Basic `AC:token` or `SK:secret`.
#[expect(clippy::result_large_err, reason = "the error is the response itself")]
fn authenticate(headers: &HeaderMap) -> Result<(), Response> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let pair = sent
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| BASE64_STANDARD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let known = [(TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN), (TWILIO_KEY, TWILIO_KEY_SECRET)];
    match pair.as_deref().and_then(|pair| pair.split_once(':')) {
        Some(pair) if known.contains(&pair) => Ok(()),
        _ => Err(refuse(StatusCode::UNAUTHORIZED, 20_003, "Authenticate")),
    }
}
