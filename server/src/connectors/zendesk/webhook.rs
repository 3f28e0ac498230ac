//! Where Zendesk calls us: is this delivery Zendesk's? Checks bytes, never parsed JSON: re-serialising changes them.
//! Must not parse the body; repeats are dropped elsewhere, by `X-Zendesk-Webhook-Invocation-Id`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Header: base64 of the HMAC.
pub const SIGNATURE: &str = "x-zendesk-webhook-signature";
/// Header: when it was signed.
pub const TIMESTAMP: &str = "x-zendesk-webhook-signature-timestamp";
/// Header: names one delivery; repeats carry the same.
pub const INVOCATION: &str = "x-zendesk-webhook-invocation-id";
/// Header: the number of the account that sends. It is not signed.
pub const ACCOUNT: &str = "x-zendesk-account-id";

/// How old, or how far ahead, a delivery may be.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// Why a delivery is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The secret differs, or the body was changed on its way.
    #[error(
        "the signature does not match; compare `zendesk.webhook_secret` with the webhook's signing secret"
    )]
    Signature,
    /// The timestamp header is not a time.
    #[error("the signature's timestamp is not a time")]
    Timestamp,
    /// Replayed, or one of the clocks is wrong.
    #[error("signed at {0}, more than 5 minutes from now: a replay, or a wrong clock")]
    Stale(DateTime<Utc>),
}

/// How long a signature is, in bytes: an HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// Whether these headers can be Zendesk's, whatever the secret is. It spares the secret for what no secret signs.
pub fn can_be_signed(signature: &str, timestamp: &str) -> bool {
    let is_whole = BASE64_STANDARD.decode(signature).is_ok_and(|bytes| bytes.len() == SIGNATURE_BYTES);
    is_whole && timestamp.parse::<DateTime<Utc>>().is_ok()
}

/// Checks one delivery against the webhook's signing secret.
pub fn verify(
    secret: &SecretString,
    signature: &str,
    timestamp: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), WebhookError> {
    let signature = BASE64_STANDARD.decode(signature).map_err(|_| WebhookError::Signature)?;
    Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length")
        .chain_update(timestamp)
        .chain_update(body)
        .verify_slice(&signature) // constant time; never `==`
        .map_err(|_| WebhookError::Signature)?;
    let sent: DateTime<Utc> = timestamp.parse().map_err(|_| WebhookError::Timestamp)?;
    if (now - sent).abs() > WINDOW {
        return Err(WebhookError::Stale(sent));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"event":"ticket.updated","id":123}"#;
    const SENT: &str = "2021-03-25T05:09:27Z";
    const SIGNED: &str = "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=";

    #[track_caller]
    fn check(
        (signature, timestamp, body, now): (&str, &str, &str, &str),
        expected: Result<(), WebhookError>,
    ) {
        let secret = SecretString::from("dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==");
        let now = now.parse().expect("the test's own time");
        assert_eq!(verify(&secret, signature, timestamp, body.as_bytes(), now), expected);
    }

    #[test]
    fn a_delivery_of_zendesk_is_taken_within_five_minutes() {
        check((SIGNED, SENT, BODY, SENT), Ok(()));
        check((SIGNED, SENT, BODY, "2021-03-25T05:14:27Z"), Ok(()));
        check((SIGNED, SENT, BODY, "2021-03-25T05:04:27Z"), Ok(()));
    }

    #[test]
    fn a_changed_body_time_or_signature_is_refused() {
        check((SIGNED, SENT, r#"{"event":"ticket.updated","id":124}"#, SENT), Err(WebhookError::Signature));
        check((SIGNED, "2021-03-25T05:09:28Z", BODY, SENT), Err(WebhookError::Signature));
        check(("", SENT, BODY, SENT), Err(WebhookError::Signature));
        check(("not base64!", SENT, BODY, SENT), Err(WebhookError::Signature));
        check((&SIGNED[..40], SENT, BODY, SENT), Err(WebhookError::Signature));
    }

    #[test]
    fn a_replay_is_refused_and_says_when_it_was_signed() {
        let stale = Err(WebhookError::Stale(SENT.parse().expect("a time")));
        check((SIGNED, SENT, BODY, "2021-03-25T05:14:28Z"), stale);
        check((SIGNED, SENT, BODY, "2021-03-25T05:04:26Z"), stale);
    }
}
