//! Whom we talk to. This parent holds what every connector shares: advice to the queue, the guarded HTTP client, the
//! rate budget and one way to make a call. **Invariant:** a connector imports nothing of ours but this and the clock.

mod budget; // how much of a vendor's rate limit is left
mod cells; // a cell of a source as a value
mod consent; // OAuth's consent in the browser
pub mod decimal; // exact numbers
mod exchange; // one call: guard, budget, tries, bounded answer, metrics
mod failure; // why a call failed, by what can be done about it
pub mod files; // reports as files
mod guard; // which addresses we may reach
mod jwt_bearer; // OAuth's signed statements
mod lenient; // answers, row by row
pub mod notify; // the company's own webhook
pub mod objects; // the archive's files
pub mod pagerduty; // who is paged
mod request; // what calls have in common
mod retry_after; // how long a vendor asks us to wait
pub mod rows; // what every source of rows answers
pub mod salesforce; // records, read by queries
pub mod sql; // customers' databases
mod tokens; // OAuth's access tokens
pub mod twilio; // Flex sessions and workers
pub mod zendesk; // tickets, users, attachments

#[cfg(test)]
mod stub; // a vendor for tests

use std::time::Duration;

pub use budget::{Priority, RateBudget};
pub use consent::{Code, ConsentRequest, Verifier, word};
pub use exchange::{ANSWER_LIMIT, Answer, CallError, Exchange, NarrowLimit, Repeat, no_answer, read};
pub use failure::{CallFailure, FailureKind, Vendor, VendorError, VendorSettings};
pub use guard::{Net, PublicOnly, Refusal, Target, http_client};
pub use jwt_bearer::JwtBearer;
pub use lenient::{Careful, Lenient, LostRow, Rows};
pub use retry_after::retry_after;
pub use tokens::{
    ClientCredentials, Granted, RefreshGrant, Refreshing, Token, TokenEncoding, TokenEndpoint, TokenSource,
};

/// What a job does about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Try again, by the queue's own schedule.
    Retry,
    /// Try again, not before this.
    RetryAfter(Duration),
    /// Trying again cannot help.
    GiveUp,
}
