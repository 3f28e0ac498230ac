//! Why a call to a vendor failed: one type for all vendors, one kind for each remedy. What only one vendor does is a variant
//! of that vendor's own error, beside `Call(CallFailure)`. **Invariant:** no ids, no addresses and no bodies.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use wire::ErrorCode;

use super::{Advice, Answer, CallError, Refusal, retry_after};

/// Where a `429` says nothing.
const DEFAULT_WAIT: Duration = Duration::from_mins(1);

/// A vendor, as errors speak of it.
#[derive(Debug)]
pub struct Vendor {
    /// For codes and settings: `zendesk`.
    pub id: &'static str,
    /// For sentences: `Zendesk`.
    pub name: &'static str,
    /// What it rejects where it does not know us.
    pub credentials: &'static str,
    /// What to do where the OAuth client may not use its grant.
    pub oauth_client: &'static str,
    /// What to do where it denies a call.
    pub forbidden: &'static str,
    /// What else "not found" can mean; follows the sentence.
    pub not_found: &'static str,
    /// Settings to correct where it denies credentials, a permission or an address, and all else.
    pub settings: VendorSettings,
    /// The error's code, where somebody waits for the vendor's answer.
    pub code: fn(FailureKind) -> ErrorCode,
}

/// The settings of a vendor's section, by what they mend.
#[derive(Debug)]
pub struct VendorSettings {
    /// Who we are.
    pub credentials: &'static str,
    /// What we ask to be allowed.
    pub permission: &'static str,
    /// Which hosts may be called.
    pub allowed_hosts: &'static str,
    /// Where it is.
    pub address: &'static str,
}

/// What kind of failure it is, by what somebody can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Nobody: it goes on by itself.
    RateLimited,
    /// Wait: the vendor is not reached, went silent, cut its answer off, or answers with a fault of its own.
    Unavailable,
    /// Read again, then try again: somebody changed it at the same moment.
    Conflict,
    /// Operator: the credentials in the settings are wrong.
    Credentials,
    /// Operator: the access token is refused, also a new one. The vendor's user may be suspended or demoted.
    Token,
    /// Admin: the refresh token is refused; connect again.
    Grant,
    /// Operator: the vendor does not know the scope, or does not give it.
    Scope,
    /// Operator: the OAuth client may not use this grant.
    OauthClient,
    /// Admin: the account's plan lacks this.
    Plan,
    /// Admin: a scope or a role is too narrow.
    Forbidden,
    /// Nothing to do: it is gone, or hidden from us.
    NotFound,
    /// Admin: what we sent breaks a rule of the account.
    Rejected,
    /// Support: the vendor changed its format.
    Unreadable,
    /// More than we take, or more than the vendor takes.
    TooLarge,
    /// Operator: the address is not one that we may call.
    Blocked,
}

/// A call to a vendor failed. Each part beside the kind makes the sentence more exact.
#[derive(Debug, Clone)]
pub struct CallFailure {
    pub vendor: &'static Vendor,
    /// The call's template, like `GET /api/v2/tickets/{id}`.
    pub call: &'static str,
    /// What can be done about it.
    pub kind: FailureKind,
    /// The answer's status, where it says more than the kind.
    pub status: Option<u16>,
    /// When the vendor says that it will be back.
    pub retry_after: Option<Duration>,
    /// Names of fields and error codes, or a limit; never values.
    detail: Option<Box<str>>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What every vendor's error can say of itself. The queue, the HTTP layer and `deskside check` need no more.
pub trait VendorError: Error + Send + Sync + 'static {
    /// Whose it is, what can be done about it (for what only this vendor does, the nearest), and when it will be back.
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<Duration>);

    /// What can be done about it.
    fn kind(&self) -> FailureKind {
        self.remedy().1
    }

    /// Whether it is of this kind.
    fn is(&self, kind: FailureKind) -> bool {
        self.kind() == kind
    }

    /// What a job does about it.
    fn advice(&self) -> Advice {
        let (_, kind, after) = self.remedy();
        match (kind, after) {
            (FailureKind::RateLimited, after) => Advice::RetryAfter(after.unwrap_or(DEFAULT_WAIT)),
            (FailureKind::Unavailable, Some(after)) => Advice::RetryAfter(after),
            (FailureKind::Unavailable | FailureKind::Conflict, _) => Advice::Retry,
            _ => Advice::GiveUp,
        }
    }

    /// The account does not have it, its plan does not, or it is not for us to see.
    fn is_denied_or_absent(&self) -> bool {
        matches!(self.kind(), FailureKind::NotFound | FailureKind::Forbidden | FailureKind::Plan)
    }

    /// Whether the vendor is not there for now, as opposed to refusing us.
    fn is_outage(&self) -> bool {
        self.advice() != Advice::GiveUp
    }

    /// The error's code, where somebody waits for the vendor's answer.
    fn code(&self) -> ErrorCode {
        let (vendor, kind, _) = self.remedy();
        (vendor.code)(kind)
    }
}

