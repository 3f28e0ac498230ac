//! What an admin decides about calls and chats, in the words of Twilio's own Zendesk integration where it has them.
//! Source: <https://www.twilio.com/docs/flex/admin-guide/integrations/zendesk>.

use serde::{Deserialize, Serialize};

use crate::words::words;

/// `GET` and `PUT /api/settings/flex`: what is set, and which version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FlexSettingsDocument {
    /// What is set.
    pub settings: FlexSettings,
    /// Rises with every change; 0: nobody has set anything. A change names the version that it was made from.
    pub version: u64,
}

/// What an admin decides about calls and chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the console's page")]
pub struct FlexSettings {
    /// "Status": whether anything is popped, created or logged.
    pub enabled: bool,
    /// What Zendesk shows on accept and on select, when the caller gave a ticket's number.
    pub navigate_valid: Navigate,
    /// The same when what was given is no ticket.
    pub navigate_invalid: Navigate,
    /// The same when nothing was given.
    pub navigate_none: Navigate,
    /// Which ticket it is when no number, or a wrong one, was given.
    pub without_number: WithoutNumber,
    /// Whether an engagement whose ticket the agent has still to choose cannot be completed.
    pub choose_first: bool,
    /// "Create ticket": when there is none.
    pub create_ticket: bool,
    /// "Create user": when nobody is known by the caller's number or address.
    pub create_user: bool,
    /// "New ticket subject": a template over the task's attributes.
    pub subject: String,
    /// "New ticket description": the same.
    pub description: String,
    /// Whether the ticket is assigned to the agent who accepts.
    pub assign: bool,
    /// "Task Start": an internal note when an agent accepts.
    pub log_start: bool,
    /// "Task Switch": when the agent selects it again.
    pub log_switch: bool,
    /// "Task Complete": when it is over.
    pub log_complete: bool,
    /// What an agent may choose as a call's outcome; empty: nothing is to be chosen.
    pub outcomes: Vec<String>,
    /// Attributes that go into the notes, by their names; a dot leads into nested ones.
    pub logged_attributes: Vec<String>,
    /// "Voice recording", inbound: its link goes into the note.
    pub recording_inbound: bool,
    /// The same for outbound calls.
    pub recording_outbound: bool,
    /// "Log chat details as internal note": what was written, when it is over.
    pub transcript: bool,
    /// Put on every ticket of an engagement; empty: none.
    pub automatic_tag: String,
    /// Whether a call that nobody took makes a ticket.
    pub missed_ticket: bool,
    /// Whether the contract shows in Flex's panel.
    pub contract_panel: bool,
    /// "Outbound caller ID" of click-to-dial, E.164; empty, as the following: what Flex itself is set to.
    pub outbound_caller_id: String,
    /// `WQ…`: the queue of its tasks.
    pub outbound_queue_sid: String,
    /// "Workflow SID" of its tasks.
    pub outbound_workflow_sid: String,
    /// "Task Channel SID" of its tasks.
    pub outbound_task_channel_sid: String,
    /// `+81`: where numbers belong that are written without their country; empty: nowhere, they are not dialled.
    pub outbound_country: String,
    /// "Flex URL": what Zendesk's top bar frames; empty: nothing.
    pub flex_url: String,
    /// "Flex Widget width", in CSS pixels.
    pub flex_width: u32,
    /// "Flex Widget height", the same.
    pub flex_height: u32,
    /// Whether Zendesk itself is asked to turn the agent's page (Talk Partner Edition), and not our app in the background.
    pub talk_partner: bool,
}

impl Default for FlexSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            navigate_valid: Navigate::Ticket,
            navigate_invalid: Navigate::Ticket,
            navigate_none: Navigate::Ticket,
            without_number: WithoutNumber::Ask,
            choose_first: true,
            create_ticket: true,
            create_user: true,
            subject: "{{ channel }}: {{ caller }}".to_owned(),
            description: "New ticket from Twilio Flex.".to_owned(),
            assign: false,
            log_start: true,
            log_switch: false,
            log_complete: true,
            outcomes: ["Solved", "Follow-up", "Call back", "Wrong number"].map(str::to_owned).into(),
            logged_attributes: vec![],
            recording_inbound: true,
            recording_outbound: true,
            transcript: true,
            automatic_tag: "generatedbyflex".to_owned(),
            missed_ticket: false,
            contract_panel: true,
            outbound_caller_id: String::new(),
            outbound_queue_sid: String::new(),
            outbound_workflow_sid: String::new(),
            outbound_task_channel_sid: String::new(),
            outbound_country: String::new(),
            flex_url: String::new(),
            flex_width: 960,
            flex_height: 640,
            talk_partner: false,
        }
    }
}

/// What an agent's Zendesk shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Navigate {
    /// The ticket.
    Ticket,
    /// The customer.
    User,
    /// What it shows already.
    Nothing,
}

/// Which ticket it is when no number, or a wrong one, was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WithoutNumber {
    /// The caller's open ticket that changed last.
    LatestOpen,
    /// The caller's open ticket; where there are several, the agent says which.
    Ask,
    /// A new one, whatever is open.
    AlwaysNew,
}

words! {
    /// The rule that a field of a form breaks, in `reason` of a refusal: screens have words for it.
    FieldRule
    /// It has another type.
    Type = "type",
    /// A text of more than 4,000 bytes.
    TooLong = "too_long",
    /// A text is needed.
    Empty = "empty",
    /// It is no template that can be used.
    Template = "template",
    /// A template takes more than a second to fill.
    Slow = "slow",
    /// It is no tag that Zendesk could store.
    Tag = "tag",
    /// A tag by which Deskside is told what to do.
    OwnTag = "own_tag",
    /// More than 30 outcomes.
    ManyOutcomes = "many_outcomes",
    /// An empty outcome, or one of more than 100 characters.
    Outcome = "outcome",
    /// More than 50 attributes.
    ManyAttributes = "many_attributes",
    /// An empty attribute, or one of more than 200 bytes.
    Attribute = "attribute",
    /// It is no number in E.164.
    PhoneNumber = "phone_number",
    /// It is no SID of that kind.
    Sid = "sid",
    /// It is no calling code of a country.
    Country = "country",
    /// A number outside its range.
    Range = "range",
    /// It is no address.
    Url = "url",
    /// An address without TLS.
    Https = "https",
    /// An address with a user name or a password.
    UrlCredentials = "url_credentials",
    /// An address that the operator does not allow.
    Origin = "origin",
    /// An address that opens Flex without its agent desktop.
    AgentDesktop = "agent_desktop",
}
