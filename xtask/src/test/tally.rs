//! Counts tests by what their runners print at the end. **Invariant:** only summary lines count, one per runner and binary.

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// Takes one line of a runner's output.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.add(&cargo(counts));
        } else if let Some(counts) = node(line).or_else(|| plain(line)) {
            self.add(&counts);
        }
    }

    /// Sums up.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Whether anything was tested.
    pub(crate) fn ran(&self) -> bool {
        self.passed + self.failed > 0
    }
}

/// cargo: `ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn cargo(counts: &str) -> Tally {
    let mut tally = Tally::default();
    for words in counts.split("; ").map(|part| part.split(' ').collect::<Vec<_>>()) {
        if let [.., number, what] = words[..] {
            let number = number.parse().unwrap_or_default();
            match what {
                "passed" => tally.passed = number,
                "failed" => tally.failed = number,
                "ignored" => tally.skipped = number,
                _ => {}
            }
        }
    }
    tally
}

/// Node.js, a line per count: `ℹ pass 4` (or `# pass 4`). What it cancels did not pass.
fn node(line: &str) -> Option<Tally> {
    let (what, number) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?.split_once(' ')?;
    let number = number.parse().ok()?;
    match what {
        "pass" => Some(Tally { passed: number, ..Tally::default() }),
        "fail" | "cancelled" => Some(Tally { failed: number, ..Tally::default() }),
        "skipped" | "todo" => Some(Tally { skipped: number, ..Tally::default() }),
        _ => None,
    }
}

/// Our own: `4 passed, 0 failed`, or with `, 1 skipped`.
fn plain(line: &str) -> Option<Tally> {
    let counts: Vec<(usize, &str)> = line
        .split(", ")
        .map(|part| part.split_once(' ').and_then(|(number, what)| Some((number.parse().ok()?, what))))
        .collect::<Option<_>>()?;
    match counts[..] {
        [(passed, "passed"), (failed, "failed")] => Some(Tally { passed, failed, skipped: 0 }),
        [(passed, "passed"), (failed, "failed"), (skipped, "skipped")] => {
            Some(Tally { passed, failed, skipped })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[track_caller]
    fn check(lines: &str, passed: usize, failed: usize, skipped: usize) {
        let mut tally = Tally::default();
        lines.lines().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed, skipped }, "{lines}");
    }

    #[test]
    fn every_binary_of_cargo_counts() {
        check(
            "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; finished in 1.20s",
            14,
            2,
            1,
        );
    }

    #[test]
    fn node_counts_in_both_of_its_dresses_and_what_it_cancels_has_failed() {
        check(
            "ℹ tests 7\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0\nℹ duration_ms 12.5",
            5,
            2,
            2,
        );
        check("# tests 3\n# pass 3\n# fail 0\n# cancelled 0", 3, 0, 0);
    }

    #[test]
    fn a_suite_of_ours_counts_by_its_last_line() {
        check("12 passed, 1 failed", 12, 1, 0);
        check("12 passed, 0 failed, 2 skipped", 12, 0, 2);
    }

    #[test]
    fn what_a_test_prints_is_not_a_summary() {
        check(
            "test a::b ... ok\n3 passed\nthe 4 passed, 1 failed line\n5 passed, 1 flaky\n# a heading 4",
            0,
            0,
            0,
        );
    }
}
