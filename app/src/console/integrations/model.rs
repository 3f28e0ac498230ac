//! The page of integrations: a list; of the chosen one its runs; of the chosen run what became of its rows. While a run works, it looks
//! again every second. **Invariant:** what is shown stays until what takes its place has come.

mod runs;

use std::rc::Rc;

use wire::RowList;

use super::act::Act;
use super::pages::{Of, Page, RowPages};
use super::reading::{Integration, Listing, OneRun, Preview, Run, Runs};
use crate::console::frame::{PANEL, TITLE};
use crate::console::{Effect, RequestState, read};
use crate::model::Model;
use crate::model::fault::Fault;

/// Milliseconds between two looks at a run that works.
const LOOK: i32 = 1000;
/// The same where none works: a schedule or a command may start one.
const IDLE: i32 = 15_000;

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct IntegrationsPage {
    pub list: List,
    /// The chosen integration's id.
    pub chosen: Option<String>,
    /// Its runs, newest first.
    pub runs: Vec<Run>,
    /// Where older runs begin.
    pub older: Option<String>,
    /// Only runs in this state; empty: all.
    pub state: &'static str,
    /// How the last question about runs stands.
    pub asked: RequestState,
    /// The chosen run's id.
    pub shown: Option<String>,
    /// Only rows of this outcome, or `drifted`; empty: all.
    pub outcome: String,
    /// Its rows; none for an admin who may not see rows.
    pub pages: RowPages,
    /// Its log, where that is shown; nothing yet: it is on its way.
    pub log: Option<Option<Rc<str>>>,
    /// When the chosen run was first seen to write: its id, its runtime then, and its rows that were to be written.
    pace: Option<(String, u64, u64)>,
    /// How what an admin last did stands.
    pub acted: RequestState,
    /// The name of the integration that they did it with.
    pub about: String,
    /// What an admin is asked before it is done.
    pub question: Option<Act>,
    /// The integration whose first rows are shown.
    pub previewed: Option<String>,
    /// Those rows.
    pub preview: Option<Rc<Preview>>,
    /// How the question about them stands.
    pub looked: RequestState,
    /// How the last file stands, or the log.
    pub saved: RequestState,
    /// The run that an admin confirmed: it waits until its job begins.
    confirmed: Option<String>,
    /// A look is due already.
    is_looking: bool,
    /// One is due though nothing works that this page knows.
    is_idle: bool,
}

