//! What an admin does when a consent came back: confirm it with the number of the other tab, or give it up. Consents that nobody
//! confirms in time are revoked.

use wire::LedgerAction;

use super::{Asker, TRIES, json, read_detail};
use crate::{
    connectors::{RefreshGrant, Token},
    features::connections::{ConnectionError, Connections, Kind, change::fresh_id, keep, kinds},
    store::{
        StoreError,
        authorizations::{self, AuthorizationRow},
        connections::{self, ConnectionRow},
    },
};

impl Connections {
    /// Connects what the vendor granted, where the number is right. The connection's id.
    pub async fn confirm(&self, by: Asker, id: &str, number: &str) -> Result<String, ConnectionError> {
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
        let detail = read_detail(&row)?;
        let secret = json(&tokens);
        let actor = format!("agent:{}", by.agent_id);
        let kept = if let Some(again) = &detail.again {
            let kept = connections::read_locked(&mut tx, &self.account, again).await?;
            let mut kept = kept.ok_or_else(|| ConnectionError::Unknown(again.clone()))?;
            kept.seal(secret.as_bytes(), &self.seals)?;
            kept.identity = detail.identity;
            if !connections::update(&mut tx, &kept, &self.seals).await? {
                return Err(ConnectionError::Changed(kept.id));
            }
            connections::set_connected(&mut tx, &kept.account, &kept.id, now).await?;
            self.record(&mut tx, &actor, LedgerAction::ConnectionChanged, &kept, &["secret"]).await?;
            kept
        } else {
            let kind = Kind::read(&row.kind).ok_or(StoreError::corrupt("a consent of an unknown kind"))?;
            let mut kept = ConnectionRow::new(&self.account, &fresh_id(kind), kind.as_str());
            (kept.name, kept.environment, kept.settings) = (detail.name, detail.environment, detail.settings);
            kept.identity = detail.identity;
            kept.seal(secret.as_bytes(), &self.seals)?;
            if !connections::insert(&mut tx, &kept).await? {
                return Err(ConnectionError::Taken(kept.id));
            }
            connections::set_connected(&mut tx, &kept.account, &kept.id, now).await?;
            self.record(&mut tx, &actor, LedgerAction::ConnectionAdded, &kept, &[]).await?;
            kept
        };
        authorizations::delete(&mut tx, &self.account, id).await?;
        tx.commit().await?;
        keep::schedule(&self.queue, &self.account).await?;
        Ok(kept.id)
    }

    /// An admin gives a consent up: the vendor revokes what it granted.
    pub async fn give_up(&self, by: Asker, id: &str) -> Result<(), ConnectionError> {
        let row = self.consent_of(by, id).await?;
        self.end_consent(&row).await
    }

    /// Ends the consents that nobody confirmed in time.
    pub(in crate::features::connections) async fn end_expired(&self) -> Result<(), ConnectionError> {
        for over in authorizations::expired(self.db(), &self.account, self.clock().now()).await? {
            self.end_consent(&over).await?;
        }
        Ok(())
    }

    /// Forgets a consent, and lets the vendor revoke what it granted.
    async fn end_consent(&self, row: &AuthorizationRow) -> Result<(), ConnectionError> {
        let mut tx = self.db().begin().await?;
        let is_gone = authorizations::delete(&mut tx, &self.account, &row.id).await?;
        tx.commit().await?;
        let tokens = self.read_hidden(row).ok().and_then(|hidden| hidden.tokens).filter(|_| is_gone);
        if let (Some(tokens), Some(kind)) = (tokens, Kind::read(&row.kind)) {
            let settings = read_detail(row)?.settings;
            let grant = RefreshGrant {
                client_id: kinds::consent(kind, &settings, self)?.client_id,
                client_secret: tokens.client_secret.map(Into::into),
                refresh_token: tokens.refresh_token.into(),
            };
            let token = tokens.access_token.unwrap_or_default();
            let instance_url = tokens.instance_url;
            let token = Token { secret: token.into(), renew_at: row.expires_at, instance_url };
            kinds::end(kind, &settings, self, token, grant).await;
        }
        Ok(())
    }
}
