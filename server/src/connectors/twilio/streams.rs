//! Event Streams v1: where Twilio sends its events, and which. Docs: <https://www.twilio.com/docs/events/webhook-quickstart>.
//! Traps: a sink cannot be changed, only deleted; the types of a subscription are a list of their own.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::client::at;
use super::{TwilioClient, TwilioError};
use crate::connectors::{Repeat, Rows};

/// Pages of one list: more than any account has.
const MOST_PAGES: usize = 20;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "SinkRow")]
pub struct Sink {
    /// `DG…`.
    pub sid: String,
    pub description: String,
    /// A webhook's address; `None`: it is none.
    pub destination: Option<String>,
}

/// Which events go to a sink.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// `DF…`.
    pub sid: String,
    /// `DG…`.
    pub sink_sid: String,
}

#[derive(Deserialize)]
struct SinkRow {
    sid: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    sink_configuration: Option<SinkConfiguration>,
}

#[derive(Deserialize)]
struct SinkConfiguration {
    #[serde(default)]
    destination: Option<String>,
}

impl From<SinkRow> for Sink {
    fn from(row: SinkRow) -> Self {
        let destination = row.sink_configuration.and_then(|configuration| configuration.destination);
        Self { sid: row.sid, description: row.description, destination }
    }
}

impl TwilioClient {
    /// Every sink of the account.
    pub async fn sinks(&self) -> Result<Rows<Sink>, TwilioError> {
        let url = at(&self.urls.events, &["v1", "Sinks"]);
        self.rows("GET /v1/Sinks", &url, "sinks", MOST_PAGES).await
    }

    /// A webhook to which events can go.
    pub async fn create_sink(&self, description: &str, destination: &Url) -> Result<Sink, TwilioError> {
        let configuration = json!({"destination": destination, "method": "POST"}).to_string();
        let form =
            [("Description", description), ("SinkType", "webhook"), ("SinkConfiguration", &configuration)];
        let request = self.request(Method::POST, at(&self.urls.events, &["v1", "Sinks"])).form(&form);
        self.call_as("POST /v1/Sinks", Repeat::Never, request).await
    }

    /// What is subscribed to for this sink.
    pub async fn subscriptions(&self, sink_sid: &str) -> Result<Rows<Subscription>, TwilioError> {
        let mut url = at(&self.urls.events, &["v1", "Subscriptions"]);
        url.query_pairs_mut().append_pair("SinkSid", sink_sid);
        self.rows("GET /v1/Subscriptions", &url, "subscriptions", MOST_PAGES).await
    }

    /// Events of these types go to a sink from now on, in their newest version.
    pub async fn create_subscription(
        &self,
        description: &str,
        sink_sid: &str,
        types: &[&str],
    ) -> Result<Subscription, TwilioError> {
        let types: Vec<_> = types.iter().map(|name| json!({ "type": name })).collect();
        let types = serde_json::Value::Array(types).to_string();
        let form = [("Description", description), ("SinkSid", sink_sid), ("Types", &types)];
        let request = self.request(Method::POST, at(&self.urls.events, &["v1", "Subscriptions"])).form(&form);
        self.call_as("POST /v1/Subscriptions", Repeat::Never, request).await
    }

    /// The types of a subscription, as far as they can be read.
    pub async fn subscribed(&self, subscription_sid: &str) -> Result<Vec<String>, TwilioError> {
        #[derive(Deserialize)]
        struct Row {
            r#type: String,
        }
        const CALL: &str = "GET /v1/Subscriptions/{DF}/SubscribedEvents";
        let url = at(&self.urls.events, &["v1", "Subscriptions", subscription_sid, "SubscribedEvents"]);
        let rows: Rows<Row> = self.rows(CALL, &url, "types", MOST_PAGES).await?;
        Ok(rows.into_readable().into_iter().map(|row| row.r#type).collect())
    }

    /// One type more; twice is once.
    pub async fn subscribe(&self, subscription_sid: &str, name: &str) -> Result<(), TwilioError> {
        const CALL: &str = "POST /v1/Subscriptions/{DF}/SubscribedEvents";
        let url = at(&self.urls.events, &["v1", "Subscriptions", subscription_sid, "SubscribedEvents"]);
        self.answer(CALL, self.request(Method::POST, url).form(&[("Type", name)])).await.map(drop)
    }
}
