//! The company's own webhook, where people are told: Zapier, an incoming webhook of Slack, or anything that takes JSON.
//! Docs: <https://api.slack.com/messaging/webhooks>, <https://help.zapier.com/hc/en-us/articles/8496288690317>.
//! Auth: the address is the secret; with a key of ours each delivery is signed as well. Limits: Slack takes one a second.
//! Traps: an address that a person typed passes the guard on every call; a delivery may come twice, under one id.

mod client;
mod error;
mod settings; // where people are told

pub use client::{Format, NotifyClient};
pub use error::NotifyError;
pub use settings::Settings;
