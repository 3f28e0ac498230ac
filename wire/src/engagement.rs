//! What is written into the ticket of a call or a chat.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ErrorCode, TicketId};

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
    /// The agent selected it again.
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

/// `GET /api/engagements/{task_sid}`: what has become of an engagement so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngagementView {
    /// The ticket that it belongs to, once that is known.
    #[serde(default)]
    pub ticket_id: Option<TicketId>,
    /// What is written into the ticket: one line a stage, in the order of the stages.
    pub log: Vec<LogLine>,
    /// What this agent has noted so far.
    pub notes: WrapUp,
    /// What an agent may choose as the outcome; the admins' own words.
    #[serde(default)]
    pub outcomes: Vec<String>,
}

/// What became of one stage's note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogLine {
    /// Which stage.
    pub stage: LogStage,
    /// How far it is.
    pub state: LogState,
    /// With `written`: into which ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<TicketId>,
    /// With `given_up`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ErrorCode>,
}

/// How far a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogState {
    /// The settings do not want it.
    Off,
    /// Its stage has not come.
    Ahead,
    /// It will be written: soon, or when the ticket is known and Zendesk answers.
    Waiting,
    /// It is in the ticket.
    Written,
    /// It is in no ticket, and will not be.
    GivenUp,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

/// What an agent notes at the end, and `PUT /api/engagements/{task_sid}/notes`. It goes into the last note of the task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WrapUp {
    /// In the agent's own words; 4,000 characters at most.
    pub text: String,
    /// What came of it; empty: not said.
    pub outcome: String,
}

/// `GET /api/tickets/{id}/comment`: the last thing that the customer could read or wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastComment {
    /// Nothing where the ticket has no public comment.
    #[serde(default)]
    pub comment: Option<PublicComment>,
}

/// A comment that the customer sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicComment {
    /// Plain text; a long one is cut off with `…`.
    pub text: String,
    /// Who wrote it; absent where Zendesk does not say.
    #[serde(default)]
    pub author: Option<String>,
    /// Whether that is the customer, and not one of the company.
    #[serde(default)]
    pub by_customer: bool,
    /// When, RFC 3339 UTC.
    pub at: String,
}
