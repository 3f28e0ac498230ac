//! A ticket's files on their way into the archive. What is on the screen is never lost to a lost server.

mod events;

use wire::{ArchiveItem, ArchiveView, AttachmentId, ErrorCode, ItemState, RunState, StartedRun, TicketId};

use super::Model;
use super::fault::{Fault, back_off};

pub use events::{ArchiveEffect, ArchiveEvent, Place, Which};

/// The archive of one ticket.
#[derive(Debug, Default, PartialEq)]
pub struct ArchiveModel {
    /// Names the question that is open; answers to earlier ones change nothing.
    ask: u32,
    failures: u32,
    ticket: Option<TicketId>,
    /// Files that had left before the run that is under way; they are not its progress.
    before: Vec<AttachmentId>,
    /// What the agent sees.
    pub phase: Phase,
    /// What the agent is asked to confirm.
    pub confirm: Option<Which>,
    /// How we follow a run.
    pub link: Link,
    /// Why the last wish was not granted.
    pub fault: Option<Fault>,
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
    /// No list, and none known from before.
    Failed {
        /// Why.
        fault: Fault,
        /// Seconds until we try again by ourselves.
        retry_in: Option<u32>,
    },
}

/// How we follow a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Link {
    /// There is none to follow.
    #[default]
    Idle,
    /// The server has been asked to begin.
    Starting,
    /// Its progress arrives.
    Following(String),
    /// The server was lost; we are trying to reach it.
    Reconnecting(String),
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that need nothing more.
    pub settled: usize,
    /// Files in the run.
    pub total: usize,
    /// Of all the work.
    pub percent: u32,
}

impl Model for ArchiveModel {
    type Event = ArchiveEvent;
    type Effect = ArchiveEffect;

    fn update(mut self, event: ArchiveEvent) -> (Self, Vec<ArchiveEffect>) {
        let effects = match event {
            ArchiveEvent::Open(ticket) => self.open(ticket),
            ArchiveEvent::Listed { ask, result } if ask == self.ask => self.listed(result),
            ArchiveEvent::Reload => self.reload(),
            ArchiveEvent::Wish(which) => self.wish(which),
            ArchiveEvent::Cancel => self
                .confirm
                .take()
                .map(|which| ArchiveEffect::Focus(Place::Button(which)))
                .into_iter()
                .collect(),
            ArchiveEvent::Confirm => self.start(),
            ArchiveEvent::Started { ask, result } if ask == self.ask => self.started(result),
            ArchiveEvent::Show(id) => {
                self.fault = None;
                vec![ArchiveEffect::Show(id)]
            }
            ArchiveEvent::NotShown(fault) => {
                self.fault = Some(fault);
                vec![]
            }
            ArchiveEvent::Undo(only) => {
                let undo = |run: &str| ArchiveEffect::Undo { run: run.to_owned(), only };
                self.run().map(undo).into_iter().collect()
            }
            ArchiveEvent::Progress { run, view } if self.run() == Some(&run) => {
                self.link = Link::Following(run);
                self.phase = Phase::Ready(view);
                vec![]
            }
            ArchiveEvent::Ended { run } if self.run() == Some(&run) => self.ended(),
            ArchiveEvent::Lost { run } if self.run() == Some(&run) => {
                self.link = Link::Reconnecting(run);
                vec![]
            }
            ArchiveEvent::Tick { ask } if ask == self.ask => self.tick(),
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
        matches!(self.phase, Phase::Failed { .. })
    }

    /// Whether a run is under way, or about to be.
    #[must_use]
    pub fn live(&self) -> bool {
        self.link != Link::Idle
    }

    /// Files that the agent can still put away.
    #[must_use]
    pub fn candidates(&self, which: Which) -> Vec<&ArchiveItem> {
        let fits = |item: &&ArchiveItem| match which {
            Which::All => can_go(item) || item.state == ItemState::Failed,
            Which::One(id) => item.attachment_id == id,
            Which::Failed => item.state == ItemState::Failed,
        };
        self.view().map(|view| view.items.iter().filter(fits).collect()).unwrap_or_default()
    }

    /// How far the run is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let items = self.view().map(|view| view.items.as_slice()).unwrap_or_default();
        let of_run = items
            .iter()
            .filter(|item| item.state != ItemState::InZendesk && !self.before.contains(&item.attachment_id));
        let (mut settled, mut total, mut sum) = (0, 0, 0);
        for item in of_run {
            total += 1;
            settled += usize::from(is_settled(item.state));
            sum += percent(item);
        }
        let percent = u32::try_from(total).ok().filter(|total| *total > 0).map_or(0, |total| sum / total);
        Progress { settled, total, percent }
    }

    /// Files that the latest run has put away; all that ever were, where we did not see it begin.
    #[must_use]
    pub fn archived(&self) -> usize {
        let items = self.view().map(|view| view.items.as_slice()).unwrap_or_default();
        let gone = items.iter().filter(|item| item.state == ItemState::Redacted);
        gone.filter(|item| !self.before.contains(&item.attachment_id)).count()
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
        let ask = self.ask + 1;
        *self = Self { ask, ticket, ..Self::default() };
        let Some(ticket) = ticket else { return vec![ArchiveEffect::Unfollow] };
        self.phase = Phase::Loading;
        vec![ArchiveEffect::Unfollow, ArchiveEffect::List { ask, ticket }]
    }

