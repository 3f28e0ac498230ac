//! A new secret is tried before it takes the place of the old one. A refresh token can only be tried by renewing, so what is kept is
//! the pair that the vendor gave for it. **Invariant:** where the trial fails the connection stays as it was.

use std::sync::Arc;

use tokio::time::Instant;
use wire::LedgerAction;

use super::{
    ConnectionError, Wish,
    kinds::place_of,
    notice,
    oauth_secret::{OauthSecret, TypedSecret},
    tokens::{KeptTokens, LOOK, RENEWAL, Renewal, is_tried_again},
};
use crate::{
    connectors::{CallFailure, FailureKind, Granted, Token, TokenEndpoint},
    store::{
        StoreError,
        connections::{self as rows, ConnectionRow, ConnectionState},
    },
};

/// What a connection shall become.
#[derive(Clone)]
pub(super) struct Trial {
    /// Who gives the secret.
    pub(super) by: Arc<str>,
    /// With the new client.
    pub(super) tokens: KeptTokens,
    /// What else is changed.
    pub(super) wish: Arc<Wish>,
    pub(super) typed: Arc<TypedSecret>,
}

/// What the vendor is asked with: what the person gave, and for the rest what is kept. A secret that is kept is never sent to another
/// place.
pub(super) fn completed(
    row: &ConnectionRow,
    kept: Option<&OauthSecret>,
    wish: &Wish,
    typed: &TypedSecret,
) -> Result<OauthSecret, ConnectionError> {
    let stays = wish.settings.as_ref().is_none_or(|settings| place_of(settings) == place_of(&row.settings));
    let kept = kept.filter(|_| stays);
    typed.over(kept).ok_or_else(|| ConnectionError::SecretNeeded(row.id.clone()))
}

impl Trial {
    /// A token by the new secret, which is kept then.
    pub(super) async fn tried(&self, endpoint: &TokenEndpoint) -> Result<Token, CallFailure> {
        let until = Instant::now() + RENEWAL + LOOK;
        let failure = |said: &str| Err(self.tokens.failure(endpoint, FailureKind::Unavailable, said));
        while Instant::now() < until {
            let Some(renewal) = self.begin(endpoint).await? else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            // In a task of its own, like every renewal.
            let (trial, at) = (self.clone(), endpoint.clone());
            let renewed = tokio::spawn(async move { trial.renew(&at, &renewal).await }).await;
            match renewed {
                Ok(Ok(Some(token))) => return Ok(token),
                Ok(Ok(None)) => {}
                Ok(Err(why)) => return Err(why),
                Err(_) => return failure("the renewal was ended"),
            }
        }
        failure("another replica is renewing the tokens")
    }

    async fn begin(&self, endpoint: &TokenEndpoint) -> Result<Option<Renewal>, CallFailure> {
        let store = |error| self.tokens.unread(endpoint, error);
        let mut tx = self.tokens.connections.db().begin().await.map_err(store)?;
        let row = self.tokens.read(&mut tx).await.map_err(store)?;
        let secret = row.and_then(|row| {
            let kept = self.tokens.secret_in(&row);
            Some((completed(&row, kept.as_ref(), &self.wish, &self.typed).ok()?, row))
        });
        let Some((secret, row)) = secret else { return Err(self.was_changed(endpoint)) };
        self.tokens.begin(tx, row, secret).await.map_err(store)
    }

    async fn renew(&self, endpoint: &TokenEndpoint, renewal: &Renewal) -> Result<Option<Token>, CallFailure> {
        let store = |error| self.tokens.unread(endpoint, error);
        match self.tokens.ask(endpoint, renewal).await {
            Some(Ok(granted)) => {
                if self.keep(renewal, &granted).await.map_err(store)? {
                    Ok(Some(granted.token))
                } else {
                    // They came from where the connection should have led.
                    let settings = self.wish.settings.as_ref().unwrap_or(&renewal.row.settings);
                    self.tokens.end_grant(settings, renewal, &granted).await;
                    Err(self.was_changed(endpoint))
                }
            }
            Some(Err(failure)) => {
                if let Some((tx, _)) = self.tokens.end(renewal, Some(&failure)).await.map_err(store)? {
                    tx.commit().await.map_err(store)?;
                }
                Err(failure)
            }
            None => self.tokens.gives_up(renewal).await.map_err(store),
        }
    }

    async fn keep(&self, renewal: &Renewal, granted: &Granted) -> Result<bool, StoreError> {
        let mut tries = 0;
        loop {
            let kept = self.keep_once(renewal, granted).await;
            if !is_tried_again(&kept, &mut tries).await {
                return kept;
            }
        }
    }

    /// False: the connection was deleted meanwhile, or leads elsewhere.
    async fn keep_once(&self, renewal: &Renewal, granted: &Granted) -> Result<bool, StoreError> {
        let connections = &self.tokens.connections;
        let mut tx = connections.db().begin().await?;
        let Some(mut row) = self.tokens.read(&mut tx).await? else { return Ok(false) };
        if place_of(&row.settings) != place_of(&renewal.row.settings) {
            return Ok(false);
        }
        self.wish.lay_over(&mut row);
        row.seal(&renewal.secret.clone().renewed(granted).to_bytes(), &connections.seals)?;
        if !rows::update(&mut tx, &row, &connections.seals).await? {
            return Ok(false);
        }
        if row.state == ConnectionState::Disconnected {
            rows::set_connected(&mut tx, &row.account, &row.id, connections.clock().now()).await?;
        }
        connections
            .record(&mut tx, &self.by, LedgerAction::ConnectionChanged, &row, &self.wish.parts(true))
            .await?;
        notice::settle(connections, tx, &row, None).await?;
        Ok(true)
    }

    fn was_changed(&self, endpoint: &TokenEndpoint) -> CallFailure {
        self.tokens.failure(
            endpoint,
            FailureKind::Unavailable,
            "it was changed by somebody else in this moment",
        )
    }
}
