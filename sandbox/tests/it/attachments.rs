//! Files: on their way in, on their way out, and gone for good.

use chrono::TimeDelta;
use deskside_sandbox::{Fault, FaultRule, Matching, Options, credentials};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{Desk, calm, send};

/// The attachments of a ticket with their comments, as a fresh listing shows them.
async fn files(desk: &Desk, ticket: u64) -> Vec<(u64, Value)> {
    let path = format!("/api/v2/tickets/{ticket}/comments.json?page[size]=100&include_inline_images=true");
    let comments = desk.get(&path).await.body["comments"].as_array().unwrap().clone();
    let of = |comment: &Value| {
        let id = comment["id"].as_u64().unwrap();
        comment["attachments"]
            .as_array()
            .unwrap()
            .iter()
            .map(move |file| (id, file.clone()))
            .collect::<Vec<_>>()
    };
    comments.iter().flat_map(of).collect()
}

async fn location(desk: &Desk, file: &Value) -> String {
    let answer = desk.get(file["content_url"].as_str().unwrap()).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.header("location").to_owned()
}

#[tokio::test]
async fn the_seed_has_sixty_files_and_each_arrives_whole() {
    let desk = Desk::open(calm()).await;
    let (mut count, mut largest, mut empty) = (0, 0, 0);
    for ticket in (1..=70).filter(|ticket| *ticket != 13) {
        for (_, file) in files(&desk, ticket).await {
            count += 1;
            let size = file["size"].as_u64().unwrap();
            largest = largest.max(size);
            empty += u64::from(size == 0);
            if file["malware_scan_result"] == "malware_found" {
                continue;
            }
            let response = desk.bare("GET", &location(&desk, &file).await).send().await.unwrap();
            assert_eq!(response.headers()["content-type"], file["content_type"].as_str().unwrap());
            assert_eq!(response.bytes().await.unwrap().len() as u64, size, "{}", file["file_name"]);
        }
    }
    assert_eq!((count, largest, empty), (60, 20_971_520, 1));
    assert_eq!(desk.sandbox.handle().leaks(), Vec::<String>::new());
    let demo: Vec<_> = files(&desk, credentials::DEMO_TICKET).await;
    assert_eq!(demo.len(), 4);
}

#[tokio::test]
async fn the_first_hop_asks_who_reads_and_the_second_must_not_be_told() {
    let desk = Desk::open(calm()).await;
    let (_, file) = files(&desk, 42).await.remove(0);
    let url = file["content_url"].as_str().unwrap();
    let stranger = send(desk.bare("GET", url)).await;
    assert_eq!(stranger.status, 302);
    assert!(stranger.header("location").ends_with("/auth/v2/login"), "a stranger is asked to sign in");
    let link = location(&desk, &file).await;
    assert!(link.starts_with(&desk.sandbox.content_url) && !link.starts_with(&desk.sandbox.zendesk_url));
    assert_eq!(send(desk.bare("GET", &link)).await.status, 200);
    assert_eq!(desk.sandbox.handle().leaks().len(), 0);
    desk.get(&link).await;
    assert_eq!(desk.sandbox.handle().leaks().len(), 1, "the host notes the credential it was shown");
    desk.sandbox.handle().advance(TimeDelta::seconds(61));
    assert_eq!(send(desk.bare("GET", &link)).await.status, 403, "links are short-lived");
    let public = Desk::open(Options { private_attachments: false, ..calm() }).await.anonymous();
    let url = url.replace(&desk.sandbox.zendesk_url, &public.sandbox.zendesk_url);
    assert!(public.get(&url).await.header("location").starts_with(&public.sandbox.content_url));
}

#[tokio::test]
async fn malware_is_locked_until_an_admin_opens_it() {
    let desk = Desk::open(calm()).await;
    let (_, file) = files(&desk, 7).await.remove(0);
    assert_eq!(desk.get(file["content_url"].as_str().unwrap()).await.status, 403);
    let path = format!("/api/v2/attachments/{}", file["id"]);
    let opened = desk.done("PUT", &path, json!({"attachment": {"malware_access_override": true}})).await;
    assert_eq!(opened["attachment"]["malware_access_override"], true);
    location(&desk, &file).await;
}

