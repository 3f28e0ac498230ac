//! Reservations over HTTP, below a task and below a worker. A reservation is accepted by a status or by an instruction.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    delivery::changing,
    flow, not_found, refuse,
    task::{Reservation, meta},
    taskrouter::{enter, fields, outdated},
};
use crate::{world::World, zendesk::input::Params};

/// Below whom: `Tasks` or `Workers`, and the sid.
#[derive(Debug, Clone)]
struct Below {
    kind: String,
    sid: String,
}

impl Below {
    fn new(kind: String, sid: String) -> Option<Self> {
        matches!(kind.as_str(), "Tasks" | "Workers").then_some(Self { kind, sid })
    }

    fn has(&self, reservation: &Reservation) -> bool {
        match self.kind.as_str() {
            "Tasks" => reservation.task_sid == self.sid,
            _ => reservation.worker.sid == self.sid,
        }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.kind, self.sid)
    }
}

/// `GET …/{Tasks|Workers}/{sid}/Reservations?ReservationStatus=`.
pub(crate) async fn list(
    State(world): State<World>,
    Path((workspace, kind, sid)): Path<(String, String, String)>,
    params: Params,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let Some(below) = Below::new(kind, sid) else { return missing() };
    let wanted = params.get("ReservationStatus");
    let twilio = world.twilio();
    let all = twilio.reservations.iter().filter(|one| below.has(one));
    let all = all.filter(|one| wanted.is_none_or(|wanted| wanted == one.status));
    let rows: Vec<_> = all.map(|one| one.json(&below.path())).collect();
    Json(json!({"reservations": rows, "meta": meta("reservations")})).into_response()
}

/// `GET …/Reservations/{WR}`: with its `ETag`.
pub(crate) async fn show(
    State(world): State<World>,
    Path((workspace, kind, sid, reservation)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let Some(below) = Below::new(kind, sid) else { return missing() };
    let twilio = world.twilio();
    match twilio.reservation(&reservation).filter(|one| below.has(one)) {
        Some(found) => found.answer(&below.path()),
        None => missing(),
    }
}

/// `POST …/Reservations/{WR}`: `ReservationStatus`, or an `Instruction` that accepts; `If-Match` guards it.
pub(crate) async fn update(
    State(world): State<World>,
    Path((workspace, kind, sid, reservation)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let Some(below) = Below::new(kind, sid) else { return missing() };
    let form = fields(&body);
    let asked = match (form.get("ReservationStatus").map(String::as_str), form.get("Instruction")) {
        (Some(status @ ("accepted" | "rejected" | "wrapping" | "completed")), _) => status,
        (None, Some(instruction)) => match instruction.as_str() {
            "accept" | "call" | "conference" | "dequeue" | "redirect" => "accepted",
            "reject" => "rejected",
            _ => return refuse(StatusCode::BAD_REQUEST, 20_001, "Instruction is not known"),
        },
        _ => return refuse(StatusCode::BAD_REQUEST, 20_001, "ReservationStatus is not valid"),
    };
    changing(&world, |twilio, now| {
        let Some(found) = twilio.reservation(&reservation).filter(|one| below.has(one)) else {
            return missing();
        };
        if outdated(&headers, found.version) {
            return refuse(
                StatusCode::PRECONDITION_FAILED,
                20_412,
                "The reservation was changed; the If-Match header is outdated",
            );
        }
        if let Err(flow::Illegal(why)) = flow::move_reservation(twilio, &reservation, asked, now) {
            return refuse(StatusCode::BAD_REQUEST, 20_001, &why);
        }
        twilio.reservation(&reservation).map_or_else(missing, |moved| moved.answer(&below.path()))
    })
}

fn missing() -> Response {
    not_found("The requested reservation was not found")
}
