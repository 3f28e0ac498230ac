//! How what was typed is saved, and what follows: what is wrong with it, somebody else's change, the dry run that is offered.

use std::rc::Rc;

use wire::ErrorCode;

use super::super::check::{Wrong, before_saving, field_of};
use super::super::draft::Draft;
use super::asking::path;
use super::{Asked, Conflict, EditorEvent as E, EditorPage};
use crate::console::frame::TITLE;
use crate::console::{Effect, RequestState, read};
use crate::json::Json;
use crate::json::changing::differences;
use crate::model::fault::{Fault, FaultKind};

/// The id of what is said above the button that saves.
pub const SAID: &str = "editor-said";

impl EditorPage {
    pub(super) fn submit(&mut self, typed: &Json) -> Vec<Asked> {
        if self.saving == RequestState::Pending {
            return vec![];
        }
        let mut effects = self.typed(typed);
        effects.extend(self.send());
        effects
    }

    fn send(&mut self) -> Vec<Asked> {
        let Some(draft) = &self.draft else { return vec![] };
        self.wrong = before_saving(draft, self.known());
        (self.conflict, self.saved, self.saving) = (None, false, RequestState::Idle);
        if let Some((first, _)) = self.wrong.first() {
            return vec![Effect::Focus(first.clone())];
        }
        self.saving = RequestState::Pending;
        let body = draft.document();
        if draft.is_kept() {
            vec![Effect::Put(path(draft.get("id")), body, Box::new(E::Saved))]
        } else {
            vec![Effect::Post("/api/integrations".into(), body, Box::new(E::Saved))]
        }
    }

    pub(super) fn saved(&mut self, answer: Result<Json, Fault>) -> Vec<Asked> {
        let fault = match answer {
            Ok(document) => {
                let forget = self.forget();
                self.keep_document(document);
                self.saved = true;
                return vec![forget, Effect::Focus(SAID.into())];
            }
            Err(fault) => fault,
        };
        let Some(draft) = &self.draft else { return vec![] };
        let is_kept = draft.is_kept();
        if let FaultKind::Refused(body) = &fault.kind {
            let of = |place: &str, message: &str| (field_of(draft, place), Wrong::Server(message.to_owned()));
            let mut wrong: Vec<_> = body.problems.iter().map(|one| of(&one.field, &one.message)).collect();
            if body.code == ErrorCode::IntegrationChanged && !is_kept {
                wrong.push(("id".into(), Wrong::Server(body.message.clone())));
            }
            wrong.retain(|(name, _)| !name.is_empty());
            self.wrong = wrong;
        }
        if fault.code() == Some(ErrorCode::IntegrationChanged) && is_kept {
            // It may be this very change, whose answer was lost.
            return vec![Effect::Get(path(draft.get("id")), Box::new(E::Compare))];
        }
        self.saving = RequestState::Failed(fault);
        let first = self.wrong.first().map_or_else(|| SAID.to_owned(), |(name, _)| name.clone());
        vec![Effect::Focus(first)]
    }

    /// From now on it is a change of what the server keeps.
    fn keep_document(&mut self, document: Json) {
        let Some(draft) = &mut self.draft else { return };
        let id = document.at("id").shown();
        draft.set("id", id.clone());
        draft.base = document;
        self.id = Some(id);
        (self.saving, self.typed, self.recalled) = (RequestState::Idle, false, false);
        self.wrong.clear();
    }

    pub(super) fn compare(&mut self, answer: Result<Json, Fault>) -> Vec<Asked> {
        let theirs = match answer {
            Ok(theirs) => theirs,
            Err(fault) => {
                self.saving = RequestState::Failed(fault);
                return vec![Effect::Focus(SAID.into())];
            }
        };
        let Some(draft) = &self.draft else { return vec![] };
        let without_version = |json: &Json| {
            let mut json = json.clone();
            json.remove("version");
            json
        };
        let mut mine = draft.clone();
        mine.base = theirs.clone();
        if Draft::read(&theirs).document() == mine.document() {
            return self.saved(Ok(theirs));
        }
        let changes = differences(&without_version(&draft.base), &without_version(&theirs));
        self.saving = RequestState::Idle;
        self.conflict = Some(Conflict { theirs, changes });
        vec![Effect::Focus(SAID.into())]
    }

    pub(super) fn load_theirs(&mut self) -> Vec<Asked> {
        let Some(Conflict { theirs, .. }) = self.conflict.take() else { return vec![] };
        let forget = self.forget();
        self.draft = Some(Draft::read(&theirs));
        (self.typed, self.recalled, self.round) = (false, false, self.round + 1);
        self.wrong.clear();
        let mut effects = vec![forget, Effect::Focus(TITLE.into())];
        effects.extend(self.follow());
        effects
    }

    /// What was typed is saved over what is there.
    pub(super) fn save_mine(&mut self) -> Vec<Asked> {
        let Some(Conflict { theirs, .. }) = self.conflict.take() else { return vec![] };
        if let Some(draft) = &mut self.draft {
            let version = theirs.at("version").clone();
            draft.base.put("version", version);
        }
        self.send()
    }

    pub(super) fn dry_run(&mut self) -> Vec<Asked> {
        let Some(id) = &self.id else { return vec![] };
        self.starting = RequestState::Pending;
        let then = |answer| E::Started(read(answer).map(Rc::new));
        vec![Effect::Post([&path(id), "/runs"].concat(), "{\"kind\":\"dry\"}".into(), Box::new(then))]
    }
}
