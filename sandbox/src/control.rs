//! `/_sandbox/*`: what only a stand-in can do: trouble on demand, a look inside, back to the start, and what the workspace
//! page needs. **Invariant:** nothing here exists at the vendor, so nothing but tests, demos and pages may call it.

use std::convert::Infallible;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{get, post, put},
};
use chrono::TimeDelta;
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_stream::wrappers::BroadcastStream;

use crate::{
    credentials::ADMIN_EMAIL,
    faults::FaultRule,
    handle::Handle,
    odd::OddRule,
    pages, salesforce,
    seed::service,
    signing::SignOptions,
    state::random_word,
    world::World,
    zendesk::{
        arrivals::{self, Arrival},
        input::Params,
        jobs::Stop,
        oauth,
        record::Role,
    },
};

/// The controls that every listener offers.
pub(crate) fn router() -> Router<World> {
    Router::new()
        .route("/_sandbox/faults", post(add_fault).delete(clear_faults))
        .route("/_sandbox/odd", post(add_odd))
        .route("/_sandbox/requests", get(requests))
        .route("/_sandbox/leaks", get(leaks))
        .route("/_sandbox/notices", get(notices))
        .route("/_sandbox/mails", get(mails))
        .route("/_sandbox/pagerduty/alerts", get(alerts).put(set_alert))
        .route("/_sandbox/tickets/arrive", post(arrive))
        .route("/_sandbox/tickets/{id}/reply", post(reply))
        .route("/_sandbox/webhooks/double", post(double))
        .route("/_sandbox/webhooks/break", post(break_circuit))
        .route("/_sandbox/service/users_history.csv", get(users_history))
        .route("/_sandbox/jobs/stop", post(stop_job))
        .route("/_sandbox/state", get(state))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/clock/advance", post(advance))
        .route("/_sandbox/tokens/expire", post(expire_tokens))
        .route("/_sandbox/app/rotate_key", post(rotate_key))
        .route("/_sandbox/users/make", post(make_users))
        .route("/_sandbox/users/{id}/restriction", put(restrict))
        .route("/_sandbox/tickets/{id}/attachments", post(attach))
        .route("/_sandbox/workspace/config", get(config))
        .route("/_sandbox/workspace/login", post(login))
        .route("/_sandbox/workspace/sign", post(sign))
        .route("/_sandbox/workspace/events", get(events))
        .merge(salesforce::control::router())
        .merge(pages::view_router())
}

async fn add_fault(State(world): State<World>, Json(rule): Json<FaultRule>) -> StatusCode {
    world.faults().add(rule);
    StatusCode::CREATED
}

async fn add_odd(State(world): State<World>, Json(rule): Json<OddRule>) -> StatusCode {
    world.odd().add(rule);
    StatusCode::CREATED
}

async fn clear_faults(State(world): State<World>) -> StatusCode {
    world.faults().clear();
    world.odd().clear();
    StatusCode::NO_CONTENT
}

async fn requests(State(world): State<World>) -> Response {
    Json(json!({"requests": world.traffic().calls()})).into_response()
}

async fn leaks(State(world): State<World>) -> Response {
    Json(json!({"leaks": world.traffic().leaks})).into_response()
}

/// What arrived at Slack's and Zapier's hooks, oldest first.
async fn notices(State(world): State<World>) -> Response {
    Json(json!({"notices": world.account().notices})).into_response()
}

/// What Zendesk would have sent to people by mail, oldest first.
async fn mails(State(world): State<World>) -> Response {
    Json(json!({"mails": world.account().mails})).into_response()
}

/// PagerDuty's alerts, oldest first.
async fn alerts(State(world): State<World>) -> Response {
    Json(json!({"alerts": world.account().alerts.json()})).into_response()
}

#[derive(Deserialize)]
struct OnCall {
    dedup_key: String,
    status: String,
}

