//! Everything that runs in one sidebar, and how each effect is carried out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wire::{SessionDocument, TicketId};

use super::dial;
use super::machine::Machine;
use super::session::{self, SignedIn};
use super::state::State;
use crate::api::{Api, follow, read, start as start_body};
use crate::host::clock::{milliseconds_until, now_utc};
use crate::host::keyboard::focus;
use crate::host::page::{Gate, is_seen, open_tab, sleep, spawn};
use crate::host::{Host, Subscription};
use crate::i18n::Locale;
use crate::model::archive::{ArchiveEffect, ArchiveEvent, ArchiveModel, Place};
use crate::model::card::{CardEffect, CardEvent, CardModel, Subject};
use crate::model::dial::{DialModel, Phase};
use crate::model::session::{SessionEvent, SessionModel};
use crate::screens::files::button_id;

/// Milliseconds between two looks at the list of files, while the agent sees it.
const LOOK: i32 = 30_000;
/// Milliseconds in which what an update of the ticket sets off, as the archive's tag does, has begun.
const AFTER_UPDATE: i32 = 4_000;

/// One sidebar.
#[derive(Clone)]
pub(super) struct Desk {
    pub host: Rc<dyn Host>,
    pub api: Rc<Api>,
    pub locale: State<Locale>,
    pub session: Machine<SessionModel>,
    pub card: Machine<CardModel>,
    pub archive: Machine<ArchiveModel>,
    pub dial: Machine<DialModel>,
    /// The saved ticket beside which we stand; the workspace says it when it registers us.
    pub ticket: Rc<Cell<Option<TicketId>>>,
    /// Open once there is something to show: a card, why there is none, or that nobody is to be asked about.
    pub answered: Gate,
    /// There is no screen: what the agent is to know, the workspace says.
    pub speaks: Rc<Cell<bool>>,
    follower: Rc<RefCell<Option<Subscription>>>,
    /// The list is read again soon: nothing is missed until then.
    looks_again: Rc<Cell<bool>>,
    kept: Rc<RefCell<Vec<Subscription>>>,
}

impl Desk {
    pub(super) fn new(host: Rc<dyn Host>, locale: Locale) -> Self {
        let desk = Self {
            host,
            api: Rc::new(Api::started()),
            locale: State::new(locale),
            session: Machine::new(),
            card: Machine::new(),
            archive: Machine::new(),
            dial: Machine::new(),
            ticket: Rc::default(),
            answered: Gate::shut(),
            speaks: Rc::default(),
            follower: Rc::default(),
            looks_again: Rc::default(),
            kept: Rc::default(),
        };
        let (this, answered) = (desk.clone(), desk.answered.clone());
        let signed_in: SignedIn = Rc::new(move |document| this.signed_in(document.proved));
        session::keep(desk.session, Rc::clone(&desk.host), &desk.api, signed_in, move || answered.open());
        let this = desk.clone();
        desk.card.perform(move |effect| this.card_effect(effect));
        let this = desk.clone();
        desk.archive.perform(move |effect| this.archive_effect(effect));
        let (ticket, this) = (Rc::clone(&desk.ticket), desk.clone());
        dial::keep(desk.dial, &desk.api, move || ticket.get(), move || this.speak());
        desk
    }

    /// Listens for as long as the panel lives.
    pub(super) fn keep(&self, subscription: Subscription) {
        self.kept.borrow_mut().push(subscription);
    }

    /// The workspace shows this one now, or nobody.
    pub(super) fn look(&self, subject: Option<Subject>) {
        self.card.send(CardEvent::Look(subject));
        if subject.is_none() {
            self.answered.open();
        }
    }

    fn card_effect(&self, effect: CardEffect) {
        let desk = self.clone();
        spawn(Box::pin(async move {
            match effect {
                CardEffect::Fetch { ask, subject, refresh } => {
                    let path = match subject {
                        Subject::Ticket(id) => ["/api/tickets/", &id.to_string(), "/card"].concat(),
                        Subject::Customer(id) => ["/api/customers/", &id.to_string(), "/card"].concat(),
                    };
                    let path = if refresh { path + "?refresh=true" } else { path };
                    if refresh {
                        desk.archive.send(ArchiveEvent::Look { fresh: true });
                    }
                    let result = desk.api.get(path).await.and_then(read).map(Box::new);
                    let mended = result.is_ok() && desk.archive.state.with_untracked(ArchiveModel::failed);
                    desk.card.send(CardEvent::Answer { ask, result });
                    if mended {
                        desk.archive.send(ArchiveEvent::Look { fresh: false });
                    }
                    desk.answered.open();
                }
                CardEffect::Tick { ask } => {
                    sleep(1000).await;
                    desk.card.send(CardEvent::Tick { ask });
                }
            }
        }));
    }

