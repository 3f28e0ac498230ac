//! The triggers that ask for notices: found again, made, updated where a setting has changed, and left alone where a person changed
//! them. **Invariants:** nothing is written before Zendesk was asked what its triggers can compare; a second run changes nothing;
//! what a person changed is overwritten only where somebody says so.

mod compare; // as they are beside those that must be
mod error; // why they cannot be made
pub mod fields; // which fields hold the contract
mod wanted; // as they must be
mod watch; // looked at once a day
mod webhooks; // what they call
mod words; // as an admin would say them

use wire::{LedgerAction, TriggerDifference, TriggerReport, TriggerState, TriggerView};

pub use error::TriggersError;
pub use watch::CheckTriggers;

use self::{
    compare::{Difference, Standing},
    fields::ContractFields,
    wanted::{Missing, Wanted},
};
use super::{
    Notices, Setup,
    kind::{self, Kind},
    settings::{Emergency, Way},
};
use crate::{
    connectors::{
        FailureKind, Rows, VendorError,
        zendesk::{Definitions, Records, Trigger, TriggerSpec, Webhook, ZendeskError},
    },
    features::to_the_end,
    store::{
        integrations,
        ledger::{self, LedgerEntry},
        notices as kept,
    },
};

/// More active triggers of tickets no account has. Source: Zendesk, "Product limits", 4408886797466.
const MOST_TRIGGERS: usize = 7_000;

/// How the triggers are to be made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Change nothing; say what would change.
    pub dry: bool,
    /// Overwrite what a person changed in Zendesk.
    pub overwrite: bool,
    /// Only the trigger of this kind.
    pub only: Option<Kind>,
}

/// A trigger as it is planned.
struct Planned<'a> {
    kind: Kind,
    wanted: TriggerSpec,
    there: Option<&'a Trigger>,
    state: TriggerState,
    differences: Vec<Difference>,
}

impl Notices {
    /// Makes the triggers and their webhooks; `by`: who asked, as the ledger names them.
    pub async fn connect_triggers(&self, by: &str, options: Options) -> Result<TriggerReport, TriggersError> {
        let (this, by) = (self.clone(), by.to_owned());
        to_the_end(async move { this.connect_now(&by, options).await }).await
    }

    async fn connect_now(&self, by: &str, options: Options) -> Result<TriggerReport, TriggersError> {
        let inner = &self.0;
        let definitions = inner.zendesk.trigger_definitions().await?;
        let option = self.option_of_emergency(&definitions).await?;
        let kinds =
            kind::OF_TRIGGERS.into_iter().filter(|kind| options.only.is_none_or(|only| only == *kind));
        let (kinds, off): (Vec<Kind>, Vec<Kind>) = kinds.partition(|kind| self.is_on(*kind));
        let fields = if kinds.is_empty() { ContractFields::none() } else { self.contract_fields().await? };
        // Before anything is made: that all of it can be, and is nobody else's.
        for kind in &kinds {
            let wanted = self.wanted(&fields, option.as_deref(), "").trigger(*kind);
            let spec = wanted.map_err(|missing| TriggersError::of(*kind, missing))?;
            if let Some(missing) = wanted::missing(&spec, &definitions) {
                return Err(TriggersError::of(*kind, missing));
            }
        }
        let (webhooks, all) = futures::try_join!(inner.zendesk.webhooks(), inner.zendesk.triggers())?;
        if !options.overwrite {
            self.is_nobody_elses(&kinds, &webhooks, &all).await?;
        }
        let planned = (&fields, option.as_deref());
        let known = self.notice_webhook(&webhooks, true, &mut TriggerReport::default()).await?;
        let plan = self.plan(&kinds, planned, (known.as_deref(), &all), options).await?;
        let new = plan.iter().filter(|one| one.state == TriggerState::Created).count();
        if new > 0 {
            all.proves_absence().map_err(|why| ZendeskError::unreadable("GET /api/v2/triggers", why))?;
            let active = all.iter().filter(|one| one.is.active).count();
            if active + new > MOST_TRIGGERS {
                return Err(TriggersError::Full(active));
            }
        }
        let mut report = TriggerReport { dry: options.dry, ..TriggerReport::default() };
        let webhook = self.notice_webhook(&webhooks, options.dry, &mut report).await?;
        let mut plan = self.plan(&kinds, planned, (webhook.as_deref(), &all), options).await?;
        plan.extend(self.plan_off(&off, (webhook.as_deref(), &webhooks, &all), options).await?);
        for one in &plan {
            let id = match self.carry_out(one, options).await {
                Err(error) if !options.dry => {
                    // What was made before it acts, so it is written down and looked after.
                    self.looks_after(by, &report).await?;
                    return Err(error);
                }
                id => id?,
            };
            if let Some(id) = id.filter(|_| !options.dry) {
                kept::keep_trigger(&inner.db, &inner.account, (one.kind, id), inner.clock.now()).await?;
            }
            report.triggers.push(view(one, id));
        }
        self.events_webhook(&webhooks, options.dry, &mut report).await;
        self.warn(&kinds, &mut report);
        if !options.dry {
            self.looks_after(by, &report).await?;
        }
        Ok(report)
    }

