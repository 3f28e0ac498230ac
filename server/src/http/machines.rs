//! `/hooks/…/integrations/{id}/runs` and `/hooks/…/runs/{id}`: a machine of the account starts a run and waits for its end. **Invariants:**
//! whoever shows no good key hears that before anything else, so nothing says which integrations there are; no row and no sample is in an
//! answer; nobody waits longer than [`LONGEST_WAIT`], and few at a time.

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
/// Requests of all keys in this process that wait at the same time.
const WAITS: usize = 200;
/// When it is worth trying again.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// The machines that wait for a run. There is an entry only for those that do.
#[derive(Clone, Default)]
pub struct Waits(Arc<Mutex<HashMap<String, usize>>>);

/// One of a machine's places; dropped when its answer is there, or when it goes away.
struct Place {
    waits: Waits,
    key: String,
}

impl Waits {
    fn take(&self, key: &str) -> Result<Place, ApiError> {
        let mut waiting = self.0.lock().expect("nobody panics while counting");
        let all: usize = waiting.values().sum();
        if all >= WAITS || waiting.get(key).is_some_and(|own| *own >= WAITS_OF_KEY) {
            let words = format!("{WAITS_OF_KEY} requests of this key wait already, or too many of all keys");
            return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, words)
                .hint("Ask again without `wait`, or when one of them has its answer.")
                .retry_after(Some(TRY_AGAIN)));
        }
        *waiting.entry(key.to_owned()).or_default() += 1;
        Ok(Place { waits: self.clone(), key: key.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.waits.0.lock().expect("nobody panics while counting");
        if let Some(own) = waiting.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                waiting.remove(&self.key);
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
    Keyed(integrations): Keyed<Integrations>,
    Path(Named { id }): Path<Named>,
    Query(HowLong { wait }): Query<HowLong>,
) -> Result<Document<MachineRun>, ApiError> {
    let mut run = integrations.run(&id).await?;
    if wait > 0 && is_working(&run) {
        let _place = waits.take(&machine.id)?;
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
        let mut open: Vec<_> = (0..WAITS_OF_KEY).map(|_| waits.take("one").expect("a place")).collect();
        assert_eq!(waits.take("one").err().map(|error| error.status.as_u16()), Some(429));
        assert!(waits.take("other").is_ok());
        open.pop();
        assert!(waits.take("one").is_ok());
        open.clear();
        assert!(waits.0.lock().expect("nobody panics").is_empty(), "nothing is kept of those that left");
    }

    #[test]
    fn all_keys_together_have_a_bound_too() {
        let waits = Waits::default();
        let open: Vec<_> =
            (0..WAITS).map(|at| waits.take(&(at / WAITS_OF_KEY).to_string()).expect("a place")).collect();
        assert!(waits.take("another").is_err());
        drop(open);
        assert!(waits.take("another").is_ok());
    }
}
