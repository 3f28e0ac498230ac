//! `/hooks/…`: vendors call us. `POST /hooks/zendesk/archive`: Zendesk's trigger saw the tag. Zendesk tries again where we answer 503 and a short
//! `Retry-After`, and takes every other refusal for final.

use std::time::Duration;

use axum::{
    extract::{OriginalUri, Request},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use wire::{ErrorCode, StartedRun};

use super::{error::ApiError, extract::read_body, whose::Keyed};
use crate::{
    connectors::{VendorError, twilio, zendesk::webhook},
    features::{
        engagements::events::Unreadable,
        hooks::{Delivery, HookError, Hooks, TwilioHookError, TwilioHooks},
    },
};

/// What a delivery may weigh. Ours are 50 bytes.
pub(super) const MAX_DELIVERY: usize = 64 * 1024;
/// Zendesk waits for less than a minute.
const AGAIN_IN: Duration = Duration::from_secs(30);

const CONNECT: &str = "Operator: run `deskside connect zendesk-archive` or `zendesk-contract-triggers`, or set `zendesk.webhook_secret`.";

impl From<HookError> for ApiError {
    fn from(error: HookError) -> Self {
        use ErrorCode as Code;
        use StatusCode as Status;
        match error {
            HookError::Unsigned => Self::caused(Status::UNAUTHORIZED, Code::WebhookUnsigned, error)
                .hint("Zendesk signs every delivery; this one came from somebody else."),
            HookError::Signature => Self::caused(Status::UNAUTHORIZED, Code::WebhookSignatureInvalid, error)
                .hint("Operator: if `zendesk.webhook_secret` is set, compare it with the webhook's signing secret."),
            HookError::Stale(_) => Self::caused(Status::UNAUTHORIZED, Code::WebhookExpired, error)
                .hint("Operator: check the server's clock."),
            HookError::Replayed => Self::caused(Status::UNAUTHORIZED, Code::WebhookReplayed, error),
            HookError::Body => Self::caused(Status::UNPROCESSABLE_ENTITY, Code::BodyInvalid, error)
                .hint("Operator: `deskside connect zendesk-archive` and `zendesk-contract-triggers` mend the triggers."),
            HookError::WrongAccount => Self::caused(Status::FORBIDDEN, Code::WebhookWrongAccount, error)
                .hint("Operator: compare `zendesk.subdomain` with the account that has the trigger."),
            HookError::NotConnected(_) => {
                Self::caused(Status::NOT_FOUND, Code::WebhookNotConnected, error).hint(CONNECT)
            }
            HookError::SecretNotYet => later(error),
            HookError::Secret(ref fault) if fault.is_outage() => later(error),
            HookError::Secret(ref fault) => Self::of_vendor(fault).because(error).hint(CONNECT),
            HookError::Store(error) => error.into(),
        }
    }
}

fn later(error: HookError) -> ApiError {
    ApiError::caused(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::ZendeskUnavailable, error)
        .hint("Send it again in half a minute.")
        .retry_after(Some(AGAIN_IN))
}

/// `POST /hooks/zendesk/archive`.
#[utoipa::path(post, path = "/zendesk/archive", tag = "hooks",
    params(("X-Zendesk-Webhook-Signature" = String, Header, description = "Base64 of the HMAC-SHA256 of timestamp and body"),
        ("X-Zendesk-Webhook-Signature-Timestamp" = String, Header, description = "When it was signed"),
        ("X-Zendesk-Webhook-Invocation-Id" = Option<String>, Header, description = "Repeats carry the same")),
    request_body(content_type = "application/json", content = String,
        description = "`{\"account\": \"acme\", \"ticket_id\": \"42\"}`, as `deskside connect zendesk-archive` writes it"),
    responses((status = 202, description = "A run begins, or goes on", body = StartedRun),
        (status = 200, description = "This delivery was taken before"),
        (status = "default", body = wire::ErrorEnvelope)))]
pub async fn zendesk_archive(
    Keyed(hooks): Keyed<Hooks>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    let body = read_body(request, MAX_DELIVERY).await?;
    Ok(match hooks.ticket_tagged(delivery(&headers, &body)).await? {
        Some(started) => (StatusCode::ACCEPTED, axum::Json(started)).into_response(),
        None => StatusCode::OK.into_response(),
    })
}

/// A delivery of Zendesk, as its headers have it.
pub(super) fn delivery<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Delivery<'a> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Delivery {
        signature: header(webhook::SIGNATURE),
        timestamp: header(webhook::TIMESTAMP),
        invocation: header(webhook::INVOCATION),
        account_number: header(webhook::ACCOUNT),
        body,
    }
}

impl From<TwilioHookError> for ApiError {
    fn from(error: TwilioHookError) -> Self {
        use ErrorCode as Code;
        use StatusCode as Status;
        match error {
            TwilioHookError::Unsigned => Self::caused(Status::UNAUTHORIZED, Code::WebhookUnsigned, error)
                .hint("Twilio signs every delivery; this one came from somebody else."),
            TwilioHookError::Signature(_) => {
                Self::caused(Status::UNAUTHORIZED, Code::WebhookSignatureInvalid, error).hint(
                    "Operator: compare `twilio.auth_token` and `server.public_url` with what Twilio has.",
                )
            }
            TwilioHookError::Unreadable(Unreadable::Shape) => {
                Self::caused(Status::UNPROCESSABLE_ENTITY, Code::BodyInvalid, error)
            }
            TwilioHookError::Unreadable(Unreadable::Account) => {
                Self::caused(Status::FORBIDDEN, Code::WebhookWrongAccount, error)
                    .hint("Operator: compare `twilio.account_sid` and `twilio.workspace_sid`.")
            }
            TwilioHookError::NotConnected => {
                Self::caused(Status::NOT_FOUND, Code::WebhookNotConnected, error)
                    .hint("Operator: set `twilio.auth_token` to the account's primary auth token.")
            }
            TwilioHookError::Store(error) => error.into(),
        }
    }
}

/// What a batch of Event Streams may weigh.
const MAX_EVENTS: usize = 1024 * 1024;

/// `POST /hooks/twilio/events`: a `TaskRouter` workspace's callback (a form), or a batch of Event Streams (JSON).
#[utoipa::path(post, path = "/twilio/events", tag = "hooks",
    params(("X-Twilio-Signature" = String, Header, description = "Base64 of the HMAC-SHA1 of the URL and the form's fields")),
    request_body(content_type = "application/json", content = String,
        description = "An array of CloudEvents, or a form of a TaskRouter workspace's event callback"),
    responses((status = 204, description = "It is written down"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn twilio_events(
    Keyed(hooks): Keyed<TwilioHooks>,
    OriginalUri(asked): OriginalUri,
    headers: HeaderMap,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let asked = asked.path_and_query().map(ToString::to_string).unwrap_or_default();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_form =
        header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let body = read_body(request, MAX_EVENTS).await?;
    hooks.events(&asked, header(twilio::webhook::SIGNATURE), &body, is_form).await?;
    Ok(StatusCode::NO_CONTENT)
}
