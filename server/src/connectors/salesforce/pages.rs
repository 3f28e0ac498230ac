//! Reads a query: the first page says how many rows there are. A few more pages follow; above 2 000 rows Salesforce runs the
//! query in the background (`bulk`), unless it cannot. **Invariant:** a stream that ends has given all rows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use engine::Value;
use futures::stream::{self, BoxStream, StreamExt};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use super::bulk::{Job, ResultReader};
use super::calls::Call;
use super::cells;
use super::columns::{Selected, problem};
use super::error::undecodable;
use super::{SALESFORCE, SalesforceClient, soql};
use crate::connectors::rows::{Oddities, Oddity, ReadError, RowBatch, Rows};
use crate::connectors::{Answer, CallFailure, FailureKind, VendorError};

const QUERY: &str = "GET /services/data/{version}/query";
const MORE: &str = "GET /services/data/{version}/query/{locator}";
/// Rows of a page: the most, and the fewest, that Salesforce gives.
const PAGE: u64 = 2_000;
const SMALLEST_PAGE: u64 = 200;
/// Above this, Salesforce's guide has queries run in the background.
const MOST_IN_PAGES: u64 = 2_000;
/// An address has 16 384 bytes at most.
const LONGEST_QUERY: usize = 15_000;

/// A page, as it was written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    total_size: u64,
    done: bool,
    #[serde(default)]
    next_records_url: Option<String>,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

/// A page's rows, and where the next page is.
struct Read {
    rows: RowBatch,
    total: u64,
    next: Option<String>,
}

impl SalesforceClient {
    /// The rows of a SOQL query. Columns have lower-case names; `Owner.Name` is `owner_name`.
    pub async fn query(&self, soql: &str) -> Result<Rows, ReadError> {
        let select = soql::parse(soql).map_err(problem)?;
        let columns: Arc<[Selected]> = self.columns(&select).await?.into();
        let oddities = Oddities::default();
        let mut notes = Vec::new();
        let pages = Pages::begin(self, soql, PAGE, &columns, &oddities).await?;
        let in_background = pages.total > MOST_IN_PAGES
            && pages.next.is_some()
            && !select.is_grouped
            && columns.iter().all(|column| column.is_flat);
        let batches = if in_background {
            match self.run_job(soql).await? {
                Job::Complete { id, rows } => {
                    let reader = ResultReader::new(self, id, rows, &columns, &oddities);
                    in_batches(reader)
                }
                Job::Refused(code) => {
                    notes.push(format!("Salesforce does not run this query in the background ({code}): it is read page by page"));
                    in_batches(pages)
                }
            }
        } else {
            in_batches(pages)
        };
        let columns = columns.iter().map(|selected| selected.column.clone()).collect();
        Ok(Rows { columns, batches, oddities, notes })
    }

    /// The first rows of a query, with few calls.
    pub async fn sample(&self, soql: &str, most: usize) -> Result<Rows, ReadError> {
        let select = soql::parse(soql).map_err(problem)?;
        let columns: Arc<[Selected]> = self.columns(&select).await?.into();
        let oddities = Oddities::default();
        let mut pages = Pages::begin(self, soql, SMALLEST_PAGE, &columns, &oddities).await?;
        let mut rows = pages.rows.take().unwrap_or_default();
        rows.truncate(most);
        let columns = columns.iter().map(|selected| selected.column.clone()).collect();
        Ok(Rows { columns, batches: stream::iter([Ok(rows)]).boxed(), oddities, notes: Vec::new() })
    }
}

/// What gives batches until there are no more.
pub(super) trait Batches: Send + 'static {
    /// The next rows; `None` at the end.
    fn next_batch(&mut self) -> impl Future<Output = Result<Option<RowBatch>, ReadError>> + Send;
}

/// A reader as a stream; an error is its last item.
fn in_batches(reader: impl Batches) -> BoxStream<'static, Result<RowBatch, ReadError>> {
    stream::try_unfold(reader, |mut reader| async move {
        let batch: Option<RowBatch> = reader.next_batch().await?;
        Ok(batch.map(|batch| (batch, reader)))
    })
    .boxed()
}

