//! What triggers of this account may ask and do. Recorded: subjects, operators and titles of each type of field; the key of a field is in
//! lower case. Public bodies: "List Ticket Trigger Action and Condition Definitions". **Invariant:** what is defined here is also evaluated
//! (`conditions.rs`) or done (`actions.rs`); what is not defined is refused.

use serde_json::{Map, Value, json};

use super::operators::{EQUALITY, Kind, ONLY_IS, ORDERED, Operator, PROPERTY, TAGS, WORDS};
use crate::{
    state::Account,
    zendesk::{
        fields::Fields,
        record::{Role, Status, User},
        schema::{BRAND, FORM},
    },
};

/// Value and title of something to choose.
type Choice = (String, String);

/// One subject of conditions or of actions.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) subject: String,
    pub(crate) title: String,
    /// `list`, `text`, `date`, `tags`, `email` or `webhook`.
    pub(crate) kind: &'static str,
    group: &'static str,
    pub(crate) nullable: bool,
    /// None: a subject of actions.
    pub(crate) operators: &'static [Operator],
    pub(crate) values: Option<Vec<Choice>>,
    /// Of a field of users or organizations.
    pub(crate) field: Option<Kind>,
}

impl Definition {
    fn new(subject: &str, title: &str, kind: &'static str, operators: &'static [Operator]) -> Self {
        let (subject, title) = (subject.to_owned(), title.to_owned());
        Self { subject, title, kind, group: "ticket", nullable: false, operators, values: None, field: None }
    }

    fn list(subject: &str, title: &str, operators: &'static [Operator], values: Vec<Choice>) -> Self {
        Self { values: Some(values), ..Self::new(subject, title, "list", operators) }
    }

    fn nullable(self) -> Self {
        let mut values = self.values.unwrap_or_default();
        values.insert(0, choice("__NULL__", "-"));
        Self { nullable: true, values: Some(values), ..self }
    }

    fn of_group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "title": self.title, "subject": self.subject, "type": self.kind, "group": self.group,
            "nullable": self.nullable, "repeatable": false,
        });
        if !self.operators.is_empty() {
            let operators = self.operators.iter().map(|operator| {
                let mut row =
                    json!({"value": operator.name, "title": operator.title, "terminal": operator.terminal});
                if let Some(format) = operator.format {
                    row["format"] = json!(format);
                }
                row
            });
            row["operators"] = operators.collect();
        }
        if let Some(values) = &self.values {
            let values =
                values.iter().map(|(value, title)| json!({"value": value, "title": title, "enabled": true}));
            row["values"] = values.collect();
        }
        row
    }
}

/// As `GET /triggers/definitions` shows them.
pub(crate) fn json_of(account: &Account) -> Value {
    let rows = |all: Vec<Definition>| all.iter().map(Definition::json).collect::<Vec<_>>();
    let conditions = rows(conditions(account));
    json!({"definitions": {
        "actions": rows(actions(account)), "conditions_all": conditions, "conditions_any": conditions,
    }})
}

