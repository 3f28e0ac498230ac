//! Triggers that are nobody's any more, or another server's: those of kinds that were switched off act no more, and what calls another Deskside
//! server is left to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, first_run};
use crate::notices::contracts;
use crate::support::testbed::{Plan, Testbed, bed};

fn plan() -> Plan {
    bed().setting("pagerduty.routing_key", "key").setting("notices.fallback", "off")
}

async fn connected(bed: &Testbed) {
    let admin = bed.agent(ADMIN).await;
    first_run(bed, &admin, &contracts("")).await;
    bed.connects_notices(&[]).await.expect("they are made");
}

/// `title: active`, shortened.
fn acting(bed: &Testbed) -> Vec<(String, bool)> {
    let all = bed.vendors().triggers();
    let name = |one: &Value| {
        let title = one["title"].as_str().expect("a title").trim_start_matches("Deskside: ");
        title.split(' ').take(2).collect::<Vec<_>>().join(" ")
    };
    all.iter().map(|one| (name(one), one["active"] == true)).collect()
}

fn which(acting: &[(String, bool)]) -> Vec<&str> {
    acting.iter().filter(|(_, active)| *active).map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn a_kind_that_is_switched_off_asks_for_nothing_any_more() {
    plan()
        .run_on_each(async |bed| {
            connected(bed).await;
            let off = ["notices.page=off", "notices.new_customer=off"];
            let dry = bed.connects_notices(&[&off[..], &["--dry-run"]].concat()).await.expect("it is told");
            assert_eq!(dry.iter().filter(|line| line.starts_with("would update")).count(), 3, "{dry:#?}");
            assert_eq!(which(&acting(bed)).len(), 4);
            bed.connects_notices(&off).await.expect("they are switched off");
            assert_eq!(which(&acting(bed)), ["tell customer"]);
            let again = bed.connects_notices(&off).await.expect("Zendesk answers");
            assert_eq!(again.last().map(String::as_str), Some("nothing had to be changed"), "{again:#?}");
            bed.connects_notices(&[]).await.expect("they are switched on");
            assert_eq!(which(&acting(bed)).len(), 4);
            let again = bed.connects_notices(&[]).await.expect("Zendesk answers");
            assert_eq!(again.last().map(String::as_str), Some("nothing had to be changed"), "{again:#?}");
            // What a person changed stays, and is listed.
            let page =
                bed.vendors().triggers().into_iter().find(|one| one["title"].to_string().contains("page on"));
            let page = page.expect("the trigger");
            let mut conditions = page["conditions"].clone();
            conditions["all"][1]["value"] = json!("7000");
            let change = json!({"trigger": {"conditions": conditions, "actions": page["actions"]}});
            bed.zendesk(Method::PUT, &format!("/api/v2/triggers/{}", page["id"]), &change).await;
            let told = bed.connects_notices(&off).await.expect("Zendesk answers").join("\n");
            assert!(told.contains("changed   the trigger \"Deskside: page on"), "{told}");
            assert!(
                told.contains("state in Zendesk: active")
                    && told.contains("state by the settings: not active"),
                "{told}"
            );
            assert_eq!(which(&acting(bed)), ["tell customer", "page on"]);
            bed.connects_notices(&[&off[..], &["--overwrite"]].concat()).await.expect("it is overwritten");
            assert_eq!(which(&acting(bed)), ["tell customer"]);
        })
        .await;
}

#[tokio::test]
async fn a_kind_that_is_off_and_still_acts_is_a_problem_of_the_connection() {
    plan()
        .run(async |bed| {
            connected(bed).await;
            let replica = bed.replica_with(&[("notices.new_customer", "off")]).await;
            bed.pass(24 * 3_600);
            replica.schedules.tick().await.expect("the database answers");
            replica.worker.run_until_idle().await.expect("the queue answers");
            let all = bed.agent(ADMIN).await.gets("/api/connections").await.json();
            let of_zendesk = |one: &&Value| one["kind"] == "zendesk";
            let problem = all["connections"].as_array().expect("a list").iter().find(of_zendesk).expect("it")
                ["problem"]
                .clone();
            let said = problem["message"].as_str().unwrap_or_default();
            assert!(said.contains("`new_customer` notices are switched off"), "{problem}");
        })
        .await;
}

#[tokio::test]
async fn another_servers_triggers_are_left_to_it() {
    plan()
        .run_on_each(async |bed| {
            connected(bed).await;
            let (before, webhooks) = (bed.vendors().triggers(), bed.vendors().calls().len());
            let other = "server.public_url=http://other.example";
            for arguments in [vec![other], vec![other, "--dry-run"]] {
                let refused = bed.connects_notices(&arguments).await.expect_err("it is refused").to_string();
                let ours = "http://other.example/hooks/zendesk/notice";
                let there = format!("{}/hooks/zendesk/notice", bed.url());
                assert!(
                    refused.contains(ours) && refused.contains(&there) && refused.contains("--overwrite"),
                    "{refused}"
                );
            }
            assert_eq!(bed.vendors().triggers(), before);
            let made = bed.vendors().calls().into_iter().skip(webhooks).filter(|call| call.method == "POST");
            assert!(made.filter(|call| call.path.contains("webhooks")).count() == 0, "no webhook was made");
            bed.connects_notices(&[other, "--overwrite"]).await.expect("they are taken over");
            assert_ne!(bed.vendors().triggers(), before);
            let refused = bed.connects_notices(&[]).await.expect_err("now they are the other's").to_string();
            assert!(refused.contains("http://other.example"), "{refused}");
            // The first server tells it as a problem.
            bed.pass(24 * 3_600);
            bed.tick_schedules().await;
            bed.run_jobs().await;
            let all = bed.agent(ADMIN).await.gets("/api/connections").await.text;
            assert!(all.contains("calls another server"), "{all}");
        })
        .await;
}

#[tokio::test]
async fn another_servers_triggers_act_on_although_their_kinds_are_off_here() {
    plan()
        .run(async |bed| {
            connected(bed).await;
            let before = bed.vendors().triggers();
            let off = [
                "server.public_url=http://other.example",
                "notices.page=off",
                "notices.new_customer=off",
                "notices.renewal_near=off",
            ];
            bed.connects_notices(&off).await.expect("nothing is to be done");
            assert_eq!(bed.vendors().triggers(), before);
            bed.connects_notices(&[&off[..], &["--overwrite"]].concat()).await.expect("they are taken over");
            assert_eq!(which(&acting(bed)), [""; 0]);
        })
        .await;
}
