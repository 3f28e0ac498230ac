//! A form as data: its sections and fields, what the server keeps, what an admin types, and what is wrong with it. The server
//! keeps `{"version": …, "settings": {…}}`, and a change names the version that it was made from. **Invariant:** what an
//! admin typed is never replaced before it is saved, or they gave it up.

mod conflict;
pub mod field;
pub mod view;

use super::{Effect, RequestState};
use crate::json::{Json, quote};
use crate::model::fault::{Fault, FaultKind};
use wire::ErrorCode;

pub use conflict::Conflict;
pub use field::{Field, Kind, Wrong};

/// A form.
#[derive(Debug)]
pub struct Form {
    /// The id of its element.
    pub id: &'static str,
    /// Where its document is read and written.
    pub path: &'static str,
    /// Its parts, in the order in which they are shown.
    pub sections: &'static [Section],
}

/// A part of a form.
#[derive(Debug)]
pub struct Section {
    /// Its name, by which its heading is found.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

impl Form {
    /// All fields, in the order in which they are shown.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        self.sections.iter().flat_map(|section| section.fields.iter().copied())
    }
}

/// What the fields of a form hold, in their order; nothing of a box that is not checked.
pub type Typed = Vec<Option<String>>;

/// How a form stands.
#[derive(Debug, Default, PartialEq)]
pub struct FormModel {
    /// What the server keeps.
    pub loaded: Loaded,
    /// What the fields hold, once an admin has typed.
    typed: Option<Typed>,
    /// What was sent.
    sent: Typed,
    /// The fields that cannot be saved as they are.
    pub wrong: Vec<(&'static str, Wrong)>,
    /// How the last change stands.
    pub saving: RequestState,
    /// What the server keeps instead of the version that the change was made from.
    pub conflict: Option<Conflict>,
    /// The last change was saved, and nothing was typed since.
    pub saved: bool,
    /// Fields that show what the server made of them, and how often.
    pub rounds: Vec<(&'static str, u32)>,
}

/// What the server keeps, as far as it is known.
#[derive(Debug, Default, PartialEq)]
pub enum Loaded {
    /// Nobody has opened the page yet.
    #[default]
    Not,
    /// On its way.
    Waiting,
    /// Not to be had.
    Failed(Fault),
    /// Here.
    Ready(Document),
}

/// A version of it.
#[derive(Debug, PartialEq)]
pub struct Document {
    version: u64,
    values: Json,
}

/// What can happen to a form.
#[derive(Debug, Clone, PartialEq)]
pub enum FormEvent {
    /// The page is opened.
    Open,
    /// The admin gives up their changes and wants what the server keeps.
    Reload,
    /// The server answered.
    Loaded(Result<Json, Fault>),
    /// A field changed.
    Changed,
    /// This is what the fields hold now.
    Typed(Typed),
    /// The admin wants it saved.
    Submit,
    /// This is what they want saved.
    Submitted(Typed),
    /// The server answered.
    Saved(Result<Json, Fault>),
    /// The change was made from another version than the one that is there, which is this.
    Compare(Result<Json, Fault>),
    /// The admin takes what is there.
    LoadTheirs,
    /// The admin wants their changes saved over what is there.
    SaveMine,
    /// The admin left the page without saving.
    Discard,
}

impl FormModel {
    /// The next state, and what is to be done.
    pub fn update(&mut self, form: &'static Form, event: FormEvent) -> Vec<Effect<FormEvent>> {
        use FormEvent as E;
        match event {
            E::Open if matches!(self.loaded, Loaded::Not | Loaded::Failed(_)) => self.load(form),
            E::Reload => self.load(form),
            E::Loaded(answer) => {
                self.loaded = match answer.map(Document::read) {
                    Ok(Some(document)) => Loaded::Ready(document),
                    Ok(None) => Loaded::Failed(unreadable()),
                    Err(fault) => Loaded::Failed(fault),
                };
                vec![]
            }
            E::Changed => vec![read(form, E::Typed)],
            E::Typed(typed) => {
                self.typed(form, typed);
                vec![]
            }
            E::Submit => vec![read(form, E::Submitted)],
            E::Submitted(typed) => self.submit(form, typed),
            E::Saved(answer) => self.saved(form, answer),
            E::Compare(answer) => {
                self.compare(form, answer);
                vec![]
            }
            E::LoadTheirs => {
                self.load_theirs(form);
                vec![]
            }
            E::SaveMine => self.save_mine(form),
            E::Discard => {
                (self.typed, self.saving, self.saved) = (None, RequestState::Idle, false);
                self.conflict = None;
                self.wrong.clear();
                vec![]
            }
            E::Open => vec![],
        }
    }

    /// Whether a field holds what the server does not keep.
    #[must_use]
    pub fn is_unsaved(&self, form: &Form) -> bool {
        let (Loaded::Ready(document), Some(typed)) = (&self.loaded, &self.typed) else { return false };
        form.fields().zip(typed).any(|(field, typed)| document.differs(field, typed.as_deref()))
    }

    fn load(&mut self, form: &Form) -> Vec<Effect<FormEvent>> {
        *self = Self { loaded: Loaded::Waiting, ..Self::default() };
        vec![Effect::Get(form.path.into(), Box::new(FormEvent::Loaded))]
    }

    /// What is wrong with a field is said until it was changed.
    fn typed(&mut self, form: &Form, typed: Typed) {
        let before = self.typed.replace(typed).unwrap_or_else(|| self.sent.clone());
        let now = self.typed.as_deref().unwrap_or_default();
        let changed = |name| {
            let at = form.fields().position(|field| field.name == name);
            at.is_none_or(|at| now.get(at) != before.get(at))
        };
        self.wrong.retain(|(name, _)| !changed(*name));
        self.saved = false;
    }

    fn submit(&mut self, form: &'static Form, typed: Typed) -> Vec<Effect<FormEvent>> {
        let Loaded::Ready(document) = &self.loaded else { return vec![] };
        if self.saving == RequestState::Pending {
            return vec![];
        }
        // What was not touched is not sent, so it is not judged.
        let touched =
            form.fields().zip(&typed).filter(|(field, typed)| document.differs(*field, typed.as_deref()));
        let wrong = touched.filter_map(|(field, typed)| {
            Some((field.name, field.kind.wrong(typed.as_deref().unwrap_or_default())?))
        });
        self.wrong = wrong.collect();
        (self.saved, self.conflict) = (false, None);
        self.saving = RequestState::Idle;
        let body = document.changed(form, &typed);
        (self.sent, self.typed) = (typed.clone(), Some(typed));
        if let Some((first, _)) = self.wrong.first() {
            return vec![Effect::Focus((*first).into())];
        }
        let Some(body) = body else {
            (self.saved, self.typed) = (true, None); // the server keeps all of it already
            return vec![];
        };
        self.saving = RequestState::Pending;
        vec![Effect::Put(form.path.into(), body, Box::new(FormEvent::Saved))]
    }

    fn saved(&mut self, form: &Form, answer: Result<Json, Fault>) -> Vec<Effect<FormEvent>> {
        match answer.map(|json| Document::read(json).ok_or_else(unreadable)) {
            Ok(Ok(document)) => {
                self.keep(form, document);
                vec![]
            }
            // It may be this very change, whose answer was lost.
            Err(fault) if fault.code() == Some(ErrorCode::SettingsChanged) => {
                vec![Effect::Get(form.path.into(), Box::new(FormEvent::Compare))]
            }
            Ok(Err(fault)) | Err(fault) => {
                let name = fault.field().and_then(|name| form.fields().find(|field| field.name == name));
                let Some(Field { name, .. }) = name else {
                    self.saving = RequestState::Failed(fault);
                    return vec![];
                };
                self.saving = RequestState::Idle;
                self.wrong = vec![(name, Wrong::Refused(fault))];
                vec![Effect::Focus(name.into())]
            }
        }
    }

    /// The change is saved, and this is what the server keeps.
    fn keep(&mut self, form: &Form, document: Document) {
        // A field that was not touched since shows what the server made of it.
        let typed = self.typed.as_ref().unwrap_or(&self.sent);
        let all = form.fields().zip(&self.sent).zip(typed);
        let settled = all.filter(|((_, sent), now)| sent == now);
        let anew: Vec<_> = settled
            .filter(|((field, sent), _)| document.typed(field.name) != **sent)
            .map(|((field, _), _)| field.name)
            .collect();
        self.saved = *typed == self.sent;
        for name in anew {
            self.show_anew(name);
        }
        if self.saved {
            self.typed = None;
        }
        self.loaded = Loaded::Ready(document);
        self.saving = RequestState::Idle;
    }

    fn show_anew(&mut self, name: &'static str) {
        match self.rounds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, round)) => *round += 1,
            None => self.rounds.push((name, 1)),
        }
    }
}

