//! The forms of connections, as data: a line for each field. To add a kind: a form here, and its words.

use crate::console::form::{Field, Kind, Wrong};
use crate::json::quote;

use super::reading::Row;

/// The id of the element of every form here.
pub const FORM: &str = "connection-form";

/// What a connection of one kind, by one flow, asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct ConnectionForm {
    pub kind: &'static str,
    /// How tokens are got, where the kind has several ways.
    pub flow: Option<&'static str>,
    pub fields: &'static [Item],
}

/// A field, where it is sent, and by which name its words are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub field: Field,
    pub part: Part,
    pub label: &'static str,
}

/// Where the value of a field is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Beside the settings.
    Top,
    Setting,
    /// Left empty where it stays as it is.
    Secret,
}

const fn item(name: &'static str, kind: Kind, part: Part, label: &'static str) -> Item {
    Item { field: Field { name, kind }, part, label }
}

const NAME: Item = item("name", Kind::Text, Part::Top, "name");
const ENVIRONMENT: Item =
    item("environment", Kind::Choice(&["production", "sandbox"]), Part::Top, "environment");
const CLIENT_ID: Item = item("client_id", Kind::Text, Part::Setting, "client_id");
const CLIENT_SECRET: Item = item("client_secret", Kind::Secret, Part::Secret, "client_secret");
const BASE_URL: Item = item("base_url", Kind::Example("acme.zendesk.com"), Part::Setting, "base_url");
const MY_DOMAIN: Item = item("host", Kind::Example("acme.my.salesforce.com"), Part::Setting, "my_domain");
const ZENDESK_FLOW: Item = item("flow", Kind::Choice(&["web", "client_credentials"]), Part::Setting, "flow");
const SALESFORCE_FLOW: Item =
    item("flow", Kind::Choice(&["web", "client_credentials", "jwt"]), Part::Setting, "flow");

const DATABASE: &[Item] = &[
    NAME,
    item("host", Kind::Example("db.acme.example"), Part::Setting, "host"),
    item("port", Kind::MaybeNumber(1, 65_535), Part::Setting, "port"),
    item("database", Kind::Text, Part::Setting, "database"),
    item("user", Kind::Text, Part::Setting, "user"),
    item("password", Kind::Secret, Part::Secret, "password"),
    item("tls", Kind::Choice(&["verify-full", "require", "disable"]), Part::Setting, "tls"),
    item("ca", Kind::Long, Part::Setting, "ca"),
];

/// Every form. The first of a kind is shown where nobody chose a flow.
pub const FORMS: &[ConnectionForm] = &[
    ConnectionForm {
        kind: "zendesk",
        flow: Some("web"),
        fields: &[NAME, BASE_URL, ZENDESK_FLOW, CLIENT_ID, CLIENT_SECRET],
    },
    ConnectionForm {
        kind: "zendesk",
        flow: Some("client_credentials"),
        fields: &[NAME, BASE_URL, ZENDESK_FLOW, CLIENT_ID, CLIENT_SECRET],
    },
    ConnectionForm {
        kind: "salesforce",
        flow: Some("web"),
        fields: &[NAME, ENVIRONMENT, MY_DOMAIN, SALESFORCE_FLOW, CLIENT_ID, CLIENT_SECRET],
    },
    ConnectionForm {
        kind: "salesforce",
        flow: Some("client_credentials"),
        fields: &[NAME, ENVIRONMENT, MY_DOMAIN, SALESFORCE_FLOW, CLIENT_ID, CLIENT_SECRET],
    },
    ConnectionForm {
        kind: "salesforce",
        flow: Some("jwt"),
        fields: &[
            NAME,
            ENVIRONMENT,
            MY_DOMAIN,
            SALESFORCE_FLOW,
            CLIENT_ID,
            item("username", Kind::Text, Part::Setting, "username"),
            item("private_key", Kind::Long, Part::Secret, "private_key"),
        ],
    },
    ConnectionForm { kind: "mysql", flow: None, fields: DATABASE },
    ConnectionForm { kind: "postgres", flow: None, fields: DATABASE },
    ConnectionForm {
        kind: "report",
        flow: None,
        fields: &[NAME, item("folder", Kind::Example("/srv/reports"), Part::Setting, "folder")],
    },
];

/// The kinds, in the order in which they are offered.
pub const KINDS: [&str; 5] = ["zendesk", "salesforce", "mysql", "postgres", "report"];

