//! What Deskside does. One folder a feature, named as an agent or admin would name it, its rules and jobs side by side.

pub mod accounts;
pub mod archive;
pub mod connections;
pub mod contracts;
pub mod dials;
pub mod engagements;
pub mod files;
pub mod hooks;
pub mod integrations;
pub mod ledger;
pub mod limits;
pub mod machine_keys;
pub mod notices;
pub mod pops;
pub mod recordings;
pub mod sessions;
pub mod settings;
pub mod stored_names;
pub mod tasks;
pub mod templates;

use std::error::Error;

use wire::ErrorCode;

use crate::{
    connectors::{Advice, VendorError, objects::ObjectsError},
    queue::JobError,
};

/// What the archive store's fault is called on the wire.
pub fn objects_code(error: &ObjectsError) -> ErrorCode {
    match error {
        ObjectsError::Denied { .. } | ObjectsError::Address { .. } => ErrorCode::ArchiveDenied,
        ObjectsError::Credentials { .. } => ErrorCode::ArchiveCredentials,
        ObjectsError::Key { .. } => ErrorCode::ArchiveKey,
        ObjectsError::Bucket { .. } => ErrorCode::ArchiveBucket,
        ObjectsError::Clock { .. } => ErrorCode::ArchiveClock,
        ObjectsError::Elsewhere { .. } => ErrorCode::ArchiveElsewhere,
        ObjectsError::Full { .. } => ErrorCode::ArchiveFull,
        ObjectsError::NotFound { .. } | ObjectsError::Unavailable { .. } => ErrorCode::ArchiveUnavailable,
    }
}

/// Text as HTML, for notes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Marks that turn the reading direction would let a name lie about its end.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}

/// In a job a plain `?` carries the vendor's advice to the queue.
impl<E: VendorError> From<E> for JobError {
    fn from(error: E) -> Self {
        obeyed(error.advice(), error)
    }
}

impl From<contracts::CardError> for JobError {
    fn from(error: contracts::CardError) -> Self {
        match &error {
            contracts::CardError::Zendesk(_, fault) => obeyed(fault.advice(), error),
            _ => Self::retry(error),
        }
    }
}

impl From<sessions::AgentError> for JobError {
    fn from(error: sessions::AgentError) -> Self {
        match &error {
            sessions::AgentError::Zendesk(_, fault) => obeyed(fault.advice(), error),
            sessions::AgentError::NotAllowed(_) => Self::give_up(error),
        }
    }
}

/// What the queue hears of an error that has an advice.
pub(crate) fn obeyed(advice: Advice, cause: impl Into<Box<dyn Error + Send + Sync>>) -> JobError {
    match advice {
        Advice::Retry => JobError::retry(cause),
        Advice::RetryAfter(after) => JobError::retry_after(after, cause),
        Advice::GiveUp => JobError::give_up(cause),
    }
}

/// Goes on in a task of its own: whoever asked may go away, and what was begun would be left half done.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        Err(_) => std::future::pending().await, // the server stops
    }
}
