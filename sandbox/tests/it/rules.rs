//! What tests of triggers share: fields of every type, triggers of one condition, and an endpoint for webhooks.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use crate::client::Desk;

/// What arrived at an endpoint.
pub type Received = (HeaderMap, Bytes);

/// An endpoint that answers with these statuses in turn, then 200, and hands over what it got.
pub async fn endpoint(statuses: &[u16]) -> (String, mpsc::UnboundedReceiver<Received>) {
    let statuses = Arc::new(Mutex::new(statuses.iter().rev().copied().collect::<Vec<_>>()));
    let (sender, receiver) = mpsc::unbounded_channel();
    let handler = async move |headers: HeaderMap, body: Bytes| {
        let _the_test_may_have_ended = sender.send((headers, body));
        let status = statuses.lock().unwrap().pop().unwrap_or(200);
        (StatusCode::from_u16(status).unwrap(), [("retry-after", "0")])
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

/// A webhook to `url` with these subscriptions; its id.
pub async fn webhook(desk: &Desk, url: &str, subscriptions: &[&str]) -> String {
    let body = json!({"webhook": {"name": "Hook", "endpoint": url, "http_method": "POST", "request_format": "json",
                                  "status": "active", "subscriptions": subscriptions}});
    let made = desk.done("POST", "/api/v2/webhooks", body).await;
    made["webhook"]["id"].as_str().unwrap().to_owned()
}

/// A trigger's body.
pub fn rule(all: Value, actions: Value) -> Value {
    let mut rule = json!({"title": "Rule", "conditions": {"any": []}});
    (rule["conditions"]["all"], rule["actions"]) = (all, actions);
    json!({ "trigger": rule })
}

/// A condition.
pub fn when(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "operator": operator, "value": value.into()})
}

/// A trigger that adds the tag `hit` where these conditions hold; its path.
pub async fn hits(desk: &Desk, all: Value) -> String {
    let made = desk
        .done("POST", "/api/v2/triggers", rule(all, json!([{"field": "current_tags", "value": "hit"}])))
        .await;
    format!("/api/v2/triggers/{}", made["trigger"]["id"])
}

/// The type of each field that tests compare; its key is `a_<type>`.
pub const TYPES: [&str; 8] =
    ["text", "textarea", "regexp", "integer", "decimal", "date", "dropdown", "checkbox"];

/// Makes one field of each type, of users and of organizations. Its key has capitals.
pub async fn make_fields(desk: &Desk) {
    for (many, one) in [("user_fields", "user_field"), ("organization_fields", "organization_field")] {
        for kind in TYPES {
            let mut field = json!({"key": format!("A_{kind}"), "title": format!("A {kind}"), "type": kind});
            if kind == "dropdown" {
                let options =
                    ["gold", "silver"].map(|value| json!({"name": value.to_uppercase(), "value": value}));
                field["custom_field_options"] = json!(options);
            }
            desk.done("POST", &format!("/api/v2/{many}"), json!({ one: field })).await;
        }
    }
}

/// The id of a dropdown's option.
pub async fn option(desk: &Desk, many: &str, value: &str) -> String {
    let one = desk.get(&format!("/api/v2/{many}/A_dropdown")).await.body;
    let field = one.as_object().unwrap().values().next().unwrap().clone();
    let rows = field["custom_field_options"].as_array().unwrap().clone();
    rows.iter().find(|row| row["value"] == value).unwrap()["id"].to_string()
}
