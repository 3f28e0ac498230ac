//! Tokens that Zendesk never signed. Written here, because the sandbox only ever signs with a key.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The claims of `token`, under a header that asks for no signature, without one.
pub fn unsigned(token: &str) -> String {
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), claims(token))
}

/// The claims of `token`, signed with the app's **public** key as if it were a shared secret.
pub fn with_public_key_as_secret(token: &str, public_key: &str) -> String {
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), claims(token));
    let mut mac =
        Hmac::<Sha256>::new_from_slice(public_key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// `token` with another agent in it, under the signature of the first.
pub fn with_other_agent(token: &str, agent: u64) -> String {
    let mut parts = token.split('.');
    let (head, claims, signature) = (parts.next(), parts.next(), parts.next());
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(claims.expect("claims")).expect("base64");
    let mut claims: Value = serde_json::from_slice(&bytes).expect("JSON");
    claims["sub"] = json!(format!("https://acme.zendesk.com/api/v2/users/{agent}.json"));
    format!("{}.{}.{}", head.expect("a header"), part(&claims), signature.expect("a signature"))
}

fn claims(token: &str) -> &str {
    token.split('.').nth(1).expect("a JWT has claims")
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}
