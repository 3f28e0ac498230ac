//! What Zendesk's webhook and trigger must be, so that a tag on a ticket calls us and the archive does not call itself:
//! its own note and tags are updates of the ticket too. **Invariant:** no I/O.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use url::Url;

use crate::connectors::zendesk::{
    Action, Condition, Conditions, Trigger, TriggerSpec, Webhook, WebhookSpec, stored_tag,
};

/// The tag that asks for the archive, where nobody chose another.
pub const ASKING_TAG: &str = "archive_attachments";

const PATH: &str = "zendesk/archive";
const WEBHOOK_NAME: &str = "Deskside: archive";
const TRIGGER_TITLE: &str = "Deskside: archive the attachments of tagged tickets";
/// The action of a trigger that calls a webhook.
const CALLS_WEBHOOK: &str = "notification_webhook";

/// Where Zendesk must call a server whose public address is this. The settings file's account has no `key`.
pub fn endpoint(public_url: &Url, key: Option<&str>) -> Url {
    endpoint_of(PATH, public_url, key)
}

/// The same for what triggers ask for beside the archive, and for events: `notice`, `events`.
pub fn notice_endpoints(public_url: &Url, key: Option<&str>) -> (Url, Url) {
    let endpoint = |name: &str| endpoint_of(&format!("zendesk/{name}"), public_url, key);
    (endpoint("notice"), endpoint("events"))
}

fn endpoint_of(path: &str, public_url: &Url, key: Option<&str>) -> Url {
    let mut url = public_url.clone();
    let key = key.map(|key| format!("{key}/")).unwrap_or_default();
    url.set_path(&format!("{}/hooks/{key}{path}", public_url.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// The webhook as it must be.
pub fn webhook(endpoint: &Url) -> WebhookSpec {
    WebhookSpec {
        name: WEBHOOK_NAME.to_owned(),
        status: "active".to_owned(),
        endpoint: endpoint.to_string(),
        http_method: "POST".to_owned(),
        request_format: "json".to_owned(),
        subscriptions: vec!["conditional_ticket_events".to_owned()],
    }
}

/// Whether a webhook calls this address.
pub(super) fn calls(webhook: &WebhookSpec, endpoint: &Url) -> bool {
    Url::parse(&webhook.endpoint).is_ok_and(|url| {
        (url.origin(), url.path().trim_end_matches('/')) == (endpoint.origin(), endpoint.path())
    })
}

/// The trigger as it must be: whatever created or changed the ticket, while it asks by `tag` and has none of the archive's
/// `answers` yet.
pub fn trigger(webhook_id: &str, account: &str, tag: &str, answers: &[&str]) -> TriggerSpec {
    let condition = |field: &str, operator: &str, value: &str| Condition {
        field: field.to_owned(),
        operator: operator.to_owned(),
        value: json!(value),
    };
    // By hand: the placeholder is filled in by Zendesk, so the order of the keys is ours to keep.
    let (account, asks) = (json!(account), json!(tag));
    let body = format!(r#"{{"account":{account},"ticket_id":"{{{{ticket.id}}}}","tag":{asks}}}"#);
    let mut all = vec![condition("current_tags", "includes", tag)];
    if !answers.is_empty() {
        all.push(condition("current_tags", "not_includes", &answers.join(" ")));
    }
    TriggerSpec {
        title: TRIGGER_TITLE.to_owned(),
        description: None,
        active: true,
        conditions: Conditions {
            all,
            any: vec![condition("update_type", "is", "Create"), condition("update_type", "is", "Change")],
        },
        actions: vec![Action { field: CALLS_WEBHOOK.to_owned(), value: json!([webhook_id, body]) }],
    }
}

/// Whether Zendesk stores a tag exactly so.
pub(super) fn is_stored_tag(tag: &str) -> bool {
    stored_tag(tag).as_deref() == Some(tag)
}

/// The webhook that is ours: triggers use it, and it calls this address, whatever an admin named it.
pub fn our_webhook<'a>(all: &'a [Webhook], endpoint: &Url) -> Option<&'a Webhook> {
    let of_triggers = |is: &WebhookSpec| {
        is.subscriptions.is_empty() || is.subscriptions.iter().any(|name| name == "conditional_ticket_events")
    };
    all.iter().find(|webhook| calls(&webhook.is, endpoint) && of_triggers(&webhook.is))
}

/// Webhooks of ours that call another address: of a server that has moved, or of a second one.
pub fn elsewhere<'a>(all: &'a [Webhook], endpoint: &Url) -> Vec<&'a Webhook> {
    let ours = |is: &WebhookSpec| is.endpoint.trim_end_matches('/').ends_with(PATH) && !calls(is, endpoint);
    all.iter().filter(|webhook| ours(&webhook.is)).collect()
}

