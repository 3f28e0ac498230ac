//! Attachments leave Zendesk, and are opened again: what that is made of.

use super::Context;
use crate::features::{
    archive::{self, Archive, ArchiveDeps},
    contracts::Contracts,
    files::{self, Files, Openers},
};

/// What agents ask for.
pub(super) fn archive(context: &Context<'_>, contracts: &Contracts, openers: &Openers) -> Archive {
    Archive::new(archive::Setup {
        account: context.account.clone(),
        clock: context.shared.clock.clone(),
        db: context.shared.db.clone(),
        queue: context.shared.queue.clone(),
        zendesk: context.vendors.zendesk.clone(),
        contracts: contracts.clone(),
        openers: openers.clone(),
        settings: context.config.archive.runs.clone(),
    })
}

/// Who may open what was archived.
pub(super) fn openers(context: &Context<'_>) -> Openers {
    Openers::new(context.config.archive.files.clone(), context.vendors.zendesk.clone())
}

/// What was archived. Links are signed by the same key in every replica.
pub(super) fn files(context: &Context<'_>, contracts: &Contracts, openers: &Openers) -> Files {
    Files::new(files::Setup {
        account: context.account.clone(),
        clock: context.shared.clock.clone(),
        db: context.shared.db.clone(),
        objects: context.objects.clone(),
        contracts: contracts.clone(),
        openers: openers.clone(),
        key: context.shared.keys.files.clone(),
        limits: context.limits.clone(),
    })
}

/// What the jobs need.
pub(super) fn deps(context: &Context<'_>) -> ArchiveDeps {
    let config = context.config;
    ArchiveDeps {
        clock: context.shared.clock.clone(),
        db: context.shared.db.clone(),
        zendesk: context.vendors.zendesk.background(),
        objects: context.objects.clone(),
        settings: config.archive.runs.clone(),
        queue: context.shared.queue.clone(),
        tells: config.notify.webhook.webhook_url.is_some(),
        memory: context.shared.memory.clone(),
    }
}
