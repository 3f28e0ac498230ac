//! Where things are, and reading and writing them. **Invariant:** nothing here runs a program.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::{Outcome, Problem};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// A path below the workspace's root.
pub(crate) fn path(below: &str) -> PathBuf {
    root().join(below)
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| path("target"), |dir| root().join(dir))
}

/// A folder below cargo's target folder, created where missing.
pub(crate) fn target_dir(below: &str) -> Outcome<PathBuf> {
    let dir = target().join(below);
    make_dir(&dir)?;
    Ok(dir)
}

/// Creates a folder and its parents.
pub(crate) fn make_dir(dir: &Path) -> Outcome {
    fs::create_dir_all(dir).map_err(|cause| Problem::file("create", dir, &cause))
}

/// A file's text.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|cause| Problem::file("read", path, &cause))
}

/// A file's bytes.
pub(crate) fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|cause| Problem::file("read", path, &cause))
}

/// Writes a file, and its folder where missing.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    if let Some(dir) = path.parent() {
        make_dir(dir)?;
    }
    fs::write(path, bytes).map_err(|cause| Problem::file("write", path, &cause))
}

/// Every file below `dir`, in a fixed order; folders named in `without` are left out.
pub(crate) fn files(dir: &Path, without: &[&str]) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(dir).map_err(|cause| Problem::file("list", dir, &cause))?;
    for entry in entries {
        let path = entry.map_err(|cause| Problem::file("list", dir, &cause))?.path();
        if !path.is_dir() {
            found.push(path);
        } else if !without.iter().any(|name| path.ends_with(name)) {
            found.extend(files(&path, without)?);
        }
    }
    found.sort();
    Ok(found)
}

/// As people write it: relative to the root, with forward slashes.
pub(crate) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
