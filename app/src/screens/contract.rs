//! A company's contract, and the person who asks for it.

use leptos::prelude::*;
use wire::{Badge, BadgeName, Contract, Customer, CustomerState};

use crate::format::{number, today};
use crate::i18n::Locale;
use crate::model::dates::{distance, elapsed};
use crate::ui::{Tone, pill, progress};

/// Company, customer, badges and the facts.
pub fn contract(locale: Locale, contract: &Contract, customer: Option<&Customer>, marks: &[Badge]) -> AnyView {
    let company = contract.company.clone().unwrap_or_else(|| locale.words.unknown_company.into());
    let status = contract.subscription_status.clone().map(|status| {
        pill(status_tone(&status), status.clone(), "card-status", status)
    });
    view! {
        <div class="stack tight">
            <div class="row top">
                <h1 class="grow" data-testid="card-company" data-value=contract.company.clone()>{company}</h1>
                {status}
            </div>
            {person(locale, customer, contract.account_type.clone())}
            {badges(locale, marks, Some(contract))}
        </div>
        {facts(locale, contract)}
    }
    .into_any()
}

/// Who asks, and how to call back.
pub fn person(locale: Locale, customer: Option<&Customer>, account_type: Option<String>) -> AnyView {
    let kind = account_type.map(|kind| {
        view! { <span data-testid="card-account-type" data-value=kind.clone()>{kind.clone()}</span> }
    });
    let name = customer.map(|customer| view! { <span>{customer.name.clone()}</span> });
    let phone = customer.and_then(|customer| {
        let phone = customer.phone.clone()?;
        let href = ["tel:", &phone.replace(' ', "")].concat();
        let label = (locale.words.call)(&customer.name);
        Some(view! {
            <a class="num" href=href aria-label=label data-testid="dial" data-value=phone.clone()>{phone.clone()}</a>
        })
    });
    view! { <p class="subtle dotted">{kind}{name}{phone}</p> }.into_any()
}

/// The badges, and the customer's own state.
pub fn badges(locale: Locale, marks: &[Badge], contract: Option<&Contract>) -> AnyView {
    let mark = |badge: &Badge| {
        let (name, tone) = match badge {
            BadgeName::NewCustomer => ("new_customer", Tone::Info),
            BadgeName::RenewalNear => ("renewal_near", Tone::Warn),
            BadgeName::HighMrr => ("high_mrr", Tone::Ok),
            BadgeName::Vip => ("vip", Tone::Info),
            BadgeName::Unknown => return None,
        };
        let near = contract.filter(|_| *badge == BadgeName::RenewalNear).and_then(|contract| {
            let when = locale.relative(distance(contract.renewal.as_deref()?, &today())?);
            Some((locale.words.renews)(&when))
        });
        let text = near.or_else(|| (locale.words.badge)(*badge).map(String::from))?;
        let testid = match badge {
            BadgeName::NewCustomer => "badge-new_customer",
            BadgeName::RenewalNear => "badge-renewal_near",
            BadgeName::HighMrr => "badge-high_mrr",
            _ => "badge-vip",
        };
        Some(pill(tone, text, testid, name.into()))
    };
    view! { <div class="pills">{marks.iter().filter_map(mark).collect_view()}</div> }.into_any()
}

/// Beside the name of a customer whom Zendesk no longer serves.
pub fn customer_pill(locale: Locale, customer: &Customer) -> Option<AnyView> {
    let (tone, text, value) = match customer.state {
        CustomerState::Active => return None,
        CustomerState::Suspended => (Tone::Bad, locale.words.suspended, "suspended"),
        CustomerState::Deleted => (Tone::Bad, locale.words.deleted, "deleted"),
    };
    Some(pill(tone, text.into(), "card-customer-state", value.into()))
}

fn facts(locale: Locale, contract: &Contract) -> AnyView {
    let words = locale.words;
    let mrr = contract.mrr.map(|mrr| {
        let money = locale.money(mrr, contract.currency.as_deref());
        fact(words.mrr, "card-mrr", number(mrr), money, None, "big num")
    });
    let start = contract.start.as_deref().map(|start| {
        let since = distance(start, &today()).map(|distance| locale.relative(distance));
        fact(words.since, "card-start", start.into(), locale.date(start), since, "num")
    });
    let owner = contract
        .owner
        .clone()
        .map(|owner| fact(words.owner, "card-owner", owner.clone(), owner, None, "light"));
    let renewal = contract.renewal.as_deref().map(|renewal| renewal_fact(locale, contract, renewal));
    view! { <dl class="facts">{mrr}{start}{renewal}{owner}</dl> }.into_any()
}

fn fact(
    term: &'static str,
    testid: &'static str,
    value: String,
    text: String,
    remark: Option<String>,
    class: &'static str,
) -> AnyView {
    let remark = remark.map(|remark| view! { <dd class="small subtle">{remark}</dd> });
    view! {
        <div><dt>{term}</dt><dd class=class data-testid=testid data-value=value>{text}</dd>{remark}</div>
    }
    .into_any()
}

/// The renewal takes the whole width: its bar shows how far the contract has run.
fn renewal_fact(locale: Locale, contract: &Contract, renewal: &str) -> AnyView {
    let left = distance(renewal, &today());
    let when = left.map(|distance| locale.relative(distance)).unwrap_or_default();
    let tone = match left {
        Some(distance) if distance.unit == "day" || distance.count < 0 => Tone::Warn,
        _ => Tone::Plain,
    };
    let bar = contract
        .start
        .as_deref()
        .and_then(|start| elapsed(start, renewal, &today()))
        .map(|percent| progress(tone, percent, locale.words.renewal.into(), "card-term"));
    view! {
        <div class="wide">
            <dt>{locale.words.renewal}</dt>
            <dd class="row">
                <span class="grow num" data-testid="card-renewal" data-value=renewal.to_owned()>{locale.date(renewal)}</span>
                <span class="small subtle num">{when}</span>
            </dd>
            <dd>{bar}</dd>
        </div>
    }
    .into_any()
}

/// Statuses are the company's own words; the colour is a guess that never misleads: only what is clearly well is green.
fn status_tone(status: &str) -> Tone {
    match status.to_ascii_lowercase().as_str() {
        "paying" | "active" | "live" => Tone::Ok,
        "trial" | "trialing" => Tone::Info,
        "past due" | "past_due" | "overdue" | "at risk" => Tone::Warn,
        "churned" | "cancelled" | "canceled" | "expired" => Tone::Bad,
        _ => Tone::Plain,
    }
}
