//! How calls are made: tokens of each kind, the org's own address, refusals, and the org's day.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::{Value as Json, json};

use super::{ACCOUNT, Bed, TOKEN, bed, bed_with, calls, description, refusal, token};
use crate::connectors::Advice::{self, GiveUp, Retry, RetryAfter};
use crate::connectors::stub::{Told, told};
use crate::connectors::{FailureKind, JwtBearer, VendorError};

const CALL: &str = "`GET /services/data/{version}/sobjects/{object}/describe`";

async fn describe(bed: &Bed) -> Result<usize, crate::connectors::CallFailure> {
    bed.client.background().describe("Account").await.map(|object| object.fields.len())
}

#[tokio::test]
async fn an_expired_session_is_renewed_once() {
    let bed = bed().await;
    bed.salesforce.tell(ACCOUNT, refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"));
    bed.salesforce.tell(ACCOUNT, told(200, &description("Account", &[])));
    token(&bed.salesforce, "token-2");
    assert_eq!(describe(&bed).await.expect("a description"), 1);
    let line = ACCOUNT;
    assert_eq!(calls(&bed.salesforce), [format!("{line} by token-1"), format!("{line} by token-2")]);
    let asked: Vec<_> = bed.salesforce.asked("GET").into_iter().map(|asked| asked.body).collect();
    assert_eq!(asked, ["grant_type=client_credentials&client_id=key&client_secret=hush"; 2]);
}

#[tokio::test]
async fn a_401_that_no_token_mends_asks_for_none() {
    let bed = bed().await;
    let message = "This session is not valid for use with the REST API";
    bed.salesforce.tell(ACCOUNT, refusal(401, "INVALID_SESSION_ID", message));
    let error = describe(&bed).await.expect_err("a refusal");
    assert_eq!((error.kind(), bed.salesforce.asked("GET").len()), (FailureKind::Token, 1));
}

/// check(an answer, what is told, what the queue does)
async fn check(answer: impl Fn() -> Told, expected: &str, advice: Advice) {
    let bed = bed().await;
    for _ in 0..2 {
        bed.salesforce.tell(ACCOUNT, answer());
        token(&bed.salesforce, "token-2");
    }
    let error = describe(&bed).await.expect_err("a refusal");
    assert_eq!((error.to_string(), error.advice()), (expected.to_owned(), advice));
}

#[tokio::test]
async fn every_refusal_becomes_one_advice_and_a_sentence() {
    let token = format!(
        "Salesforce does not accept our access token for {CALL}, not even a new one; connect the account again"
    );
    check(|| refusal(401, "INVALID_SESSION_ID", "Session expired or invalid"), &token, GiveUp).await;
    let day = format!("this Salesforce org has used 15000 of its 15000 calls of 24 hours ({CALL})");
    let over = || {
        refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            .with("sforce-limit-info", "api-usage=15000/15000")
    };
    check(over, &day, RetryAfter(Duration::from_hours(1))).await;
    let long = format!("this Salesforce org has as many long calls at the same time as it may ({CALL})");
    let message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    check(|| refusal(403, "REQUEST_LIMIT_EXCEEDED", message), &long, RetryAfter(Duration::from_mins(5)))
        .await;
    let plan = format!("this Salesforce account's plan does not have {CALL}");
    check(|| refusal(403, "API_DISABLED_FOR_ORG", "x"), &plan, GiveUp).await;
    let forbidden = format!(
        "Salesforce does not allow {CALL}; give the connected user the permission \"API Enabled\" and read access to the object and its fields"
    );
    check(|| refusal(403, "INSUFFICIENT_ACCESS", "Mina may not"), &forbidden, GiveUp).await;
    let missing = format!("Salesforce finds nothing for {CALL}, or hides it from the connected user");
    check(|| refusal(404, "NOT_FOUND", "The requested resource does not exist"), &missing, GiveUp).await;
    for status in [406, 420, 503] {
        let busy = format!("Salesforce answered {status} to {CALL}");
        check(|| told(status, "<html>Setting things up</html>"), &busy, Retry).await;
    }
    let wait = format!("Salesforce answered 503 to {CALL}");
    check(|| told(503, "").with("retry-after", "7"), &wait, RetryAfter(Duration::from_secs(7))).await;
    let html = format!("Salesforce stopped answering during {CALL}");
    check(|| told(200, "<html></html>"), &html, Retry).await;
}

#[tokio::test]
async fn a_refused_query_names_the_field_and_the_place() {
    let said = async |code: &str, message: &str| {
        let bed = bed().await;
        bed.salesforce.tell(ACCOUNT, refusal(400, code, message));
        describe(&bed).await.expect_err("a refusal").to_string().replace(CALL, "it")
    };
    let message = "\nSELECT Foo, Name FROM Account WHERE Name = 'Mina'\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Account'. If you are attempting to use a custom field";
    let expected = "Salesforce refused it (400): INVALID_FIELD, Account has no field `Foo`, or hides it from the connected user, row 1, column 8 of the query";
    assert_eq!(said("INVALID_FIELD", message).await, expected);
    let expected = "Salesforce refused it (400): INVALID_FIELD, Bar has no field `foo`, or hides it from the connected user";
    assert_eq!(said("INVALID_FIELD", "No such column 'foo' on sobject of type Bar").await, expected);
    let expected = "Salesforce refused it (400): MALFORMED_QUERY, row 1, column 20 of the query";
    assert_eq!(
        said(
            "MALFORMED_QUERY",
            "\nSELECT Id FROM Account WHERE 'Mina'\n^\nERROR at Row:1:Column:20\nunexpected token: 'Mina'"
        )
        .await,
        expected
    );
    let expected = "Salesforce refused it (400): INVALID_TYPE, there is no object `Nope`, or it is hidden from the connected user";
    assert_eq!(said("INVALID_TYPE", "sObject type 'Nope' is not supported.").await, expected);
    assert_eq!(said("ODD CODE", "Mina Park").await, "Salesforce refused it (400): no reason given");
}

#[tokio::test]
async fn a_token_for_another_host_is_not_used() {
    let bed = bed().await;
    bed.salesforce.drop_answers();
    let body = r#"{"access_token":"token-1","instance_url":"https://evil.example"}"#;
    bed.salesforce.tell(TOKEN, told(200, body));
    let error = describe(&bed).await.expect_err("a refusal");
    assert_eq!((error.kind(), calls(&bed.salesforce)), (FailureKind::Blocked, Vec::new()));
}

#[tokio::test]
async fn jobs_leave_the_last_tenth_of_the_orgs_day() {
    let bed = bed().await;
    let answer =
        || told(200, &description("Account", &[])).with("sforce-limit-info", "api-usage=13500/15000");
    bed.salesforce.tell(ACCOUNT, answer()).tell(ACCOUNT, answer());
    describe(&bed).await.expect("nothing was known");
    let error = describe(&bed).await.expect_err("a refusal");
    let expected = format!(
        "this Salesforce org has used 13500 of its 15000 calls of 24 hours; reading goes on when some are free again ({CALL})"
    );
    assert_eq!((error.to_string(), error.advice()), (expected, RetryAfter(Duration::from_hours(1))));
    bed.client.describe("Account").await.expect("a person is let through");
    assert_eq!(bed.client.usage().map(|usage| usage.used), Some(13_500));
}

#[tokio::test]
async fn who_we_are_is_asked_at_the_org() {
    let bed = bed().await;
    let root = json!({"identity": "https://login.salesforce.com/id/00DA/005B", "sobjects": "/x"}).to_string();
    bed.salesforce
        .tell("GET /services/data/v66.0", told(200, &root))
        .tell("GET /services/data/v66.0", told(200, &root));
    bed.salesforce.tell("GET /id/00DA/005B", told(200, r#"{"username":"integration@acme.example"}"#));
    bed.salesforce.tell("GET /id/00DA/005B", told(403, "Missing_OAuth_Token"));
    let who = bed.client.identity().await.expect("an identity");
    assert_eq!((who.organization_id.as_str(), who.user_id.as_str()), ("00DA", "005B"));
    assert_eq!(who.username.as_deref(), Some("integration@acme.example"));
    assert_eq!(bed.client.identity().await.expect("an identity").username, None);
}

/// check(the token endpoint's refusal, what is told, what the queue does)
async fn check_token(status: u16, error: &str, description: &str, expected: &str, advice: Advice) {
    let bed = bed().await;
    bed.salesforce.drop_answers();
    let body = json!({"error": error, "error_description": description}).to_string();
    bed.salesforce.tell(TOKEN, told(status, &body));
    let error = describe(&bed).await.expect_err("a refusal");
    let said = error.to_string().replace(" (`POST /services/oauth2/token`)", "");
    assert_eq!((said, error.advice()), (expected.to_owned(), advice), "{description}");
}

#[tokio::test]
async fn a_refused_sign_in_says_what_to_change() {
    let client = "Salesforce rejected the consumer key or consumer secret";
    check_token(400, "invalid_client_id", "client identifier invalid", client, GiveUp).await;
    check_token(400, "invalid_client", "invalid client credentials", client, GiveUp).await;
    let no_user =
        "the External Client App has no user to run as; choose one in its client credentials policy";
    check_token(400, "invalid_grant", "no client credentials user enabled", no_user, GiveUp).await;
    let domain = "Salesforce takes client credentials at the org's My Domain only; set the connection's host to it, like acme.my.salesforce.com";
    check_token(400, "invalid_grant", "request not supported on this domain", domain, GiveUp).await;
    let approved = "the Salesforce user has not approved this client; pre-authorize the user's profile or permission set in the External Client App's policies";
    check_token(400, "invalid_grant", "user hasn't approved this consumer", approved, GiveUp).await;
    let inactive =
        "the connected Salesforce user or org is not active; activate it, or connect as another user";
    check_token(400, "inactive_user", "user is inactive", inactive, GiveUp).await;
    let many = "Salesforce takes no more sign-ins of this client for now; the next try is in a minute";
    check_token(403, "rate_limit_exceeded", "login rate exceeded", many, RetryAfter(Duration::from_mins(1)))
        .await;
}

#[tokio::test]
async fn a_signed_statement_is_good_for_minutes_and_for_one_host() {
    let bearer = |private_key: &str| JwtBearer {
        client_id: "key".into(),
        username: "integration@acme.example".into(),
        audience: "https://login.salesforce.com".into(),
        private_key: private_key.into(),
    };
    let private = include_str!("../../../../../sandbox/src/keys/first.pem");
    let bed = bed_with(bearer(private)).await;
    bed.salesforce.tell(ACCOUNT, told(200, &description("Account", &[])));
    describe(&bed).await.expect("a description");
    let body = bed.salesforce.asked("GET").remove(0).body;
    let form: std::collections::HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let statement =
        jsonwebtoken::dangerous::insecure_decode::<Json>(form["assertion"].as_ref()).expect("a statement");
    assert_eq!(statement.header.alg, Algorithm::RS256);
    let claims = statement.claims;
    let exp = bed.clock.now().timestamp() + 120;
    assert_eq!(
        claims,
        json!({"iss": "key", "sub": "integration@acme.example", "aud": "https://login.salesforce.com", "exp": exp})
    );

    let bed = bed_with(bearer("not a key")).await;
    let error = describe(&bed).await.expect_err("no key");
    let expected = "the connection's private key cannot be read; give it as PEM, an RSA key (`POST /services/oauth2/token`)";
    assert_eq!((error.to_string().as_str(), error.kind()), (expected, FailureKind::Credentials));
}
