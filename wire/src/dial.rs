//! Click-to-dial: an agent presses a number in Zendesk, and their own Flex calls it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Problem, TicketId, UserId};

/// `POST /api/dial`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DialRequest {
    /// The number, as it is written where the agent pressed it.
    pub to: String,
    /// The ticket beside which it was pressed; the call belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<TicketId>,
    /// Whose number it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// One wish to call somebody, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dial {
    /// Names it.
    pub id: String,
    /// How far it is.
    pub state: DialState,
    /// The number that is called, E.164.
    pub to: String,
    /// With `refused`: why, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// How far a dial is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DialState {
    /// The agent's Flex has not heard of it yet.
    Waiting,
    /// One of the agent's Flex pages is at it.
    Taken,
    /// Flex is calling.
    Started,
    /// There is no call; `problem` says why.
    Refused,
    /// A state of a newer server.
    #[serde(other)]
    Unknown,
}

/// What Flex's panel hears of a dial, in `GET /api/dial/events`: that it is there to be taken, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DialWaiting {
    pub id: String,
}

/// `POST /api/dial/{id}/take`: to one of the agent's panels, once. What Flex is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub struct DialOrder {
    /// Which dial.
    pub id: String,
    /// E.164.
    pub destination: String,
    /// As whom the call is made; absent: as Flex itself is set.
    #[serde(default)]
    pub caller_id: Option<String>,
    /// `WQ…`, likewise.
    #[serde(default)]
    pub queue_sid: Option<String>,
    /// `WW…`, likewise.
    #[serde(default)]
    pub workflow_sid: Option<String>,
    /// `TC…`, likewise.
    #[serde(default)]
    pub task_channel_sid: Option<String>,
    /// Of the task that Flex makes.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub attributes: Value,
}

/// What Flex made of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum DialOutcome {
    /// It calls.
    Started,
    /// The agent is offline.
    Offline,
    /// The agent has a call, or one is coming in.
    OnCall,
    /// Outbound calls are switched off, or lack a caller id or a queue.
    NotEnabled,
    /// Flex does not take the number.
    Number,
    /// It did not work, and Flex says no more.
    Failed,
}

/// `POST /api/dial/{id}/outcome`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DialReport {
    /// What Flex made of it.
    pub outcome: DialOutcome,
}
