//! Jobs of bulk calls: queued, then working, then completed; killed or failed on demand. Docs: "Job Statuses".
//! **Invariant:** a job changes nothing before it ends; a completed job may hold rows that failed, and one that was stopped has
//! done some of its rows and says of none which.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    access::Caller,
    bulk::Work,
    input::Params,
    refusal::{Answer, Refusal, ok},
};
use crate::{state::Account, world::World};

/// How a job ends that does not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// `killed` or `failed`.
    pub status: String,
    /// How many rows were done before.
    #[serde(default)]
    pub after_rows: usize,
}

/// One bulk call.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    id: String,
    kind: &'static str,
    doing: &'static str,
    total: usize,
    work: Option<Work>,
    results: Vec<Value>,
    stop: Option<Stop>,
    looked_at: u32,
    /// How long it takes; none: each look moves it on, and five seconds end it.
    takes: Option<TimeDelta>,
    at: DateTime<Utc>,
}

impl Job {
    /// 0 queued, 1 working, 2 and more completed.
    fn stage(&self, now: DateTime<Utc>) -> u32 {
        match self.takes {
            _ if now >= self.ends() => 2,
            None => self.looked_at,
            Some(takes) => u32::from(now >= self.at + takes / 4),
        }
    }

    fn ends(&self) -> DateTime<Utc> {
        self.at + self.takes.unwrap_or(TimeDelta::seconds(5))
    }

    fn json(&self, base: &str, now: DateTime<Utc>) -> Value {
        let (status, progress, message, results) = match (self.stage(now), &self.stop) {
            (0, _) => ("queued", Value::Null, Value::Null, Value::Null),
            (1, _) => {
                let done = self.total.div_ceil(3);
                ("working", json!(done), json!(format!("{} #{done}", self.doing)), Value::Null)
            }
            (_, None) => {
                let message = format!("Completed at {}", self.at.format("%Y-%m-%d %H:%M:%S +0000"));
                ("completed", json!(self.total), json!(message), json!(self.results))
            }
            (_, Some(stop)) => {
                let done = stop.after_rows.min(self.total);
                (&*stop.status, json!(done), json!(format!("{} #{done}", self.doing)), Value::Null)
            }
        };
        json!({"job_status": {
            "id": self.id,
            "job_type": self.kind,
            "url": format!("{base}/api/v2/job_statuses/{}.json", self.id),
            "total": self.total,
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

/// The answer to a bulk call whose rows came out as `results`; what it did is done.
pub(crate) fn start(
    world: &World,
    account: &mut Account,
    kind: &'static str,
    doing: &'static str,
    results: Vec<Value>,
) -> Value {
    let total = results.len();
    queue(world, account, kind, doing, total, None, results)
}

/// The answer to a bulk call whose rows are still to be done, when the job ends.
pub(crate) fn start_work(
    world: &World,
    account: &mut Account,
    kind: &'static str,
    doing: &'static str,
    work: Work,
) -> Value {
    let total = work.rows();
    queue(world, account, kind, doing, total, Some(work), Vec::new())
}

fn queue(
    world: &World,
    account: &mut Account,
    kind: &'static str,
    doing: &'static str,
    total: usize,
    work: Option<Work>,
    results: Vec<Value>,
) -> Value {
    let id = format!("V3-{}", uuid::Uuid::new_v4().simple());
    let now = world.now();
    let takes = world.options().job_time.and_then(|time| TimeDelta::from_std(time).ok());
    let stop = if work.is_some() { account.stops.pop_front() } else { None };
    if work.is_some() {
        account.unfinished_jobs.push(id.clone());
    }
    account.jobs.retain(|_, job| kept(job, now));
    let job = Job { id: id.clone(), kind, doing, total, work, results, stop, looked_at: 0, takes, at: now };
    let body = job.json(world.base(), now);
    account.jobs.insert(id, job);
    body
}

/// A job is known for a day.
fn kept(job: &Job, now: DateTime<Utc>) -> bool {
    job.at > now - TimeDelta::days(1)
}

/// Does what the jobs were to do that have ended by now. Every call comes through here first.
pub(crate) fn settle(world: &World, account: &mut Account) {
    let now = world.now();
    let (ended, unfinished) = std::mem::take(&mut account.unfinished_jobs)
        .into_iter()
        .partition(|id| account.jobs.get(id).is_none_or(|job| job.stage(now) >= 2));
    account.unfinished_jobs = unfinished;
    for id in ended {
        let Some(job) = account.jobs.get_mut(&id) else { continue };
        let (Some(work), at) = (job.work.take(), job.ends().min(now)) else { continue };
        let rows = job.stop.as_ref().map_or(usize::MAX, |stop| stop.after_rows);
        let results = work.run(account, world.base(), at, rows);
        if let Some(job) = account.jobs.get_mut(&id) {
            job.results = results;
        }
    }
}

/// `GET /api/v2/job_statuses/{id}`: each look moves it on.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(id): Path<String>) -> Answer {
    caller.staff()?;
    let now = world.now();
    let mut account = world.account();
    let job = account.jobs.get_mut(&id).filter(|job| kept(job, now)).ok_or_else(Refusal::not_found)?;
    job.looked_at += 1;
    settle(&world, &mut account);
    let job = account.jobs.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(ok(job.json(world.base(), now)))
}

/// `GET /api/v2/job_statuses` and `…/show_many?ids=`.
pub(crate) async fn list(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.staff()?;
    let now = world.now();
    let wanted = params.list("ids")?;
    let mut account = world.account();
    let shown: Vec<String> = match wanted {
        Some(ids) => {
            ids.into_iter().filter(|id| account.jobs.get(id).is_some_and(|job| kept(job, now))).collect()
        }
        None => account.jobs.iter().filter(|(_, job)| kept(job, now)).map(|(id, _)| id.clone()).collect(),
    };
    for id in &shown {
        if let Some(job) = account.jobs.get_mut(id) {
            job.looked_at += 1;
        }
    }
    settle(&world, &mut account);
    let rows = shown.iter().filter_map(|id| account.jobs.get(id));
    let rows = rows.map(|job| job.json(world.base(), now)["job_status"].take()).collect();
    let path = format!("{}/api/v2/job_statuses.json", world.base());
    super::paging::page("job_statuses", rows, &path, &params, super::paging::Paging::Both).map(ok)
}
