//! Queries that are read page by page: types, names, odd values, and what is not the end.

use engine::{Column, Type};
use serde_json::json;

use super::{ACCOUNT, Bed, QUERY, accounts, bed, calls, description, page, read};
use crate::connectors::rows::Oddity;
use crate::connectors::stub::told;

const MORE: &str = "GET /services/data/v66.0/query/01gRO-2000";
const LOCATOR: &str = "/services/data/v66.0/query/01gRO-2000";

#[tokio::test]
async fn columns_have_the_types_of_the_description() {
    let bed = bed().await;
    let fields = [
        ("Id", "id", 0),
        ("Name", "string", 0),
        ("Mrr__c", "currency", 2),
        ("Backend__c", "double", 0),
        ("Score__c", "double", 3),
        ("Active__c", "boolean", 0),
        ("Start__c", "date", 0),
        ("CreatedDate", "datetime", 0),
        ("Plans__c", "multipicklist", 0),
        ("Later__c", "something", 0),
    ];
    bed.salesforce.tell(ACCOUNT, told(200, &description("Account", &fields)));
    let user = description("User", &[("Name", "string", 0)]);
    bed.salesforce.tell("GET /services/data/v66.0/sobjects/User/describe", told(200, &user));
    let records = [
        json!({"attributes": {"type": "Account"}, "Id": "001", "Name": "Acme", "Mrr__c": 1200.5, "Backend__c": 1.614_780_582_439_7E13,
            "Score__c": null, "Active__c": true, "Start__c": "2010-01-01", "CreatedDate": "2011-07-07T00:37:00.000+0000",
            "Plans__c": "four;six", "Later__c": "x", "Owner": {"attributes": {}, "Name": "Mina"}}),
        json!({"Id": "002", "Name": null, "Mrr__c": null, "Backend__c": null, "Score__c": null, "Active__c": false,
            "Start__c": null, "CreatedDate": null, "Plans__c": null, "Later__c": null, "Owner": null}),
    ];
    bed.salesforce.tell(QUERY, page(2, None, &records));
    let soql = "select id, name, mrr__c, backend__c, Score__c, Active__c, Start__c, CreatedDate, Plans__c, Later__c, owner.name from Account";
    let rows = bed.client.query(soql).await.expect("an answer");
    let amount = Type::Decimal { precision: 38, scale: 12 };
    let kinds = [
        ("id", Type::Text),
        ("name", Type::Text),
        ("mrr__c", amount),
        ("backend__c", Type::Integer),
        ("score__c", amount),
        ("active__c", Type::Boolean),
        ("start__c", Type::Date),
        ("createddate", Type::Timestamp),
        ("plans__c", Type::Text),
        ("later__c", Type::Text),
        ("owner_name", Type::Text),
    ];
    assert_eq!(rows.columns, kinds.map(|(name, kind)| Column { name: name.to_owned(), kind }));
    let found = read(Ok(rows)).await;
    assert_eq!(
        found.rows,
        [
            "001|Acme|1200500000000000e-12|16147805824397|-|true|day 14610|at 1309999020000000|four;six|x|Mina",
            "002|-|-|-|-|false|-|-|-|-|-",
        ]
    );
    assert_eq!((found.error, found.oddities), (None, Vec::new()));
}

#[tokio::test]
async fn pages_are_read_to_the_last_one() {
    let bed = bed().await;
    accounts(&bed);
    bed.salesforce
        .tell(QUERY, page(3, Some(LOCATOR), &[json!({"Id": "1"}), json!({"Id": "2"})]))
        .tell(MORE, page(3, None, &[json!({"Id": "3"})]));
    let found = read(bed.client.query("SELECT Id FROM Account").await).await;
    assert_eq!((found.rows, found.error), (vec!["1".into(), "2".into(), "3".into()], None));
    assert_eq!(
        calls(&bed.salesforce),
        [
            "GET /services/data/v66.0/sobjects/Account/describe by token-1".to_owned(),
            "GET /services/data/v66.0/query?q=SELECT+Id+FROM+Account by token-1".to_owned(),
            format!("GET {LOCATOR} by token-1"),
        ]
    );
}

#[tokio::test]
async fn groups_have_names_of_their_own() {
    let bed = bed().await;
    accounts(&bed);
    let user = description("User", &[("Name", "string", 0)]);
    bed.salesforce.tell("GET /services/data/v66.0/sobjects/User/describe", told(200, &user));
    let group =
        json!({"attributes": {"type": "AggregateResult"}, "Name": "Mina", "expr0": 300.0, "most": 200});
    bed.salesforce.tell(QUERY, page(1, None, &[group]));
    let soql = "SELECT Owner.Name, SUM(Mrr__c), MAX(Mrr__c) most FROM Account GROUP BY Owner.Name";
    let rows = bed.client.query(soql).await.expect("an answer");
    assert_eq!(
        rows.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        ["owner_name", "expr0", "most"]
    );
    assert_eq!(read(Ok(rows)).await.rows, ["Mina|300000000000000e-12|200000000000000e-12"]);
}

