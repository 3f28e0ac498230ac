//! The one error envelope.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, FieldProblem};

/// `{"error": {…}}`: every refusal of every route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What happened, to which thing, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// Stable, for programs.
    pub code: ErrorCode,
    /// One English sentence for people; apps translate by `code`.
    pub message: String,
    /// What the reader can do about it, where the message does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The field of the request that was refused, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Which rule that field breaks: one of [`FieldRule`](crate::FieldRule).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The line of that field at which something is wrong, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column in that line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Everything that is wrong, where several parts of the request are; `message` says all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// Names this answer in the server's log.
    pub request_id: String,
}
