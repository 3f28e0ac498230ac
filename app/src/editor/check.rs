//! What can be told to be wrong before anything is sent: whether columns, steps and fields fit one another. **Invariant:** no I/O; what
//! nobody knows yet is not wrong.

use super::draft::{Draft, NEW_FIELD, ON, Row, functions};
use super::reading::{Column, Field};

/// What is wrong with a field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing is there.
    Empty,
    /// Not the name of a table.
    Alias,
    /// Another source has the name.
    AliasTwice,
    /// Not an id.
    Id,
    /// The model has no such column.
    NoColumn(String),
    /// The destination has no such field.
    NoField(String),
    /// Values of this type never fit a field of that type.
    Clash(String, String),
    /// Some values may not fit: only whole numbers do, only `true` and `false` do, and so on.
    Risk(String, String),
    /// The text fits no field of this type.
    Constant(String),
    /// The dropdown has no such option.
    NoOption(String),
    /// The destination has the field already, as another type than it would be made.
    OtherType(String),
    /// The server said so, in English.
    Server(String),
}

impl Wrong {
    /// Whether it may be saved all the same.
    #[must_use]
    pub fn is_risk(&self) -> bool {
        matches!(self, Self::Risk(..))
    }
}

/// What is known of both ends.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The model's columns, once its rows were looked at.
    pub columns: Option<&'a [Column]>,
    /// The destination's fields, once they are here.
    pub fields: Option<&'a [Field]>,
}

/// What is wrong with a row of the mapping, and at which of its fields. It is said while somebody chooses, so what is empty is not wrong.
#[must_use]
pub fn of_mapping(draft: &Draft, row: &Row, known: Known<'_>) -> Option<(&'static str, Wrong)> {
    let is_constant = draft.of(row, "from") == "constant";
    let column = draft.of(row, "column").trim();
    let found = known.columns.and_then(|all| all.iter().find(|one| one.name == column));
    if !is_constant && !column.is_empty() && known.columns.is_some() && found.is_none() {
        return Some(("column", Wrong::NoColumn(column.to_owned())));
    }
    let name = draft.field(row);
    let field = known.fields.and_then(|all| all.iter().find(|one| one.name == name && one.writable));
    let creates = draft.of(row, "field") == NEW_FIELD || draft.of(row, "create") == ON;
    if !name.is_empty() && known.fields.is_some() && field.is_none() && !creates {
        return Some(("field", Wrong::NoField(name.to_owned())));
    }
    let made = draft.of(row, "type");
    if let Some(field) = field.filter(|field| creates && field.kind != made) {
        return Some(("type", Wrong::OtherType(field.kind.clone())));
    }
    let kind = match (field, creates) {
        (Some(field), _) => field.kind.as_str(),
        (None, true) => made,
        (None, false) => return None,
    };
    if is_constant {
        let options = field.and_then(|field| field.values.as_deref());
        return constant(draft.of(row, "constant").trim(), kind, options).map(|wrong| ("constant", wrong));
    }
    let steps = functions(draft.of(row, "functions"));
    let from = after(found?.kind.as_str(), &steps)?;
    let pair = || (from.to_owned(), kind.to_owned());
    match fits(from, kind) {
        Fit::Always => None,
        Fit::Perhaps => Some(("field", Wrong::Risk(pair().0, pair().1))),
        Fit::Never => Some(("field", Wrong::Clash(pair().0, pair().1))),
    }
}

/// The type of a column's values after these steps; nothing where it depends on the values.
fn after<'a>(kind: &'a str, steps: &[String]) -> Option<&'a str> {
    let mut kind = kind;
    for step in steps {
        kind = match step.split(['(', '{']).next().unwrap_or_default() {
            "map" | "truncate" => return None,
            "digits" => "integer",
            "date" if matches!(kind, "timestamp" | "date" | "text") => "date",
            "round" if step.replace(' ', "") == "round(0)" && kind == "decimal" => "integer",
            _ => kind,
        };
    }
    Some(kind)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Always,
    Perhaps,
    Never,
}

/// Whether values of a column's type fit a field's type: as the server reads values, and Zendesk stores them.
fn fits(column: &str, field: &str) -> Fit {
    match (field, column) {
        (
            "checkbox" | "date" | "decimal" | "integer" | "lookup" | "dropdown" | "multiselect" | "regexp",
            "text",
        )
        | ("decimal", "integer" | "decimal")
        | ("integer" | "lookup", "integer")
        | ("date", "date" | "timestamp")
        | ("checkbox", "boolean")
        | ("dropdown" | "multiselect", "integer" | "boolean") => Fit::Always,
        ("integer" | "lookup", "decimal") | ("checkbox", "integer") | ("multiselect", "json") => Fit::Perhaps,
        ("decimal" | "integer" | "lookup" | "date" | "checkbox", _) => Fit::Never,
        ("dropdown" | "multiselect", "decimal" | "date" | "timestamp" | "json") => Fit::Never,
        _ => Fit::Always,
    }
}

