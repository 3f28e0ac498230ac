//! What public clients ask beyond what one back end needs: every list in pages, every record by its own address, and
//! connections that are kept.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use chrono::TimeDelta;
use deskside_sandbox::{FlexStep, credentials::*};
use serde_json::{Value, json};

use crate::client::{Answer, Desk, calm};
use crate::flex::ask;

const HANAKO: u64 = 26_155_588_908_160;

/// Twilio's addresses name Twilio; a client of the stand-in turns them to it.
fn path_of(url: &Value) -> String {
    let url = url.as_str().expect("an address");
    let whole = url.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    whole.unwrap_or_else(|| url.to_owned())
}

fn sids(answer: &Answer, key: &str) -> Vec<String> {
    let rows = answer.body[key].as_array().unwrap_or_else(|| panic!("{key}: {answer:?}"));
    let name = |row: &Value| row["sid"].as_str().or(row["type"].as_str()).map(str::to_owned);
    rows.iter().map(|row| name(row).expect("a name")).collect()
}

#[tokio::test]
async fn every_list_of_twilio_is_read_page_by_page() {
    let desk = Desk::open(calm()).await;
    let workspace = format!("/v1/Workspaces/{TWILIO_WORKSPACE}");
    let account = format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}");
    let chat = format!("/v1/Conversations/CH{}/Messages", "1".repeat(32));
    let handle = desk.sandbox.handle();
    handle.record(None, "completed", 1);
    handle.record(None, "completed", 2);
    let check = async |path: &str, key: &str, expected: usize| {
        let (mut next, mut seen) = (format!("{path}?PageSize=1"), Vec::new());
        loop {
            let page = ask(&desk, "GET", &next, &[]).await;
            assert_eq!(page.status, 200, "{next}: {page:?}");
            seen.extend(sids(&page, key));
            let link = if page.body["meta"].is_object() {
                assert_eq!(
                    (&page.body["meta"]["key"], &page.body["meta"]["page_size"]),
                    (&json!(key), &json!(1))
                );
                &page.body["meta"]["next_page_url"]
            } else {
                &page.body["next_page_uri"]
            };
            if link.is_null() {
                break;
            }
            next = path_of(link);
        }
        let whole = sids(&ask(&desk, "GET", path, &[]).await, key);
        assert_eq!((seen.len(), &seen), (expected, &whole), "{path}");
        let forged = ask(&desk, "GET", &format!("{path}?PageSize=1&Page=1"), &[]).await;
        assert_eq!((forged.status, &forged.body["code"]), (400, &json!(20_006)), "{path}");
    };
    check("/v1/Workspaces", "workspaces", 1).await;
    check(&format!("{workspace}/Workers"), "workers", 3).await;
    check(&format!("{workspace}/Tasks"), "tasks", 3).await;
    check(&format!("{workspace}/Activities"), "activities", 3).await;
    check(&format!("{workspace}/TaskQueues"), "task_queues", 1).await;
    check(&format!("{workspace}/Workflows"), "workflows", 1).await;
    check(&format!("{workspace}/TaskChannels"), "channels", 5).await;
    check(&format!("{workspace}/Workers/{TWILIO_WORKER}/Reservations"), "reservations", 3).await;
    check("/v1/Conversations", "conversations", 1).await;
    check(&chat, "messages", 3).await;
    check(&chat.replace("/v1/", &format!("/v1/Services/IS{}/", "a".repeat(32))), "messages", 3).await;
    check("/v1/Types", "types", 14).await;
    check(&format!("{account}/Recordings.json"), "recordings", 3).await;
}

#[tokio::test]
async fn lists_of_twilio_hold_what_was_asked_for() {
    let desk = Desk::open(calm()).await;
    let workspace = format!("/v1/Workspaces/{TWILIO_WORKSPACE}");
    let check = async |path: &str, key: &str, expected: &[&str]| {
        let answer = ask(&desk, "GET", &format!("{workspace}{path}"), &[]).await;
        let found: Vec<_> = sids(&answer, key).iter().map(|sid| sid[33..].to_owned()).collect();
        assert_eq!(found, expected, "{path}");
    };
    check("/Tasks?AssignmentStatus=completed", "tasks", &["3"]).await;
    check("/Tasks?AssignmentStatus=completed&AssignmentStatus=assigned", "tasks", &["3", "1", "2"]).await;
    check("/Tasks?AssignmentStatus=pending,assigned", "tasks", &["1", "2"]).await;
    check("/Tasks?EvaluateTaskAttributes=zd_ticket_id%3D%3D%2242%22", "tasks", &["3", "1"]).await;
    check("/Tasks?Ordering=DateCreated:desc&AssignmentStatus=assigned", "tasks", &["2", "1"]).await;
    check("/Tasks?Priority=7", "tasks", &[]).await;
    check(&format!("/Workers?FriendlyName={WORKER_EMAIL}"), "workers", &["a"]).await;
    check("/Workers?TargetWorkersExpression=email%20!=%20%22agent@example.com%22", "workers", &["b", "c"])
        .await;
    check("/Workers?ActivityName=Offline", "workers", &[]).await;
    let refused = ask(&desk, "GET", &format!("{workspace}/Tasks?EvaluateTaskAttributes=anything"), &[]).await;
    assert_eq!((refused.status, &refused.body["code"]), (400, &json!(20_001)));
}

