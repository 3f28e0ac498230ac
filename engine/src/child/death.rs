//! What a child's end means to the admin whose model it ran.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use super::process::{Bounds, Failure};
use crate::ModelError;

const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// Reads the child's own words; otherwise what the operating system says of it.
pub(super) fn explain(status: ExitStatus, errors: &str, bounds: &Bounds) -> Failure {
    let reported = errors.lines().rev().find_map(|line| serde_json::from_str(line).ok());
    if let Some(error) = reported {
        return Failure::Reported(error);
    }
    let too_much = ModelError::memory(bounds.memory);
    Failure::Died(match status.signal() {
        Some(SIGABRT) if errors.contains("memory allocation of") => too_much,
        Some(SIGABRT) if errors.contains("overflowed its stack") => ModelError::nested(),
        // Only the operating system kills it so: for memory, its own or the machine's.
        Some(SIGKILL) => too_much,
        Some(SIGXCPU) => ModelError::Time { seconds: bounds.seconds },
        Some(signal) => ModelError::Crashed(format!("signal {signal}")),
        None => ModelError::Crashed(format!("it ended with code {}", status.code().unwrap_or_default())),
    })
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

    use tokio::time::Instant;

    use super::{Bounds, explain};

    #[track_caller]
    fn check(status: i32, errors: &str, expected: &str) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let bounds = Bounds { memory: 256 << 20, deadline, seconds: 60 };
        let said = explain(ExitStatus::from_raw(status), errors, &bounds).error().to_string();
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn an_end_is_told_as_what_to_do() {
        check(
            6,
            "memory allocation of 4000000000 bytes failed\n",
            "the model needs more than 256 MB of memory",
        );
        check(
            6,
            "thread 'engine' has overflowed its stack\nfatal runtime error",
            "the model is nested too deeply",
        );
        check(9, "", "the model needs more than 256 MB of memory");
        check(24, "", "the model did not finish within 60 s");
        check(11, "", "the engine stopped while it worked on this model (signal 11)");
        check(1 << 8, "", "the engine stopped while it worked on this model (it ended with code 1)");
        check(1 << 8, "noise\n{\"rows\":\"a row is wrong\"}\n", "a row is wrong");
    }
}
