//! What an earlier run of the ticket could not end: files that are out of Zendesk and not yet in our books, and files of
//! which the ticket was never told. This run ends it, or nobody would. **Invariant:** nothing is redacted here.

use super::{job::Attempt, rules, undo::is_undone};
use crate::{
    connectors::zendesk::{self, Comment},
    store::{
        StoreError, Tx,
        archive::{self, ItemRow, ItemState, NewItem},
    },
};

impl Attempt<'_> {
    /// Takes over what is left; `known` is every item of the ticket.
    pub(super) async fn take_over(
        &self,
        tx: &mut Tx,
        known: &[ItemRow],
        comments: &[Comment],
    ) -> Result<(), StoreError> {
        let now = self.deps.clock.now();
        for item in known.iter().filter(|item| item.run_id != self.run_id && is_unproven(item, comments)) {
            let again = NewItem {
                account: item.account.clone(),
                attachment_id: item.attachment_id,
                comment_id: item.comment_id,
                ticket_id: item.ticket_id,
                run_id: self.run_id.to_owned(),
                file_name: item.file_name.clone(),
                size: item.size,
                content_type: item.content_type.clone(),
                now,
            };
            archive::plan_item(tx, again).await?;
        }
        archive::take_over_untold(tx, self.account, self.ticket_id, self.run_id, now).await
    }
}

/// It was copied, then redacted, and then the run broke down, was cancelled, or let it be, before Zendesk's list proved it.
fn is_unproven(item: &ItemRow, comments: &[Comment]) -> bool {
    let found = rules::find(comments, zendesk::AttachmentId(item.attachment_id));
    (matches!(item.state, ItemState::Failed | ItemState::Held) || is_undone(item))
        && has_copy(item)
        && found.is_none_or(|(_, attachment)| rules::is_gone(attachment))
}

/// Where and which bytes are known.
pub(super) const fn has_copy(item: &ItemRow) -> bool {
    item.sha256.is_some() && item.object_key.is_some()
}