/// Somebody on call takes an alert, or ends it.
async fn set_alert(State(world): State<World>, Json(wanted): Json<OnCall>) -> StatusCode {
    if Handle::new(world).set_alert(&wanted.dedup_key, &wanted.status) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

/// What the service itself would say of its users.
async fn users_history(State(world): State<World>) -> Response {
    ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], service::users_history(world.now())).into_response()
}

async fn state(State(world): State<World>) -> Response {
    Json(snapshot(&world)).into_response()
}

/// Counts, and what each ticket holds.
pub(crate) fn snapshot(world: &World) -> Value {
    let account = world.account();
    let tickets: Vec<_> = account
        .tickets
        .values()
        .map(|ticket| {
            let files: Vec<_> = ticket
                .attachment_ids()
                .filter_map(|(comment, id)| Some((comment, account.attachments.get(&id)?)))
                .map(|(comment, file)| {
                    json!({"id": file.id, "comment_id": comment, "file_name": file.file_name, "size": file.file.size(),
                           "deleted": file.deleted})
                })
                .collect();
            json!({"id": ticket.id, "status": ticket.status.name(), "subject": ticket.subject, "tags": ticket.tags,
                   "requester_id": ticket.requester_id, "comments": ticket.comments.len(), "attachments": files})
        })
        .collect();
    json!({
        "users": account.users.len(), "tickets": tickets, "attachments": account.attachments.len(),
        "webhooks": account.webhooks.len(), "triggers": account.triggers.len(), "jobs": account.jobs.len(),
        "tokens": account.tokens.len(), "notified": account.notified,
    })
}

/// The next job of users or organizations ends like this.
async fn stop_job(State(world): State<World>, Json(stop): Json<Stop>) -> Response {
    if !matches!(stop.status.as_str(), "killed" | "failed") {
        return (StatusCode::UNPROCESSABLE_ENTITY, "A job that is stopped is killed or failed.")
            .into_response();
    }
    world.account().stops.push_back(stop);
    StatusCode::CREATED.into_response()
}

