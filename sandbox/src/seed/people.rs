//! Forty customers and their companies.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::email_identity;
use crate::{
    clock::stamp,
    state::Account,
    zendesk::{
        organization,
        record::{Identity, User},
    },
};

/// The first customer's id; the others follow, 128 apart.
pub(super) const FIRST: u64 = 26_155_588_908_160;

/// What is known of a customer's contract.
#[derive(Debug, Clone, Copy)]
enum Contract {
    /// Nothing.
    None,
    /// Started so many days ago, renews in so many days; thousands a month.
    Runs(i64, i64, u32),
    /// As before, but on trial.
    Trial(i64, i64),
    /// Ended so many days ago.
    Ended(i64),
    /// Payment is late.
    Late(i64, i64, u32),
}
use Contract::{Ended, Late, None as Nothing, Runs, Trial};

/// Name, mailbox, locale, company, contract.
type Row = (&'static str, &'static str, &'static str, &'static str, Contract);

/// Customer 1 asks in ticket 42.
const CUSTOMERS: &[Row] = &[
    ("佐藤 花子", "hanako.sato", "ja", "青葉商事株式会社", Runs(62, 303, 120)),
    ("鈴木 一郎", "ichiro.suzuki", "ja", "鈴木精密工業", Runs(700, 30, 480)),
    ("高橋 美咲", "misaki.takahashi", "ja", "北斗ロジスティクス", Runs(400, 330, 85)),
    ("田中 健", "ken.tanaka", "ja", "田中青果店", Nothing),
    ("伊藤 さくら", "sakura.ito", "ja", "さくら歯科クリニック", Trial(12, 18)),
    ("渡辺 大輔", "daisuke.watanabe", "ja", "東雲システムズ", Runs(1_100, 12, 950)),
    ("山本 由美", "yumi.yamamoto", "ja", "山本建築設計事務所", Ended(40)),
    ("中村 翔太", "shota.nakamura", "ja", "中村運輸", Late(380, 20, 64)),
    ("小林 恵", "megumi.kobayashi", "ja", "小林製菓", Runs(20, 345, 36)),
    ("加藤 誠", "makoto.kato", "ja", "加藤不動産", Runs(540, 190, 72)),
    ("吉田 彩", "aya.yoshida", "ja", "吉田書房", Nothing),
    ("山田 太郎", "taro.yamada", "ja", "青葉商事株式会社", Runs(62, 303, 120)),
    ("佐々木 麻衣", "mai.sasaki", "ja", "佐々木水産", Runs(240, 125, 58)),
    ("松本 隆", "takashi.matsumoto", "ja", "松本電機", Runs(800, 85, 210)),
    ("김민준", "minjun.kim", "ko", "한빛소프트웨어", Runs(80, 285, 140)),
    ("이서연", "seoyeon.lee", "ko", "서연디자인", Runs(460, 270, 44)),
    ("박지훈", "jihun.park", "ko", "박물류", Late(300, 65, 90)),
    ("최수빈", "subin.choi", "ko", "수빈카페", Nothing),
    ("정하은", "haeun.jung", "ko", "하은의료기", Runs(1_300, 160, 620)),
    ("강도윤", "doyun.kang", "ko", "도윤전자", Trial(3, 27)),
    ("조은우", "eunwoo.cho", "ko", "은우건설", Runs(370, 355, 75)),
    ("윤지아", "jia.yoon", "ko", "지아출판", Ended(200)),
    ("Anna Berger", "anna.berger", "de", "Berger & Söhne GmbH", Runs(95, 270, 110)),
    ("Lukas Weiß", "lukas.weiss", "de", "Weiß Maschinenbau AG", Runs(910, 180, 730)),
    ("Camille Lefèvre", "camille.lefevre", "fr", "Lefèvre Transports", Runs(33, 332, 52)),
    ("Théo Moreau", "theo.moreau", "fr", "Moreau Vins", Nothing),
    ("Olivia Smith", "olivia.smith", "en-US", "Northwind Traders", Runs(620, 110, 260)),
    ("Noah Johnson", "noah.johnson", "en-US", "Contoso Robotics", Runs(45, 320, 300)),
    ("Emma O'Brien", "emma.obrien", "en-US", "O'Brien & Daughters", Runs(210, 155, 18)),
    ("Liam Nguyễn", "liam.nguyen", "en-US", "Saigon Imports", Late(410, 44, 31)),
    ("Sofía García", "sofia.garcia", "en-US", "García Hermanos", Runs(505, 225, 66)),
    ("Mateo Hernández", "mateo.hernandez", "en-US", "Hernández Cargo", Runs(150, 215, 49)),
    ("Zoë Janssen", "zoe.janssen", "en-US", "Janssen Bloemen", Runs(1_000, 95, 27)),
    ("Łukasz Kowalski", "lukasz.kowalski", "en-US", "Kowalski Meble", Runs(88, 277, 39)),
    ("Astrid Lindqvist", "astrid.lindqvist", "en-US", "Lindqvist Möbler", Ended(5)),
    ("Isabella Rossi", "isabella.rossi", "en-US", "Rossi Ceramiche", Runs(333, 32, 81)),
    (
        "Pat",
        "pat",
        "en-US",
        "A company with a name so long that no side bar shows it on one line, Incorporated",
        Runs(77, 288, 5),
    ),
    ("Former Customer", "former.customer", "en-US", "Bygone Ltd", Ended(600)),
    ("Blocked Sender", "blocked.sender", "en-US", "Spam & Co", Nothing),
    ("Deleted Person", "deleted.person", "en-US", "Bygone Ltd", Nothing),
];

