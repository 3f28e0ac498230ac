//! Who was told of customers' tickets, and the triggers in Zendesk that ask for it. **Invariants:** nothing is changed in Zendesk before the
//! admin has seen what, and said yes; what a person changed there is overwritten only where they said so.

mod reading;
mod triggers;
mod view;

use std::rc::Rc;

use crate::console::frame::{PANEL, TITLE};
use crate::console::{Effect, RequestState, read};
use crate::json::Json;
use crate::model::Model;
use crate::model::fault::Fault;

pub use reading::{Kept, Listing, Reason, Report, Row, Trigger};
pub use view::view;

/// The id of the form of filters, and the names of its fields.
pub const FORM: &str = "notice-filter";
pub const KIND: &str = "notice-kind";
pub const OUTCOME: &str = "notice-outcome";
/// The id of the heading above the triggers.
pub const TRIGGERS: &str = "triggers-title";

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct NoticesPage {
    /// Names the latest question for the list; older answers are dropped.
    ask: u32,
    pub filter: Filter,
    /// How the question for the list stands.
    pub state: RequestState,
    /// The newest page of it.
    pub list: Option<Rc<Listing>>,
    /// Of all pages that were asked for.
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// How the triggers differ from what they must be.
    pub report: Option<Rc<Report>>,
    /// How that comparison stands.
    pub comparing: RequestState,
    pub question: Option<Question>,
    /// How making triggers stands.
    pub working: RequestState,
    /// How many were created and updated.
    pub made: Option<(u64, u64)>,
}

/// Which notices; empty: all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: String,
    pub outcome: String,
}

/// What the admin is about to do in Zendesk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Create and update triggers.
    Make,
    /// The same, and what a person changed is lost.
    Overwrite,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum NoticesEvent {
    Open,
    /// Ask for the list again.
    Again,
    /// Older ones, too.
    More,
    /// An answer about the newest ones (false), or about older ones.
    Listed(u32, bool, Result<Rc<Listing>, Fault>),
    /// A filter was changed.
    Changed,
    /// These are the filters now.
    Filtered(Vec<Option<String>>),
    Compare,
    Compared(Result<Rc<Report>, Fault>),
    Ask(Question),
    Cancel,
    /// The question is answered with yes.
    Yes,
    Made(Result<Rc<Report>, Fault>),
}

impl Model for NoticesPage {
    type Event = NoticesEvent;
    type Effect = Effect<NoticesEvent>;

    fn update(mut self, event: NoticesEvent) -> (Self, Vec<Effect<NoticesEvent>>) {
        use NoticesEvent as E;
        let effects = match event {
            E::Open => {
                self = Self { ask: self.ask, ..Self::default() };
                vec![Effect::Focus(TITLE.into()), self.list(false)]
            }
            E::Again => vec![self.list(false)],
            E::More if self.state == RequestState::Pending => vec![],
            E::More => vec![self.list(true)],
            E::Listed(ask, more, answer) if ask == self.ask => self.listed(more, answer),
            E::Listed(..) => vec![], // of another filter
            E::Changed => vec![Effect::Read(FORM, vec![KIND, OUTCOME], Box::new(E::Filtered))],
            E::Filtered(typed) => {
                let mut typed = typed.into_iter().map(Option::unwrap_or_default);
                let mut next = || typed.next().unwrap_or_default();
                self.filter = Filter { kind: next(), outcome: next() };
                vec![self.list(false)]
            }
            E::Compare => vec![self.compare()],
            E::Compared(answer) => {
                match answer {
                    Ok(report) => (self.report, self.comparing) = (Some(report), RequestState::Idle),
                    Err(fault) => self.comparing = RequestState::Failed(fault),
                }
                vec![]
            }
            E::Ask(question) => {
                (self.question, self.working, self.made) = (Some(question), RequestState::Idle, None);
                vec![Effect::Focus(PANEL.into())]
            }
            E::Cancel if self.working == RequestState::Pending => vec![],
            E::Cancel => {
                self.question = None;
                vec![Effect::Focus(TRIGGERS.into())]
            }
            E::Yes => self.make(),
            E::Made(Ok(report)) => {
                self.made = Some((report.count("created"), report.count("updated")));
                (self.question, self.working) = (None, RequestState::Idle);
                // What was wrong with a trigger is over, and the list says so, too.
                vec![Effect::Focus(TRIGGERS.into()), self.compare(), self.list(false)]
            }
            E::Made(Err(fault)) => {
                self.working = RequestState::Failed(fault);
                vec![self.compare()] // some may have been made
            }
        };
        (self, effects)
    }
}

impl NoticesPage {
    /// Asks for the newest notices, or for more.
    fn list(&mut self, more: bool) -> Effect<NoticesEvent> {
        self.ask += 1;
        self.state = RequestState::Pending;
        let before = self.next.as_deref().filter(|_| more).unwrap_or_default();
        let wanted =
            [("kind", self.filter.kind.as_str()), ("outcome", &self.filter.outcome), ("before", before)];
        let mut path = "/api/notices".to_owned();
        for (name, value) in wanted.into_iter().filter(|(_, value)| !value.is_empty()) {
            path.push(if path.contains('?') { '&' } else { '?' });
            path += &[name, "=", value].concat();
        }
        let ask = self.ask;
        let then = move |answer| NoticesEvent::Listed(ask, more, read(answer).map(Rc::new));
        Effect::Get(path, Box::new(then))
    }

    fn listed(&mut self, more: bool, answer: Result<Rc<Listing>, Fault>) -> Vec<Effect<NoticesEvent>> {
        let listing = match answer {
            Ok(listing) => listing,
            Err(fault) => {
                self.state = RequestState::Failed(fault);
                return vec![];
            }
        };
        self.state = RequestState::Idle;
        if !more {
            self.rows.clear();
        }
        self.rows.extend(listing.notices.iter().cloned());
        self.next = listing.next.clone();
        let compares = listing.may_edit && self.report.is_none() && self.comparing == RequestState::Idle;
        self.list = Some(listing);
        if compares { vec![self.compare()] } else { vec![] }
    }

    fn compare(&mut self) -> Effect<NoticesEvent> {
        self.comparing = RequestState::Pending;
        let then = |answer: Result<Json, Fault>| NoticesEvent::Compared(read(answer).map(Rc::new));
        Effect::Post("/api/notices/triggers".into(), r#"{"dry":true}"#.into(), Box::new(then))
    }

    fn make(&mut self) -> Vec<Effect<NoticesEvent>> {
        let Some(question) = self.question.filter(|_| self.working != RequestState::Pending) else {
            return vec![];
        };
        self.working = RequestState::Pending;
        let body = if question == Question::Overwrite { r#"{"overwrite":true}"# } else { "{}" };
        let then = |answer: Result<Json, Fault>| NoticesEvent::Made(read(answer).map(Rc::new));
        vec![Effect::Post("/api/notices/triggers".into(), body.into(), Box::new(then))]
    }
}

#[cfg(test)]
mod tests;
