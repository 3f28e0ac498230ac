//! What is wrong with a connection, in words for whoever mends it. **Invariant:** no I/O. The remedies name the connection: it is
//! not in the settings file.

use std::error::Error;

use crate::{
    connectors::{CallFailure, FailureKind, VendorError},
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
            "let the OAuth client have the scopes `read` and `write`, then connect again",
        ),
        Kind::Blocked => new("address_blocked", blocked(failure), ADDRESS),
        Kind::NotFound | Kind::Unreadable | Kind::TooLarge => new(
            "address_wrong",
            format!("what answers at the connection's address does not answer like {name}: {failure}"),
            "correct the connection's `base_url`; where it is right, ask support",
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
    let (sentence, what_to_do) = match error.kind() {
        FailureKind::Blocked => (blocked(error), ADDRESS),
        _ if error.is_outage() => return None,
        FailureKind::Forbidden | FailureKind::Token => {
            (crate::causes::with_causes(error), "see that the user who connected is active and an admin")
        }
        _ => (crate::causes::with_causes(error), "correct the connection's settings"),
    };
    Some(new(TEST_FAILED, sentence, what_to_do))
}

const ADDRESS: &str =
    "correct the connection's `base_url`, or let the operator allow its address in `net.allow_private`";

/// Without the settings of the file, which the failure itself names.
fn blocked(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    format!("the connection's address may not be called: {cause}")
}

fn new(code: &str, sentence: String, what_to_do: &str) -> Attention {
    Attention { code: code.to_owned(), sentence, what_to_do: what_to_do.to_owned() }
}
