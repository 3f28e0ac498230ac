//! Whether the staging folder is the one that all workers of a store share: a file in it has a mark, and the store has the mark of the one
//! folder. **Invariants:** while a worker with the one folder lives, no other folder is worked in; a folder that is lost is followed by the next
//! one after a while, without anybody's help.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::staging::make_dir;
use crate::{
    causes::with_causes,
    clock::Clock,
    queue::Condition,
    store::{Db, integrations as kept},
};

const MARK: &str = "deskside-staging-id";
/// How often a worker looks.
const EVERY: TimeDelta = TimeDelta::seconds(30);
/// A folder that no worker has seen for so long is lost.
const LOST: TimeDelta = TimeDelta::seconds(90);

/// The staging folder of a worker.
pub struct StagingFolder {
    folder: PathBuf,
    db: Db,
    clock: Clock,
    known: Mutex<Option<Known>>,
}

#[derive(Clone, Copy)]
struct Known {
    at: DateTime<Utc>,
    is_shared: bool,
}

impl StagingFolder {
    /// `clock`: the time that all replicas share.
    pub fn new(folder: &Path, db: Db, clock: Clock) -> Self {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Self { folder, db, clock, known: Mutex::new(None) }
    }

    /// Whether other workers, one of which lives, use another folder; nothing is written. `None`: it cannot be known.
    pub async fn is_another(&self) -> Option<bool> {
        let used = kept::folder_in_use(&self.db, self.clock.now() - LOST).await.ok()??;
        let mark = fs::read_to_string(self.folder.join(MARK)).unwrap_or_default();
        Some(mark.trim() != used)
    }

    async fn look(&self, before: Option<Known>, now: DateTime<Utc>) -> bool {
        let mark = match mark(&self.folder) {
            Ok(mark) => mark,
            // Another worker may have a folder that can be read; where none has, a run of this one says what is the matter.
            Err(_) => {
                return match kept::folder_in_use(&self.db, now - LOST).await {
                    Ok(used) => used.is_none(),
                    Err(_) => before.is_some_and(|known| known.is_shared),
                };
            }
        };
        match kept::is_the_folder(&self.db, &mark, now, now - LOST).await {
            Ok(is_shared) => is_shared,
            Err(error) => {
                let error = with_causes(&error);
                tracing::warn!(%error, "it was not found out whether the staging folder is the one that all workers share");
                before.is_some_and(|known| known.is_shared)
            }
        }
    }
}

#[async_trait]
impl Condition for StagingFolder {
    async fn holds(&self) -> bool {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some(known) = known.filter(|known| now - known.at < EVERY) {
            return known.is_shared;
        }
        if known.is_none() && matches!(kept::are_there(&self.db).await, Ok(false)) {
            return true; // whoever has no integrations needs no folder
        }
        let is_shared = self.look(*known, now).await;
        let folder = self.folder.display();
        match (known.is_none_or(|known| known.is_shared), is_shared) {
            (true, false) => tracing::error!(
                "{folder} (`staging.store`) is not the folder that the other workers use, so this one works on no integrations: let all \
                 workers use one folder, on a disk that they share"
            ),
            (false, true) => {
                tracing::info!("{folder} (`staging.store`) is the folder of the integrations from now on")
            }
            _ => {}
        }
        *known = Some(Known { at: now, is_shared });
        is_shared
    }
}

/// What is in the folder's file, which is made where it is not there.
fn mark(folder: &Path) -> io::Result<String> {
    let file = folder.join(MARK);
    match read(&file)? {
        Some(mark) => return Ok(mark),
        None => make_dir(folder)?,
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let new = Uuid::new_v4().to_string();
    match options.open(&file) {
        Ok(mut opened) => opened.write_all(new.as_bytes())?,
        // Another worker is quicker, or died before it had written.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if read(&file)?.is_none() {
                fs::write(&file, &new)?;
            }
        }
        Err(error) => return Err(error),
    }
    read(&file)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
