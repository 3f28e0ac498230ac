//! What the service itself knows: which of its users belonged to which of its accounts, day after day, as a table of its history would
//! say. Neither Zendesk nor Salesforce has it. **Invariant:** the last day is today; who left is not in it any more.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::{people::companies, sales::backend_id};

/// Who belongs to further accounts: the address and the places of their companies.
const CONSULTANT: (&str, [usize; 2]) = ("camille.lefevre@example.com", [0, 2]);
/// Who was there until yesterday.
const LEAVER: &str = "former.customer@example.com";
/// Whom Zendesk does not know.
const UNKNOWN: (&str, &str) = ("only.in.the.service@example.com", "Only Here");

/// `time,account_id,email,name` as CSV, three days of it, the oldest first.
pub(crate) fn users_history(now: DateTime<Utc>) -> String {
    let mut text = String::from("time,account_id,email,name\n");
    let all = companies(now);
    for ago in (0..3).rev() {
        let day = (now - TimeDelta::days(ago)).date_naive();
        let mut line = |account: usize, email: &str, name: &str| {
            let _ = writeln!(text, "{day} 00:00:00,{account},{email},\"{name}\"");
        };
        for (place, company) in all.iter().enumerate() {
            for (name, email) in company.people.iter().filter(|(_, email)| ago > 0 || email != LEAVER) {
                // People write their own address as they like.
                let written = if place % 9 == 4 { email.to_uppercase() } else { email.clone() };
                line(backend_id(place), &written, name);
                if email == CONSULTANT.0 {
                    CONSULTANT.1.iter().for_each(|further| line(backend_id(*further), email, name));
                }
            }
        }
        line(backend_id(1), UNKNOWN.0, UNKNOWN.1);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{CONSULTANT, LEAVER, users_history};

    #[test]
    fn the_last_day_has_no_leaver_and_a_consultant_three_times() {
        let text = users_history("2026-11-22T12:00:00Z".parse().expect("a time"));
        let on = |day: &str| text.lines().filter(|line| line.starts_with(day)).collect::<Vec<_>>();
        let (before, today) = (on("2026-11-21"), on("2026-11-22"));
        assert_eq!(before.len(), today.len() + 1);
        assert!(
            before.iter().any(|line| line.contains(LEAVER))
                && !today.iter().any(|line| line.contains(LEAVER))
        );
        assert_eq!(today.iter().filter(|line| line.contains(CONSULTANT.0)).count(), 3);
        assert!(today.iter().any(|line| line.contains("SAKURA.ITO@EXAMPLE.COM")));
    }
}
