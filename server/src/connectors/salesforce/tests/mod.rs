//! The connector against a stub that answers what Salesforce was seen, or is documented, to answer.

mod calls;
mod jobs;
mod reading;
mod recordings;

use engine::Value;
use futures::StreamExt;
use serde_json::{Value as Json, json};

use super::SalesforceClient;
use crate::clock::Clock;
use crate::connectors::rows::{Oddity, ReadError, Rows};
use crate::connectors::stub::{self, Stub, Told, told};
use crate::connectors::{ClientCredentials, TokenSource};

const TOKEN: &str = "POST /services/oauth2/token";
const QUERY: &str = "GET /services/data/v66.0/query";
const ACCOUNT: &str = "GET /services/data/v66.0/sobjects/Account/describe";
const JOBS: &str = "POST /services/data/v66.0/jobs/query";
const JOB: &str = "GET /services/data/v66.0/jobs/query/750A";
const RESULTS: &str = "GET /services/data/v66.0/jobs/query/750A/results";

struct Bed {
    salesforce: Stub,
    clock: Clock,
    client: SalesforceClient,
}

/// A client whose first token is `token-1`, of an org that has one object.
async fn bed() -> Bed {
    let credentials =
        ClientCredentials { client_id: "key".into(), client_secret: "hush".into(), scope: String::new() };
    bed_with(credentials).await
}

async fn bed_with(tokens: impl Into<TokenSource>) -> Bed {
    let (salesforce, clock) = (Stub::start().await, stub::clock());
    let client = SalesforceClient::new(
        stub::http(),
        salesforce.url.clone(),
        None,
        tokens,
        clock.clone(),
        stub::loopback(),
    );
    token(&salesforce, "token-1");
    Bed { salesforce, clock, client }
}

/// As Salesforce answers: without a life, and with a time as text.
fn token(salesforce: &Stub, token: &str) {
    let body = json!({
        "access_token": token, "signature": "sig=", "scope": "api id", "instance_url": salesforce.url,
        "id": "https://login.salesforce.com/id/00D000000000000AAA/005000000000000AAA", "token_type": "Bearer",
        "issued_at": "1309974610026",
    });
    salesforce.tell(TOKEN, told(200, &body.to_string()));
}

/// An object's description with these fields: name, type, scale.
fn description(object: &str, fields: &[(&str, &str, u8)]) -> String {
    let field = |(name, kind, scale): &(&str, &str, u8)| {
        json!({ "name": name, "label": name, "type": kind, "scale": scale, "precision": 18, "relationshipName": null,
            "referenceTo": [] })
    };
    let mut fields: Vec<Json> = fields.iter().map(field).collect();
    fields.push(
        json!({"name": "OwnerId", "type": "reference", "referenceTo": ["User"], "relationshipName": "Owner"}),
    );
    json!({ "name": object, "label": object, "fields": fields }).to_string()
}

/// Accounts with an id, a name and an amount.
fn accounts(bed: &Bed) {
    let fields = [("Id", "id", 0), ("Name", "string", 0), ("Mrr__c", "currency", 2)];
    bed.salesforce.tell(ACCOUNT, told(200, &description("Account", &fields)));
}

fn page(total: usize, next: Option<&str>, records: &[Json]) -> Told {
    let mut body = json!({ "totalSize": total, "done": next.is_none(), "records": records });
    if let Some(next) = next {
        body["nextRecordsUrl"] = next.into();
    }
    told(200, &body.to_string())
}

fn refusal(status: u16, code: &str, message: &str) -> Told {
    told(status, &json!([{ "errorCode": code, "message": message }]).to_string())
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Text(text) | Value::Json(text) => text.to_string(),
        Value::Invalid(text) => format!("invalid {text}"),
        Value::Integer(number) => number.to_string(),
        Value::Decimal { unscaled, scale } => format!("{unscaled}e-{scale}"),
        Value::Boolean(flag) => flag.to_string(),
        Value::Date(days) => format!("day {days}"),
        Value::Timestamp(micros) => format!("at {micros}"),
    }
}

/// What was read: rows as text, what was odd, and how it ended.
struct Found {
    rows: Vec<String>,
    oddities: Vec<(String, Oddity, u64)>,
    error: Option<String>,
}

async fn read(rows: Result<Rows, ReadError>) -> Found {
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => {
            return Found { rows: Vec::new(), oddities: Vec::new(), error: Some(error.to_string()) };
        }
    };
    let (mut found, mut error, mut batches) = (Vec::new(), None, rows.batches);
    while let Some(batch) = batches.next().await {
        match batch {
            Ok(batch) => {
                found.extend(batch.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join("|")));
            }
            Err(why) => error = Some(why.to_string()),
        }
    }
    Found { rows: found, oddities: rows.oddities.counts(), error }
}

/// The requests that reached Salesforce after the tokens, as `line` with the token that signed them.
fn calls(stub: &Stub) -> Vec<String> {
    let signed = |token: Option<String>| token.map_or_else(|| "nobody".into(), |t| t.replace("Bearer ", ""));
    stub.asked(TOKEN)
        .into_iter()
        .map(|asked| format!("{} by {}", asked.line, signed(asked.authorization)))
        .collect()
}