/// The trigger that is ours: it uses our webhook; of several the one with our title, else the first.
pub fn our_trigger<'a>(all: &'a [Trigger], webhook_id: &str) -> Option<&'a Trigger> {
    let mut ours = all.iter().filter(|trigger| call_of(&trigger.is, webhook_id).is_some());
    let first = ours.clone().next();
    ours.find(|trigger| trigger.is.title == TRIGGER_TITLE).or(first)
}

fn call_of<'a>(trigger: &'a TriggerSpec, webhook_id: &str) -> Option<&'a Action> {
    trigger.actions.iter().find(|action| action.field == CALLS_WEBHOOK && action.value[0] == webhook_id)
}

/// The webhook mended, and what had to be; an admin's name for it stays. `None`: it is as it must be.
pub fn mended_webhook(have: &WebhookSpec, want: &WebhookSpec) -> Option<(WebhookSpec, Vec<&'static str>)> {
    let differs = [
        (have.status != want.status, "it was not active"),
        (have.http_method != want.http_method, "its method was not POST"),
        (have.request_format != want.request_format, "its format was not JSON"),
        (have.subscriptions != want.subscriptions, "triggers could not use it"),
    ];
    mended(&differs, || WebhookSpec {
        name: have.name.clone(),
        endpoint: have.endpoint.clone(),
        ..want.clone()
    })
}

/// The trigger mended, and what had to be. An admin's title, further actions, and further conditions that have nothing to
/// do with tags stay.
pub fn mended_trigger(
    have: &TriggerSpec,
    want: &TriggerSpec,
    webhook_id: &str,
) -> Option<(TriggerSpec, Vec<&'static str>)> {
    let of_tags = |condition: &&Condition| condition.field == "current_tags";
    let tags =
        |spec: &TriggerSpec| spec.conditions.all.iter().filter(of_tags).map(meaning).collect::<BTreeSet<_>>();
    let any = |spec: &TriggerSpec| spec.conditions.any.iter().map(meaning).collect::<BTreeSet<_>>();
    let said = |spec: &TriggerSpec| call_of(spec, webhook_id).and_then(|call| body(&call.value[1]));
    let differs = [
        (!have.active, "it was not active"),
        (tags(have) != tags(want), "its tags were others"),
        (any(have) != any(want), "it did not look at tickets that are created or updated"),
        (said(have) != said(want), "it sent something else"),
    ];
    mended(&differs, || {
        let others = have.conditions.all.iter().filter(|condition| !of_tags(condition));
        let all = want.conditions.all.iter().chain(others).cloned().collect();
        let ours = |action: &&Action| action.field == CALLS_WEBHOOK && action.value[0] == webhook_id;
        let actions = want.actions.iter().chain(have.actions.iter().filter(|action| !ours(action))).cloned();
        TriggerSpec {
            title: have.title.clone(),
            description: None,
            active: true,
            conditions: Conditions { all, any: want.conditions.any.clone() },
            actions: actions.collect(),
        }
    })
}

fn mended<T>(differs: &[(bool, &'static str)], whole: impl FnOnce() -> T) -> Option<(T, Vec<&'static str>)> {
    let why: Vec<_> = differs.iter().filter(|(differs, _)| *differs).map(|(_, why)| *why).collect();
    (!why.is_empty()).then(|| (whole(), why))
}

/// A condition, whatever the order in which Zendesk keeps its tags.
fn meaning(condition: &Condition) -> (String, String, BTreeSet<String>) {
    (condition.field.clone(), condition.operator.clone(), words(&condition.value))
}

fn words(value: &Value) -> BTreeSet<String> {
    match value {
        Value::String(text) => {
            text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        Value::Array(values) => values.iter().flat_map(words).collect(),
        Value::Null => BTreeSet::new(),
        other => BTreeSet::from([other.to_string()]),
    }
}

/// What a trigger sends, whatever its blanks.
fn body(sent: &Value) -> Option<Value> {
    serde_json::from_str(sent.as_str()?).ok()
}

/// A trigger's conditions, a line each, as an admin would say them.
pub fn in_words(conditions: &Conditions) -> Vec<String> {
    let line = |condition: &Condition| {
        let value = words(&condition.value).into_iter().collect::<Vec<_>>().join(", ");
        match (condition.field.as_str(), condition.operator.as_str(), value.as_str()) {
            ("current_tags", "includes", tags) => format!("its tags contain one of: {tags}"),
            ("current_tags", "not_includes", tags) => format!("its tags contain none of: {tags}"),
            ("update_type", "is", "Create") => "it is created".to_owned(),
            ("update_type", "is", "Change") => "it is updated".to_owned(),
            (field, operator, value) => format!("{field} {operator} {value}"),
        }
    };
    let mut lines: Vec<String> = conditions.all.iter().map(line).collect();
    if !conditions.any.is_empty() {
        lines.push(conditions.any.iter().map(line).collect::<Vec<_>>().join(", or "));
    }
    lines
}

#[cfg(test)]
mod tests;
