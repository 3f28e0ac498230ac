//! Tickets: writing, refusing, finding.

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::client::{Desk, calm, send};

#[tokio::test]
async fn what_a_ticket_number_may_be() {
    let desk = Desk::open(calm()).await;
    let cases = [
        ("42", 200, Value::Null),
        ("42.json", 200, Value::Null),
        ("13", 404, json!("RecordNotFound")),
        ("9223372036854775807", 404, json!("RecordNotFound")),
        ("1234567890123456789012345678901234567890", 404, json!("RecordNotFound")),
        (
            "undefined",
            400,
            json!({"title": "Invalid attribute", "message": "You passed an invalid value for the id attribute. Invalid parameter: id must be an integer"}),
        ),
    ];
    for (number, status, error) in cases {
        let answer = desk.get(&format!("/api/v2/tickets/{number}")).await;
        assert_eq!((answer.status, &answer.body["error"]), (status, &error), "{number}");
    }
    let nonsense = desk.get("/api/v2/no/such/thing").await;
    assert_eq!((nonsense.status, &nonsense.body["error"]), (404, &json!("InvalidEndpoint")));
    let wrong_verb = desk.call("PATCH", "/api/v2/tickets/42", json!({})).await;
    assert_eq!((wrong_verb.status, &wrong_verb.body["error"]), (404, &json!("InvalidEndpoint")));
}

#[tokio::test]
async fn a_closed_ticket_takes_no_update() {
    let desk = Desk::open(calm()).await;
    desk.sandbox.handle().set_status(42, "closed");
    let refusal = json!({"error": "RecordInvalid", "description": "Record validation errors",
                         "details": {"status": [{"description": "closed prevents ticket update"}]}});
    for (method, path, body) in [
        ("PUT", "/api/v2/tickets/42", json!({"ticket": {"status": "open"}})),
        ("PUT", "/api/v2/tickets/42/tags", json!({"tags": ["x"]})),
        ("POST", "/api/v2/tickets/42/merge", json!({"ids": [1]})),
    ] {
        let answer = desk.call(method, path, body).await;
        assert_eq!((answer.status, &answer.body), (422, &refusal), "{method} {path}");
    }
    let follow_up = json!({"ticket": {"via_followup_source_id": 42, "comment": {"body": "again"}}});
    let made = desk.done("POST", "/api/v2/tickets", follow_up).await["ticket"].clone();
    assert_eq!(made["via"]["source"]["rel"], "follow_up");
    assert_eq!(desk.sandbox.handle().ticket(42).unwrap()["followup_ids"], json!([made["id"]]));
}

#[tokio::test]
async fn a_repeated_creation_makes_one_ticket() {
    let desk = Desk::open(calm()).await;
    let create = |subject: &str| {
        let body = json!({"ticket": {"subject": subject, "comment": {"body": "hello"}}});
        send(desk.request("POST", "/api/v2/tickets.json").header("idempotency-key", "once").json(&body))
    };
    let (first, second) = (create("one").await, create("one").await);
    assert_eq!((first.status, first.header("x-idempotency-lookup")), (201, "miss"));
    assert_eq!((second.status, second.header("x-idempotency-lookup")), (201, "hit"));
    assert_eq!(first.body, second.body);
    let other = create("two").await;
    assert_eq!((other.status, &other.body["error"]), (400, &json!("IdempotentRequestError")));
}

#[tokio::test]
async fn a_requester_is_found_or_made() {
    let desk = Desk::open(calm()).await;
    let create = async |requester: Value| {
        let body = json!({"ticket": {"subject": "s", "comment": {"body": "b"}, "requester": requester}});
        desk.call("POST", "/api/v2/tickets", body).await
    };
    let known = create(json!({"name": "x", "email": "Hanako.Sato@example.com"})).await;
    assert_eq!(known.body["ticket"]["requester_id"], 26_155_588_908_160_u64);
    let new = create(json!({"name": "New", "phone": "+81 50-1234-9999"})).await;
    let id = new.body["ticket"]["requester_id"].as_u64().unwrap();
    assert_eq!(desk.sandbox.handle().user(id).unwrap()["phone"], "+81 50-1234-9999");
    let suspended = create(json!({"email": "blocked.sender@example.com"})).await;
    assert_eq!(suspended.status, 422);
    assert_eq!(
        desk.call("POST", "/api/v2/tickets", json!({"ticket": {"subject": "no words"}})).await.status,
        422
    );
}

#[tokio::test]
async fn a_silent_comment_is_as_public_as_its_ticket() {
    let desk = Desk::open(calm()).await;
    let say = async |ticket: Value, comment: Value| {
        let path = format!("/api/v2/tickets/{ticket}");
        let body = desk.done("PUT", &path, json!({"ticket": {"comment": comment}})).await;
        body["audit"]["events"][0]["public"].clone()
    };
    assert_eq!(say(json!(42), json!({"body": "careful"})).await, true);
    assert_eq!(say(json!(42), json!({"body": "a note", "public": false})).await, false);
    let private = json!({"ticket": {"subject": "s", "comment": {"body": "b", "public": false}}});
    let id = desk.done("POST", "/api/v2/tickets", private).await["ticket"]["id"].clone();
    assert_eq!(say(id, json!({"body": "quiet"})).await, false);
}

