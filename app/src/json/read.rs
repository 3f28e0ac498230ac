//! How the types of `wire` are read from `Json`. **Invariant:** as serde reads them; a test compares the two, type by type.
//! serde's own code for the same types was 5 kB of the bundle: it is prepared for every format, and this is for one.

use super::{Json, whole};

/// A type that can be read.
pub trait Read: Sized {
    /// The value, if that is what the JSON holds.
    fn read(json: Json) -> Option<Self>;
}

impl Read for String {
    fn read(json: Json) -> Option<Self> {
        json.text()
    }
}

impl Read for bool {
    fn read(json: Json) -> Option<Self> {
        if let Json::Bool(value) = json { Some(value) } else { None }
    }
}

impl Read for f64 {
    fn read(json: Json) -> Option<Self> {
        if let Json::Number(number) = json { Some(number) } else { None }
    }
}

impl Read for u64 {
    fn read(json: Json) -> Option<Self> {
        #[cfg(any(feature = "console", test))]
        if let Json::Whole(number) = json {
            return number.parse().ok();
        }
        f64::read(json).and_then(whole)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(json: Json) -> Option<Self> {
        if matches!(json, Json::Null) { Some(None) } else { T::read(json).map(Some) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: Json) -> Option<Self> {
        let Json::List(items) = json else { return None };
        #[cfg(debug_assertions)]
        return items
            .into_iter()
            .enumerate()
            .map(|(index, item)| at(T::read(item), || format!("[{index}]")))
            .collect();
        #[cfg(not(debug_assertions))]
        items.into_iter().map(T::read).collect()
    }
}

#[cfg(debug_assertions)]
use super::place::at;

/// What ships does not say where a reader stopped.
#[cfg(not(debug_assertions))]
#[inline(always)]
fn at<T>(value: Option<T>, _step: impl FnOnce() -> String) -> Option<T> {
    value
}

/// A member of an object. One that is absent reads as `null`.
#[inline(never)]
pub fn member<T: Read>(json: &mut Json, name: &str) -> Option<T> {
    at(T::read(json.take(name)), || [".", name].concat())
}

/// The same for a member that has a default.
#[inline(never)]
pub fn optional<T: Read + Default>(json: &mut Json, name: &str) -> Option<T> {
    member::<Option<T>>(json, name).map(Option::unwrap_or_default)
}

/// Which of the names it is; how many there are, where it is none of them.
#[inline(never)]
fn position(json: Json, names: &str) -> Option<usize> {
    let text = json.text()?;
    Some(names.split_terminator(',').take_while(|name| *name != text).count())
}

/// Reads structs: their members, and after a semicolon those that have a default. An `Option` needs none.
macro_rules! objects {
    ($($type:path { $($member:ident),* $(; $($optional:ident),+)? })*) => {
        $(impl $crate::json::Read for $type {
            #[inline(never)]
            fn read(mut json: $crate::json::Json) -> Option<Self> {
                if !matches!(json, $crate::json::Json::Object(_)) {
                    return None;
                }
                Some(Self {
                    $($member: $crate::json::member(&mut json, stringify!($member))?,)*
                    $($($optional: $crate::json::optional(&mut json, stringify!($optional))?,)+)?
                })
            }
        })*
    };
}

#[cfg(any(feature = "console", test))]
pub(crate) use objects;

/// Reads enums that carry nothing: variants by their names, and what stands for a name that is not known.
macro_rules! enums {
    ($($type:path { $($variant:ident = $name:literal),* $(; $other:ident)? })*) => {
        $(impl Read for $type {
            #[inline(never)]
            fn read(json: Json) -> Option<Self> {
                // Does not compile when a variant is missing.
                const _: fn($type) = |all| match all { $(<$type>::$variant => (),)* $(<$type>::$other => (),)? };
                let all = [$(Self::$variant,)* $(Self::$other,)?];
                all.get(position(json, concat!($($name, ","),*))?).copied()
            }
        }

        #[cfg(test)]
        impl tests::Named for $type {
            const NAMES: &[(Self, &str)] = &[$((Self::$variant, $name)),*];
        })*
    };
}

macro_rules! ids {
    ($($type:path)*) => {
        $(impl Read for $type {
            fn read(json: Json) -> Option<Self> {
                u64::read(json).map(Self)
            }
        })*
    };
}

objects! {
    wire::ArchiveItem {
        attachment_id, comment_id, file_name, size, content_type, state, reason, reason_code, prevented, goes_from, sender,
        sent_at; done
    }
    wire::ArchiveView { run, items, may_start, may_open; listing, unreadable, undo_seconds }
    wire::CallFacts { status, direction, queue, from, to, created_ms, accepted_ms, ended_ms }
    wire::Card { ticket, customer, contract, badges, open_tickets, stale_because }
    wire::Choice { ticket, customer }
    wire::Contract {
        state, company, account_type, subscription_status, mrr, mrr_exact, currency, start, renewal, owner, as_of, source,
        last_run; differences, choices
    }
    wire::Customer { id, name, email, phone; state }
    wire::Difference { part, value }
    wire::EngagementView { ticket_id, log, notes; outcomes }
    wire::ErrorBody { code, message, hint, field, reason, line, column, request_id }
    wire::ErrorEnvelope { error }
    wire::FileLink { url, expires_at }
    wire::ItemReason { code, message }
    wire::LastComment { comment }
    wire::LedgerDay { day, files, bytes }
    wire::LedgerVolume { days }
    wire::LogLine { stage, state, ticket_id, reason }
    wire::PopNotice { task_sid, notice, ticket_id, user_id }
    wire::PopResult {
        outcome, ticket, customer, contract, problem, show; badges, open_tickets, choices, created, must_choose, may_create
    }
    wire::Problem { code, message, hint }
    wire::ProofChallenge { challenge }
    wire::ProofNotice { challenge, code }
    wire::PublicComment { text, author, at; by_customer }
    wire::RunRef { id }
    wire::RunView { id, state, undo_until, problem, noted; can_undo }
    wire::SessionDocument { token, expires_at, locale, role; proved }
    wire::StartedRun { run }
    wire::TicketSummary { id, subject, status, requester_id, priority }
    wire::WrapUp {; text, outcome }
}

ids! { wire::AttachmentId wire::CommentId wire::TicketId wire::UserId }

enums! {
    wire::BadgeName {
        NewCustomer = "new_customer", RenewalNear = "renewal_near", HighMrr = "high_mrr", Vip = "vip"; Unknown
    }
    wire::ContractPart {
        Company = "company", AccountType = "account_type", SubscriptionStatus = "subscription_status", Mrr = "mrr",
        Start = "start", Renewal = "renewal", Owner = "owner"; Unknown
    }
    wire::ContractState { Known = "known", None = "none", Ambiguous = "ambiguous", Stale = "stale" }
    wire::CustomerState { Active = "active", Suspended = "suspended", Deleted = "deleted" }
    wire::ItemState {
        InZendesk = "in_zendesk", Planned = "planned", Stored = "stored", Verified = "verified", Redacted = "redacted",
        Skipped = "skipped", Held = "held", Failed = "failed"; Unknown
    }
    wire::Listing { Fresh = "fresh", Last = "last", Missing = "missing"; Unknown }
    wire::LogStage { Start = "start", Switch = "switch", Complete = "complete", Missed = "missed" }
    wire::LogState {
        Off = "off", Ahead = "ahead", Waiting = "waiting", Written = "written", GivenUp = "given_up"; Unknown
    }
    wire::PopOutcome { Ticket = "ticket", User = "user", Choose = "choose", Nothing = "nothing"; Unknown }
    wire::Role { Agent = "agent", Admin = "admin" }
    wire::RunState {
        Queued = "queued", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled"; Unknown
    }
    wire::Sender { Customer = "customer", Agent = "agent"; Unknown }
    wire::TicketStatus {
        New = "new", Open = "open", Pending = "pending", Hold = "hold", Solved = "solved", Closed = "closed",
        Deleted = "deleted"; Unknown
    }
}

impl Read for wire::ErrorCode {
    #[inline(never)]
    fn read(json: Json) -> Option<Self> {
        let text = json.text()?;
        Some(Self::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Self::Unknown))
    }
}

#[cfg(test)]
mod tests;
