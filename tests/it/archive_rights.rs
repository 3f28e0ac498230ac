//! Who may have attachments archived: judged by what Zendesk says of them now, by the button and by the tag.

use deskside_sandbox::credentials::{self, ADMIN_ID, AGENT_ID, WORKER_EMAIL};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{files, items, notes, put_away};
use crate::support::hooks::{Delivery, SECRET, delivered, run_all};
use crate::support::testbed::{Plan, Testbed, bed};

const TICKET: u64 = 42;
const TAG: &str = "archive_attachments";

async fn agent_becomes(bed: &Testbed, change: Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{AGENT_ID}"), &json!({ "user": change })).await;
}

async fn tags_as(bed: &Testbed, email: &str, tag: &str) {
    let path = format!("/api/v2/tickets/{TICKET}/tags");
    bed.zendesk_as(email, Method::PUT, &path, &json!({"tags": [tag]})).await;
}

fn admins_only() -> Plan {
    bed().setting("archive.agents_may_start", "false")
}

#[tokio::test]
async fn an_agent_who_may_change_no_ticket_starts_no_run() {
    let role = |id: u64| json!({"custom_role_id": id});
    for (change, expected) in [
        (role(credentials::LIGHT_AGENT_ROLE), "403 archive_read_only_role"),
        (role(credentials::CONTRIBUTOR_ROLE), "403 archive_read_only_role"),
        (role(credentials::ADVISOR_ROLE), "403 archive_read_only_role"),
        (json!({"role": "end-user"}), "403 archive_asker_inactive"),
        (json!({"suspended": true}), "403 archive_asker_inactive"),
        (json!({"role": "admin"}), "202"),
        (json!({}), "202"),
    ] {
        bed()
            .run(async |bed| {
                let agent = bed.agent(AGENT_ID).await;
                agent_becomes(bed, change.clone()).await;
                let pressed = agent.posts(&format!("/api/tickets/{TICKET}/archive"), &json!({})).await;
                assert_eq!(pressed.verdict(), expected, "{change}");
                bed.run_jobs_to_the_end().await;
                assert_eq!(files(bed, TICKET).is_empty(), expected == "202");
            })
            .await;
    }
}

#[tokio::test]
async fn a_session_of_a_former_admin_starts_no_run_where_only_admins_may() {
    admins_only()
        .run(async |bed| {
            agent_becomes(bed, json!({"role": "admin"})).await;
            let agent = bed.agent(AGENT_ID).await;
            agent_becomes(bed, json!({"role": "agent"})).await;
            let pressed = agent.posts(&format!("/api/tickets/{TICKET}/archive"), &json!({})).await;
            assert_eq!(pressed.verdict(), "403 archive_admins_only");
        })
        .await;
}

/// Somebody sets the tag: how every file of the ticket ends.
async fn check_tag(plan: Plan, arrange: impl AsyncFn(&Testbed), expected: &str, told: &str) {
    plan.run_on_each(async |bed| {
        bed.connects(&[]).await.expect("it is connected");
        let before = files(bed, TICKET);
        arrange(bed).await;
        delivered(bed).await;
        run_all(bed).await;
        let view = bed.agent(ADMIN_ID).await.attachments(TICKET).await.json();
        assert!(items(&view).into_values().all(|state| state == expected), "{expected}: {view}");
        if expected == "redacted" {
            put_away(bed, TICKET, &before, &[]).await;
        } else {
            assert_eq!(files(bed, TICKET).len(), before.len());
            let tags = bed.vendors().ticket(TICKET).expect("a ticket")["tags"].to_string();
            assert!(tags.contains("archive_held"), "{tags}");
        }
        let notes = notes(bed, TICKET);
        assert!(notes.len() == 1 && notes[0].contains(told), "{told} is not in {notes:?}");
    })
    .await;
}

#[tokio::test]
async fn where_only_admins_may_an_agents_tag_moves_nothing() {
    let agent = async |bed: &Testbed| tags_as(bed, WORKER_EMAIL, TAG).await;
    check_tag(admins_only(), agent, "held archive_admins_only", "user 9002 set the tag").await;
    check_tag(bed(), agent, "redacted", "archived").await;
    let admin = async |bed: &Testbed| tags_as(bed, credentials::ADMIN_EMAIL, TAG).await;
    check_tag(admins_only(), admin, "redacted", "archived").await;
    // The admin's tag was taken off; the one that is there is the agent's.
    let both = async |bed: &Testbed| {
        bed.vendors().set_status(TICKET, "open");
        tags_as(bed, credentials::ADMIN_EMAIL, "put_away").await;
        tags_as(bed, WORKER_EMAIL, TAG).await;
        tags_as(bed, credentials::ADMIN_EMAIL, "vip").await;
    };
    check_tag(admins_only(), both, "held archive_admins_only", "user 9002 set the tag").await;
}

