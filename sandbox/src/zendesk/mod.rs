//! A stateful Zendesk account, from the outside in. **Invariant:** written from Zendesk's documentation and recorded
//! traffic; it knows nobody who calls it.

mod access;
mod apps;
pub(crate) mod arrivals;
mod attachments;
mod belonging;
pub(crate) mod bulk;
mod comments;
pub(crate) mod delivery;
pub(crate) mod events;
pub(crate) mod field_values;
mod fields;
mod identities;
mod incremental;
pub(crate) mod input;
pub(crate) mod jobs;
pub(crate) mod limits;
mod mails;
pub(crate) mod oauth;
mod organizations;
mod paging;
mod query;
pub(crate) mod record;
mod redaction;
pub(crate) mod refusal;
mod roles;
pub(crate) mod schema;
mod search;
mod tags;
mod ticket_change;
pub(crate) mod ticket_writes;
mod tickets;
pub(crate) mod triggers;
mod user_writes;
mod users;
pub(crate) mod webhooks;

pub(crate) use fields::definition as field_definition;
pub(crate) use organizations::organization;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::Uri,
    middleware::{self, Next},
    response::Response,
    routing::{any, delete, get, post, put},
};

use crate::{
    control,
    gate::{self, Gate},
    pages,
    world::World,
};
use refusal::Refusal;

/// The whole host: API, OAuth, attachments' first hop, the agent workspace, the sandbox's controls.
pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "zendesk" };
    let zaf_sdk = world.options().zaf_sdk.clone();
    let authorize = middleware::from_fn_with_state(world.clone(), access::authorize);
    let api = reading().merge(writing()).merge(extending()).route_layer(authorize);
    let inner = Router::new()
        .nest("/api/v2", api)
        .route("/oauth/tokens", post(oauth::issue))
        .route("/oauth/authorizations/new", get(oauth::authorize))
        .route("/attachments/token/{token}/", get(attachments::follow))
        .route("/attachments/token/{token}", get(attachments::follow))
        .route("/auth/v2/login", get(attachments::sign_in))
        .merge(control::router())
        .merge(pages::zendesk_router(zaf_sdk))
        .route_layer(middleware::from_fn(gate::name_route))
        .fallback(|| async { Refusal::invalid_endpoint() })
        .method_not_allowed_fallback(|| async { Refusal::invalid_endpoint() })
        .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(world);
    // An outer router, so that the suffix is gone before the inner one matches.
    Router::new()
        .fallback_service(inner)
        .layer(middleware::from_fn(drop_suffix))
        .layer(middleware::from_fn_with_state(gate, gate::watch))
}

/// `.json` and a last slash are optional everywhere below `/api/v2`; the public key also comes as `.pem`.
async fn drop_suffix(mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let path = uri.path();
    let whole = path.trim_end_matches('/');
    let bare = whole.strip_suffix(".json").unwrap_or(whole);
    let bare = if bare.ends_with("/public_key.pem") { bare.trim_end_matches(".pem") } else { bare };
    if bare != path && (bare.starts_with("/api/v2/") || bare.starts_with("/oauth/")) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(bare) = format!("{bare}{query}").parse::<Uri>() {
            *request.uri_mut() = bare;
        }
    }
    next.run(request).await
}

