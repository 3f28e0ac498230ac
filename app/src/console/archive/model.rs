//! The archive's page: what was done to which file, and how much left Zendesk day by day.

use std::rc::Rc;

use wire::{AttachmentId, LedgerVolume, TicketId};

use super::search::{FIELDS, FORM, Search};
use crate::console::form::Wrong;
use crate::console::{Effect, RequestState, read};
use crate::json::objects;
use crate::model::Model;
use crate::model::dates::{date, day};
use crate::model::fault::Fault;

/// Spans of the picture, days.
pub const SPANS: [u32; 3] = [30, 90, 365];

/// The archive's page of the console.
#[derive(Debug, PartialEq)]
pub struct ArchivePage {
    /// Names the latest question; older answers are dropped.
    ask: u32,
    /// The last day of the picture, UTC.
    today: String,
    /// What is searched for.
    pub search: Search,
    /// How often the form was filled by something else than its fields.
    pub filled: u32,
    /// The ticket's number cannot be one.
    pub wrong: Option<Wrong>,
    /// What was found so far, newest first.
    pub rows: Vec<Row>,
    /// Where the next rows begin.
    pub next: Option<u64>,
    /// How the last question stands.
    pub found: RequestState,
    /// Days in the picture.
    pub span: u32,
    /// The picture.
    pub volume: Volume,
    /// How the export stands.
    pub export: RequestState,
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
    pub date: String,
    /// Files that were redacted.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Some rows of the ledger, as far as it is shown. Source: `wire::LedgerPage`.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows {
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
    /// Which connection was changed.
    pub connection: Option<String>,
    /// Which integration it is about.
    pub integration: Option<String>,
}

