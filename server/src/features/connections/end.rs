//! How connections end. **Invariants:** tokens that nobody keeps are ended at their vendor; nobody is told that access was revoked
//! before the vendor has said so.

use tokio::time::Instant;
use wire::LedgerAction;

use super::{
    ConnectionError, Connections, Kind, kind_of,
    kinds::{self, OauthKind},
    oauth_secret::{OauthSecret, secret_of},
    tokens::{LOOK, RENEWAL, is_leased},
};
use crate::{
    causes::with_causes,
    features::to_the_end,
    store::{
        Tx,
        connections::{self, ConnectionRow},
    },
};

/// What the vendor made of an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// It does not accept the tokens any more, or there were none.
    pub revoked: bool,
    /// What to do where it may accept them.
    pub hint: Option<String>,
}

impl Revocation {
    const DONE: Self = Self { revoked: true, hint: None };

    fn left_to_people(kind: Option<Kind>) -> Self {
        let by_hand = kind.and_then(Kind::oauth).map(OauthKind::ends_by_hand);
        let hint = by_hand.unwrap_or("revoke the access in the vendor's own settings");
        Self { revoked: false, hint: Some(hint.to_owned()) }
    }
}

impl Connections {
    /// Ends one: the vendor revokes its tokens, Deskside forgets them, and what used it pauses.
    pub async fn disconnect(&self, by: &str, id: &str) -> Result<Revocation, ConnectionError> {
        let (this, by, id) = (self.clone(), by.to_owned(), id.to_owned());
        to_the_end(async move { this.disconnect_now(&by, &id).await }).await
    }

    /// Forgets one that nothing uses, with its secret, whatever it holds; its vendor revokes its tokens.
    pub async fn remove(&self, by: &str, id: &str) -> Result<Revocation, ConnectionError> {
        let (this, by, id) = (self.clone(), by.to_owned(), id.to_owned());
        to_the_end(async move { this.remove_now(&by, &id).await }).await
    }

    async fn disconnect_now(&self, by: &str, id: &str) -> Result<Revocation, ConnectionError> {
        kind_of(&self.row(id).await?)?;
        let (mut tx, mut row, revocation) = self.revoked(id).await?;
        row.forget_secret();
        if !connections::update(&mut tx, &row, &self.seals).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        connections::set_disconnected(&mut tx, &row.account, &row.id, self.clock().now()).await?;
        self.dependants.pause(&mut tx, &self.account, id).await?;
        self.record(&mut tx, by, LedgerAction::ConnectionDisconnected, &row, &[]).await?;
        tx.commit().await?;
        self.dependants.forget(&self.account, id).await?;
        Ok(revocation)
    }

    async fn remove_now(&self, by: &str, id: &str) -> Result<Revocation, ConnectionError> {
        let row = self.row(id).await?;
        let users = self.dependants.names(&self.account, id).await?;
        if !users.is_empty() {
            return Err(ConnectionError::InUse { id: row.id, users });
        }
        let (mut tx, row, revocation) = self.revoked(id).await?;
        if !connections::delete(&mut tx, &self.account, id).await? {
            return Err(ConnectionError::Unknown(id.to_owned()));
        }
        self.dependants.forget_records(&mut tx, &self.account, id).await?;
        self.record(&mut tx, by, LedgerAction::ConnectionDeleted, &row, &[]).await?;
        tx.commit().await?;
        self.dependants.remove_files(id);
        Ok(revocation)
    }

    /// Lets the vendor end a row's tokens: the row under its lock, with the very tokens that were ended.
    async fn revoked(&self, id: &str) -> Result<(Tx, ConnectionRow, Revocation), ConnectionError> {
        let until = Instant::now() + RENEWAL + LOOK;
        let secret = |row: &ConnectionRow| row.open(&self.seals).ok().flatten();
        let mut ended: Option<(ConnectionRow, Revocation)> = None;
        loop {
            let mut tx = self.db().begin().await?;
            let row = connections::read_locked(&mut tx, &self.account, id).await?;
            let row = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
            // Whoever is renewing has tokens that we do not know.
            if is_leased(&row, self.clock().now()) && Instant::now() < until {
                drop(tx);
                tokio::time::sleep(LOOK).await;
                continue;
            }
            match ended.take() {
                Some((before, revocation)) if secret(&before) == secret(&row) => {
                    return Ok((tx, row, revocation));
                }
                _ => drop(tx),
            }
            let revocation = self.revocation(&row).await;
            ended = Some((row, revocation));
        }
    }

    async fn revocation(&self, row: &ConnectionRow) -> Revocation {
        let kind = Kind::read(&row.kind);
        let may_hold = kind.is_none_or(|kind| kinds::is_of_consent(kind, &row.settings));
        let unknown = || if may_hold { Revocation::left_to_people(kind) } else { Revocation::DONE };
        let secret = match row.open(&self.seals) {
            Ok(None) => return Revocation::DONE,
            Ok(Some(secret)) => secret,
            Err(_) => return unknown(),
        };
        match (kind, secret_of(&secret)) {
            (Some(kind), Ok(tokens)) if self.end_tokens(kind, &row.settings, &tokens).await => {
                Revocation::DONE
            }
            (_, Ok(_)) => Revocation::left_to_people(kind),
            // A client of its own, or a database: no token is kept.
            (_, Err(_)) => unknown(),
        }
    }

    /// Ends tokens that nobody keeps. False: their vendor may accept them still, and the log says why.
    pub(super) async fn end_tokens(&self, kind: Kind, settings: &str, tokens: &OauthSecret) -> bool {
        let Some(vendor) = kind.oauth() else { return true };
        let ended = vendor.end(settings, self, tokens).await;
        if let Err(error) = &ended {
            tracing::warn!(account = %self.account, kind = kind.as_str(), error = %with_causes(error), "tokens that nobody keeps were not revoked");
        }
        ended.is_ok()
    }
}
