//! The fields of Zendesk's answers that we read, and no others. Read liberally: unknown enum values become `Unknown`,
//! nulls are tolerated where Zendesk's own recordings have them. No logic beyond reading.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::Tags;
use crate::connectors::{Careful, Lenient};

/// How Zendesk's answers are read. What an unreadable field reads as permits nothing that the field might forbid.
pub(super) const LENIENT: Lenient = Lenient {
    vendor: "zendesk",
    careful: &[
        ("suspended", Careful::Flag(true)),
        ("active", Careful::Flag(false)),
        ("restricted_agent", Careful::Flag(true)),
        ("ticket_restriction", Careful::Text("unreadable")),
        ("public", Careful::Flag(true)),
        ("inline", Careful::Flag(true)),
        ("success", Careful::Flag(false)),
        ("shared_agent", Careful::Flag(true)),
        ("light_agent", Careful::Flag(true)),
        ("ticket_editing", Careful::Flag(false)),
        ("malware_scan_result", Careful::Text("not_scanned")),
    ],
};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    TicketId
}
id! {
    /// An agent, an admin or an end user.
    UserId
}
id! {
    /// A comment of a ticket.
    CommentId
}
id! {
    /// An attachment of a comment.
    AttachmentId
}

/// `null` reads as the type's default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    EndUser,
    Agent,
    Admin,
    /// A role that Zendesk added later, or none.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Which tickets an agent may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketRestriction {
    /// Only those of the agent's organizations.
    Organization,
    /// Only those of the agent's groups.
    Groups,
    /// Only those assigned to the agent.
    Assigned,
    /// Only those that the user requested.
    Requested,
    /// A restriction Zendesk added later: treat as the narrowest.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A user of the account.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "Zendesk's own fields")]
pub struct User {
    /// The user's id.
    pub id: UserId,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Primary e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// The user's id in another system. Case does not matter.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Primary phone number, as somebody typed it.
    #[serde(default)]
    pub phone: Option<String>,
    /// What the user may do.
    #[serde(default, deserialize_with = "or_default")]
    pub role: Role,
    /// Tickets of suspended users go to the suspended queue.
    #[serde(default, deserialize_with = "or_default")]
    pub suspended: bool,
    /// False for deleted users.
    #[serde(default = "yes", deserialize_with = "yes_unless_false")]
    pub active: bool,
    /// Like `en-US` or `ja`.
    #[serde(default)]
    pub locale: Option<String>,
    /// The user's default organization.
    #[serde(default)]
    pub organization_id: Option<u64>,
    /// The agent does not see every ticket.
    #[serde(default, deserialize_with = "or_default")]
    pub restricted_agent: bool,
    /// Which tickets the user sees; `None` is all.
    #[serde(default)]
    pub ticket_restriction: Option<TicketRestriction>,
    /// The group that an agent's new assignments go to.
    #[serde(default)]
    pub default_group_id: Option<u64>,
    /// Tags of the user.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// What kind of agent: 0 custom, 1 light, 2 chat, 3 contributor, 4 admin, 5 billing admin. What cannot be read is a number
    /// that Zendesk does not know.
    #[serde(default, deserialize_with = "super::roles::kind")]
    pub role_type: Option<u64>,
    /// The agent's custom role, on Enterprise plans.
    #[serde(default)]
    pub custom_role_id: Option<u64>,
    /// An agent of another Zendesk account that shares tickets with this one.
    #[serde(default, deserialize_with = "or_default")]
    pub shared_agent: bool,
    /// Values by field key.
    #[serde(default, deserialize_with = "or_default")]
    pub user_fields: BTreeMap<String, serde_json::Value>,
}

pub(super) const fn yes() -> bool {
    true
}

pub(super) fn yes_unless_false<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(true))
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody took it yet.
    New,
    /// With an agent.
    Open,
    /// Waits for the customer.
    Pending,
    /// Waits for a third party.
    Hold,
    /// Done, may be reopened.
    Solved,
    /// Done for ever; cannot be changed.
    Closed,
    /// A status that Zendesk added later.
    #[default]
    #[serde(other)]
    Unknown,
}

