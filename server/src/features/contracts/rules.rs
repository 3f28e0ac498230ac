//! What a contract says, and which badges it earns. **Invariant:** no I/O and no clock; `today` is an argument.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use wire::{BadgeName, Contract, ContractState};

use super::Thresholds;
use super::{
    differences::{self, decimal},
    requester::Requester,
};
use crate::{
    connectors::zendesk,
    store::companies::{Company, CopyMark, Found},
};

/// The source of what customers' own fields say.
const LIVE: &str = "zendesk";

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

/// Who is a VIP.
#[derive(Debug, Clone, Deserialize)]
pub struct BadgeRules {
    /// These account types are VIPs.
    pub vip_account_types: Vec<String>,
    /// Users with one of these tags are VIPs.
    #[serde(deserialize_with = "zendesk::tags")]
    pub vip_tags: Vec<String>,
}

/// What a customer's own fields in Zendesk say.
#[derive(Debug, PartialEq)]
pub(super) struct LiveContract {
    company: Option<String>,
    account_type: Option<String>,
    subscription_status: Option<String>,
    mrr: Option<f64>,
    start: Option<NaiveDate>,
    renewal: Option<NaiveDate>,
    owner: Option<String>,
    as_of: DateTime<Utc>,
}

/// The contract in a user's fields; `None` where no company, status or type is set.
pub(super) fn from_user_fields(
    fields: &BTreeMap<String, Value>,
    names: &FieldNames,
    now: DateTime<Utc>,
) -> Option<LiveContract> {
    let text = |key: &str| fields.get(key).and_then(text_of);
    let date = |key: &str| text(key).and_then(|text| text.get(..10)?.parse::<NaiveDate>().ok());
    let live = LiveContract {
        company: text(&names.company),
        account_type: text(&names.account_type),
        subscription_status: text(&names.subscription_status),
        mrr: fields.get(&names.mrr).and_then(number_of),
        start: date(&names.start),
        renewal: date(&names.renewal),
        owner: text(&names.owner),
        as_of: now,
    };
    let known = live.company.is_some() || live.account_type.is_some() || live.subscription_status.is_some();
    known.then_some(live)
}

/// One contract out of what is known of a customer: what an integration brought prevails over their own fields in Zendesk while it is
/// young enough. Several companies are a question for the agent, never an answer.
pub(super) fn resolve(
    found: &Found,
    requester: &Requester,
    (names, currency): (&FieldNames, &str),
    now: DateTime<Utc>,
) -> Contract {
    let old = found.copy.as_ref().filter(|copy| is_old(copy, now));
    let live = requester.live(names);
    let contract = match live {
        Some(live) if old.is_some() || found.companies.is_empty() => view(live, currency),
        _ => copied(found, requester, (names, currency)),
    };
    let Some(copy) = old else { return contract };
    let stale = |contract: Contract| match contract.state {
        ContractState::Known => Contract { state: ContractState::Stale, ..contract },
        _ => contract,
    };
    let last_run = |contract| Contract { last_run: Some(moment(copy.completed)), ..stale(contract) };
    let choices = contract.choices.iter().cloned().map(last_run).collect();
    Contract { choices, ..last_run(contract) }
}

/// Whether a copy is too old to be relied upon: two runs are missing.
fn is_old(copy: &CopyMark, now: DateTime<Utc>) -> bool {
    let two = copy.period.and_then(|period| TimeDelta::from_std(period * 2).ok());
    two.is_some_and(|two| now - copy.completed > two)
}

fn copied(found: &Found, requester: &Requester, (names, currency): (&FieldNames, &str)) -> Contract {
    let shown = |company: &Company, with_differences: bool| Contract {
        differences: if with_differences {
            differences::differences(company, &requester.fields, names)
        } else {
            Vec::new()
        },
        ..view_copied(company, found, currency)
    };
    match found.companies.as_slice() {
        [] => none(),
        [company] => shown(company, true),
        // Their own fields in Zendesk are of one of these, and differ from all others.
        several => Contract {
            state: ContractState::Ambiguous,
            choices: several
                .iter()
                .map(|company| shown(company, differences::is_of(company, &requester.fields, names)))
                .collect(),
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
        mrr_exact: None,
        currency: None,
        start: None,
        renewal: None,
        owner: None,
        as_of: None,
        source: None,
        last_run: None,
        differences: Vec::new(),
        choices: Vec::new(),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn view_copied(company: &Company, found: &Found, currency: &str) -> Contract {
    let text = company.mrr.as_deref().and_then(decimal);
    let mrr = text.as_deref().and_then(|text| text.parse().ok()).filter(|mrr: &f64| mrr.is_finite());
    let is_exact = |mrr: f64| decimal(&mrr.to_string()) == text;
    let own = company.currency.clone().or_else(|| said(currency));
    Contract {
        state: ContractState::Known,
        company: company.company.clone(),
        account_type: company.account_type.clone(),
        subscription_status: company.subscription_status.clone(),
        mrr,
        mrr_exact: mrr.filter(|mrr| !is_exact(*mrr)).and_then(|_| text.clone()),
        currency: mrr.and(own),
        start: company.start.map(|day| day.to_string()),
        renewal: company.renewal.map(|day| day.to_string()),
        owner: company.owner(),
        as_of: found.as_of.map(moment),
        source: found.copy.as_ref().map(|copy| copy.name.clone()),
        ..none()
    }
}

/// The operator's currency, where they said one.
fn said(currency: &str) -> Option<String> {
    (!currency.is_empty()).then(|| currency.to_owned())
}

fn view(live: LiveContract, currency: &str) -> Contract {
    Contract {
        state: ContractState::Known,
        company: live.company,
        account_type: live.account_type,
        subscription_status: live.subscription_status,
        mrr: live.mrr,
        currency: live.mrr.and_then(|_| said(currency)),
        start: live.start.map(|day| day.to_string()),
        renewal: live.renewal.map(|day| day.to_string()),
        owner: live.owner,
        as_of: Some(moment(live.as_of)),
        source: Some(LIVE.to_owned()),
        ..none()
    }
}

/// The badges of a contract, most urgent first. An amount in another currency than the rule's `currency` is neither high nor low; where the
/// rule has none, amounts are compared as they are.
pub fn badges(
    contract: &Contract,
    user_tags: &[String],
    (rules, thresholds, currency): (&BadgeRules, &Thresholds, &str),
    today: NaiveDate,
) -> Vec<BadgeName> {
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<NaiveDate>().ok());
    let vip = contract.account_type.as_ref().is_some_and(|kind| listed(&rules.vip_account_types, kind))
        || user_tags.iter().any(|tag| listed(&rules.vip_tags, tag));
    let renewal_near = day(&contract.renewal).is_some_and(|renewal| thresholds.is_near(renewal, today));
    let new_customer = day(&contract.start).is_some_and(|start| thresholds.is_new(start, today));
    let is_comparable = currency.is_empty() || contract.currency.as_deref() == Some(currency);
    let comparable = contract.mrr.filter(|_| is_comparable);
    let high_mrr = comparable.is_some_and(|mrr| mrr >= thresholds.high_mrr);
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
pub(super) fn text_of(value: &Value) -> Option<String> {
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
mod tests;
