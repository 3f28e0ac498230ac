//! Who else on this machine may read what Deskside keeps: the database, the archive's folder, the settings and secrets.

use std::path::{Path, PathBuf};

use crate::{config::Config, connectors::objects};

/// From now on, whatever this process creates is its user's alone. Called before there is another thread.
#[cfg(unix)]
pub fn create_private_files() {
    #[expect(
        unsafe_code,
        reason = "the C library has no safe name for it; it takes a number and cannot fail"
    )]
    let _ = unsafe { libc::umask(0o077) };
}

/// Other systems give rights in other ways.
#[cfg(not(unix))]
pub const fn create_private_files() {}

/// Files and folders that the group or everybody may read, each with how to mend it. Nothing where a system has no such rights.
pub fn readable_by_others(config: &Config) -> Vec<String> {
    kept(config)
        .into_iter()
        .filter_map(|path| {
            let mode = mode(&path)?;
            let (mend, what) = if path.is_dir() { ("700", "folder") } else { ("600", "file") };
            let path = path.display();
            (mode & 0o077 != 0).then(|| {
                format!("other users of this machine may read the {what} {path} (mode {mode:03o}); `chmod {mend} {path}`")
            })
        })
        .collect()
}

/// What is on this machine.
fn kept(config: &Config) -> Vec<PathBuf> {
    let mut kept = config.sources.files.clone();
    if let Some(database) = config.store.file() {
        kept.extend(["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", database.display()))));
    }
    kept.extend(objects::local_folder(&config.archive.objects.address));
    kept
}

/// Its rights; `None` where it is not there.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}
