//! Public clients of the vendors, for the suite that runs them against the sandbox. **Invariant:** only who asks for the suite by
//! name has them downloaded; everybody else runs it where they are at hand.

use std::process::Command;

use super::{npm_packages_by, npm_packages_in};
use crate::command;
use crate::problem::Outcome;

/// The suite's folder.
const FOLDER: &str = "tests/clients";

/// Installs them, from wherever npm finds them.
pub(crate) fn public_clients() -> Outcome {
    npm_packages_in(FOLDER)
}

/// Whether they are here, or are now because npm had all of them in its cache.
pub(crate) fn has_public_clients() -> bool {
    let from_cache = |npm: &mut Command| command::output(npm.arg("--offline")).map(drop);
    npm_packages_by(FOLDER, from_cache).is_ok()
}