/// Subjects of conditions.
pub(crate) fn conditions(account: &Account) -> Vec<Definition> {
    let list = Definition::list;
    let statuses = Status::ALL.map(|status| choice(status.name(), status_title(status)));
    let agents = agents(account);
    let with = |first: &[(&str, &str)], then: &[Choice]| [&choices(first), then].concat();
    let channels = choices(&CHANNELS.map(|(_, id, title)| (id, title)));
    let mut all = vec![
        list("status", "Status", ORDERED, statuses.to_vec()),
        list("brand_id", "Brand", PROPERTY, vec![(BRAND.to_string(), "Acme".to_owned())]),
        list("ticket_form_id", "Form", PROPERTY, vec![(FORM.to_string(), "Default Ticket Form".to_owned())]),
        list("type", "Type", PROPERTY, choices(TYPES)).nullable(),
        list("priority", "Priority", ORDERED, choices(PRIORITIES)).nullable(),
        list("group_id", "Group", PROPERTY, groups(account)).nullable(),
        list("assignee_id", "Assignee", PROPERTY, with(&[REQUESTER, CURRENT_USER], &agents)).nullable(),
        list("requester_id", "Requester", PROPERTY, with(&[ASSIGNEE, CURRENT_USER], &agents)),
        list("organization_id", "Organization", PROPERTY, organizations(account)).nullable(),
        Definition::new("current_tags", "Tags", "tags", TAGS),
        list("via_id", "Channel", EQUALITY, channels.clone()),
        list("current_via_id", "Update via", EQUALITY, channels),
        list("update_type", "Ticket", ONLY_IS, choices(&[("Create", "Created"), ("Change", "Updated")])),
        Definition::new("subject_includes_word", "Subject text", "text", WORDS),
        list(
            "ticket_is_public",
            "Privacy",
            ONLY_IS,
            choices(&[
                ("public", "Ticket has public comments"),
                ("private", "Ticket has no public comments"),
            ]),
        ),
        list("comment_is_public", "Comment", ONLY_IS, choices(COMMENTS)),
        Definition::new("comment_includes_word", "Comment text", "text", WORDS),
        list("requester_role", "Role", EQUALITY, choices(ROLES)).of_group("requester"),
        list(
            "role",
            "Current user",
            EQUALITY,
            with(&[("agent", "(agent)"), ("end_user", "(end-user)")], &agents),
        )
        .of_group("other"),
    ];
    all.extend(fields(account, Kind::operators).map(|mut definition| {
        // Recorded: fields of numbers, dates and texts are not nullable as conditions.
        definition.nullable = definition.values.is_some();
        definition
    }));
    all
}

/// Subjects of actions.
pub(crate) fn actions(account: &Account) -> Vec<Definition> {
    const NONE: &[Operator] = &[];
    let list = |subject, title, values| Definition::list(subject, title, NONE, values);
    let email = |subject, title, values| Definition {
        kind: "email",
        ..Definition::list(subject, title, NONE, values).of_group("notifications")
    };
    let agents = agents(account);
    let with = |first: &[(&str, &str)], then: &[Choice]| [&choices(first), then].concat();
    let statuses = Status::ALL.iter().skip(1).map(|status| choice(status.name(), status_title(*status)));
    let people = [
        CURRENT_USER,
        ("requester_and_ccs", "(requester and CCs)"),
        REQUESTER,
        ASSIGNEE,
        ("all_agents", "(all non-restricted agents)"),
    ];
    let mut all = vec![
        list("status", "Status", statuses.collect()),
        list("priority", "Priority", choices(PRIORITIES)),
        list("type", "Type", choices(TYPES)),
        list("group_id", "Group", groups(account)).nullable(),
        list("assignee_id", "Assignee", with(&[CURRENT_USER, REQUESTER], &agents)).nullable(),
        Definition::new("set_tags", "Set tags", "tags", NONE),
        Definition::new("current_tags", "Add tags", "tags", NONE),
        Definition::new("remove_tags", "Remove tags", "tags", NONE),
        email("notification_user", "Email user", with(&people, &agents)),
        email(
            "notification_group",
            "Email group",
            with(&[("group_id", "(assigned group)")], &groups(account)),
        ),
        Definition::new("notification_webhook", "Notify active webhook", "webhook", NONE)
            .of_group("notifications"),
    ];
    all.extend(fields(account, |_| NONE).map(|definition| Definition { nullable: true, ..definition }));
    all
}

