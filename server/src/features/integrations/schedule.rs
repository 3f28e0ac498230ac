//! From what an admin chooses to a cron expression.

use std::iter::successors;

use chrono::{DateTime, Utc};
use wire::Schedule as Wish;

use crate::queue::{CatchUp, Schedule};

/// The schedule of an integration; `None`: it runs when somebody says so. The error says what to write.
pub fn of(account: &str, integration: &str, wish: &Wish) -> Result<Option<Schedule>, String> {
    let (cron, zone) = match wish {
        Wish::Manual => return Ok(None),
        Wish::Interval { every_minutes } => (every(*every_minutes)?, "UTC".to_owned()),
        Wish::Daily { at, time_zone } => {
            let time = chrono::NaiveTime::parse_from_str(at, "%H:%M")
                .map_err(|_| format!("`{at}` is not a time; write it like 09:00"))?;
            (time.format("%-M %-H * * *").to_string(), time_zone.clone())
        }
        Wish::Cron { cron, time_zone } => (cron.clone(), time_zone.clone()),
    };
    // What passed while nobody was there is caught up once: yesterday's contracts are better than none.
    let schedule = Schedule::new(account, name(integration), &cron, &zone, CatchUp::Last);
    schedule.map(Some).map_err(|error| error.to_string())
}

/// When the next runs are, at most `most`; none where a person starts them. The error says what to write.
pub fn next_runs(wish: &Wish, now: DateTime<Utc>, most: usize) -> Result<Vec<DateTime<Utc>>, String> {
    let Some(schedule) = of("", "", wish)? else { return Ok(Vec::new()) };
    let next = |from: &DateTime<Utc>| schedule.next_after(*from);
    Ok(successors(next(&now), next).take(most).collect())
}

/// The schedule's name.
pub fn name(integration: &str) -> String {
    format!("integration {integration}")
}

fn every(minutes: u16) -> Result<String, String> {
    match minutes {
        5..=30 if 60 % minutes == 0 => Ok(format!("*/{minutes} * * * *")),
        60 => Ok("0 * * * *".to_owned()),
        1440 => Ok("0 0 * * *".to_owned()),
        120..=720 if minutes.is_multiple_of(60) && 24 % (minutes / 60) == 0 => {
            Ok(format!("0 */{} * * *", minutes / 60))
        }
        _ => {
            Err("must be 5, 6, 10, 12, 15, 20, 30 or 60 minutes, or 2, 3, 4, 6, 8, 12 or 24 hours in minutes"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_days_and_expressions_become_schedules() {
        let check = |wish: Wish, next: &str| {
            let midnight = "2026-03-28T23:59:00Z".parse().expect("a time");
            let schedule = of("acme", "contracts", &wish).expect("a schedule").expect("not manual");
            let fires = schedule.next_after(midnight).expect("it fires");
            assert_eq!(fires.format("%d %H:%M").to_string(), next, "{wish:?}");
        };
        check(Wish::Interval { every_minutes: 15 }, "29 00:00");
        check(Wish::Interval { every_minutes: 240 }, "29 00:00");
        // On that day clocks go forward in Berlin.
        check(Wish::Daily { at: "09:05".into(), time_zone: "Europe/Berlin".into() }, "29 07:05");
        assert!(of("acme", "contracts", &Wish::Manual).is_ok_and(|schedule| schedule.is_none()));
    }

    #[test]
    fn the_next_runs_are_told_in_utc() {
        let friday = "2026-11-20T12:00:00Z".parse().expect("a time");
        let cron = Wish::Cron { cron: "0 9 * * 1-5".into(), time_zone: "Asia/Tokyo".into() };
        let next = next_runs(&cron, friday, 3).expect("a schedule");
        let told: Vec<_> = next.iter().map(|at| at.format("%a %H:%M").to_string()).collect();
        assert_eq!(told, ["Mon 00:00", "Tue 00:00", "Wed 00:00"]);
        assert_eq!(next_runs(&Wish::Manual, friday, 3), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_what_to_write() {
        let check = |wish: Wish, told: &str| {
            let error = of("acme", "contracts", &wish).expect_err("no schedule");
            assert!(error.contains(told), "{error}");
        };
        check(Wish::Interval { every_minutes: 7 }, "must be 5, 6, 10");
        check(Wish::Daily { at: "9 am".into(), time_zone: "UTC".into() }, "write it like 09:00");
        check(Wish::Daily { at: "09:00".into(), time_zone: "Mars/Olympus".into() }, "Mars/Olympus");
        check(Wish::Cron { cron: "every day".into(), time_zone: "UTC".into() }, "every day");
    }
}
