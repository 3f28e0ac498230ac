//! What a contract says, and which badges it earns. **Invariant:** no I/O and no clock; `today` is an argument.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use wire::{BadgeName, Contract, ContractState};

use crate::{
    connectors::zendesk,
    setting::{amount, whole},
    store::contracts::ContractRow,
};

/// The source that live user fields have in the local copy.
pub const LIVE: &str = "zendesk";

/// The keys of the user fields that hold a contract.
#[derive(Debug, Clone, Deserialize)]
pub struct FieldNames {
    /// Company name.
    #[serde(rename = "field_company")]
    pub company: String,
    /// Account type.
    #[serde(rename = "field_account_type")]
    pub account_type: String,
    /// Subscription status.
    #[serde(rename = "field_subscription_status")]
    pub subscription_status: String,
    /// Monthly recurring revenue.
    #[serde(rename = "field_mrr")]
    pub mrr: String,
    /// First day.
    #[serde(rename = "field_start")]
    pub start: String,
    /// Last day before renewal.
    #[serde(rename = "field_renewal")]
    pub renewal: String,
    /// Owners.
    #[serde(rename = "field_owner")]
    pub owner: String,
}

/// When which badge is earned.
#[derive(Debug, Clone, Deserialize)]
pub struct BadgeRules {
    /// A contract younger than this is a new customer's.
    #[serde(deserialize_with = "whole::<0, 1200, _, _>")]
    pub new_customer_months: u32,
    /// A renewal nearer than this is near.
    #[serde(deserialize_with = "whole::<0, 36_500, _, _>")]
    pub renewal_near_days: u32,
    /// An MRR of at least this is high.
    #[serde(deserialize_with = "amount")]
    pub high_mrr: f64,
    /// These account types are VIPs.
    pub vip_account_types: Vec<String>,
    /// Users with one of these tags are VIPs.
    #[serde(deserialize_with = "zendesk::tags")]
    pub vip_tags: Vec<String>,
}

/// The contract in a user's fields; `None` where no company, status or type is set.
pub fn from_user_fields(
    user_id: u64,
    fields: &BTreeMap<String, Value>,
    names: &FieldNames,
    now: DateTime<Utc>,
) -> Option<ContractRow> {
    let text = |key: &str| fields.get(key).and_then(text_of);
    let date = |key: &str| text(key).and_then(|text| text.get(..10)?.parse::<NaiveDate>().ok());
    let row = ContractRow {
        user_id,
        company_id: LIVE.to_owned(),
        company: text(&names.company),
        account_type: text(&names.account_type),
        subscription_status: text(&names.subscription_status),
        mrr: fields.get(&names.mrr).and_then(number_of),
        start: date(&names.start),
        renewal: date(&names.renewal),
        owner: text(&names.owner),
        source: LIVE.to_owned(),
        as_of: now,
    };
    let known = row.company.is_some() || row.account_type.is_some() || row.subscription_status.is_some();
    known.then_some(row)
}

/// One contract out of what is known of a user: what integrations brought prevails over live fields, and several
/// companies are a question for the agent, never an answer.
pub fn resolve(copy: &[ContractRow], live: &[ContractRow], currency: &str) -> Contract {
    let integrated: Vec<_> = copy.iter().filter(|row| row.source != LIVE).collect();
    let rows = if integrated.is_empty() { live.iter().collect() } else { integrated };
    match rows.as_slice() {
        [] => none(),
        [row] => view(row, currency),
        several => Contract {
            state: ContractState::Ambiguous,
            choices: several.iter().map(|row| view(row, currency)).collect(),
            ..none()
        },
    }
}

/// Nothing is known.
pub const fn none() -> Contract {
    Contract {
        state: ContractState::None,
        company: None,
        account_type: None,
        subscription_status: None,
        mrr: None,
        currency: None,
        start: None,
        renewal: None,
        owner: None,
        as_of: None,
        source: None,
        choices: Vec::new(),
    }
}

fn view(row: &ContractRow, currency: &str) -> Contract {
    Contract {
        state: ContractState::Known,
        company: row.company.clone(),
        account_type: row.account_type.clone(),
        subscription_status: row.subscription_status.clone(),
        mrr: row.mrr,
        currency: row.mrr.map(|_| currency.to_owned()),
        start: row.start.map(|day| day.to_string()),
        renewal: row.renewal.map(|day| day.to_string()),
        owner: row.owner.clone(),
        as_of: Some(row.as_of.to_rfc3339_opts(SecondsFormat::Secs, true)),
        source: Some(row.source.clone()),
        choices: Vec::new(),
    }
}

/// The badges of a contract, most urgent first.
pub fn badges(
    contract: &Contract,
    user_tags: &[String],
    rules: &BadgeRules,
    today: NaiveDate,
) -> Vec<BadgeName> {
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<NaiveDate>().ok());
    let vip = contract.account_type.as_ref().is_some_and(|kind| listed(&rules.vip_account_types, kind))
        || user_tags.iter().any(|tag| listed(&rules.vip_tags, tag));
    let renewal_near = day(&contract.renewal).is_some_and(|renewal| {
        (TimeDelta::zero()..=TimeDelta::days(rules.renewal_near_days.into())).contains(&(renewal - today))
    });
    let new_customer = day(&contract.start).is_some_and(|start| {
        let grown_up = start.checked_add_months(Months::new(rules.new_customer_months));
        start <= today && grown_up.is_some_and(|day| today < day)
    });
    let high_mrr = contract.mrr.is_some_and(|mrr| mrr >= rules.high_mrr);
    [
        (vip, BadgeName::Vip),
        (renewal_near, BadgeName::RenewalNear),
        (new_customer, BadgeName::NewCustomer),
        (high_mrr, BadgeName::HighMrr),
    ]
    .into_iter()
    .filter_map(|(earned, badge)| earned.then_some(badge))
    .collect()
}

