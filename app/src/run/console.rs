//! The console's page: its session, its models, and how each effect is carried out.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use wire::{Role, SessionDocument};

use super::looks::{self, locale};
use super::machine::Machine;
use super::mount::mount;
use super::session::{self, SignedIn};
use super::state::State;
use crate::api::{Api, read};
use crate::host::clock;
use crate::host::page::{self, BOOT, Boot, form_values, from_js, spawn};
use crate::host::{Host, HostEvent, Listener, Subscription, of_page};
use crate::i18n::Locale;
use crate::i18n::console::words;
use crate::model::ledger::{LedgerEffect, LedgerEvent, LedgerModel, Search};
use crate::model::session::{SessionEvent, SessionModel};
use crate::model::settings::{SettingsEffect, SettingsEvent, SettingsModel, fields};
use crate::screens::archive::unproved;
use crate::screens::console::{
    LEDGER_FIELDS, LEDGER_FORM, Page, SETTINGS_FORM, checking, denied, frame, ledger, settings,
};
use crate::screens::{Send, lost};
use crate::ui::{Node, el};

/// The admins' page.
#[derive(Clone)]
struct Console {
    host: Rc<dyn Host>,
    api: Rc<Api>,
    locale: State<Locale>,
    /// Absent until the server has said who asks.
    role: State<Option<Role>>,
    session: Machine<SessionModel>,
    page: State<Page>,
    ledger: Machine<LedgerModel>,
    settings: Machine<SettingsModel>,
    kept: Rc<RefCell<Vec<Subscription>>>,
}

/// Starts the console.
pub fn start() {
    let facts = page::page();
    let document: Option<SessionDocument> = BOOT.with(|boot| from_js(&boot.session())).read().ok();
    let named = document.as_ref().map(|document| document.locale.clone()).filter(|tag| !tag.is_empty());
    let console = Console::new(of_page(&facts), locale(named.unwrap_or_else(page::language)));
    let heard = console.host.subscribe(console.listener());
    console.kept.borrow_mut().push(heard);
    spawn(Box::pin(async move {
        // The loader says so on the page when the workspace does not answer.
        let Ok(_) = JsFuture::from(BOOT.with(Boot::registered)).await else { return };
        looks::follow(&*console.host, console.locale);
        console.mount();
        if let Some(document) = document {
            console.session.send(SessionEvent::Document(document));
        }
    }));
}

impl Console {
    fn new(host: Rc<dyn Host>, locale: Locale) -> Self {
        let console = Self {
            host,
            api: Rc::new(Api::started()),
            locale: State::new(locale),
            role: State::new(None),
            session: Machine::new(),
            page: State::new(Page::Archive),
            ledger: Machine::new(),
            settings: Machine::new(),
            kept: Rc::default(),
        };
        let this = console.clone();
        let signed_in: SignedIn = Rc::new(move |document| this.signed_in(document));
        session::keep(console.session, Rc::clone(&console.host), &console.api, signed_in, || ());
        let this = console.clone();
        console.ledger.perform(move |effect| this.ledger_effect(effect));
        let this = console.clone();
        console.settings.perform(move |effect| this.settings_effect(effect));
        console
    }

    /// A renewal says nothing new.
    fn signed_in(&self, document: &SessionDocument) {
        let known = self.role.get_untracked();
        if document.proved && document.role != known {
            self.role.set(document.role);
            if document.role == Some(Role::Admin) {
                self.ledger.send(LedgerEvent::Open(clock::today_utc()));
            }
        }
    }

    fn listener(&self) -> Listener {
        let console = self.clone();
        Rc::new(move |event| match event {
            HostEvent::Dark(dark) => page::set_dark(dark),
            HostEvent::Proof(notice) => console.session.send(SessionEvent::Code(notice)),
            _ => {} // of panels
        })
    }

    fn ledger_effect(&self, effect: LedgerEffect) {
        let (api, ledger) = (Rc::clone(&self.api), self.ledger);
        spawn(Box::pin(async move {
            let event = match effect {
                LedgerEffect::Find { ask, path } => {
                    LedgerEvent::Found { ask, result: api.get(path).await.and_then(read).map(Rc::new) }
                }
                LedgerEffect::Days { span, path } => {
                    LedgerEvent::Days { span, result: api.get(path).await.and_then(read) }
                }
                LedgerEffect::Save { path, name } => {
                    LedgerEvent::Exported(api.file(&path).await.map(|bytes| page::save(&bytes, name)))
                }
            };
            ledger.send(event);
        }));
    }

    fn settings_effect(&self, effect: SettingsEffect) {
        const PATH: &str = "/api/settings/flex";
        let (api, settings) = (Rc::clone(&self.api), self.settings);
        spawn(Box::pin(async move {
            settings.send(match effect {
                SettingsEffect::Load => SettingsEvent::Loaded(api.get(PATH.into()).await),
                SettingsEffect::Save(body) => SettingsEvent::Saved(api.put(PATH.into(), body).await),
            });
        }));
    }

    fn mount(&self) {
        mount(page::root(), self.screen());
    }

    fn screen(&self) -> impl Fn() -> Node + use<> {
        let (shown, role, session, page) = (self.locale, self.role, self.session, self.page);
        let (ledger_model, settings_model) = (self.ledger, self.settings);
        let (send, send_session) = (ledger_model.callback(), session.callback());
        let send_settings = settings_model.callback();
        let go: Send<Page> = Rc::new(move |next| {
            page.set(next);
            if next == Page::Flex {
                settings_model.send(SettingsEvent::Open);
            }
        });
        move || {
            let locale = shown.get();
            let words = words(locale.tag);
            let over = session.state.with(|session| lost(locale, session, false, &send_session));
            let content = match (role.get(), page.get()) {
                (None, _) => {
                    let failed =
                        session.state.with(|session| unproved(locale, &session.standing, &send_session));
                    failed.filter(|_| over.is_none()).unwrap_or_else(|| checking(locale))
                }
                (Some(Role::Agent), _) => denied(words),
                (Some(Role::Admin), Page::Archive) => {
                    let search = move || {
                        let values = form_values(LEDGER_FORM, LEDGER_FIELDS.into_iter());
                        let mut values = values.into_iter().map(Option::unwrap_or_default);
                        let mut next = || values.next().unwrap_or_default();
                        let (ticket, action, actor) = (next(), next(), next());
                        let search = Search { ticket, action, actor, since: next(), until: next() };
                        ledger_model.send(LedgerEvent::Search(search));
                    };
                    let page = ledger_model.state.with(|state| ledger(locale, words, state, &send, search));
                    frame(words, Page::Archive, &go, page)
                }
                (Some(Role::Admin), Page::Flex) => {
                    let save = move || {
                        let typed = form_values(SETTINGS_FORM, fields().map(|(name, _)| name));
                        settings_model.send(SettingsEvent::Save(typed));
                    };
                    let page = settings_model
                        .state
                        .with(|state| settings(locale, words, state, &send_settings, save));
                    frame(words, Page::Flex, &go, page)
                }
            };
            el("div").class("stacked").all(over).with(content)
        }
    }
}
