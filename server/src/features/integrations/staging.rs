//! Where staged rows lie: a folder for each account, its files 0600. **Invariants:** a file is whole or not there (its writer sees to
//! that); what a run reads stays until no run needs it.

use std::{
    fmt::Display,
    io,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use engine::{ModelError, StagingError};
use uuid::Uuid;

use crate::queue::JobError;

const TEMPORARY: &str = "temporary files of the engine";
/// No preview takes so long.
const LONGEST_TRIAL_S: i64 = 300;

/// The staging folder of one account.
#[derive(Debug, Clone)]
pub struct Staging {
    root: PathBuf,
}

impl Staging {
    /// Below `root`; `account` is a subdomain, so it is a file name. The engine's process works in another folder, so the paths are
    /// absolute.
    pub fn new(root: &Path, account: &str) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Self { root: root.join(account) }
    }

    /// Everything of the account; the engine may read nothing else.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder is full or closed to us: an operator can mend that while the job waits. `what` could not be written, like
    /// "the source `people` (connection `crm`)".
    pub fn refused(&self, what: &str, why: impl Display) -> JobError {
        let root = self.root.display();
        JobError::retry(format!(
            "{what} cannot be written to {root} (`staging.store`): {why}; make room there, or let the server's user write there"
        ))
    }

    /// The same of a table. Rows that do not fit their table do not fit it later, either.
    pub(super) fn unstaged(&self, what: &str, error: StagingError) -> JobError {
        match error {
            StagingError::File { source, .. } => self.refused(what, source),
            error => JobError::give_up(error).about(what),
        }
    }

    /// The engine has not answered. Its temporary files are in this folder, too.
    pub(super) fn unanswered(&self, error: ModelError) -> JobError {
        match error {
            ModelError::Disk(why) => self.refused(TEMPORARY, why),
            // A cluster can be mended while the job waits, too.
            ModelError::Cluster { .. } => JobError::retry(error),
            error => JobError::give_up(error),
        }
    }

    /// Where a run keeps what it read of a source.
    pub fn source(&self, integration: &str, table: &str, run: &str) -> PathBuf {
        self.root.join("sources").join(integration).join(format!("{table}-{run}.parquet"))
    }

    /// What is made of the rows of a source, or of all of them, and goes with them.
    pub fn beside_source(&self, integration: &str, table: &str, run: &str, what: &str) -> PathBuf {
        self.source(integration, table, run).with_file_name(format!("{table}-{run}-{what}.parquet"))
    }

    /// A part of a vendor's export.
    pub fn export(&self, connection: &str, object: &str, part: u64) -> PathBuf {
        self.root.join("exports").join(connection).join(format!("{object}-{part}.parquet"))
    }

    /// What is made of a part of an export, and goes with it.
    pub fn beside_export(&self, connection: &str, object: &str, part: u64, what: &str) -> PathBuf {
        self.export(connection, object, part).with_file_name(format!("{object}-{part}-{what}.parquet"))
    }

    /// Makes the folder of a file, readable by nobody else.
    pub fn make_room_for(&self, file: &Path) -> io::Result<()> {
        make_dir(file.parent().unwrap_or(&self.root))
    }

    /// Keeps an export's file for a run: the export goes on, and the run may wait for a person for days.
    pub fn keep_for(&self, export: &Path, source: &Path) -> io::Result<()> {
        self.make_room_for(source)?;
        match std::fs::remove_file(source) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Where a file system has no links, it is copied.
        std::fs::hard_link(export, source).or_else(|_| std::fs::copy(export, source).map(drop))
    }

    /// An empty folder for the engine's temporary files. An account's runs take turns, so what is there is of one that died.
    pub fn make_spill(&self) -> Result<PathBuf, JobError> {
        let spill = self.root.join("spill");
        make_empty_dir(&spill).map_err(|error| self.refused(TEMPORARY, error))?;
        Ok(spill)
    }

    /// An empty folder for one preview, gone with it. Another replica may have one, too: what is older than any preview is removed.
    pub fn make_trial(&self, now: DateTime<Utc>) -> io::Result<Trial> {
        let folder = self.root.join("preview");
        for left in files(&folder)? {
            let name = left.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let began = name.split_once('-').and_then(|(seconds, _)| seconds.parse::<i64>().ok());
            if began.is_none_or(|began| now.timestamp() - began > LONGEST_TRIAL_S) {
                // Whatever is left stays until the next one.
                let _left =
                    if left.is_dir() { std::fs::remove_dir_all(&left) } else { std::fs::remove_file(&left) };
            }
        }
        let trial = Trial(folder.join(format!("{}-{}", now.timestamp(), Uuid::new_v4())));
        make_dir(&trial.spill())?;
        Ok(trial)
    }

    /// Removes an integration's files but these.
    pub fn keep_only(&self, integration: &str, kept: &[PathBuf]) -> io::Result<()> {
        remove_others(&self.root.join("sources").join(integration), kept)
    }

    /// Removes the parts of an export but these, and what a killed process has left unfinished.
    pub fn keep_only_parts(&self, connection: &str, object: &str, kept: &[PathBuf]) -> io::Result<()> {
        let folder = self.root.join("exports").join(connection);
        let others = files(&folder)?.into_iter().filter(|file| {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_unfinished = file.extension().is_some_and(|extension| extension == "part");
            is_unfinished || name.starts_with(&format!("{object}-"))
        });
        others.filter(|file| !kept.contains(file)).try_for_each(std::fs::remove_file)
    }

    /// Removes all that is kept of a connection's exports.
    pub fn remove_exports(&self, connection: &str) -> io::Result<()> {
        match std::fs::remove_dir_all(self.root.join("exports").join(connection)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The folder of one preview.
#[derive(Debug)]
pub struct Trial(PathBuf);

impl Trial {
    /// The rows of a table.
    pub fn table(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.parquet"))
    }

    /// For the engine's temporary files.
    pub fn spill(&self) -> PathBuf {
        self.0.join("spill")
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.0); // the next preview removes it
    }
}

fn make_empty_dir(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => make_dir(folder),
    }
}

/// Makes a folder that nobody else reads.
pub(super) fn make_dir(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn remove_others(folder: &Path, kept: &[PathBuf]) -> io::Result<()> {
    files(folder)?.into_iter().filter(|file| !kept.contains(file)).try_for_each(std::fs::remove_file)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Advice;

    #[test]
    fn the_engine_finds_a_folder_that_is_named_from_here() {
        assert!(Staging::new(Path::new("data/staging"), "acme").root().is_absolute());
    }

    #[test]
    fn a_full_disk_of_the_engine_is_waited_for_and_a_wrong_model_is_not() {
        let check = |error: ModelError, advice: Advice, told: &str| {
            let error = Staging::new(Path::new("/rows"), "acme").unanswered(error);
            assert_eq!((error.advice(), error.to_string().as_str()), (advice, told));
        };
        check(
            ModelError::Disk("the disk is full".into()),
            Advice::Retry,
            "temporary files of the engine cannot be written to /rows/acme (`staging.store`): the disk is full; make room there, or let \
             the server's user write there",
        );
        let cluster = ModelError::Cluster { address: "ballista://h:1".into(), reason: "no".into() };
        check(cluster, Advice::Retry, "the cluster ballista://h:1 cannot run the model: no");
        check(ModelError::Rows("no".into()), Advice::GiveUp, "no");
    }

    #[test]
    fn what_a_killed_process_left_of_an_export_is_removed() {
        let root = tempfile::tempdir().expect("a folder");
        let staging = Staging::new(root.path(), "acme");
        let part = |number| staging.export("zendesk", "users", number);
        let unfinished = part(1).with_file_name(".a1b2c3.part");
        let of_others = staging.export("zendesk", "organizations", 1);
        staging.make_room_for(&part(1)).expect("a folder");
        for file in [&part(1), &part(2), &unfinished, &of_others] {
            std::fs::write(file, "rows").expect("a file");
        }
        staging.keep_only_parts("zendesk", "users", &[part(2)]).expect("they are removed");
        let left = [&part(1), &part(2), &unfinished, &of_others].map(|file| file.exists());
        assert_eq!(left, [false, true, false, true]);
    }

    #[test]
    fn a_preview_leaves_those_of_other_replicas_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let staging = || Staging::new(folder.path(), "acme");
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).expect("a time");
        let one = staging().make_trial(at(0)).expect("a folder");
        std::fs::write(one.table("users"), "rows").expect("a file");
        let other = staging().make_trial(at(1)).expect("a folder");
        assert!(one.table("users").is_file() && other.spill().is_dir());
        // One whose process died.
        std::mem::forget(other);
        let third = staging().make_trial(at(9)).expect("a folder");
        assert!(!one.table("users").exists() && third.spill().is_dir());
        drop(third);
        assert_eq!(files(&folder.path().join("acme/preview")).expect("a folder"), Vec::<PathBuf>::new());
    }
}
