//! What an integration must be before it is kept. **Invariant:** no I/O; all that is wrong is said at once, each with its place.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use wire::{ContractColumns, Definition, FieldToCreate, Missing, Mode, Read};

use super::{
    addresses, fields,
    question::{NEW_EXTERNAL_ID, NEW_NAME},
    schedule,
    values::Function,
};
use crate::connectors::zendesk::{FieldKind, stored_tag};

/// Something that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `mapping[2].column`.
    pub at: String,
    /// What to write instead.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.at, self.message)
    }
}

/// Whether an integration can be called so.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 40
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Names that a model may not use: ours begin so.
pub(super) const OWN: &str = "__";
const MOST_SOURCES: usize = 20;
const MOST_MAPPINGS: usize = 200;
const MOST_SQL: usize = 100_000;
/// Of a field that is made: its key, its title, its options.
const MOST_KEY: usize = 100;
const MOST_TITLE: usize = 255;
const MOST_OPTIONS: usize = 500;

/// All that is wrong and needs no vendor to see it.
pub fn faults(definition: &Definition) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    sources(definition, &mut faults);
    destination(definition, &mut faults);
    mapping(definition, &mut faults);
    if let Some(contract) = &definition.contract {
        owners(contract, &mut faults);
    }
    if let Err(message) = schedule::of("", "", &definition.schedule) {
        faults.add("schedule", message);
    }
    if !(1..=365).contains(&definition.log_days) {
        faults.add("log_days", "must be from 1 to 365");
    }
    faults.0
}

/// What is wrong with sources and model: all that a preview uses.
pub fn of_sources(definition: &Definition) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    sources(definition, &mut faults);
    faults.0
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.0.push(Fault { at: at.into(), message: message.into() });
    }
}

fn sources(definition: &Definition, faults: &mut Faults) {
    let count = definition.sources.len();
    if count == 0 || count > MOST_SOURCES {
        faults.add("sources", format!("must be from 1 to {MOST_SOURCES} sources"));
    }
    let mut seen = BTreeSet::new();
    for (index, source) in definition.sources.iter().enumerate() {
        let at = |field: &str| format!("sources[{index}].{field}");
        if !is_table(&source.table) {
            faults.add(at("as"), "must be a letter, then letters, digits and underscores, all lower case, at most 41 characters");
        } else if !seen.insert(&source.table) {
            faults.add(at("as"), format!("`{}` is the name of another source, too", source.table));
        }
        let taken = definition.sources.iter().find(|other| {
            matches!(other.read, Read::Users {}) && addresses::table(&other.table) == source.table
        });
        if let Some(users) = taken {
            let message = format!("`{}` is the table of the addresses of `{}`", source.table, users.table);
            faults.add(at("as"), message);
        }
        let sql = match &source.read {
            Read::Soql { soql, .. } => Some(("read.soql", soql)),
            Read::Sql { sql, .. } => Some(("read.sql", sql)),
            Read::File { path, .. } => Some(("read.path", path)),
            Read::Users {} | Read::Organizations {} | Read::Tickets {} => None,
        };
        if let Some((field, text)) = sql.filter(|(_, text)| text.trim().is_empty() || text.len() > MOST_SQL) {
            faults.add(at(field), if text.trim().is_empty() { "must not be empty" } else { "is too long" });
        }
    }
    match &definition.model {
        None if count > 1 => faults.add("model", "is needed where there are several sources"),
        Some(model) if model.sql.trim().is_empty() => faults.add("model.sql", "must be a SELECT"),
        Some(model) if model.sql.len() > MOST_SQL => faults.add("model.sql", "is too long"),
        _ => {}
    }
}

fn is_table(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && name.len() <= 41
        && characters.all(|other| other.is_ascii_lowercase() || other.is_ascii_digit() || other == '_')
}

fn destination(definition: &Definition, faults: &mut Faults) {
    let destination = &definition.destination;
    let keys: &[&str] = match destination.object.as_str() {
        "users" => &["id", "external_id", "email"],
        "organizations" => &["id", "external_id", "name"],
        _ => {
            faults.add("destination.object", "must be `users` or `organizations`");
            return;
        }
    };
    match (destination.mode, destination.object.as_str()) {
        (Mode::Upsert, "organizations") if definition.key.field == "id" => {
            faults.add(
                "key.field",
                "must be `external_id` or `name` with `mode = \"upsert\"`: Zendesk gives ids itself",
            );
        }
        (Mode::Update, _) | (Mode::Upsert, "organizations") => {}
        // People whom Zendesk does not know are found in the contract copy; nothing ever makes a user.
        (_, "users") => {
            faults.add("destination.mode", "must be `update`: Deskside writes into users that Zendesk has");
        }
        _ => faults.add("destination.mode", "must be `update` or `upsert`"),
    }
    let names_new = destination.mode == Mode::Upsert && definition.key.field == "external_id";
    match &destination.new_name {
        None if names_new => faults.add(
            "destination.new_name",
            "must be the column that names new organizations, because the key is not the name",
        ),
        Some(_) if !names_new => {
            faults.add(
                "destination.new_name",
                "goes with `mode = \"upsert\"` and the key `external_id`, and only with them",
            );
        }
        Some(column) if column.trim().is_empty() || column.starts_with(OWN) => {
            faults.add("destination.new_name", "must be a column of the model");
        }
        _ => {}
    }
    if !keys.contains(&definition.key.field.as_str()) {
        faults.add("key.field", format!("must be one of {}", keys.join(", ")));
    }
    if definition.key.column.trim().is_empty() {
        faults.add("key.column", "must be a column of the model");
    }
}

