//! Kind `report`: files in a folder of this server. Settings `{folder}`, no secret. **Invariant:** only folders that the
//! operator lists in `sources.folders`, and what is below them: the console's admins do not choose what of the
//! server's disk is read.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Candidate, Tested, read, text};
use crate::{
    connectors::files::{FileSource, ReportSettings},
    features::connections::{ConnectionError, Connections, Step},
};

const LIKE: &str = r#"like {"folder": "/srv/reports"}"#;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    folder: String,
}

/// As they are kept.
pub(super) fn settings(kept: &str, of: &Connections) -> Result<String, ConnectionError> {
    let Settings { folder } = read(kept, LIKE)?;
    let folder = text("folder", &folder, "/srv/reports")?;
    let folder = Path::new(&folder);
    if !folder.is_absolute() {
        return Err(ConnectionError::invalid("folder", "must be a whole path, like /srv/reports"));
    }
    allowed(folder, of).map_err(|why| ConnectionError::invalid("folder", why))?;
    let folder = folder.display().to_string();
    Ok(serde_json::to_string(&Settings { folder }).expect("a text is JSON"))
}

/// There is none.
pub(super) fn secret(secret: &[u8]) -> Result<(), ConnectionError> {
    match secret {
        b"{}" => Ok(()),
        _ => Err(ConnectionError::invalid("secrets", "must be left out: a folder has none")),
    }
}

/// Whether the folder is there, and how many files it has.
pub(super) fn test(candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
    let Settings { folder } = read(candidate.settings, LIKE)?;
    let rights = "give Deskside's user the right to read the folder";
    let step = match allowed(Path::new(&folder), candidate.connections) {
        Err(why) => {
            Step::failed("folder", format!("the folder {why}"), "choose another folder, or ask the operator")
        }
        Ok(path) => match std::fs::read_dir(path) {
            Ok(files) => {
                let files = files.flatten().filter(|file| file.path().is_file()).take(10_000).count();
                Step::ok("folder", format!("the folder can be read and has {files} files"))
            }
            Err(error) => Step::failed("folder", format!("the folder cannot be read: {error}"), rights),
        },
    };
    Ok(Tested { steps: vec![step], ..Tested::default() })
}

/// The files of the folder.
pub(super) fn files(candidate: &Candidate<'_>) -> Result<FileSource, ConnectionError> {
    let Settings { folder } = read(candidate.settings, LIKE)?;
    let Connections { reports, account, .. } = candidate.connections;
    Ok(FileSource::new(&ReportSettings { folder: folder.into() }, reports, account))
}

/// The folder itself, links resolved, where the operator allows it.
fn allowed(folder: &Path, of: &Connections) -> Result<PathBuf, String> {
    let roots = of.reports.folders_of(&of.account);
    if roots.is_empty() {
        return Err("cannot be read: the operator has not listed any folder in `sources.folders`".to_owned());
    }
    let found = folder.canonicalize().map_err(|_| "does not exist on Deskside's server".to_owned())?;
    let is_below = |root: &PathBuf| root.canonicalize().is_ok_and(|root| found.starts_with(root));
    if roots.iter().any(is_below) {
        return Ok(found);
    }
    Err("is not one of those that the operator lists in `sources.folders`, nor below one".to_owned())
}
