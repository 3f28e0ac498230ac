//! The rows of the shown run, page by page. **Invariant:** what is shown stays until what takes its place has come; a look at rows that change
//! never takes a page away that a person asked for.

use std::rc::Rc;

use wire::{RowList, RowOutcome};

use super::model::IntegrationsEvent;
use crate::console::{Effect, RequestState, read};
use crate::model::fault::Fault;

/// Rows of a page that a person asks for.
const PAGE: usize = 100;
/// As many as the server gives at once.
const MOST: usize = 500;

type Asked = Effect<IntegrationsEvent>;

/// Which rows: of a run, filtered as its query says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Of {
    pub run: String,
    /// `&outcome=rejected`; empty: all.
    pub filter: String,
}

/// A question about rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    of: Of,
    after: u64,
    /// Nobody asked: the run works.
    is_look: bool,
}

/// The rows.
#[derive(Debug, Default, PartialEq)]
pub struct RowPages {
    /// Those that are shown.
    of: Of,
    /// Those that are wanted; the answer is under way where they are others.
    wanted: Of,
    pub rows: Vec<RowOutcome>,
    pub next: Option<u64>,
    /// How the last question of a person stands.
    pub asked: RequestState,
    is_looking: bool,
    looks_again: bool,
}

impl RowPages {
    /// Whether the shown rows are those that are wanted.
    pub fn are_wanted(&self) -> bool {
        self.of == self.wanted
    }

    /// The first page of these rows, please. Those of another run go at once.
    pub fn want(&mut self, of: Of) -> Vec<Asked> {
        if self.of.run != of.run {
            (self.rows, self.next) = (vec![], None);
        }
        (self.wanted, self.asked) = (of, RequestState::Pending);
        (self.is_looking, self.looks_again) = (false, false);
        self.ask(0, PAGE, false)
    }

    /// The next page, please.
    pub fn more(&mut self) -> Vec<Asked> {
        let Some(next) = self.next.filter(|_| self.asked != RequestState::Pending) else { return vec![] };
        self.asked = RequestState::Pending;
        self.ask(next, PAGE, false)
    }

    /// Everything that is shown is looked at anew.
    pub fn look(&mut self) -> Vec<Asked> {
        if self.wanted.run.is_empty() {
            return vec![]; // they are shown to nobody
        }
        if std::mem::replace(&mut self.is_looking, true) {
            self.looks_again = true;
            return vec![];
        }
        self.look_after(0)
    }

    fn look_after(&self, after: u64) -> Vec<Asked> {
        let shown = self.rows.iter().filter(|row| row.seq > after).count();
        self.ask(after, shown.clamp(PAGE, MOST), true)
    }

    /// An answer takes the place of the rows that it is about.
    pub fn answered(&mut self, page: &Page, answer: Result<Rc<RowList>, Fault>) -> Vec<Asked> {
        if page.of != self.wanted {
            return vec![];
        }
        let found = match answer {
            Ok(found) => found,
            Err(_) if page.is_look => return self.looked(),
            Err(fault) => {
                self.asked = RequestState::Failed(fault);
                return vec![];
            }
        };
        if self.of != page.of {
            (self.of, self.rows) = (page.of.clone(), vec![]);
        }
        let end = found.next.unwrap_or(u64::MAX);
        self.rows.retain(|row| row.seq <= page.after || row.seq > end);
        let place = self.rows.iter().take_while(|row| row.seq <= page.after).count();
        let is_last = place == self.rows.len();
        let behind = self.rows.split_off(place);
        self.rows.extend(found.rows.iter().cloned().chain(behind));
        if is_last {
            self.next = found.next;
        }
        match (page.is_look, found.next) {
            (false, _) => self.asked = RequestState::Idle,
            (true, Some(next)) if !is_last => return self.look_after(next),
            (true, _) => return self.looked(),
        }
        vec![]
    }

    fn looked(&mut self) -> Vec<Asked> {
        self.is_looking = false;
        if std::mem::take(&mut self.looks_again) { self.look() } else { vec![] }
    }

    fn ask(&self, after: u64, limit: usize, is_look: bool) -> Vec<Asked> {
        let page = Page { of: self.wanted.clone(), after, is_look };
        let behind = if after == 0 { String::new() } else { ["&after=", &after.to_string()].concat() };
        let (Of { run, filter }, limit) = (&self.wanted, limit.to_string());
        let path = ["/api/runs/", run, "/rows?limit=", &limit, filter, &behind].concat();
        let then = move |answer| IntegrationsEvent::Rows(page, read(answer).map(Rc::new));
        vec![Effect::Get(path, Box::new(then))]
    }
}
