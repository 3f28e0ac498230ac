//! Twilio Flex, through the messages of our plugin (`wire::bridge`). The loader pins the plugin's origin and window.

use js_sys::JSON;
use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use wire::{PopNotice, TicketId, UserId};

use super::events::{from_plugin, is_dark, show};
use super::page::{BOOT, from_js, member, to_js};
use super::{Answer, Host, HostEvent, Listener, Looks, Subscription};
use crate::json::{Json, quote};
use crate::model::fault::{Fault, FaultKind};

/// Twilio Flex.
pub(super) struct Flex;

/// What one message says: a token says two things.
pub(super) fn events(message: &JsValue) -> impl Iterator<Item = HostEvent> {
    let attributes = member(&member(message, "engagement"), "attributes");
    let attributes = JSON::stringify(&attributes).ok().and_then(|text| text.as_string());
    let dark = is_dark(&mut from_js(message)).map(HostEvent::Dark);
    let event = from_plugin(from_js(message), attributes.unwrap_or_else(|| "null".into()));
    let dark = dark.filter(|_| matches!(event, Some(HostEvent::Token { .. })));
    dark.into_iter().chain(event)
}

fn post(json: &str) {
    if let Ok(message) = JSON::parse(json) {
        BOOT.with(|boot| boot.post(&message));
    }
}

fn unknown<T: 'static>() -> Answer<T> {
    Box::pin(async { Err(Fault::plain(FaultKind::Host)) })
}

impl Host for Flex {
    fn subscribe(&self, listener: Listener) -> Subscription {
        let handler =
            Closure::<dyn Fn(JsValue)>::new(move |message: JsValue| events(&message).for_each(&*listener));
        BOOT.with(|boot| boot.receive(handler.as_ref().unchecked_ref()));
        Subscription::new(move || {
            let nobody = js_sys::Function::new_no_args("");
            BOOT.with(|boot| boot.receive(&nobody));
            drop(handler);
        })
    }

    fn agent(&self) -> Answer<UserId> {
        unknown() // the token says it, and only the server can read that
    }

    fn requester(&self) -> Answer<Option<UserId>> {
        unknown()
    }

    fn looks(&self) -> Answer<Looks> {
        unknown() // come with the token
    }

    fn show_ticket(&self, _: TicketId) {} // the server shows it in the agent's Zendesk

    fn show_user(&self, _: UserId) {}

    fn show(&self, notice: &PopNotice) {
        post(&show(notice));
    }

    fn resize(&self, height: u32) {
        post(&[r#"{"type":"height","height":"#, &height.to_string(), "}"].concat());
    }

    fn dial(&self, order: &Json) {
        let message = [("type".into(), Json::Text("dial".into())), ("order".into(), order.clone())];
        BOOT.with(|boot| boot.post(&to_js(&Json::Object(message.into()))));
    }

    fn notify(&self, _: &str, _: bool) {} // the panel itself says it

    fn token_refused(&self) {
        post(r#"{"type":"token_expired"}"#);
    }

    fn choice(&self, task_sid: &str, open: bool, told: &str) {
        let open = if open { "true" } else { "false" };
        let start = [r#"{"type":"choice","task_sid":"#, &quote(task_sid), r#","open":"#, open];
        post(&[&start.concat(), r#","told":"#, &quote(told), "}"].concat());
    }
}
