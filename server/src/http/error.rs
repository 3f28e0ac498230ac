//! The one error envelope. A refusal travels as [`ApiError`] as far as the outermost layer, `super::answer`; with the
//! request's id its body is written, and what is ours to mend is logged. **Invariant:** an upstream's fault is never a
//! 500.

use std::{borrow::Cow, error::Error, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::rejection::{PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use wire::{ErrorBody, ErrorCode, ErrorEnvelope, FieldProblem, FieldRule};

use crate::{
    causes::causes,
    connectors::{Advice, FailureKind, Vendor, VendorError},
    store::StoreError,
};

/// A refusal, on its way out.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// What the client sees first.
    pub status: StatusCode,
    /// For programs.
    pub code: ErrorCode,
    /// For people: what happened, to which thing.
    pub message: String,
    /// For people: what to do.
    pub hint: Option<Cow<'static, str>>,
    /// The field of the request that was refused, where it was one.
    pub field: Option<String>,
    /// Which rule that field breaks.
    pub reason: Option<FieldRule>,
    /// Where in that field, and what else is wrong.
    pub details: Option<Box<Details>>, // in a box, because few answers have them and each `Result` holds this
    /// When it is worth asking again.
    pub retry_after: Option<Duration>,
    /// For the log only.
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What few refusals say.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Line and column in the field that was refused.
    place: Option<(u64, u64)>,
    /// All that is wrong, where several parts of the request are.
    problems: Vec<FieldProblem>,
}

impl ApiError {
    /// A refusal whose words are the client's to read.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            hint: None,
            field: None,
            reason: None,
            details: None,
            retry_after: None,
            source: None,
        }
    }

    /// A refusal in the words of `error`, whose causes go to the log.
    pub fn caused(status: StatusCode, code: ErrorCode, error: impl Error + Send + Sync + 'static) -> Self {
        Self::new(status, code, String::new()).because(error)
    }

    /// The words of `error`, whose causes go to the log.
    #[must_use]
    pub fn because(self, error: impl Error + Send + Sync + 'static) -> Self {
        Self { message: error.to_string(), source: Some(Arc::new(error)), ..self }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds which field of the request was refused.
    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Adds which rule that field breaks.
    #[must_use]
    pub const fn reason(mut self, reason: FieldRule) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Adds where in that field.
    #[must_use]
    pub fn at(mut self, place: Option<(u64, u64)>) -> Self {
        self.details().place = place;
        self
    }

    /// Adds all that is wrong, each with its place.
    #[must_use]
    pub fn problems(mut self, problems: Vec<FieldProblem>) -> Self {
        self.details().problems = problems;
        self
    }

    fn details(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    /// Adds when to ask again; absent stays absent.
    #[must_use]
    pub const fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(after) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the envelope of a refusal, and logs it where it is a fault of ours or of a vendor; other answers stay as they
/// are.
pub fn in_envelope(mut answer: Response, request_id: &HeaderValue) -> Response {
    let Some(refusal) = answer.extensions_mut().remove::<ApiError>() else { return answer };
    let request_id = request_id.to_str().unwrap_or_default();
    if refusal.status.is_server_error() {
        tracing::error!(
            request_id,
            code = refusal.code.as_str(),
            causes = refusal.source.as_deref().map(|error| causes(error)),
            "answered {}: {}",
            refusal.status.as_u16(),
            refusal.message
        );
    } else {
        tracing::debug!(request_id, code = refusal.code.as_str(), "refused: {}", refusal.message);
    }
    let Details { place, problems } = refusal.details.map(|details| *details).unwrap_or_default();
    let body = ErrorEnvelope {
        error: ErrorBody {
            code: refusal.code,
            message: refusal.message,
            hint: refusal.hint.map(Cow::into_owned),
            field: refusal.field,
            reason: refusal.reason.map(|reason| reason.as_str().to_owned()),
            line: place.map(|place| place.0),
            column: place.map(|place| place.1),
            problems,
            request_id: request_id.to_owned(),
        },
    };
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    parts.headers.remove(axum::http::header::CONTENT_TYPE);
    (parts, Json(body)).into_response()
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::PathInvalid,
            format!("the address is malformed: {}", rejection.body_text()),
        )
        .hint("Ids are whole numbers, as Zendesk shows them.")
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::QueryInvalid,
            format!("the query is malformed: {}", rejection.body_text()),
        )
        .hint("/openapi.json says which parameters this route takes.")
    }
}

/// When a vendor that said nothing about it is worth asking again.
pub const SOON: Duration = Duration::from_secs(10);

impl ApiError {
    /// A vendor's fault. The vendor says which code it has; all else follows from what can be done about it.
    pub fn of_vendor(fault: &impl VendorError) -> Self {
        use FailureKind as Kind;
        let Vendor { name, oauth_client, forbidden, settings, .. } = fault.remedy().0;
        let conflict = |hint| (StatusCode::CONFLICT, hint, None);
        let (status, hint, after) = match (fault.kind(), fault.advice()) {
            (Kind::RateLimited, advice) => {
                let after = if let Advice::RetryAfter(after) = advice { after } else { SOON };
                let hint = format!("{name} asks everybody to slow down; try again then.");
                (StatusCode::SERVICE_UNAVAILABLE, hint, Some(after))
            }
            (Kind::Credentials | Kind::Token | Kind::Grant, _) => conflict(format!(
                "Admin: {name} refuses Deskside's credentials; `deskside check` says which."
            )),
            (Kind::Scope, _) => {
                conflict(format!("Admin: {name} does not know this scope; correct {}.", settings.permission))
            }
            (Kind::OauthClient, _) => conflict(format!(
                "Admin: the OAuth client may not use this grant type; {oauth_client}; see {}.",
                settings.credentials
            )),
            (Kind::Forbidden | Kind::Plan, _) => conflict(format!("Admin: {forbidden}.")),
            (_, Advice::GiveUp) => {
                let hint = "Tell support the request id; the log has the cause.".to_owned();
                (StatusCode::BAD_GATEWAY, hint, Some(SOON))
            }
            _ => {
                let hint = format!("{name} is not answering; try again in a minute.");
                (StatusCode::BAD_GATEWAY, hint, Some(SOON))
            }
        };
        Self::new(status, fault.code(), fault.to_string()).hint(hint).retry_after(after)
    }

    /// A fault of the database.
    pub fn of_store(fault: &StoreError) -> Self {
        let (status, code, hint) = match fault {
            StoreError::Busy { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreBusy,
                "Try again in a moment; if it stays, another program holds the database.",
            ),
            StoreError::ReadOnly { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreReadOnly,
                "Operator: make the database writable for Deskside.",
            ),
            StoreError::Full { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreFull,
                "Operator: free space on the disk of the database.",
            ),
            StoreError::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreUnavailable,
                "Try again in a minute. Operator: see that the database runs and `store.database_url` is right.",
            ),
            StoreError::FileGone { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreUnavailable,
                "Operator: put the database's file back, or restart Deskside.",
            ),
            StoreError::Schema { .. } | StoreError::Older { .. } | StoreError::Absent(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreUnavailable,
                "Operator: run `deskside migrate`.",
            ),
            StoreError::Corrupt { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::StoreCorrupt,
                "Operator: restore the database from a backup. Support: the log has the cause.",
            ),
            _ => (
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::Internal,
                "Tell support the request id; the log has the cause.",
            ),
        };
        let retry = status == StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, code, fault.to_string())
            .hint(hint)
            .retry_after(retry.then_some(Duration::from_secs(5)))
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::of_store(&error).because(error)
    }
}
