//! Whether a connection works: in steps, each of which says what it found or what to do.

use std::sync::Arc;

use super::{
    ConnectionError, Connections, Wish,
    attention::{self, TEST_FAILED},
    kind_of, kinds,
    kinds::{Candidate, Tested},
    notice,
    oauth_secret::TypedSecret,
    tokens::KeptTokens,
    trial::{Trial, completed},
};
use crate::{
    connectors::{FailureKind, VendorError},
    store::connections::{self, Attention, ConnectionRow, ConnectionState, Identity},
};

/// One step, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was tried: `token`.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// What was found, or what happened.
    pub message: String,
    /// What to do; of a step that is well: a warning.
    pub hint: Option<String>,
}

impl Step {
    /// It is well.
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, ok: true, message: message.into(), hint: None }
    }

    /// It is not, and this is what to do.
    pub(super) fn failed(name: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, ok: false, message: message.into(), hint: Some(hint.into()) }
    }
}

impl Candidate<'_> {
    /// What to do is what the connection says of itself, otherwise what mends such a failure.
    pub(super) async fn failed(
        &self,
        name: &'static str,
        error: &(impl VendorError + 'static),
    ) -> Result<Step, ConnectionError> {
        let known = match self.connections.row(self.id).await {
            Ok(row) => row.attention.filter(attention::stops_renewals),
            Err(ConnectionError::Unknown(_)) => None, // it is not kept yet
            Err(error) => return Err(error),
        };
        let said = crate::causes::with_causes(error);
        Ok(match (known, attention::of_test(error)) {
            (Some(known), _) => Step::failed(name, said, known.what_to_do),
            (None, Some(found)) => Step::failed(name, found.sentence, found.what_to_do),
            (None, None) => Step::failed(name, said, "try again in a minute; see that the address is right"),
        })
    }
}

impl Connections {
    /// Tries a connection; `again`: also with what its vendor refused before.
    pub async fn test(&self, id: &str, again: bool) -> Result<Vec<Step>, ConnectionError> {
        self.test_as(id, again, false).await
    }

    /// The same; `is_new`: it has never worked, so a vendor that is away is worth somebody's attention.
    pub(super) async fn test_as(
        &self,
        id: &str,
        again: bool,
        is_new: bool,
    ) -> Result<Vec<Step>, ConnectionError> {
        let row = self.row(id).await?;
        let kind = kind_of(&row)?;
        if row.state == ConnectionState::Disconnected {
            let hint = match kind.kept()?.has_secret() {
                true => "connect it again, or give it a new secret",
                false => "connect it again: save where it leads",
            };
            return Ok(vec![Step::failed("secret", "the connection was disconnected", hint)]);
        }
        let secret = match row.open(&self.seals) {
            Ok(secret) => secret.unwrap_or_else(|| b"{}".to_vec()),
            Err(locked) => {
                let attention = attention::of_locked(&locked);
                return Ok(vec![Step::failed("secret", attention.sentence, attention.what_to_do)]);
            }
        };
        let candidate = Candidate { connections: self, id, settings: &row.settings, secret: &secret, again };
        let mut tested = kinds::test(kind, &candidate).await?;
        if is_new || !tested.is_outage {
            self.note(&row, &tested).await?;
        }
        if kind.kept()?.has_secret() {
            tested.steps.insert(0, Step::ok("secret", "the secret opens"));
        }
        Ok(tested.steps)
    }

    /// Tests those of these connections of which only a test says where they lead, and that had none: a later test then moves nothing.
    /// What does not work is said where it is used.
    pub async fn meet(&self, ids: &[&str]) -> Result<(), ConnectionError> {
        for row in connections::list(self.db(), &self.account).await? {
            let is_met = kind_of(&row)?.kept().is_ok_and(|kept| kept.is_met(&row.identity));
            if ids.contains(&row.id.as_str()) && row.state == ConnectionState::Connected && !is_met {
                self.test(&row.id, false).await?;
            }
        }
        Ok(())
    }

