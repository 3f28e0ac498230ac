//! What Zendesk can do to us, one variant per thing that somebody can do about it. **Invariant:** no ids, no URLs and
//! nothing from Zendesk's bodies but the names of fields and of error codes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::connectors::{Advice, Answer, CallError, Refusal, retry_after};

/// A call to Zendesk failed. `call` is the call's template, like `GET /api/v2/tickets/{id}`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ZendeskError {
    /// Nobody: it goes on by itself. Admin: if it happens often, Zendesk's High Volume add-on helps.
    #[error("Zendesk's rate limit: wait {} s before `{call}`", retry_after.as_secs())]
    RateLimited {
        /// The call.
        call: &'static str,
        /// How long.
        retry_after: Duration,
    },
    /// Operator: `zendesk.client_id` or `zendesk.client_secret` is wrong, or the OAuth client was deleted.
    #[error("Zendesk rejected the client id or client secret (`{call}`)")]
    Credentials {
        /// The call.
        call: &'static str,
    },
    /// Operator: `zendesk.scope` names a scope that Zendesk does not know, or that the client may not have.
    #[error("Zendesk does not grant the scope in `zendesk.scope`; correct it (`{call}`)")]
    Scope {
        /// The call.
        call: &'static str,
    },
    /// Operator: the OAuth client is public, or its user is not active.
    #[error(
        "Zendesk does not let our OAuth client use client credentials; make it confidential, and let it belong to an active \
         admin (`{call}`)"
    )]
    ClientKind {
        /// The call.
        call: &'static str,
    },
    /// Operator: the client's user was suspended or demoted, or the token was revoked twice in a row.
    #[error(
        "Zendesk does not accept our access token for `{call}`, not even a new one; connect the account again"
    )]
    Unauthorized {
        /// The call.
        call: &'static str,
    },
    /// Admin: the scope or the role of the client's user is too narrow.
    #[error("Zendesk does not allow `{call}`; widen the OAuth scope or the role of the connected user")]
    Forbidden {
        /// The call.
        call: &'static str,
    },
    /// Nothing to do: it is gone, or hidden from us.
    #[error("Zendesk finds nothing for `{call}`, or hides it from the connected user")]
    NotFound {
        /// The call.
        call: &'static str,
    },
    /// Admin: the account's plan lacks this feature.
    #[error("this Zendesk account's plan does not have `{call}`")]
    NotOnPlan {
        /// The call.
        call: &'static str,
    },
    /// The ticket is closed for ever; only `redact_in_workspace` still works on it.
    #[error("the ticket is closed and cannot be changed any more (`{call}`)")]
    Closed {
        /// The call.
        call: &'static str,
    },
    /// Somebody changed it at the same moment.
    #[error("the record was changed by someone else during `{call}`")]
    Conflict {
        /// The call.
        call: &'static str,
    },
    /// Admin: a value of ours breaks a rule of the account; `reasons` names fields and codes.
    #[error("Zendesk refused `{call}` ({status}): {}", if reasons.is_empty() { "no reason given".to_owned() } else { reasons.join(", ") })]
    Rejected {
        /// The call.
        call: &'static str,
        /// 400 or 422.
        status: u16,
        /// Names of fields and error codes, never values.
        reasons: Vec<String>,
    },
    /// Zendesk cannot be reached, or went silent in the middle.
    #[error("Zendesk is not answering `{call}`")]
    Transport {
        /// The call.
        call: &'static str,
        /// Why.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// Zendesk stopped answering during a file or an answer.
    #[error("Zendesk stopped answering during `{call}`")]
    Idle {
        /// The call.
        call: &'static str,
    },
    /// Any other status; 5xx is Zendesk's trouble and passes.
    #[error("Zendesk answered {status} to `{call}`")]
    Status {
        /// The call.
        call: &'static str,
        /// The status.
        status: u16,
        /// When Zendesk says it will be back.
        retry_after: Option<Duration>,
    },
    /// Support: Zendesk changed its format; the source says where.
    #[error("Zendesk's answer to `{call}` does not match its documentation")]
    Decode {
        /// The call.
        call: &'static str,
        /// Where it differs.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// More than we take, or more than Zendesk takes.
    #[error("`{call}` is too large: {what}")]
    TooLarge {
        /// The call.
        call: &'static str,
        /// What is too large, and the limit.
        what: String,
    },
    /// Support: one entry alone is larger than any answer that is read.
    #[error(
        "entry {row} of `{list}` in the answer to `{call}` alone is larger than the {limit} bytes that are read"
    )]
    RowTooLarge {
        /// The call.
        call: &'static str,
        /// The list.
        list: &'static str,
        /// Its place in the whole list, from 1.
        row: usize,
        /// What is read, bytes.
        limit: usize,
    },
    /// Operator: `zendesk.attachment_hosts` or `net.allow_private` does not allow this host.
    #[error("the address of `{call}` is not followed")]
    HostRefused {
        /// The call.
        call: &'static str,
        /// Which rule it breaks.
        #[source]
        source: Refusal,
    },
}

impl ZendeskError {
    /// What was looked for may be in a row that cannot be read.
    pub const fn unreadable(call: &'static str, source: Arc<serde_json::Error>) -> Self {
        Self::Decode { call, source }
    }

