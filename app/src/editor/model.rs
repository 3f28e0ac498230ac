//! How the editor stands. What is typed is kept in the browser's tab, because the server keeps only what is whole. **Invariant:** what an
//! admin typed is never replaced before it is saved, or they gave it up.

mod asking;
mod saving;

use std::rc::Rc;

use super::check::{Known, Wrong};
use super::draft::{Draft, Row, Rows as Kinds};
use super::reading::{Column, Connections, Field, Fields, Next, Rows, Started, Templates};
use crate::console::{Effect, RequestState};
use crate::json::Json;
use crate::model::Model;
use crate::model::fault::Fault;

pub use saving::SAID;

/// The id of the form.
pub const FORM: &str = "editor-form";

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct EditorPage {
    /// The integration's id; none: a new one.
    pub id: Option<String>,
    /// Nothing before the server has answered.
    pub draft: Option<Draft>,
    /// How the question for the integration stands.
    pub loading: RequestState,
    pub connections: Option<Rc<Connections>>,
    /// How the question for them stands.
    pub listing: RequestState,
    pub templates: Vec<Json>,
    /// The connection and the object whose fields are known, or asked for.
    fields_of: (String, String),
    pub fields: Option<Rc<Fields>>,
    pub reading_fields: RequestState,
    /// The first rows of sources, by the name of their row.
    pub samples: Vec<(String, Look)>,
    /// The first rows of the model.
    pub preview: Look,
    /// The first rows of the contract's SQL.
    pub contract: Look,
    /// The schedule that was asked about last, and when it starts its next runs.
    asked: String,
    pub next: Vec<String>,
    pub next_failed: Option<Fault>,
    /// The fields that cannot be saved as they are.
    pub wrong: Vec<(String, Wrong)>,
    pub saving: RequestState,
    /// What the server keeps instead of what this was made from, and where they differ.
    pub conflict: Option<Conflict>,
    /// It was saved, and nothing was typed since.
    pub saved: bool,
    /// How the dry run stands that was offered.
    pub starting: RequestState,
    /// Something was typed that is not saved.
    pub typed: bool,
    /// It was typed earlier, and found in the browser's tab.
    pub recalled: bool,
    /// Rises where the form shows other values than those that were typed.
    pub round: u32,
}

/// Some rows, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    pub state: RequestState,
    pub rows: Option<Rc<Rows>>,
    /// What was asked last: an answer to anything else comes too late.
    asked: String,
}

/// Somebody else has saved meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    theirs: Json,
    /// What they changed: where, and its text before and now.
    pub changes: Vec<(String, String, String)>,
}

