//! What only a stand-in can do with the organization: rows by the thousand, changes without the API, an app that is not installed,
//! sessions that end. **Invariant:** nothing here exists at the vendor.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Org, oauth::Installed};
use crate::world::World;

/// The controls that every listener offers.
pub(crate) fn router() -> Router<World> {
    Router::new()
        .route("/_sandbox/salesforce/rows", post(rows))
        .route("/_sandbox/salesforce/rows/{object}/{id}", put(change).delete(delete))
        .route("/_sandbox/salesforce/fields", put(field))
        .route("/_sandbox/salesforce/app", put(app))
        .route("/_sandbox/salesforce/sessions/expire", post(expire))
        .route("/_sandbox/salesforce/sessions/revoke", post(revoke))
        .route("/_sandbox/salesforce/calls", put(calls))
        .route("/_sandbox/salesforce/jobs/fail", post(fail))
        .route("/_sandbox/service/user_accounts.csv", get(memberships))
}

/// What the service's own database knows, as a report of it would be.
async fn memberships(State(world): State<World>) -> Response {
    let rows = crate::seed::sales::memberships(world.now());
    let lines = rows.iter().map(|(email, account, day)| format!("\"{email}\",{account},{day}\n"));
    let csv = std::iter::once("email,account_id,day\n".to_owned()).chain(lines).collect::<String>();
    ([(header::CONTENT_TYPE, "text/csv")], csv).into_response()
}

#[derive(Deserialize)]
struct Rows {
    object: String,
    count: u64,
}

async fn rows(State(world): State<World>, Json(wanted): Json<Rows>) -> Response {
    let now = world.now();
    match make(&mut world.salesforce(), &wanted.object, wanted.count, now) {
        Some(first) => {
            (StatusCode::CREATED, Json(json!({"first_id": first, "count": wanted.count}))).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such object.").into_response(),
    }
}

/// So many further records, each with values of its own; the first one's id.
pub(crate) fn make(org: &mut Org, object: &str, count: u64, now: DateTime<Utc>) -> Option<String> {
    let owner = org.user_named(crate::credentials::SALESFORCE_ADMIN)?;
    let table = org.table_mut(object)?;
    let before = table.records.len() as u64;
    let mut first = None;
    for number in before..before + count {
        let day = now.date_naive() - chrono::Days::new(number % 700);
        let values = [
            ("Name", json!(format!("Company {number}"))),
            ("LastName", json!(format!("Person {number}"))),
            ("Email", json!(format!("person.{number}@example.com"))),
            ("OwnerId", json!(owner)),
            ("backendid__c", json!((100_000 + number).to_string())),
            ("Type", json!("Customer")),
            ("Plan__c", json!(if number % 3 == 0 { "Premium" } else { "Standard" })),
            ("Subscription_Status__c", json!(if number % 11 == 0 { "Past Due" } else { "Active" })),
            ("MRR__c", json!(f64::from(u32::try_from(number % 100_000).unwrap_or_default()) * 12.5)),
            ("CurrencyIsoCode", json!(if number % 2 == 0 { "JPY" } else { "USD" })),
            ("Contract_Start__c", json!(day)),
            ("Renewal_Date__c", json!(day + chrono::Days::new(720))),
        ];
        let id = table.add(&values, now);
        first.get_or_insert(id);
    }
    first.or_else(|| Some(String::new()))
}

/// Writes values into a record without the API's rules; whether there is one.
pub(crate) fn write(
    org: &mut Org,
    object: &str,
    id: &str,
    values: &Map<String, Value>,
    now: DateTime<Utc>,
) -> bool {
    let values: Vec<(&str, Value)> =
        values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    org.table_mut(object).is_some_and(|table| table.change(id, &values, now))
}

async fn change(
    State(world): State<World>,
    Path((object, id)): Path<(String, String)>,
    Json(values): Json<Map<String, Value>>,
) -> StatusCode {
    let now = world.now();
    found(write(&mut world.salesforce(), &object, &id, &values, now))
}

async fn delete(State(world): State<World>, Path((object, id)): Path<(String, String)>) -> StatusCode {
    let now = world.now();
    found(world.salesforce().table_mut(&object).is_some_and(|table| table.delete(&id, now)))
}

const fn found(known: bool) -> StatusCode {
    if known { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

#[derive(Deserialize)]
struct Hiding {
    object: String,
    field: String,
    hidden: bool,
}

async fn field(State(world): State<World>, Json(wanted): Json<Hiding>) -> StatusCode {
    world.salesforce().hide(&wanted.object, &wanted.field, wanted.hidden);
    StatusCode::NO_CONTENT
}

/// How the app shall be; what is not said stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppChange {
    /// Whether the organization lets people use it.
    pub installed: Option<Installed>,
    /// Where it may send people back to.
    pub redirect_uris: Option<Vec<String>>,
    /// Whether it must prove itself by PKCE.
    pub needs_pkce: Option<bool>,
    /// Whether a refresh token works once only.
    pub rotates: Option<bool>,
    /// Whether client credentials have a user to act for.
    pub has_run_as: Option<bool>,
    /// The user names that JWT bearer may speak for.
    pub approved: Option<Vec<String>>,
}

/// Changes the app.
pub(crate) fn change_app(org: &mut Org, change: AppChange) {
    let app = &mut org.app;
    app.installed = change.installed.unwrap_or(app.installed);
    app.needs_pkce = change.needs_pkce.unwrap_or(app.needs_pkce);
    app.rotates = change.rotates.unwrap_or(app.rotates);
    if let Some(uris) = change.redirect_uris {
        app.redirect_uris = uris;
    }
    if let Some(approved) = change.approved {
        app.approved = approved.into_iter().collect();
    }
    if let Some(has) = change.has_run_as {
        app.run_as = has.then_some(crate::credentials::SALESFORCE_USERNAME);
    }
}

async fn app(State(world): State<World>, Json(change): Json<AppChange>) -> StatusCode {
    change_app(&mut world.salesforce(), change);
    StatusCode::NO_CONTENT
}

/// Every session has run out; refresh tokens still work.
pub(crate) fn expire_sessions(org: &mut Org, now: DateTime<Utc>) {
    org.sessions.values_mut().for_each(|session| session.end(now));
}

async fn expire(State(world): State<World>) -> StatusCode {
    let now = world.now();
    expire_sessions(&mut world.salesforce(), now);
    StatusCode::NO_CONTENT
}

/// An admin of the organization has revoked everything that the app was given.
pub(crate) fn revoke_all(org: &mut Org) {
    org.sessions.clear();
    org.refresh_tokens.clear();
}

async fn revoke(State(world): State<World>) -> StatusCode {
    revoke_all(&mut world.salesforce());
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Calls {
    used: u32,
}

/// As if so many calls had been made today.
async fn calls(State(world): State<World>, Json(wanted): Json<Calls>) -> StatusCode {
    let now = world.now();
    world.salesforce().set_calls(now, wanted.used);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Fail {
    message: String,
}

/// The next query job fails with this message.
async fn fail(State(world): State<World>, Json(wanted): Json<Fail>) -> StatusCode {
    world.salesforce().next_job_fails = Some(wanted.message);
    StatusCode::CREATED
}
