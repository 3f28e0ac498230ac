//! Follows an archive run to its end, through every loss of the server: its stream while there is one, the list between.

use std::cell::Cell;
use std::rc::Rc;

use wire::{ArchiveView, TicketId};

use super::calls::Api;
use super::listen::{Heard, PAUSE, listen};
use crate::host::Subscription;
use crate::host::clock::now_utc;
use crate::host::page::{parse, sleep, spawn};
use crate::model::archive::{ArchiveEvent, is_live};
use crate::model::fault::Fault;

/// Tells what becomes of the run until it ends or the subscription is dropped.
pub fn follow(api: Rc<Api>, ticket: TicketId, run: String, tell: Rc<dyn Fn(ArchiveEvent)>) -> Subscription {
    let wanted = Rc::new(Cell::new(true));
    let still = Rc::clone(&wanted);
    spawn(Box::pin(async move {
        let told = Rc::clone(&still);
        let tell = move |event| {
            if told.get() {
                tell(event);
            }
        };
        let mut pause = PAUSE.0;
        while still.get() {
            let heard = stream(&api, &run, &still, &tell).await;
            if matches!(heard, Ok(Heard::End)) || !still.get() {
                break;
            }
            if matches!(heard, Ok(Heard::Something)) {
                pause = PAUSE.0;
            }
            tell(ArchiveEvent::Lost { run: run.clone() });
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            if !still.get() || over(&api, ticket, &run, &tell).await {
                break;
            }
        }
        tell(ArchiveEvent::Ended { run });
    }));
    Subscription::new(move || wanted.set(false))
}

/// Reads the run's stream as long as it lasts.
async fn stream(
    api: &Api,
    run: &str,
    wanted: &Cell<bool>,
    tell: &impl Fn(ArchiveEvent),
) -> Result<Heard, Fault> {
    let path = ["/api/archive/runs/", run, "/events"].concat();
    listen(api, &path, wanted, |event| {
        let view = parse(&event.data).and_then(|json| json.read::<ArchiveView>().ok());
        let mut over = event.name == "end";
        if let Some(view) = view {
            over |= is_over(&view);
            tell(ArchiveEvent::Progress { run: run.to_owned(), at: now_utc(), view });
        }
        over
    })
    .await
}

/// Asks the list; whether the run is over.
async fn over(api: &Rc<Api>, ticket: TicketId, run: &str, tell: &impl Fn(ArchiveEvent)) -> bool {
    let path = ["/api/tickets/", &ticket.to_string(), "/archive"].concat();
    let Ok(Ok(view)) = api.get(path).await.map(crate::json::Json::read::<ArchiveView>) else { return false };
    let over = is_over(&view);
    tell(ArchiveEvent::Progress { run: run.to_owned(), at: now_utc(), view });
    over
}

/// Whether nothing is under way: neither the run, nor one that began after it, which is told in the same way.
fn is_over(view: &ArchiveView) -> bool {
    !view.run.as_ref().is_some_and(|latest| is_live(latest.state))
}
