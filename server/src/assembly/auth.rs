//! Who comes in: agents by a session, vendors by a signature.

use super::{Context, Shared};
use crate::{
    config::Config,
    features::{
        accounts::Accounts,
        archive::Archive,
        hooks::{self, Hooks, NoticeHooks},
        limits::Limits,
        notices::Notices,
        sessions::{self, Bearers, Flex, Sessions},
    },
    http::Counting,
};

/// Agents.
pub(super) fn sessions(context: &Context<'_>) -> Sessions {
    let Context { config, account, vendors, limits, .. } = context;
    let Shared { machine_clock: clock, db, .. } = context.shared;
    let workspace_sid = config.twilio.as_ref().and_then(|twilio| twilio.workspace_sid.clone());
    let trust_worker_email = config.twilio.as_ref().is_some_and(|twilio| twilio.trust_worker_email);
    Sessions::new(sessions::Setup {
        account: account.as_str().into(),
        zendesk_origin: config.zendesk.base_url(),
        app_id: config.zendesk.app_id,
        clock: clock.clone(),
        db: db.clone(),
        zendesk: vendors.zendesk.clone(),
        twilio: vendors.twilio.clone().map(|client| Flex { client, workspace_sid, trust_worker_email }),
        bearers: context.shared.bearers.clone(),
        audiences: config
            .contracts
            .visible_to
            .audiences()
            .chain([&config.integrations.connections.editors])
            .cloned()
            .collect(),
        limits: limits.clone(),
    })
}

/// How much everybody may ask for.
pub(super) fn counting(config: &Config, bearers: &Bearers, accounts: &Accounts, limits: Limits) -> Counting {
    Counting::new(bearers.clone(), accounts.clone(), limits, config.server.clients.clone())
}

/// Zendesk, which reports tags.
pub(super) fn hooks(context: &Context<'_>, archive: &Archive) -> Hooks {
    let Context { config, account, vendors, .. } = context;
    let Shared { machine_clock: clock, db, .. } = context.shared;
    Hooks::new(hooks::Setup {
        account: account.clone(),
        webhook_secret: config.zendesk.webhook_secret.clone(),
        endpoint: hooks::rules::endpoint(&config.server.public_url, context.key.as_deref()),
        trigger_tag: config.archive.runs.trigger_tag.clone(),
        clock: clock.clone(),
        db: db.clone(),
        zendesk: vendors.zendesk.clone(),
        archive: archive.clone(),
    })
}

/// Zendesk, which asks for notices and reports new users.
pub(super) fn notice_hooks(context: &Context<'_>, notices: &Notices) -> NoticeHooks {
    let Context { config, account, vendors, .. } = context;
    let Shared { machine_clock: clock, db, .. } = context.shared;
    NoticeHooks::new(hooks::NoticeSetup {
        account: account.clone(),
        endpoints: hooks::rules::notice_endpoints(&config.server.public_url, context.key.as_deref()),
        clock: clock.clone(),
        db: db.clone(),
        zendesk: vendors.zendesk.clone(),
        notices: notices.clone(),
    })
}
