//! The bodies in which Zendesk refuses. **Invariant:** five envelopes exist in the wild, and none is invented here.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What a handler of the stand-in answers.
pub(crate) type Answer = Result<Response, Refusal>;

/// A refusal, ready to be sent. Boxed: it is rare, and answers are many.
#[derive(Debug)]
pub(crate) struct Refusal(Box<(StatusCode, Value, HeaderMap)>);

impl Refusal {
    fn new(status: StatusCode, body: Value) -> Self {
        Self(Box::new((status, body, HeaderMap::new())))
    }

    /// `{"error","description"}` with any status.
    pub(crate) fn named(status: StatusCode, error: &str, description: &str) -> Self {
        Self::new(status, json!({"error": error, "description": description}))
    }

    /// The record does not exist, or was deleted.
    pub(crate) fn not_found() -> Self {
        Self::named(StatusCode::NOT_FOUND, "RecordNotFound", "Not found")
    }

    /// No such route, or a verb that the route does not know.
    pub(crate) fn invalid_endpoint() -> Self {
        Self::named(StatusCode::NOT_FOUND, "InvalidEndpoint", "Not found")
    }

    /// Nobody, or wrong Basic credentials.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, json!({"error": "Couldn't authenticate you"}))
            .with(header::WWW_AUTHENTICATE, "Basic realm=\"Web Password\"")
    }

    /// A bearer that is unknown, expired or revoked.
    pub(crate) fn invalid_token() -> Self {
        let why = "The access token provided is expired, revoked, malformed or invalid for other reasons.";
        let body = json!({"error": "invalid_token", "error_description": why});
        Self::new(StatusCode::UNAUTHORIZED, body).with(header::WWW_AUTHENTICATE, "Bearer realm=\"Zendesk\"")
    }

    /// Signed in, but not allowed, or the token's scope does not cover it.
    pub(crate) fn forbidden() -> Self {
        let message = "You do not have access to this page. Please contact the account owner of this help desk for \
                       further help.";
        Self::new(StatusCode::FORBIDDEN, json!({"error": {"title": "Forbidden", "message": message}}))
    }

    /// An argument has the wrong form.
    pub(crate) fn invalid_attribute(message: &str) -> Self {
        let body = json!({"error": {"title": "Invalid attribute", "message": message}});
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// The record would be invalid: one field and why.
    pub(crate) fn invalid(field: &str, description: &str, error: Option<&str>) -> Self {
        let mut detail = json!({"description": description});
        if let Some(error) = error {
            detail["error"] = json!(error);
        }
        let details = json!({field: [detail]});
        let body =
            json!({"error": "RecordInvalid", "description": "Record validation errors", "details": details});
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, body)
    }

    /// The record would be invalid for these reasons.
    pub(crate) fn invalid_base(reasons: &[String]) -> Self {
        let rows: Vec<_> = reasons.iter().map(|reason| json!({"description": reason})).collect();
        let details = json!({"base": rows});
        let body =
            json!({"error": "RecordInvalid", "description": "Record validation errors", "details": details});
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, body)
    }

    /// `{"errors":[{code,title,detail}]}`.
    pub(crate) fn listed(status: StatusCode, code: &str, title: &str, detail: &str) -> Self {
        Self::new(status, json!({"errors": [{"code": code, "title": title, "detail": detail}]}))
    }

    /// OAuth's own envelope.
    pub(crate) fn oauth(status: StatusCode, error: &str, description: &str) -> Self {
        Self::new(status, json!({"error": error, "error_description": description}))
    }

    /// Too many calls: come back in so many seconds.
    pub(crate) fn slow_down(retry_after: i64) -> Self {
        let description = "You have exceeded the API rate limit. Please try again later.";
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            json!({"error": "APIRateLimitExceeded", "description": description}),
        )
        .with(header::RETRY_AFTER, &retry_after.max(1).to_string())
    }

    /// Too many updates of one user: plain text, as recorded, whatever is left of the account's calls.
    pub(crate) fn slow_down_for_user(retry_after: i64) -> Self {
        let says = "You have exceeded the rate limit for updating a single unique user. user email:  id:  external_id: ";
        Self::new(StatusCode::TOO_MANY_REQUESTS, Value::String(says.to_owned()))
            .with(header::RETRY_AFTER, &retry_after.max(1).to_string())
    }

    /// More rows in one call than Zendesk takes; `body` is recorded per route.
    pub(crate) fn bad_request(body: Value) -> Self {
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.2.insert(name, value);
        }
        self
    }

    /// The words of it, for the row of a job.
    pub(crate) fn words(&self) -> (String, String) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let details = self.0.1["details"].as_object().and_then(|details| details.values().next());
        let detail = details.map(|rows| text(&rows[0]["description"]));
        (text(&self.0.1["error"]), detail.unwrap_or_else(|| text(&self.0.1["description"])))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body, headers) = *self.0;
        match body {
            Value::String(text) => {
                (status, headers, [(header::CONTENT_TYPE, "text/plain; charset=UTF-8")], text).into_response()
            }
            body => (status, headers, axum::Json(body)).into_response(),
        }
    }
}

/// 200 with a body.
pub(crate) fn ok(body: Value) -> Response {
    axum::Json(body).into_response()
}

/// 201 with a body and where the new record is.
pub(crate) fn created(location: &str, body: Value) -> Response {
    (StatusCode::CREATED, [(header::LOCATION, location.to_owned())], axum::Json(body)).into_response()
}

/// 204.
pub(crate) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
