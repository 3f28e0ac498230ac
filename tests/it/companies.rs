//! The contract copy at rest: a run's result is read whole or not at all, and nobody waits while it is written.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use deskside::store::companies::{
    self, Company, CopyRun, Entry, Guard, Ids, Owner, OwnerRole, Person, PersonKind, Written, replace,
};
use deskside::store::{Db, StoreError, Tx, query};
use futures::stream;

use crate::support::databases::for_each_database;
use crate::support::errands::noon;

const ACCOUNT: &str = "acme";

fn run<'a>(account: &'a str, integration: &'a str, run: &'a str) -> CopyRun<'a> {
    let period = Some(Duration::from_hours(24));
    CopyRun { account, integration, name: "Contracts daily", run, as_of: noon(), period }
}

fn company(id: &str) -> Company {
    Company { company_id: id.into(), company: Some(format!("{id} Ltd")), ..Company::default() }
}

/// A company, and the ways to find somebody who belongs to it.
fn entry(id: &str, ways: &[(PersonKind, &str)]) -> Entry {
    let person = |(kind, value): &(PersonKind, &str)| Person {
        kind: *kind,
        value: (*value).into(),
        company_id: id.into(),
    };
    Entry { company: company(id), people: ways.iter().map(person).collect() }
}

async fn write(db: &Db, of: CopyRun<'_>, entries: Vec<Entry>) -> Written {
    let entries = stream::iter(entries.into_iter().map(Ok));
    replace(db, &of, entries, &(), noon()).await.expect("it is written")
}

async fn found(db: &Db, account: &str, ids: &Ids) -> Vec<String> {
    let found = companies::of_person(db, account, ids).await.expect("the copy is read");
    found.companies.into_iter().map(|company| company.company_id).collect()
}

fn user(id: u64) -> Ids {
    Ids { user_id: Some(id), ..Ids::default() }
}

