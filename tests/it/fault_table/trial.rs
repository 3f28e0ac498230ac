//! One ticket to which one thing happens, and what must be true of it afterwards, seen from the outside: in Zendesk, in the
//! store, in the ledger, and as the agent sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use deskside::store::ledger;
use deskside_sandbox::{FaultId, FaultRule, Matching, credentials};
use serde_json::{Value, json};

use super::calls::{Asked, Call, Marks};
use super::kinds::{Kind, Lasts};
use crate::support::actors::Visitor;
use crate::support::archive::{Files, files, items, notes, sha256};
use crate::support::s3::S3;
use crate::support::testbed::Testbed;

/// Parts of large files, so small that every file can be a large one.
pub const PART: usize = 16 * 1024;

/// One fault: what goes wrong, with what, for how long.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub call: Call,
    pub kind: Kind,
    /// How long.
    pub lasts: Lasts,
}

/// A ticket with files, before anything happens to it.
pub struct Trial {
    /// Its number.
    pub ticket: u64,
    /// What it held.
    pub before: Files,
    /// Nobody can write on it.
    pub closed: bool,
    /// The store refused to delete for it.
    keeps_all: bool,
    marks: Marks,
}

impl Trial {
    /// A customer writes in with two files; what else `call` needs is there.
    pub async fn prepare(bed: &Testbed, call: Call) -> Self {
        let ticket = bed.vendors().open_ticket();
        let first = if call.needs_parts() { PART as u64 } else { 700 };
        bed.vendors().attach(ticket, "first.bin", first).expect("it is attached");
        bed.vendors().attach(ticket, "second.bin", 900).expect("it is attached");
        if call.needs_pages() {
            bed.vendors().talk(ticket, 100);
        }
        if call == Call::Untag {
            let tags = format!("/api/v2/tickets/{ticket}/tags.json");
            bed.zendesk(reqwest::Method::PUT, &tags, &json!({"tags": ["archive_failed"]})).await;
        }
        let closed = call == Call::RedactClosed;
        if closed {
            bed.vendors().set_status(ticket, "closed");
        }
        let comment = &bed.vendors().comments(ticket)[0];
        let token = token(&comment["attachments"][0]);
        let marks = Marks { ticket, comment: comment["id"].as_u64().expect("an id"), token };
        Self { ticket, before: files(bed, ticket), closed, keeps_all: false, marks }
    }

    /// Somebody has changed it since.
    pub fn looks_again(self, bed: &Testbed) -> Self {
        Self { before: files(bed, self.ticket), ..self }
    }

    /// How the bytes of one of its files are asked for.
    pub fn bytes_of(&self, bed: &Testbed, file_name: &str) -> Matching {
        let comment = &bed.vendors().comments(self.ticket)[0];
        let files = comment["attachments"].as_array().expect("a list");
        let file = files.iter().find(|file| file["file_name"] == file_name).expect("it is there");
        Call::Content.of(&Marks { token: token(file), ..self.marks }).0
    }

    /// How its calls are recognised.
    pub const fn marks(&self) -> &Marks {
        &self.marks
    }

    /// From now on it goes wrong.
    pub fn meets(&mut self, bed: &Testbed, store: &S3, case: Case) -> FaultId {
        self.keeps_all = case.call == Call::Delete && case.kind.name == "403";
        let (mut on, skip) = case.call.of(&self.marks);
        if case.kind.sent {
            on.host = on.host.map(|name| format!("sent {name}"));
        }
        let rule = FaultRule { on, times: case.lasts.times(), skip, fault: case.kind.fault };
        match case.call.asked() {
            Asked::Store => store.fault(rule),
            Asked::Zendesk | Asked::Content => bed.vendors().fault(rule),
        }
    }

    /// What the agent sees.
    pub async fn view(&self, agent: &Visitor) -> Value {
        agent.attachments(self.ticket).await.json()
    }

    /// Everything is put away, and the ticket says so; a run that found nothing left to do has nothing to say.
    pub fn is_over(&self, view: &Value) -> bool {
        let told = self.closed || view["run"]["noted"] != false;
        items(view).values().all(|state| state == "redacted") && view["run"]["state"] == "done" && told
    }

    /// What must be true whatever happened, as soon as nobody works on it any more.
    pub async fn is_sound(&self, bed: &Testbed, stored: &Stored, view: &Value) -> Result<(), String> {
        let (left, states, found) = (files(bed, self.ticket), items(view), stored.copies(self.ticket));
        let run = &view["run"];
        let ended = ["done", "failed"].iter().any(|state| run["state"] == *state);
        check(ended, || format!("nobody works on it, and it has not ended: {run}"))?;
        for (id, file) in &self.before {
            let state = states.get(id).map_or("forgotten", String::as_str);
            let copies = found.get(id).map_or(&[][..], Vec::as_slice);
            check(copies.len() <= 1, || format!("{id} is in the store {} times", copies.len()))?;
            if left.contains_key(id) {
                let says_why = state.split_once(' ').is_some_and(|(state, _)| state == "failed")
                    || (state == "in_zendesk" && run["problem"]["code"].is_string());
                check(says_why, || format!("{id} is in Zendesk and nobody says why: {state}, {run}"))?;
            } else {
                let whole = copies.iter().all(|copy| *copy == sha256(&file.bytes)) && copies.len() == 1;
                check(whole, || format!("{id} was redacted without a whole copy"))?;
            }
            check(state != "redacted" || !left.contains_key(id), || format!("{id} is said to be redacted"))?;
        }
        self.told_once(bed, view).await
    }

