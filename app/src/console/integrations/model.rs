//! The page of integrations: a list; of the chosen one its runs; of the chosen run what became of its rows. While a run works, it looks
//! again every second.

use std::rc::Rc;

use wire::{RowList, RowOutcome};

use super::reading::{Listing, OneRun, Preview, Run, Runs};
use crate::console::{Effect, RequestState, read};
use crate::json::quote;
use crate::model::Model;
use crate::model::fault::Fault;

/// Milliseconds between two looks at a run that works.
const LOOK: i32 = 1000;

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct IntegrationsPage {
    pub list: List,
    /// The chosen integration's id.
    pub chosen: Option<String>,
    /// Its runs, newest first.
    pub runs: Vec<Run>,
    /// The chosen run's id.
    pub shown: Option<String>,
    /// Only rows of this outcome; empty: all.
    pub outcome: String,
    pub rows: Vec<RowOutcome>,
    pub next: Option<u64>,
    /// How the last question about runs and rows stands.
    pub asked: RequestState,
    /// How what an admin last did stands.
    pub acted: RequestState,
    /// The integration whose first rows are shown.
    pub previewed: Option<String>,
    /// Those rows.
    pub preview: Option<Rc<Preview>>,
    /// How the question about them stands.
    pub looked: RequestState,
    /// How the last file stands.
    pub saved: RequestState,
    /// The run that an admin confirmed: it waits until its job begins.
    confirmed: Option<String>,
    /// A look is due already.
    is_looking: bool,
}

/// The list.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum List {
    #[default]
    Waiting,
    Failed(Fault),
    Ready(Rc<Listing>),
}

/// What an admin does with an integration or a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Starts a run of this kind; `accept` is the dry run that was seen.
    Start {
        integration: String,
        kind: &'static str,
        accept: Option<String>,
    },
    /// Lets a run go on that stopped.
    Confirm(String),
    Cancel(String),
    /// Sends the rejected and waiting rows of a run again.
    Retry(String),
    /// Sends the row of this key.
    Row {
        integration: String,
        key: String,
    },
}

/// What of a run becomes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    Log,
    Csv,
    JsonLines,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum IntegrationsEvent {
    Open,
    Listed(Result<Rc<Listing>, Fault>),
    /// This integration's runs, please.
    Choose(String),
    Runs(String, Result<Rc<Runs>, Fault>),
    /// This run's rows, please.
    Show(String),
    /// Rows of this outcome.
    Filter(String),
    More,
    Rows(String, Result<Rc<RowList>, Fault>),
    Do(Act),
    Done(Result<Rc<OneRun>, Fault>),
    Look,
    /// The first rows of this integration's model, please.
    Preview(String),
    Previewed(String, Result<Rc<Preview>, Fault>),
    ClosePreview,
    /// The chosen run as a file, please.
    Save(File),
    Saved(Result<(), Fault>),
    /// The form with a row's key was sent.
    Key,
    Typed(Vec<Option<String>>),
}

/// The form with a row's key, and its only field.
pub const KEY_FORM: &str = "row-by-key";
pub const KEY: &str = "row_key";

type Asked = Effect<IntegrationsEvent>;

impl Model for IntegrationsPage {
    type Event = IntegrationsEvent;
    type Effect = Asked;