/// A query that is read page by page.
struct Pages {
    client: SalesforceClient,
    columns: Arc<[Selected]>,
    oddities: Oddities,
    /// What was read and not given yet.
    rows: Option<RowBatch>,
    total: u64,
    given: u64,
    next: Option<String>,
    size: u64,
}

impl Pages {
    /// Asks for the first page; in smaller ones where it is larger than we take.
    async fn begin(
        client: &SalesforceClient,
        soql: &str,
        size: u64,
        columns: &Arc<[Selected]>,
        oddities: &Oddities,
    ) -> Result<Self, ReadError> {
        if soql.len() > LONGEST_QUERY {
            let length = soql.len();
            return Err(problem(format!(
                "the query has {length} bytes, and at most {LONGEST_QUERY} are sent; shorten it"
            )));
        }
        let mut pages = Self {
            client: client.clone(),
            columns: Arc::clone(columns),
            oddities: oddities.clone(),
            rows: None,
            total: 0,
            given: 0,
            next: None,
            size,
        };
        let mut call = Call::get(QUERY, "/query");
        call.query.push(("q", soql.to_owned()));
        let answer = pages.page(call, false).await?;
        pages.take(QUERY, &answer)?;
        Ok(pages)
    }

    async fn page(&mut self, mut call: Call, patiently: bool) -> Result<Answer, ReadError> {
        loop {
            call.header = Some(("sforce-query-options", format!("batchSize={}", self.size)));
            let answer = if patiently {
                self.client.send_patiently(&call).await
            } else {
                self.client.send(&call).await
            };
            match answer {
                Err(error) if error.is(FailureKind::TooLarge) && self.size > SMALLEST_PAGE => {
                    self.size = (self.size / 2).max(SMALLEST_PAGE);
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// Keeps a page's rows until they are given.
    fn take(&mut self, call: &'static str, answer: &Answer) -> Result<(), ReadError> {
        let Read { rows, total, next } = read(call, answer, &self.columns, &self.oddities)?;
        let seen = self.given + rows.len() as u64;
        let does_not_end = next.is_some() && (rows.is_empty() || seen > total || next == self.next);
        if does_not_end {
            return Err(unreadable(call, answer, "the query's pages do not end").into());
        }
        if next.is_none() && seen != total {
            let sentence = format!("Salesforce gave {seen} of the query's {total} rows");
            return Err(CallFailure::saying(&SALESFORCE, call, FailureKind::Unavailable, sentence).into());
        }
        (self.rows, self.total, self.next) = (Some(rows), total, next);
        Ok(())
    }
}

impl Batches for Pages {
    async fn next_batch(&mut self) -> Result<Option<RowBatch>, ReadError> {
        if self.rows.is_none() {
            let Some(next) = &self.next else { return Ok(None) };
            let call = Call::at(MORE, reqwest::Method::GET, next.clone());
            let answer = self.page(call, true).await?;
            self.take(MORE, &answer)?;
        }
        let rows = self.rows.take().unwrap_or_default();
        self.given += rows.len() as u64;
        Ok((!rows.is_empty() || self.next.is_some()).then_some(rows))
    }
}

/// Reads a page.
fn read(
    call: &'static str,
    answer: &Answer,
    columns: &[Selected],
    oddities: &Oddities,
) -> Result<Read, CallFailure> {
    let mended;
    let page: Page<'_> = match serde_json::from_slice(&answer.body) {
        Ok(page) => page,
        Err(why) if why.is_syntax() => {
            // JSON knows no NaN; some orgs' answers do.
            let Some(text) = without_nan(&answer.body) else {
                return Err(undecodable(call, &answer.body, why));
            };
            mended = text;
            serde_json::from_slice(&mended).map_err(|_| undecodable(call, &answer.body, why))?
        }
        Err(why) => return Err(undecodable(call, &answer.body, why)),
    };
    let next = match (page.done, page.next_records_url) {
        (true, _) => None,
        (false, Some(next)) if is_locator(&next) => Some(next),
        (false, _) => return Err(unreadable(call, answer, "`nextRecordsUrl` cannot be read")),
    };
    let rows = page.records.iter().map(|record| {
        let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(record.get())
            .map_err(|_| unreadable(call, answer, "a record is not an object"))?;
        let value_of = |selected: &Selected| {
            let (value, oddity) = cell(&members, selected)
                .ok_or_else(|| unreadable(call, answer, "a record lacks a selected field"))?;
            if let Some(oddity) = oddity {
                oddities.add(&selected.column.name, oddity);
            }
            Ok(value)
        };
        columns.iter().map(value_of).collect::<Result<Vec<Value<'static>>, CallFailure>>()
    });
    Ok(Read { rows: rows.collect::<Result<_, _>>()?, total: page.total_size, next })
}

/// The value at a column's path; `None` where the record lacks it. Where a parent is null, so is what one reads of it.
fn cell(record: &HashMap<Cow<'_, str>, &RawValue>, selected: &Selected) -> Option<cells::Cell> {
    let (first, rest) = selected.path.split_first()?;
    let mut raw = member(record, first)?;
    for step in rest {
        if raw.get() == "null" {
            break;
        }
        let Ok(members) = serde_json::from_str::<HashMap<Cow<'_, str>, &RawValue>>(raw.get()) else {
            return Some(cells::odd(Oddity::WrongType, raw.get()));
        };
        match member(&members, step) {
            Some(value) => raw = value,
            None => return Some((Value::Null, None)),
        }
    }
    Some(cells::of_json(selected.column.kind, raw.get()))
}

fn member<'a>(members: &HashMap<Cow<'_, str>, &'a RawValue>, name: &str) -> Option<&'a RawValue> {
    let exact = members.get(name);
    exact
        .or_else(|| members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        .copied()
}

/// Like `/services/data/v66.0/query/01g…-2000`; leads nowhere else.
fn is_locator(path: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    path.starts_with("/services/data/") && !path.contains("..") && path.chars().all(is_plain)
}

fn unreadable(call: &'static str, answer: &Answer, why: &str) -> CallFailure {
    undecodable(call, &answer.body, serde_json::Error::custom(why))
}

/// The text with quotes around NaN and infinite numbers, so that their cells say what they are; `None` where there are none.
fn without_nan(body: &[u8]) -> Option<Vec<u8>> {
    const NAMES: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let (mut mended, mut count) = (Vec::with_capacity(body.len()), 0);
    let (mut at, mut in_string) = (0, false);
    while at < body.len() {
        let name = NAMES.iter().find(|name| !in_string && body[at..].starts_with(name));
        if let Some(name) = name {
            mended.extend([b"\"", *name, b"\""].concat());
            (at, count) = (at + name.len(), count + 1);
            continue;
        }
        // A letter after a backslash never ends a string.
        let length = if in_string && body[at] == b'\\' { 2.min(body.len() - at) } else { 1 };
        in_string ^= body[at] == b'"';
        mended.extend_from_slice(&body[at..at + length]);
        at += length;
    }
    (count > 0).then_some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_outside_of_texts_is_quoted() {
        let check = |text: &str, expected: Option<&str>| {
            let mended = without_nan(text.as_bytes());
            let mended = mended.as_ref().map(|text| std::str::from_utf8(text).expect("text"));
            assert_eq!(mended, expected, "{text}");
        };
        check(
            r#"{"a":NaN,"b":"NaN \" NaN","c":-Infinity}"#,
            Some(r#"{"a":"NaN","b":"NaN \" NaN","c":"-Infinity"}"#),
        );
        check(r#"{"a":"NaN\\"}"#, None);
        check(r#"{"a":1}"#, None);
    }

    #[test]
    fn the_next_page_is_at_the_same_org() {
        for good in ["/services/data/v62.0/query/01gRO0000016PIAYA2-500", "/services/data/v26.0/query/01gD"] {
            assert!(is_locator(good), "{good}");
        }
        for bad in [
            "https://evil.example/services/data/",
            "//evil.example/",
            "/services/data/../x",
            "/services/data/v1/query?q=x",
        ] {
            assert!(!is_locator(bad), "{bad}");
        }
    }
}
