//! A ticket and its comments.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    clock::stamp,
    zendesk::schema::{BRAND, FORM},
};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    New,
    Open,
    Pending,
    Hold,
    Solved,
    Closed,
}

impl Status {
    pub(crate) const ALL: [Self; 6] =
        [Self::New, Self::Open, Self::Pending, Self::Hold, Self::Solved, Self::Closed];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Hold => "hold",
            Self::Solved => "solved",
            Self::Closed => "closed",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    const fn custom_id(self) -> u64 {
        6_130_830_355_700 + self as u64
    }
}

/// What stands around every comment's HTML.
pub(crate) const HTML_BEGIN: &str = "<div class=\"zd-comment\" dir=\"auto\">";
/// The end of it.
pub(crate) const HTML_END: &str = "</div>";

/// One comment of a ticket.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) audit_id: u64,
    pub(crate) author_id: u64,
    pub(crate) body: String,
    pub(crate) html_body: Option<String>,
    pub(crate) public: bool,
    pub(crate) attachments: Vec<u64>,
    pub(crate) channel: &'static str,
    pub(crate) created_at: DateTime<Utc>,
}

impl Comment {
    /// The body as HTML; `files` are its attachments, of which inline images stand in the text.
    pub(crate) fn html(&self, files: &[Value]) -> String {
        let inner = self.html_body.clone().unwrap_or_else(|| {
            let paragraphs: Vec<_> = self
                .body
                .split("\n\n")
                .map(|part| format!("<p dir=\"auto\">{}</p>", escape(part).replace('\n', "<br>\n")))
                .collect();
            paragraphs.join("\n\n")
        });
        let images = files.iter().filter(|file| file["inline"] == true && file["deleted"] == false);
        let sources =
            images.filter_map(|file| Some((file["content_url"].as_str()?, file["file_name"].as_str()?)));
        let missing = sources
            .map(|(url, name)| (escape(url), escape(name)))
            .filter(|(url, _)| !inner.contains(url.as_str()));
        let images: Vec<String> = missing
            .map(|(url, name)| format!("<p dir=\"auto\"><img src=\"{url}\" alt=\"{name}\"></p>"))
            .collect();
        let images = images.concat();
        format!("{HTML_BEGIN}{inner}{images}{HTML_END}")
    }

    /// As `tickets/{id}/comments` shows it; `files` are its attachments.
    pub(crate) fn json(&self, files: &[Value]) -> Value {
        let mut body = self.event_json(files);
        body["via"] = via(self.channel);
        body["created_at"] = json!(stamp(self.created_at));
        body["metadata"] = json!({"system": {}, "custom": {}});
        body
    }

    /// As an audit shows it.
    pub(crate) fn event_json(&self, files: &[Value]) -> Value {
        json!({
            "id": self.id,
            "type": "Comment",
            "author_id": self.author_id,
            "body": self.body,
            "html_body": self.html(files),
            "plain_body": self.body,
            "public": self.public,
            "attachments": files,
            "audit_id": self.audit_id,
        })
    }
}

/// A ticket.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) subject: String,
    pub(crate) status: Status,
    pub(crate) kind: Option<String>,
    pub(crate) priority: Option<String>,
    pub(crate) requester_id: u64,
    pub(crate) submitter_id: u64,
    pub(crate) assignee_id: Option<u64>,
    pub(crate) group_id: Option<u64>,
    pub(crate) organization_id: Option<u64>,
    pub(crate) external_id: Option<String>,
    pub(crate) followup_source_id: Option<u64>,
    pub(crate) followup_ids: Vec<u64>,
    pub(crate) collaborator_ids: Vec<u64>,
    /// Agents who are mailed what is written.
    pub(crate) follower_ids: Vec<u64>,
    pub(crate) tags: Vec<String>,
    pub(crate) custom_fields: Vec<(u64, Value)>,
    /// What the customer said of it: `good` or `bad`.
    pub(crate) satisfaction: Option<String>,
    pub(crate) channel: &'static str,
    pub(crate) comments: Vec<Comment>,
    pub(crate) audits: Vec<Value>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Ticket {
    /// Whether a comment that does not say so is public.
    pub(crate) fn is_public(&self) -> bool {
        self.comments.is_empty() || self.comments.iter().any(|comment| comment.public)
    }

    /// As every tickets endpoint shows it.
    pub(crate) fn json(&self, base: &str) -> Value {
        let fields: Vec<_> =
            self.custom_fields.iter().map(|(id, value)| json!({"id": id, "value": value})).collect();
        let mut via = via(self.channel);
        if let Some(source) = self.followup_source_id {
            via["source"]["rel"] = json!("follow_up");
            via["source"]["from"] = json!({"ticket_id": source});
        }
        json!({
            "url": format!("{base}/api/v2/tickets/{}.json", self.id),
            "id": self.id,
            "external_id": self.external_id,
            "via": via,
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "generated_timestamp": self.updated_at.timestamp(),
            "type": self.kind,
            "subject": self.subject,
            "raw_subject": self.subject,
            "description": self.comments.first().map(|first| first.body.as_str()).unwrap_or_default(),
            "priority": self.priority,
            "status": self.status.name(),
            "recipient": null,
            "requester_id": self.requester_id,
            "submitter_id": self.submitter_id,
            "assignee_id": self.assignee_id,
            "organization_id": self.organization_id,
            "group_id": self.group_id,
            "collaborator_ids": self.collaborator_ids,
            "follower_ids": self.follower_ids,
            "email_cc_ids": self.collaborator_ids,
            "forum_topic_id": null,
            "problem_id": null,
            "has_incidents": false,
            "is_public": self.is_public(),
            "due_at": null,
            "tags": self.tags,
            "custom_fields": fields,
            "satisfaction_rating": self.satisfaction.as_ref().map(|score| json!({"id": self.id, "score": score, "comment": null})),
            "sharing_agreement_ids": [],
            "custom_status_id": self.status.custom_id(),
            "fields": fields,
            "followup_ids": self.followup_ids,
            "ticket_form_id": FORM,
            "brand_id": BRAND,
            "allow_channelback": false,
            "allow_attachments": true,
            "from_messaging_channel": false,
        })
    }

    /// Every attachment of the ticket, with its comment.
    pub(crate) fn attachment_ids(&self) -> impl Iterator<Item = (u64, u64)> {
        self.comments.iter().flat_map(|comment| comment.attachments.iter().map(|id| (comment.id, *id)))
    }
}

/// How something came in.
pub(crate) fn via(channel: &str) -> Value {
    json!({"channel": channel, "source": {"from": {}, "to": {}, "rel": null}})
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