    fn update(mut self, event: IntegrationsEvent) -> (Self, Vec<Asked>) {
        use IntegrationsEvent as E;
        let effects = match event {
            E::Open => vec![list()],
            E::Listed(Ok(listing)) => {
                self.list = List::Ready(listing);
                self.look_later()
            }
            // What is shown stays, and stays true, where only a look failed.
            E::Listed(Err(_)) if matches!(self.list, List::Ready(_)) => self.look_later(),
            E::Listed(Err(fault)) => {
                self.list = List::Failed(fault);
                vec![]
            }
            E::Choose(id) => {
                (self.runs, self.shown, self.acted) = (vec![], None, RequestState::Idle);
                self.asked = RequestState::Pending;
                let effect = runs(&id);
                self.chosen = Some(id);
                vec![effect]
            }
            E::Runs(id, result) if self.chosen.as_ref() == Some(&id) => self.listed_runs(result),
            E::Show(id) => self.show(id),
            E::Filter(outcome) => {
                self.outcome = if self.outcome == outcome { String::new() } else { outcome };
                self.rows_anew()
            }
            E::More => self.more(),
            E::Rows(run, result) if self.shown.as_ref() == Some(&run) => {
                match result {
                    Ok(found) => {
                        let known = self.rows.last().map_or(0, |row| row.seq);
                        self.rows.extend(found.rows.iter().filter(|row| row.seq > known).cloned());
                        self.next = found.next;
                        self.asked = RequestState::Idle;
                    }
                    Err(fault) => self.asked = RequestState::Failed(fault),
                }
                vec![]
            }
            E::Do(act) if self.acted != RequestState::Pending => {
                self.acted = RequestState::Pending;
                vec![act.asked()]
            }
            E::Done(Ok(done)) => self.done(&done.run),
            E::Done(Err(fault)) => {
                self.acted = RequestState::Failed(fault);
                vec![]
            }
            E::Look => {
                self.is_looking = false;
                let mut effects = vec![list()];
                effects.extend(self.chosen.as_deref().map(runs));
                // A run that works has new rows, and rows that are something else now.
                if self.shown_run().is_some_and(Run::is_working) {
                    effects.extend(self.rows_anew());
                }
                effects
            }
            E::Preview(id) if self.looked != RequestState::Pending => {
                (self.looked, self.preview) = (RequestState::Pending, None);
                let effect = preview(&id);
                self.previewed = Some(id);
                vec![effect]
            }
            E::Previewed(id, result) if self.previewed.as_ref() == Some(&id) => {
                match result {
                    Ok(found) => (self.looked, self.preview) = (RequestState::Idle, Some(found)),
                    Err(fault) => self.looked = RequestState::Failed(fault),
                }
                vec![]
            }
            E::ClosePreview => {
                (self.looked, self.previewed, self.preview) = (RequestState::Idle, None, None);
                vec![]
            }
            E::Save(file) if self.saved != RequestState::Pending => self.save(file),
            E::Saved(result) => {
                self.saved = result.err().map_or(RequestState::Idle, RequestState::Failed);
                vec![]
            }
            E::Key => vec![Effect::Read(KEY_FORM, vec![KEY], Box::new(E::Typed))],
            E::Typed(typed) => {
                let key = typed.into_iter().flatten().next().unwrap_or_default().trim().to_owned();
                let Some(integration) = self.chosen.clone().filter(|_| !key.is_empty()) else {
                    return (self, vec![]);
                };
                return self.update(E::Do(Act::Row { integration, key }));
            }
            E::Runs(..) | E::Rows(..) | E::Do(_) | E::Preview(_) | E::Previewed(..) | E::Save(_) => vec![],
        };
        (self, effects)
    }
}

impl IntegrationsPage {
    fn listed_runs(&mut self, result: Result<Rc<Runs>, Fault>) -> Vec<Asked> {
        match result {
            Ok(found) => {
                self.runs.clone_from(&found.runs);
                self.asked = RequestState::Idle;
                if let (None, Some(first)) = (&self.shown, self.runs.first()) {
                    return self.show(first.id.clone());
                }
            }
            Err(fault) if self.runs.is_empty() => self.asked = RequestState::Failed(fault),
            Err(_) => {}
        }
        vec![]
    }

    fn show(&mut self, run: String) -> Vec<Asked> {
        if self.shown.as_ref() != Some(&run) {
            self.outcome.clear(); // it may have no rows of it, and then no button either
        }
        self.shown = Some(run);
        self.rows_anew()
    }

    /// What was wished was done, and this run came of it.
    fn done(&mut self, run: &Run) -> Vec<Asked> {
        self.acted = RequestState::Idle;
        // Of what an admin does, only a confirmation leaves a run as it was.
        self.confirmed = run.waits().then(|| run.id.clone());
        self.chosen = Some(run.integration.clone());
        self.runs.retain(|known| known.id != run.id);
        self.runs.insert(0, run.clone());
        let mut effects = vec![list()];
        if self.shown.as_ref() != Some(&run.id) {
            effects.extend(self.show(run.id.clone()));
        }
        effects.extend(self.look_later());
        effects
    }
}

