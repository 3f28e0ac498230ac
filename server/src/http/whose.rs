//! Whose a request is, decided once and before its handler: by its bearer, or by the key in its address. A handler is given
//! rooms of that account and has no way to another one's.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, StatusCode, request::Parts},
};
use wire::ErrorCode;

use super::{AppState, error::ApiError, extract::shown_bearer};
use crate::features::{
    accounts::{Account, AccountError, Accounts, PageSettings},
    archive::Archive,
    connections::Connections,
    contracts::Contracts,
    dials::Dials,
    engagements::Engagements,
    files::Files,
    hooks::{Hooks, NoticeHooks, TwilioHooks},
    integrations::{Integrations, Previews},
    ledger::Ledger,
    machine_keys::MachineKeys,
    notices::Notices,
    objects_code,
    pops::Pops,
    recordings::Recordings,
    sessions::{BearerError, Bearers, Sessions, Viewer},
    settings::Settings,
};

/// A room of the account whose bearer a request shows.
pub struct Room<T>(pub T);

/// A room of the account whose key stands in the address; of the settings file's account where the address has none.
pub struct Keyed<T>(pub T);

/// What an account has one of.
pub trait RoomOf {
    /// The account's.
    fn of(account: &Account) -> Self;
}

macro_rules! rooms {
    ($($field:ident: $room:ty),* $(,)?) => {
        $(impl RoomOf for $room {
            fn of(account: &Account) -> Self {
                account.$field.clone()
            }
        })*
    };
}

rooms! {
    archive: Archive,
    connections: Connections,
    contracts: Contracts,
    dials: Dials,
    engagements: Engagements,
    files: Files,
    hooks: Hooks,
    integrations: Integrations,
    ledger: Ledger,
    machine_keys: MachineKeys,
    notice_hooks: NoticeHooks,
    notices: Notices,
    pages: Arc<PageSettings>,
    pops: Pops,
    previews: Previews,
    recordings: Recordings,
    sessions: Sessions,
    settings: Settings,
    twilio_hooks: TwilioHooks,
}

impl<T: RoomOf> FromRequestParts<Arc<AppState>> for Room<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let account = match parts.extensions.get::<Arc<Account>>() {
            Some(account) => account,
            // A route that takes a bearer or something else, such as a link.
            None => &state.shown(&parts.headers)?.1,
        };
        Ok(Self(T::of(account)))
    }
}

impl<T: RoomOf> FromRequestParts<Arc<AppState>> for Keyed<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let key = params.as_ref().ok().and_then(|params| params.iter().find(|(name, _)| *name == "key"));
        let account = match key {
            Some((_, key)) => state.accounts.of_key(key)?,
            None => state.accounts.own(),
        };
        Ok(Self(T::of(&account)))
    }
}

impl AppState {
    /// Who shows a bearer, and the account that it is of.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Result<(Viewer, Arc<Account>), ApiError> {
        shown(&self.bearers, &self.accounts, headers)
    }
}

/// Who shows a bearer, and the account that it is of.
pub(super) fn shown(
    bearers: &Bearers,
    accounts: &Accounts,
    headers: &HeaderMap,
) -> Result<(Viewer, Arc<Account>), ApiError> {
    let viewer = bearers.viewer(shown_bearer(headers)?)?;
    let account = accounts.of(&viewer.account)?;
    Ok((viewer, account))
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            // A bearer is the only name that a client brings.
            AccountError::Unknown(_) => BearerError::Invalid.into(),
            AccountError::UnknownKey => Self::caused(StatusCode::NOT_FOUND, ErrorCode::RouteNotFound, error)
                .hint("Operator: `deskside accounts` prints the addresses."),
            AccountError::Archive(ref fault) => {
                let code = objects_code(fault);
                Self::caused(StatusCode::BAD_GATEWAY, code, error)
                    .hint("Operator: `deskside check` names the archive setting to correct.")
            }
        }
    }
}
