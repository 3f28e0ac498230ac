//! Recordings of the API of 2010, and their sound, which is sent in parts to whoever asks for some. "HTTP auth for media" is
//! on. Source: <https://www.twilio.com/docs/voice/api/recording>.

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Account, Twilio,
    listing::{Asked, page_of_2010},
    media, not_found,
    task::fresh,
};
use crate::{credentials::TWILIO_ACCOUNT, world::World};

/// A recording.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    call_sid: String,
    /// Of a conference's recording: which.
    conference_sid: Option<String>,
    /// `processing`, `completed`, `absent` or `deleted`; only a completed one can be heard.
    pub(crate) status: String,
    seconds: u32,
    at: DateTime<Utc>,
}

/// Where a recording is, as tasks name it.
pub(crate) fn address(sid: &str) -> String {
    format!("https://api.twilio.com/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Recordings/{sid}")
}

/// The one that every start finds.
pub(crate) fn seed(twilio: &mut Twilio, call_sid: &str, now: DateTime<Utc>) -> String {
    let sid = format!("RE{}3", "0".repeat(31));
    let (call_sid, status) = (call_sid.to_owned(), "completed".to_owned());
    let recording = Recording { call_sid, conference_sid: None, status, seconds: 3, at: now };
    twilio.recordings.insert(sid.clone(), recording);
    sid
}

/// A call, or the conference in which it was, was recorded; the recording's sid.
pub(crate) fn add(
    twilio: &mut Twilio,
    (call_sid, conference_sid): (&str, Option<String>),
    status: &str,
    seconds: u32,
    now: DateTime<Utc>,
) -> String {
    let sid = fresh("RE");
    let (call_sid, status) = (call_sid.to_owned(), status.to_owned());
    let recording = Recording { call_sid, conference_sid, status, seconds, at: now };
    twilio.recordings.insert(sid.clone(), recording);
    sid
}

/// `Thu, 05 Nov 2026 09:00:00 +0000`: days have two digits.
pub(crate) fn time_of_2010(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S %z").to_string()
}

