//! What happens in the contact centre, without HTTP: the same as `/_sandbox/flex`.

use serde_json::{Value, json};

use super::Handle;
use crate::twilio;

/// What an agent, a caller or Twilio itself does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlexStep<'a> {
    /// The agent takes it.
    Accept,
    /// The agent does not.
    Reject,
    /// The agent did not answer.
    TimeOut,
    /// Another try.
    Reserve,
    /// The call is over, the agent writes.
    WrapUp,
    /// The agent has done.
    Complete,
    /// The caller hung up before anybody took it.
    Cancel,
    /// The agent passes it on to this worker, who has still to accept.
    Transfer(&'a str),
}

impl FlexStep<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::TimeOut => "timeout",
            Self::Reserve => "reserve",
            Self::WrapUp => "wrapup",
            Self::Complete => "complete",
            Self::Cancel => "cancel",
            Self::Transfer(_) => "transfer",
        }
    }
}

impl Handle {
    /// A task comes in, as from a flow, and the first worker is offered it; answers its sid.
    pub fn place_task(&self, attributes: &Value, channel: &str) -> String {
        twilio::place_task(&self.0, None, attributes.to_string(), channel)
    }

    /// A task comes in for this worker and nobody else, as by a flow that names its target; answers its sid.
    pub fn place_task_for(&self, attributes: &Value, channel: &str, worker: &str) -> Result<String, String> {
        twilio::place_task_for(&self.0, attributes.to_string(), channel, worker).map_err(|illegal| illegal.0)
    }

    /// Something is done to a task; refused where TaskRouter would refuse it.
    pub fn flex(&self, task: &str, step: FlexStep<'_>) -> Result<(), String> {
        let how = match step {
            FlexStep::Transfer(worker) => json!({"worker": worker}),
            _ => Value::Null,
        };
        twilio::step(&self.0, task, step.name(), &how).map(drop).map_err(|illegal| illegal.0)
    }

    /// A task ends, however far it was: `completed` or `canceled`.
    pub fn end_task(&self, task: &str, status: &str) {
        let to = if status == "canceled" { "canceled" } else { "completed" };
        twilio::changing(&self.0, |twilio, now| {
            if twilio.tasks.contains_key(task) {
                twilio::end_task(twilio, task, to, None, now);
            }
        });
    }

    /// A task's attributes.
    pub fn task_attributes(&self, task: &str) -> Option<Value> {
        let twilio = self.0.twilio();
        serde_json::from_str(&twilio.tasks.get(task)?.attributes).ok()
    }

    /// A flow, or Flex, replaces a task's attributes.
    pub fn set_task_attributes(&self, task: &str, attributes: &Value) {
        // A task that is gone has none.
        let _ = twilio::step(&self.0, task, "attributes", &json!({"attributes": attributes}));
    }

    /// A task's `assignment_status`.
    pub fn task_status(&self, task: &str) -> Option<&'static str> {
        self.0.twilio().tasks.get(task).map(|task| task.status)
    }

    /// The reservations of a task, oldest first: sid, worker, status.
    pub fn reservations(&self, task: &str) -> Vec<(String, &'static str, &'static str)> {
        let twilio = self.0.twilio();
        let all = twilio.reservations.iter().filter(|one| one.task_sid == task);
        all.map(|one| (one.sid.clone(), one.worker.sid, one.status)).collect()
    }

    /// A call was recorded, for so many seconds; its task says so from now on. Answers the recording's sid.
    pub fn record(&self, task: Option<&str>, status: &str, seconds: u32) -> String {
        let call = format!("CA{}", uuid::Uuid::new_v4().simple());
        twilio::record_call(&self.0, task, &call, status, seconds)
    }

    /// One leg of a call was recorded, and no task says so; answers the recording's sid.
    pub fn record_leg(&self, call: &str, seconds: u32) -> String {
        twilio::add_recording(&self.0, call, "completed", seconds)
    }

    /// What became of a recording: `processing`, `completed`, `absent`, `deleted`.
    pub fn set_recording(&self, recording: &str, status: &str) {
        if let Some(recording) = self.0.twilio().recordings.get_mut(recording) {
            status.clone_into(&mut recording.status);
        }
    }

    /// People have chatted: author and words; answers the conversation's sid.
    pub fn add_conversation(&self, lines: &[(&str, &str)]) -> String {
        let lines = lines.iter().map(|(author, body)| ((*author).to_owned(), (*body).to_owned())).collect();
        let now = self.now();
        twilio::add_conversation(&mut self.0.twilio(), lines, now)
    }

    /// Event Streams sends every event there, and nowhere else; `None`: nowhere.
    pub fn stream_events_to(&self, destination: Option<&str>) {
        twilio::stream_to(&self.0, destination);
    }

    /// The workspace calls there with every event; `None`: nowhere.
    pub fn call_back_to(&self, url: Option<&str>) {
        self.0.twilio().callback = url.map(str::to_owned);
    }

    /// From now on nothing is sent by itself, or everything is again.
    pub fn hold_events(&self, hold: bool) {
        self.0.twilio().holds = hold;
    }

    /// From now on the workspace's log has nothing yet of what happened, or all of it again.
    pub fn lag_log(&self, lags: bool) {
        self.0.twilio().log_lags = lags;
    }

    /// Everything that happened since the start, oldest first: `{"id","type","task_sid"}`.
    pub fn flex_events(&self) -> Vec<Value> {
        self.0.twilio().happened.iter().map(twilio::summary).collect()
    }

    /// Sends events now, in this order and as one batch, whether or not they were sent before: late, again, out of order.
    /// What each receiver answered; 0: nothing in time.
    pub async fn send_events(&self, ids: &[&str]) -> Vec<u16> {
        twilio::send_again(&self.0, ids).await
    }
}
