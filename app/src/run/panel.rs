//! The panel beside an engagement, in Flex: its session, its model, and how each effect is carried out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;

use super::dial;
use super::looks::locale;
use super::machine::Machine;
use super::rehearsal::rehearse;
use super::roots::heading;
use super::session::{self, SignedIn};
use crate::api::{Api, dialed, ended, orders, pop as pop_body, read};
use crate::host::page::{self, sleep, spawn, watch_height};
use crate::host::{Host, HostEvent, Listener, Subscription, of_page};
use crate::i18n::Locale;
use crate::model::dial::DialModel;
use crate::model::pop::{Phase, PopEffect, PopEvent, PopModel};
use crate::model::session::{SessionEvent, SessionModel};
use crate::screens;
use crate::screens::dial::{Dialling, outcome};
use crate::ui::{Node, el};

/// Milliseconds, after which nobody waits for the first screen any more.
const SOON: i32 = 25;

#[derive(Clone)]
struct Panel {
    host: Rc<dyn Host>,
    api: Rc<Api>,
    locale: RwSignal<Locale>,
    session: Machine<SessionModel>,
    pop: Machine<PopModel>,
    dial: Machine<DialModel>,
    kept: Rc<RefCell<Vec<Subscription>>>,
}

/// Starts the panel; the plugin will say who the agent is.
pub fn start() {
    let panel = Panel::new(of_page(&page::page()), locale(page::language()));
    let heard = panel.host.subscribe(panel.listener());
    let root = page::root();
    let host = Rc::clone(&panel.host);
    panel.kept.borrow_mut().extend([heard, watch_height(&root, move |height| host.resize(height))]);
    let screen = panel.screen();
    mount_to(root, move || screen).forget();
    spawn(Box::pin(async move {
        sleep(SOON).await;
        rehearse(panel.locale.get_untracked());
    }));
}

impl Panel {
    fn new(host: Rc<dyn Host>, locale: Locale) -> Self {
        let panel = Self {
            host,
            api: Rc::new(Api::started()),
            locale: RwSignal::new(locale),
            session: Machine::new(),
            pop: Machine::new(),
            dial: Machine::new(),
            kept: Rc::default(),
        };
        let pop = panel.pop;
        let (this, first) = (panel.clone(), Cell::new(true));
        let signed_in: SignedIn = Rc::new(move |_| {
            pop.send(PopEvent::SignedIn);
            if first.replace(false) {
                this.wait_for_orders();
            }
        });
        session::keep(panel.session, Rc::clone(&panel.host), &panel.api, signed_in, || ());
        let this = panel.clone();
        panel.pop.perform(move |effect| this.ask(effect));
        let ticket = move || {
            pop.state.with_untracked(|model| match &model.phase {
                Phase::Found { result, .. } => result.ticket.as_ref().map(|ticket| ticket.id),
                _ => None,
            })
        };
        dial::keep(panel.dial, &panel.api, ticket, || ());
        panel
    }

    /// What the agent presses in Zendesk is called from here, unless another of his Flex pages was quicker.
    fn wait_for_orders(&self) {
        let panel = self.clone();
        let heard = orders(Rc::clone(&self.api), move |id| {
            let (api, host) = (Rc::clone(&panel.api), Rc::clone(&panel.host));
            spawn(Box::pin(async move {
                if let Ok(order) = api.post(["/api/dial/", &id, "/take"].concat(), "{}".into()).await {
                    host.dial(&order);
                }
            }));
        });
        self.kept.borrow_mut().push(heard);
    }

    /// The agent reads it where he pressed the number.
    fn report(&self, id: &str, outcome: &str) {
        let (api, path) = (Rc::clone(&self.api), ["/api/dial/", id, "/outcome"].concat());
        let body = dialed(outcome);
        spawn(Box::pin(async move {
            let _ = api.post(path, body).await; // where it does not arrive, the server says that nothing was heard
        }));
    }

    fn ask(&self, effect: PopEffect) {
        let panel = self.clone();
        spawn(Box::pin(async move {
            let PopEffect { ask, engagement, ticket, user } = effect;
            let path = ["/api/engagements/", &engagement.task_sid, "/pop"].concat();
            let body = pop_body(&engagement, ticket, user);
            let result = panel.api.post(path, body).await.and_then(read).map(Box::new);
            panel.pop.send(PopEvent::Answer { ask, result });
        }));
    }

    /// It is written down once, whoever tells of it; where this does not arrive, Twilio's own word does.
    fn log(&self, task_sid: String, attributes: String) {
        let api = Rc::clone(&self.api);
        spawn(Box::pin(async move {
            let path = ["/api/engagements/", &task_sid, "/log"].concat();
            let _ = api.post(path, ended(&attributes)).await;
        }));
    }

    fn listener(&self) -> Listener {
        let panel = self.clone();
        Rc::new(move |event| match event {
            HostEvent::Dark(dark) => page::set_dark(dark),
            HostEvent::Token { token, locale: tag } => {
                if let Some(tag) = tag {
                    panel.locale.set(locale(tag));
                }
                panel.session.send(SessionEvent::Token(token));
            }
            HostEvent::Engagement(engagement) => panel.pop.send(PopEvent::Engagement(engagement)),
            HostEvent::Ended { task_sid, attributes } => panel.log(task_sid, attributes),
            HostEvent::Idle => panel.pop.send(PopEvent::Idle),
            HostEvent::Dialed { id, outcome } => panel.report(&id, &outcome),
            _ => {} // Zendesk's
        })
    }

    fn screen(&self) -> impl Fn() -> Node + std::marker::Send + use<> {
        let (locale, pop, session, dial) = (self.locale, self.pop, self.session, self.dial);
        let (send, press) = (pop.callback(), dial.callback());
        move || {
            let locale = locale.get();
            let over = session.state.with(|model| screens::lost(locale, &model.standing, true));
            el("div")
                .class("panel")
                .with(heading())
                .with(el("div").attr("role", "status").all(over))
                .with(el("div").attr("role", "status").all(dial.state.with(|model| outcome(locale, model))))
                .all(dial.state.with(|model| {
                    let dialling = Dialling { model, press: Some(&press) };
                    pop.state.with(|model| screens::pop::pop(locale, model, dialling, &send))
                }))
        }
    }
}
