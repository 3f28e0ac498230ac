//! `/hooks/…/integrations/{id}/runs` and `/hooks/…/runs/{id}`: a machine of the account starts a run and waits for its end. **Invariants:**
//! whoever shows no good key hears that before anything else, so nothing says which integrations there are; no row and no sample is in an
//! answer; nobody waits longer than [`LONGEST_WAIT`], few at a time, and the machines of one account never instead of another's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    extract::{FromRequestParts, Request},
    http::{StatusCode, request::Parts},
};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::IntoParams;
use wire::{ErrorCode, MachineRun, MachineStart};

use super::{
    AppState,
    error::ApiError,
    extract::{Path, Query, State, json_of, read_body, shown_bearer},
    integrations::{Document, told},
    limits::SignIn,
    whose::Keyed,
};
use crate::{
    features::{
        integrations::{Integrations, IntegrationsError, RunStart},
        machine_keys::{Machine, MachineKeys},
    },
    store::integrations::{Run, RunState},
};

/// What a body may weigh. Ours has 15 bytes.
const MAX_START: usize = 4 * 1024;
/// Proxies often give up an answer after a minute.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// How often a run is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Requests of one key that wait at the same time.
const WAITS_OF_KEY: usize = 4;
/// Requests of all keys of an account that wait at the same time.
const WAITS_OF_ACCOUNT: usize = 40;
/// Requests of all accounts in this process that wait at the same time.
const WAITS: usize = 1_000;

/// The machines that wait for a run. There is an entry only for those that do.
#[derive(Clone, Default)]
pub struct Waits(Arc<Mutex<HashMap<Waiter, usize>>>);

/// Account and key.
type Waiter = (String, String);

/// One of a machine's places; dropped when its answer is there, or when it goes away.
struct Place {
    waits: Waits,
    of: Waiter,
}

