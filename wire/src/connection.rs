//! Connections with vendors, as admins see and change them. **Invariant:** no secret is in an answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `GET /api/connections`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionList {
    /// Those of the settings file first, then by id.
    pub connections: Vec<Connection>,
    /// Whether this admin may change connections (`integrations.editors`).
    pub may_edit: bool,
    /// What a vendor's OAuth client must have as its redirect or callback URL.
    pub callback_url: String,
    /// Whether secrets can be kept: the operator has set `server.seal_keys`.
    pub keeps_secrets: bool,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connection {
    pub id: String,
    /// `zendesk`, `salesforce`, `mysql`, `postgres`, `report`, `twilio`, `objects`, `notify`.
    pub kind: String,
    /// For people.
    pub name: String,
    /// `production` or `sandbox`.
    pub environment: String,
    /// Absent for a connection of the settings file: Deskside does not record its state.
    pub state: Option<ConnectionState>,
    /// What is wrong, where it needs attention.
    pub problem: Option<ConnectionProblem>,
    /// When it was last tried, RFC 3339 UTC.
    pub checked_at: Option<String>,
    /// Set in the settings file, and changed there.
    pub in_file: bool,
    /// The address and the user, for people.
    #[serde(default)]
    pub detail: String,
    /// Without secrets; by kind.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: Map<String, Value>,
    /// A change names the version that it was made from.
    #[serde(default)]
    pub version: u64,
    /// Names of what uses it.
    #[serde(default)]
    pub used_by: Vec<String>,
}

/// Whether a connection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// It did when it was last used.
    Connected,
    /// Somebody has to do something.
    NeedsAttention,
    /// An admin disconnected it.
    Disconnected,
}

/// What is wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionProblem {
    /// For programs: `refresh_refused`.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// `POST /api/connections` and others: the connection as it is now, and its test where it was tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionAnswer {
    pub connection: Connection,
    #[serde(default)]
    pub test: Option<ConnectionTest>,
}

/// `POST /api/connections/{id}/test`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionTest {
    /// Whether every step is.
    pub ok: bool,
    /// In the order in which they were tried.
    pub steps: Vec<TestStep>,
}

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TestStep {
    /// `secret`, `token`, `user`, `connect`, …
    pub name: String,
    pub ok: bool,
    /// What was found, or what happened.
    pub message: String,
    /// What to do; also a warning of a step that is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// `POST /api/connections/{id}/disconnect`, and `DELETE /api/connections/{id}`: the connection as it was last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Disconnected {
    pub connection: Connection,
    /// Whether the vendor has revoked the access. True where there was nothing to revoke.
    pub revoked: bool,
    /// What to do where it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// `POST /api/connections/{kind}/authorize`: where the admin gives consent, in a new tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationStart {
    /// The vendor's consent page.
    pub url: String,
    /// For `GET /api/authorizations/{id}`.
    pub id: String,
}

/// `GET /api/authorizations/{id}`: how a consent stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authorization {
    pub state: AuthorizationState,
    /// The vendor's organization, once it is known.
    #[serde(default)]
    pub organization: String,
    /// Who gave consent there.
    #[serde(default)]
    pub user: String,
    /// Why it failed.
    #[serde(default)]
    pub problem: Option<ConnectionProblem>,
}

/// How a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuthorizationState {
    /// The vendor has not sent the admin back yet.
    Waiting,
    /// Consent was given; the admin has to confirm it with the number of the other tab.
    Granted,
    /// It came to nothing.
    Failed,
}
