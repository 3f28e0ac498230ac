//! What a process of ours costs, as Linux counts it in `/proc`.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::house;
use crate::problem::{Outcome, Problem};

/// How often a process is looked at for new children.
const LOOK: Duration = Duration::from_millis(10);

/// Watches the children of a process, and what they hold.
pub(super) struct Children {
    most_kb: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Children {
    pub(super) fn watch(process: u32) -> Self {
        let (most_kb, ends) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (most_kb, ends) = (most_kb.clone(), ends.clone());
            move || {
                while !ends.load(Ordering::Relaxed) {
                    for child in children(process) {
                        most_kb.fetch_max(peak_kb(&child).unwrap_or_default(), Ordering::Relaxed);
                    }
                    thread::sleep(LOOK);
                }
            }
        });
        Self { most_kb, ends, thread }
    }

    /// The most that one of them was seen to have held, MB; a problem where none was seen.
    pub(super) fn peak_mb(self) -> Outcome<f64> {
        self.ends.store(true, Ordering::Relaxed);
        let _ended = self.thread.join();
        match u32::try_from(self.most_kb.load(Ordering::Relaxed)) {
            Ok(kb) if kb > 0 => Ok(f64::from(kb) / 1024.0),
            _ => Err(Problem::new("the engine's process was not seen, so nobody knows what it held")),
        }
    }
}

fn children(process: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let of = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    of.flat_map(|pids| pids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn peak_kb(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// From here on [`peak_mb`] counts anew.
pub(super) fn forget_peak(process: u32) -> Outcome {
    house::write(format!("/proc/{process}/clear_refs").as_ref(), "5")
}

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
