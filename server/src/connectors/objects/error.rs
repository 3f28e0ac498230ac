//! What an object store can do to us, by what somebody can do about it.

use std::{error::Error, io::ErrorKind};

use super::staying::Elsewhere;
use crate::connectors::Advice;

/// What went wrong, in which call.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// Operator: the address in `archive.store` cannot be used.
    #[error("archive.store `{address}` cannot be used: {why}")]
    Address {
        /// As configured.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// Operator: the policy, the credentials or the folder's rights.
    #[error("the archive refuses `{call}`")]
    Denied {
        /// Which call.
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the region or the endpoint; or somebody in between wants our files.
    #[error(
        "the archive sends `{call}` elsewhere, which is not followed; set archive.s3_region, or archive.s3_endpoint, to where the bucket is"
    )]
    Elsewhere {
        /// Which call.
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the disk or the quota.
    #[error("the archive is full")]
    Full {
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// The bucket or the object is not there.
    #[error("the archive has no such bucket or object (`{call}`)")]
    NotFound {
        /// Which call.
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Wait: it does not answer.
    #[error("the archive does not answer `{call}`")]
    Unavailable {
        /// Which call.
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
}

impl ObjectsError {
    pub(super) fn of(call: &'static str, source: object_store::Error) -> Self {
        match &source {
            object_store::Error::NotFound { .. } => Self::NotFound { call, source },
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Self::Denied { call, source }
            }
            _ if found::<Elsewhere>(&source).is_some() => Self::Elsewhere { call, source },
            _ => match found::<std::io::Error>(&source).map(std::io::Error::kind) {
                Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
                    Self::Full { source }
                }
                Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                    Self::Denied { call, source }
                }
                _ => Self::Unavailable { call, source },
            },
        }
    }

    /// Whether to try again.
    pub const fn advice(&self) -> Advice {
        match self {
            // A person frees the disk or mends the policy while the job waits.
            Self::Unavailable { .. } | Self::Full { .. } => Advice::Retry,
            Self::Address { .. } | Self::Denied { .. } | Self::Elsewhere { .. } | Self::NotFound { .. } => {
                Advice::GiveUp
            }
        }
    }
}

/// A cause of this kind (the operating system's own word, say), however deep it is wrapped.
fn found<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_systems_word_decides() {
        for (kind, expected) in [
            (ErrorKind::StorageFull, "the archive is full"),
            (ErrorKind::QuotaExceeded, "the archive is full"),
            (ErrorKind::PermissionDenied, "the archive refuses `put`"),
            (ErrorKind::ReadOnlyFilesystem, "the archive refuses `put`"),
            (ErrorKind::ConnectionReset, "the archive does not answer `put`"),
        ] {
            let source = Box::new(std::io::Error::from(kind));
            let error = ObjectsError::of("put", object_store::Error::Generic { store: "test", source });
            assert_eq!(error.to_string(), expected, "{kind:?}");
        }
    }
}
