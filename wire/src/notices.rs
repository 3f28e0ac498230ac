//! Who was told of a customer's contract, and the triggers that ask for it.

use serde::{Deserialize, Serialize};

use crate::TicketId;
use crate::words::words;

/// `GET /api/notices`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeList {
    pub notices: Vec<NoticeLine>,
    /// The triggers that Deskside made in Zendesk, as they were when they were last looked at.
    #[serde(default)]
    pub triggers: Vec<KeptTrigger>,
    /// Whether whoever asks may make and update triggers.
    #[serde(default)]
    pub may_edit: bool,
    /// The next page's `before`; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeLine {
    pub id: String,
    /// `new_customer`, `renewal_near`, `page`, `page_over`; `renewal`: without a ticket.
    pub kind: String,
    pub ticket_id: Option<TicketId>,
    /// Where people open it in Zendesk.
    pub ticket_url: Option<String>,
    /// The company's name.
    pub company: Option<String>,
    /// For whom it was meant: `sales`, `success`.
    pub role: Option<String>,
    /// Names, for people.
    pub told_to: Option<String>,
    /// `zendesk`, `notify`, `pagerduty`, `group`.
    pub channel: Option<String>,
    /// One of [`NoticeOutcome`].
    pub outcome: String,
    /// Why nobody, or somebody else, was told.
    pub reason: Option<NoticeReason>,
    /// When it was asked for, RFC 3339 UTC.
    pub at: String,
    /// When it was settled.
    pub settled_at: Option<String>,
    /// Of a page: when it was resolved.
    pub resolved_at: Option<String>,
}

words! {
    /// What became of a notice.
    NoticeOutcome
    /// Nobody was told yet.
    Waiting = "waiting",
    /// It is being sent.
    Sending = "sending",
    /// Whoever is in charge was told.
    Told = "told",
    /// Others were told, for the reason that is given.
    Fallback = "fallback",
    /// Nobody is told, for the reason that is given.
    NotTold = "not_told",
    /// The worker died while it was being sent: it was told, or perhaps not.
    Unsure = "unsure",
}

words! {
    /// Why nobody is told, or others than whoever is in charge. The server says it in English, too.
    NoticeWhy
    TicketGone = "ticket_gone",
    Merged = "ticket_merged",
    Closed = "ticket_closed",
    Solved = "ticket_solved",
    NoRequester = "no_requester",
    RequesterSuspended = "requester_suspended",
    RequesterIsAgent = "requester_is_agent",
    VisitorUnknown = "visitor_unknown",
    NoContract = "no_contract",
    SeveralCompanies = "several_companies",
    ConditionOver = "condition_over",
    NoEmergency = "no_emergency",
    Off = "off",
    PagedAgain = "paged_again",
    NoPage = "no_page",
    NoAlert = "no_alert",
    NoOwner = "no_owner",
    OwnerWithoutAddress = "owner_without_address",
    OwnerAmbiguous = "owner_ambiguous",
    OwnerUnknown = "owner_unknown",
    OwnerSuspended = "owner_suspended",
    OwnerNotAgent = "owner_not_agent",
    OwnerIsWriter = "owner_is_writer",
    NotFollower = "not_follower",
    ChannelNotSet = "channel_not_set",
    ChannelRefused = "channel_refused",
    ChannelDown = "channel_down",
    GaveUp = "gave_up",
    Cancelled = "cancelled",
    Interrupted = "interrupted",
}

/// Why somebody else was told, or nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeReason {
    /// Stable, for programs: one of [`NoticeWhy`].
    pub code: String,
    /// One English sentence for people.
    pub message: String,
}

/// A trigger that Deskside made, as it was when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptTrigger {
    /// As with [`NoticeLine::kind`].
    pub kind: String,
    /// Zendesk's id of it.
    pub id: u64,
    /// What is wrong with it: an English sentence.
    pub problem: Option<String>,
    /// RFC 3339 UTC.
    pub checked_at: String,
}

/// `POST /api/notices/triggers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectTriggers {
    /// Change nothing; say what would change.
    #[serde(default)]
    pub dry: bool,
    /// Overwrite what a person changed in Zendesk.
    #[serde(default)]
    pub overwrite: bool,
}

/// What was made, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerReport {
    /// Nothing was changed.
    pub dry: bool,
    pub webhooks: Vec<WebhookView>,
    pub triggers: Vec<TriggerView>,
    /// Sentences.
    pub warnings: Vec<String>,
}

/// What became of a trigger or a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TriggerState {
    /// It was made, or would be.
    Created,
    /// The settings have changed, and it follows.
    Updated,
    /// It was as it must be.
    Found,
    /// A person changed it in Zendesk, and it stays so.
    ChangedByHand,
}

impl TriggerState {
    /// Whether something is written because of it.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Created | Self::Updated)
    }

    /// As it crosses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Found => "found",
            Self::ChangedByHand => "changed_by_hand",
        }
    }
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookView {
    /// Zendesk's; absent where a dry run would make it.
    pub id: Option<String>,
    pub name: String,
    /// Where it calls.
    pub endpoint: String,
    pub state: TriggerState,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerView {
    /// As with [`NoticeLine::kind`].
    pub kind: String,
    /// Zendesk's; absent where a dry run would make it.
    pub id: Option<u64>,
    pub title: String,
    pub state: TriggerState,
    /// When it acts, in words: each must hold; of the last one part.
    pub conditions: Vec<String>,
    /// What it does, in words.
    pub actions: String,
    /// Where it differs from what Deskside would write, or from what Deskside had written.
    pub differences: Vec<TriggerDifference>,
}

/// A part of a trigger in which both differ, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerDifference {
    /// `state`, `all of`, `one of`, `does`.
    pub part: String,
    /// As it is in Zendesk.
    pub there: String,
    pub wanted: String,
}