/// What is read.
fn reading() -> Router<World> {
    Router::new()
        .route("/users/me", get(users::me))
        .route("/users/count", get(users::count))
        .route("/users/search", get(users::search))
        .route("/users/autocomplete", get(users::search))
        .route("/users/show_many", get(users::show_many))
        .route("/users/{id}/tickets/{relation}", get(users::tickets))
        .route("/users/{id}/related", get(users::related))
        .route("/users/{id}/organizations", get(belonging::organizations_of_user))
        .route("/users/{id}/organization_memberships", get(belonging::memberships))
        .route("/deleted_users", get(users::deleted))
        .route("/deleted_users/{id}", get(users::deleted_one))
        .route("/users/{id}/groups", get(users::groups))
        .route("/users/{id}/group_memberships", get(users::memberships))
        .route("/groups", get(users::groups))
        .route("/groups/assignable", get(users::groups))
        .route("/groups/{id}", get(users::group))
        .route("/groups/{id}/users", get(belonging::users))
        .route("/group_memberships", get(users::memberships))
        .route("/custom_roles", get(roles::list))
        .route("/custom_roles/{id}", get(roles::show))
        .route("/tickets/count", get(tickets::count))
        .route("/tickets/show_many", get(tickets::show_many))
        .route("/tickets/recent", get(tickets::recent))
        .route("/tickets/{id}/collaborators", get(tickets::collaborators))
        .route("/tickets/{id}/related", get(tickets::related))
        .route("/tickets/{id}/audits/{audit}", get(tickets::audit))
        .route("/tickets/{id}/audits", get(tickets::audits))
        .route("/ticket_audits", get(tickets::all_audits))
        .route("/tickets/{id}/comments", get(comments::list))
        .route("/tickets/{id}/comments/count", get(comments::count))
        .route("/ticket_fields", get(schema::list))
        .route("/ticket_fields/{id}", get(schema::show))
        .route("/ticket_forms", get(schema::list))
        .route("/ticket_forms/{id}", get(schema::show))
        .route("/brands", get(schema::list))
        .route("/brands/{id}", get(schema::show))
        .route("/deleted_tickets", get(tickets::deleted))
        .route("/search", get(search::all))
        .route("/search/export", get(search::export))
        .route("/search/count", get(search::count))
        .route("/tags", get(tags::all))
        .route("/incremental/{what}", get(incremental::by_time))
        .route("/incremental/{what}/cursor", get(incremental::by_cursor))
        .route("/organizations/show_many", get(organizations::list))
        .route("/organizations/search", get(organizations::search))
        .route("/organizations/autocomplete", get(organizations::autocomplete))
        .route("/organizations/count", get(organizations::count))
        .route("/organizations/{id}/related", get(organizations::related))
        .route("/organizations/{id}/users", get(belonging::users))
        .route("/organizations/{id}/tickets", get(belonging::tickets_of_organization))
        .route("/organizations/{id}/organization_memberships", get(belonging::memberships))
        .route("/organization_memberships", get(belonging::memberships))
        .route("/job_statuses", get(jobs::list))
        .route("/job_statuses/show_many", get(jobs::list))
        .route("/job_statuses/{id}", get(jobs::show))
}

