//! Bodies against what was recorded of the real Zendesk, and against Zendesk's own description of its API. Both are read
//! where they are; without them these tests say so and pass.

use std::path::PathBuf;

use deskside_sandbox::Options;
use serde_json::{Map, Value, json};

use crate::client::{Answer, Desk, calm, send};
use crate::likeness::compare;

/// One call: the recording it must look like, and the operation that describes it.
struct Exchange {
    recording: &'static str,
    operation: (&'static str, &'static str),
    answer: Answer,
}

/// Where recordings and descriptions are, beside the workspace.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("DESKSIDE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    folder.join("fixtures/zendesk").is_dir().then_some(folder).or_else(|| {
        println!("skipped: no recorded exchanges beside the workspace");
        None
    })
}

/// What was asked so far.
#[derive(Default)]
struct Exchanges(Vec<Exchange>);

impl Exchanges {
    /// Keeps an answer, and hands back its body.
    fn note(
        &mut self,
        recording: &'static str,
        operation: (&'static str, &'static str),
        answer: Answer,
    ) -> Value {
        let body = answer.body.clone();
        self.0.push(Exchange { recording, operation, answer });
        body
    }
}

/// Everything that was recorded and that the sandbox does, asked of the sandbox.
async fn exchanges() -> Vec<Exchange> {
    let desk = Desk::open(Options { bulk_user_import: true, ..calm() }).await;
    let mut all = Exchanges::default();
    tickets(&desk, &mut all).await;
    files(&desk, &mut all).await;
    bulk_tickets(&desk, &mut all).await;
    users(&desk, &mut all).await;
    many_users(&desk, &mut all).await;
    fields(&desk, &mut all).await;
    calls(&desk, &mut all).await;
    webhooks(&desk, &mut all).await;
    all.0
}

async fn tickets(desk: &Desk, all: &mut Exchanges) {
    let ticket = "/api/v2/tickets/{ticket_id}";

    all.note("ticket_show", ("get", ticket), desk.get("/api/v2/tickets/42.json").await);
    all.note(
        "tickets_list_page",
        ("get", "/api/v2/tickets"),
        desk.get("/api/v2/tickets.json?page[size]=100").await,
    );
    let path = "/api/v2/tickets/42/comments.json?include_inline_images=false&page[size]=100";
    all.note(
        "ticket_comments_list_with_attachment",
        ("get", "/api/v2/tickets/{ticket_id}/comments"),
        desk.get(path).await,
    );
    all.note(
        "ticket_audits_list",
        ("get", "/api/v2/ticket_audits"),
        desk.get("/api/v2/ticket_audits.json?page[size]=100").await,
    );
    all.note("", ("get", "/api/v2/tickets/{ticket_id}/audits"), desk.get("/api/v2/tickets/42/audits").await);
    all.note("tags_list", ("get", "/api/v2/tags"), desk.get("/api/v2/tags.json?page[size]=100").await);
    let body = json!({"ticket": {"description": "test", "id": 42, "subject": "test"}});
    all.note(
        "ticket_put_200",
        ("put", ticket),
        desk.call("PUT", "/api/v2/tickets/42.json", body.clone()).await,
    );
    all.note(
        "ticket_put_404",
        ("", ""),
        desk.call("PUT", "/api/v2/tickets/9223372036854775807.json", body).await,
    );
}

