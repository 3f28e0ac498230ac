//! The in-process way into a running sandbox, for tests: look, change, make trouble.

mod customers; // what people write and are told
mod flex; // what happens in the contact centre
mod jobs; // how bulk writes end
mod pagerduty; // who is paged
mod ratings; // what customers say
mod salesforce; // what happens in the organization
mod webhooks; // what was delivered

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::{
    control,
    faults::{FaultId, FaultRule},
    files::{File, Kind},
    odd::OddRule,
    seed::{self, service},
    signing::SignOptions,
    state::random_word,
    traffic::Call,
    world::World,
    zendesk::{
        field_values, oauth,
        record::{Attachment, Comment, Scan, Status, User},
    },
};

pub use flex::FlexStep;

/// Looks into the stand-ins and changes them.
#[derive(Debug, Clone)]
pub struct Handle(World);

impl Handle {
    pub(crate) const fn new(world: World) -> Self {
        Self(world)
    }

    /// The time of the stand-ins.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    /// Moves a stopped clock.
    pub fn advance(&self, by: TimeDelta) {
        self.0.options().clock.advance(by);
    }

    /// The token that Zendesk posts to the app's page at `location` for this agent.
    pub fn sign(&self, location: &str, agent: u64, options: &SignOptions) -> String {
        self.0.account().app_keys.sign(self.0.options(), location, agent, options, self.now())
    }

    /// From now on the app signs with another key.
    pub fn rotate_app_key(&self) {
        self.0.account().app_keys.rotate();
    }

    /// The public half of the app's key, PEM.
    pub fn public_key(&self) -> String {
        self.0.account().app_keys.public_pem()
    }

    /// Every OAuth token has run out.
    pub fn expire_tokens(&self) {
        let now = self.now();
        oauth::expire_all(&mut self.0.account(), now);
    }

    /// Makes trouble.
    pub fn fault(&self, rule: FaultRule) -> FaultId {
        self.0.faults().add(rule)
    }

    /// From now on some answers differ from the documentation.
    pub fn answers_oddly(&self, rule: OddRule) {
        self.0.odd().add(rule);
    }

    /// How many calls met this trouble.
    pub fn met(&self, fault: FaultId) -> u32 {
        self.0.faults().met(fault)
    }

    /// How many of them have had their effect.
    pub fn effected(&self, fault: FaultId) -> u32 {
        self.0.faults().effected(fault)
    }

    /// No more of this trouble.
    pub fn mend(&self, fault: FaultId) {
        self.0.faults().mend(fault);
    }

    /// No more trouble.
    pub fn clear_faults(&self) {
        self.0.faults().clear();
        self.0.odd().clear();
    }

    /// How often anybody was asked so far.
    pub fn calls_made(&self) -> usize {
        self.0.traffic().made()
    }

    /// What was asked last.
    pub fn calls(&self) -> Vec<Call> {
        self.0.traffic().calls().to_vec()
    }

    /// Credentials that reached the content host; should be none.
    pub fn leaks(&self) -> Vec<String> {
        self.0.traffic().leaks.clone()
    }

    /// Counts and tickets, as `/_sandbox/state` shows them.
    pub fn state(&self) -> Value {
        control::snapshot(&self.0)
    }

    /// Back to how it was at the start.
    pub fn reset(&self) {
        self.0.reset();
    }

    /// A ticket as the API shows it.
    pub fn ticket(&self, id: u64) -> Option<Value> {
        self.0.account().tickets.get(&id).map(|ticket| ticket.json(self.0.base()))
    }

    /// A user as the API shows it.
    pub fn user(&self, id: u64) -> Option<Value> {
        self.0.account().users.get(&id).map(|user| user.json(self.0.base()))
    }

    /// A user's addresses and numbers as the API shows them.
    pub fn identities(&self, user: u64) -> Vec<Value> {
        let account = self.0.account();
        let Some(user) = account.users.get(&user) else { return Vec::new() };
        user.identities.iter().map(|one| user.identity_json(one, self.0.base())).collect()
    }

    /// The organizations as the API shows them.
    pub fn organizations(&self) -> Vec<Value> {
        self.0.account().organizations.values().cloned().map(Value::Object).collect()
    }

