//! Archived files are opened again, by agents who may see their ticket and whom `archive.may_open` names. **Invariants:** who
//! opened what is in the ledger before the first byte leaves; a whole file is served with its hash checked; nobody ever gets an
//! address of the store; memory does not grow with the file.

mod checked; // a file's hash, before and while it is sent
mod link; // a short-lived key to one file
mod openers; // which agents may
mod part; // which bytes a browser asks for

use std::{ops::Range, sync::Arc};

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use wire::{AttachmentId, FileLink, LedgerAction, TicketId, UserId};

pub use checked::{BytesError, FileBytes};
use checked::{READ_FIRST, checked, unchecked};
pub use link::{LinkError, LinkKey};
pub use openers::{Openers, Settings};
use part::Part;

use crate::{
    clock::Clock,
    connectors::{
        objects::{Objects, ObjectsError},
        zendesk::ZendeskError,
    },
    features::{
        contracts::{CardError, Contracts},
        limits::{FILE_LINKS, FILES, Limits, TooMany},
        sessions::{Agent, Viewer},
        stored_names::{content_type, disposition, is_quarantined},
    },
    store::{
        Db, StoreError,
        archive::{self, ItemRow, ItemState},
        ledger::{self, LedgerEntry},
    },
};

/// How long a link opens its file: a browser follows it at once.
const LINK_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// The archived files of one account.
#[derive(Clone)]
pub struct Files(Arc<Setup>);

/// What [`Files`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// What time it is.
    pub clock: Clock,
    /// Which file is where, and who opened it.
    pub db: Db,
    /// Where the files are.
    pub objects: Objects,
    /// Who may see which ticket.
    pub contracts: Contracts,
    /// Which agents may open files.
    pub openers: Openers,
    /// Signs links; shared by all replicas.
    pub key: LinkKey,
    /// How many links are given and used.
    pub limits: Limits,
}

/// A file that is being opened.
pub struct Opened {
    /// Its bytes, or the part that was asked for.
    pub bytes: FileBytes,
    /// Which of them.
    pub part: Range<u64>,
    /// How many the whole file has.
    pub size: u64,
    /// Whether less than the whole was asked for.
    pub partial: bool,
    /// What a browser may take it for.
    pub content_type: &'static str,
    /// What a browser may call it: a whole `Content-Disposition`.
    pub disposition: String,
}