fn listed(list: &[String], word: &str) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(word))
}

/// Zendesk gives texts and dates as strings, dropdowns as their tag.
fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Numbers come as numbers or, from text fields, as text.
fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().replace(',', "").parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> FieldNames {
        FieldNames {
            company: "sfdc_company_name".into(),
            account_type: "sfdc_account_type".into(),
            subscription_status: "sfdc_subscription_status".into(),
            mrr: "sfdc_mrr".into(),
            start: "sfdc_contract_start".into(),
            renewal: "sfdc_renewal_date".into(),
            owner: "sfdc_owner".into(),
        }
    }

    fn rules() -> BadgeRules {
        BadgeRules {
            new_customer_months: 3,
            renewal_near_days: 90,
            high_mrr: 10_000.0,
            vip_account_types: vec!["Strategic".into()],
            vip_tags: vec!["vip".into()],
        }
    }

    fn row(company: &str, source: &str) -> ContractRow {
        let fields = BTreeMap::from([("sfdc_company_name".to_owned(), json!(company))]);
        let now = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
        let mut row = from_user_fields(7, &fields, &names(), now).expect("a company is set");
        source.clone_into(&mut row.source);
        row
    }

    #[track_caller]
    fn check_badges(fields: Value, tags: &[&str], today: &str, expected: &[BadgeName]) {
        let fields = serde_json::from_value(fields).expect("an object");
        let now = DateTime::from_timestamp(1_795_000_000, 0).expect("a time");
        let live: Vec<_> = from_user_fields(7, &fields, &names(), now).into_iter().collect();
        let contract = resolve(&[], &live, "USD");
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        assert_eq!(badges(&contract, &tags, &rules(), today.parse().expect("a day")), expected);
    }

    #[test]
    fn a_customer_is_new_for_three_months_from_the_first_day() {
        let fields = json!({"sfdc_company_name": "Acme", "sfdc_contract_start": "2026-09-01T00:00:00Z"});
        check_badges(fields.clone(), &[], "2026-08-31", &[]);
        check_badges(fields.clone(), &[], "2026-09-01", &[BadgeName::NewCustomer]);
        check_badges(fields.clone(), &[], "2026-11-30", &[BadgeName::NewCustomer]);
        check_badges(fields, &[], "2026-12-01", &[]);
    }

    #[test]
    fn a_renewal_is_near_ninety_days_before_it_and_no_longer_after_it() {
        let fields = json!({"sfdc_company_name": "Acme", "sfdc_renewal_date": "2027-03-31"});
        check_badges(fields.clone(), &[], "2026-12-30", &[]);
        check_badges(fields.clone(), &[], "2026-12-31", &[BadgeName::RenewalNear]);
        check_badges(fields.clone(), &[], "2027-03-31", &[BadgeName::RenewalNear]);
        check_badges(fields, &[], "2027-04-01", &[]);
    }

    #[test]
    fn value_and_importance_earn_badges() {
        for (fields, tags, expected) in [
            (json!({"sfdc_company_name": "A", "sfdc_mrr": 10_000}), &[][..], &[BadgeName::HighMrr][..]),
            (json!({"sfdc_company_name": "A", "sfdc_mrr": "12,000.50"}), &[], &[BadgeName::HighMrr]),
            (json!({"sfdc_company_name": "A", "sfdc_mrr": 9_999.99}), &[], &[]),
            (json!({"sfdc_company_name": "A", "sfdc_mrr": "NaN"}), &[], &[]),
            (json!({"sfdc_account_type": "strategic"}), &[], &[BadgeName::Vip]),
            (json!({}), &["VIP"], &[BadgeName::Vip]),
        ] {
            check_badges(fields, tags, "2026-11-22", expected);
        }
    }

    #[test]
    fn empty_fields_are_no_contract() {
        for fields in
            [json!({}), json!({"sfdc_company_name": "  ", "sfdc_mrr": 5}), json!({"sfdc_company_name": null})]
        {
            let fields = serde_json::from_value(fields).expect("an object");
            let now = DateTime::from_timestamp(0, 0).expect("a time");
            assert_eq!(from_user_fields(7, &fields, &names(), now), None);
        }
    }

    #[test]
    fn several_companies_are_a_question_and_integrations_prevail() {
        let check =
            |copy: &[&ContractRow], live: &[&ContractRow], expected: (ContractState, Option<&str>, usize)| {
                let owned = |rows: &[&ContractRow]| rows.iter().map(|row| (*row).clone()).collect::<Vec<_>>();
                let contract = resolve(&owned(copy), &owned(live), "JPY");
                assert_eq!((contract.state, contract.company.as_deref(), contract.choices.len()), expected);
            };
        let (live, one, two) = (row("Live", LIVE), row("One", "salesforce"), row("Two", "salesforce"));
        check(&[], &[], (ContractState::None, None, 0));
        check(&[], &[&live], (ContractState::Known, Some("Live"), 0));
        check(&[&live], &[], (ContractState::None, None, 0)); // the fields were emptied since
        check(&[&live, &one], &[&live], (ContractState::Known, Some("One"), 0));
        check(&[&one, &two], &[&live], (ContractState::Ambiguous, None, 2));
    }
}
