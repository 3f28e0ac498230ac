//! Salesforce's Bulk API 2.0: query jobs, their states, their results, what they refuse.

use std::time::Duration;

use chrono::TimeDelta;
use deskside_sandbox::Options;
use serde_json::json;

use crate::client::calm;
use crate::salesforce::{DATA, Sales};

#[tokio::test]
async fn a_bulk_query_is_read_in_parts_as_csv() {
    let sales = Sales::open(Options { job_time: Some(Duration::from_secs(8)), ..calm() }).await;
    let vendor = sales.sandbox.handle();
    let query = "SELECT Name, MRR__c, Owner.Name, Contract_Start__c FROM Account WHERE Type != 'Partner' ORDER BY backendid__c DESC";
    let body = json!({"operation": "query", "query": query});
    let made = sales.ask("POST", &format!("{DATA}/jobs/query"), Some(body)).await;
    assert_eq!(
        (made.status, &made.body["state"], &made.body["object"]),
        (200, &json!("UploadComplete"), &json!("Account"))
    );
    let job = format!("{DATA}/jobs/query/{}", made.body["id"].as_str().unwrap());
    let results = format!("{job}/results?maxRecords=10");
    assert_eq!(sales.ask("GET", &results, None).await.status, 400, "it has not ended");
    let mut states = Vec::new();
    for _ in 0..3 {
        states.push(sales.ask("GET", &job, None).await.body["state"].clone());
        vendor.advance(TimeDelta::seconds(4));
    }
    assert_eq!(states, ["UploadComplete", "InProgress", "JobComplete"]);
    let (mut path, mut lines, mut told) = (results.clone(), Vec::new(), 0);
    loop {
        let part = sales.ask("GET", &path, None).await;
        assert_eq!((part.status, part.header("content-type")), (200, "text/csv"));
        told += part.header("sforce-numberofrecords").parse::<usize>().unwrap();
        lines.extend(part.text.lines().skip(1).map(str::to_owned));
        if part.header("sforce-locator") == "null" {
            assert!(
                part.text.starts_with("\"Name\",\"MRR__c\",\"Owner.Name\",\"Contract_Start__c\"\n"),
                "{}",
                part.text
            );
            break;
        }
        path = format!("{results}&locator={}", part.header("sforce-locator"));
    }
    let count = sales.ask("GET", &job, None).await.body["numberRecordsProcessed"].clone();
    assert_eq!((json!(told), lines.len()), (count, told + 1), "one name has a line break");
    assert!(
        lines.contains(&"\"Prospect without an account\",\"\",\"Dana Keller\",\"\"".to_owned()),
        "{lines:#?}"
    );
    let text = sales.ask("GET", &format!("{job}/results"), None).await.text;
    assert!(text.contains("\"Moved away \"\"Ltd\"\", formerly\nMoved\",\"0.0\""), "{text}");
    let other = sales.ask("GET", &format!("{job}/results").replace("v67.0", "v60.0"), None).await;
    assert_eq!(other.status, 409, "in the version in which it was made");
    assert_eq!(sales.ask("DELETE", &job, None).await.status, 204);
    assert_eq!(sales.ask("GET", &job, None).await.status, 404);
}

#[tokio::test]
async fn the_bulk_api_refuses_what_it_does_not_read() {
    let sales = Sales::open(calm()).await;
    let jobs = format!("{DATA}/jobs/query");
    let cases = [
        (
            "SELECT BillingAddress FROM Account",
            "FUNCTIONALITY_NOT_ENABLED",
            "Selecting compound data not supported in Bulk Query",
        ),
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            "FUNCTIONALITY_NOT_ENABLED",
            "not supported in Bulk Query",
        ),
        ("SELECT COUNT(Id) FROM Account", "FUNCTIONALITY_NOT_ENABLED", "not supported in Bulk Query"),
        ("SELECT Id FROM ContractStatus", "INVALIDENTITY", "is not supported by the Bulk API"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD", "No such column 'Nothing'"),
    ];
    for (query, code, says) in cases {
        let answer = sales.ask("POST", &jobs, Some(json!({"operation": "query", "query": query}))).await;
        let (status, refusal) = (answer.status, &answer.body[0]);
        assert_eq!((status, refusal["errorCode"].as_str()), (400, Some(code)), "{query}: {answer:?}");
        assert!(refusal["message"].as_str().unwrap().contains(says), "{query}: {refusal}");
    }
    let body = json!({"operation": "query", "query": "SELECT Id FROM Account"});
    let make = async || {
        let made = sales.ask("POST", &jobs, Some(body.clone())).await;
        format!("{jobs}/{}", made.body["id"].as_str().unwrap())
    };
    sales.sandbox.handle().fail_next_salesforce_job("TXN_SECURITY_METERING_ERROR: Transaction security");
    let job = make().await;
    sales.ask("GET", &job, None).await;
    let failed = sales.ask("GET", &job, None).await.body;
    assert_eq!((&failed["state"], failed["errorMessage"].is_string()), (&json!("Failed"), true));
    let job = make().await;
    assert_eq!(sales.ask("PATCH", &job, Some(json!({"state": "Aborted"}))).await.body["state"], "Aborted");
    assert_eq!(sales.ask("GET", &format!("{job}/results"), None).await.status, 400);
}

#[tokio::test]
async fn values_and_lines_are_divided_as_the_job_says() {
    let sales = Sales::open(calm()).await;
    let jobs = format!("{DATA}/jobs/query");
    let query = "SELECT Username, IsActive FROM User LIMIT 1";
    let begin = async |delimiter: &str, ending: &str| {
        let body =
            json!({"operation": "query", "query": query, "columnDelimiter": delimiter, "lineEnding": ending});
        sales.ask("POST", &jobs, Some(body)).await
    };
    let made = begin("SEMICOLON", "CRLF").await.body;
    assert_eq!((&made["columnDelimiter"], &made["lineEnding"]), (&json!("SEMICOLON"), &json!("CRLF")));
    sales.sandbox.handle().advance(TimeDelta::seconds(5));
    let text = sales.ask("GET", &format!("{jobs}/{}/results", made["id"].as_str().unwrap()), None).await.text;
    assert_eq!(text, "\"Username\";\"IsActive\"\r\n\"integration@acme.example.com\";\"true\"\r\n");
    assert_eq!(begin("SLASH", "LF").await.status, 400);
    assert_eq!(begin("COMMA", "CR").await.status, 400);
}
