//! What sales keeps in Salesforce about the desk's customers: one account per company, with its contract, people and opportunities.
//! **Invariant:** values agree with the desk's user fields, but for the owner of a company whose people have had different ones.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::people::{Company, companies};
use crate::{
    credentials::{SALESFORCE_ADMIN, SALESFORCE_USERNAME},
    salesforce::Org,
};

/// The service's account of the first company; the others follow.
const FIRST_BACKEND: usize = 20_001;

/// The service's account number of the company at this place.
pub(crate) fn backend_id(place: usize) -> usize {
    FIRST_BACKEND + place
}

/// What the service's own database knows: which address belongs to which account, one row for each of three days. On the last day
/// somebody has left, and a consultant works for three accounts.
pub(crate) fn memberships(now: DateTime<Utc>) -> Vec<(String, usize, NaiveDate)> {
    let companies = companies(now);
    let mut rows = Vec::new();
    for days_ago in [2, 1, 0] {
        let day = (now - TimeDelta::days(days_ago)).date_naive();
        for (place, company) in companies.iter().enumerate() {
            for (at, (_, email)) in company.people.iter().enumerate() {
                let has_left = days_ago == 0 && place == 0 && at > 0;
                if !has_left {
                    rows.push((email.clone(), backend_id(place), day));
                }
            }
        }
        // Written as people write: in other case, with spaces.
        rows.extend([1, 2].map(|place| (" Mori.Consulting@Example.COM ".to_owned(), backend_id(place), day)));
    }
    rows
}

/// Fills the organization; only its own people where nothing is to be seeded.
pub(crate) fn fill(org: &mut Org, seeded: bool, now: DateTime<Utc>) {
    let born = now - TimeDelta::days(900);
    let staff = [
        ("Integration", "User", SALESFORCE_USERNAME),
        ("Sana", "Admin", SALESFORCE_ADMIN),
        ("営業一課", "森", "mori@acme.example.com"),
        ("Dana", "Keller", "dana.keller@acme.example.com"),
        ("영업팀", "한지민", "jimin.han@acme.example.com"),
    ];
    let mut owners: Vec<(String, String)> = Vec::new();
    for (first, last, username) in staff {
        let values = [
            ("FirstName", json!(first)),
            ("LastName", json!(last)),
            ("Username", json!(username)),
            ("Email", json!(username)),
            ("IsActive", json!(true)),
        ];
        let Some(users) = org.table_mut("User") else { return };
        owners.push((format!("{first} {last}"), users.add(&values, born)));
    }
    if let Some(table) = org.table_mut("ContractStatus") {
        for (place, label) in ["Draft", "Activated", "Expired"].into_iter().enumerate() {
            table.add(
                &[
                    ("MasterLabel", json!(label)),
                    ("StatusCode", json!(label)),
                    ("SortOrder", json!(place + 1)),
                ],
                born,
            );
        }
    }
    if !seeded {
        return;
    }
    let owner_of = |name: &str| owners.iter().find(|(known, _)| known == name).map(|(_, id)| id.clone());
    for (place, company) in companies(now).iter().enumerate() {
        let owner = owner_of(company.owner).unwrap_or_default();
        let account = add_account(org, company, place, &owner, born);
        add_people(org, company, &account, &owner, born);
        if company.mrr.is_some() {
            add_contract(org, company, place, &account, &owner, born, now);
        }
    }
    let owner = owners[3].1.clone();
    let more = [
        // Two accounts of one service account: the second was opened by another team.
        ("Northwind Traders (EMEA)", json!(backend_id(26).to_string()), json!("Active"), json!(40_000.0)),
        ("Prospect without an account", Value::Null, Value::Null, Value::Null),
        ("Moved away \"Ltd\", formerly\nMoved", json!("29998"), json!("Canceled"), json!(0.0)),
        ("Unknown to the service", json!("29999"), json!("Active"), json!(12_345.67)),
    ];
    let Some(accounts) = org.table_mut("Account") else { return };
    for (name, backend, status, mrr) in more {
        let values = [
            ("Name", json!(name)),
            ("Type", json!("Prospect")),
            ("backendid__c", backend),
            ("Subscription_Status__c", status),
            ("MRR__c", mrr),
            ("CurrencyIsoCode", json!("USD")),
            ("OwnerId", json!(owner)),
        ];
        accounts.add(&values, born);
    }
}