async fn files(desk: &Desk, all: &mut Exchanges) {
    let path = "/api/v2/tickets/42/comments.json";
    let comments = desk.get(path).await.body;
    let upload = send(
        desk.request("POST", "/api/v2/uploads.json?filename=README.md")
            .header("content-type", "text/plain")
            .body("hello"),
    )
    .await;
    let upload = all.note("upload_create", ("post", "/api/v2/uploads"), upload);
    let body = json!({"ticket": {"subject": "example ticket", "comment": {"body": "Some comment", "uploads": upload["upload"]["token"]}}});
    all.note(
        "ticket_create_with_upload",
        ("post", "/api/v2/tickets"),
        desk.call("POST", "/api/v2/tickets.json", body).await,
    );
    let unused =
        send(desk.request("POST", "/api/v2/uploads.json?filename=a.txt").body("hello")).await.body["upload"]
            ["token"]
            .clone();
    let path = format!("/api/v2/uploads/{}.json", unused.as_str().unwrap());
    all.note("upload_delete_204", ("", ""), desk.call("DELETE", &path, json!({})).await);
    let first = &comments["comments"][0];
    let path = format!(
        "/api/v2/tickets/42/comments/{}/attachments/{}/redact.json",
        first["id"], first["attachments"][0]["id"]
    );
    all.note(
        "attachment_redact",
        ("put", "/api/v2/tickets/{ticket_id}/comments/{comment_id}/attachments/{attachment_id}/redact"),
        desk.call("PUT", &path, json!({})).await,
    );
    let path = format!("/api/v2/attachments/{}", first["attachments"][1]["id"]);
    all.note("", ("get", "/api/v2/attachments/{attachment_id}"), desk.get(&path).await);
    let path = format!("/api/v2/comment_redactions/{}", first["id"]);
    let body = json!({"ticket_id": 42, "external_attachment_urls": [first["attachments"][1]["content_url"]]});
    all.note(
        "",
        ("put", "/api/v2/comment_redactions/{ticket_comment_id}"),
        desk.call("PUT", &path, body).await,
    );
}

async fn bulk_tickets(desk: &Desk, all: &mut Exchanges) {
    let many: Vec<_> = (0..101).map(|_| json!({"subject": "s", "description": "d"})).collect();
    all.note(
        "tickets_create_many_400",
        ("", ""),
        desk.call("POST", "/api/v2/tickets/create_many.json", json!({"tickets": many})).await,
    );
    let body = json!({"tickets": [{"id": 42, "subject": "s"}]});
    all.note(
        "tickets_update_many",
        ("put", "/api/v2/tickets/update_many"),
        desk.call("PUT", "/api/v2/tickets/update_many.json", body).await,
    );
    let rows: Vec<_> = (0..5).map(|_| json!({"subject": "s", "description": "d"})).collect();
    let job = desk.call("POST", "/api/v2/tickets/create_many.json", json!({"tickets": rows})).await.body["job_status"]["url"].clone();
    let job = job.as_str().unwrap();
    let show = ("get", "/api/v2/job_statuses/{job_status_id}");
    all.note("job_status_working_none", show, desk.get(job).await);
    all.note("job_status_completed_bulk_create_ticket", show, desk.get(job).await);
}

async fn users(desk: &Desk, all: &mut Exchanges) {
    let user = "/api/v2/users/26155588908160.json";
    all.note("users_me", ("get", "/api/v2/users/me"), desk.get("/api/v2/users/me.json").await);
    all.note(
        "users_list_page",
        ("get", "/api/v2/users"),
        desk.get("/api/v2/users.json?page[size]=100").await,
    );
    all.note("", ("get", "/api/v2/users/{user_id}"), desk.get(user).await);
    all.note("", ("get", "/api/v2/users/search"), desk.get("/api/v2/users/search?query=role:agent").await);
    all.note(
        "",
        ("get", "/api/v2/users/{user_id}/identities"),
        desk.get("/api/v2/users/26155588908160/identities").await,
    );
    let body = json!({"user": {"id": "", "name": "testUser"}});
    all.note(
        "users_create_201",
        ("post", "/api/v2/users"),
        desk.call("POST", "/api/v2/users.json", body).await,
    );
    all.note(
        "user_put_200",
        ("put", "/api/v2/users/{user_id}"),
        desk.call("PUT", user, json!({"user": {"name": "New name"}})).await,
    );
    all.note(
        "user_put_404",
        ("", ""),
        desk.call("PUT", "/api/v2/users/9223372036854775807.json", json!({"user": {"name": "x"}})).await,
    );
}