#[tokio::test]
async fn a_task_keeps_what_it_was_made_with_and_its_workspace_reports_it() {
    let desk = Desk::open(calm()).await;
    let workspace = format!("/v1/Workspaces/{TWILIO_WORKSPACE}");
    let form = [("Attributes", "{}"), ("TaskChannel", "chat"), ("Priority", "5"), ("Timeout", "77")];
    let made = ask(&desk, "POST", &format!("{workspace}/Tasks"), &form).await.body;
    let wanted = json!([5, 77, format!("TC{}", "2".repeat(32))]);
    assert_eq!(json!([made["priority"], made["timeout"], made["task_channel_sid"]]), wanted);
    let task = path_of(&made["url"]);
    let changed = ask(&desk, "POST", &task, &[("Priority", "9")]).await.body;
    assert_eq!((&changed["priority"], &changed["timeout"]), (&json!(9), &json!(77)));
    let foreign = [("WorkflowSid", "WWbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")];
    assert_eq!(ask(&desk, "POST", &format!("{workspace}/Tasks"), &foreign).await.status, 400);
    let sid = made["sid"].as_str().expect("a sid");
    let check = async |query: &str, expected: &[&str]| {
        let log = ask(&desk, "GET", &format!("{workspace}/Events?TaskSid={sid}{query}"), &[]).await.body;
        let kinds: Vec<_> =
            log["events"].as_array().expect("events").iter().map(|event| &event["event_type"]).collect();
        assert_eq!(kinds, expected, "{query}");
    };
    check("", &["reservation.created", "task.created"]).await;
    check("&EventType=task.created", &["task.created"]).await;
    check("&WorkerSid=WKnone", &[]).await;
    desk.sandbox.handle().advance(TimeDelta::minutes(16));
    check("", &[]).await;
    check("&Minutes=17&EventType=task.created", &["task.created"]).await;
    let wrong = ask(&desk, "GET", &format!("{workspace}/Events?Minutes=50000"), &[]).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!(20_001)));
    let verb = ask(&desk, "DELETE", &format!("{workspace}/Workers"), &[]).await;
    assert_eq!((verb.status, &verb.body["code"]), (405, &json!(20_004)));
}

