//! The connector against a stub that answers what Zendesk was seen, or is documented, to answer.

mod bulk;
mod calls;
mod downloads;
mod exports;
mod hooks;
mod odd;
mod pages;
mod recordings;
mod refusals;

use url::Url;

use super::ZendeskClient;
use crate::clock::Clock;
use crate::connectors::stub::{self, Stub, told};
use crate::connectors::{ClientCredentials, Net, http_client};

const OAUTH: &str = "POST /oauth/tokens";
const TICKET: &str = r#"{"ticket":{"id":42,"subject":null,"status":"brewing","priority":null,"requester_id":77,
    "created_at":"2026-11-01T09:00:00Z","updated_at":"2026-11-02T09:00:00Z","unheard_of":{}}}"#;

struct Bed {
    zendesk: Stub,
    clock: Clock,
    client: ZendeskClient,
}

/// A client whose first token is `token-1`.
async fn bed() -> Bed {
    let zendesk = Stub::start().await;
    let base_url = zendesk.url.clone();
    bed_with(zendesk, base_url, stub::loopback())
}

/// The same under another base address, or with another guard.
fn bed_with(zendesk: Stub, base_url: Url, net: Net) -> Bed {
    let clock = stub::clock();
    let credentials = ClientCredentials {
        client_id: "deskside".into(),
        client_secret: "hush".into(),
        scope: "read write".into(),
    };
    let hosts = vec!["*.zdusercontent.com".to_owned(), "127.0.0.1".to_owned()];
    let client = ZendeskClient::new(http_client(&net), base_url, credentials, clock.clone(), hosts, net);
    token(&zendesk, "token-1");
    Bed { zendesk, clock, client }
}

fn token(zendesk: &Stub, token: &str) {
    let body = format!(
        r#"{{"access_token":"{token}","token_type":"bearer","scope":"read write","expires_in":1800}}"#
    );
    zendesk.tell(OAUTH, told(201, &body));
}

/// The requests that reached the API, as `line` with the token that signed them.
fn calls(stub: &Stub) -> Vec<String> {
    let signed = |token: Option<String>| token.map_or_else(|| "nobody".into(), |t| t.replace("Bearer ", ""));
    stub.asked(OAUTH)
        .into_iter()
        .map(|asked| format!("{} by {}", asked.line, signed(asked.authorization)))
        .collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
