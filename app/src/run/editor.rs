//! The bundle of the editor and the overview at work: inside the console's page, whose bearer it uses.

use std::rc::Rc;

use super::effects::perform;
use super::looks::locale;
use super::machine::Machine;
use super::mount::mount;
use super::state::State;
use crate::api::Api;
use crate::editor::overview::{self, OverviewEvent, OverviewPage};
use crate::editor::{EditorEvent, EditorPage, view};
use crate::format::zone;
use crate::host::page::{self, spawn};
use crate::host::within;
use crate::i18n::Locale;
use crate::i18n::editor::words;
use crate::ui::el;

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Editor,
    Overview,
}

/// Offers the pages to the console.
pub(super) fn start() {
    let api = Rc::new(Api::started());
    api.on_session(Rc::new(|changed| {
        if changed.is_err() {
            within::tell_lost();
        }
    }));
    let (editor, overview) = (Machine::<EditorPage>::new(), Machine::<OverviewPage>::new());
    let (asking, answers) = (Rc::clone(&api), editor.callback());
    editor.perform(move |effect| perform(&asking, effect.telling(&answers)));
    let answers = overview.callback();
    overview.perform(move |effect| perform(&api, effect.telling(&answers)));
    let (spoken, shown) = (State::new(Locale::new("en")), State::new(Shown::Nothing));
    let root = within::root();
    let (send_editor, send_overview) = (editor.callback(), overview.callback());
    mount(&root, move || {
        let locale = spoken.get();
        let words = words(locale.tag);
        match shown.get() {
            Shown::Nothing => el("div"),
            Shown::Editor => {
                editor.state.with(|page| view::view(locale, words, page, &send_editor)).key("editor".into())
            }
            Shown::Overview => {
                let view = |page: &OverviewPage| overview::view(locale, words, page, &send_overview);
                overview.state.with(view).key("overview".into())
            }
        }
    });
    within::offer(&root, move |address| {
        spawn(Box::pin(async move {
            let now = locale(page::language()).await;
            if spoken.get_untracked().tag != now.tag {
                spoken.set(now);
            }
            let (of, id) = address.split_once('/').unwrap_or((&address, ""));
            if of == "integration-overview" {
                shown.set(Shown::Overview);
                overview.send(OverviewEvent::Open(id.to_owned()));
            } else {
                shown.set(Shown::Editor);
                let id = Some(id).filter(|id| !id.is_empty() && of == "integration-edit");
                editor.send(EditorEvent::Open(id.map(str::to_owned), zone()));
            }
        }));
    });
}
