//! `PagerDuty` Events API v2: alerts that are triggered and resolved. Docs:
//! <https://developer.pagerduty.com/docs/events-api-v2-overview>, <https://developer.pagerduty.com/docs/send-alert-event>.
//! Auth: the routing key of an integration, in the body. Limits: 512 kB; `429` where a service takes no more, so wait for minutes.
//! Traps: an event is one of an open alert where its `dedup_key` and routing key are the same; after a `resolve`, the next `trigger`
//! opens a new alert; events of an unknown alert are dropped silently.

mod client; // which calls there are
mod error; // what it can do to us
mod settings; // with which key

pub use client::{Alert, PagerDutyClient};
pub use settings::Settings;
