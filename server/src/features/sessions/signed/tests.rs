//! What a page token must say. That it must be signed by the app's key is shown over HTTP, against the sandbox.

use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_795_000_000;

#[track_caller]
fn check(change: &Value, expected: &str) {
    let mut claims = json!({
        "iss": "acme.zendesk.com",
        "aud": "https://acme.zendesk.com/api/v2/apps/installations/456.json",
        "exp": NOW + 60,
        "sub": "https://acme.zendesk.com/api/v2/users/9001.json",
    });
    claims.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    let origin = "http://127.0.0.1:9101/".parse().expect("a URL");
    let ours = Ours { account: "acme", origin: &origin };
    let now = DateTime::from_timestamp(NOW, 0).expect("a time");
    let outcome = serde_json::from_value::<PageClaims>(claims).map_err(|error| error.to_string());
    let outcome = outcome.and_then(|claims| ours.check(&claims, now).map_err(|error| error.to_string()));
    assert_eq!(outcome.err().as_deref().unwrap_or("ok"), expected, "{change}");
}

#[test]
fn a_token_is_ours_by_issuer_audience_and_time() {
    const ACCOUNT: &str = "Zendesk's token is for another account";
    const AUDIENCE: &str = "Zendesk's token is for another app";
    const EXPIRED: &str = "Zendesk's token has expired";
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({"iss": "https://acme.zendesk.com"}), "ok"),
        (json!({"iss": "127.0.0.1"}), "ok"), // `zendesk.base_url` names the account too
        (json!({"iss": "other.zendesk.com"}), ACCOUNT),
        (json!({"iss": "acme.zendesk.com.example.com"}), ACCOUNT),
        (json!({"iss": ".zendesk.com"}), ACCOUNT),
        (json!({"aud": ["x", "https://acme.zendesk.com/api/v2/apps/installations/1.json"]}), "ok"),
        (json!({"aud": "https://other.zendesk.com/api/v2/apps/installations/456.json"}), AUDIENCE),
        (json!({"aud": "https://acme.zendesk.com/api/v2/apps/installations/.json"}), AUDIENCE),
        (json!({"aud": "https://acme.zendesk.com/api/v2/users/456.json"}), AUDIENCE),
        (json!({"aud": "deskside"}), AUDIENCE),
        (json!({"exp": NOW - 59}), "ok"), // clocks differ
        (json!({"exp": NOW - 60}), EXPIRED),
        (json!({"nbf": NOW + 60}), "ok"),
        (json!({"nbf": NOW + 61}), EXPIRED),
        (json!({"iat": NOW + 61}), EXPIRED),
    ] {
        check(&change, expected);
    }
}

#[test]
fn the_agent_is_the_subject() {
    for (sub, expected) in [
        (json!("https://acme.zendesk.com/api/v2/users/9001.json"), Some(UserId(9001))),
        (json!("9001"), Some(UserId(9001))),
        (json!(9001), Some(UserId(9001))),
        (json!("https://acme.zendesk.com/api/v2/users/me.json"), None),
        (json!("0"), None),
        (json!(""), None),
        (json!(null), None),
    ] {
        assert_eq!(subject(&sub), expected, "{sub}");
    }
}
