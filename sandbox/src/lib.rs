//! Stand-ins for vendors that keep state, enforce limits, and refuse what the real ones refuse. **Invariant:** they know
//! the vendors' formats and nothing about who calls them; that is why they can prove a caller wrong.

mod clock; // what time it is here
mod content; // attachments' bytes, on their own host
mod control; // /_sandbox: trouble, a look inside
pub mod credentials; // what every sandbox is born with
mod faults; // trouble on demand
mod files; // made content
mod gate; // around every call
mod handle; // the way in for tests
mod notify; // Slack and Zapier
mod odd; // answers that differ from the documentation
mod options; // what may be chosen
pub mod pages; // what people look at
mod running; // start and stop
mod salesforce; // Salesforce
mod seed; // a believable support desk
mod signing; // signed app pages
mod state; // what the account remembers
mod traffic; // what was asked
mod twilio; // Twilio
mod world; // what all handlers share
mod zendesk; // Zendesk

pub use chrono_tz::Tz as TimeZone;
pub use clock::Clock;
pub use faults::{Elsewhere, Fault, FaultId, FaultRule, Faults, Matching};
pub use handle::{FlexStep, Handle};
pub use odd::{Odd, OddRule};
pub use options::{AppUnderTest, Limits, Options, Plan};
pub use running::{Running, Sandbox, StartError};
pub use salesforce::{control::AppChange as SalesforceApp, oauth::Installed as SalesforceInstalled};
pub use signing::SignOptions;
pub use traffic::Call;
pub use zendesk::{
    arrivals::{Arrival, Channel},
    jobs::Stop as JobStop,
};
