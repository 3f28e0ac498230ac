//! What triggers send, with its placeholders filled: `{{ticket.id}}`, `{{ticket.requester.custom_fields.<key>}}`, and `….title` for the label of a
//! choice. Facts: nothing is escaped for JSON; an unknown one becomes nothing. **Invariant:** nothing is changed here.

use serde_json::{Map, Value};

use crate::{
    clock::stamp,
    state::Account,
    zendesk::{fields::Fields, record::Ticket},
};

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) subdomain: &'a str,
    /// The account's address.
    pub(super) base: &'a str,
    pub(super) account: &'a Account,
    pub(super) ticket: &'a Ticket,
    /// Who made the update.
    pub(super) actor: u64,
}

/// Fills a text.
pub(super) fn render(template: &str, scene: Scene<'_>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&value(name.trim(), scene));
        rest = after;
    }
    text + rest
}

fn value(name: &str, scene: Scene<'_>) -> String {
    let Scene { subdomain, base, account, ticket, actor } = scene;
    let latest = |public: bool| {
        let comment = ticket.comments.iter().rev().find(|comment| comment.public || !public);
        comment.map(|comment| comment.body.clone()).unwrap_or_default()
    };
    match name.strip_prefix("ticket.").unwrap_or(name) {
        "id" => ticket.id.to_string(),
        "title" => ticket.subject.clone(),
        "status" => ticket.status.name().to_owned(),
        "priority" => ticket.priority.clone().unwrap_or_default(),
        "ticket_type" => ticket.kind.clone().unwrap_or_default(),
        "tags" => ticket.tags.join(" "),
        "via" => ticket.channel.to_owned(),
        "account" => subdomain.to_owned(),
        "external_id" => ticket.external_id.clone().unwrap_or_default(),
        "link" => format!("{base}/agent/tickets/{}", ticket.id),
        "url" => {
            let host = base.split_once("://").map_or(base, |(_, host)| host);
            format!("{host}/agent/tickets/{}", ticket.id)
        }
        "description" => ticket.comments.first().map(|comment| comment.body.clone()).unwrap_or_default(),
        "latest_comment" => latest(false),
        "latest_public_comment" => latest(true),
        "comments_formatted" | "public_comments_formatted" => {
            comments(name.contains("public"), account, ticket)
        }
        "created_at_with_timestamp" => stamp(ticket.created_at),
        "updated_at_with_timestamp" => stamp(ticket.updated_at),
        path => match path.split_once('.') {
            Some(("requester", field)) => person(account, Some(ticket.requester_id), field),
            Some(("assignee", field)) => person(account, ticket.assignee_id, field),
            Some(("submitter", field)) => person(account, Some(ticket.submitter_id), field),
            Some(("current_user", field)) => person(account, Some(actor), field),
            Some(("group", field)) => row(ticket.group_id.and_then(|id| account.groups.get(&id)), field),
            Some(("organization", field)) => {
                let organization = ticket.organization_id.and_then(|id| account.organizations.get(&id));
                match field.strip_prefix("custom_fields.") {
                    Some(key) => {
                        let values = organization.and_then(|row| row["organization_fields"].as_object());
                        values.map_or_else(String::new, |values| {
                            custom_field(&account.organization_fields, values, key)
                        })
                    }
                    None => row(organization, field),
                }
            }
            _ => String::new(),
        },
    }
}

fn person(account: &Account, id: Option<u64>, field: &str) -> String {
    let Some(user) = id.and_then(|id| account.users.get(&id)) else { return String::new() };
    match field {
        "id" => user.id.to_string(),
        "name" => user.name.clone(),
        "first_name" => user.name.split_whitespace().next().unwrap_or_default().to_owned(),
        "last_name" => user.name.split_whitespace().skip(1).last().unwrap_or_default().to_owned(),
        "email" => user.email().unwrap_or_default().to_owned(),
        "phone" => user.phone.clone().unwrap_or_default(),
        "external_id" => user.external_id.clone().unwrap_or_default(),
        "details" => user.details.clone().unwrap_or_default(),
        "notes" => user.notes.clone().unwrap_or_default(),
        "language" => user.locale.clone(),
        field => match field.strip_prefix("custom_fields.") {
            Some(key) => custom_field(&account.user_fields, &user.user_fields, key),
            None => String::new(),
        },
    }
}

/// A property of a group or an organization, as its record has it.
fn row(row: Option<&Map<String, Value>>, field: &str) -> String {
    row.and_then(|row| row.get(field)).map(plain).unwrap_or_default()
}

/// A field's value; a day without its midnight; with `.title` the label of a choice.
fn custom_field(fields: &Fields, values: &Map<String, Value>, key: &str) -> String {
    let (key, label) = key.strip_suffix(".title").map_or((key, false), |key| (key, true));
    let same = |known: &str| known.eq_ignore_ascii_case(key);
    let value = values.iter().find(|(known, _)| same(known)).map_or(&Value::Null, |(_, value)| value);
    let field = fields.values().find(|field| field["key"].as_str().is_some_and(same));
    let Some(field) = field else { return String::new() };
    if label {
        let options = field.get("custom_field_options").and_then(Value::as_array).into_iter().flatten();
        let chosen = options.clone().find(|option| option["value"] == *value);
        return chosen.map(|option| plain(&option["name"])).unwrap_or_default();
    }
    let text = plain(value);
    if field["type"] == "date" { text.get(..10).unwrap_or_default().to_owned() } else { text }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The talk, newest first.
fn comments(only_public: bool, account: &Account, ticket: &Ticket) -> String {
    let shown = ticket.comments.iter().rev().filter(|comment| comment.public || !only_public);
    let lines = shown.map(|comment| {
        let name = account.users.get(&comment.author_id).map(|user| user.name.as_str()).unwrap_or_default();
        format!("{name}, {}\n\n{}", stamp(comment.created_at), comment.body)
    });
    lines.collect::<Vec<_>>().join("\n\n----------------------------------------------\n\n")
}
