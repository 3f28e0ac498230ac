//! `TaskRouter`'s tasks and what was written in their chats. Docs: <https://www.twilio.com/docs/taskrouter/api/task>.
//! Traps: `attributes` is JSON in a string and a write replaces all of it; only an `If-Match` keeps what another wrote.

use chrono::{DateTime, Utc};
use reqwest::{Method, header};
use serde::Deserialize;
use serde_json::Value;

use super::client::at;
use super::error::undecodable;
use super::types::{LENIENT, decode_identity};
use super::{TwilioClient, TwilioError};
use crate::connectors::Rows;

/// Pages of one chat: more than anybody reads in a note.
const MOST_PAGES: usize = 10;
/// Pages of a task's reservations: a task is offered to a few workers.
const MOST_RESERVATION_PAGES: usize = 5;

/// A task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Task {
    /// Whatever the flow, Flex and we have put there.
    pub attributes: Value,
    /// `pending`, `reserved`, `assigned`, `wrapping`, `completed`, `canceled`.
    pub status: String,
    /// `voice`, `chat`, `sms`, …
    pub channel: String,
    /// For people.
    pub queue: String,
    /// Why it ended, where somebody said so.
    pub reason: Option<String>,
    /// Seconds since it was made.
    pub age: u64,
    /// Whom alone it may go to. So are the tasks that a worker makes.
    pub routing_target: Option<String>,
    etag: Option<String>,
}

/// A worker's place at a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// `WR…`.
    pub sid: String,
    /// `WK…`.
    pub worker_sid: String,
    /// The identity that the worker signs in with, decoded. Workers cannot change it, unlike their attributes.
    pub worker_name: String,
    /// `pending`, `accepted`, `wrapping`, `completed`, `rejected`, `timeout`, `canceled`, `rescinded`.
    pub status: String,
    /// When that last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// One message of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChatLine {
    /// Who wrote it, as Twilio names them.
    #[serde(default)]
    pub author: Option<String>,
    /// What; empty where it was a file.
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub date_created: Option<DateTime<Utc>>,
}

impl TwilioClient {
    /// One task.
    pub async fn task(&self, workspace_sid: &str, task_sid: &str) -> Result<Task, TwilioError> {
        #[derive(Deserialize)]
        struct Answered {
            attributes: Option<String>,
            #[serde(default)]
            assignment_status: String,
            #[serde(default)]
            task_channel_unique_name: String,
            task_queue_friendly_name: Option<String>,
            reason: Option<String>,
            #[serde(default)]
            age: u64,
            routing_target: Option<String>,
        }
        const CALL: &str = "GET /v1/Workspaces/{WS}/Tasks/{WT}";
        let url = at(&self.urls.taskrouter, &["v1", "Workspaces", workspace_sid, "Tasks", task_sid]);
        let answer = self.answer(CALL, self.request(Method::GET, url)).await?;
        let etag = answer.headers.get(header::ETAG).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let task: Answered = serde_json::from_slice(&answer.body)
            .and_then(|task| LENIENT.object("task", task))
            .map_err(|error| undecodable(CALL, error))?;
        let attributes = task.attributes.filter(|text| !text.is_empty()).unwrap_or_else(|| "{}".to_owned());
        Ok(Task {
            // A flow may write what is no JSON; then there is nothing to go by.
            attributes: serde_json::from_str(&attributes).unwrap_or_default(),
            status: task.assignment_status,
            channel: task.task_channel_unique_name,
            queue: task.task_queue_friendly_name.unwrap_or_default(),
            reason: task.reason,
            age: task.age,
            routing_target: task.routing_target.filter(|sid| !sid.is_empty()),
            etag,
        })
    }

    /// All reservations of a task, in no order. They say whose the task is, so one that cannot be read is an error.
    pub async fn reservations(
        &self,
        workspace_sid: &str,
        task_sid: &str,
    ) -> Result<Vec<Reservation>, TwilioError> {
        #[derive(Deserialize)]
        struct Row {
            sid: String,
            worker_sid: String,
            #[serde(default)]
            worker_name: String,
            #[serde(default)]
            reservation_status: String,
            #[serde(default)]
            date_updated: Value,
        }
        const CALL: &str = "GET /v1/Workspaces/{WS}/Tasks/{WT}/Reservations";
        let below = ["v1", "Workspaces", workspace_sid, "Tasks", task_sid, "Reservations"];
        let url = at(&self.urls.taskrouter, &below);
        let rows = self.rows::<Row>(CALL, &url, "reservations", MOST_RESERVATION_PAGES).await?;
        rows.proves_absence().map_err(|why| TwilioError::unreadable(CALL, why))?;
        let reservation = |row: Row| Reservation {
            sid: row.sid,
            worker_sid: row.worker_sid,
            worker_name: decode_identity(&row.worker_name),
            status: row.reservation_status,
            updated_at: row.date_updated.as_str().and_then(|at| at.parse().ok()),
        };
        Ok(rows.into_readable().into_iter().map(reservation).collect())
    }

    /// Writes all attributes of a task as it was read; `FailureKind::Conflict` where it has changed since.
    pub async fn write_attributes(
        &self,
        workspace_sid: &str,
        task_sid: &str,
        read: &Task,
        attributes: &Value,
    ) -> Result<(), TwilioError> {
        const CALL: &str = "POST /v1/Workspaces/{WS}/Tasks/{WT}";
        let url = at(&self.urls.taskrouter, &["v1", "Workspaces", workspace_sid, "Tasks", task_sid]);
        let mut request = self.request(Method::POST, url).form(&[("Attributes", attributes.to_string())]);
        if let Some(etag) = &read.etag {
            request = request.header(header::IF_MATCH, etag);
        }
        self.answer(CALL, request).await.map(drop)
    }

    /// What was written in a chat, oldest first; a thousand messages at most, and then it is cut off.
    pub async fn messages(&self, conversation_sid: &str) -> Result<Rows<ChatLine>, TwilioError> {
        const CALL: &str = "GET /v1/Conversations/{CH}/Messages";
        let mut url = at(&self.urls.conversations, &["v1", "Conversations", conversation_sid, "Messages"]);
        url.query_pairs_mut().append_pair("Order", "asc");
        self.rows(CALL, &url, "messages", MOST_PAGES).await
    }
}