fn currency(company: &Company) -> &'static str {
    if company.locale == "ja" { "JPY" } else { "USD" }
}

fn add_account(org: &mut Org, company: &Company, place: usize, owner: &str, born: DateTime<Utc>) -> String {
    let plan = match company.mrr {
        None | Some(0) => "Free",
        Some(mrr) if mrr >= 300 => "Premium",
        Some(_) => "Standard",
    };
    let kind = match (company.partner, company.mrr) {
        (true, _) => "Partner",
        (false, None) => "Prospect",
        (false, Some(_)) => "Customer",
    };
    let city = match company.locale {
        "ja" => ("東京都", "Japan"),
        "ko" => ("서울", "Korea, Republic of"),
        "de" => ("Berlin", "Germany"),
        "fr" => ("Lyon", "France"),
        _ => ("Springfield", "United States"),
    };
    let values = [
        ("Name", json!(company.name)),
        ("Type", json!(kind)),
        ("BillingCity", json!(city.0)),
        ("BillingCountry", json!(city.1)),
        ("Industry", json!(["Retail", "Manufacturing", "Services", "Logistics"][place % 4])),
        ("NumberOfEmployees", json!(12 + place * 7)),
        ("CurrencyIsoCode", json!(currency(company))),
        ("OwnerId", json!(owner)),
        ("backendid__c", json!(backend_id(place).to_string())),
        ("Plan__c", json!(plan)),
        ("Subscription_Status__c", json!(company.status)),
        ("MRR__c", json!(company.mrr.map(|mrr| f64::from(mrr) * 1_000.0))),
        ("Contract_Start__c", json!(company.start)),
        ("Renewal_Date__c", json!(company.renewal)),
    ];
    org.table_mut("Account").map(|table| table.add(&values, born)).unwrap_or_default()
}

fn add_people(org: &mut Org, company: &Company, account: &str, owner: &str, born: DateTime<Utc>) {
    let Some(contacts) = org.table_mut("Contact") else { return };
    for (name, email) in &company.people {
        let (first, last) = name.split_once(' ').unwrap_or(("", name));
        let values = [
            ("AccountId", json!(account)),
            ("FirstName", if first.is_empty() { Value::Null } else { json!(first) }),
            ("LastName", json!(last)),
            ("Email", json!(email)),
            ("CurrencyIsoCode", json!(currency(company))),
            ("OwnerId", json!(owner)),
            ("Languages__c", json!(if company.locale == "ja" { "Japanese;English" } else { "English" })),
        ];
        contacts.add(&values, born);
    }
}

fn add_contract(
    org: &mut Org,
    company: &Company,
    place: usize,
    account: &str,
    owner: &str,
    born: DateTime<Utc>,
    now: DateTime<Utc>,
) {
    let mrr = f64::from(company.mrr.unwrap_or_default()) * 1_000.0;
    let common = [
        ("AccountId", json!(account)),
        ("CurrencyIsoCode", json!(currency(company))),
        ("OwnerId", json!(owner)),
    ];
    let ended = company.renewal.is_some_and(|day: NaiveDate| day < now.date_naive());
    let mut contract = vec![
        ("ContractNumber", json!(format!("{:08}", 100 + place))),
        ("Status", json!(if ended { "Expired" } else { "Activated" })),
        ("StartDate", json!(company.start)),
        ("EndDate", json!(company.renewal)),
        ("ContractTerm", json!(12)),
        ("Monthly_Fee__c", json!(mrr)),
    ];
    contract.extend(common.clone());
    if let Some(table) = org.table_mut("Contract") {
        table.add(&contract, born);
    }
    let closes = company
        .renewal
        .unwrap_or_else(|| now.date_naive().checked_add_months(Months::new(3)).unwrap_or_default());
    for (stage, amount, won) in [("Closed Won", mrr * 12.0, true), ("Negotiation", mrr * 13.2, false)] {
        let mut opportunity = vec![
            ("Name", json!(format!("{} {}", company.name, if won { "first year" } else { "renewal" }))),
            ("StageName", json!(stage)),
            ("Amount", json!(amount)),
            ("Probability", json!(if won { 100.0 } else { 60.0 })),
            ("CloseDate", json!(if won { company.start } else { Some(closes) })),
            ("IsClosed", json!(won)),
            ("IsWon", json!(won)),
        ];
        opportunity.extend(common.clone());
        if let Some(table) = org.table_mut("Opportunity") {
            table.add(&opportunity, born);
        }
    }
}
