//! What the editor asks while somebody types: the integration itself, connections, fields, first rows, next runs.

use std::rc::Rc;

use super::super::check::{Wrong, id_of};
use super::super::draft::{Draft, NEW_FIELD, ON, Row, Rows as Kinds};
use super::super::reading::Rows;
use super::{Asked, EditorEvent as E, EditorPage, Look, Of};
use crate::console::frame::TITLE;
use crate::console::{Effect, RequestState, read};
use crate::json::Json;
use crate::model::fault::{Fault, FaultKind};

impl EditorPage {
    /// What was typed for the same integration stays.
    pub(super) fn open(&mut self, id: Option<String>, zone: String) -> Vec<Asked> {
        let get = |path: &str, then: fn(Result<Json, Fault>) -> E| Effect::Get(path.into(), Box::new(then));
        let mut effects = vec![
            Effect::Focus(TITLE.into()),
            get("/api/connections", |answer| E::Connected(read(answer).map(Rc::new))),
        ];
        if self.connections.is_none() {
            self.listing = RequestState::Pending;
        }
        if self.draft.is_some() && self.id == id && !self.saved {
            return effects;
        }
        let (connections, listing) = (self.connections.take(), self.listing.clone());
        *self = Self { id, connections, listing, round: self.round + 1, ..Self::default() };
        self.loading = RequestState::Pending;
        effects.push(Effect::Recall(self.place(), Box::new(move |kept| E::Recalled(kept, zone))));
        effects
    }

    pub(super) fn recall(&mut self, kept: &Json, zone: &str) -> Vec<Asked> {
        self.round += 1;
        if let Some(draft) = Draft::recalled(kept) {
            (self.draft, self.loading) = (Some(draft), RequestState::Idle);
            (self.recalled, self.typed) = (true, true);
            let mut effects = self.follow();
            effects.extend(self.id.is_none().then(templates));
            return effects;
        }
        match &self.id {
            None => {
                (self.draft, self.loading) = (Some(Draft::new(zone)), RequestState::Idle);
                let mut effects = self.follow();
                effects.push(templates());
                effects
            }
            Some(id) => vec![Effect::Get(path(id), Box::new(E::Loaded))],
        }
    }

    pub(super) fn loaded(&mut self, answer: Result<Json, Fault>) -> Vec<Asked> {
        if self.draft.is_some() {
            return vec![];
        }
        self.round += 1;
        match answer {
            Ok(document) => {
                let draft = Draft::read(&document);
                if !draft.is_kept() {
                    self.loading = RequestState::Failed(Fault::plain(FaultKind::Unreadable));
                    return vec![];
                }
                (self.draft, self.loading) = (Some(draft), RequestState::Idle);
                self.follow()
            }
            Err(fault) => {
                self.loading = RequestState::Failed(fault);
                vec![]
            }
        }
    }

    /// What is wrong with a field is said until it was changed.
    pub(super) fn typed(&mut self, typed: &Json) -> Vec<Asked> {
        let Some(draft) = &mut self.draft else { return vec![] };
        let before = draft.clone();
        // A new integration's id follows its name, until somebody writes another.
        let follows = !draft.is_kept() && draft.get("id") == id_of(draft.get("name"));
        if !draft.take(typed) {
            return vec![];
        }
        if follows && draft.get("id") == before.get("id") {
            let id = id_of(draft.get("name"));
            draft.set("id", id);
        }
        self.follow_choices(&before);
        let Some(draft) = &self.draft else { return vec![] };
        self.wrong.retain(|(name, _)| draft.get(name) == before.get(name));
        (self.typed, self.saved) = (true, false);
        let mut effects = vec![self.keep()];
        effects.extend(self.follow());
        effects
    }

    /// What follows from a choice: a source of another connection is read as that is, and only a new field is made.
    fn follow_choices(&mut self, before: &Draft) {
        let Some(draft) = &mut self.draft else { return };
        for row in draft.mapping.clone() {
            let chosen = draft.of(&row, "field").to_owned();
            if chosen != before.of(&row, "field") {
                draft.set(&row.name("create"), if chosen == NEW_FIELD { ON } else { "" });
            }
        }
        let Some(all) = &self.connections else { return };
        for row in draft.sources.clone() {
            let chosen = draft.of(&row, "connection").to_owned();
            let is_other = chosen != before.of(&row, "connection");
            let Some(one) = all.connections.iter().find(|one| one.id == chosen && is_other) else { continue };
            let is_zendesk = one.kind == "zendesk";
            let fits = is_zendesk && matches!(draft.of(&row, "read"), "users" | "organizations" | "tickets");
            if !fits {
                draft.set(&row.name("read"), one.reads());
            }
        }
    }

