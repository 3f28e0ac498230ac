//! A client with one credential, and what came back.

use chrono::{DateTime, Utc};
use deskside_sandbox::{Clock, Limits, Options, Running, Sandbox, credentials};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};

/// A sandbox and an admin's client of it.
pub struct Desk {
    pub sandbox: Running,
    http: Client,
    credential: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The moment at which stopped clocks stand.
pub fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Time stands still and nothing is limited.
pub fn calm() -> Options {
    Options { clock: Clock::stopped_at(noon()), limits: Limits::relaxed(), ..Options::default() }
}

/// Time stands still; Zendesk's limits hold.
pub fn strict() -> Options {
    Options { limits: Limits::default(), ..calm() }
}

impl Desk {
    pub async fn open(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let desk = Self { sandbox, http, credential: None };
        let token = desk.token("read write").await;
        desk.with(&token)
    }

    /// An access token of the seeded client.
    pub async fn token(&self, scope: &str) -> String {
        let answer = self
            .call(
                "POST",
                "/oauth/tokens",
                json!({
                    "grant_type": "client_credentials", "client_id": credentials::CLIENT_ID,
                    "client_secret": credentials::CLIENT_SECRET, "scope": scope,
                }),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// From now on with this bearer.
    pub fn with(mut self, token: &str) -> Self {
        self.credential = Some(format!("Bearer {token}"));
        self
    }

    /// From now on as this agent, in their own browser.
    pub async fn at_workspace_of(self, agent: u64) -> Self {
        let answer = self.call("POST", "/_sandbox/workspace/login", json!({"agent_id": agent})).await;
        let token = answer.body["token"].as_str().unwrap().to_owned();
        self.with(&token)
    }

    pub fn anonymous(mut self) -> Self {
        self.credential = None;
        self
    }

    /// Any request to any address, with the credential.
    pub fn request(&self, method: &str, url: &str) -> RequestBuilder {
        let url =
            if url.starts_with('/') { format!("{}{url}", self.sandbox.zendesk_url) } else { url.to_owned() };
        let request = self.http.request(method.parse::<Method>().unwrap(), url);
        match &self.credential {
            Some(credential) => request.header("authorization", credential),
            None => request,
        }
    }

    /// The same without any credential.
    pub fn bare(&self, method: &str, url: &str) -> RequestBuilder {
        self.http.request(method.parse::<Method>().unwrap(), url)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        send(self.request(method, path).json(&body)).await
    }

    /// A call that must succeed; its body.
    pub async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.body
    }
}

/// Sends and reads to the end.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap_or_default();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Answer { status, headers, body, text }
}
