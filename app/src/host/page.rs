//! Our own page: what the server wrote into it, what the loader has begun, and the few things done to it.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, Document, Element, FormData, HtmlAnchorElement, HtmlElement, ResizeObserver, Url, Window,
};

use super::Subscription;
use crate::json::Json;
use crate::model::fault::{Fault, FaultKind};

#[wasm_bindgen]
extern "C" {
    /// What the loader leaves for us.
    pub type Boot;
    /// The loader's global.
    #[wasm_bindgen(thread_local_v2, js_name = "__deskside")]
    pub static BOOT: Boot;
    /// The page's facts.
    #[wasm_bindgen(method, getter)]
    pub fn page(this: &Boot) -> JsValue;
    /// The session's document, where the page carries one.
    #[wasm_bindgen(method, getter)]
    pub fn session(this: &Boot) -> JsValue;
    /// The workspace's answer to our handshake.
    #[wasm_bindgen(method, getter)]
    pub fn registered(this: &Boot) -> Promise;
    /// What is already being fetched, by path: promises of responses.
    #[wasm_bindgen(method, getter)]
    pub fn early(this: &Boot) -> JsValue;
    /// The words of a language other than English, of this bundle; nothing where they do not come.
    #[wasm_bindgen(method)]
    fn words(this: &Boot, tag: &str, of: &JsValue) -> Promise;
    /// Zendesk's client.
    #[wasm_bindgen(method, getter)]
    pub fn client(this: &Boot) -> JsValue;
    /// Hands over the plugin's messages, also those that came before us.
    #[wasm_bindgen(method)]
    pub fn receive(this: &Boot, listener: &Function);
    /// Sends a message to the plugin, whose origin is pinned.
    #[wasm_bindgen(method)]
    pub fn post(this: &Boot, message: &JsValue);
}

/// The loader's global; `BOOT` exists because the loader starts us.
pub fn boot() -> JsValue {
    BOOT.with(|boot| JsValue::from(boot))
}

/// Which workspace frames us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// Zendesk.
    Zendesk,
    /// Twilio Flex.
    Flex,
    /// A test.
    Scripted,
}

/// Where in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// Beside a ticket.
    Ticket,
    /// Beside a ticket that is being written.
    NewTicket,
    /// Beside a user.
    User,
    /// Nowhere to be seen.
    Background,
    /// Beside an engagement.
    Panel,
    /// A page of its own, for admins.
    Console,
}

/// What the server wrote into the page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Which workspace.
    pub host: HostKind,
    /// Where in it.
    pub location: Location,
    /// Whether an agent's Flex can be asked to call somebody.
    pub dials: bool,
}

/// Reads the page's facts.
pub fn page() -> Page {
    let mut facts = BOOT.with(|boot| from_js(&boot.page()));
    let host = match facts.take("host").text().as_deref() {
        Some("flex") => HostKind::Flex,
        Some("scripted") => HostKind::Scripted,
        _ => HostKind::Zendesk,
    };
    let location = match facts.take("location").text().as_deref() {
        Some("new_ticket_sidebar") => Location::NewTicket,
        Some("user_sidebar") => Location::User,
        Some("background") => Location::Background,
        Some("panel") => Location::Panel,
        Some("nav_bar") => Location::Console,
        _ => Location::Ticket,
    };
    let dials = matches!(facts.take("dials"), Json::Bool(true));
    Page { host, location, dials }
}

/// A JavaScript value as JSON would hold it.
pub fn from_js(value: &JsValue) -> Json {
    if let Some(text) = value.as_string() {
        Json::Text(text)
    } else if let Some(number) = value.as_f64() {
        Json::Number(number)
    } else if let Some(flag) = value.as_bool() {
        Json::Bool(flag)
    } else if let Some(items) = value.dyn_ref::<Array>() {
        Json::List(items.iter().map(|item| from_js(&item)).collect())
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let member = |key: JsValue| {
            let value = Reflect::get(object, &key).unwrap_or(JsValue::NULL);
            (key.as_string().unwrap_or_default(), from_js(&value))
        };
        Json::Object(Object::keys(object).iter().map(member).collect())
    } else {
        Json::Null
    }
}

