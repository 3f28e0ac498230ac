//! What one write does to one ticket: properties, tags, a comment with uploads, and the audit of it all.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    input::{id_in, words_in},
    mails,
    record::{Comment, Properties, Role, Status, Ticket, via},
    refusal::Refusal,
    user_writes,
};
use crate::{clock::stamp, state::Account, world::World};

/// A write under way: its audit's events, and what triggers want to know.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) audit_id: u64,
    pub(crate) author_id: u64,
    pub(crate) create: bool,
    /// How the ticket was; a new one was not.
    pub(crate) before: Option<Properties>,
    pub(crate) comment_public: Option<bool>,
    /// How the write came in, as `via.channel` names it.
    pub(crate) channel: &'static str,
    events: Vec<Value>,
    at: DateTime<Utc>,
}

impl Change {
    pub(crate) fn new(account: &mut Account, author_id: u64, create: bool, at: DateTime<Utc>) -> Self {
        let audit_id = account.fresh_id();
        Self {
            audit_id,
            author_id,
            create,
            before: None,
            comment_public: None,
            channel: "api",
            events: Vec::new(),
            at,
        }
    }

    /// Notes one property's change, if it is one.
    pub(crate) fn note(&mut self, field: &str, value: &Value, previous: &Value, account: &mut Account) {
        if value == previous {
            return;
        }
        let id = account.fresh_id();
        self.events.push(if self.create {
            json!({"id": id, "type": "Create", "value": value, "field_name": field})
        } else {
            json!({"id": id, "type": "Change", "value": value, "field_name": field, "previous_value": previous})
        });
    }
}

/// Ends the write: the audit joins the ticket's.
pub(crate) fn close_audit(ticket: &mut Ticket, change: Change, base: &str, account: &Account) -> Value {
    let mut events = Vec::new();
    if let Some(comment) = ticket.comments.iter().find(|comment| comment.audit_id == change.audit_id) {
        events.push(comment.event_json(&files(comment, account, base)));
    }
    events.extend(change.events);
    let audit = json!({
        "id": change.audit_id,
        "ticket_id": ticket.id,
        "created_at": stamp(change.at),
        "author_id": change.author_id,
        "metadata": {"system": {}, "custom": {}},
        "events": events,
        "via": via(change.channel),
    });
    ticket.audits.push(audit.clone());
    audit
}

/// A comment's attachments as JSON.
pub(crate) fn files(comment: &Comment, account: &Account, base: &str) -> Vec<Value> {
    let found = comment.attachments.iter().filter_map(|id| account.attachments.get(id));
    found.map(|attachment| attachment.json(base)).collect()
}

