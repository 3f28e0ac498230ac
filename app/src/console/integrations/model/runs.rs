//! The chosen integration's runs: the newest, older ones, those in one state, and how fast the shown one writes.

use std::rc::Rc;

use super::{Asked, IDLE, IntegrationsEvent, IntegrationsPage, LOOK, List};
use crate::console::integrations::act::Act;
use crate::console::integrations::reading::{Run, Runs};
use crate::console::{Effect, RequestState, read};
use crate::model::fault::Fault;

impl IntegrationsPage {
    pub(super) fn listed_runs(&mut self, is_older: bool, result: Result<Rc<Runs>, Fault>) -> Vec<Asked> {
        let found = match result {
            Ok(found) => found,
            Err(fault) if self.runs.is_empty() || is_older => {
                self.asked = RequestState::Failed(fault);
                return vec![];
            }
            Err(_) => return vec![], // what is shown stays
        };
        self.asked = RequestState::Idle;
        let worked = self.shown_run().is_some_and(Run::is_working);
        if !is_older {
            // Older runs stay where there can be some.
            let oldest = found.runs.last().filter(|_| found.next.is_some()).map(|run| &run.requested_at);
            self.runs.retain(|run| oldest.is_some_and(|oldest| run.requested_at < *oldest));
        }
        if is_older || self.runs.is_empty() {
            self.older.clone_from(&found.next);
        }
        let place = if is_older { self.runs.len() } else { 0 };
        let behind = self.runs.split_off(place);
        self.runs.extend(found.runs.iter().cloned().chain(behind));
        let Some(shown) = self.shown_run().cloned() else {
            return self.runs.first().map(|first| first.id.clone()).map_or(vec![], |first| self.show(first));
        };
        self.keep_pace(&shown);
        if worked && !shown.is_working() { self.look_into_run() } else { vec![] }
    }

    /// About how many seconds a run goes on to write, by how fast it wrote until now.
    pub fn seconds_left(&self, run: &Run) -> Option<u64> {
        let (_, since, pending) = self.pace.as_ref().filter(|(id, ..)| *id == run.id)?;
        let took = run.runtime_ms?.saturating_sub(*since);
        let left = run.counts.pending;
        (took * left).checked_div(pending.saturating_sub(left) * 1000).filter(|_| left > 0)
    }

    fn keep_pace(&mut self, run: &Run) {
        if run.phase != "delivering" || !run.is_working() {
            self.pace = None;
        } else if self.pace.as_ref().is_none_or(|(id, ..)| *id != run.id) {
            self.pace = Some((run.id.clone(), run.runtime_ms.unwrap_or_default(), run.counts.pending));
        }
    }

    pub(super) fn ask_runs(&mut self) -> Vec<Asked> {
        self.asked = RequestState::Pending;
        self.runs_of(None)
    }

    /// The chosen integration's runs, in the chosen state.
    pub(super) fn runs_path(&self) -> Option<String> {
        let state = if self.state.is_empty() { String::new() } else { ["&state=", self.state].concat() };
        Some(["/api/runs?integration=", self.chosen.as_deref()?, &state].concat())
    }

    pub(super) fn runs_of(&self, before: Option<&str>) -> Vec<Asked> {
        let Some(of) = self.runs_path() else { return vec![] };
        let is_older = before.is_some();
        let path = before.map_or_else(|| of.clone(), |before| [&of, "&before=", before].concat());
        let then = move |answer| IntegrationsEvent::Runs(of, is_older, read(answer).map(Rc::new));
        vec![Effect::Get(path, Box::new(then))]
    }

    /// Looks again: soon while a run works, and now and then for those that begin elsewhere.
    pub(super) fn look_later(&mut self) -> Vec<Asked> {
        let List::Ready(listing) = &self.list else { return vec![] };
        let mut runs = listing.integrations.iter().filter_map(|one| one.last_run.as_ref()).chain(&self.runs);
        let (is_due, wait, event) = if runs.any(|run| self.goes_on(run)) {
            (&mut self.is_looking, LOOK, IntegrationsEvent::Look)
        } else {
            (&mut self.is_idle, IDLE, IntegrationsEvent::Idle)
        };
        if std::mem::replace(is_due, true) {
            return vec![];
        }
        vec![Effect::Wait(wait, Box::new(|()| event))]
    }

    /// Whether an integration has a run at work, beside which its buttons start none.
    pub(super) fn is_busy_with(&self, act: &Act) -> bool {
        let Act::Start { integration, kind: "run" | "dry", accept: None } = act else { return false };
        self.named(integration).and_then(|one| one.last_run.as_ref()).is_some_and(Run::is_working)
    }
}
