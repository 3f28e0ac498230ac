//! The server keeps another version than the one that a change was made from. It may be the admin's own change, whose answer was
//! lost; otherwise they choose. **Invariant:** nothing is written over before they chose.

use super::{Document, Effect, Fault, Form, FormEvent, FormModel, Loaded, RequestState, unreadable};
use crate::json::Json;

/// What the server keeps instead.
#[derive(Debug, PartialEq)]
pub struct Conflict {
    theirs: Document,
    /// The fields in which it differs from what was sent.
    pub fields: Vec<&'static str>,
}

impl FormModel {
    /// The change was refused; this is what the server keeps now.
    pub(super) fn compare(&mut self, form: &'static Form, answer: Result<Json, Fault>) {
        let theirs = match answer.and_then(|json| Document::read(json).ok_or_else(unreadable)) {
            Ok(theirs) => theirs,
            Err(fault) => {
                self.saving = RequestState::Failed(fault);
                return;
            }
        };
        let Loaded::Ready(base) = &self.loaded else { return };
        let mine =
            form.fields().zip(&self.sent).filter(|(field, sent)| base.differs(*field, sent.as_deref()));
        let fields: Vec<_> = mine
            .filter(|(field, sent)| theirs.differs(*field, sent.as_deref()))
            .map(|(field, _)| field.name)
            .collect();
        if fields.is_empty() {
            self.keep(form, theirs);
        } else {
            self.saving = RequestState::Idle;
            self.conflict = Some(Conflict { theirs, fields });
        }
    }

    /// The admin gives up their changes.
    pub(super) fn load_theirs(&mut self, form: &'static Form) {
        let Some(Conflict { theirs, .. }) = self.conflict.take() else { return };
        let typed = self.typed.take().unwrap_or_else(|| self.sent.clone());
        for (field, typed) in form.fields().zip(typed) {
            if theirs.typed(field.name) != typed {
                self.show_anew(field.name);
            }
        }
        self.wrong.clear();
        self.loaded = Loaded::Ready(theirs);
    }

    /// What the admin changed is saved over what is there; what they did not touch becomes what is there.
    pub(super) fn save_mine(&mut self, form: &'static Form) -> Vec<Effect<FormEvent>> {
        let Some(Conflict { theirs, .. }) = self.conflict.take() else { return vec![] };
        let Loaded::Ready(base) = &self.loaded else { return vec![] };
        let mut typed = self.typed.clone().unwrap_or_else(|| self.sent.clone());
        let mut anew = vec![];
        for (field, typed) in form.fields().zip(&mut typed) {
            let now = theirs.typed(field.name);
            if !base.differs(field, typed.as_deref()) && *typed != now {
                *typed = now;
                anew.push(field.name);
            }
        }
        self.loaded = Loaded::Ready(theirs);
        for name in anew {
            self.show_anew(name);
        }
        self.submit(form, typed)
    }
}
