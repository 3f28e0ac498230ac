//! Attachments leave Zendesk, and are opened again: what that is made of.

use super::Ground;
use crate::features::{
    archive::{self, Archive, ArchiveDeps},
    contracts::Contracts,
    files::{self, Files, Openers},
};

/// What agents ask for.
pub(super) fn archive(ground: &Ground<'_>, contracts: &Contracts, openers: &Openers) -> Archive {
    Archive::new(archive::Setup {
        account: ground.account.clone(),
        clock: ground.clock.clone(),
        db: ground.db.clone(),
        queue: ground.queue.clone(),
        zendesk: ground.vendors.zendesk.clone(),
        contracts: contracts.clone(),
        openers: openers.clone(),
        settings: ground.config.archive.runs.clone(),
    })
}

/// Who may open what was archived.
pub(super) fn openers(ground: &Ground<'_>) -> Openers {
    Openers::new(ground.config.archive.files.clone(), ground.vendors.zendesk.clone())
}

/// What was archived. Links are signed by the same key in every replica.
pub(super) fn files(ground: &Ground<'_>, contracts: &Contracts, openers: &Openers) -> Files {
    Files::new(files::Setup {
        account: ground.account.clone(),
        clock: ground.clock.clone(),
        db: ground.db.clone(),
        objects: ground.objects.clone(),
        contracts: contracts.clone(),
        openers: openers.clone(),
        key: ground.keys.files.clone(),
        limits: ground.limits.clone(),
    })
}

/// What the jobs need.
pub(super) fn deps(ground: &Ground<'_>) -> ArchiveDeps {
    let config = ground.config;
    ArchiveDeps {
        clock: ground.clock.clone(),
        db: ground.db.clone(),
        zendesk: ground.vendors.zendesk.background(),
        objects: ground.objects.clone(),
        settings: config.archive.runs.clone(),
        queue: ground.queue.clone(),
        tells: config.notify.webhook.webhook_url.is_some(),
        memory: ground.memory.clone(),
    }
}
