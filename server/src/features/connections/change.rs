//! What admins and operators do with connections. **Invariants:** each change, its row of the ledger and the notice to other
//! replicas are one transaction; a new secret was tested before it replaces the old.

use serde_json::{Map, Value, json};

use super::{
    ConnectionError, Connections, Kind, Step, keep, kind_of, kinds,
    kinds::{Candidate, merged},
};
use crate::store::{
    Tx, accounts,
    connections::{self, ConnectionRow},
    ledger::{self, LedgerEntry},
};

/// The most that is kept of a name, characters.
const NAME: usize = 100;
/// The most that is kept of settings or of a secret, bytes.
const MOST: usize = 32 * 1024;

/// What is to be kept of a connection; what is absent stays as it is.
#[derive(Debug, Default)]
pub struct Wish {
    /// For people.
    pub name: Option<String>,
    /// As the vendor calls it.
    pub environment: Option<String>,
    /// JSON without secrets.
    pub settings: Option<String>,
    /// JSON; the whole of it.
    pub secret: Option<Vec<u8>>,
}

/// A connection that an admin makes.
#[derive(Debug)]
pub struct New {
    /// The vendor's word.
    pub kind: String,
    /// For people.
    pub name: String,
    /// `production`, or `sandbox`.
    pub environment: Option<String>,
    pub settings: Map<String, Value>,
    pub secrets: Map<String, Value>,
}

/// What an admin changes; what is absent stays as it is.
#[derive(Debug)]
pub struct Change {
    /// What the change is made from.
    pub version: u64,
    pub name: Option<String>,
    pub environment: Option<String>,
    /// All of them.
    pub settings: Option<Map<String, Value>>,
    /// Those that are new.
    pub secrets: Map<String, Value>,
}

/// What the vendor made of an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// It does not accept the tokens any more, or there were none.
    pub revoked: bool,
    /// What to do where it may accept them.
    pub hint: Option<String>,
}

impl Connections {
    /// Keeps what an admin typed, and tries it. One that does not work is kept, too, and says what is wrong.
    pub async fn create(&self, by: &str, new: New) -> Result<(String, Vec<Step>), ConnectionError> {
        let kind = Kind::read(&new.kind).filter(|kind| kind.is_kept()).ok_or_else(|| {
            ConnectionError::invalid("kind", "must be zendesk, salesforce, mysql, postgres or report")
        })?;
        let wish = Wish {
            name: Some(new.name),
            environment: new.environment,
            settings: Some(Value::Object(new.settings).to_string()),
            secret: Some(merged(None, new.secrets)?.unwrap_or_else(|| b"{}".to_vec())),
        };
        let id = fresh_id(kind);
        self.add(by, &id, kind, wish).await?;
        let steps = self.test_as(&id, false, true).await?;
        Ok((id, steps))
    }

    /// Keeps a new one.
    pub async fn add(&self, by: &str, id: &str, kind: Kind, wish: Wish) -> Result<(), ConnectionError> {
        if !is_id(id) {
            return Err(ConnectionError::Id(id.to_owned()));
        }
        if self.is_in_file(id) {
            return Err(ConnectionError::InFile(id.to_owned()));
        }
        let mut row = ConnectionRow::new(&self.account, id, kind.as_str());
        id.clone_into(&mut row.name);
        "production".clone_into(&mut row.environment);
        self.apply(&mut row, kind, wish)?;
        let mut tx = self.db().begin().await?;
        if !connections::insert(&mut tx, &row).await? {
            return Err(ConnectionError::Taken(row.id));
        }
        self.record(&mut tx, by, "connection_added", &row, &[]).await?;
        tx.commit().await?;
        if kinds::consent(kind, &row.settings, self).is_ok() {
            keep::schedule(&self.queue, &self.account).await?;
        }
        Ok(())
    }

    /// Changes one as an admin wishes, where its test does not fail.
    pub async fn update(
        &self,
        by: &str,
        id: &str,
        change: Change,
    ) -> Result<Option<Vec<Step>>, ConnectionError> {
        let row = self.row(id).await?;
        if row.version != change.version {
            return Err(ConnectionError::Changed(row.id));
        }
        let kind = kind_of(&row)?;
        let before = row.open(&self.seals).ok().flatten();
        let secret = merged(before.as_deref(), change.secrets.clone())?;
        let environment = change.environment.as_ref().unwrap_or(&row.environment);
        let settings = change.settings.map(|settings| Value::Object(settings).to_string());
        let settings =
            settings.map(|settings| kinds::settings(kind, (&settings, environment), self)).transpose()?;
        let settings = settings.filter(|settings| *settings != row.settings);
        let mut steps = None;
        if secret.is_some() || settings.is_some() {
            let settings = settings.as_ref().unwrap_or(&row.settings);
            let secret = secret.as_ref().or(before.as_ref()).map_or(b"{}".as_slice(), Vec::as_slice);
            kinds::secret(kind, settings, secret)?;
            let candidate = Candidate { connections: self, id, settings, secret, again: true };
            let tested = kinds::test(kind, &candidate).await?;
            if !tested.ok() {
                return Err(ConnectionError::Failed(tested.steps));
            }
            steps = Some(tested.steps);
        }
        let wish = Wish { name: change.name, environment: change.environment, settings, secret: None };
        self.commit_change(by, id, Some(change.version), wish, Some(change.secrets)).await?;
        Ok(steps)
    }

    /// Changes one. What was wrong with it is forgotten where its secret or its settings are new.
    pub async fn change(&self, by: &str, id: &str, wish: Wish) -> Result<(), ConnectionError> {
        self.row(id).await?;
        self.commit_change(by, id, None, wish, None).await
    }

