//! Query jobs of the Bulk API 2.0. Docs: "Bulk API 2.0 Query"; recorded: `bulk2_query_lifecycle`. **Invariant:** a job answers what was
//! there when it ended, in the version of the API in which it was made.

use std::collections::HashMap;

use axum::{
    Extension,
    extract::{Path, Query as UrlQuery, State},
    http::{HeaderName, StatusCode, header},
    response::IntoResponse as _,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    access::Caller,
    org::Org,
    record::{id, stamp},
    refusal::{Answer, Refusal, ok},
    schema::Kind,
    soql::{Found, Item, Query, check, csv, csv_head, find, parse},
};
use crate::world::World;

/// What may stand between the values of a line.
const DELIMITERS: [(&str, char); 6] =
    [("COMMA", ','), ("SEMICOLON", ';'), ("TAB", '\t'), ("PIPE", '|'), ("CARET", '^'), ("BACKQUOTE", '`')];

/// One query job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    id: String,
    operation: String,
    object: &'static str,
    query: Query,
    version: String,
    delimiter: (&'static str, char),
    line_ending: &'static str,
    by: String,
    made: DateTime<Utc>,
    looked_at: u32,
    takes: Option<TimeDelta>,
    /// The ids that were found, once it has ended.
    found: Option<Vec<String>>,
    aborted: bool,
    /// Why it failed, where somebody asked for that.
    failed: Option<String>,
}

impl Job {
    fn ends(&self) -> DateTime<Utc> {
        self.made + self.takes.unwrap_or(TimeDelta::seconds(5))
    }

    /// Ended, or about to be shown as such.
    fn over(&self, now: DateTime<Utc>) -> bool {
        now >= self.ends() || (self.takes.is_none() && self.looked_at >= 2)
    }

    fn state(&self, now: DateTime<Utc>) -> &'static str {
        match () {
            () if self.aborted => "Aborted",
            () if self.over(now) && self.failed.is_some() => "Failed",
            () if self.over(now) => "JobComplete",
            () if self.takes.map_or(self.looked_at >= 1, |takes| now >= self.made + takes / 4) => {
                "InProgress"
            }
            () => "UploadComplete",
        }
    }

    fn json(&self, now: DateTime<Utc>, whole: bool) -> Value {
        let version: f64 = self.version.parse().unwrap_or_default();
        let mut body = json!({
            "id": self.id, "operation": self.operation, "object": self.object, "createdById": self.by,
            "createdDate": stamp(self.made), "systemModstamp": stamp(now.min(self.ends())), "state": self.state(now),
            "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": version, "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter.0,
        });
        if whole {
            body["jobType"] = json!("V2Query");
            body["numberRecordsProcessed"] = json!(self.found.as_ref().map_or(0, Vec::len));
            body["retries"] = json!(0);
            body["totalProcessingTime"] = json!(if self.found.is_some() { 249 } else { 0 });
            if let Some(why) = self.failed.as_ref().filter(|_| self.over(now)) {
                body["errorMessage"] = json!(why);
            }
        }
        body
    }
}

/// Runs what has ended by now.
fn settle(org: &mut Org, now: DateTime<Utc>) {
    let due: Vec<String> = org
        .jobs
        .values()
        .filter(|job| job.found.is_none() && job.failed.is_none() && !job.aborted && job.over(now))
        .map(|job| job.id.clone())
        .collect();
    for id in due {
        let Some(job) = org.jobs.get(&id) else { continue };
        let deleted = job.operation == "queryAll";
        let found =
            check(org, &job.query).map(|table| find(org, &job.query, table, deleted, now.date_naive()));
        let Some(job) = org.jobs.get_mut(&id) else { continue };
        match found {
            Ok(Found::Records(ids)) => job.found = Some(ids),
            Ok(_) => job.found = Some(Vec::new()),
            // A field that was there when the job was made is hidden by now.
            Err(refused) => job.failed = Some(format!("{}: {}", refused.code, refused.message)),
        }
    }
}

/// `POST …/jobs/query`.
pub(crate) async fn create(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    body: axum::body::Bytes,
) -> Answer {
    let asked: Value = serde_json::from_slice(&body).map_err(|error| {
        Refusal::bad("JSON_PARSER_ERROR", &format!("The request body is not JSON: {error}"))
    })?;
    let operation = asked["operation"].as_str().unwrap_or_default();
    if !matches!(operation, "query" | "queryAll") {
        return Err(Refusal::bad("INVALIDJOB", "Unable to find an operation of query or queryAll"));
    }
    let wanted = |name: &str, usual: &'static str| asked[name].as_str().unwrap_or(usual).to_owned();
    let delimiter = DELIMITERS.into_iter().find(|(name, _)| *name == wanted("columnDelimiter", "COMMA"));
    let delimiter = delimiter.ok_or_else(|| Refusal::bad("INVALIDJOB", "Unknown columnDelimiter"))?;
    let line_ending = ["LF", "CRLF"].into_iter().find(|name| *name == wanted("lineEnding", "LF"));
    let line_ending = line_ending.ok_or_else(|| Refusal::bad("INVALIDJOB", "Unknown lineEnding"))?;
    let query = parse(asked["query"].as_str().unwrap_or_default())?;
    let (mut org, now) = (world.salesforce(), world.now());
    let object = refuse_for_bulk(&org, &query)?;
    let job = Job {
        id: id("750", org.fresh_number()),
        operation: operation.to_owned(),
        object,
        query,
        version: caller.version,
        delimiter,
        line_ending,
        by: caller.user,
        made: now,
        looked_at: 0,
        takes: world.options().job_time.and_then(|time| TimeDelta::from_std(time).ok()),
        found: None,
        aborted: false,
        failed: org.next_job_fails.take(),
    };
    let body = job.json(now, false);
    org.jobs.insert(job.id.clone(), job);
    Ok(ok(&body))
}

