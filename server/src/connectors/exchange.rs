//! One call to a vendor: guard, budget, at most two tries, a bounded answer, metrics. Knows no vendor. The tries are for
//! hiccups while somebody waits; the queue does the long ones.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Method, Request, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::{Net, Priority, RateBudget, Refusal, retry_after};
use crate::clock::Clock;

/// No JSON answer is larger, bytes.
pub const ANSWER_LIMIT: usize = 16 * 1024 * 1024;
/// A second try must begin within this.
const MAX_WAIT: Duration = Duration::from_secs(3);
/// Where a `429` says nothing.
const DEFAULT_WAIT: Duration = Duration::from_mins(1);

/// May the vendor receive it twice?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Twice is once.
    Safe,
    /// Twice is two: tried again only when it certainly was not received.
    Never,
}

/// The vendor's answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// All of the body.
    pub body: Bytes,
}

/// There is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// A job has to leave what is left of the budget to agents.
    #[error("the rate budget is kept for agents for {} s", .0.as_secs())]
    Budget(Duration),
    /// We do not go there.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Not reached, or fell silent. Holds no URL.
    #[error(transparent)]
    Transport(#[from] Arc<reqwest::Error>),
    /// The answer is larger than this many bytes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Whether a `429` with these headers and this body is about one record or one kind of work, so that other calls go on.
pub type NarrowLimit = fn(&HeaderMap, &[u8]) -> bool;

/// How calls to one vendor account are made. Clones share the budget.
#[derive(Debug, Clone)]
pub struct Exchange {
    vendor: &'static str,
    http: reqwest::Client,
    net: Net,
    clock: Clock,
    budget: Arc<RateBudget>,
    priority: Priority,
    is_narrow: NarrowLimit,
}

/// Builds requests whose addresses the guard sees as they are. `reqwest`'s own builder moves a user name and a password out of the
/// address into a header, and the guard would find nothing to refuse.
#[derive(Debug)]
pub struct Requests<'a>(&'a reqwest::Client);

impl Requests<'_> {
    /// A request.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        RequestBuilder::from_parts(self.0.clone(), Request::new(method, url))
    }

    /// A `POST`.
    pub fn post(&self, url: Url) -> RequestBuilder {
        self.request(Method::POST, url)
    }
}

impl Exchange {
    /// For agents; see [`Exchange::background`].
    pub fn new(vendor: &'static str, http: reqwest::Client, net: Net, clock: Clock) -> Self {
        Self {
            vendor,
            http,
            net,
            clock,
            budget: Arc::default(),
            priority: Priority::Interactive,
            is_narrow: |_, _| false,
        }
    }

    /// The same, for a vendor that has limits of single records.
    #[must_use]
    pub fn with_narrow_limits(self, is_narrow: NarrowLimit) -> Self {
        Self { is_narrow, ..self }
    }

    /// The same account, with what is known of its limits already.
    #[must_use]
    pub fn with_budget(self, budget: Arc<RateBudget>) -> Self {
        Self { budget, ..self }
    }

