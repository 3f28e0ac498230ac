//! Recordings of the API of 2010, and their sound, which is sent in parts to whoever asks for some. "HTTP auth for media" is
//! on. Source: <https://www.twilio.com/docs/voice/api/recording>.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Twilio, authenticate, media, not_found, task::fresh};
use crate::{credentials::TWILIO_ACCOUNT, world::World};

/// A recording.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    call_sid: String,
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
    let status = "completed".to_owned();
    twilio
        .recordings
        .insert(sid.clone(), Recording { call_sid: call_sid.to_owned(), status, seconds: 3, at: now });
    sid
}

/// A call was recorded; the recording's sid.
pub(crate) fn add(
    twilio: &mut Twilio,
    call_sid: &str,
    status: &str,
    seconds: u32,
    now: DateTime<Utc>,
) -> String {
    let sid = fresh("RE");
    let recording = Recording { call_sid: call_sid.to_owned(), status: status.to_owned(), seconds, at: now };
    twilio.recordings.insert(sid.clone(), recording);
    sid
}

impl Recording {
    fn json(&self, sid: &str) -> Value {
        let (at, uri) =
            (self.at.to_rfc2822(), format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Recordings/{sid}"));
        let completed = self.status == "completed";
        json!({
            "account_sid": TWILIO_ACCOUNT, "api_version": "2010-04-01", "call_sid": self.call_sid, "conference_sid": null,
            "channels": 1, "date_created": at, "date_updated": at, "start_time": at,
            "price": completed.then_some("-0.00250"), "price_unit": "USD",
            "duration": if completed { self.seconds.to_string() } else { "-1".to_owned() }, "sid": sid,
            "source": "Conference", "status": self.status, "error_code": null, "uri": format!("{uri}.json"),
            "subresource_uris": {"add_on_results": format!("{uri}/AddOnResults.json"),
                                 "transcriptions": format!("{uri}/Transcriptions.json")},
            "encryption_details": null, "media_url": address(sid),
        })
    }
}

/// `GET …/Recordings/{RE}.json`: what is known of it; `…/{RE}`, `.wav` and `.mp3`: its sound.
pub(crate) async fn show(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let (sid, kind) = name.rsplit_once('.').unwrap_or((&name, "wav"));
    let missing = || {
        not_found(&format!(
            "The requested resource /2010-04-01/Accounts/{account}/Recordings/{name} was not found"
        ))
    };
    let known = world.twilio().recordings.get(sid).cloned().filter(|_| account == TWILIO_ACCOUNT);
    let Some(recording) = known else { return missing() };
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
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let uri = format!("/2010-04-01/Accounts/{account}/Calls/{call}/Recordings.json");
    if account != TWILIO_ACCOUNT {
        return not_found(&format!("The requested resource {uri} was not found"));
    }
    let twilio = world.twilio();
    let of_call = twilio.recordings.iter().filter(|(_, recording)| recording.call_sid == call);
    let rows: Vec<_> = of_call.map(|(sid, recording)| recording.json(sid)).collect();
    let first = format!("{uri}?PageSize=50&Page=0");
    Json(json!({
        "start": 0, "end": rows.len().saturating_sub(1), "page": 0, "page_size": 50, "uri": first, "first_page_uri": first,
        "next_page_uri": null, "previous_page_uri": null, "recordings": rows,
    }))
    .into_response()
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
