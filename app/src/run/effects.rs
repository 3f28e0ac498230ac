//! How what a page asks for is done: one place for all pages.

use std::rc::Rc;

use crate::api::Api;
use crate::console::Effect;
use crate::host::keyboard;
use crate::host::page::{self, form_values, spawn};

/// Does it; the answer is told to whoever asked.
pub(super) fn perform(api: &Rc<Api>, effect: Effect<()>) {
    let api = Rc::clone(api);
    spawn(Box::pin(async move {
        match effect {
            Effect::Get(path, then) => then(api.get(path).await),
            Effect::Put(path, body, then) => then(api.put(path, body).await),
            Effect::Post(path, body, then) => then(api.post(path, body).await),
            Effect::Delete(path, then) => then(api.delete(path).await),
            Effect::Wait(milliseconds, then) => {
                page::sleep(milliseconds).await;
                then(());
            }
            Effect::Download(path, name, then) => {
                then(api.file(&path).await.map(|bytes| page::save(&bytes, name)))
            }
            Effect::Text(path, then) => then(api.text(&path).await),
            Effect::Read(form, names, then) => then(form_values(form, names.into_iter())),
            Effect::Focus(id) => keyboard::focus(id).await,
            #[cfg(feature = "editor")]
            Effect::ReadAll(form, then) => then(crate::host::editing::form(form)),
            #[cfg(feature = "editor")]
            Effect::Keep(name, text) => crate::host::editing::keep(&name, &text),
            #[cfg(feature = "editor")]
            Effect::Recall(name, then) => then(crate::host::editing::recall(&name)),
            #[cfg(feature = "editor")]
            Effect::Caret(id, line, column) => crate::host::editing::caret(&id, line, column).await,
            #[cfg(feature = "editor")]
            Effect::Go(address) => crate::host::address::go(&address),
            #[cfg(feature = "editor")]
            Effect::Copy(id, then) => then(crate::host::editing::copy(id)),
        }
    }));
}
