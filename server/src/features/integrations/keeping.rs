//! Integrations are kept: one by an editor, several by an import. **Invariants:** all of an import or nothing; one integration writes a
//! field; schedule and copy follow in the same transaction.

use wire::{Definition, IntegrationDocument, LedgerAction};

use super::{
    Fault, Integrations, IntegrationsError,
    definition::shared_field,
    people::Inner,
    record::{self, parts},
    schedule, views,
};
use crate::{
    queue::Schedules,
    store::{
        Tx, companies,
        integrations::{self as kept, Integration},
    },
};

/// An integration, as somebody wants it.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub enabled: bool,
    pub definition: &'a Definition,
    /// What it is made from; absent: it is new.
    pub version: Option<u64>,
}

impl Integrations {
    /// Keeps an integration: a new one (`version` absent), or a change of the one that has this version.
    pub async fn save(
        &self,
        by: &str,
        (id, name, enabled): (&str, &str, bool),
        definition: &Definition,
        version: Option<u64>,
    ) -> Result<IntegrationDocument, IntegrationsError> {
        self.save_all(by, &[Wish { id, name, enabled, definition, version }], false).await?;
        // What was kept, and not what somebody else may have kept since.
        Ok(IntegrationDocument {
            id: id.to_owned(),
            name: name.trim().to_owned(),
            enabled,
            definition: definition.clone(),
            version: Some(version.map_or(1, |before| before + 1)),
        })
    }

    /// Keeps all of them or none; `is_trial`: none, and says what is wrong with them.
    pub async fn save_all(
        &self,
        by: &str,
        wishes: &[Wish<'_>],
        is_trial: bool,
    ) -> Result<(), IntegrationsError> {
        let Inner { account, db, .. } = &*self.0;
        let is_one = wishes.len() == 1;
        let named = |wish: &Wish<'_>, fault: Fault| {
            if is_one { fault } else { Fault { at: format!("{}: {}", wish.id, fault.at), ..fault } }
        };
        let mut faults = Vec::new();
        for wish in wishes {
            faults.extend(self.faults(wish).await?.into_iter().map(|fault| named(wish, fault)));
            if !is_trial && wish.version.is_none() && kept::integration(db, account, wish.id).await?.is_none()
            {
                // Where an earlier one of this id was deleted and the server died, the new one does not go on with what is left of it.
                self.forget_rest(wish.id).await?;
            }
        }
        let mut tx = db.begin().await?;
        kept::take_turns(&mut tx, account).await?;
        let mut hidden = Vec::new();
        for wish in wishes.iter().filter(|_| faults.is_empty()) {
            if !self.keep(&mut tx, by, wish).await? {
                hidden.push(wish.id);
            }
        }
        // After all of them were kept: two may have exchanged their fields.
        for wish in wishes.iter().filter(|wish| wish.enabled) {
            let others = self.other_writers(&mut tx, wish.id, wish.definition).await?;
            faults.extend(others.into_iter().map(|fault| named(wish, fault)));
        }
        if !faults.is_empty() {
            return Err(IntegrationsError::Faults(faults));
        }
        if is_trial {
            return Ok(());
        }
        tx.commit().await?;
        for id in hidden {
            self.forget_copy(id).await;
        }
        Ok(())
    }

    /// Keeps one, with all that follows from it. False: cards do not show its contracts.
    async fn keep(&self, tx: &mut Tx, by: &str, wish: &Wish<'_>) -> Result<bool, IntegrationsError> {
        let Inner { account, clock, .. } = &*self.0;
        let Wish { id, name, enabled, definition, version } = *wish;
        let new = Integration {
            id: id.to_owned(),
            name: name.trim().to_owned(),
            enabled,
            definition: serde_json::json!(definition).to_string(),
            version: 0,
            accepted_plan: None,
            updated_at: clock.now(),
            trouble: None,
            trouble_at: None,
        };
        let before = kept::locked(&mut *tx, account, id).await?;
        if !kept::save(&mut *tx, account, &new, version, clock.now()).await? {
            return Err(match (version, before) {
                (None, _) => IntegrationsError::Taken(id.to_owned()),
                (Some(_), Some(_)) => IntegrationsError::Changed(id.to_owned()),
                (Some(_), None) => IntegrationsError::Unknown(id.to_owned()),
            });
        }
        let (action, changed) = match before.filter(|_| version.is_some()) {
            Some(before) => (LedgerAction::IntegrationChanged, parts(&before, &new)),
            None => (LedgerAction::IntegrationAdded, Vec::new()),
        };
        let detail = record::of_integration(id, &changed);
        let is_shown = self.follow(tx, id, enabled, definition).await?;
        record::append(tx, account, (by, action), detail, clock.now()).await?;
        Ok(is_shown)
    }

    /// Other enabled integrations that write one of its fields, or the contract that cards show.
    pub(super) async fn other_writers(
        &self,
        tx: &mut Tx,
        id: &str,
        definition: &Definition,
    ) -> Result<Vec<Fault>, IntegrationsError> {
        let mut faults = Vec::new();
        let emptied = kept::being_emptied(&mut *tx, &self.0.account).await?;
        for other in kept::list(tx, &self.0.account).await? {
            // One that is paused writes nothing, unless a run empties what it wrote.
            if other.id == id || !(other.enabled || emptied.contains(&other.id)) {
                continue;
            }
            let theirs = views::definition(&other)?;
            if let Some(field) = shared_field(definition, &theirs) {
                let message = format!(
                    "`{field}` is written by the integration `{}`; one integration writes a field",
                    other.name
                );
                faults.push(Fault { at: "mapping".into(), message });
            }
            if other.enabled && definition.contract.is_some() && theirs.contract.is_some() {
                let message = format!(
                    "cards show the contracts of the integration `{}`; one integration brings them",
                    other.name
                );
                faults.push(Fault { at: "contract".into(), message });
            }
        }
        Ok(faults)
    }

    /// Schedule and copy follow what is kept, in the same transaction. False: cards do not show its contracts.
    pub(super) async fn follow(
        &self,
        tx: &mut Tx,
        id: &str,
        enabled: bool,
        definition: &Definition,
    ) -> Result<bool, IntegrationsError> {
        let Inner { account, schedules, .. } = &*self.0;
        if enabled && kept::being_emptied(&mut *tx, account).await?.iter().any(|it| it == id) {
            return Err(IntegrationsError::BeingEmptied(id.to_owned()));
        }
        let wanted = schedule::of(account, id, &definition.schedule).ok().flatten().filter(|_| enabled);
        match wanted {
            Some(schedule) => {
                let job = super::Scheduled { account: account.clone(), integration: id.to_owned() };
                schedules.set_in(&mut *tx, &schedule, &job).await?;
            }
            None => Schedules::remove_in(&mut *tx, account, &schedule::name(id)).await?,
        }
        let is_shown = enabled && definition.contract.is_some();
        if !is_shown {
            companies::hide(tx, account, id).await?;
        }
        Ok(is_shown)
    }
}