fn read(form: &'static Form, then: fn(Typed) -> FormEvent) -> Effect<FormEvent> {
    Effect::Read(form.id, form.fields().map(|field| field.name).collect(), Box::new(then))
}

fn unreadable() -> Fault {
    Fault::plain(FaultKind::Unreadable)
}

impl Document {
    fn read(mut json: Json) -> Option<Self> {
        let version = json.take("version").read().ok()?;
        let values = json.take("settings");
        matches!(values, Json::Object(_)).then_some(Self { version, values })
    }

    /// What a field holds, as it is typed; a switch that is on holds `on`.
    #[must_use]
    pub fn typed(&self, name: &str) -> Option<String> {
        let Json::Object(values) = &self.values else { return None };
        let (_, value) = values.iter().find(|(known, _)| known == name)?;
        field::as_typed(value)
    }

    fn differs(&self, field: Field, typed: Option<&str>) -> bool {
        field.kind.json(typed) != field.kind.json(self.typed(field.name).as_deref())
    }

    /// The body of the change: this version, with what was changed. What an admin did not touch is not sent: this page may be older
    /// than the server, and not understand it. `None` where nothing was changed.
    fn changed(&self, form: &Form, typed: &[Option<String>]) -> Option<String> {
        let settings: Vec<String> = form
            .fields()
            .zip(typed)
            .filter(|(field, typed)| self.differs(*field, typed.as_deref()))
            .map(|(Field { name, kind }, typed)| [&quote(name), ":", &kind.json(typed.as_deref())].concat())
            .collect();
        let version = self.version.to_string();
        let body = ["{\"version\":", &version, ",\"settings\":{", &settings.join(","), "}}"].concat();
        (!settings.is_empty()).then_some(body)
    }
}

#[cfg(test)]
mod tests;
