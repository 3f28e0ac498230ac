//! Files: upload, look up, download (by way of another host), and the malware lock.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    access::{Caller, identify},
    input::{Doc, Params, id},
    record::{Attachment, Scan},
    refusal::{Answer, Refusal, no_content, ok},
};
use crate::{
    clock::stamp,
    content,
    files::File,
    state::{Account, Upload, random_word},
    world::World,
};

/// The largest file Zendesk takes.
const LARGEST: usize = 50 * 1024 * 1024;

/// `POST /uploads?filename=[&token=]`: 201, and JSON that calls itself plain text.
pub(crate) async fn upload(
    State(world): State<World>,
    caller: Caller,
    params: Params,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    caller.staff()?;
    let name = params.get("filename").filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refusal::invalid_attribute("Parameter filename is required"))?;
    if body.len() > LARGEST {
        let why = "The file is larger than the limit of 50 MB";
        return Err(Refusal::named(StatusCode::PAYLOAD_TOO_LARGE, "AttachmentTooLarge", why));
    }
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = sent.unwrap_or("application/octet-stream").to_owned();
    let now = world.now();
    let mut account = world.account();
    let token = params.get("token").map_or_else(|| random_word(25), str::to_owned);
    if params.get("token").is_some() && !account.uploads.contains_key(&token) {
        return Err(Refusal::not_found());
    }
    let attachment = Attachment {
        id: account.fresh_id(),
        token: random_word(25),
        file_name: name.to_owned(),
        content_type,
        file: File::Sent(body),
        inline: params.get("inline") == Some("true"),
        deleted: false,
        scan: Scan::NotScanned,
        override_malware: false,
    };
    let (new, body) = (attachment.id, attachment.json(world.base()));
    account.attachments.insert(new, attachment);
    let upload = account
        .uploads
        .entry(token.clone())
        .or_insert_with(|| Upload { attachments: Vec::new(), created_at: now });
    upload.attachments.push(new);
    let (ids, created_at) = (upload.attachments.clone(), upload.created_at);
    let all: Vec<_> = ids
        .iter()
        .filter_map(|id| account.attachments.get(id))
        .map(|known| known.json(world.base()))
        .collect();
    let answer = json!({"upload": {
        "token": token,
        "expires_at": stamp(created_at + TimeDelta::days(3)),
        "attachment": body,
        "attachments": all,
    }});
    let location = format!("{}/api/v2/attachments/{new}.json", world.base());
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, answer.to_string()).into_response())
}

/// `DELETE /uploads/{token}`.
pub(crate) async fn discard(State(world): State<World>, caller: Caller, Path(token): Path<String>) -> Answer {
    caller.staff()?;
    let mut account = world.account();
    let upload = account.uploads.remove(&token).ok_or_else(Refusal::not_found)?;
    for id in upload.attachments {
        account.attachments.remove(&id);
    }
    Ok(no_content())
}

/// The attachment, if the caller may see its ticket.
fn visible(account: &Account, caller: &Caller, which: u64) -> Result<Attachment, Refusal> {
    let attachment = account.attachments.get(&which).ok_or_else(Refusal::not_found)?;
    if let Some((ticket, _)) = account.place_of(which) {
        super::tickets::visible(account, caller, ticket)?;
    }
    Ok(attachment.clone())
}

/// `GET /attachments/{id}`.
pub(crate) async fn show(State(world): State<World>, caller: Caller, Path(which): Path<String>) -> Answer {
    caller.staff()?;
    let attachment = visible(&world.account(), &caller, id(&which)?)?;
    Ok(ok(json!({"attachment": attachment.json(world.base())})))
}

/// `PUT /attachments/{id}`: lets people download a file in which malware was found.
pub(crate) async fn update(
    State(world): State<World>,
    caller: Caller,
    Path(which): Path<String>,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let wanted = doc.part("attachment")?.get("malware_access_override").and_then(Value::as_bool);
    let wanted =
        wanted.ok_or_else(|| Refusal::invalid_attribute("malware_access_override must be a boolean"))?;
    let mut account = world.account();
    let attachment = account.attachments.get_mut(&id(&which)?).ok_or_else(Refusal::not_found)?;
    attachment.override_malware = wanted;
    Ok(ok(json!({"attachment": attachment.json(world.base())})))
}

/// `GET /attachments/token/{token}/?name=`: sends the reader on to the content host. Private attachments ask who reads.
pub(crate) async fn follow(
    State(world): State<World>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (now, limit) = (world.now(), world.options().limits.attachments_per_minute);
    let attachment = {
        let mut account = world.account();
        let budget = account.windows.take("attachments", limit, TimeDelta::minutes(1), now);
        if budget.spent {
            return Refusal::slow_down(budget.resets).into_response();
        }
        let Some(attachment) = account.attachments.values().find(|known| known.token == token).cloned()
        else {
            return (StatusCode::NOT_FOUND, "Attachment not found").into_response();
        };
        if world.options().private_attachments {
            let caller = match identify(&account, &headers, now) {
                Ok(caller) => caller,
                Err(refusal) => return refusal.into_response(),
            };
            if caller.user_id.is_none() {
                let sign_in = format!("{}/auth/v2/login", world.base());
                return (StatusCode::FOUND, [(header::LOCATION, sign_in)]).into_response();
            }
            if visible(&account, &caller, attachment.id).is_err() {
                return Refusal::forbidden().into_response();
            }
        }
        attachment
    };
    if !attachment.downloadable() {
        let why = "This attachment was found to contain malware and cannot be downloaded";
        return Refusal::named(StatusCode::FORBIDDEN, "MalwareFound", why).into_response();
    }
    let to = content::link(&world, &attachment);
    (StatusCode::FOUND, [(header::LOCATION, to), (header::CACHE_CONTROL, "private, no-store".to_owned())])
        .into_response()
}

/// Where a reader without a session is sent: a page, not a file.
pub(crate) async fn sign_in() -> Response {
    let page = "<!doctype html><title>Sign in</title><h1>Sign in to Acme</h1>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
