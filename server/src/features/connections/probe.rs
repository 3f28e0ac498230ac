//! Whether a connection works: in steps, each of which says what it found or what to do.

use std::sync::Arc;

use super::{
    ConnectionError, Connections, Kind, Wish, ZendeskSettings, attention,
    kind::TypedSecret,
    kind_of, report, settings_of,
    tokens::KeptTokens,
    trial::{Trial, completed},
};
use crate::{
    connectors::{
        Refreshing, http_client,
        zendesk::{Role, ZendeskClient, ZendeskError},
    },
    store::{StoreError, connections},
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
            let attention = attention::of_locked(&locked);
            format!("{}; {}", attention.sentence, attention.what_to_do)
        });
        let opens = secret.is_ok();
        steps.push(Step { what: "secret", outcome: secret.map(|_| "it opens".to_owned()) });
        if !opens {
            return Ok(steps);
        }
        let tokens = KeptTokens::new(self, id, &settings.client_id, again);
        let address = settings.base_url.origin().ascii_serialization();
        let zendesk = self.zendesk(settings, Arc::new(tokens));
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
            self.note(id, None).await?;
        }
        Ok(steps)
    }

    /// Gives a connection a new secret, or a part of one, where it works with it. It is kept together with what else is wished.
    pub(super) async fn try_secret(
        &self,
        id: &str,
        wish: Wish,
        typed: TypedSecret,
    ) -> Result<(), ConnectionError> {
        let mut row = self.row(id).await?;
        let kind = kind_of(&row)?;
        let tokens = KeptTokens::new(self, id, "", true);
        completed(&row, tokens.secret_in(&row).as_ref(), &wish, &typed)?;
        wish.lay_over(&mut row);
        self.check(kind, &row)?;
        if self.seals.is_empty() {
            return Err(StoreError::NoSealKey.into());
        }
        let settings: ZendeskSettings = settings_of(&row.settings)?;
        let tokens = KeptTokens::new(self, id, &settings.client_id, true);
        let trial = Trial { tokens, wish: Arc::new(wish), typed: Arc::new(typed) };
        let tried = self.zendesk(settings, Arc::new(trial)).authenticate().await;
        tried.map_err(|error| {
            let why = match attention::of_renewal(&error, false) {
                Some(attention) => format!("{}; {}", attention.sentence, attention.what_to_do),
                None => format!("{}; try again in a minute", crate::causes::with_causes(&error)),
            };
            ConnectionError::Refused { id: id.to_owned(), why }
        })
    }

    fn zendesk(&self, settings: ZendeskSettings, tokens: Arc<dyn Refreshing>) -> ZendeskClient {
        let (http, clock) = (http_client(&self.net), self.clock.clone());
        ZendeskClient::new(http, settings.base_url, tokens, clock, Vec::new(), self.net.clone())
    }

    /// Writes down what a test found, and says it where it is news.
    async fn note(
        &self,
        id: &str,
        attention: Option<&connections::Attention>,
    ) -> Result<(), ConnectionError> {
        let row = self.row(id).await?;
        let mut tx = self.db.begin().await?;
        let turn = connections::set_state(&mut tx, &self.account, id, attention, self.clock.now()).await?;
        tx.commit().await?;
        report(&row, turn, attention);
        Ok(())
    }

    /// What to do is what the connection says of itself, otherwise what mends such a failure.
    async fn step(
        &self,
        id: &str,
        what: &'static str,
        outcome: Result<String, ZendeskError>,
    ) -> Result<Step, ConnectionError> {
        let error = match outcome {
            Ok(found) => return Ok(Step { what, outcome: Ok(found) }),
            Err(error) => error,
        };
        let said = crate::causes::with_causes(&error);
        let known = self.row(id).await?.attention.filter(attention::stops_renewals);
        let said = match (known, attention::of_test(&error)) {
            (Some(known), _) => format!("{said}; {}", known.what_to_do),
            (None, Some(found)) => {
                self.note(id, Some(&found)).await?;
                format!("{}; {}", found.sentence, found.what_to_do)
            }
            (None, None) => format!("{said}; try again in a minute; see that the address is right"),
        };
        Ok(Step { what, outcome: Err(said) })
    }
}