    /// The same account, for jobs.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { priority: Priority::Background, ..self.clone() }
    }

    /// The same account, for jobs that make no more than this part of its limit, in per cent.
    #[must_use]
    pub fn with_share(&self, percent: u8) -> Self {
        Self { priority: Priority::Share(percent), ..self.clone() }
    }

    /// How many calls a minute such a share allows; not known before the first answer.
    pub fn calls_a_minute(&self) -> Option<u64> {
        match self.priority {
            Priority::Share(percent) => self.budget.share(percent),
            Priority::Interactive | Priority::Background => None,
        }
    }

    /// The account's limit of a minute and how much of it is used now; not known before the first answer.
    pub fn used(&self) -> Option<(u64, u64)> {
        self.budget.used(self.clock.now())
    }

    /// Whether jobs wait for the calls, and no agent does.
    pub fn is_background(&self) -> bool {
        self.priority != Priority::Interactive
    }

    /// To build requests with.
    pub fn http(&self) -> Requests<'_> {
        Requests(&self.http)
    }

    /// The guard.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes the call and reads all of its answer.
    pub async fn send(
        &self,
        call: &'static str,
        repeat: Repeat,
        request: Request,
    ) -> Result<Answer, CallError> {
        let started = Instant::now();
        let again = request.try_clone();
        let first = self.attempt(call, request).await;
        let (Some(again), Some(wait)) = (again, self.second_try(&first, repeat)) else { return first };
        if started.elapsed() + wait > MAX_WAIT {
            return first;
        }
        tracing::debug!(
            vendor = self.vendor,
            call,
            wait_ms = wait.as_millis(),
            "`{call}` is tried a second time"
        );
        self.clock.wait(wait).await;
        self.attempt(call, again).await
    }

    /// Makes the call and reads only the head of its answer. No second try, and no budget: files have their own limits.
    pub async fn open(&self, call: &'static str, request: Request) -> Result<Response, CallError> {
        let started = Instant::now();
        let opened = match self.net.check_resolved(request.url()).await {
            Ok(()) => self.http.execute(request).await.map_err(no_answer),
            Err(refusal) => Err(refusal.into()),
        };
        self.count(call, started, opened.as_ref().map(Response::status));
        opened
    }

    async fn attempt(&self, call: &'static str, request: Request) -> Result<Answer, CallError> {
        let started = Instant::now();
        let answer = self.guarded(call, request).await;
        self.count(call, started, answer.as_ref().map(|answer| answer.status));
        answer
    }

    async fn guarded(&self, call: &'static str, request: Request) -> Result<Answer, CallError> {
        self.net.check_resolved(request.url()).await?;
        self.budget.admit(call, self.priority, self.clock.now()).map_err(CallError::Budget)?;
        let mut response = self.http.execute(request).await.map_err(no_answer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(&mut response, ANSWER_LIMIT).await;
        let now = self.clock.now();
        let is_narrow = || body.as_ref().is_ok_and(|body| (self.is_narrow)(&headers, body));
        if status == StatusCode::TOO_MANY_REQUESTS && !is_narrow() {
            let wait = retry_after(&headers, now).unwrap_or(DEFAULT_WAIT);
            self.budget.exhausted(call, &headers, wait, now);
        } else {
            self.budget.observe(call, &headers, now);
        }
        Ok(Answer { status, headers, body: body? })
    }

    /// How long to wait before a second try that may help.
    fn second_try(&self, first: &Result<Answer, CallError>, repeat: Repeat) -> Option<Duration> {
        let jitter = Duration::from_millis(rand::random_range(50..250));
        match first {
            // Refused before anything was done: even a call that must not be repeated may be.
            Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                let wait = retry_after(&answer.headers, self.clock.now())?;
                (self.priority == Priority::Interactive).then_some(wait + jitter)
            }
            Err(CallError::Transport(error)) if error.is_connect() => Some(jitter),
            Ok(answer) if answer.status.is_server_error() && repeat == Repeat::Safe => {
                Some(retry_after(&answer.headers, self.clock.now()).unwrap_or_default() + jitter)
            }
            Err(CallError::Transport(_)) if repeat == Repeat::Safe => Some(jitter),
            _ => None,
        }
    }

    fn count(&self, call: &'static str, started: Instant, answered: Result<StatusCode, &CallError>) {
        let outcome = match answered {
            Ok(StatusCode::TOO_MANY_REQUESTS) => "rate_limited",
            Ok(status) if status.is_client_error() => "client_error",
            Ok(status) if status.is_server_error() => "server_error",
            Ok(_) => "ok",
            Err(CallError::Budget(_)) => "budget",
            Err(CallError::Refused(_)) => "refused",
            Err(CallError::Transport(_)) => "transport",
            Err(CallError::TooLarge(_)) => "too_large",
        };
        metrics::counter!("deskside_vendor_calls_total", "vendor" => self.vendor, "call" => call, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("deskside_vendor_call_seconds", "vendor" => self.vendor, "call" => call)
            .record(started.elapsed().as_secs_f64());
    }
}

/// All of a body, but not more than `limit`.
pub async fn read(response: &mut Response, limit: usize) -> Result<Bytes, CallError> {
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(CallError::TooLarge(limit));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if body.len() + chunk.len() > limit {
            return Err(CallError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Finds the resolver's refusal inside, and forgets the URL: it holds ids, addresses or tokens.
pub fn no_answer(error: reqwest::Error) -> CallError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return CallError::Refused(refusal.clone());
        }
        cause = inner.source();
    }
    CallError::Transport(Arc::new(error.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connectors::stub;

    #[tokio::test]
    async fn a_private_range_allows_no_plain_call_to_another_place() {
        let vendor = stub::Stub::start().await;
        let net =
            |range: &str| Net { allow_private: vec![range.parse().expect("a range")], ..Net::default() };
        let check = async |range: &str, is_sent: bool| {
            let exchange = Exchange::new("vendor", stub::http(), net(range), stub::clock());
            let mut url = vendor.url.clone();
            url.set_host(Some("localhost")).expect("a name");
            let request = || exchange.http().post(url.clone()).json(&"hush").build().expect("a request");
            let sent = exchange.send("POST /", Repeat::Never, request()).await.map(drop);
            let opened = exchange.open("POST /", request()).await.map(drop);
            for answer in [sent, opened] {
                let refusal = Refusal::Plain("localhost".to_owned());
                match answer {
                    Ok(()) => assert!(is_sent, "{range}"),
                    Err(CallError::Refused(why)) => assert_eq!((why, is_sent), (refusal, false), "{range}"),
                    Err(other) => panic!("{range}: {other}"),
                }
            }
        };
        check("127.0.0.0/8", true).await;
        let before = vendor.asked("").len();
        check("10.0.0.0/8", false).await;
        assert_eq!(vendor.asked("").len(), before, "nothing was sent");
    }

    #[tokio::test]
    async fn an_address_with_a_user_or_a_password_is_not_called() {
        let exchange = Exchange::new("vendor", stub::http(), stub::loopback(), stub::clock());
        for user in ["user", "user:hush", ":hush"] {
            let url: Url = format!("http://{user}@127.0.0.1:9/").parse().expect("an address");
            let request = exchange.http().post(url).json(&1).build().expect("a request");
            let refused = exchange.send("POST /", Repeat::Never, request).await;
            assert!(
                matches!(refused, Err(CallError::Refused(super::super::Refusal::Userinfo(_)))),
                "{refused:?}"
            );
        }
    }
}
