//! Attachments are put away by a tag: Zendesk's trigger sees it, its webhook tells us, and nobody touches the app. What is
//! not Zendesk's starts nothing.

use chrono::TimeDelta;
use deskside::store::{archive, ledger};
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{files, notes, put_away};
use crate::support::hooks::{Delivery, SECRET, delivered, run_all, tag, untag, webhook};
use crate::support::testbed::{Plan, Testbed, bed};
use crate::{trouble_at, trouble_with};

const TAG: &str = "archive_attachments";

/// Every row about a ticket as a whole: who did what.
async fn told(bed: &Testbed, ticket: u64) -> Vec<String> {
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, ticket).await.expect("the ledger is read");
    let rows = rows.into_iter().filter(|row| row.entry.attachment_id.is_none());
    rows.map(|row| format!("{} {}", row.entry.actor, row.entry.action)).collect()
}

/// Where the ticket's latest run stands, and why.
async fn stands(bed: &Testbed, ticket: u64) -> String {
    let run = archive::latest_run(&bed.db, credentials::SUBDOMAIN, ticket).await.expect("the store answers");
    let run = run.expect("there is a run");
    assert_eq!(run.requested_by, None, "nobody in person asked");
    [run.state.as_str().to_owned()].into_iter().chain(run.problem_code).collect::<Vec<_>>().join(" ")
}

/// With a secret that the test knows.
fn signed() -> Plan {
    bed().setting("zendesk.webhook_secret", SECRET)
}

#[tokio::test]
async fn a_tag_puts_every_attachment_away_and_nobody_touches_the_app() {
    bed()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let before = files(bed, 42);
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            assert_eq!(told(bed, 42).await, ["tag requested"]);
            run_all(bed).await;
            put_away(bed, 42, &before, &[]).await;
            assert_eq!(notes(bed, 42).len(), 1);
            assert_eq!(stands(bed, 42).await, "done");
            assert_eq!(delivered(bed).await, [202], "our own tag and note call nobody");
            let agent = bed.agent(credentials::AGENT_ID).await;
            assert_eq!(agent.attachments(42).await.json()["run"]["state"], "done", "the panel shows it too");
        })
        .await;
}

