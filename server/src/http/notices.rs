//! Who was told of a customer's contract, the triggers that ask for it, and where Zendesk's webhooks ask.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{ConnectTriggers, ErrorCode, NoticeList, TriggerReport};

use super::{
    connections::editor,
    error::ApiError,
    extract::{Admin, Json, Query, read_body},
    hooks::{MAX_DELIVERY, delivery},
    integrations::{Document, told},
    whose::{Keyed, Room},
};
use crate::{
    features::{
        connections::Connections,
        hooks::NoticeHooks,
        notices::{Notices, Options, TriggersError},
    },
    store::notices::{Filter, NoticeKind, NoticeState},
};

impl From<TriggersError> for ApiError {
    fn from(error: TriggersError) -> Self {
        use ErrorCode as Code;
        use TriggersError as E;
        let code = match &error {
            E::NoContract => Code::ContractNotIntegrated,
            E::Unmapped { .. } | E::NoField { .. } | E::NoOperator { .. } | E::NoOption { .. } => {
                Code::TriggerFieldMissing
            }
            E::Full(_) | E::Rejected(..) | E::AnotherServer { .. } => Code::TriggersRefused,
            E::Forbidden(fault) | E::NotOnPlan(fault) | E::Zendesk(fault) => {
                return Self::of_vendor(fault).because(error);
            }
            E::Store(_) => match error {
                E::Store(error) => return error.into(),
                _ => unreachable!("it was a store's error"),
            },
        };
        Self::caused(StatusCode::CONFLICT, code, error)
    }
}

/// Which notices.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichNotices {
    /// Asked for before: the `next` of the page before.
    before: Option<String>,
    /// Of this kind: `new_customer`, `renewal_near`, `page`, `page_over`, `renewal`.
    kind: Option<String>,
    /// With this outcome: `waiting`, `sending`, `told`, `fallback`, `not_told`, `unsure`.
    outcome: Option<String>,
}

/// The value of a parameter that has a few.
fn one_of<T: Copy>(
    name: &str,
    word: Option<&String>,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(word) = word else { return Ok(None) };
    let found = all.iter().copied().find(|one| as_str(*one) == *word);
    let words = || {
        let all: Vec<_> = all.iter().map(|one| format!("`{}`", as_str(*one))).collect();
        format!("`{name}` must be one of {}", all.join(", "))
    };
    let unknown = || ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::QueryInvalid, words());
    found.map(Some).ok_or_else(unknown)
}

/// `GET /api/notices`: newest first, by the hundred.
#[utoipa::path(get, path = "/api/notices", tag = "notices", security(("bearer" = [])), params(WhichNotices),
    responses((status = 200, body = NoticeList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn list(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(notices): Room<Notices>,
    Query(WhichNotices { before, kind, outcome }): Query<WhichNotices>,
) -> Result<Document<NoticeList>, ApiError> {
    let filter = Filter {
        before: before.as_deref(),
        kind: one_of("kind", kind.as_ref(), NoticeKind::ALL, NoticeKind::as_str)?,
        state: one_of("outcome", outcome.as_ref(), NoticeState::ALL, NoticeState::as_str)?,
    };
    let may_edit = editor(&admin, &connections).is_ok();
    Ok(told(notices.list(filter, (Some(&admin), may_edit)).await?))
}

/// `POST /api/notices/triggers`: makes Zendesk's triggers, or says what it would do.
#[utoipa::path(post, path = "/api/notices/triggers", tag = "notices", security(("bearer" = [])),
    request_body = ConnectTriggers,
    responses((status = 200, body = TriggerReport), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn triggers(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(notices): Room<Notices>,
    Json(ConnectTriggers { dry, overwrite }): Json<ConnectTriggers>,
) -> Result<Document<TriggerReport>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(notices.connect_triggers(&by, Options { dry, overwrite, only: None }).await?))
}

/// `POST /hooks/zendesk/notice`: one of our triggers asks for a notice.
#[utoipa::path(post, path = "/zendesk/notice", tag = "hooks",
    params(("X-Zendesk-Webhook-Signature" = String, Header, description = "Base64 of the HMAC-SHA256 of timestamp and body"),
        ("X-Zendesk-Webhook-Signature-Timestamp" = String, Header, description = "When it was signed"),
        ("X-Zendesk-Webhook-Invocation-Id" = Option<String>, Header, description = "Repeats carry the same")),
    request_body(content_type = "application/json", content = String,
        description = "`{\"account\": \"acme\", \"ticket_id\": \"42\", \"kind\": \"page\"}`, as `deskside connect zendesk-contract-triggers` writes it"),
    responses((status = 202, description = "It is recorded"), (status = 200, description = "It was asked for before"),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn ask(
    Keyed(hooks): Keyed<NoticeHooks>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let body = read_body(request, MAX_DELIVERY).await?;
    let is_new = hooks.notice(delivery(&headers, &body)).await?;
    Ok(if is_new { StatusCode::ACCEPTED } else { StatusCode::OK })
}

/// `POST /hooks/zendesk/events`: Zendesk made a user.
#[utoipa::path(post, path = "/zendesk/events", tag = "hooks",
    params(("X-Zendesk-Webhook-Signature" = String, Header, description = "Base64 of the HMAC-SHA256 of timestamp and body"),
        ("X-Zendesk-Webhook-Signature-Timestamp" = String, Header, description = "When it was signed"),
        ("X-Zendesk-Webhook-Invocation-Id" = Option<String>, Header, description = "Repeats carry the same")),
    request_body(content_type = "application/json", content = String, description = "An event of Zendesk, like `zen:event-type:user.created`"),
    responses((status = 202, description = "It is recorded"), (status = 200, description = "It was reported before, or nobody asked for it"),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn event(
    Keyed(hooks): Keyed<NoticeHooks>,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let body = read_body(request, MAX_DELIVERY).await?;
    let is_new = hooks.event(delivery(&headers, &body)).await?;
    Ok(if is_new { StatusCode::ACCEPTED } else { StatusCode::OK })
}
