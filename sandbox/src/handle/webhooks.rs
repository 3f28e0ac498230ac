//! What webhooks have delivered.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::Handle;
use crate::zendesk::delivery::attempt;

impl Handle {
    /// The deliveries of all webhooks, newest first per webhook, with their attempts.
    pub fn invocations(&self) -> Vec<Value> {
        let account = self.0.account();
        let all = account.webhooks.values().flat_map(|webhook| &webhook.invocations);
        all.map(|(row, attempts)| json!({"invocation": row, "attempts": attempts})).collect()
    }

    /// How many deliveries are still on their way, or wait for another try.
    pub fn deliveries_under_way(&self) -> usize {
        self.0.delivering().load(Ordering::SeqCst)
    }

    /// So many of the next deliveries arrive twice, with the same id.
    pub fn double_deliveries(&self, times: u32) {
        self.0.account().doubled_deliveries = times;
    }

    /// So many of the next deliveries never leave, as when Zendesk's circuit is broken.
    pub fn break_deliveries(&self, times: u32) {
        self.0.account().broken_deliveries = times;
    }

    /// Sends a webhook's last delivery once more, as Zendesk does when it lost the answer: same id, a fresh signature.
    /// Answers the endpoint's status, or nothing if there was no delivery or no answer.
    pub async fn deliver_again(&self, webhook: &str) -> Option<u16> {
        let last = self.0.account().webhooks.get(webhook)?.last.clone()?;
        attempt(&self.0, &last).await.map(|outcome| outcome.status)
    }
}
