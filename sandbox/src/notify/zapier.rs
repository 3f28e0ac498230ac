//! Zapier's catch hook: takes whatever comes, and says that it did; a Zap that is off says so, too.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::keep;
use crate::world::World;

/// `POST /hooks/catch/{account}/{hook}`, and PUT and GET.
pub(super) async fn catch(
    State(world): State<World>,
    Path((account, hook)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let text = || Value::from(String::from_utf8_lossy(&body));
    let said = serde_json::from_slice(&body).unwrap_or_else(|_| text());
    keep(&world, "zapier", &format!("{account}/{hook}"), &said);
    let id = Uuid::new_v4().to_string();
    Json(json!({"status": "success", "attempt": id, "id": id, "request_id": id})).into_response()
}
