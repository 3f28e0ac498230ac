//! What may become of a task and of its reservations, and which events report it. **Invariant:** no I/O; `now` is an
//! argument. Source: <https://www.twilio.com/docs/taskrouter/lifecycle-task-state>, <https://www.twilio.com/docs/taskrouter/api/reservations>.

use chrono::{DateTime, Utc};

use super::{
    Twilio, conferences,
    event::Event,
    task::{Reservation, Task, WORKERS, Worker, fresh},
};

/// What is not allowed from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Illegal(pub(crate) String);

/// A task comes in; the first worker is offered it.
pub(crate) fn place(
    twilio: &mut Twilio,
    sid: &str,
    attributes: String,
    channel: &str,
    now: DateTime<Utc>,
) -> Task {
    enter(twilio, sid, (attributes, channel), (WORKERS[0], None), now)
}

/// A task comes in, and the flow's queue has this worker alone.
pub(crate) fn route(
    twilio: &mut Twilio,
    sid: &str,
    attributes: String,
    channel: &str,
    worker: Worker,
    now: DateTime<Utc>,
) -> Task {
    enter(twilio, sid, (attributes, channel), (worker, None), now)
}

/// A worker makes a task of their own, as Flex does for a call that its agent makes: nobody else is offered it.
pub(crate) fn place_for(
    twilio: &mut Twilio,
    sid: &str,
    attributes: String,
    channel: &str,
    worker: Worker,
    now: DateTime<Utc>,
) -> Task {
    enter(twilio, sid, (attributes, channel), (worker, Some(worker.sid)), now)
}

