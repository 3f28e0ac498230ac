//! Zendesk's agent workspace, through the client of its app framework (ZAF).

use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wire::{TicketId, UserId};

use super::events::{ACTIVATED, DIALOUT, POP, PROOF, REQUESTER, SCHEME, SUBMITTED, UPDATED, from_zendesk};
use super::page::{BOOT, Boot, Location, from_js, member, parse, spawn, within};
use super::{Answer, Host, Listener, Looks, Subscription};
use crate::json::Json;
use crate::model::fault::{Fault, FaultKind};

/// Milliseconds; a healthy workspace answers in tens.
const HOST_TIMEOUT_MS: i32 = 3000;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type Client;
    #[wasm_bindgen(method)]
    fn on(this: &Client, event: &str, handler: &Function);
    #[wasm_bindgen(method)]
    fn off(this: &Client, event: &str, handler: &Function);
    #[wasm_bindgen(method, catch)]
    fn get(this: &Client, paths: &Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, variadic)]
    fn invoke(this: &Client, name: &str, arguments: &Array) -> Result<Promise, JsValue>;
}

/// Zendesk's agent workspace.
pub(super) struct Zendesk {
    client: Client,
    location: Location,
}

impl Zendesk {
    pub(super) fn new(location: Location) -> Self {
        Self { client: BOOT.with(Boot::client).unchecked_into(), location }
    }

    fn events(&self) -> &'static [&'static str] {
        match self.location {
            Location::Background => &[POP, PROOF, DIALOUT],
            Location::Ticket => &[REQUESTER, SCHEME, PROOF, UPDATED, SUBMITTED, ACTIVATED],
            Location::NewTicket => &[REQUESTER, SCHEME, PROOF],
            Location::User | Location::Panel | Location::Console => &[SCHEME, PROOF],
        }
    }

    /// What stands under these paths in the workspace: an object with a member for each.
    fn ask(&self, paths: &[&str]) -> Answer<JsValue> {
        let asked = self.client.get(&paths.iter().map(|path| JsValue::from_str(path)).collect());
        Box::pin(async move {
            let promise = asked.map_err(|_| Fault::plain(FaultKind::Host))?;
            within(HOST_TIMEOUT_MS, promise).await.map_err(|_| Fault::plain(FaultKind::Host))
        })
    }

    /// The id under `path`.
    fn ask_id(&self, path: &'static str) -> Answer<Option<UserId>> {
        let answer = self.ask(&[path]);
        Box::pin(async move { Ok(from_js(&member(&answer.await?, path)).id().map(UserId)) })
    }

    fn tell(&self, name: &str, arguments: &Array) {
        let Ok(promise) = self.client.invoke(name, arguments) else { return };
        spawn(Box::pin(async move {
            let _ = within(HOST_TIMEOUT_MS, promise).await; // nobody waits for it, and there is nothing to mend
        }));
    }
}

impl Host for Zendesk {
    fn subscribe(&self, listener: Listener) -> Subscription {
        let on = |name: &'static str| {
            let listener = Rc::clone(&listener);
            let handler = Closure::<dyn Fn(JsValue)>::new(move |payload: JsValue| {
                if let Some(event) = from_zendesk(name, from_js(&payload), parse) {
                    listener(event);
                }
            });
            self.client.on(name, handler.as_ref().unchecked_ref());
            (name, handler)
        };
        let handlers: Vec<_> = self.events().iter().map(|name| on(name)).collect();
        let client = self.client.clone();
        Subscription::new(move || {
            for (name, handler) in handlers {
                client.off(name, handler.as_ref().unchecked_ref());
            }
        })
    }

    fn agent(&self) -> Answer<UserId> {
        let answer = self.ask_id("currentUser.id");
        Box::pin(async move { answer.await?.ok_or(Fault::plain(FaultKind::Host)) })
    }

    fn requester(&self) -> Answer<Option<UserId>> {
        self.ask_id("ticket.requester.id")
    }

    fn looks(&self) -> Answer<Looks> {
        let answer = self.ask(&["currentUser.locale", "colorScheme"]);
        Box::pin(async move {
            let answer = answer.await?;
            let language = member(&answer, "currentUser.locale").as_string();
            let dark = member(&answer, "colorScheme").as_string().map(|scheme| scheme == "dark");
            Ok(Looks { language, dark })
        })
    }

    fn show_ticket(&self, id: TicketId) {
        self.tell("routeTo", &Array::of2(&"ticket".into(), &id.0.to_string().into()));
    }

    fn show_user(&self, id: UserId) {
        self.tell("routeTo", &Array::of2(&"user".into(), &id.0.to_string().into()));
    }

    fn resize(&self, height: u32) {
        let json = [r#"{"width":"100%","height":""#, &height.to_string(), "px\"}"].concat();
        if let Ok(size) = js_sys::JSON::parse(&json) {
            self.tell("resize", &Array::of1(&size));
        }
    }

    fn dial(&self, _: &Json) {} // the agent's Flex does

    fn notify(&self, text: &str, is_problem: bool) {
        let kind = if is_problem { "error" } else { "notice" };
        self.tell("notify", &Array::of2(&text.into(), &kind.into()));
    }

    fn token_refused(&self) {} // it has no token to renew: the page must be reloaded
}
