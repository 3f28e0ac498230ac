//! Who may ask what. The route table is in `routes`.

mod answer; // what every answer has
mod archive; // a ticket's attachments
mod around; // a layer that is a function
mod assets; // the built app
mod cards; // what the sidebar shows
mod client_address; // where a request comes from
mod connections; // with which vendors the account is connected
mod consent; // consent in a vendor's pages
mod dials; // whom an agent's Flex calls
mod editing; // integrations that are not kept yet
mod engagements; // pops
pub mod error; // the one envelope
mod extract; // what a request must prove
mod files; // archived files
mod health; // for operators
mod hooks; // vendors call us
mod integrations; // integrations and their runs
mod ledger; // what was done, for admins
mod limits; // how much one agent may ask for
mod machine_keys; // keys for machines, for editors
mod machines; // machines start runs and wait for them
mod notices; // who was told of a contract
mod openapi; // the list of all this
mod page; // the app's pages in Zendesk and Flex
mod plugins; // the list from which Flex loads our plugin
mod previews; // what editors look at first
mod recordings; // calls, heard through us
mod reports; // what tickets and contracts say together
mod routes; // every route there is
mod run_rows; // rows of a run
mod sessions; // bearers
mod settings; // what admins decide
mod stream; // server-sent events
mod timings; // how long it took
mod top_bar; // Flex in Zendesk's top bar
mod whose; // of which account a request is

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRef,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures::FutureExt;
use utoipa_axum::router::OpenApiRouter;
use wire::ErrorCode;

pub use client_address::{ClientAddresses, counted, is_within};
pub use health::{Readiness, metrics_router};
pub use limits::Counting;
pub use machines::Waits;
pub use openapi::{document, every_route};
pub use stream::Streams;

use self::{
    around::Around,
    error::ApiError,
    limits::{Answers, CUSTOMERS, RENEWALS, REQUESTS},
    routes::Table,
    timings::Timings,
};
use crate::features::{
    accounts::Accounts,
    sessions::{Bearers, Viewer},
};

/// How long a handler may take; what is slower belongs into a job.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Only this file and the extractors see it whole. What an account has is reached by `whose` alone.
#[derive(FromRef)]
pub struct AppState {
    /// Whose requests these are.
    pub accounts: Accounts,
    /// Who is asking.
    pub bearers: Bearers,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// How much each agent and address asks for.
    pub counting: Counting,
    /// The event streams that are open.
    pub streams: Streams,
    /// The machines that wait for a run.
    pub waits: Waits,
}

/// The routes, each group with what its requests must bring and may ask for.
pub fn router(state: AppState) -> Router {
    let timings = Arc::<Timings>::default();
    let session = |limit, answers| {
        let counting = state.counting.clone();
        Around(move |request, route: &mut Route| counting.of_session((limit, answers), request, route))
    };
    let Table { open, machines, renewals, customers, kept, fresh } = Table::new();
    let in_time = |limit| {
        Around(move |request, route: &mut Route| in_time_of(limit, around::answer_of(route, request)))
    };
    plain(open)
        .layer(in_time(REQUEST_TIMEOUT))
        .merge(plain(machines).layer(in_time(REQUEST_TIMEOUT + machines::LONGEST_WAIT)))
        .merge(plain(renewals).layer(session(&RENEWALS, Answers::Fresh)))
        .merge(plain(customers).layer(session(&CUSTOMERS, Answers::Kept)))
        .merge(plain(kept).layer(session(&REQUESTS, Answers::Kept)))
        .merge(plain(fresh).layer(session(&REQUESTS, Answers::Fresh)))
        .fallback(no_such_route)
        .layer(Around(move |request, route: &mut Route| answer::answered(&timings, request, route)))
        .with_state(Arc::new(state))
}

/// A group's router, without its description.
fn plain(group: OpenApiRouter<Arc<AppState>>) -> Router<Arc<AppState>> {
    group.split_for_parts().0.method_not_allowed_fallback(wrong_method)
}

/// Below `/api/` everybody without a session hears that first, and not which routes there are.
async fn no_such_route(uri: Uri, session: Result<Viewer, ApiError>) -> ApiError {
    match session {
        Err(refused) if uri.path().starts_with("/api/") => refused,
        _ => ApiError::new(StatusCode::NOT_FOUND, ErrorCode::RouteNotFound, "this server has no such route"),
    }
}

async fn wrong_method(uri: Uri, session: Result<Viewer, ApiError>) -> ApiError {
    let words = "this route does not take this method";
    match session {
        Err(refused) if uri.path().starts_with("/api/") && !uri.path().starts_with("/api/session/flex") => {
            refused
        }
        _ => ApiError::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, words),
    }
}

fn in_time(answer: impl Future<Output = Response>) -> impl Future<Output = Response> {
    in_time_of(REQUEST_TIMEOUT, answer)
}

fn in_time_of(limit: Duration, answer: impl Future<Output = Response>) -> impl Future<Output = Response> {
    tokio::time::timeout(limit, answer).map(move |answer| answer.unwrap_or_else(|_| too_late(limit)))
}

fn too_late(limit: Duration) -> Response {
    let words = format!("this took longer than {} s and was given up", limit.as_secs());
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::RequestTimeout, words)
        .hint("Try again in a moment.")
        .retry_after(Some(Duration::from_secs(5)))
        .into_response()
}

/// Where nothing may be cached: everything but the immutable assets.
const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
