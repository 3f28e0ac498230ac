//! Routes about keys for machines, and those that machines ask.

use utoipa_axum::{router::OpenApiRouter, routes};
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::*;

use super::Routes;
use crate::http::{
    machine_keys, machines,
    openapi::refusals::{ADMIN, ANY, BODY, KEY, MACHINE, PATH, QUERY, Refusals, SESSION, STORE, refusing},
};

/// From the console.
pub(super) fn keys() -> Routes {
    const EDITOR: Refusals = &[(403, &[ConnectionEditorsOnly])];
    const MADE: Refusals = &[(409, &[MachineKeyName, MachineKeysFull]), (422, &[MachineKeyName])];
    OpenApiRouter::new()
        .routes(refusing(
            routes!(machine_keys::list, machine_keys::create),
            &[ANY, SESSION, ADMIN, EDITOR, BODY, STORE, MADE],
        ))
        .routes(refusing(
            routes!(machine_keys::revoke),
            &[ANY, SESSION, ADMIN, EDITOR, PATH, STORE, &[(404, &[MachineKeyNotFound])]],
        ))
}

/// From machines. An address without an account's key is the settings file's account's.
pub(super) fn asking() -> Routes {
    OpenApiRouter::new().nest("/hooks", of_account()).nest("/hooks/{key}", of_account())
}

fn of_account() -> Routes {
    const START: Refusals = &[
        (404, &[IntegrationNotFound]),
        (409, &[DryRunNeeded, IntegrationPaused, RunInProgress]),
        (422, &[IntegrationInvalid]),
    ];
    OpenApiRouter::new()
        .routes(refusing(routes!(machines::start), &[ANY, MACHINE, KEY, PATH, BODY, STORE, START]))
        .routes(refusing(
            routes!(machines::show),
            &[ANY, MACHINE, KEY, PATH, QUERY, STORE, &[(404, &[RunNotFound])]],
        ))
}
