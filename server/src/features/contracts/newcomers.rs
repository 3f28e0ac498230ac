//! Customers whose contract the copy knows while their own fields in Zendesk are all empty: they wrote for the first time, and no run has
//! written their fields yet. Whoever writes them hears of it here. **Invariant:** no card waits for that.

use std::{fmt, sync::OnceLock, time::Duration};

use moka::sync::Cache;

use super::{Contracts, requester::Requester};
use crate::{
    connectors::zendesk::{Role, User},
    store::companies::Found,
};

/// Nobody hears of the same customer again within this.
const SAID_EVERY: Duration = Duration::from_hours(1);

type Hears = Box<dyn Fn(u64) + Send + Sync>;

/// Who hears of them, and of whom they heard.
pub(super) struct Newcomers {
    hears: OnceLock<Hears>,
    said: Cache<u64, ()>,
}

impl Default for Newcomers {
    fn default() -> Self {
        let said = Cache::builder().max_capacity(10_000).time_to_live(SAID_EVERY).build();
        Self { hears: OnceLock::new(), said }
    }
}

impl fmt::Debug for Newcomers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Newcomers")
    }
}

impl Contracts {
    /// From now on `hears` is given the id of each such customer, now and then.
    pub fn on_newcomer(&self, hears: impl Fn(u64) + Send + Sync + 'static) {
        let _is_set = self.0.newcomers.hears.set(Box::new(hears));
    }

    /// A customer was read for a card.
    pub(super) fn notice_newcomer(&self, user: &User, requester: &Requester, found: &Found) {
        let Some(hears) = self.0.newcomers.hears.get() else { return };
        let is_known = found.companies.len() == 1;
        let is_empty = requester.fields.values().all(|value| value.is_null() || value == "");
        let is_customer = user.role == Role::EndUser && user.active && !user.suspended;
        if is_known && is_empty && is_customer && self.0.newcomers.said.get(&user.id.0).is_none() {
            self.0.newcomers.said.insert(user.id.0, ());
            hears(user.id.0);
        }
    }
}
