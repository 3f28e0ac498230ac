//! The bundle of the editor, the overview and the pages that are opened seldom, at work: inside the console's page, whose bearer it uses.

use std::rc::Rc;

use super::effects::perform;
use super::looks::locale;
use super::machine::Machine;
use super::mount::mount;
use super::state::State;
use crate::api::Api;
use crate::console::Effect;
use crate::editor::overview::{self, OverviewEvent, OverviewPage};
use crate::editor::{EditorEvent, EditorPage, view};
use crate::format::zone;
use crate::host::page::{self, spawn};
use crate::host::within;
use crate::i18n::{Locale, editor, pages as page_words};
use crate::model::Model;
use crate::pages::{
    KeysEvent, KeysPage, NoticesEvent, NoticesPage, TicketsEvent, TicketsPage, keys, notices, tickets,
};
use crate::ui::el;

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Editor,
    Overview,
    Notices,
    Keys,
    Tickets,
}

/// A page whose effects are carried out.
fn run<E: 'static, P: Model<Event = E, Effect = Effect<E>>>(api: &Rc<Api>) -> Machine<P> {
    let page = Machine::<P>::new();
    let (api, answers) = (Rc::clone(api), page.callback());
    page.perform(move |effect| perform(&api, effect.telling(&answers)));
    page
}

/// Offers the pages to the console.
pub(super) fn start() {
    let api = Rc::new(Api::started());
    api.on_session(Rc::new(|changed| {
        if changed.is_err() {
            within::tell_lost();
        }
    }));
    let (editor, overview) = (run::<_, EditorPage>(&api), run::<_, OverviewPage>(&api));
    let notices_page = run::<_, NoticesPage>(&api);
    let (keys_page, tickets_page) = (run::<_, KeysPage>(&api), run::<_, TicketsPage>(&api));
    let (spoken, shown) = (State::new(Locale::new("en")), State::new(Shown::Nothing));
    let root = within::root();
    let (send_editor, send_overview) = (editor.callback(), overview.callback());
    let send_notices = notices_page.callback();
    let (send_keys, send_tickets) = (keys_page.callback(), tickets_page.callback());
    mount(&root, move || {
        let locale = spoken.get();
        let (words, more) = (editor::words(locale.tag), page_words::words(locale.tag));
        match shown.get() {
            Shown::Nothing => el("div"),
            Shown::Editor => {
                editor.state.with(|page| view::view(locale, words, page, &send_editor)).key("editor".into())
            }
            Shown::Overview => {
                let view = |page: &OverviewPage| overview::view(locale, words, page, &send_overview);
                overview.state.with(view).key("overview".into())
            }
            Shown::Notices => {
                let view = |page: &NoticesPage| notices::view(locale, more, page, &send_notices);
                notices_page.state.with(view).key("notices".into())
            }
            Shown::Keys => {
                let view = |page: &KeysPage| keys::view(locale, more, page, &send_keys);
                keys_page.state.with(view).key("keys".into())
            }
            Shown::Tickets => {
                let view = |page: &TicketsPage| tickets::view(locale, more, page, &send_tickets);
                tickets_page.state.with(view).key("tickets".into())
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
            match of {
                "integration-overview" => {
                    shown.set(Shown::Overview);
                    overview.send(OverviewEvent::Open(id.to_owned()));
                }
                "notices" => {
                    shown.set(Shown::Notices);
                    notices_page.send(NoticesEvent::Open);
                }
                "machine-keys" => {
                    shown.set(Shown::Keys);
                    keys_page.send(KeysEvent::Open);
                }
                "tickets" => {
                    shown.set(Shown::Tickets);
                    tickets_page.send(TicketsEvent::Open);
                }
                _ => {
                    shown.set(Shown::Editor);
                    let id = Some(id).filter(|id| !id.is_empty() && of == "integration-edit");
                    editor.send(EditorEvent::Open(id.map(str::to_owned), zone()));
                }
            }
        }));
    });
}