/// The list.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum List {
    #[default]
    Waiting,
    Failed(Fault),
    Ready(Rc<Listing>),
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
    /// Runs in this state.
    State(&'static str),
    OlderRuns,
    /// Of the question with this path; older ones, or the newest.
    Runs(String, bool, Result<Rc<Runs>, Fault>),
    /// This run's rows, please.
    Show(String),
    /// Rows of this outcome.
    Filter(String),
    More,
    Rows(Page, Result<Rc<RowList>, Fault>),
    /// The log is wanted, or wanted no more.
    Log,
    LogRead(String, Result<Rc<str>, Fault>),
    /// The admin is asked first.
    Ask(Act),
    Do(Act),
    /// No, or nothing any more.
    Cancel,
    Done(Result<Rc<OneRun>, Fault>),
    /// The integration is another now, or is no more.
    Changed(Result<(), Fault>),
    Look,
    /// Something may have begun elsewhere.
    Idle,
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
/// The filter for rows whose record somebody changed.
pub const DRIFTED: &str = "drifted";

type Asked = Effect<IntegrationsEvent>;

impl Model for IntegrationsPage {
    type Event = IntegrationsEvent;
    type Effect = Asked;

    fn update(mut self, event: IntegrationsEvent) -> (Self, Vec<Asked>) {
        use IntegrationsEvent as E;
        let effects = match event {
            E::Open => vec![list()],
            E::Listed(Ok(listing)) => {
                if self.chosen.as_ref().is_some_and(|id| listing.named(id).is_none()) {
                    (self.chosen, self.shown, self.runs) = (None, None, vec![]); // it was deleted
                }
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
                (self.runs, self.older, self.state) = (vec![], None, "");
                (self.shown, self.acted, self.log) = (None, RequestState::Idle, None);
                self.chosen = Some(id);
                self.ask_runs()
            }
            E::State(state) => {
                self.state = if self.state == state { "" } else { state };
                (self.runs, self.older) = (vec![], None);
                self.ask_runs()
            }
            E::OlderRuns => self.runs_of(self.older.as_deref()),
            E::Runs(path, is_older, result) if self.runs_path().as_deref() == Some(&path) => {
                self.listed_runs(is_older, result)
            }
            E::Show(id) => self.show(id),
            E::Filter(outcome) => {
                self.outcome = if self.outcome == outcome { String::new() } else { outcome };
                self.want_rows()
            }
            E::More => self.pages.more(),
            E::Rows(page, result) => self.pages.answered(&page, result),
            E::Ask(act) => {
                (self.question, self.acted) = (Some(act), RequestState::Idle);
                vec![Effect::Focus(PANEL.into())]
            }
            E::Cancel => {
                (self.question, self.acted) = (None, RequestState::Idle);
                vec![Effect::Focus(TITLE.into())]
            }
            E::Do(act) if self.acted != RequestState::Pending && !self.is_busy_with(&act) => {
                let id = act.integration().or(self.chosen.as_deref()).unwrap_or_default();
                let about = self.named(id).map_or(id, |one| &one.name).to_owned();
                self.about = about;
                self.acted = RequestState::Pending;
                vec![act.asked()]
            }
            E::Done(Ok(done)) => self.done(&done.run),
            E::Changed(Ok(())) => {
                (self.question, self.acted) = (None, RequestState::Idle);
                vec![list(), Effect::Focus(TITLE.into())]
            }
            E::Done(Err(fault)) | E::Changed(Err(fault)) => {
                self.acted = RequestState::Failed(fault);
                vec![]
            }
            E::Look | E::Idle => {
                let which = if event == E::Idle { &mut self.is_idle } else { &mut self.is_looking };
                *which = false;
                let mut effects = vec![list()];
                effects.extend(self.runs_of(None));
                // A run that works has new rows, and rows that are something else now.
                if self.shown_run().is_some_and(Run::is_working) {
                    effects.extend(self.look_into_run());
                }
                effects
            }
            E::Key => vec![Effect::Read(KEY_FORM, vec![KEY], Box::new(E::Typed))],
            E::Typed(typed) => {
                let key = typed.into_iter().flatten().next().unwrap_or_default().trim().to_owned();
                let Some(integration) = self.chosen.clone().filter(|_| !key.is_empty()) else {
                    return (self, vec![]);
                };
                return self.update(E::Do(Act::Row { integration, key }));
            }
            beside => self.beside(beside),
        };
        (self, effects)
    }
}

impl IntegrationsPage {
    /// The log, the preview and files: what is looked at beside the rows.
    fn beside(&mut self, event: IntegrationsEvent) -> Vec<Asked> {
        use IntegrationsEvent as E;
        match event {
            E::Log if self.log.is_some() => {
                self.log = None;
                vec![]
            }
            E::Log => {
                (self.log, self.saved) = (Some(None), RequestState::Idle);
                self.read_log()
            }
            E::LogRead(run, result) if self.log.is_some() && self.shown.as_ref() == Some(&run) => {
                match result {
                    Ok(text) => self.log = Some(Some(text)),
                    Err(_) if matches!(self.log, Some(Some(_))) => {} // what is shown stays
                    Err(fault) => (self.log, self.saved) = (None, RequestState::Failed(fault)),
                }
                vec![]
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
            _ => vec![], // an answer that nobody waits for any more
        }
    }

    fn show(&mut self, run: String) -> Vec<Asked> {
        if self.shown.as_ref() != Some(&run) {
            self.outcome.clear(); // it may have no rows of it, and then no button either
            (self.log, self.saved) = (None, RequestState::Idle);
        }
        self.shown = Some(run);
        self.want_rows()
    }

    /// What was wished was done, and this run came of it.
    fn done(&mut self, run: &Run) -> Vec<Asked> {
        (self.question, self.acted) = (None, RequestState::Idle);
        // Of what an admin does, only a confirmation leaves a run as it was.
        self.confirmed = run.waits().then(|| run.id.clone());
        if self.chosen.as_ref() != Some(&run.integration) {
            (self.runs, self.older) = (vec![], None);
        }
        self.chosen = Some(run.integration.clone());
        self.state = "";
        self.runs.retain(|known| known.id != run.id);
        self.runs.insert(0, run.clone());
        let mut effects = vec![list()];
        if self.shown.as_ref() != Some(&run.id) {
            effects.extend(self.show(run.id.clone()));
        }
        effects.extend(self.look_later());
        effects
    }

    /// Whether a run does something by itself now.
    pub fn goes_on(&self, run: &Run) -> bool {
        run.is_working() || (run.waits() && self.confirmed.as_ref() == Some(&run.id))
    }

    /// The chosen run.
    pub fn shown_run(&self) -> Option<&Run> {
        self.runs.iter().find(|run| Some(&run.id) == self.shown.as_ref())
    }

    /// The integration of this id.
    pub fn named(&self, id: &str) -> Option<&Integration> {
        if let List::Ready(listing) = &self.list { listing.named(id) } else { None }
    }

    /// Whether this admin may change integrations, accept and confirm, and see rows.
    pub fn may_edit(&self) -> bool {
        matches!(&self.list, List::Ready(listing) if listing.may_edit)
    }

    fn filter(&self) -> String {
        match self.outcome.as_str() {
            "" => String::new(),
            DRIFTED => "&drifted=true".into(),
            outcome => ["&outcome=", outcome].concat(),
        }
    }

    fn want_rows(&mut self) -> Vec<Asked> {
        match &self.shown {
            Some(run) if self.may_edit() => {
                // What was there already is counted, and listed to whoever asks for it.
                let filter = if self.outcome.is_empty() { "&adopted=false".into() } else { self.filter() };
                let of = Of { run: run.clone(), filter };
                self.pages.want(of)
            }
            _ => vec![],
        }
    }

    fn look_into_run(&mut self) -> Vec<Asked> {
        let mut effects = self.pages.look();
        if self.log.is_some() {
            effects.extend(self.read_log());
        }
        effects
    }

    fn read_log(&self) -> Vec<Asked> {
        let Some(run) = self.shown.clone() else { return vec![] };
        let path = ["/api/runs/", &run, "/log"].concat();
        let then = move |text: Result<String, Fault>| IntegrationsEvent::LogRead(run, text.map(Rc::from));
        vec![Effect::Text(path, Box::new(then))]
    }

    fn save(&mut self, file: File) -> Vec<Asked> {
        let Some(run) = self.shown.clone() else { return vec![] };
        self.saved = RequestState::Pending;
        let filter = self.filter();
        let (path, name) = match file {
            File::Log => ("/log".to_owned(), "deskside-run.log"),
            File::Csv => (["/export?format=csv", &filter].concat(), "deskside-run.csv"),
            File::JsonLines => (["/export?format=jsonl", &filter].concat(), "deskside-run.jsonl"),
        };
        let path = ["/api/runs/", &run, &path].concat();
        vec![Effect::Download(path, name, Box::new(IntegrationsEvent::Saved))]
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

#[cfg(test)]
mod tests;
