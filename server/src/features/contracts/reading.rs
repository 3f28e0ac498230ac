//! What Zendesk says now about a ticket or a customer. **Invariant:** the ticket first, because it names the requester; then
//! everything else at once, and all of it within one bound of time.

use std::{sync::Arc, time::Duration};

use super::{
    CardError, Contracts,
    cache::{CachedCard, Subject},
    translation::{Read, card},
};
use crate::{
    connectors::zendesk::{self, OpenTickets, ZendeskError},
    store::contracts,
};

/// How long Zendesk may take for a card; then the last known one is better than more waiting.
const CARD_TIMEOUT: Duration = Duration::from_secs(6);

impl Contracts {
    /// Asks Zendesk, for so long; ticket first, because it names the requester, then everything else at once.
    pub(super) async fn read(&self, subject: Subject) -> Result<Arc<CachedCard>, CardError> {
        let silent = |_| subject.unread().because()(ZendeskError::Idle { call: "the card" });
        tokio::time::timeout(CARD_TIMEOUT, self.ask(subject)).await.unwrap_or_else(|late| Err(silent(late)))
    }

    async fn ask(&self, subject: Subject) -> Result<Arc<CachedCard>, CardError> {
        let zendesk = &self.0.zendesk;
        let (ticket, customer) = match subject {
            Subject::Ticket(id) => {
                let read = zendesk.ticket(zendesk::TicketId(id.0)).await;
                let ticket = read.map_err(|error| match error {
                    ZendeskError::NotFound { .. } => CardError::TicketNotFound(id),
                    error => subject.unread().because()(error),
                })?;
                let requester = ticket.requester_id;
                (Some(ticket), requester)
            }
            Subject::Customer(id) => (None, Some(zendesk::UserId(id.0))),
        };
        let (user, open) = if let Some(id) = customer {
            futures::join!(zendesk.user(id), zendesk.open_tickets_of(id))
        } else {
            let nobody = OpenTickets { tickets: Vec::new(), complete: true };
            (Err(ZendeskError::NotFound { call: "the ticket's requester" }), Ok(nobody))
        };
        let user = match (user, subject) {
            (Ok(user), _) => Some(user),
            // A requester who is gone does not hide the ticket.
            (Err(ZendeskError::NotFound { .. }), Subject::Ticket(_)) => None,
            (Err(ZendeskError::NotFound { .. }), Subject::Customer(id)) => {
                return Err(CardError::CustomerNotFound(id));
            }
            (Err(error), _) => return Err(subject.unread().because()(error)),
        };
        let rows = match &user {
            Some(user) => {
                contracts::of_user(&self.0.db, &self.0.account, user.id.0).await.map_err(Arc::new)?
            }
            None => Vec::new(),
        };
        let read = Read { ticket: ticket.as_ref(), user: user.as_ref(), open, rows: &rows };
        let (known, live) = card(read, (&self.0.settings, &self.0.badges), self.0.clock.now());
        self.keep(subject, &known, user.as_ref().map(|user| user.id), &live).await;
        Ok(Arc::new(known))
    }
}
