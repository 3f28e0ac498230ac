//! Trouble on demand: answers that fail, stall, break off or arrive damaged.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

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
    /// `zendesk`, `content`, `twilio`, `notify` or `salesforce`.
    pub host: Option<String>,
    /// The verb.
    pub method: Option<String>,
    /// How the path begins.
    pub path_prefix: Option<String>,
    /// What the path contains.
    pub path_contains: Option<String>,
    /// How the path ends.
    pub path_suffix: Option<String>,
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
    /// The call arrives late, and with it the answer; who hangs up before has asked for nothing.
    Delay {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// The call has its effect at once, but the answer comes late.
    Late {
        /// Milliseconds.
        late_ms: u64,
    },
    /// The call waits until the rule is mended, and then has its effect.
    Held {
        /// Always true.
        held: bool,
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
    /// The answer ends after so many bytes, as if that were all: a proxy passes on the part that it got.
    EndsEarly {
        /// Bytes that still arrive.
        ends_after: u64,
    },
    /// The body falls silent after so many bytes; the connection stays open.
    Silent {
        /// Bytes that still arrive.
        silent_after: u64,
    },
    /// One bit of this byte of the body is wrong.
    FlipByte {
        /// Its position.
        flip_byte: u64,
    },
    /// Sends the caller elsewhere; the call has no effect.
    Redirect {
        /// Where to.
        redirect: Elsewhere,
    },
}

/// Where somebody could be lured to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elsewhere {
    /// An address of the private network, in digits.
    Private,
    /// Where clouds keep a machine's credentials.
    Metadata,
    /// A host of somebody else's.
    Stranger,
    /// The same path again, for ever.
    Itself,
}

/// The rules in force. Public for stand-ins of others, who make the same trouble by the same rules.
#[derive(Debug, Default)]
pub struct Faults(Vec<Kept>);

/// A rule, and how often it was met. A rule that is mended stays, so that the others keep their places.
#[derive(Debug)]
struct Kept {
    rule: FaultRule,
    met: u32,
    effected: u32,
    mended: watch::Sender<bool>,
}

/// A rule, for whoever wants to know what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(usize);

impl Faults {
    /// From now on.
    pub fn add(&mut self, rule: FaultRule) -> FaultId {
        self.0.push(Kept { rule, met: 0, effected: 0, mended: watch::Sender::new(false) });
        FaultId(self.0.len() - 1)
    }

    /// No more trouble of this rule.
    pub fn mend(&mut self, id: FaultId) {
        if let Some(kept) = self.0.get_mut(id.0) {
            kept.mend();
        }
    }

    /// Waits until this rule is mended. Where its trouble is no waiting, that is at once.
    pub fn until_mended(&self, id: FaultId) -> impl Future<Output = ()> + Send + use<> {
        let held = self.0.get(id.0).filter(|kept| matches!(kept.rule.fault, Fault::Held { .. }));
        let mended = held.map(|kept| kept.mended.subscribe());
        async move {
            if let Some(mut mended) = mended {
                let _ = mended.wait_for(|mended| *mended).await; // or its rules are gone
            }
        }
    }

    /// How many calls met this rule's trouble.
    pub fn met(&self, id: FaultId) -> u32 {
        self.0.get(id.0).map_or(0, |kept| kept.met)
    }

    /// How many of them have had their effect, whatever the caller hears of it.
    pub fn effected(&self, id: FaultId) -> u32 {
        self.0.get(id.0).map_or(0, |kept| kept.effected)
    }

    /// A call that met this trouble has had its effect.
    pub fn note_effect(&mut self, id: FaultId) {
        if let Some(kept) = self.0.get_mut(id.0) {
            kept.effected += 1;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(Kept::mend);
    }

    /// The trouble for this call, if any; it is used up.
    pub fn take(&mut self, host: &str, method: &Method, path: &str) -> Option<(FaultId, Fault)> {
        let matches = |rule: &FaultRule| rule.times > 0 && rule.on.matches(host, method, path);
        let (place, kept) = self.0.iter_mut().enumerate().find(|(_, kept)| matches(&kept.rule))?;
        if kept.rule.skip > 0 {
            kept.rule.skip -= 1;
            return None;
        }
        kept.rule.times -= 1;
        kept.met += 1;
        Some((FaultId(place), kept.rule.fault))
    }
}

impl Kept {
    fn mend(&mut self) {
        self.rule.times = 0;
        self.mended.send_replace(true);
    }
}

impl Matching {
    pub(crate) fn matches(&self, host: &str, method: &Method, path: &str) -> bool {
        self.host.as_deref().is_none_or(|wanted| wanted == host)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path_prefix.as_deref().is_none_or(|prefix| path.starts_with(prefix))
            && self.path_contains.as_deref().is_none_or(|part| path.contains(part))
            && self.path_suffix.as_deref().is_none_or(|suffix| path.ends_with(suffix))
    }
}

impl Fault {
    /// What becomes of a call that meets this trouble: `path` is the call's, `answered` the real answer, if it comes to that.
    pub async fn befall(self, path: &str, answered: impl Future<Output = Response>) -> Response {
        let milliseconds = |count| tokio::time::sleep(Duration::from_millis(count));
        match self {
            Self::Status { status, retry_after } => {
                let mut response = status_page(status);
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
            Self::Redirect { redirect } => {
                (StatusCode::FOUND, [(header::LOCATION, redirect.from(path))]).into_response()
            }
            Self::Delay { delay_ms } => {
                milliseconds(delay_ms).await;
                answered.await
            }
            Self::Late { late_ms } => {
                let response = answered.await;
                milliseconds(late_ms).await;
                response
            }
            Self::Held { .. } => answered.await, // it has waited
            Self::LostAnswer { lost_answer } => {
                answered.await;
                status_page(lost_answer)
            }
            Self::Reset { .. } => reset(answered.await),
            Self::Truncate { truncate } => cut(answered.await, truncate),
            Self::EndsEarly { ends_after } => end(answered.await, ends_after),
            Self::Silent { silent_after } => silence(answered.await, silent_after),
            Self::FlipByte { flip_byte } => flip(answered.await, flip_byte),
        }
    }
}

impl Elsewhere {
    fn from(self, path: &str) -> String {
        match self {
            Self::Private => "http://10.0.0.7/secret".to_owned(),
            Self::Metadata => "http://169.254.169.254/latest/meta-data/".to_owned(),
            Self::Stranger => "https://files.example.com/secret".to_owned(),
            Self::Itself => path.to_owned(),
        }
    }
}

/// What a proxy in front of Zendesk would say: not JSON.
fn status_page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = format!("<html><body><h1>{status}</h1></body></html>");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

/// Breaks the connection before anything of the answer arrives. What promises no body would not be missed without one.
fn reset(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    cut(response, 0)
}

/// Sends `length` bytes, then breaks the connection. The length promised before stays promised.
fn cut(response: Response, length: u64) -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection broke")) });
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from_stream(first(body, length).chain(broken)))
}

/// Sends `length` bytes, and promises no more.
fn end(response: Response, length: u64) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from_stream(first(body, length)))
}

/// Sends `length` bytes, and then nothing.
fn silence(response: Response, length: u64) -> Response {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from_stream(first(body, length).chain(stream::pending())))
}

fn first(body: Body, length: u64) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    body.into_data_stream().scan(length, |left, chunk| {
        let kept = chunk.ok().and_then(|chunk| {
            let keep = usize::try_from(*left).unwrap_or(usize::MAX).min(chunk.len());
            *left -= keep as u64;
            (keep > 0).then(|| Ok(chunk.slice(..keep)))
        });
        std::future::ready(kept)
    })
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