    /// Under the row's lock, so that tokens which are renewed meanwhile are not lost.
    async fn commit_change(
        &self,
        by: &str,
        id: &str,
        version: Option<u64>,
        mut wish: Wish,
        secrets: Option<Map<String, Value>>,
    ) -> Result<(), ConnectionError> {
        let mut tx = self.db().begin().await?;
        let row = connections::read_locked(&mut tx, &self.account, id).await?;
        let mut row = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
        if version.is_some_and(|version| version != row.version) {
            return Err(ConnectionError::Changed(row.id));
        }
        let kind = kind_of(&row)?;
        if let Some(secrets) = secrets {
            let before = row.open(&self.seals).ok().flatten();
            wish.secret = merged(before.as_deref(), secrets)?;
        }
        let is_new = wish.secret.is_some() || wish.settings.is_some();
        let parts = [
            ("name", wish.name.is_some()),
            ("environment", wish.environment.is_some()),
            ("settings", wish.settings.is_some()),
            ("secret", wish.secret.is_some()),
        ];
        let parts: Vec<&str> =
            parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect();
        self.apply(&mut row, kind, wish)?;
        if !connections::update(&mut tx, &row).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        if is_new {
            connections::set_renewed(&mut tx, &row.account, &row.id, self.clock().now()).await?;
        }
        self.record(&mut tx, by, "connection_changed", &row, &parts).await?;
        Ok(tx.commit().await?)
    }

    /// Ends one: the vendor revokes its tokens, Deskside forgets them, and what used it pauses.
    pub async fn disconnect(&self, by: &str, id: &str) -> Result<Revocation, ConnectionError> {
        let row = self.row(id).await?;
        let kind = kind_of(&row)?;
        let revocation = match row.open(&self.seals).ok().flatten() {
            Some(secret) => {
                let candidate = Candidate {
                    connections: self,
                    id,
                    settings: &row.settings,
                    secret: &secret,
                    again: false,
                };
                kinds::revoke(kind, &candidate).await
            }
            None => Revocation { revoked: true, hint: None },
        };
        let mut tx = self.db().begin().await?;
        let row = connections::read_locked(&mut tx, &self.account, id).await?;
        let mut row = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
        row.forget_secret();
        if !connections::update(&mut tx, &row).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        connections::set_disconnected(&mut tx, &row.account, &row.id, self.clock().now()).await?;
        self.dependants.pause(&mut tx, &self.account, id).await?;
        self.record(&mut tx, by, "connection_disconnected", &row, &[]).await?;
        tx.commit().await?;
        Ok(revocation)
    }

    /// Forgets one that nothing uses, with its secret; its vendor revokes its tokens.
    pub async fn remove(&self, by: &str, id: &str) -> Result<(), ConnectionError> {
        let row = self.row(id).await?;
        let users = self.dependants.names(&self.account, id).await?;
        if !users.is_empty() {
            return Err(ConnectionError::InUse { id: row.id, users });
        }
        if let Some(secret) = row.open(&self.seals).ok().flatten() {
            let candidate =
                Candidate { connections: self, id, settings: &row.settings, secret: &secret, again: false };
            kinds::revoke(kind_of(&row)?, &candidate).await;
        }
        let mut tx = self.db().begin().await?;
        let row = connections::read_locked(&mut tx, &self.account, id).await?;
        let row = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
        if !connections::delete(&mut tx, &row).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        self.record(&mut tx, by, "connection_deleted", &row, &[]).await?;
        Ok(tx.commit().await?)
    }

    /// A row of the ledger, and a notice to every replica. `parts` are names, never values.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        by: &str,
        action: &str,
        row: &ConnectionRow,
        parts: &[&str],
    ) -> Result<(), ConnectionError> {
        let mut detail = json!({"connection": row.id, "kind": row.kind});
        if !parts.is_empty() {
            detail["changed"] = json!(parts);
        }
        let entry = LedgerEntry {
            at: self.clock().now(),
            actor: by.to_owned(),
            action: action.to_owned(),
            ticket_id: None,
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail,
        };
        ledger::append(tx, &self.account, &entry).await?;
        accounts::connections_changed(tx, &self.account).await?;
        Ok(())
    }

    pub(super) fn apply(
        &self,
        row: &mut ConnectionRow,
        kind: Kind,
        wish: Wish,
    ) -> Result<(), ConnectionError> {
        if let Some(name) = wish.name {
            row.name = named(&name)?;
        }
        if let Some(environment) = wish.environment {
            if !["production", "sandbox"].contains(&environment.as_str()) {
                return Err(ConnectionError::invalid("environment", "must be production or sandbox"));
            }
            row.environment = environment;
        }
        if wish.settings.as_ref().is_some_and(|settings| settings.len() > MOST) {
            return Err(ConnectionError::invalid("settings", "must be shorter than 32 kB"));
        }
        let settings = wish.settings.as_ref().unwrap_or(&row.settings);
        row.settings = kinds::settings(kind, (settings, &row.environment), self)?;
        if let Some(secret) = wish.secret {
            if secret.len() > MOST {
                return Err(ConnectionError::invalid("secrets", "must be shorter than 32 kB"));
            }
            kinds::secret(kind, &row.settings, &secret)?;
            if kind == Kind::Report {
                row.forget_secret();
            } else {
                row.seal(&secret, &self.seals)?;
            }
        }
        Ok(())
    }
}

/// A name for people.
pub(super) fn named(name: &str) -> Result<String, ConnectionError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(ConnectionError::invalid("name", "must be one line of 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

/// `mysql-4f2a91`.
pub(super) fn fresh_id(kind: Kind) -> String {
    format!("{}-{}", kind.as_str(), hex::encode(rand::random::<[u8; 3]>()))
}

fn is_id(id: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=40).contains(&id.len()) && id.as_bytes()[0].is_ascii_lowercase() && id.bytes().all(fits)
}
