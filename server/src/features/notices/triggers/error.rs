//! Why the triggers cannot be made, in words that say what to do.

use super::Missing;
use crate::{
    connectors::{FailureKind, VendorError, zendesk::ZendeskError},
    features::notices::kind::{self, Kind},
    store::StoreError,
};

/// Why the triggers cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TriggersError {
    /// Admin: make or enable one.
    #[error(
        "no enabled integration brings the contracts; enable the one with `contract`, let it run, then connect the triggers"
    )]
    NoContract,
    /// Admin: map it.
    #[error(
        "the integration writes the contract's `{part}` into no field, which the trigger \"{trigger}\" compares: add it to the mapping and let \
         the integration run, or switch these notices off"
    )]
    Unmapped { part: &'static str, trigger: &'static str },
    /// Admin: let the integration run, wait.
    #[error(
        "Zendesk's triggers do not know `{field}`, which the trigger \"{trigger}\" compares: the integration must run first, because it \
         makes the field; a field that was made a moment ago may come to the triggers later, so try again in some minutes"
    )]
    NoField { field: String, trigger: &'static str },
    /// Admin: map it into a field of another type.
    #[error(
        "Zendesk's triggers cannot compare `{field}` by `{operator}`: map the value into a date or a number field"
    )]
    NoOperator { field: String, operator: &'static str },
    /// Admin: correct the setting, or the field.
    #[error(
        "the user field `{field}` has no option with the tag `{tag}` that triggers know: correct `notices.emergency`, or wait some minutes \
         where the option is new"
    )]
    NoOption { field: String, tag: String },
    /// Admin: leave them to that server, or, where this one has moved, overwrite them.
    #[error(
        "the triggers in Zendesk call {there}, and this server is at {ours}: if another Deskside server works with this Zendesk account, \
         leave them to it; if this server has moved, take them over with `deskside connect zendesk-contract-triggers --overwrite`"
    )]
    AnotherServer { there: String, ours: String },
    /// Admin: deactivate some.
    #[error(
        "Zendesk has {0} active triggers and allows 7000: deactivate some that nobody needs, then try again"
    )]
    Full(usize),
    /// Admin: give the client the permission.
    #[error(
        "Zendesk does not allow it: Deskside's OAuth client must belong to an admin, and `zendesk.scope` must cover \
         webhooks and triggers, as \"read write\" does"
    )]
    Forbidden(#[source] ZendeskError),
    /// Nobody; cards and integrations work without.
    #[error(
        "this Zendesk account's plan has no webhooks or no triggers; cards and integrations work without them"
    )]
    NotOnPlan(#[source] ZendeskError),
    /// Admin: see what Zendesk names.
    #[error("Zendesk refused the trigger \"{0}\"")]
    Rejected(&'static str, #[source] ZendeskError),
    /// See the connector's error.
    #[error("Zendesk could not be connected; `deskside check` names the setting to correct")]
    Zendesk(#[source] ZendeskError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TriggersError {
    pub(super) fn of(kind: Kind, missing: Missing) -> Self {
        let trigger = kind::title(kind);
        match missing {
            Missing::Unmapped(part) => Self::Unmapped { part, trigger },
            Missing::Field(field) => Self::NoField { field, trigger },
            Missing::Operator { field, operator } => Self::NoOperator { field, operator },
        }
    }
}

impl From<ZendeskError> for TriggersError {
    fn from(error: ZendeskError) -> Self {
        match error.kind() {
            FailureKind::Forbidden => Self::Forbidden(error),
            FailureKind::Plan => Self::NotOnPlan(error),
            _ => Self::Zendesk(error),
        }
    }
}
