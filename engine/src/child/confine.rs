//! What the child may do, decided before it reads a model. **Invariant:** called while the process has one thread.

use std::path::Path;

use crate::{ModelError, Table};

use super::request::{Request, Task};

/// Stacks, the program itself, and what is not counted by the engine's pool.
const BESIDES: u64 = 320 * 1024 * 1024;
/// Addresses cost nothing until they are used; the allocator reserves them by the thread.
const ADDRESSES: u64 = 4 * 1024 * 1024 * 1024;
/// The agents' process goes first.
const NICER: i32 = 10;

/// Limits memory and processor time, closes files and network, and leaves no trace of memory on disk.
pub(super) fn confine(request: &Request, threads: u64) -> Result<(), ModelError> {
    limit(request, threads)
        .map_err(|error| ModelError::Start(format!("its limits cannot be set: {error}")))?;
    let spill = match &request.task {
        Task::Plan | Task::Read => None,
        Task::Run { spill, .. } => Some(spill.as_path()),
    };
    close_files(&request.model.tables, spill, request.cluster().is_some()).map(drop)
}

fn limit(request: &Request, threads: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, nice, setrlimit};
    let at_most = |number| Rlimit { current: Some(number), maximum: Some(number) };
    let memory = request.memory.saturating_add(BESIDES);
    setrlimit(Resource::Data, at_most(memory))?;
    setrlimit(Resource::As, at_most(memory.saturating_add(ADDRESSES)))?;
    setrlimit(Resource::Core, at_most(0))?;
    let seconds = request.deadline.as_secs().saturating_add(1).saturating_mul(threads);
    setrlimit(Resource::Cpu, at_most(seconds))?;
    let _ = nice(NICER); // where it is refused, the child is only as important as the parent
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}

/// How the names of a cluster's machines become addresses.
#[cfg(target_os = "linux")]
const NAMES: &[&str] =
    &["/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/gai.conf"];

/// Where the kernel has Landlock, this thread opens the model's files and its own temporary ones, and no connection; the client of a
/// cluster opens connections and does not listen. Says whether it has.
#[cfg(target_os = "linux")]
fn close_files(tables: &[Table], spill: Option<&Path>, connects: bool) -> Result<bool, ModelError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
        RulesetStatus, Scope,
    };
    let abi = ABI::V6;
    let failed =
        |error: &dyn std::fmt::Display| ModelError::Start(format!("its files cannot be closed: {error}"));
    let network = if connects { AccessNet::BindTcp.into() } else { AccessNet::from_all(abi) };
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))
        .and_then(|rules| rules.handle_access(network))
        .and_then(|rules| rules.scope(Scope::from_all(abi)))
        .and_then(Ruleset::create);
    let mut rules = rules.map_err(|error| failed(&error))?;
    for table in tables {
        for file in &table.files {
            let open = PathFd::new(file).map_err(|_| ModelError::Table {
                table: table.name.clone(),
                reason: "a file is missing; run the integration again".to_owned(),
            })?;
            let rule = PathBeneath::new(open, AccessFs::ReadFile);
            rules = rules.add_rule(rule).map_err(|error| failed(&error))?;
        }
    }
    if let Some(spill) = spill {
        let open = PathFd::new(spill).map_err(|error| ModelError::Disk(error.to_string()))?;
        let rule = PathBeneath::new(open, AccessFs::from_all(abi));
        rules = rules.add_rule(rule).map_err(|error| failed(&error))?;
    }
    for name in if connects { NAMES } else { &[] } {
        // A machine need not have all of them.
        let Ok(open) = PathFd::new(name) else { continue };
        let rule = PathBeneath::new(open, AccessFs::ReadFile);
        rules = rules.add_rule(rule).map_err(|error| failed(&error))?;
    }
    let status = rules.restrict_self().map_err(|error| failed(&error))?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

#[cfg(not(target_os = "linux"))]
fn close_files(_: &[Table], _: Option<&Path>, _: bool) -> Result<bool, ModelError> {
    Ok(false)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        io::ErrorKind,
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::{Table, close_files};

    #[test]
    fn a_confined_thread_opens_only_what_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("ours"), "rows").unwrap();
        fs::write(path("theirs"), "rows").unwrap();
        fs::create_dir(path("spill")).unwrap();
        let tables = [Table { name: "users".to_owned(), files: vec![path("ours")] }];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let elsewhere = listener.local_addr().unwrap();
        let check = |connects: bool| {
            if !close_files(&tables, Some(&path("spill")), connects).unwrap() {
                return; // a kernel without Landlock
            }
            assert_eq!(fs::read(path("ours")).unwrap(), b"rows");
            fs::write(path("spill").join("rows"), "rows").unwrap();
            let refused = [
                fs::read(path("theirs")).map(drop),
                fs::write(path("ours"), "other"),
                fs::write(path("new"), "other"),
                fs::read("/etc/passwd").map(drop),
                TcpListener::bind("127.0.0.1:0").map(drop),
            ];
            for refused in refused {
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::PermissionDenied);
            }
            let connected = TcpStream::connect(elsewhere).map_err(|error| error.kind());
            assert_eq!(connected.is_ok(), connects, "{connected:?}");
        };
        for connects in [false, true] {
            thread::scope(|scope| scope.spawn(|| check(connects)).join()).unwrap();
        }
    }
}
