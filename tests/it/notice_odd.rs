//! Odd tickets, days, accounts and triggers: each has its sentence, and nothing is told twice, to the wrong people, or for ever.

use deskside_sandbox::{Arrival, Fault, FaultRule, Matching, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, first_run};
use crate::notices::{connected, contracts, listed, paging, writes};
use crate::support::hooks::{delivered, run_all};
use crate::support::testbed::{Plan, Testbed, bed};

fn hanako(bed: &Testbed, body: &str) -> Arrival {
    let email = bed.vendors().user(HANAKO).expect("she")["email"].as_str().expect("an address").to_owned();
    Arrival::email("佐藤 花子", &email, "It does not start", body)
}

/// check(how a ticket comes and what becomes of it, what is listed)
#[tokio::test]
async fn however_a_ticket_comes_it_is_told_of_once_or_it_is_said_why_not() {
    async fn check(comes: impl AsyncFn(&Testbed), expected: &[&str]) {
        paging()
            .setting("notices.page", "off")
            .setting("notices.renewal_near", "off")
            .run(async |bed| {
                connected(bed, &contracts("")).await;
                comes(bed).await;
                run_all(bed).await;
                assert_eq!(listed(bed).await, expected);
                assert_eq!(bed.vendors().mails_to_customers(), Vec::<Value>::new());
            })
            .await;
    }
    const TOLD: &str = "new_customer told zendesk Kim -";
    let merged = async |bed: &Testbed| {
        let (source, target) = (writes(bed, None, "Hello"), writes(bed, None, "Hello again"));
        delivered(bed).await;
        let path = format!("/api/v2/tickets/{target}/merge");
        bed.zendesk(Method::POST, &path, &json!({"ids": [source]})).await;
    };
    check(merged, &["new_customer not_told - - ticket_merged", TOLD]).await;
    let spam = async |bed: &Testbed| {
        let ticket = writes(bed, None, "Buy this");
        delivered(bed).await;
        bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}/mark_as_spam"), &json!({})).await;
    };
    check(spam, &["new_customer not_told - - ticket_gone"]).await;
    let on_behalf = async |bed: &Testbed| {
        let ticket =
            bed.vendors().open_for(credentials::AGENT_ID, &hanako(bed, "She called")).expect("a ticket");
        run_all(bed).await;
        let notes = bed.vendors().comments(ticket);
        let says =
            |note: &Value| note["html_body"].to_string().contains("An agent made the ticket on the customer");
        assert!(notes.iter().any(says), "{notes:?}");
    };
    check(on_behalf, &[TOLD]).await;
    let by_api = async |bed: &Testbed| {
        let ticket =
            json!({"subject": "From the shop", "comment": {"body": "It broke"}, "requester_id": HANAKO});
        bed.zendesk(Method::POST, "/api/v2/tickets", &json!({"ticket": ticket})).await;
    };
    check(by_api, &[TOLD]).await;
    let visitor = async |bed: &Testbed| {
        bed.vendors().write_in(&Arrival::chat("Visitor", "Hi")).expect("a ticket");
    };
    check(visitor, &[]).await;
    let of_an_agent = async |bed: &Testbed| {
        let ticket = json!({"subject": "For myself", "comment": {"body": "Hi"}, "requester_id": credentials::AGENT_ID});
        bed.zendesk(Method::POST, "/api/v2/tickets", &json!({"ticket": ticket})).await;
    };
    check(of_an_agent, &[]).await;
    let long = async |bed: &Testbed| {
        let text = "長い文章です。\n".repeat(3_000);
        let ticket = bed.vendors().write_in(&hanako(bed, &text)).expect("a ticket");
        run_all(bed).await;
        let notes = bed.vendors().comments(ticket);
        assert!(notes[1]["html_body"].as_str().is_some_and(|html| html.len() < 4_000), "{notes:?}");
    };
    check(long, &[TOLD]).await;
}

/// check(where days begin, when renewals are told, the last day, whether it is told); it is 15:30 in UTC, half past midnight in Tokyo.
#[tokio::test]
async fn a_day_is_the_accounts_day() {
    async fn check(zone: &str, at: &str, last_day: &str, is_told: bool) {
        let mut definition = contracts("");
        let sql = definition["model"]["sql"].as_str().expect("text").replace("2026-12-10", last_day);
        definition["model"]["sql"] = json!(sql);
        bed()
            .setting("notices.renewals_at", at)
            .setting("notices.renewal_near", "notify")
            .setting("contracts.time_zone", zone)
            .setting("notify.format", "slack")
            .tells(credentials::SLACK_HOOK)
            .run(async |bed| {
                let admin = bed.agent(ADMIN).await;
                first_run(bed, &admin, &definition).await;
                bed.pass(3 * 3_600 + 31 * 60);
                bed.tick_schedules().await;
                bed.run_jobs().await;
                let expected: &[&str] = if is_told { &["renewal told notify Ren -"] } else { &[] };
                assert_eq!(listed(bed).await, expected, "{zone} {last_day}");
            })
            .await;
    }
    check("Asia/Tokyo", "00:30", "2026-11-23", true).await; // today there, tomorrow in UTC
    check("Asia/Tokyo", "00:30", "2026-11-22", false).await; // over there, today in UTC
    check("UTC", "15:30", "2026-11-22", true).await;
    check("UTC", "15:30", "2026-11-21", false).await;
}

