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
    record::{HTML_BEGIN, HTML_END, Status},
    refusal::{Answer, Refusal, ok},
    ticket_change::{Change, close_audit, files, strip_tags},
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
    let shown = files(&found, &account, world.base());
    let mut doomed = urls.iter().map(|url| external(url, &shown)).collect::<Result<Vec<u64>, Refusal>>()?;
    let clean = match html {
        None => None,
        Some(html) => {
            let marked = Marked::read(html);
            if marked.plain != found.html(&shown) || !marked.has_marks {
                let why =
                    "The html_body must be the comment's, with redact tags or attributes on what is redacted";
                return Err(Refusal::invalid("html_body", why, Some("InvalidValue")));
            }
            doomed.extend(images(&marked, &shown));
            Some(marked.clean)
        }
    };
    let budget = spend(&world, &mut account, &caller, ticket)?;
    for id in doomed {
        if let Some(known) = account.attachments.get_mut(&id) {
            known.redact();
        }
    }
    if let Some(clean) = clean {
        let inner = clean.strip_prefix(HTML_BEGIN).and_then(|rest| rest.strip_suffix(HTML_END));
        found.body = strip_tags(inner.unwrap_or(&clean));
        found.html_body = Some(inner.unwrap_or(&clean).to_owned());
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

fn without_name(url: &str) -> &str {
    url.split('?').next().unwrap_or_default().trim_end_matches('/')
}

/// The attachment of the comment that has this address, unless it is an image of the text.
fn external(url: &str, shown: &[Value]) -> Result<u64, Refusal> {
    let has_it = |file: &&Value| file["content_url"].as_str().map(without_name) == Some(without_name(url));
    let refused = |why| Refusal::invalid("external_attachment_urls", why, Some("InvalidValue"));
    let found = shown.iter().find(has_it);
    let found = found.ok_or_else(|| refused("The attachment does not belong to the comment"))?;
    if found["inline"] == true {
        return Err(refused("The attachment is an inline image; redact it in html_body"));
    }
    found["id"].as_u64().ok_or_else(Refusal::not_found)
}

/// The inline images whose elements are marked.
fn images(marked: &Marked, shown: &[Value]) -> Vec<u64> {
    let gone = |file: &&Value| {
        let url = file["content_url"].as_str().map(without_name).unwrap_or_default();
        file["inline"] == true && marked.elements.iter().any(|element| element.contains(url))
    };
    shown.iter().filter(gone).filter_map(|file| file["id"].as_u64()).collect()
}

/// A comment's HTML with marks: `<redact>` around words, the attribute `redact` in elements.
#[derive(Default)]
struct Marked {
    /// Without the marks.
    plain: String,
    /// With what the marks say done: words are `▇`, elements are gone.
    clean: String,
    /// The elements that go.
    elements: Vec<String>,
    has_marks: bool,
}

impl Marked {
    fn read(html: &str) -> Self {
        let mut marked = Self::default();
        let (mut rest, mut in_secret) = (html, false);
        while !rest.is_empty() {
            let is_tag = rest.starts_with('<');
            let end = if is_tag { end_of_tag(rest) } else { rest.find('<').unwrap_or(rest.len()) };
            let (piece, after) = rest.split_at(end);
            rest = after;
            match piece {
                "<redact>" => (in_secret, marked.has_marks) = (true, true),
                "</redact>" => in_secret = false,
                piece if is_tag => marked.element(piece),
                piece => {
                    marked.plain.push_str(piece);
                    let shown =
                        if in_secret { "▇".repeat(piece.chars().count()) } else { piece.to_owned() };
                    marked.clean.push_str(&shown);
                }
            }
        }
        marked
    }

    fn element(&mut self, tag: &str) {
        match without_attribute(tag) {
            None => {
                self.plain.push_str(tag);
                self.clean.push_str(tag);
            }
            Some(plain) => {
                self.plain.push_str(&plain);
                self.elements.push(plain);
                self.has_marks = true;
            }
        }
    }
}

/// Where a tag ends, quotes minded.
fn end_of_tag(html: &str) -> usize {
    let mut quote = None;
    for (at, letter) in html.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    html.len()
}

/// A tag without its attribute `redact`; `None` where it has none.
fn without_attribute(tag: &str) -> Option<String> {
    const MARK: &str = " redact";
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, ' ') if tag[at..].starts_with(MARK) => {
                let after = &tag[at + MARK.len()..];
                let after = after.strip_prefix("=\"\"").unwrap_or(after);
                if after.starts_with([' ', '>', '/']) {
                    return Some(format!("{}{after}", &tag[..at]));
                }
            }
            _ => {}
        }
    }
    None
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
