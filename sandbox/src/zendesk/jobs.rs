//! Jobs of bulk calls: queued, then working, then completed as they are looked at or as time passes.
//! **Invariant:** a completed job may hold rows that failed.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    access::Caller,
    input::Params,
    refusal::{Answer, Refusal, ok},
};
use crate::{state::Account, world::World};

/// One bulk call.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    id: String,
    kind: &'static str,
    doing: String,
    results: Vec<Value>,
    looked_at: u32,
    at: DateTime<Utc>,
}

impl Job {
    /// 0 queued, 1 working, 2 and more completed.
    fn stage(&self, now: DateTime<Utc>) -> u32 {
        let aged = if now >= self.at + TimeDelta::seconds(5) { 2 } else { 0 };
        self.looked_at.max(aged)
    }

    fn json(&self, base: &str, now: DateTime<Utc>) -> Value {
        let total = self.results.len();
        let (status, progress, message, results) = match self.stage(now) {
            0 => ("queued", Value::Null, Value::Null, Value::Null),
            1 => {
                let done = total.div_ceil(3);
                ("working", json!(done), json!(format!("{} #{done}", self.doing)), Value::Null)
            }
            _ => {
                let message = format!("Completed at {}", self.at.format("%Y-%m-%d %H:%M:%S +0000"));
                ("completed", json!(total), json!(message), json!(self.results))
            }
        };
        json!({"job_status": {
            "id": self.id,
            "job_type": self.kind,
            "url": format!("{base}/api/v2/job_statuses/{}.json", self.id),
            "total": total,
            "progress": progress,
            "status": status,
            "message": message,
            "results": results,
        }})
    }
}

/// Whether another job fits.
pub(crate) fn room(world: &World, account: &Account) -> Result<(), Refusal> {
    let now = world.now();
    let live = account.jobs.values().filter(|job| job.stage(now) < 2).count();
    if live < world.options().limits.jobs {
        return Ok(());
    }
    let why = "You have too many jobs queued, the limit is 30, please try again later.";
    Err(Refusal::named(StatusCode::TOO_MANY_REQUESTS, "TooManyJobs", why)
        .with(axum::http::header::RETRY_AFTER, "5"))
}

/// The answer to a bulk call whose rows came out as `results`.
pub(crate) fn start(
    world: &World,
    account: &mut Account,
    kind: &'static str,
    doing: &str,
    results: Vec<Value>,
) -> Value {
    let id = format!("V3-{}", uuid::Uuid::new_v4().simple());
    let now = world.now();
    let job = Job { id: id.clone(), kind, doing: doing.to_owned(), results, looked_at: 0, at: now };
    let body = job.json(world.base(), now);
    account.jobs.insert(id, job);
    body
}

/// `GET /api/v2/job_statuses/{id}`: each look moves it on.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.staff()?;
    let now = world.now();
    let mut account = world.account();
    let kept = now - TimeDelta::days(1);
    let job = account.jobs.get_mut(&id).filter(|job| job.at > kept).ok_or_else(Refusal::not_found)?;
    job.looked_at += 1;
    Ok(ok(job.json(world.base(), now)))
}

/// `GET /api/v2/job_statuses` and `…/show_many?ids=`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let now = world.now();
    let wanted = params.list("ids")?;
    let mut account = world.account();
    let mut rows = Vec::new();
    for job in account.jobs.values_mut() {
        if wanted.as_ref().is_none_or(|ids| ids.contains(&job.id)) {
            job.looked_at += 1;
            rows.push(job.json(world.base(), now)["job_status"].take());
        }
    }
    let path = format!("{}/api/v2/job_statuses.json", world.base());
    super::paging::page("job_statuses", rows, &path, &params, super::paging::Paging::Both).map(ok)
}
