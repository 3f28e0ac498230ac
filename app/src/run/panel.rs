//! The panel beside an engagement, in Flex: its session, its models, and how each effect is carried out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wire::{CallFacts, EngagementView, TicketId};

use super::dial;
use super::looks::locale;
use super::machine::Machine;
use super::mount::mount;
use super::panel_screen;
use super::rehearsal::rehearse;
use super::session::{self, SignedIn};
use super::state::State;
use crate::api::{self, Api, orders, read};
use crate::host::clock::now_ms;
use crate::host::keyboard::{focus, watch_arrows};
use crate::host::page::{self, sleep, spawn, watch_height};
use crate::host::{Host, HostEvent, Listener, Subscription, of_page};
use crate::i18n::Locale;
use crate::i18n::panel::words;
use crate::model::call::{CallEvent, CallModel, spans};
use crate::model::dial::DialModel;
use crate::model::notes::{Noted, NotesEffect, NotesEvent, NotesModel};
use crate::model::pop::{Engagement, PopAsk, PopEffect, PopEvent, PopModel};
use crate::model::said::{SaidEffect, SaidEvent, SaidModel};
use crate::model::session::{SessionEvent, SessionModel};
use crate::model::trace::{TraceEffect, TraceEvent, TraceModel};
use crate::screens::Send;
use crate::screens::pop::CHOICE;

/// Milliseconds, after which nobody waits for the first screen any more.
const SOON: i32 = 25;
/// Milliseconds, in which Zendesk's top bar shows what it is told; then the server is asked to.
const SHOWN: i32 = 3000;

/// How often the end of an engagement is told to a server that does not answer: for a quarter of an hour.
const TRIES: u32 = 60;

/// Everything that runs in Flex's panel.
#[derive(Clone)]
pub(super) struct Panel {
    host: Rc<dyn Host>,
    api: Rc<Api>,
    pub locale: State<Locale>,
    /// What the engagement came by: `voice`, `web`, …
    pub channel: State<Option<String>>,
    pub session: Machine<SessionModel>,
    pub pop: Machine<PopModel>,
    pub dial: Machine<DialModel>,
    pub call: Machine<CallModel>,
    pub said: Machine<SaidModel>,
    pub notes: Machine<NotesModel>,
    pub trace: Machine<TraceModel>,
    kept: Rc<RefCell<Vec<Subscription>>>,
}

