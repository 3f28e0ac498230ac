//! What was put away is opened again: byte for byte, by those who may see its ticket, and the ledger says by whom.

use deskside::store::ledger;
use deskside_sandbox::credentials;
use reqwest::Method;
use reqwest::header::RANGE;
use serde_json::json;

use crate::support::actors::{Answer, Visitor};
use crate::support::archive::{files, sha256};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;

fn at(id: u64) -> String {
    format!("/api/archive/items/{id}/file")
}

/// The agent presses Open: the link, if there is one.
async fn link(agent: &Visitor, id: u64) -> Result<String, String> {
    let answer = agent.posts(&format!("/api/archive/items/{id}/link"), &json!({})).await;
    if answer.status != 200 {
        return Err(answer.verdict());
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    Ok(answer.json()["url"].as_str().expect("an address").to_owned())
}

/// A browser follows a link: status, headers and bytes.
async fn bytes(
    visitor: &Visitor,
    path: &str,
    range: Option<&str>,
) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let mut request = visitor.request(Method::GET, path);
    if let Some(range) = range {
        request = request.header(RANGE, range);
    }
    let answer = request.send().await.expect("the server answers");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("all of it arrives").to_vec())
}

/// Who opened which attachment, oldest first.
async fn opened(bed: &Testbed, ticket: u64) -> Vec<(String, u64)> {
    let rows = ledger::of_ticket(&bed.db, credentials::SUBDOMAIN, ticket).await.expect("the ledger is read");
    let opened = rows.into_iter().filter(|row| row.entry.action == "opened");
    opened.map(|row| (row.entry.actor, row.entry.attachment_id.expect("a file"))).collect()
}

#[tokio::test]
async fn an_archived_file_is_opened_in_a_new_tab_and_the_ledger_says_by_whom() {
    bed()
        .run_on_each(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            agent.archives(42).await;
            bed.run_jobs().await;
            for (id, file) in &before {
                let url = link(&agent, *id).await.expect("a link");
                assert!(url.starts_with(&format!("{}?key=", at(*id))), "an address of this server: {url}");
                let (status, headers, bytes) = bytes(&bed.stranger(), &url, None).await;
                assert_eq!((status, sha256(&bytes)), (200, sha256(&file.bytes)), "{}", file.name);
                assert_eq!(headers["x-content-type-options"], "nosniff");
                assert_eq!(headers["cache-control"], "no-store");
                assert_eq!(headers["content-security-policy"], "sandbox; default-src 'none'");
                assert_eq!(headers["content-length"], file.bytes.len().to_string().as_str());
                assert!(headers["content-disposition"].to_str().expect("plain").starts_with("attachment; "));
            }
            let expected: Vec<_> = before.keys().map(|id| (format!("agent:{AGENT}"), *id)).collect();
            assert_eq!(opened(bed, 42).await, expected);
            let verdict = ledger::verify(&bed.db, credentials::SUBDOMAIN).await.expect("it is read");
            assert!(matches!(verdict, ledger::Verdict::Intact { .. }), "{verdict:?}");
            let (id, file) = before.first_key_value().expect("a file");
            assert_eq!(bytes(&agent, &at(*id), None).await.2, file.bytes, "a session opens it, too");
            let other = bed.another_server(&[]).await;
            let url = link(&agent, *id).await.expect("a link");
            let elsewhere = bytes(&bed.stranger().moves_to(&other), &url, None).await;
            assert_eq!(elsewhere.2, file.bytes, "any replica knows the link");
        })
        .await;
}

#[tokio::test]
async fn part_of_a_large_file_is_read_and_what_it_does_not_have_is_refused() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 11);
            let (id, file) = before.first_key_value().expect("a file of 20 MB");
            agent.archives(11).await;
            bed.run_jobs().await;
            let url = link(&agent, *id).await.expect("a link");
            let size = file.bytes.len();
            let check = async |range: &str, from: usize, to: usize| {
                let (status, headers, bytes) = bytes(&bed.stranger(), &url, Some(range)).await;
                assert!(status == 206 && bytes == file.bytes[from..to], "{range}");
                assert_eq!(headers["content-range"], format!("bytes {from}-{}/{size}", to - 1).as_str());
            };
            check("bytes=0-0", 0, 1).await;
            check("bytes=8388600-8388615", 8_388_600, 8_388_616).await;
            check("bytes=-5", size - 5, size).await;
            check("bytes=1000-", 1000, size).await;
            assert!(bytes(&bed.stranger(), &url, None).await.2 == file.bytes, "all of it");
            let beyond = bed.stranger().request(Method::GET, &url).header(RANGE, format!("bytes={size}-"));
            let refused = Answer::to(beyond).await;
            assert_eq!(refused.verdict(), "416 range_invalid");
            assert_eq!(refused.header("content-range"), format!("bytes */{size}"));
            assert_eq!(opened(bed, 11).await.len(), 5, "what was refused was not opened");
        })
        .await;
}

