//! One method per call we make to Zendesk. No rules of ours: what to do with an answer is decided in `features`.

use bytes::Bytes;
use futures::stream::BoxStream;
use secrecy::SecretString;
use url::Url;

use super::{
    AccessToken, AttachmentId, Comment, CommentId, JobStatus, Ticket, TicketId, User, UserField, UserId,
    UserUpdate, ZendeskError,
};
use crate::clock::Clock;
use crate::connectors::Net;

/// An OAuth client of the account, acting as the user it belongs to.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The client's unique identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What to ask for, like `read write`.
    pub scope: String,
}

/// A file on its way in.
pub struct Download {
    /// Bytes to come, where the host says so.
    pub content_length: Option<u64>,
    /// As the host declares it.
    pub content_type: Option<String>,
    /// The bytes; ends with an error when the host falls silent or sends more than allowed.
    pub stream: BoxStream<'static, Result<Bytes, ZendeskError>>,
}

/// One Zendesk account. Clones share the token and the rate budget.
#[derive(Debug, Clone)]
pub struct ZendeskClient {}

impl ZendeskClient {
    /// A client of the account at `base_url`. `http` comes from [`http_client`](crate::connectors::http_client).
    pub fn new(
        http: reqwest::Client,
        base_url: Url,
        credentials: ClientCredentials,
        clock: Clock,
        attachment_hosts: Vec<String>,
        net: Net,
    ) -> Self {
        let _ = (http, base_url, credentials, clock, attachment_hosts, net);
        todo!()
    }

    /// The same account for jobs: leaves a reserve of the rate budget to agents.
    #[must_use]
    pub fn background(&self) -> Self {
        todo!()
    }

    /// The user whose rights we have. Zendesk's anonymous user is [`ZendeskError::Unauthorized`].
    pub async fn me(&self) -> Result<User, ZendeskError> {
        todo!()
    }

    /// Our token and its scopes.
    pub async fn current_token(&self) -> Result<AccessToken, ZendeskError> {
        todo!()
    }

    /// One user.
    pub async fn user(&self, id: UserId) -> Result<User, ZendeskError> {
        let _ = id;
        todo!()
    }

    /// Several users, in no order; unknown ids are missing from the answer. Any number: asked for by the hundred.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, ZendeskError> {
        let _ = ids;
        todo!()
    }

    /// Active users with this phone number (E.164). Zendesk's search lags by minutes.
    pub async fn users_by_phone(&self, e164: &str) -> Result<Vec<User>, ZendeskError> {
        let _ = e164;
        todo!()
    }

    /// The user with exactly this e-mail address.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, ZendeskError> {
        let _ = email;
        todo!()
    }

    /// The groups an agent belongs to.
    pub async fn group_ids_of(&self, user: UserId) -> Result<Vec<u64>, ZendeskError> {
        let _ = user;
        todo!()
    }

    /// One ticket.
    pub async fn ticket(&self, id: TicketId) -> Result<Ticket, ZendeskError> {
        let _ = id;
        todo!()
    }

    /// Tickets that the user requested and that are not done, last changed first, 50 at most.
    pub async fn open_tickets_of(&self, user: UserId) -> Result<Vec<Ticket>, ZendeskError> {
        let _ = user;
        todo!()
    }

    /// All comments of a ticket, oldest first, with inline images among the attachments.
    pub async fn comments(&self, ticket: TicketId) -> Result<Vec<Comment>, ZendeskError> {
        let _ = ticket;
        todo!()
    }

    /// Replaces an attachment by an empty file, for ever. Zendesk's 200 proves nothing: list the comments again.
    pub async fn redact_attachment(
        &self,
        ticket: TicketId,
        comment: CommentId,
        attachment: AttachmentId,
    ) -> Result<(), ZendeskError> {
        let _ = (ticket, comment, attachment);
        todo!()
    }

    /// The same by Agent Workspace's call, which also works on closed tickets.
    pub async fn redact_in_workspace(
        &self,
        comment: CommentId,
        ticket: TicketId,
        content_url: &str,
    ) -> Result<(), ZendeskError> {
        let _ = (comment, ticket, content_url);
        todo!()
    }

    /// Adds a note that only agents see. Not repeatable: after a transport error look whether it is there.
    pub async fn add_internal_note(&self, ticket: TicketId, html: &str) -> Result<(), ZendeskError> {
        let _ = (ticket, html);
        todo!()
    }

    /// Adds tags, keeps the others.
    pub async fn add_tags(&self, ticket: TicketId, tags: &[&str]) -> Result<(), ZendeskError> {
        let _ = (ticket, tags);
        todo!()
    }

    /// Removes tags, keeps the others.
    pub async fn remove_tags(&self, ticket: TicketId, tags: &[&str]) -> Result<(), ZendeskError> {
        let _ = (ticket, tags);
        todo!()
    }

    /// The account's user fields.
    pub async fn user_fields(&self) -> Result<Vec<UserField>, ZendeskError> {
        todo!()
    }

    /// Starts a job that writes the fields of up to 100 users.
    pub async fn update_users(&self, updates: &[UserUpdate]) -> Result<JobStatus, ZendeskError> {
        let _ = updates;
        todo!()
    }

    /// Where such a job stands.
    pub async fn job_status(&self, id: &str) -> Result<JobStatus, ZendeskError> {
        let _ = id;
        todo!()
    }

    /// Sends an event to our app in one agent's browser. `body_json` arrives there as a string.
    pub async fn notify_app(
        &self,
        app_id: u64,
        agent_id: UserId,
        event: &str,
        body_json: &str,
    ) -> Result<(), ZendeskError> {
        let _ = (app_id, agent_id, event, body_json);
        todo!()
    }

    /// The key that checks the app's signed pages, as PEM.
    pub async fn app_public_key(&self, app_id: u64) -> Result<String, ZendeskError> {
        let _ = app_id;
        todo!()
    }

    /// Opens an attachment's `content_url`. Follows redirects by hand to the allowed hosts; our token goes to the
    /// account's own host only.
    pub async fn download(&self, content_url: &str) -> Result<Download, ZendeskError> {
        let _ = content_url;
        todo!()
    }
}