/// Starts the panel; the plugin will say who the agent is.
pub fn start() {
    let panel = Panel::new(of_page(&page::page()), Locale::new("en"));
    let heard = panel.host.subscribe(panel.listener());
    let root = page::root();
    let host = Rc::clone(&panel.host);
    let height = watch_height(&root, move |height| host.resize(height));
    panel.kept.borrow_mut().extend([heard, height, watch_arrows(&root)]);
    mount(root, panel_screen::screen(&panel));
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
            locale: State::new(locale),
            channel: State::new(None),
            session: Machine::new(),
            pop: Machine::new(),
            dial: Machine::new(),
            call: Machine::new(),
            said: Machine::new(),
            notes: Machine::new(),
            trace: Machine::new(),
            kept: Rc::default(),
        };
        let (pop, notes) = (panel.pop, panel.notes);
        let (this, first) = (panel.clone(), Cell::new(true));
        let signed_in: SignedIn = Rc::new(move |_| {
            pop.send(PopEvent::SignedIn);
            notes.send(NotesEvent::Reconnected);
            if first.replace(false) {
                this.wait_for_orders();
            }
        });
        session::keep(panel.session, Rc::clone(&panel.host), &panel.api, signed_in, || ());
        let this = panel.clone();
        panel.pop.perform(move |effect| this.carry_out(effect));
        let ticket = move || pop.state.with_untracked(PopModel::ticket);
        dial::keep(panel.dial, &panel.api, ticket, || ());
        let call = panel.call;
        panel.call.perform(move |effect| {
            spawn(Box::pin(async move {
                sleep(1000).await;
                call.send(CallEvent::Tick { round: effect.round, now_ms: now_ms() });
            }));
        });
        let this = panel.clone();
        panel.said.perform(move |effect| this.listen(effect));
        let this = panel.clone();
        panel.notes.perform(move |effect| this.note(effect));
        let this = panel.clone();
        panel.trace.perform(move |effect| this.follow(effect));
        panel
    }

    /// What the agent presses in Zendesk is called from here, unless another of their Flex pages was quicker.
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

    /// The agent reads it where they pressed the number.
    fn report(&self, id: &str, outcome: &str) {
        let (api, path) = (Rc::clone(&self.api), ["/api/dial/", id, "/outcome"].concat());
        let body = api::dialed(outcome);
        spawn(Box::pin(async move {
            let _ = api.post(path, body).await; // where it does not arrive, the server says that nothing was heard
        }));
    }

    fn carry_out(&self, effect: PopEffect) {
        match effect {
            PopEffect::Ask(asked) => self.ask(*asked),
            PopEffect::Choice { task_sid, open } => self.tell_choice(&task_sid, open),
            PopEffect::Show(notice) => {
                self.host.show(&notice);
                let pop = self.pop;
                spawn(Box::pin(async move {
                    sleep(SHOWN).await;
                    pop.send(PopEvent::ShownByNow(notice.notice));
                }));
            }
        }
    }

    fn ask(&self, asked: PopAsk) {
        let panel = self.clone();
        spawn(Box::pin(async move {
            let (ask, task) = (asked.ask, asked.engagement.task_sid.clone());
            let result = panel.api.post(of_task(&task, "/pop"), api::pop(&asked)).await;
            panel.pop.send(PopEvent::Answer { ask, result: result.and_then(read).map(Box::new) });
            let (now, ticket) =
                panel.pop.state.with_untracked(|pop| (pop.task() == Some(&task), pop.ticket()));
            if now {
                // Only now: the contract does not wait for these.
                panel.said.send(SaidEvent::Look(ticket));
                panel.trace.send(TraceEvent::Look(task));
            }
        }));
    }

    fn listen(&self, SaidEffect { ask, ticket }: SaidEffect) {
        let panel = self.clone();
        spawn(Box::pin(async move {
            let path = ["/api/tickets/", &ticket.to_string(), "/comment"].concat();
            let result = panel.api.get(path).await.and_then(read);
            panel.said.send(SaidEvent::Answer { ask, result });
        }));
    }

    fn note(&self, effect: NotesEffect) {
        let panel = self.clone();
        spawn(Box::pin(async move {
            match effect {
                NotesEffect::Pause { task, typed, after } => {
                    sleep(after).await;
                    panel.notes.send(NotesEvent::Pause { task, typed });
                }
                NotesEffect::Save { task, noted } => {
                    let body = api::notes(&noted.text, &noted.outcome);
                    let result = panel.api.put(of_task(&task, "/notes"), body).await.map(drop);
                    panel.notes.send(NotesEvent::Answer { task, result });
                }
            }
        }));
    }

    fn follow(&self, effect: TraceEffect) {
        let panel = self.clone();
        spawn(Box::pin(async move {
            match effect {
                TraceEffect::Fetch { ask, task } => {
                    let result = panel.api.get(of_task(&task, "")).await.and_then(read::<EngagementView>);
                    if let Ok(view) = &result {
                        let noted =
                            Noted { text: view.notes.text.clone(), outcome: view.notes.outcome.clone() };
                        panel.notes.send(NotesEvent::Loaded { task, noted });
                    }
                    panel.trace.send(TraceEvent::Answer { ask, result: result.map(Box::new) });
                }
                TraceEffect::Wait(ask, after) => {
                    sleep(after).await;
                    panel.trace.send(TraceEvent::Due(ask));
                }
                TraceEffect::Back => {
                    panel.pop.send(PopEvent::Reconnected);
                    panel.notes.send(NotesEvent::Reconnected);
                }
            }
        }));
    }

    /// It is written down once, whoever reports it: Twilio, too, where it was told to. What the agent noted goes ahead of it.
    fn ended(&self, task: String, attributes: &str, call: &CallFacts) {
        self.notes.send(NotesEvent::Ended(task.clone()));
        let body = api::ended(attributes, call.queue.as_deref(), spans(call, now_ms()));
        self.trace.send(TraceEvent::Ended(task.clone()));
        let panel = self.clone();
        spawn(Box::pin(async move {
            for tries in 0..TRIES {
                match panel.api.post(of_task(&task, "/log"), body.clone()).await {
                    Err(fault) if fault.passes() || fault.ends_session() => sleep(wait(tries)).await,
                    _ => break,
                }
            }
            panel.trace.send(TraceEvent::Changed);
        }));
    }

    fn engage(&self, engagement: Engagement) {
        let Engagement { task_sid, call, .. } = &engagement;
        let begin = CallEvent::Begin { task: task_sid.clone(), facts: call.clone(), now_ms: now_ms() };
        self.call.send(begin);
        self.notes.send(NotesEvent::Show(Some(task_sid.clone())));
        self.pop.send(PopEvent::Engagement(Box::new(engagement)));
        self.said.send(SaidEvent::Look(self.pop.state.with_untracked(PopModel::ticket)));
    }

    fn idle(&self) {
        self.pop.send(PopEvent::Idle);
        self.call.send(CallEvent::Idle);
        self.said.send(SaidEvent::Look(None));
        self.notes.send(NotesEvent::Show(None));
        self.trace.send(TraceEvent::Idle);
    }

    fn listener(&self) -> Listener {
        let panel = self.clone();
        Rc::new(move |event| match event {
            HostEvent::Dark(dark) => page::set_dark(dark),
            HostEvent::Token { token, locale: tag } => {
                if let Some(tag) = tag {
                    let shown = panel.locale;
                    spawn(Box::pin(async move { shown.set(locale(tag).await) }));
                }
                panel.session.send(SessionEvent::Token(token));
            }
            HostEvent::Engagement { engagement, channel } => {
                panel.channel.set(channel);
                panel.engage(engagement);
            }
            HostEvent::Call { task_sid, call } => {
                panel.call.send(CallEvent::Changed { task: task_sid, facts: call, now_ms: now_ms() });
            }
            HostEvent::ChooseFirst(task) => {
                panel.pop.send(PopEvent::ChooseFirst(task.clone()));
                panel.answer_choice(&task);
            }
            HostEvent::Ended { task_sid, attributes, call } => panel.ended(task_sid, &attributes, &call),
            HostEvent::Idle => panel.idle(),
            HostEvent::Dialed { id, outcome } => panel.report(&id, &outcome),
            HostEvent::TopBar => panel.pop.send(PopEvent::TopBar),
            HostEvent::Shown(notice) => panel.pop.send(PopEvent::Shown(notice)),
            _ => {} // Zendesk's
        })
    }

    fn tell_choice(&self, task: &str, open: bool) {
        let told = words(self.locale.get_untracked().tag).choose_first;
        self.host.choice(task, open, told);
    }

    /// Whoever is kept from completing hears at once that somebody is there, and is led to the choice.
    fn answer_choice(&self, task: &str) {
        let open = self.pop.state.with_untracked(|pop| pop.choice() == Some((task, true)));
        self.tell_choice(task, open);
        if open {
            spawn(Box::pin(focus(CHOICE.into())));
        }
    }

    /// Another ticket, in the agent's Zendesk.
    pub(super) fn open(&self) -> Send<TicketId> {
        let panel = self.clone();
        Rc::new(move |id| {
            let task = panel.pop.state.with_untracked(|pop| pop.task().map(str::to_owned));
            // After its end an engagement still names itself in the address; the ticket is what is shown.
            let path = of_task(task.as_deref().unwrap_or("none"), "/show");
            let api = Rc::clone(&panel.api);
            spawn(Box::pin(async move {
                let _ = api.post(path, api::show(id)).await;
            }));
        })
    }
}

/// Milliseconds until the next try: 2 s, 4, 8, then 15.
fn wait(tries: u32) -> i32 {
    (2_000 << tries.min(3)).min(15_000)
}

fn of_task(task: &str, what: &str) -> String {
    ["/api/engagements/", task, what].concat()
}
