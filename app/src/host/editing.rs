//! What the editor does with its form: reads all of it, keeps it in the browser's tab, and puts the cursor where SQL is wrong; and what
//! is copied from a page.

use js_sys::{JSON, Object};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use web_sys::{Element, FormData};

use super::page::{BOOT, Boot, document, from_js, parse, sleep, window};
use crate::json::Json;

#[wasm_bindgen]
extern "C" {
    /// A field of several lines.
    type Area;
    #[wasm_bindgen(method)]
    fn focus(this: &Area);
    #[wasm_bindgen(method, getter)]
    fn value(this: &Area) -> String;
    #[wasm_bindgen(method, js_name = setSelectionRange)]
    fn select(this: &Area, from: u32, to: u32);

    /// The tab's storage.
    type Storage;
    #[wasm_bindgen(method, catch, js_name = getItem)]
    fn get(this: &Storage, key: &str) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setItem)]
    fn set(this: &Storage, key: &str, value: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeItem)]
    fn remove(this: &Storage, key: &str) -> Result<(), JsValue>;

    /// The window, as far as it knows what is selected.
    type Selecting;
    #[wasm_bindgen(method, js_name = getSelection)]
    fn selection(this: &Selecting) -> Option<Selection>;
    type Selection;
    #[wasm_bindgen(method, js_name = selectAllChildren)]
    fn all_of(this: &Selection, element: &Element);

    /// The document, as far as it carries out commands. `navigator.clipboard` needs a permission that Zendesk's frame may not give us.
    type Commands;
    #[wasm_bindgen(method, catch, js_name = execCommand)]
    fn command(this: &Commands, name: &str) -> Result<bool, JsValue>;
}

/// Selects the text of the element of this id, and copies it; false where the browser does not: it stays selected for the keyboard.
pub fn copy(id: &str) -> bool {
    let Some(element) = document().get_element_by_id(id) else { return false };
    let Some(selection) = window().unchecked_into::<Selecting>().selection() else { return false };
    selection.all_of(&element);
    document().unchecked_into::<Commands>().command("copy").unwrap_or(false)
}

/// What all fields of a form hold, by their names; of two of one name the second.
pub fn form(id: &str) -> Json {
    let form = document().get_element_by_id(id);
    let data = form.and_then(|form| FormData::new_with_form(form.unchecked_ref()).ok());
    let all = data.and_then(|data| Object::from_entries(&data).ok());
    all.map_or(Json::Null, |all| from_js(&all))
}

/// Absent where the browser keeps nothing for a frame of another site.
fn storage() -> Option<Storage> {
    let storage = js_sys::Reflect::get(&window(), &"sessionStorage".into()).ok()?;
    storage.is_object().then(|| storage.unchecked_into())
}

/// One server serves many accounts: the one that frames us is a part of the name.
fn named(name: &str) -> String {
    let frames = from_js(&BOOT.with(Boot::page)).take("parent_origins");
    [&frames.items().first().map(Json::shown).unwrap_or_default(), "/", name].concat()
}

/// Keeps a text as long as the tab is open; an empty one is forgotten.
pub fn keep(name: &str, text: &str) {
    let Some(storage) = storage() else { return };
    let name = named(name);
    // What does not fit is not kept.
    let _ = if text.is_empty() { storage.remove(&name) } else { storage.set(&name, text) };
}

/// The JSON that was kept; `Null` where there is none.
pub fn recall(name: &str) -> Json {
    let text = storage().and_then(|storage| storage.get(&named(name)).ok().flatten());
    text.filter(|text| JSON::parse(text).is_ok()).and_then(|text| parse(&text)).unwrap_or_default()
}

/// Puts the cursor at a line and a column, both from 1.
pub async fn caret(id: &str, line: u64, column: u64) {
    sleep(0).await;
    let Some(area) = document().get_element_by_id(id) else { return };
    let area: Area = area.unchecked_into();
    let text = area.value();
    let place = place(&text, line, column);
    area.focus();
    area.select(place, place);
}

/// Where that is, in UTF-16's units, as browsers count.
fn place(text: &str, line: u64, column: u64) -> u32 {
    let (line, column) =
        (usize::try_from(line).unwrap_or(1).max(1), usize::try_from(column).unwrap_or(1).max(1));
    let before: usize = text.split('\n').take(line - 1).map(|line| line.encode_utf16().count() + 1).sum();
    let within: usize = text
        .split('\n')
        .nth(line - 1)
        .map_or(0, |line| line.chars().take(column - 1).map(char::len_utf16).sum());
    u32::try_from(before + within).unwrap_or_default()
}
