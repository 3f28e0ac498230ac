//! One method per call we make to Twilio. No rules of ours.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value, json};
use url::Url;

use super::error::{failed, refused, undecodable};
use super::types::{LENIENT, decode_identity};
use super::{FlexIdentity, TwilioError, Worker};
use crate::clock::Clock;
use crate::connectors::{Answer, Exchange, Net, Repeat, Rows};
use crate::setting;

/// Rows of one page, to begin with.
const PAGE: usize = 100;

/// Twilio's hosts; each is a setting, for regions, proxies and tests.
#[derive(Debug, Clone, Deserialize)]
pub struct Urls {
    /// `https://iam.twilio.com`: Flex tokens.
    #[serde(rename = "iam_url", deserialize_with = "setting::url")]
    pub iam: Url,
    /// `https://taskrouter.twilio.com`: workers and tasks.
    #[serde(rename = "taskrouter_url", deserialize_with = "setting::url")]
    pub taskrouter: Url,
    /// `https://conversations.twilio.com`: what was written in a chat.
    #[serde(rename = "conversations_url", deserialize_with = "setting::url")]
    pub conversations: Url,
    /// `https://api.twilio.com`: recordings.
    #[serde(rename = "api_url", deserialize_with = "setting::url")]
    pub api: Url,
    /// `https://events.twilio.com`: where events go.
    #[serde(rename = "events_url", deserialize_with = "setting::url")]
    pub events: Url,
}

/// How we sign in.
#[derive(Debug, Clone)]
pub enum Auth {
    /// The account's primary auth token.
    Token(SecretString),
    /// An API key, which can be revoked on its own.
    ApiKey {
        /// `SK…`.
        sid: String,
        /// Its secret.
        secret: SecretString,
    },
}

/// One Twilio account.
#[derive(Clone)]
pub struct TwilioClient {
    pub(super) exchange: Exchange,
    pub(super) urls: Urls,
    pub(super) account_sid: Arc<str>,
    auth: Auth,
}

impl fmt::Debug for TwilioClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TwilioClient({})", self.account_sid)
    }
}

impl TwilioClient {
    /// A client of one account. `http` comes from [`http_client`](crate::connectors::http_client).
    pub fn new(
        http: reqwest::Client,
        urls: Urls,
        account_sid: impl Into<String>,
        auth: Auth,
        clock: Clock,
        net: Net,
    ) -> Self {
        let exchange = Exchange::new("twilio", http, net, clock);
        Self { exchange, urls, account_sid: account_sid.into().into(), auth }
    }

