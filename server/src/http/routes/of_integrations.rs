//! The console's routes of integrations (kept, tried, run, looked into), of their runs, and of the notices that come of contracts.

use utoipa_axum::{router::OpenApiRouter, routes};
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::*;

use super::Routes;
use crate::http::{
    editing, integrations, notices,
    openapi::refusals::{
        ADMIN, ANY, BODY, CONNECTION, PATH, QUERY, Refusals, SESSION, STORE, ZENDESK, refusing,
    },
    previews, reports, run_rows,
};

/// All of them; admins only.
pub(super) fn routes() -> Routes {
    const INTEGRATION: Refusals = &[(404, &[IntegrationNotFound])];
    const RUN: Refusals = &[(404, &[RunNotFound])];
    const KEPT: Refusals = &[(409, &[IntegrationChanged, RunInProgress]), (422, &[IntegrationInvalid])];
    const EDITOR: Refusals = &[(403, &[ConnectionEditorsOnly])];
    const LOOK: Refusals =
        &[(422, &[SourceUnreadable]), (502, &[SourceUnreadable]), (503, &[RequestTimeout])];
    OpenApiRouter::new()
        .routes(refusing(
            routes!(integrations::list, integrations::create),
            &[ANY, SESSION, ADMIN, EDITOR, BODY, STORE, KEPT],
        ))
        .routes(refusing(
            routes!(integrations::show, integrations::change, integrations::delete),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, BODY, STORE, INTEGRATION, KEPT],
        ))
        .routes(refusing(
            routes!(integrations::switch),
            &[
                ANY,
                SESSION,
                ADMIN,
                EDITOR,
                PATH,
                BODY,
                STORE,
                INTEGRATION,
                &[(409, &[RunInProgress]), (422, &[IntegrationInvalid])],
            ],
        ))
        .routes(refusing(
            routes!(integrations::start),
            &[
                ANY,
                SESSION,
                ADMIN,
                EDITOR,
                PATH,
                BODY,
                STORE,
                INTEGRATION,
                &[(409, &[DryRunNeeded, IntegrationEnabled, RunInProgress]), (422, &[IntegrationInvalid])],
            ],
        ))
        .routes(refusing(routes!(integrations::runs), &[ANY, SESSION, ADMIN, QUERY, STORE]))
        .routes(refusing(routes!(integrations::run), &[ANY, SESSION, ADMIN, PATH, STORE, RUN]))
        .routes(refusing(
            routes!(integrations::cancel),
            &[ANY, SESSION, ADMIN, PATH, STORE, RUN, &[(409, &[RunEnded])]],
        ))
        .routes(refusing(
            routes!(integrations::confirm),
            &[
                ANY,
                SESSION,
                ADMIN,
                EDITOR,
                PATH,
                STORE,
                RUN,
                INTEGRATION,
                &[(409, &[RunEnded, IntegrationChanged, IntegrationEnabled])],
            ],
        ))
        .routes(refusing(routes!(integrations::log), &[ANY, SESSION, ADMIN, PATH, STORE, RUN]))
        .routes(refusing(routes!(run_rows::rows), &[ANY, SESSION, ADMIN, EDITOR, PATH, QUERY, STORE, RUN]))
        .routes(refusing(routes!(run_rows::export), &[ANY, SESSION, ADMIN, EDITOR, PATH, QUERY, STORE, RUN]))
        .routes(refusing(
            routes!(run_rows::retry),
            &[
                ANY,
                SESSION,
                ADMIN,
                PATH,
                STORE,
                RUN,
                INTEGRATION,
                &[(409, &[NothingToRetry, DryRunNeeded, RunInProgress])],
            ],
        ))
        .routes(refusing(
            routes!(editing::preview),
            &[
                ANY,
                SESSION,
                ADMIN,
                EDITOR,
                BODY,
                STORE,
                CONNECTION,
                LOOK,
                &[(422, &[IntegrationInvalid, ModelInvalid])],
            ],
        ))
        .routes(refusing(
            routes!(editing::next_runs),
            &[ANY, SESSION, ADMIN, BODY, &[(422, &[IntegrationInvalid])]],
        ))
        .routes(refusing(routes!(editing::shipped), &[ANY, SESSION, ADMIN]))
        .routes(refusing(routes!(editing::overview), &[ANY, SESSION, ADMIN, PATH, STORE, INTEGRATION]))
        .routes(refusing(
            routes!(previews::preview),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, BODY, STORE, INTEGRATION, LOOK, &[(422, &[ModelInvalid])]],
        ))
        .routes(refusing(
            routes!(previews::sample),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, BODY, STORE, CONNECTION, LOOK],
        ))
        .routes(refusing(
            routes!(reports::tickets),
            &[
                ANY,
                SESSION,
                ADMIN,
                QUERY,
                STORE,
                &[(409, &[ContractNotIntegrated, TicketsNotKept]), (422, &[ModelInvalid])],
            ],
        ))
        .routes(refusing(
            routes!(previews::objects),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, STORE, CONNECTION, LOOK],
        ))
        .routes(refusing(
            routes!(previews::fields),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, STORE, CONNECTION, LOOK],
        ))
}

pub(super) fn of_notices() -> Routes {
    OpenApiRouter::new()
        .routes(refusing(routes!(notices::list), &[ANY, SESSION, ADMIN, QUERY, STORE]))
        .routes(refusing(
            routes!(notices::triggers),
            &[
                ANY,
                SESSION,
                ADMIN,
                BODY,
                ZENDESK,
                STORE,
                &[
                    (403, &[ConnectionEditorsOnly]),
                    (409, &[ContractNotIntegrated, TriggerFieldMissing, TriggersRefused]),
                ],
            ],
        ))
}