/// What the Bulk API does not read, in the words that callers have learnt to look for.
fn refuse_for_bulk(org: &Org, query: &Query) -> Result<&'static str, Refusal> {
    let table = check(org, query)?;
    if !table.object.bulk {
        let why = format!("Entity '{}' is not supported by the Bulk API.", table.object.name);
        return Err(Refusal::bad("INVALIDENTITY", &why));
    }
    let refuse = |why: &str| Err(Refusal::bad("FUNCTIONALITY_NOT_ENABLED", why));
    if query.groups() || query.select.iter().any(|item| matches!(item, Item::Children(_))) {
        return refuse("Aggregate Relationships not supported in Bulk Query");
    }
    let compound = query.select.iter().any(|item| {
        let Item::Field(path) = item else { return false };
        let last = path.parts.last().and_then(|name| table.object.field(name));
        path.parts.len() == 1 && last.is_some_and(|field| field.kind == Kind::Address)
    });
    if compound {
        return refuse("Selecting compound data not supported in Bulk Query");
    }
    Ok(table.object.name)
}

/// `GET …/jobs/query/{id}`: each look moves it on.
pub(crate) async fn show(State(world): State<World>, Path((_, id)): Path<(String, String)>) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    org.jobs.get_mut(&id).ok_or_else(Refusal::not_found)?.looked_at += 1;
    settle(&mut org, now);
    let job = org.jobs.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(ok(&job.json(now, true)))
}

/// `GET …/jobs/query`.
pub(crate) async fn list(State(world): State<World>) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    settle(&mut org, now);
    let rows: Vec<Value> = org.jobs.values().map(|job| job.json(now, true)).collect();
    Ok(ok(&json!({"done": true, "nextRecordsUrl": null, "records": rows})))
}

/// `PATCH …/jobs/query/{id}` with `{"state":"Aborted"}`.
pub(crate) async fn abort(
    State(world): State<World>,
    Path((_, id)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Answer {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (mut org, now) = (world.salesforce(), world.now());
    settle(&mut org, now);
    let job = org.jobs.get_mut(&id).ok_or_else(Refusal::not_found)?;
    if asked["state"] != "Aborted" || job.over(now) {
        return Err(Refusal::bad("INVALIDJOBSTATE", &format!("Job can not be aborted: {}", job.state(now))));
    }
    job.aborted = true;
    Ok(ok(&job.json(now, true)))
}

/// `DELETE …/jobs/query/{id}`: only one that has ended.
pub(crate) async fn delete(State(world): State<World>, Path((_, id)): Path<(String, String)>) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    let job = org.jobs.get(&id).ok_or_else(Refusal::not_found)?;
    if !job.aborted && !job.over(now) {
        return Err(Refusal::bad("INVALIDJOBSTATE", "Delete is only allowed on jobs that have ended"));
    }
    org.jobs.remove(&id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET …/jobs/query/{id}/results?locator=&maxRecords=`: `Sforce-Locator` is the word `null` at the end.
pub(crate) async fn results(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, id)): Path<(String, String)>,
    UrlQuery(asked): UrlQuery<HashMap<String, String>>,
) -> Answer {
    let (mut org, now) = (world.salesforce(), world.now());
    settle(&mut org, now);
    let kept = |job: &&Job| now < job.made + TimeDelta::days(7);
    let job = org.jobs.get(&id).filter(kept).ok_or_else(Refusal::not_found)?;
    if job.version != caller.version {
        let why = "The results of a job are read in the API version in which it was created";
        return Err(Refusal::new(StatusCode::CONFLICT, "INVALIDVERSION", why));
    }
    let ids = job.found.as_ref().filter(|_| job.state(now) == "JobComplete");
    let ids = ids.ok_or_else(|| {
        Refusal::bad("INVALIDJOBSTATE", &format!("Job is not complete: {}", job.state(now)))
    })?;
    let locator = asked.get("locator").filter(|locator| !locator.is_empty());
    let start = locator.map_or(Some(0), |locator| decode(locator)).filter(|start| *start <= ids.len());
    let start = start.ok_or_else(|| Refusal::bad("INVALID_QUERY_LOCATOR", "invalid query locator"))?;
    let most = asked.get("maxRecords").and_then(|most| most.parse::<usize>().ok()).filter(|most| *most > 0);
    let end = ids.len().min(start + most.unwrap_or(50_000));
    let table = check(&org, &job.query)?;
    let end_of_line = if job.line_ending == "CRLF" { "\r\n" } else { "\n" };
    let lines = std::iter::once(csv_head(&org, &job.query, table)).chain(csv(
        &org,
        &job.query,
        table,
        &ids[start..end],
    ));
    let text: String = lines.map(|line| line.join(&job.delimiter.1.to_string()) + end_of_line).collect();
    let next = if end < ids.len() { encode(end) } else { "null".to_owned() };
    let headers = [
        (header::CONTENT_TYPE, "text/csv".to_owned()),
        (HeaderName::from_static("sforce-locator"), next),
        (HeaderName::from_static("sforce-numberofrecords"), (end - start).to_string()),
    ];
    Ok((headers, text).into_response())
}

fn encode(place: usize) -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(format!("at-{place}"))
}

fn decode(locator: &str) -> Option<usize> {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(locator).ok()?).ok()?;
    text.strip_prefix("at-")?.parse().ok()
}
