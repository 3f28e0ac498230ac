//! How far a backfill is: a bar where a person looks on, plain lines where a file does. It writes to standard error, so that
//! standard output holds the result alone.

use std::io::{IsTerminal, Write};

use super::report::Report;

/// Letters of the bar.
const WIDTH: usize = 24;

/// Says how far it is.
pub struct Progress {
    total: usize,
    bar: bool,
    /// What a line has said that it waits for.
    said: Option<String>,
}

impl Progress {
    /// Of so many tickets.
    pub fn of(total: usize) -> Self {
        Self { total, bar: std::io::stderr().is_terminal(), said: None }
    }

    /// One ticket came to its end.
    pub fn line(&self, line: &str) {
        if !self.bar {
            say(&format!("{line}\n"));
        }
    }

    /// Where it stands; `waits` is what holds it up.
    pub fn draw(&mut self, report: &Report, waits: Option<&str>) {
        if self.bar {
            say(&format!("\r\x1b[K{}", bar(self.total, report, waits)));
        } else if let Some(why) = waits
            && self.said.as_deref() != Some(why)
        {
            say(&format!("waits: {why}\n"));
            self.said = Some(why.to_owned());
        }
    }

    /// The bar is gone, and the report has its place.
    pub fn end(&self) {
        if self.bar {
            say("\r\x1b[K");
        }
    }
}

/// A terminal that is gone stops nothing.
fn say(text: &str) {
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

fn bar(total: usize, report: &Report, waits: Option<&str>) -> String {
    let full = (report.tickets * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    let waits = waits.map(|why| format!("; waits: {why}")).unwrap_or_default();
    let (tickets, moved, failed) = (report.tickets, report.moved, report.failed());
    let (done, rest) = ("#".repeat(full), "-".repeat(WIDTH - full));
    format!("[{done}{rest}] {tickets} of {total} tickets, {moved} files archived, {failed} failed{waits}")
}

#[cfg(test)]
mod tests {
    use super::{super::report::End, *};

    #[test]
    fn a_bar_fills_and_says_what_it_waits_for() {
        let mut report = Report::default();
        report.add(1, &End::Skipped("nothing to archive"));
        report.add(2, &End::Failed("it does not exist".into()));
        let expected = "[############------------] 2 of 4 tickets, 0 files archived, 1 failed";
        assert_eq!(bar(4, &report, None), expected);
        assert!(bar(2, &report, Some("Zendesk is away")).ends_with("1 failed; waits: Zendesk is away"));
        assert!(bar(0, &report, None).starts_with("[########################]"));
    }
}