#[tokio::test]
async fn an_upload_becomes_an_attachment_once() {
    let desk = Desk::open(calm()).await;
    let upload = || {
        let request = desk
            .request("POST", "/api/v2/uploads.json?filename=README.md")
            .header("content-type", "text/markdown");
        send(request.body("# Hello"))
    };
    let answer = upload().await;
    assert_eq!((answer.status, answer.header("content-type")), (201, "text/plain; charset=utf-8"));
    let (token, id) =
        (answer.body["upload"]["token"].clone(), answer.body["upload"]["attachment"]["id"].clone());
    let body = json!({"ticket": {"subject": "s", "comment": {"body": "b", "uploads": token}}});
    let made = desk.done("POST", "/api/v2/tickets", body.clone()).await;
    assert_eq!(made["audit"]["events"][0]["attachments"][0]["id"], id);
    assert_eq!(desk.sandbox.handle().bytes(id.as_u64().unwrap()).unwrap(), "# Hello");
    assert_eq!(desk.call("POST", "/api/v2/tickets", body).await.status, 422, "its token is used up");
    let late = upload().await.body["upload"]["token"].clone();
    desk.sandbox.handle().advance(TimeDelta::minutes(61));
    let desk = {
        let token = desk.token("read write").await;
        desk.with(&token)
    };
    let body = json!({"ticket": {"comment": {"body": "b", "uploads": [late]}}});
    assert_eq!(desk.call("PUT", "/api/v2/tickets/42", body).await.status, 422, "its hour is over");
    assert_eq!(desk.request("POST", "/api/v2/uploads").body("x").send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_redaction_answers_with_what_was_and_a_listing_with_what_is() {
    let desk = Desk::open(calm()).await;
    let (comment, file) = files(&desk, 42).await.remove(0);
    let path = format!("/api/v2/tickets/42/comments/{comment}/attachments/{}/redact.json", file["id"]);
    let wrong = path.replace("/tickets/42/", "/tickets/41/");
    assert_eq!(desk.call("PUT", &wrong, json!({})).await.status, 404);
    let answer = desk.call("PUT", &path, json!({})).await;
    assert_eq!((answer.status, &answer.body["attachment"]), (200, &file), "as it was");
    assert!(answer.header("zendesk-ratelimit-per-ticket-updates").starts_with("total="));
    let (_, after) = files(&desk, 42).await.remove(0);
    assert_eq!(
        (&after["file_name"], &after["size"], &after["deleted"]),
        (&json!("redacted.txt"), &json!(0), &json!(true))
    );
    assert_eq!(after["id"], file["id"]);
}

#[tokio::test]
async fn who_may_redact_and_where() {
    let desk = Desk::open(calm()).await;
    let (comment, file) = files(&desk, 42).await.remove(0);
    let classic = format!("/api/v2/tickets/42/comments/{comment}/attachments/{}/redact", file["id"]);
    let agent = format!("/api/v2/comment_redactions/{comment}");
    let of = |url: &Value| json!({"ticket_id": 42, "external_attachment_urls": [url]});
    desk.sandbox.handle().set_status(42, "closed");
    let closed = desk.call("PUT", &classic, json!({})).await;
    assert_eq!((closed.status, &closed.body["error"]), (422, &json!("RecordInvalid")));
    let (_, foreign) = files(&desk, 5).await.remove(0);
    assert_eq!(desk.call("PUT", &agent, of(&foreign["content_url"])).await.status, 422, "of another comment");
    let done = desk.done("PUT", &agent, of(&file["content_url"])).await;
    assert_eq!(done["comment"]["attachments"][0]["file_name"], "redacted.txt");
    let restricted = desk.at_workspace_of(credentials::RESTRICTED_AGENT_ID).await;
    assert_eq!(restricted.call("PUT", &classic, json!({})).await.status, 403);
    let standard = Desk::open(Options { agent_workspace: false, ..calm() }).await;
    assert_eq!(
        standard.call("PUT", &agent, of(&file["content_url"])).await.status,
        403,
        "needs Agent Workspace"
    );
}

#[tokio::test]
async fn an_image_of_a_text_is_redacted_in_the_text_and_nothing_else_changes() {
    let desk = Desk::open(calm()).await;
    let image = desk.sandbox.handle().attach_inline(42, "second.gif", 50).unwrap();
    let text = async || {
        let path = "/api/v2/tickets/42/comments?include_inline_images=true";
        let comments = desk.get(path).await.body["comments"].clone();
        comments[0].clone()
    };
    let comment = text().await;
    let html = comment["html_body"].as_str().unwrap().to_owned();
    let file = comment["attachments"].as_array().unwrap().iter().find(|file| file["id"] == image).unwrap();
    let url = file["content_url"].as_str().unwrap();
    let path = format!("/api/v2/comment_redactions/{}", comment["id"]);
    let external = json!({"ticket_id": 42, "external_attachment_urls": [url]});
    assert_eq!(desk.call("PUT", &path, external).await.status, 422, "it is in the text");
    let with = |html: &str| json!({"ticket_id": 42, "html_body": html});
    let marked = html.replace(" alt=\"second.gif\">", " alt=\"second.gif\" redact>");
    assert_ne!(marked, html);
    for other in [html.clone(), marked.replace("<p ", "<p class=\"x\" "), marked.replace("zd-comment", "zd")]
    {
        assert_eq!(desk.call("PUT", &path, with(&other)).await.status, 422, "{other}");
    }
    desk.sandbox.handle().set_status(42, "closed");
    desk.done("PUT", &path, with(&marked)).await;
    let after = text().await;
    assert!(!after["html_body"].as_str().unwrap().contains("second.gif"), "{after}");
    assert_eq!(desk.call("PUT", &path, with(&marked)).await.status, 422, "the text is another one now");
    let files = after["attachments"].as_array().unwrap();
    let gone: Vec<_> = files.iter().filter(|file| file["deleted"] == true).map(|file| &file["id"]).collect();
    assert_eq!(gone, [&json!(image)]);
}

#[tokio::test]
async fn a_gigabyte_is_made_on_the_way_out_and_can_be_resumed() {
    use futures::StreamExt as _;
    let desk = Desk::open(calm()).await;
    let size = 300_000_000;
    let id = desk.sandbox.handle().attach(42, "huge.bin", size).unwrap();
    let file = desk.get(&format!("/api/v2/attachments/{id}")).await.body["attachment"].clone();
    let link = location(&desk, &file).await;
    let tail = desk.bare("GET", &link).header("range", format!("bytes={}-", size - 10)).send().await.unwrap();
    assert_eq!(tail.status(), 206);
    assert_eq!(tail.headers()["content-range"], format!("bytes {}-{}/{size}", size - 10, size - 1));
    assert_eq!(tail.bytes().await.unwrap().len(), 10);
    let mut whole = desk.bare("GET", &link).send().await.unwrap().bytes_stream();
    let first = whole.next().await.unwrap().unwrap();
    assert!(!first.is_empty());
}

#[tokio::test]
async fn a_file_of_any_size_is_hung_on_a_ticket_that_exists() {
    let desk = Desk::open(calm()).await;
    let hang = async |ticket: u64| {
        let wanted = json!({"file_name": "huge.bin", "size": 1_u64 << 40});
        desk.call("POST", &format!("/_sandbox/tickets/{ticket}/attachments"), wanted).await
    };
    let answer = hang(42).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let listed = files(&desk, 42).await;
    assert!(listed.iter().any(|(_, file)| *file == answer.body["attachment"]), "{answer:?}");
    assert_eq!(answer.body["attachment"]["size"], 1_u64 << 40);
    assert_eq!(hang(99_999).await.status, 404);
}

#[tokio::test]
async fn trouble_comes_on_demand_and_goes() {
    let desk = Desk::open(calm()).await;
    let (_, file) = files(&desk, 42).await.remove(0);
    let whole = desk.sandbox.handle().bytes(file["id"].as_u64().unwrap()).unwrap();
    let trouble = |host: &str, path: &str, fault: Fault| {
        let on = Matching { host: Some(host.into()), path_prefix: Some(path.into()), ..Matching::default() };
        desk.sandbox.handle().fault(FaultRule { on, times: 1, skip: 0, fault });
    };
    trouble("zendesk", "/api/v2/tickets", Fault::Status { status: 503, retry_after: Some(2) });
    let answer = desk.get("/api/v2/tickets/42").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "2"));
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 200);
    let fetch = async || desk.bare("GET", &location(&desk, &file).await).send().await?.bytes().await;
    trouble("content", "/attachment", Fault::Truncate { truncate: 1_000 });
    assert!(fetch().await.is_err(), "it broke off");
    trouble("content", "/attachment", Fault::Reset { reset: true });
    assert!(fetch().await.is_err(), "it broke at once");
    trouble("content", "/attachment", Fault::FlipByte { flip_byte: 70_000 });
    let damaged = fetch().await.unwrap();
    assert_eq!(damaged.len(), whole.len());
    assert_ne!(Sha256::digest(&damaged), Sha256::digest(&whole));
    assert_eq!(fetch().await.unwrap(), whole);
    trouble("zendesk", "/api/v2/tickets", Fault::LostAnswer { lost_answer: 502 });
    assert_eq!(
        desk.call("PUT", "/api/v2/tickets/42", json!({"ticket": {"priority": "urgent"}})).await.status,
        502
    );
    assert_eq!(
        desk.get("/api/v2/tickets/42").await.body["ticket"]["priority"],
        "urgent",
        "it had its effect"
    );
}
