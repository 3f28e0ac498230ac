//! What the account remembers, and the JSON in which Zendesk shows it.

mod attachment;
mod properties;
mod ticket;
mod user;
mod users;

pub(crate) use attachment::{Attachment, Scan};
pub(crate) use properties::Properties;
pub(crate) use ticket::{Comment, HTML_BEGIN, HTML_END, Status, Ticket, via};
pub(crate) use user::{Identity, Role, User};
pub(crate) use users::Users;