impl Act {
    fn asked(self) -> Asked {
        let done = |answer| IntegrationsEvent::Done(read(answer).map(Rc::new));
        let (path, body) = match self {
            Self::Start { integration, kind, accept } => {
                let accept = accept.map_or(String::new(), |run| [",\"accept\":\"", &run, "\""].concat());
                (
                    ["/api/integrations/", &integration, "/runs"].concat(),
                    ["{\"kind\":\"", kind, "\"", &accept, "}"].concat(),
                )
            }
            Self::Confirm(run) => (["/api/runs/", &run, "/confirm"].concat(), "{}".to_owned()),
            Self::Retry(run) => (["/api/runs/", &run, "/retry"].concat(), "{}".to_owned()),
            Self::Row { integration, key } => (
                ["/api/integrations/", &integration, "/runs"].concat(),
                ["{\"kind\":\"row\",\"key\":", &quote(&key), "}"].concat(),
            ),
            Self::Cancel(run) => (["/api/runs/", &run, "/cancel"].concat(), "{}".to_owned()),
        };
        Effect::Post(path, body, Box::new(done))
    }
}

impl IntegrationsPage {
    /// Whether a run does something by itself now.
    pub fn goes_on(&self, run: &Run) -> bool {
        run.is_working() || (run.waits() && self.confirmed.as_ref() == Some(&run.id))
    }

    /// The chosen run.
    pub fn shown_run(&self) -> Option<&Run> {
        self.runs.iter().find(|run| Some(&run.id) == self.shown.as_ref())
    }

    fn save(&mut self, file: File) -> Vec<Asked> {
        let Some(run) = self.shown.clone() else { return vec![] };
        self.saved = RequestState::Pending;
        let outcome =
            if self.outcome.is_empty() { String::new() } else { ["&outcome=", &self.outcome].concat() };
        let (path, name) = match file {
            File::Log => ("/log".to_owned(), "deskside-run.log"),
            File::Csv => (["/export?format=csv", &outcome].concat(), "deskside-run.csv"),
            File::JsonLines => (["/export?format=jsonl", &outcome].concat(), "deskside-run.jsonl"),
        };
        let path = ["/api/runs/", &run, &path].concat();
        vec![Effect::Download(path, name, Box::new(IntegrationsEvent::Saved))]
    }

    fn look_later(&mut self) -> Vec<Asked> {
        let List::Ready(listing) = &self.list else { return vec![] };
        let mut runs = listing.integrations.iter().filter_map(|one| one.last_run.as_ref()).chain(&self.runs);
        if self.is_looking || !runs.any(|run| self.goes_on(run)) {
            return vec![];
        }
        self.is_looking = true;
        vec![Effect::Wait(LOOK, Box::new(|()| IntegrationsEvent::Look))]
    }

    fn rows_anew(&mut self) -> Vec<Asked> {
        self.rows.clear();
        self.next = None;
        self.asked = RequestState::Pending;
        self.more()
    }

    fn more(&self) -> Vec<Asked> {
        let Some(run) = self.shown.clone() else { return vec![] };
        let after = self.next.map_or(String::new(), |next| ["&after=", &next.to_string()].concat());
        let outcome =
            if self.outcome.is_empty() { String::new() } else { ["&outcome=", &self.outcome].concat() };
        let path = ["/api/runs/", &run, "/rows?limit=100", &outcome, &after].concat();
        let then = move |answer| IntegrationsEvent::Rows(run, read(answer).map(Rc::new));
        vec![Effect::Get(path, Box::new(then))]
    }
}

fn list() -> Asked {
    Effect::Get(
        "/api/integrations".into(),
        Box::new(|answer| IntegrationsEvent::Listed(read(answer).map(Rc::new))),
    )
}

fn preview(integration: &str) -> Asked {
    let id = integration.to_owned();
    let path = ["/api/integrations/", integration, "/preview"].concat();
    let then = move |answer| IntegrationsEvent::Previewed(id, read(answer).map(Rc::new));
    Effect::Post(path, "{}".to_owned(), Box::new(then))
}

fn runs(integration: &str) -> Asked {
    let id = integration.to_owned();
    let path = ["/api/runs?integration=", integration].concat();
    Effect::Get(path, Box::new(move |answer| IntegrationsEvent::Runs(id, read(answer).map(Rc::new))))
}

#[cfg(test)]
mod tests;
