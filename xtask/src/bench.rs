//! Benchmarks: always beside a peer in the same run, never a number alone. **Invariant:** a missed budget is a failure.

mod serve;
mod sidebar;

use clap::{Args, ValueEnum};

use crate::problem::{Outcome, Problem};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    #[arg(value_enum)]
    what: What,
    /// How often; the median counts
    #[arg(long, default_value_t = 9)]
    rounds: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Contract painted: Deskside, React with Garden, a hand-written page
    Sidebar,
    /// The server: ready after, resident when idle
    Serve,
}

/// Measures and judges.
pub(crate) fn run(options: &Options) -> Outcome {
    if options.rounds == 0 {
        return Err(Problem::new("--rounds 0 measures nothing: choose at least 1"));
    }
    let verdicts = match options.what {
        What::Sidebar => sidebar::measure(options.rounds)?,
        What::Serve => serve::measure(options.rounds)?,
    };
    judge(&verdicts)
}

/// A measured value against its budget; both in the same unit.
struct Verdict {
    what: String,
    is: f64,
    at_most: f64,
}

fn judge(verdicts: &[Verdict]) -> Outcome {
    println!("\n{:<46}{:>9}{:>9}", "", "is", "at most");
    for Verdict { what, is, at_most } in verdicts {
        println!("{what:<46}{is:>9.2}{at_most:>9.2}{}", if is > at_most { "  MISSED" } else { "" });
    }
    let missed: Vec<String> = verdicts
        .iter()
        .filter(|verdict| verdict.is > verdict.at_most)
        .map(|verdict| verdict.what.clone())
        .collect();
    if missed.is_empty() {
        Ok(())
    } else {
        Err(Problem::several("budgets of the design are missed:", &missed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    #[test]
    fn a_missed_budget_is_a_problem() {
        let check = |is: f64, fine: bool| {
            assert_eq!(judge(&[Verdict { what: "x".into(), is, at_most: 0.6 }]).is_ok(), fine, "{is}");
        };
        check(0.6, true);
        check(0.61, false);
    }
}
