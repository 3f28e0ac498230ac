//! Which contract a card shows, and which badges it earns.

use std::{fmt::Write, time::Duration};

use serde_json::json;

use super::*;
use crate::store::companies::{Ids, PersonKind};

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
    BadgeRules { vip_account_types: vec!["Strategic".into()], vip_tags: vec!["vip".into()] }
}

fn thresholds() -> Thresholds {
    Thresholds {
        new_customer_days: 90,
        renewal_near_days: 90,
        high_mrr: 10_000.0,
        time_zone: chrono_tz::Tz::UTC,
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("a time")
}

fn requester(fields: Value) -> Requester {
    let fields = serde_json::from_value(fields).expect("an object");
    Requester { ids: Ids::default(), tags: vec![], fields, read_at: now() }
}

#[track_caller]
fn check_badges(fields: Value, tags: &[&str], today: &str, expected: &[BadgeName]) {
    let contract = resolve(&Found::default(), &requester(fields), (&names(), "USD"), now());
    let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
    let earned = badges(&contract, &tags, (&rules(), &thresholds(), "USD"), today.parse().expect("a day"));
    assert_eq!(earned, expected);
}

#[test]
fn a_customer_is_new_for_ninety_days_from_the_first_day() {
    let fields = json!({"sfdc_company_name": "Acme", "sfdc_contract_start": "2026-09-01T00:00:00Z"});
    check_badges(fields.clone(), &[], "2026-08-31", &[]);
    check_badges(fields.clone(), &[], "2026-09-01", &[BadgeName::NewCustomer]);
    check_badges(fields.clone(), &[], "2026-11-29", &[BadgeName::NewCustomer]);
    check_badges(fields, &[], "2026-11-30", &[]);
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
        assert_eq!(from_user_fields(&fields, &names(), now), None);
    }
}

/// What a copy that was completed so many hours ago has of a customer; a run is due once a day.
fn found(companies: &[&str], hours: i64) -> Found {
    let copy = CopyMark {
        integration: "contracts".into(),
        name: "Contracts daily".into(),
        run: "run".into(),
        completed: now() - TimeDelta::hours(hours),
        period: Some(Duration::from_hours(24)),
    };
    let company = |name: &&str| Company {
        company_id: (*name).into(),
        company: Some((*name).into()),
        mrr: Some("1200.50".into()),
        ..Company::default()
    };
    let companies = companies.iter().map(company).collect();
    Found { copy: Some(copy), companies, by: Some(PersonKind::User), as_of: Some(now()) }
}

#[test]
fn the_copy_prevails_while_it_is_young_and_several_are_a_question() {
    let live = json!({"sfdc_company_name": "Live"});
    for (found, fields, expected) in [
        (Found::default(), json!({}), "none"),
        (Found::default(), live.clone(), "known Live zendesk"),
        (found(&[], 1), json!({}), "none"),
        (found(&[], 1), live.clone(), "known Live zendesk"),
        (found(&["One"], 1), json!({}), "known One Contracts daily"),
        (found(&["One"], 48), live.clone(), "known One Contracts daily"),
        (
            found(&["One", "Two"], 1),
            live.clone(),
            "ambiguous [known One Contracts daily] [known Two Contracts daily]",
        ),
        (found(&["One"], 49), live.clone(), "stale Live zendesk, last run 49 h ago"),
        (found(&["One"], 49), json!({}), "stale One Contracts daily, last run 49 h ago"),
        (found(&["One", "Two"], 49), live, "stale Live zendesk, last run 49 h ago"),
        (
            found(&["One", "Two"], 49),
            json!({}),
            "ambiguous, last run 49 h ago [stale One Contracts daily, last run 49 h ago] \
             [stale Two Contracts daily, last run 49 h ago]",
        ),
        (found(&[], 49), json!({}), "none, last run 49 h ago"),
        (Found { copy: None, ..found(&[], 1) }, json!({}), "none"),
    ] {
        let contract = resolve(&found, &requester(fields.clone()), (&names(), "USD"), now());
        assert_eq!(told(&contract), expected, "{:?} {fields}", found.companies);
    }
}

fn told(contract: &Contract) -> String {
    let state = serde_json::to_value(contract.state).expect("a word");
    let words = [state.as_str(), contract.company.as_deref(), contract.source.as_deref()];
    let mut told = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if let Some(at) = &contract.last_run {
        let at: DateTime<Utc> = at.parse().expect("a time");
        let _infallible = write!(told, ", last run {} h ago", (now() - at).num_hours());
    }
    for choice in &contract.choices {
        let _infallible = write!(told, " [{}]", self::told(choice));
    }
    told
}

#[test]
fn an_amount_in_another_currency_is_not_high() {
    for (currency, expected) in
        [(None, &[BadgeName::HighMrr][..]), (Some("USD"), &[BadgeName::HighMrr]), (Some("JPY"), &[])]
    {
        let mut found = found(&["One"], 1);
        found.companies[0].mrr = Some("12000".into());
        found.companies[0].currency = currency.map(String::from);
        let contract = resolve(&found, &requester(json!({})), (&names(), "USD"), now());
        assert_eq!(
            badges(&contract, &[], (&rules(), &thresholds(), "USD"), now().date_naive()),
            expected,
            "{currency:?}"
        );
    }
}

#[test]
fn an_amount_has_no_currency_that_nobody_said() {
    let check = |own: Option<&str>, set: &str, expected: Option<&str>| {
        let mut found = found(&["One"], 1);
        found.companies[0].mrr = Some("12000".into());
        found.companies[0].currency = own.map(String::from);
        let copied = resolve(&found, &requester(json!({})), (&names(), set), now());
        let earned = badges(&copied, &[], (&rules(), &thresholds(), set), now().date_naive());
        assert_eq!(
            (copied.currency.as_deref(), earned),
            (expected, vec![BadgeName::HighMrr]),
            "{own:?} {set}"
        );
    };
    check(None, "", None);
    check(Some("EUR"), "", Some("EUR"));
    check(None, "JPY", Some("JPY"));
    let live = requester(json!({"sfdc_company_name": "One", "sfdc_mrr": 12000}));
    let live = resolve(&Found::default(), &live, (&names(), ""), now());
    assert_eq!((live.mrr, live.currency), (Some(12_000.0), None));
}

#[test]
fn a_copy_that_nothing_renews_by_itself_does_not_get_too_old() {
    let mut found = found(&["One"], 9_000);
    found.copy = found.copy.map(|copy| CopyMark { period: None, ..copy });
    let contract =
        resolve(&found, &requester(json!({"sfdc_company_name": "Live"})), (&names(), "USD"), now());
    assert_eq!(told(&contract), "known One Contracts daily");
}

#[test]
fn among_several_companies_zendesks_fields_speak_of_one() {
    let fields = requester(json!({"sfdc_company_name": "Two", "sfdc_mrr": "99"}));
    let contract = resolve(&found(&["One", "Two"], 1), &fields, (&names(), "USD"), now());
    let differences: Vec<_> = contract.choices.iter().map(|choice| choice.differences.len()).collect();
    assert_eq!(differences, [0, 1]);
}
