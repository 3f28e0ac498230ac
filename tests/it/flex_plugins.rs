//! The list from which Flex loads our plugin: who gets it, who may read it in a browser, and that it leads to the plugin.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha384};

use super::flex_sessions::flex_token;
use crate::support::actors::Answer;
use crate::support::testbed::{Testbed, bed};

const LIST: &str = "/flex/plugins.json";

/// Asks as Flex's loader does; `origin` is the page's, where it is a browser that asks.
async fn asks(bed: &Testbed, token: Option<&str>, origin: Option<&str>) -> Answer {
    let request = bed.stranger().request(Method::GET, &format!("{LIST}?roles=agent"));
    let sent = [("x-flex-jwe", token), ("x-flex-version", Some("2.17.1")), ("origin", origin)];
    let sent = sent.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Answer::to(sent.fold(request, |request, (name, value)| request.header(name, value))).await
}

#[tokio::test]
async fn flex_gets_this_servers_plugin_and_can_tell_that_it_is_unchanged() {
    bed()
        .run(async |bed| {
            let listed = asks(bed, Some(&flex_token(bed, &json!({})).await), None).await;
            assert_eq!((listed.status, listed.header("cache-control")), (200, "no-store"));
            let listed = listed.json();
            let [plugin] = listed.as_array().expect("a list").as_slice() else { panic!("{listed}") };
            let text = |name: &str| plugin[name].as_str().unwrap_or_default().to_owned();
            assert_eq!((text("name").as_str(), &plugin["phase"]), ("plugin-deskside", &json!(3)));
            assert_eq!(text("version"), env!("CARGO_PKG_VERSION"));
            let src = text("src");
            let path = src.strip_prefix(bed.url()).expect("an address of this server");
            let script = bed.stranger().gets(path).await;
            assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
            assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(script.header("access-control-allow-origin"), "*", "or integrity is not checked");
            let hash = BASE64_STANDARD.encode(Sha384::digest(&script.text));
            assert_eq!(text("integrity"), format!("sha384-{hash}"));
            assert_eq!(script.text, bed.stranger().gets("/flex/plugin.js").await.text);
        })
        .await;
}

#[tokio::test]
async fn who_has_no_flex_token_of_the_account_is_told_so() {
    let check = async |bed: &Testbed, token: Option<&str>, expected: &str| {
        assert_eq!(asks(bed, token, None).await.verdict(), expected, "{token:?}");
    };
    bed()
        .run(async |bed| {
            check(bed, None, "401 flex_token_invalid").await;
            check(bed, Some(""), "401 flex_token_invalid").await;
            check(bed, Some("a.b.c.d.e"), "401 flex_token_invalid").await;
            let expired = flex_token(bed, &json!({"ttl": 0})).await;
            check(bed, Some(&expired), "401 flex_token_invalid").await;
            // Flex loads its plugins for supervisors, too; what they may see is another question.
            let supervisor = json!({"email": "sam@example.com", "roles": ["supervisor"], "worker": false});
            check(bed, Some(&flex_token(bed, &supervisor).await), "200").await;
            let token = flex_token(bed, &json!({})).await;
            bed.vendors().fault(super::trouble_with("twilio", 503));
            check(bed, Some(&token), "502 twilio_unavailable").await;
        })
        .await;
    bed()
        .setting("twilio.account_sid", "")
        .run(async |bed| check(bed, Some("a"), "404 twilio_not_configured").await)
        .await;
}

#[tokio::test]
async fn only_flex_reads_it_in_a_browser() {
    const FLEX: &str = "https://flex.twilio.com";
    let check = async |bed: &Testbed, origin: Option<&str>, expected: Option<&str>| {
        let token = flex_token(bed, &json!({})).await;
        let preflight = bed.stranger().request(Method::OPTIONS, LIST);
        let preflight = origin.iter().fold(preflight, |request, origin| request.header("origin", *origin));
        let preflight = Answer::to(preflight).await;
        assert_eq!(preflight.status, 204);
        assert_eq!(preflight.header("access-control-allow-headers"), "x-flex-jwe, x-flex-version");
        for answer in [asks(bed, Some(&token), origin).await, asks(bed, None, origin).await, preflight] {
            let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(header("access-control-allow-origin"), expected, "{answer:?}");
            assert_eq!(header("access-control-allow-credentials"), expected.map(|_| "true"), "{answer:?}");
            assert!(answer.header("vary").contains("origin"), "{answer:?}");
        }
    };
    bed()
        .setting("twilio.flex_origins", FLEX)
        .run(async |bed| {
            check(bed, Some(FLEX), Some(FLEX)).await;
            check(bed, Some("https://flex.twilio.com.evil.example"), None).await;
            check(bed, Some("null"), None).await;
            check(bed, None, None).await;
        })
        .await;
}

/// Accounts that inline plugins fetch the source with Flex's headers, and browsers ask before they send those.
#[tokio::test]
async fn the_plugins_source_may_be_fetched_with_flexs_headers() {
    bed()
        .run(async |bed| {
            for path in ["/flex/plugin.js", "/app/plugin-0123456789abcdef.js"] {
                let preflight = Answer::to(bed.stranger().request(Method::OPTIONS, path)).await;
                assert_eq!(preflight.status, 204, "{path}");
                assert_eq!(preflight.header("access-control-allow-origin"), "*", "{path}");
                assert_eq!(preflight.header("access-control-allow-headers"), "x-flex-jwe, x-flex-version");
            }
        })
        .await;
}

#[tokio::test]
async fn flexs_start_asks_twilio_once_and_zendesk_when_the_panel_signs_in() {
    bed()
        .run(async |bed| {
            let token = flex_token(bed, &json!({})).await;
            let asked = |vendor: &str| {
                let calls = bed.vendors().calls();
                calls.iter().filter(|call| call.host == vendor && !call.path.contains("_sandbox")).count()
            };
            let before = asked("zendesk");
            for _ in 0..3 {
                assert_eq!(asks(bed, Some(&token), None).await.verdict(), "200");
            }
            assert_eq!((asked("twilio"), asked("zendesk")), (1, before));
            let session = bed.stranger().posts("/api/session/flex", &json!({"token": token})).await;
            assert_eq!(session.verdict(), "200");
            assert_eq!(asked("twilio"), 1);
            bed.pass(8 * 3600);
            assert_eq!(asks(bed, Some(&token), None).await.verdict(), "401 flex_token_invalid");
        })
        .await;
}

#[tokio::test]
async fn strangers_cannot_make_us_ask_twilio_for_ever() {
    bed()
        .run(async |bed| {
            let mut last = Value::Null;
            for _ in 0..5_000 {
                last = json!(asks(bed, Some("made.up"), None).await.verdict());
                if last != "401 flex_token_invalid" {
                    break;
                }
            }
            assert_eq!(last, "429 too_many_requests");
        })
        .await;
}
