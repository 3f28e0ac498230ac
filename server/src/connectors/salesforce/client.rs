//! One method per thing that we read of Salesforce. No rules of ours: what rows mean is decided in models.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::{Map, Value};
use url::Url;

use super::calls::{Call, decode};
use super::daily::DailyCalls;
use super::error::undecodable;
use super::{Object, ObjectSummary, SALESFORCE, Usage};
use crate::clock::Clock;
use crate::connectors::tokens::Tokens;
use crate::connectors::{CallFailure, Exchange, Lenient, Net, RateBudget, Rows, TokenSource, VendorError};

/// How descriptions are read.
pub(super) const LENIENT: Lenient = Lenient { vendor: "salesforce", careful: &[] };
/// So much of an org's day is ours, where nobody says otherwise.
const SHARE_PERCENT: u64 = 30;

/// What is known of the limits of one Salesforce org: its calls of the last 24 hours, and ours. Clones are the same. Each process counts
/// its own calls, so with several replicas each has a share of its own; what all programs together used is in every answer of the org.
#[derive(Debug, Clone, Default)]
pub struct SalesforceBudget {
    rate: Arc<RateBudget>,
    daily: Arc<DailyCalls>,
}

/// One Salesforce org. Clones share the token and the counts of calls.
#[derive(Clone)]
pub struct SalesforceClient {
    pub(super) exchange: Exchange,
    pub(super) tokens: Arc<Tokens>,
    pub(super) login_url: Url,
    pub(super) instance_url: Option<Url>,
    pub(super) daily: Arc<DailyCalls>,
    pub(super) share_percent: u64,
}

impl fmt::Debug for SalesforceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SalesforceClient({})", self.login_url.origin().ascii_serialization())
    }
}

/// Whose rights we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Like `00D…`.
    pub organization_id: String,
    /// Like `005…`.
    pub user_id: String,
    /// Where the org is, like `acme.my.salesforce.com`.
    pub host: String,
    /// Like `integration@acme.example`; absent where the client's scopes do not show it.
    pub username: Option<String>,
}

impl SalesforceClient {
    /// A client that signs in at `login_url`: `https://login.salesforce.com`, `https://test.salesforce.com` or a My Domain.
    /// `instance_url` is where the org is, as far as known before; a token's own word prevails.
    pub fn new(
        http: reqwest::Client,
        login_url: Url,
        instance_url: Option<Url>,
        tokens: impl Into<TokenSource>,
        clock: Clock,
        net: Net,
    ) -> Self {
        let exchange = Exchange::new("salesforce", http, net, clock);
        let endpoint = super::oauth::token_endpoint(exchange.clone(), &login_url);
        let tokens = Arc::new(Tokens::new(endpoint, tokens.into()));
        let daily = Arc::default();
        Self { exchange, tokens, login_url, instance_url, daily, share_percent: SHARE_PERCENT }
    }

    /// The same org for jobs: leaves calls to people, and to the org's other programs.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { exchange: self.exchange.background(), ..self.clone() }
    }

    /// The same org, with what is known of its limits already.
    #[must_use]
    pub fn within(self, budget: &SalesforceBudget) -> Self {
        let exchange = self.exchange.with_budget(Arc::clone(&budget.rate));
        Self { exchange, daily: Arc::clone(&budget.daily), ..self }
    }

    /// Jobs use at most so many of a hundred calls of the org's day.
    #[must_use]
    pub fn with_share(self, percent: u64) -> Self {
        Self { share_percent: percent, ..self }
    }

    /// How many calls of its day the org has used, as its last answer said.
    pub fn usage(&self) -> Option<Usage> {
        self.daily.usage()
    }

    /// The org and the user whose rights we have.
    pub async fn identity(&self) -> Result<Identity, CallFailure> {
        #[derive(Deserialize)]
        struct Root {
            identity: Url,
        }
        const ROOT: &str = "GET /services/data/{version}";
        const IDENTITY: &str = "GET /id/{organization}/{user}";
        let answer = self.send(&Call::get(ROOT, "")).await?;
        let root: Root = decode(ROOT, &answer)?;
        let ids: Vec<&str> = root.identity.path_segments().into_iter().flatten().collect();
        let [_, organization_id, user_id] = ids[..] else {
            let why = serde_json::Error::custom("`identity` is not the address of a user");
            return Err(undecodable(ROOT, &answer.body, why));
        };
        let call = Call::at(IDENTITY, reqwest::Method::GET, format!("/id/{organization_id}/{user_id}"));
        let username = match self.send(&call).await {
            Ok(answer) => {
                let body: Map<String, Value> = decode(IDENTITY, &answer)?;
                body.get("username").and_then(Value::as_str).map(str::to_owned)
            }
            Err(error) if error.is_denied_or_absent() => None,
            Err(error) => return Err(error),
        };
        let host = self.instance(IDENTITY).await?.host_str().unwrap_or_default().to_owned();
        Ok(Identity { organization_id: organization_id.into(), user_id: user_id.into(), host, username })
    }

    /// The objects that the connected user sees, as far as they can be read.
    pub async fn describe_global(&self) -> Result<Rows<ObjectSummary>, CallFailure> {
        const CALL: &str = "GET /services/data/{version}/sobjects";
        let answer = self.send(&Call::get(CALL, "/sobjects")).await?;
        let mut body: Map<String, Value> = decode(CALL, &answer)?;
        let objects = body.remove("sobjects").unwrap_or_default();
        LENIENT.rows("sobjects", objects).map_err(|error| undecodable(CALL, &answer.body, error))
    }

    /// An object with the fields that the connected user sees; hidden ones are absent.
    pub async fn describe(&self, object: &str) -> Result<Object, CallFailure> {
        const CALL: &str = "GET /services/data/{version}/sobjects/{object}/describe";
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if object.is_empty() || !object.chars().all(is_name) {
            return Err(CallFailure::new(&SALESFORCE, CALL, crate::connectors::FailureKind::NotFound));
        }
        let answer = self.send(&Call::get(CALL, &format!("/sobjects/{object}/describe"))).await?;
        Object::read(decode(CALL, &answer)?).map_err(|error| undecodable(CALL, &answer.body, error))
    }
}
