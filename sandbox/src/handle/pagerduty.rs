//! What arrived at PagerDuty, and what people on call do there.

use serde_json::Value;

use super::Handle;

impl Handle {
    /// All alerts, oldest first: `routing_key`, `dedup_key`, `status` (`triggered`, `acknowledged`, `resolved`), `summary`, `triggers`, `log`, ….
    pub fn alerts(&self) -> Vec<Value> {
        self.0.account().alerts.json()
    }

    /// Somebody on call sets an open alert to `acknowledged` or `resolved`; whether there was one.
    pub fn set_alert(&self, dedup_key: &str, status: &str) -> bool {
        let now = self.now();
        self.0.account().alerts.set(dedup_key, status, now)
    }
}
