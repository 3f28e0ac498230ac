//! Reads a model's SQL before anything is planned: one `SELECT`, over tables that there are.

use std::ops::ControlFlow;

use datafusion::{
    common::TableReference,
    execution::SessionState,
    sql::{
        parser::{DFParserBuilder, Statement},
        sqlparser::ast::{self, Ident, ObjectName, Spanned, TableFactor, Visit, Visitor},
    },
};

use super::refusal;
use crate::{ModelError, Place};

/// The one query of a text, as the planner takes it; it reads only these tables.
pub(super) fn parse(session: &SessionState, sql: &str, tables: &[&str]) -> Result<Statement, ModelError> {
    let depth = session.config_options().sql_parser.recursion_limit.get();
    let parser = DFParserBuilder::new(sql).with_recursion_limit(depth).build();
    let mut statements = parser
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| refusal::while_planning(&error))?;
    let first =
        statements.pop_front().ok_or_else(|| ModelError::sql("the model is empty: write a `SELECT`"))?;
    if !statements.is_empty() {
        return Err(ModelError::sql(format!(
            "a model is one `SELECT`; this text has {} statements",
            statements.len() + 1
        )));
    }
    let Statement::Statement(statement) = &first else { return Err(no_query(sql)) };
    if !matches!(&**statement, ast::Statement::Query(_)) {
        return Err(no_query(sql));
    }
    tables_exist(session, &first, statement, tables)?;
    Ok(first)
}

/// Named by its first word, as it was written.
fn no_query(sql: &str) -> ModelError {
    let word: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    ModelError::sql(format!("a model is one `SELECT`; `{}` is not available", word.to_uppercase()))
}

fn tables_exist(
    session: &SessionState,
    statement: &Statement,
    parsed: &ast::Statement,
    tables: &[&str],
) -> Result<(), ModelError> {
    let mut named = Named::default();
    let _ = parsed.visit(&mut named);
    if let Some((function, place)) = named.functions.first() {
        let message =
            format!("`{function}` is a table function; a model reads only the integration's sources");
        return Err(ModelError::Sql { message, place: *place });
    }
    let references = session.resolve_table_references(statement);
    for reference in references.map_err(|error| refusal::while_planning(&error))? {
        let known =
            |table: &&str| matches!(&reference, TableReference::Bare { table: name } if **name == **table);
        if tables.iter().any(known) {
            continue;
        }
        let name = reference.to_string();
        let place =
            named.relations.iter().find(|(relation, _)| *relation == name).and_then(|(_, place)| *place);
        return Err(ModelError::Sql { message: refusal::no_table(&name, tables), place });
    }
    Ok(())
}

/// Where a statement names tables and table functions.
#[derive(Default)]
struct Named {
    relations: Vec<(String, Option<Place>)>,
    functions: Vec<(String, Option<Place>)>,
}

impl Visitor for Named {
    type Break = ();

    fn pre_visit_relation(&mut self, name: &ObjectName) -> ControlFlow<()> {
        self.relations.push((normal(name), place(name)));
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                self.functions.push((name.to_string(), place(name)));
            }
            TableFactor::UNNEST { .. } => self.functions.push(("unnest".to_owned(), None)),
            TableFactor::TableFunction { expr, .. } => self.functions.push((expr.to_string(), None)),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn place(name: &ObjectName) -> Option<Place> {
    let start = name.span().start;
    (start.line > 0).then_some(Place { line: start.line, column: start.column })
}

/// As the planner writes it: lower case where it is not quoted.
fn normal(name: &ObjectName) -> String {
    let ident = |ident: &Ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    };
    let parts = name.0.iter().map(|part| part.as_ident().map_or_else(|| part.to_string(), ident));
    parts.collect::<Vec<_>>().join(".")
}
