//! A workspace that a test plays: `window.desksideScript = { context, values }`. We add `emit(name, payload)`, which is
//! Zendesk's event of that name, and `calls`, what we asked for. (Flex's panel is a bundle of its own, and has Flex's page.)

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wire::{TicketId, UserId};

use super::events::from_zendesk;
use super::page::{from_js, member, parse};
use super::{Answer, Host, Listener, Looks, Subscription};
use crate::json::Json;
use crate::model::fault::{Fault, FaultKind};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = "desksideScript")]
    static SCRIPT: JsValue;
}

/// A workspace that a test plays.
pub(super) struct Scripted {
    listener: Rc<RefCell<Option<Listener>>>,
    calls: Array,
    /// Lives as long as the test's page.
    _emit: Closure<dyn Fn(String, JsValue)>,
}

impl Scripted {
    pub(super) fn new() -> Self {
        let listener = Rc::new(RefCell::new(None::<Listener>));
        let calls = Array::new();
        let listening = Rc::clone(&listener);
        let emit = Closure::<dyn Fn(String, JsValue)>::new(move |name: String, payload: JsValue| {
            let Some(listener) = listening.borrow().clone() else { return };
            if let Some(event) = from_zendesk(&name, from_js(&payload), parse) {
                listener(event);
            }
        });
        SCRIPT.with(|script| {
            let _ = Reflect::set(script, &"emit".into(), emit.as_ref());
            let _ = Reflect::set(script, &"calls".into(), &calls);
        });
        Self { listener, calls, _emit: emit }
    }

    fn record(&self, call: &str, argument: &str) {
        self.calls.push(&Array::of2(&call.into(), &argument.into()));
    }

    fn value(&self, path: &str) -> JsValue {
        self.record("get", path);
        SCRIPT.with(|script| member(&member(script, "values"), path))
    }
}

impl Host for Scripted {
    fn subscribe(&self, listener: Listener) -> Subscription {
        self.listener.replace(Some(listener));
        let slot = Rc::clone(&self.listener);
        Subscription::new(move || drop(slot.take()))
    }

    fn agent(&self) -> Answer<UserId> {
        let id = from_js(&self.value("currentUser.id")).id().map(UserId);
        Box::pin(async move { id.ok_or(Fault::plain(FaultKind::Host)) })
    }

    fn requester(&self) -> Answer<Option<UserId>> {
        let id = from_js(&self.value("ticket.requester.id")).id().map(UserId);
        Box::pin(async move { Ok(id) })
    }

    fn looks(&self) -> Answer<Looks> {
        let language = self.value("currentUser.locale").as_string();
        let dark = self.value("colorScheme").as_string().map(|scheme| scheme == "dark");
        Box::pin(async move { Ok(Looks { language, dark }) })
    }

    fn show_ticket(&self, id: TicketId) {
        self.record("show_ticket", &id.0.to_string());
    }

    fn show_user(&self, id: UserId) {
        self.record("show_user", &id.0.to_string());
    }

    fn resize(&self, height: u32) {
        self.record("resize", &height.to_string());
    }

    fn dial(&self, order: &Json) {
        self.record("dial", &order.clone().take("id").text().unwrap_or_default());
    }

    fn notify(&self, text: &str, _: bool) {
        self.record("notify", text);
    }

    fn token_refused(&self) {
        self.record("token_refused", "");
    }
}
