//! What is handed to others: one server binary, the app package for Zendesk, the plugin for Twilio's CLI.
//! **Invariant:** `target/package` holds nothing but what this run made.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::command::{self, cargo, command};
use crate::problem::{Outcome, Problem};
use crate::{app, house};

/// What the packages must know.
#[derive(Args)]
pub(crate) struct Options {
    /// Where the server will be reached, https://…; the Zendesk app's pages are below it
    #[arg(long)]
    public_url: String,
}

/// What stands in the manifest in place of the server's address.
const PLACEHOLDER: &str = "https://deskside.example";

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
    house::write(&made[1], zendesk_app(&house::path("zendesk-manifest"), public_url)?)?;
    made.push(flex_plugin(&package, public_url)?);
    for path in &made {
        println!("package: {}", path.display());
    }
    Ok(())
}

/// Zendesk frames `https` pages only.
fn checked(url: &str) -> Outcome<&str> {
    let host = url.trim_end_matches('/').strip_prefix("https://");
    match host {
        Some(host)
            if !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "\"\\?#".contains(c)) =>
        {
            Ok(url.trim_end_matches('/'))
        }
        _ => Err(Problem::new(format!(
            "--public-url {url} cannot be used: it must be like https://deskside.acme.example"
        ))),
    }
}

/// The folder as a zip, with the server's address in its manifest.
fn zendesk_app(folder: &Path, public_url: &str) -> Outcome<Vec<u8>> {
    let manifest = folder.join("manifest.json");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packing =
        |cause: &dyn std::fmt::Display| Problem::new(format!("cannot pack the Zendesk app: {cause}"));
    // No dates: the same files make the same package.
    let how = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for file in house::files(folder, &[])? {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = if file == manifest {
            filled(&house::read(&file)?, public_url)?.into_bytes()
        } else {
            house::read_bytes(&file)?
        };
        zip.start_file(name, how).map_err(|cause| packing(&cause))?;
        zip.write_all(&bytes).map_err(|cause| packing(&cause))?;
    }
    Ok(zip.finish().map_err(|cause| packing(&cause))?.into_inner())
}

fn filled(manifest: &str, public_url: &str) -> Outcome<String> {
    if !manifest.contains(PLACEHOLDER) {
        return Err(Problem::new(format!(
            "zendesk-manifest/manifest.json does not name {PLACEHOLDER}: its pages would lead nowhere"
        )));
    }
    Ok(manifest.replace(PLACEHOLDER, public_url))
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
    use super::{checked, filled};

    #[test]
    fn the_address_must_be_one_that_zendesk_frames() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(checked(url).ok(), expected, "{url}");
        check("https://deskside.acme.example/", Some("https://deskside.acme.example"));
        check("https://acme.example/deskside", Some("https://acme.example/deskside"));
        check("http://deskside.acme.example", None);
        check("https://", None);
        check("https://a\"b", None);
    }

    #[test]
    fn a_manifest_that_would_lead_nowhere_is_refused() {
        assert_eq!(
            filled("{\"url\":\"https://deskside.example/zendesk/x\"}", "https://a.example").ok().as_deref(),
            Some("{\"url\":\"https://a.example/zendesk/x\"}")
        );
        assert!(filled("{}", "https://a.example").is_err());
    }
}