/// The active fields of users, then of organizations.
fn fields(
    account: &Account,
    operators: impl Fn(Kind) -> &'static [Operator] + Copy,
) -> impl Iterator<Item = Definition> {
    let of = move |group: &'static str, fields: &Fields| {
        let mut active: Vec<_> = fields.values().filter(|field| field["active"] == true).collect();
        active.sort_by_key(|field| field["position"].as_u64());
        let rows = active.into_iter().filter_map(move |field| {
            let (kind, key) = (Kind::of(field)?, field["key"].as_str()?.to_lowercase());
            if account.undefined_fields.contains(&key) {
                return None;
            }
            let title = field["title"].as_str()?.to_owned();
            let base = Definition::new(
                &format!("{group}.custom_fields.{key}"),
                &title,
                kind.name(),
                operators(kind),
            );
            let base = Definition { field: Some(kind), group, ..base };
            Some(match kind {
                Kind::Box => Definition {
                    values: Some(choices(&[("true", "Checked"), ("false", "Unchecked")])),
                    ..base
                },
                Kind::Choice => Definition { values: Some(options(field)), ..base }.nullable(),
                _ => base,
            })
        });
        rows.collect::<Vec<_>>()
    };
    let mut all = of("requester", &account.user_fields);
    all.extend(of("organization", &account.organization_fields));
    all.into_iter()
}

/// A dropdown's options: by id, not by tag.
fn options(field: &Map<String, Value>) -> Vec<Choice> {
    let rows = field.get("custom_field_options").and_then(Value::as_array).into_iter().flatten();
    rows.map(|row| (row["id"].to_string(), row["name"].as_str().unwrap_or_default().to_owned())).collect()
}

const REQUESTER: (&str, &str) = ("requester_id", "(requester)");
const ASSIGNEE: (&str, &str) = ("assignee_id", "(assignee)");
const CURRENT_USER: (&str, &str) = ("current_user", "(current user)");
const TYPES: &[(&str, &str)] =
    &[("question", "Question"), ("incident", "Incident"), ("problem", "Problem"), ("task", "Task")];
/// From the lowest.
pub(crate) const PRIORITIES: &[(&str, &str)] =
    &[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")];
const COMMENTS: &[(&str, &str)] = &[
    ("true", "Public"),
    ("false", "Private"),
    ("not_relevant", "Present (public or private)"),
    ("requester_can_see_comment", "Present, and requester can see the comment"),
];
const ROLES: &[(&str, &str)] = &[("4", "(agent)"), ("0", "(end-user)"), ("2", "(admin)")];
/// Name in `via.channel`, number and title as a condition's value.
pub(crate) const CHANNELS: [(&str, &str, &str); 4] = [
    ("web", "0", "Web form"),
    ("email", "4", "Email"),
    ("api", "5", "Web service (API)"),
    ("chat", "29", "Chat"),
];

/// A role's number as a condition's value.
pub(crate) const fn role_number(role: Role) -> &'static str {
    match role {
        Role::EndUser => "0",
        Role::Agent => "4",
        Role::Admin => "2",
    }
}

const fn status_title(status: Status) -> &'static str {
    match status {
        Status::New => "New",
        Status::Open => "Open",
        Status::Pending => "Pending",
        Status::Hold => "On-hold",
        Status::Solved => "Solved",
        Status::Closed => "Closed",
    }
}

fn choice(value: &str, title: &str) -> Choice {
    (value.to_owned(), title.to_owned())
}

fn choices(rows: &[(&str, &str)]) -> Vec<Choice> {
    rows.iter().map(|(value, title)| choice(value, title)).collect()
}

fn agents(account: &Account) -> Vec<Choice> {
    let staff = |user: &&User| user.active && user.role != Role::EndUser;
    account.users.values().filter(staff).map(|user| (user.id.to_string(), user.name.clone())).collect()
}

fn groups(account: &Account) -> Vec<Choice> {
    named(account.groups.iter())
}

fn organizations(account: &Account) -> Vec<Choice> {
    named(account.organizations.iter())
}

fn named<'a>(rows: impl Iterator<Item = (&'a u64, &'a Map<String, Value>)>) -> Vec<Choice> {
    rows.map(|(id, row)| (id.to_string(), row["name"].as_str().unwrap_or_default().to_owned())).collect()
}