#[tokio::test]
async fn odd_values_are_kept_as_written_and_counted() {
    let bed = bed().await;
    accounts(&bed);
    let body =
        r#"{"totalSize":2,"done":true,"records":[{"Id":"NaN","Mrr__c":NaN},{"Id":"2","Mrr__c":{"a":1}}]}"#;
    bed.salesforce.tell(QUERY, told(200, body));
    let found = read(bed.client.query("SELECT Id, Mrr__c FROM Account").await).await;
    assert_eq!(
        (found.rows, found.error),
        (vec!["NaN|invalid NaN".into(), "2|invalid {\"a\":1}".into()], None)
    );
    assert_eq!(
        found.oddities,
        [("mrr__c".into(), Oddity::NotANumber, 1), ("mrr__c".into(), Oddity::WrongType, 1)]
    );
}

/// check(the answers to the query, rows that were given, the error that ends them)
async fn check(first: &str, second: Option<&str>, rows: usize, expected: &str) {
    let bed = bed().await;
    accounts(&bed);
    bed.salesforce.tell(QUERY, told(200, first));
    for _ in 0..8 {
        second.map(|second| bed.salesforce.tell(MORE, told(200, second)));
    }
    let found = read(bed.client.query("SELECT Id FROM Account").await).await;
    assert_eq!((found.rows.len(), found.error.as_deref()), (rows, Some(expected)), "{first} {second:?}");
}

#[tokio::test]
async fn what_is_not_the_end_is_an_error() {
    const ODD: &str =
        "Salesforce's answer to `GET /services/data/{version}/query` does not match its documentation";
    const ODD_MORE: &str = "Salesforce's answer to `GET /services/data/{version}/query/{locator}` does not match its documentation";
    const GONE: &str = "Salesforce stopped answering during `GET /services/data/{version}/query`";
    const GONE_MORE: &str =
        "Salesforce stopped answering during `GET /services/data/{version}/query/{locator}`";
    check(r#"{"totalSize":1,"records":[{"Id":"1"}]}"#, None, 0, ODD).await;
    check(r#"{"totalSize":1,"done":true}"#, None, 0, ODD).await;
    check(r#"{"totalSize":1,"done":true,"records":[7]}"#, None, 0, ODD).await;
    check(r#"{"totalSize":1,"done":true,"records":[{"Name":"1"}]}"#, None, 0, ODD).await;
    check(r#"{"totalSize":2,"done":false,"records":[{"Id":"1"}]}"#, None, 0, ODD).await;
    let elsewhere = r#"{"totalSize":2,"done":false,"nextRecordsUrl":"https://evil.example/services/data/","records":[{"Id":"1"}]}"#;
    check(elsewhere, None, 0, ODD).await;
    check("[1", None, 0, GONE).await;
    check("<html>Setting things up</html>", None, 0, GONE).await;
    let short = "Salesforce gave 1 of the query's 2 rows (`GET /services/data/{version}/query`)";
    check(r#"{"totalSize":2,"done":true,"records":[{"Id":"1"}]}"#, None, 0, short).await;
    let first =
        &format!(r#"{{"totalSize":3,"done":false,"nextRecordsUrl":"{LOCATOR}","records":[{{"Id":"1"}}]}}"#);
    check(first, Some(first), 1, ODD_MORE).await;
    check(first, Some(r#"{"totalSize":3,"do"#), 1, GONE_MORE).await;
    check(first, Some("<html></html>"), 1, GONE_MORE).await;
    let short = "Salesforce gave 2 of the query's 3 rows (`GET /services/data/{version}/query/{locator}`)";
    check(first, Some(r#"{"totalSize":3,"done":true,"records":[{"Id":"2"}]}"#), 1, short).await;
}

/// check(a query, what is said of it)
async fn refused(bed: &Bed, soql: &str, expected: &str) {
    accounts(bed);
    let found = read(bed.client.query(soql).await).await;
    assert_eq!(found.error.as_deref(), Some(expected), "{soql}");
    bed.salesforce.drop_answers();
}

#[tokio::test]
async fn a_query_that_cannot_be_read_says_what_to_write() {
    let bed = bed().await;
    let said = "the query cannot be read: Account has no field `Mrr`, or hides it from the connected user; did you mean `Mrr__c`?";
    refused(&bed, "SELECT Mrr FROM Account", said).await;
    let said = "the query cannot be read: Account has no field `Zzz`, or hides it from the connected user";
    refused(&bed, "SELECT Zzz FROM Account", said).await;
    let said =
        "the query cannot be read: Account has no relationship `Boss`, or hides it from the connected user";
    refused(&bed, "SELECT Boss.Name FROM Account", said).await;
    let said = "the columns `name` and `name` have the same name in lower case; rename one of them";
    refused(&bed, "SELECT Name, name FROM Account", said).await;
    let said = "the query cannot be read: FIELDS() is not read; name the fields";
    refused(&bed, "SELECT FIELDS(ALL) FROM Account", said).await;
    bed.salesforce
        .tell("GET /services/data/v66.0/sobjects/Nothing/describe", super::refusal(404, "NOT_FOUND", "x"));
    let said =
        "the query cannot be read: there is no object `Nothing`, or it is hidden from the connected user";
    refused(&bed, "SELECT Id FROM Nothing", said).await;
}

#[tokio::test]
async fn a_sample_takes_one_call_for_its_rows() {
    let bed = bed().await;
    accounts(&bed);
    let records: Vec<_> = (0..200).map(|id| json!({"Id": id.to_string()})).collect();
    bed.salesforce.tell(QUERY, page(50_000, Some(LOCATOR), &records));
    let found = read(bed.client.sample("SELECT Id FROM Account", 20).await).await;
    assert_eq!((found.rows.len(), found.error), (20, None));
    assert_eq!(calls(&bed.salesforce).len(), 2, "a description and a page");
}
