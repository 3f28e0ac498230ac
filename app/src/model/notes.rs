//! What the agent notes of each engagement: kept on the server as it is typed, and tried again until it is there.
//! **Invariant:** what was typed leaves this model only when the server has it, whatever is on the screen meanwhile.

use wire::ErrorCode;

use super::Model;
use super::fault::Fault;

/// What the server takes.
pub const LONGEST: usize = 4_000;
/// How often notes are sent to a server that does not know the engagement: for a quarter of an hour. The server knows it after
/// its first pop, and never where calls and chats are switched off.
const UNKNOWN_TRIES: u32 = 60;

/// The notes of every engagement that the agent looked at.
#[derive(Debug, Default, PartialEq)]
pub struct NotesModel {
    shown: Option<String>,
    drafts: Vec<Draft>,
}

/// Notes of one engagement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Of which.
    pub task: String,
    /// What stands in the field.
    pub noted: Noted,
    /// What the field began with, and how often that was replaced.
    pub seed: (u32, Noted),
    /// What the server has.
    saved: Noted,
    /// On its way.
    sent: Option<Noted>,
    loaded: bool,
    /// Counts what was typed.
    typed: u32,
    /// Tries that failed in a row.
    failures: u32,
    /// Why it is not saved.
    pub fault: Option<Fault>,
}

/// An agent's words, and the outcome that they chose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// In their own words.
    pub text: String,
    /// Empty: not said.
    pub outcome: String,
}

/// How a draft stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was noted.
    Empty,
    /// Typed, or on its way.
    Saving,
    /// The server has it.
    Saved,
    /// It does not, and will be tried again.
    Waiting,
    /// It refuses it.
    Refused,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum NotesEvent {
    /// This one is on the screen, or none.
    Show(Option<String>),
    /// What the server has.
    Loaded {
        /// Of which.
        task: String,
        noted: Noted,
    },
    /// The agent typed or chose.
    Typed(Noted),
    /// A second after `typed`.
    Pause {
        /// Of which.
        task: String,
        /// What was typed then.
        typed: u32,
    },
    /// The agent is done with it.
    Ended(String),
    /// The server answered.
    Answer {
        /// Of which.
        task: String,
        /// Whether it was kept.
        result: Result<(), Fault>,
    },
    /// What is not there is tried again: now, because the server can be reached again.
    Reconnected,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotesEffect {
    /// Say `Pause` after so many milliseconds.
    Pause {
        /// Of which.
        task: String,
        /// What was typed then.
        typed: u32,
        /// Milliseconds.
        after: i32,
    },
    /// Have the server keep it.
    Save {
        /// Of which.
        task: String,
        noted: Noted,
    },
}

/// Milliseconds of rest, after which what was typed is saved.
const REST: i32 = 1_000;

impl Model for NotesModel {
    type Event = NotesEvent;
    type Effect = NotesEffect;

    fn update(mut self, event: NotesEvent) -> (Self, Vec<NotesEffect>) {
        use NotesEvent as E;
        let effects = match event {
            E::Show(task) => {
                if self.shown == task {
                    return (self, vec![]);
                }
                let left = std::mem::replace(&mut self.shown, task.clone());
                let mut effects = left.map(|left| self.with(&left, Draft::save)).unwrap_or_default();
                effects.extend(task.map(|task| self.with(&task, Draft::resume)).unwrap_or_default());
                effects
            }
            E::Loaded { task, noted } => {
                if self.find(&task).is_none() && self.shown.as_ref() == Some(&task) {
                    self.drafts.push(Draft { task: task.clone(), ..Draft::default() });
                }
                self.with(&task, |draft| draft.load(noted))
            }
            E::Typed(noted) => {
                let Some(task) = self.shown.clone() else { return (self, vec![]) };
                if self.find(&task).is_none() {
                    self.drafts.push(Draft { task: task.clone(), ..Draft::default() });
                }
                self.with(&task, |draft| draft.note(noted))
            }
            E::Pause { task, typed } => {
                self.with(&task, |draft| if draft.typed == typed { draft.save() } else { vec![] })
            }
            E::Ended(task) => self.with(&task, Draft::save),
            E::Answer { task, result } => self.with(&task, |draft| draft.answer(result)),
            E::Reconnected => self.drafts.iter_mut().flat_map(Draft::save).collect(),
        };
        let shown = self.shown.clone();
        self.drafts.retain(|draft| Some(&draft.task) == shown.as_ref() || draft.is_unsaved());
        (self, effects)
    }
}

impl NotesModel {
    /// The notes on the screen; nothing where nothing was loaded or typed yet.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.drafts.iter().find(|draft| Some(&draft.task) == self.shown.as_ref())
    }

    /// Whether what was noted of other engagements is still to be saved.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.drafts.iter().any(|draft| Some(&draft.task) != self.shown.as_ref() && draft.is_owed())
    }

    fn find(&self, task: &str) -> Option<usize> {
        self.drafts.iter().position(|draft| draft.task == task)
    }

    fn with(&mut self, task: &str, act: impl FnOnce(&mut Draft) -> Vec<NotesEffect>) -> Vec<NotesEffect> {
        self.find(task).map(|index| act(&mut self.drafts[index])).unwrap_or_default()
    }
}

