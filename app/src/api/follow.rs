//! Follows an archive run to its end, through every loss of the server: its stream while there is one, the list between.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::JsCast;
use web_sys::{ReadableStreamDefaultReader, Response};
use wire::{ArchiveView, TicketId};

use super::calls::{Abort, Api};
use super::sse::Events;
use crate::host::Subscription;
use crate::host::page::{member, parse, sleep, spawn, within};
use crate::model::archive::{ArchiveEvent, is_live};
use crate::model::fault::Fault;

/// Milliseconds without a byte, after which a stream counts as lost; the server sends comments more often.
const SILENCE: i32 = 45_000;
/// Milliseconds between tries: first, and at most.
const PAUSE: (i32, i32) = (1_000, 8_000);

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

/// What a stream brought before it stopped.
enum Heard {
    /// The end of the run.
    End,
    /// Progress.
    Something,
    /// Nothing at all.
    Nothing,
}

async fn stream(
    api: &Api,
    run: &str,
    wanted: &Cell<bool>,
    tell: &impl Fn(ArchiveEvent),
) -> Result<Heard, Fault> {
    let path = ["/api/archive/runs/", run, "/events"].concat();
    let abort = Abort::on_drop();
    let response = api.open("GET", &path, None, &abort).await?;
    if !response.ok() {
        api.read(response).await?;
        return Ok(Heard::Nothing);
    }
    let Some(reader) = reader(&response) else { return Ok(Heard::Nothing) };
    let mut events = Events::default();
    let mut heard = Heard::Nothing;
    while wanted.get() {
        let Ok(chunk) = within(SILENCE, reader.read().unchecked_into()).await else { break };
        let Ok(bytes) = member(&chunk, "value").dyn_into::<js_sys::Uint8Array>() else { break };
        for event in events.feed(&bytes.to_vec()) {
            heard = Heard::Something;
            let view = parse(&event.data).and_then(|json| json.read::<ArchiveView>().ok());
            let mut over = event.name == "end";
            if let Some(view) = view {
                over |= is_over(&view, run);
                tell(ArchiveEvent::Progress { run: run.to_owned(), view });
            }
            if over {
                return Ok(Heard::End);
            }
        }
    }
    Ok(heard)
}

fn reader(response: &Response) -> Option<ReadableStreamDefaultReader> {
    Some(response.body()?.get_reader().unchecked_into())
}

/// Asks the list; whether the run is over.
async fn over(api: &Rc<Api>, ticket: TicketId, run: &str, tell: &impl Fn(ArchiveEvent)) -> bool {
    let path = ["/api/tickets/", &ticket.to_string(), "/archive"].concat();
    let Ok(Ok(view)) = api.get(path).await.map(crate::json::Json::read::<ArchiveView>) else { return false };
    let over = is_over(&view, run);
    tell(ArchiveEvent::Progress { run: run.to_owned(), view });
    over
}

fn is_over(view: &ArchiveView, run: &str) -> bool {
    !view.run.as_ref().is_some_and(|latest| latest.id == run && is_live(latest.state))
}
