//! Zendesk takes thirty updates of one ticket by one user in ten minutes, and each redaction, tag and note is one.
//! **Invariant:** a redaction is counted before it is sent, in the database, so that other runs and replicas count it, too;
//! the thirtieth is left for the tag.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{deps::ArchiveDeps, job::Attempt};
use crate::{
    queue::JobError,
    store::{StoreError, archive},
};

/// Redactions begin only while the ticket has had fewer updates of ours than this.
const MOST: u64 = 29;
/// Zendesk's ten minutes, and a little: it counts when a call arrives, we when it leaves.
const WINDOW: TimeDelta = TimeDelta::seconds(610);

impl Attempt<'_> {
    /// Counts a redaction that is about to be sent; where that would be one too many, how long to wait instead.
    pub(super) async fn may_redact(&self) -> Result<Option<Duration>, JobError> {
        let now = self.deps.clock.now();
        let mut tx = self.deps.db.begin_unsynced().await?;
        self.lease.guard(&mut tx).await?;
        let until =
            archive::crowded_until(&mut tx, self.account, self.ticket_id, (MOST, WINDOW), now).await?;
        if let Some(until) = until {
            return Ok(Some((until - now).to_std().unwrap_or_default()));
        }
        archive::count_update(&mut tx, self.account, self.ticket_id, WINDOW, now).await?;
        tx.commit().await?;
        Ok(None)
    }
}

impl ArchiveDeps {
    /// Counts a tag or a note that is about to be sent. Those do not wait: Zendesk itself says when it is too many.
    pub(super) async fn counts(&self, account: &str, ticket_id: u64) -> Result<(), StoreError> {
        let now: DateTime<Utc> = self.clock.now();
        let mut tx = self.db.begin_unsynced().await?;
        archive::count_update(&mut tx, account, ticket_id, WINDOW, now).await?;
        tx.commit().await
    }
}