/// Whose first rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    Source(Row),
    Model,
    Contract,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum EditorEvent {
    /// The page is opened: for this integration, or for a new one in this time zone.
    Open(Option<String>, String),
    /// What was kept in the tab, and the time zone.
    Recalled(Json, String),
    Loaded(Result<Json, Fault>),
    Connected(Result<Rc<Connections>, Fault>),
    Shipped(Result<Rc<Templates>, Fault>),
    /// Of this connection and object.
    FieldsRead((String, String), Result<Rc<Fields>, Fault>),
    /// The fields are wanted again.
    ReadFields,
    /// A field of the form changed.
    Changed,
    Typed(Json),
    /// Begin with this template.
    Template(usize),
    Add(Kinds),
    Remove(Row),
    Look(Of),
    Looked(Of, String, Result<Rc<Rows>, Fault>),
    /// Of this schedule.
    Next(String, Result<Rc<Next>, Fault>),
    Submit,
    Submitted(Json),
    Saved(Result<Json, Fault>),
    /// This is what the server keeps.
    Compare(Result<Json, Fault>),
    LoadTheirs,
    SaveMine,
    /// What was typed is given up.
    Discard(String),
    DryRun,
    Started(Result<Rc<Started>, Fault>),
    /// Go to this part of the page.
    Go(&'static str),
}

type Asked = Effect<EditorEvent>;

impl Model for EditorPage {
    type Event = EditorEvent;
    type Effect = Asked;

    fn update(mut self, event: EditorEvent) -> (Self, Vec<Asked>) {
        use EditorEvent as E;
        let effects = match event {
            E::Open(id, zone) => self.open(id, zone),
            E::Recalled(kept, zone) => self.recall(&kept, &zone),
            E::Loaded(answer) => self.loaded(answer),
            E::Connected(answer) => {
                match answer {
                    Ok(all) => (self.connections, self.listing) = (Some(all), RequestState::Idle),
                    Err(fault) => self.listing = RequestState::Failed(fault),
                }
                self.follow()
            }
            E::Shipped(answer) => {
                let all = answer.map(|all| all.templates.iter().map(|one| one.0.clone()).collect());
                self.templates = all.unwrap_or_default(); // without them one begins from nothing
                vec![]
            }
            E::FieldsRead(of, answer) if self.fields_of == of => {
                match answer {
                    Ok(all) => (self.fields, self.reading_fields) = (Some(all), RequestState::Idle),
                    Err(fault) => self.reading_fields = RequestState::Failed(fault),
                }
                vec![]
            }
            E::ReadFields => {
                self.fields_of = <_>::default();
                self.follow()
            }
            E::Changed => vec![Effect::ReadAll(FORM, Box::new(E::Typed))],
            E::Typed(typed) => self.typed(&typed),
            E::Template(at) => self.begin_with(at),
            E::Add(of) => self.add(of),
            E::Remove(row) => self.remove(&row),
            E::Look(of) => self.look(of),
            E::Looked(of, body, answer) => self.looked(&of, &body, answer),
            E::Next(body, answer) if body == self.asked => {
                match answer {
                    Ok(next) => (self.next, self.next_failed) = (next.next.clone(), None),
                    Err(fault) => (self.next, self.next_failed) = (vec![], Some(fault)),
                }
                vec![]
            }
            E::Submit => vec![Effect::ReadAll(FORM, Box::new(E::Submitted))],
            E::Submitted(typed) => self.submit(&typed),
            E::Saved(answer) => self.saved(answer),
            E::Compare(answer) => self.compare(answer),
            E::LoadTheirs => self.load_theirs(),
            E::SaveMine => self.save_mine(),
            E::Discard(zone) => {
                let (forget, id) = (self.forget(), self.id.take());
                self.draft = None;
                let mut effects = vec![forget];
                effects.extend(self.open(id, zone));
                effects
            }
            E::DryRun if self.starting != RequestState::Pending => self.dry_run(),
            E::Started(Ok(started)) => {
                self.starting = RequestState::Idle;
                vec![Effect::Go(["integrations/", &started.run.integration].concat())]
            }
            E::Started(Err(fault)) => {
                self.starting = RequestState::Failed(fault);
                vec![]
            }
            E::Go(id) => vec![Effect::Focus(id.into())],
            _ => vec![], // an answer that nobody waits for any more
        };
        (self, effects)
    }
}

impl EditorPage {
    /// What is known of both ends.
    #[must_use]
    pub fn known(&self) -> Known<'_> {
        Known { columns: self.columns(), fields: self.fields.as_deref().map(|all| all.fields.as_slice()) }
    }

    /// The model's columns, once its rows were looked at.
    #[must_use]
    pub fn columns(&self) -> Option<&[Column]> {
        self.preview.rows.as_deref().map(|rows| rows.columns.as_slice())
    }

    /// The columns of which a contract's rows are made.
    #[must_use]
    pub fn contract_columns(&self) -> Option<&[Column]> {
        let has_own = self.draft.as_ref().is_some_and(|draft| !draft.get("c.sql").trim().is_empty());
        if has_own {
            self.contract.rows.as_deref().map(|rows| rows.columns.as_slice())
        } else {
            self.columns()
        }
    }

    /// The destination's fields that can be written.
    #[must_use]
    pub fn writable(&self) -> Vec<&Field> {
        let all = self.fields.as_deref().map_or(&[][..], |all| &all.fields);
        all.iter().filter(|field| field.writable).collect()
    }

    /// What is wrong with a field of the form.
    #[must_use]
    pub fn wrong_at(&self, name: &str) -> Option<&Wrong> {
        self.wrong.iter().find(|(known, _)| known == name).map(|(_, wrong)| wrong)
    }

    /// Whether this admin may change integrations, as far as the server has said it.
    #[must_use]
    pub fn may_edit(&self) -> Option<bool> {
        self.connections.as_ref().map(|all| all.may_edit)
    }

    /// Under which name what is typed is kept in the tab.
    fn place(&self) -> String {
        ["deskside-integration/", self.id.as_deref().unwrap_or_default()].concat()
    }

    fn forget(&self) -> Asked {
        Effect::Keep(self.place(), String::new())
    }

    fn keep(&self) -> Asked {
        Effect::Keep(self.place(), self.draft.as_ref().map(Draft::remembered).unwrap_or_default())
    }
}

#[cfg(test)]
pub(in crate::editor) mod tests;
