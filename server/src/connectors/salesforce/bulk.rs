//! A query that Salesforce runs in the background (Bulk API 2.0): started, waited for, and its result read part by part as it
//! comes. A part that breaks off is opened again, and what was given of it is skipped: results do not change.
//! Docs: `api_asynch`, "Query Jobs". Limits: 10 000 jobs and 1 TB in 24 hours; results are kept for seven days.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::Value;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::json;

use super::calls::{Call, VERSION, WAITS, decode};
use super::cells;
use super::columns::Selected;
use super::csv::{Records, Step};
use super::error::{Refusal, failed, undecodable};
use super::pages::Batches;
use super::{SALESFORCE, SalesforceClient};
use crate::connectors::rows::{Content, Oddities, Oddity, ReadError, RowBatch};
use crate::connectors::{CallFailure, FailureKind, Repeat, VendorError, no_answer};

const CREATE: &str = "POST /services/data/{version}/jobs/query";
const STATE: &str = "GET /services/data/{version}/jobs/query/{job}";
const RESULTS: &str = "GET /services/data/{version}/jobs/query/{job}/results";
const ABORT: &str = "PATCH /services/data/{version}/jobs/query/{job}";
const DELETE: &str = "DELETE /services/data/{version}/jobs/query/{job}";
/// Rows of a part: few parts are few calls, and one that breaks off is not much to read again.
const PART: u64 = 50_000;
/// Rows and bytes of what is given at once.
const BATCH_ROWS: usize = 2_000;
const BATCH_BYTES: usize = 1024 * 1024;
/// How long the job is waited for: longer each time.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const LONGEST_LOOK: Duration = Duration::from_secs(30);
const JOB_TIMEOUT: Duration = Duration::from_hours(2);
/// A part has no other total time-out; silence ends it sooner.
const WHOLE: Duration = Duration::from_hours(2);

