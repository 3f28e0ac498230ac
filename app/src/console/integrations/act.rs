//! What an admin does with an integration or a run, as requests.

use std::rc::Rc;

use super::model::IntegrationsEvent;
use crate::console::{Effect, read};
use crate::json::{Json, quote};
use crate::model::fault::Fault;

/// What an admin does with an integration or a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Starts a run of this kind; `accept` is the dry run that was seen.
    Start {
        integration: String,
        kind: &'static str,
        accept: Option<String>,
    },
    /// Lets a run go on that stopped.
    Confirm(String),
    Cancel(String),
    /// Sends the rejected and waiting rows of a run again.
    Retry(String),
    /// Sends the row of this key.
    Row {
        integration: String,
        key: String,
    },
    /// The integration runs by itself, or does not any more.
    Switch(String, bool),
    Delete(String),
}

impl Act {
    /// The integration that it names itself.
    pub fn integration(&self) -> Option<&str> {
        match self {
            Self::Start { integration: id, .. }
            | Self::Row { integration: id, .. }
            | Self::Switch(id, _)
            | Self::Delete(id) => Some(id),
            Self::Confirm(_) | Self::Cancel(_) | Self::Retry(_) => None,
        }
    }

    pub(super) fn asked(self) -> Effect<IntegrationsEvent> {
        let one = |id: &str, more: &str| ["/api/integrations/", id, more].concat();
        let run = |id: &str, more: &str| (["/api/runs/", id, more].concat(), "{}".to_owned());
        let (path, body) = match self {
            Self::Start { integration, kind, accept } => {
                let accept = accept.map_or(String::new(), |run| [",\"accept\":\"", &run, "\""].concat());
                (one(&integration, "/runs"), ["{\"kind\":\"", kind, "\"", &accept, "}"].concat())
            }
            Self::Row { integration, key } => {
                (one(&integration, "/runs"), ["{\"kind\":\"row\",\"key\":", &quote(&key), "}"].concat())
            }
            Self::Confirm(id) => run(&id, "/confirm"),
            Self::Retry(id) => run(&id, "/retry"),
            Self::Cancel(id) => run(&id, "/cancel"),
            Self::Switch(id, enabled) => {
                let body = if enabled { "{\"enabled\":true}" } else { "{\"enabled\":false}" };
                return Effect::Put(one(&id, "/enabled"), body.to_owned(), Box::new(changed));
            }
            Self::Delete(id) => return Effect::Delete(one(&id, ""), Box::new(changed)),
        };
        Effect::Post(path, body, Box::new(|answer| IntegrationsEvent::Done(read(answer).map(Rc::new))))
    }
}

fn changed(answer: Result<Json, Fault>) -> IntegrationsEvent {
    IntegrationsEvent::Changed(answer.map(drop))
}
