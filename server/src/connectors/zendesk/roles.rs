//! What a custom role lets an agent do. Only accounts on Enterprise plans have them, and only admins read them.

use serde::Deserialize;

use super::types::{or_default, yes, yes_unless_false};
use super::{ZendeskClient, ZendeskError};

/// What a role lets an agent do with tickets. What Zendesk does not say is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct RoleConfiguration {
    /// The agent changes nothing, and comments internally.
    #[serde(default, deserialize_with = "or_default")]
    pub light_agent: bool,
    /// The agent may change tickets.
    #[serde(default = "yes", deserialize_with = "yes_unless_false")]
    pub ticket_editing: bool,
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
}
