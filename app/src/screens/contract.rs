//! A company's contract, and the person who asks for it.

use wire::{Badge, BadgeName, Contract, ContractPart, Customer, CustomerState};

use super::dial::{self, Dialling};
use crate::format::{number, today};
use crate::i18n::Locale;
use crate::model::dates::{distance, elapsed};
use crate::ui::{Node, Tone, el, notice, pill, progress};

/// Company, customer, badges and the facts.
#[must_use]
pub fn contract(
    locale: Locale,
    contract: &Contract,
    customer: Option<&Customer>,
    dialling: Dialling<'_>,
    marks: &[Badge],
) -> Vec<Node> {
    let company = contract.company.clone();
    let shown = company.clone().unwrap_or_else(|| locale.words().unknown_company.into());
    let status = contract.subscription_status.clone();
    let status =
        status.map(|status| pill(status_tone(&status), in_words(locale, &status), "card-status", status));
    let title = el("h2").class("grow title").test("card-company", company.unwrap_or_default()).with(shown);
    let differs = |part| differs(locale, contract, part, "p");
    let head = el("div")
        .class("stack tight")
        .with(el("div").class("row top").with(title).all(status))
        .all(differs(ContractPart::Company))
        .all(differs(ContractPart::SubscriptionStatus))
        .with(person(locale, customer, dialling, contract.account_type.as_deref()))
        .all(differs(ContractPart::AccountType))
        .with(badges(locale, marks, Some(contract)));
    vec![head, facts(locale, contract)]
}

/// Who asks, and how to call back.
#[must_use]
pub fn person(
    locale: Locale,
    customer: Option<&Customer>,
    dialling: Dialling<'_>,
    account_type: Option<&str>,
) -> Node {
    let kind = account_type
        .map(|kind| el("span").test("card-account-type", kind.to_owned()).with(in_words(locale, kind)));
    let name = customer.map(|customer| {
        el("span")
            .with(customer.name.clone())
            .all(standing(locale, customer).map(|pill| el("span").with(" ").with(pill)))
    });
    let phone = customer.and_then(|customer| dial::number(locale, dialling, customer));
    let phone = phone.map(|phone| el("span").with(phone));
    el("p").class("subtle dotted").all(kind).all(name).all(phone)
}

fn standing(locale: Locale, customer: &Customer) -> Option<Node> {
    let (text, value) = match customer.state {
        CustomerState::Active => return None,
        CustomerState::Suspended => (locale.words().suspended, "suspended"),
        CustomerState::Deleted => (locale.words().deleted, "deleted"),
    };
    Some(pill(Tone::Bad, text, "customer-state", value.into()))
}

/// What the rules in the settings noticed.
#[must_use]
pub fn badges(locale: Locale, marks: &[Badge], contract: Option<&Contract>) -> Node {
    let mark = |badge: &Badge| {
        let (name, testid, tone) = match badge {
            BadgeName::NewCustomer => ("new_customer", "badge-new_customer", Tone::Info),
            BadgeName::RenewalNear => ("renewal_near", "badge-renewal_near", Tone::Warn),
            BadgeName::HighMrr => ("high_mrr", "badge-high_mrr", Tone::Ok),
            BadgeName::Vip => ("vip", "badge-vip", Tone::Info),
            BadgeName::Unknown => return None,
        };
        let near = contract.filter(|_| *badge == BadgeName::RenewalNear).and_then(|contract| {
            let when = locale.relative(distance(contract.renewal.as_deref()?, &today())?);
            Some((locale.words().renews)(&when))
        });
        let text = near.or_else(|| (locale.words().badge)(*badge).map(String::from))?;
        Some(pill(tone, text, testid, name.into()))
    };
    el("div").class("pills").all(marks.iter().filter_map(mark))
}

/// Where the integration that brings the contracts has not run for too long.
#[must_use]
pub fn import_notice(locale: Locale, contract: &Contract) -> Option<Node> {
    let when = locale.moment(contract.last_run.as_deref()?);
    Some(notice(Tone::Warn, (locale.words().contracts_old)(&when), None))
}

