//! The console at work: its session, its navigation, and how what a page asks for is done. To add a page: a line in `PAGES`.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use wire::{Role, SessionDocument};

use super::looks::{self, locale};
use super::machine::Machine;
use super::mount::mount;
use super::session::{SignedIn, keep};
use super::state::State;
use crate::api::Api;
use crate::console::archive::ArchivePage;
use crate::console::connections::ConnectionsPage;
use crate::console::flex::FlexPage;
use crate::console::frame::{STAY, TITLE, checking, denied, frame, question, session};
use crate::console::integrations::IntegrationsPage;
use crate::console::navigation::{Navigation, NavigationEffect, NavigationEvent};
use crate::console::{Effect, Page};
use crate::host::page::{self, BOOT, Boot, form_values, from_js, spawn};
use crate::host::{Host, HostEvent, Listener, Subscription, address, clock, keyboard, of_page};
use crate::i18n::Locale;
use crate::i18n::console::{ConsoleWords, words};
use crate::model::session::{SessionEvent, SessionModel};
use crate::ui::{Node, el};

/// Every page, in the order of the navigation; the first is shown where the URL names none.
const PAGES: &[fn(&Rc<Api>) -> Running] =
    &[run::<ArchivePage>, run::<FlexPage>, run::<IntegrationsPage>, run::<ConnectionsPage>];

/// A page at work.
struct Running {
    address: &'static str,
    title: fn(&ConsoleWords) -> &'static str,
    opened: Box<dyn Fn()>,
    returned: Box<dyn Fn()>,
    discarded: Box<dyn Fn()>,
    is_unsaved: Box<dyn Fn() -> bool>,
    view: Box<dyn Fn(Locale) -> Node>,
}

fn run<P: Page>(api: &Rc<Api>) -> Running {
    let page = Machine::<P>::new();
    let (api, send) = (Rc::clone(api), page.callback());
    let answers = Rc::clone(&send);
    page.perform(move |effect| perform(&api, effect.telling(&answers)));
    let tell = move |event: Option<P::Event>| event.into_iter().for_each(|event| page.send(event));
    Running {
        address: P::ADDRESS,
        title: P::title,
        opened: Box::new(move || page.send(P::opened(clock::today_utc()))),
        returned: Box::new(move || tell(P::returned(clock::today_utc()))),
        discarded: Box::new(move || tell(P::discarded())),
        is_unsaved: Box::new(move || page.state.with_untracked(P::is_unsaved)),
        view: Box::new(move |locale| page.state.with(|page| page.view(locale, words(locale.tag), &send))),
    }
}

fn perform(api: &Rc<Api>, effect: Effect<()>) {
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
        }
    }));
}

/// The admins' pages, and what they share.
#[derive(Clone)]
struct Console {
    host: Rc<dyn Host>,
    locale: State<Locale>,
    /// Absent until the server has said who asks.
    role: State<Option<Role>>,
    session: Machine<SessionModel>,
    navigation: Machine<Navigation>,
    pages: Rc<[Running]>,
    kept: Rc<RefCell<Vec<Subscription>>>,
}

/// Starts the console.
pub fn start() {
    let facts = page::page();
    let document: Option<SessionDocument> = BOOT.with(|boot| from_js(&boot.session())).read().ok();
    let named = document.as_ref().map(|document| document.locale.clone()).filter(|tag| !tag.is_empty());
    let console = Console::new(of_page(&facts), Locale::new("en"));
    let heard = console.host.subscribe(console.listener());
    console.kept.borrow_mut().push(heard);
    spawn(Box::pin(async move {
        // The loader says so on the page when the workspace does not answer.
        let Ok(_) = JsFuture::from(BOOT.with(Boot::registered)).await else { return };
        console.locale.set(locale(named.unwrap_or_else(page::language)).await);
        looks::follow(&*console.host, console.locale);
        mount(page::root(), console.screen());
        if let Some(document) = document {
            console.session.send(SessionEvent::Document(document));
        }
    }));
}

