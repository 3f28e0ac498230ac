//! The sound of a recording, passed on as it comes and never collected. Docs: <https://www.twilio.com/docs/voice/api/recording>.
//! **Invariant:** only our own account's recordings, by a sid that was read strictly; our credentials go to `twilio.api_url`
//! and no redirect is followed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, RANGE};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::client::at;
use super::error::{failed, refused};
use super::{TWILIO, TwilioClient, TwilioError};
use crate::connectors::{Answer, CallFailure, FailureKind, no_answer, read};

const CALL: &str = "GET /2010-04-01/Accounts/{AC}/Recordings/{RE}";
/// A day of two channels; what is longer is no call.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;
/// Somebody listens; silence on the line ends it sooner.
const WHOLE: Duration = Duration::from_hours(6);
/// The body of a refusal is read for its error code only.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// `RE` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSid(String);

/// It is no recording's sid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRecordingSid;

impl FromStr for RecordingSid {
    type Err = NoRecordingSid;

    fn from_str(text: &str) -> Result<Self, NoRecordingSid> {
        let digits = text.strip_prefix("RE").ok_or(NoRecordingSid)?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let good = digits.len() == 32 && digits.bytes().all(is_hex);
        if good { Ok(Self(text.to_owned())) } else { Err(NoRecordingSid) }
    }
}

impl fmt::Display for RecordingSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The recording that an address of Twilio's names, if it is one of this account.
pub fn recording_of(address: &str, account_sid: &str) -> Option<RecordingSid> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let mut path = url.path_segments()?;
    let parts = [(); 5].map(|()| path.next());
    let [Some("2010-04-01"), Some("Accounts"), Some(account), Some("Recordings"), Some(name)] = parts else {
        return None;
    };
    let twilios = url.scheme() == "https" && host.ends_with(".twilio.com");
    let sid = [".json", ".wav", ".mp3"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    (twilios && account == account_sid && path.next().is_none()).then(|| sid.parse().ok())?
}

/// What Twilio has for whoever listens.
pub enum Sound {
    /// All of it, or the part that was asked for.
    Heard(Heard),
    /// None of it is where it was asked for; how much there is, where Twilio says so.
    NoSuchPart(Option<u64>),
}

/// Sound, on its way.
pub struct Heard {
    /// `audio/…`.
    pub content_type: String,
    /// Bytes to come, where Twilio says so.
    pub content_length: Option<u64>,
    /// Which they are: a whole `Content-Range`. `None`: all.
    pub content_range: Option<String>,
    /// The bytes; ends with an error when Twilio falls silent or sends more than allowed.
    pub stream: BoxStream<'static, Result<Bytes, TwilioError>>,
}

impl TwilioClient {
    /// Opens a recording; `range` as a browser asks, for one range of bytes.
    pub async fn recording(&self, sid: &RecordingSid, range: Option<&str>) -> Result<Sound, TwilioError> {
        let place = ["2010-04-01", "Accounts", &self.account_sid, "Recordings", &sid.0];
        let mut request = self.request(Method::GET, at(&self.urls.api, &place)).timeout(WHOLE);
        if let Some(range) = range.filter(|range| is_one_range(range)) {
            request = request.header(RANGE, range);
        }
        let request = request.build().expect("the URL is parsed and the range is digits");
        let patience = self.exchange.net().total_timeout;
        let mut response = tokio::time::timeout(patience, self.exchange.open(CALL, request))
            .await
            .map_err(|_| silent())?
            .map_err(|error| failed(CALL, error))?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let (kind, part) =
            (header(CONTENT_TYPE).map(str::to_owned), header(CONTENT_RANGE).map(str::to_owned));
        match response.status() {
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let size = part.and_then(|part| part.strip_prefix("bytes */")?.parse().ok());
                Ok(Sound::NoSuchPart(size))
            }
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
                let kind = kind.filter(|kind| kind.starts_with("audio/"));
                // A page of a proxy is no sound.
                let content_type = kind.ok_or_else(|| status(response.status()))?;
                let content_length = response.content_length();
                if content_length.is_some_and(|length| length > LARGEST) {
                    return Err(too_large());
                }
                let partial = response.status() == StatusCode::PARTIAL_CONTENT;
                let content_range = part.filter(|_| partial);
                if partial && content_range.is_none() {
                    return Err(status(response.status()));
                }
                let stream = bytes(response, patience);
                Ok(Sound::Heard(Heard { content_type, content_length, content_range, stream }))
            }
            other => {
                let headers = response.headers().clone();
                let body = read(&mut response, REFUSAL_LIMIT).await.unwrap_or_default();
                let answer = Answer { status: other, headers, body };
                Err(refused(CALL, &answer, self.exchange.clock().now()))
            }
        }
    }
}