    /// What was changed is in the ledger, and the triggers are looked at from now on.
    async fn looks_after(&self, by: &str, report: &TriggerReport) -> Result<(), TriggersError> {
        self.note_changes(by, report).await?;
        Ok(watch::schedule(&self.0.queue, &self.0.account).await?)
    }

    /// Whether a kind is asked for.
    fn is_on(&self, kind: Kind) -> bool {
        let thresholds = &self.0.contract_settings.thresholds;
        let has_threshold = match kind {
            Kind::NewCustomer => thresholds.new_customer_days > 0,
            Kind::RenewalNear | Kind::Renewal => thresholds.renewal_near_days > 0,
            Kind::Page | Kind::PageOver => true,
        };
        has_threshold && self.0.settings.way(kind) != Way::Off
    }

    fn wanted<'a>(
        &'a self,
        fields: &'a ContractFields,
        option: Option<&'a str>,
        webhook: &'a str,
    ) -> Wanted<'a> {
        Wanted {
            account: &self.0.account,
            webhook,
            thresholds: &self.0.contract_settings.thresholds,
            emergency: &self.0.settings.emergency,
            fields,
            option,
        }
    }

    /// The fields that the enabled integration with the contract writes.
    pub(super) async fn contract_fields(&self) -> Result<ContractFields, TriggersError> {
        let Setup { account, db, contract_settings, .. } = &*self.0;
        let all = integrations::list(db, account).await?;
        let fields = all.iter().filter(|one| one.enabled).find_map(|one| {
            ContractFields::of(&serde_json::from_str(&one.definition).ok()?, &contract_settings.fields)
        });
        fields.ok_or(TriggersError::NoContract)
    }

    /// The id of the option that makes an emergency, read afresh: a recreated option has another one.
    async fn option_of_emergency(&self, definitions: &Definitions) -> Result<Option<String>, TriggersError> {
        let Emergency::UserField { key, tag } = &self.0.settings.emergency else { return Ok(None) };
        let fields = self.0.zendesk.custom_fields(Records::Users).await?;
        let field = fields.iter().find(|field| field.key == *key);
        let option = field.and_then(|field| field.options.iter().find(|option| option.value == *tag));
        let id = option.and_then(|option| option.id).map(|id| id.to_string());
        let subject = format!("requester.custom_fields.{}", key.to_lowercase());
        let known = id.filter(|id| definitions.values(&subject).contains(&id.as_str()));
        match known {
            Some(id) => Ok(Some(id)),
            None => Err(TriggersError::NoOption { field: key.clone(), tag: tag.clone() }),
        }
    }

    async fn plan<'a>(
        &self,
        kinds: &[Kind],
        (fields, option): (&ContractFields, Option<&str>),
        (webhook, all): (Option<&str>, &'a Rows<Trigger>),
        options: Options,
    ) -> Result<Vec<Planned<'a>>, TriggersError> {
        let Setup { account, db, .. } = &*self.0;
        let ids = kept::triggers(db, account).await?;
        let mut plan = Vec::new();
        for kind in kinds.iter().copied() {
            let id = ids.iter().find(|row| row.kind == kind).map(|row| row.trigger_id);
            let there = compare::found(all, (account, kind), (id, webhook));
            let wanted = self.wanted(fields, option, webhook.unwrap_or_default());
            let wanted = wanted.trigger(kind).map_err(|missing| TriggersError::of(kind, missing))?;
            let standing = there.map(|there| compare::standing(account, kind, &there.is, &wanted));
            let (state, differences) = match standing {
                None => (TriggerState::Created, Vec::new()),
                Some(Standing::UpToDate) => (TriggerState::Found, Vec::new()),
                Some(Standing::Outdated(found)) => (TriggerState::Updated, found),
                Some(Standing::ByHand(found)) if options.overwrite => (TriggerState::Updated, found),
                Some(Standing::ByHand(found)) => (TriggerState::ChangedByHand, found),
            };
            plan.push(Planned { kind, wanted, there, state, differences });
        }
        Ok(plan)
    }

    /// The triggers of kinds that are switched off act no more, unless a person changed them, or they call another server.
    async fn plan_off<'a>(
        &self,
        kinds: &[Kind],
        (webhook, webhooks, all): (Option<&str>, &[Webhook], &'a Rows<Trigger>),
        options: Options,
    ) -> Result<Vec<Planned<'a>>, TriggersError> {
        let Setup { account, db, .. } = &*self.0;
        let ids = kept::triggers(db, account).await?;
        let planned = kinds.iter().copied().filter_map(|kind| {
            let id = ids.iter().find(|row| row.kind == kind).map(|row| row.trigger_id);
            let there =
                compare::found(all, (account, kind), (id, webhook)).filter(|there| there.is.active)?;
            if !options.overwrite && self.calls_another(there, webhooks).is_some() {
                return None;
            }
            let wanted = compare::switched_off(account, kind, &there.is);
            let is_ours = options.overwrite || compare::is_untouched(account, kind, &there.is);
            let state = if is_ours { TriggerState::Updated } else { TriggerState::ChangedByHand };
            let differences = compare::differences(&there.is, &wanted);
            Some(Planned { kind, wanted, there: Some(there), state, differences })
        });
        Ok(planned.collect())
    }

    /// A trigger that calls another Deskside server is that server's.
    async fn is_nobody_elses(
        &self,
        kinds: &[Kind],
        webhooks: &[Webhook],
        all: &[Trigger],
    ) -> Result<(), TriggersError> {
        let Setup { account, db, endpoints, .. } = &*self.0;
        let ids = kept::triggers(db, account).await?;
        for kind in kinds.iter().copied() {
            let id = ids.iter().find(|row| row.kind == kind).map(|row| row.trigger_id);
            let there = compare::found(all, (account, kind), (id, None));
            if let Some(there) = there.and_then(|there| self.calls_another(there, webhooks)) {
                return Err(TriggersError::AnotherServer { there, ours: endpoints.notice.to_string() });
            }
        }
        Ok(())
    }

    /// Does what is planned for a trigger: its id, where it has one.
    async fn carry_out(&self, one: &Planned<'_>, options: Options) -> Result<Option<u64>, TriggersError> {
        let zendesk = &self.0.zendesk;
        match (one.there, one.state) {
            (None, _) if options.dry => Ok(None),
            (None, _) => match zendesk.create_trigger(&one.wanted).await {
                Ok(made) => Ok(Some(made.id)),
                Err(error) if error.is(FailureKind::Rejected) => {
                    Err(TriggersError::Rejected(kind::title(one.kind), error))
                }
                Err(error) => Err(error.into()),
            },
            (Some(there), TriggerState::Updated) if !options.dry => {
                zendesk.update_trigger(there.id, &compare::mended(&there.is, &one.wanted)).await?;
                Ok(Some(there.id))
            }
            (Some(there), _) => Ok(Some(there.id)),
        }
    }

    /// What works only with something that is not set.
    fn warn(&self, kinds: &[Kind], report: &mut TriggerReport) {
        let lacks = |way: Way| match way {
            Way::Notify if self.0.notify.is_none() => Some("`notify.webhook_url`"),
            Way::PagerDuty if self.0.pagerduty.is_none() => Some("`pagerduty.routing_key`"),
            _ => None,
        };
        for kind in kinds.iter().copied().filter(|kind| *kind != Kind::PageOver) {
            if let Some(setting) = lacks(self.0.settings.way(kind)) {
                report.warnings.push(format!(
                    "notices of the kind `{}` are to go by {}, which needs {setting}: until it is set, the fallback is told",
                    kind.as_str(),
                    self.0.settings.way(kind).as_str(),
                ));
            }
        }
        if let super::settings::Fallback::By(way) = self.0.settings.fallback
            && let Some(setting) = lacks(way)
        {
            report.warnings.push(format!("the fallback needs {setting}: until it is set, nobody is told where whoever is in charge cannot be"));
        }
    }

    /// A row of the ledger, where something was changed.
    async fn note_changes(&self, by: &str, report: &TriggerReport) -> Result<(), TriggersError> {
        let changed: Vec<_> = report.triggers.iter().filter(|one| one.state.is_change()).collect();
        if changed.is_empty() && report.webhooks.iter().all(|one| !one.state.is_change()) {
            return Ok(());
        }
        let detail = serde_json::json!({
            "triggers": changed.iter().map(|one| (one.kind.clone(), one.state.as_str())).collect::<std::collections::BTreeMap<_, _>>(),
        });
        let Setup { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        let entry =
            LedgerEntry::of_account(clock.now(), (by, LedgerAction::TriggersConnected.as_str()), detail);
        ledger::append(&mut tx, account, &entry).await?;
        Ok(tx.commit().await?)
    }
}

fn view(one: &Planned<'_>, id: Option<u64>) -> TriggerView {
    let there = one.there.map(|there| &there.is);
    let shown = there.filter(|_| one.state == TriggerState::ChangedByHand).unwrap_or(&one.wanted);
    let difference = |one: &Difference| TriggerDifference {
        part: one.part.to_owned(),
        there: one.there.clone(),
        wanted: one.wanted.clone(),
    };
    TriggerView {
        kind: one.kind.as_str().to_owned(),
        id,
        title: there.map_or_else(|| one.wanted.title.clone(), |there| there.title.clone()),
        state: one.state,
        conditions: words::lines(&shown.conditions),
        actions: words::actions(&shown.actions),
        differences: one.differences.iter().map(difference).collect(),
    }
}
