//! One method per call we make to Twilio. No rules of ours.

use secrecy::SecretString;
use url::Url;

use super::{FlexIdentity, TwilioError, Worker};
use crate::clock::Clock;
use crate::connectors::Net;

/// Twilio's hosts; each is a setting, for regions, proxies and tests.
#[derive(Debug, Clone)]
pub struct Urls {
    /// `https://iam.twilio.com`: Flex tokens.
    pub iam: Url,
    /// `https://taskrouter.twilio.com`: workers and tasks.
    pub taskrouter: Url,
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
#[derive(Debug, Clone)]
pub struct TwilioClient {}

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
        let _ = (http, urls, account_sid.into(), auth, clock, net);
        todo!()
    }

    /// Asks Twilio whom a Flex token speaks for. The token is opaque: only Twilio can check it.
    pub async fn validate_flex_token(&self, token: &SecretString) -> Result<FlexIdentity, TwilioError> {
        let _ = token;
        todo!()
    }

    /// A worker with its attributes.
    pub async fn worker(&self, workspace_sid: &str, worker_sid: &str) -> Result<Worker, TwilioError> {
        let _ = (workspace_sid, worker_sid);
        todo!()
    }
}
