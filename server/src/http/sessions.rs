//! `POST /api/session/…`: how a Flex token, or an older bearer, becomes a bearer.

use axum::http::{HeaderMap, StatusCode};
use wire::{ErrorCode, FlexLogin, ProofChallenge, ProofReply, ProofRequest, SessionDocument};

use super::{
    error::{ApiError, SOON},
    extract::{Json, State, shown_bearer},
    limits::SignIn,
    whose::{Keyed, Room},
};
use crate::{
    connectors::{Advice, twilio::TwilioError},
    features::{
        accounts::Accounts,
        limits::TooMany,
        sessions::{
            AgentError, BearerError, Bearers, FlexLoginError, ProofError, RenewError, Sessions,
            SignedTokenError, Viewer,
        },
    },
};

impl From<BearerError> for ApiError {
    fn from(error: BearerError) -> Self {
        let (code, hint) = match error {
            BearerError::Expired => (ErrorCode::SessionExpired, "Reload the page."),
            BearerError::Invalid => (ErrorCode::SessionInvalid, "Reload the page."),
        };
        Self::caused(StatusCode::UNAUTHORIZED, code, error).hint(hint)
    }
}

impl From<AgentError> for ApiError {
    fn from(error: AgentError) -> Self {
        match &error {
            AgentError::NotAllowed(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::AgentNotAllowed, error)
                    .hint("Deskside is for agents and admins. An admin can see to the role in Zendesk.")
            }
            AgentError::Zendesk(_, fault) => Self::of_zendesk(&fault.clone(), error),
        }
    }
}

impl From<SignedTokenError> for ApiError {
    fn from(error: SignedTokenError) -> Self {
        const RELOAD: &str = "Reload the page in Zendesk.";
        let (status, code, hint) = match error {
            SignedTokenError::Agent(error) => return error.into(),
            SignedTokenError::Store(error) => return error.into(),
            SignedTokenError::Key(_, ref fault) => return Self::of_zendesk(&fault.clone(), error),
            SignedTokenError::Invalid => (
                StatusCode::UNAUTHORIZED,
                ErrorCode::SignedTokenInvalid,
                "Operator: `zendesk.app_id` must be the app that Zendesk shows here.",
            ),
            SignedTokenError::Expired => (StatusCode::UNAUTHORIZED, ErrorCode::SignedTokenExpired, RELOAD),
            SignedTokenError::WrongAudience => (
                StatusCode::FORBIDDEN,
                ErrorCode::SignedTokenWrongAudience,
                "Operator: `zendesk.subdomain` must be the account that Zendesk shows here.",
            ),
            SignedTokenError::WrongAccount => (
                StatusCode::FORBIDDEN,
                ErrorCode::SignedTokenWrongAccount,
                "Operator: `zendesk.subdomain` must be the account that Zendesk shows here.",
            ),
            SignedTokenError::Replayed => (StatusCode::UNAUTHORIZED, ErrorCode::SignedTokenReplayed, RELOAD),
        };
        Self::caused(status, code, error).hint(hint)
    }
}

impl From<FlexLoginError> for ApiError {
    fn from(error: FlexLoginError) -> Self {
        match error {
            FlexLoginError::NotConfigured => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::TwilioNotConfigured, error)
                    .hint("Operator: set the `twilio` section of the settings.")
            }
            FlexLoginError::TokenInvalid => {
                Self::caused(StatusCode::UNAUTHORIZED, ErrorCode::FlexTokenInvalid, error)
                    .hint("Sign in to Flex again.")
            }
            FlexLoginError::Unknown(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::FlexAgentUnknown, error)
                    .hint("Admin: give the Zendesk agent and the Flex worker the same e-mail address.")
            }
            FlexLoginError::Admin(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::FlexAgentUnknown, error).hint(
                    "Admin: let the single sign-on send your e-mail address as the user's name; what workers can change makes \
                     nobody an admin.",
                )
            }
            FlexLoginError::Nameless(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::FlexAgentUnknown, error).hint(
                    "Admin: let the single sign-on send the e-mail address as the user's name. Operator: where workers \
                     cannot change their attributes, `twilio.trust_worker_email` takes the address from these.",
                )
            }
            FlexLoginError::Twilio(ref fault) => {
                let unknown =
                    matches!(fault, TwilioError::Credentials { .. } | TwilioError::Forbidden { .. });
                let (status, code, after) = match fault.advice() {
                    Advice::GiveUp if unknown => (StatusCode::CONFLICT, ErrorCode::TwilioReconnect, None),
                    Advice::RetryAfter(after) => {
                        (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::TwilioUnavailable, Some(after))
                    }
                    _ => (StatusCode::BAD_GATEWAY, ErrorCode::TwilioUnavailable, Some(SOON)),
                };
                Self::caused(status, code, error).retry_after(after)
            }
            FlexLoginError::Zendesk(ref fault) => Self::of_zendesk(&fault.clone(), error),
            FlexLoginError::Agent(error) => error.into(),
        }
    }
}

