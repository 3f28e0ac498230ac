//! Zendesk Support API, v2. Docs: <https://developer.zendesk.com/api-reference/>.
//! Auth: OAuth bearer by client credentials (API tokens end on 2027-04-30). Limits: a budget per minute and account,
//! 30 updates per ticket in 10 minutes, `429` with `Retry-After`.
//! Paging: cursor (`page[after]`) only, stop on `has_more`; offset paging stops at 10 000 rows.
//! Traps: `/users/me` answers 200 to nobody; redaction answers 200 with the file unchanged; a note without
//! `public: false` is mailed to the customer.

mod audits; // who changed what on a ticket
mod bulk; // writes to many records at once
mod calls; // how every call is made
mod client; // which calls there are
mod comments; // what was said last
mod definitions; // what triggers can compare
mod deliveries; // how often it called us
mod download; // files
mod engagements; // tickets and users that we make
mod error; // what Zendesk can do to us
mod exports; // users, organizations and tickets that changed
mod fields; // custom fields
mod hooks; // how it is told to call us
mod jobs; // its background jobs
mod notices; // what is written when somebody is told
mod oauth; // consent and tokens
mod organizations; // those that are made
mod records; // users and organizations as a sync reads them
mod redaction; // what cannot be undone
mod roles; // what an agent's custom role allows
mod settings; // which account, and how we get in
mod stored_values; // what it makes of a custom field's value
mod tags; // what it makes of a tag
mod ticket_rows; // tickets as they are counted
mod ticket_tags; // those of one ticket, and whether these are all
mod types; // what we read
pub mod webhook; // where it calls us

pub use audits::{Audit, AuditEvent, Via};
pub use bulk::{RecordUpdate, RowOutcome, StartedJob};
pub use client::{OpenTickets, ZendeskBudget, ZendeskClient};
pub use comments::{Comments, PublicComment, Unreadable};
pub use definitions::{Definitions, Subject};
pub use download::Download;
pub use engagements::{Display, NewTicket, NewUser, Owner, Requester};
pub use error::{ZENDESK, ZendeskError};
pub use exports::{ExportFrom, ExportPage};
pub use fields::{CustomField, FieldKind, FieldOption, NewField};
pub use hooks::{Action, Condition, Conditions, Trigger, TriggerSpec, Webhook, WebhookSpec};
pub use jobs::{JobRow, JobState, JobStatus};
pub use oauth::{consent_page, token_endpoint};
pub use organizations::{Made, NewOrganization};
pub use records::{Identity, OrganizationRow, Records, UserRow};
pub use roles::{NamedRole, RoleConfiguration};
pub use settings::Settings;
pub use stored_values::{NotStorable, stored_value};
pub use tags::{is_tag_letter, optional_tag, stored_tag, tag, tags};
pub use ticket_rows::TicketRow;
pub use ticket_tags::Tags;
pub use types::{
    AccessToken, Attachment, AttachmentId, Comment, CommentId, FoundTicket, Group, MalwareScan, Priority,
    Role, Ticket, TicketId, TicketOwner, TicketRestriction, TicketStatus, User, UserId,
};

#[cfg(test)]
mod tests;
