//! Event Streams v1: where Twilio sends its events, and which. Docs: <https://www.twilio.com/docs/events/webhook-quickstart>.
//! Traps: a sink cannot be changed, only deleted; the types of a subscription are a list of their own.

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::client::at;
use super::{TwilioClient, TwilioError};
use crate::connectors::Repeat;

/// Pages of one list: more than any account has.
const MOST_PAGES: usize = 20;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// `DG…`.
    pub sid: String,
    /// For people.
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
    sink_configuration: serde_json::Value,
}

impl From<SinkRow> for Sink {
    fn from(row: SinkRow) -> Self {
        let destination = row.sink_configuration["destination"].as_str().map(str::to_owned);
        Self { sid: row.sid, description: row.description, destination }
    }
}

impl TwilioClient {
    /// Every sink of the account.
    pub async fn sinks(&self) -> Result<Vec<Sink>, TwilioError> {
        #[derive(Deserialize)]
        struct Page {
            sinks: Vec<SinkRow>,
            meta: Meta,
        }
        let url = at(&self.urls.events, &["v1", "Sinks"]);
        let rows = self.all("GET /v1/Sinks", url, |page: Page| (page.sinks, page.meta)).await?;
        Ok(rows.into_iter().map(Sink::from).collect())
    }

    /// A webhook to which events can go.
    pub async fn create_sink(&self, description: &str, destination: &Url) -> Result<Sink, TwilioError> {
        let configuration = json!({"destination": destination, "method": "POST"}).to_string();
        let form =
            [("Description", description), ("SinkType", "webhook"), ("SinkConfiguration", &configuration)];
        let request = self.request(Method::POST, at(&self.urls.events, &["v1", "Sinks"])).form(&form);
        let row: SinkRow = self.call_as("POST /v1/Sinks", Repeat::Never, request).await?;
        Ok(row.into())
    }

    /// What is subscribed to for this sink.
    pub async fn subscriptions(&self, sink_sid: &str) -> Result<Vec<Subscription>, TwilioError> {
        #[derive(Deserialize)]
        struct Page {
            subscriptions: Vec<Subscription>,
            meta: Meta,
        }
        let mut url = at(&self.urls.events, &["v1", "Subscriptions"]);
        url.query_pairs_mut().append_pair("SinkSid", sink_sid);
        self.all("GET /v1/Subscriptions", url, |page: Page| (page.subscriptions, page.meta)).await
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

    /// The types of a subscription.
    pub async fn subscribed(&self, subscription_sid: &str) -> Result<Vec<String>, TwilioError> {
        #[derive(Deserialize)]
        struct Row {
            r#type: String,
        }
        #[derive(Deserialize)]
        struct Page {
            types: Vec<Row>,
            meta: Meta,
        }
        const CALL: &str = "GET /v1/Subscriptions/{DF}/SubscribedEvents";
        let url = at(&self.urls.events, &["v1", "Subscriptions", subscription_sid, "SubscribedEvents"]);
        let rows = self.all(CALL, url, |page: Page| (page.types, page.meta)).await?;
        Ok(rows.into_iter().map(|row| row.r#type).collect())
    }

    /// One type more; twice is once.
    pub async fn subscribe(&self, subscription_sid: &str, name: &str) -> Result<(), TwilioError> {
        const CALL: &str = "POST /v1/Subscriptions/{DF}/SubscribedEvents";
        let url = at(&self.urls.events, &["v1", "Subscriptions", subscription_sid, "SubscribedEvents"]);
        self.answer(CALL, self.request(Method::POST, url).form(&[("Type", name)])).await.map(drop)
    }

    /// All pages of a list.
    async fn all<P: DeserializeOwned, T>(
        &self,
        call: &'static str,
        mut url: Url,
        rows: impl Fn(P) -> (Vec<T>, Meta) + Send,
    ) -> Result<Vec<T>, TwilioError> {
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let page: P = self.call(call, self.request(Method::GET, url.clone())).await?;
            let (more, meta) = rows(page);
            all.extend(more);
            // Only the token of the next page is taken from the answer, not where it is.
            let next = meta.next_page_url.and_then(|next| next.parse::<Url>().ok());
            let Some(next) = next else { break };
            url.set_query(next.query());
        }
        Ok(all)
    }
}

#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}
