//! Kind `report`: files in a folder of this server. Settings `{folder}`, no secret. **Invariant:** only folders that the
//! operator lists in `sources.folders`, and what is below them: the console's admins do not choose what of the
//! server's disk is read.

use std::path::Path;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Candidate, Fields, KeptKind, Tested, read, text};
use crate::{
    amount::amount,
    connectors::{
        files::{FileProblem, FileSource, ReportSettings},
        rows::ReadError,
    },
    features::connections::{ConnectionError, Connections, Source, Step},
    store::connections::Identity,
};

const LIKE: &str = r#"like {"folder": "/srv/reports"}"#;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    folder: String,
}

/// Files of reports.
pub(in crate::features::connections) struct ReportKind;

#[async_trait]
impl KeptKind for ReportKind {
    fn reads(&self) -> &'static str {
        "`file`"
    }

    fn settings(&self, typed: &str, _: &str, of: &Connections) -> Result<String, ConnectionError> {
        let Settings { folder } = read(typed, LIKE)?;
        let folder = text("folder", &folder, "/srv/reports")?;
        let folder = Path::new(&folder);
        if !folder.is_absolute() {
            return Err(ConnectionError::invalid("folder", "must be a whole path, like /srv/reports"));
        }
        folder_of(folder, of)
            .check()
            .map_err(|problem| ConnectionError::invalid("folder", refused(&problem, of)))?;
        let folder = folder.display().to_string();
        Ok(serde_json::to_string(&Settings { folder }).expect("a text is JSON"))
    }

    fn has_secret(&self) -> bool {
        false
    }

    fn check_secret(&self, _: &str, secret: &[u8]) -> Result<(), ConnectionError> {
        match secret {
            b"{}" => Ok(()),
            _ => Err(ConnectionError::invalid("secrets", "must be left out: a folder has none")),
        }
    }

    /// Whether the folder is there, and how many files it has.
    async fn test(&self, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
        let found = files(candidate)?.files().await;
        let step = match found {
            Ok(files) => {
                let found = if files.len() == FileSource::MOST {
                    format!("{} or more files", files.len())
                } else {
                    amount(files.len() as u64, "files")
                };
                Step::ok("folder", format!("the folder can be read and has {found}"))
            }
            Err(ReadError::File(FileProblem::Unreadable { cause, .. })) => {
                let rights = "give Deskside's user the right to read the folder";
                Step::failed("folder", format!("the folder cannot be read: {cause}"), rights)
            }
            Err(ReadError::File(problem)) => {
                let why = refused(&problem, candidate.connections);
                Step::failed(
                    "folder",
                    format!("the folder {why}"),
                    "choose another folder, or ask the operator",
                )
            }
            Err(error) => {
                Step::failed("folder", error.to_string(), "choose another folder, or ask the operator")
            }
        };
        Ok(Tested { steps: vec![step], ..Tested::default() })
    }

    fn source(&self, candidate: &Candidate<'_>) -> Result<Source, ConnectionError> {
        Ok(Source::Files(files(candidate)?))
    }

    fn address(&self, settings: &Fields) -> String {
        settings.text("folder").to_owned()
    }

    fn place(&self, settings: &Fields, _: &Identity) -> String {
        settings.text("folder").to_owned()
    }
}

/// The files of the folder.
fn files(candidate: &Candidate<'_>) -> Result<FileSource, ConnectionError> {
    let Settings { folder } = read(candidate.settings, LIKE)?;
    Ok(folder_of(Path::new(&folder), candidate.connections))
}

fn folder_of(folder: &Path, of: &Connections) -> FileSource {
    FileSource::new(&ReportSettings { folder: folder.to_owned() }, &of.reports, &of.account)
}

/// Why a folder is not read. Whether one exists is said only of those that the operator lists.
fn refused(problem: &FileProblem, of: &Connections) -> &'static str {
    match problem {
        _ if of.reports.folders_of(&of.account).is_empty() => {
            "cannot be read: the operator has not listed any folder in `sources.folders`"
        }
        FileProblem::NoFolder => "does not exist on Deskside's server",
        _ => "is not one of those that the operator lists in `sources.folders`, nor below one",
    }
}
