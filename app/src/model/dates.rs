//! Days between calendar dates. **Invariant:** no time zones, no clock: `today` is an argument.

/// `YYYY-MM-DD` as days since 1970-01-01; nothing where it is no date.
#[must_use]
pub fn day(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-').map(str::parse::<i64>);
    let (Ok(year), Ok(month), Ok(day)) = (parts.next()?, parts.next()?, parts.next()?) else { return None };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + day
            - 719_469,
    )
}

/// Days since 1970-01-01 as `YYYY-MM-DD`.
#[must_use]
pub fn date(day: i64) -> String {
    let days = day + 719_468; // since 0000-03-01
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (month, day) = ((from_march + 2) % 12 + 1, of_year - (153 * from_march + 2) / 5 + 1);
    let year = year + 400 * era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// How far a contract has run, in percent.
#[must_use]
pub fn elapsed(start: &str, renewal: &str, today: &str) -> Option<u32> {
    let (start, renewal, today) = (day(start)?, day(renewal)?, day(today)?);
    let length = renewal.checked_sub(start).filter(|days| *days > 0)?;
    u32::try_from(((today - start) * 100 / length).clamp(0, 100)).ok()
}

/// A stretch of time in the unit in which people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    /// Negative: ago.
    pub count: i32,
    /// `day`, `week`, `month` or `year`, as `Intl` names them.
    pub unit: &'static str,
}

/// From `today` to `date`: days up to eight weeks ahead (a renewal is counted in days), weeks, months, then years.
#[must_use]
pub fn distance(date: &str, today: &str) -> Option<Distance> {
    let days = i32::try_from(day(date)? - day(today)?).ok()?;
    let (count, unit) = match days {
        -13..=56 => (days, "day"),
        -90..=-14 => (days / 7, "week"),
        -729..=729 => (days / 30, "month"),
        _ => (days / 365, "year"),
    };
    Some(Distance { count, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_its_date_are_the_same() {
        for day_number in (-200_000..200_000).step_by(37) {
            assert_eq!(day(&date(day_number)), Some(day_number), "{}", date(day_number));
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (date, expected) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-22", Some(20_779)),
            ("2026-11-22T09:00:00Z", Some(20_779)),
            ("2026-13-01", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(day(date), expected, "{date}");
        }
    }

    #[test]
    fn distances_use_the_unit_that_people_use() {
        let check = |date, count, unit| {
            assert_eq!(distance(date, "2026-11-22"), Some(Distance { count, unit }), "{date}");
        };
        check("2026-11-22", 0, "day");
        check("2027-01-03", 42, "day");
        check("2026-09-01", -11, "week");
        check("2027-08-31", 9, "month");
        check("2020-01-01", -6, "year");
    }

    #[test]
    fn a_contract_runs_from_nothing_to_all() {
        for (today, expected) in [("2025-01-01", 0), ("2026-07-02", 49), ("2030-01-01", 100)] {
            assert_eq!(elapsed("2026-01-01", "2027-01-01", today), Some(expected), "{today}");
        }
        assert_eq!(elapsed("2027-01-01", "2026-01-01", "2026-07-02"), None);
    }
}
