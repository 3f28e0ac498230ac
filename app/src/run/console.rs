//! The console at work: its session, its navigation, and how what a page asks for is done. To add a page: a line in `PAGES`.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use wire::{Role, SessionDocument};

use super::effects::perform;
use super::island::Island;
use super::looks::{self, locale};
use super::machine::Machine;
use super::mount::mount;
use super::session::{SignedIn, keep};
use super::state::State;
use crate::api::Api;
use crate::console::Page;
use crate::console::archive::ArchivePage;
use crate::console::connections::ConnectionsPage;
use crate::console::flex::FlexPage;
use crate::console::frame::{STAY, TITLE, checking, denied, frame, question, session};
use crate::console::integrations::IntegrationsPage;
use crate::console::navigation::{Navigation, NavigationEffect, NavigationEvent};
use crate::host::page::{self, BOOT, Boot, from_js, spawn};
use crate::host::{Host, HostEvent, Listener, Subscription, address, clock, keyboard, of_page, within};
use crate::i18n::Locale;
use crate::i18n::console::{ConsoleWords, words};
use crate::model::session::{SessionEvent, SessionModel};
use crate::ui::{Node, el};

/// Every page, in the order of the navigation; the first is shown where the URL names none.
const PAGES: &[fn(&Rc<Api>) -> Running] =
    &[run::<ArchivePage>, run::<FlexPage>, run::<IntegrationsPage>, run::<ConnectionsPage>];

/// Pages of the other bundle, behind those. What is typed there is kept there. Those that the navigation does not have are reached from another
/// page, which is marked in it.
const OTHERS: [&str; 6] =
    ["notices", "tickets", "machine-keys", "integration-new", "integration-edit", "integration-overview"];
const REACHED_FROM: &str = IntegrationsPage::ADDRESS;

/// A page at work.
struct Running {
    address: &'static str,
    /// Absent: it is of the other bundle.
    title: Option<fn(&ConsoleWords) -> &'static str>,
    opened: Box<dyn Fn()>,
    /// The URL names a part of the page.
    named: Box<dyn Fn(String)>,
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
        title: Some(P::title),
        opened: Box::new(move || page.send(P::opened(clock::today_utc()))),
        named: Box::new(move |part| tell(P::named(part))),
        returned: Box::new(move || tell(P::returned(clock::today_utc()))),
        discarded: Box::new(move || tell(P::discarded())),
        is_unsaved: Box::new(move || page.state.with_untracked(P::is_unsaved)),
        view: Box::new(move |locale| page.state.with(|page| page.view(locale, words(locale.tag), &send))),
    }
}

fn other(island: &Island, address: &'static str) -> Running {
    let (opening, naming, shown) = (island.clone(), island.clone(), island.clone());
    Running {
        address,
        title: None,
        opened: Box::new(move || opening.open()),
        named: Box::new(move |_| naming.open()),
        returned: Box::new(|| ()),
        discarded: Box::new(|| ()),
        is_unsaved: Box::new(|| false),
        view: Box::new(move |locale| shown.view(locale)),
    }
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
        let island = Island::new();
        let others = OTHERS.map(|address| other(&island, address));
        let console = Self {
            host,
            locale: State::new(locale),
            role: State::new(None),
            session: Machine::new(),
            navigation: Machine::new(),
            pages: PAGES.iter().map(|run| run(&api)).chain(others).collect(),
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
            self.open(0);
        }
        let (moved, leaving, back, lost) = (self.clone(), self.clone(), self.clone(), self.clone());
        self.kept.borrow_mut().extend([
            address::watch_address(move || {
                let (page, unsaved) = (moved.named(), moved.is_unsaved());
                let stays = page == Some(moved.shown());
                moved.navigation.send(NavigationEvent::Address { page, unsaved });
                if stays {
                    moved.name_part();
                }
            }),
            within::on_lost(move || lost.session.send(SessionEvent::RenewalDue)),
            address::guard_leaving(move || leaving.is_unsaved()),
            page::watch_return(move || (back.pages[back.shown()].returned)()),
        ]);
    }

    fn named(&self) -> Option<usize> {
        let address = address::address();
        let named = address.split('/').next().unwrap_or_default();
        self.pages.iter().position(|page| page.address == named)
    }

    fn open(&self, page: usize) {
        (self.pages[page].opened)();
        if self.pages[page].title.is_some() {
            self.name_part();
        }
    }

    /// Tells the page which part of it the URL names.
    fn name_part(&self) {
        let address = address::address();
        if let Some((_, part)) = address.split_once('/') {
            (self.pages[self.shown()].named)(part.to_owned());
        }
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
                self.open(page);
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
                    let titled = |page: &Running| {
                        page.title.map_or_else(|| (words.other_page)(page.address), |title| title(words))
                    };
                    let pages = console.pages.iter().map(|page| (page.address, titled(page)));
                    let pages = pages.filter(|(_, title)| !title.is_empty());
                    let marked = if titled(page).is_empty() { REACHED_FROM } else { page.address };
                    let asks = asks.then(|| question(words, &send));
                    frame(words, pages, marked, (page.view)(locale), asks)
                }
            };
            // Keyed: the page, and what was typed into it, stays when something stands above it.
            let over = over.map(|over| over.key("over".into()));
            el("div").class("stacked").all(over).with(content.key("page".into()))
        }
    }
}
