//! What we remember, on both databases; what another account remembers stays its own.

use chrono::TimeDelta;
use deskside::store::archive::{
    self, ItemChange, ItemState, NewItem, NewRun, Problem, RunChange, RunState, Set,
};
use deskside::store::challenges::{self, Answer};
use deskside::store::hook_deliveries::{self, Taken};
use deskside::store::ledger::{self, LedgerEntry};
use deskside::store::{Db, SealKeys, Tx, cards, keys, query, signed_tokens};
use futures::future::join_all;

use crate::support::databases::{for_each_address, for_each_database};
use crate::support::errands::noon;

#[tokio::test]
async fn the_last_card_is_recalled_whatever_order_they_arrive_in() {
    for_each_database(async |db| {
        assert_eq!(cards::recall(&db, "acme", "ticket:42").await.unwrap(), None);
        for (minute, body) in [(1, r#"{"n":1}"#), (3, r#"{"n":3}"#), (2, r#"{"n":2}"#)] {
            cards::remember(&db, "acme", "ticket:42", body, noon() + TimeDelta::minutes(minute))
                .await
                .unwrap();
        }
        let last = Some((r#"{"n":3}"#.to_owned(), noon() + TimeDelta::minutes(3)));
        assert_eq!(cards::recall(&db, "acme", "ticket:42").await.unwrap(), last);
        assert_eq!(cards::recall(&db, "globex", "ticket:42").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_is_taken_once_and_forgotten_after_a_week() {
    for_each_database(async |db| {
        let take = async |account: &str, name: &str, signature: &str, days: i64| {
            let mut tx = db.begin().await.unwrap();
            let now = noon() + TimeDelta::days(days);
            let taken = hook_deliveries::take(&mut tx, account, name, signature, now).await.unwrap();
            tx.commit().await.unwrap();
            taken
        };
        assert_eq!(take("acme", "01A", "s1", 0).await, Taken::Fresh);
        assert_eq!(take("acme", "01A", "s2", 0).await, Taken::Repeated, "signed afresh");
        assert_eq!(take("acme", "01B", "s1", 0).await, Taken::Replayed);
        assert_eq!(take("globex", "01A", "s1", 0).await, Taken::Fresh, "another account's");
        let mut tx = db.begin().await.unwrap();
        assert_eq!(hook_deliveries::take(&mut tx, "acme", "01C", "s3", noon()).await.unwrap(), Taken::Fresh);
        drop(tx);
        assert_eq!(take("acme", "01C", "s3", 0).await, Taken::Fresh, "what was not committed was not taken");
        assert_eq!(take("acme", "01D", "s4", 6).await, Taken::Fresh);
        assert_eq!(take("acme", "01A", "s1", 6).await, Taken::Repeated);
        assert_eq!(take("acme", "01E", "s5", 8).await, Taken::Fresh);
        assert_eq!(take("acme", "01A", "s1", 8).await, Taken::Fresh, "long ago");
        assert_eq!(take("acme", "01D", "s4", 8).await, Taken::Repeated);
    })
    .await;
}

#[tokio::test]
async fn a_signed_token_is_spent_once_however_many_try() {
    for_each_database(async |db| {
        let spend = |account, token, minutes| {
            let now = noon() + TimeDelta::minutes(minutes);
            signed_tokens::spend(&db, account, token, now + TimeDelta::minutes(5), now)
        };
        let tries = join_all((0..10).map(|_| spend("acme", "t1", 0))).await;
        assert_eq!(tries.into_iter().filter(|spent| *spent.as_ref().unwrap()).count(), 1);
        assert!(!spend("acme", "t1", 4).await.unwrap());
        assert!(spend("globex", "t1", 0).await.unwrap(), "another account's token is another token");
        assert!(!spend("acme", "t1", 64).await.unwrap(), "kept for longer than anybody accepts it");
        assert!(spend("acme", "t2", 70).await.unwrap());
        assert!(spend("acme", "t1", 71).await.unwrap(), "then forgotten: it has long expired");
    })
    .await;
}

#[tokio::test]
async fn a_challenge_is_answered_once_with_few_guesses_and_in_time() {
    for_each_database(async |db| {
        let answer = |account, id, code, minutes| {
            challenges::answer(&db, account, id, code, noon() + TimeDelta::minutes(minutes))
        };
        let (now, expires) = (noon(), noon() + TimeDelta::minutes(5));
        for id in ["once", "guessed", "late"] {
            challenges::create(&db, "acme", id, 77, "right", expires, now).await.unwrap();
        }
        assert_eq!(answer("globex", "once", "right", 0).await.unwrap(), Answer::Gone);
        assert_eq!(answer("acme", "once", "wrong", 0).await.unwrap(), Answer::Wrong);
        assert_eq!(answer("acme", "once", "right", 1).await.unwrap(), Answer::Proved(77));
        assert_eq!(answer("acme", "once", "right", 1).await.unwrap(), Answer::Gone);
        for _ in 0..5 {
            assert_eq!(answer("acme", "guessed", "wrong", 0).await.unwrap(), Answer::Wrong);
        }
        assert_eq!(answer("acme", "guessed", "right", 0).await.unwrap(), Answer::Gone);
        assert_eq!(answer("acme", "late", "right", 5).await.unwrap(), Answer::Gone);
        assert_eq!(answer("acme", "never sent", "right", 0).await.unwrap(), Answer::Gone);
    })
    .await;
}

#[tokio::test]
async fn replicas_agree_on_a_key() {
    for_each_address(async |address| {
        let (one, other) =
            (Db::connect(&address.url, 4).await.unwrap(), Db::connect(&address.url, 4).await.unwrap());
        tokio::try_join!(one.migrate(), other.migrate()).expect("replicas may migrate at once");
        let fresh: Vec<[u8; 4]> = (0..8).map(|number| [number; 4]).collect();
        let unsealed = SealKeys::new([]);
        let made = join_all(fresh.iter().enumerate().map(|(number, fresh)| {
            keys::secret(if number % 2 == 0 { &one } else { &other }, "bearer", fresh, &unsealed)
        }))
        .await;
        let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
        assert!(made.iter().all(|key| *key == made[0]), "{made:?}");
        assert_ne!(keys::secret(&one, "another", &[9; 4], &unsealed).await.unwrap(), made[0]);
        one.close().await;
        other.close().await;
    })
    .await;
}

fn new_run(id: &str, account: &str) -> NewRun {
    NewRun {
        id: id.into(),
        account: account.into(),
        ticket_id: 42,
        requested_by: Some(7),
        attachment_ids: Some(vec![1, 2]),
        undo_window: Some(TimeDelta::seconds(10)),
        now: noon(),
    }
}

async fn start(db: &Db, id: &str, account: &str) -> (String, bool) {
    let mut tx = db.begin().await.unwrap();
    let (run, created) = archive::start_run(&mut tx, &new_run(id, account)).await.unwrap();
    tx.commit().await.unwrap();
    (run.id, created)
}

async fn change(db: &Db, id: &str, change: RunChange) -> Option<RunState> {
    let mut tx = db.begin().await.unwrap();
    let run = archive::set_run(&mut tx, "acme", id, change, noon() + TimeDelta::minutes(1)).await.unwrap();
    tx.commit().await.unwrap();
    run.map(|run| run.state)
}

fn to(state: RunState) -> RunChange {
    RunChange { state: Some(state), ..RunChange::default() }
}

#[tokio::test]
async fn a_ticket_has_one_live_run_however_many_start_it() {
    for_each_database(async |db| {
        let ids: Vec<_> = (0..8).map(|number| format!("r{number}")).collect();
        let started = join_all(ids.iter().map(|id| start(&db, id, "acme"))).await;
        assert_eq!(started.iter().filter(|(_, created)| *created).count(), 1);
        assert!(started.iter().all(|(id, _)| *id == started[0].0));
        assert!(start(&db, "g0", "globex").await.1, "another account's ticket is another ticket");
        assert_eq!(change(&db, &started[0].0, to(RunState::Failed)).await, Some(RunState::Failed));
        assert_eq!(start(&db, "r9", "acme").await, ("r9".into(), true));
        let latest = archive::latest_run(&db, "acme", 42).await.unwrap().unwrap();
        assert_eq!((latest.id.as_str(), latest.attachment_ids), ("r9", Some(vec![1, 2])));
    })
    .await;
}

#[tokio::test]
async fn one_run_waits_for_the_live_one_however_many_wish_it() {
    for_each_database(async |db| {
        start(&db, "r1", "acme").await;
        let next = async |id: &str| {
            let mut tx = db.begin().await.unwrap();
            let (live, _) = archive::start_run(&mut tx, &new_run(id, "acme")).await.unwrap();
            let (next, created) =
                archive::start_next_run(&mut tx, &new_run(id, "acme"), &live).await.unwrap();
            tx.commit().await.unwrap();
            (next.id, next.after_run, created)
        };
        let (first, waits_for) = ("n0".to_owned(), Some("r1".to_owned()));
        assert_eq!(next("n0").await, (first.clone(), waits_for.clone(), true));
        let all = join_all(["n1", "n2", "n3"].map(next)).await;
        assert!(all.iter().all(|made| *made == (first.clone(), waits_for.clone(), false)), "{all:?}");
        let shown = archive::current_run(&db, "acme", 42).await.unwrap().unwrap();
        assert_eq!(shown.id, "n0");
        let mut tx = db.begin().await.unwrap();
        archive::set_run(&mut tx, "acme", "r1", to(RunState::Failed), noon()).await.unwrap();
        let released = archive::release_next_run(&mut tx, "acme", "r1", noon()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!((released.id, released.after_run), (first.clone(), None));
        assert_eq!(start(&db, "r5", "acme").await, (first, false), "it is the live one now");
    })
    .await;
}

#[tokio::test]
async fn a_run_that_ended_stays_ended() {
    for_each_database(async |db| {
        start(&db, "r1", "acme").await;
        let problem = Problem { code: "zendesk_unavailable".into(), message: "try later".into() };
        let waits = RunChange { problem: Set::To(problem), ..to(RunState::Running) };
        assert_eq!(change(&db, "r1", waits).await, Some(RunState::Running));
        let run = archive::run(&db, "acme", "r1").await.unwrap().unwrap();
        assert_eq!((run.problem.as_deref(), run.noted, run.finished_at), (Some("try later"), None, None));

        let cancel = RunChange { from: Some(RunState::Queued), ..to(RunState::Cancelled) };
        assert_eq!(change(&db, "r1", cancel).await, None, "it is not queued any more");
        let ends = RunChange { problem: Set::Clear, noted: Some(false), ..to(RunState::Done) };
        assert_eq!(change(&db, "r1", ends).await, Some(RunState::Done));
        for state in [RunState::Running, RunState::Queued, RunState::Failed, RunState::Cancelled] {
            assert_eq!(change(&db, "r1", to(state)).await, None, "{state:?}");
        }
        let noted = RunChange { noted: Some(true), ..RunChange::default() };
        assert_eq!(change(&db, "r1", noted).await, Some(RunState::Done), "the note may come later");
        let run = archive::run(&db, "acme", "r1").await.unwrap().unwrap();
        let minute = Some(noon() + TimeDelta::minutes(1));
        assert_eq!((run.problem, run.noted, run.finished_at), (None, Some(true), minute));
        assert_eq!(archive::run(&db, "globex", "r1").await.unwrap(), None);
    })
    .await;
}

fn entry(action: &str) -> LedgerEntry {
    LedgerEntry {
        at: noon(),
        actor: "deskside".into(),
        action: action.into(),
        ticket_id: Some(42),
        attachment_id: Some(1),
        sha256: None,
        object_key: None,
        detail: serde_json::Value::Null,
    }
}

async fn plan(db: &Db, run: &str) -> (ItemState, String, Option<String>) {
    let mut tx = db.begin().await.unwrap();
    let new = NewItem {
        account: "acme".into(),
        attachment_id: 1,
        comment_id: 9,
        ticket_id: 42,
        run_id: run.into(),
        file_name: "見積書.pdf".into(),
        size: 1234,
        content_type: "application/pdf".into(),
        now: noon(),
    };
    let item = archive::plan_item(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    (item.state, item.run_id, item.reason)
}

async fn advance(db: &Db, from: ItemState, to: ItemState) -> bool {
    let mut tx = db.begin().await.unwrap();
    let change = ItemChange {
        sha256: (to == ItemState::Stored).then(|| "ab".repeat(32)),
        object_key: (to == ItemState::Stored).then(|| "acme/42/1".into()),
        reason: (to == ItemState::Failed).then(|| "no answer".into()),
        ..ItemChange::default()
    };
    let moved = archive::advance(&mut tx, "acme", 1, (from, to), change, &entry(to.as_str())).await.unwrap();
    tx.commit().await.unwrap();
    moved
}

/// An attachment went through `life` in one run; where does the next run find it, and is it that run's now?
async fn check_second_plan(life: &[ItemState], expected: ItemState, is_taken: bool) {
    for_each_database(async |db| {
        start(&db, "r1", "acme").await;
        assert_eq!(plan(&db, "r1").await, (ItemState::Planned, "r1".into(), None));
        let mut from = ItemState::Planned;
        for to in life {
            assert!(advance(&db, from, *to).await);
            from = *to;
        }
        change(&db, "r1", to(RunState::Failed)).await;
        start(&db, "r2", "acme").await;
        let run = if is_taken { "r2" } else { "r1" };
        assert_eq!(plan(&db, "r2").await, (expected, run.into(), None), "{life:?}");
    })
    .await;
}

#[tokio::test]
async fn an_attachment_has_one_life_over_all_runs() {
    use ItemState::{Failed, Held, Planned, Redacted, Skipped, Stored, Verified};
    check_second_plan(&[], Planned, true).await;
    check_second_plan(&[Failed], Planned, true).await;
    check_second_plan(&[Skipped], Planned, true).await;
    check_second_plan(&[Held], Planned, true).await;
    check_second_plan(&[Stored], Stored, true).await;
    check_second_plan(&[Stored, Verified], Verified, true).await;
    check_second_plan(&[Stored, Verified, Redacted], Redacted, false).await;
}

#[tokio::test]
async fn a_step_is_taken_once_and_written_down_once() {
    use ItemState::{Planned, Stored, Verified};
    for_each_database(async |db| {
        start(&db, "r1", "acme").await;
        plan(&db, "r1").await;
        archive::set_done_bytes(&db, "acme", 1, 600, noon()).await.unwrap();
        assert_eq!(archive::item(&db, "acme", 1).await.unwrap().unwrap().done_bytes, 600);
        assert!(!advance(&db, Stored, Verified).await, "it is not there yet");
        let steps = join_all((0..4).map(|_| advance(&db, Planned, Stored))).await;
        assert_eq!(steps.into_iter().filter(|moved| *moved).count(), 1);
        archive::set_done_bytes(&db, "acme", 1, 700, noon()).await.unwrap();
        let item = archive::item(&db, "acme", 1).await.unwrap().unwrap();
        assert_eq!(
            (item.state, item.done_bytes, item.object_key.as_deref()),
            (Stored, 600, Some("acme/42/1"))
        );
        assert_eq!(archive::open_items_of_run(&db, "acme", "r1").await.unwrap(), std::slice::from_ref(&item));
        assert_eq!(archive::items_of_ticket(&db, "acme", 42).await.unwrap(), [item]);
        assert_eq!(archive::items_of_ticket(&db, "globex", 42).await.unwrap(), []);
        let written = ledger::of_ticket(&db, "acme", 42).await.unwrap();
        assert_eq!(written.iter().map(|row| row.entry.action.as_str()).collect::<Vec<_>>(), ["stored"]);
    })
    .await;
}

/// Whether the database, as it says itself, would wait for the disk at the end of this transaction.
async fn waits_for_the_disk(mut tx: Tx) -> bool {
    let (sql, waits) = if tx.is_postgres() {
        ("SELECT current_setting('synchronous_commit') AS synchronous", "on")
    } else {
        ("SELECT CAST(synchronous AS TEXT) AS synchronous FROM pragma_synchronous", "2") // FULL
    };
    query(sql).one(&mut tx).await.unwrap().get::<String>("synchronous").unwrap() == waits
}

#[tokio::test]
async fn only_what_can_be_done_again_does_not_wait_for_the_disk() {
    for_each_database(async |db| {
        assert!(waits_for_the_disk(db.begin().await.unwrap()).await);
        assert!(!waits_for_the_disk(db.begin_unsynced().await.unwrap()).await);
        assert!(waits_for_the_disk(db.begin().await.unwrap()).await, "after one that was dropped");
        start(&db, "r1", "acme").await;
        let mut tx = db.begin_unsynced().await.unwrap();
        assert!(
            archive::set_run(&mut tx, "acme", "r1", RunChange::default(), noon()).await.unwrap().is_some()
        );
        tx.commit().await.unwrap();
        assert!(waits_for_the_disk(db.begin().await.unwrap()).await, "after one that was committed");
    })
    .await;
}