/// What Zendesk has instead of this part.
fn differs(locale: Locale, contract: &Contract, part: ContractPart, tag: &'static str) -> Option<Node> {
    let difference = contract.differences.iter().find(|difference| difference.part == part)?;
    let text = difference.value.as_deref().map(|value| match part {
        ContractPart::Mrr => locale.exact_money(value, contract.currency.as_deref()),
        ContractPart::Start | ContractPart::Renewal => locale.date(value),
        ContractPart::SubscriptionStatus | ContractPart::AccountType => in_words(locale, value),
        _ => value.to_owned(),
    });
    let text = text
        .map_or_else(|| locale.words().empty_in_zendesk.into(), |text| (locale.words().in_zendesk)(&text));
    let value = difference.value.clone().unwrap_or_default();
    Some(el(tag).class("small subtle").test("card-differs", value).with(text))
}

fn facts(locale: Locale, contract: &Contract) -> Node {
    let words = locale.words();
    let differs = |part| differs(locale, contract, part, "dd");
    let mrr = contract.mrr.map(|mrr| {
        let value = contract.mrr_exact.clone().unwrap_or_else(|| number(mrr));
        let money = money(locale, contract).unwrap_or_default();
        fact(words.mrr, "card-mrr", value, money, "big num").all(differs(ContractPart::Mrr))
    });
    let start = contract.start.as_deref().map(|start| {
        let since = distance(start, &today()).map(|distance| locale.relative(distance));
        fact(words.since, "card-start", start.into(), locale.date(start), "num")
            .all(since.map(|since| el("dd").class("small subtle").with(since)))
            .all(differs(ContractPart::Start))
    });
    let renewal = contract.renewal.as_deref().map(|renewal| renewal_fact(locale, contract, renewal));
    let owner = contract.owner.clone();
    let owner = owner.map(|owner| {
        let fact = fact(words.owner, "card-owner", owner.clone(), owner, "light").class("wide");
        fact.all(differs(ContractPart::Owner))
    });
    el("dl").class("facts").all(mrr).all(start).all(renewal).all(owner)
}

/// The MRR as the agent's locale writes it.
#[must_use]
pub fn money(locale: Locale, contract: &Contract) -> Option<String> {
    let currency = contract.currency.as_deref();
    match &contract.mrr_exact {
        Some(exact) => Some(locale.exact_money(exact, currency)),
        None => contract.mrr.map(|mrr| locale.money(mrr, currency)),
    }
}

fn fact(term: &'static str, testid: &'static str, value: String, text: String, class: &'static str) -> Node {
    el("div").with(el("dt").with(term)).with(el("dd").class(class).test(testid, value).with(text))
}

/// The renewal takes the whole width: its bar shows how far the contract has run.
fn renewal_fact(locale: Locale, contract: &Contract, renewal: &str) -> Node {
    let left = distance(renewal, &today());
    let when = left.map(|distance| locale.relative(distance)).unwrap_or_default();
    let near = left.is_some_and(|distance| distance.unit == "day" || distance.count < 0);
    let tone = if near { Tone::Warn } else { Tone::Plain };
    let elapsed = contract.start.as_deref().and_then(|start| elapsed(start, renewal, &today()));
    let bar = elapsed.map(|percent| progress(tone, percent, locale.words().renewal.into(), "card-term"));
    let date =
        el("span").class("grow num").test("card-renewal", renewal.to_owned()).with(locale.date(renewal));
    let line = el("dd").class("row").with(date).with(el("span").class("small subtle").with(when));
    el("div")
        .class("wide")
        .with(el("dt").with(locale.words().renewal))
        .with(line)
        .all(differs(locale, contract, ContractPart::Renewal, "dd"))
        .all(bar.map(|bar| el("dd").with(bar)))
}

/// A status or an account type: the tag of a Zendesk drop-down field, like `past_due`, in words; else as the company writes it.
#[must_use]
pub fn in_words(locale: Locale, value: &str) -> String {
    if let Some(words) = (locale.words().contract_status)(&status_key(value)) {
        return words.into();
    }
    let is_tag = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_tag {
        return value.to_owned();
    }
    let mut words = value.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn status_key(status: &str) -> String {
    status.to_ascii_lowercase().replace(' ', "_")
}

/// Statuses are the company's own words; the colour is a guess that never misleads: only what is clearly well is green.
fn status_tone(status: &str) -> Tone {
    match status_key(status).as_str() {
        "paying" | "active" | "live" => Tone::Ok,
        "trial" | "trialing" => Tone::Info,
        "past_due" | "overdue" | "at_risk" => Tone::Warn,
        "churned" | "cancelled" | "canceled" | "expired" => Tone::Bad,
        _ => Tone::Plain,
    }
}