fn mapping(definition: &Definition, faults: &mut Faults) {
    if definition.mapping.is_empty() || definition.mapping.len() > MOST_MAPPINGS {
        faults.add("mapping", format!("must be from 1 to {MOST_MAPPINGS} fields"));
    }
    let mut seen = BTreeSet::new();
    for (index, mapping) in definition.mapping.iter().enumerate() {
        let at = |field: &str| format!("mapping[{index}].{field}");
        if mapping.field.trim().is_empty() {
            faults.add(at("field"), "must be the key of a field");
        } else if !seen.insert(&mapping.field) {
            faults.add(at("field"), format!("`{}` is mapped twice", mapping.field));
        }
        let is_made_with = definition.destination.mode == Mode::Upsert
            && [NEW_NAME, NEW_EXTERNAL_ID].contains(&mapping.field.as_str());
        if is_made_with {
            faults.add(at("field"), "is what a new organization is made with, and no custom field");
        }
        if let Some(wish) = &mapping.create {
            field_to_create(&mapping.field, wish, |field, message| faults.add(at(field), message));
        }
        if mapping.column.is_some() == mapping.constant.is_some() {
            faults.add(at("column"), "needs either a column or a constant");
        }
        if mapping.column.as_ref().is_some_and(|column| column.starts_with(OWN)) {
            faults.add(at("column"), format!("must not begin with `{OWN}`"));
        }
        if (mapping.missing == Missing::Default) != mapping.default.is_some() {
            faults.add(at("default"), "goes with `missing = \"default\"`, and only with it");
        }
        for text in mapping.functions.iter().filter(|text| Function::parse(text).is_none()) {
            let known = "trim, lower, upper, digits, date, round(2), truncate(80), map{a=b,c=d}";
            faults.add(at("functions"), format!("`{text}` is not a function; there are {known}"));
        }
    }
}

/// A field that could not be made, or of which triggers would not find the key.
fn field_to_create(key: &str, wish: &FieldToCreate, mut fault: impl FnMut(&str, &str)) {
    let is_key = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && key.len() <= MOST_KEY
        && !key.chars().all(|c| c.is_ascii_digit());
    if !is_key {
        fault(
            "field",
            "of a field that is made must be lower-case letters, digits and underscores, at most 100, and not only digits",
        );
    }
    let kind = fields::kind(&wish.kind);
    if kind.is_none() {
        fault("create.type", "must be text, textarea, checkbox, date, integer, decimal or dropdown");
    }
    if wish.title.trim().is_empty() || wish.title.chars().count() > MOST_TITLE {
        fault("create.title", "must be from 1 to 255 characters");
    }
    let is_dropdown = kind == Some(FieldKind::Dropdown);
    if is_dropdown == wish.options.is_empty() || wish.options.len() > MOST_OPTIONS {
        fault("create.options", "must be from 1 to 500 for a dropdown, and none for other types");
    }
    let mut seen = BTreeSet::new();
    for option in &wish.options {
        if stored_tag(&option.value).as_deref() != Some(option.value.as_str()) {
            fault("create.options", "need a `value` that is a tag: lower case, without blanks");
        } else if !seen.insert(&option.value) {
            fault("create.options", "must not have one `value` twice");
        }
        if option.name.trim().is_empty() || option.name.chars().count() > MOST_TITLE {
            fault("create.options", "need a `name` from 1 to 255 characters");
        }
    }
}

fn owners(contract: &ContractColumns, faults: &mut Faults) {
    let people = &contract.people;
    if [&people.user, &people.email, &people.external_id, &people.organization]
        .iter()
        .all(|column| column.is_none())
    {
        faults.add("contract.people", "must name at least one of user, email, external_id, organization");
    }
    for (index, owner) in contract.owners.iter().enumerate() {
        if !["sales", "success"].contains(&owner.role.as_str()) {
            faults.add(format!("contract.owners[{index}].role"), "must be `sales` or `success`");
        }
    }
}

/// What decides which values go to which records, as one text: a run of another plan starts only after a dry run of it was seen. What its
/// connections lead to (`places`, by their ids) is part of it: nobody has seen the records of another place.
pub fn plan(definition: &Definition, places: &BTreeMap<String, String>) -> String {
    let connections = definition.sources.iter().map(|source| &source.connection);
    let connections: BTreeSet<_> = connections.chain([&definition.destination.connection]).collect();
    let places: Vec<_> = connections.into_iter().map(|id| places.get(id)).collect();
    let decides = serde_json::json!([
        definition.sources,
        definition.model,
        definition.destination,
        definition.key,
        definition.mapping,
        definition.removed,
        definition.on_ambiguous,
        places,
    ]);
    hex::encode(&Sha256::digest(decides.to_string())[..16])
}

/// Whether two integrations would write the same field of the same object; says which.
pub fn shared_field(one: &Definition, other: &Definition) -> Option<String> {
    let is_same = one.destination.connection == other.destination.connection
        && one.destination.object == other.destination.object;
    let fields: BTreeSet<_> = other.mapping.iter().map(|mapping| &mapping.field).collect();
    let shared = one.mapping.iter().find(|mapping| fields.contains(&mapping.field));
    shared.filter(|_| is_same).map(|mapping| mapping.field.clone())
}
