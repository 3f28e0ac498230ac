//! A ticket's files on their way into the archive. What is on the screen is never lost to a lost server, and what leaves
//! Zendesk is what the agent saw when they confirmed.

mod events;
mod listing;
mod stage;
mod undo;

use wire::{ArchiveItem, ArchiveView, AttachmentId, ItemReason, ItemState, RunView, StartedRun, TicketId};

use super::Model;
use super::fault::Fault;

pub use events::{ArchiveEffect, ArchiveEvent, Place, Which};
pub use stage::{Progress, Stage, can_go, copied, is_live, is_taken_back};
pub use undo::{Undo, UndoFailed};

/// The archive of one ticket.
#[derive(Debug, Default, PartialEq)]
pub struct ArchiveModel {
    /// Names the question that is open; answers to earlier ones change nothing.
    ask: u32,
    /// The list has been asked for.
    is_asking: bool,
    /// Something changed meanwhile.
    ask_again: bool,
    failures: u32,
    ticket: Option<TicketId>,
    /// The run that the agent has started.
    own_run: Option<String>,
    /// Files that are not of the run under way: they had left before, or were not asked for.
    before: Vec<AttachmentId>,
    /// The files on the screen when the agent asked for some of them; none before. Others arrived later.
    on_screen: Vec<AttachmentId>,
    /// What the agent asked for then.
    wanted: Vec<AttachmentId>,
    /// What the agent sees.
    pub phase: Phase,
    /// What the agent is asked to confirm.
    pub confirm: Option<Which>,
    /// How we follow a run.
    pub link: Link,
    /// What the agent takes back.
    pub undo: Undo,
    /// The time to undo, once every copy is checked.
    countdown: Option<Countdown>,
    /// The agent saw the latest run end, and has asked for nothing since.
    pub saw_end: bool,
    /// Why the last wish was not granted.
    pub fault: Option<Fault>,
    /// Why the list is not newer.
    pub stale: Option<Fault>,
    /// When the list came fresh from Zendesk, RFC 3339 UTC.
    pub fresh_at: Option<String>,
}

/// What the agent sees.
#[derive(Debug, Default, PartialEq)]
pub enum Phase {
    /// No saved ticket, or not yet known who asks.
    #[default]
    Closed,
    /// Asked for the first time.
    Loading,
    /// The ticket's files.
    Ready(ArchiveView),
    /// No list, and none known from before; we try again by ourselves where that may help.
    Failed(Fault),
}

/// How we follow a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Link {
    /// There is none to follow.
    #[default]
    Idle,
    /// The server has been asked to begin. It may have begun although its answer was lost; then the list says so.
    Starting,
    /// Its progress arrives.
    Following(String),
    /// The server was lost; we are trying to reach it.
    Reconnecting(String),
}

#[derive(Debug, PartialEq)]
struct Countdown {
    /// As the server wrote it.
    until: String,
    seconds: Option<u32>,
}

impl Model for ArchiveModel {
    type Event = ArchiveEvent;
    type Effect = ArchiveEffect;

    fn update(mut self, event: ArchiveEvent) -> (Self, Vec<ArchiveEffect>) {
        use ArchiveEvent as E;
        let effects = match event {
            E::Open(ticket) => self.open(ticket),
            E::Listed { ask, at, result } if ask == self.ask => self.listed(result, at),
            E::Reload => self.reload(),
            E::Look { fresh } => self.look(fresh),
            E::Due { ask } if ask == self.ask => self.list(true),
            E::Wish(which) => self.wish(which),
            E::Cancel => self.cancel(),
            E::Confirm => self.start(),
            E::Started { ask, result } if ask == self.ask => self.started(result),
            E::Show(id) => {
                self.fault = None;
                vec![ArchiveEffect::Show(id)]
            }
            E::NotShown(fault) => {
                self.fault = Some(fault);
                vec![]
            }
            E::Undo(only) => self.undo(only),
            E::UndoAnswered { run, only, at, result } => self.undo_answered(run, only, at, result),
            E::Left { until, seconds } => self.left(until, seconds),
            E::Progress { run, at, view } if self.run() == Some(&run) => {
                self.link = Link::Following(run);
                self.adopt(view, at)
            }
            E::Ended { run } if self.run() == Some(&run) => self.ended(),
            E::Lost { run } if self.run() == Some(&run) => {
                self.link = Link::Reconnecting(run);
                vec![]
            }
            _ => vec![], // late
        };
        (self, effects)
    }
}

impl ArchiveModel {
    /// The files, where they are known.
    #[must_use]
    pub fn view(&self) -> Option<&ArchiveView> {
        if let Phase::Ready(view) = &self.phase { Some(view) } else { None }
    }

