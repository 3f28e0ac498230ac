//! Opens an attachment. Redirects are followed by hand: to allowed hosts only, and **our token goes to the account's own
//! origin and nowhere else**. The bytes are passed on as they come, never collected.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, Request, Response, StatusCode};
use secrecy::SecretString;
use url::Url;

use super::error::{failed, refused};
use super::{ZENDESK, ZendeskClient, ZendeskError};
use crate::connectors::request::bearing;
use crate::connectors::{Answer, CallFailure, FailureKind, Refusal, no_answer, read};

const CALL: &str = "GET {content_url}";
const REDIRECTS: usize = 5;
/// Files have no total time-out but this; silence ends them sooner.
const WHOLE: Duration = Duration::from_hours(24);
/// The body of a refusal is read for its error code only.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// A file on its way in.
pub struct Download {
    /// Bytes to come, where the host says so.
    pub content_length: Option<u64>,
    /// As the host declares it.
    pub content_type: Option<String>,
    /// The bytes; ends with an error when the host falls silent or sends more than allowed.
    pub stream: BoxStream<'static, Result<Bytes, ZendeskError>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download({:?}, {:?} bytes)", self.content_type, self.content_length)
    }
}

/// Follows `content_url` to the file.
pub(super) async fn open(client: &ZendeskClient, content_url: &str) -> Result<Download, ZendeskError> {
    let mut url = Url::parse(content_url).map_err(|_| not_there(Refusal::NotAUrl))?;
    for _ in 0..=REDIRECTS {
        let response = visit(client, &url).await?;
        if !response.status().is_redirection() {
            return receive(client, response).await;
        }
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let unread = || CallFailure::of_status(&ZENDESK, CALL, response.status().as_u16());
        url = location.and_then(|location| url.join(location).ok()).ok_or_else(unread)?;
    }
    Err(not_there(Refusal::Redirects(REDIRECTS)))
}

/// One hop, with our token where it is the account's own origin.
async fn visit(client: &ZendeskClient, url: &Url) -> Result<Response, ZendeskError> {
    client.exchange.net().check_resolved(url).await.map_err(not_there)?;
    if url.origin() != client.base_url.origin() {
        let host = url.host_str().unwrap_or_default();
        if !client.attachment_hosts.iter().any(|pattern| matches(pattern, host)) {
            return Err(not_there(Refusal::Host(host.to_owned())));
        }
        return head(client, request(url)).await;
    }
    let token: SecretString = client.tokens.current().await?;
    let response = head(client, bearing(request(url), &token)).await?;
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(response);
    }
    let token = client.tokens.instead_of(&token).await?;
    head(client, bearing(request(url), &token)).await
}

fn request(url: &Url) -> Request {
    let mut request = Request::new(Method::GET, url.clone());
    *request.timeout_mut() = Some(WHOLE);
    request
}

/// The head of the answer, within the time of a whole call.
async fn head(client: &ZendeskClient, request: Request) -> Result<Response, ZendeskError> {
    let answered = client.exchange.open(CALL, request);
    tokio::time::timeout(client.exchange.net().total_timeout, answered)
        .await
        .map_err(|_| ZendeskError::new(CALL, FailureKind::Unavailable))?
        .map_err(|error| failed(CALL, error))
}

async fn receive(client: &ZendeskClient, mut response: Response) -> Result<Download, ZendeskError> {
    let (status, headers) = (response.status(), response.headers().clone());
    if !status.is_success() {
        let body = read(&mut response, REFUSAL_LIMIT).await.unwrap_or_default();
        return Err(refused(CALL, &Answer { status, headers, body }, client.exchange.clock().now()));
    }
    let limit = client.file_limit;
    let content_length = response.content_length();
    if content_length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let patience = client.exchange.net().total_timeout;
    let stream = stream::unfold(Some((response, 0)), move |going_on| async move {
        let (mut response, so_far) = going_on?;
        let chunk = match tokio::time::timeout(patience, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => return Some((Err(failed(CALL, no_answer(error))), None)),
            Err(_) => return Some((Err(ZendeskError::new(CALL, FailureKind::Unavailable)), None)),
        };
        let so_far = so_far + chunk.len() as u64;
        if so_far > limit {
            return Some((Err(too_large(limit)), None));
        }
        Some((Ok(chunk), Some((response, so_far))))
    });
    Ok(Download { content_length, content_type, stream: stream.boxed() })
}

fn not_there(source: Refusal) -> ZendeskError {
    CallFailure::blocked(&ZENDESK, CALL, source).into()
}

fn too_large(limit: u64) -> ZendeskError {
    ZendeskError::too_large(CALL, &format!("the file has more than the allowed {limit} bytes"))
}

/// `*.zdusercontent.com` matches every name below, not the name itself; all else matches exactly.
fn matches(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    match pattern.strip_prefix("*.") {
        Some(parent) => {
            let below = host.strip_suffix(parent).and_then(|below| below.strip_suffix('.'));
            below.is_some_and(|below| !below.is_empty())
        }
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_opens_what_is_below_it_and_nothing_beside_it() {
        let check =
            |pattern, host, expected| assert_eq!(matches(pattern, host), expected, "{pattern} {host}");
        check("*.zdusercontent.com", "p12.zdusercontent.com", true);
        check("*.zdusercontent.com", "a.b.ZDusercontent.com", true);
        check("*.zdusercontent.com", "zdusercontent.com", false);
        check("*.zdusercontent.com", ".zdusercontent.com", false);
        check("*.zdusercontent.com", "evilzdusercontent.com", false);
        check("*.zdusercontent.com", "p12.zdusercontent.com.example.com", false);
        check("127.0.0.1", "127.0.0.1", true);
        check("127.0.0.1", "127.0.0.2", false);
        check("files.example.com", "FILES.example.com", true);
    }
}
