//! What an admin sees of the archive: what was done to which file, and how much left Zendesk day by day.

use wire::{AttachmentId, LedgerVolume, TicketId};

use super::Model;
use super::dates::{date, day};
use super::fault::Fault;
use crate::json::objects;

/// Spans of the picture, days.
pub const SPANS: [u32; 3] = [30, 90, 365];

/// The archive's page of the console.
#[derive(Debug, PartialEq)]
pub struct LedgerModel {
    /// Names the latest question; older answers are dropped.
    ask: u32,
    /// The last day of the picture, UTC.
    today: String,
    /// What is looked for.
    pub search: Search,
    /// What was found so far, newest first.
    pub rows: Vec<Row>,
    /// Where the next rows begin.
    pub next: Option<u64>,
    /// How the last question stands.
    pub asked: Asked,
    /// Days in the picture.
    pub span: u32,
    /// The picture.
    pub volume: Volume,
    /// How the export stands.
    pub export: Asked,
}

/// How a question to the server stands.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Answered, or never asked.
    #[default]
    Answered,
    /// On its way.
    Waiting,
    /// Refused, or unanswered.
    Failed(Fault),
}

/// What left Zendesk, day by day.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Volume {
    /// On its way.
    #[default]
    Waiting,
    /// Not to be had.
    Failed(Fault),
    /// Every day of the span, oldest first, also those on which nothing left.
    Ready(Vec<Day>),
}

/// One day, UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// `2026-11-22`.
    pub day: String,
    /// Files that were redacted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What is looked for, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// A ticket's number.
    pub ticket: String,
    /// What was done, such as `redacted`.
    pub action: String,
    /// Who did it, such as `agent:77`.
    pub actor: String,
    /// The first day, UTC.
    pub since: String,
    /// The last day, UTC; itself too.
    pub until: String,
}

/// A page of the ledger, as far as it is shown. Source: `wire::LedgerPage`.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    rows: Vec<Row>,
    next: Option<u64>,
}

/// One row, as far as it is shown. Source: `wire::LedgerLine`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub seq: u64,
    /// RFC 3339 UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Did what.
    pub action: String,
    /// To which ticket.
    pub ticket_id: Option<TicketId>,
    /// To which attachment.
    pub attachment_id: Option<AttachmentId>,
    /// The bytes.
    pub sha256: Option<String>,
    /// Where they are.
    pub object_key: Option<String>,
    /// More.
    pub detail: Detail,
}

/// More about a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    /// Bytes.
    pub size: Option<u64>,
    /// A code: why the file was not moved.
    pub reason: Option<String>,
}

objects! {
    Page { rows, next }
    Row { seq, at, actor, action, ticket_id, attachment_id, sha256, object_key; detail }
    Detail { size, reason }
}

