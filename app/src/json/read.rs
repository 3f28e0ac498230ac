//! How the types of `wire` are read from `Json`. **Invariant:** as serde reads them; a test compares the two, type by type.
//! serde's own code for the same types was 5 kB of the bundle: it is prepared for every format, and this is for one. A reader
//! goes on after a part that it cannot read, and says so in the end: leaving at each part, with what was read until then, was code
//! for each.

use super::{Json, whole};

/// A type that can be read.
pub trait Read: Sized {
    /// The value. Where the JSON holds something else: any value, and `readable` is false from now on.
    fn part(json: Json, readable: &mut bool) -> Self;

    /// The value, if that is what the JSON holds.
    fn read(json: Json) -> Option<Self> {
        let mut readable = true;
        let value = Self::part(json, &mut readable);
        readable.then_some(value)
    }
}

/// What was found, or else any value.
pub(super) fn found<T: Default>(value: Option<T>, readable: &mut bool) -> T {
    *readable &= value.is_some();
    value.unwrap_or_default()
}

impl Read for String {
    #[inline(never)]
    fn part(json: Json, readable: &mut bool) -> Self {
        found(json.text(), readable)
    }
}

impl Read for bool {
    #[inline(never)]
    fn part(json: Json, readable: &mut bool) -> Self {
        found(if let Json::Bool(value) = json { Some(value) } else { None }, readable)
    }
}

impl Read for f64 {
    fn part(json: Json, readable: &mut bool) -> Self {
        found(if let Json::Number(number) = json { Some(number) } else { None }, readable)
    }
}

impl Read for u64 {
    #[inline(never)]
    fn part(json: Json, readable: &mut bool) -> Self {
        let number = match json {
            #[cfg(any(feature = "console", test))]
            Json::Whole(number) => number.parse().ok(),
            Json::Number(number) => whole(number),
            _ => None,
        };
        found(number, readable)
    }
}

impl<T: Read> Read for Option<T> {
    fn part(json: Json, readable: &mut bool) -> Self {
        if matches!(json, Json::Null) { None } else { Some(T::part(json, readable)) }
    }
}

impl<T: Read> Read for Vec<T> {
    fn part(json: Json, readable: &mut bool) -> Self {
        let Json::List(items) = json else {
            *readable = false;
            return Self::new();
        };
        let mut all = Self::with_capacity(items.len());
        for item in items {
            let index = all.len();
            all.push(at(item, readable, || format!("[{index}]")));
        }
        all
    }
}

#[cfg(debug_assertions)]
use super::place::at;

/// What ships does not say where a reader stopped.
#[cfg(not(debug_assertions))]
#[inline(always)]
fn at<T: Read>(json: Json, readable: &mut bool, _step: impl FnOnce() -> String) -> T {
    T::part(json, readable)
}

/// A member of an object. One that is absent reads as `null`.
#[inline(never)]
pub fn member<T: Read>(json: &mut Json, name: &str, readable: &mut bool) -> T {
    at(json.take(name), readable, || [".", name].concat())
}

/// The same for a member that has a default.
#[inline(never)]
pub fn optional<T: Read + Default>(json: &mut Json, name: &str, readable: &mut bool) -> T {
    member::<Option<T>>(json, name, readable).unwrap_or_default()
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
            fn part(mut json: $crate::json::Json, readable: &mut bool) -> Self {
                *readable &= matches!(json, $crate::json::Json::Object(_));
                Self {
                    $($member: $crate::json::member(&mut json, stringify!($member), readable),)*
                    $($($optional: $crate::json::optional(&mut json, stringify!($optional), readable),)+)?
                }
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
            fn part(json: Json, readable: &mut bool) -> Self {
                // Does not compile when a variant is missing.
                const _: fn($type) = |all| match all { $(<$type>::$variant => (),)* $(<$type>::$other => (),)? };
                let all = [$(Self::$variant,)* $(Self::$other,)?];
                let found = position(json, concat!($($name, ","),*)).filter(|at| *at < all.len());
                *readable &= found.is_some();
                all[found.unwrap_or_default()]
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
            fn part(json: Json, readable: &mut bool) -> Self {
                Self(u64::part(json, readable))
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
    wire::ErrorBody { code, message, hint, field, reason, line, column, request_id; problems }
    wire::ErrorEnvelope { error }
    wire::FieldProblem { field, message }
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
    fn part(json: Json, readable: &mut bool) -> Self {
        let text = String::part(json, readable);
        Self::ALL.iter().copied().find(|code| code.as_str() == text).unwrap_or(Self::Unknown)
    }
}

#[cfg(test)]
mod tests;
