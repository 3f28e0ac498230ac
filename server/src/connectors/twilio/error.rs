//! What Twilio can do to us, one variant per thing that somebody can do about it. **Invariant:** no sids, no URLs, no
//! bodies; only Twilio's own numeric error codes.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::connectors::{Advice, Answer, CallError, Refusal, retry_after};

/// A call to Twilio failed. `call` is the call's template.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TwilioError {
    /// Agent: sign in to Flex again.
    #[error("Twilio says that this Flex session is not valid any more; sign in to Flex again")]
    InvalidToken,
    /// Nobody: it goes on by itself.
    #[error("Twilio's rate limit: wait {} s before `{call}`", retry_after.as_secs())]
    RateLimited {
        /// The call.
        call: &'static str,
        /// How long.
        retry_after: Duration,
    },
    /// Operator: the account sid, auth token or API key is wrong.
    #[error("Twilio rejected the account SID, auth token or API key (`{call}`)")]
    Credentials {
        /// The call.
        call: &'static str,
    },
    /// Admin: the API key may not do this.
    #[error("Twilio does not allow `{call}`; use an API key of type Standard or Main, or the auth token")]
    Forbidden {
        /// The call.
        call: &'static str,
    },
    /// Nothing to do: it is gone, or belongs to another account or workspace.
    #[error("Twilio finds nothing for `{call}`; check `twilio.account_sid` and `twilio.workspace_sid`")]
    NotFound {
        /// The call.
        call: &'static str,
    },
    /// Somebody changed it at the same moment.
    #[error("the record was changed by someone else during `{call}`")]
    Conflict {
        /// The call.
        call: &'static str,
    },
    /// Twilio's number says why: <https://www.twilio.com/docs/api/errors>.
    #[error("Twilio refused `{call}` ({status}), error {}", code.map_or("unknown".to_owned(), |code| code.to_string()))]
    Rejected {
        /// The call.
        call: &'static str,
        /// The status.
        status: u16,
        /// Twilio's error code.
        code: Option<u64>,
    },
    /// Twilio cannot be reached.
    #[error("Twilio is not answering `{call}`")]
    Transport {
        /// The call.
        call: &'static str,
        /// Why.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// Twilio has begun to answer, or taken the call, and says nothing more; or its answer was cut off.
    #[error("Twilio stopped answering during `{call}`")]
    Silent {
        /// The call.
        call: &'static str,
    },
    /// Twilio's own trouble; it passes.
    #[error("Twilio answered {status} to `{call}`")]
    Status {
        /// The call.
        call: &'static str,
        /// The status.
        status: u16,
        /// When Twilio says it will be back.
        retry_after: Option<Duration>,
    },
    /// Support: Twilio changed its format; the source says where.
    #[error("Twilio's answer to `{call}` does not match its documentation")]
    Decode {
        /// The call.
        call: &'static str,
        /// Where it differs.
        #[source]
        source: Arc<serde_json::Error>,
    },
    /// More than we take.
    #[error("Twilio's answer to `{call}` is larger than {limit} bytes")]
    TooLarge {
        /// The call.
        call: &'static str,
        /// What we take.
        limit: usize,
    },
    /// Operator: a `twilio.…_url` leads to a private address.
    #[error("the configured address for `{call}` is blocked")]
    HostRefused {
        /// The call.
        call: &'static str,
        /// Which rule it breaks.
        #[source]
        source: Refusal,
    },
}

impl TwilioError {
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
            Self::Transport { .. } | Self::Silent { .. } | Self::Conflict { .. } => Advice::Retry,
            Self::Status { status, .. } if *status >= 500 || *status == 408 || *status == 425 => {
                Advice::Retry
            }
            _ => Advice::GiveUp,
        }
    }
}

/// There was no answer.
pub(super) fn failed(call: &'static str, error: CallError) -> TwilioError {
    match error {
        CallError::Budget(retry_after) => TwilioError::RateLimited { call, retry_after },
        CallError::Refused(source) => TwilioError::HostRefused { call, source },
        CallError::Transport(source) => TwilioError::Transport { call, source },
        CallError::TooLarge(limit) => TwilioError::TooLarge { call, limit },
    }
}

/// The answer is not what we expect. JSON that ends too early was cut off on its way: that is the network's trouble, and passes.
pub(super) fn undecodable(call: &'static str, error: serde_json::Error) -> TwilioError {
    if error.is_eof() {
        return TwilioError::Silent { call };
    }
    TwilioError::Decode { call, source: Arc::new(error) }
}

/// The answer says no: `{"code": 20404, "message", "more_info", "status"}`.
pub(super) fn refused(call: &'static str, answer: &Answer, now: DateTime<Utc>) -> TwilioError {
    let wait = retry_after(&answer.headers, now);
    let status = answer.status.as_u16();
    match status {
        401 => TwilioError::Credentials { call },
        403 => TwilioError::Forbidden { call },
        404 => TwilioError::NotFound { call },
        409 | 412 => TwilioError::Conflict { call },
        429 => TwilioError::RateLimited { call, retry_after: wait.unwrap_or(Duration::from_mins(1)) },
        400..500 if status != 408 && status != 425 => {
            let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
            TwilioError::Rejected { call, status, code: body["code"].as_u64() }
        }
        _ => TwilioError::Status { call, status, retry_after: wait.filter(|_| status >= 500) },
    }
}
