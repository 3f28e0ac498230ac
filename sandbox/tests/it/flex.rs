//! Twilio, as a contact centre's back end sees it: reservations, and the events that report them, signed and repeated.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::OriginalUri,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use deskside_sandbox::{FlexStep, credentials::*};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use tokio::{net::TcpListener, sync::mpsc};

use crate::client::{Answer, Desk, calm, send};

/// `METHOD path form` at Twilio, signed in.
pub(crate) async fn ask(desk: &Desk, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    let url = format!("{}{path}", desk.sandbox.twilio_url);
    let request = desk.bare(method, &url).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET));
    send(if form.is_empty() { request } else { request.form(form) }).await
}

/// What a receiver got: the URL as it was called, the signature, the body.
struct Got {
    url: String,
    signature: String,
    body: Bytes,
}

impl Got {
    fn events(&self) -> Vec<Value> {
        serde_json::from_slice(&self.body).expect("an array")
    }

    fn kinds(&self) -> Vec<String> {
        let kinds = self.events().into_iter().map(|event| event["type"].as_str().expect("text").to_owned());
        kinds.map(|kind| kind.replace("com.twilio.taskrouter.", "")).collect()
    }
}

/// A receiver that answers with these statuses in turn, then 204.
async fn receiver(statuses: &[u16]) -> (String, mpsc::UnboundedReceiver<Got>) {
    let statuses = Arc::new(Mutex::new(statuses.iter().rev().copied().collect::<Vec<_>>()));
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let host = base.clone();
    let handler = async move |OriginalUri(uri): OriginalUri, headers: HeaderMap, body: Bytes| {
        let signature = headers["x-twilio-signature"].to_str().unwrap().to_owned();
        sender.send(Got { url: format!("{host}{uri}"), signature, body }).unwrap();
        StatusCode::from_u16(statuses.lock().unwrap().pop().unwrap_or(204)).unwrap()
    };
    let router = Router::new().route("/events", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("{base}/events"), receiver)
}

fn signature(text: &str) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(TWILIO_AUTH_TOKEN.as_bytes()).unwrap();
    BASE64_STANDARD.encode(mac.chain_update(text).finalize().into_bytes())
}

