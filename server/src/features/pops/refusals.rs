//! Whose page Zendesk would not turn: an agent without a seat of Talk Partner Edition is on the phone, and does not wait at
//! each call for the same refusal. It is believed for ten minutes, and forgotten when an admin changes the settings.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use wire::UserId;

use crate::{clock::Clock, features::settings::Settings, store::StoreError};

/// A seat that was bought counts after this.
const BELIEVED_FOR: TimeDelta = TimeDelta::minutes(10);
/// More agents than an account has on the phone at a time.
const MOST: u64 = 10_000;

/// What this process was refused.
#[derive(Clone)]
pub struct Refusals {
    clock: Clock,
    settings: Settings,
    known: Cache<(String, UserId), Refused>,
}

#[derive(Clone, Copy)]
struct Refused {
    /// Of the settings that were gone by.
    version: u64,
    until: DateTime<Utc>,
}

impl Refusals {
    /// None yet.
    pub fn new(clock: Clock, settings: Settings) -> Self {
        // What is not asked about any more goes; whether it still holds is the clock's to say.
        let known = Cache::builder().max_capacity(MOST).time_to_live(Duration::from_hours(1)).build();
        Self { clock, settings, known }
    }

    /// Of the settings, now.
    pub(super) async fn version(&self) -> Result<u64, StoreError> {
        Ok(self.settings.flex_document().await?.version)
    }

    /// Zendesk would refuse again.
    pub(super) fn holds(&self, account: &str, agent: UserId, version: u64) -> bool {
        let refused = self.known.get(&(account.to_owned(), agent));
        refused.is_some_and(|refused| refused.version == version && self.clock.now() < refused.until)
    }

    /// Zendesk refused.
    pub(super) fn remember(&self, account: &str, agent: UserId, version: u64) {
        let refused = Refused { version, until: self.clock.now() + BELIEVED_FOR };
        self.known.insert((account.to_owned(), agent), refused);
    }
}