impl From<RenewError> for ApiError {
    fn from(error: RenewError) -> Self {
        match error {
            RenewError::TooOld => Self::caused(StatusCode::UNAUTHORIZED, ErrorCode::SessionExpired, error)
                .hint("Reload the page."),
            RenewError::AdminByAttributes(_) => {
                Self::caused(StatusCode::FORBIDDEN, ErrorCode::AgentNotAllowed, error)
                    .hint("Sign in to Flex with the admin's own e-mail address.")
            }
            RenewError::Agent(error) => error.into(),
        }
    }
}

impl From<ProofError> for ApiError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Invalid => Self::caused(StatusCode::FORBIDDEN, ErrorCode::ProofInvalid, error)
                .hint("The app asks for another code by itself; if it does not, reload the panel."),
            ProofError::TooMany(TooMany { retry_after }) => {
                Self::caused(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, error)
                    .hint("The codes that were sent are still good.")
                    .retry_after(Some(retry_after))
            }
            ProofError::Agent(error) => error.into(),
            ProofError::Zendesk(_, ref fault) => Self::of_zendesk(&fault.clone(), error),
            ProofError::Store(error) => error.into(),
        }
    }
}

/// `POST /api/session/flex`.
#[utoipa::path(post, path = "/api/session/flex", tag = "sessions", request_body = FlexLogin,
    responses((status = 200, body = SessionDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn flex(
    sign_in: SignIn,
    Keyed(sessions): Keyed<Sessions>,
    login: Result<Json<FlexLogin>, ApiError>,
) -> Result<axum::Json<SessionDocument>, ApiError> {
    let Json(login) = login.map_err(|refused| sign_in.without_token(refused))?;
    let token = sign_in.token(&login.token, sessions.has_flex())?;
    Ok(axum::Json(sign_in.counted(Box::pin(sessions.open_flex(&token))).await?))
}

/// `POST /api/session/flex/{key}`: the same, of the account that has this key.
#[utoipa::path(post, path = "/api/session/flex/{key}", tag = "sessions", request_body = FlexLogin,
    params(("key" = String, Path, description = "The key of an account, as in the addresses of its hooks")),
    responses((status = 200, body = SessionDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn flex_of_key(
    sign_in: SignIn,
    sessions: Keyed<Sessions>,
    login: Result<Json<FlexLogin>, ApiError>,
) -> Result<axum::Json<SessionDocument>, ApiError> {
    flex(sign_in, sessions, login).await
}

/// `POST /api/session/renew`.
#[utoipa::path(post, path = "/api/session/renew", tag = "sessions", security(("bearer" = [])),
    responses((status = 200, body = SessionDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn renew(
    viewer: Viewer,
    Room(sessions): Room<Sessions>,
) -> Result<axum::Json<SessionDocument>, ApiError> {
    Ok(axum::Json(sessions.renew(&viewer).await?))
}

/// `POST /api/session/reopen`: with a bearer that has expired. The answer's reads nothing before its agent is proved.
#[utoipa::path(post, path = "/api/session/reopen", tag = "sessions", security(("bearer" = [])),
    responses((status = 200, body = SessionDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn reopen(
    sign_in: SignIn,
    State(bearers): State<Bearers>,
    State(accounts): State<Accounts>,
    headers: HeaderMap,
) -> Result<axum::Json<SessionDocument>, ApiError> {
    let reopened = async {
        let expired = bearers.perhaps_expired(shown_bearer(&headers)?)?;
        Ok::<_, ApiError>(accounts.of(&expired.account)?.sessions.reopen(expired)?)
    };
    Ok(axum::Json(sign_in.counted(reopened).await?))
}

/// `POST /api/session/proof`.
#[utoipa::path(post, path = "/api/session/proof", tag = "sessions", security(("bearer" = [])),
    request_body = ProofRequest,
    responses((status = 200, body = ProofChallenge), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn challenge(
    viewer: Viewer,
    Room(sessions): Room<Sessions>,
    Json(request): Json<ProofRequest>,
) -> Result<axum::Json<ProofChallenge>, ApiError> {
    Ok(axum::Json(sessions.challenge(&viewer, request.agent_id).await?))
}

/// `POST /api/session/proof/confirm`.
#[utoipa::path(post, path = "/api/session/proof/confirm", tag = "sessions", security(("bearer" = [])),
    request_body = ProofReply,
    responses((status = 200, body = SessionDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn confirm(
    viewer: Viewer,
    Room(sessions): Room<Sessions>,
    Json(reply): Json<ProofReply>,
) -> Result<axum::Json<SessionDocument>, ApiError> {
    Ok(axum::Json(sessions.confirm(&viewer, &reply.challenge, &reply.code).await?))
}
