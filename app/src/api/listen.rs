//! One stream of server-sent events, from its beginning until it stops.

use std::cell::Cell;

use wasm_bindgen::prelude::JsCast;
use web_sys::{ReadableStreamDefaultReader, Response};

use super::calls::{Abort, Api};
use super::sse::{Event, Events};
use crate::host::page::{member, within};
use crate::model::fault::Fault;

/// Milliseconds without a byte, after which a stream counts as lost; the server sends comments more often.
const SILENCE: i32 = 45_000;
/// Milliseconds between tries: first, and at most.
pub(super) const PAUSE: (i32, i32) = (1_000, 8_000);

/// What a stream brought before it stopped.
pub(super) enum Heard {
    /// What was waited for.
    End,
    /// Events.
    Something,
    /// Nothing at all.
    Nothing,
}

/// Hands on every event until `tell` says that it was the last, or nobody wants more.
pub(super) async fn listen(
    api: &Api,
    path: &str,
    wanted: &Cell<bool>,
    tell: impl Fn(Event) -> bool,
) -> Result<Heard, Fault> {
    let abort = Abort::on_drop();
    let response = api.open("GET", path, None, &abort).await?;
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
            if tell(event) {
                return Ok(Heard::End);
            }
        }
    }
    Ok(heard)
}

fn reader(response: &Response) -> Option<ReadableStreamDefaultReader> {
    Some(response.body()?.get_reader().unchecked_into())
}