#[tokio::test]
async fn an_outdated_update_is_refused() {
    let desk = Desk::open(calm()).await;
    let stamp = desk.get("/api/v2/tickets/42").await.body["ticket"]["updated_at"].clone();
    let change = |priority: &str| json!({"ticket": {"priority": priority, "safe_update": false, "updated_stamp": stamp}});
    assert_eq!(desk.call("PUT", "/api/v2/tickets/42", change("low")).await.status, 200);
    let second = desk.call("PUT", "/api/v2/tickets/42", change("high")).await;
    assert_eq!(
        (second.status, &second.body["error"]),
        (409, &json!("UpdateConflict")),
        "even false means true"
    );
}

#[tokio::test]
async fn tags_are_added_set_and_removed() {
    let desk = Desk::open(calm()).await;
    let path = "/api/v2/tickets/42/tags.json";
    let cases = [
        ("PUT", json!(["Archive", "billing"]), 200, json!(["archive", "billing"])),
        ("POST", json!(["one", "two"]), 201, json!(["one", "two"])),
        ("DELETE", json!(["one"]), 204, json!(["two"])),
    ];
    for (method, tags, status, after) in cases {
        let answer = desk.call(method, path, json!({"tags": tags})).await;
        assert_eq!(answer.status, status, "{method}");
        assert_eq!(desk.get(path).await.body["tags"], after, "{method}");
    }
    let replaced =
        desk.done("PUT", "/api/v2/tickets/42", json!({"ticket": {"id": 42, "tags": ["new"]}})).await;
    assert_eq!(replaced["ticket"]["tags"], json!(["new"]));
    let warned = desk.call("PUT", "/api/v2/tickets/42", json!({"ticket": {"id": 42}})).await;
    assert!(warned.header("x-zendesk-api-warn").contains(":unpermitted_keys=>[\"ticket.id\"]"));
}

#[tokio::test]
async fn a_search_reads_zendesks_language() {
    let desk = Desk::open(calm()).await;
    let count = async |query: &str| {
        let answer = send(desk.request("GET", "/api/v2/search.json").query(&[("query", query)])).await;
        answer.body["count"].as_u64().unwrap_or_else(|| panic!("{answer:?}"))
    };
    let open = count("type:ticket status:open").await;
    let unsolved = count("type:ticket status<solved").await;
    assert!(open > 5 && unsolved > open);
    assert_eq!(count("type:ticket requester:hanako.sato@example.com tags:billing").await, 1);
    assert_eq!(count("type:user email:hanako.sato@example.com").await, 1);
    assert_eq!(count("type:ticket 請求について").await, 1);
    let export =
        desk.get("/api/v2/search/export?query=status:open&filter[type]=ticket&page[size]=5").await.body;
    assert_eq!((export["results"].as_array().unwrap().len(), &export["meta"]["has_more"]), (5, &json!(true)));
    assert_eq!(desk.get("/api/v2/search?query=x&page=11&per_page=100").await.status, 422);
    assert_eq!(desk.get("/api/v2/search?query=x&page[size]=5").await.status, 400);
}

#[tokio::test]
async fn a_deleted_ticket_is_gone_until_restored() {
    let desk = Desk::open(calm()).await;
    assert_eq!(desk.call("DELETE", "/api/v2/tickets/42", json!({})).await.status, 204);
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 404);
    let gone = desk.get("/api/v2/deleted_tickets").await.body["deleted_tickets"].clone();
    assert_eq!(gone.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>(), [13, 42]);
    desk.done("PUT", "/api/v2/deleted_tickets/42/restore", json!({})).await;
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 200);
}

#[tokio::test]
async fn a_restricted_agent_sees_what_is_assigned_to_him() {
    let desk = Desk::open(calm()).await.at_workspace_of(credentials::RESTRICTED_AGENT_ID).await;
    assert_eq!(desk.get("/api/v2/tickets/42").await.status, 403);
    let mine = desk.get("/api/v2/tickets.json").await.body["tickets"].clone();
    let mine = mine.as_array().unwrap();
    assert!(
        !mine.is_empty()
            && mine.iter().all(|ticket| ticket["assignee_id"] == credentials::RESTRICTED_AGENT_ID)
    );
    assert_eq!(desk.get(&format!("/api/v2/tickets/{}", mine[0]["id"])).await.status, 200);
}

#[tokio::test]
async fn bulk_updates_of_tickets_are_jobs() {
    let desk = Desk::open(calm()).await;
    desk.sandbox.handle().set_status(5, "closed");
    let job = desk
        .done("PUT", "/api/v2/tickets/update_many?ids=42,5", json!({"ticket": {"additional_tags": ["bulk"]}}))
        .await;
    let path = format!("/api/v2/job_statuses/{}", job["job_status"]["id"].as_str().unwrap());
    desk.get(&path).await;
    let results = desk.get(&path).await.body["job_status"]["results"].clone();
    assert_eq!((&results[0]["success"], &results[1]["success"]), (&json!(true), &json!(false)));
    assert_eq!(desk.sandbox.handle().ticket(42).unwrap()["tags"], json!(["billing", "bulk"]));
    let many: Vec<_> = (0..101).map(|_| json!({"subject": "s", "description": "d"})).collect();
    let refused = desk.call("POST", "/api/v2/tickets/create_many", json!({"tickets": many})).await;
    assert_eq!(
        refused.body,
        json!({"error": "TooManyValues", "description": "Parameter  cannot specify more than 100 values", "max_count": 100})
    );
}
