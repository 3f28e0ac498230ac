//! What becomes of a row, by what is wanted, held and acknowledged.

use super::*;
use crate::{connectors::zendesk::FieldKind, features::integrations::values::fingerprint};

fn values(text: &str) -> Values {
    Values::from([("plan".to_owned(), Some(text.to_owned()).filter(|text| !text.is_empty()))])
}

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + hour * 3600, 0).expect("a time")
}

fn state(acknowledged: &Values, hour: i64) -> State {
    State {
        key_hash: "k".into(),
        destination_id: Some("7".into()),
        acknowledged: Some(fingerprint(acknowledged)),
        outcome: "updated".into(),
        attempts: 0,
        error: None,
        updated_at: at(hour),
    }
}

fn policy(keep: bool) -> Policy {
    let on_drift = if keep { OnDrift::Keep } else { OnDrift::Overwrite };
    Policy { on_ambiguous: OnAmbiguous::Skip, on_drift, resend: false }
}

/// `write!`: with a field that somebody changed.
fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Unchanged => "unchanged",
        Decision::Adopted => "adopted",
        Decision::Write { drifted, .. } if drifted.is_empty() => "write",
        Decision::Write { .. } => "write!",
        Decision::Kept { .. } => "kept",
    }
}

/// Wanted, held, when the export was read, what was acknowledged, whether drift is kept.
#[track_caller]
fn check(wanted: &str, held: (&str, i64), acknowledged: Option<(&str, i64)>, keep: bool, expected: &str) {
    let held =
        Held { id: "7".into(), label: None, values: values(held.0), updated_at: at(0), known_at: at(held.1) };
    let state = acknowledged.map(|(text, hour)| state(&values(text), hour));
    let known = Known::of(&held, state.as_ref(), &[]);
    assert_eq!(word(&decide(&values(wanted), &known, policy(keep))), expected);
}

#[test]
fn only_what_differs_is_written() {
    check("gold", ("gold", 5), Some(("gold", 1)), false, "unchanged");
    check("gold", ("tin", 5), Some(("tin", 1)), false, "write");
    check("gold", ("", 0), None, false, "write");
}

#[test]
fn what_the_destination_holds_already_is_adopted() {
    check("gold", ("gold", 0), None, false, "adopted");
    check("gold", ("gold", 5), Some(("tin", 1)), false, "adopted");
}

#[test]
fn what_somebody_changed_there_is_drifted() {
    check("gold", ("tin", 5), Some(("gold", 1)), false, "write!");
    check("gold", ("tin", 5), Some(("gold", 1)), true, "kept");
    check("gold", ("tin", 5), Some(("silver", 1)), true, "kept");
}

#[test]
fn an_export_older_than_our_last_write_proves_nothing() {
    check("gold", ("tin", 0), Some(("gold", 1)), true, "unchanged");
    check("silver", ("tin", 0), Some(("gold", 1)), true, "write");
    check("tin", ("tin", 0), Some(("gold", 1)), false, "write");
}

#[test]
fn a_change_in_the_second_of_our_own_write_is_seen() {
    let check = |updated_at, expected| {
        let held = Held { id: "7".into(), values: values("tin"), updated_at, known_at: at(0), label: None };
        let mut state = state(&values("gold"), 1);
        state.updated_at += chrono::TimeDelta::milliseconds(800);
        let known = Known::of(&held, Some(&state), &[]);
        assert_eq!(word(&decide(&values("gold"), &known, policy(true))), expected, "{updated_at}");
    };
    check(at(1), "kept");
    check(at(1) - chrono::TimeDelta::seconds(1), "unchanged");
}

