//! From what the fields hold to what is sent.

use super::{CONTRACT, Draft, ON, PEOPLE, Row, functions};
use crate::json::{Json, quote};

impl Draft {
    /// The document that is sent.
    #[must_use]
    pub fn document(&self) -> String {
        let version = self.version().map(|version| [",\"version\":", &version.to_string()].concat());
        [
            "{\"id\":",
            &quote(self.get("id").trim()),
            ",\"name\":",
            &quote(self.get("name").trim()),
            ",\"enabled\":",
            if self.get("enabled") == ON { "true" } else { "false" },
            ",\"definition\":",
            &self.definition().written(),
            &version.unwrap_or_default(),
            "}",
        ]
        .concat()
    }

    /// What is asked for the first rows of the model, or of the contract's SQL.
    #[must_use]
    pub fn preview(&self, sql: &str) -> String {
        let id = self.is_kept().then(|| ["\"id\":", &quote(self.get("id")), ","].concat());
        let sources: Vec<Json> = self.sources.iter().map(|row| self.source(row)).collect();
        let model = [("sources", sources.into()), ("model", model(sql))];
        let rest: Vec<String> = model
            .iter()
            .map(|(name, value): &(&str, Json)| [&quote(name), ":", &value.written()].concat())
            .collect();
        ["{", &id.unwrap_or_default(), &rest.join(","), "}"].concat()
    }

    /// What is read of one source.
    #[must_use]
    pub fn sample(&self, row: &Row) -> String {
        ["{\"read\":", &self.source(row).at("read").written(), "}"].concat()
    }

    /// When it runs by itself.
    #[must_use]
    pub fn schedule(&self) -> Json {
        let mut schedule = Json::default();
        let kind = self.get("schedule");
        schedule.put("kind", kind);
        match kind {
            "interval" => schedule.put("every_minutes", number(self.get("every"))),
            "daily" => schedule.put("at", self.get("at").trim()),
            "cron" => schedule.put("cron", self.get("cron").trim()),
            _ => {}
        }
        if matches!(kind, "daily" | "cron") {
            schedule.put("time_zone", self.get("zone").trim());
        }
        schedule
    }

    fn definition(&self) -> Json {
        let mut definition = self.base.at("definition").clone();
        let sources: Vec<Json> = self.sources.iter().map(|row| self.source(row)).collect();
        definition.put("sources", sources);
        definition.put("model", model(self.get("model")));
        definition.put("destination", self.destination(definition.at("destination")));
        let mut key = Json::default();
        for part in ["column", "field"] {
            key.put(part, self.get(&["key.", part].concat()).trim());
        }
        definition.put("key", key);
        definition.put("mapping", self.mapping.iter().map(|row| self.mapped(row)).collect::<Vec<_>>());
        let contract = self.contract(definition.at("contract"));
        definition.put("contract", contract);
        for name in ["removed", "on_ambiguous", "on_drift"] {
            definition.put(name, self.get(name));
        }
        definition.put("schedule", self.schedule());
        definition.put("log_days", number(self.get("log_days")));
        definition
    }

    fn source(&self, row: &Row) -> Json {
        let mut source = row.base.clone();
        for part in ["as", "connection"] {
            source.put(part, self.of(row, part).trim());
        }
        let kind = self.of(row, "read");
        let mut read = Json::default();
        if source.at("read").at("kind").shown() == kind {
            read = source.at("read").clone();
        }
        read.put("kind", kind);
        match kind {
            "sql" | "soql" => read.put(kind, self.of(row, "sql").trim()),
            "file" => read.put("path", self.of(row, "path").trim()),
            _ => {}
        }
        let emails = self.of(row, "emails").split(',').map(str::trim).filter(|one| !one.is_empty());
        let emails: Vec<Json> = emails.map(Json::from).collect();
        if !matches!(kind, "sql" | "soql" | "file") || emails.is_empty() {
            read.remove("emails");
        } else {
            read.put("emails", emails);
        }
        source.put("read", read);
        source.put("on_failed_source", self.of(row, "on_failed"));
        source
    }

