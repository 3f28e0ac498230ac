//! Routes about connections with vendors, and about consents under way.

use utoipa_axum::{router::OpenApiRouter, routes};
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::*;

use super::Routes;
use crate::http::{
    connections, consent,
    openapi::refusals::{ADMIN, ANY, BODY, CONNECTION, CONSENT, PATH, SESSION, STORE, refusing},
};

/// Below `/api/connections` and `/api/authorizations`.
pub(super) fn all() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(routes!(connections::list), &[ANY, SESSION, ADMIN, STORE]))
        .routes(refusing(routes!(connections::create), &[ANY, SESSION, ADMIN, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::change), &[ANY, SESSION, ADMIN, PATH, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::test), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::disconnect), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(connections::delete), &[ANY, SESSION, ADMIN, PATH, CONNECTION, STORE]))
        .routes(refusing(routes!(consent::begin), &[ANY, SESSION, ADMIN, PATH, BODY, CONNECTION, STORE]))
        .routes(refusing(routes!(consent::show), &[ANY, SESSION, ADMIN, PATH, CONSENT, STORE]))
        .routes(refusing(
            routes!(consent::confirm),
            &[
                ANY,
                SESSION,
                ADMIN,
                PATH,
                BODY,
                CONNECTION,
                CONSENT,
                STORE,
                &[(422, &[AuthorizationNumberWrong])],
            ],
        ))
        .routes(refusing(routes!(consent::give_up), &[ANY, SESSION, ADMIN, PATH, CONSENT, STORE]))
}
