//! What calls are heard with: links that are the same in every replica, and the Twilio account that has the recordings.

use chrono::TimeDelta;

use crate::{
    clock::Clock,
    config::Config,
    connectors::twilio::TwilioClient,
    features::{
        recordings::{RecordingKey, Recordings, Setup},
        sessions,
    },
    store::{Db, StoreError},
};

/// From the settings; no network.
pub(super) async fn recordings(
    config: &Config,
    clock: &Clock,
    db: &Db,
    twilio: Option<&TwilioClient>,
) -> Result<Recordings, StoreError> {
    let secret = config.server.secret_key.as_ref();
    let settings = config.twilio.as_ref();
    Ok(Recordings::new(Setup {
        account: config.zendesk.subdomain.clone(),
        public_url: config.server.public_url.clone(),
        link_lives: TimeDelta::days(settings.map_or(0, |twilio| twilio.recording_link_days).into()),
        clock: clock.clone(),
        db: db.clone(),
        twilio: twilio.cloned(),
        twilio_account: settings.map(|twilio| twilio.account_sid.clone()).unwrap_or_default(),
        key: RecordingKey::new(sessions::key_for("deskside recording link v1", secret, db).await?),
    }))
}
