//! Trouble on demand: answers that fail, stall, break off or arrive damaged.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};

/// Which calls shall fail, how often, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRule {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub on: Matching,
    /// How many of them.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching calls go through untouched first.
    #[serde(default)]
    pub skip: u32,
    /// What goes wrong.
    pub fault: Fault,
}

const fn once() -> u32 {
    1
}

/// Which calls a rule is about; what is not said matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matching {
    /// `zendesk`, `content`, `twilio` or `notify`.
    pub host: Option<String>,
    /// The verb.
    pub method: Option<String>,
    /// How the path begins.
    pub path_prefix: Option<String>,
    /// What the path contains.
    pub path_contains: Option<String>,
}

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fault {
    /// This status instead of an answer; the call has no effect.
    Status {
        /// For example 503.
        status: u16,
        /// Seconds in `Retry-After`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The call has its effect, but the answer is this status.
    LostAnswer {
        /// For example 502.
        lost_answer: u16,
    },
    /// The answer comes late.
    Delay {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// The connection breaks before any body arrives; the call had its effect.
    Reset {
        /// Always true.
        reset: bool,
    },
    /// The body breaks off after so many bytes.
    Truncate {
        /// Bytes that still arrive.
        truncate: u64,
    },
    /// One bit of this byte of the body is wrong.
    FlipByte {
        /// Its position.
        flip_byte: u64,
    },
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FaultRule>);

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.0.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The trouble for this call, if any; it is used up.
    pub(crate) fn take(&mut self, host: &str, method: &Method, path: &str) -> Option<Fault> {
        let rule = self.0.iter_mut().find(|rule| rule.times > 0 && rule.on.matches(host, method, path))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        rule.times -= 1;
        Some(rule.fault)
    }
}

impl Matching {
    fn matches(&self, host: &str, method: &Method, path: &str) -> bool {
        self.host.as_deref().is_none_or(|wanted| wanted == host)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path_prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix))
            && self.path_contains.as_deref().is_none_or(|part| path.contains(part))
    }
}

impl Fault {
    /// The answer that replaces the real one, before anything happens.
    pub(crate) fn instead(self) -> Option<Response> {
        let Self::Status { status, retry_after } = self else { return None };
        let mut response = status_page(status);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Some(response)
    }

    /// How long the answer waits.
    pub(crate) const fn delay(self) -> Option<Duration> {
        match self {
            Self::Delay { delay_ms } => Some(Duration::from_millis(delay_ms)),
            _ => None,
        }
    }

    /// Damages the real answer.
    pub(crate) fn damage(self, response: Response) -> Response {
        match self {
            Self::Status { .. } | Self::Delay { .. } => response,
            Self::LostAnswer { lost_answer } => status_page(lost_answer),
            Self::Reset { .. } => cut(response, 0),
            Self::Truncate { truncate } => cut(response, truncate),
            Self::FlipByte { flip_byte } => flip(response, flip_byte),
        }
    }
}

/// What a proxy in front of Zendesk would say: not JSON.
fn status_page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = format!("<html><body><h1>{status}</h1></body></html>");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

/// Sends `length` bytes, then breaks the connection. The length promised before stays promised.
fn cut(response: Response, length: u64) -> Response {
    let (parts, body) = response.into_parts();
    let some = body.into_data_stream().scan(length, |left, chunk| {
        let kept = chunk.ok().and_then(|chunk| {
            let keep = usize::try_from(*left).unwrap_or(usize::MAX).min(chunk.len());
            *left -= keep as u64;
            (keep > 0).then(|| Ok(chunk.slice(..keep)))
        });
        std::future::ready(kept)
    });
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection broke")) });
    Response::from_parts(parts, Body::from_stream(some.chain(broken)))
}

fn flip(response: Response, position: u64) -> Response {
    let (parts, body) = response.into_parts();
    let mut at = 0_u64;
    let bytes = body.into_data_stream().map(move |chunk| {
        chunk.map(|chunk| {
            let here = position.checked_sub(at).and_then(|offset| usize::try_from(offset).ok());
            at += chunk.len() as u64;
            match here {
                Some(offset) if offset < chunk.len() => {
                    let mut damaged = chunk.to_vec();
                    damaged[offset] ^= 1;
                    Bytes::from(damaged)
                }
                _ => chunk,
            }
        })
    });
    Response::from_parts(parts, Body::from_stream(bytes))
}
