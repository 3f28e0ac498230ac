//! Queries that Salesforce runs in the background: results by parts, what breaks off, and what Salesforce does not run so.

use axum::body::{Body, Bytes};
use futures::stream;
use serde_json::json;

use super::{Bed, JOB, JOBS, QUERY, RESULTS, accounts, bed, calls, page, read, refusal};
use crate::connectors::rows::Oddity;
use crate::connectors::stub::{Told, told};

const SOQL: &str = "SELECT Id, Name, Mrr__c FROM Account";
const LOCATOR: &str = "/services/data/v66.0/query/01gRO-1";
const MORE: &str = "GET /services/data/v66.0/query/01gRO-1";

/// A query with so many rows, which is begun in the background.
fn long_query(bed: &Bed, rows: usize) {
    accounts(bed);
    let first = json!({"Id": "1", "Name": "Acme", "Mrr__c": 1});
    bed.salesforce.tell(QUERY, page(rows, Some(LOCATOR), &[first]));
    bed.salesforce.tell(JOBS, told(200, r#"{"id":"750A","state":"UploadComplete","apiVersion":66}"#));
}

fn state(state: &str, rows: usize) -> Told {
    told(
        200,
        &json!({"id": "750A", "state": state, "jobType": "V2Query", "numberRecordsProcessed": rows})
            .to_string(),
    )
}

fn csv(rows: std::ops::Range<usize>) -> String {
    let rows = rows.map(|id| format!("\"{id}\",\"1.5E2\",\"Acme \"\"{id}\"\"\nKobe\"\n"));
    format!("\"Id\",\"Mrr__c\",\"Name\"\n{}", rows.collect::<String>())
}

fn part(body: impl Into<Body>, rows: usize, next: &str) -> Told {
    let headers = vec![
        ("content-type", "text/csv".to_owned()),
        ("sforce-locator", next.to_owned()),
        ("sforce-numberofrecords", rows.to_string()),
    ];
    Told { status: 200, headers, body: body.into() }
}

/// A part whose connection breaks after some bytes.
fn broken(body: &str, after: usize, rows: usize) -> Told {
    let sent = Bytes::copy_from_slice(&body.as_bytes()[..after]);
    let pieces = [Ok(sent), Err(std::io::Error::other("reset"))];
    part(Body::from_stream(stream::iter(pieces)), rows, "null")
}

#[tokio::test]
async fn above_2000_rows_salesforce_runs_the_query_itself() {
    let bed = bed().await;
    long_query(&bed, 5_000);
    bed.salesforce.tell(JOB, state("InProgress", 0)).tell(JOB, state("JobComplete", 5_000));
    bed.salesforce
        .tell(RESULTS, part(csv(0..3_000), 3_000, "MTAwMDA"))
        .tell(RESULTS, part(csv(3_000..5_000), 2_000, "null"));
    let rows = bed.client.query(SOQL).await.expect("an answer");
    let found = read(Ok(rows)).await;
    assert_eq!((found.rows.len(), found.error, found.oddities), (5_000, None, Vec::new()));
    assert_eq!(found.rows[4_999], "4999|Acme \"4999\"\nKobe|150000000000000e-12");
    let line = RESULTS.replace("GET", "");
    let expected = [
        format!("GET{line}?maxRecords=50000 by token-1"),
        format!("GET{line}?maxRecords=50000&locator=MTAwMDA by token-1"),
        "DELETE /services/data/v66.0/jobs/query/750A by token-1".to_owned(),
    ];
    assert!(calls(&bed.salesforce).ends_with(&expected), "{:?}", calls(&bed.salesforce));
}

#[tokio::test]
async fn empty_cells_are_null_and_texts_like_null_are_not() {
    let bed = bed().await;
    long_query(&bed, 3_000);
    bed.salesforce.tell(JOB, state("JobComplete", 3));
    let body =
        "\u{feff}\"MRR__C\",\"NAME\",\"ID\"\r\n\"\",\"\",\"1\"\r\nNaN,NA,2\r\n\"x\",\"null\",\"3\"\r\n";
    bed.salesforce.tell(RESULTS, part(body, 3, "null"));
    let found = read(bed.client.query(SOQL).await).await;
    assert_eq!(
        (found.rows, found.error),
        (vec!["1|-|-".into(), "2|NA|invalid NaN".into(), "3|null|invalid x".into()], None)
    );
    assert_eq!(
        found.oddities,
        [("mrr__c".into(), Oddity::NotANumber, 1), ("mrr__c".into(), Oddity::WrongType, 1)]
    );
}

#[tokio::test]
async fn a_part_that_breaks_off_is_read_again_and_no_row_twice() {
    let bed = bed().await;
    long_query(&bed, 3_000);
    bed.salesforce.tell(JOB, state("JobComplete", 3_000));
    let body = csv(0..3_000);
    bed.salesforce
        .tell(RESULTS, told(503, "<html>"))
        .tell(RESULTS, broken(&body, body.len() - 5, 3_000))
        .tell(RESULTS, refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"))
        .tell(RESULTS, part(body, 3_000, "null"));
    super::token(&bed.salesforce, "token-2");
    let found = read(bed.client.query(SOQL).await).await;
    assert_eq!((found.rows.len(), found.error), (3_000, None));
    let distinct: std::collections::HashSet<_> = found.rows.iter().collect();
    assert_eq!(distinct.len(), 3_000);
    assert!(calls(&bed.salesforce).last().is_some_and(|call| call.ends_with("by token-2")));
}

/// check(the result's only part, told again and again; the error that ends the reading)
async fn check(told: impl Fn() -> Told, expected: &str) {
    let bed = bed().await;
    long_query(&bed, 3_000);
    bed.salesforce.tell(JOB, state("JobComplete", 3));
    for _ in 0..4 {
        bed.salesforce.tell(RESULTS, told());
    }
    let found = read(bed.client.query(SOQL).await).await;
    assert_eq!(found.error.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_result_that_is_not_whole_is_an_error() {
    const CALL: &str = "`GET /services/data/{version}/jobs/query/{job}/results`";
    let gone = format!("Salesforce stopped answering during {CALL}");
    let odd = format!("Salesforce's answer to {CALL} does not match its documentation");
    let body = csv(0..3);
    let silent = format!("Salesforce is not answering {CALL}");
    check(|| broken(&body, body.len() - 4, 3), &silent).await;
    check(|| part(csv(0..2), 3, "null"), &gone).await;
    let short = format!("Salesforce gave 2 of the query's 3 rows ({CALL})");
    check(|| part(csv(0..2), 2, "null"), &short).await;
    check(|| part("", 3, "null"), &gone).await;
    check(|| part("Id,Name\n1,2\n", 1, "null"), &odd).await;
    check(|| part("Id,Name,Mrr__c\n1,2\n", 1, "null"), &odd).await;
    check(|| part(csv(0..3), 3, ""), &odd).await;
    let without_locator = || {
        let mut told = part(csv(0..3), 3, "null");
        told.headers.retain(|(name, _)| *name != "sforce-locator");
        told
    };
    check(without_locator, &odd).await;
    check(|| told(200, "<html></html>").with("sforce-locator", "null"), &gone).await;
}

#[tokio::test]
async fn what_salesforce_does_not_run_itself_is_read_page_by_page() {
    let refusals = [
        refusal(400, "API_ERROR", "Selecting compound data not supported in Bulk Query"),
        refusal(400, "INVALIDENTITY", "Entity 'X' is not supported by the Bulk API."),
        refusal(400, "API_ERROR", "Implementation restriction: …"),
        refusal(400, "TXN_SECURITY_METERING_ERROR", "x"),
        refusal(403, "FEATURENOTENABLED", "x"),
        state("Failed", 0),
    ];
    for (number, refusal) in refusals.into_iter().enumerate() {
        let bed = bed().await;
        accounts(&bed);
        let record = |id: usize| json!({"Id": id.to_string(), "Name": "Acme", "Mrr__c": 1});
        bed.salesforce.tell(QUERY, page(2_001, Some(LOCATOR), &(0..2_000).map(record).collect::<Vec<_>>()));
        bed.salesforce.tell(MORE, page(2_001, None, &[record(2_000)]));
        if number < 5 {
            bed.salesforce.tell(JOBS, refusal);
        } else {
            bed.salesforce
                .tell(JOBS, told(200, r#"{"id":"750A","state":"UploadComplete"}"#))
                .tell(JOB, refusal);
        }
        let rows = bed.client.query(SOQL).await.expect("an answer");
        assert_eq!(rows.notes.len(), 1, "{number}: the log says so");
        let found = read(Ok(rows)).await;
        assert_eq!((found.rows.len(), found.error), (2_001, None), "{number}");
    }
}

#[tokio::test]
async fn a_job_that_ends_badly_or_never_is_an_error() {
    let ends = async |states: &[&str]| {
        let bed = bed().await;
        long_query(&bed, 3_000);
        for name in states {
            bed.salesforce.tell(JOB, state(name, 0));
        }
        read(bed.client.query(SOQL).await).await.error
    };
    let call = "(`GET /services/data/{version}/jobs/query/{job}`)";
    let aborted = format!("somebody ended the query in Salesforce before it was done {call}");
    assert_eq!(ends(&["InProgress", "Aborted"]).await, Some(aborted));
    let endless = format!("Salesforce did not finish the query in 2 hours {call}");
    assert_eq!(ends(&["InProgress"; 400]).await, Some(endless));
}
