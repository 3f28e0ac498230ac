//! What is wrong with a part of a request.

use serde::{Deserialize, Serialize};

/// What is wrong with one part of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// Where: `mapping[2].column`.
    pub field: String,
    /// What to write instead, to follow the name of the field.
    pub message: String,
}
