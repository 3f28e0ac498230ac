//! The list of files: when it is asked for, and what follows from what the server says. **Invariant:** a list that cannot be read
//! takes nothing off the screen.

use wire::{ArchiveView, ItemState, Listing};

use super::stage::is_live;
use super::{ArchiveEffect, ArchiveModel, Countdown, Link, Phase, Place};
use crate::model::fault::{Fault, back_off};

impl ArchiveModel {
    pub(super) fn list(&mut self, fresh: bool) -> Vec<ArchiveEffect> {
        self.ask += 1;
        let Some(ticket) = self.ticket else { return vec![] };
        self.is_asking = true;
        vec![ArchiveEffect::List { ask: self.ask, ticket, fresh }]
    }

    pub(super) fn look(&mut self, fresh: bool) -> Vec<ArchiveEffect> {
        if matches!(self.phase, Phase::Closed | Phase::Loading) || self.link == Link::Starting {
            return vec![];
        }
        if self.is_asking {
            self.ask_again |= fresh;
            return vec![];
        }
        self.list(fresh)
    }

    pub(super) fn reload(&mut self) -> Vec<ArchiveEffect> {
        if self.failed() {
            self.phase = Phase::Loading;
        }
        self.list(true)
    }

    pub(super) fn listed(&mut self, result: Result<ArchiveView, Fault>, at: String) -> Vec<ArchiveEffect> {
        self.is_asking = false;
        let ask_again = std::mem::take(&mut self.ask_again);
        let mut effects = match result {
            Ok(view) => self.listed_view(view, at),
            Err(fault) if self.view().is_none() => {
                let again = fault.passes().then(|| back_off(self.failures, fault.retry_after));
                self.failures += 1;
                self.phase = Phase::Failed(fault);
                let later = |seconds| ArchiveEffect::Later { ask: self.ask, seconds };
                return again.map(later).into_iter().collect();
            }
            Err(fault) => {
                self.stale = Some(fault);
                // Until it is known whether the server has begun, the agent is waiting.
                let waiting = self.link == Link::Starting;
                waiting.then_some(ArchiveEffect::Later { ask: self.ask, seconds: 2 }).into_iter().collect()
            }
        };
        if ask_again {
            effects.extend(self.list(true));
        }
        effects
    }

    fn listed_view(&mut self, view: ArchiveView, at: String) -> Vec<ArchiveEffect> {
        self.failures = 0;
        self.stale = None;
        let known = self.latest_run().map(|run| run.id.clone());
        let mut effects = self.adopt(view, at);
        let latest = self.latest_run().map(|run| (run.id.clone(), is_live(run.state)));
        match latest {
            // One that follows another is told by the same stream.
            Some((run, true))
                if self.run().is_none() || self.run() != Some(&run) && known.as_ref() != Some(&run) =>
            {
                effects.extend(self.follow(run));
            }
            Some((_, true)) => {}
            over if self.link == Link::Starting => {
                self.link = Link::Idle;
                self.saw_end = over.map(|(run, _)| run) != known;
                if self.saw_end {
                    self.fault = None;
                } else {
                    self.before.clear();
                }
            }
            _ => {}
        }
        effects
    }

    /// What the server says now. Whatever follows from it is done here, wherever it came from.
    pub(super) fn adopt(&mut self, mut view: ArchiveView, at: String) -> Vec<ArchiveEffect> {
        match view.listing {
            Listing::Fresh => self.fresh_at = Some(at),
            // Only what runs have recorded: the other files are where they were.
            Listing::Missing => {
                let known: Vec<_> = view.items.iter().map(|item| item.attachment_id).collect();
                let others = self.items().iter().filter(|item| !known.contains(&item.attachment_id));
                let others: Vec<_> = others.cloned().collect();
                view.items.extend(others);
            }
            Listing::Last | Listing::Unknown => {}
        }
        self.switch_run(&view);
        self.phase = Phase::Ready(view);
        let mut effects = self.count();
        effects.extend(self.settle_undo());
        let is_over = self.latest_run().is_some_and(|run| !is_live(run.state));
        if is_over && self.run().is_some() {
            effects.extend(self.ended());
        }
        if self.confirm.is_some() && self.confirming().is_empty() {
            self.confirm = None;
            effects.push(ArchiveEffect::Focus(Place::Heading));
        }
        effects
    }

    /// Where the view is of another run than before: which files are not of it.
    fn switch_run(&mut self, view: &ArchiveView) {
        let run = view.run.as_ref().map(|run| &run.id);
        if run == self.latest_run().map(|run| &run.id) {
            return;
        }
        if self.link != Link::Starting && self.own_run.as_ref() != run {
            self.before.clear(); // somebody else's
        }
        let gone = self.items().iter().filter(|item| item.state == ItemState::Redacted);
        let gone: Vec<_> = gone.map(|item| item.attachment_id).collect();
        self.before.extend(gone);
    }

    fn count(&mut self) -> Vec<ArchiveEffect> {
        let until = self.waits_until();
        if until.as_deref() == self.countdown.as_ref().map(|countdown| countdown.until.as_str()) {
            return vec![];
        }
        self.countdown = until.clone().map(|until| Countdown { until, seconds: None });
        until.map(|until| ArchiveEffect::Count { until, now: true }).into_iter().collect()
    }

    pub(super) fn left(&mut self, until: String, seconds: u32) -> Vec<ArchiveEffect> {
        match &mut self.countdown {
            Some(countdown) if countdown.until == until => countdown.seconds = Some(seconds),
            _ => return vec![], // late
        }
        if seconds == 0 { self.settle_undo() } else { vec![ArchiveEffect::Count { until, now: false }] }
    }
}
