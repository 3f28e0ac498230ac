//! Where the keyboard is: the focus, and the arrow keys in lists of buttons.

use wasm_bindgen::prelude::{Closure, JsCast};
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::Subscription;
use super::page::{document, sleep};

/// Moves the keyboard's focus, once what was just rendered is there.
pub async fn focus(id: String) {
    sleep(0).await;
    if let Some(element) = document().get_element_by_id(&id) {
        let _ = element.unchecked_into::<HtmlElement>().focus();
    }
}

/// The arrow keys go along the buttons of a list that asks for it (`data-arrows`), Home and End to its ends.
pub fn watch_arrows(element: &Element) -> Subscription {
    let on_key = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        let Some(focused) = document().active_element() else { return };
        let Ok(Some(list)) = focused.closest("[data-arrows]") else { return };
        let Ok(buttons) = list.query_selector_all("button") else { return };
        let all = (0..buttons.length()).filter_map(|index| buttons.item(index));
        let all: Vec<HtmlElement> = all.map(JsCast::unchecked_into).collect();
        let Some(at) = all.iter().position(|button| button.is_same_node(Some(&focused))) else { return };
        let end = all.len() - 1;
        let next = match event.key().as_str() {
            "ArrowDown" => {
                if at == end {
                    0
                } else {
                    at + 1
                }
            }
            "ArrowUp" => {
                if at == 0 {
                    end
                } else {
                    at - 1
                }
            }
            "Home" => 0,
            "End" => end,
            _ => return,
        };
        event.prevent_default();
        let _ = all[next].focus();
    });
    let listening = element.clone();
    let _ = listening.add_event_listener_with_callback("keydown", on_key.as_ref().unchecked_ref());
    Subscription::new(move || {
        let _ = listening.remove_event_listener_with_callback("keydown", on_key.as_ref().unchecked_ref());
        drop(on_key);
    })
}