#[tokio::test]
async fn a_delivery_that_zendesk_repeats_starts_nothing_twice() {
    bed()
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let before = files(bed, 42);
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            let id = webhook(bed);
            assert_eq!(bed.vendors().deliver_again(&id).await, Some(200));
            bed.run_jobs().await;
            bed.pass(60);
            assert_eq!(
                bed.vendors().deliver_again(&id).await,
                Some(200),
                "signed afresh, but the same delivery"
            );
            assert_eq!(bed.left_over().await, []);
            assert_eq!(told(bed, 42).await, ["tag requested"]);
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn of_many_copies_of_a_delivery_at_once_one_counts() {
    signed()
        .run_on_each(async |bed| {
            let delivery = Delivery::about(bed, 42);
            let answers = futures::future::join_all((0..8).map(|_| delivery.sent(bed))).await;
            let mut verdicts: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            verdicts.sort_unstable();
            assert_eq!(verdicts, [200, 200, 200, 200, 200, 200, 200, 202]);
            assert_eq!(told(bed, 42).await, ["tag requested"]);
            bed.run_jobs().await;
        })
        .await;
}

/// The header is not signed, so whoever can sign, or sits in between, chooses it.
#[tokio::test]
async fn an_account_number_is_believed_when_zendesk_says_it() {
    signed()
        .run_on_each(async |bed| {
            let of_account = async |number: &str| {
                bed.pass(1); // or it would have the signature of the one before
                let delivery = Delivery { account: Some(number.to_owned()), ..Delivery::about(bed, 42) };
                delivery.sent(bed).await.verdict()
            };
            assert_eq!(of_account("1").await, "202", "Zendesk cannot be asked: the signature decides");
            assert_eq!(of_account("18525119").await, "202", "what came first does not stick");
            bed.connects(&[]).await.expect("it is connected");
            tag(bed, 43, TAG).await;
            delivered(bed).await; // now Zendesk's log of deliveries has the number
            bed.pass(31);
            assert_eq!(of_account("1").await, "403 webhook_wrong_account");
            assert_eq!(of_account("18525119").await, "202");
            bed.vendors().fault(super::trouble_with("zendesk", 503));
            bed.pass(25 * 3600);
            assert_eq!(of_account("1").await, "403 webhook_wrong_account", "it said so before it was down");
            assert_eq!(of_account("18525119").await, "202");
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn what_zendesk_did_not_send_starts_nothing_and_hears_why() {
    type Change = fn(&mut Delivery);
    signed()
        .run(async |bed| {
            let check = async |change: Change, expected: &str| {
                let mut delivery = Delivery::about(bed, 42);
                change(&mut delivery);
                let answer = delivery.sent(bed).await;
                assert_eq!(answer.verdict(), expected);
                assert!(!answer.text.contains(SECRET), "no secret is told");
            };
            check(|_| {}, "202").await;
            check(|delivery| delivery.signature = Some(String::new()), "401 webhook_signature_invalid").await;
            check(|delivery| delivery.signature = Some("AAAA".into()), "401 webhook_signature_invalid").await;
            check(|delivery| delivery.secret = "another".into(), "401 webhook_signature_invalid").await;
            check(|delivery| delivery.secret = String::new(), "401 webhook_signature_invalid").await;
            check(|delivery| delivery.at -= TimeDelta::minutes(6), "401 webhook_expired").await;
            check(|delivery| delivery.at += TimeDelta::minutes(6), "401 webhook_expired").await;
            check(|delivery| delivery.account = Some("<x>".into()), "403 webhook_wrong_account").await;
            check(|delivery| delivery.body = " ".repeat(64 * 1024 + 1), "413 body_too_large").await;
            let unsigned = bed.stranger().posts("/hooks/zendesk/archive", &json!({"ticket_id": 42})).await;
            assert_eq!(unsigned.verdict(), "401 webhook_unsigned");
            assert_eq!(
                bed.stranger().gets("/hooks/zendesk/archive").await.verdict(),
                "405 method_not_allowed"
            );
            assert_eq!(told(bed, 42).await, ["tag requested"], "the first, and nothing else");
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn a_signature_that_was_used_opens_nothing_under_another_name() {
    signed()
        .run_on_each(async |bed| {
            let delivery = Delivery::about(bed, 42);
            assert_eq!(delivery.sent(bed).await.verdict(), "202");
            let renamed = Delivery { invocation: Some("01ANOTHER".into()), ..delivery.clone() };
            assert_eq!(renamed.sent(bed).await.verdict(), "401 webhook_replayed");
            let nameless = Delivery { invocation: None, ..delivery.clone() };
            assert_eq!(nameless.sent(bed).await.verdict(), "401 webhook_replayed");
            bed.pass(301);
            assert_eq!(delivery.sent(bed).await.verdict(), "401 webhook_expired");
            assert_eq!(told(bed, 42).await, ["tag requested"]);
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn the_ticket_is_a_number_however_it_is_written_and_nothing_else() {
    signed()
        .run(async |bed| {
            let check = async |body: &str, expected: &str| {
                bed.pass(1); // or two equal bodies have one signature
                assert_eq!(Delivery::saying(bed, body).sent(bed).await.verdict(), expected, "{body}");
            };
            for body in [
                r#"{"account":"acme","ticket_id":"42"}"#,
                r#"{"account":"ACME","ticket_id":42}"#,
                r#"{"ticket_id":"42"}"#,
                r#"{"ticket_id":42,"account":null,"more":{}}"#,
            ] {
                check(body, "202").await;
            }
            for id in [
                "0",
                "-1",
                "4.2",
                "\"\"",
                "\"42a\"",
                "\" 42\"",
                "\"+42\"",
                "null",
                "[42]",
                "{}",
                "true",
                "9223372036854775808",
                "\"99999999999999999999\"",
                "\"{{ticket.id}}\"",
            ] {
                check(&format!("{{\"account\":\"acme\",\"ticket_id\":{id}}}"), "422 body_invalid").await;
            }
            for body in ["", "{", "42", "[]", "{}", "{\"ticket_id\":42}x", "ticket_id=42"] {
                check(body, "422 body_invalid").await;
            }
            check(r#"{"account":"globex","ticket_id":"42"}"#, "403 webhook_wrong_account").await;
            check(r#"{"account":7,"ticket_id":"42"}"#, "422 body_invalid").await;
            let joined = ["tag requested", "tag joined", "tag joined", "tag joined"];
            assert_eq!(told(bed, 42).await, joined);
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_is_gone_or_bare_is_said_in_its_run_and_in_the_ledger() {
    signed()
        .run_on_each(async |bed| {
            let check = async |ticket: u64, expected: (&str, &[&str])| {
                assert_eq!(Delivery::about(bed, ticket).sent(bed).await.verdict(), "202", "{ticket}");
                bed.run_jobs().await;
                assert_eq!(stands(bed, ticket).await, expected.0, "{ticket}");
                assert_eq!(told(bed, ticket).await, expected.1, "{ticket}");
            };
            let gone = ("failed ticket_not_found", ["tag requested", "deskside gave_up"].as_slice());
            check(999_999, gone).await;
            bed.zendesk(Method::DELETE, "/api/v2/tickets/3", &Value::Null).await;
            check(3, gone).await;
            let bare = (43..70).find(|ticket| files(bed, *ticket).is_empty()).expect("one without files");
            check(bare, ("done", &["tag requested", "deskside nothing_to_archive"])).await;
            assert_eq!(notes(bed, bare).len(), 0, "nothing to archive, nothing to say");
        })
        .await;
}

#[tokio::test]
async fn a_tag_joins_the_run_that_an_agent_started() {
    signed()
        .run_on_each(async |bed| {
            let agent = bed.agent(credentials::AGENT_ID).await;
            let before = files(bed, 42);
            let first = *before.keys().next().expect("a file");
            let run = agent.archives_only(42, &json!({"attachment_ids": [first]})).await;
            let answer = Delivery::about(bed, 42).sent(bed).await;
            assert_eq!((answer.status, answer.json()["run"]["id"].as_str()), (202, Some(&*run)));
            bed.run_jobs().await;
            put_away(bed, 42, &before, &[]).await;
            assert_eq!(notes(bed, 42).len(), 1);
        })
        .await;
}

#[tokio::test]
async fn the_archives_answer_on_the_ticket_keeps_the_trigger_quiet() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            for answer in
                ["archived", "archive_failed", "archive_held", "archive_infected", "archive_nothing"]
            {
                bed.zendesk(Method::POST, "/api/v2/tickets/43/tags", &json!({"tags": [TAG, answer]})).await;
                let comment = json!({"ticket": {"comment": {"body": "Thank you", "public": false}}});
                bed.zendesk(Method::PUT, "/api/v2/tickets/43", &comment).await;
            }
            assert_eq!(delivered(bed).await, [0; 0]);
            // The agent takes the answer off, to archive it again.
            untag(bed, 43, "archive_nothing").await;
            assert_eq!(delivered(bed).await, [202]);
            run_all(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_run_that_leaves_something_waits_to_be_asked_for_again() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let before = files(bed, 42);
            bed.zendesk(Method::PUT, "/api/v2/tickets/42/tags", &json!({"tags": [TAG, "legal_hold"]})).await;
            run_all(bed).await;
            let tags = || bed.vendors().ticket(42).expect("a ticket")["tags"].to_string();
            assert!(tags().contains("archive_held") && files(bed, 42).len() == before.len(), "{}", tags());
            assert_eq!(delivered(bed).await, [202]);
            bed.pass(60);
            let gone = json!({"tags": ["legal_hold", "archive_held"]});
            bed.zendesk(Method::DELETE, "/api/v2/tickets/42/tags", &gone).await;
            run_all(bed).await;
            assert_eq!(delivered(bed).await, [202, 202]);
            assert!(tags().contains("archived"), "{}", tags());
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn a_server_that_nobody_connected_says_which_command_does() {
    bed()
        .run(async |bed| {
            let answer = Delivery::about(bed, 42).sent(bed).await;
            assert_eq!(answer.verdict(), "404 webhook_not_connected");
            assert!(answer.text.contains("deskside connect zendesk-archive"), "{}", answer.text);
            bed.connects(&[]).await.expect("it is connected");
            bed.pass(31);
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            run_all(bed).await;
        })
        .await;
}

#[tokio::test]
async fn strangers_cannot_make_us_ask_zendesk_again_and_again() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            let asked = || bed.vendors().calls().len();
            bed.pass(31);
            let before = asked();
            for _ in 0..20 {
                let answer = Delivery::about(bed, 42).sent(bed).await;
                assert_eq!(answer.verdict(), "401 webhook_signature_invalid");
            }
            assert_eq!(asked() - before, 2, "the webhooks and the secret, once");
            run_all(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_secret_that_an_admin_rotates_is_followed() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            run_all(bed).await;
            let path = format!("/api/v2/webhooks/{}/signing_secret", webhook(bed));
            bed.zendesk(Method::POST, &path, &json!({})).await;
            bed.pass(31);
            tag(bed, 44, TAG).await;
            assert_eq!(delivered(bed).await[0], 202);
            assert_eq!(told(bed, 44).await, ["tag requested"]);
            run_all(bed).await;
        })
        .await;
}

#[tokio::test]
async fn a_secret_that_is_known_outlives_an_outage_of_zendesk() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            bed.vendors().fault(trouble_at("/api/v2/webhooks", 503));
            let answer = Delivery::about(bed, 42).sent(bed).await;
            assert_eq!(
                (answer.verdict().as_str(), answer.header("retry-after")),
                ("503 zendesk_unavailable", "30")
            );
            bed.vendors().clear_faults();
            bed.pass(31);
            tag(bed, 42, TAG).await;
            assert_eq!(delivered(bed).await, [202]);
            run_all(bed).await;
            bed.pass(2 * 60 * 60);
            bed.vendors().fault(trouble_at("/api/v2/webhooks", 503));
            tag(bed, 44, TAG).await;
            assert_eq!(delivered(bed).await[0], 202);
            assert_eq!(told(bed, 44).await, ["tag requested"]);
            bed.vendors().clear_faults();
            run_all(bed).await;
        })
        .await;
}

#[tokio::test]
async fn while_zendesk_is_out_the_wish_is_kept_and_done_later() {
    signed()
        .run(async |bed| {
            let before = files(bed, 42);
            bed.vendors().fault(trouble_with("zendesk", 503));
            assert_eq!(Delivery::about(bed, 42).sent(bed).await.verdict(), "202");
            bed.run_jobs().await;
            bed.vendors().clear_faults();
            bed.run_jobs_to_the_end().await;
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}
