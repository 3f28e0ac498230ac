//! What was written stays written, in order, and what was changed shows.

use chrono::TimeDelta;
use deskside::store::ledger::{self, Filter, Harm, LedgerEntry, Verdict};
use deskside::store::{Db, query};
use serde_json::json;

use crate::support::databases::{for_each_address, for_each_database};
use crate::support::errands::noon;

fn entry(number: u64) -> LedgerEntry {
    LedgerEntry {
        at: noon() + TimeDelta::seconds(number.cast_signed()),
        actor: "agent:77".into(),
        action: "stored".into(),
        ticket_id: Some(42),
        attachment_id: Some(number),
        sha256: number.is_multiple_of(2).then(|| "ab".repeat(32)),
        object_key: Some(format!("acme/42/{number}/invoice 見積書.pdf")),
        detail: json!({"bytes": number, "note": "a \"quoted\" word"}),
    }
}

async fn write(db: &Db, account: &str, number: u64) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let row = ledger::append(&mut tx, account, &entry(number)).await.unwrap();
    tx.commit().await.unwrap();
    row.seq
}

/// Five rows; then somebody with the keys to the database does `harm`.
async fn check(harm: &'static str, expected: Verdict) {
    for_each_database(async |db| {
        for number in 1..=5 {
            assert_eq!(write(&db, "acme", number).await, number);
        }
        write(&db, "globex", 1).await;
        let mut tx = db.begin().await.unwrap();
        if db.is_postgres() {
            query("ALTER TABLE ledger DISABLE TRIGGER ALL").execute(&mut tx).await.unwrap();
        } else {
            query("DROP TRIGGER ledger_keeps_what_it_says").execute(&mut tx).await.unwrap();
            query("DROP TRIGGER ledger_keeps_every_row").execute(&mut tx).await.unwrap();
        }
        query(harm).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ledger::verify(&db, "acme").await.unwrap(), expected, "{harm}");
        assert_eq!(ledger::verify(&db, "globex").await.unwrap(), Verdict::Intact { rows: 1 }, "{harm}");
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_removed_or_added_shows() {
    check("UPDATE ledger SET actor = actor", Verdict::Intact { rows: 5 }).await;
    check(
        "UPDATE ledger SET actor = 'agent:78' WHERE account = 'acme' AND seq = 3",
        Verdict::Broken { seq: 3, harm: Harm::Changed },
    )
    .await;
    check(
        "UPDATE ledger SET sha256 = NULL WHERE account = 'acme' AND seq = 2",
        Verdict::Broken { seq: 2, harm: Harm::Changed },
    )
    .await;
    check(
        "UPDATE ledger SET detail = '{}' WHERE account = 'acme' AND seq = 5",
        Verdict::Broken { seq: 5, harm: Harm::Changed },
    )
    .await;
    check(
        "UPDATE ledger SET detail = 'x' WHERE account = 'acme' AND seq = 5",
        Verdict::Broken { seq: 5, harm: Harm::Changed },
    )
    .await;
    check(
        "UPDATE ledger SET at_us = at_us + 1 WHERE account = 'acme' AND seq = 1",
        Verdict::Broken { seq: 1, harm: Harm::Changed },
    )
    .await;
    check(
        "DELETE FROM ledger WHERE account = 'acme' AND seq = 4",
        Verdict::Broken { seq: 4, harm: Harm::Missing },
    )
    .await;
    check(
        "DELETE FROM ledger WHERE account = 'acme' AND seq = 5",
        Verdict::Broken { seq: 5, harm: Harm::Truncated },
    )
    .await;
    check("DELETE FROM ledger WHERE account = 'acme'", Verdict::Broken { seq: 1, harm: Harm::Truncated })
        .await;
    check("DELETE FROM ledger_heads WHERE account = 'acme'", Verdict::Broken { seq: 1, harm: Harm::Added })
        .await;
    check(
        "UPDATE ledger_heads SET hash = 'x' WHERE account = 'acme'",
        Verdict::Broken { seq: 5, harm: Harm::Changed },
    )
    .await;
    check(
        "INSERT INTO ledger SELECT account, 6, at_us, actor, action, ticket_id, attachment_id, sha256, object_key,
                detail, hash, hash FROM ledger WHERE account = 'acme' AND seq = 5",
        Verdict::Broken { seq: 6, harm: Harm::Added },
    )
    .await;
}

#[tokio::test]
async fn nobody_without_the_keys_changes_or_removes_a_row() {
    for_each_database(async |db| {
        write(&db, "acme", 1).await;
        let mut harms = vec!["UPDATE ledger SET actor = 'nobody'", "DELETE FROM ledger"];
        if db.is_postgres() {
            harms.push("TRUNCATE ledger");
        }
        for harm in harms {
            let refused = query(harm).execute(&db).await.unwrap_err();
            let cause = std::error::Error::source(&refused).unwrap().to_string();
            assert!(cause.contains("the ledger is append-only"), "{harm}: {cause}");
        }
        assert_eq!(ledger::verify(&db, "acme").await.unwrap(), Verdict::Intact { rows: 1 });
    })
    .await;
}

#[tokio::test]
async fn an_empty_ledger_is_intact_and_a_rolled_back_row_leaves_no_gap() {
    for_each_database(async |db| {
        assert_eq!(ledger::verify(&db, "acme").await.unwrap(), Verdict::Intact { rows: 0 });
        write(&db, "acme", 1).await;
        let mut tx = db.begin().await.unwrap();
        ledger::append(&mut tx, "acme", &entry(2)).await.unwrap();
        drop(tx);
        assert_eq!(write(&db, "acme", 3).await, 2);
        assert_eq!(ledger::verify(&db, "acme").await.unwrap(), Verdict::Intact { rows: 2 });
    })
    .await;
}

#[tokio::test]
async fn many_writers_of_two_replicas_take_turns() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 6).await.unwrap(), Db::connect(&address.url, 6).await.unwrap());
        one.migrate().await.unwrap();
        let writes = (0..30).map(|number| write(if number % 2 == 0 { &one } else { &other }, "acme", number));
        let mut seqs = futures::future::join_all(writes).await;
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=30).collect::<Vec<_>>(), "{}", address.engine);
        assert_eq!(ledger::verify(&one, "acme").await.unwrap(), Verdict::Intact { rows: 30 });
        one.close().await;
        other.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_ledger_is_searched_by_whatever_an_admin_remembers() {
    for_each_database(async |db| {
        for number in 1..=6 {
            let mut tx = db.begin().await.unwrap();
            let mut entry = entry(number);
            entry.at = noon() + TimeDelta::hours(number.cast_signed());
            entry.actor = if number % 2 == 0 { "agent:78" } else { "agent:77" }.into();
            entry.action = if number > 3 { "redacted" } else { "stored" }.into();
            entry.ticket_id = (number != 6).then_some(42);
            ledger::append(&mut tx, "acme", &entry).await.unwrap();
            tx.commit().await.unwrap();
        }
        write(&db, "globex", 1).await;
        let check = async |filter: Filter, expected: &[u64]| {
            let filter = Filter { limit: if filter.limit == 0 { 9 } else { filter.limit }, ..filter };
            let rows = ledger::search(&db, "acme", &filter).await.unwrap();
            assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), expected, "{filter:?}");
        };
        let (all, at) = (Filter::default, |hour| Some(noon() + TimeDelta::hours(hour)));
        let (ticket_id, actor, action) = (Some(42), Some("agent:77".to_owned()), Some("redacted".to_owned()));
        check(all(), &[6, 5, 4, 3, 2, 1]).await;
        check(Filter { limit: 2, ..all() }, &[6, 5]).await;
        check(Filter { before: Some(3), ..all() }, &[2, 1]).await;
        check(Filter { ticket_id, ..all() }, &[5, 4, 3, 2, 1]).await;
        check(Filter { ticket_id: Some(u64::MAX), ..all() }, &[]).await;
        check(Filter { actor: actor.clone(), ..all() }, &[5, 3, 1]).await;
        check(Filter { action: action.clone(), ..all() }, &[6, 5, 4]).await;
        check(Filter { ticket_id, actor: actor.clone(), ..all() }, &[5, 3, 1]).await;
        check(Filter { ticket_id, action: action.clone(), ..all() }, &[5, 4]).await;
        check(Filter { action: action.clone(), actor: actor.clone(), ..all() }, &[5]).await;
        check(Filter { ticket_id, action, actor, ..all() }, &[5]).await;
        check(Filter { since: at(5), ..all() }, &[6, 5]).await;
        check(Filter { until: at(3), ..all() }, &[2, 1]).await;
        check(Filter { since: at(2), until: at(5), ..all() }, &[4, 3, 2]).await;
        check(Filter { since: at(2), until: at(5), before: Some(4), ..all() }, &[3, 2]).await;
        check(Filter { since: at(7), ..all() }, &[]).await;
        check(Filter { since: at(5), until: at(2), ..all() }, &[]).await;
        let (first, last) =
            (chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC);
        check(Filter { since: Some(first), until: Some(last), ..all() }, &[6, 5, 4, 3, 2, 1]).await;
    })
    .await;
}

#[tokio::test]
async fn a_tickets_part_of_the_ledger_is_read_oldest_first() {
    for_each_database(async |db| {
        for number in 1..=5 {
            write(&db, "acme", number).await;
        }
        let rows = ledger::of_ticket(&db, "acme", 42).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.entry.clone()).collect::<Vec<_>>(),
            (1..=5).map(entry).collect::<Vec<_>>()
        );
        assert_eq!(ledger::of_ticket(&db, "acme", 43).await.unwrap(), []);
        assert_eq!(ledger::export(&db, "acme", Some(42), (1, 4), 9).await.unwrap(), rows[1..4]);
        assert_eq!(ledger::export(&db, "acme", None, (0, 5), 2).await.unwrap(), rows[..2]);
        assert_eq!(ledger::export(&db, "acme", Some(43), (0, 5), 2).await.unwrap(), []);
    })
    .await;
}
