//! Integrations that admins switch on and off: after *Disconnect* they are off, and somebody switches them on again. **Invariant:** the rest of the
//! definition stays as it is, whoever edits it meanwhile.

use wire::{IntegrationDocument, LedgerAction};

use super::{Integrations, IntegrationsError, people::Inner, record, views};
use crate::store::integrations as kept;

impl Integrations {
    /// An integration runs by itself from now on, or does not; it may be so already. Refused where another enabled one writes its fields.
    pub async fn switch(
        &self,
        by: &str,
        id: &str,
        enabled: bool,
    ) -> Result<IntegrationDocument, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        kept::take_turns(&mut tx, account).await?;
        let there = kept::locked(&mut tx, account, id).await?;
        let there = there.ok_or_else(|| IntegrationsError::Unknown(id.to_owned()))?;
        if there.enabled == enabled {
            return Ok(views::document(there)?);
        }
        let definition = views::definition(&there)?;
        if enabled {
            let faults = self.other_writers(&mut tx, id, &definition).await?;
            if !faults.is_empty() {
                return Err(IntegrationsError::Faults(faults));
            }
        }
        kept::enable(&mut tx, account, id, enabled, clock.now()).await?;
        let is_shown = self.follow(&mut tx, id, enabled, &definition).await?;
        let detail = record::of_integration(id, &["enabled".to_owned()]);
        record::append(&mut tx, account, (by, LedgerAction::IntegrationChanged), detail, clock.now()).await?;
        tx.commit().await?;
        if !is_shown {
            self.forget_copy(id).await;
        }
        self.document(id).await
    }
}
