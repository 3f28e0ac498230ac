//! What Zendesk says now about a ticket or a customer. **Invariant:** the ticket first, because it names the requester; then
//! everything else at once, and all of it within one bound of time.

use std::{sync::Arc, time::Duration};

use super::{
    CardError, Contracts,
    cache::{CachedCard, Subject},
    requester::Requester,
    translation::{Read, card},
};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{self, OpenTickets, ZendeskError},
    },
    store::companies::Found,
};

/// How long Zendesk may take for a card; then the last known one is better than more waiting.
const CARD_TIMEOUT: Duration = Duration::from_secs(6);

impl Contracts {
    /// Asks Zendesk, for so long; ticket first, because it names the requester, then everything else at once.
    pub(super) async fn read(&self, subject: Subject) -> Result<Arc<CachedCard>, CardError> {
        let silent = |_| subject.unread().because()(ZendeskError::new("the card", FailureKind::Unavailable));
        tokio::time::timeout(CARD_TIMEOUT, self.ask(subject)).await.unwrap_or_else(|late| Err(silent(late)))
    }

    async fn ask(&self, subject: Subject) -> Result<Arc<CachedCard>, CardError> {
        let zendesk = &self.0.zendesk;
        let (ticket, customer) = match subject {
            Subject::Ticket(id) => {
                let read = zendesk.ticket(zendesk::TicketId(id.0)).await;
                let ticket = read.map_err(|error| match error {
                    error if error.is(FailureKind::NotFound) => CardError::TicketNotFound(id),
                    error => subject.unread().because()(error),
                })?;
                let requester = ticket.requester_id;
                (Some(ticket), requester)
            }
            Subject::Customer(id) => (None, Some(zendesk::UserId(id.0))),
        };
        let (read, open) = if let Some(id) = customer {
            futures::join!(self.read_customer(id, ticket.as_ref(), subject), zendesk.open_tickets_of(id))
        } else {
            let nobody = OpenTickets { tickets: Vec::new(), complete: true };
            (Err(ZendeskError::new("the ticket's requester", FailureKind::NotFound)), Ok(nobody))
        };
        let (user, found) = match (read, subject) {
            (Ok((user, requester, found)), _) => {
                // Their other addresses may have come while the open tickets were read.
                (Some(user), Some(self.with_known_addresses(requester, found?).await?))
            }
            // A requester who is gone does not hide the ticket.
            (Err(error), Subject::Ticket(_)) if error.is(FailureKind::NotFound) => (None, None),
            (Err(error), Subject::Customer(id)) if error.is(FailureKind::NotFound) => {
                return Err(CardError::CustomerNotFound(id));
            }
            (Err(error), _) => return Err(subject.unread().because()(error)),
        };
        let read = Read { ticket: ticket.as_ref(), user: user.as_ref(), open, found };
        let known = card(read, self.rules());
        self.keep(subject, &known).await;
        Ok(Arc::new(known))
    }

    /// The customer, and the companies that the contract copy has of them.
    async fn read_customer(
        &self,
        id: zendesk::UserId,
        ticket: Option<&zendesk::Ticket>,
        subject: Subject,
    ) -> Result<(zendesk::User, Requester, Result<Found, CardError>), ZendeskError> {
        let user = self.0.zendesk.user(id).await?;
        let requester = Requester::new(&user, ticket, &self.0.settings.fields, self.0.clock.now());
        let found = self.companies_of(&requester).await;
        if let Ok(found) = &found {
            self.ask_for_addresses(&requester, found, subject);
            self.notice_newcomer(&user, &requester, found);
        }
        Ok((user, requester, found))
    }
}