impl VendorError for CallFailure {
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<Duration>) {
        (self.vendor, self.kind, self.retry_after)
    }
}

impl<E: VendorError> VendorError for Arc<E> {
    fn remedy(&self) -> (&'static Vendor, FailureKind, Option<Duration>) {
        (**self).remedy()
    }
}

impl CallFailure {
    /// A failure of this kind, and no more is known.
    pub const fn new(vendor: &'static Vendor, call: &'static str, kind: FailureKind) -> Self {
        Self { vendor, call, kind, status: None, retry_after: None, detail: None, source: None }
    }

    /// Larger than what is taken.
    pub fn too_large(vendor: &'static Vendor, call: &'static str, what: &str) -> Self {
        let sentence = format!("`{call}` is too large: {what}");
        Self::saying(vendor, call, FailureKind::TooLarge, sentence)
    }

    /// More than is done in the time that there is.
    pub fn too_slow(vendor: &'static Vendor, call: &'static str, what: &str) -> Self {
        let sentence = format!("`{call}` took too long: {what}");
        Self::saying(vendor, call, FailureKind::TooLarge, sentence)
    }

    /// The address is not one that we may call.
    pub fn blocked(vendor: &'static Vendor, call: &'static str, why: Refusal) -> Self {
        Self::new(vendor, call, FailureKind::Blocked).caused(Arc::new(why))
    }

    /// There was no answer.
    pub fn of_call(vendor: &'static Vendor, call: &'static str, error: CallError) -> Self {
        match error {
            CallError::Budget(after) => {
                Self { retry_after: Some(after), ..Self::new(vendor, call, FailureKind::RateLimited) }
            }
            // The name server may answer in a minute; a wrong name is seen by whoever tests it.
            CallError::Refused(why @ Refusal::Unresolved(_)) => {
                Self::new(vendor, call, FailureKind::Unavailable).caused(Arc::new(why))
            }
            CallError::Refused(why) => Self::blocked(vendor, call, why),
            CallError::Transport(why) => Self::new(vendor, call, FailureKind::Unavailable).caused(why),
            CallError::TooLarge(limit) => {
                Self::too_large(vendor, call, &format!("the answer has more than {limit} bytes"))
            }
        }
    }

    /// The answer is not what we expect. JSON that ends too early was cut off on its way: that is the network's trouble, and
    /// passes. The reader's error can quote what it read, so only what was expected, and where, is told.
    pub fn undecodable(vendor: &'static Vendor, call: &'static str, error: serde_json::Error) -> Self {
        if error.is_eof() {
            return Self::new(vendor, call, FailureKind::Unavailable);
        }
        Self::new(vendor, call, FailureKind::Unreadable).caused(Arc::new(unquoted(error)))
    }

    /// Whether the vendor may have done what it was asked: it was reached, and what it answered is not known.
    pub fn may_have_been_done(&self) -> bool {
        let was_not_sent = |source: &(dyn Error + Send + Sync + 'static)| {
            source.is::<Refusal>() || source.downcast_ref().is_some_and(reqwest::Error::is_connect)
        };
        match self.kind {
            FailureKind::Unavailable => !self.source.as_deref().is_some_and(was_not_sent),
            FailureKind::Unreadable => self.status.is_none(),
            FailureKind::TooLarge => true,
            _ => false,
        }
    }

    /// The answer says no, by its status alone.
    pub fn of_answer(
        vendor: &'static Vendor,
        call: &'static str,
        answer: &Answer,
        now: DateTime<Utc>,
    ) -> Self {
        let wait = retry_after(&answer.headers, now);
        let status = answer.status.as_u16();
        let new = |kind| Self::new(vendor, call, kind);
        match status {
            401 => new(FailureKind::Credentials),
            403 => new(FailureKind::Forbidden),
            404 => new(FailureKind::NotFound),
            409 | 412 => new(FailureKind::Conflict),
            413 => Self::too_large(
                vendor,
                call,
                &format!("{} does not take a request of this size", vendor.name),
            ),
            429 => Self { retry_after: Some(wait.unwrap_or(DEFAULT_WAIT)), ..new(FailureKind::RateLimited) },
            _ => {
                Self { retry_after: wait.filter(|_| status >= 500), ..Self::of_status(vendor, call, status) }
            }
        }
    }

