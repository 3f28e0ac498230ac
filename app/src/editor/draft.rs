//! An integration while it is edited: what the fields of the form hold, by their names, and the rows that come and go. **Invariant:** what
//! the server keeps and no field shows stays as it is.

mod reading;
mod writing;

use crate::json::Json;

pub use writing::NEW_FIELD;

/// An integration while it is edited.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// By their names: `name`, `s1.as`, `m2.field`, `c.mrr`.
    values: Vec<(String, String)>,
    /// What is read.
    pub sources: Vec<Row>,
    /// What each field gets.
    pub mapping: Vec<Row>,
    /// Who is in charge of a contract.
    pub owners: Vec<Row>,
    /// The document that it was made from: with a version, what the server keeps; without one, a template, or nothing.
    pub base: Json,
    next: u32,
}

/// A row of the form. Its number stays its own when others go.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    of: Rows,
    number: u32,
    /// What it was made from.
    base: Json,
}

/// What a row is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Sources.
    Sources,
    /// Fields that are written.
    Mapping,
    /// Who is in charge.
    Owners,
}

impl Row {
    /// The name of one of its fields.
    #[must_use]
    pub fn name(&self, part: &str) -> String {
        [&self.key(), ".", part].concat()
    }

    /// What it is called among its like.
    #[must_use]
    pub fn key(&self) -> String {
        let letter = match self.of {
            Rows::Sources => "s",
            Rows::Mapping => "m",
            Rows::Owners => "o",
        };
        [letter, &self.number.to_string()].concat()
    }
}

/// What a field that is ticked holds.
pub const ON: &str = "on";

impl Draft {
    /// What a field holds; empty where nobody has filled it.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The same of a row's field.
    #[must_use]
    pub fn of(&self, row: &Row, part: &str) -> &str {
        self.get(&row.name(part))
    }

    /// Fills a field.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.values.iter_mut().find(|(known, _)| known == name) {
            Some((_, there)) => *there = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// Takes what the fields of the form hold; those that are not shown keep what they held. True: something is another now.
    pub fn take(&mut self, typed: &Json) -> bool {
        let mut is_other = false;
        for (name, value) in typed.members() {
            let value = value.shown().replace('\r', "");
            if self.get(name) != value {
                is_other = true;
                self.set(name, value);
            }
        }
        is_other
    }

    /// The rows of a kind.
    pub fn rows(&mut self, of: Rows) -> &mut Vec<Row> {
        match of {
            Rows::Sources => &mut self.sources,
            Rows::Mapping => &mut self.mapping,
            Rows::Owners => &mut self.owners,
        }
    }

    /// Adds a row, made from this; answers what it is called.
    pub fn add(&mut self, of: Rows, base: Json) -> Row {
        self.next += 1;
        let row = Row { of, number: self.next, base };
        self.rows(of).push(row.clone());
        row
    }

    /// Removes a row with all that its fields hold.
    pub fn remove(&mut self, row: &Row) {
        let prefix = row.name("");
        self.values.retain(|(name, _)| !name.starts_with(&prefix));
        self.rows(row.of).retain(|other| other.number != row.number);
    }

    /// The version that the server keeps and this was made from; none of a new one.
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.base.at("version").clone().read().ok()
    }

    /// Whether it is one that the server keeps.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.version().is_some()
    }
}

/// The steps between column and field, as they are typed: with commas between them, also within `map{…}`.
#[must_use]
pub fn functions(text: &str) -> Vec<String> {
    let (mut all, mut one, mut depth) = (vec![], String::new(), 0_i32);
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 => {
                all.push(std::mem::take(&mut one));
                continue;
            }
            _ => {}
        }
        one.push(character);
    }
    all.push(one);
    all.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// The parts of a contract that name a column each.
pub const CONTRACT: [&str; 9] = [
    "company_id",
    "company",
    "account_type",
    "subscription_status",
    "mrr",
    "currency",
    "start",
    "renewal",
    "record_id",
];
/// The columns that say whom a row is about.
pub const PEOPLE: [&str; 4] = ["user", "email", "external_id", "organization"];

#[cfg(test)]
mod tests;
