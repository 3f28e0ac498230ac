//! Where a customer's own fields in Zendesk say something else than the contract copy. **Invariants:** no I/O; a value that is the
//! same but written in another way is no difference.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wire::Difference;

use super::{FieldNames, Part, rules::text_of};
use crate::store::companies::Company;

/// The parts of a company's contract of which Zendesk holds another value. Fields that Zendesk does not have, and customers whose
/// fields are all empty, tell nothing.
pub(super) fn differences(
    company: &Company,
    fields: &BTreeMap<String, Value>,
    names: &FieldNames,
) -> Vec<Difference> {
    let in_zendesk = |part: Part| fields.get(part.field(names)).map(text_of);
    if Part::ALL.iter().all(|part| in_zendesk(*part).flatten().is_none()) {
        return Vec::new();
    }
    let difference = |part: Part| {
        let copied = value(company, part)?;
        let theirs = in_zendesk(part)?;
        let same = theirs.as_deref().is_some_and(|theirs| same(part, &copied, theirs));
        (!same).then(|| Difference { part: part.on_wire(), value: theirs.map(|theirs| shown(part, theirs)) })
    };
    Part::ALL.into_iter().filter_map(difference).collect()
}

/// Whether the customer's own fields name this company, among several.
pub(super) fn is_of(company: &Company, fields: &BTreeMap<String, Value>, names: &FieldNames) -> bool {
    let theirs = fields.get(Part::Company.field(names)).and_then(text_of);
    theirs.is_some_and(|theirs| {
        value(company, Part::Company).is_some_and(|own| same(Part::Company, &own, &theirs))
    })
}

fn value(company: &Company, part: Part) -> Option<String> {
    match part {
        Part::Company => company.company.clone(),
        Part::AccountType => company.account_type.clone(),
        Part::SubscriptionStatus => company.subscription_status.clone(),
        Part::Mrr => company.mrr.clone(),
        Part::Start => company.start.map(|day| day.to_string()),
        Part::Renewal => company.renewal.map(|day| day.to_string()),
        Part::Owner => company.owner(),
    }
}

fn same(part: Part, copied: &str, theirs: &str) -> bool {
    match part {
        Part::Company => copied.trim() == theirs.trim(),
        // A dropdown holds the tag of its option.
        Part::AccountType | Part::SubscriptionStatus => tag(copied) == tag(theirs),
        Part::Mrr => match (decimal(copied), decimal(theirs)) {
            (Some(copied), Some(theirs)) => copied == theirs,
            _ => copied.trim() == theirs.trim(),
        },
        Part::Start | Part::Renewal => theirs.get(..10) == Some(copied),
        Part::Owner => people(copied) == people(theirs),
    }
}

fn shown(part: Part, theirs: String) -> String {
    match part {
        Part::Start | Part::Renewal => theirs.get(..10).map(str::to_owned).unwrap_or(theirs),
        Part::Mrr => decimal(&theirs).unwrap_or(theirs),
        _ => theirs,
    }
}

fn tag(text: &str) -> String {
    let letters = text.trim().chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' });
    letters.collect::<String>().to_lowercase()
}

fn people(text: &str) -> BTreeSet<&str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// A decimal number without what does not matter: `1,200.50` is `1200.5`. Exact, whatever its length.
pub(super) fn decimal(text: &str) -> Option<String> {
    let plain = text.trim().replace(',', "");
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let number = match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    };
    Some(if number == "0" { number } else { format!("{sign}{number}") })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wire::ContractPart;

    use super::*;
    use crate::store::companies::{Owner, OwnerRole};

    fn names() -> FieldNames {
        FieldNames {
            company: "company".into(),
            account_type: "type".into(),
            subscription_status: "status".into(),
            mrr: "mrr".into(),
            start: "start".into(),
            renewal: "renewal".into(),
            owner: "owner".into(),
        }
    }

    fn acme() -> Company {
        let owner = |role, name: &str| Owner { role, name: Some(name.into()), email: None };
        Company {
            company: Some("Acme".into()),
            account_type: Some("Strategic".into()),
            subscription_status: Some("Past Due".into()),
            mrr: Some("12345678901234567890.10".into()),
            start: "2026-09-01".parse().ok(),
            renewal: "2027-08-31".parse().ok(),
            owners: vec![owner(OwnerRole::Success, "Dana"), owner(OwnerRole::Sales, "Kim")],
            ..Company::default()
        }
    }

    #[track_caller]
    fn check(fields: Value, expected: &[(ContractPart, Option<&str>)]) {
        let fields = serde_json::from_value(fields).expect("an object");
        let found = differences(&acme(), &fields, &names());
        let found: Vec<_> = found.iter().map(|one| (one.part, one.value.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_written_in_another_way_is_no_difference() {
        check(
            json!({"company": " Acme ", "type": "strategic", "status": "past_due", "mrr": "12345678901234567890.1",
                   "start": "2026-09-01T00:00:00Z", "renewal": "2027-08-31", "owner": "Dana,Kim"}),
            &[],
        );
        check(json!({}), &[]);
        check(json!({"company": null, "type": "", "mrr": null}), &[]);
        check(json!({"company": "Acme"}), &[]);
    }

    #[test]
    fn another_value_and_an_emptied_field_are_differences() {
        check(
            json!({"company": "Acme", "mrr": "12345678901234567890.11"}),
            &[(ContractPart::Mrr, Some("12345678901234567890.11"))],
        );
        check(json!({"company": "Acme", "mrr": 1_200.5}), &[(ContractPart::Mrr, Some("1200.5"))]);
        check(
            json!({"company": "Globex", "type": null, "status": "paying", "start": "2026-09-02T00:00:00Z", "owner": "Dana"}),
            &[
                (ContractPart::Company, Some("Globex")),
                (ContractPart::AccountType, None),
                (ContractPart::SubscriptionStatus, Some("paying")),
                (ContractPart::Start, Some("2026-09-02")),
                (ContractPart::Owner, Some("Dana")),
            ],
        );
    }

    #[test]
    fn decimals_are_compared_by_value() {
        for (text, expected) in [
            ("1,200.50", Some("1200.5")),
            ("1200", Some("1200")),
            ("0001200.0", Some("1200")),
            ("-0.0", Some("0")),
            ("-5.10", Some("-5.1")),
            (".5", Some("0.5")),
            ("123456789012345678901234567890.12", Some("123456789012345678901234567890.12")),
            ("", None),
            (".", None),
            ("1e6", None),
            ("a lot", None),
        ] {
            assert_eq!(decimal(text).as_deref(), expected, "{text}");
        }
    }
}
