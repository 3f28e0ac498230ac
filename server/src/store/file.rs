//! Whether SQLite's database file is still the one that was opened. A file that was deleted or replaced goes on taking
//! writes from the connections that have it open, and all of them are lost.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StoreError;

/// The file, and which one it was when it was opened.
#[derive(Debug, Clone)]
pub(super) struct DatabaseFile {
    path: Arc<Path>,
    /// Absent where the system cannot say.
    identity: Option<Identity>,
}

/// Device and inode.
type Identity = (u64, u64);

impl DatabaseFile {
    /// The file at `path`, which was opened just now.
    pub(super) fn opened(path: PathBuf) -> Self {
        let identity = identity(&path).ok().flatten();
        Self { path: path.into(), identity }
    }

    /// Refuses to go on where another file, or none, is there now. One look at the folder's entry; it reads no file.
    pub(super) fn is_in_place(&self) -> Result<(), StoreError> {
        let Some(opened) = self.identity else { return Ok(()) };
        match identity(&self.path) {
            Ok(now) if now == Some(opened) => Ok(()),
            _ => Err(StoreError::FileGone(self.path.to_path_buf())),
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Option<Identity>> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path)?;
    Ok(Some((file.dev(), file.ino())))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> io::Result<Option<Identity>> {
    Ok(None)
}