    fn list(&mut self) -> Vec<ArchiveEffect> {
        self.ask += 1;
        let ask = self.ask;
        self.ticket.map(|ticket| ArchiveEffect::List { ask, ticket }).into_iter().collect()
    }

    fn reload(&mut self) -> Vec<ArchiveEffect> {
        if self.live() {
            return vec![];
        }
        if matches!(self.phase, Phase::Failed { .. }) {
            self.phase = Phase::Loading;
        }
        self.list()
    }

    fn listed(&mut self, result: Result<ArchiveView, Fault>) -> Vec<ArchiveEffect> {
        match result {
            Ok(view) => {
                self.failures = 0;
                self.fault = None;
                let live = view.run.as_ref().filter(|run| is_live(run.state)).map(|run| run.id.clone());
                self.phase = Phase::Ready(view);
                let Some(run) = live else { return vec![] };
                self.link = Link::Following(run.clone());
                vec![ArchiveEffect::Follow(run)]
            }
            Err(fault) if self.view().is_some() => {
                self.fault = Some(fault);
                vec![]
            }
            Err(fault) => {
                let retry_in = fault.passes().then(|| back_off(self.failures, fault.retry_after));
                self.failures += 1;
                self.phase = Phase::Failed { fault, retry_in };
                retry_in.map(|_| ArchiveEffect::Tick { ask: self.ask }).into_iter().collect()
            }
        }
    }

    fn wish(&mut self, which: Which) -> Vec<ArchiveEffect> {
        if self.live() || self.candidates(which).is_empty() {
            return vec![];
        }
        self.fault = None;
        self.confirm = Some(which);
        vec![ArchiveEffect::Focus(Place::Confirmation)]
    }

    fn start(&mut self) -> Vec<ArchiveEffect> {
        let (Some(which), Some(ticket), false) = (self.confirm, self.ticket, self.live()) else {
            return vec![];
        };
        let wanted: Vec<AttachmentId> =
            self.candidates(which).iter().map(|item| item.attachment_id).collect();
        let items = self.view().map(|view| view.items.as_slice()).unwrap_or_default();
        self.before = items.iter().map(|item| item.attachment_id).filter(|id| !wanted.contains(id)).collect();
        self.confirm = None;
        self.link = Link::Starting;
        self.ask += 1;
        let ids = (which != Which::All).then_some(wanted);
        vec![ArchiveEffect::Start { ask: self.ask, ticket, ids }, ArchiveEffect::Focus(Place::Heading)]
    }

    fn started(&mut self, result: Result<StartedRun, Fault>) -> Vec<ArchiveEffect> {
        match result {
            Ok(StartedRun { run }) => {
                self.link = Link::Following(run.id.clone());
                vec![ArchiveEffect::Follow(run.id)]
            }
            Err(fault) => {
                self.link = Link::Idle;
                self.before.clear();
                self.fault = Some(fault);
                vec![]
            }
        }
    }

    /// The stream has ended; only the list says how.
    fn ended(&mut self) -> Vec<ArchiveEffect> {
        self.link = Link::Idle;
        let over = self.view().and_then(|view| view.run.as_ref()).is_some_and(|run| !is_live(run.state));
        let mut effects = vec![ArchiveEffect::Unfollow];
        if !over {
            effects.extend(self.list());
        }
        effects
    }

    fn tick(&mut self) -> Vec<ArchiveEffect> {
        match &mut self.phase {
            Phase::Failed { retry_in: Some(0 | 1), .. } => self.reload(),
            Phase::Failed { retry_in: Some(seconds), .. } => {
                *seconds -= 1;
                vec![ArchiveEffect::Tick { ask: self.ask }]
            }
            _ => vec![],
        }
    }
}

/// Whether the run will still change something.
#[must_use]
pub fn is_live(state: RunState) -> bool {
    matches!(state, RunState::Queued | RunState::Running | RunState::Unknown)
}

/// Whether an agent's wish can move it: what was taken back or held can go another time.
#[must_use]
pub fn can_go(item: &ArchiveItem) -> bool {
    match item.state {
        ItemState::InZendesk | ItemState::Held => true,
        ItemState::Skipped => item.reason_code == Some(ErrorCode::ArchiveCancelled),
        _ => false,
    }
}

fn is_settled(state: ItemState) -> bool {
    matches!(state, ItemState::Redacted | ItemState::Skipped | ItemState::Held | ItemState::Failed)
}

/// How far one file is: copying is most of the way.
#[must_use]
pub fn percent(item: &ArchiveItem) -> u32 {
    match item.state {
        ItemState::InZendesk | ItemState::Unknown => 0,
        ItemState::Planned if item.size == 0 => 0,
        ItemState::Planned => u32::try_from(item.done.min(item.size) * 60 / item.size).unwrap_or(60),
        ItemState::Stored => 70,
        ItemState::Verified => 85,
        ItemState::Redacted | ItemState::Skipped | ItemState::Held | ItemState::Failed => 100,
    }
}

#[cfg(test)]
mod tests;
