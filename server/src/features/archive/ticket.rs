//! What is written on the ticket itself when a run has ended: its tags and its note. **Invariant:** each write is counted
//! before it is sent (`updates.rs`).

use super::{deps::ArchiveDeps, tags::Outcome};
use crate::{
    connectors::zendesk::{Ticket, TicketId, ZendeskError},
    store::StoreError,
};

impl ArchiveDeps {
    /// Tags the ticket.
    pub(super) async fn tag(
        &self,
        account: &str,
        ticket: &Ticket,
        outcome: Outcome,
    ) -> Result<Result<(), ZendeskError>, StoreError> {
        let (add, remove) = self.settings.tags.change(&ticket.tags, outcome);
        // First the new one: between the two the ticket would have neither, and the trigger would call.
        if let Some(tag) = add {
            self.counts(account, ticket.id.0).await?;
            if let Err(error) = self.zendesk.add_tags(ticket.id, &[tag]).await {
                return Ok(Err(error));
            }
        }
        if !remove.is_empty() {
            self.counts(account, ticket.id.0).await?;
            return Ok(self.zendesk.remove_tags(ticket.id, &remove).await);
        }
        Ok(Ok(()))
    }

    /// Writes a note on a ticket. Whoever calls has looked whether it is there.
    pub(super) async fn note(
        &self,
        account: &str,
        ticket: TicketId,
        html: &str,
    ) -> Result<Result<(), ZendeskError>, StoreError> {
        self.counts(account, ticket.0).await?;
        Ok(self.zendesk.add_internal_note(ticket, html).await)
    }
}