impl Console {
    fn new(host: Rc<dyn Host>, locale: Locale) -> Self {
        let api = Rc::new(Api::started());
        let console = Self {
            host,
            locale: State::new(locale),
            role: State::new(None),
            session: Machine::new(),
            navigation: Machine::new(),
            pages: PAGES.iter().map(|run| run(&api)).collect(),
            kept: Rc::default(),
        };
        let this = console.clone();
        let signed_in: SignedIn = Rc::new(move |document| this.signed_in(document));
        keep(console.session, Rc::clone(&console.host), &api, signed_in, || ());
        let this = console.clone();
        console.navigation.perform(move |effect| this.navigate(effect));
        console
    }

    /// A renewal says nothing new.
    fn signed_in(&self, document: &SessionDocument) {
        let known = self.role.get_untracked();
        if document.proved && document.role != known {
            self.role.set(document.role);
            if document.role == Some(Role::Admin) {
                self.begin();
            }
        }
    }

    /// Opens the page that the URL names, and follows the URL from now on.
    fn begin(&self) {
        self.navigation.send(NavigationEvent::Address { page: self.named(), unsaved: false });
        if self.shown() == 0 {
            (self.pages[0].opened)();
        }
        let (moved, leaving, back) = (self.clone(), self.clone(), self.clone());
        self.kept.borrow_mut().extend([
            address::watch_address(move || {
                let event = NavigationEvent::Address { page: moved.named(), unsaved: moved.is_unsaved() };
                moved.navigation.send(event);
            }),
            address::guard_leaving(move || leaving.is_unsaved()),
            page::watch_return(move || (back.pages[back.shown()].returned)()),
        ]);
    }

    fn named(&self) -> Option<usize> {
        let named = address::address();
        self.pages.iter().position(|page| page.address == named)
    }

    fn shown(&self) -> usize {
        self.navigation.state.with_untracked(|navigation| navigation.shown)
    }

    fn is_unsaved(&self) -> bool {
        (self.pages[self.shown()].is_unsaved)()
    }

    fn navigate(&self, effect: NavigationEffect) {
        let focus = |id: &str| spawn(Box::pin(keyboard::focus(id.into())));
        match effect {
            NavigationEffect::Open(page) => {
                (self.pages[page].opened)();
                focus(TITLE);
            }
            NavigationEffect::Discard(page) => (self.pages[page].discarded)(),
            NavigationEffect::Restore(page) => {
                address::set_address(self.pages[page].address);
                focus(TITLE);
            }
            NavigationEffect::Ask => focus(STAY),
        }
    }

    fn listener(&self) -> Listener {
        let session = self.session;
        Rc::new(move |event| match event {
            HostEvent::Dark(dark) => page::set_dark(dark),
            HostEvent::Proof(notice) => session.send(SessionEvent::Code(notice)),
            _ => {} // of panels
        })
    }

    fn screen(&self) -> impl Fn() -> Node + use<> {
        let console = self.clone();
        let (send, send_session) = (console.navigation.callback(), console.session.callback());
        move || {
            let locale = console.locale.get();
            let words = words(locale.tag);
            let over = console.session.state.with(|model| session(locale, words, model, &send_session));
            let content = match console.role.get() {
                None if over.is_some() => el("div"),
                None => checking(locale),
                Some(Role::Agent) => denied(words),
                Some(Role::Admin) => {
                    let (shown, asks) =
                        console.navigation.state.with(|known| (known.shown, known.wanted.is_some()));
                    let page = &console.pages[shown];
                    let pages = console.pages.iter().map(|page| (page.address, (page.title)(words)));
                    let asks = asks.then(|| question(words, &send));
                    frame(words, pages, page.address, (page.view)(locale), asks)
                }
            };
            // Keyed: the page, and what was typed into it, stays when something stands above it.
            let over = over.map(|over| over.key("over".into()));
            el("div").class("stacked").all(over).with(content.key("page".into()))
        }
    }
}
