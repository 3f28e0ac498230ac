//! Hears of the numbers that the agent pressed in Zendesk, for as long as their Flex is open.

use std::cell::Cell;
use std::rc::Rc;

use super::calls::Api;
use super::listen::{Heard, PAUSE, listen};
use crate::host::Subscription;
use crate::host::page::{parse, sleep, spawn};

/// Tells the id of each dial that waits, through every loss of the server, until the subscription is dropped.
pub fn orders(api: Rc<Api>, tell: impl Fn(String) + 'static) -> Subscription {
    let wanted = Rc::new(Cell::new(true));
    let still = Rc::clone(&wanted);
    spawn(Box::pin(async move {
        let mut pause = PAUSE.0;
        while still.get() {
            let heard = listen(&api, "/api/dial/events", &still, |event| {
                if let Some(id) = parse(&event.data).and_then(|mut json| json.take("id").text()) {
                    tell(id);
                }
                false
            });
            pause = if matches!(heard.await, Ok(Heard::Something)) { PAUSE.0 } else { pause };
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }));
    Subscription::new(move || wanted.set(false))
}
