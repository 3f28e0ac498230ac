//! Who opens archived files: those whom `archive.may_open` names, asked when the link is given and when it is used; and only what is
//! still what was archived.

use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use reqwest::header::RANGE;
use serde_json::{Value, json};

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::files;
use crate::support::testbed::{Plan, Testbed, bed};
use crate::trouble_with;

const TICKET: u64 = 42;
const OPENS: &str = "200";
const REFUSED: &str = "403 archive_open_forbidden";

async fn archived(bed: &Testbed) -> u64 {
    let id = *files(bed, TICKET).keys().next().expect("a file");
    bed.agent(credentials::ADMIN_ID).await.archives(TICKET).await;
    bed.run_jobs_to_the_end().await;
    id
}

async fn link(agent: &Visitor, id: u64) -> Answer {
    agent.posts(&format!("/api/archive/items/{id}/link"), &json!({})).await
}

fn at(id: u64) -> String {
    format!("/api/archive/items/{id}/file")
}

fn url(link: &Answer) -> String {
    link.json()["url"].as_str().expect("an address").to_owned()
}

/// What the ledger says of openings: who, what, and the rest.
async fn told(bed: &Testbed) -> Vec<(String, String, Value)> {
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, TICKET).await.expect("the ledger is read");
    let rows = rows.into_iter().map(|row| row.entry).filter(|entry| entry.action.starts_with("open"));
    rows.map(|entry| (entry.actor, entry.action, entry.detail)).collect()
}

async fn check(rule: &'static str, agent_id: u64, expected: &str) {
    bed()
        .setting("archive.may_open", rule)
        .run(async |bed| {
            let id = archived(bed).await;
            let agent = bed.agent(agent_id).await;
            assert_eq!(link(&agent, id).await.verdict(), expected, "{rule}: a link for {agent_id}");
            assert_eq!(agent.gets(&at(id)).await.status, if expected == OPENS { 200 } else { 403 }, "{rule}");
            let offered = agent.attachments(TICKET).await.json()["may_open"].clone();
            assert_eq!(offered, expected == OPENS, "{rule}: what the panel offers {agent_id}");
            let actions: Vec<String> = told(bed).await.into_iter().map(|(_, action, _)| action).collect();
            let expected: &[&str] = if expected == OPENS { &["opened"] } else { &["open_refused"; 2] };
            assert_eq!(actions, expected, "{rule}");
            assert!(told(bed).await.iter().all(|(_, _, detail)| detail["may_open"] == rule));
        })
        .await;
}

#[tokio::test]
async fn archived_files_are_opened_by_those_whom_the_setting_names() {
    let (agent, admin) = (credentials::AGENT_ID, credentials::ADMIN_ID);
    check("agents", agent, OPENS).await;
    check("admins", agent, REFUSED).await;
    check("admins", admin, OPENS).await;
    check("roles:agent", agent, OPENS).await;
    check("roles:Privacy team,ADMIN", agent, REFUSED).await;
    check("roles:Privacy team,ADMIN", admin, OPENS).await;
    check("groups:SUPPORT", agent, OPENS).await;
    check("groups:Privacy", agent, REFUSED).await;
    check("groups:1,2", agent, REFUSED).await;
}

#[tokio::test]
async fn a_custom_role_is_known_by_its_name() {
    for (rule, expected) in [("roles:advisor", OPENS), ("roles:Contributor", REFUSED)] {
        bed()
            .setting("archive.may_open", rule)
            .run(async |bed| {
                let id = archived(bed).await;
                let role = json!({"user": {"custom_role_id": credentials::ADVISOR_ROLE}});
                bed.zendesk(Method::PUT, &format!("/api/v2/users/{}", credentials::AGENT_ID), &role).await;
                let agent = bed.agent(credentials::AGENT_ID).await;
                assert_eq!(link(&agent, id).await.verdict(), expected, "{rule}");
            })
            .await;
    }
}

