//! What our client reads of Salesforce: every row with its type, or an error, whatever goes wrong on the way.

use std::collections::BTreeSet;

use deskside::connectors::VendorError;
use deskside::connectors::rows::ReadError;
use deskside::connectors::salesforce::SalesforceClient;
use deskside_sandbox::{Limits, SalesforceApp};
use engine::{Type, Value};
use futures::StreamExt;
use serde_json::json;

use crate::support::vendors::{SLOW, Trouble, Vendors, troubles};

const ACCOUNTS: &str = "SELECT Id, Name, backendid__c, Plan__c, MRR__c, Contract_Start__c, CreatedDate, Owner.Name, Owner.Email FROM Account ORDER BY Id";
const CONTACTS: &str = "SELECT Id, LastName, Email, AccountId, Account.Name, Onboarding_Done__c FROM Contact";

/// Every row as text, and what the log is told.
async fn read(salesforce: &SalesforceClient, soql: &str) -> Result<(Vec<String>, Vec<String>), ReadError> {
    let mut rows = salesforce.query(soql).await?;
    let mut found = Vec::new();
    while let Some(batch) = rows.batches.next().await {
        found.extend(batch?.iter().map(|row| format!("{row:?}")));
    }
    assert_eq!(rows.oddities.counts(), [], "{soql}");
    Ok((found, rows.notes))
}

async fn rows(salesforce: &SalesforceClient, soql: &str) -> Vec<String> {
    read(salesforce, soql).await.unwrap_or_else(|error| panic!("{soql}: {error}")).0
}

#[tokio::test]
async fn each_way_of_signing_in_reads_the_same() {
    let vendors = Vendors::start().await;
    let by_secret = vendors.salesforce();
    let accounts = rows(&by_secret, ACCOUNTS).await;
    assert!(accounts.len() >= 10);
    assert_eq!(rows(&vendors.salesforce_by_statement(), ACCOUNTS).await, accounts);
    let who = by_secret.identity().await.expect("an identity");
    assert_eq!(who.username.as_deref(), Some("integration@acme.example.com"));
    assert!(who.organization_id.starts_with("00D") && who.user_id.starts_with("005"));
    assert!(by_secret.usage().is_some_and(|usage| usage.used > 0 && usage.limit == 15_000));
    let objects = by_secret.describe_global().await.expect("a list");
    assert!(
        objects.lost().is_empty()
            && objects.iter().any(|object| object.name == "Account" && object.queryable)
    );
}

#[tokio::test]
async fn accounts_come_with_their_types_and_their_owners() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    let found = salesforce.query(ACCOUNTS).await.expect("an answer");
    let column = |name: &str| found.columns.iter().find(|column| column.name == name).expect("a column").kind;
    assert_eq!(
        (column("id"), column("owner_name"), column("backendid__c")),
        (Type::Text, Type::Text, Type::Text)
    );
    assert_eq!(column("mrr__c"), Type::Decimal { precision: 38, scale: 12 });
    assert_eq!((column("contract_start__c"), column("createddate")), (Type::Date, Type::Timestamp));
    let id =
        vendors.sandbox.handle().find_salesforce("Account", "backendid__c", "20001").expect("an account");
    let change = json!({"MRR__c": 123_456_789.5, "Contract_Start__c": "2026-01-31", "Plan__c": null});
    assert!(vendors.sandbox.handle().change_salesforce("Account", &id, &change));
    let soql = format!("SELECT MRR__c, Contract_Start__c, Plan__c FROM Account WHERE Id = '{id}'");
    let mut found = salesforce.query(&soql).await.expect("an answer");
    let row = found.batches.next().await.expect("a batch").expect("rows").remove(0);
    let amount = Value::Decimal { unscaled: 123_456_789_500_000_000_000, scale: 12 };
    assert_eq!(row, [amount, Value::Date(20_484), Value::Null]);
}

#[tokio::test]
async fn many_rows_are_read_in_the_background_each_once() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    let before = rows(&salesforce, "SELECT Id FROM Contact").await.len();
    vendors.sandbox.handle().make_salesforce_rows("Contact", 5_000);
    let (found, notes) = read(&salesforce, CONTACTS).await.expect("rows");
    assert_eq!((found.len(), notes), (before + 5_000, Vec::new()));
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), before + 5_000);
    let calls = vendors.sandbox.handle().calls();
    let asked = |path: &str| calls.iter().filter(|call| call.path.contains(path)).count();
    assert!(asked("/jobs/query") > 2 && asked("/results") == 1, "{calls:?}");
    // The same page by page, because a group cannot run in the background.
    let mut in_pages =
        rows(&salesforce, "SELECT Id, MAX(LastName) name FROM Contact GROUP BY Id LIMIT 1500").await;
    in_pages.dedup();
    assert_eq!(in_pages.len(), 1_500);
    let sample = salesforce.sample(CONTACTS, 20).await.expect("a sample").batches.next().await;
    assert_eq!(sample.expect("a batch").expect("rows").len(), 20);
}

