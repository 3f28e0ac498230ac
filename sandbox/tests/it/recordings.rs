//! Twilio: what was said, what was written, and who can be called.

use deskside_sandbox::credentials::*;
use serde_json::{Value, json};

use crate::client::{Answer, Desk, calm, send};
use crate::flex::ask;

fn address(name: &str) -> String {
    format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Recordings/{name}")
}

async fn part(desk: &Desk, path: &str, range: &str) -> Answer {
    let url = format!("{}{path}", desk.sandbox.twilio_url);
    let request = desk.bare("GET", &url).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET));
    send(request.header("range", range)).await
}

#[tokio::test]
async fn the_seeded_call_has_a_recording_that_can_be_heard_whole_and_in_parts() {
    let desk = Desk::open(calm()).await;
    let task = desk.sandbox.handle().task_attributes(&format!("WT{}3", "0".repeat(31))).unwrap();
    let media = &task["conversations"]["media"][0];
    assert_eq!(media["type"], "VoiceRecording");
    let sid = media["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let about = ask(&desk, "GET", &address(&format!("{sid}.json")), &[]).await.body;
    assert_eq!((&about["status"], &about["duration"]), (&json!("completed"), &json!("3")));
    assert_eq!(about["call_sid"], task["call_sid"]);
    let calls = format!(
        "/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Calls/{}/Recordings.json",
        about["call_sid"].as_str().unwrap()
    );
    assert_eq!(ask(&desk, "GET", &calls, &[]).await.body["recordings"], json!([about]));
    let size = 44 + 3 * 8_000 * 2;
    let check = async |name: &str, range: &str, expected: (u16, &str, &str)| {
        let answer = part(&desk, &address(name), range).await;
        let got = (answer.status, answer.header("content-type"), answer.header("content-range"));
        assert_eq!(got, expected, "{name} {range}");
    };
    check(&sid, "bytes=0-3", (206, "audio/x-wav", &format!("bytes 0-3/{size}"))).await;
    check(
        &format!("{sid}.wav"),
        "bytes=-4",
        (206, "audio/x-wav", &format!("bytes {}-{}/{size}", size - 4, size - 1)),
    )
    .await;
    check(&format!("{sid}.wav"), "bytes=40-", (206, "audio/x-wav", &format!("bytes 40-{}/{size}", size - 1)))
        .await;
    check(&sid, &format!("bytes={size}-"), (416, "", &format!("bytes */{size}"))).await;
    check(&sid, "bytes=0-1,3-4", (200, "audio/x-wav", "")).await;
    check(&sid, "lines=1", (200, "audio/x-wav", "")).await;
    check(&format!("{sid}.mp3"), "bytes=0-1", (206, "audio/mpeg", "bytes 0-1/11960")).await;
    check(&format!("{sid}.ogg"), "bytes=0-1", (404, "application/json", "")).await;
    let head = part(&desk, &address(&sid), "bytes=0-3").await;
    assert_eq!(head.text, "RIFF");
}

#[tokio::test]
async fn what_cannot_be_heard_says_so() {
    let desk = Desk::open(calm()).await;
    let flex = desk.sandbox.handle();
    let check = async |status: &str, expected: u16| {
        let sid = flex.record(None, status, 1);
        let about = ask(&desk, "GET", &address(&format!("{sid}.json")), &[]).await;
        assert_eq!((about.status, &about.body["status"]), (200, &json!(status)));
        assert_eq!(ask(&desk, "GET", &address(&sid), &[]).await.status, expected, "{status}");
    };
    check("completed", 200).await;
    check("processing", 404).await;
    check("absent", 404).await;
    check("deleted", 404).await;
    let sid = flex.record(None, "completed", 1);
    let foreign = address(&sid).replace(TWILIO_ACCOUNT, &format!("AC{}", "b".repeat(32)));
    assert_eq!(ask(&desk, "GET", &foreign, &[]).await.status, 404);
    assert_eq!(ask(&desk, "GET", &address("REnone"), &[]).await.body["code"], 20_404);
    let bare = send(desk.bare("GET", &format!("{}{}", desk.sandbox.twilio_url, address(&sid)))).await;
    assert_eq!((bare.status, &bare.body["code"]), (401, &json!(20_003)));
}

#[tokio::test]
async fn a_recorded_task_names_its_recording_and_keeps_the_rest() {
    let desk = Desk::open(calm()).await;
    let flex = desk.sandbox.handle();
    let task =
        flex.place_task(&json!({"from": "+815012340042", "conversations": {"outcome": "Solved"}}), "voice");
    let sid = flex.record(Some(&task), "completed", 1);
    let attributes = flex.task_attributes(&task).unwrap();
    assert_eq!(attributes["conversations"]["outcome"], "Solved");
    let url = attributes["conversations"]["media"][0]["url"].as_str().unwrap();
    assert_eq!(url, format!("https://api.twilio.com{}", address(&sid)));
}

#[tokio::test]
async fn a_long_chat_comes_in_pages_and_each_names_the_next() {
    let desk = Desk::open(calm()).await;
    let words: Vec<_> = (0..7).map(|number| format!("message {number}")).collect();
    let lines: Vec<_> = words.iter().map(|body| ("Ada", body.as_str())).collect();
    let chat = desk.sandbox.handle().add_conversation(&lines);
    let base = format!("/v1/Conversations/{chat}/Messages");
    let read = async |order: &str| {
        let (mut bodies, mut query) = (Vec::new(), format!("?Order={order}&PageSize=3"));
        loop {
            let page = ask(&desk, "GET", &format!("{base}{query}"), &[]).await.body;
            let rows = page["messages"].as_array().unwrap().clone();
            bodies.extend(rows.iter().map(|row| row["body"].as_str().unwrap().to_owned()));
            let Value::String(next) = &page["meta"]["next_page_url"] else { break };
            assert!(
                next.starts_with("https://conversations.twilio.com/") && next.contains("PageToken=PA"),
                "{next}"
            );
            query = format!("?{}", next.split_once('?').unwrap().1);
        }
        bodies
    };
    assert_eq!(read("asc").await, words);
    assert_eq!(read("desc").await, words.iter().rev().cloned().collect::<Vec<_>>());
    for (path, expected) in [
        (format!("{base}?Page=1&PageSize=3"), 400),
        (format!("{base}?Page=1&PageSize=3&PageToken=PAother"), 400),
        ("/v1/Conversations/CHnone/Messages".to_owned(), 404),
    ] {
        assert_eq!(ask(&desk, "GET", &path, &[]).await.status, expected, "{path}");
    }
}

#[tokio::test]
async fn a_number_is_looked_up_and_what_is_none_is_no_error() {
    let desk = Desk::open(calm()).await;
    let check = async |path: &str, expected: (u16, &str, Value)| {
        let answer = ask(&desk, "GET", &format!("/v2/PhoneNumbers/{path}"), &[]).await;
        let said = answer.body["phone_number"].as_str().unwrap_or_default();
        assert_eq!((answer.status, said, answer.body["valid"].clone()), expected, "{path}");
    };
    check("+815012340042", (200, "+815012340042", json!(true))).await;
    check("050-1234-0042?CountryCode=JP", (200, "+815012340042", json!(true))).await;
    check("+81501", (200, "+81501", json!(false))).await;
    check("050?CountryCode=Atlantis", (400, "", Value::Null)).await;
    let bare = send(desk.bare("GET", &format!("{}/v2/PhoneNumbers/+81", desk.sandbox.twilio_url))).await;
    assert_eq!(bare.status, 401);
}
