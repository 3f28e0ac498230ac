//! `/api/settings/flex`: what admins decide about calls and chats.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use wire::{ErrorCode, FlexSettingsDocument};

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Admin, Json},
    whose::Room,
};
use crate::features::settings::{Settings, SettingsError};

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Invalid { ref field, rule, .. } => {
                let field = field.clone();
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::SettingInvalid, error)
                    .field(&field)
                    .reason(rule)
            }
            SettingsError::Unknown(ref field) => {
                let field = field.clone();
                Self::caused(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::SettingUnknown, error)
                    .hint("Load the page again: it is of another version than the server.")
                    .field(&field)
            }
            SettingsError::Changed => Self::caused(StatusCode::CONFLICT, ErrorCode::SettingsChanged, error)
                .hint("Load the settings again, and make your change to what is set now."),
            SettingsError::Store(error) => error.into(),
        }
    }
}

type Document = ([(HeaderName, HeaderValue); 1], axum::Json<FlexSettingsDocument>);

/// `GET /api/settings/flex`.
#[utoipa::path(get, path = "/api/settings/flex", tag = "settings", security(("bearer" = [])),
    responses((status = 200, body = FlexSettingsDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn flex(_: Admin, Room(settings): Room<Settings>) -> Result<Document, ApiError> {
    Ok(([NO_STORE], axum::Json(settings.flex_document().await?)))
}

/// What is to be set, and the version that it was made from. Each name is looked at by itself: a type of ours would pass
/// over those that it does not know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    settings: Map<String, Value>,
    version: u64,
}

/// `PUT /api/settings/flex`: refused with `settings_changed` unless it is made from the version that is there.
#[utoipa::path(put, path = "/api/settings/flex", tag = "settings", security(("bearer" = [])),
    request_body = FlexSettingsDocument,
    responses((status = 200, body = FlexSettingsDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn set_flex(
    Admin(admin): Admin,
    Room(settings): Room<Settings>,
    Json(Change { settings: changes, version }): Json<Change>,
) -> Result<Document, ApiError> {
    Ok(([NO_STORE], axum::Json(settings.set_flex(&admin, changes, version).await?)))
}
