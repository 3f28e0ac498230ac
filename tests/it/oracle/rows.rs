//! Rows as customers have them: no address, one in other letters, two people with one address, a history of three days, somebody who
//! left, a consultant in three accounts, two contracts of one account, money of no sort.

use engine::{Column, Type, Value};

/// A table.
pub struct SourceTable {
    pub name: &'static str,
    pub columns: Vec<Column>,
    pub keyed: Vec<&'static str>,
    pub rows: Vec<Vec<Value<'static>>>,
}

const MONEY: Type = Type::Decimal { precision: 18, scale: 2 };
/// 2026-11-28 to 30.
const DAYS: std::ops::Range<i32> = 20_785..20_788;

/// Zendesk's users, the service's history of who belongs where, and contracts; `people` of the first.
pub fn tables(people: u64) -> Vec<SourceTable> {
    let accounts = people / 5;
    let zendesk = SourceTable {
        name: "zendesk_users",
        columns: columns(&[
            ("id", Type::Integer),
            ("email", Type::Text),
            ("name", Type::Text),
            ("active", Type::Boolean),
        ]),
        keyed: vec!["email"],
        rows: (0..people).map(user).collect(),
    };
    let addresses = SourceTable {
        name: "zendesk_users_addresses",
        columns: columns(&[("user_id", Type::Integer), ("email", Type::Text), ("is_primary", Type::Boolean)]),
        keyed: vec!["email"],
        rows: (0..people).flat_map(|place| addresses(place, people)).collect(),
    };
    let service = SourceTable {
        name: "service_users",
        columns: columns(&[("email", Type::Text), ("account_id", Type::Integer), ("day", Type::Date)]),
        keyed: vec!["email"],
        rows: DAYS
            .flat_map(|day| (0..people + 50).flat_map(move |person| members(person, accounts, day)))
            .collect(),
    };
    let contracts = SourceTable {
        name: "accounts",
        columns: columns(&[
            ("id", Type::Text),
            ("name", Type::Text),
            ("type", Type::Text),
            ("backendid__c", Type::Text),
            ("subscription_status__c", Type::Text),
            ("mrr__c", MONEY),
            ("currencyisocode", Type::Text),
            ("contract_start__c", Type::Date),
            ("renewal_date__c", Type::Date),
            ("owner_name", Type::Text),
            ("owner_email", Type::Text),
        ]),
        keyed: Vec::new(),
        rows: (0..accounts + accounts / 10).map(|place| contract(place, accounts)).collect(),
    };
    vec![zendesk, addresses, service, contracts]
}

fn columns(columns: &[(&str, Type)]) -> Vec<Column> {
    columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind }).collect()
}

/// A number that looks like any other; the same every time.
fn any(of: u64, what: u64) -> u64 {
    let mut mixed = (of ^ (what << 40)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn text(text: impl Into<String>) -> Value<'static> {
    Value::Text(text.into().into())
}

fn whole(number: u64) -> Value<'static> {
    Value::Integer(number.cast_signed())
}

fn user(place: u64) -> Vec<Value<'static>> {
    // Every 97th has the address of the one before.
    let person = if place % 97 == 96 { place - 1 } else { place };
    let name = if place.is_multiple_of(13) {
        text("佐藤 🍣 \"花子\"")
    } else {
        text(format!("Person {place}"))
    };
    vec![whole(26_155_588_900_000 + place), email(person, 1), name, Value::Boolean(!place.is_multiple_of(31))]
}

/// The user's primary address; of some, also one of those whom only the service knows.
fn addresses(place: u64, people: u64) -> Vec<Vec<Value<'static>>> {
    let line =
        |address, is_primary| vec![whole(26_155_588_900_000 + place), address, Value::Boolean(is_primary)];
    let primary = line(user(place)[1].clone(), true);
    let second = (place % 40 == 5).then(|| line(email(people + place % 50, 1), false));
    [Some(primary), second].into_iter().flatten().collect()
}

