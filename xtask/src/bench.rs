//! Benchmarks: always beside a peer in the same run, never a number alone. **Invariant:** a missed budget is a failure.

mod agents;
mod archive;
mod card;
mod flex;
mod integrations;
mod notices;
mod process;
mod serve;
mod sidebar;

use clap::{Args, ValueEnum};

use crate::app;
use crate::demo::{Binaries, Ports, Profile};
use crate::problem::{Outcome, Problem};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    #[arg(value_enum)]
    what: What,
    /// How often; the median counts [default: 9, of the archive 3, of integrations 2, of calls 40]
    #[arg(long)]
    rounds: Option<usize>,
    /// Of the archive or of integrations only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Of integrations: so many users, up to 5000000, and no other size
    #[arg(long, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    rows: Option<u64>,
    /// Of notices: so many tickets in a minute's pace [default: 1000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(20..=1_000))]
    tickets: Option<u64>,
    /// Measure the release binaries that are there, however old; otherwise they are built first
    #[arg(long)]
    as_built: bool,
    /// Measure the binaries of the tests, which are slow: to try the benchmark itself
    #[arg(long, hide = true)]
    dev: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Contract painted: Deskside, React with Garden, a hand-written page
    Sidebar,
    /// The server: ready after, resident when idle, cards beside a bare handler
    Serve,
    /// Files put away to S3: 500 beside a script, a gigabyte beside a plain copy, resident at most, calls to Zendesk
    Archive,
    /// Calls: accepted until the contract is painted, beside the same calls in sequence; 200 accepted in one second
    Flex,
    /// Integrations: models beside DuckDB and pandas, 10,000 changed rows beside a script, agents' cards meanwhile
    Integrations,
    /// Notices: 1,000 tickets in a minute, each told once and in time, calls to Zendesk, agents' cards meanwhile
    Notices,
}

/// A part of a benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// 500 mixed files
    Many,
    /// A gigabyte
    Large,
    /// Integrations: models alone
    Models,
    /// Integrations: a run up to its first write
    Run,
    /// Integrations: rows on their way
    Rows,
}

/// Measures and judges.
pub(crate) fn run(options: &Options) -> Outcome {
    let usual = match options.what {
        What::Archive => 3,
        What::Integrations => 2,
        What::Flex => 40,
        What::Sidebar | What::Serve => 9,
        What::Notices => 1,
    };
    let rounds = options.rounds.unwrap_or(usual);
    if rounds == 0 {
        return Err(Problem::new("--rounds 0 measures nothing: choose at least 1"));
    }
    let verdicts = match options.what {
        What::Sidebar => sidebar::measure(options, rounds)?,
        What::Serve => serve::measure(options, rounds)?,
        What::Archive => archive::measure(options, rounds)?,
        What::Flex => flex::measure(options, rounds)?,
        What::Integrations => integrations::measure(options, rounds)?,
        What::Notices => notices::measure(options)?,
    };
    judge(&verdicts)
}

impl Options {
    /// What is measured; the app is inside the server.
    fn binaries(&self) -> Outcome<Binaries> {
        if self.dev {
            return Binaries::as_built(Profile::Tests);
        }
        if self.as_built {
            return Binaries::as_built(Profile::Release);
        }
        app::build()?;
        Binaries::build(Profile::Release)
    }
}

/// Ports for one start; nobody stands before the sandbox.
fn ports() -> Outcome<Ports> {
    let mut ports = Ports::free(0)?;
    ports.workspace = ports.zendesk;
    Ok(ports)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A measured value against its budget; both in the same unit.
struct Verdict {
    what: String,
    is: f64,
    budget: Budget,
}

/// Which side of a value is good.
#[derive(Clone, Copy)]
enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

impl Verdict {
    fn at_most(what: impl Into<String>, is: f64, budget: f64) -> Self {
        Self { what: what.into(), is, budget: Budget::AtMost(budget) }
    }

    fn at_least(what: impl Into<String>, is: f64, budget: f64) -> Self {
        Self { what: what.into(), is, budget: Budget::AtLeast(budget) }
    }

    fn is_missed(&self) -> bool {
        match self.budget {
            Budget::AtMost(budget) => self.is > budget,
            Budget::AtLeast(budget) => self.is < budget,
        }
    }
}

fn judge(verdicts: &[Verdict]) -> Outcome {
    println!("\n{:<46}{:>9}{:>20}", "", "is", "budget");
    for verdict in verdicts {
        let Verdict { what, is, budget } = verdict;
        let (side, budget) = match budget {
            Budget::AtMost(budget) => ("at most", budget),
            Budget::AtLeast(budget) => ("at least", budget),
        };
        let missed = if verdict.is_missed() { "  MISSED" } else { "" };
        println!("{what:<46}{is:>9.2}{side:>12}{budget:>8.2}{missed}");
    }
    let missed: Vec<String> =
        verdicts.iter().filter(|verdict| verdict.is_missed()).map(|verdict| verdict.what.clone()).collect();
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
        let check = |verdict: Verdict, fine: bool| {
            let is = verdict.is;
            assert_eq!(judge(&[verdict]).is_ok(), fine, "{is}");
        };
        check(Verdict::at_most("x", 0.6, 0.6), true);
        check(Verdict::at_most("x", 0.61, 0.6), false);
        check(Verdict::at_least("x", 0.7, 0.7), true);
        check(Verdict::at_least("x", 0.69, 0.7), false);
    }
}
