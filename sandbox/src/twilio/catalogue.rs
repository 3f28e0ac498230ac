//! What a TaskRouter workspace consists of, to be read: itself, its activities, queues, workflows and channels; and what
//! happened in it. Source: <https://www.twilio.com/docs/taskrouter/api>.

use axum::{
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Account,
    listing::{Asked, page},
    not_found, refuse,
    task::{CHANNELS, QUEUE, WORKFLOW, channel_sid, time},
    taskrouter::{BASE, enter, workspace_json},
};
use crate::{
    credentials::{TWILIO_ACCOUNT, TWILIO_WORKSPACE},
    world::World,
};

/// Most minutes that events are kept: 30 days.
const KEPT: i64 = 43_200;

/// `GET /v1/Workspaces?FriendlyName=`.
pub(crate) async fn workspaces(
    State(world): State<World>,
    OriginalUri(uri): OriginalUri,
    _: Account,
) -> Response {
    let asked = Asked::of(&uri);
    let workspace = workspace_json(&world.twilio(), world.now());
    let named = asked.takes("FriendlyName", workspace["friendly_name"].as_str().unwrap_or_default());
    page("workspaces", if named { vec![workspace] } else { Vec::new() }, BASE, &asked)
}

/// `GET …/Workspaces/{WS}/{Activities|TaskQueues|Workflows|TaskChannels}`.
pub(crate) async fn list(
    State(world): State<World>,
    Path((workspace, kind)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let asked = Asked::of(&uri);
    let Some((key, rows)) = rows(&kind, &time(world.now())) else {
        return not_found(&format!("The requested resource /Workspaces/{workspace}/{kind} was not found"));
    };
    let named = |row: &Value| asked.takes("FriendlyName", row["friendly_name"].as_str().unwrap_or_default());
    let base = format!("{BASE}/{TWILIO_WORKSPACE}/{kind}");
    page(key, rows.into_iter().filter(named).collect(), &base, &asked)
}

/// `GET …/Workspaces/{WS}/{Activities|TaskQueues|Workflows|TaskChannels}/{sid}`; a channel also by its unique name.
pub(crate) async fn show(
    State(world): State<World>,
    Path((workspace, kind, sid)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let known = rows(&kind, &time(world.now())).and_then(|(_, rows)| {
        rows.into_iter().find(|row| row["sid"] == sid.as_str() || row["unique_name"] == sid.as_str())
    });
    match known {
        Some(row) => axum::response::IntoResponse::into_response(axum::Json(row)),
        None => {
            not_found(&format!("The requested resource /Workspaces/{workspace}/{kind}/{sid} was not found"))
        }
    }
}

/// The rows of a kind, and under which key a list has them.
fn rows(kind: &str, at: &str) -> Option<(&'static str, Vec<Value>)> {
    let row = |sid: &str, name: &str, more: Value| {
        let url = format!("{BASE}/{TWILIO_WORKSPACE}/{kind}/{sid}");
        let mut row = json!({
            "account_sid": TWILIO_ACCOUNT, "workspace_sid": TWILIO_WORKSPACE, "sid": sid, "friendly_name": name,
            "date_created": at, "date_updated": at, "url": url, "links": {"workspace": format!("{BASE}/{TWILIO_WORKSPACE}")},
        });
        if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
            row.extend(more);
        }
        row
    };
    let rows = match kind {
        "Activities" => {
            let activities = [(1, "Offline", false), (2, "Available", true), (3, "Unavailable", false)];
            let made = activities.map(|(digit, name, available)| {
                row(&format!("WA{}", digit.to_string().repeat(32)), name, json!({"available": available}))
            });
            ("activities", made.to_vec())
        }
        "TaskQueues" => {
            let more = json!({
                "target_workers": "1==1", "max_reserved_workers": 1, "task_order": "FIFO", "assignment_activity_sid": null,
                "assignment_activity_name": null, "reservation_activity_sid": null, "reservation_activity_name": null,
            });
            ("task_queues", vec![row(QUEUE, "Everyone", more)])
        }
        "Workflows" => {
            let routes = json!({"task_routing": {"filters": [], "default_filter": {"queue": QUEUE}}});
            let more = json!({
                "assignment_callback_url": "", "fallback_assignment_callback_url": "", "document_content_type":
                "application/json", "configuration": routes.to_string(), "task_reservation_timeout": 120,
            });
            ("workflows", vec![row(WORKFLOW, "Assign To Anyone", more)])
        }
        "TaskChannels" => {
            let made = CHANNELS.iter().map(|(unique, name)| {
                row(
                    &channel_sid(unique),
                    name,
                    json!({"unique_name": unique, "channel_optimized_routing": true}),
                )
            });
            ("channels", made.collect())
        }
        _ => return None,
    };
    Some(rows)
}

/// `GET …/Workspaces/{WS}/Events?TaskSid=&EventType=&WorkerSid=&ReservationSid=&Minutes=`: of the last quarter
/// of an hour, if not said otherwise; newest first.
pub(crate) async fn events(
    State(world): State<World>,
    Path(workspace): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let asked = Asked::of(&uri);
    let minutes = asked.get("Minutes").map_or(Some(15), |text| text.parse::<i64>().ok());
    let Some(minutes) = minutes.filter(|minutes| (1..=KEPT).contains(minutes)) else {
        return refuse(StatusCode::BAD_REQUEST, 20_001, "Minutes is not a number of minutes within 30 days");
    };
    let since = world.now() - TimeDelta::minutes(minutes);
    let twilio = world.twilio();
    let all = twilio.earlier.iter().chain(&twilio.happened).rev().filter(|_| !twilio.log_lags);
    let wanted = all.filter(|event| event.at >= since && event.is_asked_for(&asked));
    let rows = wanted.map(super::event::Event::logged).collect();
    page("events", rows, &format!("{BASE}/{TWILIO_WORKSPACE}/Events"), &asked)
}
