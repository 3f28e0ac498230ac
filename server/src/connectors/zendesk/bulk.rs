//! Writes to many users or organizations at once: one call starts a job, which is looked at until it is over, and read row by
//! row. Limits: 100 rows a call, 30 jobs queued or working in an account; a user takes 5 changes a minute.
//! Traps: `completed` with rows that failed; a dropdown value that is no option is dropped without a word, so read back;
//! `429` for one user comes as plain text and is about that user only.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Serialize;
use serde_json::{Map, Value};

use super::calls::{BUILDS, PAGE, member_of};
use super::{JobRow, JobState, JobStatus, Records, ZendeskClient, ZendeskError};
use crate::connectors::{Repeat, Rows};

const UPDATE_USERS: &str = "PUT /api/v2/users/update_many";
const UPDATE_ORGANIZATIONS: &str = "PUT /api/v2/organizations/update_many";
const JOBS: &str = "GET /api/v2/job_statuses/show_many";
/// Where a row's refusal names no time.
const BUSY: Duration = Duration::from_mins(1);

/// New values of one record's custom fields, by key; fields that are not named stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordUpdate {
    pub id: u64,
    pub fields: BTreeMap<String, Value>,
}

/// A job that was started.
#[derive(Debug, Clone)]
pub struct StartedJob {
    pub job: JobStatus,
    /// Names of what Zendesk ignored of our request, from `X-Zendesk-Api-Warn`.
    pub ignored: Vec<String>,
}

/// What became of a row that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    Written,
    /// The record takes no more changes for so long.
    Busy(Duration),
    /// The record is not there any more.
    Gone,
    /// Zendesk refuses the values.
    Refused {
        /// Like `UserUpdateError`.
        code: String,
        /// Zendesk's words: may hold personal data, never log them.
        details: Option<String>,
    },
    /// The job does not say; read the record to find out.
    Unknown,
}

impl ZendeskClient {
    /// Starts a job that writes up to 100 records. Not repeatable: where the answer is lost, read the records back.
    pub async fn update_many(
        &self,
        records: Records,
        updates: &[RecordUpdate],
    ) -> Result<StartedJob, ZendeskError> {
        #[derive(Serialize)]
        struct Row<'a> {
            id: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            user_fields: Option<&'a BTreeMap<String, Value>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            organization_fields: Option<&'a BTreeMap<String, Value>>,
        }
        let (call, is_users) = match records {
            Records::Users => (UPDATE_USERS, true),
            Records::Organizations => (UPDATE_ORGANIZATIONS, false),
        };
        if updates.len() > PAGE {
            let what = format!("{} rows in one call, Zendesk takes {PAGE}", updates.len());
            return Err(ZendeskError::too_large(call, &what));
        }
        let rows: Vec<_> = updates
            .iter()
            .map(|update| Row {
                id: update.id,
                user_fields: is_users.then_some(&update.fields),
                organization_fields: (!is_users).then_some(&update.fields),
            })
            .collect();
        let url = self.url(&format!("/api/v2/{}/update_many", records.plural()));
        let request = self.request(Method::PUT, url).json(&BTreeMap::from([(records.plural(), rows)]));
        let answer = self.authorized(call, Repeat::Never, request.build().expect(BUILDS)).await?;
        let ignored = ignored(&answer.headers);
        Ok(StartedJob { job: member_of(call, &answer, "job_status")?, ignored })
    }

    /// Where several jobs stand, with one call for each hundred; unknown ones are missing. Jobs are kept for one day.
    pub async fn job_statuses(&self, ids: &[String]) -> Result<Rows<JobStatus>, ZendeskError> {
        let mut jobs = Rows::default();
        for chunk in ids.chunks(PAGE) {
            let url = self.url_with("/api/v2/job_statuses/show_many", &[("ids", &chunk.join(","))]);
            let mut body: Map<String, Value> = self.body(JOBS, url).await?;
            jobs.extend(super::calls::rows_of(JOBS, &mut body, "job_statuses")?);
        }
        Ok(jobs)
    }
}

impl JobStatus {
    /// Nothing more happens.
    pub fn is_over(&self) -> bool {
        matches!(self.status, JobState::Completed | JobState::Failed | JobState::Killed)
    }

    /// What became of each row, in the order in which they were sent.
    pub fn outcomes(&self, sent: &[u64]) -> Vec<RowOutcome> {
        if !self.is_over() {
            return vec![RowOutcome::Unknown; sent.len()];
        }
        let by_id: BTreeMap<u64, &JobRow> =
            self.results.iter().filter_map(|row| Some((row.id?, row))).collect();
        let by_index: BTreeMap<u64, &JobRow> =
            self.results.iter().filter_map(|row| Some((row.index?, row))).collect();
        let outcome = |(index, id): (u64, &u64)| {
            let at_index = || by_index.get(&index).filter(|row| row.id.is_none_or(|of| of == *id));
            by_id.get(id).or_else(at_index).map_or(RowOutcome::Unknown, |row| row.outcome())
        };
        (0..).zip(sent).map(outcome).collect()
    }
}