impl Recording {
    fn json(&self, sid: &str) -> Value {
        let (at, uri) =
            (time_of_2010(self.at), format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Recordings/{sid}"));
        let completed = self.status == "completed";
        json!({
            "account_sid": TWILIO_ACCOUNT, "api_version": "2010-04-01", "call_sid": self.call_sid,
            "conference_sid": self.conference_sid, "channels": 1, "date_created": at, "date_updated": at, "start_time": at,
            "price": completed.then_some("-0.00250"), "price_unit": "USD",
            "duration": if completed { self.seconds.to_string() } else { "-1".to_owned() }, "sid": sid,
            "source": if self.conference_sid.is_some() { "Conference" } else { "DialVerb" }, "status": self.status, "error_code": null, "uri": format!("{uri}.json"),
            "subresource_uris": {"add_on_results": format!("{uri}/AddOnResults.json"),
                                 "transcriptions": format!("{uri}/Transcriptions.json")},
            "encryption_details": null, "media_url": address(sid),
        })
    }
}

/// `GET …/Recordings/{RE}.json`: what is known of it; `…/{RE}`, `.wav` and `.mp3`: its sound. `DELETE` takes the sound away.
pub(crate) async fn show(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    method: Method,
    _: Account,
    headers: HeaderMap,
) -> Response {
    let (sid, kind) = name.rsplit_once('.').unwrap_or((&name, "wav"));
    let missing = || {
        not_found(&format!(
            "The requested resource /2010-04-01/Accounts/{account}/Recordings/{name} was not found"
        ))
    };
    let mut twilio = world.twilio();
    let known = twilio.recordings.get_mut(sid).filter(|_| account == TWILIO_ACCOUNT);
    let Some(recording) = known else { return missing() };
    if method == Method::DELETE {
        recording.status = "deleted".into();
        return StatusCode::NO_CONTENT.into_response();
    }
    match kind {
        "json" => Json(recording.json(sid)).into_response(),
        _ if recording.status != "completed" => missing(),
        "wav" => sent(&media::wav(recording.seconds), "audio/x-wav", &headers),
        "mp3" => sent(&media::mp3(recording.seconds), "audio/mpeg", &headers),
        _ => missing(),
    }
}

/// `GET …/Calls/{CA}/Recordings.json`.
pub(crate) async fn of_call(
    State(world): State<World>,
    Path((account, call)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    listed(&world, &account, Some(&call), &uri)
}

/// `GET …/Calls/{CA}/Recordings/{RE}.json`.
pub(crate) async fn one_of_call(
    State(world): State<World>,
    Path((account, call, name)): Path<(String, String, String)>,
    asks: Account,
    headers: HeaderMap,
) -> Response {
    let sid = name.strip_suffix(".json").unwrap_or(&name);
    let belongs = world.twilio().recordings.get(sid).is_some_and(|recording| recording.call_sid == call);
    if !belongs {
        return not_found(&format!("The requested resource /Calls/{call}/Recordings/{name} was not found"));
    }
    show(State(world), Path((account, format!("{sid}.json"))), Method::GET, asks, headers).await
}

/// `GET …/Recordings.json?CallSid=&ConferenceSid=`: newest first.
pub(crate) async fn all(
    State(world): State<World>,
    Path(account): Path<String>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    listed(&world, &account, None, &uri)
}

fn listed(world: &World, account: &str, call: Option<&str>, uri: &Uri) -> Response {
    let path = uri.path();
    if account != TWILIO_ACCOUNT {
        return not_found(&format!("The requested resource {path} was not found"));
    }
    let (asked, twilio) = (Asked::of(uri), world.twilio());
    let mut found: Vec<_> = twilio.recordings.iter().collect();
    found.retain(|(_, recording)| {
        call.is_none_or(|call| recording.call_sid == call)
            && asked.takes("CallSid", &recording.call_sid)
            && asked.takes("ConferenceSid", recording.conference_sid.as_deref().unwrap_or_default())
    });
    found.sort_by_key(|(_, recording)| std::cmp::Reverse(recording.at));
    let rows = found.into_iter().map(|(sid, recording)| recording.json(sid)).collect();
    page_of_2010("recordings", rows, path, &asked)
}

/// All of it, or the one part that was asked for.
fn sent(bytes: &Bytes, kind: &'static str, headers: &HeaderMap) -> Response {
    let fixed = [(header::CONTENT_TYPE, kind), (header::ACCEPT_RANGES, "bytes")];
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    match asked.map_or(Part::Whole, |range| part(range, bytes.len())) {
        Part::Whole => (fixed, bytes.clone()).into_response(),
        Part::Nothing => {
            let of = [(header::CONTENT_RANGE, format!("bytes */{}", bytes.len()))];
            (StatusCode::RANGE_NOT_SATISFIABLE, of).into_response()
        }
        Part::Some(from, to) => {
            let of = [(header::CONTENT_RANGE, format!("bytes {from}-{to}/{}", bytes.len()))];
            (StatusCode::PARTIAL_CONTENT, fixed, of, bytes.slice(from..=to)).into_response()
        }
    }
}

/// What is asked for; `Some` with its first and last byte.
enum Part {
    Whole,
    Nothing,
    Some(usize, usize),
}

/// Several ranges at once are the whole.
fn part(range: &str, size: usize) -> Part {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Part::Whole;
    };
    let last = size.saturating_sub(1);
    let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
        (Ok(from), Ok(to)) => (from, to.min(last)),
        (Ok(from), Err(_)) if to.is_empty() => (from, last),
        (Err(_), Ok(count)) if from.is_empty() && count > 0 => (size.saturating_sub(count), last),
        (Err(_), Ok(_)) if from.is_empty() => return Part::Nothing,
        _ => return Part::Whole,
    };
    if from <= to && to < size { Part::Some(from, to) } else { Part::Nothing }
}
