//! What calls and chats need: which ticket they belong to, what is written down, whom an agent calls.

use super::{Context, Shared, recordings};
use crate::config::Config;
use crate::features::{
    contracts::Contracts,
    dials::{self, Dials},
    engagements::{self, Engagements, TaskRouter, events::Ours},
    hooks::{TwilioHooks, TwilioSetup, rules::ASKING_TAG},
    pops::Pops,
    recordings::Recordings,
    sessions::Sessions,
    settings::Settings,
    tasks::OwnTags,
};

/// The rooms that know of calls.
pub(super) struct Calls {
    pub settings: Settings,
    pub engagements: Engagements,
    pub pops: Pops,
    pub dials: Dials,
    pub recordings: Recordings,
    pub hooks: TwilioHooks,
}

pub(super) fn calls(context: &Context<'_>, sessions: &Sessions, contracts: &Contracts) -> Calls {
    let Context { config, account, vendors, .. } = context;
    let Shared { clock, db, queue, .. } = context.shared;
    let own_tags = own_tags(config);
    let settings =
        Settings::new(account.clone(), clock.clone(), db.clone(), config.flex_origins(), own_tags.clone());
    let engagements = Engagements::new(engagements::Setup {
        account: account.clone(),
        clock: clock.clone(),
        db: db.clone(),
        queue: queue.clone(),
        zendesk: vendors.zendesk.clone(),
        settings: settings.clone(),
        sessions: sessions.clone(),
        task_router: task_router(context),
        own_tags,
        trust_worker_email: config.twilio.as_ref().is_some_and(|twilio| twilio.trust_worker_email),
    });
    let pops = Pops::new(
        account.clone(),
        clock.clone(),
        db.clone(),
        queue.clone(),
        contracts.clone(),
        engagements.clone(),
    );
    let dials = Dials::new(dials::Setup {
        account: account.clone(),
        clock: clock.clone(),
        db: db.clone(),
        contracts: contracts.clone(),
        settings: settings.clone(),
        has_flex: vendors.twilio.is_some(),
    });
    let hooks = TwilioHooks::new(TwilioSetup {
        account: account.clone(),
        auth_token: config.twilio.as_ref().and_then(|twilio| twilio.auth_token.clone()),
        ours: config.twilio.as_ref().map(|twilio| Ours {
            account_sid: twilio.account_sid.clone(),
            workspace_sid: twilio.workspace_sid.clone(),
        }),
        public_url: config.server.public_url.clone(),
        clock: clock.clone(),
        db: db.clone(),
        engagements: engagements.clone(),
    });
    let recordings = recordings::recordings(context);
    Calls { settings, engagements, pops, dials, recordings, hooks }
}

/// Who says whose a task is.
pub(super) fn task_router(context: &Context<'_>) -> Option<TaskRouter> {
    let client = context.vendors.twilio.clone()?;
    let workspace_sid = context.config.twilio.as_ref()?.workspace_sid.clone()?;
    Some(TaskRouter { client, workspace_sid })
}

/// The tags that no call brings: those that start a run or hold one, those that say how one ended, and the default of the first,
/// for which a trigger of Zendesk may still be set up.
fn own_tags(config: &Config) -> OwnTags {
    let runs = &config.archive.runs;
    let outcomes = runs.tags.names().into_iter().map(ToOwned::to_owned);
    let own = runs.policy.hold_tags.iter().chain([&runs.trigger_tag]).cloned().chain(outcomes);
    OwnTags::new(own.chain([ASKING_TAG.to_owned()]))
}