/// An address as this side (1, 2) spells it.
fn email(person: u64, side: u64) -> Value<'static> {
    let plain = format!("Person{person}@Customer{}.example.com", person % 97);
    match any(person, side) % 24 {
        0 if side == 1 => Value::Null,
        1 if side == 1 => text(""),
        2 => text("  \u{3000}\t"),
        3 => text(format!(" {plain}\n")),
        4 => text(plain.to_uppercase()),
        5 => text(plain.replace("Person", "Ｐｅｒｓｏｎ")),
        6 => text(plain.replace("Person", "person+tag")),
        7 => text(format!("\u{a0}{}", plain.to_lowercase())),
        _ => match person % 40 {
            0 => text(format!("M{}ller{person}@example.com", if side == 1 { "ü" } else { "u\u{308}" })),
            1 => text(format!("ΑΣ{person}Σ@example.com")),
            2 => text(format!("İstanbul{person}@example.com")),
            3 => text(format!("ﬁn.{person}@example.com")),
            4 => text(format!("o'hara{person}@example.com")),
            _ => text(plain),
        },
    }
}

/// Where a person belongs on a day.
fn members(person: u64, accounts: u64, day: i32) -> Vec<Vec<Value<'static>>> {
    let is_last = day == DAYS.end - 1;
    // They left yesterday, or came today.
    if (is_last && person.is_multiple_of(29)) || (!is_last && person % 29 == 28) {
        return Vec::new();
    }
    let line = |account: Value<'static>| vec![email(person, 2), account, Value::Date(day)];
    let first = any(person, 3) % (accounts + 3);
    match person % 50 {
        // A consultant.
        7 => (0..3).map(|other| line(whole((first + other) % accounts.max(1)))).collect(),
        // Twice on one day.
        8 => vec![line(whole(first)), line(whole(first))],
        9 => vec![line(Value::Null)],
        // They moved on the last day.
        10 if is_last => vec![line(whole(first + 1))],
        11 if is_last => vec![vec![email(person, 2), whole(first), Value::Null]],
        _ => vec![line(whole(first))],
    }
}

/// The last tenth are second contracts of accounts that have one.
fn contract(place: u64, accounts: u64) -> Vec<Value<'static>> {
    let account = if place < accounts { place } else { any(place, 4) % accounts.max(1) };
    let backend = match any(place, 5) % 30 {
        0 => Value::Null,
        1 => text(format!("0{account}")),
        2 => text(format!(" {account}")),
        _ => text(account.to_string()),
    };
    let mrr = match any(place, 6) % 12 {
        0 => Value::Null,
        1 => Value::Decimal { unscaled: 0, scale: 2 },
        2 => Value::Decimal { unscaled: -(i128::from(any(place, 7) % 100_000)), scale: 2 },
        3 => Value::Decimal { unscaled: 999_999_999_999_999_999 - i128::from(place), scale: 2 },
        // So that several have the same.
        4..=7 => Value::Decimal { unscaled: 120_050, scale: 2 },
        _ => Value::Decimal { unscaled: i128::from(any(place, 7) % 10_000_000), scale: 2 },
    };
    let day = |what| match any(place, what) % 15 {
        0 => Value::Null,
        1 => Value::Date(-719_162), // 0001-01-01
        2..=6 => Value::Date(20_000),
        other => Value::Date(19_000 + i32::try_from(other * 97).expect("small")),
    };
    let some =
        |of: &[&str], what| text(of[usize::try_from(any(place, what) % of.len() as u64).expect("small")]);
    let owner = if place.is_multiple_of(7) { Value::Null } else { text(format!("Owner {}", place % 11)) };
    vec![
        text(format!("001{place:012}AAA")),
        text(format!("Company {account}, Ltd. 株式会社")),
        some(&["Paid", "Free", "Agency", " ", ""], 10),
        backend,
        some(&["Active", "Past Due", "Cancelled"], 11),
        mrr,
        some(&["JPY", "USD", "KRW"], 12),
        day(8),
        day(9),
        owner.clone(),
        owner,
    ]
}
