//! What an object store can do to us, by what somebody can do about it.

use std::{error::Error, io::ErrorKind};

use super::refusal::Refusal;
use super::staying::{Elsewhere, NoRole};
use crate::connectors::Advice;

/// What went wrong, in which call.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// Operator: the address in `archive.store` cannot be used.
    #[error("archive.store `{address}` cannot be used: {why}")]
    Address {
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// Operator: the bucket's policy, or the folder's rights.
    #[error("the archive denies `{call}`{}", code.as_ref().map_or(String::new(), |code| format!(" ({code})")))]
    Denied {
        call: &'static str,
        /// The store's own name for it, like `AccessDenied`.
        code: Option<Box<str>>,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the key id and its secret, or the machine's role.
    #[error(
        "the archive does not accept our credentials for `{call}`, or there are none; correct archive.s3_access_key_id and \
         archive.s3_secret_access_key, or the role of this machine"
    )]
    Credentials {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the key in KMS.
    #[error(
        "the archive cannot use its encryption key for `{call}`; see in KMS that the key of archive.s3_kms_key_id, or the \
         bucket's own, is enabled and may be used by us"
    )]
    Key {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the bucket in `archive.store`.
    #[error("the archive's bucket does not exist (`{call}`); correct archive.store, or make the bucket")]
    Bucket {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: this machine's clock.
    #[error("the archive refuses `{call}` because this server's clock is wrong; set the clock")]
    Clock {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Operator: the region or the endpoint; or somebody in between wants our files.
    #[error("{}", elsewhere(call, region.as_deref()))]
    Elsewhere {
        call: &'static str,
        /// Where the bucket is, if the store says it.
        region: Option<Box<str>>,
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
    /// The object is not there.
    #[error("the object is not in the archive (`{call}`)")]
    NotFound {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
    /// Wait: it does not answer.
    #[error("the archive does not answer `{call}`")]
    Unavailable {
        call: &'static str,
        /// The library's own error.
        #[source]
        source: object_store::Error,
    },
}

impl ObjectsError {
    pub(super) fn of(call: &'static str, source: object_store::Error) -> Self {
        if let Some(Elsewhere { region, .. }) = found(&source) {
            return Self::Elsewhere { call, region: region.as_deref().map(Into::into), source };
        }
        if found::<NoRole>(&source).is_some() {
            return Self::Credentials { call, source };
        }
        if let Some(refusal) = Refusal::read(&source.to_string()) {
            return match refusal {
                Refusal::Region(region) => Self::Elsewhere { call, region: region.map(Into::into), source },
                Refusal::Key => Self::Key { call, source },
                Refusal::Credentials => Self::Credentials { call, source },
                Refusal::Bucket => Self::Bucket { call, source },
                Refusal::Clock => Self::Clock { call, source },
                Refusal::Full => Self::Full { source },
                Refusal::Passes => Self::Unavailable { call, source },
                Refusal::Denied(code) => Self::Denied { call, code: code.map(Into::into), source },
            };
        }
        match &source {
            object_store::Error::NotFound { .. } => Self::NotFound { call, source },
            object_store::Error::PermissionDenied { .. } => Self::Denied { call, code: None, source },
            object_store::Error::Unauthenticated { .. } => Self::Credentials { call, source },
            _ => match found::<std::io::Error>(&source).map(std::io::Error::kind) {
                Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge) => {
                    Self::Full { source }
                }
                Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                    Self::Denied { call, code: None, source }
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
            Self::Address { .. }
            | Self::Denied { .. }
            | Self::Credentials { .. }
            | Self::Key { .. }
            | Self::Bucket { .. }
            | Self::Clock { .. }
            | Self::Elsewhere { .. }
            | Self::NotFound { .. } => Advice::GiveUp,
        }
    }

    /// The store answers, and does not do it.
    pub fn is_refusal(&self) -> bool {
        self.advice() == Advice::GiveUp && !matches!(self, Self::NotFound { .. })
    }
}

fn elsewhere(call: &str, region: Option<&str>) -> String {
    match region {
        Some(region) => format!(
            "the archive's bucket is in the region `{region}`, so it refuses `{call}`; set archive.s3_region to `{region}`"
        ),
        None => format!(
            "the archive sends `{call}` elsewhere, which is not followed; set archive.s3_region, or archive.s3_endpoint, \
             to where the bucket is"
        ),
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
            (ErrorKind::PermissionDenied, "the archive denies `put`"),
            (ErrorKind::ReadOnlyFilesystem, "the archive denies `put`"),
            (ErrorKind::ConnectionReset, "the archive does not answer `put`"),
        ] {
            let source = Box::new(std::io::Error::from(kind));
            let error = ObjectsError::of("put", object_store::Error::Generic { store: "test", source });
            assert_eq!(error.to_string(), expected, "{kind:?}");
        }
    }
}
