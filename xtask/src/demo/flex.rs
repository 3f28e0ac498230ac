//! Flex in the demonstration's top bar: what an admin would set first. **Invariant:** by the console's own route, so a server that is
//! installed for real begins without it.

use serde_json::Value;

use super::Ports;
use crate::http;
use crate::problem::Outcome;
use crate::session::{self, json_of};

const ROUTE: &str = "/api/settings/flex";

/// Sets the light Flex of the sandbox, unless somebody set another.
pub(super) fn put_into_top_bar(ports: &Ports) -> Outcome {
    let admin = session::admin(ports)?;
    let mut document = json_of(&http::get_as(ports.server, ROUTE, &admin)?, "the settings")?;
    let url = &mut document["settings"]["flex_url"];
    if !ours_to_set(url.as_str().unwrap_or_default()) {
        return Ok(());
    }
    *url = Value::from(format!("http://127.0.0.1:{}/flex?path=/agent-desktop", ports.twilio));
    json_of(&http::put_as(ports.server, ROUTE, &admin, &document.to_string())?, "the settings")?;
    Ok(())
}

/// Nobody has set any, or an earlier demonstration did, on ports of its own.
fn ours_to_set(url: &str) -> bool {
    url.is_empty() || url.starts_with("http://127.0.0.1:")
}

#[cfg(test)]
mod tests {
    use super::ours_to_set;

    #[test]
    fn what_somebody_set_stays() {
        assert!(ours_to_set(""));
        assert!(ours_to_set("http://127.0.0.1:9103/flex?path=/agent-desktop"));
        assert!(!ours_to_set("https://flex.twilio.com/acme-1234?path=/agent-desktop"));
    }
}