fn enter(
    twilio: &mut Twilio,
    sid: &str,
    (attributes, channel): (String, &str),
    (worker, routing_target): (Worker, Option<&'static str>),
    now: DateTime<Utc>,
) -> Task {
    let task = Task {
        sid: sid.to_owned(),
        attributes,
        status: "pending",
        channel: channel.to_owned(),
        reason: None,
        priority: 0,
        timeout: 86_400,
        version: 0,
        created_at: now,
        updated_at: now,
        routing_target,
        transfer: None,
    };
    twilio.tasks.insert(sid.to_owned(), task.clone());
    tell(twilio, "task.created", sid, None, now);
    let offered = reserve(twilio, sid, worker, now);
    debug_assert!(offered.is_ok(), "a new task waits for somebody");
    task
}

/// A worker is offered a task that waits; the reservation's sid.
pub(crate) fn reserve(
    twilio: &mut Twilio,
    task: &str,
    worker: Worker,
    now: DateTime<Utc>,
) -> Result<String, Illegal> {
    let waits = twilio.tasks.get(task).is_some_and(|task| task.status == "pending");
    if !waits {
        return Err(Illegal(format!("Cannot reserve task {task} because it is not pending")));
    }
    set_task(twilio, task, "reserved", None, now);
    Ok(offer(twilio, task, worker, now))
}

/// Passes a task on to another worker, who has still to accept.
pub(crate) fn transfer(
    twilio: &mut Twilio,
    task: &str,
    worker: Worker,
    now: DateTime<Utc>,
) -> Result<String, Illegal> {
    let may = twilio.tasks.get(task).is_some_and(|task| task.status == "assigned" && task.transfer.is_none());
    if !may {
        return Err(Illegal(format!("Cannot transfer task {task} because it is not assigned")));
    }
    tell(twilio, "task.transfer-initiated", task, None, now);
    let sid = offer(twilio, task, worker, now);
    if let Some(task) = twilio.tasks.get_mut(task) {
        task.transfer = Some(sid.clone());
    }
    Ok(sid)
}

fn offer(twilio: &mut Twilio, task: &str, worker: Worker, now: DateTime<Utc>) -> String {
    let reservation = Reservation {
        sid: fresh("WR"),
        task_sid: task.to_owned(),
        worker,
        status: "pending",
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let sid = reservation.sid.clone();
    twilio.reservations.push(reservation);
    tell(twilio, "reservation.created", task, Some(&sid), now);
    sid
}

/// A reservation becomes `to`.
pub(crate) fn move_reservation(
    twilio: &mut Twilio,
    sid: &str,
    to: &str,
    now: DateTime<Utc>,
) -> Result<(), Illegal> {
    let Some(reservation) = twilio.reservation(sid) else {
        return Err(Illegal(format!("There is no reservation {sid}")));
    };
    let (task, from) = (reservation.task_sid.clone(), reservation.status);
    match (from, to) {
        ("pending", "accepted") => {
            set_reservation(twilio, sid, "accepted", "reservation.accepted", now);
            set_task(twilio, &task, "assigned", None, now);
            if twilio.tasks.get(&task).is_some_and(|task| task.channel == "voice") {
                conferences::open(twilio, &task, now);
            }
            hand_over(twilio, &task, sid, now);
        }
        ("pending", "rejected") => fall_back(twilio, &task, sid, ("rejected", "reservation.rejected"), now),
        ("pending", "timeout") => fall_back(twilio, &task, sid, ("timeout", "reservation.timeout"), now),
        ("pending", "canceled") => fall_back(twilio, &task, sid, ("canceled", "reservation.canceled"), now),
        ("accepted", "wrapping") => {
            set_reservation(twilio, sid, "wrapping", "reservation.wrapup", now);
            if twilio.live(&task).iter().all(|other| other.status == "wrapping") {
                set_task(twilio, &task, "wrapping", None, now);
                tell(twilio, "task.wrapup", &task, Some(sid), now);
            }
        }
        ("accepted" | "wrapping", "completed") => {
            set_reservation(twilio, sid, "completed", "reservation.completed", now);
            if twilio.live(&task).is_empty() {
                set_task(twilio, &task, "completed", None, now);
                tell(twilio, "task.completed", &task, Some(sid), now);
            }
        }
        _ => return Err(Illegal(format!("Cannot move reservation {sid} from {from} to {to}"))),
    }
    Ok(())
}

/// A task becomes `to`, and its reservations with it.
pub(crate) fn move_task(
    twilio: &mut Twilio,
    sid: &str,
    to: &str,
    reason: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), Illegal> {
    let from = twilio.tasks.get(sid).map_or("gone", |task| task.status);
    match (from, to) {
        ("pending" | "reserved", "canceled") => end(twilio, sid, "canceled", reason, now),
        ("assigned" | "wrapping", "completed") => end(twilio, sid, "completed", reason, now),
        ("assigned", "wrapping") => {
            set_task(twilio, sid, "wrapping", reason, now);
            let accepted = twilio.live(sid).into_iter().filter(|one| one.status == "accepted");
            let accepted: Vec<_> = accepted.map(|one| one.sid.clone()).collect();
            for reservation in &accepted {
                set_reservation(twilio, reservation, "wrapping", "reservation.wrapup", now);
            }
            tell(twilio, "task.wrapup", sid, accepted.first().map(String::as_str), now);
        }
        _ => {
            return Err(Illegal(format!("Cannot move task {sid} to {to} because it is {from}")));
        }
    }
    Ok(())
}

/// A task is over, however far it was.
pub(crate) fn end(
    twilio: &mut Twilio,
    sid: &str,
    to: &'static str,
    reason: Option<String>,
    now: DateTime<Utc>,
) {
    let live: Vec<_> = twilio.live(sid).into_iter().map(|one| (one.sid.clone(), one.status)).collect();
    let last = live.last().map(|(sid, _)| sid.clone());
    for (reservation, status) in live {
        let (to, event) = match status {
            "pending" => ("canceled", "reservation.canceled"),
            _ => ("completed", "reservation.completed"),
        };
        set_reservation(twilio, &reservation, to, event, now);
    }
    set_task(twilio, sid, to, reason, now);
    let event = if to == "canceled" { "task.canceled" } else { "task.completed" };
    tell(twilio, event, sid, last.as_deref().filter(|_| to == "completed"), now);
}

/// A task's attributes were replaced.
pub(crate) fn write(twilio: &mut Twilio, sid: &str, attributes: &str, now: DateTime<Utc>) {
    if let Some(task) = twilio.tasks.get_mut(sid) {
        attributes.clone_into(&mut task.attributes);
        task.version += 1;
        task.updated_at = now;
    }
    tell(twilio, "task.updated", sid, None, now);
}

/// Whoever passed the task on has done with it.
fn hand_over(twilio: &mut Twilio, task: &str, to: &str, now: DateTime<Utc>) {
    let moves = twilio.tasks.get_mut(task).is_some_and(|task| {
        let moves = task.transfer.as_deref() == Some(to);
        if moves {
            task.transfer = None;
        }
        moves
    });
    if !moves {
        return;
    }
    let others: Vec<_> =
        twilio.live(task).iter().map(|one| one.sid.clone()).filter(|sid| sid != to).collect();
    for other in others {
        set_reservation(twilio, &other, "completed", "reservation.completed", now);
    }
    tell(twilio, "task.transfer-completed", task, Some(to), now);
}

/// Nobody took it: it waits again, unless somebody else has it.
fn fall_back(
    twilio: &mut Twilio,
    task: &str,
    sid: &str,
    (to, event): (&'static str, &'static str),
    now: DateTime<Utc>,
) {
    set_reservation(twilio, sid, to, event, now);
    if let Some(task) = twilio.tasks.get_mut(task).filter(|task| task.transfer.as_deref() == Some(sid)) {
        task.transfer = None;
    }
    if twilio.live(task).is_empty() {
        set_task(twilio, task, "pending", None, now);
    }
}

fn set_task(twilio: &mut Twilio, sid: &str, to: &'static str, reason: Option<String>, now: DateTime<Utc>) {
    if let Some(task) = twilio.tasks.get_mut(sid) {
        task.status = to;
        task.reason = reason.or_else(|| task.reason.take());
        task.version += 1;
        task.updated_at = now;
    }
    if matches!(to, "wrapping" | "completed" | "canceled") {
        conferences::close(twilio, sid, now);
    }
}

fn set_reservation(
    twilio: &mut Twilio,
    sid: &str,
    to: &'static str,
    event: &'static str,
    now: DateTime<Utc>,
) {
    let found = twilio.reservations.iter_mut().find(|one| one.sid == sid);
    let Some(reservation) = found else { return };
    reservation.status = to;
    reservation.version += 1;
    reservation.updated_at = now;
    let task = reservation.task_sid.clone();
    tell(twilio, event, &task, Some(sid), now);
}

fn tell(twilio: &mut Twilio, kind: &'static str, task: &str, reservation: Option<&str>, now: DateTime<Utc>) {
    if let Some(found) = twilio.tasks.get(task) {
        let reservation = reservation.and_then(|sid| twilio.reservation(sid));
        let event = Event::about(kind, found, reservation, now);
        twilio.outbox.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps on a new task, its end, and what was told, without `task.created reservation.created`.
    #[track_caller]
    fn check(steps: &[(&str, &str)], expected: (&str, &str), refused: &[&str]) {
        let (mut twilio, now) = (Twilio::default(), DateTime::UNIX_EPOCH);
        place(&mut twilio, "WT1", "{}".into(), "voice", now);
        let first = twilio.reservations[0].sid.clone();
        twilio.outbox.clear();
        for (what, to) in steps {
            let done = match *what {
                "task" => move_task(&mut twilio, "WT1", to, None, now),
                "transfer" => transfer(&mut twilio, "WT1", WORKERS[1], now).map(drop),
                "other" => {
                    let sid = twilio.reservations.last().expect("one").sid.clone();
                    move_reservation(&mut twilio, &sid, to, now)
                }
                _ => move_reservation(&mut twilio, &first, to, now),
            };
            assert_eq!(done, Ok(()), "{what} {to}");
        }
        let told: Vec<_> = twilio.outbox.iter().map(|event| event.kind).collect();
        assert_eq!((twilio.tasks["WT1"].status, told.join(" ").as_str()), expected, "{steps:?}");
        for to in refused {
            let (what, to) = to.split_once(' ').expect("two words");
            let done = if what == "task" {
                move_task(&mut twilio, "WT1", to, None, now)
            } else {
                move_reservation(&mut twilio, &first, to, now)
            };
            assert!(done.is_err(), "{steps:?} {to}");
        }
    }

    #[test]
    fn a_task_goes_its_way_and_no_other() {
        check(
            &[],
            ("reserved", ""),
            &["task completed", "task wrapping", "task pending", "reservation completed"],
        );
        check(
            &[("", "accepted")],
            ("assigned", "reservation.accepted"),
            &["task canceled", "reservation accepted"],
        );
        check(
            &[("", "accepted"), ("", "wrapping")],
            ("wrapping", "reservation.accepted reservation.wrapup task.wrapup"),
            &["task canceled", "reservation wrapping"],
        );
        check(
            &[("", "accepted"), ("", "wrapping"), ("", "completed")],
            (
                "completed",
                "reservation.accepted reservation.wrapup task.wrapup reservation.completed task.completed",
            ),
            &["task completed", "task canceled", "reservation completed"],
        );
        check(
            &[("", "accepted"), ("task", "completed")],
            ("completed", "reservation.accepted reservation.completed task.completed"),
            &["task wrapping"],
        );
        check(&[("", "rejected")], ("pending", "reservation.rejected"), &["reservation accepted"]);
        check(&[("", "timeout")], ("pending", "reservation.timeout"), &["task completed"]);
        check(
            &[("task", "canceled")],
            ("canceled", "reservation.canceled task.canceled"),
            &["reservation accepted", "task canceled"],
        );
    }

    #[test]
    fn a_transferred_task_is_completed_by_the_last_who_has_it() {
        check(
            &[("", "accepted"), ("transfer", ""), ("other", "accepted"), ("other", "completed")],
            (
                "completed",
                "reservation.accepted task.transfer-initiated reservation.created reservation.accepted \
                 reservation.completed task.transfer-completed reservation.completed task.completed",
            ),
            &[],
        );
        check(
            &[("", "accepted"), ("transfer", ""), ("other", "rejected")],
            (
                "assigned",
                "reservation.accepted task.transfer-initiated reservation.created reservation.rejected",
            ),
            &["task canceled"],
        );
    }
}
