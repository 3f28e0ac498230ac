//! What is handed to others: one server binary, the app package for Zendesk, the plugin for Twilio's CLI.
//! **Invariant:** `target/package` holds nothing but what this run made.

mod zendesk_app;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::{self, cargo, command};
use crate::problem::{Outcome, Problem};
use crate::{app, house};

/// What the packages must know.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the server will be reached, https://… and no path: its pages name each other from the root
    #[arg(long)]
    public_url: String,
}

/// Builds and packs into `target/package`.
pub(crate) fn run(options: &Options) -> Outcome {
    let public_url = checked(&options.public_url)?;
    app::build()?;
    let target = house::target();
    command::run(cargo(["build", "--release", "-p", "deskside", "--target-dir"]).arg(&target))?;
    let package = target.join("package");
    if package.exists() {
        fs::remove_dir_all(&package).map_err(|cause| Problem::file("empty", &package, &cause))?;
    }
    let mut made = vec![package.join("deskside"), package.join("zendesk-app.zip")];
    house::make_dir(&package)?;
    copy(&target.join("release/deskside"), &made[0])?;
    house::write(&made[1], zendesk_app::pack(&house::path("zendesk-manifest"), public_url)?)?;
    made.push(flex_plugin(&package, public_url)?);
    for path in &made {
        println!("package: {}", path.display());
    }
    Ok(())
}

/// Zendesk frames `https` pages only, and the server's pages name scripts and routes from the root of their host.
fn checked(url: &str) -> Outcome<&str> {
    let url = url.trim_end_matches('/');
    match url.strip_prefix("https://") {
        Some(host)
            if !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "\"\\/?#@".contains(c)) =>
        {
            Ok(url)
        }
        _ => Err(Problem::new(format!(
            "--public-url {url} cannot be used: it must be like https://deskside.acme.example, without a path"
        ))),
    }
}

/// A project that Twilio's CLI builds and deploys; it knows where Deskside is.
fn flex_plugin(package: &Path, public_url: &str) -> Outcome<PathBuf> {
    let folder = package.join("flex-plugin");
    let about = ["--url", public_url, "--version", env!("CARGO_PKG_VERSION")];
    command::run(command("node", ["flex-plugin/build.mjs", "--package"]).arg(&folder).args(about))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::copy(from, to).map(drop).map_err(|cause| Problem::file("copy", from, &cause))
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn the_address_must_be_one_that_zendesk_frames() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(checked(url).ok(), expected, "{url}");
        check("https://deskside.acme.example/", Some("https://deskside.acme.example"));
        check("https://deskside.acme.example:8443", Some("https://deskside.acme.example:8443"));
        check("https://acme.example/deskside", None);
        check("http://deskside.acme.example", None);
        check("https://", None);
        check("https://me@acme.example", None);
        check("https://a\"b", None);
    }
}
