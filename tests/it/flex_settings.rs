//! What an admin decides about calls and chats.

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
            mine["settings"]["subject"] = json!("Call");
            assert_eq!(puts(&admin, &mine).await.json()["version"], 2);
        })
        .await;
}

#[tokio::test]
async fn a_change_that_names_no_setting_is_refused_by_its_name_and_an_older_console_changes_what_it_knows() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let put = async |body: Value| puts(&admin, &body).await;
            let refused = put(json!({"version": 0, "settings": {"asign": true}})).await;
            assert_eq!(refused.verdict(), "422 setting_unknown");
            assert!(refused.text.contains("`asign`"), "{}", refused.text);
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