/// What became of a query in the background.
#[derive(Debug)]
pub(super) enum Job {
    /// Its result can be read.
    Complete {
        id: String,
        /// As Salesforce counts them.
        rows: Option<u64>,
    },
    /// Salesforce does not run it so, by this code; pages still work, for the first one came.
    Refused(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobInfo {
    id: String,
    #[serde(default)]
    state: JobState,
    #[serde(default)]
    number_records_processed: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum JobState {
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
    /// A state that Salesforce added later: look again.
    #[default]
    #[serde(other)]
    Other,
}

impl SalesforceClient {
    /// Runs a query to its end.
    pub(super) async fn run_job(&self, soql: &str) -> Result<Job, CallFailure> {
        let mut call = Call::at(CREATE, Method::POST, format!("/services/data/{VERSION}/jobs/query"));
        // Two jobs are one too many, and do no harm.
        call.body = Some(json!({
            "operation": "query", "query": soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
        }));
        let answer = self.answer(&call).await?;
        if !answer.status.is_success() {
            let refusal = Refusal::read(&answer.body).code;
            let is_about_jobs = matches!(answer.status.as_u16(), 400 | 403 | 404 | 405);
            return if is_about_jobs && !refusal.is_empty() && refusal != "REQUEST_LIMIT_EXCEEDED" {
                Ok(Job::Refused(refusal))
            } else {
                Err(self.refusal(&call, &answer))
            };
        }
        let job: JobInfo = decode(CREATE, &answer)?;
        if job.id.is_empty() || !job.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let why = serde_json::Error::custom("the job's `id` cannot be read");
            return Err(undecodable(CREATE, &answer.body, why));
        }
        self.wait_for(job.id).await
    }

    async fn wait_for(&self, id: String) -> Result<Job, CallFailure> {
        let (mut look, mut waited) = (FIRST_LOOK, Duration::ZERO);
        while waited < JOB_TIMEOUT {
            self.exchange.clock().wait(look).await;
            (look, waited) = ((look * 3 / 2).min(LONGEST_LOOK), waited + look);
            let answer = self.send_patiently(&Call::get(STATE, &format!("/jobs/query/{id}"))).await?;
            let job: JobInfo = decode(STATE, &answer)?;
            match job.state {
                JobState::JobComplete => return Ok(Job::Complete { id, rows: job.number_records_processed }),
                JobState::Failed => return Ok(Job::Refused("Failed".to_owned())),
                JobState::Aborted => {
                    let sentence = "somebody ended the query in Salesforce before it was done".to_owned();
                    return Err(CallFailure::saying(&SALESFORCE, STATE, FailureKind::Unavailable, sentence));
                }
                JobState::UploadComplete | JobState::InProgress | JobState::Other => {}
            }
        }
        let mut abort = Call::at(ABORT, Method::PATCH, format!("/services/data/{VERSION}/jobs/query/{id}"));
        (abort.body, abort.repeat) = (Some(json!({ "state": "Aborted" })), Repeat::Never);
        let _ = self.send(&abort).await; // it ends by itself otherwise
        let sentence =
            format!("Salesforce did not finish the query in {} hours", JOB_TIMEOUT.as_secs() / 3600);
        Err(CallFailure::saying(&SALESFORCE, STATE, FailureKind::Unavailable, sentence))
    }
}

/// Reads a job's result, part by part.
pub(super) struct ResultReader {
    client: SalesforceClient,
    job: String,
    /// What Salesforce says that the result has.
    rows: Option<u64>,
    columns: Arc<[Selected]>,
    oddities: Oddities,
    /// Where the part begins; `None` at the first.
    locator: Option<String>,
    part: Option<Part>,
    /// Rows given of this part, and of all.
    given_here: u64,
    given: u64,
    failures: usize,
    /// Odd cells of rows that are not given yet: rows that are read again are counted once.
    odd: Vec<(usize, Oddity)>,
    is_done: bool,
}

/// A part of the result, as it comes.
struct Part {
    response: Response,
    records: Records,
    input: Bytes,
    is_last_input: bool,
    /// Where each column is; `None` before the header.
    places: Option<Vec<usize>>,
    width: usize,
    /// What Salesforce says that the part has.
    expected: Option<u64>,
    read: u64,
    /// Where the next part begins; `None` at the end.
    next: Option<String>,
}

impl ResultReader {
    pub(super) fn new(
        client: &SalesforceClient,
        job: String,
        rows: Option<u64>,
        columns: &Arc<[Selected]>,
        oddities: &Oddities,
    ) -> Self {
        Self {
            client: client.clone(),
            job,
            rows,
            columns: Arc::clone(columns),
            oddities: oddities.clone(),
            locator: None,
            part: None,
            given_here: 0,
            given: 0,
            failures: 0,
            odd: Vec::new(),
            is_done: false,
        }
    }

    /// Opens the part where we are.
    async fn open(&self) -> Result<Part, ReadError> {
        let mut call = Call::get(RESULTS, &format!("/jobs/query/{}/results", self.job));
        call.query.push(("maxRecords", PART.to_string()));
        call.query.extend(self.locator.iter().map(|locator| ("locator", locator.clone())));
        call.timeout = Some(WHOLE);
        let response = self.client.open(&call).await?;
        let headers = response.headers();
        if !text(headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/csv")) {
            // A page for people, while Salesforce is restarted.
            return Err(CallFailure::new(&SALESFORCE, RESULTS, FailureKind::Unavailable).into());
        }
        // The last part says `null`. A header that is absent, as behind some proxies, is not the end.
        let next = match text(headers, "sforce-locator") {
            Some("null") => None,
            Some(next) if !next.is_empty() && self.locator.as_deref() != Some(next) => Some(next.to_owned()),
            _ => return Err(unreadable("`Sforce-Locator` cannot be read").into()),
        };
        let expected = text(headers, "sforce-numberofrecords").and_then(|count| count.parse().ok());
        let (records, input, places) = (Records::new(), Bytes::new(), None);
        Ok(Part { response, records, input, is_last_input: false, places, width: 0, expected, read: 0, next })
    }

    /// Some rows of the part; none at its end.
    async fn read(&mut self) -> Result<RowBatch, ReadError> {
        let mut part = match self.part.take() {
            Some(part) => part,
            None => self.open().await?,
        };
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while rows.len() < BATCH_ROWS && bytes < BATCH_BYTES {
            let step = part.records.step(&mut part.input, part.is_last_input).map_err(|error| {
                let content = Content::RowTooLarge { row: self.given + 1, limit: error.limit };
                ReadError::Content { vendor: &SALESFORCE, content }
            })?;
            match step {
                Step::NeedsInput => self.feed(&mut part).await?,
                Step::End => {
                    if part.expected.is_some_and(|expected| expected != part.read) {
                        return Err(CallFailure::new(&SALESFORCE, RESULTS, FailureKind::Unavailable).into());
                    }
                    part.is_last_input = true;
                    if rows.is_empty() {
                        self.ends(part.next);
                        return Ok(rows);
                    }
                    break;
                }
                Step::Record if part.places.is_none() => self.read_header(&mut part)?,
                Step::Record => {
                    part.read += 1;
                    if part.records.len() != part.width {
                        return Err(unreadable("a row has another number of cells than the header").into());
                    }
                    if part.read > self.given_here {
                        bytes += part.records.bytes();
                        let row = self.row(&part);
                        rows.push(row);
                    }
                }
            }
        }
        self.part = Some(part);
        Ok(rows)
    }

    async fn feed(&self, part: &mut Part) -> Result<(), CallFailure> {
        let silence = self.client.exchange.net().total_timeout;
        let chunk = tokio::time::timeout(silence, part.response.chunk())
            .await
            .map_err(|_| CallFailure::new(&SALESFORCE, RESULTS, FailureKind::Unavailable))?
            .map_err(|error| failed(RESULTS, no_answer(error)))?;
        match chunk {
            Some(chunk) => part.input = chunk,
            None => part.is_last_input = true,
        }
        Ok(())
    }

    /// Columns are found by their names: Salesforce gives them in an order of its own.
    fn read_header(&self, part: &mut Part) -> Result<(), CallFailure> {
        if part.records.field(0).starts_with(b"<") {
            return Err(CallFailure::new(&SALESFORCE, RESULTS, FailureKind::Unavailable)); // a page for people
        }
        let name = |at| {
            String::from_utf8_lossy(part.records.field(at)).trim_start_matches('\u{feff}').to_lowercase()
        };
        let names: Vec<String> = (0..part.records.len()).map(name).collect();
        let place = |selected: &Selected| {
            let header = selected.header().to_lowercase();
            names
                .iter()
                .position(|name| *name == header)
                .ok_or_else(|| unreadable("the result lacks a selected field"))
        };
        part.places = Some(self.columns.iter().map(place).collect::<Result<_, _>>()?);
        part.width = names.len();
        Ok(())
    }

    fn row(&mut self, part: &Part) -> Vec<Value<'static>> {
        let Self { columns, odd, .. } = self;
        let places = part.places.iter().flatten();
        let cell = |(at, (selected, place)): (usize, (&Selected, &usize))| {
            let text = String::from_utf8_lossy(part.records.field(*place));
            let is_text = matches!(text, Cow::Borrowed(_));
            let (value, oddity) = cells::of_text(selected.column.kind, text);
            odd.extend(oddity.or((!is_text).then_some(Oddity::InvalidText)).map(|oddity| (at, oddity)));
            value
        };
        columns.iter().zip(places).enumerate().map(cell).collect()
    }

    fn ends(&mut self, next: Option<String>) {
        (self.part, self.given_here) = (None, 0);
        self.is_done = next.is_none();
        self.locator = next;
    }

    /// All rows were given.
    async fn finish(&self) -> Result<(), ReadError> {
        if let Some(rows) = self.rows.filter(|rows| *rows != self.given) {
            let sentence = format!("Salesforce gave {} of the query's {rows} rows", self.given);
            return Err(CallFailure::saying(&SALESFORCE, RESULTS, FailureKind::Unavailable, sentence).into());
        }
        // Nobody needs the copy any more. Where this fails, it goes after seven days.
        let path = format!("/services/data/{VERSION}/jobs/query/{}", self.job);
        let delete = Call { repeat: Repeat::Never, ..Call::at(DELETE, Method::DELETE, path) };
        let _ = self.client.send(&delete).await;
        Ok(())
    }
}

impl Batches for ResultReader {
    async fn next_batch(&mut self) -> Result<Option<RowBatch>, ReadError> {
        loop {
            if self.is_done {
                self.finish().await?;
                return Ok(None);
            }
            match self.read().await {
                Ok(rows) if rows.is_empty() => {} // a part has ended, or all that was read of it was given before
                Ok(rows) => {
                    self.failures = 0;
                    for (at, oddity) in self.odd.drain(..) {
                        self.oddities.add(&self.columns[at].column.name, oddity);
                    }
                    (self.given, self.given_here) =
                        (self.given + rows.len() as u64, self.given_here + rows.len() as u64);
                    return Ok(Some(rows));
                }
                Err(error) if error.is(FailureKind::Unavailable) && self.failures < WAITS.len() => {
                    self.part = None;
                    self.odd.clear();
                    self.client.exchange.clock().wait(WAITS[self.failures]).await;
                    self.failures += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn unreadable(why: &str) -> CallFailure {
    undecodable(RESULTS, &[], serde_json::Error::custom(why))
}
