//! Zendesk's deliveries to `/hooks/zendesk/archive`: the sandbox's own, which arrive by themselves, and such as nobody but
//! a test sends. Signed here with code of our own, so that the server's is checked by another.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::actors::Answer;
use super::testbed::Testbed;

/// The route.
pub const ARCHIVE: &str = "/hooks/zendesk/archive";
/// No test waits longer for deliveries: Zendesk gives each twelve seconds, several times, and others may work on the machine.
const LONGEST: Duration = Duration::from_mins(2);
/// A secret for `zendesk.webhook_secret`.
pub const SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/// A delivery that is not sent yet; as Zendesk would send it, unless a test changes it.
#[derive(Clone)]
pub struct Delivery {
    /// The body.
    pub body: String,
    /// What signs it.
    pub secret: String,
    /// When it is signed.
    pub at: DateTime<Utc>,
    /// Its name.
    pub invocation: Option<String>,
    /// The number of the account.
    pub account: Option<String>,
    /// Something else than the right signature.
    pub signature: Option<String>,
}

impl Delivery {
    /// Of our trigger, about this ticket.
    pub fn about(bed: &Testbed, ticket: u64) -> Self {
        Self::saying(bed, &json!({"account": "acme", "ticket_id": ticket.to_string()}).to_string())
    }

    /// With this body.
    pub fn saying(bed: &Testbed, body: &str) -> Self {
        Self {
            body: body.to_owned(),
            secret: SECRET.to_owned(),
            at: bed.clock.now(),
            invocation: Some(format!("01{}", uuid::Uuid::now_v7().simple())),
            account: Some("18525119".to_owned()),
            signature: None,
        }
    }

    /// Zendesk, or somebody who says so, sends it.
    pub async fn sent(&self, bed: &Testbed) -> Answer {
        self.sent_to(bed, ARCHIVE).await
    }

    /// The same, to another address.
    pub async fn sent_to(&self, bed: &Testbed, path: &str) -> Answer {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("keys of any length");
        let mac = mac.chain_update(&at).chain_update(&self.body).finalize().into_bytes();
        let signature = self.signature.clone().unwrap_or_else(|| BASE64_STANDARD.encode(mac));
        let headers = [
            ("x-zendesk-webhook-signature", Some(signature)),
            ("x-zendesk-webhook-signature-timestamp", Some(at)),
            ("x-zendesk-webhook-invocation-id", self.invocation.clone()),
            ("x-zendesk-account-id", self.account.clone()),
        ];
        let request = bed.stranger().request(Method::POST, path).body(self.body.clone());
        let request = headers.into_iter().fold(request, |request, (name, value)| match value {
            Some(value) => request.header(name, value),
            None => request,
        });
        Answer::to(request).await
    }
}

/// An agent tags a ticket in Zendesk.
pub async fn tag(bed: &Testbed, ticket: u64, tag: &str) {
    bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}/tags"), &json!({"tags": [tag]})).await;
}

/// An agent takes a tag off again.
pub async fn untag(bed: &Testbed, ticket: u64, tag: &str) {
    bed.zendesk(Method::DELETE, &format!("/api/v2/tickets/{ticket}/tags"), &json!({"tags": [tag]})).await;
}

/// Waits until Zendesk has ended all its deliveries: the statuses that the server answered, newest first.
pub async fn delivered(bed: &Testbed) -> Vec<u64> {
    let ended = async {
        while bed.vendors().deliveries_under_way() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONGEST, ended).await.expect("Zendesk delivers");
    let all = bed.vendors().invocations();
    all.iter().filter_map(|row: &Value| row["invocation"]["status_code"].as_u64()).collect()
}

/// Everything is done, and what Zendesk says of that too: our note is an update of the ticket like any other.
pub async fn run_all(bed: &Testbed) {
    for _ in 0..10 {
        bed.run_jobs().await;
        delivered(bed).await;
        if bed.left_over().await.is_empty() {
            return;
        }
    }
    panic!("the archive and the trigger call each other for ever");
}

/// The webhook that calls us.
pub fn webhook(bed: &Testbed) -> String {
    let all = bed.vendors().invocations();
    let id = all[0]["attempts"][0]["id"].as_str().expect("a webhook's id");
    id.to_owned()
}
