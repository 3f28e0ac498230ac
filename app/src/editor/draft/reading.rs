//! From what the server keeps, or what was kept in the browser's tab, to what the fields hold.

use super::{CONTRACT, Draft, ON, PEOPLE, Row, Rows};
use crate::json::Json;

impl Draft {
    /// What a new integration begins with.
    #[must_use]
    pub fn new(zone: &str) -> Self {
        let mut draft = Self::usual(zone);
        draft.add_source();
        draft.add_mapping();
        draft
    }

    /// What is usual, without any row.
    fn usual(zone: &str) -> Self {
        let mut draft = Self::default();
        for (name, value) in [
            ("enabled", ON),
            ("object", "users"),
            ("mode", "update"),
            ("key.field", "id"),
            ("on_ambiguous", "skip"),
            ("removed", "keep"),
            ("on_drift", "overwrite"),
            ("schedule", "daily"),
            ("at", "09:00"),
            ("every", "60"),
            ("zone", zone),
            ("log_days", "30"),
        ] {
            draft.set(name, value);
        }
        draft
    }

    /// One more table of the model.
    pub fn add_source(&mut self) -> Row {
        let row = self.add(Rows::Sources, Json::Null);
        self.set(&row.name("on_failed"), "stop");
        row
    }

    /// One more field that is written.
    pub fn add_mapping(&mut self) -> Row {
        let row = self.add(Rows::Mapping, Json::Null);
        for (part, value) in [("from", "column"), ("missing", "clear"), ("type", "text")] {
            self.set(&row.name(part), value);
        }
        row
    }

    /// One more in charge.
    pub fn add_owner(&mut self) -> Row {
        let row = self.add(Rows::Owners, Json::Null);
        self.set(&row.name("role"), "sales");
        row
    }

    /// Of a document: one that the server keeps, or a template.
    #[must_use]
    pub fn read(document: &Json) -> Self {
        let definition = document.at("definition");
        let mut draft = Self { base: document.clone(), ..Self::usual("UTC") };
        for name in ["id", "name"] {
            draft.set(name, document.at(name).shown());
        }
        draft.set("enabled", on(document.at("enabled") == &Json::Bool(true)));
        for source in definition.at("sources").items() {
            draft.read_source(source);
        }
        draft.set("model", definition.at("model").at("sql").shown().trim());
        let to = definition.at("destination");
        draft.set("to", to.at("connection").shown());
        for name in ["object", "mode", "new_name"] {
            draft.set(name, to.at(name).shown());
        }
        for part in ["column", "field"] {
            draft.set(&["key.", part].concat(), definition.at("key").at(part).shown());
        }
        for mapping in definition.at("mapping").items() {
            draft.read_mapping(mapping);
        }
        draft.read_contract(definition.at("contract"));
        for name in ["removed", "on_ambiguous", "on_drift", "log_days"] {
            let value = definition.at(name).shown();
            if !value.is_empty() {
                draft.set(name, value);
            }
        }
        draft.read_schedule(definition.at("schedule"));
        draft
    }

    fn read_source(&mut self, source: &Json) {
        let row = self.add(Rows::Sources, source.clone());
        let read = source.at("read");
        let kind = read.at("kind").shown();
        for (part, value) in [
            ("as", source.at("as").shown()),
            ("connection", source.at("connection").shown()),
            ("sql", read.at(&kind).shown().trim().to_owned()),
            ("path", read.at("path").shown()),
            ("emails", listed(read.at("emails"))),
            ("on_failed", or(source.at("on_failed_source").shown(), "stop")),
            ("read", kind),
        ] {
            self.set(&row.name(part), value);
        }
    }

