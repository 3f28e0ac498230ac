//! What the editor reads of the server's answers.

use crate::json::{Json, Read, objects};

/// The connections, and whether this admin may change integrations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connections {
    pub connections: Vec<Connection>,
    pub may_edit: bool,
}

/// One connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub state: Option<String>,
}

impl Connection {
    /// How a source reads from it: `kind` of `read`; empty: it cannot be read.
    #[must_use]
    pub fn reads(&self) -> &'static str {
        match self.kind.as_str() {
            "zendesk" => "users",
            "salesforce" => "soql",
            "mysql" | "postgres" => "sql",
            "report" => "file",
            _ => "",
        }
    }
}

/// The integrations that are shipped.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Templates {
    pub templates: Vec<Whole>,
}

/// A value as it was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Whole(pub Json);

impl Read for Whole {
    fn part(json: Json, _: &mut bool) -> Self {
        Self(json)
    }
}

/// The fields of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    pub fields: Vec<Field>,
}

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: String,
    /// Whether an integration can write it.
    pub writable: bool,
    pub values: Option<Vec<String>>,
}

impl Read for Field {
    fn part(mut json: Json, readable: &mut bool) -> Self {
        use crate::json::{member, optional};
        Self {
            name: member(&mut json, "name", readable),
            label: member(&mut json, "label", readable),
            kind: member(&mut json, "type", readable),
            writable: optional(&mut json, "writable", readable),
            values: member(&mut json, "values", readable),
        }
    }
}

/// Some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Option<String>>>,
    pub sources: Vec<Source>,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: String,
}

impl Read for Column {
    fn part(mut json: Json, readable: &mut bool) -> Self {
        use crate::json::member;
        Self { name: member(&mut json, "name", readable), kind: member(&mut json, "type", readable) }
    }
}

/// What rows were made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    pub whole: bool,
}

/// When a schedule starts its next runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Next {
    pub next: Vec<String>,
}

/// A run that was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Started {
    pub run: Run,
}

/// The same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    pub integration: String,
}

objects! {
    Connections { connections; may_edit }
    Connection { id, kind, name, state }
    Templates { templates }
    Fields { fields }
    Rows { columns, rows; sources }
    Source { whole }
    Next { next }
    Started { run }
    Run { integration }
}
