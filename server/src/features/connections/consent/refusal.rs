//! Why a consent came to nothing, in sentences that name what to do. **Invariant:** a vendor's own text is never shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use wire::ErrorCode;

use crate::{
    causes::with_causes,
    connectors::{CallFailure, FailureKind, VendorError},
};

/// Why a consent came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: ErrorCode,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// The scopes that were asked for and not granted; nothing where the vendor does not say.
pub(super) fn missing(asked: &str, granted: Option<&str>) -> String {
    let Some(granted) = granted else { return String::new() };
    let granted: BTreeSet<_> = granted.split_whitespace().collect();
    // `full` of Salesforce has everything but refresh tokens.
    let has = |scope: &str| granted.contains(scope) || granted.contains("full") && scope != "refresh_token";
    let missing: Vec<_> = asked.split_whitespace().filter(|scope| !has(scope)).collect();
    missing.join(" and ")
}

pub(super) fn failed(message: String, hint: &str) -> Refusal {
    Refusal { code: ErrorCode::AuthorizationFailed, message, hint: hint.to_owned() }
}

/// The vendor sent the browser back with an error (RFC 6749, 4.1.2.1).
pub(super) fn refused(vendor: &str, error: &str, description: &str) -> Refusal {
    let is_absent = error == "OAUTH_APPROVAL_ERROR_GENERIC"
        || description.to_ascii_lowercase().contains("must be installed")
        || description.contains("OAUTH_APPROVAL_ERROR_GENERIC");
    match error {
        _ if is_absent => Refusal {
            code: ErrorCode::AppNotInstalled,
            message: format!("the app is not installed in this {vendor} organization"),
            hint: "make an External Client App in the very organization that you sign in to, and use its consumer key \
                   and secret; docs/connections.md has the steps"
                .to_owned(),
        },
        "access_denied" | "access-denied" => Refusal {
            code: ErrorCode::AuthorizationDenied,
            message: format!("access was not allowed in {vendor}"),
            hint: "connect again from the console, and allow access".to_owned(),
        },
        _ => {
            let is_word = error.len() <= 64 && error.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c));
            let said = if is_word { format!(" ({error})") } else { String::new() };
            failed(format!("{vendor} did not give consent{said}"), "see the client's id and its redirect URL")
        }
    }
}

/// The vendor did not give tokens for the code.
pub(super) fn not_redeemed(vendor: &str, error: &CallFailure) -> Refusal {
    let cause = with_causes(error);
    match error.kind() {
        FailureKind::Grant => failed(
            format!(
                "{vendor} does not accept the code of this consent: it is used, too old, or of another browser"
            ),
            "connect again from the console",
        ),
        FailureKind::Credentials | FailureKind::OauthClient => failed(
            format!("{vendor} does not accept the OAuth client"),
            "correct the client's id and secret, and connect again",
        ),
        _ if error.is_outage() => {
            failed(format!("{vendor} did not give its tokens: {cause}"), "connect again in a minute")
        }
        _ => failed(format!("{vendor} did not give its tokens: {cause}"), "see the OAuth client's settings"),
    }
}