    fn destination(&self, base: &Json) -> Json {
        let mut to = base.clone();
        to.put("connection", self.get("to").trim());
        for name in ["object", "mode"] {
            to.put(name, self.get(name));
        }
        let is_named = self.names_new();
        to.put_text("new_name", if is_named { self.get("new_name") } else { "" });
        to
    }

    /// Whether a column names the organizations that are made.
    #[must_use]
    pub fn names_new(&self) -> bool {
        self.get("mode") == "upsert" && self.get("key.field") == "external_id"
    }

    fn mapped(&self, row: &Row) -> Json {
        let mut mapping = row.base.clone();
        let is_constant = self.of(row, "from") == "constant";
        mapping.remove(if is_constant { "column" } else { "constant" });
        let from = if is_constant { "constant" } else { "column" };
        mapping.put(from, self.of(row, from).trim());
        mapping.put("field", self.field(row));
        mapping.put("missing", self.of(row, "missing"));
        let default = if self.of(row, "missing") == "default" { self.of(row, "default") } else { "" };
        mapping.put_text("default", default);
        let functions: Vec<Json> =
            functions(self.of(row, "functions")).iter().map(|one| one.as_str().into()).collect();
        if functions.is_empty() {
            mapping.remove("functions");
        } else {
            mapping.put("functions", functions);
        }
        if self.of(row, "create") == ON {
            let create = self.create(row, mapping.at("create"));
            mapping.put("create", create);
        } else {
            mapping.remove("create");
        }
        mapping
    }

    /// The key of the field that a row writes.
    #[must_use]
    pub fn field(&self, row: &Row) -> &str {
        let chosen = self.of(row, "field");
        if chosen == NEW_FIELD { self.of(row, "key").trim() } else { chosen.trim() }
    }

    fn create(&self, row: &Row, base: &Json) -> Json {
        let mut create = base.clone();
        create.put("type", self.of(row, "type"));
        create.put("title", self.of(row, "title").trim());
        let options = pairs(self.of(row, "options"));
        if self.of(row, "type") == "dropdown" && !options.is_empty() {
            let option = |(value, name): &(&str, &str)| {
                let mut option = Json::default();
                option.put("name", if name.is_empty() { *value } else { *name });
                option.put("value", *value);
                option
            };
            create.put("options", options.iter().map(option).collect::<Vec<_>>());
        } else {
            create.remove("options");
        }
        create
    }

    fn contract(&self, base: &Json) -> Json {
        if self.get("contract") != ON {
            return Json::Null;
        }
        let of = |part: &str| self.get(&["c.", part].concat());
        let mut contract = base.clone();
        for part in CONTRACT.into_iter().chain(["sql"]) {
            contract.put_text(part, of(part));
        }
        contract.put("company_id", of("company_id").trim());
        let mut people = Json::Object(vec![]);
        for part in PEOPLE {
            people.put_text(part, of(part));
        }
        contract.put("people", people);
        let owner = |row: &Row| {
            let mut owner = row.base.clone();
            owner.put("role", self.of(row, "role"));
            for part in ["name", "email"] {
                owner.put_text(part, self.of(row, part));
            }
            owner
        };
        contract.put("owners", self.owners.iter().map(owner).collect::<Vec<_>>());
        let extra = pairs(of("extra"));
        let extra = extra.iter().map(|(name, column)| ((*name).to_owned(), Json::from(*column)));
        contract.put("extra", Json::Object(extra.collect()));
        contract
    }
}

/// What stands for a field that is not there yet, among those that are.
pub const NEW_FIELD: &str = "+";

fn model(sql: &str) -> Json {
    let mut model = Json::Null;
    if !sql.trim().is_empty() {
        model.put("sql", sql.trim());
    }
    model
}

/// What is no number is sent as it is: the server says what is wrong.
fn number(text: &str) -> Json {
    let text = text.trim();
    if text.parse::<u16>().is_ok() { Json::Whole(text.to_owned()) } else { text.into() }
}

/// `a = b` of each line.
fn pairs(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| line.split_once('=').map_or((line, ""), |(left, right)| (left.trim(), right.trim())))
        .collect()
}
