//! What of a ticket is in the archive, beside the files themselves: whoever has only the store can tell what they are, whole
//! or not, and where they came from. **Invariant:** the same run writes the same bytes; nothing is overwritten.

use serde_json::json;

use super::{job::Attempt, kinds, listed::Listed, step_error::StepError};
use crate::{
    features::stored_names::{is_quarantined, manifest_key},
    queue::JobError,
    store::archive::{ItemRow, ItemState},
};

impl Attempt<'_> {
    /// Writes down what this run has moved; nothing where it moved nothing.
    pub(super) async fn write_manifest(&self, listed: &Listed) -> Result<Result<(), StepError>, JobError> {
        let mut items = self.items().await?;
        items.retain(|item| item.state == ItemState::Redacted);
        if items.is_empty() {
            return Ok(Ok(()));
        }
        let key = manifest_key(self.account, self.ticket_id, self.run_id, items.len());
        let text = text(self.account, self.run_id, listed, &items);
        let written = self.deps.objects.put_new(&key, text.into()).await;
        Ok(written.map(drop).map_err(StepError::from))
    }
}

fn text(account: &str, run_id: &str, listed: &Listed, items: &[ItemRow]) -> String {
    let files: Vec<_> = items
        .iter()
        .map(|item| {
            let comment = listed.comments.iter().find(|comment| comment.id.0 == item.comment_id);
            let says = |sniffed: &String| kinds::differs(&item.content_type, sniffed);
            json!({
                "key": item.object_key, "sha256": item.sha256, "size": item.size,
                "attachment_id": item.attachment_id, "comment_id": item.comment_id,
                "file_name": item.file_name, "content_type": item.content_type,
                "sniffed_type": item.sniffed, "type_differs": item.sniffed.as_ref().is_some_and(says),
                "quarantined": item.object_key.as_deref().is_some_and(|key| is_quarantined(account, key)),
                "author_id": comment.and_then(|comment| comment.author_id).map(|author| author.0),
                "written": comment.map(|comment| comment.created_at),
            })
        })
        .collect();
    let manifest = json!({
        "version": 1, "account": account, "ticket_id": listed.ticket.id.0, "run": run_id, "merged": listed.is_merged(),
        "files": files,
    });
    format!("{manifest:#}\n")
}