async fn many_users(desk: &Desk, all: &mut Exchanges) {
    let rows = |count| (0..count).map(|_| json!({"name": "testUser"})).collect::<Vec<_>>();
    all.note(
        "users_create_many",
        ("post", "/api/v2/users/create_many"),
        desk.call("POST", "/api/v2/users/create_many.json", json!({"users": rows(3)})).await,
    );
    all.note(
        "users_create_many_400_toomany",
        ("", ""),
        desk.call("POST", "/api/v2/users/create_many.json", json!({"users": rows(101)})).await,
    );
    let body = json!({"users": [{"id": 26_155_588_908_160_u64, "name": "Newer name"}]});
    all.note(
        "users_update_many",
        ("put", "/api/v2/users/update_many"),
        desk.call("PUT", "/api/v2/users/update_many.json", body).await,
    );
    all.note(
        "incremental_users_cursor",
        ("get", "/api/v2/incremental/users/cursor"),
        desk.get("/api/v2/incremental/users/cursor.json?start_time=0").await,
    );
    all.note(
        "incremental_users_time_based",
        ("get", "/api/v2/incremental/users"),
        desk.get("/api/v2/incremental/users.json?start_time=0").await,
    );
    let path = "/api/v2/incremental/organizations";
    all.note("", ("get", path), desk.get(&format!("{path}?start_time=0")).await);
    let many = "/api/v2/users/show_many";
    all.note("", ("get", many), desk.get(&format!("{many}?external_ids=crm-1001")).await);
    let path = "/api/v2/organizations/update_many";
    let body =
        json!({"organizations": [{"id": 6_130_869_157_658_u64, "notes": "n"}, {"id": 1, "notes": "n"}]});
    let job = all.note("", ("put", path), desk.call("PUT", path, body).await)["job_status"]["url"].clone();
    desk.get(job.as_str().unwrap()).await;
    all.note("", ("get", "/api/v2/job_statuses/{job_status_id}"), desk.get(job.as_str().unwrap()).await);
    let rows: Vec<_> = (0..5).map(|at| json!({"name": format!("Made {at}")})).collect();
    let path = "/api/v2/organizations/create_many";
    let body = json!({"organizations": rows});
    let job = all.note("", ("post", path), desk.call("POST", path, body).await)["job_status"]["url"].clone();
    desk.get(job.as_str().unwrap()).await;
    let job = desk.get(job.as_str().unwrap()).await;
    all.note("job_status_completed_bulk_create_organization", ("", ""), job);
    all.note(
        "search_export_cursor",
        ("get", "/api/v2/search/export"),
        desk.get("/api/v2/search/export.json?query=type:user&filter[type]=user&page[size]=1000").await,
    );
}

async fn fields(desk: &Desk, all: &mut Exchanges) {
    let body = json!({"user_field": {"description": "test", "key": "something", "title": "i am test"}});
    let field = all.note(
        "user_field_create_201",
        ("post", "/api/v2/user_fields"),
        desk.call("POST", "/api/v2/user_fields.json", body).await,
    );
    let path = format!("/api/v2/user_fields/{}.json", field["user_field"]["id"]);
    let body = json!({"user_field": {"description": "new", "id": 1, "title": "i am new"}});
    all.note(
        "user_field_put_200",
        ("put", "/api/v2/user_fields/{user_field_id}"),
        desk.call("PUT", &path, body).await,
    );
    all.note("", ("get", "/api/v2/user_fields"), desk.get("/api/v2/user_fields").await);
    let body =
        json!({"organization_field": {"description": "test", "key": "something", "title": "i am test"}});
    all.note(
        "organization_field_create_201",
        ("post", "/api/v2/organization_fields"),
        desk.call("POST", "/api/v2/organization_fields.json", body).await,
    );
    all.note(
        "organization_show",
        ("get", "/api/v2/organizations/{organization_id}"),
        desk.get("/api/v2/organizations/6130869157658.json").await,
    );
}

async fn calls(desk: &Desk, all: &mut Exchanges) {
    let body = json!({"call": {"app_id": 1, "call_ended_at": "2022-01-27T15:32:40+01", "call_started_at": "2022-01-27T15:31:40+01", "direction": "inbound", "from_line": "+18", "from_line_nickname": "Sales", "to_line": "+14", "to_line_nickname": "Support"}});
    let call = all.note("calls_create_201", ("", ""), desk.call("POST", "/api/v2/calls.json", body).await);
    let path = format!("/api/v2/calls/{}", call["call"]["id"]);
    all.note("calls_get_200", ("", ""), desk.get(&path).await);
    all.note(
        "calls_patch_200",
        ("", ""),
        desk.call("PATCH", &path, json!({"call": {"call_ended_at": "2022-04-16T09:15:37Z"}})).await,
    );
    let body = json!({"title": "A comment", "call_fields": ["direction"]});
    all.note("calls_comment_201", ("", ""), desk.call("POST", &format!("{path}/comments.json"), body).await);
}

