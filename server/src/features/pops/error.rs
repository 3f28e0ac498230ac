//! Why a pop cannot be answered.

use crate::{
    features::{
        contracts::CardError,
        engagements::{ClaimError, EngagementError, FindError},
        sessions::AgentError,
    },
    store::StoreError,
};

/// Why a pop cannot be answered. A number that names no ticket is not among these: that is an answer.
#[derive(Debug, thiserror::Error)]
pub enum PopError {
    /// See the card's error.
    #[error(transparent)]
    Card(#[from] CardError),
    /// See the engagement's error.
    #[error(transparent)]
    Engagement(EngagementError),
    /// See the claim's error.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// See the directory's error.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FindError> for PopError {
    fn from(error: FindError) -> Self {
        match error {
            FindError::Card(error) => Self::Card(error),
            FindError::Agent(error) => Self::Agent(error),
            FindError::Engagement(EngagementError::Store(error)) => Self::Store(error),
            FindError::Engagement(error) => Self::Engagement(error),
        }
    }
}