/// What is wrong with a text that always goes into a field of this type.
fn constant(text: &str, kind: &str, options: Option<&[String]>) -> Option<Wrong> {
    let wrong = || Some(Wrong::Constant(kind.to_owned()));
    let is_number = |text: &str| {
        let text = text.strip_prefix('-').unwrap_or(text);
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match kind {
        _ if text.is_empty() => None,
        "integer" | "lookup" if !is_number(text) => wrong(),
        "decimal" => {
            let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
            if is_number(whole) && is_number(part) && !part.starts_with('-') { None } else { wrong() }
        }
        "date" if crate::model::dates::day(text).is_none() || text.len() != 10 => wrong(),
        "checkbox" if !["true", "false", "yes", "no", "1", "0"].contains(&text.to_lowercase().as_str()) => {
            wrong()
        }
        "dropdown" if options.is_some_and(|all| !all.iter().any(|one| one == text)) => {
            Some(Wrong::NoOption(text.to_owned()))
        }
        _ => None,
    }
}

/// All that keeps it from being sent, each at its field, in the order of the page.
#[must_use]
pub fn before_saving(draft: &Draft, known: Known<'_>) -> Vec<(String, Wrong)> {
    let mut wrong = vec![];
    let empty = |name: &str| draft.get(name).trim().is_empty();
    let mut needed = |names: &[String]| {
        wrong.extend(names.iter().filter(|name| empty(name)).map(|name| (name.clone(), Wrong::Empty)));
    };
    needed(&["name".to_owned(), "id".to_owned()]);
    for row in &draft.sources {
        needed(&[row.name("as"), row.name("connection")]);
        match draft.of(row, "read") {
            "sql" | "soql" => needed(&[row.name("sql")]),
            "file" => needed(&[row.name("path")]),
            _ => {}
        }
    }
    if draft.sources.len() > 1 {
        needed(&["model".to_owned()]);
    }
    needed(&["to".to_owned(), "key.column".to_owned()]);
    if draft.names_new() {
        needed(&["new_name".to_owned()]);
    }
    for row in &draft.mapping {
        let from = if draft.of(row, "from") == "constant" { "constant" } else { "column" };
        needed(&[row.name(from), row.name("field")]);
        if draft.of(row, "field") == NEW_FIELD {
            needed(&[row.name("key"), row.name("title")]);
        }
    }
    if draft.get("contract") == ON {
        needed(&["c.company_id".to_owned()]);
    }
    let id = draft.get("id").trim();
    if !id.is_empty() && !is_id(id) {
        wrong.push(("id".into(), Wrong::Id));
    }
    for (at, row) in draft.sources.iter().enumerate() {
        let alias = draft.of(row, "as").trim();
        if !alias.is_empty() && !is_alias(alias) {
            wrong.push((row.name("as"), Wrong::Alias));
        } else if draft.sources.iter().take(at).any(|other| draft.of(other, "as").trim() == alias) {
            wrong.push((row.name("as"), Wrong::AliasTwice));
        }
    }
    if let Some(columns) = known.columns {
        let key = draft.get("key.column").trim();
        if !key.is_empty() && !columns.iter().any(|column| column.name == key) {
            wrong.push(("key.column".into(), Wrong::NoColumn(key.into())));
        }
    }
    for row in &draft.mapping {
        let found = of_mapping(draft, row, known).filter(|(_, wrong)| !wrong.is_risk());
        wrong.extend(found.map(|(part, wrong)| (row.name(part), wrong)));
    }
    wrong
}

/// Lower-case letters, digits and hyphens.
fn is_id(text: &str) -> bool {
    text.len() <= 40
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A letter, then letters, digits and underscores.
fn is_alias(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 41
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// An id that is made of a name.
#[must_use]
pub fn id_of(name: &str) -> String {
    let mut id = String::new();
    for character in name.to_lowercase().chars().filter(char::is_ascii) {
        if character.is_ascii_alphanumeric() {
            id.push(character);
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id: String = id.chars().take(40).collect();
    id.trim_end_matches('-').to_owned()
}

/// The field of the form that a place in the server's document is about; empty: of none.
#[must_use]
pub fn field_of(draft: &Draft, place: &str) -> String {
    let indexed = |prefix: &str| {
        let (index, part) = place.strip_prefix(prefix)?.strip_prefix('[')?.split_once(']')?;
        Some((index.parse::<usize>().ok()?, part.trim_start_matches('.')))
    };
    if let Some((index, part)) = indexed("sources") {
        let part = match part {
            "read.sql" | "read.soql" => "sql",
            "read.path" => "path",
            "as" => "as",
            _ => "connection",
        };
        return draft.sources.get(index).map(|row| row.name(part)).unwrap_or_default();
    }
    if let Some((index, part)) = indexed("mapping") {
        let Some(row) = draft.mapping.get(index) else { return String::new() };
        let part = match part {
            "column" if draft.of(row, "from") == "constant" => "constant",
            "field" if draft.of(row, "field") == NEW_FIELD => "key",
            "create.type" => "type",
            "create.title" => "title",
            "create.options" => "options",
            part => part,
        };
        return row.name(part);
    }
    if let Some((index, part)) = indexed("contract.owners") {
        return draft.owners.get(index).map(|row| row.name(part)).unwrap_or_default();
    }
    match place {
        "destination.connection" => "to".into(),
        "destination.object" => "object".into(),
        "destination.mode" => "mode".into(),
        "destination.new_name" => "new_name".into(),
        "model" | "model.sql" => "model".into(),
        "schedule" => match draft.get("schedule") {
            "interval" => "every".into(),
            "cron" => "cron".into(),
            _ => "at".into(),
        },
        "contract.people" => "c.user".into(),
        "name" | "id" | "key.column" | "key.field" | "log_days" => place.into(),
        _ => match place.strip_prefix("contract.people.").or_else(|| place.strip_prefix("contract.")) {
            Some(part) if !part.is_empty() => ["c.", part].concat(),
            _ => String::new(),
        },
    }
}

#[cfg(test)]
mod tests;
