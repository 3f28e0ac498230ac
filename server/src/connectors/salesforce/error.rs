//! What Salesforce can do to us. It is what any vendor does, so there is no enum of its own. **Invariant:** no ids, no
//! addresses and nothing of a message but names of fields and objects, and a place in the query.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use wire::ErrorCode;

use super::daily::{self, UsedUp};
use crate::connectors::{Answer, CallError, CallFailure, FailureKind, Vendor, VendorSettings, retry_after};

/// Salesforce, in our errors.
pub static SALESFORCE: Vendor = Vendor {
    id: "salesforce",
    name: "Salesforce",
    credentials: "the consumer key or consumer secret",
    oauth_client: "enable this flow in the External Client App, and let it act for an active user",
    forbidden: "give the connected user the permission \"API Enabled\" and read access to the object and its fields",
    not_found: ", or hides it from the connected user",
    settings: VendorSettings {
        credentials: "the connection's client id and client secret",
        permission: "the OAuth scopes of the External Client App, with `api` and `refresh_token`",
        allowed_hosts: "the connection's host",
        address: "the connection's host",
    },
    code: |_| ErrorCode::SourceUnreadable,
};

/// Both limits, of long calls at the same time and of calls in a day, answer the same code.
const SHORT_WAIT: Duration = Duration::from_mins(5);
const LONG_WAIT: Duration = Duration::from_hours(1);

/// A 401 that a new token mends. The other messages stay as they are with every token.
pub(super) fn wants_new_token(answer: &Answer) -> bool {
    const STAY: [&str; 2] = ["not valid for use with the REST API", "not attached to Agent"];
    let refusal = Refusal::read(&answer.body);
    answer.status.as_u16() == 401 && !STAY.iter().any(|stays| refusal.message.contains(stays))
}

/// There was no answer.
pub(super) fn failed(call: &'static str, error: CallError) -> CallFailure {
    CallFailure::of_call(&SALESFORCE, call, error)
}

/// The answer is not what we expect. A page of HTML comes while Salesforce is restarted.
pub(super) fn undecodable(call: &'static str, body: &[u8], error: serde_json::Error) -> CallFailure {
    if is_html(body) {
        return CallFailure::new(&SALESFORCE, call, FailureKind::Unavailable);
    }
    CallFailure::undecodable(&SALESFORCE, call, error)
}

/// We do not call, to leave calls to others.
pub(super) fn used_up(call: &'static str, why: UsedUp) -> CallFailure {
    let sentence = match why {
        UsedUp::Org(usage) => format!(
            "this Salesforce org has used {} of its {} calls of 24 hours; reading goes on when some are free again",
            usage.used, usage.limit
        ),
        UsedUp::Share(usage) => format!(
            "the share of this Salesforce org's {} calls of 24 hours that is ours is used; reading goes on later",
            usage.limit
        ),
    };
    wait(call, LONG_WAIT, sentence)
}

