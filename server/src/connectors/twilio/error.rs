//! What Twilio can do to us. **Invariant:** no sids, no URLs, no bodies; only Twilio's own numeric error codes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use wire::ErrorCode;

use crate::connectors::{Answer, CallError, CallFailure, FailureKind, Vendor, VendorError, VendorSettings};

/// Twilio, in our errors.
pub static TWILIO: Vendor = Vendor {
    id: "twilio",
    name: "Twilio",
    credentials: "the account SID, auth token or API key",
    oauth_client: "use an API key",
    forbidden: "use an API key of type Standard or Main, or the auth token",
    not_found: "; check `twilio.account_sid` and `twilio.workspace_sid`",
    settings: VendorSettings {
        credentials: "`twilio.account_sid`, `twilio.auth_token` or `twilio.api_key_sid`, `twilio.api_key_secret`",
        permission: "`twilio.account_sid`, `twilio.auth_token` or `twilio.api_key_sid`, `twilio.api_key_secret`",
        allowed_hosts: "`net.allow_private`, or the `twilio.…_url` that leads there",
        address: "`twilio.iam_url`",
    },
    code: |kind| match kind {
        FailureKind::Credentials | FailureKind::Token | FailureKind::Forbidden => ErrorCode::TwilioReconnect,
        _ => ErrorCode::TwilioUnavailable,
    },
};

/// A call to Twilio failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TwilioError {
    /// As a call to any vendor can fail.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// Agent: sign in to Flex again.
    #[error("Twilio says that this Flex session is not valid any more; sign in to Flex again")]
    InvalidToken,
}

impl TwilioError {
    /// A failure of this kind, and no more is known.
    pub const fn new(call: &'static str, kind: FailureKind) -> Self {
        Self::Call(CallFailure::new(&TWILIO, call, kind))
    }

    /// What was looked for may be in a row that cannot be read.
    pub fn unreadable(call: &'static str, source: Arc<serde_json::Error>) -> Self {
        CallFailure::new(&TWILIO, call, FailureKind::Unreadable).caused(source).into()
    }
}

impl VendorError for TwilioError {
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<Duration>) {
        match self {
            Self::Call(failure) => failure.remedy(),
            Self::InvalidToken => (&TWILIO, FailureKind::Rejected, None),
        }
    }
}

/// There was no answer.
pub(super) fn failed(call: &'static str, error: CallError) -> TwilioError {
    CallFailure::of_call(&TWILIO, call, error).into()
}

/// The answer is not what we expect.
pub(super) fn undecodable(call: &'static str, error: serde_json::Error) -> TwilioError {
    CallFailure::undecodable(&TWILIO, call, error).into()
}

/// The answer says no: `{"code": 20404, "message", "more_info", "status"}`. The number says why:
/// <https://www.twilio.com/docs/api/errors>.
pub(super) fn refused(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> TwilioError {
    let failure = CallFailure::of_answer(&TWILIO, call, answer, now);
    if failure.kind != FailureKind::Rejected {
        return failure.into();
    }
    let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let code = body["code"].as_u64().map(|code| format!("error {code}"));
    failure.because(code.as_slice()).into()
}
