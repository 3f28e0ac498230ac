//! What is said to be wrong, and where.

use serde_json::json;

use super::*;
use crate::json::tests::of;

fn columns() -> Vec<Column> {
    [("name", "text"), ("mrr", "decimal"), ("start", "date"), ("at", "timestamp"), ("paying", "boolean")]
        .map(|(name, kind)| Column { name: name.into(), kind: kind.into() })
        .into()
}

fn fields() -> Vec<Field> {
    let field = |(name, kind): (&str, &str)| Field {
        name: name.into(),
        label: String::new(),
        kind: kind.into(),
        writable: name != "email",
        values: (kind == "dropdown").then(|| vec!["gold".into()]),
    };
    [
        ("sfdc_mrr", "decimal"),
        ("seats", "integer"),
        ("since", "date"),
        ("vip", "checkbox"),
        ("plan", "dropdown"),
        ("note", "text"),
        ("email", "text"),
    ]
    .map(field)
    .into()
}

/// What is said at a row of the mapping that holds this.
#[track_caller]
fn check(typed: serde_json::Value, expected: Option<(&'static str, Wrong)>) {
    let mut draft = Draft::new("UTC");
    let row = draft.mapping[0].clone();
    let typed: serde_json::Map<_, _> = typed
        .as_object()
        .expect("parts")
        .iter()
        .map(|(part, value)| (row.name(part), value.clone()))
        .collect();
    draft.take(&of(typed.into()));
    let (columns, fields) = (columns(), fields());
    let known = Known { columns: Some(&columns), fields: Some(&fields) };
    assert_eq!(of_mapping(&draft, &row, known), expected);
}

fn clash(from: &str, to: &str) -> Option<(&'static str, Wrong)> {
    Some(("field", Wrong::Clash(from.into(), to.into())))
}

#[test]
fn a_type_that_never_fits_is_said_while_it_is_chosen() {
    let pair = |column: &str, field: &str| json!({"column": column, "field": field});
    check(pair("mrr", "since"), clash("decimal", "date"));
    check(pair("paying", "sfdc_mrr"), clash("boolean", "decimal"));
    check(pair("start", "vip"), clash("date", "checkbox"));
    check(pair("at", "plan"), clash("timestamp", "dropdown"));
    check(pair("mrr", "seats"), Some(("field", Wrong::Risk("decimal".into(), "integer".into()))));
    for (column, field) in
        [("mrr", "sfdc_mrr"), ("at", "since"), ("name", "since"), ("mrr", "note"), ("paying", "vip")]
    {
        check(pair(column, field), None);
    }
}

#[test]
fn steps_between_column_and_field_count() {
    check(json!({"column": "mrr", "field": "seats", "functions": "round(0)"}), None);
    check(json!({"column": "mrr", "field": "since", "functions": "map{1=2026-01-01}"}), None);
    check(json!({"column": "mrr", "field": "since", "functions": "trim"}), clash("decimal", "date"));
}

#[test]
fn what_is_not_there_is_said() {
    check(json!({"column": "nme", "field": "note"}), Some(("column", Wrong::NoColumn("nme".into()))));
    check(json!({"column": "name", "field": "nte"}), Some(("field", Wrong::NoField("nte".into()))));
    check(json!({"column": "name", "field": "email"}), Some(("field", Wrong::NoField("email".into()))));
    check(json!({"column": "name", "field": "+", "key": "new", "type": "text"}), None);
    check(json!({"column": "mrr", "field": "+", "key": "new", "type": "date"}), clash("decimal", "date"));
    let other = Some(("type", Wrong::OtherType("decimal".into())));
    check(json!({"column": "mrr", "field": "sfdc_mrr", "create": "on", "type": "text"}), other);
    check(json!({"column": "", "field": ""}), None);
}

#[test]
fn a_text_that_always_goes_there_has_to_fit() {
    let always = |text: &str, field: &str| json!({"from": "constant", "constant": text, "field": field});
    let not = |kind: &str| Some(("constant", Wrong::Constant(kind.into())));
    check(always("deskside", "note"), None);
    check(always("1,000", "sfdc_mrr"), not("decimal"));
    check(always("1200.50", "sfdc_mrr"), None);
    check(always("-3", "seats"), None);
    check(always("1.5", "seats"), not("integer"));
    check(always("tomorrow", "since"), not("date"));
    check(always("2026-11-22", "since"), None);
    check(always("perhaps", "vip"), not("checkbox"));
    check(always("tin", "plan"), Some(("constant", Wrong::NoOption("tin".into()))));
    check(always("gold", "plan"), None);
}

#[test]
fn what_is_not_whole_is_not_sent() {
    let mut draft = Draft::new("UTC");
    let source = draft.sources[0].clone();
    let names = |draft: &Draft| -> Vec<String> {
        before_saving(draft, Known::default()).into_iter().map(|(name, _)| name).collect()
    };
    let row = draft.mapping[0].clone();
    let first = ["name", "id", &source.name("as"), &source.name("connection"), "to", "key.column"];
    assert_eq!(names(&draft), [&first[..], &[&row.name("column"), &row.name("field")]].concat());
    for (name, value) in [
        ("name", "Contracts"),
        ("id", "Con tracts"),
        (&source.name("as"), "Users"),
        (&source.name("connection"), "zendesk"),
        ("to", "zendesk"),
        ("key.column", "id"),
        (&row.name("column"), "name"),
        (&row.name("field"), "note"),
    ] {
        draft.set(name, value);
    }
    assert_eq!(names(&draft), ["id".to_owned(), source.name("as")]);
    draft.set("id", "contracts");
    draft.set(&source.name("as"), "users");
    assert_eq!(names(&draft), [""; 0]);
}

#[test]
fn what_the_server_refuses_is_said_at_its_field() {
    let mut draft = Draft::new("UTC");
    let (source, row) = (draft.sources[0].clone(), draft.mapping[0].clone());
    let owner = draft.add_owner();
    draft.set(&row.name("from"), "constant");
    for (place, expected) in [
        ("sources[0].as", source.name("as")),
        ("sources[0].read.soql", source.name("sql")),
        ("sources[0].read.kind", source.name("connection")),
        ("sources[7].as", String::new()),
        ("mapping[0].column", row.name("constant")),
        ("mapping[0].create.title", row.name("title")),
        ("contract.owners[0].role", owner.name("role")),
        ("contract.people", "c.user".into()),
        ("contract.people.email", "c.email".into()),
        ("contract.company_id", "c.company_id".into()),
        ("model.sql", "model".into()),
        ("schedule", "at".into()),
        ("destination.mode", "mode".into()),
        ("mapping", String::new()),
    ] {
        assert_eq!(field_of(&draft, place), expected, "{place}");
    }
}

#[test]
fn a_name_makes_an_id() {
    for (name, expected) in [
        ("Contracts to Zendesk users", "contracts-to-zendesk-users"),
        (" MRR (new) ", "mrr-new"),
        ("契約", ""),
    ] {
        assert_eq!(id_of(name), expected);
    }
}