impl Waits {
    /// A place for this key; nothing where it has none left, or its account, or this process.
    fn take(&self, account: &str, key: &str) -> Option<Place> {
        let mut waiting = self.0.lock().expect("nobody panics while counting");
        let of = (account.to_owned(), key.to_owned());
        let count = |is_counted: &dyn Fn(&Waiter) -> bool| -> usize {
            waiting.iter().filter(|(waiter, _)| is_counted(waiter)).map(|(_, count)| count).sum()
        };
        let is_full = count(&|_| true) >= WAITS
            || count(&|(account, _)| *account == of.0) >= WAITS_OF_ACCOUNT
            || count(&|waiter| *waiter == of) >= WAITS_OF_KEY;
        if is_full {
            return None;
        }
        *waiting.entry(of.clone()).or_default() += 1;
        Some(Place { waits: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waits.0.lock().expect("nobody panics while counting");
        if let Some(own) = waiting.get_mut(&self.of) {
            *own -= 1;
            if *own == 0 {
                waiting.remove(&self.of);
            }
        }
    }
}

impl FromRequestParts<Arc<AppState>> for Machine {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let Keyed(keys) = Keyed::<MachineKeys>::from_request_parts(parts, state).await?;
        let Ok(callers) = SignIn::from_request_parts(parts, state).await;
        let shown = shown_bearer(&parts.headers).map_err(|_| no_key());
        let look = async { Ok::<_, ApiError>(keys.machine(shown?).await?) };
        let machine = callers.of(keys.account()).counted_key(look).await?;
        keys.count_request(&machine)?;
        Ok(machine)
    }
}

fn no_key() -> ApiError {
    let words = "this address needs the key of a machine";
    ApiError::new(StatusCode::UNAUTHORIZED, ErrorCode::MachineKeyMissing, words).hint(
        "Send `Authorization: Bearer deskside_mk_…`; an editor makes one: `deskside machine-keys create`.",
    )
}

/// What the address names besides the account.
#[derive(Deserialize)]
pub struct Named {
    id: String,
}

/// `POST /hooks/{key}/integrations/{id}/runs`: starts a run, or joins the live one that does the same.
#[utoipa::path(post, path = "/integrations/{id}/runs", tag = "machines", security(("machine_key" = [])),
    params(("id" = String, Path, description = "The integration's id")),
    request_body(content = MachineStart, description = "An empty body starts a run that writes"),
    responses((status = 202, body = MachineRun), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn start(
    machine: Machine,
    Keyed(keys): Keyed<MachineKeys>,
    Keyed(integrations): Keyed<Integrations>,
    Path(Named { id }): Path<Named>,
    request: Request,
) -> Result<(StatusCode, Document<MachineRun>), ApiError> {
    keys.count_start(&machine)?;
    let body = read_body(request, MAX_START).await?;
    let MachineStart { kind } =
        if body.trim_ascii().is_empty() { MachineStart::default() } else { json_of(&body)? };
    let run = integrations.start(&id, &RunStart::of_machine(kind, &machine.name)).await?;
    Ok((StatusCode::ACCEPTED, told(document(&integrations, &run).await?)))
}

/// How long to wait.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HowLong {
    /// Answer when the run has ended or stopped, at the latest after so many seconds; 60 at most.
    #[serde(default)]
    wait: u32,
}

/// `GET /hooks/{key}/runs/{id}`: where a run stands.
#[utoipa::path(get, path = "/runs/{id}", tag = "machines", security(("machine_key" = [])),
    params(("id" = String, Path, description = "The run's id"), HowLong),
    responses((status = 200, body = MachineRun), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    machine: Machine,
    State(waits): State<Waits>,
    Keyed(keys): Keyed<MachineKeys>,
    Keyed(integrations): Keyed<Integrations>,
    Path(Named { id }): Path<Named>,
    Query(HowLong { wait }): Query<HowLong>,
) -> Result<Document<MachineRun>, ApiError> {
    let mut run = integrations.run(&id).await?;
    // Whoever has no place left is answered at once, as without `wait`.
    let place = if wait > 0 { waits.take(keys.account(), &machine.id) } else { None };
    if place.is_some() {
        let until = Instant::now() + Duration::from_secs(wait.into()).min(LONGEST_WAIT);
        while is_working(&run) && Instant::now() < until {
            tokio::time::sleep(LOOK_EVERY).await;
            run = integrations.run(&id).await?;
        }
    }
    Ok(told(document(&integrations, &run).await?))
}

/// Neither at its end, nor before a question that only a person answers.
fn is_working(run: &Run) -> bool {
    matches!(run.state, RunState::Queued | RunState::Running)
        || (run.state == RunState::Stopped && run.confirmed)
}

async fn document(integrations: &Integrations, run: &Run) -> Result<MachineRun, IntegrationsError> {
    let progress = Integrations::progress(run);
    Ok(MachineRun { run: integrations.shown(run).await?, progress })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_four_waits_and_one_more_when_one_ends() {
        let waits = Waits::default();
        let mut open: Vec<_> =
            (0..WAITS_OF_KEY).map(|_| waits.take("acme", "one").expect("a place")).collect();
        assert!(waits.take("acme", "one").is_none());
        assert!(waits.take("acme", "other").is_some() && waits.take("umbrella", "one").is_some());
        open.pop();
        assert!(waits.take("acme", "one").is_some());
        open.clear();
        assert!(waits.0.lock().expect("nobody panics").is_empty(), "nothing is kept of those that left");
    }

    #[test]
    fn one_account_never_takes_the_places_of_another() {
        let waits = Waits::default();
        let open: Vec<_> = (0..2 * WAITS_OF_ACCOUNT)
            .filter_map(|at| waits.take("acme", &(at / WAITS_OF_KEY).to_string()))
            .collect();
        assert_eq!(open.len(), WAITS_OF_ACCOUNT);
        assert!(waits.take("umbrella", "one").is_some());
        drop(open);
        assert!(waits.take("acme", "another").is_some());
    }
}
