//! Where Twilio calls us: is this request Twilio's? Checks the URL as Twilio called it, so hand in the **public** one and
//! not what a proxy made of it, and the bytes. Carries no time: repeats are dropped elsewhere, by the event's id.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

/// Header: base64 of the HMAC.
pub const SIGNATURE: &str = "x-twilio-signature";
/// In the URL of everything that is not a form: SHA-256 of the body, in hex.
const BODY_HASH: &str = "bodySHA256";

/// The body of a request, as it was received.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// `application/x-www-form-urlencoded`: workspace events, voice.
    Form(&'a [u8]),
    /// Anything else: Event Streams.
    Bytes(&'a [u8]),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The token differs, the URL is not the one Twilio called, or the body was changed on its way.
    #[error(
        "the signature does not match; `twilio.auth_token` must be the primary auth token (not an API key's secret), \
         and `server.public_url` the address that Twilio calls"
    )]
    Signature,
    /// The URL is Twilio's, but the body is not the one whose hash it names.
    #[error("the body does not match the hash in its URL, or the URL names none")]
    BodyHash,
}

/// Checks one request against the account's primary auth token.
pub fn verify(
    auth_token: &SecretString,
    signature: &str,
    public_url: &str,
    body: Body<'_>,
) -> Result<(), WebhookError> {
    let signature = BASE64_STANDARD.decode(signature).map_err(|_| WebhookError::Signature)?;
    let parameters = match body {
        Body::Form(body) => sorted(body),
        Body::Bytes(_) => String::new(),
    };
    let matches = |url: &String| {
        Hmac::<Sha1>::new_from_slice(auth_token.expose_secret().as_bytes())
            .expect("HMAC takes keys of any length")
            .chain_update(url)
            .chain_update(&parameters)
            .verify_slice(&signature) // constant time; never `==`
            .is_ok()
    };
    if !spellings(public_url).iter().any(matches) {
        return Err(WebhookError::Signature);
    }
    match body {
        Body::Form(_) => Ok(()),
        // The hash is public and signed with the URL, so comparing it needs no constant time.
        Body::Bytes(body) if body_hash(public_url) == Some(hex::encode(Sha256::digest(body))) => Ok(()),
        Body::Bytes(_) => Err(WebhookError::BodyHash),
    }
}

/// Keys in order, each value once, everything without separators.
fn sorted(form: &[u8]) -> String {
    let mut fields: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (key, value) in form_urlencoded::parse(form) {
        fields.entry(key).or_default().insert(value);
    }
    let pairs = fields.iter().flat_map(|(key, values)| values.iter().map(move |value| [key, value]));
    pairs.flatten().map(AsRef::<str>::as_ref).collect()
}

fn body_hash(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let (_, hash) = url.query_pairs().find(|(key, _)| key == BODY_HASH)?;
    Some(hash.to_ascii_lowercase())
}

/// Twilio signs with or without the standard port, and as it was entered or normalised.
fn spellings(url: &str) -> BTreeSet<String> {
    let normal = Url::parse(url).map_or_else(|_| url.to_owned(), String::from);
    let mut all = BTreeSet::new();
    for url in [url, &normal] {
        all.insert(url.to_owned());
        let Some((scheme, rest)) = url.split_once("://") else { continue };
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let standard = if scheme == "https" { "443" } else { "80" };
        let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let bare = host.rsplit_once(':').filter(|(_, port)| digits(port)).map_or(host, |(bare, _)| bare);
        all.insert(format!("{scheme}://{bare}{path}"));
        all.insert(format!("{scheme}://{bare}:{standard}{path}"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    // Signatures computed with Python's hmac and hashlib, and checked with openssl.
    const URL: &str = "https://desk.example.com/hooks/twilio/events";
    const FORM: &str = "EventType=reservation.accepted&AccountSid=AC00000000000000000000000000000001&TaskAttributes=%7B\
                        %22zd_ticket_id%22%3A%2242%22%2C%22name%22%3A%22%E5%B1%B1%E7%94%B0+%E5%A4%AA%E9%83%8E%22%7D\
                        &WorkerName=mina.park%40example.com";
    const JSON: &str = r#"[{"specversion":"1.0","id":"EZ1"}]"#;
    const HASHED: &str = "?bodySHA256=e1580bedf7d21fd3aad9e9d69a99b1192702ec1924e13f927596f2416ba427c3";

    #[track_caller]
    fn check(signature: &str, url: &str, body: Body<'_>, expected: Result<(), WebhookError>) {
        let token = SecretString::from("12345678901234567890123456789012");
        assert_eq!(verify(&token, signature, url, body), expected, "{url}");
    }

    #[test]
    fn a_form_of_twilio_is_taken_with_or_without_the_port() {
        let form = Body::Form(FORM.as_bytes());
        check("eWqqPJbxkbLVx0BxZ28lS609wYE=", URL, form, Ok(()));
        check(
            "eWqqPJbxkbLVx0BxZ28lS609wYE=",
            "https://desk.example.com:443/hooks/twilio/events",
            form,
            Ok(()),
        );
        check("eWqqPJbxkbLVx0BxZ28lS609wYE=", "https://Desk.Example.com/hooks/twilio/events", form, Ok(()));
        check("AedirET6JPyO9STZ4kil5sBqzOU=", URL, form, Ok(()));
        check(
            "S8xSnZlUzUpPwFvVhjOfPazouPg=",
            URL,
            Body::Form(b"Z=1&MessagingBinding=b&MessagingBinding=a&MessagingBinding=b"),
            Ok(()),
        );
    }

    #[test]
    fn a_changed_form_url_or_signature_is_refused() {
        let no = Err(WebhookError::Signature);
        let form = Body::Form(FORM.as_bytes());
        check("eWqqPJbxkbLVx0BxZ28lS609wYE=", URL, Body::Form(&FORM.as_bytes()[1..]), no);
        check("eWqqPJbxkbLVx0BxZ28lS609wYE=", "https://desk.example.com/hooks/twilio/other", form, no);
        check("eWqqPJbxkbLVx0BxZ28lS609wYE=", "https://evil.example.com/hooks/twilio/events", form, no);
        check("", URL, form, no);
        check("nonsense", URL, form, no);
    }

    #[test]
    fn a_body_of_twilio_is_taken_by_the_hash_in_its_url() {
        let url = |query: &str| format!("{URL}{query}");
        check("Qu+Q79ti2HXsHhnY84zBpuUnsvE=", &url(HASHED), Body::Bytes(JSON.as_bytes()), Ok(()));
        let more = HASHED.replace('?', "?foo=1&");
        check("Ca3KbMaa4x/45vgfYM7Q36yIUnY=", &url(&more), Body::Bytes(JSON.as_bytes()), Ok(()));
    }

    #[test]
    fn a_changed_body_or_hash_is_refused() {
        let url = format!("{URL}{HASHED}");
        check("Qu+Q79ti2HXsHhnY84zBpuUnsvE=", &url, Body::Bytes(b"[]"), Err(WebhookError::BodyHash));
        let forged = url.replace("e1580b", "000000");
        check("Qu+Q79ti2HXsHhnY84zBpuUnsvE=", &forged, Body::Bytes(b"[]"), Err(WebhookError::Signature));
        // Without a hash in the URL nothing speaks for the body: this is the signature of the bare URL.
        check("puuKOmppUOtnO0Uiv5hvgyhTM78=", URL, Body::Bytes(b"[]"), Err(WebhookError::BodyHash));
    }
}
