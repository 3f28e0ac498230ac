//! Section `integrations`, as far as it is about connections.

use serde::Deserialize;

use crate::setting::Audience;

/// What the operator decides about connections.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Which of the admins may change connections.
    pub(crate) editors: Audience,
}