#[tokio::test]
async fn what_salesforce_does_not_run_itself_is_read_in_pages() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    vendors.sandbox.handle().make_salesforce_rows("Contact", 2_100);
    vendors.sandbox.handle().fail_next_salesforce_job("InvalidBatch : Implementation restriction");
    let (found, notes) = read(&salesforce, CONTACTS).await.expect("rows");
    assert!(found.len() > 2_100 && notes.len() == 1, "{notes:?}");
    let (found, _) = read(&salesforce, "SELECT Id, MailingAddress FROM Contact").await.expect("rows");
    assert!(found.len() > 2_100);
}

/// check(a query, what is said of it)
async fn check(salesforce: &SalesforceClient, soql: &str, expected: &str) {
    let error = read(salesforce, soql).await.expect_err("a refusal");
    assert!(error.to_string().contains(expected), "{soql}: {error}");
    assert!(!error.is_outage(), "{soql}: trying again cannot help");
}

#[tokio::test]
async fn a_wrong_query_names_what_is_wrong() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    check(&salesforce, "SELECT Nam FROM Account", "Account has no field `Nam`").await;
    check(&salesforce, "SELECT Id FROM Acount", "there is no object `Acount`").await;
    check(&salesforce, "SELECT Id FROM Account WHERE Nope = 1", "Account has no field `Nope`").await;
    check(&salesforce, "SELECT Id FROM Account WHERE", "MALFORMED_QUERY").await;
    vendors.sandbox.handle().hide_salesforce_field("Account", "MRR__c", true);
    check(&salesforce, ACCOUNTS, "Account has no field `MRR__c`, or hides it from the connected user").await;
}

#[tokio::test]
async fn an_org_without_free_calls_is_left_alone() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    let accounts = rows(&salesforce, ACCOUNTS).await;
    vendors.sandbox.handle().use_salesforce_calls(15_000);
    let error = read(&salesforce, ACCOUNTS).await.expect_err("a refusal");
    let expected = "this Salesforce org has used 15000 of its 15000 calls of 24 hours";
    assert!(error.to_string().starts_with(expected) && error.is_outage(), "{error}");
    vendors.sandbox.handle().use_salesforce_calls(0);
    vendors.pass(3_601);
    assert_eq!(rows(&salesforce, ACCOUNTS).await, accounts);
}

#[tokio::test]
async fn sessions_that_ran_out_are_renewed_and_revoked_clients_say_so() {
    let vendors = Vendors::start().await;
    let salesforce = vendors.salesforce();
    let accounts = rows(&salesforce, ACCOUNTS).await;
    vendors.sandbox.handle().expire_salesforce_sessions();
    assert_eq!(rows(&salesforce, ACCOUNTS).await, accounts);
    vendors
        .sandbox
        .handle()
        .change_salesforce_app(SalesforceApp { has_run_as: Some(false), ..SalesforceApp::default() });
    vendors.sandbox.handle().expire_salesforce_sessions();
    check(&salesforce, ACCOUNTS, "choose one in its client credentials policy").await;
}

/// One trouble at one call: how the reading ended. It never has other rows than the expected ones.
async fn read_with(
    vendors: &mut Vendors,
    soql: &str,
    expected: &[String],
    (name, trouble): (&str, &Trouble),
    (call, times): (&str, u32),
) -> &'static str {
    vendors.hurry(name);
    let salesforce = vendors.salesforce();
    vendors.trouble("salesforce", call, trouble, times);
    let ended = match read(&salesforce, soql).await {
        Ok((found, _)) => {
            assert!(found == expected, "{name} at {call}: {} rows of {}", found.len(), expected.len());
            "whole"
        }
        Err(_) => "error",
    };
    vendors.mend();
    ended
}

#[tokio::test]
async fn trouble_at_any_call_costs_no_row_and_adds_none() {
    let mut vendors = Vendors::start_with(Limits::relaxed()).await;
    let expected = rows(&vendors.salesforce(), ACCOUNTS).await;
    for (name, trouble) in &troubles() {
        for call in ["/token", "/describe", "/query"] {
            for times in if SLOW.contains(name) { vec![1] } else { vec![1, u32::MAX] } {
                let ended =
                    read_with(&mut vendors, ACCOUNTS, &expected, (name, trouble), (call, times)).await;
                println!("{name:18} {call:12} {times:>10} times: {ended}");
            }
        }
        vendors.hurry("");
        assert!(rows(&vendors.salesforce(), ACCOUNTS).await == expected, "{name}: not well again");
    }
}

#[tokio::test]
async fn trouble_while_the_result_is_read_costs_no_row_and_adds_none() {
    const SOQL: &str = "SELECT Id, LastName FROM Contact";
    let mut vendors = Vendors::start_with(Limits::relaxed()).await;
    vendors.sandbox.handle().make_salesforce_rows("Contact", 2_001);
    let expected = rows(&vendors.salesforce(), SOQL).await;
    for (name, trouble) in &troubles() {
        for call in ["/jobs/query", "/results"] {
            let ended = read_with(&mut vendors, SOQL, &expected, (name, trouble), (call, 1)).await;
            println!("{name:18} {call:12} {ended}");
        }
    }
    let always = Trouble::Fault(deskside_sandbox::Fault::Truncate { truncate: 40 });
    let ended =
        read_with(&mut vendors, SOQL, &expected, ("truncated", &always), ("/results", u32::MAX)).await;
    assert_eq!(ended, "error");
}