    /// Whether there is no list to show.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.phase, Phase::Failed(_))
    }

    /// Whether a run is under way, or about to be.
    #[must_use]
    pub fn live(&self) -> bool {
        self.link != Link::Idle
    }

    /// Whether the agent may start runs, as far as the server has said.
    #[must_use]
    pub fn may_start(&self) -> bool {
        self.view().is_some_and(|view| view.may_start != Some(false))
    }

    /// Whether the agent can ask for files now: not while they are asked something, or a wish is on its way.
    #[must_use]
    pub fn may_wish(&self) -> bool {
        self.may_start() && self.confirm.is_none() && self.link != Link::Starting
    }

    /// Files that the agent can still put away.
    #[must_use]
    pub fn candidates(&self, which: Which) -> Vec<&ArchiveItem> {
        let fits = |item: &&ArchiveItem| {
            can_go(item)
                && match which {
                    Which::All => true,
                    Which::One(id) => item.attachment_id == id,
                    Which::Failed => item.state == ItemState::Failed,
                    Which::New => self.is_new(item),
                }
        };
        self.items().iter().filter(fits).collect()
    }

    /// Files that arrived after the agent had asked for others.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.items().iter().filter(|item| self.is_new(item)).count()
    }

    /// Files that go when the agent confirms: those that were on the screen when they asked, as far as they can still go.
    #[must_use]
    pub fn confirming(&self) -> Vec<&ArchiveItem> {
        self.items().iter().filter(|item| can_go(item) && self.wanted.contains(&item.attachment_id)).collect()
    }

    /// What is in the way of the run on the screen, or was when the agent saw it end.
    #[must_use]
    pub fn run_problem(&self) -> Option<&ItemReason> {
        self.latest_run().filter(|_| self.live() || self.saw_end)?.problem.as_ref()
    }

    /// Files that are still in Zendesk.
    #[must_use]
    pub fn in_zendesk(&self) -> usize {
        self.items().iter().filter(|item| item.state != ItemState::Redacted).count()
    }

    /// Files that the latest run has put away; all that ever were, where we did not see it begin.
    #[must_use]
    pub fn archived(&self) -> usize {
        let gone = self.items().iter().filter(|item| item.state == ItemState::Redacted);
        gone.filter(|item| !self.before.contains(&item.attachment_id)).count()
    }

    fn is_new(&self, item: &ArchiveItem) -> bool {
        let is_known = self.on_screen.is_empty() || self.on_screen.contains(&item.attachment_id);
        !is_known && item.state == ItemState::InZendesk
    }

    fn items(&self) -> &[ArchiveItem] {
        self.view().map(|view| view.items.as_slice()).unwrap_or_default()
    }

    fn latest_run(&self) -> Option<&RunView> {
        self.view()?.run.as_ref()
    }

    fn run(&self) -> Option<&str> {
        match &self.link {
            Link::Following(run) | Link::Reconnecting(run) => Some(run),
            Link::Idle | Link::Starting => None,
        }
    }

    fn open(&mut self, ticket: Option<TicketId>) -> Vec<ArchiveEffect> {
        if ticket == self.ticket {
            return vec![];
        }
        *self = Self { ask: self.ask, ticket, ..Self::default() };
        if ticket.is_some() {
            self.phase = Phase::Loading;
        }
        let mut effects = vec![ArchiveEffect::Unfollow];
        effects.extend(self.list(false));
        effects
    }

    fn wish(&mut self, which: Which) -> Vec<ArchiveEffect> {
        let wanted: Vec<_> = self.candidates(which).iter().map(|item| item.attachment_id).collect();
        if self.link == Link::Starting || wanted.is_empty() {
            return vec![];
        }
        self.on_screen = self.items().iter().map(|item| item.attachment_id).collect();
        self.wanted = wanted;
        self.fault = None;
        self.undo.failed = None;
        self.saw_end = false;
        self.confirm = Some(which);
        vec![ArchiveEffect::Focus(Place::Confirmation)]
    }

    fn cancel(&mut self) -> Vec<ArchiveEffect> {
        if !self.live() {
            self.on_screen.clear();
        }
        self.confirm.take().map(|which| ArchiveEffect::Focus(Place::Button(which))).into_iter().collect()
    }

    fn start(&mut self) -> Vec<ArchiveEffect> {
        let (Some(_), Some(ticket)) = (self.confirm, self.ticket) else { return vec![] };
        self.confirm = None;
        let ids: Vec<_> = self.confirming().iter().map(|item| item.attachment_id).collect();
        if self.live() {
            self.before.retain(|id| !ids.contains(id)); // they join, or are next
        } else {
            let others = self.items().iter().map(|item| item.attachment_id);
            self.before = others.filter(|id| !ids.contains(id)).collect();
            self.link = Link::Starting;
        }
        self.ask += 1;
        self.is_asking = false;
        vec![ArchiveEffect::Start { ask: self.ask, ticket, ids }, ArchiveEffect::Focus(Place::Heading)]
    }

    fn started(&mut self, result: Result<StartedRun, Fault>) -> Vec<ArchiveEffect> {
        match result {
            Ok(StartedRun { run }) => {
                self.own_run = Some(run.id.clone());
                let mut effects = self.follow(run.id);
                effects.extend(self.list(true)); // what arrived while the agent was asked
                effects
            }
            Err(fault) => {
                if self.link == Link::Starting && !fault.passes() {
                    self.link = Link::Idle;
                    self.before.clear();
                }
                self.fault = Some(fault);
                self.list(true) // it may have begun, or the screen was too old
            }
        }
    }

    fn follow(&mut self, run: String) -> Vec<ArchiveEffect> {
        self.link = Link::Following(run.clone());
        self.fault = None;
        self.saw_end = false;
        vec![ArchiveEffect::Follow(run)]
    }

    /// Whether another run follows, the list says.
    fn ended(&mut self) -> Vec<ArchiveEffect> {
        self.link = Link::Idle;
        self.saw_end = true;
        let mut effects = vec![ArchiveEffect::Unfollow];
        effects.extend(self.settle_undo());
        effects.extend(self.list(true));
        effects
    }
}

#[cfg(test)]
mod tests;
