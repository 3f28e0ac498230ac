//! Twilio: Flex tokens (IAM v1), `TaskRouter` v1, chats, recordings, Event Streams. Docs: <https://www.twilio.com/docs/flex/developer>.
//! Auth: Basic, `AC…:auth token` or `SK…:secret`. Limits: `429` without a published budget.
//! Traps: a Flex token is opaque and only Twilio can check it; identities are underscore-hex encoded; webhooks are
//! signed over the public URL with the primary auth token, never with an API key's secret.

mod client;
mod conferences; // of which call a recording is
mod error;
mod recordings; // what was said
mod settings; // which account, and how we get in
mod streams; // where events go
mod task_log; // what became of a task
mod tasks; // TaskRouter's tasks, and what belongs to them
mod types;
pub mod webhook;

pub use client::{Auth, TwilioClient, Urls};
pub use conferences::RecordingSource;
pub use error::TwilioError;
pub use recordings::{Heard, RecordingSid, Sound, recording_of};
pub use settings::Settings;
pub use streams::{Sink, Subscription};
pub use task_log::TaskEvent;
pub use tasks::{ChatLine, Reservation, Task};
pub use types::{FlexIdentity, LENIENT, Worker, decode_identity};

#[cfg(test)]
mod tests;
