//! Days and moments in queries: `2026-01-31`, `2026-01-31T00:00:00Z`, `TODAY`, `LAST_N_DAYS:30`. All days are UTC's here.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};

/// The days from the first one up to, and without, the second one.
pub(super) type Span = (NaiveDate, NaiveDate);

/// A moment as Salesforce writes it: `2011-07-07T00:37:00.000+0000`.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let known = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    known.ok().map(|moment| moment.with_timezone(&Utc))
}

/// The days that a date literal means today.
pub(super) fn span(word: &str, today: NaiveDate) -> Option<Span> {
    let word = word.to_ascii_uppercase();
    let (name, count) = match word.split_once(':') {
        Some((name, count)) => (name, count.parse::<u32>().ok()?),
        None => (word.as_str(), 0),
    };
    let days = Days::new(u64::from(count));
    let one = Days::new(1);
    let month = today.with_day(1)?;
    let year = month.with_month(1)?;
    match name {
        "TODAY" => Some((today, today.checked_add_days(one)?)),
        "YESTERDAY" => Some((today.checked_sub_days(one)?, today)),
        "TOMORROW" => Some((today.checked_add_days(one)?, today.checked_add_days(Days::new(2))?)),
        "LAST_N_DAYS" => Some((today.checked_sub_days(days)?, today.checked_add_days(one)?)),
        "NEXT_N_DAYS" => {
            Some((today.checked_add_days(one)?, today.checked_add_days(days)?.checked_add_days(one)?))
        }
        "THIS_MONTH" => Some((month, month.checked_add_months(Months::new(1))?)),
        "LAST_MONTH" => Some((month.checked_sub_months(Months::new(1))?, month)),
        "THIS_YEAR" => Some((year, year.checked_add_months(Months::new(12))?)),
        _ => None,
    }
}