async fn subscribe(desk: &Desk, destination: &str, kinds: &[&str]) -> String {
    let configuration = json!({"destination": destination, "method": "POST"}).to_string();
    let sink = [("Description", "Ours"), ("SinkType", "webhook"), ("SinkConfiguration", &configuration)];
    let sink = ask(desk, "POST", "/v1/Sinks", &sink).await;
    assert_eq!(sink.status, 201, "{sink:?}");
    let types: Vec<_> =
        kinds.iter().map(|kind| json!({"type": format!("com.twilio.taskrouter.{kind}")})).collect();
    let types = json!(types).to_string();
    let sid = sink.body["sid"].as_str().unwrap().to_owned();
    let form = [("Description", "Ours"), ("SinkSid", sid.as_str()), ("Types", types.as_str())];
    let subscription = ask(desk, "POST", "/v1/Subscriptions", &form).await;
    assert_eq!(subscription.status, 201, "{subscription:?}");
    subscription.body["sid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_reservation_goes_its_way_and_its_task_with_it() {
    let desk = Desk::open(calm()).await;
    let workspace = format!("/v1/Workspaces/{TWILIO_WORKSPACE}");
    let made =
        ask(&desk, "POST", &format!("{workspace}/Tasks"), &[("Attributes", "{}"), ("TaskChannel", "voice")])
            .await;
    assert_eq!((made.status, &made.body["assignment_status"]), (201, &json!("pending")));
    let task = format!("{workspace}/Tasks/{}", made.body["sid"].as_str().unwrap());
    let offered = ask(&desk, "GET", &format!("{task}/Reservations?ReservationStatus=pending"), &[]).await;
    let sid = offered.body["reservations"][0]["sid"].as_str().unwrap().to_owned();
    let worker = format!("{workspace}/Workers/{TWILIO_WORKER}/Reservations/{sid}");
    let of_task = format!("{task}/Reservations/{sid}");
    let check = async |path: &str, form: &[(&str, &str)], expected: (u16, &str)| {
        let moved = ask(&desk, "POST", path, form).await;
        let now = ask(&desk, "GET", &task, &[]).await.body["assignment_status"].as_str().unwrap().to_owned();
        assert_eq!((moved.status, now.as_str()), expected, "{form:?} {}", moved.text);
    };
    check(&of_task, &[("ReservationStatus", "completed")], (400, "reserved")).await;
    check(&of_task, &[("ReservationStatus", "timeout")], (400, "reserved")).await;
    check(&of_task, &[("Instruction", "dance")], (400, "reserved")).await;
    check(&task, &[("AssignmentStatus", "completed")], (400, "reserved")).await;
    check(&worker, &[("Instruction", "conference")], (200, "assigned")).await;
    check(&task, &[("AssignmentStatus", "canceled")], (400, "assigned")).await;
    check(&of_task, &[("ReservationStatus", "accepted")], (400, "assigned")).await;
    check(&worker, &[("ReservationStatus", "wrapping")], (200, "wrapping")).await;
    check(&worker, &[("ReservationStatus", "completed")], (200, "completed")).await;
    check(&task, &[("AssignmentStatus", "completed")], (400, "completed")).await;
    let stranger = format!("{workspace}/Workers/{TWILIO_OTHER_WORKER}/Reservations/{sid}");
    assert_eq!(ask(&desk, "GET", &stranger, &[]).await.status, 404);
    assert_eq!(ask(&desk, "GET", &worker, &[]).await.body["reservation_status"], "completed");
    assert_eq!(ask(&desk, "GET", &format!("{workspace}/Nobody/x/Reservations"), &[]).await.status, 404);
}

#[tokio::test]
async fn a_reservation_changes_only_for_who_read_it_last() {
    let desk = Desk::open(calm()).await;
    let task = desk.sandbox.handle().place_task(&json!({}), "voice");
    let sid = desk.sandbox.handle().reservations(&task)[0].0.clone();
    let url = format!(
        "{}/v1/Workspaces/{TWILIO_WORKSPACE}/Tasks/{task}/Reservations/{sid}",
        desk.sandbox.twilio_url
    );
    let accept = async |etag: &str| {
        let request = desk.bare("POST", &url).basic_auth(TWILIO_KEY, Some(TWILIO_KEY_SECRET));
        send(request.header("if-match", etag).form(&[("ReservationStatus", "accepted")])).await.status
    };
    assert_eq!(accept("\"7\"").await, 412);
    assert_eq!(accept("\"0\"").await, 200);
}

#[tokio::test]
async fn a_sink_gets_what_it_subscribed_to_signed_over_the_hash_of_the_body() {
    let desk = Desk::open(calm()).await;
    let (url, mut got) = receiver(&[]).await;
    subscribe(&desk, &url, &["reservation.accepted", "task.completed"]).await;
    let flex = desk.sandbox.handle();
    let task = flex.place_task(&json!({"zd_ticket_id": "42"}), "voice");
    flex.flex(&task, FlexStep::Accept).unwrap();
    let first = got.recv().await.unwrap();
    assert_eq!(first.kinds(), ["reservation.accepted"]);
    let hash = hex::encode(Sha256::digest(&first.body));
    assert_eq!(first.url, format!("{url}?bodySHA256={hash}"));
    assert_eq!(first.signature, signature(&first.url));
    let event = &first.events()[0];
    let payload = &event["data"]["payload"];
    assert_eq!(
        (&payload["eventtype"], &payload["task_sid"], &payload["worker_sid"], &payload["reservation_status"]),
        (&json!("reservation.accepted"), &json!(task), &json!(TWILIO_WORKER), &json!("accepted"))
    );
    assert_eq!(payload["task_attributes"], r#"{"zd_ticket_id":"42"}"#);
    assert_eq!(event["dataschema"], "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4");
    flex.flex(&task, FlexStep::WrapUp).unwrap();
    flex.flex(&task, FlexStep::Complete).unwrap();
    assert_eq!(got.recv().await.unwrap().kinds(), ["task.completed"]);
}

#[tokio::test]
async fn what_a_sink_does_not_take_comes_again_and_is_the_same_event() {
    let desk = Desk::open(calm()).await;
    let (url, mut got) = receiver(&[503, 500]).await;
    subscribe(&desk, &url, &["task.created"]).await;
    desk.sandbox.handle().place_task(&json!({}), "chat");
    let (first, second, third) =
        (got.recv().await.unwrap(), got.recv().await.unwrap(), got.recv().await.unwrap());
    assert_eq!((&first.body, &first.signature), (&second.body, &second.signature));
    assert_eq!(first.body, third.body);
}

#[tokio::test]
async fn events_come_late_out_of_order_and_twice_when_a_test_wants_it() {
    let desk = Desk::open(calm()).await;
    let (url, mut got) = receiver(&[]).await;
    let flex = desk.sandbox.handle();
    flex.stream_events_to(Some(&url));
    flex.hold_events(true);
    let task = flex.place_task(&json!({}), "voice");
    flex.flex(&task, FlexStep::Cancel).unwrap();
    let all = flex.flex_events();
    let ids: Vec<_> = all.iter().rev().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(got.try_recv().is_err(), "nothing is sent by itself");
    assert_eq!(flex.send_events(&ids).await, [204]);
    let batch = got.recv().await.unwrap();
    assert_eq!(
        batch.kinds(),
        ["task.canceled", "reservation.canceled", "reservation.created", "task.created"]
    );
    assert_eq!(flex.send_events(&ids[..1]).await, [204]);
    assert_eq!(got.recv().await.unwrap().events()[0]["id"], ids[0]);
}

#[tokio::test]
async fn the_workspace_calls_back_with_a_form_signed_over_its_fields() {
    let desk = Desk::open(calm()).await;
    let (url, mut got) = receiver(&[]).await;
    let workspace = format!("/v1/Workspaces/{TWILIO_WORKSPACE}");
    assert_eq!(ask(&desk, "POST", &workspace, &[("EventCallbackUrl", "nowhere")]).await.status, 400);
    let set = ask(&desk, "POST", &workspace, &[("EventCallbackUrl", &url)]).await;
    assert_eq!((set.status, &set.body["event_callback_url"]), (200, &json!(url)));
    let task = desk.sandbox.handle().place_task(&json!({"name": "山田 & Söhne"}), "voice");
    let first = got.recv().await.unwrap();
    let mut fields: Vec<(String, String)> =
        url::form_urlencoded::parse(&first.body).map(|(name, value)| (name.into(), value.into())).collect();
    fields.sort();
    let flat: String = fields.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    assert_eq!(first.signature, signature(&format!("{url}{flat}")));
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!((field("EventType"), field("TaskSid")), (Some("task.created"), Some(task.as_str())));
    assert_eq!(
        (field("AccountSid"), field("WorkspaceSid"), field("ResourceType"), field("TaskAge")),
        (Some(TWILIO_ACCOUNT), Some(TWILIO_WORKSPACE), Some("task"), Some("0"))
    );
    assert_eq!(field("TaskAttributes"), Some(r#"{"name":"山田 & Söhne"}"#));
    assert_eq!(field("Timestamp"), Some("1795348800"));
}

#[tokio::test]
async fn sinks_and_subscriptions_are_kept_and_what_makes_no_sense_is_refused() {
    let desk = Desk::open(calm()).await;
    let subscription = subscribe(&desk, "https://desk.example.com/events", &["task.completed"]).await;
    let sinks = ask(&desk, "GET", "/v1/Sinks", &[]).await.body;
    let sink = sinks["sinks"][0]["sid"].as_str().unwrap().to_owned();
    assert_eq!(sinks["sinks"][0]["sink_configuration"]["destination"], "https://desk.example.com/events");
    let check = async |method: &str, path: &str, form: &[(&str, &str)], expected: u16| {
        let answer = ask(&desk, method, path, form).await;
        assert_eq!(answer.status, expected, "{method} {path} {form:?}: {}", answer.text);
        assert!(expected < 400 || answer.body["code"].is_u64(), "{}", answer.text);
    };
    let good = r#"{"destination":"https://x.example.com","method":"POST"}"#;
    for (kind, configuration, description, expected) in [
        ("webhook", good, "", 400),
        ("webhook", "{", "d", 400),
        ("webhook", r#"{"destination":"x","method":"POST"}"#, "d", 400),
        ("webhook", r#"{"destination":"ftp://x.example.com","method":"POST"}"#, "d", 400),
        ("webhook", r#"{"destination":"https://x.example.com","method":"BREW"}"#, "d", 400),
        ("telegraph", good, "d", 400),
        ("webhook", good, "d", 201),
    ] {
        let form = [("Description", description), ("SinkType", kind), ("SinkConfiguration", configuration)];
        check("POST", "/v1/Sinks", &form, expected).await;
    }
    let done = r#"[{"type":"com.twilio.taskrouter.task.completed"}]"#;
    for (sink_sid, types, expected) in [
        (sink.as_str(), "[]", 400),
        (&sink, "nonsense", 400),
        (&sink, r#"[{"type":"com.twilio.nothing"}]"#, 400),
        (&sink, r#"[{"type":"com.twilio.taskrouter.task.completed","schema_version":99}]"#, 400),
        ("DGnone", done, 400),
        (&sink, done, 201),
    ] {
        let form = [("Description", "d"), ("SinkSid", sink_sid), ("Types", types)];
        check("POST", "/v1/Subscriptions", &form, expected).await;
    }
    let events = format!("/v1/Subscriptions/{subscription}/SubscribedEvents");
    check("POST", &events, &[("Type", "com.twilio.taskrouter.task.canceled")], 201).await;
    check("POST", &events, &[("Type", "com.twilio.taskrouter.task.canceled")], 200).await;
    check("POST", &events, &[("Type", "x")], 400).await;
    assert_eq!(ask(&desk, "GET", &events, &[]).await.body["types"].as_array().unwrap().len(), 2);
    check("GET", &format!("/v1/Sinks/{sink}"), &[], 200).await;
    check("DELETE", &format!("/v1/Sinks/{sink}"), &[], 400).await;
    let of_sink = ask(&desk, "GET", &format!("/v1/Subscriptions?SinkSid={sink}"), &[]).await.body;
    for row in of_sink["subscriptions"].as_array().unwrap() {
        check("DELETE", &format!("/v1/Subscriptions/{}", row["sid"].as_str().unwrap()), &[], 204).await;
    }
    check("DELETE", &format!("/v1/Sinks/{sink}"), &[], 204).await;
    check("DELETE", &format!("/v1/Sinks/{sink}"), &[], 404).await;
    check("DELETE", &format!("/v1/Subscriptions/{subscription}"), &[], 404).await;
    let bare = send(desk.bare("GET", &format!("{}/v1/Sinks", desk.sandbox.twilio_url))).await;
    assert_eq!((bare.status, &bare.body["code"]), (401, &json!(20_003)));
}

#[tokio::test]
async fn the_pages_controls_do_what_agents_do_and_refuse_what_cannot_be() {
    let desk = Desk::open(calm()).await;
    let url = |path: &str| format!("{}/_sandbox/flex{path}", desk.sandbox.twilio_url);
    let made = desk.done("POST", &url("/tasks"), json!({"sid": "WTmine", "attributes": {"a": 1}})).await;
    assert_eq!((&made["sid"], &made["reservation_status"]), (&json!("WTmine"), &json!("pending")));
    let check = async |step: &str, body: Value, expected: (u16, &str)| {
        let answer = desk.call("POST", &url(&format!("/tasks/WTmine/{step}")), body).await;
        let status = answer.body["assignment_status"].as_str().unwrap_or_default();
        assert_eq!((answer.status, status), expected, "{step}: {}", answer.text);
    };
    check("complete", json!({}), (409, "")).await;
    check("reject", json!({}), (200, "pending")).await;
    check("reserve", json!({}), (200, "reserved")).await;
    check("accept", json!({}), (200, "assigned")).await;
    check("transfer", json!({"worker": TWILIO_OTHER_WORKER}), (200, "assigned")).await;
    check("accept", json!({}), (200, "assigned")).await;
    check("wrapup", json!({}), (200, "wrapping")).await;
    check("complete", json!({}), (200, "completed")).await;
    check("dance", json!({}), (409, "")).await;
    let statuses: Vec<_> =
        desk.sandbox.handle().reservations("WTmine").into_iter().map(|row| (row.1, row.2)).collect();
    assert_eq!(
        statuses,
        [(TWILIO_WORKER, "rejected"), (TWILIO_WORKER, "completed"), (TWILIO_OTHER_WORKER, "completed")]
    );
    assert_eq!(desk.call("POST", &url("/tasks/WTnone/accept"), json!({})).await.status, 409);
}

#[tokio::test]
async fn a_workers_own_task_is_offered_to_him_and_to_nobody_else() {
    let desk = Desk::open(calm()).await;
    let url = format!("{}/_sandbox/flex/tasks", desk.sandbox.twilio_url);
    let place = async |worker: &str| {
        let facts =
            json!({"attributes": {"direction": "outbound"}, "channel": "voice", "routing_target": worker});
        desk.call("POST", &url, facts).await
    };
    for worker in [TWILIO_WORKER, TWILIO_OTHER_WORKER] {
        let placed = place(worker).await;
        assert_eq!((placed.status, &placed.body["routing_target"]), (201, &json!(worker)));
        let task = placed.body["sid"].as_str().expect("a sid");
        let offered = desk.sandbox.handle().reservations(task);
        assert_eq!((offered.len(), offered[0].1, offered[0].2), (1, worker, "pending"));
    }
    assert_eq!(place("WK0").await.status, 422);
}

#[tokio::test]
async fn receivers_of_the_start_are_told_again_after_a_reset() {
    let (sink, mut streamed) = receiver(&[]).await;
    let (callback, mut called) = receiver(&[]).await;
    let options = deskside_sandbox::Options {
        events_sink: Some(sink.clone()),
        events_callback: Some(callback.clone()),
        ..calm()
    };
    let desk = Desk::open(options).await;
    let flex = desk.sandbox.handle();
    for _ in 0..2 {
        flex.place_task(&json!({}), "voice");
        for _ in ["task.created", "reservation.created"] {
            assert!(streamed.recv().await.unwrap().url.starts_with(&sink));
            assert_eq!(called.recv().await.unwrap().url, callback);
        }
        flex.reset();
    }
    // The last answers may still be on their way.
    while flex.deliveries_under_way() > 0 {
        tokio::task::yield_now().await;
    }
    flex.stream_events_to(None);
    flex.call_back_to(None);
    flex.place_task(&json!({}), "voice");
    assert_eq!(flex.deliveries_under_way(), 0, "nobody is told any more");
}

#[tokio::test]
async fn flex_is_framed_by_whom_the_console_names_and_by_nobody_else() {
    let desk = Desk::open(calm()).await;
    let flex = format!("{}/flex", desk.sandbox.twilio_url);
    let framed_by = async || send(desk.bare("GET", &flex)).await.header("content-security-policy").to_owned();
    let zendesk = &desk.sandbox.zendesk_url;
    assert_eq!(framed_by().await, format!("frame-ancestors 'self' {zendesk} http://localhost:8080"));
    let embedding = format!("{}/_sandbox/flex/embedding", desk.sandbox.twilio_url);
    let set = async |urls: Value| desk.call("PUT", &embedding, json!({"urls": urls})).await.status;
    assert_eq!(set(json!([])).await, 204);
    assert_eq!(framed_by().await, "frame-ancestors 'self'");
    for wrong in
        ["https://*.zendesk.com", "https://acme.zendesk.com/", "https://acme.zendesk.com/agent", "acme"]
    {
        assert_eq!(set(json!([wrong])).await, 422, "{wrong}");
    }
    assert_eq!(set(json!(["https://acme.zendesk.com"])).await, 204);
    assert_eq!(framed_by().await, "frame-ancestors 'self' https://acme.zendesk.com");
}
