//! Conversations: the messages of a chat, page by page. **Invariant:** a page beyond the first is reached by its token only.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Twilio, authenticate, not_found, refuse,
    task::{fresh, time},
};
use crate::{credentials::TWILIO_ACCOUNT, world::World, zendesk::input::Params};

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
        let (time, sid) = (time(self.at), format!("IM{index:032}"));
        let url = format!("https://conversations.twilio.com/v1/Conversations/{conversation}/Messages/{sid}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "conversation_sid": conversation, "sid": sid, "index": index,
            "author": self.author, "body": self.body, "media": null, "attributes": "{}", "participant_sid": null,
            "date_created": time, "date_updated": time, "delivery": null, "url": url,
            "links": {"delivery_receipts": format!("{url}/Receipts"), "channel_metadata": format!("{url}/ChannelMetadata")},
            "content_sid": null,
        })
    }
}

/// `GET /v1/Conversations/{CH}/Messages?Order=&PageSize=&Page=&PageToken=`.
pub(crate) async fn messages(
    State(world): State<World>,
    Path(conversation): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authenticate(&headers) {
        return refusal;
    }
    let twilio = world.twilio();
    let Some(messages) = twilio.messages.get(&conversation) else {
        return not_found(&format!("The requested resource /Conversations/{conversation} was not found"));
    };
    let mut rows: Vec<Value> =
        messages.iter().enumerate().map(|(index, message)| message.json(&conversation, index)).collect();
    let order = params.get("Order").filter(|order| *order == "desc").unwrap_or("asc");
    if order == "desc" {
        rows.reverse();
    }
    let number =
        |name: &str, default: usize| params.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (size, page) = (number("PageSize", 50).clamp(1, 100), number("Page", 0));
    if page > 0 && params.get("PageToken") != Some(token(&conversation, page).as_str()) {
        return refuse(StatusCode::BAD_REQUEST, 20_006, "Invalid paging token");
    }
    let more = rows.len() > (page + 1) * size;
    let base = format!("https://conversations.twilio.com/v1/Conversations/{conversation}/Messages");
    let at = |page: usize| {
        let token =
            if page == 0 { String::new() } else { format!("&PageToken={}", token(&conversation, page)) };
        format!("{base}?Order={order}&PageSize={size}&Page={page}{token}")
    };
    let rows: Vec<_> = rows.into_iter().skip(page * size).take(size).collect();
    let meta = json!({"page": page, "page_size": size, "first_page_url": at(0), "url": at(page),
                      "previous_page_url": page.checked_sub(1).map(at), "next_page_url": more.then(|| at(page + 1)),
                      "key": "messages"});
    Json(json!({"messages": rows, "meta": meta})).into_response()
}

/// Opaque to everybody else.
fn token(conversation: &str, page: usize) -> String {
    format!("PA{}{page}", conversation.trim_start_matches("CH"))
}
