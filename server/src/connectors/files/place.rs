//! Which file is meant, and whether it may be read. **Invariant:** a regular file that lies in the connection's folder itself, which
//! lies below one of the operator's; links are followed first, and judged by where they lead.

use std::fs::{self, File, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use super::error::{FileProblem, cannot_read};
use super::{FILE_LIMIT, ReadError};

/// More files are not listed.
pub(super) const MOST: usize = 1_000;
/// More entries of a folder are not looked at.
const LOOKED_AT: usize = 10_000;

/// A file that is being read.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) file: File,
    stamp: Stamp,
}

/// By what a change is seen.
#[derive(PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: (i64, i64),
}

impl Opened {
    /// A file that is replaced by another one of its name stays readable as it was; one that is written to does not.
    pub(super) fn check_unchanged(&self) -> Result<(), FileProblem> {
        let now = self.file.metadata().map_err(|cause| cannot_read(&self.name, cause))?;
        if Stamp::of(&now) == self.stamp {
            return Ok(());
        }
        Err(FileProblem::Changed { name: self.name.clone() })
    }
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self { bytes: file.len(), changed: (file.mtime(), file.mtime_nsec()) }
    }
}

/// Opens a file of the folder.
pub(super) fn open(folder: &Path, allowed: &[PathBuf], path: &str) -> Result<Opened, ReadError> {
    let folder = folder_of(folder, allowed)?;
    let mut parts = Path::new(path).components();
    let (Some(Component::Normal(part)), None) = (parts.next(), parts.next()) else {
        return Err(FileProblem::Path.into());
    };
    if part.to_str() != Some(path) || path.contains('\0') {
        return Err(FileProblem::Path.into());
    }
    let name = path.to_owned();
    let real = match fs::canonicalize(folder.join(path)) {
        Ok(real) => real,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            return Err(FileProblem::NoFile { name }.into());
        }
        Err(cause) => return Err(cannot_read(&name, cause).into()),
    };
    if !real.starts_with(&folder) {
        return Err(FileProblem::NotAFile { name }.into());
    }
    // A pipe would make us wait for its writer, and a device might act.
    let before = fs::symlink_metadata(&real).map_err(|cause| cannot_read(&name, cause))?;
    if !before.is_file() {
        return Err(FileProblem::NotAFile { name }.into());
    }
    let file = File::options().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(&real);
    let file = file.map_err(|cause| cannot_read(&name, cause))?;
    let now = file.metadata().map_err(|cause| cannot_read(&name, cause))?;
    // A folder on the way may have become a link in this moment, and what was opened would lie elsewhere.
    if !now.is_file() || !is_at(&file, &real) {
        return Err(FileProblem::NotAFile { name }.into());
    }
    if now.len() > FILE_LIMIT {
        return Err(FileProblem::TooLarge { name, bytes: now.len(), limit: FILE_LIMIT }.into());
    }
    Ok(Opened { name, file, stamp: Stamp::of(&now) })
}

/// The names of the folder's files.
pub(super) fn list(folder: &Path, allowed: &[PathBuf]) -> Result<Vec<String>, ReadError> {
    let folder = folder_of(folder, allowed)?;
    let opened = File::open(&folder).map_err(|cause| cannot_read(".", cause))?;
    if !is_at(&opened, &folder) {
        return Err(FileProblem::FolderNotAllowed.into());
    }
    #[cfg(target_os = "linux")]
    let folder_now = place_of(&opened);
    #[cfg(not(target_os = "linux"))]
    let folder_now = &folder;
    let entries = fs::read_dir(folder_now).map_err(|cause| cannot_read(".", cause))?;
    let mut names = Vec::new();
    for entry in entries.take(LOOKED_AT) {
        let entry = entry.map_err(|cause| cannot_read(".", cause))?;
        let real = fs::canonicalize(entry.path()).ok().filter(|real| real.starts_with(&folder));
        let is_file = real.is_some_and(|real| real.is_file());
        let name = entry.file_name().into_string().ok().filter(|name| is_file && !name.starts_with('.'));
        names.extend(name);
        if names.len() == MOST {
            break;
        }
    }
    names.sort();
    Ok(names)
}

/// Where the system says that an opened file is.
#[cfg(target_os = "linux")]
fn place_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Whether an opened file is the one of this path, which has no links in it, or was a moment ago: one that was replaced by another of
/// its name since has no name any more.
#[cfg(target_os = "linux")]
fn is_at(file: &File, path: &Path) -> bool {
    let Ok(place) = fs::read_link(place_of(file)) else { return false };
    let was_here =
        || place.as_os_str().as_bytes().strip_suffix(b" (deleted)") == Some(path.as_os_str().as_bytes());
    place == path || was_here()
}

#[cfg(not(target_os = "linux"))]
fn is_at(_: &File, _: &Path) -> bool {
    true // Deskside's servers run Linux; other systems are for who works on it
}

/// The folder's real place. What does not exist is said only where it may be looked for.
pub(super) fn folder_of(folder: &Path, allowed: &[PathBuf]) -> Result<PathBuf, FileProblem> {
    let is_below = |folder: &Path| {
        allowed.iter().any(|root| folder.starts_with(fs::canonicalize(root).unwrap_or_else(|_| root.clone())))
    };
    let has_dots = folder.components().any(|part| matches!(part, Component::ParentDir));
    if has_dots || !folder.is_absolute() {
        return Err(FileProblem::FolderNotAllowed);
    }
    match fs::canonicalize(folder) {
        Ok(real) if is_below(&real) && real.is_dir() => Ok(real),
        Err(_) if allowed.iter().any(|root| folder.starts_with(root)) => Err(FileProblem::NoFolder),
        Ok(_) | Err(_) => Err(FileProblem::FolderNotAllowed),
    }
}
