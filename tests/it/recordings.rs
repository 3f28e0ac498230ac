//! A call's recording: its link stands in the note, and whoever holds it can listen, and nobody else.

use deskside_sandbox::{FlexStep, credentials};
use reqwest::Method;
use reqwest::header::{CONTENT_RANGE, RANGE};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::support::testbed::{Testbed, bed};
use crate::{support::actors::Answer, trouble_with};

const AGENT: u64 = credentials::AGENT_ID;
const ADMIN: u64 = credentials::ADMIN_ID;
/// WAV: a head, and three seconds of 8,000 samples.
const SIZE: usize = 44 + 3 * 8_000 * 2;

/// A call about ticket 42 is over, and its note written; the task, and its attributes as Flex has them.
async fn ends(bed: &Testbed, attributes: Value, record: bool) -> String {
    let flex = bed.vendors();
    let task = flex.place_task(&attributes, "voice");
    flex.flex(&task, FlexStep::Accept).expect("it is offered");
    if record {
        flex.record(Some(&task), "completed", 3);
    }
    flex.flex(&task, FlexStep::Complete).expect("it is accepted");
    let body = json!({"stage": "complete", "attributes": attributes, "reservation_sid": "WR1", "facts": {}});
    let logged = bed.agent(AGENT).await.posts(&format!("/api/engagements/{task}/log"), &body).await;
    assert!(logged.status < 300, "{}", logged.text);
    bed.run_jobs_to_the_end().await;
    task
}

/// The note of a ticket's last call.
pub fn note(bed: &Testbed) -> String {
    let comments = bed.vendors().comments(42);
    let note = comments.iter().rev().find_map(|comment| {
        let html = comment["html_body"].as_str()?;
        html.contains("Call completed").then(|| html.to_owned())
    });
    note.expect("a note")
}

/// Path and query of the link in it.
pub fn link(bed: &Testbed) -> Option<String> {
    let note = note(bed);
    let (_, rest) = note.split_once("<a href=\"")?;
    let address = rest.split_once('"').expect("it ends").0.replace("&amp;", "&");
    Some(address.strip_prefix(bed.url()).expect("it leads to us").to_owned())
}

pub fn address(host: &str, account: &str, sid: &str) -> String {
    format!("https://{host}/2010-04-01/Accounts/{account}/Recordings/{sid}")
}

pub fn call() -> Value {
    json!({"zd_ticket_id": "42", "from": "+815012340042", "direction": "inbound", "channelType": "voice"})
}

async fn part(bed: &Testbed, path: &str, range: &str) -> reqwest::Response {
    let request = bed.stranger().request(Method::GET, path).header(RANGE, range);
    request.send().await.expect("an answer")
}

/// What the ledger says of recordings.
async fn opened(bed: &Testbed) -> Vec<Value> {
    let page = bed.agent(ADMIN).await.gets("/api/ledger?ticket=42").await.json();
    let rows = page["rows"].as_array().unwrap_or_else(|| panic!("rows: {page}")).clone();
    rows.into_iter().filter(|row| row["action"] == "recording_opened").collect()
}

#[tokio::test]
async fn the_link_in_a_note_plays_the_recording_and_the_ledger_knows() {
    bed()
        .run_on_each(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            assert_eq!(opened(bed).await.len(), 0);
            let heard = bed.stranger().request(Method::GET, &link).send().await.expect("an answer");
            let header = |name: &str| heard.headers()[name].to_str().expect("text").to_owned();
            assert_eq!(
                (heard.status().as_u16(), header("content-type"), header("cache-control")),
                (200, "audio/x-wav".to_owned(), "no-store".to_owned())
            );
            assert_eq!(header("accept-ranges"), "bytes");
            let bytes = heard.bytes().await.expect("all of it");
            assert_eq!((bytes.len(), &bytes[..4]), (SIZE, b"RIFF".as_slice()));
            let rows = opened(bed).await;
            let sid = link.split(['/', '?']).nth(2).expect("a sid");
            assert_eq!(rows.len(), 1);
            assert_eq!(
                (&rows[0]["actor"], &rows[0]["ticket_id"], &rows[0]["detail"]["recording"]),
                (&json!(format!("agent:{AGENT}")), &json!(42), &json!(sid)),
                "it names the agent whose call it was"
            );
            assert_eq!(rows[0]["detail"]["by"], "link");
            let asked = bed.vendors().calls();
            assert!(
                asked.iter().any(|call| call.path == "/2010-04-01/Accounts/{account}/Recordings/{recording}")
            );
        })
        .await;
}

