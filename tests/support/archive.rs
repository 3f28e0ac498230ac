//! A ticket's attachments, as Zendesk, the agent and the follower of a run see them.

use std::collections::BTreeMap;
use std::time::Duration;

use deskside::store::ledger;
use deskside_sandbox::credentials;
use futures::StreamExt;
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::actors::Visitor;
use super::testbed::Testbed;

/// A file that is still in Zendesk.
pub struct File {
    /// The comment that carries it.
    pub comment: u64,
    /// As the customer named it.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// By the attachment's id.
pub type Files = BTreeMap<u64, File>;

/// The files of a ticket that are still in Zendesk.
pub fn files(bed: &Testbed, ticket: u64) -> Files {
    let mut files = Files::new();
    for comment in bed.vendors().comments(ticket) {
        for file in
            comment["attachments"].as_array().into_iter().flatten().filter(|file| file["deleted"] == false)
        {
            let id = file["id"].as_u64().expect("an id");
            let name = file["file_name"].as_str().expect("a name").to_owned();
            let bytes = bed.vendors().bytes(id).expect("its bytes").to_vec();
            files.insert(id, File { comment: comment["id"].as_u64().expect("an id"), name, bytes });
        }
    }
    files
}

/// Where each attachment stands, in the order of the list.
pub fn states(view: &Value) -> Vec<String> {
    let items = view["items"].as_array().expect("a list");
    items.iter().map(|item| item["state"].as_str().expect("a state").to_owned()).collect()
}

/// Where each attachment stands, and the code of the reason.
pub fn items(view: &Value) -> BTreeMap<u64, String> {
    let items = view["items"].as_array().expect("a list").iter();
    items
        .map(|item| {
            let (state, code) = (item["state"].as_str().expect("a state"), item["reason_code"].as_str());
            let words = [Some(state), code].into_iter().flatten().collect::<Vec<_>>().join(" ");
            (item["attachment_id"].as_u64().expect("an id"), words)
        })
        .collect()
}

/// Follows a run to its end: the views that were told, the last of them by the event `end`.
pub async fn follow(agent: &Visitor, run: &str) -> Vec<Value> {
    let heard = tokio::time::timeout(Duration::from_secs(30), hear(agent, run)).await;
    heard.expect("the run ends while somebody listens")
}

async fn hear(agent: &Visitor, run: &str) -> Vec<Value> {
    let request = agent.request(Method::GET, &format!("/api/archive/runs/{run}/events"));
    let answer = request.send().await.expect("the server answers");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut bytes = answer.bytes_stream();
    let (mut text, mut views) = (String::new(), Vec::new());
    while let Some(chunk) = bytes.next().await {
        text.push_str(std::str::from_utf8(&chunk.expect("the stream goes on")).expect("whole letters"));
    }
    for event in text.split("\n\n").filter(|event| !event.is_empty() && !event.starts_with(':')) {
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
        views.push(serde_json::from_str(data).expect("JSON"));
        let ends = event.lines().any(|line| line == "event: end");
        assert_eq!(ends, text.ends_with(&format!("{event}\n\n")), "only the last one is the end");
    }
    views
}

/// What must be so after every run that ended well: all of `before` is in the folder, byte for byte and once, nothing of
/// it is in Zendesk, the ticket says so once, and the ledger is whole.
pub async fn put_away(bed: &Testbed, ticket: u64, before: &Files, kept: &[u64]) {
    let mut archived: Vec<_> = archived_of(bed, ticket);
    let mut expected: Vec<_> =
        before.iter().filter(|(id, _)| !kept.contains(id)).map(|(_, file)| file.bytes.clone()).collect();
    archived.sort();
    expected.sort();
    assert_eq!(archived.len(), expected.len(), "each file is in the archive once");
    assert!(archived == expected, "the archive holds other bytes than Zendesk had");
    is_listed(bed, ticket, expected.len());
    let left: Vec<u64> = files(bed, ticket).into_keys().collect();
    assert_eq!(left, kept, "what is left in Zendesk");
    ledger_is_whole(bed, ticket, before.len() - kept.len()).await;
}

/// The archive's own list names each file once, where it is and with its hash.
fn is_listed(bed: &Testbed, ticket: u64, files: usize) {
    let stored: BTreeMap<String, Vec<u8>> = bed.archived().into_iter().collect();
    let mut listed = BTreeMap::new();
    for manifest in bed.manifests(ticket) {
        for file in manifest["files"].as_array().expect("a list") {
            let key = file["key"].as_str().expect("a key").to_owned();
            assert_eq!(file["sha256"], sha256(&stored[&key]), "{key}");
            listed.insert(key, file["file_name"].clone());
        }
    }
    assert_eq!(listed.len(), files, "{listed:?}");
}

/// No row of the ledger was changed, and it has each end once.
async fn ledger_is_whole(bed: &Testbed, ticket: u64, redacted: usize) {
    let verdict = ledger::verify(&bed.db, credentials::SUBDOMAIN).await.expect("the ledger is read");
    assert!(matches!(verdict, ledger::Verdict::Intact { .. }), "{verdict:?}");
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, ticket).await.expect("the ledger is read");
    let mut told: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let (wishes, steps): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.entry.attachment_id.is_none());
    let wishes: Vec<_> = wishes.into_iter().filter(|row| row.entry.actor != "deskside").collect();
    for row in steps {
        told.entry(row.entry.attachment_id.expect("a file")).or_default().push(row.entry.action);
    }
    let named = |actor: &str| actor.starts_with("agent:") || ["tag", "operator"].contains(&actor);
    let named = wishes.iter().all(|row| named(&row.entry.actor));
    assert!(!wishes.is_empty() && named, "the ledger names who asked");
    let whole = told.values().filter(|actions| actions.ends_with(&["redacted".to_owned()]));
    assert_eq!(whole.count(), redacted, "{told:?}");
    for actions in told.values() {
        let once = |action: &str| actions.iter().filter(|known| *known == action).count() <= 1;
        assert!(once("redacted") && once("skipped"), "{actions:?}");
    }
}

/// The internal notes that Deskside wrote on a ticket.
pub fn notes(bed: &Testbed, ticket: u64) -> Vec<String> {
    let comments = bed.vendors().comments(ticket);
    let ours = comments.iter().filter(|comment| {
        comment["html_body"].as_str().is_some_and(|html| html.contains("Deskside archive run"))
    });
    ours.map(|comment| {
        assert_eq!(comment["public"], false, "the customer must not get this");
        comment["html_body"].as_str().expect("text").to_owned()
    })
    .collect()
}

/// The bytes of every file in the archive that came from a ticket.
pub fn archived_of(bed: &Testbed, ticket: u64) -> Vec<Vec<u8>> {
    // v1/account/year/month/ticket/…: a month may be as low as a ticket.
    let of_ticket = |name: &str| name.split('/').nth(4) == Some(&*ticket.to_string());
    let files = bed.archived().into_iter().filter(|(name, _)| of_ticket(name));
    files.map(|(_, bytes)| bytes).collect()
}

/// In hex, as the note and the ledger have it.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