/// The answer says no.
pub(super) fn refused(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> CallFailure {
    let refusal = Refusal::read(&answer.body);
    let failure = CallFailure::of_answer(&SALESFORCE, call, answer, now);
    let status = answer.status.as_u16();
    let unavailable = || {
        let failure = CallFailure::new(&SALESFORCE, call, FailureKind::Unavailable);
        failure.with_status(status).after(retry_after(&answer.headers, now))
    };
    match (status, refusal.code.as_str()) {
        (_, "REQUEST_LIMIT_EXCEEDED") => limit_exceeded(call, answer, &refusal),
        (_, "API_DISABLED_FOR_ORG") => CallFailure::new(&SALESFORCE, call, FailureKind::Plan),
        (_, "INVALID_QUERY_LOCATOR") => {
            let sentence = "Salesforce closed the query before it was read to its end".to_owned();
            CallFailure::saying(&SALESFORCE, call, FailureKind::Unavailable, sentence)
        }
        (_, "QUERY_TIMEOUT" | "SERVER_UNAVAILABLE" | "UNABLE_TO_LOCK_ROW" | "REQUEST_RUNNING_TOO_LONG") => {
            unavailable()
        }
        (401, _) => CallFailure::new(&SALESFORCE, call, FailureKind::Token),
        (406 | 420, _) => unavailable(),
        (400, "") if is_html(&answer.body) => unavailable(),
        (400, _) => failure.because(&refusal.reasons()),
        _ => failure,
    }
}

/// What somebody can do where no token is given (`error`, `error_description`).
pub(super) fn explain(code: &str, description: &str) -> Option<(FailureKind, &'static str)> {
    let description = description.to_ascii_lowercase();
    let says = |text: &str| description.contains(text);
    Some(match code {
        "inactive_user" | "inactive_org" => (
            FailureKind::Grant,
            "the connected Salesforce user or org is not active; activate it, or connect as another user",
        ),
        "rate_limit_exceeded" | "login_rate_exceeded" => (
            FailureKind::RateLimited,
            "Salesforce takes no more sign-ins of this client for now; the next try is in a minute",
        ),
        "invalid_grant" if says("hasn't approved this consumer") => (
            FailureKind::OauthClient,
            "the Salesforce user has not approved this client; pre-authorize the user's profile or permission set in the External Client App's policies",
        ),
        "invalid_grant" if says("no client credentials user enabled") => (
            FailureKind::OauthClient,
            "the External Client App has no user to run as; choose one in its client credentials policy",
        ),
        "invalid_grant" if says("not supported on this domain") => (
            FailureKind::OauthClient,
            "Salesforce takes client credentials at the org's My Domain only; set the connection's host to it, like acme.my.salesforce.com",
        ),
        "invalid_grant" if says("audience") => (
            FailureKind::OauthClient,
            "Salesforce does not accept the audience of our signed statement; set the connection's host to where the user signs in",
        ),
        "invalid_grant" if says("assertion") => (
            FailureKind::Credentials,
            "Salesforce does not accept our signature; give the connection the private key whose certificate the External Client App has",
        ),
        "invalid_client" | "invalid_app_access" if says("installed") || says("app must") => (
            FailureKind::OauthClient,
            "the org does not have this client installed; use an External Client App of the org itself",
        ),
        _ => return None,
    })
}

fn limit_exceeded(call: &'static str, answer: &Answer, refusal: &Refusal) -> CallFailure {
    if refusal.message.contains("Concurrent") {
        let sentence = "this Salesforce org has as many long calls at the same time as it may".to_owned();
        return wait(call, SHORT_WAIT, sentence);
    }
    let of = daily::usage(&answer.headers)
        .map_or_else(|| "all of its".to_owned(), |usage| format!("{} of its {}", usage.used, usage.limit));
    wait(call, LONG_WAIT, format!("this Salesforce org has used {of} calls of 24 hours"))
}

fn wait(call: &'static str, wait: Duration, sentence: String) -> CallFailure {
    CallFailure::saying(&SALESFORCE, call, FailureKind::RateLimited, sentence).after(Some(wait))
}

fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// `[{"errorCode","message","fields"?}]`; anything else is a refusal without a reason.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Like `INVALID_FIELD`.
    pub(super) code: String,
    /// May hold values: never told, and never logged.
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let first = if body.is_array() { &body[0] } else { &body };
        let code = first["errorCode"].as_str().and_then(name).unwrap_or_default().to_owned();
        Self { code, message: first["message"].as_str().unwrap_or_default().to_owned() }
    }

    /// The code, and what is wrong with which field, object or place.
    fn reasons(&self) -> Vec<String> {
        if self.code.is_empty() {
            return Vec::new();
        }
        let named = |before: &str| between(&self.message, before, "'").and_then(name);
        let about = if let Some(field) = named("No such column '") {
            let object = named("on entity '").or_else(|| {
                self.message.split_once("on sobject of type ")?.1.split_whitespace().next().and_then(name)
            });
            let object = object.unwrap_or("the object");
            Some(format!("{object} has no field `{field}`, or hides it from the connected user"))
        } else if let Some(relationship) = named("relationship '") {
            Some(format!("there is no relationship `{relationship}`"))
        } else {
            let object = named("sObject type '");
            object.map(|object| {
                format!("there is no object `{object}`, or it is hidden from the connected user")
            })
        };
        let place = between(&self.message, "ERROR at Row:", "\n").and_then(|place| {
            let (row, column) = place.split_once(":Column:")?;
            let (row, column) = (row.parse::<u32>().ok()?, column.trim().parse::<u32>().ok()?);
            Some(format!("row {row}, column {column} of the query"))
        });
        [Some(self.code.clone()), about, place].into_iter().flatten().collect()
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after).map_or(rest, |(inside, _)| inside))
}

/// Keeps what looks like the name of a field, of an object or of a code.
fn name(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
    (!text.is_empty() && text.len() <= 128 && text.chars().all(is_name)).then_some(text)
}