#[tokio::test]
async fn a_browser_may_ask_for_a_part() {
    bed()
        .run(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            let check = async |range: &str, expected: (u16, String, usize)| {
                let answer = part(bed, &link, range).await;
                let of =
                    answer.headers().get(CONTENT_RANGE).map(|value| value.to_str().expect("text").to_owned());
                let status = answer.status().as_u16();
                let bytes = answer.bytes().await.expect("all of it").len();
                let bytes = if status == 416 { 0 } else { bytes };
                assert_eq!((status, of.unwrap_or_default(), bytes), expected, "{range}");
            };
            check("bytes=0-3", (206, format!("bytes 0-3/{SIZE}"), 4)).await;
            check("bytes=44-", (206, format!("bytes 44-{}/{SIZE}", SIZE - 1), SIZE - 44)).await;
            check("bytes=-2", (206, format!("bytes {}-{}/{SIZE}", SIZE - 2, SIZE - 1), 2)).await;
            check(&format!("bytes={SIZE}-"), (416, format!("bytes */{SIZE}"), 0)).await;
            check("bytes=0-1,4-5", (200, String::new(), SIZE)).await;
            check("nonsense", (200, String::new(), SIZE)).await;
            let refused =
                Answer::to(bed.stranger().request(Method::GET, &link).header(RANGE, "bytes=999999-")).await;
            assert_eq!(refused.verdict(), "416 range_invalid");
            assert_eq!(opened(bed).await.len(), 5, "what was refused was not heard");
        })
        .await;
}

