//! The part of Twilio that a contact centre's back end calls: token validation, TaskRouter, Conversations. One host serves
//! what Twilio spreads over `iam.`, `taskrouter.` and `conversations.twilio.com`; the paths do not collide.

mod conversations;
mod flex;
mod taskrouter;

use std::collections::{BTreeMap, HashMap};

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    control,
    credentials::{TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN, TWILIO_KEY, TWILIO_KEY_SECRET},
    gate::{self, Gate},
    pages,
    world::World,
};

pub(crate) use flex::FlexToken;
pub(crate) use taskrouter::{Task, place_task};

/// What the Twilio account remembers.
#[derive(Debug, Default)]
pub(crate) struct Twilio {
    pub(crate) tokens: HashMap<String, FlexToken>,
    pub(crate) tasks: BTreeMap<String, Task>,
    pub(crate) messages: BTreeMap<String, Vec<conversations::Message>>,
}

impl Twilio {
    pub(crate) fn seeded(now: DateTime<Utc>) -> Self {
        let mut twilio = Self::default();
        taskrouter::seed(&mut twilio, now);
        conversations::seed(&mut twilio, now);
        twilio
    }
}

pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "twilio" };
    Router::new()
        .route("/v1/Accounts/{account}/Tokens/validate", post(flex::validate))
        .route("/v1/Workspaces/{workspace}/Workers", get(taskrouter::workers))
        .route("/v1/Workspaces/{workspace}/Workers/{worker}", get(taskrouter::worker))
        .route("/v1/Workspaces/{workspace}/Tasks", get(taskrouter::tasks).post(taskrouter::create))
        .route("/v1/Workspaces/{workspace}/Tasks/{task}", get(taskrouter::show).post(taskrouter::update))
        .route("/v1/Conversations/{conversation}/Messages", get(conversations::messages))
        .route("/2010-04-01/Accounts/{account}", get(flex::account))
        .route("/_sandbox/flex/token", post(flex::mint))
        .route("/_sandbox/flex/token/expire", post(flex::expire))
        .route("/_sandbox/flex/tasks", post(taskrouter::place))
        .merge(control::router())
        .merge(pages::flex_router(&world.options().app.url, world.base()))
        .route_layer(middleware::from_fn(gate::name_route))
        .fallback(|| async { not_found("The requested resource was not found") })
        .with_state(world)
        .layer(middleware::from_fn_with_state(gate, gate::watch))
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

/// Basic `AC:token` or `SK:secret`.
#[expect(clippy::result_large_err, reason = "the error is the response itself")]
pub(crate) fn authenticate(headers: &HeaderMap) -> Result<(), Response> {
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
