//! Redaction, for good: the classic call for one attachment, and Agent Workspace's for a comment.
//! **Invariant:** the classic answer shows the attachment as it was; only a new listing shows `redacted.txt`.

use axum::{
    body::Bytes,
    extract::{Path, State},
};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{Doc, id, id_in},
    limits::PER_TICKET,
    record::Status,
    refusal::{Answer, Refusal, ok},
    ticket_change::{Change, close_audit, files},
    ticket_writes::{closed, spend},
    tickets::visible,
};
use crate::{state::Account, world::World};

/// `PUT /tickets/{ticket}/comments/{comment}/attachments/{attachment}/redact`. The body says nothing, but is read: where it
/// comes after the head, the connection would be closed on it.
pub(crate) async fn attachment(
    State(world): State<World>,
    caller: Caller,
    Path((ticket, comment, attachment)): Path<(String, String, String)>,
    _nothing: Bytes,
) -> Answer {
    caller.redactor()?;
    let (ticket, comment, attachment) = (id(&ticket)?, id(&comment)?, id(&attachment)?);
    let mut account = world.account();
    let found = visible(&account, &caller, ticket)?;
    let holds =
        found.comments.iter().any(|known| known.id == comment && known.attachments.contains(&attachment));
    if !holds {
        return Err(Refusal::not_found());
    }
    if found.status == Status::Closed {
        return Err(closed());
    }
    let budget = spend(&world, &mut account, &caller, ticket)?;
    let known = account.attachments.get_mut(&attachment).ok_or_else(Refusal::not_found)?;
    let before = known.json(world.base());
    known.redact();
    let about = json!({"attachment_id": attachment, "comment_id": comment});
    note(&world, &mut account, &caller, ticket, "AttachmentRedactionEvent", &about);
    drop(account);
    world.broadcast(json!({"type": "ticket_changed", "ticket_id": ticket}));
    Ok(budget.announce(PER_TICKET, ok(json!({"attachment": before}))))
}

/// `PUT /tickets/{ticket}/comments/{comment}/redact` `{"text"}`: the words become `▇`.
pub(crate) async fn text(
    State(world): State<World>,
    caller: Caller,
    Path((ticket, comment)): Path<(String, String)>,
    doc: Doc,
) -> Answer {
    caller.redactor()?;
    let (ticket, comment) = (id(&ticket)?, id(&comment)?);
    let words = doc.0["text"].as_str().filter(|text| !text.is_empty());
    let words = words.ok_or_else(|| Refusal::invalid_attribute("Parameter text is required"))?;
    let mut account = world.account();
    if visible(&account, &caller, ticket)?.status == Status::Closed {
        return Err(closed());
    }
    let budget = spend(&world, &mut account, &caller, ticket)?;
    let body = {
        let found = account.tickets.get_mut(&ticket).ok_or_else(Refusal::not_found)?;
        let found =
            found.comments.iter_mut().find(|known| known.id == comment).ok_or_else(Refusal::not_found)?;
        let black = "▇".repeat(words.chars().count());
        found.body = found.body.replace(words, &black);
        found.html_body = found.html_body.as_ref().map(|html| html.replace(words, &black));
        found.clone()
    };
    let answer = body.json(&files(&body, &account, world.base()));
    Ok(budget.announce(PER_TICKET, ok(json!({"comment": answer}))))
}

/// `PUT /comment_redactions/{comment}`: closed tickets too, if the account is in Agent Workspace.
pub(crate) async fn comment(
    State(world): State<World>,
    caller: Caller,
    Path(comment): Path<String>,
    doc: Doc,
) -> Answer {
    caller.redactor()?;
    if !world.options().agent_workspace {
        return Err(Refusal::forbidden());
    }
    let comment = id(&comment)?;
    let ticket = id_in(&doc.0["ticket_id"])
        .ok_or_else(|| Refusal::invalid_attribute("Parameter ticket_id is required"))?;
    let urls: Vec<&str> = match &doc.0["external_attachment_urls"] {
        Value::Array(urls) => urls.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let html = doc.0["html_body"].as_str();
    if urls.is_empty() && html.is_none() {
        return Err(Refusal::invalid_attribute(
            "Parameter html_body or external_attachment_urls is required",
        ));
    }
    let mut account = world.account();
    let found = visible(&account, &caller, ticket)?;
    let mut found =
        found.comments.iter().find(|known| known.id == comment).ok_or_else(Refusal::not_found)?.clone();
    let mut doomed = Vec::new();
    for url in urls {
        let of_this = found.attachments.iter().copied().find(|id| {
            account.attachments.get(id).is_some_and(|known| {
                let without_name =
                    |url: &str| url.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
                without_name(url) == without_name(&known.content_url(world.base()))
            })
        });
        doomed.push(of_this.ok_or_else(|| {
            let why = "The attachment does not belong to the comment";
            Refusal::invalid("external_attachment_urls", why, Some("InvalidValue"))
        })?);
    }
    let budget = spend(&world, &mut account, &caller, ticket)?;
    for id in doomed {
        if let Some(known) = account.attachments.get_mut(&id) {
            known.redact();
        }
    }
    if let Some(html) = html {
        let clean = redact_marked(html);
        found.body.clone_from(&clean);
        found.html_body = Some(clean);
        let known = account
            .tickets
            .get_mut(&ticket)
            .and_then(|t| t.comments.iter_mut().find(|known| known.id == comment));
        if let Some(known) = known {
            known.clone_from(&found);
        }
    }
    note(&world, &mut account, &caller, ticket, "CommentRedactionEvent", &json!({"comment_id": comment}));
    let answer = found.json(&files(&found, &account, world.base()));
    drop(account);
    world.broadcast(json!({"type": "ticket_changed", "ticket_id": ticket}));
    Ok(budget.announce(PER_TICKET, ok(json!({"comment": answer}))))
}

/// What stands between `<redact>` and `</redact>` becomes `▇`.
fn redact_marked(html: &str) -> String {
    let mut clean = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<redact>") {
        let (secret, after) = after.split_once("</redact>").unwrap_or((after, ""));
        clean.push_str(before);
        clean.push_str(&"▇".repeat(secret.chars().count()));
        rest = after;
    }
    clean + rest
}

/// A redaction is an update of the ticket: it gets an audit and a new stamp.
fn note(world: &World, account: &mut Account, caller: &Caller, ticket: u64, kind: &str, about: &Value) {
    let now = world.now();
    let change = Change::new(account, caller.id(), false, now);
    let event = account.fresh_id();
    let Some(mut found) = account.tickets.get(&ticket).cloned() else { return };
    found.updated_at = now;
    close_audit(&mut found, change, world.base(), account);
    if let Some(events) = found.audits.last_mut().and_then(|audit| audit["events"].as_array_mut()) {
        let mut row = Map::new();
        row.insert("id".into(), json!(event));
        row.insert("type".into(), json!(kind));
        row.extend(about.as_object().cloned().unwrap_or_default());
        events.push(Value::Object(row));
    }
    account.tickets.insert(ticket, found);
}
