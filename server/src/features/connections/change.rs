//! What admins and operators do with connections. **Invariants:** each change, its row of the ledger and the notice to other
//! replicas are one transaction; a new secret was tested before it replaces the old.

use std::fmt;

use serde_json::{Map, Value, json};
use wire::LedgerAction;

use super::{
    ConnectionError, Connections, Kind, Step, attention, keep, kind_of, kinds,
    kinds::{Candidate, merged},
    notice,
    oauth_secret::{is_typed, typed_secret},
    unusable,
};
use crate::store::{
    StoreError, Tx, accounts,
    connections::{self, ConnectionRow, ConnectionState},
    ledger::{self, LedgerEntry},
};

/// The most that is kept of a name, characters.
const NAME: usize = 100;
/// The most that is kept of settings or of a secret, bytes.
const MOST: usize = 32 * 1024;

/// What is to be kept of a connection; what is absent stays as it is.
#[derive(Default)]
pub struct Wish {
    /// For people.
    pub name: Option<String>,
    /// As the vendor calls it.
    pub environment: Option<String>,
    /// JSON without secrets.
    pub settings: Option<String>,
    /// JSON; of a connection that is changed also a part of it.
    pub secret: Option<Vec<u8>>,
}

impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, environment, settings, secret } = self;
        write!(f, "Wish({name:?} {environment:?} {settings:?} secret: {})", secret.is_some())
    }
}

impl Wish {
    /// Without checks: they were made.
    pub(super) fn lay_over(&self, row: &mut ConnectionRow) {
        let parts = [
            (&self.name, &mut row.name),
            (&self.environment, &mut row.environment),
            (&self.settings, &mut row.settings),
        ];
        for (new, kept) in parts {
            if let Some(new) = new {
                new.clone_into(kept);
            }
        }
    }

    /// The names of what it changes, for the ledger.
    pub(super) fn parts(&self, secret: bool) -> Vec<&'static str> {
        let parts = [
            ("name", self.name.is_some()),
            ("environment", self.environment.is_some()),
            ("settings", self.settings.is_some()),
            ("secret", secret),
        ];
        parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect()
    }
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

impl Connections {
    /// Keeps what an admin typed, and tries it. One that does not work is kept, too, and says what is wrong.
    pub async fn create(&self, by: &str, new: New) -> Result<(String, Vec<Step>), ConnectionError> {
        let kind = Kind::read_kept(&new.kind)?;
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
        if Kind::read(id).is_some() {
            return Err(ConnectionError::Reserved(id.to_owned()));
        }
        let mut row = ConnectionRow::new(&self.account, id, kind.as_str());
        id.clone_into(&mut row.name);
        "production".clone_into(&mut row.environment);
        self.apply(&mut row, kind, wish)?;
        let mut tx = self.db().begin().await?;
        if !connections::insert(&mut tx, &row).await? {
            return Err(ConnectionError::Taken(row.id));
        }
        self.record(&mut tx, by, LedgerAction::ConnectionAdded, &row, &[]).await?;
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
        let is_typed = change.secrets.values().any(|value| value.as_str() != Some(""));
        let secret = is_typed.then(|| Value::Object(change.secrets).to_string().into_bytes());
        let settings = change.settings.map(|settings| Value::Object(settings).to_string());
        let wish = Wish { name: change.name, environment: change.environment, settings, secret };
        self.change_from(by, id, Some(change.version), kind, wish).await
    }

    /// Changes one as an operator wishes. What was wrong with it is forgotten where its secret or its settings are new. A new
    /// secret is tried before it is kept.
    pub async fn change(&self, by: &str, id: &str, wish: Wish) -> Result<(), ConnectionError> {
        let is_nothing = wish.parts(wish.secret.is_some()).is_empty();
        if is_nothing {
            return Err(ConnectionError::Nothing(id.to_owned()));
        }
        let kind = kind_of(&self.row(id).await?)?;
        self.change_from(by, id, None, kind, wish).await.map(drop)
    }

    async fn change_from(
        &self,
        by: &str,
        id: &str,
        version: Option<u64>,
        kind: Kind,
        mut wish: Wish,
    ) -> Result<Option<Vec<Step>>, ConnectionError> {
        let row = self.row(id).await?;
        let before = row.open(&self.seals);
        let mut after = row.clone();
        self.lay_over(&mut after, kind, &mut wish)?;
        let moves = kinds::place_of(&after.settings) != kinds::place_of(&row.settings);
        let secret = wish.secret.take();
        if kinds::is_of_consent(kind, &after.settings)
            && let Some(secret) = secret
        {
            self.try_secret(by, id, wish, typed_secret(&secret)?).await?;
            return Ok(None);
        }
        let secret = match secret {
            Some(typed) => {
                let kept = before.as_ref().ok().and_then(Option::as_deref).filter(|_| !moves);
                merged(kept, kinds::object(&typed)?)?
            }
            None => None,
        };
        if wish.settings.is_some() && secret.is_none() {
            let kept = before.as_ref().map_err(|locked| unusable(&row, attention::of_locked(locked)))?;
            if kept.is_some() && moves {
                return Err(ConnectionError::SecretNeeded(row.id));
            }
        }
        let mut steps = None;
        if version.is_some() && (secret.is_some() || wish.settings.is_some()) {
            let kept = before.ok().flatten();
            let tried = secret.as_deref().or(kept.as_deref()).unwrap_or(b"{}");
            kind.kept()?.check_secret(&after.settings, tried)?;
            let candidate =
                Candidate { connections: self, id, settings: &after.settings, secret: tried, again: true };
            let tested = kinds::test(kind, &candidate).await?;
            if !tested.ok() {
                return Err(ConnectionError::Failed(tested.steps));
            }
            steps = Some(tested.steps);
        }
        self.commit_change(by, id, version, &wish, secret).await?;
        Ok(steps)
    }

