//! Attachments leave Zendesk, and are opened again: what that is made of, and what the operator decides about it.

use chrono::TimeDelta;

use super::Ground;
use crate::{
    config,
    features::{
        archive::{self, Archive, ArchiveDeps, OutcomeTags, Policy, Terms},
        contracts::Contracts,
        files::{self, Files, Openers},
    },
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
        policy: policy(&ground.config.archive),
        terms: terms(&ground.config.archive),
    })
}

/// Who may open what was archived.
pub(super) fn openers(ground: &Ground<'_>) -> Openers {
    Openers::new(ground.config.archive.may_open.clone(), ground.vendors.zendesk.clone())
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
        policy: policy(&config.archive),
        agents_may_start: config.archive.agents_may_start,
        queue: ground.queue.clone(),
        tells: config.notify.webhook_url.is_some(),
        tags: OutcomeTags {
            done: config.archive.done_tag.clone(),
            failed: config.archive.failed_tag.clone(),
            held: config.archive.held_tag.clone(),
            infected: config.archive.infected_tag.clone(),
            nothing: config.archive.nothing_tag.clone(),
        },
        memory: ground.memory.clone(),
    }
}

/// What the operator decides about runs.
fn terms(archive: &config::Archive) -> Terms {
    Terms {
        agents_may_start: archive.agents_may_start,
        undo: TimeDelta::from_std(archive.undo_button).unwrap_or(TimeDelta::MAX),
        undo_tag: TimeDelta::from_std(archive.undo_tag).unwrap_or(TimeDelta::MAX),
    }
}

/// What the operator decides about files.
pub fn policy(archive: &config::Archive) -> Policy {
    Policy {
        max_bytes: archive.max_file_bytes,
        min_bytes: archive.min_file_bytes,
        min_age: TimeDelta::days(archive.min_age_days.into()),
        include_types: archive.include_types.clone(),
        exclude_types: archive.exclude_types.clone(),
        inline: archive.inline,
        sent_by_us: archive.sent_by_us,
        infected: archive.infected,
        hold_tags: archive.hold_tags.clone(),
    }
}