/// The same, the other way round.
pub fn to_js(json: &Json) -> JsValue {
    match json {
        Json::Null => JsValue::NULL,
        Json::Bool(flag) => JsValue::from_bool(*flag),
        Json::Number(number) => JsValue::from_f64(*number),
        #[cfg(feature = "console")]
        Json::Whole(number) => JsValue::from_str(number),
        Json::Text(text) => JsValue::from_str(text),
        Json::List(items) => items.iter().map(to_js).collect::<Array>().into(),
        Json::Object(members) => {
            let object = Object::new();
            for (name, value) in members {
                let _ = Reflect::set(object.as_ref(), &name.into(), &to_js(value)); // a plain object takes everything
            }
            object.into()
        }
    }
}

/// The browser's `JSON.parse`.
#[cfg(not(feature = "console"))]
pub fn parse(text: &str) -> Option<Json> {
    JSON::parse(text).ok().map(|value| from_js(&value))
}

/// The browser's `JSON.parse`, in which whole numbers of 64 bits stay exact.
#[cfg(feature = "console")]
pub fn parse(text: &str) -> Option<Json> {
    use crate::json::complete::{mark, unmark};
    JSON::parse(&mark(text)).ok().map(|value| unmark(from_js(&value)))
}

/// A member of a JavaScript object.
pub fn member(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

pub(super) fn window() -> Window {
    web_sys::window().expect("the app runs in a page")
}

pub(super) fn document() -> Document {
    window().document().expect("the app runs in a page")
}

/// Runs it soon. Boxed, so that the machinery is compiled once and not for each future.
pub fn spawn(future: Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Shows an address in a tab of its own, which does not know of this one.
pub fn open_tab(url: &str) {
    let _ = window().open_with_url_and_target_and_features(url, "_blank", "noopener");
}

/// Loads this page again. Zendesk's would bring a token that was used before.
pub fn reload() {
    let _ = window().location().reload();
}

/// What a form's fields hold now, by their names; nothing of one that is not there, or is not ticked.
pub fn form_values(form: &str, names: impl Iterator<Item = &'static str>) -> Vec<Option<String>> {
    let form = document()
        .get_element_by_id(form)
        .and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok());
    names.map(|name| form.as_ref().and_then(|form| form.get(name).as_string())).collect()
}

/// Saves bytes as a file, as if the agent had followed a link to it.
pub fn save(bytes: &Blob, name: &str) {
    let (Ok(url), Ok(link)) = (Url::create_object_url_with_blob(bytes), document().create_element("a"))
    else {
        return;
    };
    let link: HtmlAnchorElement = link.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    let _ = Url::revoke_object_url(&url); // the download has begun, and keeps its bytes
}

/// Waits.
pub async fn sleep(milliseconds: i32) {
    let _ = JsFuture::from(Promise::new(&mut |resolve, _| call_later(&resolve, milliseconds))).await;
}

/// It fails only in a window that is already gone; then nobody waits.
fn call_later(function: &Function, milliseconds: i32) {
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(function, milliseconds);
}

/// The promise's value, unless it takes too long: Zendesk's own limit is five minutes.
pub async fn within(milliseconds: i32, promise: Promise) -> Result<JsValue, Fault> {
    let alarm = Promise::new(&mut |_, reject| call_later(&reject, milliseconds));
    JsFuture::from(Promise::race(&Array::of2(&promise, &alarm))).await.map_err(|reason| {
        // The alarm gives no reason; a promise that fails does.
        Fault::plain(if reason.is_undefined() { FaultKind::Silent } else { FaultKind::Host })
    })
}

/// The element in which the screens are.
pub type Root = HtmlElement;

/// Where the screens go; the server's skeleton gives way.
pub fn root() -> Root {
    let root = document().get_element_by_id("app").expect("the page has a place for the app");
    root.set_text_content(None);
    root.unchecked_into()
}

/// The language of the page, which fonts and screen readers go by.
pub fn set_language(tag: &str) {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("lang", tag);
    }
}

/// The words of a language other than English, as the loader has fetched them; `Null` where they do not come.
pub async fn words(tag: &str) -> Json {
    let page = BOOT.with(Boot::page);
    let of = if cfg!(feature = "editor") { member(&page, "more") } else { page };
    let words = BOOT.with(|boot| boot.words(tag, &of));
    JsFuture::from(words).await.map_or(Json::Null, |words| from_js(&words))
}

/// The language that the page was written in, or the browser's.
pub fn language() -> String {
    let of_page = document().document_element().and_then(|html| html.get_attribute("lang"));
    of_page.filter(|tag| !tag.is_empty()).or_else(|| window().navigator().language()).unwrap_or_default()
}

