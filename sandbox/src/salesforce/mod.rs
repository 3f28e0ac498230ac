//! A stateful Salesforce organization: OAuth, descriptions, queries, single records, Bulk API 2.0 query jobs. `127.0.0.1` is the
//! organization's own domain, `localhost` the login host. **Invariant:** written from Salesforce's documentation and from recorded
//! traffic; it knows nobody who calls it.

mod about;
mod access;
mod assertion;
mod authorize;
mod bulk;
pub(crate) mod control;
pub(crate) mod oauth;
mod objects;
pub(crate) mod org;
mod query;
pub(crate) mod record;
mod refusal;
mod rows;
mod schema;
mod soql;

pub(crate) use org::Org;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::Uri,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};

use crate::{
    gate::{self, Gate},
    world::World,
};
use refusal::Refusal;

/// The whole host: OAuth, the API, the sandbox's controls.
pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "salesforce" };
    let authorize = middleware::from_fn_with_state(world.clone(), access::authorize);
    let inner = Router::new()
        .nest("/services/data/{version}", api().route_layer(authorize.clone()))
        .route("/services/data/{version}", get(about::resources).route_layer(authorize))
        .route("/services/data", get(about::versions))
        .route("/services/oauth2/authorize", get(authorize::page))
        .route("/services/oauth2/token", post(oauth::token))
        .route("/services/oauth2/revoke", post(oauth::revoke).get(oauth::revoke))
        .route("/services/oauth2/introspect", post(oauth::introspect))
        .route("/services/oauth2/userinfo", get(oauth::identity).post(oauth::identity))
        .route("/id/{org}/{user}", get(oauth::identity).post(oauth::identity))
        .merge(crate::control::router())
        .route_layer(middleware::from_fn(gate::name_route))
        .fallback(|| async { Refusal::not_found() })
        .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(world);
    // An outer router, so that a last slash is gone before the inner one matches: clients write one after `query` and `sobjects/X`.
    Router::new()
        .fallback_service(inner)
        .layer(middleware::from_fn(drop_slash))
        .layer(middleware::from_fn_with_state(gate, gate::watch))
}

async fn drop_slash(mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let whole = uri.path().trim_end_matches('/');
    if whole != uri.path() && !whole.is_empty() {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(bare) = format!("{whole}{query}").parse::<Uri>() {
            *request.uri_mut() = bare;
        }
    }
    next.run(request).await
}

fn api() -> Router<World> {
    Router::new()
        .route("/sobjects", get(about::objects))
        .route("/sobjects/{object}", get(about::object).post(rows::create))
        .route("/sobjects/{object}/describe", get(about::describe))
        .route("/sobjects/{object}/{id}", get(rows::show).patch(rows::update).delete(rows::delete))
        .route("/sobjects/{object}/{field}/{value}", get(rows::show_by_key))
        .route("/query", get(query::first))
        .route("/queryAll", get(query::first))
        .route("/query/{locator}", get(query::more))
        .route("/queryAll/{locator}", get(query::more))
        .route("/limits", get(about::limits))
        .route("/limits/recordCount", get(about::record_count))
        .route("/jobs/query", get(bulk::list).post(bulk::create))
        .route("/jobs/query/{id}", get(bulk::show).patch(bulk::abort).delete(bulk::delete))
        .route("/jobs/query/{id}/results", get(bulk::results))
}
