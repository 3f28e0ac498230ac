//! How every call to Zendesk is made: signed with our token, once more with a new one if the old is refused, paged,
//! unwrapped, and its refusal read. Knows no single call; those are in `client`.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};
use url::Url;

use super::error::{failed, refused, undecodable};
use super::{ZendeskClient, ZendeskError};
use crate::connectors::{Answer, Repeat};

/// The most that one call takes or gives.
pub(super) const PAGE: usize = 100;

impl ZendeskClient {
    /// All pages of a list, until `enough`.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        call: &'static str,
        mut url: Url,
        member: &'static str,
        most: usize,
        enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, ZendeskError> {
        url.query_pairs_mut().append_pair("page[size]", &PAGE.to_string());
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..most {
            let mut page = url.clone();
            if let Some(after) = &after {
                page.query_pairs_mut().append_pair("page[after]", after);
            }
            let answer = self.get(call, page).await?;
            let mut body: Map<String, Value> = decode(call, &answer)?;
            all.extend(take::<Vec<T>>(call, &mut body, member)?);
            let meta = body.remove("meta").unwrap_or_default();
            let next =
                meta["after_cursor"].as_str().filter(|_| meta["has_more"] == true).map(ToOwned::to_owned);
            if next.is_none() || next == after || enough(&all) {
                break;
            }
            after = next;
        }
        Ok(all)
    }

    pub(super) async fn member<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: Url,
        member: &'static str,
    ) -> Result<T, ZendeskError> {
        member_of(call, &self.get(call, url).await?, member)
    }

    /// An answer with more than one member.
    pub(super) async fn whole<T: DeserializeOwned>(
        &self,
        call: &'static str,
        url: Url,
    ) -> Result<T, ZendeskError> {
        decode(call, &self.get(call, url).await?)
    }

    pub(super) async fn get(&self, call: &'static str, url: Url) -> Result<Answer, ZendeskError> {
        self.authorized(call, Repeat::Safe, self.request(Method::GET, url).build().expect(BUILDS)).await
    }

    /// A call whose answer says nothing but yes or no.
    pub(super) async fn write(
        &self,
        call: &'static str,
        method: Method,
        url: Url,
        repeat: Repeat,
        body: &Value,
    ) -> Result<(), ZendeskError> {
        let request = self.request(method, url).json(body).build().expect(BUILDS);
        self.authorized(call, repeat, request).await.map(drop)
    }

    /// Makes the call with our token, once more with a new token if Zendesk refuses the old one.
    pub(super) async fn authorized(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: Request,
    ) -> Result<Answer, ZendeskError> {
        let again = request.try_clone();
        let token = self.tokens.current().await?;
        let send = async |request, token: &SecretString| {
            self.exchange
                .send(call, repeat, bearing(request, token))
                .await
                .map_err(|error| failed(call, error))
        };
        let mut answer = send(request, &token).await?;
        if let (StatusCode::UNAUTHORIZED, Some(again)) = (answer.status, again) {
            let token = self.tokens.instead_of(&token).await?;
            answer = send(again, &token).await?;
        }
        if let Some(warning) = answer.headers.get("x-zendesk-api-warn").and_then(|value| value.to_str().ok())
        {
            tracing::warn!(vendor = "zendesk", call, warning, "Zendesk ignored a part of `{call}`");
        }
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(refused(call, &answer, self.exchange.clock().now()))
        }
    }

    pub(super) fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.exchange.http().request(method, url)
    }

    pub(super) fn url(&self, path: &str) -> Url {
        at(&self.base_url, path)
    }

    pub(super) fn url_with(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        url
    }
}

pub(super) const BUILDS: &str = "the URL is parsed and the body is JSON without special keys";

/// The base may have a path of its own, behind a proxy.
pub(super) fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Signs a request with our token, and keeps the token out of every `Debug`.
pub(super) fn bearing(mut request: Request, token: &SecretString) -> Request {
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())) {
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    } // a token that no header can carry is refused by Zendesk, like any other wrong one
    request
}

fn decode<T: DeserializeOwned>(call: &'static str, answer: &Answer) -> Result<T, ZendeskError> {
    serde_json::from_slice(&answer.body).map_err(|error| undecodable(call, error))
}

/// Zendesk wraps everything in one member that says what it is.
pub(super) fn member_of<T: DeserializeOwned>(
    call: &'static str,
    answer: &Answer,
    member: &'static str,
) -> Result<T, ZendeskError> {
    take(call, &mut decode(call, answer)?, member)
}

fn take<T: DeserializeOwned>(
    call: &'static str,
    body: &mut Map<String, Value>,
    member: &'static str,
) -> Result<T, ZendeskError> {
    let value =
        body.remove(member).ok_or_else(|| undecodable(call, serde_json::Error::missing_field(member)))?;
    serde_json::from_value(value).map_err(|error| undecodable(call, error))
}