    fn read_mapping(&mut self, mapping: &Json) {
        let row = self.add(Rows::Mapping, mapping.clone());
        let create = mapping.at("create");
        let is_constant = mapping.at("constant") != &Json::Null;
        let options = create.at("options").items().iter();
        let options =
            options.map(|option| [option.at("value").shown(), option.at("name").shown()].join(" = "));
        let options: Vec<String> = options.collect();
        for (part, value) in [
            ("from", if is_constant { "constant" } else { "column" }.to_owned()),
            ("column", mapping.at("column").shown()),
            ("constant", mapping.at("constant").shown()),
            ("field", mapping.at("field").shown()),
            ("missing", or(mapping.at("missing").shown(), "clear")),
            ("default", mapping.at("default").shown()),
            ("functions", listed(mapping.at("functions"))),
            ("create", on(create != &Json::Null)),
            ("key", mapping.at("field").shown()),
            ("type", or(create.at("type").shown(), "text")),
            ("title", create.at("title").shown()),
            ("options", options.join("\n")),
        ] {
            self.set(&row.name(part), value);
        }
    }

    fn read_contract(&mut self, contract: &Json) {
        self.set("contract", on(contract != &Json::Null));
        for part in CONTRACT.into_iter().chain(["sql"]) {
            self.set(&["c.", part].concat(), contract.at(part).shown().trim());
        }
        for part in PEOPLE {
            self.set(&["c.", part].concat(), contract.at("people").at(part).shown());
        }
        for owner in contract.at("owners").items() {
            let row = self.add(Rows::Owners, owner.clone());
            for part in ["role", "name", "email"] {
                self.set(&row.name(part), owner.at(part).shown());
            }
        }
        let extra = contract.at("extra").members().iter();
        let extra: Vec<String> =
            extra.map(|(name, column)| [name, " = ", &column.shown()].concat()).collect();
        self.set("c.extra", extra.join("\n"));
    }

    fn read_schedule(&mut self, schedule: &Json) {
        self.set("schedule", or(schedule.at("kind").shown(), "manual"));
        for (name, member) in
            [("every", "every_minutes"), ("at", "at"), ("cron", "cron"), ("zone", "time_zone")]
        {
            let value = schedule.at(member).shown();
            if !value.is_empty() {
                self.set(name, value);
            }
        }
    }

    /// As it is kept in the browser's tab.
    #[must_use]
    pub fn remembered(&self) -> String {
        let values = self.values.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
        let mut json = Json::Object(vec![("values".into(), Json::Object(values.collect()))]);
        for (name, rows) in [("sources", &self.sources), ("mapping", &self.mapping), ("owners", &self.owners)]
        {
            let row = |row: &Row| Json::List(vec![Json::Whole(row.number.to_string()), row.base.clone()]);
            json.put(name, rows.iter().map(row).collect::<Vec<_>>());
        }
        json.put("base", self.base.clone());
        json.put("next", Json::Whole(self.next.to_string()));
        json.written()
    }

    /// What was kept; none of what cannot be read.
    #[must_use]
    pub fn recalled(json: &Json) -> Option<Self> {
        let number = |json: &Json| json.clone().read::<u32>().ok();
        let rows = |of: Rows, name: &str| -> Option<Vec<Row>> {
            let row = |row: &Json| {
                let [at, base] = row.items() else { return None };
                Some(Row { of, number: number(at)?, base: base.clone() })
            };
            json.at(name).items().iter().map(row).collect()
        };
        let values = json.at("values").members().iter();
        Some(Self {
            values: values.map(|(name, value)| (name.clone(), value.shown())).collect(),
            sources: rows(Rows::Sources, "sources")?,
            mapping: rows(Rows::Mapping, "mapping")?,
            owners: rows(Rows::Owners, "owners")?,
            base: json.at("base").clone(),
            next: number(json.at("next"))?,
        })
    }
}

fn on(is_on: bool) -> String {
    if is_on { ON.into() } else { String::new() }
}

fn or(text: String, other: &str) -> String {
    if text.is_empty() { other.into() } else { text }
}

fn listed(list: &Json) -> String {
    list.items().iter().map(Json::shown).collect::<Vec<_>>().join(", ")
}
