//! Who may ask what. The route table is this page.

mod answer; // what every answer has
mod archive; // a ticket's attachments
mod around; // a layer that is a function
mod assets; // the built app
mod cards; // what the sidebar shows
mod client_address; // where a request comes from
mod dials; // whom an agent's Flex calls
mod engagements; // pops
pub mod error; // the one envelope
mod extract; // what a request must prove
mod files; // archived files
mod health; // for operators
mod hooks; // vendors call us
mod ledger; // what was done, for admins
mod limits; // how much one agent may ask for
mod openapi; // the list of all this
mod page; // the app's pages in Zendesk and Flex
mod plugins; // the list from which Flex loads our plugin
mod recordings; // calls, heard through us
mod sessions; // bearers
mod settings; // what admins decide
mod stream; // server-sent events
mod timings; // how long it took
mod top_bar; // Flex in Zendesk's top bar

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRef,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{Route, get, post, put},
};
use futures::FutureExt;
use wire::ErrorCode;

pub use client_address::{ClientAddresses, counted, is_within};
pub use health::{Readiness, metrics_router};
pub use limits::Counting;
pub use openapi::document;
pub use page::PageSettings;
pub use stream::Streams;

use self::{
    around::Around,
    error::ApiError,
    limits::{Answers, CUSTOMERS, RENEWALS, REQUESTS},
    timings::Timings,
};
use crate::features::{
    archive::Archive,
    contracts::Contracts,
    dials::Dials,
    engagements::Engagements,
    files::Files,
    hooks::{Hooks, TwilioHooks},
    ledger::Ledger,
    pops::Pops,
    recordings::Recordings,
    sessions::{Sessions, Viewer},
    settings::Settings,
};

/// How long a handler may take; what is slower belongs into a job.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Only this file and the extractors see it whole.
#[derive(FromRef)]
pub struct AppState {
    /// Who is asking.
    pub sessions: Sessions,
    /// Cards.
    pub contracts: Contracts,
    /// Pops.
    pub pops: Pops,
    /// Attachments.
    pub archive: Archive,
    /// Deliveries of vendors.
    pub hooks: Hooks,
    /// Deliveries of Twilio.
    pub twilio_hooks: TwilioHooks,
    /// What was put away.
    pub files: Files,
    /// What was said.
    pub recordings: Recordings,
    /// What was done.
    pub ledger: Ledger,
    /// What admins decide.
    pub settings: Settings,
    /// Calls and chats.
    pub engagements: Engagements,
    /// Whom agents call.
    pub dials: Dials,
    /// What the pages need.
    pub pages: Arc<PageSettings>,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// How much each agent and address asks for.
    pub counting: Counting,
    /// The event streams that are open.
    pub streams: Streams,
}

/// Every route there is. A group's last lines say whether it takes a session, and against which limit its requests count.
pub fn router(state: AppState) -> Router {
    let timings = Arc::<Timings>::default();
    let session = |limit, answers| {
        let counting = state.counting.clone();
        Around(move |request, route: &mut Route| counting.of_session((limit, answers), request, route))
    };
    let open = Router::new()
        // Zendesk's and Flex's frames.
        .route("/zendesk/{location}", post(page::zendesk).get(page::not_signed))
        .route("/flex/panel", get(page::flex))
        .route("/flex/plugin.js", get(assets::plugin).options(plugins::preflight_file))
        .route("/app/{file}", get(assets::file).options(plugins::preflight_file))
        // From Flex: refused tokens are counted by `limits::SignIn`.
        .route("/flex/plugins.json", get(plugins::list).options(plugins::preflight))
        .route("/api/session/flex", post(sessions::flex))
        // From the sidebar, with a bearer that has expired; counted in the same way.
        .route("/api/session/reopen", post(sessions::reopen))
        // By signed links: whoever holds one is counted by the feature, when it has read the link.
        .route("/api/archive/items/{id}/file", get(files::file))
        .route("/recordings/{sid}", get(recordings::hear))
        // From vendors: a signature is checked without asking anyone.
        .route("/hooks/zendesk/archive", post(hooks::zendesk_archive))
        .route("/hooks/twilio/events", post(hooks::twilio_events))
        // For operators.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::show))
        .method_not_allowed_fallback(wrong_method)
        .layer(Around(|request, route: &mut Route| in_time(around::answer_of(route, request))));
    let renewals = Router::new()
        .route("/api/session/renew", post(sessions::renew))
        .method_not_allowed_fallback(wrong_method)
        .layer(session(&RENEWALS, Answers::Fresh));
    let customers = Router::new()
        .route("/api/customers/{user_id}/card", get(cards::of_customer))
        .route("/api/customers", get(cards::by_phone))
        .method_not_allowed_fallback(wrong_method)
        .layer(session(&CUSTOMERS, Answers::Kept));
    let kept = Router::new()
        .route("/api/tickets/{id}/card", get(cards::of_ticket))
        .route("/api/tickets/{id}/archive", get(archive::show).post(archive::start))
        .method_not_allowed_fallback(wrong_method)
        .layer(session(&REQUESTS, Answers::Kept));
    let others = Router::new()
        // Which agent it is; codes are counted by the feature, too.
        .route("/api/session/proof", post(sessions::challenge))
        .route("/api/session/proof/confirm", post(sessions::confirm))
        // From the sidebar.
        .route("/api/archive/runs/{id}/cancel", post(archive::cancel))
        .route("/api/archive/runs/{id}/events", get(archive::events))
        .route("/api/archive/items/{id}/link", post(files::link))
        .route("/api/dial", post(dials::dial))
        .route("/api/dial/{id}", get(dials::show))
        // From Flex.
        .route("/api/dial/events", get(dials::events))
        .route("/api/dial/{id}/take", post(dials::take))
        .route("/api/dial/{id}/outcome", post(dials::outcome))
        .route("/api/tickets/{id}/comment", get(cards::last_comment))
        .route("/api/engagements/{task_sid}", get(engagements::show))
        .route("/api/engagements/{task_sid}/notes", put(engagements::note))
        .route("/api/engagements/{task_sid}/pop", post(engagements::pop))
        .route("/api/engagements/{task_sid}/show", post(engagements::show_ticket))
        .route("/api/engagements/{task_sid}/log", post(engagements::log))
        // From the console.
        .route("/api/ledger", get(ledger::page))
        .route("/api/ledger/volume", get(ledger::volume))
        .route("/api/ledger/export", get(ledger::export))
        .route("/api/settings/flex", get(settings::flex).put(settings::set_flex))
        .method_not_allowed_fallback(wrong_method)
        .layer(session(&REQUESTS, Answers::Fresh));
    open.merge(renewals)
        .merge(customers)
        .merge(kept)
        .merge(others)
        .fallback(no_such_route)
        .layer(Around(move |request, route: &mut Route| answer::answered(&timings, request, route)))
        .with_state(Arc::new(state))
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
        Err(refused) if uri.path().starts_with("/api/") && uri.path() != "/api/session/flex" => refused,
        _ => ApiError::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, words),
    }
}

fn in_time(answer: impl Future<Output = Response>) -> impl Future<Output = Response> {
    tokio::time::timeout(REQUEST_TIMEOUT, answer).map(|answer| answer.unwrap_or_else(|_| too_late()))
}

fn too_late() -> Response {
    let words = format!("this took longer than {} s and was given up", REQUEST_TIMEOUT.as_secs());
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::RequestTimeout, words)
        .hint("Try again in a moment.")
        .retry_after(Some(Duration::from_secs(5)))
        .into_response()
}

/// Where nothing may be cached: everything but the immutable assets.
const NO_STORE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