objects! {
    Rows { rows, next }
    Row { seq, at, actor, action, ticket_id, attachment_id, sha256, object_key; detail }
    Detail { size, reason, connection, integration }
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
pub enum ArchiveEvent {
    /// The page is opened, on this day (UTC).
    Open(String),
    /// The admin came back to the browser's tab on this day (UTC): what is new is put on top.
    Refresh(String),
    /// The form was submitted.
    Submit,
    /// This is what it holds.
    Search(Vec<Option<String>>),
    /// Only this ticket's rows, please.
    Only(TicketId),
    /// Older rows, please.
    More,
    /// The rows are asked for again.
    Again,
    /// What the server says of the rows.
    Found {
        /// Answers which question.
        ask: u32,
        /// The rows, or why there are none.
        result: Result<Rc<Rows>, Fault>,
    },
    /// What the server says of the newest rows.
    Refreshed {
        /// Answers which question.
        ask: u32,
        /// The rows, or why there are none.
        result: Result<Rc<Rows>, Fault>,
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

impl Default for ArchivePage {
    fn default() -> Self {
        Self {
            ask: 0,
            today: String::new(),
            search: Search::default(),
            filled: 0,
            wrong: None,
            rows: vec![],
            next: None,
            found: RequestState::Pending,
            span: SPANS[0],
            volume: Volume::Waiting,
            export: RequestState::Idle,
        }
    }
}

type Asked = Effect<ArchiveEvent>;

impl Model for ArchivePage {
    type Event = ArchiveEvent;
    type Effect = Asked;

    fn update(mut self, event: ArchiveEvent) -> (Self, Vec<Asked>) {
        use ArchiveEvent as E;
        let effects = match event {
            E::Open(today) if self.today.is_empty() => {
                self.today = today;
                vec![self.find(), self.days()]
            }
            E::Open(today) | E::Refresh(today) if self.found == RequestState::Idle => {
                self.today = today;
                vec![self.refresh(), self.days()]
            }
            E::Submit => {
                let names = FIELDS.iter().map(|field| field.name).collect();
                vec![Effect::Read(FORM, names, Box::new(E::Search))]
            }
            E::Search(typed) => {
                // What cannot be searched for stays in the form; the rows stay those of the search before.
                let search = Search::of(typed);
                self.wrong = FIELDS[0].kind.wrong(&search.ticket);
                if self.wrong.is_some() {
                    vec![Effect::Focus(FIELDS[0].name.into())]
                } else {
                    self.search = search;
                    self.anew()
                }
            }
            E::Only(ticket) => {
                self.search.ticket = ticket.to_string();
                (self.wrong, self.filled) = (None, self.filled + 1);
                self.anew()
            }
            E::More | E::Again => vec![self.find()],
            E::Found { ask, result } if ask == self.ask => {
                match result {
                    Ok(page) => {
                        self.rows.extend(page.rows.iter().cloned());
                        self.next = page.next;
                        self.found = RequestState::Idle;
                    }
                    Err(fault) => self.found = RequestState::Failed(fault),
                }
                vec![]
            }
            // Nobody asked for it, so nobody is told that it failed: what is shown stays, and stays true.
            E::Refreshed { ask, result: Ok(page) } if ask == self.ask => {
                self.put_on_top(&page);
                vec![]
            }
            E::Span(span) => {
                self.span = span;
                self.volume = Volume::Waiting;
                vec![self.days()]
            }
            E::Days { span, result } if span == self.span => {
                match result {
                    Ok(volume) => self.volume = Volume::Ready(self.every_day(&volume)),
                    Err(fault) if !matches!(self.volume, Volume::Ready(_)) => {
                        self.volume = Volume::Failed(fault);
                    }
                    Err(_) => {} // of a refresh, as above
                }
                vec![]
            }
            E::Export(export) if self.export != RequestState::Pending => {
                self.export = RequestState::Pending;
                let (path, name) = match export {
                    Export::Csv => ("/api/ledger/export?format=csv", "deskside-ledger.csv"),
                    Export::Json => ("/api/ledger/export?format=json", "deskside-ledger.jsonl"),
                };
                vec![Effect::Download(path.to_owned(), name, Box::new(E::Exported))]
            }
            E::Exported(result) => {
                self.export = result.err().map_or(RequestState::Idle, RequestState::Failed);
                vec![]
            }
            E::Open(_)
            | E::Refresh(_)
            | E::Found { .. }
            | E::Refreshed { .. }
            | E::Days { .. }
            | E::Export(_) => vec![],
        };
        (self, effects)
    }
}

impl ArchivePage {
    fn anew(&mut self) -> Vec<Asked> {
        self.rows.clear();
        self.next = None;
        vec![self.find()]
    }

    fn find(&mut self) -> Asked {
        self.ask += 1;
        self.found = RequestState::Pending;
        let ask = self.ask;
        let then = move |answer| ArchiveEvent::Found { ask, result: read(answer).map(Rc::new) };
        Effect::Get(self.search.path(self.next), Box::new(then))
    }

    fn refresh(&mut self) -> Asked {
        self.ask += 1;
        let ask = self.ask;
        let then = move |answer| ArchiveEvent::Refreshed { ask, result: read(answer).map(Rc::new) };
        Effect::Get(self.search.path(None), Box::new(then))
    }

    /// Rows are only ever added. Where more are new than a page holds, the rows below begin anew.
    fn put_on_top(&mut self, page: &Rows) {
        let Some(last) = page.rows.last() else { return };
        let meets = page.next.is_none() || self.rows.first().is_some_and(|first| first.seq >= last.seq);
        let below: Vec<Row> = self.rows.drain(..).filter(|row| row.seq < last.seq).collect();
        let (below, next) = if meets && !below.is_empty() { (below, self.next) } else { (vec![], page.next) };
        self.rows = page.rows.iter().cloned().chain(below).collect();
        self.next = next;
    }

    fn days(&self) -> Asked {
        let first = self.first_day().map(date).unwrap_or_default();
        let span = self.span;
        let then = move |answer| ArchiveEvent::Days { span, result: read(answer) };
        Effect::Get(["/api/ledger/volume?since=", &first].concat(), Box::new(then))
    }

    fn first_day(&self) -> Option<i64> {
        Some(self.first_day_before(day(&self.today)?))
    }

    fn first_day_before(&self, last: i64) -> i64 {
        last - i64::from(self.span) + 1
    }

    /// The server leaves out the days on which nothing left; a picture does not. Where the server's day is later than ours, as
    /// in a tab that was open overnight, the picture moves on: it never shows more days than it says.
    fn every_day(&self, volume: &LedgerVolume) -> Vec<Day> {
        let Some(today) = day(&self.today) else { return vec![] };
        let last = volume.days.last().and_then(|last| day(&last.day)).unwrap_or(today).max(today);
        let first = self.first_day_before(last);
        let of = |number: i64| {
            let date = date(number);
            let known = volume.days.iter().find(|known| known.day == date);
            Day {
                files: known.map_or(0, |known| known.files),
                bytes: known.map_or(0, |known| known.bytes),
                date,
            }
        };
        (first..=last).map(of).collect()
    }
}

#[cfg(test)]
mod tests;
