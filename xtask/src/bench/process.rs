//! What a process of ours costs, as Linux counts it in `/proc`.

use crate::house;
use crate::problem::{Outcome, Problem};

/// Resident now, MB.
pub(super) fn resident_mb(process: u32) -> Outcome<f64> {
    memory_mb(process, "VmRSS")
}

/// Resident at most, since it started, MB.
pub(super) fn peak_mb(process: u32) -> Outcome<f64> {
    memory_mb(process, "VmHWM")
}

/// Seconds of one core that it has used.
pub(super) fn cpu_seconds(process: u32) -> Outcome<f64> {
    let path = format!("/proc/{process}/stat");
    seconds_in(&house::read(path.as_ref())?)
        .ok_or_else(|| Problem::new(format!("{path} is not what Linux writes there")))
}

fn memory_mb(process: u32, name: &str) -> Outcome<f64> {
    let path = format!("/proc/{process}/status");
    megabytes_in(&house::read(path.as_ref())?, name)
        .ok_or_else(|| Problem::new(format!("{path} has no {name}")))
}

/// `VmRSS:     12345 kB`.
fn megabytes_in(status: &str, name: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// The 14th and 15th word, in hundredths; the second is the name in parentheses, which may hold anything.
fn seconds_in(stat: &str) -> Option<f64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((times.next()?.ok()? + times.next()?.ok()?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::{megabytes_in, seconds_in};

    #[test]
    fn what_linux_writes_is_understood() {
        let status = "Name:\tx\nVmHWM:\t   20480 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(megabytes_in(status, "VmRSS"), Some(1.0));
        assert_eq!(megabytes_in(status, "VmHWM"), Some(20.0));
        assert_eq!(megabytes_in(status, "VmSwap"), None);
        assert_eq!(seconds_in("7 (a ) b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20"), Some(2.0));
        assert_eq!(seconds_in("7"), None);
    }
}