#[test]
fn fields_that_were_not_mapped_before_are_no_drift() {
    let two = |a: &str, b: &str| {
        Values::from([("a".to_owned(), Some(a.to_owned())), ("b".to_owned(), Some(b.to_owned()))])
    };
    let one = |a: &str| Values::from([("a".to_owned(), Some(a.to_owned()))]);
    // Acknowledged, wanted, held, whether the export is newer.
    let check = |acknowledged: &Values, wanted: &Values, held: &Values, newer, expected| {
        let hour = if newer { 5 } else { 0 };
        let held =
            Held { id: "7".into(), label: None, values: held.clone(), updated_at: at(0), known_at: at(hour) };
        let state = state(acknowledged, 1);
        let known = Known::of(&held, Some(&state), &[]);
        assert_eq!(word(&decide(wanted, &known, policy(true))), expected);
        let is_write = expected == "write";
        assert_eq!(known.changes(wanted, policy(true)).is_empty(), !is_write, "no write is empty");
    };
    for newer in [true, false] {
        check(&two("1", "2"), &one("1"), &two("1", "2"), newer, "unchanged");
        check(&one("1"), &two("1", "2"), &two("1", "2"), newer, "adopted");
        check(&one("1"), &two("1", "2"), &two("1", "9"), newer, "write");
        check(&two("1", "2"), &one("3"), &two("1", "9"), newer, "write");
    }
    let held =
        Held { id: "7".into(), label: None, values: two("9", "2"), updated_at: at(0), known_at: at(5) };
    let state = state(&two("1", "2"), 1);
    let known = Known::of(&held, Some(&state), &[]);
    assert_eq!(word(&decide(&one("1"), &known, policy(true))), "kept");
}

#[test]
fn a_field_that_stays_as_somebody_made_it_holds_up_no_other() {
    let two = |a: &str, b: &str| {
        Values::from([("a".to_owned(), Some(a.to_owned())), ("b".to_owned(), Some(b.to_owned()))])
    };
    let held =
        Held { id: "7".into(), label: None, values: two("by hand", "2"), updated_at: at(0), known_at: at(5) };
    let state = state(&two("1", "2"), 1);
    let fields = ["a", "b"].map(|name| Field::new(name, FieldKind::Text, Vec::new()));
    let known = Known::of(&held, Some(&state), &fields);
    let decision = decide(&two("1", "3"), &known, policy(true));
    let Decision::Write { values, drifted } = decision else { panic!("{decision:?}") };
    assert_eq!((values.contains_key("a"), drifted), (false, vec!["a".to_owned()]));
    // What the record acknowledged of the field that stays is still what we wrote, so it stays drifted.
    assert_eq!(known.acknowledged_with(&values, &fields), fingerprint(&two("1", "3")));
}

#[test]
fn a_field_that_was_made_again_is_empty_whatever_was_acknowledged() {
    let held = Held { id: "7".into(), label: None, values: values(""), updated_at: at(0), known_at: at(5) };
    let state = state(&values("gold"), 1);
    let check = |field: &Field, expected| {
        let known = Known::of(&held, Some(&state), std::slice::from_ref(field));
        assert_eq!(word(&decide(&values("gold"), &known, policy(true))), expected, "{field:?}");
    };
    let field = Field::new("plan", FieldKind::Text, Vec::new());
    check(&field, "kept");
    check(&Field { made_at: at(2), ..field.clone() }, "write");
    check(&Field { new_options: vec!["gold".to_owned()], ..field }, "write");
}

#[test]
fn what_is_sent_again_was_there_before() {
    let resend = Policy { resend: true, ..policy(true) };
    let held =
        Held { id: "7".into(), values: values("tin"), updated_at: at(0), known_at: at(0), label: None };
    let state = state(&values("gold"), 1);
    let known = Known::of(&held, Some(&state), &[]);
    assert_eq!(known.changes(&values("gold"), resend)["plan"], serde_json::json!(["gold", "gold"]));
    assert_eq!(known.changes(&values("silver"), resend)["plan"], serde_json::json!([null, "silver"]));
}

#[test]
fn what_is_left_alone_once_is_remembered() {
    let field = |name: &str| Field::new(name, FieldKind::Text, Vec::new());
    let held =
        Held { id: "7".into(), label: None, values: Values::new(), updated_at: at(0), known_at: at(0) };
    let before = Values::from([("plan".to_owned(), Some("gold".to_owned())), ("old".to_owned(), None)]);
    let state = state(&before, 1);
    let after = Known::of(&held, Some(&state), &[]).acknowledged_with(&Values::new(), &[field("plan")]);
    assert_eq!(after, fingerprint(&values("gold")));
}

#[test]
fn several_records_are_never_decided_by_which_came_first() {
    let record = |id: &str, hour| Held {
        id: id.into(),
        label: None,
        values: values(""),
        updated_at: at(hour),
        known_at: at(hour),
    };
    let both = || vec![record("1", 5), record("2", 1)];
    assert_eq!(chosen(both(), OnAmbiguous::Skip), Err(both()));
    assert_eq!(chosen(both(), OnAmbiguous::All), Ok(both()));
    assert_eq!(chosen(both(), OnAmbiguous::Newest), Ok(vec![record("1", 5)]));
}
