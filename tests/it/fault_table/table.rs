//! What was tried, and how it ended: counted by call and kind, and printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The databases, in the order of the columns.
const ENGINES: [&str; 2] = ["SQLite", "PostgreSQL"];

/// One trial.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which database.
    pub engine: &'static str,
    /// Where it went wrong; the number keeps the order of a run.
    pub call: (usize, String),
    /// What went wrong.
    pub kind: String,
    /// How it differs from others of this call and kind.
    pub variant: String,
    /// Why it ended wrong, if it did.
    pub wrong: Option<String>,
}

/// Everything that was tried.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    complaints: Vec<String>,
    remarks: BTreeSet<String>,
    parts_left: usize,
}

impl Table {
    /// Something is wrong with a whole world, after all of its trials.
    pub fn complain(&mut self, what: String) {
        self.complaints.push(what);
    }

    /// Further trials.
    pub fn extend(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// Nothing is wrong, but people want to know.
    pub fn remark(&mut self, what: String) {
        self.remarks.insert(what);
    }

    /// Killed workers have left so many parts of uploads: the bucket's rule takes them away.
    pub fn left_by_the_dead(&mut self, parts: usize) {
        self.parts_left += parts;
    }

    /// Faults that were tried, on whichever database.
    pub fn distinct(&self) -> usize {
        self.rows.iter().map(|row| (&row.call, &row.kind, &row.variant)).collect::<BTreeSet<_>>().len()
    }

    /// What ended wrong.
    pub fn wrong(&self) -> Vec<String> {
        let rows = self.rows.iter().filter_map(|row| Some((row, row.wrong.as_ref()?)));
        let rows = rows.map(|(row, why)| {
            format!("{} × {}, {}, {}: {why}", row.call.1, row.kind, row.variant, row.engine)
        });
        rows.chain(self.complaints.iter().cloned()).collect()
    }

    /// One line.
    pub fn total(&self) -> String {
        let (tried, wrong) = (self.rows.len(), self.wrong().len());
        format!(
            "fault table: {} distinct faults, {tried} trials on SQLite and PostgreSQL, {wrong} ended wrong",
            self.distinct()
        )
    }

    /// Call × kind, right of tried, on each database.
    pub fn text(&self) -> String {
        let mut counts = BTreeMap::<(&(usize, String), &str), [(u32, u32); 2]>::new();
        for row in &self.rows {
            let column = usize::from(row.engine == ENGINES[1]);
            let count = &mut counts.entry((&row.call, &row.kind)).or_default()[column];
            count.0 += u32::from(row.wrong.is_none());
            count.1 += 1;
        }
        let mut text =
            format!("{:<26} {:<28} {:>8} {:>12}\n", "call", "what goes wrong", ENGINES[0], ENGINES[1]);
        let mut last = None;
        for ((call, kind), [sqlite, postgres]) in counts {
            let name = if last == Some(call) { "" } else { &call.1 };
            last = Some(call);
            let of = |(right, tried): (u32, u32)| format!("{right}/{tried}");
            writeln!(text, "{name:<26} {kind:<28} {:>8} {:>12}", of(sqlite), of(postgres)).expect("text");
        }
        for remark in &self.remarks {
            writeln!(text, "{remark}").expect("text");
        }
        if self.parts_left > 0 {
            let parts = self.parts_left;
            writeln!(text, "{parts} parts of large files were left in the store by killed workers")
                .expect("text");
        }
        text + &self.total() + "\n"
    }
}
