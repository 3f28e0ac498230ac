//! What is mounted where: a sidebar, the panel beside an engagement, or nothing but a listener.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wire::{SessionDocument, TicketId, UserId};

use super::desk::Desk;
use crate::host::page::{self, BOOT, HostKind, Location, Page, from_js, watch_height};
use crate::host::{HostEvent, Listener, of_page};
use crate::i18n::Locale;
use crate::json::Json;
use crate::model::card::{CardEvent, Subject};
use crate::model::pop::PopEvent;
use crate::model::seen::Seen;
use crate::model::session::{SessionEvent, Standing};
use crate::screens;
use crate::ui::{Tone, notice, problem};

/// Starts what the page asks for, once the workspace has answered the loader's handshake.
pub fn start() {
    spawn_local(async {
        // The loader says so on the page when the workspace does not answer.
        let Ok(registered) = JsFuture::from(BOOT.with(|boot| boot.registered())).await else { return };
        let context = from_js(&page::member(&registered, "context"));
        let facts = page::page();
        let session: Option<SessionDocument> = BOOT.with(|boot| from_js(&boot.session())).read().ok();
        let locale = locale(session.as_ref().map_or_else(page::language, |session| session.locale.clone()));
        let root = page::root();
        let handle = mount_to(root.clone(), move || open(facts, context, session, locale, root));
        handle.forget(); // the panel lives as long as its page
    });
}

/// A tag that `Intl` does not know must not take the panel down.
fn locale(tag: String) -> Locale {
    let tag = tag.replace('_', "-");
    let known = js_sys::Intl::get_canonical_locales(&tag.as_str().into());
    let tag: &'static str = if tag.is_empty() || known.length() == 0 { "en" } else { Box::leak(tag.into_boxed_str()) };
    page::set_language(tag);
    Locale::new(tag)
}

fn open(facts: Page, context: Json, session: Option<SessionDocument>, locale: Locale, root: web_sys::HtmlElement) -> AnyView {
    let mut context = context;
    let ticket = context.take("ticketId").id().map(TicketId).filter(|_| facts.location == Location::Ticket);
    let user = context.take("userId").id().map(UserId).filter(|_| facts.location == Location::User);
    let host = of_page(&facts);
    let desk = Desk::new(Rc::clone(&host), locale, ticket);
    StoredValue::new_local(host.subscribe(listener(&desk)));
    if facts.location == Location::Background {
        return ().into_any();
    }
    StoredValue::new_local(watch_height(&root, {
        let host = Rc::clone(&host);
        move |height| host.resize(height)
    }));
    follow_scheme(&desk);
    if facts.location == Location::Panel {
        return panel(&desk);
    }
    if let Some(session) = session {
        desk.session.send(SessionEvent::Document(session));
    }
    match (ticket, user, facts.location) {
        (Some(ticket), ..) => desk.card.send(CardEvent::Look(Some(Subject::Ticket(ticket)))),
        (_, Some(user), _) => desk.card.send(CardEvent::Look(Some(Subject::Customer(user)))),
        (None, None, Location::NewTicket) => {
            let requester = host.requester();
            let card = desk.card;
            spawn_local(async move {
                let user = requester.await.ok().flatten();
                card.send(CardEvent::Look(user.map(Subject::Customer)));
            });
        }
        (None, None, _) => desk.card.send(CardEvent::Look(None)),
    }
    sidebar(&desk, facts.host)
}

fn follow_scheme(desk: &Desk) {
    let dark = desk.host.dark();
    spawn_local(async move {
        if let Ok(Some(dark)) = dark.await {
            page::set_dark(dark);
        }
    });
}

/// What the workspace tells, to whom it matters.
fn listener(desk: &Desk) -> Listener {
    let desk = desk.clone();
    let seen = RefCell::new(Seen::default());
    Rc::new(move |event| match event {
        HostEvent::Dark(dark) => page::set_dark(dark),
        HostEvent::Requester(user) => desk.card.send(CardEvent::Look(user.map(Subject::Customer))),
        HostEvent::Proof(notice) => desk.session.send(SessionEvent::Code(notice)),
        HostEvent::Token { token, locale: tag } => {
            if let Some(tag) = tag {
                desk.locale.set(locale(tag));
            }
            desk.session.send(SessionEvent::Token(token));
        }
        HostEvent::Engagement(engagement) => desk.pop.send(PopEvent::Engagement(engagement)),
        HostEvent::Idle => desk.pop.send(PopEvent::Idle),
        HostEvent::Pop(notice) if seen.borrow_mut().first(&notice) => match (notice.ticket_id, notice.user_id) {
            (Some(ticket), _) => desk.host.show_ticket(ticket),
            (None, Some(user)) => desk.host.show_user(user),
            (None, None) => {}
        },
        HostEvent::Pop(_) => {}
    })
}

fn sidebar(desk: &Desk, host: HostKind) -> AnyView {
    let (locale, card, archive, session) = (desk.locale, desk.card, desk.archive, desk.session);
    let (send_card, send_archive, send_session) = (card.callback(), archive.callback(), session.callback());
    let host = (host, StoredValue::new_local(Rc::clone(&desk.host)));
    let open = Callback::new(move |id| host.1.with_value(|host| host.show_ticket(id)));
    let spoken = move || archive.state.with(|model| screens::archive::spoken(locale.get(), model));
    let over = move || session.state.with(|model| lost(locale.get(), &model.standing, false));
    let unproved = move || {
        session.state.with(|model| screens::archive::unproved(locale.get(), &model.standing, send_session))
    };
    view! {
        <div class="panel">
            <p class="sr" role="status">{spoken}</p>
            {over}
            {move || card.state.with(|model| screens::card::card(locale.get(), model, send_card, open))}
            {unproved}
            {move || archive.state.with(|model| screens::archive::archive(locale.get(), model, send_archive))}
        </div>
    }
    .into_any()
}

fn panel(desk: &Desk) -> AnyView {
    let (locale, pop, session) = (desk.locale, desk.pop, desk.session);
    let send = pop.callback();
    let over = move || session.state.with(|model| lost(locale.get(), &model.standing, true));
    view! {
        <div class="panel">
            <div role="status">{over}</div>
            {move || pop.state.with(|model| screens::pop::pop(locale.get(), model, send))}
        </div>
    }
    .into_any()
}

/// A session that is over, above what is still on the screen.
fn lost(locale: Locale, standing: &Standing, renewable: bool) -> Option<AnyView> {
    let Standing::Lost(fault) = standing else { return None };
    let text = match (fault.ends_session(), renewable) {
        (true, true) => return Some(notice(Tone::Plain, locale.words.signing_in.into(), None)),
        (true, false) => locale.words.session_over.into(),
        (false, _) => locale.fault(fault),
    };
    Some(problem(text, fault.code().map_or("offline", wire::ErrorCode::as_str), None))
}