    /// What must be true in the end.
    pub async fn is_put_away(&self, bed: &Testbed, stored: &Stored, view: &Value) -> Result<(), String> {
        check(self.is_over(view), || format!("it is not over: {view}"))?;
        self.is_sound(bed, stored, view).await?;
        check(files(bed, self.ticket).is_empty(), || "something is left in Zendesk".to_owned())?;
        let ticket = bed.vendors().ticket(self.ticket).expect("the ticket");
        let has =
            |tag: &str| ticket["tags"].as_array().is_some_and(|tags| tags.iter().any(|known| known == tag));
        check(self.closed || (has("archived") && !has("archive_failed")), || {
            format!("tags: {}", ticket["tags"])
        })?;
        let notes = notes(bed, self.ticket);
        for file in self.before.values() {
            let named = notes.iter().any(|note| note.contains(&file.name));
            check(named != self.closed, || format!("no note names {}: {notes:?}", file.name))?;
        }
        let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, self.ticket)
            .await
            .map_err(|e| e.to_string())?;
        for id in self.before.keys() {
            let redacted = |row: &&ledger::LedgerRow| {
                row.entry.attachment_id == Some(*id) && row.entry.action == "redacted"
            };
            let told = rows.iter().filter(redacted).count();
            check(told == 1, || format!("the ledger says of {id} {told} times that it is redacted"))?;
        }
        // A store that forbids deletion keeps what a large file was written to first; the log names it.
        let incoming = stored.incoming(self.ticket);
        check(incoming.is_empty() || self.keeps_all, || format!("left behind: {incoming:?}"))
    }

    /// A run's note is there once; it is there if the run says so; and the tag is the run's.
    async fn told_once(&self, bed: &Testbed, view: &Value) -> Result<(), String> {
        let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, self.ticket)
            .await
            .map_err(|e| e.to_string())?;
        let runs: BTreeSet<&str> = rows.iter().filter_map(|row| row.entry.detail["run"].as_str()).collect();
        let notes = notes(bed, self.ticket);
        let of = |run: &str| {
            notes.iter().filter(|note| note.contains(&format!("Deskside archive run {run} "))).count()
        };
        for run in runs {
            check(of(run) <= 1, || format!("run {run} wrote {} notes", of(run)))?;
        }
        let run = &view["run"];
        let here = of(run["id"].as_str().unwrap_or_default());
        check((run["noted"] == true) == (here == 1), || format!("{here} notes of {run}"))
    }
}

/// The word in a file's address.
fn token(file: &Value) -> String {
    let url = file["content_url"].as_str().expect("an address");
    url.split("/token/").nth(1).and_then(|rest| rest.split('/').next()).expect("a token").to_owned()
}

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// What is in the store.
pub struct Stored(Vec<PathBuf>);

impl Stored {
    /// All files in which objects are.
    pub const fn of(files: Vec<PathBuf>) -> Self {
        Self(files)
    }

    fn names(&self, ticket: u64) -> impl Iterator<Item = (&PathBuf, &str)> {
        let folder = format!("/{ticket}/");
        let of_ticket = self.0.iter().filter(move |path| path.to_string_lossy().contains(&folder));
        of_ticket.filter_map(|path| Some((path, path.file_name()?.to_str()?)))
    }

    /// The SHA-256 of each attachment's finished copies.
    fn copies(&self, ticket: u64) -> BTreeMap<u64, Vec<String>> {
        let mut copies = BTreeMap::<u64, Vec<String>>::new();
        let is_copy = |path: &PathBuf| {
            let path = path.to_string_lossy();
            !path.contains("/manifests/") && !path.ends_with(".meta.json")
        };
        for (path, name) in self.names(ticket).filter(|(path, name)| is_copy(path) && !is_unfinished(name)) {
            let id = name.split_once('-').and_then(|(id, _)| id.parse().ok());
            let bytes = std::fs::read(path).expect("an object");
            copies.entry(id.expect("a name that begins with an id")).or_default().push(sha256(&bytes));
        }
        copies
    }

    /// What is not finished, and what is not finished of manifests.
    fn incoming(&self, ticket: u64) -> Vec<&str> {
        self.names(ticket).map(|(_, name)| name).filter(|name| is_unfinished(name)).collect()
    }
}

/// `#` names what a folder has not yet got whole.
fn is_unfinished(name: &str) -> bool {
    name.ends_with(".incoming") || name.contains('#')
}
