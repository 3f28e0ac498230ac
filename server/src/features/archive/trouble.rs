//! What can go wrong on a file's way, and what agents and the queue are told of it. **Invariant:** what an agent reads names
//! no call.

use std::time::Duration;

use wire::ErrorCode;

use super::transfer::TransferError;
use crate::{
    connectors::{Advice, objects::ObjectsError, zendesk::ZendeskError},
    features::zendesk_code,
};

/// When a file is looked at again that Zendesk's scanner has not seen.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Why a step of one item did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    /// The file did not get through.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// What was read back is not what was sent.
    #[error("the copy in the archive is not what was sent; it will be stored again")]
    Mismatch,
    /// It is still listed.
    #[error("Zendesk said that it redacted the file, and still lists it")]
    Unproven,
    /// The scanner's word comes seconds after the file, under load minutes.
    #[error("Zendesk has not yet looked for malware in it")]
    NotScanned,
    /// Closed tickets are redacted by Agent Workspace's call alone.
    #[error(
        "the ticket is closed, and only Agent Workspace redacts there: this account or our client does not have it"
    )]
    NoWorkspace(#[source] ZendeskError),
    /// Zendesk takes thirty updates of a ticket in ten minutes.
    #[error(
        "Zendesk takes 30 changes of a ticket in ten minutes; the next files are redacted in {} min",
        wait.as_secs().div_ceil(60)
    )]
    ManyRedactions {
        /// How long it takes none.
        wait: Duration,
    },
}

impl From<ZendeskError> for StepError {
    fn from(error: ZendeskError) -> Self {
        Self::Transfer(error.into())
    }
}

impl From<ObjectsError> for StepError {
    fn from(error: ObjectsError) -> Self {
        Self::Transfer(error.into())
    }
}

impl StepError {
    /// For programs, and for the app's translations.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Mismatch => ErrorCode::ArchiveMismatch,
            Self::Unproven => ErrorCode::RedactionUnproven,
            Self::NotScanned => ErrorCode::AttachmentNotScanned,
            Self::NoWorkspace(_) => ErrorCode::RedactionNeedsWorkspace,
            Self::ManyRedactions { .. } => ErrorCode::RedactionLimit,
            Self::Transfer(TransferError::Incomplete { .. }) => ErrorCode::AttachmentIncomplete,
            Self::Transfer(TransferError::Zendesk(error)) => match error {
                ZendeskError::NotFound { .. } => ErrorCode::AttachmentNotFound,
                ZendeskError::HostRefused { .. } => ErrorCode::AttachmentHostRefused,
                ZendeskError::TooLarge { .. } => ErrorCode::AttachmentTooLarge,
                error => zendesk_code(error),
            },
            Self::Transfer(TransferError::Objects(error)) => match error {
                ObjectsError::Denied { .. } | ObjectsError::Address { .. } => ErrorCode::ArchiveDenied,
                ObjectsError::Elsewhere { .. } => ErrorCode::ArchiveElsewhere,
                ObjectsError::Full { .. } => ErrorCode::ArchiveFull,
                ObjectsError::NotFound { .. } | ObjectsError::Unavailable { .. } => {
                    ErrorCode::ArchiveUnavailable
                }
            },
        }
    }

    /// What the agent reads. The error's own words name the call that failed; those are for the log.
    pub(super) fn told(&self) -> String {
        let words = match self.code() {
            ErrorCode::AttachmentNotFound => "Zendesk no longer has this file, or hides it from us",
            ErrorCode::AttachmentHostRefused => "its download leads to a host that the settings do not allow",
            ErrorCode::ZendeskUnavailable => "Zendesk is not answering",
            ErrorCode::ZendeskRateLimited => "Zendesk asks us to slow down",
            ErrorCode::ZendeskReconnect => "Zendesk refuses our credentials; an admin must connect it again",
            ErrorCode::ZendeskForbidden => {
                "Zendesk does not allow it; an admin must give our client the permission"
            }
            ErrorCode::ZendeskRejected => "Zendesk refused it",
            ErrorCode::ArchiveDenied => "the archive refuses it; an admin must look at its rights",
            ErrorCode::ArchiveElsewhere => {
                "the archive's store sends us elsewhere, where no file is sent; an admin must set archive.s3_region or \
                 archive.s3_endpoint to where the bucket is"
            }
            ErrorCode::ArchiveUnavailable if self.is_nowhere() => {
                "the archive's bucket does not exist; an admin must look at `archive.store`"
            }
            ErrorCode::ArchiveUnavailable => "the archive does not answer",
            _ => return self.to_string(),
        };
        words.to_owned()
    }

    fn is_nowhere(&self) -> bool {
        matches!(self, Self::Transfer(TransferError::Objects(ObjectsError::NotFound { .. })))
    }

    /// What the queue does about it.
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Mismatch | Self::Unproven | Self::Transfer(TransferError::Incomplete { .. }) => {
                Advice::Retry
            }
            Self::NotScanned => Advice::RetryAfter(LOOK_AGAIN),
            Self::NoWorkspace(_) => Advice::GiveUp,
            Self::ManyRedactions { wait } => Advice::RetryAfter(*wait),
            Self::Transfer(TransferError::Zendesk(error)) => error.advice(),
            Self::Transfer(TransferError::Objects(error)) => error.advice(),
        }
    }

    /// Zendesk asks us to wait: it would say the same of the next file.
    pub(super) fn stops_all(&self) -> bool {
        matches!(self, Self::Transfer(_) | Self::ManyRedactions { .. })
            && matches!(self.advice(), Advice::RetryAfter(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_reads_no_call() {
        const CALL: &str = "GET {content_url}";
        for (error, expected) in [
            (ZendeskError::NotFound { call: CALL }, "Zendesk no longer has this file, or hides it from us"),
            (ZendeskError::Idle { call: CALL }, "Zendesk is not answering"),
        ] {
            assert_eq!(StepError::from(error).told(), expected);
        }
        assert_eq!(
            StepError::Mismatch.told(),
            "the copy in the archive is not what was sent; it will be stored again"
        );
    }
}
