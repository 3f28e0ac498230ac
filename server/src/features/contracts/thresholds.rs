//! From when on a contract is new, a renewal near, an MRR high: one set of settings for badges, triggers and notices. **Invariant:** no
//! I/O and no clock; `today` is an argument.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};

use crate::setting::{amount, text, whole};

/// From when on a contract is worth a word.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Thresholds {
    /// A contract younger than so many days is a new customer's; 0: none is.
    #[serde(deserialize_with = "whole::<0, 36_500, _, _>")]
    pub new_customer_days: u32,
    /// A renewal within so many days is near; 0: none is.
    #[serde(deserialize_with = "whole::<0, 36_500, _, _>")]
    pub renewal_near_days: u32,
    /// An MRR of at least this is high.
    #[serde(deserialize_with = "amount")]
    pub high_mrr: f64,
    /// Where a day begins and ends.
    #[serde(deserialize_with = "zone")]
    pub time_zone: Tz,
}

fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<Tz, D::Error> {
    text(from, "must be a time zone like UTC or Asia/Tokyo", |text| text.parse().ok())
}

impl Thresholds {
    /// The day that it is.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.time_zone).date_naive()
    }

    /// Whether a contract that began on `start` is a new customer's.
    pub fn is_new(&self, start: NaiveDate, today: NaiveDate) -> bool {
        start <= today && today - start < TimeDelta::days(self.new_customer_days.into())
    }

    /// Whether a renewal is near. It is still near on its own day, and over the day after.
    pub fn is_near(&self, renewal: NaiveDate, today: NaiveDate) -> bool {
        let near = TimeDelta::zero()..=TimeDelta::days(self.renewal_near_days.into());
        self.renewal_near_days > 0 && near.contains(&(renewal - today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_the_time_zone() {
        let at = |zone: &str, now: &str| {
            let thresholds = Thresholds {
                new_customer_days: 90,
                renewal_near_days: 30,
                high_mrr: 10_000.0,
                time_zone: zone.parse().expect("a zone"),
            };
            let today = thresholds.today(now.parse().expect("a time"));
            let renewal = "2026-11-30".parse().expect("a day");
            (today.to_string(), thresholds.is_near(renewal, today))
        };
        // The last hours of 30 November in UTC are 1 December in Tokyo.
        assert_eq!(at("UTC", "2026-11-30T18:00:00Z"), ("2026-11-30".to_owned(), true));
        assert_eq!(at("Asia/Tokyo", "2026-11-30T18:00:00Z"), ("2026-12-01".to_owned(), false));
        assert_eq!(at("Asia/Tokyo", "2026-10-30T16:00:00Z"), ("2026-10-31".to_owned(), true));
    }
}
