//! Conversations: chats and their messages. Source: <https://www.twilio.com/docs/conversations/api>.

use axum::{
    Json,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Account, Twilio,
    listing::{Asked, short_page},
    not_found, refuse,
    task::{fresh, time},
    taskrouter::fields,
};
use crate::{credentials::TWILIO_ACCOUNT, world::World};

const BASE: &str = "https://conversations.twilio.com/v1/Conversations";
/// The one service, to which every conversation belongs.
const SERVICE: &str = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// The most rows of a page here.
const MOST: usize = 100;

/// Which conversation, and which of its messages; a service may stand before it.
#[derive(Debug, Deserialize)]
pub(crate) struct Below {
    sid: String,
    message: Option<String>,
}

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    author: String,
    body: String,
    at: DateTime<Utc>,
}

pub(crate) fn seed(twilio: &mut Twilio, now: DateTime<Utc>) {
    let lines = [
        ("Web visitor", "Hello, I cannot see my invoice."),
        ("agent@example.com", "Good morning! Let me look that up for you."),
        ("Web visitor", "ありがとうございます。"),
    ];
    let lines: Vec<_> = lines.map(|(author, body)| (author.to_owned(), body.to_owned())).into();
    insert(twilio, format!("CH{}", "1".repeat(32)), lines, now - TimeDelta::minutes(5));
}

/// People have chatted, a message a minute since `from`; the conversation's sid.
pub(crate) fn add(twilio: &mut Twilio, lines: Vec<(String, String)>, from: DateTime<Utc>) -> String {
    insert(twilio, fresh("CH"), lines, from)
}

fn insert(twilio: &mut Twilio, sid: String, lines: Vec<(String, String)>, from: DateTime<Utc>) -> String {
    let messages = (0..).zip(lines).map(|(minute, (author, body))| Message {
        author,
        body,
        at: from + TimeDelta::minutes(minute),
    });
    twilio.messages.insert(sid.clone(), messages.collect());
    sid
}

impl Message {
    fn json(&self, conversation: &str, index: usize) -> Value {
        let (time, sid) =
            (time(self.at), format!("IM{:0>24}{index:08x}", conversation.get(10..).unwrap_or_default()));
        let url = format!("{BASE}/{conversation}/Messages/{sid}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "conversation_sid": conversation, "sid": sid, "index": index,
            "author": self.author, "body": self.body, "media": null, "attributes": "{}", "participant_sid": null,
            "date_created": time, "date_updated": time, "delivery": null, "url": url,
            "links": {"delivery_receipts": format!("{url}/Receipts"), "channel_metadata": format!("{url}/ChannelMetadata")},
            "content_sid": null,
        })
    }
}

/// `GET /v1/Conversations?State=`.
pub(crate) async fn list(State(world): State<World>, OriginalUri(uri): OriginalUri, _: Account) -> Response {
    let (asked, twilio) = (Asked::of(&uri), world.twilio());
    let all = twilio.messages.iter().filter(|_| asked.takes("State", "active"));
    let rows = all.map(|(sid, messages)| conversation(sid, messages, world.now())).collect();
    short_page("conversations", rows, BASE, &asked, MOST)
}

/// `GET /v1/Conversations/{CH}`, also below a service.
pub(crate) async fn show(
    State(world): State<World>,
    Path(Below { sid, .. }): Path<Below>,
    _: Account,
) -> Response {
    match world.twilio().messages.get(&sid) {
        Some(messages) => Json(conversation(&sid, messages, world.now())).into_response(),
        None => no_conversation(&sid),
    }
}

fn conversation(sid: &str, messages: &[Message], now: DateTime<Utc>) -> Value {
    let url = format!("{BASE}/{sid}");
    let (first, last) = (
        messages.first().map_or(now, |message| message.at),
        messages.last().map_or(now, |message| message.at),
    );
    json!({
        "sid": sid, "account_sid": TWILIO_ACCOUNT, "chat_service_sid": SERVICE, "messaging_service_sid": null,
        "friendly_name": null, "unique_name": null, "attributes": "{}", "date_created": time(first),
        "date_updated": time(last), "state": "active", "timers": {}, "bindings": {}, "url": url,
        "links": {"participants": format!("{url}/Participants"), "messages": format!("{url}/Messages"),
                  "webhooks": format!("{url}/Webhooks"), "export": format!("{url}/Export")},
    })
}

/// `GET /v1/Conversations/{CH}/Messages?Order=&PageSize=&Page=&PageToken=`, also below a service.
pub(crate) async fn messages(
    State(world): State<World>,
    Path(Below { sid, .. }): Path<Below>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    let twilio = world.twilio();
    let Some(messages) = twilio.messages.get(&sid) else { return no_conversation(&sid) };
    let mut rows: Vec<Value> =
        messages.iter().enumerate().map(|(index, message)| message.json(&sid, index)).collect();
    let asked = Asked::of(&uri);
    if asked.get("Order") == Some("desc") {
        rows.reverse();
    }
    short_page("messages", rows, &format!("{BASE}/{sid}/Messages"), &asked, MOST)
}

/// `POST /v1/Conversations/{CH}/Messages {Author?, Body}`, also below a service.
pub(crate) async fn write(
    State(world): State<World>,
    Path(Below { sid, .. }): Path<Below>,
    _: Account,
    body: Bytes,
) -> Response {
    let mut form = fields(&body);
    let Some(text) = form.remove("Body").filter(|text| !text.is_empty()) else {
        return refuse(StatusCode::BAD_REQUEST, 50_000, "Body is required: a message needs a body or media");
    };
    let author = form.remove("Author").unwrap_or_else(|| "system".into());
    let mut twilio = world.twilio();
    let Some(messages) = twilio.messages.get_mut(&sid) else { return no_conversation(&sid) };
    let message = Message { author, body: text, at: world.now() };
    let answer = message.json(&sid, messages.len());
    messages.push(message);
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// `GET /v1/Conversations/{CH}/Messages/{IM}`, also below a service.
pub(crate) async fn message(
    State(world): State<World>,
    Path(Below { sid, message }): Path<Below>,
    _: Account,
) -> Response {
    let twilio = world.twilio();
    let rows = twilio.messages.get(&sid).into_iter().flatten().enumerate();
    let wanted = message.unwrap_or_default();
    match rows.map(|(index, message)| message.json(&sid, index)).find(|row| row["sid"] == wanted.as_str()) {
        Some(row) => Json(row).into_response(),
        None => {
            not_found(&format!("The requested resource /Conversations/{sid}/Messages/{wanted} was not found"))
        }
    }
}

fn no_conversation(sid: &str) -> Response {
    not_found(&format!("The requested resource /Conversations/{sid} was not found"))
}
