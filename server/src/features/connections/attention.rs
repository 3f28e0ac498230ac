//! What is wrong with a connection, in words for whoever mends it. **Invariant:** no I/O. The remedies name the connection: it is
//! not in the settings file.

use std::error::Error;

use crate::{
    causes::with_causes,
    connectors::{CallFailure, FailureKind, Vendor, VendorError},
    store::{Locked, connections::Attention},
};

/// The code of a connection whose secret does not open.
pub(super) const LOCKED: &str = "secret_locked";
/// The code of a connection that did not pass its last test, whose tokens are renewed nevertheless.
pub(super) const TEST_FAILED: &str = "test_failed";

const CONNECT_AGAIN: &str =
    "connect again on the console's page Connections, or give the connection the new refresh token";

/// Whether the vendor is not asked for tokens until somebody has done something.
pub(super) fn stops_renewals(attention: &Attention) -> bool {
    ![LOCKED, TEST_FAILED].contains(&attention.code.as_str())
}

/// Its secret does not open.
pub(super) fn of_locked(locked: &Locked) -> Attention {
    let what_to_do = match locked {
        Locked::KeyMissing(_) | Locked::KeyWrong(_) => {
            "put the key back into `server.seal_keys`, or give the connection a new secret"
        }
        Locked::InClear => "give the connection a new secret",
    };
    new(LOCKED, format!("its secret cannot be read: {locked}"), what_to_do)
}

/// A trigger that Deskside made there asks for nothing, or not for what it should.
pub(super) fn of_trigger(problem: &str) -> Attention {
    new(
        "notice_trigger",
        problem.to_owned(),
        "correct the trigger in Zendesk, or update the triggers on the console's page Notices",
    )
}

/// Its tokens were not renewed. `None`: that passes by itself. `unsure`: they were perhaps renewed before, and nobody knows.
pub(super) fn of_renewal(failure: &CallFailure, unsure: bool) -> Option<Attention> {
    use FailureKind as Kind;
    let name = failure.vendor.name;
    Some(match failure.kind {
        Kind::RateLimited | Kind::Unavailable | Kind::Conflict => return None,
        Kind::Grant if unsure => new(
            "refresh_lost",
            format!(
                "{name} renewed the tokens once, and its answer was lost: the refresh token that is kept is used up"
            ),
            CONNECT_AGAIN,
        ),
        Kind::Grant => new(
            "refresh_refused",
            format!("{name} does not accept the refresh token any more: it was revoked, used or too old"),
            CONNECT_AGAIN,
        ),
        Kind::Credentials | Kind::OauthClient => new(
            "client_refused",
            format!("{name} does not accept the OAuth client"),
            "correct the connection's `client_id` and `client_secret`",
        ),
        Kind::Scope => new(
            "scope_refused",
            format!("{name} does not grant the scope of the refresh token"),
            &format!("let the OAuth client have {}, then connect again", scopes(failure.vendor)),
        ),
        Kind::Blocked => new("address_blocked", blocked(failure), &correct_address(failure.vendor)),
        Kind::NotFound | Kind::Unreadable | Kind::TooLarge => new(
            "address_wrong",
            format!("what answers at the connection's address does not answer like {name}: {failure}"),
            &format!("correct {}; where it is right, ask support", address(failure.vendor)),
        ),
        Kind::Token | Kind::Forbidden | Kind::Plan | Kind::Rejected => new(
            "renewal_refused",
            format!("{name} does not renew the tokens: {failure}"),
            "see in the vendor's settings that the OAuth client and its user are active, then test the connection with `--again`",
        ),
    })
}

