//! What calls are heard with: links that are the same in every replica, and the Twilio account that has the recordings.

use chrono::TimeDelta;

use super::Context;
use crate::features::recordings::{Recordings, Setup};

/// From the settings; no network.
pub(super) fn recordings(context: &Context<'_>) -> Recordings {
    let settings = context.config.twilio.as_ref();
    Recordings::new(Setup {
        account: context.account.clone(),
        public_url: context.config.server.public_url.clone(),
        link_lives: settings.map_or(TimeDelta::zero(), |twilio| twilio.recording_link_lives),
        clock: context.shared.clock.clone(),
        db: context.shared.db.clone(),
        twilio: context.vendors.twilio.clone(),
        twilio_account: settings.map(|twilio| twilio.account_sid.clone()).unwrap_or_default(),
        key: context.shared.keys.recordings.clone(),
        limits: context.limits.clone(),
    })
}