/// What is read and written.
fn writing() -> Router<World> {
    Router::new()
        .route("/users", get(users::list).post(user_writes::create))
        .route("/users/create_or_update", post(user_writes::upsert))
        .route("/users/update_many", put(bulk::update_users))
        .route("/users/create_many", post(bulk::create_users))
        .route("/users/create_or_update_many", post(bulk::create_users))
        .route("/users/destroy_many", delete(bulk::delete_users))
        .route("/users/{id}", get(users::show).put(user_writes::update).delete(user_writes::delete))
        .route("/users/{id}/merge", put(user_writes::merge))
        .route("/users/{id}/identities", get(identities::list).post(identities::create))
        .route(
            "/users/{id}/identities/{identity}",
            get(identities::show).put(identities::update).delete(identities::delete),
        )
        .route("/users/{id}/identities/{identity}/{verb}", put(identities::promote))
        .route(
            "/users/{id}/tags",
            get(tags::of_user).put(tags::of_user).post(tags::of_user).delete(tags::of_user),
        )
        .route("/tickets", get(tickets::list).post(ticket_writes::create))
        .route("/tickets/create_many", post(ticket_writes::create_many))
        .route("/tickets/update_many", put(ticket_writes::update_many))
        .route("/tickets/{id}", get(tickets::show).put(ticket_writes::update).delete(tickets::delete))
        .route("/tickets/{id}/merge", post(ticket_writes::merge))
        .route("/tickets/{id}/mark_as_spam", put(tickets::mark_as_spam))
        .route(
            "/tickets/{id}/tags",
            get(tags::of_ticket).put(tags::of_ticket).post(tags::of_ticket).delete(tags::of_ticket),
        )
        .route("/tickets/{id}/comments/{comment}/make_private", put(comments::make_private))
        .route("/tickets/{id}/comments/{comment}/redact", put(redaction::text))
        .route("/tickets/{id}/comments/{comment}/attachments/{attachment}/redact", put(redaction::attachment))
        .route("/comment_redactions/{comment}", put(redaction::comment))
        .route("/deleted_tickets/{id}/restore", put(tickets::restore))
        .route("/uploads", post(attachments::upload))
        .route("/uploads/{token}", delete(attachments::discard))
        .route("/attachments/{id}", get(attachments::show).put(attachments::update))
        .route("/organizations", get(organizations::list).post(organizations::create))
        .route("/organizations/create_or_update", post(organizations::upsert))
        .route("/organizations/create_many", post(bulk::create_organizations))
        .route("/organizations/update_many", put(bulk::update_organizations))
        .route(
            "/organizations/{id}",
            get(organizations::show).put(organizations::update).delete(organizations::delete),
        )
        .route(
            "/organizations/{id}/tags",
            get(tags::of_organization)
                .put(tags::of_organization)
                .post(tags::of_organization)
                .delete(tags::of_organization),
        )
}

/// What integrations set up: fields, apps, webhooks, triggers, calls, tokens.
fn extending() -> Router<World> {
    Router::new()
        .route("/user_fields", get(fields::list).post(fields::create))
        .route("/user_fields/{id}", get(fields::show).put(fields::update).delete(fields::delete))
        .route("/user_fields/{id}/options", get(fields::options).post(fields::set_option))
        .route("/organization_fields", get(fields::list).post(fields::create))
        .route("/organization_fields/{id}", get(fields::show).put(fields::update).delete(fields::delete))
        .route("/organization_fields/{id}/options", get(fields::options).post(fields::set_option))
        .route("/apps/notify", post(apps::notify))
        .route("/apps/installations", get(apps::installations))
        .route("/apps/{id}/public_key", get(apps::public_key))
        .route("/channels/voice/agents/{agent}/{what}/{id}/display", post(apps::display))
        .route("/calls", post(apps::create_call))
        .route("/calls/{id}", get(apps::show_call).patch(apps::update_call))
        .route("/calls/{id}/comments", post(apps::comment_call))
        .route("/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/webhooks/test", post(webhooks::test))
        .route(
            "/webhooks/{id}",
            get(webhooks::show).put(webhooks::update).patch(webhooks::update).delete(webhooks::delete),
        )
        .route("/webhooks/{id}/signing_secret", get(webhooks::secret).post(webhooks::reset_secret))
        .route("/webhooks/{id}/invocations", get(webhooks::invocations))
        .route("/webhooks/{id}/invocations/{invocation}/attempts", get(webhooks::attempts))
        .route("/trigger_categories", get(triggers::list_categories).post(triggers::create_category))
        .route("/trigger_categories/{id}", get(triggers::show_category))
        .route("/triggers", get(triggers::list).post(triggers::create))
        .route("/triggers/active", get(triggers::active))
        .route("/triggers/definitions", get(triggers::definitions))
        .route("/triggers/{id}", get(triggers::show).put(triggers::update).delete(triggers::delete))
        .route("/oauth/tokens", get(oauth::list))
        .route("/oauth/tokens/current", get(oauth::current).delete(oauth::revoke_current))
        .route("/oauth/tokens/{id}", delete(oauth::revoke))
        .route("/{*rest}", any(|| async { Refusal::invalid_endpoint() }))
}
