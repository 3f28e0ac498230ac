//! What meets a renewal: changes of the connection, a slow database, a clock that was wrong. Its secret goes nowhere else.

use std::time::Duration;

use chrono::TimeDelta;
use deskside::features::connections::Wish;
use deskside::store::{connections, query};
use deskside_sandbox::{Fault, credentials};
use serde_json::{Value, json};

use crate::connection_consent::live_tokens;
use crate::connection_tokens::{ID, World, on_each, on_tokens};

async fn changes(world: &World<'_>, secret: Value) -> Result<(), String> {
    let wish = Wish { secret: Some(secret.to_string().into_bytes()), ..Wish::default() };
    world.replicas[0].change("operator", ID, wish).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_change_during_a_renewal_keeps_both() {
    on_each(async |world| {
        let renewing = world.renewing(0).await;
        let mut meanwhile = world.secret().await;
        meanwhile["client_secret"] = json!("a newer client secret");
        world.holds(&meanwhile).await;
        renewing.await.expect("it ends");
        let kept = world.secret().await;
        assert_eq!(kept["client_secret"], "a newer client secret");
        assert_ne!(kept["refresh_token"], meanwhile["refresh_token"], "the vendor's new one");
        assert!(kept["access_token"].is_string(), "{kept}");
        // A new name, or a key that this replica does not have yet, ends nobody's renewal.
        world
            .holds(
                &json!({"client_secret": credentials::CLIENT_SECRET, "refresh_token": kept["refresh_token"]}),
            )
            .await;
        let before = world.renewals();
        let renewing = world.renewing(0).await;
        let wish = Wish { name: Some("Acme EU".to_owned()), ..Wish::default() };
        world.replicas[1].change("operator", ID, wish).await.expect("it is kept");
        query("UPDATE connections SET key_id = 'newest'").execute(&world.bed.db).await.expect("a row");
        renewing.await.expect("it ends");
        assert_eq!((world.tries(1, false).await.as_str(), world.renewals()), ("fine", before + 1));
    })
    .await;
}

#[tokio::test]
async fn tokens_that_come_too_late_to_be_kept_are_ended() {
    on_each(async |world| {
        let before = live_tokens(world.bed).await;
        // Another refresh token is there when they come.
        let renewing = world.renewing(0).await;
        let other = json!({"client_secret": credentials::CLIENT_SECRET, "refresh_token": "another"});
        world.holds(&other).await;
        renewing.await.expect("it ends");
        assert_eq!((world.secret().await, live_tokens(world.bed).await), (other, before - 1));
    })
    .await;
}

#[tokio::test]
async fn a_new_secret_is_tried_before_it_is_kept() {
    on_each(async |world| {
        let before = world.secret().await;
        for (odd, why) in [
            (json!({"client_secret": "wrong"}), "does not accept the OAuth client"),
            (json!({"refresh_token": "made up"}), "does not accept the refresh token"),
            (json!({"refresh_token": ""}), "nothing empty"),
            (json!({"client_secret": " "}), "nothing empty"),
            (json!({"access_token": "made up"}), "nothing else in it"),
            (json!({"renew_at_us": 1}), "nothing else in it"),
        ] {
            let said = changes(&world, odd.clone()).await.expect_err("it is refused");
            assert!(said.contains(why), "{odd}: {said}");
            assert_eq!(world.secret().await, before, "{odd}");
            assert_eq!(world.state().await, ("connected".to_owned(), None), "{odd}");
        }
        // A part is completed by what is kept, and the pair that the trial gave is kept.
        changes(&world, json!({"client_secret": credentials::CLIENT_SECRET})).await.expect("it works");
        let after = world.secret().await;
        assert_ne!(after["refresh_token"], before["refresh_token"], "it was renewed for the trial");
        assert_eq!(world.tries(1, false).await, "fine");
        // While the vendor is away nothing can be tried.
        world.vendors().fault(on_tokens(Fault::Status { status: 503, retry_after: None }));
        let said = changes(&world, json!({"client_secret": "another"})).await.expect_err("it is not tried");
        assert!(said.contains("nothing was changed") && said.contains("try again"), "{said}");
        assert_eq!(world.secret().await, after);
        // Nobody else renews meanwhile, and a trial waits for who does.
        world.pass(TimeDelta::minutes(60));
        let renewing = world.renewing(0).await;
        changes(&world, json!({"client_secret": credentials::CLIENT_SECRET})).await.expect("it works");
        renewing.await.expect("it ends");
        assert_eq!(world.tries(1, false).await, "fine");
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_never_sent_to_another_address() {
    on_each(async |world| {
        let elsewhere =
            json!({"base_url": "http://127.0.0.1:9", "client_id": credentials::CLIENT_ID}).to_string();
        let wish = || Wish { settings: Some(elsewhere.clone()), ..Wish::default() };
        let said =
            world.replicas[0].change("operator", ID, wish()).await.expect_err("the secret stays").to_string();
        assert!(said.contains("never sent to another address"), "{said}");
        let part = json!({"client_secret": "hush"}).to_string().into_bytes();
        let said = world.replicas[0].change("operator", ID, Wish { secret: Some(part), ..wish() }).await;
        assert!(said.expect_err("a part of it, too").to_string().contains("give all of it"));
        assert_eq!(world.tries(1, false).await, "fine");
        // Whoever writes into the database cannot send it there either.
        query("UPDATE connections SET settings = $1")
            .bind(&elsewhere)
            .execute(&world.bed.db)
            .await
            .expect("a row");
        let said = world.tries(0, false).await;
        assert!(said.contains("the row was changed or moved"), "{said}");
        assert_eq!(world.state().await.1.as_deref(), Some("secret_locked"));
    })
    .await;
}

#[tokio::test]
async fn a_call_that_did_not_leave_is_not_taken_for_lost() {
    on_each(async |world| {
        let secret = world.secret().await;
        let mut tx = world.bed.db.begin().await.expect("a transaction");
        let row = connections::read_locked(&mut tx, "acme", ID).await.expect("it answers");
        let (mut row, seals) = (row.expect("it is there"), world.seals());
        row.settings = json!({"base_url": "http://127.0.0.1:9", "client_id": "deskside"}).to_string();
        row.seal(secret.to_string().as_bytes(), &seals).expect("there is a key");
        assert!(connections::update(&mut tx, &row, &seals).await.expect("it is kept"));
        tx.commit().await.expect("it is kept");
        assert!(world.tries(0, false).await.contains("try again in a minute"));
        let row = world.row().await;
        assert_eq!((row.renewing_until, row.unsure_since), (None, None));
    })
    .await;
}

#[tokio::test]
async fn a_lease_begins_when_the_row_is_free_and_ends_in_time() {
    on_each(async |world| {
        // What waits for the row's lock uses the time at which it got it.
        let mut tx = world.bed.db.begin().await.expect("a transaction");
        connections::read_locked(&mut tx, "acme", ID).await.expect("it is locked");
        let late = world.vendors().fault(on_tokens(Fault::Late { late_ms: 300 }));
        let replica = world.replicas[0].clone();
        let renewing = tokio::spawn(async move { replica.test(ID, false).await.map(drop) });
        tokio::time::sleep(Duration::from_millis(100)).await; // until it waits
        world.bed.clock.advance(TimeDelta::minutes(5));
        drop(tx);
        while world.vendors().met(late) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let until = world.row().await.renewing_until.expect("a lease");
        assert_eq!(until, world.bed.clock.now() + TimeDelta::seconds(30));
        renewing.await.expect("it ends").expect("it is there");
        // A lease of a clock that was ahead, and a wait of one, hold nobody up.
        world.pass(TimeDelta::minutes(70));
        let ahead = world.bed.clock.now() + TimeDelta::hours(9);
        query("UPDATE connections SET renewing_until_us = $1, not_before_us = $1")
            .bind(ahead)
            .execute(&world.bed.db)
            .await
            .expect("a row");
        assert_eq!(world.tries(1, false).await, "fine");
    })
    .await;
}