#[tokio::test]
async fn subscriptions_are_made_and_changed_as_twilios_own_clients_do_it() {
    let desk = Desk::open(calm()).await;
    let sink = [
        ("Description", "first"),
        ("SinkType", "webhook"),
        ("SinkConfiguration", r#"{"destination":"https://example.com/x","method":"POST"}"#),
    ];
    let sink = ask(&desk, "POST", "/v1/Sinks", &sink).await.body["sid"].clone();
    let sink = sink.as_str().expect("a sid");
    let renamed = ask(&desk, "POST", &format!("/v1/Sinks/{sink}"), &[("Description", "second")]).await;
    assert_eq!((renamed.status, &renamed.body["description"]), (200, &json!("second")));
    let accepted = r#"{"type":"com.twilio.taskrouter.reservation.accepted"}"#;
    let created = r#"{"type":"com.twilio.taskrouter.task.created","schema_version":3}"#;
    let together = format!("[{accepted},{created}]");
    let check = async |types: &[&str]| -> String {
        let mut form = vec![("Description", "d"), ("SinkSid", sink)];
        form.extend(types.iter().map(|one| ("Types", *one)));
        let made = ask(&desk, "POST", "/v1/Subscriptions", &form).await;
        assert_eq!(made.status, 201, "{types:?}: {made:?}");
        let path = path_of(&made.body["url"]);
        assert_eq!(ask(&desk, "GET", &path, &[]).await.body, made.body);
        let events = ask(&desk, "GET", &format!("{path}/SubscribedEvents"), &[]).await.body;
        let versions: Vec<_> =
            events["types"].as_array().unwrap().iter().map(|one| &one["schema_version"]).collect();
        assert_eq!(versions, [4, 3], "{types:?}");
        path
    };
    check(&[accepted, created]).await;
    let path = check(&[&together]).await;
    let one = format!("{path}/SubscribedEvents/com.twilio.taskrouter.task.created");
    let newer = ask(&desk, "POST", &one, &[("SchemaVersion", "4")]).await;
    assert_eq!((newer.status, &newer.body["schema_version"]), (200, &json!(4)));
    assert_eq!(ask(&desk, "DELETE", &one, &[]).await.status, 204);
    assert_eq!(ask(&desk, "GET", &one, &[]).await.body["code"], 20_404);
    assert_eq!(ask(&desk, "POST", &path, &[("Description", "e")]).await.body["description"], "e");
    assert_eq!(ask(&desk, "POST", &path, &[("SinkSid", "DGnone")]).await.status, 400);
    let used = ask(&desk, "GET", "/v1/Sinks?InUse=true", &[]).await;
    assert_eq!(sids(&used, "sinks"), [sink]);
    assert!(sids(&ask(&desk, "GET", "/v1/Sinks?InUse=false", &[]).await, "sinks").is_empty());
}

#[tokio::test]
async fn a_chat_is_read_and_written_and_a_recording_is_deleted() {
    let desk = Desk::open(calm()).await;
    let chat = format!("/v1/Conversations/CH{}", "1".repeat(32));
    let about = ask(&desk, "GET", &chat, &[]).await.body;
    assert_eq!(
        (&about["state"], about["chat_service_sid"].as_str().map(str::len)),
        (&json!("active"), Some(34))
    );
    let written = ask(&desk, "POST", &format!("{chat}/Messages"), &[("Author", "a"), ("Body", "b")]).await;
    assert_eq!((written.status, &written.body["index"]), (201, &json!(3)));
    assert_eq!(ask(&desk, "GET", &path_of(&written.body["url"]), &[]).await.body, written.body);
    assert_eq!(ask(&desk, "POST", &format!("{chat}/Messages"), &[("Author", "a")]).await.status, 400);
    assert_eq!(ask(&desk, "GET", "/v1/Conversations/CHnone", &[]).await.status, 404);
    let sid = desk.sandbox.handle().record(None, "completed", 1);
    let sound = format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Recordings/{sid}");
    let about = ask(&desk, "GET", &format!("{sound}.json"), &[]).await.body;
    assert_eq!(about["date_created"], "Sun, 22 Nov 2026 12:00:00 +0000");
    let of_call = |sid: &str| {
        format!(
            "/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Calls/{}/Recordings/{sid}.json",
            about["call_sid"].as_str().unwrap()
        )
    };
    assert_eq!(ask(&desk, "GET", &of_call(&sid), &[]).await.body, about);
    assert_eq!(ask(&desk, "GET", &of_call(&format!("RE{}3", "0".repeat(31))), &[]).await.status, 404);
    assert_eq!(ask(&desk, "DELETE", &format!("{sound}.json"), &[]).await.status, 204);
    assert_eq!(ask(&desk, "GET", &sound, &[]).await.status, 404, "nobody can hear it any more");
}

#[tokio::test]
async fn a_call_that_was_taken_is_in_the_conference_of_its_task() {
    let desk = Desk::open(calm()).await;
    let flex = desk.sandbox.handle();
    let account = format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}");
    let task = flex.place_task(&json!({}), "voice");
    let chat = flex.place_task(&json!({}), "chat");
    let named = |task: &str| format!("{account}/Conferences.json?FriendlyName={task}");
    let check = async |query: String, expected: usize| {
        let found = ask(&desk, "GET", &query, &[]).await.body;
        let rows = found["conferences"].as_array().expect("conferences").clone();
        assert_eq!(rows.len(), expected, "{query}");
        rows
    };
    check(named(&task), 0).await;
    flex.flex(&task, FlexStep::Accept).expect("it is offered");
    flex.flex(&chat, FlexStep::Accept).expect("it is offered");
    check(named(&chat), 0).await;
    let conference = check(named(&task), 1).await.remove(0);
    assert_eq!((&conference["friendly_name"], &conference["status"]), (&json!(task), &json!("in-progress")));
    let recording = flex.record(Some(&task), "completed", 1);
    let recording = ask(&desk, "GET", &format!("{account}/Recordings/{recording}.json"), &[]).await.body;
    assert_eq!(
        (&recording["conference_sid"], &recording["source"]),
        (&conference["sid"], &json!("Conference"))
    );
    let leg = flex.record_leg("CA1", 1);
    let leg = ask(&desk, "GET", &format!("{account}/Recordings/{leg}.json"), &[]).await.body;
    assert_eq!((&leg["conference_sid"], &leg["call_sid"]), (&Value::Null, &json!("CA1")));
    let sid = conference["sid"].as_str().expect("a sid");
    let of = async |sid: &str| {
        let found = ask(&desk, "GET", &format!("{account}/Recordings.json?ConferenceSid={sid}"), &[]).await;
        found.body["recordings"].as_array().expect("recordings").len()
    };
    assert_eq!((of(sid).await, of("CFnone").await), (1, 0));
    flex.flex(&task, FlexStep::Complete).expect("it is accepted");
    let ended = ask(&desk, "GET", &format!("{account}/Conferences/{sid}.json"), &[]).await.body;
    assert_eq!((&ended["sid"], &ended["status"]), (&conference["sid"], &json!("completed")));
    check(format!("{}&Status=in-progress", named(&task)), 0).await;
    check(format!("{}&Status=completed", named(&task)), 1).await;
    for (path, status) in [
        (format!("{account}/Conferences/CFnone.json"), 404),
        (format!("/2010-04-01/Accounts/ACnone/Conferences/{sid}.json"), 404),
        ("/2010-04-01/Accounts/ACnone/Conferences.json".to_owned(), 404),
    ] {
        assert_eq!(ask(&desk, "GET", &path, &[]).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn zendesk_has_what_public_clients_look_up_beside_tickets_and_users() {
    let desk = Desk::open(calm()).await;
    let organization =
        desk.get(&format!("/api/v2/users/{HANAKO}")).await.body["user"]["organization_id"].clone();
    let cases = [
        ("/api/v2/ticket_fields.json".to_owned(), "ticket_fields", 7),
        ("/api/v2/ticket_forms".to_owned(), "ticket_forms", 1),
        ("/api/v2/brands?page[size]=100".to_owned(), "brands", 1),
        ("/api/v2/groups/assignable".to_owned(), "groups", 1),
        ("/api/v2/groups/9101/users".to_owned(), "users", 3),
        (format!("/api/v2/users/{HANAKO}/organizations"), "organizations", 1),
        (format!("/api/v2/users/{HANAKO}/organization_memberships"), "organization_memberships", 1),
        (
            format!("/api/v2/organizations/{organization}/organization_memberships.json"),
            "organization_memberships",
            2,
        ),
        (format!("/api/v2/organizations/{organization}/users"), "users", 2),
        ("/api/v2/deleted_users".to_owned(), "deleted_users", 1),
        ("/api/v2/tickets/recent".to_owned(), "tickets", 0),
        ("/api/v2/tickets/42/collaborators".to_owned(), "users", 0),
        ("/api/v2/organizations/search?external_id=none&page[size]=100".to_owned(), "organizations", 0),
        ("/api/v2/incremental/organizations?start_time=0".to_owned(), "organizations", 38),
    ];
    for (path, key, expected) in cases {
        let answer = desk.get(&path).await;
        let rows = answer.body[key].as_array().unwrap_or_else(|| panic!("{path}: {answer:?}"));
        assert_eq!(rows.len(), expected, "{path}");
        let shown = rows.first().filter(|row| row["url"].is_string() && key != "organization_memberships");
        if let Some(row) = shown {
            let one = desk.get(row["url"].as_str().unwrap()).await;
            let id = one.body.as_object().and_then(|body| body.values().next()).map(|one| one["id"].clone());
            assert_eq!((one.status, id), (200, Some(row["id"].clone())), "{}", row["url"]);
        }
    }
    let ticket = desk.get("/api/v2/tickets/42").await.body["ticket"].clone();
    for (kind, name) in [("brands", "brand_id"), ("ticket_forms", "ticket_form_id")] {
        assert_eq!(desk.get(&format!("/api/v2/{kind}/{}", ticket[name])).await.status, 200, "{kind}");
    }
    let audit = desk.get("/api/v2/tickets/42/audits").await.body["audits"][0].clone();
    assert_eq!(desk.get(&format!("/api/v2/tickets/42/audits/{}", audit["id"])).await.body["audit"], audit);
    assert_eq!(desk.get("/api/v2/incremental/organizations/cursor?start_time=0").await.status, 404);
    assert_eq!(desk.call("POST", "/api/v2/brands", json!({})).await.body["error"], "InvalidEndpoint");
}

#[tokio::test]
async fn organizations_are_made_once_and_leave_nobody_behind() {
    let desk = Desk::open(calm()).await;
    let part = |name: &str| json!({"organization": {"name": name, "external_id": "ext-9"}});
    let upsert =
        async |name: &str| desk.call("POST", "/api/v2/organizations/create_or_update", part(name)).await;
    let made = upsert("Nine").await;
    assert_eq!(made.status, 201);
    let id = made.body["organization"]["id"].clone();
    let again = upsert("Nine and a half").await;
    assert_eq!((again.status, &again.body["organization"]["id"]), (200, &id));
    let nobody = json!({"organization": {"id": 1, "name": "x"}});
    assert_eq!(desk.call("POST", "/api/v2/organizations/create_or_update", nobody).await.status, 404);
    let found = desk.get("/api/v2/organizations/autocomplete?name=nine").await.body;
    assert_eq!(found["organizations"][0]["name"], "Nine and a half");
    let count = async || desk.get("/api/v2/organizations/count").await.body["count"]["value"].as_u64();
    let before = count().await.unwrap();
    let member = json!({"user": {"organization_id": id}});
    desk.done("PUT", &format!("/api/v2/users/{HANAKO}"), member).await;
    let related = desk.get(&format!("/api/v2/organizations/{id}/related")).await.body;
    assert_eq!(related["organization_related"]["users_count"], 1);
    desk.done("DELETE", &format!("/api/v2/organizations/{id}"), json!({})).await;
    assert_eq!(count().await, Some(before - 1));
    let user = desk.get(&format!("/api/v2/users/{HANAKO}")).await.body;
    assert_eq!(user["user"]["organization_id"], Value::Null);
}

#[tokio::test]
async fn an_identity_is_shown_verified_and_changed() {
    let desk = Desk::open(calm()).await;
    let path = format!("/api/v2/users/{HANAKO}/identities");
    let body = json!({"identity": {"type": "email", "value": "other@example.com"}});
    let made = desk.done("POST", &path, body).await["identity"].clone();
    let path = format!("{path}/{}", made["id"]);
    assert_eq!(desk.get(&path).await.body["identity"], made);
    let check = async |part: Value, status: u16, name: &str, expected: Value| {
        let answer = desk.call("PUT", &path, json!({"identity": part})).await;
        assert_eq!((answer.status, &answer.body["identity"][name]), (status, &expected), "{part}");
    };
    check(json!({"verified": true}), 200, "verified", json!(true)).await;
    check(json!({"verified": false}), 200, "verified", json!(true)).await;
    check(json!({"value": "third@example.com"}), 200, "value", json!("third@example.com")).await;
    check(json!({"value": "agent@example.com"}), 422, "value", Value::Null).await;
    assert_eq!(desk.call("PUT", &format!("{path}/request_verification"), json!({})).await.status, 200);
}

#[tokio::test]
async fn a_webhook_is_cloned() {
    let desk = Desk::open(calm()).await;
    let webhook = json!({"webhook": {
        "name": "w", "endpoint": "https://example.com/x", "http_method": "POST", "request_format": "json", "status": "active",
        "subscriptions": ["conditional_ticket_events"],
    }});
    let first = desk.done("POST", "/api/v2/webhooks", webhook).await["webhook"].clone();
    let clone = format!("/api/v2/webhooks?clone_webhook_id={}", first["id"].as_str().unwrap());
    let second = desk.call("POST", &clone, json!(null)).await;
    assert_eq!((second.status, &second.body["webhook"]["endpoint"]), (201, &first["endpoint"]));
    assert_ne!(second.body["webhook"]["id"], first["id"]);
    assert_eq!(desk.call("POST", "/api/v2/webhooks?clone_webhook_id=none", json!(null)).await.status, 404);
}

/// Python's clients send head and body apart, keep the connection, and do not try again.
#[tokio::test]
async fn a_body_that_comes_after_its_head_costs_nobody_the_connection() {
    let desk = Desk::open(calm()).await;
    let address = desk.sandbox.zendesk_url.trim_start_matches("http://").to_owned();
    let client = move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head =
            format!("DELETE /api/v2/triggers/1 HTTP/1.1\r\nhost: {address}\r\ncontent-length: 4\r\n\r\n");
        [(); 2].map(|()| {
            stream.write_all(head.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(100));
            stream.write_all(b"null").unwrap();
            let mut answer = [0; 4096];
            let size = stream.read(&mut answer).unwrap();
            String::from_utf8_lossy(&answer[..size]).lines().next().map(str::to_owned)
        })
    };
    let answers = tokio::task::spawn_blocking(client).await.unwrap();
    assert_eq!(answers, [(); 2].map(|()| Some("HTTP/1.1 401 Unauthorized".to_owned())));
}
