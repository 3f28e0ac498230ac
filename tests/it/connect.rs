//! `deskside connect zendesk-archive`: what the operator reads, and what an admin then finds in Zendesk.

use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::hooks::{delivered, run_all, tag};
use crate::support::testbed::{Testbed, bed};
use crate::{trouble_at, trouble_with};

/// What an admin sees in Zendesk: the webhook, and the trigger.
async fn in_zendesk(bed: &Testbed, path: &str) -> Vec<Value> {
    let user = format!("{}/token", credentials::ADMIN_EMAIL);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.get(format!("{}/api/v2/{path}", bed.sandbox.zendesk_url));
    let answer = request.basic_auth(user, Some(credentials::API_TOKEN)).send().await.expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    body[path].as_array().expect("a list").clone()
}

/// The first words of each line: what was done.
fn verbs(lines: &[String]) -> Vec<&str> {
    let known = ["would create", "would update", "found", "created", "updated", "warn"];
    lines.iter().filter_map(|line| known.into_iter().find(|verb| line.starts_with(verb))).collect()
}

fn last(lines: &[String]) -> &str {
    lines.last().expect("a last line")
}

#[tokio::test]
async fn the_first_run_makes_both_and_the_second_changes_nothing_and_says_so() {
    bed()
        .run(async |bed| {
            let first = bed.connects(&[]).await.expect("it is connected");
            let endpoint = format!("{}/hooks/zendesk/archive", bed.url());
            assert_eq!(
                first,
                [
                    &*format!("created   the webhook \"Deskside: archive\", which calls {endpoint}"),
                    "created   the trigger \"Deskside: archive the attachments of tagged tickets\"",
                    "          runs when its tags contain one of: archive_attachments",
                    "                and its tags contain none of: archive_failed, archive_held, archive_infected, archive_nothing, archived",
                    "                and it is created, or it is updated",
                    "connected: tag a ticket with `archive_attachments`, and its attachments are archived",
                ]
            );
            let (webhooks, triggers) = (in_zendesk(bed, "webhooks").await, in_zendesk(bed, "triggers").await);
            let second = bed.connects(&[]).await.expect("it is connected");
            assert_eq!(
                (verbs(&second), last(&second)),
                (vec!["found", "found"], "nothing had to be changed")
            );
            assert_eq!(in_zendesk(bed, "webhooks").await, webhooks);
            assert_eq!(in_zendesk(bed, "triggers").await, triggers);
            assert_eq!((webhooks.len(), triggers.len()), (1, 1));
        })
        .await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_says_what_it_would() {
    bed()
        .run(async |bed| {
            let told = bed.connects(&["--dry-run"]).await.expect("Zendesk answers");
            assert_eq!(verbs(&told), ["would create", "would create"]);
            assert_eq!(last(&told), "a dry run: nothing was changed");
            assert!(
                in_zendesk(bed, "webhooks").await.is_empty() && in_zendesk(bed, "triggers").await.is_empty()
            );
            bed.connects(&[]).await.expect("it is connected");
            let told =
                bed.connects(&["--dry-run", "archive.trigger_tag=put_away"]).await.expect("Zendesk answers");
            assert_eq!(verbs(&told), ["found", "would update"]);
            assert_eq!(verbs(&bed.connects(&[]).await.expect("it is connected")), ["found", "found"]);
        })
        .await;
}

#[tokio::test]
async fn what_an_admin_broke_is_mended_and_what_he_added_stays() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let webhook = in_zendesk(bed, "webhooks").await[0].clone();
            let trigger = in_zendesk(bed, "triggers").await[0].clone();
            let webhook_path = format!("/api/v2/webhooks/{}", webhook["id"].as_str().expect("an id"));
            let trigger_path = format!("/api/v2/triggers/{}", trigger["id"]);
            let check = async |change: Value, expected: [&str; 2]| {
                let path = if change.get("webhook").is_some() { &webhook_path } else { &trigger_path };
                let method = if change.get("webhook").is_some() { Method::PATCH } else { Method::PUT };
                bed.zendesk(method, path, &change).await;
                assert_eq!(verbs(&bed.connects(&[]).await.expect("it is connected")), expected, "{change}");
                let again = bed.connects(&[]).await.expect("it is connected");
                assert_eq!(last(&again), "nothing had to be changed", "{change}");
            };
            check(json!({"webhook": {"status": "inactive"}}), ["updated", "found"]).await;
            check(json!({"webhook": {"name": "Archiv"}}), ["found", "found"]).await;
            check(json!({"trigger": {"active": false}}), ["found", "updated"]).await;
            check(json!({"trigger": {"title": "Archiv"}}), ["found", "found"]).await;
            // Whoever changes conditions sends the actions, too: Zendesk clears both.
            let actions = &trigger["actions"];
            let changed = json!({"trigger": {"conditions": {"all": []}, "actions": actions}});
            check(changed, ["found", "updated"]).await;
            let mut all = trigger["conditions"]["all"].clone();
            let urgent = json!({"field": "priority", "operator": "is_not", "value": "urgent"});
            all.as_array_mut().expect("conditions").push(urgent.clone());
            let changed =
                json!({"trigger": {"active": false, "conditions": {"all": all}, "actions": actions}});
            check(changed, ["found", "updated"]).await;
            let mended = in_zendesk(bed, "triggers").await;
            assert_eq!((mended.len(), &mended[0]["title"]), (1, &json!("Archiv")));
            assert!(mended[0]["conditions"]["all"].as_array().expect("conditions").contains(&urgent));
        })
        .await;
}

