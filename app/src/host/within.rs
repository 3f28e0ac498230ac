//! A bundle inside the console's page: the console loads it and opens its pages; both use one bearer.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

use super::page::{boot, document, sleep};
use crate::model::fault::{Fault, FaultKind};

#[wasm_bindgen]
extern "C" {
    /// The loader's global, as the two bundles share it.
    type Shared;
    /// Loads the other bundle; again, where it did not come: then by another address, because a browser may remember the failure.
    #[wasm_bindgen(method)]
    fn more(this: &Shared, tries: u32) -> Promise;
    /// Opens one of its pages in an element.
    #[wasm_bindgen(method, catch)]
    fn open(this: &Shared, place: &Element, address: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_open(this: &Shared, open: &Function);
    /// Tells the console that the session is over.
    #[wasm_bindgen(method, catch)]
    fn lost(this: &Shared) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    fn set_lost(this: &Shared, lost: &Function);
    #[wasm_bindgen(method, getter)]
    fn bearer(this: &Shared) -> Option<String>;
    #[wasm_bindgen(method, setter)]
    fn set_bearer(this: &Shared, bearer: &str);
}

fn shared() -> Shared {
    boot().unchecked_into()
}

/// The id of the element in which the other bundle shows its pages.
pub const PLACE: &str = "within";

/// Loads the other bundle and opens one of its pages.
pub async fn show(address: &str, tries: u32) -> Result<(), Fault> {
    let offline = |_: JsValue| Fault::plain(FaultKind::Offline);
    JsFuture::from(shared().more(tries)).await.map_err(offline)?;
    sleep(0).await; // its place is drawn meanwhile
    match document().get_element_by_id(PLACE) {
        Some(place) => shared().open(&place, address).map_err(offline),
        None => Ok(()), // the admin is elsewhere by now
    }
}

/// The bearer that both use.
pub fn set_bearer(token: &str) {
    shared().set_bearer(token);
}

/// The same, for the other bundle.
pub fn bearer() -> String {
    shared().bearer().unwrap_or_default()
}

/// The other bundle tells when a call says that the session is over.
pub fn on_lost(tell: impl Fn() + 'static) -> super::Subscription {
    let on_lost = Closure::<dyn Fn()>::new(tell);
    shared().set_lost(on_lost.as_ref().unchecked_ref());
    super::Subscription::new(move || drop(on_lost))
}

/// Says so.
pub fn tell_lost() {
    let _ = shared().lost();
}

/// The element in which the pages are; it goes where the console wants it.
pub fn root() -> Element {
    document().create_element("div").expect("a page makes elements")
}

/// Offers the pages: `open` is told the address of each that the console opens. They are offered as long as the page lives.
pub fn offer(root: &Element, open: impl Fn(String) + 'static) {
    let root = root.clone();
    let on_open = Closure::<dyn Fn(Element, String)>::new(move |place: Element, address: String| {
        let _ = place.append_child(&root);
        open(address);
    });
    let function: JsValue = on_open.into_js_value();
    shared().set_open(function.unchecked_ref());
}
