//! What calls and chats need: which ticket they belong to, what is written down, whom an agent calls.

use super::{Ground, StartError, hearing};
use crate::features::{
    contracts::Contracts,
    dials::{self, Dials},
    engagements::{Engagements, events::Ours},
    hooks::{TwilioHooks, TwilioSetup},
    pops::Pops,
    recordings::Recordings,
    settings::Settings,
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

pub(super) async fn calls(ground: &Ground<'_>, contracts: &Contracts) -> Result<Calls, StartError> {
    let Ground { config, account, clock, db, queue, vendors, .. } = ground;
    let settings = Settings::new(account.clone(), clock.clone(), db.clone(), config.flex_origins());
    let engagements = Engagements::new(
        account.clone(),
        clock.clone(),
        db.clone(),
        queue.clone(),
        vendors.zendesk.clone(),
        settings.clone(),
    );
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
    let recordings = hearing::recordings(ground).await?;
    Ok(Calls { settings, engagements, pops, dials, recordings, hooks })
}