    fn archive_effect(&self, effect: ArchiveEffect) {
        let (desk, archive) = (self.clone(), self.archive);
        match effect {
            ArchiveEffect::Follow(run) => {
                let Some(ticket) = self.ticket.get() else { return };
                let tell = Rc::new(move |event| archive.send(event));
                let follower = follow(Rc::clone(&self.api), ticket, run, tell);
                self.follower.replace(Some(follower));
            }
            ArchiveEffect::Unfollow => drop(self.follower.take()),
            ArchiveEffect::Focus(place) => spawn(Box::pin(focus(match place {
                Place::Confirmation => "archive-confirmation".into(),
                Place::Heading => "archive-title".into(),
                Place::Button(which) => button_id(which),
            }))),
            ArchiveEffect::List { ask, ticket, fresh } => spawn(Box::pin(async move {
                let path = archive_path(ticket);
                let path = if fresh { path + "?refresh=true" } else { path };
                let result = desk.api.get(path).await.and_then(read);
                archive.send(ArchiveEvent::Listed { ask, at: now_utc(), result });
            })),
            ArchiveEffect::Later { ask, seconds } => spawn(Box::pin(async move {
                sleep(milliseconds(seconds)).await;
                archive.send(ArchiveEvent::Due { ask });
            })),
            ArchiveEffect::Start { ask, ticket, ids } => spawn(Box::pin(async move {
                let result = desk.api.post(archive_path(ticket), start_body(Some(&ids))).await.and_then(read);
                archive.send(ArchiveEvent::Started { ask, result });
            })),
            ArchiveEffect::Undo { run, only, after } => spawn(Box::pin(async move {
                sleep(milliseconds(after)).await;
                let body = start_body(only.as_ref().map(std::slice::from_ref));
                let path = ["/api/archive/runs/", &run, "/cancel"].concat();
                let result = desk.api.post(path, body).await.and_then(read);
                archive.send(ArchiveEvent::UndoAnswered { run, only, at: now_utc(), result });
            })),
            ArchiveEffect::Count { until, now } => spawn(Box::pin(async move {
                let Some(left) = milliseconds_until(&until) else { return };
                if !now {
                    sleep(left.max(0) % 1000 + 1).await;
                }
                let left = milliseconds_until(&until).unwrap_or_default();
                archive.send(ArchiveEvent::Left {
                    until,
                    seconds: u32::try_from(left / 1000).unwrap_or_default(),
                });
            })),
            ArchiveEffect::Show(id) => spawn(Box::pin(async move {
                let path = ["/api/archive/items/", &id.to_string(), "/link"].concat();
                match desk.api.post(path, "{}".into()).await {
                    Ok(mut link) => open_tab(&link.take("url").text().unwrap_or_default()),
                    Err(fault) => archive.send(ArchiveEvent::NotShown(fault)),
                }
            })),
        }
    }

    /// Reads the list of files again and again while the agent sees it.
    pub(super) fn look_out(&self) {
        let archive = self.archive;
        spawn(Box::pin(async move {
            loop {
                sleep(LOOK).await;
                if is_seen() {
                    archive.send(ArchiveEvent::Look { fresh: false });
                }
            }
        }));
    }

    /// The ticket was updated: its files may be others now, or in a moment.
    pub(super) fn updated(&self) {
        if self.looks_again.replace(true) {
            return;
        }
        let (archive, again) = (self.archive, Rc::clone(&self.looks_again));
        archive.send(ArchiveEvent::Look { fresh: true });
        spawn(Box::pin(async move {
            sleep(AFTER_UPDATE).await;
            again.set(false);
            archive.send(ArchiveEvent::Look { fresh: true });
        }));
    }

    /// The agent is back, or the network is: nothing waits any longer.
    pub(super) fn returned(&self) {
        self.card.send(CardEvent::Returned);
        self.archive.send(ArchiveEvent::Look { fresh: false });
    }

    /// What became of a number that was pressed.
    fn speak(&self) {
        if !self.speaks.get() {
            return;
        }
        let (host, locale) = (&self.host, self.locale.get_untracked());
        self.dial.state.with_untracked(|model| match &model.phase {
            Phase::Failed(why) => host.notify(&locale.fault(why), true),
            Phase::Calling(to) => host.notify(&(locale.words().calling)(to), false),
            Phase::Idle | Phase::Asking(_) => {}
        });
    }

    /// Follows the page's session.
    pub(super) fn begin(&self, session: Option<SessionDocument>) {
        if let Some(session) = session {
            self.session.send(SessionEvent::Document(session));
        }
    }

    /// From now on the server knows us.
    fn signed_in(&self, proved: bool) {
        if proved {
            self.card.send(CardEvent::Proved);
            self.archive.send(ArchiveEvent::Open(self.ticket.get()));
        }
    }
}

fn milliseconds(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX / 1000).saturating_mul(1000)
}

fn archive_path(ticket: TicketId) -> String {
    ["/api/tickets/", &ticket.to_string(), "/archive"].concat()
}
