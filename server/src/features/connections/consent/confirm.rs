//! What an admin does when a consent came back: confirm it with the number of the other tab, or give it up. Consents that nobody
//! confirms in time are revoked.

use wire::LedgerAction;

use super::{Asker, TRIES, read_detail};
use crate::{
    features::{
        connections::{
            ConnectionError, Connections, Kind,
            change::fresh_id,
            keep,
            oauth_secret::{OauthSecret, secret_of},
        },
        to_the_end,
    },
    store::{
        StoreError, Tx,
        authorizations::{self, AuthorizationRow},
        connections::{self, ConnectionRow},
    },
};

/// Tokens that a connection had, and where they are good.
type Replaced = (Kind, String, OauthSecret);

impl Connections {
    /// Connects what the vendor granted, where the number is right. The connection's id.
    pub async fn confirm(&self, by: Asker, id: &str, number: &str) -> Result<String, ConnectionError> {
        let (this, id, number) = (self.clone(), id.to_owned(), number.to_owned());
        to_the_end(async move { this.confirm_now(by, &id, &number).await }).await
    }

    async fn confirm_now(&self, by: Asker, id: &str, number: &str) -> Result<String, ConnectionError> {
        self.consent_of(by, id).await?;
        let mut tx = self.db().begin().await?;
        let now = self.clock().now();
        let row = authorizations::count_try(&mut tx, &self.account, id, TRIES, now).await?;
        let row = row.ok_or(ConnectionError::NoConsent)?;
        let hidden = self.read_hidden(&row)?;
        let typed: String = number.chars().filter(char::is_ascii_digit).collect();
        let Some(tokens) = hidden.tokens.filter(|_| typed == hidden.number) else {
            tx.commit().await?;
            return Err(ConnectionError::WrongNumber);
        };
        let kept = self.connect(tx, &format!("agent:{}", by.agent_id), &row, &tokens).await;
        // It will fit at no later time: nobody can use these tokens any more.
        if matches!(kept, Err(ConnectionError::Changed(_) | ConnectionError::Unknown(_))) {
            self.end_consent(&row).await?;
        }
        let (kept, replaced) = kept?;
        keep::schedule(&self.queue, &self.account).await?;
        // Nobody keeps them any more. Where the vendor does not end them, the log says so.
        if let Some((kind, settings, old)) = replaced.filter(|(.., old)| !old.shares_a_token_with(&tokens)) {
            self.end_tokens(kind, &settings, &old).await;
        }
        Ok(kept)
    }

    /// Keeps the tokens in the connection that they are for, and ends the consent. The connection's id, and the tokens that it had.
    async fn connect(
        &self,
        mut tx: Tx,
        actor: &str,
        row: &AuthorizationRow,
        tokens: &OauthSecret,
    ) -> Result<(String, Option<Replaced>), ConnectionError> {
        let detail = read_detail(row)?;
        let mut replaced = None;
        let (now, secret) = (self.clock().now(), tokens.to_bytes());
        let parts: Vec<&str> = detail.changes.iter().map(String::as_str).collect();
        let (kept, action) = if let Some(again) = &detail.again {
            let kept = connections::read_locked(&mut tx, &self.account, again).await?;
            let mut kept = kept.ok_or_else(|| ConnectionError::Unknown(again.clone()))?;
            if !detail.is_of(&kept) {
                return Err(ConnectionError::Changed(kept.id));
            }
            replaced = self.tokens_of(&kept);
            (kept.name, kept.environment, kept.settings) = (detail.name, detail.environment, detail.settings);
            kept.seal(&secret, &self.seals)?;
            kept.identity = detail.identity;
            if !connections::update(&mut tx, &kept, &self.seals).await? {
                return Err(ConnectionError::Changed(kept.id));
            }
            (kept, LedgerAction::ConnectionChanged)
        } else {
            let kind = Kind::read(&row.kind).ok_or(StoreError::corrupt("a consent of an unknown kind"))?;
            let mut kept = ConnectionRow::new(&self.account, &fresh_id(kind), kind.as_str());
            (kept.name, kept.environment, kept.settings) = (detail.name, detail.environment, detail.settings);
            kept.identity = detail.identity;
            kept.seal(&secret, &self.seals)?;
            if !connections::insert(&mut tx, &kept).await? {
                return Err(ConnectionError::Taken(kept.id));
            }
            (kept, LedgerAction::ConnectionAdded)
        };
        connections::set_connected(&mut tx, &kept.account, &kept.id, now).await?;
        self.record(&mut tx, actor, action, &kept, &parts).await?;
        authorizations::delete(&mut tx, &self.account, &row.id).await?;
        tx.commit().await?;
        Ok((kept.id, replaced))
    }

    /// The tokens of a consent that a connection keeps, where its secret opens and is one.
    fn tokens_of(&self, row: &ConnectionRow) -> Option<Replaced> {
        let kind = Kind::read(&row.kind)?;
        let tokens = secret_of(&row.open(&self.seals).ok()??).ok()?;
        Some((kind, row.settings.clone(), tokens))
    }

    /// An admin gives a consent up: the vendor revokes what it granted.
    pub async fn give_up(&self, by: Asker, id: &str) -> Result<(), ConnectionError> {
        let row = self.consent_of(by, id).await?;
        let this = self.clone();
        to_the_end(async move { this.end_consent(&row).await }).await
    }

    /// Ends the consents that nobody confirmed in time.
    pub(in crate::features::connections) async fn end_expired(&self) -> Result<(), ConnectionError> {
        for over in authorizations::expired(self.db(), &self.account, self.clock().now()).await? {
            self.end_consent(&over).await?;
        }
        Ok(())
    }

    /// Forgets a consent, and lets the vendor revoke what it granted. One whose tokens are being fetched is ended by whoever fetches
    /// them.
    async fn end_consent(&self, row: &AuthorizationRow) -> Result<(), ConnectionError> {
        let mut tx = self.db().begin().await?;
        let gone = authorizations::delete(&mut tx, &self.account, &row.id).await?;
        tx.commit().await?;
        let Some(gone) = gone else { return Ok(()) };
        let tokens = self.read_hidden(&gone).ok().and_then(|hidden| hidden.tokens);
        if let (Some(tokens), Some(kind)) = (tokens, Kind::read(&gone.kind)) {
            self.end_tokens(kind, &read_detail(&gone)?.settings, &tokens).await;
        }
        Ok(())
    }
}