#[tokio::test]
async fn the_tag_can_be_another_and_the_trigger_follows() {
    bed()
        .run(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let told = bed.connects(&["archive.trigger_tag=put_away", "--tag", "put_away"]).await;
            let told = told.expect("it is connected");
            assert_eq!(verbs(&told), ["found", "updated"]);
            tag(bed, 44, "archive_attachments").await;
            tag(bed, 43, "put_away").await;
            assert_eq!(delivered(bed).await, [202], "the old tag is a tag like any other");
            run_all(bed).await;
            for other in ["put_away", "two words", "", "archived"] {
                let refused = bed.connects(&["--tag", other]).await.expect_err("it is another tag");
                let expected = format!(
                    "`--tag {other}` is not the tag of `archive.trigger_tag`, which is `archive_attachments`"
                );
                assert!(refused.to_string().starts_with(&expected), "{refused}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_server_that_has_moved_is_named_and_a_wrong_secret_too() {
    bed()
        .setting("zendesk.webhook_secret", "not the webhook's")
        .run(async |bed| {
            let webhook = json!({"webhook": {"name": "Old", "endpoint": "https://old.example.com/hooks/zendesk/archive",
                "http_method": "POST", "request_format": "json", "status": "active",
                "subscriptions": ["conditional_ticket_events"]}});
            bed.zendesk(Method::POST, "/api/v2/webhooks", &webhook).await;
            let told = bed.connects(&[]).await.expect("it is connected");
            assert_eq!(verbs(&told), ["warn", "created", "created", "warn"]);
            assert!(told[0].contains("https://old.example.com"), "{told:?}");
            assert!(told.iter().any(|line| line.contains("`zendesk.webhook_secret`")), "{told:?}");
            assert!(!told.concat().contains("not the webhook's"), "no secret is shown");
        })
        .await;
}

#[tokio::test]
async fn who_may_not_connect_reads_which_permission_is_missing() {
    bed()
        .setting("zendesk.scope", "tickets:read tickets:write users:read")
        .run(async |bed| {
            let refused = bed.connects(&[]).await.expect_err("a scope is missing");
            assert!(refused.to_string().contains("`zendesk.scope`"), "{refused}");
            assert!(refused.to_string().contains("admin"), "{refused}");
        })
        .await;
    bed()
        .run(async |bed| {
            // The webhook is made, the trigger is not: the next run goes on where this one stopped.
            bed.vendors().fault(trouble_at("/api/v2/triggers", 403));
            let refused = bed.connects(&[]).await.expect_err("a permission is missing");
            assert!(refused.to_string().contains("admin"), "{refused}");
            bed.vendors().clear_faults();
            assert_eq!(verbs(&bed.connects(&[]).await.expect("it is connected")), ["found", "created"]);
            bed.vendors().fault(trouble_with("zendesk", 500));
            let refused = bed.connects(&[]).await.expect_err("an outage");
            assert!(refused.to_string().contains("`deskside check`"), "{refused}");
            bed.vendors().clear_faults();
        })
        .await;
}