#[tokio::test]
async fn the_surest_way_to_find_a_company_decides() {
    use PersonKind::{Email, ExternalId, Organization, User};
    for_each_database(async |db| {
        let entries = vec![
            entry("by_user", &[(User, "7")]),
            entry("by_address", &[(Email, " Hanako@Example.COM ")]),
            entry("by_second_address", &[(Email, "ＨＡＮＡＫＯ＠home.example")]),
            entry("by_external_id", &[(ExternalId, "CRM-1")]),
            entry("by_organization", &[(Organization, "500")]),
            entry("also_by_organization", &[(Organization, "500")]),
            entry("by_organization", &[(Organization, "501"), (Organization, "501")]),
        ];
        let written = write(&db, run(ACCOUNT, "contracts", "1"), entries).await;
        assert_eq!(written, Written::Whole { companies: 6, people: 7, left_out: 0 });
        let ids = |user: Option<u64>, emails: &[&str], external: Option<&str>, organization| Ids {
            user_id: user,
            emails: emails.iter().map(|address| (*address).to_owned()).collect(),
            external_id: external.map(String::from),
            organization_id: organization,
        };
        let (first, second) = ("hanako@example.com", "hanako@HOME.example");
        for (ids, expected) in [
            (ids(Some(7), &[first], Some("crm-1"), Some(500)), &["by_user"][..]),
            (ids(Some(8), &[first], Some("crm-1"), Some(500)), &["by_address"]),
            (ids(Some(8), &["x@example.com", second], Some("crm-1"), None), &["by_second_address"]),
            (ids(Some(8), &[first, second], None, None), &["by_address", "by_second_address"]),
            (ids(None, &["x@example.com"], Some("crm-1"), Some(500)), &["by_external_id"]),
            (ids(Some(8), &[], Some("crm-2"), Some(500)), &["also_by_organization", "by_organization"]),
            (ids(None, &[], None, Some(501)), &["by_organization"]),
            (ids(Some(500), &["500", ""], Some(""), Some(7)), &[]),
            (Ids::default(), &[]),
        ] {
            assert_eq!(found(&db, ACCOUNT, &ids).await, expected, "{ids:?}");
        }
        assert_eq!(found(&db, "globex", &user(7)).await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_company_is_read_as_it_was_written_and_odd_values_harm_nobody() {
    for_each_database(async |db| {
        let owner =
            |role, name: &str| Owner { role, name: Some(name.into()), email: Some("o@example.com".into()) };
        let full = Company {
            company_id: "001A\u{1F600}'\"\\".into(),
            company: Some("青葉商事株式会社".into()),
            account_type: Some("Strategic".into()),
            subscription_status: Some("Paying".into()),
            mrr: Some("123456789012345678901234567890.123456".into()),
            currency: Some("JPY".into()),
            start: "2026-09-01".parse().ok(),
            renewal: "2027-08-31".parse().ok(),
            record_id: Some("800".into()),
            owners: vec![owner(OwnerRole::Success, "Dana"), owner(OwnerRole::Sales, "田中 花子")],
            extra: [("Region".to_owned(), "関東".to_owned())].into(),
        };
        let of = |id: &str, value: &str| Person {
            kind: PersonKind::Email,
            value: value.into(),
            company_id: id.into(),
        };
        let long = "x".repeat(100_000);
        let entries = vec![
            Entry { company: full.clone(), people: vec![of(&full.company_id, "a@example.com")] },
            Entry {
                company: Company { company: Some(format!("\0{long}")), ..company("nul\0") },
                people: vec![of("nul\0", "n\0@example.com"), of("nul\0", &long), of("nul\0", " ")],
            },
            Entry { company: company(&long), people: vec![of(&long, "b@example.com")] },
            Entry { company: company(" "), people: vec![of("", "b@example.com")] },
        ];
        let written = write(&db, run(ACCOUNT, "contracts", "1"), entries).await;
        assert_eq!(written, Written::Whole { companies: 2, people: 2, left_out: 6 });
        let of_address = |address: &str| Ids { emails: vec![address.into()], ..Ids::default() };
        let found =
            companies::of_person(&db, ACCOUNT, &of_address("a@example.com")).await.expect("it is read");
        assert_eq!(found.companies, [full]);
        assert_eq!(found.companies[0].owner().as_deref(), Some("田中 花子, Dana"));
        assert_eq!((found.by, found.as_of), (Some(PersonKind::Email), Some(noon())));
        let copy = found.copy.expect("there is a copy");
        let told = (copy.name.as_str(), copy.run.as_str(), copy.completed, copy.period);
        assert_eq!(told, ("Contracts daily", "1", noon(), Some(Duration::from_hours(24))));
        let odd =
            companies::of_person(&db, ACCOUNT, &of_address("n\0@example.com")).await.expect("it is read");
        let name = odd.companies[0].company.clone().expect("a name");
        assert!(name.starts_with("\u{fffd}xxx") && name.ends_with("x…"), "{name}");
        assert_eq!(name.chars().count(), 1_001);
    })
    .await;
}

/// Why a result was not written.
#[derive(Debug)]
enum Died {
    HereAndNow,
    Store(StoreError),
}

impl From<StoreError> for Died {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Dies before the transaction of this number.
struct DiesAt {
    left: AtomicUsize,
}

impl Guard for DiesAt {
    type Error = Died;
    async fn check(&self, _: &mut Tx) -> Result<(), Died> {
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| Died::HereAndNow)
    }
}

fn thousand(of: &str) -> Vec<Entry> {
    let one = |number: u64| {
        let user = number.to_string();
        entry(&format!("{of} {number}"), &[(PersonKind::User, &user)])
    };
    (0..1_000).map(one).collect()
}

async fn rows(db: &Db) -> Vec<(String, i64)> {
    let all = query(
        "SELECT run, count(*) AS n FROM (SELECT run FROM companies UNION ALL SELECT run FROM company_people) r
          GROUP BY run ORDER BY run",
    );
    all.all_as(db, |row| Ok((row.get("run")?, row.get("n")?))).await.expect("the rows are counted")
}

#[tokio::test]
async fn a_run_that_dies_anywhere_leaves_a_whole_copy() {
    for_each_database(async |db| {
        write(&db, run(ACCOUNT, "contracts", "1"), thousand("yesterday")).await;
        let mut seen = Vec::new();
        for step in 0.. {
            let guard = DiesAt { left: AtomicUsize::new(step) };
            let entries = stream::iter(thousand("today").into_iter().map(Ok));
            let ended = replace(&db, &run(ACCOUNT, "contracts", "2"), entries, &guard, noon()).await;
            let days: Vec<_> =
                [found(&db, ACCOUNT, &user(0)).await, found(&db, ACCOUNT, &user(999)).await].concat();
            seen.push(days[0].clone());
            assert!(
                days == ["yesterday 0", "yesterday 999"] || days == ["today 0", "today 999"],
                "{days:?} at step {step}"
            );
            match ended {
                Ok(written) => {
                    assert_eq!(written, Written::Whole { companies: 1_000, people: 1_000, left_out: 0 });
                    break;
                }
                Err(Died::HereAndNow) => {}
                Err(Died::Store(error)) => panic!("{error}"),
            }
        }
        assert!(seen.len() > 10 && seen.first().is_some_and(|day| day == "yesterday 0"), "{seen:?}");
        assert_eq!(rows(&db).await, [("2".to_owned(), 2_000)]);
        // A run that is given up halfway is taken away by the next one.
        let guard = DiesAt { left: AtomicUsize::new(4) };
        let entries = stream::iter(thousand("given up").into_iter().map(Ok));
        replace(&db, &run(ACCOUNT, "contracts", "3"), entries, &guard, noon()).await.expect_err("it died");
        assert_eq!(rows(&db).await.len(), 2);
        write(&db, run(ACCOUNT, "contracts", "4"), thousand("last")).await;
        assert_eq!(rows(&db).await, [("4".to_owned(), 2_000)]);
    })
    .await;
}

/// Counts what each transaction finds.
struct Counts(Mutex<Vec<i64>>);

impl Guard for Counts {
    type Error = StoreError;
    async fn check(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let all = "SELECT (SELECT count(*) FROM companies) + (SELECT count(*) FROM company_people) AS n";
        let n = query(all).one(tx).await?.get("n")?;
        self.0.lock().expect("nobody panics").push(n);
        Ok(())
    }
}

#[tokio::test]
async fn no_transaction_changes_more_rows_than_an_agent_can_wait_for() {
    for_each_database(async |db| {
        let many: Vec<_> = (0..700).map(|id| id.to_string()).collect();
        let ways: Vec<_> = many.iter().map(|id| (PersonKind::User, id.as_str())).collect();
        let sizes = async |run: &CopyRun<'_>, entries: Vec<Entry>| {
            let counts = Counts(Mutex::default());
            let entries = stream::iter(entries.into_iter().map(Ok));
            replace(&db, run, entries, &counts, noon()).await.expect("it is written");
            let counts = counts.0.into_inner().expect("nobody panics");
            counts.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect::<Vec<_>>()
        };
        let mut entries = thousand("a");
        entries.push(entry("of many", &ways));
        let first = sizes(&run(ACCOUNT, "contracts", "1"), entries).await;
        let second = sizes(&run(ACCOUNT, "contracts", "2"), thousand("b")).await;
        for sizes in [first, second] {
            assert!(sizes.len() > 8 && sizes.iter().all(|rows| *rows <= 250), "{sizes:?}");
        }
        // Long texts make fewer rows of it.
        let long = |number: u64| Entry {
            company: Company { account_type: Some("あ".repeat(1_000)), ..company(&number.to_string()) },
            people: vec![],
        };
        let sizes = sizes(&run(ACCOUNT, "contracts", "3"), (0..250).map(long).collect()).await;
        assert!(sizes[..4].iter().all(|rows| *rows < 100), "{sizes:?}");
    })
    .await;
}

#[tokio::test]
async fn one_integration_of_an_account_writes_its_copy() {
    for_each_database(async |db| {
        let of_seven = |id: &str| vec![entry(id, &[(PersonKind::User, "7")])];
        let whole = Written::Whole { companies: 1, people: 1, left_out: 0 };
        assert_eq!(write(&db, run(ACCOUNT, "contracts", "1"), of_seven("a")).await, whole);
        assert_eq!(write(&db, run("globex", "contracts", "1"), of_seven("g")).await, whole);
        let taken = Written::TakenBy { integration: "contracts".into(), name: "Contracts daily".into() };
        assert_eq!(write(&db, run(ACCOUNT, "others", "2"), of_seven("b")).await, taken);
        assert_eq!(found(&db, ACCOUNT, &user(7)).await, ["a"]);

        companies::forget_integration(&db, ACCOUNT, "others", &()).await.expect("nothing to forget");
        assert_eq!(found(&db, ACCOUNT, &user(7)).await, ["a"]);
        companies::forget_integration(&db, ACCOUNT, "contracts", &()).await.expect("it is forgotten");
        assert_eq!(companies::mark(&db, ACCOUNT).await.expect("it is read"), None);
        assert_eq!(found(&db, ACCOUNT, &user(7)).await, [""; 0]);
        assert_eq!(rows(&db).await, [("1".to_owned(), 2)], "those of the other account");
        assert_eq!(found(&db, "globex", &user(7)).await, ["g"]);

        assert_eq!(write(&db, run(ACCOUNT, "others", "2"), of_seven("b")).await, whole);
        assert_eq!(found(&db, ACCOUNT, &user(7)).await, ["b"]);
    })
    .await;
}

/// Forgets the integration before the transaction of this number.
struct Forgets(AtomicUsize);

impl Guard for Forgets {
    type Error = StoreError;
    async fn check(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            query("DELETE FROM contract_copies WHERE account = $1").bind(ACCOUNT).execute(tx).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_run_whose_integration_is_disabled_meanwhile_writes_nothing_more() {
    for_each_database(async |db| {
        for step in [2, 4, 9] {
            let guard = Forgets(AtomicUsize::new(step));
            let entries = stream::iter(thousand("late").into_iter().map(Ok));
            let written = replace(&db, &run(ACCOUNT, "contracts", "1"), entries, &guard, noon()).await;
            assert_eq!(written.expect("the store answers"), Written::Forgotten, "{step}");
            assert_eq!(companies::mark(&db, ACCOUNT).await.expect("it is read"), None);
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_is_forgotten_in_every_run_and_nobody_else_is() {
    use PersonKind::{Email, ExternalId, Organization, User};
    for_each_database(async |db| {
        let all = || {
            vec![
                entry(
                    "a",
                    &[(User, "7"), (Email, "A@example.com"), (ExternalId, "X"), (Organization, "500")],
                ),
                entry("b", &[(User, "8"), (Email, "b@example.com"), (Email, "a2@example.com")]),
            ]
        };
        write(&db, run(ACCOUNT, "contracts", "1"), all()).await;
        write(&db, run("globex", "contracts", "1"), all()).await;
        let guard = DiesAt { left: AtomicUsize::new(2) };
        let entries = stream::iter(all().into_iter().map(Ok));
        replace(&db, &run(ACCOUNT, "contracts", "2"), entries, &guard, noon() + TimeDelta::days(1))
            .await
            .expect_err("it died after its rows were written");
        let ids = Ids {
            user_id: Some(7),
            emails: vec!["a@EXAMPLE.com".into(), "a2@example.com".into()],
            external_id: Some("x".into()),
            organization_id: Some(500),
        };
        let mut tx = db.begin().await.expect("a transaction");
        let gone = companies::forget_person(&mut tx, ACCOUNT, &ids).await.expect("they are forgotten");
        tx.commit().await.expect("it is committed");
        assert_eq!(gone, 8, "four rows in each of two runs");
        assert_eq!(found(&db, ACCOUNT, &Ids { organization_id: None, ..ids.clone() }).await, [""; 0]);
        assert_eq!(found(&db, ACCOUNT, &ids).await, ["a"], "by their organization");
        assert_eq!(found(&db, ACCOUNT, &user(8)).await, ["b"]);
        assert_eq!(found(&db, "globex", &ids).await, ["a"]);
    })
    .await;
}