    /// So many further customers, each with an address and an external id; the first one's id, the others follow 128 apart.
    pub fn make_users(&self, count: u64) -> u64 {
        let now = self.now();
        let mut account = self.0.account();
        let fields = field_values::blank(&account.user_fields);
        let (first, place) = (account.fresh_ids(count), account.users.len());
        for (id, place) in (0..count).map(|at| first + at * 128).zip(place..) {
            let mut user = User::new(id, &format!("Customer {place}"), now);
            user.external_id = Some(format!("made-{place}"));
            user.user_fields.clone_from(&fields);
            user.identities.push(seed::email_identity(id + 1, &format!("customer.{place}@example.com"), now));
            account.users.put(user);
        }
        first
    }

    /// Changes a user's fields without the API's limits.
    pub fn set_user_fields(&self, id: u64, fields: &Value) {
        let now = self.now();
        self.0.account().users.edit(id, |user| {
            user.updated_at = now;
            for (key, value) in fields.as_object().into_iter().flatten() {
                user.user_fields.insert(key.clone(), value.clone());
            }
        });
    }

    /// Sets a ticket's status, closed included, without the API's rules.
    pub fn set_status(&self, ticket: u64, status: &str) {
        if let (Some(ticket), Some(status)) =
            (self.0.account().tickets.get_mut(&ticket), Status::parse(status))
        {
            ticket.status = status;
        }
    }

    /// The comments of a ticket with their attachments, newest last; inline images too.
    pub fn comments(&self, ticket: u64) -> Vec<Value> {
        let account = self.0.account();
        let comments = account.tickets.get(&ticket).map(|ticket| ticket.comments.clone()).unwrap_or_default();
        comments
            .iter()
            .map(|comment| {
                let files = comment.attachments.iter().filter_map(|id| account.attachments.get(id));
                comment.json(&files.map(|file| file.json(self.0.base())).collect::<Vec<_>>())
            })
            .collect()
    }

    /// The bytes of an attachment. Only for small ones.
    pub fn bytes(&self, attachment: u64) -> Option<bytes::Bytes> {
        self.0.account().attachments.get(&attachment).map(|attachment| attachment.file.bytes())
    }

    /// Hangs a made file of `size` bytes on a ticket's first comment, whatever the size; answers its id.
    pub fn attach(&self, ticket: u64, file_name: &str, size: u64) -> Option<u64> {
        let mut account = self.0.account();
        let id = account.fresh_id();
        let comment = account.tickets.get_mut(&ticket)?.comments.first_mut()?;
        comment.attachments.push(id);
        let attachment = Attachment {
            id,
            token: random_word(25),
            file_name: file_name.to_owned(),
            content_type: Kind::Unknown.content_type().to_owned(),
            file: File::make(Kind::Unknown, size, id),
            inline: false,
            deleted: false,
            scan: Scan::Clean,
            override_malware: false,
        };
        account.attachments.insert(id, attachment);
        Some(id)
    }

    /// Puts an image of `size` bytes into the text of a ticket's first comment; answers its id.
    pub fn attach_inline(&self, ticket: u64, file_name: &str, size: u64) -> Option<u64> {
        let id = self.attach(ticket, file_name, 0)?;
        let mut account = self.0.account();
        let attachment = account.attachments.get_mut(&id)?;
        Kind::Gif.content_type().clone_into(&mut attachment.content_type);
        (attachment.file, attachment.inline) = (File::make(Kind::Gif, size, id), true);
        Some(id)
    }

    /// Somebody (who may be nobody that Zendesk describes any more) writes a public comment with a file; answers the file's id.
    pub fn comment_with_file(
        &self,
        ticket: u64,
        author: u64,
        channel: &'static str,
        file_name: &str,
    ) -> Option<u64> {
        let now = self.now();
        let mut account = self.0.account();
        let (id, audit_id, comment) = (account.fresh_id(), account.fresh_id(), account.fresh_id());
        account.tickets.get_mut(&ticket)?.comments.push(Comment {
            id: comment,
            audit_id,
            author_id: author,
            body: "Please find the file attached.".to_owned(),
            html_body: None,
            public: true,
            attachments: vec![id],
            channel,
            created_at: now,
        });
        let attachment = Attachment {
            id,
            token: random_word(25),
            file_name: file_name.to_owned(),
            content_type: Kind::Unknown.content_type().to_owned(),
            file: File::make(Kind::Unknown, 900, id),
            inline: false,
            deleted: false,
            scan: Scan::Clean,
            override_malware: false,
        };
        account.attachments.insert(id, attachment);
        Some(id)
    }

