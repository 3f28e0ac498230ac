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
