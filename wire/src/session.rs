//! Who is asking.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// In the app's page as `<script type="application/json" id="deskside-session">`, and the answer to every renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionDocument {
    /// The bearer: `Authorization: Bearer …`.
    pub token: String,
    /// RFC 3339 UTC; renew before.
    pub expires_at: String,
    /// The agent's locale as Zendesk has it, BCP 47; the browser's where Zendesk has none.
    pub locale: String,
    /// Whether the session is tied to an agent; until then it reads nothing.
    #[serde(default)]
    pub proved: bool,
    /// The agent's role; absent until proved.
    #[serde(default)]
    pub role: Option<Role>,
}

/// The roles that a session can have. End users have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves customers.
    Agent,
    /// Also sets Deskside up.
    Admin,
}

/// The workspace that frames the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HostName {
    /// Zendesk's agent workspace.
    Zendesk,
    /// Twilio Flex.
    Flex,
}

/// `POST /api/session/flex`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FlexLogin {
    /// The agent's Flex token.
    pub token: String,
}

/// `POST /api/session/proof`: the app says which agent it is. Zendesk's token did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofRequest {
    /// As Zendesk's frame says.
    pub agent_id: UserId,
}

/// The server has sent a one-time code to that agent's open workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofChallenge {
    /// Which code to return.
    pub challenge: String,
}

/// The body of the `deskside_proof` notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofNotice {
    /// Which challenge it answers.
    pub challenge: String,
    /// The one-time code.
    pub code: String,
}

/// `POST /api/session/proof/confirm` → a full `SessionDocument`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProofReply {
    /// Which challenge.
    pub challenge: String,
    /// The one-time code.
    pub code: String,
}
