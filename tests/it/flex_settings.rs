//! What an admin decides about calls and chats.

use deskside::store::query;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;

/// An admin changes these settings.
pub async fn set(bed: &Testbed, changes: Value) -> Answer {
    let admin = bed.agent(ADMIN).await;
    let mut document = admin.gets("/api/settings/flex").await.json();
    for (name, value) in changes.as_object().expect("settings") {
        document["settings"][name] = value.clone();
    }
    puts(&admin, &document).await
}

async fn puts(admin: &Visitor, document: &Value) -> Answer {
    Answer::to(admin.request(Method::PUT, "/api/settings/flex").json(document)).await
}

#[tokio::test]
async fn settings_are_an_admins_and_two_admins_do_not_overwrite_each_other() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            assert_eq!(agent.gets("/api/settings/flex").await.verdict(), "403 admin_only");
            let admin = bed.agent(ADMIN).await;
            let first = admin.gets("/api/settings/flex").await.json();
            assert_eq!((&first["version"], &first["settings"]["without_number"]), (&json!(0), &json!("ask")));
            assert_eq!(puts(&agent, &first).await.verdict(), "403 admin_only");
            let mut mine = first.clone();
            mine["settings"]["assign"] = json!(true);
            assert_eq!(puts(&admin, &mine).await.json()["version"], 1);
            assert_eq!(puts(&admin, &first).await.verdict(), "409 settings_changed");
            assert_eq!(admin.gets("/api/settings/flex").await.json()["settings"]["assign"], true);
            mine["version"] = json!(1);
            mine["settings"]["subject"] = json!("{{ name");
            let refused = puts(&admin, &mine).await;
            assert_eq!(refused.verdict(), "422 setting_invalid");
            assert!(refused.text.contains("`subject`"), "{}", refused.text);
            assert_eq!(refused.json()["error"]["field"], "subject");
            mine["settings"]["subject"] = json!("Call");
            assert_eq!(puts(&admin, &mine).await.json()["version"], 2);
        })
        .await;
}

#[tokio::test]
async fn an_unknown_setting_is_refused_by_its_name() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let put = async |body: Value| puts(&admin, &body).await;
            let refused = put(json!({"version": 0, "settings": {"asign": true}})).await;
            assert_eq!(refused.verdict(), "422 setting_unknown");
            assert!(refused.text.contains("`asign`"), "{}", refused.text);
            assert_eq!(refused.json()["error"]["field"], "asign");
            let refused = put(json!({"version": 0, "settings": {"assign": "yes"}})).await;
            assert_eq!(refused.verdict(), "422 setting_invalid");
            assert!(refused.text.contains("`assign`"), "{}", refused.text);
            assert_eq!(
                put(json!({"version": 0, "settings": {}, "x": 1})).await.verdict(),
                "422 body_invalid"
            );
            let set = put(json!({"version": 0, "settings": {"choose_first": false}})).await.json();
            assert_eq!((&set["version"], &set["settings"]["choose_first"]), (&json!(1), &json!(false)));
            // It has never heard of `choose_first`.
            let set = put(json!({"version": 1, "settings": {"assign": true}})).await.json();
            assert_eq!(
                (&set["settings"]["assign"], &set["settings"]["choose_first"]),
                (&json!(true), &json!(false))
            );
        })
        .await;
}

/// Another version of Deskside has kept this.
async fn keep(bed: &Testbed, body: &Value) {
    let kept = query(
        "INSERT INTO settings (account, section, body, version, agent_id, at_us)
         VALUES ($1, 'flex', $2, 1, 1, 0)
         ON CONFLICT (account, section) DO UPDATE SET body = excluded.body",
    );
    let kept = kept.bind(credentials::SUBDOMAIN).bind(body.to_string());
    kept.execute(&bed.db).await.expect("it is written");
}

#[tokio::test]
async fn what_another_version_kept_is_read_by_name_and_not_lost() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let kept = json!({
                "enabled": false, "without_number": "first_of_all", "subject": "From {{ caller }}", "tint": "blue",
            });
            keep(bed, &kept).await;
            let read = admin.gets("/api/settings/flex").await.json();
            let settings = &read["settings"];
            let expected = (&json!(false), &json!("From {{ caller }}"), &json!("ask"));
            assert_eq!((&settings["enabled"], &settings["subject"], &settings["without_number"]), expected);
            let change = json!({"version": 1, "settings": {"enabled": true}});
            assert_eq!(puts(&admin, &change).await.verdict(), "200");
            let row = query("SELECT body FROM settings").one(&bed.db).await.expect("a row");
            let now: Value = serde_json::from_str(&row.get::<String>("body").expect("text")).expect("JSON");
            let expected = (&json!(true), &json!("first_of_all"), &json!("blue"));
            assert_eq!((&now["enabled"], &now["without_number"], &now["tint"]), expected);
            keep(bed, &json!("not an object")).await;
            assert_eq!(admin.gets("/api/settings/flex").await.verdict(), "503 store_corrupt");
        })
        .await;
}

#[tokio::test]
async fn a_template_without_bounds_is_refused_and_loses_no_ticket() {
    bed()
        .run_on_each(async |bed| {
            for template in [
                "{% set a = 'aaaaaaaaaa' %}{% for x in [1, 2] %}{% set a = a ~ a %}{% endfor %}{{ a }}",
                "{{ 'a' * 1000000000 }}",
                "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
            ] {
                let refused = set(bed, json!({"subject": template})).await;
                assert_eq!(refused.verdict(), "422 setting_invalid", "{template}");
                assert!(refused.text.contains("`subject`"), "{}", refused.text);
                // A version before took it.
                let body =
                    json!({"subject": template, "without_number": "always_new", "description": template});
                keep(bed, &body).await;
                let agent = bed.agent(AGENT).await;
                let caller = json!({"from": "+819011112222", "direction": "inbound", "channelType": "voice"});
                let task = bed.vendors().place_task(&caller, "voice");
                let pop = agent.pops(&task, "accept", &caller).await;
                assert_eq!(pop.verdict(), "200", "{template}");
                assert!(pop.json()["ticket"]["id"].is_u64(), "{template}: {}", pop.text);
            }
            assert_eq!(
                set(bed, json!({"automatic_tag": "Flex_Call", "subject": "Call", "description": "Call"}))
                    .await
                    .json()["settings"]["automatic_tag"],
                "flex_call"
            );
            assert_eq!(
                set(bed, json!({"automatic_tag": "two words"})).await.verdict(),
                "422 setting_invalid"
            );
            bed.run_jobs_to_the_end().await;
        })
        .await;
}
