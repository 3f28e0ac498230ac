//! Where settings were read: which files, and from which folder a relative path in a setting starts.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::Problems;

/// Where settings were read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files that settings and secrets were read from.
    pub files: Vec<PathBuf>,
    /// Settings that do nothing any more, each with the place where it is set.
    pub retired: Vec<String>,
    /// The settings file's folder.
    folder: Option<PathBuf>,
    /// Settings that the environment has.
    in_environment: BTreeSet<String>,
}

impl Sources {
    pub(super) fn of(file: Option<&Path>) -> Self {
        let whole = file.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        Self {
            files: file.map(Path::to_owned).into_iter().collect(),
            folder: whole.and_then(|path| Some(path.parent()?.to_owned())),
            ..Self::default()
        }
    }

    pub(super) fn in_environment(&mut self, key: &str) {
        self.in_environment.insert(key.to_owned());
    }

    /// The whole path of one that a setting has. A relative path starts from the settings file's folder; where the environment
    /// has the setting, or there is no file, from the working directory. Earlier versions always took the working directory: a
    /// path that leads to something only from there is refused, so that nobody begins anew beside what they have.
    pub fn whole_path(&self, key: &str, path: &Path, problems: &mut Problems) -> PathBuf {
        let from_here = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let of_file = self.folder.as_ref().filter(|_| !self.in_environment.contains(key));
        let Some(whole) = of_file.map(|folder| folder.join(path)) else { return from_here };
        if !whole.exists() && from_here.exists() {
            let problem = format!(
                "starts from the settings file's folder: there is no {}, but there is {}; write the whole path",
                whole.display(),
                from_here.display()
            );
            problems.refuse(key, problem);
        }
        whole
    }
}
