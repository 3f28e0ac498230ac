//! Running other programs. **Invariant:** a program that fails is named with all its arguments.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::house;
use crate::problem::{Outcome, Problem};

/// A program, started in the workspace's root.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(house::root());
    command
}

/// Cargo, the one that runs us.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), args)
}

/// Runs it; what it prints goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|cause| not_started(command, &cause))?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::new(format!("`{}` failed ({status})", shown(command))))
    }
}

/// Runs it and takes its standard output; what it says on the other goes where ours goes.
pub(crate) fn run_for_output(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|cause| not_started(command, &cause))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Problem::new(format!("`{}` failed ({})", shown(command), output.status)))
}

/// Runs it quietly; its standard output, or what it complained about.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    output_given(command, "")
}

/// The same of a command that reads `input`, which is short.
pub(crate) fn output_given(command: &mut Command, input: &str) -> Outcome<String> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|cause| not_started(command, &cause))?;
    if let Some(mut stdin) = child.stdin.take() {
        let _ended_before_it_read = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(|cause| not_started(command, &cause))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(Problem::new(format!("`{}` failed ({}):\n{}", shown(command), output.status, said.trim_end())))
}

/// Whether a program of this name is on the path.
pub(crate) fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Where on the path a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Asks a child to stop, and waits until it has; one that does not hear is ended.
pub(crate) fn stop(child: &mut Child) {
    signal("TERM", child.id());
    wait_or_kill(child);
}

/// Sends a signal; a process that is gone already is what we want.
pub(crate) fn signal(name: &str, process: u32) {
    let _gone = Command::new("sh").args(["-c", &format!("kill -{name} {process} 2>/dev/null")]).status();
}

/// Waits as long as a clean end may take.
pub(crate) fn wait_or_kill(child: &mut Child) {
    let since = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if since.elapsed() > Duration::from_secs(15) {
            let _gone = child.kill();
            let _reaped = child.wait();
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Why a program did not even start.
pub(crate) fn not_started(command: &Command, cause: &io::Error) -> Problem {
    let program = command.get_program().to_string_lossy();
    Problem::new(format!("cannot start `{program}`: {cause}; install it or run `cargo xtask setup`"))
}