    /// Asks for what the form shows beside what was typed, where that is not here yet.
    pub(super) fn follow(&mut self) -> Vec<Asked> {
        let Some(draft) = &self.draft else { return vec![] };
        let mut effects = vec![];
        let of = (draft.get("to").to_owned(), draft.get("object").to_owned());
        let is_there = |id: &str| {
            self.connections.as_ref().is_some_and(|all| all.connections.iter().any(|one| one.id == id))
        };
        if self.fields_of != of && is_there(&of.0) && !of.1.is_empty() {
            let path = ["/api/connections/", &of.0, "/objects/", &of.1, "/fields"].concat();
            (self.fields, self.reading_fields) = (None, RequestState::Pending);
            self.fields_of = of.clone();
            effects.push(Effect::Get(
                path,
                Box::new(move |answer| E::FieldsRead(of, read(answer).map(Rc::new))),
            ));
        }
        let schedule = draft.schedule().written();
        if self.asked != schedule {
            self.asked.clone_from(&schedule);
            let body = schedule.clone();
            effects.push(Effect::Post(
                "/api/schedules/next".into(),
                schedule,
                Box::new(move |answer| E::Next(body, read(answer).map(Rc::new))),
            ));
        }
        effects
    }

    pub(super) fn begin_with(&mut self, at: usize) -> Vec<Asked> {
        let Some(template) = self.templates.get(at) else { return vec![] };
        self.draft = Some(Draft::read(template));
        (self.typed, self.recalled, self.round) = (true, false, self.round + 1);
        (self.preview, self.contract, self.samples) = <_>::default();
        self.wrong.clear();
        let mut effects = vec![self.keep(), Effect::Focus("step-1".into())];
        effects.extend(self.follow());
        effects
    }

    pub(super) fn add(&mut self, of: Kinds) -> Vec<Asked> {
        let Some(draft) = &mut self.draft else { return vec![] };
        let (row, first) = match of {
            Kinds::Sources => (draft.add_source(), "as"),
            Kinds::Mapping => (draft.add_mapping(), "column"),
            Kinds::Owners => (draft.add_owner(), "role"),
        };
        (self.typed, self.saved) = (true, false);
        vec![self.keep(), Effect::Focus(row.name(first))]
    }

    pub(super) fn remove(&mut self, row: &Row) -> Vec<Asked> {
        let Some(draft) = &mut self.draft else { return vec![] };
        let step = match row.key().as_bytes().first() {
            Some(b's') => "source-add",
            Some(b'm') => "mapping-add",
            _ => "owner-add",
        };
        draft.remove(row);
        let prefix = row.name("");
        self.wrong.retain(|(name, _)| !name.starts_with(&prefix));
        (self.typed, self.saved) = (true, false);
        vec![self.keep(), Effect::Focus(step.into())]
    }

    pub(super) fn look(&mut self, of: Of) -> Vec<Asked> {
        let Some(draft) = &self.draft else { return vec![] };
        let (path, body, needed) = match &of {
            Of::Source(row) => {
                let connection = draft.of(row, "connection");
                let path = ["/api/connections/", connection, "/sample"].concat();
                (path, draft.sample(row), vec![row.name("connection")])
            }
            Of::Model | Of::Contract => {
                let sql = draft.get(if of == Of::Model { "model" } else { "c.sql" });
                let all = draft.sources.iter();
                let needed = all.flat_map(|row| [row.name("as"), row.name("connection")]).collect();
                ("/api/previews".to_owned(), draft.preview(sql), needed)
            }
        };
        let empty: Vec<_> =
            needed.into_iter().filter(|name: &String| draft.get(name).trim().is_empty()).collect();
        if let Some(first) = empty.first().cloned() {
            self.wrong = empty.into_iter().map(|name| (name, Wrong::Empty)).collect();
            return vec![Effect::Focus(first)];
        }
        let look = self.look_of(&of);
        (look.state, look.asked) = (RequestState::Pending, body.clone());
        let asked = body.clone();
        let then = move |answer| E::Looked(of, asked, read(answer).map(Rc::new));
        vec![Effect::Post(path, body, Box::new(then))]
    }

    fn look_of(&mut self, of: &Of) -> &mut Look {
        let name = match of {
            Of::Model => return &mut self.preview,
            Of::Contract => return &mut self.contract,
            Of::Source(row) => row.key(),
        };
        let at = self.samples.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.samples.push((name, Look::default()));
            self.samples.len() - 1
        });
        &mut self.samples[at].1
    }

    pub(super) fn looked(&mut self, of: &Of, body: &str, answer: Result<Rc<Rows>, Fault>) -> Vec<Asked> {
        let look = self.look_of(of);
        if look.asked != body {
            return vec![];
        }
        match answer {
            Ok(rows) => {
                (look.state, look.rows) = (RequestState::Idle, Some(rows));
                vec![]
            }
            Err(fault) => {
                // The cursor goes to where the SQL is wrong.
                let place = match (&fault.kind, of) {
                    (FaultKind::Refused(body), Of::Model) => {
                        body.line.zip(body.column).map(|at| ("model", at))
                    }
                    (FaultKind::Refused(body), Of::Contract) => {
                        body.line.zip(body.column).map(|at| ("c.sql", at))
                    }
                    _ => None,
                };
                look.state = RequestState::Failed(fault);
                place.map(|(id, (line, column))| Effect::Caret(id.into(), line, column)).into_iter().collect()
            }
        }
    }
}

/// Where an integration is kept.
pub(super) fn path(id: &str) -> String {
    ["/api/integrations/", id].concat()
}

fn templates() -> Asked {
    Effect::Get("/api/templates".into(), Box::new(|answer| E::Shipped(read(answer).map(Rc::new))))
}