#[tokio::test]
async fn who_lost_the_right_since_the_link_was_given_does_not_open_it() {
    let demoted = async |rule: &'static str, role: &str, expected: &str| {
        bed()
            .setting("archive.may_open", rule)
            .run_on_each(async |bed| {
                let id = archived(bed).await;
                let who = credentials::ADMIN_ID;
                let given = url(&link(&bed.agent(who).await, id).await);
                let wish = json!({"user": {"role": role}});
                bed.zendesk(Method::PUT, &format!("/api/v2/users/{who}"), &wish).await;
                assert_eq!(bed.stranger().gets(&given).await.verdict(), expected, "{rule} {role}");
                let (actor, action, _) = told(bed).await.pop().expect("a row");
                assert_eq!((actor, action), (format!("agent:{who}"), "open_refused".to_owned()));
            })
            .await;
    };
    demoted("admins", "agent", REFUSED).await;
    demoted("agents", "end-user", REFUSED).await;
}

#[tokio::test]
async fn while_zendesk_does_not_answer_only_the_default_setting_opens() {
    let check = async |plan: Plan, expected: &str| {
        plan.run(async |bed| {
            let id = archived(bed).await;
            let given = url(&link(&bed.agent(credentials::ADMIN_ID).await, id).await);
            bed.vendors().fault(trouble_with("zendesk", 503));
            let opened = bed.stranger().request(Method::GET, &given).send().await.expect("it answers");
            let status = opened.status().as_u16();
            if expected == OPENS {
                assert_eq!(status, 200);
            } else {
                assert_eq!(bed.stranger().gets(&given).await.verdict(), expected);
            }
            bed.vendors().clear_faults();
        })
        .await;
    };
    check(bed(), OPENS).await;
    check(bed().setting("archive.may_open", "admins"), "502 zendesk_unavailable").await;
}

#[tokio::test]
async fn a_copy_that_was_changed_in_the_store_is_not_served() {
    type Damage = fn(Vec<u8>) -> Vec<u8>;
    let same_size: Damage = |mut bytes| {
        let last = bytes.last_mut().expect("a byte");
        *last ^= 1;
        bytes
    };
    for damage in [same_size, |_| b"7 bytes".to_vec(), |_| Vec::new()] {
        bed()
            .run_on_each(async |bed| {
                let id = archived(bed).await;
                let agent = bed.agent(credentials::AGENT_ID).await;
                let of_file = format!("/{id}-");
                let (name, bytes) =
                    bed.archived().into_iter().find(|(name, _)| name.contains(&of_file)).expect("a copy");
                let path = bed.archive_folder().join(name);
                std::fs::write(&path, damage(bytes)).expect("somebody writes to the store");
                assert_eq!(agent.gets(&at(id)).await.verdict(), "502 archive_mismatch");
                let whole = agent.request(Method::GET, &at(id)).header(RANGE, "bytes=0-");
                assert!(
                    Answer::to(whole).await.verdict().contains("archive_mismatch"),
                    "a range that is all of it"
                );
                let actions: Vec<_> = told(bed).await.into_iter().map(|(_, action, _)| action).collect();
                assert_eq!(actions, ["open_mismatch"; 2]);
            })
            .await;
    }
}

#[tokio::test]
async fn the_ledger_says_whether_what_was_served_was_checked() {
    bed()
        .run_on_each(async |bed| {
            let id = archived(bed).await;
            let agent = bed.agent(credentials::AGENT_ID).await;
            for range in [None, Some("bytes=1-3"), Some("bytes=0-")] {
                let request = agent.request(Method::GET, &at(id));
                let request = range.iter().fold(request, |request, range| request.header(RANGE, *range));
                assert!(request.send().await.expect("it answers").status().is_success(), "{range:?}");
            }
            let verified: Vec<_> =
                told(bed).await.into_iter().map(|(.., detail)| detail["verified"].clone()).collect();
            assert_eq!(verified, [json!(true), json!(false), json!(true)]);
        })
        .await;
}
