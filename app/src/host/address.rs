//! The page's address: what stands after `#` in its URL, and leaving it.

use wasm_bindgen::prelude::{Closure, JsCast, JsValue};
use web_sys::Event;

use super::Subscription;
use super::page::window;

/// What stands after `#` in the page's URL.
pub fn address() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Puts this after `#`, in place of what is there.
pub fn set_address(address: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&["#", address].concat()));
    }
}

/// Opens the page of this address.
#[cfg(feature = "editor")]
pub fn go(address: &str) {
    let _ = window().location().set_hash(address);
}

/// Tells when the page's URL has changed after `#`: by a link, by hand, back or forward.
pub fn watch_address(tell: impl Fn() + 'static) -> Subscription {
    on_window("hashchange", move |_| tell())
}

/// Has the browser ask before it leaves the page while `unsaved` says so.
pub fn guard_leaving(unsaved: impl Fn() -> bool + 'static) -> Subscription {
    on_window("beforeunload", move |event| {
        if unsaved() {
            event.prevent_default();
        }
    })
}

fn on_window(name: &'static str, tell: impl Fn(Event) + 'static) -> Subscription {
    let on_event = Closure::<dyn Fn(Event)>::new(tell);
    let _ = window().add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
    Subscription::new(move || {
        let _ = window().remove_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        drop(on_event);
    })
}
