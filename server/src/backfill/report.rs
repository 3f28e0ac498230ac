//! What became of a backfill, in words and numbers. **Invariant:** no I/O; a reason is counted, not repeated a thousand
//! times.

use std::{collections::BTreeMap, fmt};

use crate::features::archive::{Ended, Foreseen};

/// Failures that are told one by one; the rest is a number.
const TOLD: usize = 50;

/// What became of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its run came to an end; the second value is what was in the way of all of it.
    Ran(Vec<Ended>, Option<String>),
    /// It was only looked at: this would become of its files.
    Foreseen(Vec<Foreseen>),
    /// It was left alone.
    Skipped(&'static str),
    /// There was no run.
    Failed(String),
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Tickets that were looked at.
    pub tickets: usize,
    archived: usize,
    skipped_tickets: usize,
    failed_tickets: usize,
    /// Files that left Zendesk.
    pub moved: usize,
    moved_bytes: u64,
    skipped_files: usize,
    failed_files: usize,
    foreseen: Option<(usize, u64, usize)>,
    skipped: BTreeMap<String, usize>,
    notes: Vec<String>,
    failures: Vec<String>,
    more_failures: usize,
    /// Tickets that nobody has looked at, and tickets whose runs go on, because somebody said stop.
    pub left: Option<(usize, usize)>,
}

impl Report {
    /// Counts a ticket, and says in a line what became of it.
    pub fn add(&mut self, ticket: u64, end: &End) -> String {
        self.tickets += 1;
        match end {
            End::Skipped(why) => {
                self.skipped_tickets += 1;
                *self.skipped.entry(format!("ticket: {why}")).or_default() += 1;
                format!("ticket {ticket}: skipped, {why}")
            }
            End::Failed(why) => {
                self.failed_tickets += 1;
                self.fail(format!("ticket {ticket}: {why}"));
                format!("ticket {ticket}: FAILED, {why}")
            }
            End::Foreseen(files) => {
                let (moving, bytes, staying) = self.foreseen.get_or_insert_default();
                let takes = files.iter().filter(|file| file.stays.is_none());
                *moving += takes.clone().count();
                *bytes += takes.clone().map(|file| file.size).sum::<u64>();
                *staying += files.len() - takes.count();
                format!("ticket {ticket}: checked")
            }
            End::Ran(files, problem) => self.add_files(ticket, files, problem.as_deref()),
        }
    }

    fn add_files(&mut self, ticket: u64, files: &[Ended], problem: Option<&str>) -> String {
        let (mut moved, mut skipped, mut failed) = (0, 0, 0);
        for file in files {
            match &file.end {
                Ok(()) => {
                    moved += 1;
                    self.moved_bytes += file.size;
                }
                Err(left) if left.failed => {
                    failed += 1;
                    self.fail(format!("ticket {ticket}, attachment {}: {}", file.attachment_id, left.why));
                }
                Err(left) => {
                    skipped += 1;
                    *self.skipped.entry(format!("file: {}", left.why)).or_default() += 1;
                }
            }
        }
        if let (Some(problem), 0) = (problem, failed) {
            self.fail(format!("ticket {ticket}: {problem}"));
        }
        if failed > 0 || problem.is_some() {
            self.failed_tickets += 1;
        } else {
            self.archived += 1;
        }
        self.moved += moved;
        self.skipped_files += skipped;
        self.failed_files += failed;
        format!("ticket {ticket}: {moved} archived, {skipped} skipped, {failed} failed")
    }

    /// Something failed that is no ticket.
    pub fn fail(&mut self, sentence: String) {
        if self.failures.len() < TOLD {
            self.failures.push(sentence);
        } else {
            self.more_failures += 1;
        }
    }

    /// Something worth knowing that is no failure.
    pub fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    /// Whether nothing failed and nothing was left.
    pub const fn is_good(&self) -> bool {
        self.failures.is_empty() && self.left.is_none()
    }

    /// How many failures there were.
    pub const fn failed(&self) -> usize {
        self.failures.len() + self.more_failures
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tickets, archived, skipped_tickets, failed_tickets, .. } = self;
        let Self { moved, skipped_files, failed_files, .. } = self;
        if let Some((moving, bytes, staying)) = self.foreseen {
            let (all, size) = (moving + staying, size(bytes));
            writeln!(f, "tickets  {tickets:>7}  {skipped_tickets} skipped, {failed_tickets} failed")?;
            writeln!(
                f,
                "files    {all:>7}  {moving} would be archived ({size}), {staying} would stay; nothing was changed"
            )?;
        } else {
            let (all, size) = (moved + skipped_files + failed_files, size(self.moved_bytes));
            writeln!(
                f,
                "tickets  {tickets:>7}  {archived} archived, {skipped_tickets} skipped, {failed_tickets} failed"
            )?;
            writeln!(
                f,
                "files    {all:>7}  {moved} archived ({size}), {skipped_files} skipped, {failed_files} failed"
            )?;
        }
        for sentence in &self.notes {
            writeln!(f, "note              {sentence}")?;
        }
        for (why, count) in &self.skipped {
            writeln!(f, "skipped  {count:>7}  {why}")?;
        }
        for sentence in &self.failures {
            writeln!(f, "failed            {sentence}")?;
        }
        if self.more_failures > 0 {
            writeln!(f, "failed   {:>7}  more", self.more_failures)?;
        }
        if let Some((unseen, live)) = self.left {
            writeln!(
                f,
                "stopped           {unseen} tickets were not checked, {live} are in progress and will be finished by a worker. \
                 Run the same command again to continue."
            )?;
        }
        Ok(())
    }
}

/// Bytes, as people say them.
pub fn size(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let number = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", number / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number / 1e6),
        _ => format!("{:.2} GB", number / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use wire::AttachmentId;

    use super::*;
    use crate::features::archive::Left;

    fn file(id: u64, end: Result<(), (bool, &str)>) -> Ended {
        let end = end.map_err(|(failed, why)| Left { failed, why: why.to_owned() });
        Ended { attachment_id: AttachmentId(id), size: 1_500, end }
    }

    #[test]
    fn a_report_counts_reasons_and_names_failures() {
        let mut report = Report::default();
        let files = vec![file(1, Ok(())), file(2, Ok(())), file(3, Err((false, "it holds malware")))];
        assert_eq!(report.add(42, &End::Ran(files, None)), "ticket 42: 2 archived, 1 skipped, 0 failed");
        report.add(43, &End::Skipped("nothing to archive"));
        report.add(44, &End::Skipped("nothing to archive"));
        assert!(report.is_good());
        report
            .add(45, &End::Ran(vec![file(4, Err((true, "the archive is full")))], Some("it is full".into())));
        report.add(99, &End::Failed("it does not exist".into()));
        assert!(!report.is_good());
        let expected = "tickets        5  1 archived, 2 skipped, 2 failed\n\
                        files          4  2 archived (3.0 kB), 1 skipped, 1 failed\n\
                        skipped        1  file: it holds malware\n\
                        skipped        2  ticket: nothing to archive\n\
                        failed            ticket 45, attachment 4: the archive is full\n\
                        failed            ticket 99: it does not exist\n";
        assert_eq!(report.to_string(), expected);
    }
}
