//! What can go wrong between the panel and the server, as the screens need to know it.

use wire::{ErrorBody, ErrorCode};

/// One thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it was.
    pub kind: FaultKind,
    /// The server asks to wait so many seconds.
    pub retry_after: Option<u32>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The server refused, and said why.
    Refused(Box<ErrorBody>),
    /// The server could not be reached.
    Offline,
    /// Nobody answered in time.
    Silent,
    /// An answer that is not ours: a proxy's page, a cut connection.
    Unreadable,
    /// The workspace around us did not answer.
    Host,
}

impl Fault {
    /// Without more to say.
    #[must_use]
    pub fn plain(kind: FaultKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// The server's code, where it was the server.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        if let FaultKind::Refused(body) = &self.kind { Some(body.code) } else { None }
    }

    /// The field of a form that the server refused, where it was one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        if let FaultKind::Refused(body) = &self.kind { body.field.as_deref() } else { None }
    }

    /// The rule that the field breaks, where the server says so.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        if let FaultKind::Refused(body) = &self.kind { body.reason.as_deref() } else { None }
    }

    /// The session is over; only a new page or a new token helps.
    #[must_use]
    pub fn ends_session(&self) -> bool {
        matches!(
            self.code(),
            Some(
                ErrorCode::SessionExpired
                    | ErrorCode::SessionInvalid
                    | ErrorCode::SessionMissing
                    | ErrorCode::FlexTokenInvalid
            )
        )
    }

    /// It may go away by itself, so we try again without being asked.
    #[must_use]
    pub fn passes(&self) -> bool {
        match &self.kind {
            FaultKind::Offline | FaultKind::Silent | FaultKind::Unreadable => true,
            FaultKind::Host => false,
            FaultKind::Refused(body) => matches!(
                body.code,
                ErrorCode::RequestTimeout
                    | ErrorCode::TooManyRequests
                    | ErrorCode::ZendeskUnavailable
                    | ErrorCode::ZendeskRateLimited
                    | ErrorCode::TwilioUnavailable
                    | ErrorCode::ArchiveUnavailable
                    | ErrorCode::StoreBusy
                    | ErrorCode::StoreFull
                    | ErrorCode::StoreUnavailable
            ),
        }
    }
}

/// Seconds until the next try: 20, 40, 80, then 120; never sooner than the server asked.
#[must_use]
pub fn back_off(attempt: u32, retry_after: Option<u32>) -> u32 {
    (20 << attempt.min(3)).min(120).max(retry_after.unwrap_or(0))
}

#[cfg(test)]
pub(crate) fn refused(code: ErrorCode) -> Fault {
    let message = format!("message of {}", code.as_str());
    let body = ErrorBody {
        code,
        message,
        hint: None,
        field: None,
        reason: None,
        line: None,
        column: None,
        problems: vec![],
        request_id: "r".into(),
    };
    Fault::plain(FaultKind::Refused(Box::new(body)))
}

#[cfg(test)]
pub(crate) fn refused_rule(field: &str, rule: wire::FieldRule) -> Fault {
    let mut fault = refused_field(ErrorCode::SettingInvalid, field);
    if let FaultKind::Refused(body) = &mut fault.kind {
        body.reason = Some(rule.as_str().to_owned());
    }
    fault
}

#[cfg(test)]
pub(crate) fn refused_field(code: ErrorCode, field: &str) -> Fault {
    let message = format!("`{field}` is wrong");
    let field = Some(field.into());
    let body = ErrorBody {
        code,
        message,
        hint: None,
        field,
        reason: None,
        line: None,
        column: None,
        problems: vec![],
        request_id: "r".into(),
    };
    Fault::plain(FaultKind::Refused(Box::new(body)))
}
