//! Dates, money and numbers as the agent's locale writes them: the browser's `Intl`. **Invariant:** nothing but formatting
//! and today's date; calendars are counted in `model::dates`. Without a browser (tests) the same functions write plainly.

use crate::i18n::Locale;
use crate::model::dates::{Distance, day, distance};

#[cfg(target_arch = "wasm32")]
#[path = "format/intl.rs"]
mod engine;
#[cfg(not(target_arch = "wasm32"))]
#[path = "format/plain.rs"]
mod engine;

#[cfg(any(feature = "editor", test))]
pub use engine::zone;
pub use engine::{number, today};

impl Locale {
    /// `¥1,200,000`; without a currency only the number.
    pub fn money(self, amount: f64, currency: Option<&str>) -> String {
        engine::money(self.tag, amount, currency)
    }

    /// The same of a decimal number in words, whatever its length; what is no number stays as it is.
    pub fn exact_money(self, amount: &str, currency: Option<&str>) -> String {
        engine::exact_money(self.tag, amount, currency)
    }

    /// `3 Jan 2027`; what is no date stays as it is.
    pub fn date(self, date: &str) -> String {
        // Not by an index: the message of one that is wrong would weigh a kilobyte.
        match date.get(..10).filter(|_| day(date).is_some()) {
            Some(date) => engine::date(self.tag, date),
            None => date.to_owned(),
        }
    }

    /// `3 Jan 2027, 09:00`, in the agent's time zone.
    pub fn date_time(self, timestamp: &str) -> String {
        [&self.date(&engine::local_day(timestamp)), ", ", &self.time(timestamp)].concat()
    }

    /// `in 42 days`, `11 weeks ago`.
    pub fn relative(self, Distance { count, unit }: Distance) -> String {
        engine::relative(self.tag, count, unit)
    }

    /// `today, 09:00` near now, `3 Jan 2027` otherwise.
    pub fn moment(self, timestamp: &str) -> String {
        let day = self.near(timestamp).map(|day| [&day, " ", &self.time(timestamp)].concat());
        day.unwrap_or_else(|| self.date(&engine::local_day(timestamp)))
    }

    /// The same without the time.
    pub fn day(self, timestamp: &str) -> String {
        self.near(timestamp).unwrap_or_else(|| self.date(&engine::local_day(timestamp)))
    }

    /// `09:00`.
    pub fn time(self, timestamp: &str) -> String {
        engine::time(self.tag, timestamp)
    }

    /// `09:00` on the clock of a time zone.
    #[cfg(any(feature = "editor", test))]
    pub fn clock(self, timestamp: &str, zone: &str) -> String {
        engine::in_zone(self.tag, timestamp, r#"{"timeStyle":"short","timeZone":""#, zone)
    }

    /// `Mon, Nov 23, 09:00` on the clock of a time zone.
    #[cfg(any(feature = "editor", test))]
    pub fn instant(self, timestamp: &str, zone: &str) -> String {
        const STYLE: &str = r#"{"weekday":"short","month":"short","day":"numeric","hour":"numeric","minute":"2-digit","timeZone":""#;
        engine::in_zone(self.tag, timestamp, STYLE, zone)
    }

    /// Today or yesterday, if it is that.
    fn near(self, timestamp: &str) -> Option<String> {
        match distance(&engine::local_day(timestamp), &today())? {
            Distance { count: count @ -1..=0, unit: "day" } => Some(engine::relative(self.tag, count, "day")),
            _ => None,
        }
    }

    /// `10 minutes`; whole minutes from two of them on.
    pub fn span(self, seconds: u64) -> String {
        let (count, unit) = if seconds < 120 { (seconds, "second") } else { (seconds / 60, "minute") };
        #[expect(clippy::cast_precision_loss, reason = "minutes")]
        engine::unit(self.tag, count as f64, unit)
    }

    /// `2.1 MB`.
    pub fn size(self, bytes: u64) -> String {
        let (divisor, unit) = match bytes {
            0..1_000 => (1, "byte"),
            1_000..1_000_000 => (1_000, "kilobyte"),
            1_000_000..1_000_000_000 => (1_000_000, "megabyte"),
            _ => (1_000_000_000, "gigabyte"),
        };
        #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
        engine::unit(self.tag, bytes as f64 / f64::from(divisor), unit)
    }
}
