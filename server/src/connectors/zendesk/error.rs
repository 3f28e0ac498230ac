//! What Zendesk can do to us, one variant per thing that somebody can do about it. **Invariant:** no ids, no URLs and
//! nothing from Zendesk's bodies but the names of fields and of error codes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use wire::ErrorCode;

use super::bulk::{TOO_MANY_JOBS, is_about_one_record};
use crate::connectors::{Answer, CallError, CallFailure, FailureKind, Vendor, VendorError, VendorSettings};

/// Zendesk, in our errors.
pub static ZENDESK: Vendor = Vendor {
    id: "zendesk",
    name: "Zendesk",
    credentials: "the client id or client secret",
    oauth_client: "make it confidential, and let it belong to an active admin",
    forbidden: "widen the OAuth scope or the role of the connected user",
    not_found: ", or hides it from the connected user",
    settings: VendorSettings {
        credentials: "`zendesk.client_id`, `zendesk.client_secret`",
        permission: "`zendesk.scope`",
        allowed_hosts: "`net.allow_private`, and `zendesk.attachment_hosts` for attachments",
        address: "`zendesk.base_url`, `zendesk.subdomain`",
    },
    code,
};

const fn code(kind: FailureKind) -> ErrorCode {
    use FailureKind as Kind;
    match kind {
        Kind::RateLimited => ErrorCode::ZendeskRateLimited,
        Kind::Credentials | Kind::Token | Kind::Grant => ErrorCode::ZendeskReconnect,
        Kind::Scope => ErrorCode::ZendeskScope,
        Kind::OauthClient => ErrorCode::ZendeskClientKind,
        Kind::Forbidden | Kind::Plan => ErrorCode::ZendeskForbidden,
        Kind::Unavailable | Kind::Conflict => ErrorCode::ZendeskUnavailable,
        Kind::NotFound | Kind::Rejected | Kind::Unreadable | Kind::TooLarge | Kind::Blocked => {
            ErrorCode::ZendeskRejected
        }
    }
}

/// A call to Zendesk failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ZendeskError {
    /// As a call to any vendor can fail.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// The ticket is closed for ever; only `redact_in_workspace` still works on it.
    #[error("the ticket is closed and cannot be changed any more (`{call}`)")]
    Closed {
        /// The call.
        call: &'static str,
    },
    /// Nobody: this record takes no more changes for a while. All others do.
    #[error("Zendesk takes no more changes of this record for {} s (`{call}`)", retry_after.as_secs())]
    RecordBusy {
        /// The call.
        call: &'static str,
        retry_after: Duration,
    },
    /// Nobody: the account has as many jobs as it may. All other calls go on.
    #[error(
        "Zendesk has as many jobs of this account as it takes; wait until one of them is over (`{call}`)"
    )]
    TooManyJobs {
        /// The call.
        call: &'static str,
        retry_after: Duration,
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
}

impl ZendeskError {
    /// A failure of this kind, and no more is known.
    pub const fn new(call: &'static str, kind: FailureKind) -> Self {
        Self::Call(CallFailure::new(&ZENDESK, call, kind))
    }

    /// What was looked for may be in a row that cannot be read.
    pub fn unreadable(call: &'static str, source: Arc<serde_json::Error>) -> Self {
        CallFailure::new(&ZENDESK, call, FailureKind::Unreadable).caused(source).into()
    }

    pub(super) fn too_large(call: &'static str, what: &str) -> Self {
        CallFailure::too_large(&ZENDESK, call, what).into()
    }
}

impl VendorError for ZendeskError {
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<Duration>) {
        match self {
            Self::Call(failure) => failure.remedy(),
            Self::Closed { .. } => (&ZENDESK, FailureKind::Rejected, None),
            Self::RecordBusy { retry_after, .. } | Self::TooManyJobs { retry_after, .. } => {
                (&ZENDESK, FailureKind::RateLimited, Some(*retry_after))
            }
            Self::RowTooLarge { .. } => (&ZENDESK, FailureKind::Unreadable, None),
        }
    }
}

/// There was no answer.
pub(super) fn failed(call: &'static str, error: CallError) -> ZendeskError {
    CallFailure::of_call(&ZENDESK, call, error).into()
}

/// The answer is not what we expect.
pub(super) fn undecodable(call: &'static str, error: serde_json::Error) -> ZendeskError {
    CallFailure::undecodable(&ZENDESK, call, error).into()
}

/// The answer says no.
pub(super) fn refused(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> ZendeskError {
    let failure = CallFailure::of_answer(&ZENDESK, call, answer, now);
    let envelope = || Envelope::read(&answer.body);
    match answer.status.as_u16() {
        401 => ZendeskError::new(call, FailureKind::Token),
        404 if envelope().codes.iter().any(|code| code == "InvalidEndpoint") => {
            ZendeskError::new(call, FailureKind::Plan)
        }
        429 if is_about_one_record(&answer.headers) => {
            ZendeskError::RecordBusy { call, retry_after: failure.retry_after.unwrap_or_default() }
        }
        429 if envelope().codes.iter().any(|code| code == TOO_MANY_JOBS) => {
            ZendeskError::TooManyJobs { call, retry_after: failure.retry_after.unwrap_or_default() }
        }
        400 | 422 if envelope().closed => ZendeskError::Closed { call },
        400 | 422 => failure.because(&envelope().reasons()).into(),
        _ => failure.into(),
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
