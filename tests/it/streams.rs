//! Event streams: how many an agent may have, and when they end.

use std::time::Duration;

use deskside_sandbox::credentials;
use futures::StreamExt;
use reqwest::{Method, Response};

use crate::support::actors::Visitor;
use crate::support::testbed::bed;

const AGENT: u64 = credentials::AGENT_ID;
const DIALS: &str = "/api/dial/events";

async fn follows(agent: &Visitor, path: &str) -> Response {
    let stream = agent.request(Method::GET, path).send().await.expect("an answer");
    assert_eq!(stream.status(), 200, "{path}");
    stream
}

/// Reads a stream to its end.
async fn ends(stream: Response) {
    let mut bytes = stream.bytes_stream();
    let read = async { while let Some(Ok(_)) = bytes.next().await {} };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the stream ends");
}

#[tokio::test]
async fn an_agent_has_five_streams_of_whatever_kind_in_all_tabs() {
    bed()
        .setting("archive.undo_button_s", "600")
        .run(async |bed| {
            let run = bed.agent(AGENT).await.archives(42).await;
            let events = format!("/api/archive/runs/{run}/events");
            let mut open = Vec::new();
            for path in [DIALS, &events, DIALS, &events, DIALS] {
                open.push(follows(&bed.agent(AGENT).await, path).await);
            }
            let agent = bed.agent(AGENT).await;
            for path in [DIALS, &events] {
                let refused = agent.gets(path).await;
                assert_eq!(
                    (refused.verdict().as_str(), refused.header("retry-after")),
                    ("429 too_many_requests", "15")
                );
            }
            assert_eq!(agent.attachments(42).await.verdict(), "200", "the sixth tab reads the list instead");
            follows(&bed.agent(credentials::ADMIN_ID).await, DIALS).await;
            open.pop();
            let next = async {
                while agent.request(Method::GET, DIALS).send().await.expect("an answer").status() == 429 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(20), next).await.expect("a closed tab makes room");
            agent.posts(&format!("/api/archive/runs/{run}/cancel"), &serde_json::json!({})).await;
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn a_stream_ends_with_the_bearer_that_opened_it() {
    bed()
        .setting("archive.undo_button_s", "7200")
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let run = agent.archives(42).await;
            let events = format!("/api/archive/runs/{run}/events");
            let (dials, archive) = (follows(&agent, DIALS).await, follows(&agent, &events).await);
            bed.pass(15 * 60);
            ends(dials).await;
            ends(archive).await;
            assert_eq!(agent.gets(&events).await.verdict(), "401 session_expired");
            let agent = bed.agent(AGENT).await;
            agent.posts(&format!("/api/archive/runs/{run}/cancel"), &serde_json::json!({})).await;
            bed.run_jobs_to_the_end().await;
        })
        .await;
}
