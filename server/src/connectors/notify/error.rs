//! What the company's webhook can do to us. **Invariant:** no address, because it is a secret, and no body.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::connectors::{Advice, Answer, CallError, Refusal, retry_after};

/// Where a `429` says nothing.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// Nobody was told.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// Operator: the address leads where we do not go.
    #[error(
        "`notify.webhook_url` points to a blocked address; allow it in `net.allow_private`, or change it"
    )]
    Refused {
        /// Why.
        #[source]
        source: Refusal,
    },
    /// Operator: the address cannot be asked at all.
    #[error("`notify.webhook_url` is not a valid web address")]
    Unsendable,
    /// Operator: the other side knows the address and wants nothing of it, or has forgotten it.
    #[error("the notification webhook rejected the message (HTTP {status})")]
    Rejected {
        /// Its status.
        status: u16,
    },
    /// Nobody: it goes on by itself.
    #[error("the notification webhook asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long.
        retry_after: Duration,
    },
    /// Wait.
    #[error("the notification webhook answered HTTP {status}")]
    Status {
        /// Its status.
        status: u16,
    },
    /// Wait.
    #[error("the notification webhook does not answer")]
    Silent {
        /// Why.
        #[source]
        source: CallError,
    },
}

impl NotifyError {
    pub(super) fn of_call(error: CallError) -> Self {
        match error {
            CallError::Refused(source) => Self::Refused { source },
            source => Self::Silent { source },
        }
    }

    pub(super) fn limited(answer: &Answer, now: DateTime<Utc>) -> Self {
        Self::RateLimited { retry_after: retry_after(&answer.headers, now).unwrap_or(DEFAULT_WAIT) }
    }

    /// Whether to try again.
    pub const fn advice(&self) -> Advice {
        match self {
            Self::Refused { .. } | Self::Unsendable | Self::Rejected { .. } => Advice::GiveUp,
            Self::RateLimited { retry_after } => Advice::RetryAfter(*retry_after),
            Self::Status { .. } | Self::Silent { .. } => Advice::Retry,
        }
    }
}
