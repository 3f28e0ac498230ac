//! Showing an agent the ticket or user of an engagement.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Contract, Customer, ErrorCode, Stage, TicketId, TicketSummary, UserId};

/// `POST /api/engagements/{task_sid}/pop`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PopRequest {
    /// The task's attributes, whatever they hold.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub attributes: Value,
    /// What the agent did.
    pub stage: Stage,
    /// Whom the agent chose, where several customers could be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The agent wants a new ticket, whatever is open.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub new_ticket: bool,
    /// `WR…`: the agent's part of the task; without it nothing is written into the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_sid: Option<String>,
    /// The one who asks shows it in Zendesk themselves: the answer has `show`, and no notice is sent.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub top_bar: bool,
}

/// `POST /api/engagements/{task_sid}/show`: the agent's Zendesk shows another ticket; the engagement keeps its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShowRequest {
    pub ticket_id: TicketId,
}

/// What was popped, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PopResult {
    /// What the agent now sees.
    pub outcome: PopOutcome,
    /// With `ticket`.
    #[serde(default)]
    pub ticket: Option<TicketSummary>,
    /// The caller, where known.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// What is known of the caller's company.
    #[serde(default)]
    pub contract: Option<Contract>,
    /// As on the card.
    #[serde(default)]
    pub badges: Vec<crate::Badge>,
    /// With `ticket`: the customer's other open ones.
    #[serde(default)]
    pub open_tickets: Vec<TicketSummary>,
    /// With `choose`: among these.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Whether the ticket was made for this engagement.
    #[serde(default)]
    pub created: bool,
    /// With `choose`: the engagement is not to be completed before.
    #[serde(default)]
    pub must_choose: bool,
    /// With `choose`: a new ticket may be chosen, too.
    #[serde(default)]
    pub may_create: bool,
    /// Why nothing popped, or what to know of the ticket that did (`ticket_closed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// What to show in Zendesk, where the one who asked shows it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show: Option<PopNotice>,
}

/// What the agent now sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PopOutcome {
    /// A ticket.
    Ticket,
    /// A user.
    User,
    /// Several match; the agent chooses.
    Choose,
    /// Nothing matches; `problem` says why.
    Nothing,
    /// An outcome of a newer server.
    #[serde(other)]
    Unknown,
}

/// One of several that match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// The ticket, if it is one.
    #[serde(default)]
    pub ticket: Option<TicketSummary>,
    /// The user, if it is one.
    #[serde(default)]
    pub customer: Option<Customer>,
}

/// What is in the way, in the error envelope's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Stable, for programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What an agent's Zendesk is to show: the body of the `deskside_pop` notification, and what the top bar's page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(export))]
pub struct PopNotice {
    /// The Flex task; a listener that has shown it once ignores repeats of `notice`.
    pub task_sid: String,
    /// Names this notice.
    pub notice: String,
    /// Show this ticket.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub ticket_id: Option<TicketId>,
    /// Show this user.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub user_id: Option<UserId>,
}
