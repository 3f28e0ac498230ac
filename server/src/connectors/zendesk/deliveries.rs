//! What Zendesk itself says of a webhook's deliveries: invocations, each with its attempts, kept for seven days. Reading needs
//! the scope `webhooks:read`.

use serde::Deserialize;

use super::types::or_default;
use super::{ZendeskClient, ZendeskError};

/// Invocations whose attempts are looked at: those that were throttled have no request.
const LOOKED_AT: usize = 3;

#[derive(Deserialize)]
struct Invocation {
    #[serde(default, deserialize_with = "or_default")]
    id: String,
    /// Absent where nothing was sent.
    #[serde(default, deserialize_with = "or_default")]
    status_code: Option<u16>,
}

#[derive(Deserialize)]
struct Attempt {
    #[serde(default, deserialize_with = "or_default")]
    request: Option<Sent>,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default, deserialize_with = "or_default")]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default, deserialize_with = "or_default")]
    key: String,
    #[serde(default, deserialize_with = "or_default")]
    value: String,
}

impl ZendeskClient {
    /// A header that Zendesk sent with one of a webhook's latest deliveries, as its own log has it; `None` where the log has
    /// no delivery.
    pub async fn delivered_header(&self, webhook: &str, name: &str) -> Result<Option<String>, ZendeskError> {
        const INVOCATIONS: &str = "GET /api/v2/webhooks/{id}/invocations";
        const ATTEMPTS: &str = "GET /api/v2/webhooks/{id}/invocations/{id}/attempts";
        let url = self.below("/api/v2/webhooks", &[webhook, "invocations"]);
        let invocations: Vec<Invocation> = self.member(INVOCATIONS, url, "invocations").await?;
        let sent = invocations.iter().filter(|one| one.status_code.is_some() && !one.id.is_empty());
        for invocation in sent.take(LOOKED_AT) {
            let url = self.below("/api/v2/webhooks", &[webhook, "invocations", &invocation.id, "attempts"]);
            let attempts: Vec<Attempt> = self.member(ATTEMPTS, url, "attempts").await?;
            let headers =
                attempts.into_iter().filter_map(|attempt| attempt.request).flat_map(|sent| sent.headers);
            let mut found = headers.filter(|header| header.key.eq_ignore_ascii_case(name));
            if let Some(header) = found.next() {
                return Ok(Some(header.value));
            }
        }
        Ok(None)
    }
}
