//! Zendesk's identifiers. 64 bits wide, larger than 2^32 in practice and never above 2^53.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(#[cfg_attr(feature = "typescript", ts(type = "number"))] pub u64);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A ticket.
    TicketId
}
id! {
    /// A Zendesk user: an agent, an admin or an end user.
    UserId
}
id! {
    /// A comment of a ticket.
    CommentId
}
id! {
    /// An attachment of a comment.
    AttachmentId
}