/// A file of the whole ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// For spreadsheets.
    Csv,
    /// JSON Lines, for programs.
    Json,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum LedgerEvent {
    /// The page is shown, on this day (UTC).
    Open(String),
    /// The form was submitted.
    Search(Search),
    /// Older rows, please.
    More,
    /// The rows are asked for again.
    Again,
    /// What the server says of the rows.
    Found {
        /// Answers which question.
        ask: u32,
        /// The rows, or why there are none.
        result: Result<std::rc::Rc<Page>, Fault>,
    },
    /// So many days in the picture.
    Span(u32),
    /// What the server says of the days.
    Days {
        /// Of which span.
        span: u32,
        /// The days, or why there are none.
        result: Result<LedgerVolume, Fault>,
    },
    /// The whole ledger as a file.
    Export(Export),
    /// It is saved, or not.
    Exported(Result<(), Fault>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerEffect {
    /// Ask for rows.
    Find {
        /// Names the question.
        ask: u32,
        /// Where.
        path: String,
    },
    /// Ask for days.
    Days {
        /// Of which span.
        span: u32,
        /// Where.
        path: String,
    },
    /// Save a file.
    Save {
        /// From where.
        path: String,
        /// Under which name.
        name: &'static str,
    },
}

impl Default for LedgerModel {
    fn default() -> Self {
        Self {
            ask: 0,
            today: String::new(),
            search: Search::default(),
            rows: vec![],
            next: None,
            asked: Asked::Waiting,
            span: SPANS[0],
            volume: Volume::Waiting,
            export: Asked::Answered,
        }
    }
}

impl Model for LedgerModel {
    type Event = LedgerEvent;
    type Effect = LedgerEffect;

    fn update(mut self, event: LedgerEvent) -> (Self, Vec<LedgerEffect>) {
        use LedgerEvent as E;
        let effects = match event {
            E::Open(today) => {
                self.today = today;
                vec![self.find(), self.days()]
            }
            E::Search(search) => {
                self.search = search;
                self.rows.clear();
                self.next = None;
                vec![self.find()]
            }
            E::More | E::Again => vec![self.find()],
            E::Found { ask, result } if ask == self.ask => {
                match result {
                    Ok(page) => {
                        self.rows.extend(page.rows.iter().cloned());
                        self.next = page.next;
                        self.asked = Asked::Answered;
                    }
                    Err(fault) => self.asked = Asked::Failed(fault),
                }
                vec![]
            }
            E::Span(span) => {
                self.span = span;
                self.volume = Volume::Waiting;
                vec![self.days()]
            }
            E::Days { span, result } if span == self.span => {
                self.volume = match result {
                    Ok(volume) => Volume::Ready(self.every_day(&volume)),
                    Err(fault) => Volume::Failed(fault),
                };
                vec![]
            }
            E::Export(export) if self.export != Asked::Waiting => {
                self.export = Asked::Waiting;
                let (path, name) = match export {
                    Export::Csv => ("/api/ledger/export?format=csv", "deskside-ledger.csv"),
                    Export::Json => ("/api/ledger/export?format=json", "deskside-ledger.jsonl"),
                };
                vec![LedgerEffect::Save { path: path.into(), name }]
            }
            E::Exported(result) => {
                self.export = result.err().map_or(Asked::Answered, Asked::Failed);
                vec![]
            }
            E::Found { .. } | E::Days { .. } | E::Export(_) => vec![],
        };
        (self, effects)
    }
}

impl LedgerModel {
    fn find(&mut self) -> LedgerEffect {
        self.ask += 1;
        self.asked = Asked::Waiting;
        LedgerEffect::Find { ask: self.ask, path: self.search.path(self.next) }
    }

    fn days(&self) -> LedgerEffect {
        let first = self.first_day().map(date).unwrap_or_default();
        LedgerEffect::Days { span: self.span, path: format!("/api/ledger/volume?since={first}") }
    }

    fn first_day(&self) -> Option<i64> {
        Some(day(&self.today)? - i64::from(self.span) + 1)
    }

    /// The server leaves out the days on which nothing left; a picture does not.
    fn every_day(&self, volume: &LedgerVolume) -> Vec<Day> {
        let (Some(first), Some(today)) = (self.first_day(), day(&self.today)) else { return vec![] };
        let last = volume.days.last().and_then(|last| day(&last.day)).unwrap_or(today).max(today);
        let of = |number: i64| {
            let day = date(number);
            let known = volume.days.iter().find(|known| known.day == day);
            Day {
                files: known.map_or(0, |known| known.files),
                bytes: known.map_or(0, |known| known.bytes),
                day,
            }
        };
        (first..=last).map(of).collect()
    }
}

impl Search {
    /// Whether anything is looked for in particular.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn path(&self, before: Option<u64>) -> String {
        // The server's `until` is the first moment that is too late.
        let until = day(&self.until).map_or_else(|| self.until.clone(), |day| date(day + 1));
        let before = before.map(|seq| seq.to_string()).unwrap_or_default();
        let wanted = [
            ("ticket", self.ticket.trim().trim_start_matches('#')),
            ("action", self.action.as_str()),
            ("actor", self.actor.trim()),
            ("since", self.since.as_str()),
            ("until", until.as_str()),
            ("before", before.as_str()),
        ];
        let mut path = "/api/ledger".to_owned();
        for (name, value) in wanted.into_iter().filter(|(_, value)| !value.is_empty()) {
            path.push(if path.contains('?') { '&' } else { '?' });
            path += name;
            path.push('=');
            encode(value, &mut path);
        }
        path
    }
}

/// As a query's value. Source: RFC 3986, 2.3.
fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            into.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]);
        }
    }
}

#[cfg(test)]
mod tests;