impl TicketStatus {
    /// Somebody still has to do something about it. In doubt they have: otherwise the customer gets a second ticket.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Solved | Self::Closed)
    }
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
    /// A priority that Zendesk added later.
    #[serde(other)]
    Unknown,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Ticket {
    /// The ticket's number.
    pub id: TicketId,
    /// Its subject; may be empty.
    #[serde(default, deserialize_with = "or_default")]
    pub subject: String,
    /// Where it stands.
    #[serde(default, deserialize_with = "or_default")]
    pub status: TicketStatus,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Option<Priority>,
    #[serde(default)]
    pub requester_id: Option<UserId>,
    #[serde(default)]
    pub assignee_id: Option<UserId>,
    /// The agent's group.
    #[serde(default)]
    pub group_id: Option<u64>,
    /// The customer's organization.
    #[serde(default)]
    pub organization_id: Option<u64>,
    /// Who is copied on the public comments, agents among them.
    #[serde(default, deserialize_with = "or_default")]
    pub email_cc_ids: Vec<UserId>,
    /// The same in accounts without e-mail CCs; with them it also holds the followers.
    #[serde(default, deserialize_with = "or_default")]
    pub collaborator_ids: Vec<UserId>,
    /// Agents who follow the ticket.
    #[serde(default, deserialize_with = "or_default")]
    pub follower_ids: Vec<UserId>,
    #[serde(default)]
    pub tags: Tags,
    /// When it last changed; the beginning of time where that cannot be read.
    #[serde(default, deserialize_with = "or_default")]
    pub updated_at: DateTime<Utc>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// Who made it: the requester, or an agent on their behalf.
    #[serde(default)]
    pub submitter_id: Option<UserId>,
}

/// A ticket that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct FoundTicket {
    /// The ticket's number.
    pub id: TicketId,
}

/// Whose a ticket is that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct TicketOwner {
    pub requester_id: UserId,
    #[serde(default)]
    pub organization_id: Option<u64>,
}

/// A comment of a ticket, without its plain-text bodies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Comment {
    /// The comment's id.
    pub id: CommentId,
    /// Who wrote it.
    #[serde(default)]
    pub author_id: Option<UserId>,
    /// The customer sees it.
    #[serde(default, deserialize_with = "or_default")]
    pub public: bool,
    /// What it says, as HTML.
    #[serde(default, deserialize_with = "or_default")]
    pub html_body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The files with it.
    #[serde(default, deserialize_with = "or_default")]
    pub attachments: Vec<Attachment>,
}

/// What Zendesk's virus scanner said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MalwareScan {
    /// Infected: cannot be downloaded unless an admin allows it.
    MalwareFound,
    MalwareNotFound,
    /// The scanner gave up.
    FailedToScan,
    /// Not looked at yet.
    NotScanned,
    /// A result that Zendesk added later, or none.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A file with a comment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Attachment {
    /// The attachment's id.
    pub id: AttachmentId,
    /// As its sender named it. Never trust it as a path.
    #[serde(default, deserialize_with = "or_default")]
    pub file_name: String,
    /// Where its bytes are; answers 302 to another host. A secret: the link needs no login in many accounts.
    #[serde(default, deserialize_with = "or_default")]
    pub content_url: String,
    /// As its sender declared it.
    #[serde(default, deserialize_with = "or_default")]
    pub content_type: String,
    /// Bytes. An attachment without a size cannot be told from a redacted one, so its row is lost.
    pub size: u64,
    /// Shown inside the comment's text.
    #[serde(default, deserialize_with = "or_default")]
    pub inline: bool,
    /// Deleted by Zendesk's own schedules or by a person.
    #[serde(default, deserialize_with = "or_default")]
    pub deleted: bool,
    /// What the virus scanner said.
    #[serde(default, deserialize_with = "or_default")]
    pub malware_scan_result: MalwareScan,
    /// An admin allowed the download although it is infected.
    #[serde(default, deserialize_with = "or_default")]
    pub malware_access_override: bool,
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// The group's id.
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// What our access token is and may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccessToken {
    /// Whose rights it has.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Like `read` and `write`, or `tickets:read`.
    #[serde(default, deserialize_with = "or_default")]
    pub scopes: Vec<String>,
}