/// Whether `Intl` takes the tag: it throws at what is none.
pub fn knows_language(tag: &str) -> bool {
    let supported = Reflect::get(&js_sys::global(), &"Intl".into())
        .and_then(|intl| Reflect::get(&intl, &"getCanonicalLocales".into()))
        .and_then(|check| check.unchecked_into::<Function>().call1(&JsValue::UNDEFINED, &tag.into()));
    !tag.is_empty() && supported.is_ok()
}

/// Dark or light, as the workspace is.
pub fn set_dark(dark: bool) {
    if let Some(html) = document().document_element() {
        let _ = html.set_attribute("data-scheme", if dark { "dark" } else { "light" });
    }
}

/// Waits until what was just rendered is on the screen. In a tab that nobody sees nothing is painted: there it is a moment.
pub async fn painted() {
    const UNSEEN: i32 = 200;
    const FRAME: i32 = 20;
    let frame = Promise::new(&mut |resolve, _| {
        let _ = window().request_animation_frame(&resolve);
        call_later(&resolve, UNSEEN);
    });
    let _ = JsFuture::from(frame).await;
    sleep(FRAME).await;
}

/// A gate that many may wait at, and that opens once.
#[derive(Clone)]
pub struct Gate {
    promise: Promise,
    open: Function,
    is_open: Rc<Cell<bool>>,
}

impl Gate {
    /// Shut.
    pub fn shut() -> Self {
        let mut open = None;
        let promise = Promise::new(&mut |resolve, _| open = Some(resolve));
        Self { promise, open: open.expect("a promise runs its executor at once"), is_open: Rc::default() }
    }

    /// Whoever waits goes on; whoever comes later does not wait.
    pub fn open(&self) {
        self.is_open.set(true);
        let _ = self.open.call0(&JsValue::UNDEFINED);
    }

    /// Whether it is.
    pub fn is_open(&self) -> bool {
        self.is_open.get()
    }

    /// Waits until it is open.
    pub async fn passed(&self) {
        let _ = JsFuture::from(self.promise.clone()).await;
    }
}

/// Whether somebody sees this page.
pub fn is_seen() -> bool {
    !document().hidden()
}

/// Tells when the agent comes back to this page, or the network does.
pub fn watch_return(tell: impl Fn() + 'static) -> Subscription {
    let on_event = Closure::<dyn Fn()>::new(move || {
        if is_seen() {
            tell();
        }
    });
    let (window, document) = (window(), document());
    let listener: &Function = on_event.as_ref().unchecked_ref();
    let _ = window.add_event_listener_with_callback("focus", listener);
    let _ = window.add_event_listener_with_callback("online", listener);
    let _ = document.add_event_listener_with_callback("visibilitychange", listener);
    Subscription::new(move || {
        let listener: &Function = on_event.as_ref().unchecked_ref();
        let _ = window.remove_event_listener_with_callback("focus", listener);
        let _ = window.remove_event_listener_with_callback("online", listener);
        let _ = document.remove_event_listener_with_callback("visibilitychange", listener);
    })
}

/// Tells the height of the page's content whenever it changes and has come to rest.
pub fn watch_height(element: &Element, tell: impl Fn(u32) + 'static) -> Subscription {
    /// What a sidebar may ask for; more scrolls.
    const SANE: std::ops::RangeInclusive<i32> = 40..=2400;
    /// Longer than a frame, shorter than anybody notices.
    const REST: i32 = 60;

    let last = Rc::new(Cell::new(0));
    let pending = Rc::new(Cell::new(false));
    let tell = Rc::new(tell);
    let watched = element.clone();
    let on_resize = Closure::<dyn Fn()>::new(move || {
        if pending.replace(true) {
            return;
        }
        let (last, pending, tell, watched) = (last.clone(), pending.clone(), tell.clone(), watched.clone());
        spawn(Box::pin(async move {
            sleep(REST).await;
            pending.set(false);
            let height = watched.scroll_height().clamp(*SANE.start(), *SANE.end());
            if last.replace(height) != height {
                tell(u32::try_from(height).unwrap_or_default());
            }
        }));
    });
    let observer =
        ResizeObserver::new(on_resize.as_ref().unchecked_ref()).expect("every browser of today has one");
    observer.observe(element);
    Subscription::new(move || {
        observer.disconnect();
        drop(on_resize);
    })
}
