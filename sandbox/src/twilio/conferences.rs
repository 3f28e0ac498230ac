//! Conferences of the API of 2010. Flex puts each voice call into one, which bears the task's sid as its name.
//! **Invariant:** a conference keeps its name. Source: <https://www.twilio.com/docs/voice/api/conference-resource>.

use axum::{
    Json,
    extract::{OriginalUri, Path, State},
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Account, Twilio,
    listing::{Asked, page_of_2010},
    not_found,
    recordings::time_of_2010,
    task::fresh,
};
use crate::{credentials::TWILIO_ACCOUNT, world::World};

/// A conference.
#[derive(Debug, Clone)]
pub(crate) struct Conference {
    friendly_name: String,
    /// `in-progress` or `completed`.
    status: &'static str,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The agent has taken the call: it goes on in the task's conference.
pub(crate) fn open(twilio: &mut Twilio, task: &str, now: DateTime<Utc>) {
    let is_open = |one: &Conference| one.friendly_name == task && one.status == "in-progress";
    if !twilio.conferences.values().any(is_open) {
        let (friendly_name, status) = (task.to_owned(), "in-progress");
        let conference = Conference { friendly_name, status, created_at: now, updated_at: now };
        twilio.conferences.insert(fresh("CF"), conference);
    }
}

/// The call is over.
pub(crate) fn close(twilio: &mut Twilio, task: &str, now: DateTime<Utc>) {
    let open = twilio.conferences.values_mut();
    for one in open.filter(|one| one.friendly_name == task && one.status == "in-progress") {
        (one.status, one.updated_at) = ("completed", now);
    }
}

/// The conference of a task, the newest first.
pub(crate) fn of_task(twilio: &Twilio, task: &str) -> Option<String> {
    let named = twilio.conferences.iter().filter(|(_, one)| one.friendly_name == task);
    named.max_by_key(|(_, one)| one.created_at).map(|(sid, _)| sid.clone())
}

impl Conference {
    fn json(&self, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Conferences/{sid}");
        json!({
            "account_sid": TWILIO_ACCOUNT, "api_version": "2010-04-01", "sid": sid, "friendly_name": self.friendly_name,
            "status": self.status, "region": "us1", "date_created": time_of_2010(self.created_at),
            "date_updated": time_of_2010(self.updated_at),
            "reason_conference_ended": (self.status == "completed").then_some("last-participant-left"),
            "call_sid_ending_conference": null, "uri": format!("{uri}.json"),
            "subresource_uris": {"participants": format!("{uri}/Participants.json"),
                                 "recordings": format!("{uri}/Recordings.json")},
        })
    }
}

/// `GET …/Conferences/{CF}.json`.
pub(crate) async fn show(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    _: Account,
) -> Response {
    let (sid, twilio) = (name.strip_suffix(".json").unwrap_or(&name), world.twilio());
    let known = twilio.conferences.get(sid).filter(|_| account == TWILIO_ACCOUNT);
    known.map_or_else(
        || {
            let path = format!("/2010-04-01/Accounts/{account}/Conferences/{name}");
            not_found(&format!("The requested resource {path} was not found"))
        },
        |conference| Json(conference.json(sid)).into_response(),
    )
}

/// `GET …/Conferences.json?FriendlyName=&Status=`: newest first.
pub(crate) async fn list(
    State(world): State<World>,
    Path(account): Path<String>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    let path = uri.path();
    if account != TWILIO_ACCOUNT {
        return not_found(&format!("The requested resource {path} was not found"));
    }
    let (asked, twilio) = (Asked::of(&uri), world.twilio());
    let mut found: Vec<_> = twilio.conferences.iter().collect();
    // A name may have a comma: it is one name.
    let named = |one: &Conference| asked.get("FriendlyName").is_none_or(|name| name == one.friendly_name);
    found.retain(|(_, one)| named(one) && asked.takes("Status", one.status));
    found.sort_by_key(|(_, one)| std::cmp::Reverse(one.created_at));
    let rows = found.into_iter().map(|(sid, one)| one.json(sid)).collect();
    page_of_2010("conferences", rows, path, &asked)
}
