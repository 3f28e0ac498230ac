//! Rate limits: fixed windows, counted by name. **Invariant:** time is an argument.

use std::collections::HashMap;

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::refusal::Refusal;

/// What is left of one limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) total: u32,
    pub(crate) remaining: u32,
    pub(crate) resets: i64,
    pub(crate) spent: bool,
}

/// All windows of the account.
#[derive(Debug, Default)]
pub(crate) struct Windows(HashMap<String, (DateTime<Utc>, u32)>);

impl Windows {
    /// Takes one of `total` per `period` from the limit `name`.
    pub(crate) fn take(&mut self, name: &str, total: u32, period: TimeDelta, now: DateTime<Utc>) -> Budget {
        let window = self.0.entry(name.to_owned()).or_insert((now, 0));
        if now >= window.0 + period {
            *window = (now, 0);
        }
        let resets = ((window.0 + period) - now).num_milliseconds().div_euclid(1000) + 1;
        let resets = resets.min(period.num_seconds().max(1));
        if window.1 >= total {
            return Budget { total, remaining: 0, resets, spent: true };
        }
        window.1 += 1;
        Budget { total, remaining: total - window.1, resets, spent: false }
    }
}

impl Budget {
    /// Go on, or wait.
    pub(crate) fn or_wait(self, name: &'static str) -> Result<Self, Refusal> {
        if self.spent {
            return Err(Refusal::slow_down(self.resets).with(header_name(name), &self.header()));
        }
        Ok(self)
    }

    /// The value of its `zendesk-ratelimit-…` header.
    pub(crate) fn header(self) -> String {
        format!("total={}; remaining={}; resets={}", self.total, self.remaining, self.resets)
    }

    /// Tells the caller what is left.
    pub(crate) fn announce(self, name: &'static str, mut response: Response) -> Response {
        if let Ok(value) = HeaderValue::from_str(&self.header()) {
            response.headers_mut().insert(header_name(name), value);
        }
        response
    }
}

fn header_name(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

/// Header of the limit on updates of one ticket.
pub(crate) const PER_TICKET: &str = "zendesk-ratelimit-per-ticket-updates";
/// Header of the limit on ticket updates of the account.
pub(crate) const TICKETS_UPDATE: &str = "zendesk-ratelimit-tickets-update";
/// Header of the limit on listing tickets.
pub(crate) const TICKETS_INDEX: &str = "zendesk-ratelimit-tickets-index";
/// Header of the limit on incremental exports.
pub(crate) const INCREMENTAL: &str = "zendesk-ratelimit-incremental-exports";
/// Header of the limit on updates of users.
pub(crate) const USERS_UPDATE: &str = "zendesk-ratelimit-users-update";
/// Header of the limit on notifications to apps.
pub(crate) const APPS_NOTIFY: &str = "zendesk-ratelimit-apps-notify";