    /// Gives a connection with tokens of a consent a new secret, or a part of one, where it works with it. It is kept together
    /// with what else is wished.
    pub(super) async fn try_secret(
        &self,
        by: &str,
        id: &str,
        mut wish: Wish,
        typed: TypedSecret,
    ) -> Result<(), ConnectionError> {
        let mut row = self.row(id).await?;
        let kind = kind_of(&row)?;
        let tokens = KeptTokens::new(self, id, ("", &row.settings), true);
        completed(&row, tokens.secret_in(&row).as_ref(), &wish, &typed)?;
        self.lay_over(&mut row, kind, &mut wish)?;
        if self.seals.is_empty() {
            return Err(crate::store::StoreError::NoSealKey.into());
        }
        let vendor = kinds::consent(kind, &row.settings, self)?;
        let tokens = KeptTokens::new(self, id, (&vendor.client_id, &row.settings), true);
        let trial = Trial { by: by.into(), tokens, wish: Arc::new(wish), typed: Arc::new(typed) };
        let tried = trial.tried(&vendor.endpoint).await;
        tried.map(drop).map_err(|error| {
            let why = match attention::of_renewal(&error, false) {
                Some(attention) => format!("{}; {}", attention.sentence, attention.what_to_do),
                None => format!("{}; try again in a minute", crate::causes::with_causes(&error)),
            };
            ConnectionError::Refused { id: id.to_owned(), why }
        })
    }

    /// Somebody who used a connection was refused: what a person must mend is written down like a failed test, and said once. What
    /// passes by itself, and what is wrong with a query alone, is not. `during` names the use, so that the same use takes it back.
    pub async fn was_refused(
        &self,
        (id, during): (&str, &str),
        error: &(impl VendorError + 'static),
    ) -> Result<(), ConnectionError> {
        use FailureKind as Kind;
        let is_the_connections = matches!(
            error.kind(),
            Kind::Credentials
                | Kind::OauthClient
                | Kind::Token
                | Kind::Scope
                | Kind::Forbidden
                | Kind::Blocked
        );
        match attention::of_test(error).filter(|_| is_the_connections && !self.is_in_file(id)) {
            Some(attention) => {
                let attention = Attention { during: Some(during.to_owned()), ..attention };
                self.settle_test(id, Some(attention), None).await
            }
            None => Ok(()),
        }
    }

    /// A use of a connection succeeded: what was refused in the same use, or failed in a test, is over. What was refused in another use
    /// may be refused still.
    pub async fn has_worked(&self, (id, during): (&str, &str)) -> Result<(), ConnectionError> {
        let row = connections::read(self.db(), &self.account, id).await?;
        let attention = row.and_then(|row| row.attention);
        let is_over = attention.is_some_and(|attention| {
            attention.code == TEST_FAILED && attention.during.is_none_or(|failed| failed == during)
        });
        if is_over { self.settle_test(id, None, None).await } else { Ok(()) }
    }

    /// Writes down what a test found, and says it where it is news.
    async fn note(&self, row: &ConnectionRow, tested: &Tested) -> Result<(), ConnectionError> {
        let failed = tested.steps.iter().find(|step| !step.ok);
        let attention = failed.map(|step| Attention {
            code: TEST_FAILED.to_owned(),
            sentence: step.message.clone(),
            what_to_do: step.hint.clone().unwrap_or_default(),
            during: None,
        });
        self.settle_test(&row.id, attention, tested.identity.as_ref()).await
    }

    async fn settle_test(
        &self,
        id: &str,
        attention: Option<Attention>,
        identity: Option<&Identity>,
    ) -> Result<(), ConnectionError> {
        let mut tx = self.db().begin().await?;
        let Some(now) = connections::read_locked(&mut tx, &self.account, id).await? else {
            return Ok(());
        };
        // What its tokens say is more exact.
        let is_known = now.attention.as_ref().is_some_and(|known| known.code != TEST_FAILED);
        if attention.is_some() && is_known {
            return Ok(());
        }
        if let Some(identity) = identity.filter(|identity| **identity != now.identity) {
            connections::set_identity(&mut tx, &now, identity).await?;
        }
        notice::settle(self, tx, &now, attention.as_ref()).await?;
        Ok(())
    }
}
