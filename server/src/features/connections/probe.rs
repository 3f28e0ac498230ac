//! Whether a connection works: in steps, each of which says what it found or what to do.

use std::sync::Arc;

use super::{
    ConnectionError, Connections, Kind, ZendeskSettings, kind_of, locked_attention, report, settings_of,
    tokens::KeptTokens,
};
use crate::{
    connectors::{
        Refreshing, VendorError, http_client,
        zendesk::{Role, ZendeskClient, ZendeskError},
    },
    store::connections,
};

/// One step, and what came of it.
#[derive(Debug)]
pub struct Step {
    /// What was tried.
    pub what: &'static str,
    /// What was found, or what happened and what to do.
    pub outcome: Result<String, String>,
}

impl Connections {
    /// Tries a connection; `again`: also with what its vendor refused before.
    pub async fn test(&self, id: &str, again: bool) -> Result<Vec<Step>, ConnectionError> {
        let row = self.row(id).await?;
        let kind = kind_of(&row)?;
        if kind != Kind::Zendesk {
            return Err(ConnectionError::FileOnly(kind.as_str()));
        }
        let settings: ZendeskSettings = settings_of(&row.settings)?;
        let mut steps = Vec::new();
        let secret = row.open(&self.seals).map_err(|locked| {
            let attention = locked_attention(&locked);
            format!("{}; {}", attention.sentence, attention.what_to_do)
        });
        let opens = secret.is_ok();
        steps.push(Step { what: "secret", outcome: secret.map(|_| "it opens".to_owned()) });
        if !opens {
            return Ok(steps);
        }
        let tokens: Arc<dyn Refreshing> = Arc::new(KeptTokens::new(self, id, &settings.client_id, again));
        let http = http_client(&self.net);
        let address = settings.base_url.clone();
        let clock = self.clock.clone();
        let zendesk =
            ZendeskClient::new(http, settings.base_url, tokens, clock, Vec::new(), self.net.clone());
        let token = zendesk.current_token().await;
        let token = token.map(|token| format!("Zendesk grants {}", token.scopes.join(" ")));
        steps.push(self.step(id, "token", token).await?);
        if steps.iter().all(|step| step.outcome.is_ok()) {
            let me = zendesk.me().await.map(|me| {
                let role = if me.role == Role::Admin { "an admin" } else { "a user who is not an admin" };
                format!("connected to {address} as {role}")
            });
            steps.push(self.step(id, "user", me).await?);
        }
        if steps.iter().all(|step| step.outcome.is_ok()) {
            let mut tx = self.db.begin().await?;
            let turn = connections::set_state(&mut tx, &self.account, id, None, self.clock.now()).await?;
            tx.commit().await?;
            report(&row, turn, None);
        }
        Ok(steps)
    }

    /// What to do is what the connection says of itself, otherwise what mends such a failure.
    async fn step(
        &self,
        id: &str,
        what: &'static str,
        outcome: Result<String, ZendeskError>,
    ) -> Result<Step, ConnectionError> {
        let outcome = match outcome {
            Ok(found) => Ok(found),
            Err(error) => {
                let attention = self.row(id).await?.attention;
                let to_do = match attention {
                    Some(attention) => attention.what_to_do,
                    None if error.is_outage() => {
                        "try again in a minute; see that the address is right".to_owned()
                    }
                    None => "see the connection's settings".to_owned(),
                };
                Err(format!("{}; {to_do}", crate::causes::with_causes(&error)))
            }
        };
        Ok(Step { what, outcome })
    }
}