/// Why a file is not opened.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Agent: nothing to do; reload the panel.
    #[error("the archive has no attachment {0}")]
    Unknown(AttachmentId),
    /// Agent: open it in Zendesk, or archive it.
    #[error("attachment {0} is not in the archive yet")]
    NotArchived(AttachmentId),
    /// Agent: ask an admin.
    #[error("attachment {0} is in quarantine, because Zendesk found malware in it; only admins may open it")]
    Quarantined(AttachmentId),
    /// Agent: ask an admin, or one of those who may.
    #[error("you may not open archived files in this account")]
    Forbidden(AttachmentId),
    /// Agent: wait.
    #[error("Zendesk did not say whether you may open archived files")]
    Unasked(#[source] Arc<ZendeskError>),
    /// Operator: the store is damaged, or somebody wrote to it; a backup may have the file.
    #[error("the archived copy of attachment {0} has changed since it was archived; it is not opened")]
    Mismatch(AttachmentId),
    /// Agent: ask for a new link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Agent: wait; a loop in a client.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// As for the ticket's card.
    #[error(transparent)]
    Ticket(#[from] CardError),
    /// Client: ask for bytes that are there.
    #[error("the requested range is outside the file, which has {0} bytes")]
    NoSuchPart(u64),
    /// Operator: somebody removed it from the store; a backup may have it.
    #[error("attachment {0} was archived, but is no longer in the archive")]
    Missing(AttachmentId, #[source] ObjectsError),
    /// See the connector's error.
    #[error("the archive could not be read")]
    Objects(#[source] ObjectsError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Files {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        Self(Arc::new(setup))
    }

    /// A link that opens one file for this agent, in a tab that has no session.
    pub async fn link(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        id: AttachmentId,
    ) -> Result<FileLink, FileError> {
        let _counted = self.0.limits.take(&FILE_LINKS, agent.id)?;
        self.seen(viewer, agent, id).await?;
        let expires = self.0.clock.now() + LINK_LIFETIME;
        let key = self.0.key.write(&self.0.account, agent.id, id, expires);
        let expires_at = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
        Ok(FileLink { url: format!("/api/archive/items/{id}/file?key={key}"), expires_at })
    }

    /// Opens a file for an agent with a session.
    pub async fn open(
        &self,
        viewer: &Viewer,
        agent: &Agent,
        id: AttachmentId,
        range: Option<&str>,
    ) -> Result<Opened, FileError> {
        let _counted = self.0.limits.take(&FILES, agent.id)?;
        let item = self.seen(viewer, agent, id).await?;
        self.open_for(agent.id, item, range).await
    }

    /// Opens a file for whoever holds a link. That its agent may see the ticket was asked when it was given; whether the agent
    /// may still open files is asked again.
    pub async fn open_by_link(
        &self,
        key: &str,
        id: AttachmentId,
        range: Option<&str>,
    ) -> Result<Opened, FileError> {
        let agent = self.0.key.read(key, &self.0.account, id, self.0.clock.now())?;
        let _counted = self.0.limits.take(&FILES, agent)?;
        let item = archive::item(&self.0.db, &self.0.account, id.0).await?;
        let item = archived(item.ok_or(FileError::Unknown(id))?)?;
        self.may_open(agent, &item).await?;
        self.open_for(agent, item, range).await
    }

    /// The item, if this session may see its ticket, it is archived, and this agent may open it.
    async fn seen(&self, viewer: &Viewer, agent: &Agent, id: AttachmentId) -> Result<ItemRow, FileError> {
        let item = archive::item(&self.0.db, &self.0.account, id.0).await?;
        let item = item.ok_or(FileError::Unknown(id))?;
        self.0.contracts.card(viewer, TicketId(item.ticket_id), false).await?;
        let item = archived(item)?;
        self.may_open(agent.id, &item).await?;
        Ok(item)
    }

    /// Asks Zendesk who the agent is now.
    async fn may_open(&self, agent: UserId, item: &ItemRow) -> Result<(), FileError> {
        let id = AttachmentId(item.attachment_id);
        let opener = self.0.openers.opener(agent).await;
        let opener = opener.map_err(|error| FileError::Unasked(Arc::new(error)))?;
        let refused = if !opener.may_open {
            FileError::Forbidden(id)
        } else if self.is_quarantined(item) && !opener.is_admin {
            FileError::Quarantined(id)
        } else {
            return Ok(());
        };
        self.write_down(agent, item, LedgerAction::OpenRefused, json!({})).await?;
        Err(refused)
    }

    fn is_quarantined(&self, item: &ItemRow) -> bool {
        item.object_key.as_deref().is_some_and(|key| is_quarantined(&self.0.account, key))
    }

    async fn open_for(&self, agent: UserId, item: ItemRow, range: Option<&str>) -> Result<Opened, FileError> {
        let id = AttachmentId(item.attachment_id);
        let failed = |error| match error {
            ObjectsError::NotFound { .. } => FileError::Missing(id, error),
            error => FileError::Objects(error),
        };
        let (Some(key), Some(sha256)) = (item.object_key.as_deref(), item.sha256.clone()) else {
            return Err(FileError::NotArchived(id));
        };
        let size = self.0.objects.size(key).await.map_err(failed)?;
        if size != item.size {
            self.mismatched(agent, &item).await?;
            return Err(FileError::Mismatch(id));
        }
        let (part, partial) = match part::asked(range, size) {
            Part::Whole => (0..size, false),
            Part::Some(part) => (part, true),
            Part::Nothing => return Err(FileError::NoSuchPart(size)),
        };
        let is_whole = part == (0..size);
        let read_first = is_whole && size <= READ_FIRST;
        if read_first && self.0.objects.read_back(key).await.map_err(failed)? != (size, sha256.clone()) {
            self.mismatched(agent, &item).await?;
            return Err(FileError::Mismatch(id));
        }
        let bytes = self.0.objects.read(key, part.clone()).await.map_err(failed)?;
        let verified = match (is_whole, read_first) {
            (true, true) => json!(true),
            (true, false) => json!("while_sent"),
            (false, _) => json!(false),
        };
        let detail = json!({ "from": part.start, "to": part.end, "verified": verified });
        self.write_down(agent, &item, LedgerAction::Opened, detail).await?;
        let bytes = if is_whole {
            checked(bytes, sha256, self.clone().found_while_sent(agent, item.clone()))
        } else {
            unchecked(bytes)
        };
        Ok(Opened {
            bytes,
            part,
            size,
            partial,
            content_type: if self.is_quarantined(&item) {
                content_type("")
            } else {
                content_type(&item.content_type)
            },
            disposition: disposition(&item.file_name, id),
        })
    }

    async fn found_while_sent(self, agent: UserId, item: ItemRow) {
        if let Err(error) = self.mismatched(agent, &item).await {
            tracing::error!(%error, "the ledger does not say that a copy in the archive is damaged");
        }
    }

    async fn mismatched(&self, agent: UserId, item: &ItemRow) -> Result<(), StoreError> {
        tracing::error!(
            ticket.id = item.ticket_id,
            attachment.id = item.attachment_id,
            "the copy of attachment {} in the archive is not what was archived; it was not served",
            item.attachment_id
        );
        self.write_down(agent, item, LedgerAction::OpenMismatch, json!({})).await
    }

    async fn write_down(
        &self,
        agent: UserId,
        item: &ItemRow,
        action: LedgerAction,
        mut detail: Value,
    ) -> Result<(), StoreError> {
        detail["may_open"] = self.0.openers.rule().to_string().into();
        let entry = LedgerEntry {
            at: self.0.clock.now(),
            actor: format!("agent:{agent}"),
            action: action.as_str().to_owned(),
            ticket_id: Some(item.ticket_id),
            attachment_id: Some(item.attachment_id),
            sha256: item.sha256.clone(),
            object_key: item.object_key.clone(),
            detail,
        };
        let mut tx = self.0.db.begin().await?;
        ledger::append(&mut tx, &self.0.account, &entry).await?;
        tx.commit().await
    }
}

/// Only what was read back and compared is a copy.
fn archived(item: ItemRow) -> Result<ItemRow, FileError> {
    let is_copy = matches!(item.state, ItemState::Verified | ItemState::Redacted);
    if is_copy { Ok(item) } else { Err(FileError::NotArchived(AttachmentId(item.attachment_id))) }
}
