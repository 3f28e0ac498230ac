//! Once a day the triggers are looked at: whether they are there and act, whether what they call is, and whether the options that their conditions name still are. A
//! dropdown's option that was made again has another id, and a condition with the former one holds for nobody. What Deskside wrote
//! is mended; what a person wrote is told as a problem of the connection.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Kind, Options, TriggersError, compare};
use crate::{
    causes::with_causes,
    connectors::{
        Rows,
        zendesk::{Definitions, Trigger, Webhook},
    },
    features::notices::{Notices, Setup, settings::Emergency},
    queue::{CatchUp, Job, JobError, Lease, Queue, Schedule, Schedules},
    store::{StoreError, notices as kept},
};

/// Its name among the account's schedules.
const SCHEDULE: &str = "check_notice_triggers";

/// Looks at an account's triggers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckTriggers {
    pub account: String,
}

impl Job for CheckTriggers {
    const NAME: &'static str = "check_notice_triggers";
    const LEASE: Duration = Duration::from_mins(2);
    const PRIORITY: i32 = -10;
    type Deps = Notices;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        SCHEDULE.to_owned()
    }

    async fn run(&self, notices: &Notices, _: &Lease) -> Result<(), JobError> {
        match notices.check_triggers().await {
            Ok(()) => Ok(()),
            Err(TriggersError::Zendesk(error)) => Err(error.into()),
            Err(TriggersError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(account = self.account, error = %with_causes(&error), "the triggers of notices could not be looked at");
                Ok(())
            }
        }
    }
}

/// From now on an account's triggers are looked at. Accounts have times of their own, so that not all come at once.
pub(super) async fn schedule(queue: &Queue, account: &str) -> Result<(), StoreError> {
    let digest = Sha256::digest(account);
    let (minute, hour) = (digest[3] % 60, digest[4] % 24);
    let cron = format!("{minute} {hour} * * *");
    let schedule = Schedule::new(account, SCHEDULE, &cron, "UTC", CatchUp::Last);
    let schedule = schedule.expect("numbers within their ranges are a time of the day");
    Schedules::new(queue.clone()).set(&schedule, &CheckTriggers { account: account.to_owned() }).await
}

impl Notices {
    /// Looks at the triggers.
    pub async fn check_triggers(&self) -> Result<(), TriggersError> {
        let Setup { account, db, clock, zendesk, .. } = &*self.0;
        let rows = kept::triggers(db, account).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let (definitions, webhooks, all) =
            futures::try_join!(zendesk.trigger_definitions(), zendesk.webhooks(), zendesk.triggers())?;
        for row in rows {
            let there = compare::found(&all, (account, row.kind), (Some(row.trigger_id), None));
            let is_quiet =
                |there: &Trigger| !there.is.active || self.calls_another(there, &webhooks).is_some();
            if !self.is_on(row.kind) && there.is_none_or(is_quiet) {
                kept::forget_trigger(db, account, row.kind).await?; // nobody asks for it any more
                continue;
            }
            let mut problem = match there {
                None if all.proves_absence().is_err() => continue,
                None => Some(format!(
                    "the trigger of `{}` notices is gone from Zendesk; make it again with `deskside connect zendesk-contract-triggers`",
                    row.kind.as_str()
                )),
                Some(there) => {
                    self.not_ours(row.kind, there, &webhooks).or_else(|| silent(row.kind, there, &webhooks))
                }
            };
            if let Some(there) = there.filter(|_| problem.is_none()) {
                problem = gone_option(there, &definitions);
                if problem.is_some() && self.wrote_options(row.kind, there) && self.mend().await {
                    problem = None;
                }
            }
            if let Some(problem) = problem.as_deref().filter(|_| problem != row.problem) {
                tracing::warn!(account, kind = row.kind.as_str(), "{problem}");
            }
            kept::set_trigger_problem(db, account, (row.kind, problem.as_deref()), clock.now()).await?;
        }
        Ok(())
    }

    /// It acts although nobody asks for it, or for another server.
    fn not_ours(&self, kind: Kind, there: &Trigger, webhooks: &[Webhook]) -> Option<String> {
        let name = kind.as_str();
        if !self.is_on(kind) {
            return Some(format!(
                "`{name}` notices are switched off, and their trigger still acts in Zendesk; switch it off with \
                 `deskside connect zendesk-contract-triggers`"
            ));
        }
        let another = self.calls_another(there, webhooks)?;
        let ours = &self.0.endpoints.notice;
        Some(format!("the trigger of `{name}` notices calls another server, {another}; this one is {ours}"))
    }

    /// Whether the options in this trigger's conditions were written by Deskside: nobody has changed it since.
    fn wrote_options(&self, kind: Kind, there: &Trigger) -> bool {
        matches!(self.0.settings.emergency, Emergency::UserField { .. })
            && kind == Kind::Page
            && compare::is_untouched(&self.0.account, kind, &there.is)
    }

    /// Writes what must be, with the options of today, where nobody has changed it by hand.
    async fn mend(&self) -> bool {
        match self
            .connect_triggers("deskside", Options { only: Some(Kind::Page), ..Options::default() })
            .await
        {
            Ok(_) => true,
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(account = self.0.account, %error, "a trigger names an option that is gone, and it could not be mended");
                false
            }
        }
    }
}

/// The trigger does not act, or what it calls does not answer.
fn silent(kind: Kind, there: &Trigger, webhooks: &Rows<Webhook>) -> Option<String> {
    let name = kind.as_str();
    if !there.is.active {
        return Some(format!(
            "the trigger of `{name}` notices is not active in Zendesk, so nobody is told: activate it there, or set `{name}` notices \
             to `off`"
        ));
    }
    let called = compare::called(&there.is);
    let why = match webhooks.iter().find(|one| Some(one.id.as_str()) == called) {
        Some(webhook) if webhook.is.status == "active" => return None,
        Some(_) => "calls a webhook that is not active in Zendesk",
        None if called.is_none() => "calls no webhook",
        None if webhooks.proves_absence().is_err() => return None,
        None => "calls a webhook that is gone from Zendesk",
    };
    Some(format!(
        "the trigger of `{name}` notices {why}, so nobody is told: mend it with `deskside connect zendesk-contract-triggers`"
    ))
}

/// A condition of the trigger that names an option that is gone.
fn gone_option(trigger: &Trigger, definitions: &Definitions) -> Option<String> {
    let conditions = trigger.is.conditions.all.iter().chain(&trigger.is.conditions.any);
    let mut of_fields = conditions.filter(|one| {
        one.field.contains(".custom_fields.") && ["is", "is_not"].contains(&one.operator.as_str())
    });
    of_fields.find_map(|one| {
        let (known, value) = (definitions.values(&one.field), one.value.as_str()?);
        let is_gone = !known.is_empty() && !known.contains(&value);
        is_gone.then(|| {
            format!(
                "the trigger \"{}\" compares `{}` with an option that does not exist any more, so it acts for nobody: choose the option again \
                 in the trigger's condition",
                trigger.is.title, one.field
            )
        })
    })
}