    /// Under the row's lock, so that tokens which are renewed or sealed anew meanwhile are not lost.
    async fn commit_change(
        &self,
        by: &str,
        id: &str,
        version: Option<u64>,
        wish: &Wish,
        secret: Option<Vec<u8>>,
    ) -> Result<(), ConnectionError> {
        let mut tx = self.db().begin().await?;
        let row = connections::read_locked(&mut tx, &self.account, id).await?;
        let before = row.ok_or_else(|| ConnectionError::Unknown(id.to_owned()))?;
        if version.is_some_and(|version| version != before.version) {
            return Err(ConnectionError::Changed(before.id));
        }
        let mut row = before.clone();
        wish.lay_over(&mut row);
        if let Some(secret) = &secret {
            self.check_use(kind_of(&row)?, &row, secret)?;
            row.seal(secret, &self.seals)?;
        }
        if !connections::update(&mut tx, &row, &self.seals).await? {
            return Err(ConnectionError::Changed(row.id));
        }
        // Who has no secret to give connects again by saving where it leads.
        let is_given = secret.is_some() || (wish.settings.is_some() && !kind_of(&row)?.kept()?.has_secret());
        let is_again = row.state == ConnectionState::Disconnected && is_given;
        if is_again {
            connections::set_connected(&mut tx, &row.account, &row.id, self.clock().now()).await?;
        }
        self.record(&mut tx, by, LedgerAction::ConnectionChanged, &row, &wish.parts(secret.is_some()))
            .await?;
        if secret.is_some() || is_again || row.settings != before.settings {
            notice::settle(self, tx, &row, None).await?;
        } else {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether a row with this secret leads somewhere: what is kept can be read again.
    fn check_use(&self, kind: Kind, row: &ConnectionRow, secret: &[u8]) -> Result<(), ConnectionError> {
        let kept = kind.kept()?;
        kept.check_secret(&row.settings, secret)?;
        let (id, settings) = (row.id.as_str(), row.settings.as_str());
        kept.source(&Candidate { connections: self, id, settings, secret, again: false }).map(drop)
    }

    /// A row of the ledger, and a notice to every replica. `parts` are names, never values.
    pub(super) async fn record(
        &self,
        tx: &mut Tx,
        by: &str,
        action: LedgerAction,
        row: &ConnectionRow,
        parts: &[&str],
    ) -> Result<(), StoreError> {
        let mut detail = json!({"connection": row.id, "kind": row.kind});
        if !parts.is_empty() {
            detail["changed"] = json!(parts);
        }
        let entry = LedgerEntry::of_account(self.clock().now(), (by, action.as_str()), detail);
        ledger::append(tx, &self.account, &entry).await?;
        accounts::connections_changed(tx, &self.account).await?;
        Ok(())
    }

    /// Checks what is wished, spells it as it is kept, and lays it over a row.
    pub(super) fn lay_over(
        &self,
        row: &mut ConnectionRow,
        kind: Kind,
        wish: &mut Wish,
    ) -> Result<(), ConnectionError> {
        if let Some(name) = &mut wish.name {
            *name = named(name)?;
        }
        if wish.environment.as_ref().is_some_and(|one| !["production", "sandbox"].contains(&one.as_str())) {
            return Err(ConnectionError::invalid("environment", "must be production or sandbox"));
        }
        if let Some(settings) = &mut wish.settings {
            if settings.len() > MOST {
                return Err(ConnectionError::invalid("settings", "must be shorter than 32 kB"));
            }
            let environment = wish.environment.as_ref().unwrap_or(&row.environment);
            *settings = kind.kept()?.settings(settings, environment, self)?;
        }
        // Who saves what is there connects again what needs no secret.
        let is_again = row.state == ConnectionState::Disconnected && !kind.kept()?.has_secret();
        wish.settings = wish.settings.take().filter(|settings| is_again || *settings != row.settings);
        if wish.secret.as_ref().is_some_and(|secret| secret.len() > MOST) {
            return Err(ConnectionError::invalid("secrets", "must be shorter than 32 kB"));
        }
        wish.lay_over(row);
        Ok(())
    }

    /// A new row becomes what is wished.
    pub(super) fn apply(
        &self,
        row: &mut ConnectionRow,
        kind: Kind,
        mut wish: Wish,
    ) -> Result<(), ConnectionError> {
        wish.settings.get_or_insert_with(|| "{}".to_owned());
        self.lay_over(row, kind, &mut wish)?;
        let Some(secret) = wish.secret else { return Ok(()) };
        is_typed(&secret)?;
        self.check_use(kind, row, &secret)?;
        if kind.kept()?.has_secret() {
            row.seal(&secret, &self.seals)?;
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