/// `requester_id`, or `requester {name,email,phone}`, who is made when unknown.
pub(crate) fn resolve_requester(
    account: &mut Account,
    caller: &Caller,
    part: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Option<u64>, Refusal> {
    if let Some(id) = part.get("requester_id").and_then(id_in) {
        return match account.users.get(&id).filter(|user| user.active) {
            Some(_) => Ok(Some(id)),
            None => {
                Err(Refusal::invalid("requester", "Requester: is missing or invalid", Some("InvalidValue")))
            }
        };
    }
    let Some(described) = part.get("requester").and_then(Value::as_object) else { return Ok(None) };
    let text = |name: &str| described.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(known) = text("email").and_then(|email| account.user_by_email(email)) {
        return Ok(Some(known.id));
    }
    let mut described = described.clone();
    if text("name").is_none() {
        let name = text("email").or_else(|| text("phone")).unwrap_or_default().to_owned();
        described.insert("name".into(), json!(name));
    }
    user_writes::make(account, caller, &described, now).map(|user| Some(user.id))
}

/// Applies the caller's patch.
pub(crate) fn apply(
    world: &World,
    account: &mut Account,
    caller: &Caller,
    ticket: &mut Ticket,
    part: &Map<String, Value>,
    change: &mut Change,
) -> Result<(), Refusal> {
    for (name, value) in part {
        set(account, ticket, name, value, change)?;
    }
    if change.create && ticket.subject.is_empty() {
        part.get("description").and_then(Value::as_str).unwrap_or_default().clone_into(&mut ticket.subject);
    }
    if change.create && !part.contains_key("status") && ticket.assignee_id.is_some() {
        ticket.status = Status::Open;
    }
    if !change.create && ticket.status == Status::New && ticket.assignee_id.is_some() {
        change.note("status", &json!("open"), &json!("new"), account);
        ticket.status = Status::Open;
    }
    let described =
        if change.create { part.get("description").map(|text| json!({"body": text})) } else { None };
    if let Some(comment) = part.get("comment").cloned().or(described).filter(|comment| !comment.is_null()) {
        let comment = if comment.is_string() { json!({"body": comment}) } else { comment };
        say(world, account, caller, ticket, &comment, change)?;
    }
    if change.create {
        change.note("status", &json!(ticket.status.name()), &Value::Null, account);
    }
    Ok(())
}

fn set(
    account: &mut Account,
    ticket: &mut Ticket,
    name: &str,
    value: &Value,
    change: &mut Change,
) -> Result<(), Refusal> {
    let text = || value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match name {
        "subject" => {
            let subject = text().unwrap_or_default();
            change.note(name, &json!(subject), &json!(ticket.subject), account);
            ticket.subject = subject;
        }
        "status" => {
            let status = value.as_str().and_then(Status::parse);
            let status = status
                .ok_or_else(|| Refusal::invalid("status", "Status is invalid", Some("InvalidValue")))?;
            if !change.create {
                change.note(name, &json!(status.name()), &json!(ticket.status.name()), account);
            }
            ticket.status = status;
        }
        "priority" | "type" => {
            let slot = if name == "type" { &mut ticket.kind } else { &mut ticket.priority };
            change.note(name, &json!(text()), &json!(slot), account);
            *slot = value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        }
        "assignee_id" | "assignee_email" => {
            let agent = if name == "assignee_id" {
                id_in(value)
            } else {
                value.as_str().and_then(|email| account.user_by_email(email)).map(|user| user.id)
            };
            let staff =
                agent.is_none_or(|id| account.users.get(&id).is_some_and(|user| user.role != Role::EndUser));
            if !staff {
                return Err(Refusal::invalid("assignee", "Assignee is invalid", Some("InvalidValue")));
            }
            change.note("assignee_id", &json!(agent), &json!(ticket.assignee_id), account);
            ticket.assignee_id = agent;
            ticket.group_id = agent.and_then(|id| account.users.get(&id)?.group_id).or(ticket.group_id);
        }
        "group_id" => ticket.group_id = id_in(value),
        "external_id" => ticket.external_id = text(),
        "organization_id" => ticket.organization_id = id_in(value),
        "tags" => set_tags(account, ticket, &words_in(value), change),
        "additional_tags" => {
            let tags: Vec<_> = ticket.tags.iter().cloned().chain(words_in(value)).collect();
            set_tags(account, ticket, &tags, change);
        }
        "remove_tags" => {
            let gone = words_in(value);
            let tags: Vec<_> = ticket.tags.iter().filter(|tag| !gone.contains(tag)).cloned().collect();
            set_tags(account, ticket, &tags, change);
        }
        "custom_fields" | "fields" => {
            for field in value.as_array().into_iter().flatten() {
                let Some(id) = id_in(&field["id"]) else { continue };
                match ticket.custom_fields.iter_mut().find(|(known, _)| *known == id) {
                    Some(known) => known.1 = field["value"].clone(),
                    None => ticket.custom_fields.push((id, field["value"].clone())),
                }
            }
        }
        "collaborator_ids" => {
            ticket.collaborator_ids = value.as_array().into_iter().flatten().filter_map(id_in).collect();
        }
        "followers" => {
            for wish in value.as_array().into_iter().flatten() {
                follow(account, ticket, wish);
            }
        }
        _ => {} // ignored, as Zendesk does
    }
    Ok(())
}

/// Somebody follows the ticket, or no longer. Docs: "Setting followers": only agents can.
fn follow(account: &Account, ticket: &mut Ticket, wish: &Value) {
    let by_email = || Some(account.user_by_email(wish["user_email"].as_str()?)?.id);
    let Some(id) = id_in(&wish["user_id"]).or_else(by_email) else { return };
    ticket.follower_ids.retain(|known| *known != id);
    let is_agent = account.users.get(&id).is_some_and(|user| user.active && user.role != Role::EndUser);
    if is_agent && wish["action"] != "delete" {
        ticket.follower_ids.push(id);
    }
}

/// Replaces the tags: lower case, no repeats, in order of the alphabet.
pub(crate) fn set_tags(account: &mut Account, ticket: &mut Ticket, tags: &[String], change: &mut Change) {
    let mut tags: Vec<_> = tags.iter().map(|tag| tag.to_lowercase()).collect();
    tags.sort();
    tags.dedup();
    change.note("tags", &json!(tags), &json!(ticket.tags), account);
    ticket.tags = tags;
}

/// Adds a comment; its uploads' tokens are used up.
fn say(
    world: &World,
    account: &mut Account,
    caller: &Caller,
    ticket: &mut Ticket,
    comment: &Value,
    change: &mut Change,
) -> Result<(), Refusal> {
    let html = comment["html_body"].as_str();
    let plain = comment["body"].as_str().map(str::to_owned).or_else(|| html.map(strip_tags));
    let tokens = match &comment["uploads"] {
        Value::String(token) => vec![token.clone()],
        other => words_in(other),
    };
    let Some(body) = plain.filter(|body| !body.trim().is_empty() || !tokens.is_empty()) else {
        if change.create {
            return Err(Refusal::invalid("base", "Description: cannot be blank", Some("BlankValue")));
        }
        return Ok(()); // an empty comment is no comment
    };
    let mut attachments = Vec::new();
    for token in &tokens {
        let usable = account
            .uploads
            .get(token)
            .filter(|upload| change.at < upload.created_at + TimeDelta::minutes(60));
        let upload = usable.cloned().ok_or_else(|| {
            Refusal::invalid(
                "base",
                "Attachment: the upload token is invalid or expired",
                Some("InvalidUpload"),
            )
        })?;
        account.uploads.remove(token);
        attachments.extend(upload.attachments);
    }
    let public = comment["public"].as_bool().unwrap_or_else(|| ticket.is_public());
    let author_id = id_in(&comment["author_id"]).unwrap_or_else(|| {
        if change.create && caller.user_id.is_some() { ticket.submitter_id } else { caller.id() }
    });
    let followers: Vec<_> = ticket.follower_ids.iter().filter(|id| **id != author_id).copied().collect();
    for follower in followers {
        mails::tell_follower(account, follower, (ticket.id, &body), world.now());
    }
    let id = account.fresh_id();
    ticket.comments.push(Comment {
        id,
        audit_id: change.audit_id,
        author_id,
        body,
        html_body: html.map(str::to_owned),
        public,
        attachments,
        channel: change.channel,
        created_at: world.now(),
    });
    change.comment_public = Some(public);
    Ok(())
}

pub(super) fn strip_tags(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}
