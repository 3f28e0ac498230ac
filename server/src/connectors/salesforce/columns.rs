//! What a query's columns are, before its first row: Salesforce's own description gives the types, so that a column has one
//! type every day, also on a day when all of its cells are empty.

use std::collections::{HashMap, HashSet};

use engine::{Column, Type};

use super::soql::{Function, Item, Select};
use super::{Field, FieldKind, Object, SALESFORCE, SalesforceClient};
use crate::connectors::rows::{Content, ReadError};
use crate::connectors::{FailureKind, VendorError};

/// Digits after the point of every amount, unless the field has more: Salesforce keeps more digits than it shows.
const PLACES: u8 = 12;
/// All digits of an amount.
const DIGITS: u8 = 38;
/// A reference to several objects is looked for in so many of them.
const MOST_PARENTS: usize = 3;

/// A selected column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) column: Column,
    /// Where a page has it: members of members.
    pub(super) path: Vec<String>,
    /// A background query can select it.
    pub(super) is_flat: bool,
}

impl Selected {
    /// What a background query's result calls it.
    pub(super) fn header(&self) -> String {
        self.path.join(".")
    }
}

/// A query that cannot be read, and what to write.
pub(super) fn problem(problem: String) -> ReadError {
    ReadError::Content { vendor: &SALESFORCE, content: Content::Query { problem } }
}

/// Objects that were described for one query.
struct Described<'a> {
    client: &'a SalesforceClient,
    objects: HashMap<String, Object>,
}

impl SalesforceClient {
    /// The columns of a query, with the names and types of Salesforce's own description.
    pub(super) async fn columns(&self, select: &Select) -> Result<Vec<Selected>, ReadError> {
        let mut described = Described { client: self, objects: HashMap::new() };
        let mut columns: Vec<Selected> = Vec::with_capacity(select.items.len());
        let mut names = HashSet::new();
        let mut unnamed = 0;
        for item in &select.items {
            let (steps, field) = described.find(&select.object, &item.path).await?;
            let selected = selected(item, steps, field.as_ref(), select.is_grouped, &mut unnamed);
            if !names.insert(selected.column.name.clone()) {
                let name = selected.column.name;
                let content = Content::SameName { first: name.clone(), second: name };
                return Err(ReadError::Content { vendor: &SALESFORCE, content });
            }
            columns.push(selected);
        }
        Ok(columns)
    }
}

impl Described<'_> {
    /// The field at the end of a path, and the path as Salesforce writes it.
    async fn find(
        &mut self,
        object: &str,
        path: &[String],
    ) -> Result<(Vec<String>, Option<Field>), ReadError> {
        let (mut steps, mut candidates) = (Vec::new(), vec![object.to_owned()]);
        for (at, name) in path.iter().enumerate() {
            let is_last = at + 1 == path.len();
            let mut found = None;
            for candidate in candidates.iter().take(MOST_PARENTS) {
                let object = self.object(candidate).await?;
                let field = if is_last { object.field(name) } else { object.relationship(name) };
                if let Some(field) = field {
                    found = Some(field.clone());
                    break;
                }
            }
            let Some(field) = found else {
                if at > 0 && candidates.len() > 1 {
                    // It belongs to what all these objects have in common, which is not described. Salesforce judges it.
                    steps.extend(path[at..].iter().cloned());
                    return Ok((steps, None));
                }
                return Err(problem(self.unknown(&candidates[0], name, is_last)));
            };
            if is_last {
                steps.push(field.name.clone());
                return Ok((steps, Some(field)));
            }
            steps.push(field.relationship_name.unwrap_or_else(|| name.clone()));
            candidates = field.reference_to;
        }
        Ok((steps, None))
    }

    async fn object(&mut self, name: &str) -> Result<&Object, ReadError> {
        let key = name.to_ascii_lowercase();
        if !self.objects.contains_key(&key) {
            let object = self.client.describe(name).await.map_err(|error| match error.kind() {
                FailureKind::NotFound => {
                    problem(format!("there is no object `{name}`, or it is hidden from the connected user"))
                }
                _ => error.into(),
            })?;
            self.objects.insert(key.clone(), object);
        }
        Ok(&self.objects[&key])
    }

    fn unknown(&self, object: &str, name: &str, is_field: bool) -> String {
        let object = &self.objects[&object.to_ascii_lowercase()];
        let own = &object.name;
        if !is_field {
            return format!("{own} has no relationship `{name}`, or hides it from the connected user");
        }
        let nearest =
            object.nearest(name).map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?"));
        format!("{own} has no field `{name}`, or hides it from the connected user{nearest}")
    }
}

fn selected(
    item: &Item,
    steps: Vec<String>,
    field: Option<&Field>,
    is_grouped: bool,
    unnamed: &mut u32,
) -> Selected {
    let own = field.map_or(Type::Text, kind_of);
    let kind = match item.function {
        None | Some(Function::Same) => own,
        Some(Function::Whole) => Type::Integer,
        Some(Function::Sum) => Type::Decimal { precision: DIGITS, scale: PLACES.cast_signed() },
        Some(Function::Text) => Type::Text,
        Some(Function::Day) => Type::Date,
    };
    let is_flat = !matches!(kind, Type::Json) && field.is_none_or(|field| field.kind != FieldKind::Base64);
    // A group's members have no parents; what has neither name nor alias is counted.
    let (name, path) = match &item.alias {
        Some(alias) => (alias.clone(), vec![alias.clone()]),
        None if item.is_aggregate => {
            let name = format!("expr{unnamed}");
            *unnamed += 1;
            (name.clone(), vec![name])
        }
        None if is_grouped => (steps.join("_"), steps.last().cloned().into_iter().collect()),
        None => (steps.join("_"), steps),
    };
    Selected { column: Column { name: name.to_lowercase(), kind }, path, is_flat }
}

/// What the cells of a field hold.
fn kind_of(field: &Field) -> Type {
    let decimal =
        |scale: u8| Type::Decimal { precision: DIGITS, scale: scale.clamp(PLACES, 18).cast_signed() };
    match field.kind {
        FieldKind::Boolean => Type::Boolean,
        FieldKind::Int | FieldKind::Long => Type::Integer,
        // A number without places is an id or a count; an amount without places may still have some.
        FieldKind::Double if field.scale == 0 => Type::Integer,
        FieldKind::Double | FieldKind::Currency | FieldKind::Percent => decimal(field.scale),
        FieldKind::Date => Type::Date,
        FieldKind::Datetime => Type::Timestamp,
        FieldKind::Address | FieldKind::Location => Type::Json,
        _ => Type::Text,
    }
}
