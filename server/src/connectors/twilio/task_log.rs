//! What `TaskRouter` remembers of a task. Docs: <https://www.twilio.com/docs/taskrouter/api/event>. Traps: without `Minutes` it
//! is the last quarter of an hour; attributes are redacted after 30 days; there are no further pages.

use serde::Deserialize;
use serde_json::Value;

use super::client::at;
use super::{TwilioClient, TwilioError};
use crate::connectors::Rows;

/// 30 days.
const MINUTES: &str = "43200";

/// An event of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskEvent {
    /// `task.created`, `reservation.created`, …
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// The task's attributes at that moment.
    pub attributes: Option<Value>,
}

impl TwilioClient {
    /// A hundred events of a task at most, in no order; those of one kind, where it is said.
    pub async fn task_events(
        &self,
        workspace_sid: &str,
        task_sid: &str,
        kind: Option<&str>,
    ) -> Result<Rows<TaskEvent>, TwilioError> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(rename = "event_type")]
            kind: String,
            #[serde(rename = "event_date_ms")]
            at_ms: u64,
            #[serde(rename = "event_data")]
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            #[serde(default)]
            task_sid: Option<String>,
            #[serde(default)]
            task_attributes: Option<String>,
        }
        const CALL: &str = "GET /v1/Workspaces/{WS}/Events";
        let mut url = at(&self.urls.taskrouter, &["v1", "Workspaces", workspace_sid, "Events"]);
        url.query_pairs_mut().append_pair("TaskSid", task_sid).append_pair("Minutes", MINUTES);
        if let Some(kind) = kind {
            url.query_pairs_mut().append_pair("EventType", kind);
        }
        let rows = self.rows::<Row>(CALL, &url, "events", 1).await?;
        let of_task = |row: &Row| row.data.task_sid.as_deref() == Some(task_sid);
        let event = |row: Row| TaskEvent {
            kind: row.kind,
            at_ms: row.at_ms,
            attributes: row.data.task_attributes.and_then(|text| serde_json::from_str(&text).ok()),
        };
        Ok(rows.filter_map(|row| of_task(&row).then(|| event(row))))
    }
}
