//! What an object store can do to us, by what somebody can do about it.

use std::{error::Error, io::ErrorKind};

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
            _ => match io_kind(&source) {
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
            Self::Address { .. } | Self::Denied { .. } | Self::NotFound { .. } => Advice::GiveUp,
        }
    }
}

/// The operating system's own word, however deep it is wrapped.
fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
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
