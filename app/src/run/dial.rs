//! A number that was pressed, at work: how what its model asks for is done, in the sidebars and in the panel alike.

use std::rc::Rc;

use wire::TicketId;

use super::machine::Machine;
use crate::api::{Api, dial};
use crate::host::page::{sleep, spawn};
use crate::model::dial::{DialEffect, DialEvent, DialModel};

/// Milliseconds between two looks at what became of it.
const LOOK: i32 = 600;
/// Milliseconds for which it is said that Flex calls.
const REST: i32 = 8_000;

/// Carries out what the model asks for; `ticket` says beside which ticket the agent is now, `told` hears of every answer.
pub(super) fn keep(
    machine: Machine<DialModel>,
    api: &Rc<Api>,
    ticket: impl Fn() -> Option<TicketId> + 'static,
    told: impl Fn() + 'static,
) {
    let (api, told) = (Rc::clone(api), Rc::new(told));
    machine.perform(move |effect| {
        let (api, told, ticket) = (Rc::clone(&api), Rc::clone(&told), ticket());
        // One future for all three: each would be compiled for itself.
        spawn(Box::pin(async move {
            let (ask, answer) = match effect {
                DialEffect::Ask { ask, wish } => (ask, api.post("/api/dial".into(), dial(&wish, ticket))),
                DialEffect::Look { ask, id } => {
                    sleep(LOOK).await;
                    (ask, api.get(["/api/dial/", &id].concat()))
                }
                DialEffect::Rest { ask } => {
                    sleep(REST).await;
                    return machine.send(DialEvent::Read { ask });
                }
            };
            machine.send(DialEvent::Answer { ask, result: answer.await });
            told();
        }));
    });
}