impl ConnectionForm {
    /// The form of a kind and a flow; the kind's first where it has no such flow.
    pub fn of(kind: &str, flow: Option<&str>) -> Option<&'static Self> {
        let mut of_kind = FORMS.iter().filter(|form| form.kind == kind);
        let exact = FORMS.iter().find(|form| form.kind == kind && form.flow == flow);
        exact.or_else(|| of_kind.next())
    }

    /// The names of its fields, in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|item| item.field.name).collect()
    }

    /// What can be told to be wrong without the server.
    pub fn wrong(&self, typed: &[Option<String>]) -> Vec<(&'static str, Wrong)> {
        let wrong = |(Item { field, .. }, typed): (&Item, &Option<String>)| {
            Some((field.name, field.kind.wrong(typed.as_deref().unwrap_or_default())?))
        };
        self.fields.iter().zip(typed).filter_map(wrong).collect()
    }

    /// Whether an admin gives consent in the vendor's own pages.
    pub fn asks_consent(&self) -> bool {
        self.flow == Some("web")
    }

    /// What is sent of what was typed: a new connection, or a change of `of`.
    pub fn body(&self, typed: &[Option<String>], of: Option<&Row>) -> String {
        let part = |part: Part| {
            let fields = self.fields.iter().zip(typed).filter(|(item, _)| item.part == part);
            let members = fields.filter_map(|(Item { field, .. }, typed)| {
                let is_left_out = part == Part::Secret && typed.as_deref().unwrap_or_default().is_empty();
                let member = || [&quote(field.name), ":", &field.kind.json(typed.as_deref())].concat();
                (!is_left_out).then(member)
            });
            members.collect::<Vec<_>>().join(",")
        };
        let head = match of {
            Some(row) => ["\"version\":", &row.version.to_string()].concat(),
            None => ["\"kind\":", &quote(self.kind)].concat(),
        };
        let (top, settings, secrets) = (part(Part::Top), part(Part::Setting), part(Part::Secret));
        ["{", &head, ",", &top, ",\"settings\":{", &settings, "},\"secrets\":{", &secrets, "}}"].concat()
    }

    /// Whether a change of `row` leads to consent: tokens are good for the settings that they were granted for.
    pub fn leads_to_consent(&self, typed: &[Option<String>], row: &Row) -> bool {
        let is_other = |(item, typed): (&Item, &Option<String>)| {
            let typed = typed.as_deref().unwrap_or_default().trim();
            item.part == Part::Setting && typed != row.settings.of(item.field.name).unwrap_or_default()
        };
        self.asks_consent() && (row.needs_secret() || self.fields.iter().zip(typed).any(is_other))
    }

    /// What is sent where an admin is going to give consent: for a new connection, or for `of`.
    pub fn authorize(&self, typed: &[Option<String>], of: Option<&Row>) -> String {
        let id = of.map(|row| ["\"id\":", &quote(&row.id), ","].concat()).unwrap_or_default();
        let of = |name: &str| {
            let at = self.fields.iter().position(|item| item.field.name == name);
            at.and_then(|at| typed.get(at)?.as_deref()).map(str::trim).filter(|text| !text.is_empty())
        };
        let member = |name: &str, key: &str| {
            of(name).map(|text| [",", &quote(key), ":", &quote(text)].concat()).unwrap_or_default()
        };
        let client = [
            quote("id"),
            ":".into(),
            quote(of("client_id").unwrap_or_default()),
            member("client_secret", "secret"),
        ];
        let host = [member("base_url", "host"), member("host", "host")].concat();
        let name = quote(of("name").unwrap_or_default());
        let client = client.concat();
        [
            "{",
            &id,
            "\"name\":",
            &name,
            &member("environment", "environment"),
            &host,
            ",\"client\":{",
            &client,
            "}}",
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn typed(form: &ConnectionForm, values: &[(&str, &str)]) -> Vec<Option<String>> {
        let value =
            |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into());
        form.names().into_iter().map(value).collect()
    }

    #[test]
    fn what_is_typed_is_sent_as_the_server_reads_it() {
        let mysql = ConnectionForm::of("mysql", None).expect("a form");
        let values = typed(
            mysql,
            &[
                ("name", " Service "),
                ("host", "db"),
                ("port", "3307"),
                ("database", "s"),
                ("user", "u"),
                ("password", "p\"w"),
                ("tls", "verify-full"),
            ],
        );
        let sent: Value = serde_json::from_str(&mysql.body(&values, None)).expect("JSON");
        assert_eq!(
            sent,
            json!({
                "kind": "mysql", "name": "Service",
                "settings": {"host": "db", "port": "3307", "database": "s", "user": "u", "tls": "verify-full", "ca": ""},
                "secrets": {"password": "p\"w"},
            })
        );
        let web = ConnectionForm::of("salesforce", None).expect("a form");
        let values = typed(
            web,
            &[
                ("name", "S"),
                ("environment", "sandbox"),
                ("host", ""),
                ("client_id", "c"),
                ("client_secret", "x"),
            ],
        );
        let sent: Value = serde_json::from_str(&web.authorize(&values, None)).expect("JSON");
        assert_eq!(
            sent,
            json!({"name": "S", "environment": "sandbox", "client": {"id": "c", "secret": "x"}})
        );
    }

    #[test]
    fn a_secret_is_sent_without_changes_and_only_where_it_is_typed() {
        let report = ConnectionForm::of("mysql", None).expect("a form");
        let values = typed(report, &[("password", " keep blanks ")]);
        assert!(report.body(&values, None).contains(r#""password":" keep blanks ""#));
        let values = typed(report, &[("password", "")]);
        assert!(report.body(&values, None).contains(r#""secrets":{}"#));
    }
}
