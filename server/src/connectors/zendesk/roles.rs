//! What a custom role lets an agent do with tickets and customers. Only accounts on Enterprise plans have them, and only admins read them.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::types::{or_default, yes, yes_unless_false};
use super::{ZendeskClient, ZendeskError};

/// How much an agent may do with customers. Source: Zendesk, Custom Agent Roles, `configuration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustomerAccess {
    Full,
    /// They read and change.
    Edit,
    /// The same, of the agent's own organization.
    EditWithinOrg,
    Readonly,
    /// Nothing, or an access that Zendesk added later.
    #[default]
    #[serde(other)]
    None,
}

/// A custom role's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NamedRole {
    pub id: u64,
    pub name: String,
}

/// What a role lets an agent do. What Zendesk does not say of tickets is allowed, what it does not say of customers is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct RoleConfiguration {
    /// The agent changes nothing, and comments internally.
    #[serde(default, deserialize_with = "or_default")]
    pub light_agent: bool,
    /// The agent may change tickets.
    #[serde(default = "yes", deserialize_with = "yes_unless_false")]
    pub ticket_editing: bool,
    /// Whether the agent may list and search customers.
    #[serde(default, deserialize_with = "or_default")]
    pub end_user_list_access: CustomerAccess,
    /// What the agent may do with a customer's profile.
    #[serde(default, deserialize_with = "or_default")]
    pub end_user_profile_access: CustomerAccess,
}

impl RoleConfiguration {
    /// Whether the agent may view customers who have no ticket before them.
    pub const fn views_customers(&self) -> bool {
        use CustomerAccess::{Edit, Full, Readonly};
        matches!(self.end_user_list_access, Full)
            && matches!(self.end_user_profile_access, Full | Edit | Readonly)
    }
}

/// A kind of role. What cannot be read is a kind that nobody knows.
pub(super) fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let kind: Option<Value> = Option::deserialize(from)?;
    Ok(kind.map(|kind| kind.as_u64().unwrap_or(u64::MAX)))
}

impl ZendeskClient {
    /// The configuration of a custom role.
    pub async fn role_configuration(&self, role: u64) -> Result<RoleConfiguration, ZendeskError> {
        #[derive(Deserialize)]
        struct Described {
            configuration: RoleConfiguration,
        }
        let url = self.url(&format!("/api/v2/custom_roles/{role}"));
        let role: Described = self.member("GET /api/v2/custom_roles/{id}", url, "custom_role").await?;
        Ok(role.configuration)
    }

    /// The name of a custom role, if it is among those that can be read. More people may read the list than one role.
    pub async fn custom_role_name(&self, role: u64) -> Result<Option<String>, ZendeskError> {
        let roles = self.custom_roles().await?;
        Ok(roles.into_iter().find(|named| named.id == role).map(|named| named.name))
    }

    /// The custom roles that can be read.
    pub async fn custom_roles(&self) -> Result<Vec<NamedRole>, ZendeskError> {
        let url = self.url("/api/v2/custom_roles");
        let roles = self.one_page("GET /api/v2/custom_roles", url, "custom_roles").await?;
        Ok(roles.into_readable())
    }
}
