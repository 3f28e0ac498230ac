//! The bodies in which Salesforce refuses: an array of `{message, errorCode}`, and OAuth's own. Docs: "Status Codes and Error
//! Responses". **Invariant:** texts are the recorded or the documented ones.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::soql::Refused;

/// What a handler of the stand-in answers.
pub(crate) type Answer = Result<Response, Refusal>;

/// A refusal, ready to be sent.
#[derive(Debug)]
pub(crate) struct Refusal(Box<(StatusCode, Value)>);

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self(Box::new((status, json!([{"message": message, "errorCode": code}]))))
    }

    /// The same with the fields that are meant.
    pub(crate) fn of_fields(status: StatusCode, code: &str, message: &str, fields: &[&str]) -> Self {
        Self(Box::new((status, json!([{"message": message, "errorCode": code, "fields": fields}]))))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource does not exist")
    }

    /// The session has run out, or was never one.
    pub(crate) fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    /// The day's calls are used up.
    pub(crate) fn limit_exceeded() -> Self {
        Self::new(StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    }

    pub(crate) fn bad(code: &str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// OAuth's `{error, error_description}`.
    pub(crate) fn oauth(error: &str, description: &str) -> Self {
        Self(Box::new((StatusCode::BAD_REQUEST, json!({"error": error, "error_description": description}))))
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        Self::bad(refused.code, &refused.message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = *self.0;
        let mut response = (status, json_body(&body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Token"));
        }
        response
    }
}

/// A body with the media type as recorded.
fn json_body(body: &Value) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.to_string())
}

/// 200 with a body.
pub(crate) fn ok(body: &Value) -> Response {
    json_body(body).into_response()
}
