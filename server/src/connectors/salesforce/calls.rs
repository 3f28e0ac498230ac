//! How every call to Salesforce is made: at the org's own address, signed with our token, once more with a new one if the old
//! is refused, counted against the org's day. Knows no single call; those are in `client`.

use std::time::Duration;

use reqwest::{Method, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::error::{failed, refused, undecodable, used_up, wants_new_token};
use super::host::checked_instance;
use super::{SALESFORCE, SalesforceClient};
use crate::connectors::request::{at, bearing};
use crate::connectors::{Answer, CallFailure, FailureKind, Repeat, Token, VendorError, read};

/// The one that we speak. Every org has it: all run Salesforce's current release, and old versions stay for years.
pub(super) const VERSION: &str = "v66.0";
/// The body of a refusal is read for its error code only.
const REFUSAL_LIMIT: usize = 64 * 1024;
/// How long a job waits before it asks again in the middle of a long reading.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(30)];

/// A call, before it has an address.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Its template.
    pub(super) name: &'static str,
    pub(super) method: Method,
    /// From the root of the org's address.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) header: Option<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) repeat: Repeat,
    /// Where it is not the time of any call.
    pub(super) timeout: Option<Duration>,
}

impl Call {
    /// Reads `path` below our version of the API.
    pub(super) fn get(name: &'static str, path: &str) -> Self {
        Self::at(name, Method::GET, format!("/services/data/{VERSION}{path}"))
    }

    /// Reads an address from the root.
    pub(super) fn at(name: &'static str, method: Method, path: String) -> Self {
        let (query, header, body, timeout) = (Vec::new(), None, None, None);
        Self { name, method, path, query, header, body, repeat: Repeat::Safe, timeout }
    }
}

impl SalesforceClient {
    /// Makes the call and reads all of its answer.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, CallFailure> {
        let answer = self.answer(call).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(self.refusal(call, &answer)) }
    }

    /// The same, whatever the answer says.
    pub(super) async fn answer(&self, call: &Call) -> Result<Answer, CallFailure> {
        let (token, answer) = self.send_once(call, None).await?;
        if !wants_new_token(&answer) {
            return Ok(answer);
        }
        let (_, answer) = self.send_once(call, Some(token)).await?;
        Ok(answer)
    }

    /// What an answer means that says no.
    pub(super) fn refusal(&self, call: &Call, answer: &Answer) -> CallFailure {
        refused(call.name, answer, self.exchange.clock().now())
    }

    /// The same, again after a while where Salesforce is not there: for what is in the middle of a long reading.
    pub(super) async fn send_patiently(&self, call: &Call) -> Result<Answer, CallFailure> {
        for wait in WAITS {
            match self.send(call).await {
                Err(error) if error.is(FailureKind::Unavailable) => {
                    self.exchange.clock().wait(error.retry_after.unwrap_or(wait).max(wait)).await;
                }
                answered => return answered,
            }
        }
        self.send(call).await
    }

    /// Makes the call and reads only the head of its answer; one that says no is an error.
    pub(super) async fn open(&self, call: &Call) -> Result<Response, CallFailure> {
        let mut refused_token = None;
        loop {
            let (token, request) = self.signed(call, refused_token.as_ref()).await?;
            let opened = self.exchange.open(call.name, request);
            let mut response = tokio::time::timeout(self.exchange.net().total_timeout, opened)
                .await
                .map_err(|_| CallFailure::new(&SALESFORCE, call.name, FailureKind::Unavailable))?
                .map_err(|error| failed(call.name, error))?;
            let now = self.exchange.clock().now();
            self.daily.observe(response.headers(), now);
            if response.status().is_success() {
                return Ok(response);
            }
            let (status, headers) = (response.status(), response.headers().clone());
            let body = read(&mut response, REFUSAL_LIMIT).await.unwrap_or_default();
            let answer = Answer { status, headers, body };
            if refused_token.is_some() || !wants_new_token(&answer) {
                return Err(self.refusal(call, &answer));
            }
            refused_token = Some(token);
        }
    }

    async fn send_once(&self, call: &Call, refused: Option<Token>) -> Result<(Token, Answer), CallFailure> {
        let (token, request) = self.signed(call, refused.as_ref()).await?;
        let answer = self.exchange.send(call.name, call.repeat, request).await;
        let answer = answer.map_err(|error| failed(call.name, error))?;
        self.daily.observe(&answer.headers, self.exchange.clock().now());
        Ok((token, answer))
    }

    /// The request at the org's own address, with our token.
    async fn signed(&self, call: &Call, refused: Option<&Token>) -> Result<(Token, Request), CallFailure> {
        let (exchange, now) = (&self.exchange, self.exchange.clock().now());
        self.daily
            .admit(exchange.is_background(), self.share_percent, now)
            .map_err(|why| used_up(call.name, why))?;
        let token = self.tokens.other_than(refused.map(|token| &token.secret)).await?;
        let mut url = at(&self.instance_of(&token, call.name)?, &call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query.iter().map(|(name, value)| (*name, value)));
        }
        let mut request = exchange.http().request(call.method.clone(), url);
        if let Some((name, value)) = &call.header {
            request = request.header(*name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        let request = request.build().expect("the URL is parsed, headers are plain and the body is JSON");
        Ok((token.clone(), bearing(request, &token.secret)))
    }

    /// Where the org is that we have a token of.
    pub(super) async fn instance(&self, call: &'static str) -> Result<Url, CallFailure> {
        self.instance_of(&self.tokens.other_than(None).await?, call)
    }

    /// Where the org is: as the token says, as the connection says, or where we sign in.
    fn instance_of(&self, token: &Token, call: &'static str) -> Result<Url, CallFailure> {
        let instance = token.instance_url.as_ref().or(self.instance_url.as_ref()).unwrap_or(&self.login_url);
        checked_instance(instance, &self.login_url)
            .map_err(|why| CallFailure::blocked(&SALESFORCE, call, why))
    }
}

pub(super) fn decode<T: DeserializeOwned>(call: &'static str, answer: &Answer) -> Result<T, CallFailure> {
    serde_json::from_slice(&answer.body).map_err(|error| undecodable(call, &answer.body, error))
}
