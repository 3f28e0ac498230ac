//! Salesforce's organization over HTTP: queries, descriptions, single records, limits.

use chrono::TimeDelta;
use deskside_sandbox::{Limits, Options, Sandbox};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};

use crate::client::{Answer, calm, send};
use crate::salesforce_access::sign_in;

pub const DATA: &str = "/services/data/v67.0";

/// An organization, and a session in it.
pub struct Sales {
    pub sandbox: deskside_sandbox::Running,
    pub http: Client,
    pub token: String,
}

impl Sales {
    pub async fn open(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let mut sales = Self { sandbox, http, token: String::new() };
        sales.token = sign_in(&sales).await;
        sales
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let url = format!("{}{path}", self.sandbox.salesforce_url);
        let request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", &format!("{DATA}{path}"), None).await
    }

    pub async fn query(&self, soql: &str) -> Answer {
        let escaped: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        self.get(&format!("/query/?q={escaped}")).await
    }
}

/// The values of a field in the rows that a query found.
fn column(answer: &Answer, pointer: &str) -> Vec<Value> {
    let rows = answer.body["records"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    rows.iter().map(|row| row.pointer(pointer).cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_query_finds_what_its_condition_says() {
    let sales = Sales::open(calm()).await;
    let check = async |condition: &str, expected: &[&str]| {
        let answer = sales.query(&format!("SELECT Name FROM Account WHERE {condition} ORDER BY Name")).await;
        assert_eq!(column(&answer, "/Name"), expected, "{condition}");
    };
    check("backendid__c = '20001'", &["青葉商事株式会社"]).await;
    check("Name = 'NORTHWIND traders'", &["Northwind Traders"]).await;
    check("Name LIKE 'northwind%'", &["Northwind Traders", "Northwind Traders (EMEA)"]).await;
    check("MRR__c > 700000 AND CurrencyIsoCode = 'JPY'", &["東雲システムズ"]).await;
    check("MRR__c >= 730000 AND (CurrencyIsoCode = 'USD' OR Type = 'Partner')", &["Weiß Maschinenbau AG"])
        .await;
    check("backendid__c = null", &["Prospect without an account"]).await;
    check(
        "backendid__c != null AND Type = 'Prospect' AND MRR__c = null",
        &["Moreau Vins", "Spam & Co", "吉田書房", "田中青果店", "수빈카페"],
    )
    .await;
    check(
        "Subscription_Status__c IN ('Trial', 'past due') AND NOT MRR__c = 0",
        &["Saigon Imports", "中村運輸", "박물류"],
    )
    .await;
    let hers = "Owner.Email = 'dana.keller@acme.example.com' AND Plan__c NOT IN ('Free', 'Standard')";
    check(&format!("{hers} AND Plan__c != null"), &["鈴木精密工業"]).await;
    check(&format!("{hers} AND Plan__c = null AND MRR__c > 20000"), &["Northwind Traders (EMEA)"]).await;
    check("Renewal_Date__c = NEXT_N_DAYS:12", &["東雲システムズ"]).await;
    check("Renewal_Date__c <= 2026-12-05 AND Renewal_Date__c >= TODAY", &["東雲システムズ"]).await;
    check("Name = 'O\\'Brien & Daughters'", &["O'Brien & Daughters"]).await;
    check("CreatedDate > 2026-11-22T00:00:00Z", &[]).await;
    let spoken =
        sales.query("SELECT Name FROM Contact WHERE Languages__c INCLUDES ('Japanese') LIMIT 3").await;
    assert_eq!(column(&spoken, "/Name").len(), 3);
}

#[tokio::test]
async fn rows_come_with_their_parents_and_children() {
    let sales = Sales::open(calm()).await;
    let soql = "SELECT a.Id, a.MRR__c, Owner.Name, Success_Manager__r.Email, BillingAddress, Contract_Start__c, CreatedDate, \
                (SELECT Email FROM Contacts ORDER BY Email), (SELECT Name FROM ChildAccounts) FROM Account a WHERE backendid__c = '20001'";
    let row = sales.query(soql).await.body["records"][0].clone();
    let id = row["Id"].as_str().unwrap();
    assert_eq!(
        (id.len(), row["attributes"]["url"].clone()),
        (18, json!(format!("{DATA}/sobjects/Account/{id}")))
    );
    assert_eq!((&row["MRR__c"], &row["Owner"]["Name"]), (&json!(120_000.0), &json!("営業一課 森")));
    assert_eq!((&row["Success_Manager__r"], &row["ChildAccounts"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&row["BillingAddress"]["city"], &row["Contract_Start__c"]),
        (&json!("東京都"), &json!("2026-09-21"))
    );
    assert_eq!(row["CreatedDate"], "2024-06-05T12:00:00.000+0000");
    assert_eq!(row["Contacts"]["records"][1]["Email"], "taro.yamada@example.com");
    let people = sales
        .query("SELECT Name, Account.Owner.Name FROM Contact WHERE Account.backendid__c = '20001'")
        .await;
    assert_eq!(column(&people, "/Account/Owner/Name"), ["営業一課 森", "営業一課 森"]);
    let ordered =
        sales.query("SELECT Name FROM Account ORDER BY MRR__c DESC NULLS LAST, Name LIMIT 2 OFFSET 1").await;
    assert_eq!(column(&ordered, "/Name"), ["Weiß Maschinenbau AG", "하은의료기"]);
}

#[tokio::test]
async fn counts_and_groups_are_answered_without_records() {
    let sales = Sales::open(calm()).await;
    let count = sales.query("SELECT COUNT() FROM Account WHERE MRR__c = 0").await.body;
    assert_eq!(count, json!({"totalSize": 7, "done": true, "records": []}));
    let soql = "SELECT CurrencyIsoCode, COUNT(Id), SUM(MRR__c) total, MIN(Name) FROM Account WHERE Type = 'Partner' GROUP BY CurrencyIsoCode";
    let groups = sales.query(soql).await.body;
    assert_eq!(groups["records"][0]["attributes"], json!({"type": "AggregateResult"}));
    assert_eq!(
        (&groups["records"][0]["CurrencyIsoCode"], &groups["records"][1]["expr0"]),
        (&json!("JPY"), &json!(3))
    );
    assert!(groups["records"][0]["total"].is_f64() && groups["records"][0]["expr1"].is_string(), "{groups}");
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_place() {
    let sales = Sales::open(calm()).await;
    let check = async |soql: &str, code: &str, says: &str| {
        let answer = sales.query(soql).await;
        let refusal = &answer.body[0];
        let message = refusal["message"].as_str().unwrap_or_default();
        assert_eq!((answer.status, refusal["errorCode"].as_str()), (400, Some(code)), "{soql}: {answer:?}");
        assert!(message.contains(says), "{soql}: {message}");
    };
    let column = "\nSELECT Id, Body FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Body' on entity 'Account'.";
    check("SELECT Id, Body FROM Account", "INVALID_FIELD", column).await;
    check("SELECT Id FROM Acount", "INVALID_TYPE", "sObject type 'Acount' is not supported.").await;
    check("SELECT Owner.Plan__c FROM Account", "INVALID_FIELD", "No such column 'Plan__c' on entity 'User'")
        .await;
    check(
        "SELECT Boss.Name FROM Account",
        "INVALID_FIELD",
        "Didn't understand relationship 'Boss' in field path.",
    )
    .await;
    check(
        "SELECT (SELECT Id FROM Cases) FROM Account",
        "INVALID_TYPE",
        "Didn't understand relationship 'Cases' in FROM part",
    )
    .await;
    check("SELECT * FROM Account", "MALFORMED_QUERY", "unexpected token: '*'").await;
    check("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'").await;
    check("SELECT Id FROM Account WHERE Name IS NULL", "MALFORMED_QUERY", "unexpected token: 'IS'").await;
    check(
        "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
        "MALFORMED_QUERY",
        "unexpected token: 'OR'",
    )
    .await;
    check("SELECT Id FROM Account LIMIT many", "MALFORMED_QUERY", "unexpected token: 'many'").await;
    check(
        "SELECT Id FROM Account WHERE Name = 5",
        "INVALID_FIELD",
        "must be of type string and should be enclosed in quotes",
    )
    .await;
    check(
        "SELECT Id FROM Account WHERE MRR__c > '5'",
        "INVALID_FIELD",
        "must be of type currency and should not be enclosed in quotes",
    )
    .await;
    check(
        "SELECT Id FROM Account WHERE Description = 'x'",
        "INVALID_FIELD",
        "can not be filtered in a query call",
    )
    .await;
    check(
        "SELECT Id FROM Account WHERE OwnerId LIKE 'x%'",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator on reference field",
    )
    .await;
    check(
        "SELECT Name, COUNT(Id) FROM Account",
        "MALFORMED_QUERY",
        "Field must be grouped or aggregated: Name",
    )
    .await;
    check("SELECT Id, id FROM Account", "INVALID_FIELD", "duplicate field selected: Id").await;
    check(
        "SELECT Id FROM Account OFFSET 2001",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Maximum SOQL offset allowed is 2000",
    )
    .await;
    check("", "MALFORMED_QUERY", "SOQL statements cannot be empty or null").await;
    let unknown = sales.ask("GET", "/services/data/v99.0/query?q=x", None).await;
    assert_eq!((unknown.status, &unknown.body[0]["errorCode"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn many_rows_are_read_page_by_page() {
    let sales = Sales::open(calm()).await;
    let vendor = sales.sandbox.handle();
    vendor.make_salesforce_rows("Account", 4_500);
    let all = "SELECT Id, Name FROM Account WHERE Name LIKE 'Company %'";
    let (mut page, mut seen, mut pages) = (sales.query(all).await, Vec::new(), 1);
    assert_eq!((&page.body["totalSize"], column(&page, "/Id").len()), (&json!(4_500), 2_000));
    loop {
        seen.extend(column(&page, "/Id").iter().map(|id| id.as_str().unwrap().to_owned()));
        let Some(next) = page.body["nextRecordsUrl"].as_str() else { break };
        assert!(page.body["done"] == false && next.starts_with(&format!("{DATA}/query/01g")), "{next}");
        page = sales.ask("GET", next, None).await;
        pages += 1;
    }
    seen.sort();
    seen.dedup();
    assert_eq!((pages, seen.len(), &page.body["done"]), (3, 4_500, &json!(true)));
    let url = format!("{}{DATA}/query?q={}", sales.sandbox.salesforce_url, all.replace(' ', "+"));
    let small = sales.http.get(&url).bearer_auth(&sales.token).header("sforce-query-options", "batchSize=50");
    let first = send(small).await;
    assert_eq!(column(&first, "/Id").len(), 200, "200 is the smallest page");
    vendor.advance(TimeDelta::minutes(90));
    let next = first.body["nextRecordsUrl"].as_str().unwrap();
    assert_eq!(sales.ask("GET", next, None).await.status, 200);
    vendor.advance(TimeDelta::days(2));
    let sales = Sales { token: sign_in(&sales).await, ..sales };
    let late = sales.ask("GET", next, None).await;
    assert_eq!((late.status, &late.body[0]["errorCode"]), (400, &json!("INVALID_QUERY_LOCATOR")));
}

#[tokio::test]
async fn a_field_that_is_hidden_is_as_if_it_did_not_exist() {
    let sales = Sales::open(calm()).await;
    sales.sandbox.handle().hide_salesforce_field("Account", "MRR__c", true);
    let names = async || {
        let described = sales.get("/sobjects/account/describe").await.body["fields"].clone();
        described
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!names().await.contains(&"MRR__c".to_owned()));
    let refused = sales.query("SELECT Id FROM Account WHERE MRR__c > 1").await;
    assert_eq!(refused.body[0]["errorCode"], "INVALID_FIELD");
    sales.sandbox.handle().hide_salesforce_field("Account", "MRR__c", false);
    assert!(names().await.contains(&"MRR__c".to_owned()));
    assert_eq!(sales.get("/sobjects/Nothing/describe").await.status, 404);
    let versions = sales.http.get(format!("{}/services/data/", sales.sandbox.salesforce_url));
    let versions = send(versions).await.body;
    assert_eq!(
        versions[27],
        json!({"label": "Summer '23", "url": "/services/data/v58.0", "version": "58.0"})
    );
}

#[tokio::test]
async fn one_record_is_made_read_changed_and_deleted() {
    let sales = Sales::open(calm()).await;
    let path = format!("{DATA}/sobjects/Contact");
    let body = json!({"LastName": "New", "Email": "Person.04@Example.com"});
    let made = sales.ask("POST", &path, Some(body)).await;
    assert_eq!((made.status, &made.body["success"]), (201, &json!(true)));
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(sales.ask("PATCH", &one, Some(json!({"FirstName": "Very"}))).await.status, 204);
    let shown = sales.ask("GET", &format!("{one}?fields=Name,Email"), None).await.body;
    assert_eq!((&shown["Name"], &shown["Email"]), (&json!("Very New"), &json!("person.04@example.com")));
    let check = async |method: &str, path: &str, body: Value, status: u16, code: &str| {
        let answer = sales.ask(method, path, Some(body)).await;
        assert_eq!((answer.status, &answer.body[0]["errorCode"]), (status, &json!(code)), "{answer:?}");
    };
    check("POST", &path, json!({"FirstName": "Nobody"}), 400, "REQUIRED_FIELD_MISSING").await;
    check("PATCH", &one, json!({"foo": 1}), 400, "INVALID_FIELD").await;
    check("PATCH", &one, json!({"Name": "x"}), 400, "INVALID_FIELD_FOR_INSERT_UPDATE").await;
    check("PATCH", &one, json!({"Email": "badone"}), 400, "INVALID_EMAIL_ADDRESS").await;
    check("PATCH", &one, json!({"LastName": "x".repeat(81)}), 400, "STRING_TOO_LONG").await;
    check("PATCH", &one, json!({"Onboarding_Done__c": "yes"}), 400, "JSON_PARSER_ERROR").await;
    assert_eq!(sales.ask("DELETE", &one, None).await.status, 204);
    check("PATCH", &one, json!({"FirstName": "x"}), 404, "ENTITY_IS_DELETED").await;
    check("GET", &one, json!({}), 404, "NOT_FOUND").await;
    let (live, binned) = ("/query?q=", "/queryAll?q=");
    for (how, expected) in [(live, 0), (binned, 1)] {
        let found = sales.get(&format!("{how}SELECT+Id+FROM+Contact+WHERE+LastName='New'")).await;
        assert_eq!(found.body["totalSize"], expected, "{how}");
    }
    let key = format!("{DATA}/sobjects/Account/backendid__c");
    assert_eq!(sales.ask("GET", &format!("{key}/20001"), None).await.body["Name"], "青葉商事株式会社");
    let several = sales.ask("GET", &format!("{key}/20027"), None).await;
    assert_eq!((several.status, several.body.as_array().map(Vec::len)), (300, Some(2)), "{several:?}");
    check("GET", &format!("{DATA}/sobjects/Account/Namez/x"), json!({}), 404, "NOT_FOUND").await;
}

#[tokio::test]
async fn every_answer_has_the_days_calls_and_the_last_one_is_refused() {
    let limits = Limits { salesforce_per_day: 20, ..Limits::relaxed() };
    let sales = Sales::open(Options { limits, ..calm() }).await;
    let first = sales.get("/limits").await;
    assert_eq!(first.header("sforce-limit-info"), "api-usage=1/20");
    assert_eq!(first.body["DailyApiRequests"], json!({"Max": 20, "Remaining": 19}));
    sales.sandbox.handle().use_salesforce_calls(20);
    let late = sales.get("/sobjects").await;
    assert_eq!((late.status, &late.body[0]["errorCode"]), (403, &json!("REQUEST_LIMIT_EXCEEDED")));
    sales.sandbox.handle().advance(TimeDelta::days(1));
    let sales = Sales { token: sign_in(&sales).await, ..sales };
    assert_eq!(sales.get("/limits/recordCount?sObjects=User").await.body["sObjects"][0]["count"], 5);
}
