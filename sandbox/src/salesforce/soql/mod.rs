//! Salesforce's query language, as far as callers read with it. Docs: "SOQL SELECT Syntax". **Invariant:** no I/O; what is not
//! understood is refused with the vendor's words, and never read as something else.

mod condition;
mod dates;
mod parser;
mod run;
mod show;
mod words;

pub(crate) use condition::{Condition, Literal, Operator};
pub(crate) use parser::parse;
pub(crate) use run::{Found, check, find};
pub(crate) use show::{csv, csv_head, rows};

/// A name with the ways to it: `Owner.Name`; and where it stands in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) parts: Vec<String>,
    pub(crate) at: usize,
}

/// One thing that is selected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Field(Path),
    /// `COUNT()`, `SUM(Amount) total`.
    Aggregate {
        function: String,
        of: Option<Path>,
        alias: Option<String>,
    },
    /// `(SELECT Name FROM Contacts)`.
    Children(Box<Query>),
}

/// What the rows are ordered by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) by: Path,
    pub(crate) descending: bool,
    pub(crate) nulls_last: bool,
}

/// A query, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) select: Vec<Item>,
    pub(crate) from: Path,
    pub(crate) alias: Option<String>,
    pub(crate) condition: Option<Condition>,
    pub(crate) group_by: Vec<Path>,
    pub(crate) order_by: Vec<Order>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: usize,
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refused {
    /// A refusal that points to a place in the query, as recorded: a line of the query, a caret below, row and column.
    pub(crate) fn at(code: &'static str, query: &str, at: usize, why: &str) -> Self {
        let column = query.get(..at).map_or(at, |before| before.chars().count()) + 1;
        let caret = " ".repeat(column - 1);
        Self { code, message: format!("\n{query}\n{caret}^\nERROR at Row:1:Column:{column}\n{why}") }
    }

    pub(crate) fn malformed(query: &str, at: usize, token: &str) -> Self {
        Self::at("MALFORMED_QUERY", query, at, &format!("unexpected token: '{token}'"))
    }
}

impl Query {
    /// Whether it is `SELECT COUNT() FROM …`, which answers a number and no rows.
    pub(crate) fn only_counts(&self) -> bool {
        matches!(&self.select[..], [Item::Aggregate { of: None, alias: None, .. }])
    }

    /// Whether it answers groups instead of records.
    pub(crate) fn groups(&self) -> bool {
        !self.group_by.is_empty() || self.select.iter().any(|item| matches!(item, Item::Aggregate { .. }))
    }
}
