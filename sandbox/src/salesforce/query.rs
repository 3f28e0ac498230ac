//! `query`, `queryAll` and their further pages. Docs: "Query", "Query More Results", "Query Options Header". **Invariant:** pages show
//! the records that were found when the query ran.

use std::collections::HashMap;

use axum::{
    Extension,
    extract::{OriginalUri, Path, Query as UrlQuery, State},
    http::HeaderMap,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    access::Caller,
    org::Org,
    record::id,
    refusal::{Answer, Refusal, ok},
    soql::{Found, Query, check, find, parse, rows},
};
use crate::world::World;

/// Records that were found and are still to be read.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    query: Query,
    ids: Vec<String>,
    size: usize,
    at: DateTime<Utc>,
}

/// `GET …/query?q=`; of `…/queryAll` deleted records come too.
pub(crate) async fn first(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    OriginalUri(uri): OriginalUri,
    UrlQuery(asked): UrlQuery<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let text = asked.get("q").filter(|text| !text.trim().is_empty());
    let text =
        text.ok_or_else(|| Refusal::bad("MALFORMED_QUERY", "SOQL statements cannot be empty or null"))?;
    let query = parse(text)?;
    let (mut org, now) = (world.salesforce(), world.now());
    let deleted = uri.path().contains("/queryAll");
    let table = check(&org, &query)?;
    let ids = match find(&org, &query, table, deleted, now.date_naive()) {
        Found::Count(count) => return Ok(ok(&json!({"totalSize": count, "done": true, "records": []}))),
        Found::Groups(groups) => {
            return Ok(ok(&json!({"totalSize": groups.len(), "done": true, "records": groups})));
        }
        Found::Records(ids) => ids,
    };
    let cursor = Cursor { query, ids, size: size(&headers), at: now };
    if cursor.ids.len() <= cursor.size {
        return Ok(ok(&page(&org, &cursor, &caller.version, "", 0, now)));
    }
    let name = id("01g", org.fresh_number());
    org.cursors.retain(|_, cursor| now < cursor.at + TimeDelta::days(2));
    let body = page(&org, &cursor, &caller.version, &name, 0, now);
    org.cursors.insert(name, cursor);
    Ok(ok(&body))
}

/// `batchSize` of the header: 200 to 2,000.
fn size(headers: &HeaderMap) -> usize {
    let options =
        headers.get("sforce-query-options").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = options.split([',', ';']).find_map(|option| option.trim().strip_prefix("batchSize="));
    size.and_then(|size| size.trim().parse().ok()).unwrap_or(2_000_usize).clamp(200, 2_000)
}

fn page(org: &Org, cursor: &Cursor, version: &str, name: &str, start: usize, now: DateTime<Utc>) -> Value {
    let end = (start + cursor.size).min(cursor.ids.len());
    let table = check(org, &cursor.query).ok();
    let ids = cursor.ids.get(start..end).unwrap_or_default();
    let records = table.map(|table| rows(org, &cursor.query, table, ids, version, now.date_naive()));
    let mut body = json!({"totalSize": cursor.ids.len(), "done": end == cursor.ids.len(), "records": records.unwrap_or_default()});
    if end < cursor.ids.len() {
        body["nextRecordsUrl"] = json!(format!("/services/data/v{version}/query/{name}-{end}"));
    }
    body
}

/// `GET …/query/{locator}`: a locator lives two days.
pub(crate) async fn more(
    State(world): State<World>,
    Extension(caller): Extension<Caller>,
    Path((_, locator)): Path<(String, String)>,
) -> Answer {
    let (org, now) = (world.salesforce(), world.now());
    let invalid = || Refusal::bad("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (name, start) = locator.rsplit_once('-').ok_or_else(invalid)?;
    let start: usize = start.parse().map_err(|_| invalid())?;
    let cursor =
        org.cursors.get(name).filter(|cursor| now < cursor.at + TimeDelta::days(2)).ok_or_else(invalid)?;
    Ok(ok(&page(&org, cursor, &caller.version, name, start, now)))
}
