//! What is written into the ticket of a call or a chat.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `POST /api/engagements/{task_sid}/log`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogRequest {
    /// How far it is.
    pub stage: LogStage,
    /// The task's attributes, whatever they hold.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub attributes: Value,
    /// `WR…`: each agent of a transferred task has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_sid: Option<String>,
    /// What the workspace knows beside the attributes.
    #[serde(default)]
    pub facts: LogFacts,
}

/// How far an engagement is. Names: Twilio, Zendesk integration, "Automatic Logging".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogStage {
    /// An agent accepted it.
    Start,
    /// He selected it again.
    Switch,
    /// It is over.
    Complete,
    /// Nobody took it.
    Missed,
}

/// What is known of an engagement; what is absent is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LogFacts {
    /// `voice`, `chat`, `sms`, …
    pub channel: Option<String>,
    /// For people.
    pub queue: Option<String>,
    /// The agent's name.
    pub agent: Option<String>,
    /// When, RFC 3339 UTC.
    pub at: Option<String>,
    /// Seconds from its beginning until an agent took it.
    pub wait_s: Option<u64>,
    /// Seconds from then until it was over.
    pub talk_s: Option<u64>,
    /// `customer`, `agent`, …
    pub hang_up_by: Option<String>,
    /// What the agent chose at the end.
    pub outcome: Option<String>,
    /// What the agent wrote.
    pub notes: Option<String>,
}
