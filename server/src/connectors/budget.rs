//! How much of a vendor's rate limit is left.
/// Who waits for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// An agent looks at a spinner.
    Interactive,
    /// A job; it can wait.
    Background,
}
/// Shared.
#[derive(Debug, Default)]
pub struct RateBudget;