async fn reset(State(world): State<World>) -> StatusCode {
    world.reset();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Advance {
    seconds: i64,
}

async fn advance(State(world): State<World>, Json(by): Json<Advance>) -> Response {
    world.options().clock.advance(TimeDelta::seconds(by.seconds));
    Json(json!({"now": world.now()})).into_response()
}

async fn expire_tokens(State(world): State<World>) -> StatusCode {
    let now = world.now();
    oauth::expire_all(&mut world.account(), now);
    StatusCode::NO_CONTENT
}

async fn rotate_key(State(world): State<World>) -> StatusCode {
    world.account().app_keys.rotate();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Made {
    count: u64,
}

/// So many further customers.
async fn make_users(State(world): State<World>, Json(wanted): Json<Made>) -> Response {
    let first = Handle::new(world).make_users(wanted.count);
    (StatusCode::CREATED, Json(json!({"first_id": first, "count": wanted.count}))).into_response()
}

#[derive(Deserialize)]
struct Arriving {
    agent_id: Option<u64>,
    #[serde(flatten)]
    arrival: Arrival,
}

/// Somebody writes in, or an agent opens a ticket for them.
async fn arrive(State(world): State<World>, Json(wanted): Json<Arriving>) -> Response {
    let done = match wanted.agent_id {
        Some(agent) => arrivals::open_for(&world, agent, &wanted.arrival),
        None => arrivals::write_in(&world, &wanted.arrival),
    };
    match done {
        Ok(ticket) => {
            let requester = world.account().tickets.get(&ticket).map(|ticket| ticket.requester_id);
            let body = json!({"ticket_id": ticket, "requester_id": requester});
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
    }
}

#[derive(Deserialize)]
struct Reply {
    body: String,
}

/// A ticket's requester writes again.
async fn reply(State(world): State<World>, Path(ticket): Path<u64>, Json(wanted): Json<Reply>) -> Response {
    match arrivals::reply(&world, ticket, &wanted.body) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
    }
}

#[derive(Deserialize)]
struct Times {
    times: u32,
}

/// So many of the next deliveries of webhooks arrive twice.
async fn double(State(world): State<World>, Json(wanted): Json<Times>) -> StatusCode {
    world.account().doubled_deliveries = wanted.times;
    StatusCode::NO_CONTENT
}

/// So many of the next deliveries of webhooks never leave.
async fn break_circuit(State(world): State<World>, Json(wanted): Json<Times>) -> StatusCode {
    world.account().broken_deliveries = wanted.times;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Restriction {
    assigned_only: bool,
}

async fn restrict(
    State(world): State<World>,
    Path(id): Path<u64>,
    Json(wanted): Json<Restriction>,
) -> StatusCode {
    let restriction = wanted.assigned_only.then_some("assigned");
    match world.account().users.edit(id, |user| user.ticket_restriction = restriction) {
        Some(()) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}

#[derive(Deserialize)]
struct Attach {
    file_name: String,
    size: u64,
}

/// A file of any size, made on its way out.
async fn attach(State(world): State<World>, Path(ticket): Path<u64>, Json(wanted): Json<Attach>) -> Response {
    let id = Handle::new(world.clone()).attach(ticket, &wanted.file_name, wanted.size);
    let account = world.account();
    match id.and_then(|id| account.attachments.get(&id)) {
        Some(file) => {
            (StatusCode::CREATED, Json(json!({"attachment": file.json(world.base())}))).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such ticket, or it has no comment.").into_response(),
    }
}

/// What the workspace page starts from.
async fn config(State(world): State<World>) -> Response {
    let account = world.account();
    let agents: Vec<_> = account
        .users
        .values()
        .filter(|user| user.active && user.role != Role::EndUser)
        .map(|user| {
            json!({"id": user.id, "name": user.name, "email": user.email(), "role": user.role.name(), "locale": user.locale})
        })
        .collect();
    let (app, urls) = (&world.options().app, world.urls());
    Json(json!({
        "app_url": app.url, "app_id": app.app_id, "installation_id": app.installation_id, "subdomain": world.options().subdomain,
        "agents": agents, "admin_email": ADMIN_EMAIL, "zendesk_url": urls.zendesk, "twilio_url": urls.twilio,
        "flex_page": format!("{}/flex", urls.twilio),
    }))
    .into_response()
}

#[derive(Deserialize)]
struct Login {
    agent_id: u64,
}

/// A session of the workspace page: a token to send as bearer, and a cookie for images.
async fn login(State(world): State<World>, Json(who): Json<Login>) -> Response {
    let mut account = world.account();
    if account.users.get(&who.agent_id).is_none_or(|user| user.role == Role::EndUser) {
        return (StatusCode::NOT_FOUND, "There is no such agent.").into_response();
    }
    let token = random_word(40);
    account.sessions.insert(token.clone(), who.agent_id);
    let cookie = format!("_zendesk_session={token}; Path=/; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, cookie)], Json(json!({"token": token}))).into_response()
}

#[derive(Deserialize)]
struct Sign {
    location: String,
    agent_id: u64,
    #[serde(default)]
    options: SignOptions,
}

/// The token that Zendesk would post to the app's page.
async fn sign(State(world): State<World>, Json(wanted): Json<Sign>) -> Response {
    let now = world.now();
    let account = world.account();
    let token =
        account.app_keys.sign(world.options(), &wanted.location, wanted.agent_id, &wanted.options, now);
    Json(json!({"token": token})).into_response()
}

/// What happens in the account, for one agent's open workspace.
async fn events(
    State(world): State<World>,
    params: Params,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let agent = params.get("agent_id").and_then(|id| id.parse::<u64>().ok());
    let events = BroadcastStream::new(world.listen()).filter_map(move |event| {
        let mine = event.ok().filter(|event| {
            let to = event["agent_id"].as_u64();
            to.is_none() || agent.is_none() || to == agent
        });
        std::future::ready(mine.and_then(|event| Event::default().json_data(event).ok()).map(Ok))
    });
    Sse::new(events).keep_alive(axum::response::sse::KeepAlive::default())
}