impl JobRow {
    /// What became of the row.
    pub fn outcome(&self) -> RowOutcome {
        if self.succeeded() {
            return RowOutcome::Written;
        }
        let code = self.error.as_deref().unwrap_or("Unknown");
        let words = format!("{code} {}", self.details.as_deref().unwrap_or_default()).to_lowercase();
        if words.contains("rate limit") || words.contains("too many updates") {
            RowOutcome::Busy(BUSY)
        } else if code.ends_with("NotFound") {
            RowOutcome::Gone
        } else {
            RowOutcome::Refused { code: code.to_owned(), details: self.details.clone() }
        }
    }
}

/// Whether a `429` is about one record or about jobs, so that all other calls go on.
pub(super) fn is_narrow(headers: &HeaderMap, body: &[u8]) -> bool {
    is_about_one_record(headers)
        || body.windows(TOO_MANY_JOBS.len()).any(|part| part == TOO_MANY_JOBS.as_bytes())
}

/// The code of an account that has as many jobs as it may.
pub(super) const TOO_MANY_JOBS: &str = "TooManyJobs";

/// Zendesk's limit of changes to one record answers in plain text; its account limits have no text or JSON.
pub(super) fn is_about_one_record(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let left =
        headers.get("x-rate-limit-remaining").and_then(|left| left.to_str().ok()?.trim().parse::<u64>().ok());
    kind.starts_with("text/plain") && left.is_some_and(|left| left > 0)
}

/// The names in `Removed restricted keys ["output"] from …` and in `…:unpermitted_keys=>["ticket.id"], :invalid_values=>[]…`.
pub(super) fn ignored(headers: &HeaderMap) -> Vec<String> {
    let texts = headers.get_all("x-zendesk-api-warn").iter().filter_map(|value| value.to_str().ok());
    let lists =
        texts.flat_map(|text| text.split('[').skip(1).map(|list| list.split(']').next().unwrap_or_default()));
    let names = lists.flat_map(|list| list.split('"').skip(1).step_by(2));
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.len() <= 128
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    names.filter(is_name).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// check(a job, what became of the users 7, 8 and 9)
    #[track_caller]
    fn check(job: Value, expected: [&str; 3]) {
        let job: JobStatus = serde_json::from_value(job).expect("a job");
        let said = |outcome: &RowOutcome| match outcome {
            RowOutcome::Refused { code, .. } => code.clone(),
            outcome => format!("{outcome:?}"),
        };
        assert_eq!(job.outcomes(&[7, 8, 9]).iter().map(said).collect::<Vec<_>>(), expected, "{job:?}");
    }

    #[test]
    fn each_row_of_a_job_has_one_outcome() {
        let job = |status: &str, results: Value| json!({"id": "V3-1", "status": status, "results": results});
        let updated = |id: u64| json!({"id": id, "action": "update", "status": "Updated", "success": true});
        check(job("completed", json!([updated(9), updated(7), updated(8)])), ["Written"; 3]);
        let failed = json!({"id": 8, "action": "update", "success": false, "error": "UserUpdateError", "details": "…"});
        check(job("completed", json!([updated(7), failed])), ["Written", "UserUpdateError", "Unknown"]);
        check(
            job("completed", json!([{"index": 1, "error": "UserNotFound", "details": "…"}])),
            ["Unknown", "Gone", "Unknown"],
        );
        let busy = json!({"id": 7, "success": false, "error": "You have exceeded the rate limit for updating a single unique user."});
        check(
            job("completed", json!([busy, {"index": 0, "id": 8, "status": "Updated"}])),
            ["Busy(60s)", "Written", "Unknown"],
        );
        check(job("failed", json!(null)), ["Unknown"; 3]);
        check(job("killed", json!([updated(7)])), ["Written", "Unknown", "Unknown"]);
        check(job("working", json!([updated(7)])), ["Unknown"; 3]);
        check(job("completed", json!([7, updated(8)])), ["Unknown", "Written", "Unknown"]);
    }

    #[test]
    fn the_names_of_what_zendesk_ignored_are_read() {
        let check = |text: &str, expected: &[&str]| {
            let headers = HeaderMap::from_iter([(
                reqwest::header::HeaderName::from_static("x-zendesk-api-warn"),
                text.parse().expect("a header"),
            )]);
            assert_eq!(ignored(&headers), expected, "{text}");
        };
        check(r#"Removed restricted keys ["output"] from parameters according to whitelist"#, &["output"]);
        check(
            r#"{:allowed_parameters=>{:controller=>"users", :action=>"update", :unpermitted_keys=>["user.a", "user.b"], :invalid_values=>[]}}"#,
            &["user.a", "user.b"],
        );
        check(r#"Removed restricted keys ["Mina Park, +81 50"]"#, &[]);
        check("nothing", &[]);
    }
}