async fn webhooks(desk: &Desk, all: &mut Exchanges) {
    let body = json!({"trigger": {"actions": [{"field": "status", "value": "open"}], "title": "t", "all": [{"field": "status", "operator": "less_than", "value": "solved"}, {"field": "update_type", "operator": "is", "value": "Create"}]}});
    all.note(
        "trigger_create_201",
        ("post", "/api/v2/triggers"),
        desk.call("POST", "/api/v2/triggers.json", body).await,
    );
    let body = json!({"webhook": {"authentication": {"add_position": "header", "data": {"password": "p", "username": "u"}, "type": "basic_auth"}, "description": "Description", "endpoint": "http://127.0.0.1:9/none", "http_method": "GET", "name": "n", "request_format": "json", "status": "active", "subscriptions": ["conditional_ticket_events"]}});
    let hook = all.note("webhook_create_201", ("", ""), desk.call("POST", "/api/v2/webhooks", body).await);
    let path = format!("/api/v2/webhooks/{}", hook["webhook"]["id"].as_str().unwrap());
    all.note("webhook_show", ("", ""), desk.get(&path).await);
    all.note("webhook_list", ("", ""), desk.get("/api/v2/webhooks").await);
    all.note(
        "webhook_patch_204",
        ("", ""),
        desk.call("PATCH", &path, json!({"webhook": {"name": "A new name"}})).await,
    );
    all.note("webhook_signing_secret_show", ("", ""), desk.get(&format!("{path}/signing_secret")).await);
    all.note(
        "webhook_signing_secret_reset",
        ("", ""),
        desk.call("POST", &format!("{path}/signing_secret"), json!({})).await,
    );
}

#[tokio::test]
async fn every_answer_looks_like_the_recorded_one() {
    let Some(shared) = shared() else { return };
    let mut wrong = Vec::new();
    for exchange in exchanges().await.iter().filter(|exchange| !exchange.recording.is_empty()) {
        let path = shared.join(format!("fixtures/zendesk/{}.json", exchange.recording));
        let recorded: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let recorded = &recorded["response"];
        if recorded["status"]["code"] != exchange.answer.status {
            wrong.push(format!(
                "{}: {} instead of {}",
                exchange.recording, exchange.answer.status, recorded["status"]["code"]
            ));
        }
        compare(exchange.recording, &recorded["body"], &exchange.answer.body, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where the description is known to be wrong: it calls these strings, and real answers hold numbers.
const KNOWN: &[&str] = &["/width", "/height"];

#[tokio::test]
async fn every_answer_fits_zendesks_description() {
    let Some(shared) = shared() else { return };
    let Ok(text) = std::fs::read_to_string(shared.join("openapi/zendesk.yaml")) else { return };
    let description: Value = serde_saphyr::from_str(&text).unwrap();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for exchange in exchanges().await {
        let (method, path) = exchange.operation;
        if path.is_empty() {
            continue;
        }
        let status = exchange.answer.status.to_string();
        let operation = &description["paths"][path][method];
        let mut response = &operation["responses"][&status];
        if let Some(target) = response["$ref"].as_str() {
            response = description.pointer(target.trim_start_matches('#')).unwrap();
        }
        let schema = &response["content"]["application/json"]["schema"];
        if schema.is_null() {
            wrong.push(format!("{method} {path} {status} is not described"));
            continue;
        }
        let mut root = schema.as_object().cloned().unwrap_or_default();
        root.insert("components".into(), description["components"].clone());
        let validator = jsonschema::draft4::new(&Value::Object(root)).unwrap();
        checked += 1;
        for error in validator.iter_errors(&without_nulls(&exchange.answer.body)) {
            let at = error.instance_path().to_string();
            if !KNOWN.iter().any(|known| at.ends_with(known)) {
                wrong.push(format!("{method} {path}: {error} at {at}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences in {checked} answers:\n{}", wrong.len(), wrong.join("\n"));
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(without_nulls).collect(),
        other => other.clone(),
    }
}