    /// The same account for jobs.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { exchange: self.exchange.background(), ..self.clone() }
    }

    /// Asks Twilio whom a Flex token speaks for. The token is opaque: only Twilio can check it.
    pub async fn validate_flex_token(&self, token: &SecretString) -> Result<FlexIdentity, TwilioError> {
        #[derive(Deserialize)]
        struct Validated {
            #[serde(default)]
            valid: bool,
            identity: Option<String>,
            realm_user_id: Option<String>,
            roles: Option<Vec<String>>,
            worker_sid: Option<String>,
            expiration: Option<DateTime<Utc>>,
        }
        const CALL: &str = "POST /v1/Accounts/{AC}/Tokens/validate";
        let url = at(&self.urls.iam, &["v1", "Accounts", &self.account_sid, "Tokens", "validate"]);
        let body = json!({ "token": token.expose_secret() });
        let request = self.request(Method::POST, url).header("cache-control", "no-cache").json(&body);
        let validated: Validated = match self.strict(CALL, Repeat::Safe, request).await {
            // What is no token at all is refused as a request.
            Err(TwilioError::Rejected { status: 400, .. }) => return Err(TwilioError::InvalidToken),
            other => other?,
        };
        let over = validated.expiration.is_some_and(|end| end <= self.exchange.clock().now());
        let identity = validated.identity.filter(|identity| !identity.is_empty());
        let (true, false, Some(identity)) = (validated.valid, over, identity) else {
            return Err(TwilioError::InvalidToken);
        };
        Ok(FlexIdentity {
            identity: decode_identity(&identity),
            realm_user_id: validated.realm_user_id,
            roles: validated.roles.unwrap_or_default(),
            worker_sid: validated.worker_sid,
            expires_at: validated.expiration,
        })
    }

    /// A worker with its attributes.
    pub async fn worker(&self, workspace_sid: &str, worker_sid: &str) -> Result<Worker, TwilioError> {
        #[derive(Deserialize)]
        struct Answered {
            sid: String,
            #[serde(default)]
            friendly_name: String,
            #[serde(default)]
            attributes: Option<String>,
        }
        const CALL: &str = "GET /v1/Workspaces/{WS}/Workers/{WK}";
        let url = at(&self.urls.taskrouter, &["v1", "Workspaces", workspace_sid, "Workers", worker_sid]);
        let worker: Answered = self.call(CALL, self.request(Method::GET, url)).await?;
        // JSON inside a JSON string.
        let attributes = worker.attributes.filter(|text| !text.is_empty()).unwrap_or_else(|| "{}".to_owned());
        let attributes = serde_json::from_str(&attributes)
            .map_err(|error| TwilioError::unreadable(CALL, Arc::new(error)))?;
        Ok(Worker { sid: worker.sid, name: decode_identity(&worker.friendly_name), attributes })
    }

    /// All rows of a list, page by page, or those of its first `most_pages`, and then cut off. Where a page is larger than we take, the list is
    /// read again from its start in smaller ones: what Twilio's page tokens mean depends on the size.
    pub(super) async fn rows<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: &Url,
        member: &'static str,
        most_pages: usize,
    ) -> Result<Rows<T>, TwilioError> {
        let mut size = PAGE;
        loop {
            match self.rows_in_pages_of(size, call, url, member, most_pages * (PAGE / size)).await {
                Err(TwilioError::TooLarge { .. }) if size > 1 => size /= 2,
                Err(error @ TwilioError::TooLarge { .. }) => return Err(error),
                rows => return rows,
            }
        }
    }

    async fn rows_in_pages_of<T: DeserializeOwned>(
        &self,
        size: usize,
        call: &'static str,
        url: &Url,
        member: &'static str,
        most_pages: usize,
    ) -> Result<Rows<T>, TwilioError> {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("PageSize", &size.to_string());
        let mut all = Rows::default();
        for _ in 0..most_pages {
            let mut body: Map<String, Value> =
                self.strict(call, Repeat::Safe, self.request(Method::GET, url.clone())).await?;
            let rows = body.remove(member).unwrap_or_default();
            all.extend(LENIENT.rows(member, rows).map_err(|error| undecodable(call, error))?);
            // Only the token of the next page is taken from the answer, not where it is.
            let next = match &body.get("meta").unwrap_or(&Value::Null)["next_page_url"] {
                Value::Null if body.get("meta").is_some_and(Value::is_object) => return Ok(all),
                Value::String(next) => next.parse::<Url>().ok(),
                _ => None,
            };
            let next = next.filter(|next| next.query() != url.query()).ok_or_else(|| {
                undecodable(call, serde_json::Error::custom("`meta.next_page_url` cannot be read"))
            })?;
            url.set_query(next.query());
        }
        Ok(all.cut_off())
    }

    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        call: &'static str,
        request: RequestBuilder,
    ) -> Result<T, TwilioError> {
        self.call_as(call, Repeat::Safe, request).await
    }

    /// The same, for what must not be done twice.
    pub(super) async fn call_as<T: DeserializeOwned>(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<T, TwilioError> {
        let body = self.strict(call, repeat, request).await?;
        LENIENT.object(call, body).map_err(|error| undecodable(call, error))
    }

    /// The same, and nothing of the answer may be of an odd type.
    async fn strict<T: DeserializeOwned>(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<T, TwilioError> {
        let answer = self.answer_as(call, repeat, request).await?;
        serde_json::from_slice(&answer.body).map_err(|error| undecodable(call, error))
    }

    /// A success, with its headers.
    pub(super) async fn answer(
        &self,
        call: &'static str,
        request: RequestBuilder,
    ) -> Result<Answer, TwilioError> {
        self.answer_as(call, Repeat::Safe, request).await
    }

    async fn answer_as(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<Answer, TwilioError> {
        let request = request.build().expect("the URL is parsed and the body is JSON without special keys");
        let answer = self.exchange.send(call, repeat, request).await.map_err(|error| failed(call, error))?;
        if !answer.status.is_success() {
            return Err(refused(call, &answer, self.exchange.clock().now()));
        }
        Ok(answer)
    }

    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let (user, password) = match &self.auth {
            Auth::Token(token) => (&*self.account_sid, token),
            Auth::ApiKey { sid, secret } => (sid.as_str(), secret),
        };
        self.exchange.http().request(method, url).basic_auth(user, Some(password.expose_secret()))
    }
}

/// The base may have a path of its own, behind a proxy; a segment cannot break out of its place.
pub(super) fn at(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.path_segments_mut().expect("http URLs have paths").pop_if_empty().extend(segments);
    url
}