/// A call of its test failed. `None`: that passes by itself.
pub(super) fn of_test(error: &(impl VendorError + 'static)) -> Option<Attention> {
    let (vendor, kind, _) = error.remedy();
    let (sentence, what_to_do) = match kind {
        FailureKind::Blocked => (blocked(error), correct_address(vendor)),
        _ if error.is_outage() => return None,
        FailureKind::Forbidden | FailureKind::Token => (with_causes(error), rights(vendor, kind)),
        FailureKind::Scope => {
            let what_to_do = format!("let the OAuth client have {}, then connect again", scopes(vendor));
            (with_causes(error), what_to_do)
        }
        FailureKind::Credentials => (with_causes(error), format!("correct {}", credentials(vendor))),
        _ => (with_causes(error), "correct the connection's settings".to_owned()),
    };
    Some(new(TEST_FAILED, sentence, &what_to_do))
}

// A vendor's own words name the settings file, where one can be set there: Zendesk.
const OF_FILE: &str = "zendesk";

/// What its address is called.
fn address(vendor: &Vendor) -> &'static str {
    if vendor.id == OF_FILE { "the connection's `base_url`" } else { vendor.settings.address }
}

fn credentials(vendor: &Vendor) -> &'static str {
    if vendor.id == OF_FILE {
        "the connection's `client_id` and client secret"
    } else {
        vendor.settings.credentials
    }
}

/// What is asked of its user.
fn scopes(vendor: &Vendor) -> &'static str {
    if vendor.id == OF_FILE { "the scopes `read` and `write`" } else { vendor.settings.permission }
}

fn rights(vendor: &Vendor, kind: FailureKind) -> String {
    match kind {
        _ if vendor.id == OF_FILE => "see that the user who connected is active and an admin".to_owned(),
        FailureKind::Forbidden if !vendor.forbidden.is_empty() => vendor.forbidden.to_owned(),
        _ => "see that the connection's user is active".to_owned(),
    }
}

fn correct_address(vendor: &Vendor) -> String {
    if vendor.id == "report" {
        return "correct the connection's `folder`, or let the operator add it to `sources.folders`"
            .to_owned();
    }
    let address = address(vendor);
    format!("correct {address}, or let the operator allow its address in `net.allow_private`")
}

/// Without the settings of the file, which the failure itself names.
fn blocked(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("the connection's address may not be called: {cause}")
}

fn new(code: &str, sentence: String, what_to_do: &str) -> Attention {
    Attention { code: code.to_owned(), sentence, what_to_do: what_to_do.to_owned(), during: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::{Refusal, salesforce::SALESFORCE, sql::Dialect, zendesk::ZENDESK};

    #[test]
    fn what_to_do_is_named_as_the_vendor_names_it() {
        let database = Dialect::Postgres.vendor();
        let check = |vendor, kind, expected: &str, never: &str| {
            let failure = CallFailure::new(vendor, "GET /", kind);
            let found = of_test(&failure).expect("somebody must do something").what_to_do;
            assert!(found.contains(expected) && !found.contains(never), "{found}");
        };
        check(&ZENDESK, FailureKind::Forbidden, "active and an admin", "scope");
        check(&SALESFORCE, FailureKind::Forbidden, "API Enabled", "an admin");
        check(database, FailureKind::Forbidden, "grant SELECT", "an admin");
        check(database, FailureKind::Credentials, "password", "client");
        check(database, FailureKind::Blocked, "`host`", "base_url");
        check(&ZENDESK, FailureKind::Blocked, "`base_url`", "zendesk.");
        check(&SALESFORCE, FailureKind::Blocked, "host", "base_url");
        let check = |vendor, kind, expected: &str| {
            let failure = CallFailure::new(vendor, "POST /", kind);
            let found = of_renewal(&failure, false).expect("somebody must do something").what_to_do;
            assert!(found.contains(expected), "{found}");
        };
        check(&ZENDESK, FailureKind::Scope, "`read` and `write`");
        check(&SALESFORCE, FailureKind::Scope, "`api` and `refresh_token`");
        check(&SALESFORCE, FailureKind::NotFound, "host");
        let blocked = CallFailure::blocked(&SALESFORCE, "POST /", Refusal::Host("x".to_owned()));
        assert!(of_renewal(&blocked, false).is_some_and(|found| found.what_to_do.contains("host")));
    }
}
