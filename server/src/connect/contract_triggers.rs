//! `deskside connect zendesk-contract-triggers`: makes Zendesk ask for notices about customers' contracts, and report new users. What
//! is done is the feature's affair; here it is put into words. **Invariant:** a second run changes nothing.

use clap::Args;
use wire::{TriggerReport, TriggerState, TriggerView};

use super::quoted;
use crate::features::notices::{Notices, Options, TriggersError};

/// How the triggers are made.
#[derive(Debug, Clone, Copy, Args)]
pub struct ContractTriggers {
    /// Change nothing; print the triggers with their conditions.
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite what somebody changed in Zendesk by hand.
    #[arg(long)]
    pub overwrite: bool,
}

/// Makes them; `say` gets a line for each thing.
pub async fn contract_triggers(
    notices: &Notices,
    options: ContractTriggers,
    say: &mut (dyn FnMut(String) + Send),
) -> Result<(), TriggersError> {
    let options = Options { dry: options.dry_run, overwrite: options.overwrite, only: None };
    let report = notices.connect_triggers("operator", options).await?;
    lines(&report).into_iter().for_each(say);
    Ok(())
}

fn lines(report: &TriggerReport) -> Vec<String> {
    let mut lines = Vec::new();
    for webhook in &report.webhooks {
        let what = format!("the webhook {}, which calls {}", quoted(&webhook.name), webhook.endpoint);
        lines.push(done(webhook.state, report.dry, &what));
    }
    for trigger in &report.triggers {
        lines.push(done(trigger.state, report.dry, &format!("the trigger {}", quoted(&trigger.title))));
        lines.extend(conditions(trigger));
        for difference in &trigger.differences {
            lines.push(format!("          {} in Zendesk: {}", difference.part, difference.there));
            lines.push(format!("          {} by the settings: {}", difference.part, difference.wanted));
        }
    }
    let by_hand = report.triggers.iter().filter(|one| one.state == TriggerState::ChangedByHand).count();
    if by_hand > 0 {
        lines.push(format!(
            "warn      {by_hand} of the triggers were changed in Zendesk by hand and stay so: run this again with `--overwrite` to write \
             what the settings say, without what was added there"
        ));
    }
    lines.extend(report.warnings.iter().map(|warning| format!("warn      {warning}")));
    let states =
        report.webhooks.iter().map(|one| one.state).chain(report.triggers.iter().map(|one| one.state));
    let changes = states.filter(|state| state.is_change()).count();
    lines.push(
        match (changes, report.dry) {
            (0, _) => "nothing had to be changed",
            (_, true) => "a dry run: nothing was changed",
            (_, false) => "connected: whoever is in charge of a customer is told of their tickets",
        }
        .to_owned(),
    );
    lines
}

fn done(state: TriggerState, dry: bool, what: &str) -> String {
    let verb = match (state, dry) {
        (TriggerState::Created, false) => "created",
        (TriggerState::Created, true) => "would create",
        (TriggerState::Updated, false) => "updated",
        (TriggerState::Updated, true) => "would update",
        (TriggerState::Found, _) => return format!("found     {what}, up to date"),
        (TriggerState::ChangedByHand, _) => "changed",
    };
    format!("{verb:<9} {what}")
}

fn conditions(trigger: &TriggerView) -> impl Iterator<Item = String> {
    trigger.conditions.iter().enumerate().map(|(at, line)| {
        let begins = if at == 0 { "runs when" } else { "      and" };
        format!("          {begins} {line}")
    })
}