fn bytes(response: Response, patience: Duration) -> BoxStream<'static, Result<Bytes, TwilioError>> {
    let stream = stream::unfold(Some((response, 0)), move |going_on| async move {
        let (mut response, so_far) = going_on?;
        let chunk = match tokio::time::timeout(patience, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return None,
            Ok(Err(error)) => return Some((Err(failed(CALL, no_answer(error))), None)),
            Err(_) => return Some((Err(silent()), None)),
        };
        let so_far = so_far + chunk.len() as u64;
        if so_far > LARGEST {
            return Some((Err(too_large()), None));
        }
        Some((Ok(chunk), Some((response, so_far))))
    });
    stream.boxed()
}

/// `bytes=0-99`, `bytes=100-`, `bytes=-100`. Several at once are the whole.
fn is_one_range(range: &str) -> bool {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let digits = |text: &str| text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(from) && digits(to) && !(from.is_empty() && to.is_empty())
}

fn status(status: StatusCode) -> TwilioError {
    CallFailure::of_status(&TWILIO, CALL, status.as_u16()).into()
}

fn silent() -> TwilioError {
    TwilioError::new(CALL, FailureKind::Unavailable)
}

fn too_large() -> TwilioError {
    CallFailure::too_large(&TWILIO, CALL, &format!("the recording has more than {LARGEST} bytes")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &str = "RE0123456789abcdef0123456789abcdef";

    #[test]
    fn an_address_names_a_recording_of_ours_or_none() {
        let ours = format!("https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/{SID}");
        let check = |address: &str, expected: bool| {
            let found = recording_of(address, "AC1").map(|sid| sid.to_string());
            assert_eq!(found.as_deref(), expected.then_some(SID), "{address}");
        };
        check(&ours, true);
        for end in [".json", ".wav", ".mp3", "?x=1", ".mp3?RequestedChannels=2"] {
            check(&format!("{ours}{end}"), true);
        }
        check(&ours.replace("api.twilio", "api.dublin.ie1.twilio"), true);
        for (what, with) in [
            ("AC1", "AC2"),
            ("https:", "http:"),
            ("api.twilio.com", "api.twilio.com.example.com"),
            ("api.twilio.com", "twilio.example.com"),
            ("api.twilio.com", "evil.example.com/api.twilio.com"),
            ("Recordings/", "Recordings/../Recordings/../"),
            ("Recordings", "Calls"),
            ("RE0", "RX0"),
            ("cdef", "cde"),
            ("abcdef", "ABCDEF"),
            ("abcdef", "abcde%66"),
            ("2010-04-01", "2008-08-01"),
        ] {
            check(&ours.replace(what, with), false);
        }
        check(&format!("{ours}/Transcriptions"), false);
        check(&format!("{ours}/"), false);
        check("", false);
        check(SID, false);
    }

    #[test]
    fn only_one_range_of_bytes_is_passed_on() {
        for (range, expected) in [
            ("bytes=0-99", true),
            ("bytes=5-", true),
            ("bytes=-5", true),
            ("bytes=-", false),
            ("bytes=0-1,3-4", false),
            ("bytes=0-1\r\nx: y", false),
            ("lines=0-1", false),
            ("bytes=99999999999999999999-", false),
            ("", false),
        ] {
            assert_eq!(is_one_range(range), expected, "{range:?}");
        }
    }
}
