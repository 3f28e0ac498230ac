//! What Zendesk frames: a sidebar, or nothing but a listener.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use wire::{SessionDocument, TicketId, UserId};

use super::desk::Desk;
use super::looks::{self, locale};
use super::mount::mount;
use super::rehearsal::rehearse;
use crate::host::page::{self, BOOT, Boot, Location, from_js, spawn, watch_height};
use crate::host::{HostEvent, Listener, of_page};
use crate::i18n::Locale;
use crate::json::Json;
use crate::model::archive::ArchiveModel;
use crate::model::card::{CardModel, Subject};
use crate::model::dial::{DialEvent, Wish};
use crate::model::seen::Seen;
use crate::model::session::{Proof, SessionEvent, Standing};
use crate::screens::dial::{Dialling, outcome};
use crate::screens::{self, Send};
use crate::ui::{Node, el};

/// Milliseconds. An answer that is here by then is shown, and not kept waiting by a rehearsal.
const SOON: i32 = 25;

/// Starts what the page asks for. What needs no answer of the workspace is done before it answers, and what the agent
/// looks for comes before the rest; until then the page shows the server's skeleton.
pub fn start() {
    let facts = page::page();
    let session: Option<SessionDocument> = BOOT.with(|boot| from_js(&boot.session())).read().ok();
    let named = session.as_ref().map(|session| session.locale.clone()).filter(|tag| !tag.is_empty());
    let desk = Desk::new(of_page(&facts), Locale::new("en"));
    desk.keep(desk.host.subscribe(listener(&desk)));
    spawn(Box::pin(async move {
        // The loader says so on the page when the workspace does not answer.
        let Ok(registered) = JsFuture::from(BOOT.with(Boot::registered)).await else { return };
        if facts.location == Location::Background {
            if facts.dials {
                desk.speaks.set(true);
                desk.begin(session);
            }
            return;
        }
        if let Some(session) = &session {
            desk.api.set_token(session.token.clone());
        }
        look(&desk, facts.location, from_js(&page::member(&registered, "context")));
        let rehearsing = desk.clone();
        spawn(Box::pin(async move {
            page::sleep(SOON).await;
            if !rehearsing.answered.is_open() {
                rehearse(rehearsing.locale.get_untracked());
            }
        }));
        // The loader has fetched them while the app was compiled.
        desk.locale.set(locale(named.unwrap_or_else(page::language)).await);
        looks::follow(&*desk.host, desk.locale);
        desk.answered.passed().await;
        show(&desk, sidebar(&desk, facts.dials));
        page::painted().await;
        desk.begin(session);
        let returned = desk.clone();
        desk.keep(page::watch_return(move || returned.returned()));
        desk.look_out();
    }));
}

/// The screen in place of the skeleton, for as long as the page lives.
fn show(desk: &Desk, screen: impl Fn() -> Node + 'static) {
    let (root, host) = (page::root(), Rc::clone(&desk.host));
    desk.keep(watch_height(&root, move |height| host.resize(height)));
    mount(root, screen);
}

/// Beside whom a sidebar stands, now that the workspace has said so.
fn look(desk: &Desk, location: Location, mut context: Json) {
    let ticket = context.take("ticketId").id().map(TicketId).filter(|_| location == Location::Ticket);
    let user = context.take("userId").id().map(UserId).filter(|_| location == Location::User);
    desk.ticket.set(ticket);
    match (ticket, user, location) {
        (Some(ticket), ..) => desk.look(Some(Subject::Ticket(ticket))),
        (_, Some(user), _) => desk.look(Some(Subject::Customer(user))),
        (None, None, Location::NewTicket) => {
            let (requester, desk) = (desk.host.requester(), desk.clone());
            spawn(Box::pin(async move {
                let user = requester.await.ok().flatten();
                desk.look(user.map(Subject::Customer));
            }));
        }
        (None, None, _) => desk.look(None),
    }
}

/// What the workspace tells, to whom it matters.
fn listener(desk: &Desk) -> Listener {
    let desk = desk.clone();
    let seen = RefCell::new(Seen::default());
    Rc::new(move |event| match event {
        HostEvent::Dark(dark) => page::set_dark(dark),
        HostEvent::Updated => desk.updated(),
        HostEvent::Requester(user) => desk.look(user.map(Subject::Customer)),
        HostEvent::Dialout(to) => desk.dial.send(DialEvent::Press(Wish { to, user: None })),
        HostEvent::Proof(notice) => desk.session.send(SessionEvent::Code(notice)),
        HostEvent::Pop(notice) if seen.borrow_mut().first(&notice) => desk.host.show(&notice),
        _ => {} // shown already, or Flex's
    })
}

fn sidebar(desk: &Desk, dials: bool) -> impl Fn() -> Node + use<> {
    let (locale, card, archive, session) = (desk.locale, desk.card, desk.archive, desk.session);
    let (send_card, send_archive, send_session) = (card.callback(), archive.callback(), session.callback());
    let (dial, send_dial) = (desk.dial, dials.then(|| desk.dial.callback()));
    let host = Rc::clone(&desk.host);
    let open: Send<TicketId> = Rc::new(move |id| host.show_ticket(id));
    move || {
        let locale = locale.get();
        let spoken = archive.state.with(|model| screens::archive::spoken(locale, model));
        let standing = session.state.with(|model| {
            let over = screens::lost(locale, model, false, &send_session);
            let is_silent =
                matches!(model.standing, Standing::Unproved(Proof::Failed(_)) | Standing::Lost(_));
            (over, screens::archive::unproved(locale, &model.standing, &send_session), is_silent)
        });
        let (no_card, no_files) =
            (card.state.with(CardModel::failed), archive.state.with(ArchiveModel::failed));
        // What hides the card hides the files as well, and nothing loads without a session: it is said once.
        let hidden = no_files && (no_card || standing.2);
        let no_card = standing.2 && (no_card || card.state.with(CardModel::loading));
        let files = archive.state.with(|model| screens::archive::archive(locale, model, &send_archive));
        el("div")
            .class("panel")
            .with(heading())
            .with(el("p").class("sr").attr("role", "status").with(spoken))
            .all(standing.0)
            .with(el("div").attr("role", "status").all(dial.state.with(|model| outcome(locale, model))))
            .all((!no_card).then(|| {
                dial.state.with(|model| {
                    let dialling = Dialling { model, press: send_dial.as_ref() };
                    card.state.with(|model| screens::card::card(locale, model, dialling, &send_card))
                })
            }))
            .all(standing.1)
            .all(files.filter(|_| !hidden))
            .all(card.state.with(|model| screens::card::others(locale, model, &open)))
    }
}

/// For readers who jump from heading to heading.
pub(super) fn heading() -> Node {
    el("h1").class("sr").with("Deskside")
}
