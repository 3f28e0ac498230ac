//! Conversations: the messages of a chat.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Twilio, authenticate, not_found};
use crate::{credentials::TWILIO_ACCOUNT, world::World, zendesk::input::Params};

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    author: &'static str,
    body: &'static str,
    at: DateTime<Utc>,
}

pub(crate) fn seed(twilio: &mut Twilio, now: DateTime<Utc>) {
    let lines = [
        ("Web visitor", "Hello, I cannot see my invoice."),
        ("agent@example.com", "Good morning! Let me look that up for you."),
        ("Web visitor", "ありがとうございます。"),
    ];
    let messages = (0..).zip(lines).map(|(minute, (author, body))| Message {
        author,
        body,
        at: now - TimeDelta::minutes(5 - minute),
    });
    twilio.messages.insert(format!("CH{}", "1".repeat(32)), messages.collect());
}

/// `GET /v1/Conversations/{CH}/Messages?Order=&PageSize=&Page=`.
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
    let mut rows: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(index, message)| {
            let time = message.at.to_rfc3339_opts(SecondsFormat::Secs, true);
            json!({
                "account_sid": TWILIO_ACCOUNT, "conversation_sid": conversation, "sid": format!("IM{index:032}"),
                "index": index, "author": message.author, "body": message.body, "media": null, "attributes": "{}",
                "participant_sid": null, "date_created": time, "date_updated": time, "delivery": null, "url": "",
                "links": {}, "content_sid": null,
            })
        })
        .collect();
    if params.get("Order") == Some("desc") {
        rows.reverse();
    }
    let number =
        |name: &str, default: usize| params.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (size, page) = (number("PageSize", 50).clamp(1, 100), number("Page", 0));
    let more = rows.len() > (page + 1) * size;
    let base = format!("{}/v1/Conversations/{conversation}/Messages", world.urls().twilio);
    let next = more.then(|| format!("{base}?PageSize={size}&Page={}", page + 1));
    let rows: Vec<_> = rows.into_iter().skip(page * size).take(size).collect();
    let meta = json!({"page": page, "page_size": size, "first_page_url": format!("{base}?PageSize={size}&Page=0"),
                      "previous_page_url": null, "url": base, "next_page_url": next, "key": "messages"});
    Json(json!({"messages": rows, "meta": meta})).into_response()
}