/// What sales knows of a company and of the people who write in for it.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) name: &'static str,
    pub(crate) locale: &'static str,
    pub(crate) partner: bool,
    pub(crate) owner: &'static str,
    /// As sales writes it.
    pub(crate) status: Option<&'static str>,
    /// Thousands a month; none where there never was a contract.
    pub(crate) mrr: Option<u32>,
    pub(crate) start: Option<NaiveDate>,
    pub(crate) renewal: Option<NaiveDate>,
    /// Name and address.
    pub(crate) people: Vec<(&'static str, String)>,
}

/// The companies in the order of their first customers.
pub(crate) fn companies(now: DateTime<Utc>) -> Vec<Company> {
    let mut all: Vec<Company> = Vec::new();
    for (place, (name, mailbox, locale, company, contract)) in CUSTOMERS.iter().copied().enumerate() {
        let person = (name, format!("{mailbox}@example.com"));
        if let Some(known) = all.iter_mut().find(|known| known.name == company) {
            known.people.push(person);
            continue;
        }
        let (start, renewal) = term(contract, now);
        let (status, mrr) = match contract {
            Nothing => (None, None),
            Runs(.., mrr) => (Some("Active"), Some(mrr)),
            Trial(..) => (Some("Trial"), Some(0)),
            Late(.., mrr) => (Some("Past Due"), Some(mrr)),
            Ended(_) => (Some("Canceled"), Some(0)),
        };
        all.push(Company {
            name: company,
            locale,
            partner: place % 7 == 6,
            owner: OWNERS[place % 3],
            status,
            mrr,
            start,
            renewal,
            people: vec![person],
        });
    }
    all
}

/// First day and day of renewal of a contract.
fn term(contract: Contract, now: DateTime<Utc>) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let day = |days: i64| Some((now + TimeDelta::days(days)).date_naive());
    match contract {
        Nothing => (None, None),
        Runs(ago, left, _) | Trial(ago, left) | Late(ago, left, _) => (day(-ago), day(left)),
        Ended(ago) => {
            let start = (now - TimeDelta::days(ago)).checked_sub_months(Months::new(12)).unwrap_or(now);
            (Some(start.date_naive()), day(-ago))
        }
    }
}

/// Who sells to whom.
const OWNERS: [&str; 3] = ["営業一課 森", "Dana Keller", "영업팀 한지민"];

/// Fills users and organizations.
pub(super) fn customers(account: &mut Account, base: &str, now: DateTime<Utc>) {
    for (place, (name, mailbox, locale, company, contract)) in (0_u64..).zip(CUSTOMERS.iter().copied()) {
        let id = FIRST + place * 128;
        let age = i64::try_from(800 - place * 9).unwrap_or_default();
        let mut user = User::new(id, name, now - TimeDelta::days(age));
        user.updated_at = now - TimeDelta::hours(age);
        user.locale = locale.into();
        user.verified = true;
        user.external_id = Some(format!("crm-{:04}", 1_001 + place));
        user.identities.push(email_identity(id + 1, &format!("{mailbox}@example.com"), user.created_at));
        if place % 5 != 3 {
            let country = if locale == "ko" { "+82 50" } else { "+81 50" };
            let phone = if place == 0 {
                "+815012340042".to_owned()
            } else {
                format!("{country}-1234-{:04}", 5_000 + place)
            };
            user.identities.push(Identity {
                id: id + 2,
                kind: "phone_number",
                value: phone.clone(),
                verified: true,
                primary: false,
                created_at: user.created_at,
            });
            (user.phone, user.shared_phone) = (Some(phone), Some(false));
        }
        user.organization_id = Some(company_id(account, base, company, now));
        user.user_fields = fields(account, company, contract, place, now);
        if matches!(place, 5 | 18 | 23) {
            user.tags.push("vip".into());
        }
        user.suspended = name == "Blocked Sender";
        user.active = name != "Deleted Person";
        account.users.put(user);
    }
}

fn company_id(account: &mut Account, base: &str, name: &str, now: DateTime<Utc>) -> u64 {
    let known = account.organizations.iter().find(|(_, row)| row["name"] == name).map(|(id, _)| *id);
    known.unwrap_or_else(|| {
        let id = 6_130_869_157_658 + 128 * account.organizations.len() as u64;
        let born = stamp(now - TimeDelta::days(850));
        account.organizations.insert(id, organization(base, id, name, &born));
        id
    })
}

/// What a CRM would have written into the user's fields.
fn fields(
    account: &Account,
    company: &str,
    contract: Contract,
    place: u64,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let mut values: Map<String, Value> = account
        .user_fields
        .values()
        .filter_map(|field| Some((field["key"].as_str()?.to_owned(), Value::Null)))
        .collect();
    let (status, mrr) = match contract {
        Nothing => return values,
        Runs(.., mrr) => ("active", mrr),
        Trial(..) => ("trial", 0),
        Late(.., mrr) => ("past_due", mrr),
        Ended(_) => ("canceled", 0),
    };
    let midnight = |day: Option<NaiveDate>| json!(day.map(|day| format!("{day}T00:00:00+00:00")));
    let (start, renewal) = term(contract, now);
    let owner = OWNERS[usize::try_from(place % 3).unwrap_or_default()];
    values.insert("sfdc_company_name".into(), json!(company));
    values.insert("sfdc_account_type".into(), json!(if place % 7 == 6 { "partner" } else { "customer" }));
    values.insert("sfdc_subscription_status".into(), json!(status));
    values.insert("sfdc_mrr".into(), json!(f64::from(mrr) * 1_000.0));
    values.insert("sfdc_contract_start".into(), midnight(start));
    values.insert("sfdc_renewal_date".into(), midnight(renewal));
    values.insert("sfdc_owner".into(), json!(owner));
    values
}