    /// Hangs these bytes on a ticket's first comment, as whatever their sender calls them; answers the file's id.
    pub fn attach_bytes(
        &self,
        ticket: u64,
        file_name: &str,
        content_type: &str,
        bytes: impl Into<bytes::Bytes>,
    ) -> Option<u64> {
        let id = self.attach(ticket, file_name, 0)?;
        let mut account = self.0.account();
        let attachment = account.attachments.get_mut(&id)?;
        content_type.clone_into(&mut attachment.content_type);
        attachment.file = File::Sent(bytes.into());
        Some(id)
    }

    /// A file's sender declared it as this media type.
    pub fn declare(&self, attachment: u64, content_type: &str) {
        if let Some(attachment) = self.0.account().attachments.get_mut(&attachment) {
            content_type.clone_into(&mut attachment.content_type);
        }
    }

    /// The scanner finds malware in a file.
    pub fn infect(&self, attachment: u64) {
        if let Some(attachment) = self.0.account().attachments.get_mut(&attachment) {
            attachment.scan = Scan::Malware;
        }
    }

    /// A customer of the seeded desk writes in once more, without files; the new ticket's number.
    pub fn open_ticket(&self) -> u64 {
        let mut account = self.0.account();
        let (id, comment, audit) = (account.fresh_ticket(), account.fresh_id(), account.fresh_id());
        let (_, like) = account.tickets.last_key_value().expect("the desk is seeded");
        let mut ticket = like.clone();
        (ticket.id, ticket.status, ticket.tags, ticket.audits) = (id, Status::Open, Vec::new(), Vec::new());
        ticket.comments.truncate(1);
        for first in &mut ticket.comments {
            (first.id, first.audit_id, first.attachments) = (comment, audit, Vec::new());
        }
        account.tickets.insert(id, ticket);
        id
    }

    /// So many further comments of the requester stand under a ticket: the list of a long talk has pages.
    pub fn talk(&self, ticket: u64, comments: usize) {
        let mut account = self.0.account();
        for _ in 0..comments {
            let (id, audit_id) = (account.fresh_id(), account.fresh_id());
            let Some(ticket) = account.tickets.get_mut(&ticket) else { return };
            let Some(last) = ticket.comments.last().cloned() else { return };
            let author_id = ticket.requester_id;
            ticket.comments.push(Comment {
                id,
                audit_id,
                author_id,
                public: true,
                attachments: Vec::new(),
                ..last
            });
        }
    }

    /// What `apps/notify` was asked to deliver.
    pub fn notified(&self) -> Vec<Value> {
        self.0.account().notified.clone()
    }

    /// What arrived at Slack's and Zapier's hooks.
    pub fn notices(&self) -> Vec<Value> {
        self.0.account().notices.clone()
    }

    /// What the service itself would say of its users: `time,account_id,email,name`, three days of it.
    pub fn users_history(&self) -> String {
        service::users_history(self.now())
    }

    /// The mails that Zendesk would have sent to people on its own, oldest first.
    pub fn mails(&self) -> Vec<Value> {
        self.0.account().mails.clone()
    }

    /// What open workspaces are told from now on.
    pub fn listen(&self) -> broadcast::Receiver<Value> {
        self.0.listen()
    }

    /// The end users who have this phone number, as it was written.
    pub fn users_with_phone(&self, phone: &str) -> Vec<u64> {
        let account = self.0.account();
        account
            .users
            .values()
            .filter(|user| user.phone.as_deref() == Some(phone))
            .map(|user| user.id)
            .collect()
    }

    /// The tickets that a user requested, oldest first.
    pub fn tickets_of(&self, user: u64) -> Vec<u64> {
        let account = self.0.account();
        account
            .tickets
            .values()
            .filter(|ticket| ticket.requester_id == user)
            .map(|ticket| ticket.id)
            .collect()
    }
}
