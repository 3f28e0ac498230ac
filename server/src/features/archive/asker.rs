//! Who asks for a run, and why somebody may not. **Invariant:** no I/O.

use wire::{ErrorCode, UserId};

/// Who asks for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker<'a> {
    /// An agent, by the button.
    Agent(UserId),
    /// The user or the rule that set this tag on the ticket.
    Tag(&'a str),
    /// The operator of the server, from the command line.
    Operator,
}

impl<'a> Asker<'a> {
    /// As the ledger names it.
    pub(super) fn actor(self) -> String {
        match self {
            Self::Agent(id) => format!("agent:{id}"),
            Self::Tag(_) => "tag".to_owned(),
            Self::Operator => "operator".to_owned(),
        }
    }

    /// As it is kept with the run.
    pub(super) fn kept(self) -> String {
        match self {
            Self::Tag(tag) => format!("tag:{tag}"),
            asker => asker.actor(),
        }
    }

    /// From how it is kept.
    pub(super) fn read(kept: &'a str) -> Option<Self> {
        match kept.split_once(':') {
            Some(("agent", id)) => id.parse().ok().map(|id| Self::Agent(UserId(id))),
            Some(("tag", tag)) => Some(Self::Tag(tag)),
            _ => (kept == "operator").then_some(Self::Operator),
        }
    }

    /// The agent who pressed the button.
    pub(super) const fn in_person(self) -> Option<u64> {
        match self {
            Self::Agent(id) => Some(id.0),
            Self::Tag(_) | Self::Operator => None,
        }
    }
}

/// Why somebody may not archive attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Agent: ask an admin.
    #[error("only admins may archive attachments in this account")]
    AdminsOnly,
    /// Agent: ask an agent who may change tickets.
    #[error("your role in Zendesk may not change tickets, so it may not archive attachments")]
    ReadOnlyRole,
    /// Nothing to do: the user is suspended, deleted or an end user.
    #[error("you are not an active agent of this Zendesk account")]
    Inactive,
    /// Admin: press the button, or see what our client may read.
    #[error("Zendesk does not say who set the tag, and only admins may archive attachments in this account")]
    UnknownSetter,
    /// Agent: ask somebody who may see the ticket.
    #[error("you may not see this ticket any more")]
    OutOfReach,
    /// Nothing to do: the tag that asked is gone.
    #[error("the tag that asked for it was removed")]
    Withdrawn,
}

impl Refusal {
    /// For programs, and for the app's translations.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::AdminsOnly => ErrorCode::ArchiveAdminsOnly,
            Self::ReadOnlyRole => ErrorCode::ArchiveReadOnlyRole,
            Self::Inactive => ErrorCode::ArchiveAskerInactive,
            Self::UnknownSetter => ErrorCode::ArchiveTagSetterUnknown,
            Self::OutOfReach => ErrorCode::TicketOutOfReach,
            Self::Withdrawn => ErrorCode::ArchiveCancelled,
        }
    }

    /// The same for readers of the ticket: why a file stays that `asker` asked for, on behalf of this user.
    pub(super) fn why(self, asker: Asker<'_>, user: Option<u64>) -> String {
        let user = user.map_or_else(|| "a user".to_owned(), |user| format!("user {user}"));
        let who = match asker {
            Asker::Tag(tag) => format!("{user} set the tag `{tag}`"),
            Asker::Agent(_) | Asker::Operator => format!("{user} asked for it"),
        };
        match self {
            Self::AdminsOnly => {
                format!("{who} and is not an admin; only admins may archive attachments here")
            }
            Self::ReadOnlyRole => format!("{who} and has a role that may not change tickets"),
            Self::Inactive => format!("{who} and is not an active agent of this account"),
            Self::UnknownSetter => {
                format!("{who}, and Zendesk does not say which; only admins may archive attachments here")
            }
            Self::OutOfReach => format!("{who} and may not see this ticket any more"),
            Self::Withdrawn => "the tag that asked for it was removed from the ticket".to_owned(),
        }
    }
}
