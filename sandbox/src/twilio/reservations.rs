//! Reservations over HTTP, below a task and below a worker. A reservation is accepted by a status or by an instruction.

use axum::{
    body::Bytes,
    extract::{OriginalUri, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    delivery::changing,
    flow,
    listing::{Asked, page},
    not_found, refuse,
    task::Reservation,
    taskrouter::{BASE, enter, fields, outdated},
};
use crate::{credentials::TWILIO_WORKSPACE, world::World};

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
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = enter(&headers, &workspace) {
        return refusal;
    }
    let Some(below) = Below::new(kind, sid) else { return missing() };
    let asked = Asked::of(&uri);
    let twilio = world.twilio();
    let all = twilio.reservations.iter().filter(|one| below.has(one));
    let all = all.filter(|one| asked.takes("ReservationStatus", one.status));
    let rows = all.map(|one| one.json(&below.path())).collect();
    page("reservations", rows, &format!("{BASE}/{TWILIO_WORKSPACE}/{}/Reservations", below.path()), &asked)
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
