//! What was said last in a ticket, where the customer could read it. Beside a call it is asked for after the card, which
//! must not wait for it.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use wire::{PublicComment, TicketId};

use super::{CardError, Contracts, Unread};
use crate::{
    connectors::{FailureKind, VendorError, zendesk},
    features::sessions::Viewer,
};

/// Characters; more is read in the ticket.
const LONGEST: usize = 600;

pub(super) type Comments = Cache<TicketId, Option<Arc<PublicComment>>>;

pub(super) fn kept_for(time: Duration) -> Comments {
    Cache::builder().max_capacity(10_000).time_to_live(time).build()
}

impl Contracts {
    /// The ticket's last public comment, if it has one.
    pub async fn last_comment(
        &self,
        viewer: &Viewer,
        ticket: TicketId,
    ) -> Result<Option<PublicComment>, CardError> {
        self.may_see(viewer, ticket).await?;
        let ask = async {
            let found = self.0.zendesk.last_public_comment(zendesk::TicketId(ticket.0)).await;
            let found = found.map_err(|error| match error {
                error if error.is(FailureKind::NotFound) => CardError::TicketNotFound(ticket),
                error => Unread::Comment(ticket).because()(error),
            })?;
            Ok::<_, CardError>(found.map(|found| Arc::new(read(&found))))
        };
        let comment = self.0.comments.try_get_with(ticket, ask).await.map_err(|error| error.repeat())?;
        Ok(comment.map(|comment| (*comment).clone()))
    }
}

fn read(found: &zendesk::PublicComment) -> PublicComment {
    let text = found.plain_body.trim();
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.truncate(short.trim_end().len());
        short.push('…');
    }
    PublicComment {
        text: short,
        author: found.author.as_ref().map(|author| author.name.clone()).filter(|name| !name.is_empty()),
        by_customer: found.author.as_ref().is_some_and(|author| author.role == zendesk::Role::EndUser),
        at: found.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    }
}
