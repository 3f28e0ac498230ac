//! What calls are heard with: links that are the same in every replica, and the Twilio account that has the recordings.

use chrono::TimeDelta;

use super::Ground;
use crate::features::recordings::{Recordings, Setup};

/// From the settings; no network.
pub(super) fn recordings(ground: &Ground<'_>) -> Recordings {
    let settings = ground.config.twilio.as_ref();
    Recordings::new(Setup {
        account: ground.account.clone(),
        public_url: ground.config.server.public_url.clone(),
        link_lives: settings.map_or(TimeDelta::zero(), |twilio| twilio.recording_link_lives),
        clock: ground.clock.clone(),
        db: ground.db.clone(),
        twilio: ground.vendors.twilio.clone(),
        twilio_account: settings.map(|twilio| twilio.account_sid.clone()).unwrap_or_default(),
        key: ground.keys.recordings.clone(),
        limits: ground.limits.clone(),
    })
}
