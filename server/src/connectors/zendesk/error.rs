//! What Zendesk can do to us, one variant per thing that somebody can do about it. **Invariant:** no ids, no URLs and
//! nothing from Zendesk's bodies but the names of fields and of error codes.

use std::sync::Arc;
use std::time::Duration;

use crate::connectors::{Advice, Refusal};

/// A call to Zendesk failed. `call` is the call's template, like `GET /api/v2/tickets/{id}`.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ZendeskError {
    /// Nobody: it goes on by itself. Admin: if it happens often, Zendesk's High Volume add-on helps.
    #[error("Zendesk asks us to wait {} s before `{call}`", retry_after.as_secs())]
    RateLimited {
        /// The call.
        call: &'static str,
        /// How long.
        retry_after: Duration,
    },
    /// Operator: `zendesk.client_id` or `zendesk.client_secret` is wrong, or the OAuth client was deleted.
    #[error("Zendesk refused our client id or client secret (`{call}`)")]
    Credentials {
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
    #[error("Zendesk forbids us `{call}`; widen the OAuth scope or the role of the connected user")]
    Forbidden {
        /// The call.
        call: &'static str,
    },
    /// Nothing to do: it is gone, or hidden from us.
    #[error("Zendesk knows nothing under `{call}`, or hides it from us")]
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
    #[error("something else changed the same record during `{call}`")]
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
    /// Zendesk stopped sending in the middle of a file.
    #[error("Zendesk stopped sending in the middle of `{call}`")]
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
    #[error("Zendesk's answer to `{call}` is not what its documentation says")]
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
    /// Operator: `zendesk.attachment_hosts` or `net.allow_private` does not allow this host.
    #[error("we do not follow `{call}` to where it leads")]
    HostRefused {
        /// The call.
        call: &'static str,
        /// Which rule it breaks.
        #[source]
        source: Refusal,
    },
}

impl ZendeskError {
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
            | Self::HostRefused { call, .. } => call,
        }
    }
}
