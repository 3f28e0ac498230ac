//! Everything that one Salesforce organization remembers. **Invariant:** plain data behind one lock; no I/O happens under it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    bulk::Job,
    oauth::{App, Code, Refresh, Session},
    objects::objects,
    query::Cursor,
    record::{Table, id},
};
use crate::options::Options;

/// The organization.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) id: String,
    tables: Vec<Table>,
    hidden: BTreeSet<(String, String)>,
    pub(crate) app: App,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) refresh_tokens: HashMap<String, Refresh>,
    pub(crate) cursors: HashMap<String, Cursor>,
    pub(crate) jobs: BTreeMap<String, Job>,
    /// Why the next query job fails, where somebody asked for that.
    pub(crate) next_job_fails: Option<String>,
    numbers: u64,
    calls: (DateTime<Utc>, u32),
}

impl Org {
    pub(crate) fn new(options: &Options, now: DateTime<Utc>) -> Self {
        let tables = objects().into_iter().map(Table::new).collect();
        let mut org = Self {
            id: id("00D", 1),
            tables,
            hidden: BTreeSet::new(),
            app: App::seeded(options),
            codes: HashMap::new(),
            sessions: HashMap::new(),
            refresh_tokens: HashMap::new(),
            cursors: HashMap::new(),
            jobs: BTreeMap::new(),
            next_job_fails: None,
            numbers: 0,
            calls: (now, 0),
        };
        crate::seed::sales::fill(&mut org, options.seed, now);
        org
    }

    /// The object of this name, whatever its case.
    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.object.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.object.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Whether the callers' permissions hide this field.
    pub(crate) fn hides(&self, object: &str, field: &str) -> bool {
        !self.hidden.is_empty() && self.hidden.contains(&(object.to_lowercase(), field.to_lowercase()))
    }

    /// Hides a field from every caller, or shows it again.
    pub(crate) fn hide(&mut self, object: &str, field: &str, hidden: bool) {
        let name = (object.to_lowercase(), field.to_lowercase());
        if hidden {
            self.hidden.insert(name);
        } else {
            self.hidden.remove(&name);
        }
    }

    /// A number that nothing here has had.
    pub(crate) const fn fresh_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Counts a call of this day; how many there were, this one too.
    pub(crate) fn count_call(&mut self, now: DateTime<Utc>) -> u32 {
        if now >= self.calls.0 + TimeDelta::days(1) {
            self.calls = (now, 0);
        }
        self.calls.1 += 1;
        self.calls.1
    }

    /// How many calls there were today.
    pub(crate) const fn calls(&self) -> u32 {
        self.calls.1
    }

    /// As if so many calls had been made today.
    pub(crate) const fn set_calls(&mut self, now: DateTime<Utc>, used: u32) {
        self.calls = (now, used);
    }

    /// A user's id by their name for signing in.
    pub(crate) fn user_named(&self, username: &str) -> Option<String> {
        let users = self.table("User")?;
        let named = |record: &&super::record::Record| {
            users.value(record, "Username").as_str().is_some_and(|known| known.eq_ignore_ascii_case(username))
        };
        users
            .records
            .values()
            .find(named)
            .and_then(|user| users.value(user, "Id").as_str().map(str::to_owned))
    }
}
