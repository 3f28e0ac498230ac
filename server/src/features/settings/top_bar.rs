//! What Zendesk's top bar frames. **Invariant:** only what this file accepts is ever framed, and no I/O: the operator says which
//! origins are Flex, an admin says which address there.

use std::ops::RangeInclusive;

use url::{Host, Url};
use wire::{FieldRule, FlexSettings};

/// Narrower than a phone, wider than a desk: neither is a widget.
const WIDTH: RangeInclusive<u32> = 300..=1_600;
const HEIGHT: RangeInclusive<u32> = 300..=1_200;
/// What Flex opens with; with another view it has no agent desktop, and the plugin nothing to be in.
const PATH: &str = "/agent-desktop";

/// Flex, as Zendesk's top bar frames it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopBar {
    /// What the frame loads.
    pub url: Url,
    /// Of the widget, in CSS pixels.
    pub width: u32,
    pub height: u32,
}

impl TopBar {
    /// What the settings say, if anything; or which of them cannot be gone by, and why.
    pub fn of(
        settings: &FlexSettings,
        flex_origins: &[String],
    ) -> Result<Option<Self>, (&'static str, FieldRule, String)> {
        let (width, height) = (settings.flex_width, settings.flex_height);
        for (field, size, allowed) in [("flex_width", width, WIDTH), ("flex_height", height, HEIGHT)] {
            if !allowed.contains(&size) {
                let why = format!("is not between {} and {}", allowed.start(), allowed.end());
                return Err((field, FieldRule::Range, why));
            }
        }
        let text = settings.flex_url.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let refused = |rule, why: &str| Err(("flex_url", rule, why.to_owned()));
        let Ok(url) = Url::parse(text) else { return refused(FieldRule::Url, "is not a URL") };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_this_machine(&url)) {
            return refused(FieldRule::Https, "does not begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused(FieldRule::UrlCredentials, "has a user name or a password");
        }
        let origin = url.origin().ascii_serialization();
        if !flex_origins.contains(&origin) {
            let allowed = if flex_origins.is_empty() { "nothing" } else { &flex_origins.join(", ") };
            let why = format!("is at {origin}, and twilio.flex_origins of the server allows {allowed}");
            return refused(FieldRule::Origin, &why);
        }
        if !url.query_pairs().any(|(name, value)| name == "path" && value == PATH) {
            return refused(
                FieldRule::AgentDesktop,
                "must contain ?path=/agent-desktop, or Flex opens without its agent desktop for admins",
            );
        }
        Ok(Some(Self { url, width, height }))
    }
}

/// Browsers take such a page for safe without TLS.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `url` → what it is framed as, or why it is not.
    #[track_caller]
    fn check(url: &str, expected: Result<Option<&str>, &str>) {
        let origins = ["https://flex.twilio.com".to_owned(), "http://127.0.0.1:9103".to_owned()];
        let settings = FlexSettings { flex_url: url.into(), ..FlexSettings::default() };
        let framed =
            TopBar::of(&settings, &origins).map(|framed| framed.map(|framed| framed.url.to_string()));
        match (framed, expected) {
            (Ok(framed), Ok(expected)) => assert_eq!(framed.as_deref(), expected, "{url}"),
            (Err((field, _, why)), Err(expected)) => {
                assert!(field == "flex_url" && why.contains(expected), "{url}: {why}");
            }
            (framed, expected) => panic!("{url}: {framed:?}, and not {expected:?}"),
        }
    }

    #[test]
    fn only_flex_is_framed_and_only_its_agent_desktop() {
        let good = "https://flex.twilio.com/acme-1234?path=/agent-desktop";
        check("", Ok(None));
        check("  ", Ok(None));
        check(good, Ok(Some(good)));
        check(&format!(" {good}\n"), Ok(Some(good)));
        check(
            "https://flex.twilio.com/a?x=1&path=%2Fagent-desktop",
            Ok(Some("https://flex.twilio.com/a?x=1&path=%2Fagent-desktop")),
        );
        check(
            "http://127.0.0.1:9103/flex?path=/agent-desktop",
            Ok(Some("http://127.0.0.1:9103/flex?path=/agent-desktop")),
        );
        check("flex", Err("is not a URL"));
        check("http://flex.twilio.com/a?path=/agent-desktop", Err("https://"));
        check("javascript:alert(1)//?path=/agent-desktop", Err("https://"));
        check("https://flex.twilio.com.example.com/?path=/agent-desktop", Err("twilio.flex_origins"));
        check("https://flex.twilio.com:8443/?path=/agent-desktop", Err("twilio.flex_origins"));
        check("https://me@flex.twilio.com/?path=/agent-desktop", Err("user name"));
        check("https://flex.twilio.com/acme-1234", Err("?path=/agent-desktop"));
        check("https://flex.twilio.com/acme-1234?path=/teams", Err("?path=/agent-desktop"));
        check("https://flex.twilio.com/acme-1234#?path=/agent-desktop", Err("?path=/agent-desktop"));
    }

    #[test]
    fn a_widget_has_a_size_that_a_screen_has() {
        for (width, height, expected) in [
            (300, 300, None),
            (1_600, 1_200, None),
            (299, 600, Some("flex_width")),
            (400, 1_201, Some("flex_height")),
        ] {
            let settings = FlexSettings { flex_width: width, flex_height: height, ..FlexSettings::default() };
            assert_eq!(
                TopBar::of(&settings, &[]).err().map(|(field, ..)| field),
                expected,
                "{width} × {height}"
            );
        }
    }
}