impl Draft {
    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.fault {
            Some(fault) if self.keeps_trying(fault) => Standing::Waiting,
            Some(_) => Standing::Refused,
            None if self.sent.is_some() || self.noted != self.saved => Standing::Saving,
            None if self.noted == Noted::default() => Standing::Empty,
            None => Standing::Saved,
        }
    }

    /// Whether the field holds what the server does not have.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.noted != self.saved
    }

    fn is_owed(&self) -> bool {
        self.is_unsaved() && self.fault.as_ref().is_none_or(|fault| self.keeps_trying(fault))
    }

    /// A session that is over is renewed by the workspace's next token.
    fn keeps_trying(&self, fault: &Fault) -> bool {
        fault.passes() || fault.ends_session() || (is_unknown(fault) && self.failures < UNKNOWN_TRIES)
    }

    /// The agent came back to it: the field begins with what they typed.
    fn resume(&mut self) -> Vec<NotesEffect> {
        self.seed = (self.seed.0 + 1, self.noted.clone());
        self.save()
    }

    fn load(&mut self, there: Noted) -> Vec<NotesEffect> {
        let was_unknown = self.fault.as_ref().is_some_and(is_unknown);
        if was_unknown {
            (self.fault, self.failures) = (None, 0);
        }
        if std::mem::replace(&mut self.loaded, true) {
            return if was_unknown { self.save() } else { vec![] };
        }
        self.saved = there.clone();
        if self.noted == there {
            return vec![];
        }
        // What was typed before this arrived stays, below what was there.
        let own = std::mem::take(&mut self.noted);
        let both = [there.text.as_str(), own.text.as_str()].into_iter().filter(|text| !text.is_empty());
        self.noted = Noted {
            text: both.collect::<Vec<_>>().join("\n"),
            outcome: if own.outcome.is_empty() { there.outcome } else { own.outcome },
        };
        self.seed = (self.seed.0 + 1, self.noted.clone());
        if self.noted == self.saved { vec![] } else { self.save() }
    }

    fn note(&mut self, noted: Noted) -> Vec<NotesEffect> {
        self.noted = noted;
        self.typed += 1;
        (self.fault, self.failures) = (None, 0);
        vec![NotesEffect::Pause { task: self.task.clone(), typed: self.typed, after: REST }]
    }

    fn save(&mut self) -> Vec<NotesEffect> {
        if self.sent.is_some() || !self.is_owed() {
            return vec![];
        }
        self.sent = Some(self.noted.clone());
        vec![NotesEffect::Save { task: self.task.clone(), noted: self.noted.clone() }]
    }

    fn answer(&mut self, result: Result<(), Fault>) -> Vec<NotesEffect> {
        let sent = self.sent.take().unwrap_or_default();
        match result {
            Ok(()) => {
                (self.saved, self.fault, self.failures) = (sent, None, 0);
                self.save()
            }
            Err(fault) => {
                let wait = (2 << self.failures.min(3)).min(15).max(fault.retry_after.unwrap_or(0).min(60));
                self.failures += 1;
                let again = self.keeps_trying(&fault);
                self.fault = Some(fault);
                let after = i32::try_from(wait).unwrap_or(15) * 1000;
                let (task, typed) = (self.task.clone(), self.typed);
                if again { vec![NotesEffect::Pause { task, typed, after }] } else { vec![] }
            }
        }
    }
}

/// The engagement's first pop is not written down yet.
fn is_unknown(fault: &Fault) -> bool {
    fault.code() == Some(ErrorCode::EngagementNotFound)
}

#[cfg(test)]
mod tests;
