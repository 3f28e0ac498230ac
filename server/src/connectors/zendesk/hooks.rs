//! How Zendesk is told to call us: webhooks, and the triggers that use them. Reading needs the scopes `webhooks:read` and
//! `triggers:read`, writing an admin. Trap: the order of conditions and of tags in a value is Zendesk's to choose.

use reqwest::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::{BUILDS, member_of};
use super::types::or_default;
use super::{ZendeskClient, ZendeskError};
use crate::connectors::{Repeat, Rows};

/// A webhook. Read whole or not at all, for what is written back must be what was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Its id: a ULID.
    pub id: String,
    /// Its name and what it does.
    #[serde(flatten)]
    pub is: WebhookSpec,
}

/// What a webhook does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSpec {
    /// As admins read it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// `active` or `inactive`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// Where it calls.
    #[serde(default, deserialize_with = "or_default")]
    pub endpoint: String,
    /// `POST`.
    #[serde(default, deserialize_with = "or_default")]
    pub http_method: String,
    /// `json`.
    #[serde(default, deserialize_with = "or_default")]
    pub request_format: String,
    /// `conditional_ticket_events`: triggers call it; it then hears of nothing else. Or events, like
    /// `zen:event-type:user.created`.
    #[serde(default, deserialize_with = "or_default")]
    pub subscriptions: Vec<String>,
}

/// A trigger of tickets. Read whole or not at all, for what is written back must be what was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trigger {
    pub id: u64,
    /// What it does.
    #[serde(flatten)]
    pub is: TriggerSpec,
}

/// What a trigger does, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerSpec {
    /// As admins read it.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// What it is for, for people; absent: it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it acts.
    #[serde(default, deserialize_with = "or_default")]
    pub active: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub conditions: Conditions,
    /// What it does then.
    #[serde(default, deserialize_with = "or_default")]
    pub actions: Vec<Action>,
}

/// When a trigger acts: all of the first hold, and one of the second, if there is any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// Each must hold.
    #[serde(default, deserialize_with = "or_default")]
    pub all: Vec<Condition>,
    /// One must hold.
    #[serde(default, deserialize_with = "or_default")]
    pub any: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Like `current_tags`.
    #[serde(default, deserialize_with = "or_default")]
    pub field: String,
    /// Like `includes`.
    #[serde(default, deserialize_with = "or_default")]
    pub operator: String,
    /// With what: mostly text.
    #[serde(default)]
    pub value: Value,
}

/// One action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Like `notification_webhook`.
    #[serde(default, deserialize_with = "or_default")]
    pub field: String,
    /// Of a webhook: its id and the body that is sent.
    #[serde(default)]
    pub value: Value,
}

impl ZendeskClient {
    /// Every webhook.
    pub async fn webhooks(&self) -> Result<Rows<Webhook>, ZendeskError> {
        self.all("GET /api/v2/webhooks", self.url("/api/v2/webhooks"), "webhooks").await
    }

    /// Makes a webhook. Not repeatable: after a transport error look whether it is there.
    pub async fn create_webhook(&self, is: &WebhookSpec) -> Result<Webhook, ZendeskError> {
        const CALL: &str = "POST /api/v2/webhooks";
        let request =
            self.request(Method::POST, self.url("/api/v2/webhooks")).json(&json!({ "webhook": is }));
        let answer = self.authorized(CALL, Repeat::Never, request.build().expect(BUILDS)).await?;
        member_of(CALL, &answer, "webhook")
    }

    /// Changes a webhook; what [`WebhookSpec`] does not name stays.
    pub async fn update_webhook(&self, id: &str, is: &WebhookSpec) -> Result<(), ZendeskError> {
        const CALL: &str = "PATCH /api/v2/webhooks/{id}";
        let url = self.below("/api/v2/webhooks", &[id]);
        self.write(CALL, Method::PATCH, url, Repeat::Safe, &json!({ "webhook": is })).await
    }

    /// The secret with which a webhook's deliveries are signed.
    pub async fn signing_secret(&self, webhook: &str) -> Result<SecretString, ZendeskError> {
        #[derive(Deserialize)]
        struct SigningSecret {
            secret: SecretString,
        }
        const CALL: &str = "GET /api/v2/webhooks/{id}/signing_secret";
        let url = self.below("/api/v2/webhooks", &[webhook, "signing_secret"]);
        self.member(CALL, url, "signing_secret").await.map(|SigningSecret { secret }| secret)
    }

    /// Every trigger.
    pub async fn triggers(&self) -> Result<Rows<Trigger>, ZendeskError> {
        self.all("GET /api/v2/triggers", self.url("/api/v2/triggers"), "triggers").await
    }

    /// Makes a trigger. Not repeatable: after a transport error look whether it is there.
    pub async fn create_trigger(&self, is: &TriggerSpec) -> Result<Trigger, ZendeskError> {
        const CALL: &str = "POST /api/v2/triggers";
        let request =
            self.request(Method::POST, self.url("/api/v2/triggers")).json(&json!({ "trigger": is }));
        let answer = self.authorized(CALL, Repeat::Never, request.build().expect(BUILDS)).await?;
        member_of(CALL, &answer, "trigger")
    }

    /// Changes a trigger; its place in the order stays.
    pub async fn update_trigger(&self, id: u64, is: &TriggerSpec) -> Result<(), ZendeskError> {
        const CALL: &str = "PUT /api/v2/triggers/{id}";
        let url = self.url(&format!("/api/v2/triggers/{id}"));
        self.write(CALL, Method::PUT, url, Repeat::Safe, &json!({ "trigger": is })).await
    }

    /// Ids that are text may hold anything.
    pub(super) fn below(&self, path: &str, parts: &[&str]) -> url::Url {
        let mut url = self.url(path);
        url.path_segments_mut().expect("http URLs have paths").extend(parts);
        url
    }
}