#[tokio::test]
async fn a_changed_or_expired_link_opens_nothing_and_says_why() {
    bed()
        .setting("twilio.recording_link_days", "2")
        .run(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            let other = bed.vendors().record(None, "completed", 1);
            let sid = link.split(['/', '?']).nth(2).expect("a sid");
            let asked = bed.vendors().calls().len();
            let check = async |link: &str, expected: &str| {
                let answer = bed.stranger().gets(link).await;
                assert_eq!(answer.verdict(), expected, "{link}");
                assert!(answer.header("content-type").starts_with("text/html"), "{link}");
                assert!(answer.text.contains("The recording cannot be heard"), "{}", answer.text);
            };
            for forged in [
                link.replace("ticket=42", "ticket=43"),
                link.replace(&format!("agent={AGENT}"), &format!("agent={ADMIN}")),
                link.replace("until=", "until=9"),
                link.replace(sid, &other),
                link.replace("sig=", "sig=A"),
                link[..link.len() - 3].to_owned(),
                link.split_once('?').expect("a query").0.to_owned(),
                format!("{link}&until=99999999999"),
                format!("/recordings/{sid}?until=99999999999&ticket=42&sig="),
                link.replace(sid, "..%2FCalls"),
            ] {
                check(&forged, "403 recording_link_invalid").await;
            }
            bed.pass(2 * 86_400 + 60);
            check(&link, "410 recording_link_expired").await;
            assert_eq!(bed.vendors().calls().len(), asked, "Twilio was not asked");
            assert!(opened(bed).await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_link_is_good_at_every_replica_and_at_no_other_server() {
    const KEY: &str = "one secret key of thirty-two bytes and more";
    bed()
        .setting("server.secret_key", KEY)
        .run(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            let replica = bed.another_server(&[]).await;
            let stranger = bed
                .another_server(&[("server.secret_key", "another key of thirty-two bytes and more")])
                .await;
            let at = async |url: &str| {
                bed.stranger()
                    .moves_to(url)
                    .request(Method::GET, &link)
                    .send()
                    .await
                    .expect("an answer")
                    .status()
            };
            assert_eq!((at(&replica).await.as_u16(), at(&stranger).await.as_u16()), (200, 403));
        })
        .await;
}

#[tokio::test]
async fn only_a_recording_of_ours_is_linked_and_only_where_the_settings_say_so() {
    let check = async |settings: Value, attributes: Value, record: bool, expected: bool| {
        bed()
            .run(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let mut document = admin.gets("/api/settings/flex").await.json();
                for (name, value) in settings.as_object().expect("settings") {
                    document["settings"][name] = value.clone();
                }
                let set = Answer::to(admin.request(Method::PUT, "/api/settings/flex").json(&document)).await;
                assert_eq!(set.status, 200, "{}", set.text);
                ends(bed, attributes.clone(), record).await;
                assert_eq!(link(bed).is_some(), expected, "{settings} {attributes}");
            })
            .await;
    };
    let with = |name: &str, value: Value| {
        let mut attributes = call();
        attributes[name] = value;
        attributes
    };
    let at = |host: &str, account: &str| address(host, account, &format!("RE{}", "a".repeat(32)));
    let ours = credentials::TWILIO_ACCOUNT;
    let media = |url: String| json!({"media": [{"type": "VoiceRecording", "url": url}]});
    check(json!({}), call(), false, false).await;
    check(json!({"recording_inbound": false}), call(), true, false).await;
    check(json!({"recording_outbound": false}), call(), true, true).await;
    check(json!({"recording_outbound": false}), with("direction", json!("outbound")), true, false).await;
    check(json!({"recording_inbound": false}), with("direction", json!("outbound")), true, true).await;
    let foreign = at("api.twilio.com", &format!("AC{}", "b".repeat(32)));
    check(json!({}), with("conversations", media(foreign)), false, false).await;
    check(json!({}), with("conversations", media(at("evil.example.com", ours))), false, false).await;
}

#[tokio::test]
async fn whatever_twilio_cannot_hand_over_is_explained() {
    bed()
        .run(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            let sid = link.split(['/', '?']).nth(2).expect("a sid").to_owned();
            let check = async |what: &str, expected: &str| {
                let answer = bed.stranger().gets(&link).await;
                assert_eq!(answer.verdict(), expected, "{what}");
            };
            for status in ["processing", "absent", "deleted"] {
                bed.vendors().set_recording(&sid, status);
                check(status, "404 recording_not_found").await;
            }
            bed.vendors().set_recording(&sid, "completed");
            for (status, expected) in [
                (503, "502 twilio_unavailable"),
                (500, "502 twilio_unavailable"),
                (429, "503 twilio_unavailable"), // with Retry-After
                (200, "502 twilio_unavailable"), // a page of a proxy
                (302, "502 twilio_unavailable"), // no redirect is followed
                (401, "502 twilio_reconnect"),
            ] {
                bed.vendors().fault(trouble_with("twilio", status));
                check(&status.to_string(), expected).await;
                bed.vendors().clear_faults();
            }
            assert!(opened(bed).await.is_empty());
            let gone = bed.another_server(&[("twilio.api_url", "http://127.0.0.1:1")]).await;
            assert_eq!(bed.stranger().moves_to(&gone).gets(&link).await.verdict(), "502 twilio_unavailable");
            let without = bed.another_server(&[("twilio.account_sid", "")]).await;
            assert_eq!(
                bed.stranger().moves_to(&without).gets(&link).await.verdict(),
                "404 twilio_not_configured"
            );
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_heard() {
    bed()
        .run(async |bed| {
            ends(bed, call(), true).await;
            let link = link(bed).expect("a link");
            let mut other =
                SqliteConnection::connect(&bed.database.url).await.expect("another program opens it");
            other.execute("BEGIN EXCLUSIVE").await.expect("and locks it");
            let refused = bed.stranger().gets(&link).await;
            assert_eq!(refused.verdict(), "503 store_busy");
            assert!(!refused.text.contains("RIFF"), "{}", refused.text);
            other.execute("ROLLBACK").await.expect("it lets go");
            other.close().await.expect("it goes");
            assert!(opened(bed).await.is_empty());
            assert_eq!(part(bed, &link, "bytes=0-3").await.status().as_u16(), 206);
            assert_eq!(opened(bed).await.len(), 1);
        })
        .await;
}