    /// The answer says no; what it says is not read.
    pub fn of_status(vendor: &'static Vendor, call: &'static str, status: u16) -> Self {
        let kind = match status {
            408 | 425 | 500.. => FailureKind::Unavailable,
            400..500 => FailureKind::Rejected,
            _ => FailureKind::Unreadable,
        };
        Self::new(vendor, call, kind).with_status(status)
    }

    /// Names of fields and error codes, never values.
    #[must_use]
    pub fn because(self, reasons: &[String]) -> Self {
        Self { detail: (!reasons.is_empty()).then(|| reasons.join(", ").into()), ..self }
    }

    /// A failure in its own words, for those that have nothing to do with an answer.
    pub fn saying(vendor: &'static Vendor, call: &'static str, kind: FailureKind, sentence: String) -> Self {
        Self { detail: Some(sentence.into()), ..Self::new(vendor, call, kind) }
    }

    /// Says which status it was.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Says when to ask again.
    #[must_use]
    pub fn after(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait, ..self }
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused(self, source: Arc<dyn Error + Send + Sync>) -> Self {
        Self { source: Some(source), ..self }
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use FailureKind as Kind;
        let Self { vendor, call, .. } = self;
        let name = vendor.name;
        if let (
            Kind::Unavailable | Kind::Credentials | Kind::Grant | Kind::OauthClient | Kind::RateLimited,
            Some(sentence),
        ) = (self.kind, &self.detail)
        {
            return write!(f, "{sentence} (`{call}`)");
        }
        match (self.kind, self.status) {
            (Kind::RateLimited, _) => {
                let wait = self.retry_after.unwrap_or(DEFAULT_WAIT).as_secs();
                write!(f, "{name}'s rate limit: wait {wait} s before `{call}`")
            }
            (Kind::Unavailable | Kind::Unreadable, Some(status)) => {
                write!(f, "{name} answered {status} to `{call}`")
            }
            (Kind::Unavailable, None) if self.source.is_some() => {
                write!(f, "{name} is not answering `{call}`")
            }
            (Kind::Unavailable, None) => write!(f, "{name} stopped answering during `{call}`"),
            (Kind::Conflict, _) => write!(f, "a {name} record was changed by someone else during `{call}`"),
            (Kind::Credentials, _) => write!(f, "{name} rejected {} (`{call}`)", vendor.credentials),
            (Kind::Token, _) => write!(
                f,
                "{name} does not accept our access token for `{call}`, not even a new one; connect the account again"
            ),
            (Kind::Grant, _) => {
                write!(
                    f,
                    "{name} does not accept our refresh token any more; connect the account again (`{call}`)"
                )
            }
            (Kind::Scope, _) => write!(
                f,
                "{name} does not grant the scope in {}; correct it (`{call}`)",
                vendor.settings.permission
            ),
            (Kind::OauthClient, _) => write!(
                f,
                "{name} does not let the OAuth client use this grant type; {} (`{call}`)",
                vendor.oauth_client
            ),
            (Kind::Plan, _) => write!(f, "this {name} account's plan does not have `{call}`"),
            (Kind::Forbidden, _) => write!(f, "{name} does not allow `{call}`; {}", vendor.forbidden),
            (Kind::NotFound, _) => write!(f, "{name} finds nothing for `{call}`{}", vendor.not_found),
            (Kind::Rejected, status) => {
                let reasons = self.detail.as_deref().unwrap_or("no reason given");
                let status = status.map_or(String::new(), |status| format!(" ({status})"));
                write!(f, "{name} refused `{call}`{status}: {reasons}")
            }
            (Kind::Unreadable, None) => {
                write!(f, "{name}'s answer to `{call}` does not match its documentation")
            }
            (Kind::TooLarge, _) => match &self.detail {
                Some(sentence) => write!(f, "{name}: {sentence}"),
                None => write!(f, "{name}: `{call}` is too large: no limit is known"),
            },
            (Kind::Blocked, _) => {
                write!(f, "{name}: the address of `{call}` is blocked; see {}", vendor.settings.allowed_hosts)
            }
        }
    }
}

/// A reader's error without the value that it may quote: "invalid type: string "…", expected u64".
fn unquoted(error: serde_json::Error) -> serde_json::Error {
    use serde::de::Error as _;
    let text = error.to_string();
    let quotes = ["invalid type: ", "invalid value: ", "unknown variant ", "unknown field "];
    if !quotes.iter().any(|begin| text.starts_with(begin)) {
        return error;
    }
    // What was read stands before, so the last one is the reader's own.
    let expected = text.rfind(", expected ").map_or_else(
        || format!("at line {} column {}", error.line(), error.column()),
        |place| text[place + ", ".len()..].to_owned(),
    );
    serde_json::Error::custom(format!("a value of another kind, {expected}"))
}

impl Error for CallFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests;
