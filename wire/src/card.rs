//! What the sidebar shows beside a ticket.

use serde::{Deserialize, Serialize, Serializer};

use crate::{TicketId, UserId};

/// `GET /api/tickets/{id}/card`, `GET /api/customers/{user_id}/card`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// The ticket; absent on a customer's own card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketSummary>,
    /// The requester; absent where the ticket has none that still exists.
    #[serde(default)]
    pub customer: Option<Customer>,
    /// What is known of the customer's company.
    pub contract: Contract,
    /// In the order in which they should be shown.
    pub badges: Vec<Badge>,
    /// The customer's other open tickets, newest first.
    pub open_tickets: Vec<TicketSummary>,
    /// The card's words are older than the contract's `as_of` promises: the reason, when Zendesk could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_because: Option<crate::ErrorCode>,
}

/// The few words that name a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketSummary {
    /// The number that agents and customers say.
    pub id: TicketId,
    /// Its subject, as the customer wrote it.
    pub subject: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// Who asked.
    pub requester_id: UserId,
    /// `urgent`, `high`, `normal` or `low`, where set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
}

/// A ticket's status. Source: Zendesk, Tickets API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody has answered.
    New,
    /// Waits for an agent.
    Open,
    /// Waits for the customer.
    Pending,
    /// Waits for a third party.
    Hold,
    /// Answered.
    Solved,
    /// Can no longer be changed.
    Closed,
    /// Deleted; seen in exports only.
    Deleted,
    /// A status that Zendesk added later.
    #[serde(other)]
    Unknown,
}

/// The person who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// Zendesk's id of the user.
    pub id: UserId,
    /// As Zendesk shows it.
    pub name: String,
    /// The primary address, where there is one.
    #[serde(default)]
    pub email: Option<String>,
    /// As Zendesk keeps it, usually E.164.
    #[serde(default)]
    pub phone: Option<String>,
    /// Whether Zendesk still serves this person.
    #[serde(default)]
    pub state: CustomerState,
}

/// Whether Zendesk still serves the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomerState {
    /// As usual.
    #[default]
    Active,
    /// Suspended in Zendesk: what this person writes is held back.
    Suspended,
    /// Deleted in Zendesk.
    Deleted,
}

/// What is known of the customer's company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contract {
    /// Whether, and how well, it is known.
    pub state: ContractState,
    /// The company's name.
    #[serde(default)]
    pub company: Option<String>,
    /// For instance `Partner`.
    #[serde(default)]
    pub account_type: Option<String>,
    /// For instance `Paying`.
    #[serde(default)]
    pub subscription_status: Option<String>,
    /// Monthly recurring revenue, in `currency`; whole amounts are written without a decimal point.
    #[serde(default, serialize_with = "plain_number")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub mrr: Option<f64>,
    /// The same with all of its digits, where a double loses some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrr_exact: Option<String>,
    /// ISO 4217, from the integration or the settings.
    #[serde(default)]
    pub currency: Option<String>,
    /// First day, `YYYY-MM-DD`.
    #[serde(default)]
    pub start: Option<String>,
    /// Last day before renewal, `YYYY-MM-DD`.
    #[serde(default)]
    pub renewal: Option<String>,
    /// Who looks after the company; several are separated by `, `.
    #[serde(default)]
    pub owner: Option<String>,
    /// When this was true, RFC 3339 UTC.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Where it came from: `zendesk` (live user fields) or the integration's name.
    #[serde(default)]
    pub source: Option<String>,
    /// Only where the contracts that an integration brings are too old to be relied upon: when it last completed a run, RFC 3339
    /// UTC. The state is then `stale` at best, and Zendesk's own fields prevail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<String>,
    /// Where the customer's own fields in Zendesk differ from what is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// With `ambiguous`: the contracts among which the agent chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub choices: Vec<Contract>,
}

/// A part of a contract, of which Zendesk holds another value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// Which part.
    pub part: ContractPart,
    /// As Zendesk has it; a date is `YYYY-MM-DD`. Absent: the field is empty.
    #[serde(default)]
    pub value: Option<String>,
}

/// What a contract consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContractPart {
    Company,
    AccountType,
    SubscriptionStatus,
    Mrr,
    Start,
    Renewal,
    Owner,
    /// A part that a newer server knows.
    #[serde(other)]
    Unknown,
}

/// Whether, and how well, a contract is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContractState {
    /// Known, as of `as_of`.
    Known,
    /// The customer belongs to no company that we know.
    None,
    /// Several companies match; see `choices`.
    Ambiguous,
    /// Known once; Zendesk could not be asked now, or the integration that brings it has not run (see `last_run`).
    Stale,
}

/// A mark that a rule in the settings put on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BadgeName {
    /// The contract is younger than the settings' `contracts.new_customer_days`.
    NewCustomer,
    /// The renewal is nearer than `contracts.renewal_near_days`.
    RenewalNear,
    /// The MRR is at least `contracts.high_mrr`.
    HighMrr,
    /// The account type is one of `badges.vip_account_types`, or the user carries one of `badges.vip_tags`.
    Vip,
    /// A badge of a newer server.
    #[serde(other)]
    Unknown,
}

/// On the wire a badge is its name.
pub type Badge = BadgeName;

/// Above this, a double cannot hold every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// `120000`, not `120000.0`: what a person typed, and what every client reads the same.
#[expect(clippy::ref_option, reason = "serde's signature")]
fn plain_number<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(number) if number.fract() == 0.0 && number.abs() < EXACT =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "checked whole and within 2^53")]
            serializer.serialize_i64(*number as i64)
        }
        Some(number) => serializer.serialize_f64(*number),
        None => serializer.serialize_none(),
    }
}