#[tokio::test]
async fn a_renewal_is_not_used_up_while_its_notices_are_off() {
    bed()
        .setting("notices.renewals_at", "13:00")
        .setting("notices.renewal_near", "off")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &contracts("")).await;
            bed.pass(24 * 3_600);
            bed.tick_schedules().await;
            bed.run_jobs().await;
            assert_eq!(listed(bed).await, Vec::<String>::new());
        })
        .await;
}

/// check(the account, what is special about it, what the admin is told)
#[tokio::test]
async fn an_account_in_which_no_trigger_can_be_made_stays_as_it_is() {
    async fn check(plan: Plan, prepare: impl Fn(&Testbed), expected: &str) {
        plan.run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &contracts("")).await;
            prepare(bed);
            let before = bed.vendors().triggers().len();
            let refused = bed.connects_notices(&[]).await.expect_err("it is refused").to_string();
            assert!(refused.contains(expected), "{refused}");
            assert_eq!(bed.vendors().triggers().len(), before);
            let made = bed
                .vendors()
                .calls()
                .into_iter()
                .filter(|call| call.path.ends_with("/webhooks") && call.method == "POST");
            assert_eq!(made.count(), 0, "no webhook is left behind");
        })
        .await;
    }
    let full = |bed: &Testbed| bed.vendors().make_triggers(6_997);
    check(bed(), full, "Zendesk has 6997 active triggers and allows 7000").await;
    let no_plan = "this Zendesk account's plan has no webhooks or no triggers";
    check(bed().without_business_rules(), |_| {}, no_plan).await;
    for path in ["/triggers/definitions", "/webhooks", "/triggers"] {
        let forbidden = |bed: &Testbed| {
            let on = Matching { path_suffix: Some(path.to_owned()), ..Matching::default() };
            let fault = Fault::Status { status: 403, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 9_999, skip: 0, fault });
        };
        check(bed(), forbidden, "Deskside's OAuth client must belong to an admin").await;
    }
}

#[tokio::test]
async fn ours_are_found_among_seven_thousand() {
    bed()
        .setting("pagerduty.routing_key", "key")
        .setting("notices.fallback", "off")
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &contracts("")).await;
            bed.vendors().make_triggers(6_996);
            bed.connects_notices(&[]).await.expect("there is room for four");
            let again = bed.connects_notices(&[]).await.expect("Zendesk answers");
            assert_eq!(again.last().map(String::as_str), Some("nothing had to be changed"), "{again:#?}");
            assert_eq!(bed.vendors().triggers().len(), 7_000);
        })
        .await;
}

#[tokio::test]
async fn an_option_that_was_made_again_is_told_where_a_person_chose_it() {
    bed()
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let fields = "/api/v2/user_fields";
            let field = json!({"user_field": {"key": "tier", "title": "Tier", "type": "dropdown",
                "custom_field_options": [{"name": "Gold", "value": "tier_gold"}]}});
            bed.zendesk(Method::POST, fields, &field).await;
            let option = || {
                let token = (format!("{}/token", credentials::ADMIN_EMAIL), credentials::API_TOKEN);
                let url = format!("{}{fields}", bed.sandbox.zendesk_url);
                async move {
                    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
                    let answer = client.get(url).basic_auth(token.0, Some(token.1)).send().await.expect("an answer");
                    let all: Value = answer.json().await.expect("JSON");
                    let all = all["user_fields"].as_array().expect("a list").clone();
                    all.into_iter().find(|one| one["key"] == "tier").expect("it")["custom_field_options"][0]["id"].clone()
                }
            };
            let (id, sales) = (option().await, bed.vendors().triggers()[0].clone());
            let mut conditions = sales["conditions"].clone();
            let gold = json!({"field": "requester.custom_fields.tier", "operator": "is", "value": id.to_string()});
            conditions["all"].as_array_mut().expect("a list").push(gold);
            let change = json!({"trigger": {"conditions": conditions, "actions": sales["actions"]}});
            bed.zendesk(Method::PUT, &format!("/api/v2/triggers/{}", sales["id"]), &change).await;
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/tier.json", &json!({})).await;
            bed.zendesk(Method::POST, fields, &field).await;
            assert_ne!(option().await, id);
            bed.pass(24 * 3_600);
            bed.tick_schedules().await;
            bed.run_jobs().await;
            let all = bed.agent(ADMIN).await.gets("/api/connections").await.text;
            assert!(all.contains("with an option that does not exist any more"), "{all}");
            let now = bed.vendors().triggers()[0]["conditions"].clone();
            assert_eq!(now, conditions, "what a person wrote stays");
        })
        .await;
}
