//! What can go wrong on a file's way, and what agents and the queue are told of it. **Invariant:** what an agent reads names
//! no call.

use std::time::Duration;

use wire::ErrorCode;

use super::transfer::TransferError;
use crate::{
    connectors::{Advice, FailureKind, VendorError, objects::ObjectsError, zendesk::ZendeskError},
    features::objects_code,
};

/// When a file is looked at again that Zendesk's scanner has not seen.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Why a step of one item did not work.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    /// The file did not get through.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// There is no whole copy, or none any more.
    #[error("the copy in the archive is missing or is not what was sent; it will be stored again")]
    Mismatch,
    /// The scanner's word came after the copy.
    #[error("Zendesk found malware in it after it was copied; it will be copied again, into quarantine")]
    NotInQuarantine,
    /// Nothing is redacted on facts that are too old.
    #[error("Zendesk or the archive is too slow to check the file right before redaction")]
    TooSlow,
    /// Nothing is redacted on a ticket that cannot be read.
    #[error("the ticket could not be read again right before redaction")]
    Unread(#[source] ZendeskError),
    /// It is still listed.
    #[error("Zendesk confirmed the redaction but still lists the file")]
    Unproven,
    /// An earlier or later answer may list it in full. Nothing that cannot be read is taken for gone.
    #[error("Zendesk's entry for this file cannot be read; the file is not archived")]
    Unreadable,
    /// The scanner's word comes seconds after the file, under load minutes.
    #[error("waiting for Zendesk's malware scan")]
    NotScanned,
    /// Closed tickets are redacted by Agent Workspace's call alone.
    #[error(
        "the ticket is closed, and only Agent Workspace redacts there: this account or our client does not have it"
    )]
    NoWorkspace(#[source] ZendeskError),
    /// On a closed ticket an image of the text is redacted by its place there.
    #[error(
        "the ticket is closed, and the image is not found in its comment's text, where Zendesk would redact it"
    )]
    ImageNotFound,
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
            Self::NotInQuarantine => ErrorCode::AttachmentMalware,
            Self::TooSlow => ErrorCode::ZendeskUnavailable,
            Self::Unread(error) if error.is(FailureKind::NotFound) => ErrorCode::TicketNotFound,
            Self::Unread(error) => error.code(),
            Self::Unproven => ErrorCode::RedactionUnproven,
            Self::Unreadable => ErrorCode::AttachmentUnreadable,
            Self::NotScanned => ErrorCode::AttachmentNotScanned,
            Self::NoWorkspace(_) => ErrorCode::RedactionNeedsWorkspace,
            Self::ImageNotFound => ErrorCode::RedactionImageNotFound,
            Self::ManyRedactions { .. } => ErrorCode::RedactionLimit,
            Self::Transfer(TransferError::Incomplete { .. }) => ErrorCode::AttachmentIncomplete,
            Self::Transfer(TransferError::Zendesk(error)) => match error.kind() {
                FailureKind::NotFound => ErrorCode::AttachmentNotFound,
                FailureKind::Blocked => ErrorCode::AttachmentHostRefused,
                FailureKind::TooLarge => ErrorCode::AttachmentTooLarge,
                _ => error.code(),
            },
            Self::Transfer(TransferError::Objects(error)) => objects_code(error),
        }
    }

    /// What the agent reads. The error's own words name the call that failed; those are for the log.
    pub(super) fn told(&self) -> String {
        let words = match self.code() {
            ErrorCode::ZendeskRejected if self.is_row_too_large() => {
                "an entry in Zendesk's list of this ticket is larger than Deskside reads"
            }
            ErrorCode::ZendeskRejected if self.is_unreadable() => {
                "Zendesk's answer cannot be read; an admin must look whether there is a newer Deskside"
            }
            ErrorCode::AttachmentNotFound => "Zendesk no longer has this file, or hides it from us",
            ErrorCode::AttachmentHostRefused => "its download leads to a host that the settings do not allow",
            ErrorCode::ZendeskUnavailable => "Zendesk is not answering",
            ErrorCode::ZendeskRateLimited => "Zendesk limits the rate",
            ErrorCode::ZendeskReconnect => "Zendesk refuses our credentials; an admin must connect it again",
            ErrorCode::ZendeskScope => {
                "Zendesk does not know the scope that we ask for; an admin must correct zendesk.scope"
            }
            ErrorCode::ZendeskClientKind => {
                "our OAuth client in Zendesk may not use client credentials; an admin must look at its kind and its user"
            }
            ErrorCode::ZendeskForbidden => {
                "Zendesk does not allow it; an admin must give our client the permission"
            }
            ErrorCode::ZendeskRejected => "Zendesk refused it",
            ErrorCode::ArchiveDenied => "the archive refuses it; an admin must look at its rights",
            ErrorCode::ArchiveElsewhere => {
                return match self.region() {
                    Some(region) => format!(
                        "the archive's bucket is in the region {region}; an admin must set archive.s3_region to it"
                    ),
                    None => {
                        "the archive's store sends us elsewhere, where no file is sent; an admin must set \
                             archive.s3_region or archive.s3_endpoint to where the bucket is"
                            .to_owned()
                    }
                };
            }
            ErrorCode::ArchiveCredentials => {
                "the archive does not accept our credentials; an admin must look at archive.s3_access_key_id and \
                 archive.s3_secret_access_key, or at the role of this server"
            }
            ErrorCode::ArchiveKey => {
                "the archive's encryption key cannot be used; an admin must look at archive.s3_kms_key_id, or at the bucket's \
                 own key"
            }
            ErrorCode::ArchiveBucket => {
                "the archive's bucket does not exist; an admin must look at `archive.store`"
            }
            ErrorCode::ArchiveClock => {
                "this server's clock is wrong, so the archive refuses it; an admin must set it"
            }
            ErrorCode::ArchiveUnavailable => "the archive does not answer",
            _ => return self.to_string(),
        };
        words.to_owned()
    }

    fn is_row_too_large(&self) -> bool {
        matches!(self, Self::Transfer(TransferError::Zendesk(ZendeskError::RowTooLarge { .. })))
    }

    fn is_unreadable(&self) -> bool {
        matches!(self, Self::Transfer(TransferError::Zendesk(error)) if error.is(FailureKind::Unreadable))
    }

    fn region(&self) -> Option<&str> {
        match self {
            Self::Transfer(TransferError::Objects(ObjectsError::Elsewhere { region, .. })) => {
                region.as_deref()
            }
            _ => None,
        }
    }

    /// What the queue does about it.
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Mismatch
            | Self::NotInQuarantine
            | Self::TooSlow
            | Self::Unproven
            | Self::Unreadable
            | Self::Transfer(TransferError::Incomplete { .. }) => Advice::Retry,
            // The next attempt finds that the ticket is gone, and says so.
            Self::Unread(error) if error.is(FailureKind::NotFound) => Advice::Retry,
            Self::Unread(error) | Self::Transfer(TransferError::Zendesk(error)) => error.advice(),
            Self::NotScanned => Advice::RetryAfter(LOOK_AGAIN),
            Self::NoWorkspace(_) | Self::ImageNotFound => Advice::GiveUp,
            Self::ManyRedactions { wait } => Advice::RetryAfter(*wait),
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
            (
                ZendeskError::new(CALL, FailureKind::NotFound),
                "Zendesk no longer has this file, or hides it from us",
            ),
            (ZendeskError::new(CALL, FailureKind::Unavailable), "Zendesk is not answering"),
        ] {
            assert_eq!(StepError::from(error).told(), expected);
        }
        assert_eq!(
            StepError::Mismatch.told(),
            "the copy in the archive is missing or is not what was sent; it will be stored again"
        );
    }
}