    /// What a job does about it.
    pub fn advice(&self) -> Advice {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Status { retry_after: Some(retry_after), .. } => {
                Advice::RetryAfter(*retry_after)
            }
            Self::Transport { .. } | Self::Idle { .. } | Self::Conflict { .. } => Advice::Retry,
            Self::Status { status, .. } if *status >= 500 || *status == 408 || *status == 425 => {
                Advice::Retry
            }
            _ => Advice::GiveUp,
        }
    }

    /// The call's template.
    pub const fn call(&self) -> &'static str {
        match self {
            Self::RateLimited { call, .. }
            | Self::Credentials { call }
            | Self::Scope { call }
            | Self::ClientKind { call }
            | Self::Unauthorized { call }
            | Self::Forbidden { call }
            | Self::NotFound { call }
            | Self::NotOnPlan { call }
            | Self::Closed { call }
            | Self::Conflict { call }
            | Self::Rejected { call, .. }
            | Self::Transport { call, .. }
            | Self::Idle { call }
            | Self::Status { call, .. }
            | Self::Decode { call, .. }
            | Self::TooLarge { call, .. }
            | Self::RowTooLarge { call, .. }
            | Self::HostRefused { call, .. } => call,
        }
    }
}

/// There was no answer.
pub(super) fn failed(call: &'static str, error: CallError) -> ZendeskError {
    match error {
        CallError::Budget(retry_after) => ZendeskError::RateLimited { call, retry_after },
        CallError::Refused(source) => ZendeskError::HostRefused { call, source },
        CallError::Transport(source) => ZendeskError::Transport { call, source },
        CallError::TooLarge(limit) => {
            ZendeskError::TooLarge { call, what: format!("the answer has more than {limit} bytes") }
        }
    }
}

/// The answer is not what we expect. JSON that ends too early was cut off on its way: that is the network's trouble, and passes.
pub(super) fn undecodable(call: &'static str, error: serde_json::Error) -> ZendeskError {
    if error.is_eof() {
        return ZendeskError::Idle { call };
    }
    ZendeskError::Decode { call, source: Arc::new(error) }
}

/// The answer says no.
pub(super) fn refused(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> ZendeskError {
    let wait = retry_after(&answer.headers, now);
    let status = answer.status.as_u16();
    match status {
        401 => ZendeskError::Unauthorized { call },
        403 => ZendeskError::Forbidden { call },
        409 => ZendeskError::Conflict { call },
        413 => {
            ZendeskError::TooLarge { call, what: "Zendesk does not take a request of this size".to_owned() }
        }
        429 => ZendeskError::RateLimited { call, retry_after: wait.unwrap_or(Duration::from_mins(1)) },
        400 | 404 | 422 => {
            let envelope = Envelope::read(&answer.body);
            match status {
                404 if envelope.codes.iter().any(|code| code == "InvalidEndpoint") => {
                    ZendeskError::NotOnPlan { call }
                }
                404 => ZendeskError::NotFound { call },
                _ if envelope.closed => ZendeskError::Closed { call },
                _ => ZendeskError::Rejected { call, status, reasons: envelope.reasons() },
            }
        }
        _ => ZendeskError::Status { call, status, retry_after: wait.filter(|_| status >= 500) },
    }
}

/// The answer to a request for a token says no, in OAuth's words (RFC 6749, 5.2).
pub(super) fn no_token(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> ZendeskError {
    if !matches!(answer.status.as_u16(), 400..=403 | 422) {
        return refused(call, answer, now);
    }
    let named =
        |names: &[&str]| Envelope::read(&answer.body).codes.iter().any(|code| names.contains(&code.as_str()));
    if named(&["invalid_scope"]) {
        ZendeskError::Scope { call }
    } else if named(&["unauthorized_client", "unsupported_grant_type", "invalid_grant"]) {
        ZendeskError::ClientKind { call }
    } else if named(&["invalid_client"]) || answer.status.as_u16() == 401 {
        ZendeskError::Credentials { call }
    } else {
        refused(call, answer, now)
    }
}

/// What Zendesk's four forms of error have in common, reduced to names.
#[derive(Debug, Default)]
struct Envelope {
    codes: Vec<String>,
    fields: Vec<String>,
    closed: bool,
}

impl Envelope {
    /// Reads `{"error":"Code","details":{field:[…]}}`, `{"error":{"title"}}`, `{"errors":[{"code"}]}` and OAuth's
    /// `{"error":"code","error_description"}`; anything else is an envelope without reasons.
    fn read(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return Self::default() };
        let mut envelope = Self::default();
        let listed = body["errors"].as_array().into_iter().flatten();
        let codes = listed.flat_map(|error| [&error["code"], &error["title"]]);
        envelope.codes = [&body["error"], &body["error"]["code"], &body["error"]["title"]]
            .into_iter()
            .chain(codes)
            .filter_map(|code| name(code.as_str()?))
            .collect();
        for (field, problems) in body["details"].as_object().into_iter().flatten() {
            // Descriptions are translated, so a trouble with `status`, which we never write, means: closed.
            envelope.closed |= field == "status";
            let Some(field) = name(field) else { continue };
            match problems[0]["error"].as_str().and_then(name) {
                Some(code) => envelope.fields.push(format!("{field} ({code})")),
                None => envelope.fields.push(field),
            }
        }
        envelope
    }

    fn reasons(self) -> Vec<String> {
        if self.fields.is_empty() { self.codes } else { self.fields }
    }
}

/// Keeps what looks like the name of a field or of an error; sentences may hold personal data.
fn name(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    (!text.is_empty() && text.len() <= 64 && text.chars().all(is_name)).then(|| text.to_owned())
}
