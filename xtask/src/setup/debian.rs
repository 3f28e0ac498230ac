//! Programs that come with the system: Chromium, PostgreSQL, MariaDB, a font with Japanese and Korean letters, Node.js,
//! Python. **Invariant:** an administrator's password is never asked for, and what stays missing is named with its consequence.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{self, command};
use crate::problem::Outcome;

/// A program, the Debian packages that bring it, and what does not work without it.
struct Part {
    name: &'static str,
    packages: &'static [&'static str],
    without: &'static str,
    present: fn() -> bool,
}

const PARTS: &[Part] = &[
    Part {
        name: "Node.js with npm",
        packages: &["nodejs", "npm"],
        without: "the app cannot be bundled",
        present: || command::exists("node") && command::exists("npm"),
    },
    Part {
        name: "Chromium",
        packages: &["chromium"],
        without: "the browser suite fails (`cargo xtask test --without-browser` leaves it out)",
        present: || chromium().is_some(),
    },
    Part {
        name: "a font with Japanese and Korean letters",
        packages: &["fonts-noto-cjk"],
        without: "screenshots show boxes instead of Japanese and Korean letters",
        present: has_cjk_font,
    },
    Part {
        name: "Python with venv",
        packages: &["python3", "python3-venv"],
        without: "the server is not tried against its own description (schemathesis)",
        present: || command::output(&mut command("python3", ["-c", "import ensurepip, venv"])).is_ok(),
    },
    Part {
        name: "PostgreSQL",
        packages: &["postgresql"],
        without: "the tests on PostgreSQL fail",
        present: || postgresql().is_some(),
    },
    Part {
        name: "MariaDB",
        // Without the service that `mariadb-server` starts.
        packages: &["mariadb-server-core", "mariadb-client-core"],
        without: "the tests that read a customer's MySQL fail",
        present: || mariadb().is_some(),
    },
];

/// Installs what is missing where that is possible without a password; says the rest.
pub(super) fn packages() {
    let missing: Vec<&Part> = PARTS.iter().filter(|part| !(part.present)()).collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<&str> = missing.iter().flat_map(|part| part.packages).copied().collect();
    println!("setup: Debian packages {}", names.join(", "));
    let refused = match administrator() {
        Some(prefix) => install(prefix, &names).err().map(|problem| problem.to_string()),
        None => Some("it takes an administrator, or there is no apt-get".to_owned()),
    };
    let Some(reason) = refused else { return };
    println!("setup: could not install them: {reason}");
    for part in missing.iter().filter(|part| !(part.present)()) {
        println!(
            "setup: {} is missing, so {}. Install it: apt-get install {}",
            part.name,
            part.without,
            part.packages.join(" ")
        );
    }
}

/// The browser for tests: `DESKSIDE_CHROMIUM`, or the first of the usual names on the path.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(chosen) = std::env::var_os("DESKSIDE_CHROMIUM").map(PathBuf::from) {
        return chosen.is_file().then_some(chosen);
    }
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
        .into_iter()
        .find_map(command::find)
}

/// The folder of PostgreSQL's server programs: Debian keeps them off the path, one folder per version.
pub(crate) fn postgresql() -> Option<PathBuf> {
    let on_path = command::find("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf));
    on_path.filter(|bin| bin.join("postgres").is_file()).or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut bins: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
        bins.retain(|bin| bin.join("initdb").is_file());
        bins.sort_by_key(|bin| version_of(bin));
        bins.pop()
    })
}

/// What makes MariaDB's data folder, and the server: Debian keeps the latter off the path.
pub(crate) fn mariadb() -> Option<(PathBuf, PathBuf)> {
    let server = command::find("mariadbd").or_else(|| Some("/usr/sbin/mariadbd".into()))?;
    let install = command::find("mariadb-install-db")?;
    // The installation is a script that asks for it.
    (server.is_file() && command::exists("my_print_defaults")).then_some((install, server))
}

/// `…/15/bin` → 15.
fn version_of(bin: &Path) -> u32 {
    let version = bin.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    version.and_then(|version| version.split('.').next()?.parse().ok()).unwrap_or_default()
}

fn has_cjk_font() -> bool {
    let asked = command::output(&mut command("fc-list", [":lang=ja", "family"]));
    asked.is_ok_and(|families| !families.trim().is_empty())
        || Path::new("/usr/share/fonts/opentype/noto").is_dir()
}

/// What to put before `apt-get`: nothing for root, `sudo` where it asks for no password.
fn administrator() -> Option<&'static [&'static str]> {
    if !command::exists("apt-get") {
        return None;
    }
    if is_root() {
        return Some(&[]);
    }
    let sudo = command::exists("sudo") && command::output(&mut command("sudo", ["-n", "true"])).is_ok();
    sudo.then_some(&["sudo", "-n"])
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    command::output(&mut command("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

fn install(prefix: &[&str], packages: &[&str]) -> Outcome {
    const QUIETLY: &[&str] = &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"];
    let words =
        |rest: &[&str]| [prefix, QUIETLY, rest].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    for call in [words(&["update"]), words(&[&["install", "--no-install-recommends"], packages].concat())] {
        command::output(&mut command(&call[0], &call[1..]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::version_of;

    #[test]
    fn the_newest_postgresql_is_the_one_with_the_highest_number() {
        let check = |bin: &str, expected| assert_eq!(version_of(Path::new(bin)), expected, "{bin}");
        check("/usr/lib/postgresql/9.6/bin", 9);
        check("/usr/lib/postgresql/15/bin", 15);
        check("/usr/lib/postgresql/bin", 0);
    }
}