#[tokio::test]
async fn a_tag_of_a_trigger_is_its_admins() {
    let by_rule = async |bed: &Testbed| {
        let rule = json!({"trigger": {
            "title": "Put identity documents away", "position": 0,
            "conditions": {"all": [{"field": "current_tags", "operator": "includes", "value": "identity"}], "any": []},
            "actions": [{"field": "current_tags", "value": TAG}],
        }});
        bed.zendesk(Method::POST, "/api/v2/triggers", &rule).await;
        tags_as(bed, WORKER_EMAIL, "identity").await;
        tags_as(bed, WORKER_EMAIL, "vip").await; // another update, which our trigger sees
    };
    check_tag(admins_only(), by_rule, "redacted", "archived").await;
}

#[tokio::test]
async fn a_tag_that_nobody_is_known_to_have_set_counts_only_where_agents_may() {
    for (plan, expected) in [(bed(), "redacted"), (admins_only(), "held archive_tag_setter_unknown")] {
        plan.setting("zendesk.webhook_secret", SECRET)
            .run_on_each(async |bed| {
                assert_eq!(Delivery::about(bed, TICKET).sent(bed).await.verdict(), "202");
                bed.run_jobs_to_the_end().await;
                let view = bed.agent(ADMIN_ID).await.attachments(TICKET).await.json();
                assert!(items(&view).into_values().all(|state| state == expected), "{expected}: {view}");
            })
            .await;
    }
}

#[tokio::test]
async fn where_the_history_cannot_be_read_only_admins_tags_are_in_doubt() {
    // Zendesk opens a ticket's history to the whole scope `read` alone.
    let narrow = "tickets:read tickets:write users:read users:write webhooks:read triggers:read";
    for (plan, expected) in [(bed(), "redacted"), (admins_only(), "held archive_tag_setter_unknown")] {
        plan.setting("zendesk.webhook_secret", SECRET)
            .setting("zendesk.scope", narrow)
            .run(async |bed| {
                tags_as(bed, credentials::ADMIN_EMAIL, TAG).await;
                assert_eq!(Delivery::about(bed, TICKET).sent(bed).await.verdict(), "202");
                bed.run_jobs_to_the_end().await;
                let left = files(bed, TICKET).len();
                assert_eq!(left == 0, expected == "redacted", "{left} are left");
            })
            .await;
    }
}

#[tokio::test]
async fn whoever_set_the_tag_must_still_be_an_agent_when_files_go() {
    bed()
        .setting("archive.undo_tag_s", "600")
        .run_on_each(async |bed| {
            bed.connects(&[]).await.expect("it is connected");
            let before = files(bed, TICKET).len();
            tags_as(bed, WORKER_EMAIL, TAG).await;
            delivered(bed).await;
            bed.run_jobs().await;
            agent_becomes(bed, json!({"role": "end-user"})).await;
            bed.pass(600);
            run_all(bed).await;
            let view = bed.agent(ADMIN_ID).await.attachments(TICKET).await.json();
            let held = items(&view).into_values().filter(|state| state == "held archive_asker_inactive");
            assert_eq!((held.count(), files(bed, TICKET).len()), (before, before), "{view}");
        })
        .await;
}

#[tokio::test]
async fn each_file_goes_by_the_right_of_one_who_asked_for_it() {
    bed()
        .setting("archive.undo_button_s", "600")
        .run_on_each(async |bed| {
            let (agent, admin) = (bed.agent(AGENT_ID).await, bed.agent(ADMIN_ID).await);
            let ids: Vec<u64> = files(bed, TICKET).into_keys().collect();
            agent.archives_only(TICKET, &json!({"attachment_ids": [ids[0], ids[1]]})).await;
            admin.archives_only(TICKET, &json!({"attachment_ids": [ids[1], ids[2]]})).await;
            bed.run_jobs().await;
            agent_becomes(bed, json!({"role": "end-user"})).await;
            bed.pass(600);
            bed.run_jobs_to_the_end().await;
            let found = items(&admin.attachments(TICKET).await.json());
            let expected = ["held archive_asker_inactive", "redacted", "redacted", "in_zendesk"];
            let found: Vec<&str> = ids.iter().map(|id| found[id].as_str()).collect();
            assert_eq!(found, expected);
        })
        .await;
}