#[tokio::test]
async fn a_name_that_is_a_path_or_code_arrives_as_a_harmless_name() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let names = [
                "../../etc/passwd",
                "x\u{202e}gpj.exe",
                "a\"; filename=\"b.html",
                "😀 見積書.svg",
                "a\r\nX: y",
            ];
            let ids = names.map(|name| bed.vendors().attach(14, name, 10).expect("it is attached"));
            let all: Vec<u64> = files(bed, 14).into_keys().collect();
            agent.archives(14).await;
            bed.run_jobs().await;
            for id in all {
                let (status, headers, _) = bytes(&agent, &at(id), None).await;
                assert_eq!(status, 200);
                let disposition = headers["content-disposition"].to_str().expect("plain letters");
                let harmless = !disposition.contains(['/', '\\']) && disposition.matches('"').count() == 2;
                assert!(harmless && disposition.starts_with("attachment; filename=\""), "{disposition}");
                assert!(!headers.contains_key("x"));
                let kind = headers["content-type"].to_str().expect("plain letters");
                assert!(!["text/html", "image/svg+xml"].contains(&kind), "{kind}");
            }
            let (_, headers, _) = bytes(&agent, &at(ids[3]), None).await;
            let disposition = headers["content-disposition"].to_str().expect("plain letters");
            assert!(disposition.ends_with("filename*=UTF-8''%F0%9F%98%80%20%E8%A6%8B%E7%A9%8D%E6%9B%B8.svg"));
        })
        .await;
}

#[tokio::test]
async fn nobody_opens_what_is_not_his_not_there_or_not_yet_put_away() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let restricted = bed.agent(credentials::RESTRICTED_AGENT_ID).await;
            let ids: Vec<u64> = files(bed, 42).into_keys().collect();
            let check = async |agent: &Visitor, id: u64, expected: &str| {
                assert_eq!(link(agent, id).await.expect_err("no link"), expected, "link to {id}");
                assert_eq!(agent.gets(&at(id)).await.verdict(), expected, "{id}");
            };
            check(&agent, ids[0], "404 archive_file_not_found").await;
            agent.archives_only(42, &json!({"attachment_ids": [ids[0]]})).await;
            agent.archives_only(42, &json!({"attachment_ids": [ids[1]]})).await;
            bed.run_jobs_and_die_after(5).await;
            check(&agent, ids[1], "409 archive_file_pending").await;
            bed.pass(120);
            bed.run_jobs().await;
            check(&restricted, ids[0], "404 ticket_not_found").await;
            check(&bed.stranger(), ids[0], "401 session_missing").await;
            assert_eq!(opened(bed, 42).await, []);

            let url = link(&agent, ids[0]).await.expect("a link");
            let forged = async |path: String, expected: &str| {
                assert_eq!(bed.stranger().gets(&path).await.verdict(), expected, "{path}");
            };
            let key = url.rsplit_once('=').expect("a key").1;
            forged(format!("{}?key={key}", at(ids[1])), "403 archive_link_invalid").await;
            forged(format!("{}?key=", at(ids[0])), "403 archive_link_invalid").await;
            forged(format!("{}?key=9001.9999999999.AAAA", at(ids[0])), "403 archive_link_invalid").await;
            forged(format!("{}?key={key}x", at(ids[0])), "403 archive_link_invalid").await;
            forged(format!("{}?key={key}&key={key}", at(ids[0])), "400 query_invalid").await;
            bed.pass(59);
            forged(url.clone(), "200").await;
            bed.pass(1);
            forged(url, "403 archive_link_expired").await;
            assert_eq!(opened(bed, 42).await.len(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_said_to_be_and_not_written_down_as_opened() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let id = *files(bed, 42).keys().next().expect("a file");
            agent.archives_only(42, &json!({"attachment_ids": [id]})).await;
            bed.run_jobs().await;
            let (name, _) = bed.archived().pop().expect("a file");
            std::fs::remove_file(bed.archive_folder().join(name)).expect("it is removed");
            assert_eq!(agent.gets(&at(id)).await.verdict(), "502 archive_file_missing");
            assert_eq!(opened(bed, 42).await, []);
        })
        .await;
}
